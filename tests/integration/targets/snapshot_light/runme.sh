#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

# Every import, of every process from here on.
export PYTHONPATH=$PWD/imports${PYTHONPATH:+:$PYTHONPATH}
IMPORTS=$WORK/first play known.yml
IMPORTS=$WORK/second play known.yml
collection=ansible_collections.community.thousandeyes.plugins.module_utils
grep -xF "$collection._capture.capture" "$WORK/second"
for name in requests urllib3 http.client "$collection._api" "$collection._capture.ensure" "$collection._core.test_names"; do
    grep -xF "$name" "$WORK/first"
    ! grep -xF "$name" "$WORK/second" || exit 1
done

# Without requests, what is known is known, and an attempt leaves no trace.
PYTHONPATH=$PWD/without:$PYTHONPATH play without.yml
play with.yml
