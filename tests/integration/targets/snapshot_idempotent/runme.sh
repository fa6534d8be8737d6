#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

play twice.yml
play twice.yml
grep 'changed=0 .*failed=0' "$WORK/output"

play same.yml
play other.yml
play quota.yml
grep 'community.thousandeyes.snapshot: waiting for the creation quota of waiting, . s left, until' "$WORK/output"
