#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins

examples_of account_check
play -i ../setup_simulator/elsewhere.yml -vvv account_check.yml
shows_no_token

# The playbook, as people start it. Its output has a line for each thing, and ends with what to do next.
mkdir "$WORK/people"
cd "$WORK/people"
export THOUSANDEYES_LEDGER=$WORK/other.sqlite3
people_play() {
    ansible-playbook "$@" 2>&1 | tee "$WORK/output"
    return "${PIPESTATUS[0]}"
}
people_play community.thousandeyes.account_check
grep -F '"OK       tests: The list of tests can be read: tests, 18' "$WORK/output"
grep -F '"Next: All that was asked of the API works. Name a test in snapshot_test to find out' "$WORK/output"
[ ! -e observed.json ]

people_play community.thousandeyes.account_check -e snapshot_test=817 --check
grep -F 'this takes 1 of the 5 creations in 300 s of the quota, of which 0 are used, and makes of test 817 a private snapshot' "$WORK/output"
[ ! -e observed.json ]

people_play community.thousandeyes.account_check -e snapshot_test=817
grep -F 'a private snapshot stays for good' "$WORK/output"
grep -F "\"Next: Look at $WORK/people/observed.json" "$WORK/output"
grep -F '"schema": "community.thousandeyes.observed/1"' observed.json
people_play community.thousandeyes.account_check -e snapshot_test=817
grep -F 'The private snapshot of an earlier check is examined, and none is made' "$WORK/output"

# What failed is seen by scripts, too.
if people_play community.thousandeyes.account_check -e snapshot_test=404; then exit 1; fi
grep -F '"FAILED   snapshot: ' "$WORK/output"

# A token that is refused: one request, and the playbook fails with what to do.
export THOUSANDEYES_API_TOKEN=simulator-token-wrong
if people_play community.thousandeyes.account_check; then exit 1; fi
grep -F 'Next: Make a new token, under Account Settings' "$WORK/output"
