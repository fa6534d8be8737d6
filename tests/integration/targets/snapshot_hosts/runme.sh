#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_FORKS=10

play -i hosts.ini once.yml

# Two of them at the same time, with a ledger that does not exist yet.
export THOUSANDEYES_LEDGER=$WORK/second.sqlite3
play -i hosts.ini together.yml & first=$!
play -i hosts.ini together.yml & second=$!
wait "$first"
wait "$second"
