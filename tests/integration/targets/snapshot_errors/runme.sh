#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

play refused.yml
# Each line that Ansible makes of a warning ends after 79 characters.
words=$(tr -s '\n' ' ' < "$WORK/output")
[[ $words == *'A private snapshot was requested, but the API says that it created no saved event: '"'Contradiction' of test 19955, own test 58856, link id wdiac,"* ]]
[[ $words == *'ANYONE WITH THE LINK MAY BE ABLE TO VIEW IT.'* ]]
[[ $words == *'A share link was requested, but the API says that it created a saved event: '"'Contradiction' of test 19955, own test "* ]]
[[ $words != *'A share link was requested, '*'ANYONE'* ]]

play limited.yml
