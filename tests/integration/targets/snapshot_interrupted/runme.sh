#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

# Each case has a ledger of its own, since the simulator starts over and so do its ids.
begin() {
    export THOUSANDEYES_LEDGER=$WORK/$1.sqlite3
    play -e "moment=${1%%-*}" prepare.yml
}

again() {
    play -e again=true "$@" capture.yml
}

# In the request for the second of three snapshots, whose answer does not come.
in_post() {
    python interrupt.py "$1" "$2" 2 "" -e moment=post "${@:3}" capture.yml
}

# By a time limit.
limited() {
    if play "$@" capture.yml; then exit 1; fi
    # Of the task, up to ansible-core 2.18 and after it; of the job, by who notices first.
    grep "expected time frame\|Timed out after\|Timeout exceeded\|ASYNC FAILED on" "$WORK/output"
}

# After the second of three snapshots, for which there is no room yet.
in_quota() {
    python interrupt.py "$1" "$2" 2 "waiting for the creation quota" -e moment=quota capture.yml
}

# The time limit of the task.
begin post-limit-private
limited -e moment=post -e seconds=8
again -e moment=post -e middle=adopted

begin post-limit-public
limited -e moment=post -e seconds=8 -e public=true
again -e moment=post -e public=true -e middle=unknown

begin quota-limit
limited -e moment=quota -e seconds=8
again -e moment=quota -e middle=existing

# Ctrl-C in a terminal, which sends the signal to all of the foreground.
begin post-int-private
in_post INT group
again -e moment=post -e middle=adopted

begin post-int-public
in_post INT group -e public=true
again -e moment=post -e public=true -e middle=unknown

begin quota-int
in_quota INT group
again -e moment=quota -e middle=existing

# The end of a job, with all of its processes.
begin post-term-private
in_post TERM group
again -e moment=post -e middle=adopted

# The end of the playbook's process only: up to ansible-core 2.18, its worker goes on meanwhile.
begin post-term-alone
in_post TERM alone
again -e moment=post

begin quota-term-alone
in_quota TERM alone
again -e moment=quota

# The time limit of an asynchronous job, after which it is killed.
begin post-async
limited -e moment=post -e limit=10
# It may have come to its end before that.
again -e moment=post
