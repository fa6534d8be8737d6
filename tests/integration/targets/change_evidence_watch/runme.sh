#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_SHOW_CUSTOM_STATS=1

# In one play, and what jobs of a workflow hand on.
play story.yml
grep -E 'thousandeyes_watch_of_change"?: ' "$WORK/output"
grep -E 'thousandeyes_watch_of_rollback"?: ' "$WORK/output"

# As jobs of their own, which have only what was handed on.
play result.yml
grep -E 'change_evidence_change_failed"?: true' "$WORK/output"

# A change that started late, and one that started much too late.
play late.yml -e change_evidence_id=CHG3
