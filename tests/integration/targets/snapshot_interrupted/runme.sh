#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

# Each case has a ledger of its own, since the simulator starts over and so do its ids.
begin() {
    export THOUSANDEYES_LEDGER=$WORK/$1.sqlite3
}

# In the request for the second of three snapshots, whose answer does not come: by default, not while this runs.
in_post() {
    begin "post-$*"
    python ../setup_simulator/interrupt.py "$1" 2 '' \
        "{\"match\": {\"method\": \"POST\"}, \"skip\": 1, \"delay_after\": ${DELAY:-900}}" "${@:2}" capture.yml
}

# After the second of three snapshots, for which there is no room.
in_quota() {
    begin "quota-$*"
    python ../setup_simulator/interrupt.py "$1" 2 'waiting for the creation quota' '' -e quota=2 capture.yml
}

again() {
    play -e again=true -e middle="$1" capture.yml
}

# The time limit of the task.
in_post ALRM
grep "the snapshot 'Interrupted' of test 817 may have been created; the next run looks for it" "$WORK/interrupted"
grep 'stopped: 1 of 3 snapshots are known to exist; run this again' "$WORK/interrupted"
again adopted
in_quota ALRM
grep 'creating 3: 2 now, .* If this is stopped, run it again' "$WORK/interrupted"
grep '2 of 3 done, next is test 20001 in .* waiting for the creation quota' "$WORK/interrupted"
grep 'stopped: 2 of 3 snapshots are known to exist; run this again' "$WORK/interrupted"
again existing

# Ctrl-C in a terminal, which sends the signal to all of the foreground.
in_post INT
again adopted
in_quota INT
again existing

# The end of a job, with all of its processes.
in_post TERM
again adopted

# The end of the playbook's process only. Up to ansible-core 2.18, its worker goes on meanwhile, to an answer.
if core_before 2.19; then
    DELAY=20 in_post TERM-alone
    again any
fi

# The time limit of an asynchronous job, after which it is killed. A slow machine needs more to come that far.
for limit in 10 100; do
    if in_post LIMIT -e "limit=$limit"; then break; fi
done
again adopted
