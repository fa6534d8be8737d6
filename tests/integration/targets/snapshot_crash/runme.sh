#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

crash() {
    python ../setup_simulator/interrupt.py KILL 1 '' '{"delay_after": 900}' -e "public=$1" post.yml
}

crash true
play after.yml
crash false
play after_private.yml
