# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case with a real ledger and real HTTP. The oracle is the simulator's list of committed creations."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import subprocess
import sys
import threading
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.capture import Capture
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    Forbidden,
    LedgerUnavailable,
    NotFound,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    ThousandEyesError,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import (
    Granted,
    Known,
    Ledger,
    Unknown,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.none import NoLedger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.created import created
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import Window, parse_instant
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.capture_bench import POLICY, Bench, Requests
from support.patience import wait_until
from simulator import SharedClock, Simulator


def test_once_is_enough(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    first = bench.ensure(request_for())
    requests = len(sim.requests())
    second = bench.ensure(request_for())
    assert first.status == "created"
    assert second == first.as_known()
    assert len(sim.requests()) == requests == len(sim.creations()) == 1


def test_a_known_snapshot_needs_no_api(bench: Bench, request_for: Requests) -> None:
    bench.ensure(request_for())

    def unexpected() -> t.NoReturn:
        raise AssertionError("the API was opened")

    ledger = bench.open_ledger()
    assert (
        Capture(ledger, unexpected, bench.clock, POLICY, print, print).ensuring.ensure(request_for()).status
        == "existing"
    )
    ledger.close()


def test_foresight(bench: Bench, sim: Simulator, request_for: Requests, exists: t.Callable[[], bool]) -> None:
    assert bench.foresee(request_for()).status == "planned"
    assert not exists()
    bench.ensure(request_for())
    assert bench.foresee(request_for()).status == "existing"
    assert bench.foresee(request_for(), force=True).status == "planned"
    assert len(sim.creations()) == 1


def test_force_and_no_ledger(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    links = {bench.ensure(request_for(), force=True).link_id for _time in range(2)}
    links |= {bench.ensure(request_for(), ledger=NoLedger(bench.clock)).link_id for _time in range(2)}
    assert len(links) == len(sim.creations()) == 4
    assert bench.ensure(request_for()).link_id in links


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": "reset"},
        {"drop": "reset", "commit": True},
        {"drop": "close", "commit": True},
        {"truncate": 20},
        {"body": "<html>"},
        {"status": 500},
        {"status": 503, "commit": True},
    ],
)
def test_a_lost_answer_is_never_followed_by_a_second_post(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any]
) -> None:
    sim.fault(match={"method": "POST"}, **fault)
    with pytest.raises(OutcomeUnknown) as first:
        bench.ensure(request_for())
    with pytest.raises(OutcomeUnknown) as second:
        bench.ensure(request_for())
    with pytest.raises(OutcomeUnknown):
        bench.foresee(request_for())
    assert len(sim.requests("POST")) == 1
    for error in (first.value, second.value):
        for word in ("19955", request_for().display_name, "2026-11-23T12:00:00Z", "share link", "on_unknown=retry"):
            assert word in error.message
    assert bench.foresee(request_for(), retry_unknown=True).status == "planned"
    assert bench.ensure(request_for(), retry_unknown=True).status == "created"
    assert bench.ensure(request_for()).status == "existing"
    assert len(sim.requests("POST")) == 2


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"test_id": "404"}, NotFound, ["test 404", "no aid"]),
        ({"test_id": "404", "aid": "1234"}, NotFound, ["test 404", "account group 1234"]),
        ({"display_name": "x"}, Forbidden, ['"Create snapshot shares"', "region"]),
    ],
)
def test_a_refusal_explains_itself_and_leaves_no_trace(
    bench: Bench,
    sim: Simulator,
    request_for: Requests,
    change: dict[str, t.Any],
    error: type[ThousandEyesError],
    words: list[str],
) -> None:
    if error is Forbidden:
        sim.settings(public_snapshots=False)
    with pytest.raises(error) as raised:
        bench.ensure(request_for(**change))
    for word in [*words, "This snapshot was not created"]:
        assert word in raised.value.message
    assert bench.foresee(request_for(**change)).status == "planned"


