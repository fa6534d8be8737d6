# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck shell=bash

# For runme.sh to source: the script starts over under a simulator of its own, with a home and a ledger of its own.

set -eux

if [ -z "${INSIDE_SIMULATOR:-}" ]; then
    ROOT=$PWD
    until [ -d "$ROOT/tests/simulator" ]; do ROOT=$(dirname "$ROOT"); done
    WORK=$(mktemp -d)
    trap 'rm -rf "$WORK"' EXIT
    mkdir "$WORK/home"
    # The cases are many and small, so the names that a user may have set must not leak into them.
    for name in ${!THOUSANDEYES_*} ${!TE_*} NETRC ANSIBLE_PIPELINING; do unset "$name"; done
    export ROOT WORK HOME=$WORK/home INSIDE_SIMULATOR=1 ANSIBLE_PIPELINING=1 THOUSANDEYES_LEDGER=$WORK/ledger.sqlite3
    # By default these are in the home that the user database tells, not in HOME.
    export ANSIBLE_REMOTE_TMP=$WORK/tmp ANSIBLE_ASYNC_DIR=$WORK/async
    python "$ROOT/tests/simulator" --port 0 -- "$0" "$@"
    exit 0
fi

export THOUSANDEYES_API_URL=$THOUSANDEYES_SIMULATOR THOUSANDEYES_API_TOKEN=simulator-token-5784
export ANSIBLE_LOOKUP_PLUGINS=$PWD/../setup_simulator/lookup_plugins

# Output is kept for runme.sh to search.
play() {
    ansible-playbook -e @../setup_simulator/simulator.yml "$@" 2>&1 | tee "$WORK/output"
    return "${PIPESTATUS[0]}"
}

# Whether ansible-core is older than that.
core_before() {
    python -c 'import sys, ansible.release as r; sys.exit(r.__version__ >= sys.argv[1])' "$1"
}

# The examples in the documentation of a module as they stand there, as a file of tasks.
examples_of() {
    ansible-doc --json "community.thousandeyes.$1" |
        python -c 'import json, sys; print(next(iter(json.load(sys.stdin).values()))["examples"])' > "$WORK/examples.yml"
}

# Fails where the last output, or what was run elsewhere, has the token.
shows_no_token() {
    ! grep -qF simulator-token-5784 "$WORK/output" "$WORK/elsewhere.log"
}
