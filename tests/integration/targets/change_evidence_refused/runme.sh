#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

play future.yml
play refused.yml

play --check early.yml
grep -F 'Check mode does not wait for it.' "$WORK/output"
if grep -E 'WARNING: No snapshot|no known snapshot' "$WORK/output"; then exit 1; fi

play --check checked.yml
if grep -E 'WARNING: No snapshot|no known snapshot' "$WORK/output"; then exit 1; fi
# Where the phase before was not checked, there is something to warn of.
play --check -e '{"phases": ["after"]}' checked.yml
grep -F 'WARNING: No snapshot Checked before is known here.' "$WORK/output"
