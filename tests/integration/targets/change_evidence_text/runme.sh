#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

# What ansible-core up to 2.18 makes numbers and lists of, in two ways. Newer ones leave text alone, in one way.
versions='v6 v7'
core_before 2.19 || versions=v7
for version in $versions; do
    export THOUSANDEYES_API_VERSION=$version THOUSANDEYES_LEDGER=$WORK/$version.sqlite3
    [ "$version" = v6 ] || export ANSIBLE_JINJA2_NATIVE=1
    rm -rf "$WORK/evidence"
    play text.yml
    python check.py "$WORK/evidence"
done
play refused.yml
