#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_SHOW_CUSTOM_STATS=1

# The role knows nothing of versions of the API, so with one ansible-core it is enough to see that both work.
versions='v6 v7'
core_before 2.19 || versions=v7
for version in $versions; do
    export THOUSANDEYES_API_VERSION=$version THOUSANDEYES_LEDGER=$WORK/$version.sqlite3
    play before.yml
    grep -F 'WARNING: test 20030 (Switched off) is disabled.' "$WORK/output"
    grep -E '"CHG0031337 before: [0-9]+ created\. https://' "$WORK/output"
    grep 'RUN: { "thousandeyes_snapshots": .*"CHG0031337 before".*"linkId": ".*"viewUrl": "' "$WORK/output"
done

play after.yml
grep 'RUN: { "thousandeyes_snapshots": .*"CHG 1 (a+b) during".*"CHG 1 (a+b) after"' "$WORK/output"
grep -F 'WARNING: test 20005 (Resolver) is disabled.' "$WORK/output"
grep -F 'WARNING: test 817 is gone, and is not captured.' "$WORK/output"
grep -F 'WARNING: No test is named Checkout any more.' "$WORK/output"
grep -F 'WARNING: 2 saved events titled CHG 1 before are there that this ledger does not know, for 1 tests.' "$WORK/output"
grep -F 'WARNING: Several tests are named Duplicate name by now.' "$WORK/output"
grep -F 'WARNING: No snapshot Never before is known here.' "$WORK/output"
