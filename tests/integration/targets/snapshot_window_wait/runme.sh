#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins

play -i hosts.yml wait.yml
# What is run elsewhere can tell only its log.
for host in here_v6 here_v7; do
    grep -E "^\[$host\] community.thousandeyes.snapshot: waiting for the end of the window at .*Z, .*[0-9] (min|s) left$" \
        "$WORK/output"
done
