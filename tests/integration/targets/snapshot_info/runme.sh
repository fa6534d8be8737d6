#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins

# Nothing is known yet, and to look does not change that.
unset THOUSANDEYES_API_TOKEN
play community.thousandeyes.inventory_of_evidence
[ ! -e "$THOUSANDEYES_LEDGER" ]
grep 'There is none' "$WORK/output"

play prepare.yml
examples_of snapshot_info
play -i ../setup_simulator/elsewhere.yml -vvv snapshot_info.yml
shows_no_token

# What the playbook shows, but for the times that depend on that of this run.
show() {
    play community.thousandeyes.inventory_of_evidence "$@"
    sed -nE 's/^ *"(.*(UNTIL|anyone|members).*)",?$/\1/p' "$WORK/output" |
        sed -E 's/20(2[1-9]|[3-9][0-9])-[-0-9T:]+Z/TIME/; s/  +/ | /g' > "$WORK/lines"
}

show
diff - "$WORK/lines" << 'LINES'
TITLE | TEST | FROM, HOURS | SEEN BY | STATE | UNTIL | OWN TEST | LINK ID | LINK
CHG0031336 | 19955 | 2018-10-06T00:00:00Z, 1 | anyone | expired | TIME (gone) | 58856 | wdiac | https://wdiac.share.thousandeyes.com/view/tests/
CHG0031337 before | 19955 | 2018-10-06T00:00:00Z, 1 | anyone | created | TIME (4 days) | 58857 | kytrz | https://kytrz.share.thousandeyes.com/view/tests/
CHG0031337 after | 20012 | 2018-10-06T00:00:00Z, 2 | members | created | TIME (29 days) | 58858 | filny | https://app.thousandeyes.com/view/tests/?testId=58858&roundId=1538784000&__a=75
Two lines, {{ 7 * 7 }} | 19955 | 2018-10-06T00:00:00Z, 1 | anyone | created | TIME (29 days) | 58859 | dcoqo | https://dcoqo.share.thousandeyes.com/view/tests/
CHG0031338 | Web shop | 2018-10-06T00:00:00Z, 1 | anyone | unknown | asked TIME | - | - | -
LINES

play adopt.yml
grep 'changed=0 ' "$WORK/output"
show -e evidence_title=8$
diff - "$WORK/lines" << 'LINES'
TITLE | TEST | FROM, HOURS | SEEN BY | STATE | UNTIL | OWN TEST | LINK ID | LINK
CHG0031338 | 19955 | 2018-10-06T00:00:00Z, 1 | anyone | created | TIME (29 days) | - | abcde | https://abcde.share.thousandeyes.com/view/tests/
LINES
