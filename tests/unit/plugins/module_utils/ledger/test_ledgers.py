# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every ledger promises, whatever keeps it. What it promises while requests are under way is in test_capture."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import typing as t

from ansible_collections.community.thousandeyes.plugins.module_utils._core.lost import LostAttempt, Rival
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import (
    Contradicted,
    Full,
    Granted,
    InFlight,
    Known,
    Ledger,
    Unknown,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.created import adopted
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from support.ledger_work import QUOTA, Requests, claim, keep, lose, record_of
from support.patience import wait_until


def test_reading_creates_nothing(ledger: Ledger, exists: t.Callable[[], bool], request_for: Requests) -> None:
    assert ledger.find(request_for()) is None
    assert ledger.find_test(request_for(test_name="x")) is None
    assert not ledger.usage(QUOTA).counted
    assert ledger.history() == []
    assert not exists()


def test_life_of_a_snapshot(ledger: Ledger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    request = request_for()
    granted = claim(ledger, request)
    assert isinstance(granted, Granted)
    other = opened()
    assert isinstance(other.find(request), InFlight)
    assert isinstance(claim(other, request), InFlight)
    assert isinstance(claim(other, request, force=True), InFlight)
    ledger.created(granted.attempt, record_of(request, clock.now()))
    found = claim(other, request)
    assert found == other.find(request) == Known(record_of(request, clock.now()).as_known())
    assert isinstance(claim(other, request, force=True), Granted)


def test_a_refusal_frees_the_identity_and_the_quota(ledger: Ledger, request_for: Requests) -> None:
    for _time in range(10):
        ledger.refused(claim(ledger, request_for()).attempt, "not_found")
    assert ledger.find(request_for()) is None
    assert ledger.usage(QUOTA).counted == []


def test_a_refused_second_creation_leaves_the_first(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    ledger.refused(claim(ledger, request_for(), force=True).attempt, "forbidden")
    assert isinstance(ledger.find(request_for()), Known)


def test_what_was_lost_stays_unknown(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    granted = claim(ledger, request_for())
    unknown = Unknown(LostAttempt(granted.attempt, clock.now(), clock.now() + 30, "no answer"))
    clock.sleep(30)
    ledger.lost(granted.attempt, "no answer")
    clock.sleep(90 * 86400)
    assert ledger.find(request_for()) == claim(ledger, request_for()) == unknown
    ledger.refused(claim(ledger, request_for(), retry_unknown=True).attempt, "forbidden")
    assert ledger.find(request_for()) == unknown
    ledger.created(claim(ledger, request_for(), retry_unknown=True).attempt, record_of(request_for(), clock.now()))
    assert isinstance(ledger.find(request_for()), Known)


def test_a_lost_attempt_that_created_nothing_frees_the_identity(ledger: Ledger, request_for: Requests) -> None:
    ledger.settled(lose(ledger, request_for()), None)
    assert ledger.find(request_for()) is None
    assert ledger.usage(QUOTA).counted == []


def test_a_lost_attempt_that_is_found_is_known(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    """And counts in the quota from when it was lost, not from when it was found."""
    lost = lose(ledger, request_for(is_public=False))
    clock.sleep(200)
    record = adopted(request_for(is_public=False), "58856", clock.now(), "v7")
    ledger.settled(lost, record)
    assert ledger.find(request_for(is_public=False)) == Known(record)
    assert ledger.usage(QUOTA).counted == [clock.now() - 200]
    # Somebody else came to another conclusion, but later.
    ledger.settled(lost, None)
    assert ledger.find(request_for(is_public=False)) == Known(record)


def test_a_dead_attempt_does_not_hold_the_quota(
    ledger: Ledger, opened: t.Any, clock: t.Any, request_for: Requests
) -> None:
    """It counts as of its latest end, whoever notices it and when."""
    other = opened()
    claim(other, request_for())
    started_at = clock.now()
    clock.sleep(700)
    assert ledger.usage(QUOTA).counted == [clock.now()]
    other.close()
    assert ledger.usage(QUOTA).counted == [started_at + 600]
    claim(ledger, request_for(test_id="817"))
    assert sorted(ledger.usage(QUOTA).counted) == [started_at + 600, clock.now()]
    clock.sleep(200)
    assert ledger.usage(QUOTA).counted == [clock.now()]


def test_what_else_may_be_in_the_list(ledger: Ledger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    """Private ones of the same API host and time; of those that are known to exist, only what they are."""
    many = Quota("org", 100, 300)
    mine = request_for(is_public=False)
    lost = lose(ledger, mine)
    for other, snapshot_test_id in (
        (request_for(is_public=False, test_id="1"), "58856"),
        (request_for(is_public=False, test_id="2", api_host="elsewhere"), "7"),
        (request_for(is_public=False, test_id="3"), None),
    ):
        record = record_of(other, clock.now())._replace(snapshot_test_id=snapshot_test_id)
        ledger.created(claim(ledger, other, many).attempt, record)
    claim(ledger, request_for(is_public=False, test_id="4"), many)
    dead = opened()
    claim(dead, request_for(is_public=False, test_id="5", display_name="x"), many)
    dead.close()
    claim(ledger, request_for(is_public=True, test_id="6"), many)
    taken, rivals = ledger.others(mine, lost)
    assert taken == {"58856"}
    title = mine.display_name
    assert set(rivals) == {Rival("3", title, False), Rival("4", title, True), Rival("5", "x", False)}
    clock.sleep(3600)
    claim(ledger, request_for(is_public=False, test_id="8"), many)
    assert {rival.test_id for rival in ledger.others(mine, lost).rivals} == {"3", "4", "5"}


def test_a_snapshot_that_others_missed(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    """One looked at the list before it was there and concluded that it is not; another found it."""
    request = request_for(is_public=False)
    lost = lose(ledger, request)
    ledger.settled(lost, None)
    ledger.settled(lost, adopted(request, "58856", clock.now(), "v7"))
    assert isinstance(ledger.find(request), Known)


def test_what_the_server_told_is_not_shortened(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    first, second = (claim(ledger, request_for(test_id=test_id)).attempt for test_id in ("1", "2"))
    ledger.refused(first, "rate_limited", clock.now() + 1000)
    ledger.refused(second, "rate_limited", clock.now() + 300)
    assert ledger.usage(QUOTA).not_before == clock.now() + 1000


def test_what_the_server_told_holds_for_the_whole_organization(
    ledger: Ledger, opened: t.Any, clock: t.Any, request_for: Requests
) -> None:
    until = clock.now() + 120
    ledger.refused(claim(ledger, request_for()).attempt, "rate_limited", until)
    assert claim(opened(), request_for(test_id="817")) == Full(until, told=True)
    assert isinstance(claim(opened(), request_for(test_id="818"), quota=Quota("another", 5, 300)), Granted)
    clock.sleep(120)
    assert isinstance(claim(opened(), request_for()), Granted)


def test_expired(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    clock.sleep(30 * 86400 - 1)
    assert isinstance(ledger.find(request_for()), Known)
    clock.sleep(1)
    assert ledger.find(request_for()) is None
    assert isinstance(claim(ledger, request_for()), Granted)


def test_quota_slides(ledger: Ledger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    """What others of the organization create counts, and what other organizations create does not."""
    other = opened()
    start = clock.now()
    for number in range(5):
        keep([ledger, other][number % 2], request_for(test_id=str(number + 1)), clock)
        clock.sleep(10)
    assert claim(other, request_for(test_id="6")) == Full(start + 300)
    assert isinstance(claim(other, request_for(test_id="6"), quota=Quota("another", 5, 300)), Granted)
    clock.sleep(start + 300 - clock.now())
    granted = claim(ledger, request_for(test_id="7"))
    assert isinstance(granted, Granted)
    # Under way, it takes a slot already.
    assert claim(other, request_for(test_id="8")) == Full(start + 310)


def test_the_quota_does_not_keep_what_is_known_from_being_found(
    ledger: Ledger, clock: t.Any, request_for: Requests
) -> None:
    for number in range(5):
        keep(ledger, request_for(test_id=str(number + 1)), clock)
    assert isinstance(claim(ledger, request_for(test_id="1")), Known)


def test_found_by_the_name_of_the_test(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(test_name="Web shop"), clock)
    keep(ledger, request_for(test_name="Web shop", aid="75", test_id="20"), clock)
    keep(ledger, request_for(test_id="817"), clock)
    assert ledger.find_test(request_for(test_id="", test_name="Web shop")) == "19955"
    assert ledger.find_test(request_for(test_id="", test_name="Web shop", aid="75")) == "20"
    for other in ({"test_name": "web shop"}, {"display_name": "x"}, {"is_public": False}, {"aid": "76"}):
        assert ledger.find_test(request_for(**{"test_id": "", "test_name": "Web shop", **other})) is None, other


def test_a_name_that_two_tests_bore(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(test_name="Web shop"), clock)
    keep(ledger, request_for(test_name="Web shop", test_id="817"), clock)
    assert ledger.find_test(request_for(test_id="", test_name="Web shop")) is None


def test_closing_gives_up_what_is_under_way(ledger: Ledger, opened: t.Any, request_for: Requests) -> None:
    claim(ledger, request_for())
    ledger.close()
    assert isinstance(opened().find(request_for()), Unknown)
    assert isinstance(claim(opened(), request_for()), Unknown)


CLAIM_AND_WAIT = """
import pickle, sys
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
request = pickle.loads(bytes.fromhex(sys.argv[2]))
ledger = open_ledger(sys.argv[1], SystemClock())
print(ledger.claim(request, Quota('org', 5, 300)), flush=True)
sys.stdin.read()
"""


def wait_for_the_server(ledger: Ledger, request: SnapshotRequest) -> None:
    """A database server needs a moment to see that a connection has ended."""
    if "Postgresql" in type(ledger).__name__:
        wait_until(lambda: not isinstance(ledger.find(request), InFlight))


def test_a_killed_process_is_noticed_at_once(ledger: Ledger, location: str, request_for: Requests) -> None:
    request = request_for()
    process = subprocess.Popen(
        [sys.executable, "-c", CLAIM_AND_WAIT, location, pickle.dumps(request).hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout is not None
        assert b"Granted" in process.stdout.readline()
        assert isinstance(claim(ledger, request), InFlight)
        process.kill()
        process.wait()
        wait_for_the_server(ledger, request)
        assert isinstance(ledger.find(request), Unknown)
        assert isinstance(claim(ledger, request), Unknown)


def test_nobody_decides_while_another_does(ledger: t.Any, location: str, request_for: Requests) -> None:
    granted = []

    def decide() -> None:
        other = open_ledger(location, ledger._clock)
        granted.append(claim(other, request_for()))
        other.close()

    with ledger._writing():
        thread = threading.Thread(target=decide)
        thread.start()
        thread.join(1)
        assert granted == []
    thread.join()
    assert len(granted) == 1


def test_threads_that_start_together(location: str, clock: t.Any, request_for: Requests) -> None:
    """The first ones find no ledger, and all must end up in the same one."""
    ready = threading.Barrier(8)
    outcomes: list[t.Any] = []

    def work(number: int) -> None:
        ledger = open_ledger(location, clock)
        ready.wait()
        outcomes.append(claim(ledger, request_for(test_id="1"), quota=Quota("org", 100, 300)))
        outcomes.append(claim(ledger, request_for(test_id=str(number + 2)), quota=Quota("org", 100, 300)))
        done.wait()
        ledger.close()

    done = threading.Barrier(8)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([outcome for outcome in outcomes if isinstance(outcome, Granted)]) == 9
    assert len([outcome for outcome in outcomes if isinstance(outcome, InFlight)]) == 7


def test_more_is_known_of_a_snapshot_later(ledger: Ledger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    """And no more of the quota is used than before."""
    request = request_for(is_public=False)
    keep(ledger, request, clock)
    before = ledger.usage(QUOTA)
    clock.sleep(100)
    record = record_of(request, clock.now() - 100)._replace(visibility="confirmed")
    ledger.learned(record)
    other = opened()
    assert other.find(request) == Known(record.as_known())
    assert other.usage(QUOTA) == before
    assert other.contradicted(request.api_host) is None
    ledger.learned(record._replace(visibility="contradicted"))
    assert other.contradicted(request.api_host).visibility == "contradicted"
    assert isinstance(claim(other, request_for(is_public=False, test_id="817")), Contradicted)
    other.accept(request.api_host)
    assert other.contradicted(request.api_host) is None


def test_nothing_is_learned_of_one_that_is_not_known(ledger: Ledger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    ledger.learned(record_of(request_for(test_id="817"), clock.now()))
    assert ledger.find(request_for(test_id="817")) is None
    assert len(ledger.history()) == 1
