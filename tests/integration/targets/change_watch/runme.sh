#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins

examples_of change_watch
play -i ../setup_simulator/elsewhere.yml -vvv change_watch.yml
shows_no_token
