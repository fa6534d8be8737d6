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
[ "$(grep -c -e '" *TITLE' -e 2018-10-06 "$WORK/output")" = 1 ]

play prepare.yml
examples_of snapshot_info
play -i ../setup_simulator/elsewhere.yml -vvv snapshot_info.yml
shows_no_token

# The columns without what depends on the time of the run.
lines() {
    sed -nE 's/^ *"(.*20[0-9]{2}-.*)",?$/\1/p' "$WORK/output" | sed -E 's/(until|for) 20[0-9-]+T[0-9:]+Z/\1 THEN/; s/Z +20[^ ]+ /Z THEN /; s/ +/ /g'
}
play community.thousandeyes.inventory_of_evidence
lines
