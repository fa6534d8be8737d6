#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

ansible-doc --json community.thousandeyes.test_result_info > "$WORK/documentation.json"
python -c 'import json, os
documentation = json.load(open(os.environ["WORK"] + "/documentation.json", encoding="utf-8"))
print(next(iter(documentation.values()))["examples"])' > "$WORK/examples.yml"

play results.yml
export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins
play -i ../setup_simulator/elsewhere.yml elsewhere.yml
unset THOUSANDEYES_API_TOKEN
play examples.yml
