#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export THOUSANDEYES_LEDGER=facts
export ANSIBLE_CACHE_PLUGIN=jsonfile ANSIBLE_CACHE_PLUGIN_CONNECTION=$WORK/facts

# The facts of no host are there to be lost. A day is not enough.
refused() {
    play -i hosts.ini refused.yml -e "why='$1'" "${@:2}"
}
refused 'forgotten after 86400 seconds'
export ANSIBLE_CACHE_PLUGIN_TIMEOUT=0
# Unit tests have the other reasons.
refused 'slice' -e '{"awx_job_id": 7, "awx_job_template_name": "Before", "awx_workflow_job_name": "Before"}'

# Each run is a job. The second one creates nothing; neither does it where another one failed before.
play -i hosts.ini job.yml -e expected=2
play -i hosts.ini job.yml -e expected=0
play -i hosts.ini fails.yml
play -i hosts.ini job.yml -e expected=0

# As an earlier version has left them.
play -i hosts.ini earlier.yml
play -i hosts.ini job.yml -e expected=0

# In a controller, with hosts of its inventory.
if core_before 2.19; then
    play -i hosts.ini job.yml -e expected=0 -e awx_job_id=8
fi

# What is in the facts is not in a file.
[ ! -e "$HOME/.ansible/thousandeyes" ]

# Another ledger neither reads nor changes that one. What a run planned or took is not taken for that of the next one.
export THOUSANDEYES_LEDGER=$WORK/ledger.sqlite3
play -i hosts.ini runs.yml runs_end.yml -e id=CHG1 --check
play -i hosts.ini runs.yml runs_end.yml -e id=CHG2