def test_one_try_with_a_bad_token(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    with pytest.raises(Unauthorized):
        bench.ensure(request_for(), connection=dataclasses.replace(bench.connection, token="wrong"))
    assert len(sim.requests()) == 1


def test_unreachable_is_not_unknown(bench: Bench, request_for: Requests) -> None:
    with pytest.raises(Unreachable):
        bench.ensure(request_for(), connection=dataclasses.replace(bench.connection, url="http://127.0.0.1:9"))
    assert bench.ensure(request_for()).status == "created"


def test_waits_for_the_quota_as_long_as_needed(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    start = bench.clock.now()
    for number in range(12):
        bench.ensure(request_for(display_name=str(number)))
    assert len(sim.creations()) == len(sim.requests("POST")) == 12
    assert bench.clock.now() - start == pytest.approx(600, abs=0.01)
    assert any("waiting" in text and "2026-11-23T12:05:00Z" in text for text in bench.told)


def test_does_not_wait_longer_than_allowed(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    for number in range(5):
        bench.ensure(request_for(display_name=str(number)))
    with pytest.raises(QuotaExhausted) as error:
        bench.ensure(request_for(display_name="one more"), quota_wait=299)
    assert error.value.retry_at == "2026-11-23T12:05:00Z"
    assert bench.clock.slept == []
    assert len(sim.requests()) == 5


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({}, 300),
        ({"Retry-After": "40"}, 40),
        ({"Retry-After": "Mon, 23 Nov 2026 12:00:40 GMT"}, 40),
        ({"X-Organization-Rate-Limit-Reset": "40"}, 40),
        ({"X-Organization-Rate-Limit-Reset": "1795435240"}, 40),
        ({"X-Organization-Rate-Limit-Reset": "1795435199"}, 300),
    ],
)
def test_a_429_is_believed_over_the_ledger(
    bench: Bench, sim: Simulator, request_for: Requests, headers: dict[str, str], waited: int
) -> None:
    """1795435200 is the noon at which the test's clock starts."""
    sim.fault(
        status=429,
        headers={"X-Organization-Rate-Limit-Remaining": "0", "X-Organization-Rate-Limit-Reset": "", **headers},
    )
    assert bench.ensure(request_for()).status == "created"
    assert sum(bench.clock.slept) == pytest.approx(waited, abs=0.01)
    first, second = sim.requests("POST")
    assert (first["at"], second["at"]) == ("2026-11-23T12:00:00Z", f"2026-11-23T12:0{waited // 60}:{waited % 60:02}Z")


def test_others_use_the_same_quota(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """The 429 has the headers of the general limit, whose minute is not what must be waited for."""
    for number in range(5):
        bench.ensure(request_for(display_name=str(number)), ledger=NoLedger(bench.clock))
    assert bench.ensure(request_for()).status == "created"
    assert [answer["status"] for answer in sim.requests("POST")] == [201] * 5 + [429, 201]
    assert sum(bench.clock.slept) == pytest.approx(300, abs=0.01)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(st.integers(0, 400), st.booleans(), st.integers(1, 4)),
        min_size=1,
        max_size=8,
    )
)
def test_never_above_the_limit_and_never_idle(
    new_location: t.Callable[[], str],
    connection: Connection,
    sim: Simulator,
    request_for: Requests,
    acts: list[tuple[int, bool, int]],
) -> None:
    """Each of the acts is, after so many seconds, that many creations, by us or by somebody with another tool."""
    sim.reset(creation_limit_headers="reset-epoch")
    bench = Bench(new_location(), connection, SharedClock(sim), sim)
    titles = (f"title {number}" for number in range(100))
    asked_at: dict[str, float] = {}
    for gap, ours, count in acts:
        bench.clock.sleep(gap)
        requests = [request_for(display_name=next(titles)) for _number in range(count)]
        if ours:
            asked_at.update((request.display_name, bench.clock.now()) for request in requests)
            assert {record.status for record in bench.run(*requests, quota_wait=86400)} == {"created"}
        else:
            for request in requests:
                with contextlib.suppress(RateLimited):
                    bench.ensure(request, ledger=NoLedger(bench.clock), quota_wait=0)

    created_at = {row["display_name"]: parse_instant(row["at"], "at").timestamp() for row in sim.creations()}
    before = min(asked_at.values(), default=0.0)
    for title, asked in asked_at.items():
        at = created_at[title]
        if at > max(asked, before):
            # A second sooner, the window was full.
            assert sum(at - 1 - 300 < other <= at - 1 for other in created_at.values()) == 5
        before = at
    if all(ours for _gap, ours, _count in acts):
        assert {row["status"] for row in sim.requests("POST")} == {201}


