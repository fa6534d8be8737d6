#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

unset THOUSANDEYES_API_URL THOUSANDEYES_API_TOKEN THOUSANDEYES_LEDGER
# What an HTTP client of Python would use in place of our credentials.
echo 'machine 127.0.0.1 login other password other' > "$HOME/.netrc"
chmod 600 "$HOME/.netrc"

play -i hosts.yml -vvv in_process.yml
# No connection was made, no module was run, and nothing was left.
! grep -E 'ESTABLISH|EXEC|PUT ' "$WORK/output" || exit 1
[ ! -e "$HOME/.ansible/cp" ]
[ -z "$(ls -A "$HOME/.ansible/tmp")" ]
[ ! -e "$ANSIBLE_REMOTE_TMP" ]
[ -s "$HOME/.ansible/thousandeyes/ledger.sqlite3" ]
[ -s "$WORK/block.sqlite3" ]
[ "$(find "$HOME/.ansible/thousandeyes" -perm /077)" = '' ]
