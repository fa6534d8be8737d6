#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh
export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins

for where in here there; do
    # A ledger of its own, since the simulator starts over and so do its ids.
    export THOUSANDEYES_LEDGER=$WORK/$where.sqlite3
    play -i ../setup_simulator/elsewhere.yml -e "where=$where" visibility.yml
    # Each line that Ansible makes of a warning ends after 79 characters.
    words=$(tr -s '\n' ' ' < "$WORK/output")
    [[ $words == *'[WARNING]: A private snapshot was requested, but the API says'* ]]
    play -i ../setup_simulator/elsewhere.yml -e "where=$where" broken.yml
done