def test_the_general_limit_is_not_run_into(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(rate_limit=3, creation_limit=None)
    records = bench.run(
        *(request_for(display_name=str(number)) for number in range(7)), quota=Quota("org", 100, 1), quota_wait=120
    )
    assert {record.status for record in records} == {"created"}
    assert [(row["status"], row["at"][14:19]) for row in sim.requests()] == [
        (201, f"{minute:02}:00") for minute in (0, 0, 0, 1, 1, 1, 2)
    ]


def test_what_the_api_told_is_in_the_plan(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Another process learns from the ledger what a 429 told this one."""
    sim.fault(status=429, headers={"Retry-After": "1000"})
    with pytest.raises(RateLimited):
        bench.ensure(request_for())
    two = [request_for(display_name=str(number)) for number in range(2)]
    with pytest.raises(
        RateLimited, match="429: it accepts no new snapshots for org until 2026-11-23T12:16:40Z"
    ) as error:
        bench.run(*two)
    assert error.value.retry_at == "2026-11-23T12:16:40Z"
    assert len(sim.requests()) == 1
    assert {record.status for record in bench.run(*two, quota_wait=1000)} == {"created"}
    assert sim.requests()[1]["at"] == "2026-11-23T12:16:40Z"


def test_a_429_that_is_longer_than_allowed(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(status=429, headers={"Retry-After": "40"})
    with pytest.raises(RateLimited) as error:
        bench.ensure(request_for(), quota_wait=39)
    assert error.value.retry_at == "2026-11-23T12:00:40Z"
    assert len(sim.requests()) == 1
    assert bench.foresee(request_for()).status == "planned"


def test_the_right_visibility_is_not_told(bench: Bench, request_for: Requests) -> None:
    bench.ensure(request_for(is_public=True))
    bench.ensure(request_for(is_public=False))
    assert bench.warned == []


def test_stopped_while_it_waits_for_the_answer(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """As by a task's time-out: the process lives on, and the attempt must not stay under way."""

    class Stopped(BaseException):
        pass

    class StoppedApi:
        status = None

        def create_snapshot(self, request: SnapshotRequest) -> t.NoReturn:
            raise Stopped

    ledger = bench.open_ledger()
    with pytest.raises(Stopped):
        Capture(ledger, StoppedApi, bench.clock, POLICY, bench.told.append, print).ensuring.ensure(  # type: ignore[arg-type]
            request_for()
        )
    # The result of the task is lost then.
    for word in ("test 19955", request_for().display_name, "may have been created"):
        assert word in bench.told[-1]
    with pytest.raises(OutcomeUnknown, match="Stopped"):
        bench.ensure(request_for())
    ledger.close()


def test_stopped_while_it_keeps_the_outcome(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """The result of the task is lost then, so what it created is told at once."""

    def stop(*_arguments: t.Any) -> t.NoReturn:
        raise KeyboardInterrupt

    ledger: t.Any = bench.open_ledger()
    ledger.created = stop
    with pytest.raises(KeyboardInterrupt):
        bench.ensure(request_for(), ledger=ledger)
    assert bench.told[-1].startswith("the snapshot was created (")
    assert bench.told[-1].endswith("), but that could not be kept")
    for word in ("test 19955", request_for().display_name, sim.creations()[0]["link_id"]):
        assert word in bench.told[-1]
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for())
    assert len(sim.creations()) == 1


def test_an_intent_that_does_not_stand_is_not_sent(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Another has gone on meanwhile, or the next intent stands."""
    ledger: t.Any = bench.open_ledger()
    answers = iter([False, True])
    ledger.stands = lambda _attempt: next(answers)
    assert bench.ensure(request_for(), ledger=ledger).status == "created"
    assert next(answers, None) is None
    assert len(sim.requests("POST")) == 1


def without_room(ledger: Ledger, method: str) -> Ledger:
    def fail(*_arguments: t.Any, **_more: t.Any) -> t.NoReturn:
        raise LedgerUnavailable("No space left on device")

    setattr(ledger, method, fail)
    return ledger


def test_a_limit_that_can_be_kept_only_later(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """The time that must be waited for anyway is time for the ledger to come back."""
    ledger: t.Any = bench.open_ledger()
    refused, failures = ledger.refused, iter(range(3))

    def fail_first(*what: t.Any, **more: t.Any) -> None:
        if next(failures, None) is not None:
            raise LedgerUnavailable("No space left on device")
        refused(*what, **more)

    ledger.refused = fail_first
    sim.fault(status=429, headers={"Retry-After": "40"})
    assert bench.ensure(request_for(), ledger=ledger).status == "created"
    assert sum(bench.clock.slept) == pytest.approx(40, abs=0.01)
    assert bench.warned == []


def test_a_limit_that_cannot_be_kept_is_told(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(status=429, headers={"Retry-After": "40"})
    with pytest.raises(RateLimited, match="429"):
        bench.ensure(request_for(), ledger=without_room(bench.open_ledger(), "refused"))
    assert "No space left" in bench.warned[0]
    assert len(sim.requests("POST")) == 1


@pytest.mark.slow
def test_a_process_that_hangs_is_not_waited_for_for_ever(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """It lives, and has the snapshot under way."""
    other = bench.open_ledger()
    other.claim(request_for(), POLICY.quota)
    with pytest.raises(OutcomeUnknown, match="longer than a request takes"):
        bench.ensure(request_for())
    assert sum(bench.clock.slept) == pytest.approx(660, abs=1)
    assert sim.requests() == []
    other.close()


def test_a_limit_of_no_time_is_no_reason_to_hurry(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(status=429, headers={"Retry-After": "0.001"}, times=5)
    assert bench.ensure(request_for()).status == "created"
    assert sum(bench.clock.slept) >= 5


def test_an_outcome_that_cannot_be_kept_is_still_told(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    record = bench.ensure(request_for(), ledger=without_room(bench.open_ledger(), "created"))
    assert record.link_id == "wdiac"
    assert "No space left" in bench.warned[0] and str(record.view_url) in bench.warned[0]
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for())
    assert len(sim.creations()) == 1


def test_a_loss_that_cannot_be_kept_is_still_told(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match={"method": "POST"}, drop="reset")
    with pytest.raises(OutcomeUnknown, match="no answer"):
        bench.ensure(request_for(is_public=False), ledger=without_room(bench.open_ledger(), "lost"))
    assert "No space left" in bench.warned[0]
    assert len(sim.requests("POST")) == 1


def that_settles_nothing(ledger: t.Any) -> t.Any:
    """As one with a trigger that undoes it."""
    calls = iter(range(1))

    def settled(_lost: t.Any, _found: t.Any) -> None:
        assert next(calls, None) is not None, "it was looked for again"

    ledger.settled = settled
    return ledger


@pytest.mark.parametrize("work", ["run", "ensure"])
@pytest.mark.parametrize("commit", [True, False], ids=["exists", "absent"])
def test_a_ledger_that_does_not_keep_what_was_found(
    bench: Bench, sim: Simulator, request_for: Requests, commit: bool, work: str
) -> None:
    bench.learn(request_for())
    sim.fault(match={"method": "POST"}, drop="reset", commit=commit)
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for(is_public=False))
    bench.clock.sleep(3600)
    sim.clear_requests()
    with pytest.raises(LedgerUnavailable, match="does not keep what became of a lost request"):
        getattr(bench, work)(request_for(is_public=False), ledger=that_settles_nothing(bench.open_ledger()))
    assert [row["method"] for row in sim.requests()] == ["GET"]


@pytest.mark.parametrize("commit", [True, False], ids=["exists", "absent"])
def test_a_ledger_that_does_not_keep_what_became_of_a_loss_of_the_same_run(
    bench: Bench, sim: Simulator, request_for: Requests, commit: bool
) -> None:
    """That it may exist matters more."""
    bench.learn(request_for())
    sim.fault(match={"method": "POST"}, drop="reset", commit=commit)
    with pytest.raises(OutcomeUnknown, match="does not keep what became of a lost request"):
        bench.ensure(request_for(is_public=False), ledger=that_settles_nothing(bench.open_ledger()))
    assert len(sim.requests("POST")) == 1


def test_others_wait_for_the_one_that_creates(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match={"method": "POST"}, delay_after=0.2)
    bench.clock = SystemClock()
    start = threading.Barrier(6)
    records = []

    def work() -> None:
        start.wait()
        records.append(bench.ensure(request_for()))

    threads = [threading.Thread(target=work) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(record.status for record in records) == ["created"] + ["existing"] * 5
    assert len(sim.requests("POST")) == 1


ENSURE = """
import pickle, sys
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.capture import Capture
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
request, connection, policy = pickle.loads(bytes.fromhex(sys.argv[2]))
clock = SystemClock()
api = open_api(connection, clock)
Capture(open_ledger(sys.argv[1], clock), lambda: api, clock, policy, print, print).ensuring.ensure(request)
"""


def test_killed_while_it_waits_for_the_answer(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match={"method": "POST"}, delay_after=60)
    process = subprocess.Popen(
        [sys.executable, "-c", ENSURE, bench.location, pickle.dumps((request_for(), bench.connection, POLICY)).hex()],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    wait_until(lambda: sim.creations() or process.poll() is not None)
    assert process.poll() is None
    process.kill()
    process.wait()
    with pytest.raises(OutcomeUnknown, match="ended"):
        bench.ensure(request_for())
    assert len(sim.creations()) == 1


LOSSES: list[dict[str, t.Any]] = [
    {"drop": "reset", "commit": True},
    {"truncate": 20},
    {"body": "<html>"},
    {"status": 503, "commit": True},
]


@pytest.mark.parametrize("name", ["title", "source"])
@pytest.mark.parametrize("fault", LOSSES)
def test_a_private_snapshot_is_found_in_the_test_list(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any], name: str
) -> None:
    sim.settings(saved_event_name=name)
    sim.fault(match={"method": "POST"}, **fault)
    record = bench.ensure(request_for(is_public=False))
    assert (record.status, record.link_id, record.snapshot_test_id) == ("adopted", None, "58856")
    assert record.view_url == "https://app.thousandeyes.com/view/tests/?testId=58856&roundId=1538784000"
    assert record.expires_at == "2026-12-23T12:00:00Z"
    assert bench.changed
    assert bench.ensure(request_for(is_public=False)) == record
    assert not bench.changed
    assert len(sim.requests("POST")) == len(sim.creations()) == 1


@pytest.mark.parametrize("fault", [{"drop": "reset"}, {"drop": "close"}, {"status": 502}])
def test_a_private_snapshot_that_is_in_no_list_is_created_again(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any]
) -> None:
    """But not before the list had the time to show it."""
    bench.learn(request_for())
    sim.fault(match={"method": "POST"}, **fault)
    record = bench.ensure(request_for(is_public=False))
    assert record.status == "created"
    first, second = sim.requests("POST")
    assert (first["at"], second["at"]) == ("2026-11-23T12:00:00Z", "2026-11-23T12:01:00Z")
    assert any("looking for what became of" in text for text in bench.told)
    assert len(bench.creations()) == 1


def test_nothing_is_created_twice_in_a_row(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.learn(request_for())
    sim.fault(match={"method": "POST"}, status=500, times=0)
    with pytest.raises(UnexpectedResponse, match="second that was lost. This snapshot was not created"):
        bench.ensure(request_for(is_public=False))
    assert len(sim.requests("POST")) == 2
    assert bench.foresee(request_for(is_public=False)).status == "planned"


def test_a_list_that_lags_is_waited_for(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(saved_event_lag=40)
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    assert bench.ensure(request_for(is_public=False)).status == "adopted"
    assert sum(bench.clock.slept) == pytest.approx(40, abs=5)
    assert len(sim.creations()) == 1


def test_what_the_list_does_not_tell_stays_unknown(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Someone else saved an event of another name meanwhile: it may be ours after all."""
    for _time in range(2):
        sim.fault(match={"method": "POST"}, drop="reset")
        sim.add_test(name="by hand", saved_event=True, created="2026-11-23T12:00:01Z")
        with pytest.raises(OutcomeUnknown, match="Manage > Sharing"):
            bench.ensure(request_for(is_public=False))
    assert len(sim.requests("POST")) == 1


def test_an_earlier_loss_is_settled_by_a_later_run(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown, match="list could not be read.*403"):
        bench.ensure(request_for(is_public=False))
    bench.clock.sleep(86400)
    foreseen = bench.foresee(request_for(is_public=False))
    assert (foreseen.status, bench.ensure(request_for(is_public=False))) == ("adopted", foreseen)
    assert not bench.changed
    assert len(sim.creations()) == 1


def test_retry_does_not_mean_to_repeat_in_one_run(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """on_unknown=retry is about what an earlier run left; what this run loses, it looks for."""
    sim.fault(match={"method": "POST"}, drop="reset", commit=True, times=0)
    for policy in ({"retry_unknown": True}, {"force": True}):
        before = len(sim.requests("POST"))
        with pytest.raises(OutcomeUnknown):
            bench.ensure(request_for(), **policy)
        assert len(sim.requests("POST")) == before + 1
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for(), ledger=NoLedger(bench.clock))
    assert len(sim.requests("POST")) == 3


def test_many_in_order(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    requests = [request_for(test_id=test) for test in ("19955", "817", "20001", "20002", "19955")]
    records = bench.run(*requests)
    assert [record.test_id for record in records] == ["19955", "817", "20001", "20002", "19955"]
    assert [creation["source_test_id"] for creation in sim.creations()] == [19955, 817, 20001, 20002]
    assert len({request["connection"] for request in sim.requests()}) == 1
    assert bench.told == []


def test_a_failure_does_not_lose_the_others(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match={"method": "POST", "path": "20001"}, status=403)
    missing, first, forbidden, last = bench.run(
        *(request_for(test_id=test) for test in ("404", "817", "20001", "20002"))
    )
    assert isinstance(missing, NotFound) and isinstance(forbidden, Forbidden)
    assert (first.status, last.status) == ("created", "created")


@pytest.mark.parametrize("fault", [{"status": 401}, {"status": 410}])
def test_what_would_fail_for_all_is_tried_once(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any]
) -> None:
    sim.fault(match={"path": "817"}, times=0, **fault)
    done, failed, not_tried = bench.run(*(request_for(test_id=test) for test in ("19955", "817", "20001")))
    assert done.status == "created"
    assert isinstance(failed, ThousandEyesError)
    assert not_tried is None
    assert len(sim.requests()) == 2


def test_the_plan_is_told_and_kept(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """23 creations at 5 in 300 seconds need 4 waits."""
    bench.ensure(request_for(display_name="0"))
    bench.clock.sleep(300)
    requests = [request_for(display_name=str(number)) for number in range(24)]
    start = bench.clock.now()
    records = bench.run(*requests, quota_wait=1200)
    assert [record.status for record in records] == ["existing"] + ["created"] * 23
    assert bench.clock.now() - start == pytest.approx(1200, abs=0.01)
    assert [request["status"] for request in sim.requests("POST")] == [201] * 24
    assert bench.told[0].startswith(
        "creating 23 of 24: 5 now, the rest as the quota frees up, done about 2026-11-23T12:25:00Z."
    )
    assert bench.told[1].startswith("6 of 24 done, next is test 19955 in 5 min: waiting for")
    # At least once a minute.
    assert len(bench.told) >= 20


def test_a_plan_that_does_not_fit_creates_nothing(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    for number in range(3):
        bench.ensure(request_for(display_name=str(number)))
    bench.clock.sleep(100)
    requests = [request_for(display_name=str(number)) for number in range(8)]
    with pytest.raises(QuotaExhausted) as error:
        bench.run(*requests, quota_wait=199)
    assert error.value.details == {"to_create": 5, "needs_none": 3, "done_at": "2026-11-23T12:05:00Z"}
    assert error.value.retry_at == "2026-11-23T12:01:41Z"
    with pytest.raises(QuotaExhausted, match="It needs a quota_wait of 300 seconds"):
        bench.run(*(request_for(display_name=str(number)) for number in range(3, 13)), quota_wait=299)
    assert len(sim.requests("POST")) == 3
    bench.clock.sleep(1)
    assert len(bench.run(*requests, quota_wait=199)) == 8


class Meanwhile:
    """A clock, during one of whose sleeps something happens."""

    def __init__(self, clock: t.Any, happens: t.Callable[[], None], after: int = 2) -> None:
        self.now = clock.now
        self.boot = clock.boot
        self._clock = clock
        self._happens = happens
        self._left = after

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        self._left -= 1
        if self._left == 0:
            self._happens()


def test_a_snapshot_made_while_another_is_looked_for(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """The first was lost and not created. The other has the same test and title, and its answer is still under way."""
    first = request_for(is_public=False)
    hour = first.window.end - first.window.start
    second = first._replace(window=Window(first.window.end, first.window.end + hour))
    other = bench.open_ledger()
    api = open_api(bench.connection, bench.clock)
    attempts: list[int] = []
    answers: list[t.Any] = []

    def create_the_second() -> None:
        claim = other.claim(second, POLICY.quota)
        assert isinstance(claim, Granted)
        attempts.append(claim.attempt)
        answers.append(api.create_snapshot(second))

    def keep_the_second() -> None:
        record = created(second, answers[0], clock.now(), clock.now())
        other.created(attempts[0], record)

    sim.fault(match={"method": "POST"}, drop="reset")
    clock = bench.clock
    bench.clock = Meanwhile(Meanwhile(clock, create_the_second), keep_the_second, after=20)
    assert bench.ensure(first).status == "created"
    assert [row["to"] for row in sim.creations()] == ["2018-10-06T02:00:00Z", "2018-10-06T01:00:00Z"]
    other.close()
    api.close()


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_snapshot_that_another_task_forces_settles_nothing(
    bench: Bench, sim: Simulator, request_for: Requests, check_mode: bool
) -> None:
    """It exists, and so nothing more is sent. What became of the lost request is still not known."""

    def force() -> None:
        Bench(bench.location, bench.connection, clock, sim).ensure(wanted, force=True)

    bench.learn(request_for())
    wanted = request_for(is_public=False)
    sim.fault(match={"method": "POST"}, drop="reset")
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(wanted)
    clock, bench.clock = bench.clock, Meanwhile(bench.clock, force)
    [record] = bench.run(wanted, check_mode=check_mode)
    assert record.status == "existing" and len(bench.creations()) == 1
    entries = [entry for entry in bench.open_ledger().history() if entry.request == wanted]
    assert [type(entry.state) for entry in entries] == [Unknown, Known]


def test_a_snapshot_that_another_task_is_about_to_force_settles_nothing(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    other = bench.open_ledger()
    attempts: list[int] = []

    def force() -> None:
        claim = other.claim(wanted, POLICY.quota, (Known, Unknown))
        assert isinstance(claim, Granted)
        attempts.append(claim.attempt)

    def fail() -> None:
        other.refused(attempts[0], "not_found")

    bench.learn(request_for())
    wanted = request_for(is_public=False)
    sim.settings(saved_event_lag=30)
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(wanted)
    bench.clock = Meanwhile(Meanwhile(bench.clock, force), fail, after=6)
    assert bench.ensure(wanted).status == "adopted"
    assert len(bench.creations()) == 1
    other.close()


def test_what_is_wrong_with_others_is_told_though_the_plan_does_not_fit(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    sim.fault(match={"method": "POST"}, status=504)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for())
    bench.clock.sleep(3600)
    with pytest.raises(QuotaExhausted, match="6 of 7 snapshots must be created"):
        bench.run(request_for(), *(request_for(display_name=str(number)) for number in range(6)), quota_wait=0)
    [warning] = bench.warned
    assert warning.startswith("It is not known whether the share link 'Snapshot created through API' of test 19955")


def test_one_odd_answer_does_not_lose_the_others(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(status=409)
    error, record = bench.run(request_for(test_id="817"), request_for())
    assert isinstance(error, UnexpectedResponse) and record.status == "created"


def test_what_is_known_is_told_whatever_else_fails(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.ensure(request_for())
    sim.fault(status=401)
    error, record = bench.run(request_for(test_id="817"), request_for())
    assert isinstance(error, Unauthorized) and record.status == "existing"


def test_an_outage_does_not_take_all_share_links_along(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(status=504, times=0)
    outcomes = bench.run(*(request_for(display_name=str(number)) for number in range(5)))
    assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown] * 2 + [type(None)] * 3
    assert len(sim.requests()) == 2


def test_what_was_lost_earlier_is_in_the_plan(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """It turns out not to exist, so it must be created as well."""
    bench.learn(request_for())
    lost = request_for(is_public=False)
    sim.fault(match={"method": "POST"}, drop="reset")
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(lost)
    bench.clock.sleep(3600)
    with pytest.raises(QuotaExhausted, match="6 of 6 snapshots must be created"):
        bench.run(lost, *(request_for(display_name=str(number)) for number in range(5)), quota_wait=0)
    assert bench.creations() == []


def test_retry_looks_first(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for(is_public=False))
    assert bench.foresee(request_for(is_public=False), retry_unknown=True).status == "adopted"
    assert bench.ensure(request_for(is_public=False), retry_unknown=True).status == "adopted"
    assert len(sim.creations()) == 1


def test_foresight_waits_for_the_list_as_the_task_would(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(saved_event_lag=30)
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    sim.fault(match={"method": "GET"}, status=403)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(request_for(is_public=False))
    assert bench.foresee(request_for(is_public=False)).status == "adopted"


def test_the_reason_for_waiting_is_the_latest(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """A 429 that was waited for is over; then the quota was used up by others who share the ledger."""

    def use_up() -> None:
        for number in range(5):
            Bench(bench.location, bench.connection, clock, sim).ensure(request_for(display_name=str(number)))

    sim.fault(status=429, headers={"Retry-After": "10"})
    clock, bench.clock = bench.clock, Meanwhile(bench.clock, use_up)
    with pytest.raises(QuotaExhausted) as error:
        bench.ensure(request_for(), quota_wait=20)
    assert error.value.retry_at == "2026-11-23T12:05:10Z"


def test_progress_is_not_told_more_often_than_needed(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """While another's attempt is under way, the end of the wait moves all the time."""
    other = bench.open_ledger()
    for number in range(5):
        other.claim(request_for(test_id=str(number)), POLICY.quota)
    with pytest.raises(QuotaExhausted):
        bench.ensure(request_for(), quota_wait=599)
    assert len(bench.told) <= 11
    other.close()
