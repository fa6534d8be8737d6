#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_CONNECTION_PLUGINS=$PWD/connection_plugins

play -i hosts.yml -vvv --tags evidence once.yml
! grep -E 'ESTABLISH|EXEC|PUT |Not of the evidence' "$WORK/output" || exit 1
play -i hosts.yml -vvv each.yml
! grep -E 'ESTABLISH|EXEC|PUT ' "$WORK/output" || exit 1
[ ! -e "$WORK/connected" ]

# The connection plugin would have told.
! ansible -i hosts.yml device1.invalid -m ansible.builtin.ping || exit 1
[ -e "$WORK/connected" ]
(cd "$WORK/evidence/CHG2" && sha256sum --check SHA256SUMS)
