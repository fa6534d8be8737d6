#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_CONNECTION_PLUGINS=$PWD/../setup_simulator/connection_plugins
export ANSIBLE_CACHE_PLUGIN=ansible.builtin.jsonfile ANSIBLE_CACHE_PLUGIN_CONNECTION=$WORK/facts
export ANSIBLE_LOG_PATH=$WORK/log
unset THOUSANDEYES_API_TOKEN

echo 'no secret' > "$WORK/password"
# What must not be found anywhere in WORK, which has all outputs, ledgers, facts and the home. So it is kept elsewhere.
forms=$(mktemp)
trap 'rm -f "$forms"' EXIT
set +x
token=Sm9lIHdhcyBoZXJl/+5784=
email=confidential@thousandeyes.example
{
    printf '%s\n' "$token" "$email"
    for text in "$token" "$email" "$email:$token" ":$token"; do printf %s "$text" | base64 -w 0; echo; done
    python -c 'import sys, urllib.parse; print(*map(urllib.parse.quote_plus, sys.argv[1:]), sep="\n")' "$token" "$email"
} > "$forms"
printf -- '---\nvault_token: %s\nvault_email: %s\n' "$token" "$email" |
    ansible-vault encrypt --vault-password-file "$WORK/password" --output "$WORK/vault.yml"
set -x
# The search does find.
printf %s "$token" | grep -F -f "$forms" > /dev/null

play -i ../setup_simulator/elsewhere.yml --vault-password-file "$WORK/password" -e "@$WORK/vault.yml" -vvvv --diff secrets.yml
# What is started async removes its files when it ends, which it checks every few seconds.
for _try in $(seq 9000); do
    [ -n "$(ls -A "$ANSIBLE_REMOTE_TMP")" ] || break
    sleep 0.1
done
[ -z "$(ls -A "$ANSIBLE_REMOTE_TMP")" ]
for place in facts log output elsewhere.log ledger.sqlite3; do
    grep -qra -e Inline -e snapshot "$WORK/$place"
done
found=$(grep -rlaF -f "$forms" "$WORK") || [ $? = 1 ]
[ -z "$found" ]
