# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said and done where an earlier request, or one that was stopped, may have created a snapshot."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api import http_client
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    LedgerUnavailable,
    OutcomeUnknown,
    RateLimited,
    UnexpectedResponse,
    VisibilityContradicted,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from support.capture_bench import Bench, Requests
from simulator import Simulator

POST = {"method": "POST"}
BROKEN = {"match": POST, "status": 201, "body": "<html>"}
DAY = 86400


class Stopped(BaseException):
    """As by a task's time-out or an interrupt."""


def stop(*_arguments: t.Any, **_more: t.Any) -> t.NoReturn:
    raise Stopped


def lose(bench: Bench, sim: Simulator, request: SnapshotRequest) -> None:
    """Leaves a request that the API has answered by a 201 and nonsense."""
    sim.fault(**BROKEN)
    with pytest.raises(OutcomeUnknown) as error:
        bench.ensure(request)
    assert error.value.status == 201
    sim.clear_requests()


@pytest.mark.parametrize("way", ["force", "retry_unknown"])
def test_two_lost_requests_say_nothing_of_an_earlier_one(
    bench: Bench, sim: Simulator, request_for: Requests, way: str
) -> None:
    wanted = request_for(is_public=False)
    bench.learn(wanted)
    lose(bench, sim, wanted)
    sim.fault(match=POST, drop="reset", times=2)
    with pytest.raises(UnexpectedResponse, match="It was the second that was lost") as error:
        bench.ensure(wanted, **{way: True})
    assert "was not created" not in error.value.message
    assert error.value.message.endswith(
        "Nothing was created now, but what was requested at 2026-11-23T12:00:00Z may exist."
    )
    assert len(sim.requests("POST")) == 2


@pytest.mark.parametrize("way", ["force", "retry_unknown"])
def test_nor_does_a_contradiction(bench: Bench, sim: Simulator, request_for: Requests, way: str) -> None:
    wanted = request_for(is_public=False)
    lose(bench, sim, wanted)
    sim.settings(invert_is_public=True)
    with pytest.raises(VisibilityContradicted):
        bench.ensure(request_for(is_public=False, display_name="another"))
    sim.clear_requests()
    for run in (bench.ensure, bench.foresee):
        with pytest.raises(VisibilityContradicted, match="Nothing was created now, but what was requested at") as error:
            run(wanted, **{way: True})
        assert "was not created" not in error.value.message
    assert sim.requests("POST") == []


@pytest.mark.parametrize("is_public", [True, False])
def test_what_is_adopted_late_is_not_created_again(
    bench: Bench, sim: Simulator, request_for: Requests, is_public: bool
) -> None:
    """Not by the task that was told that it exists, though its link may have died by now."""
    wanted = request_for(is_public=is_public)
    lose(bench, sim, wanted)
    bench.clock.sleep(31 * DAY)
    [record] = bench.run(wanted, adopt_unknown=True, link_id="seen")
    assert (record.status, record.link_id) == ("adopted", "seen")
    assert sim.requests("POST") == []


@pytest.mark.parametrize("is_public", [True, False])
def test_what_is_stopped_while_the_answer_is_read_keeps_the_status(
    bench: Bench, sim: Simulator, request_for: Requests, monkeypatch: pytest.MonkeyPatch, is_public: bool
) -> None:
    """It is a creation, and no list proves the opposite."""
    wanted = request_for(is_public=is_public)
    bench.learn(wanted)
    sim.fault(match=POST, status=201, commit=False)
    with monkeypatch.context() as patched:
        patched.setattr(http_client, "read_body", stop)
        with pytest.raises(Stopped):
            bench.ensure(wanted)
    said = bench.told[-1]
    assert "before the answer was read" in said
    assert said.endswith("the next run asks what to do" if is_public else "the next run looks for it")
    bench.clock.sleep(3600)
    with pytest.raises(OutcomeUnknown) as error:
        bench.ensure(wanted)
    assert error.value.status == 201
    assert len(sim.requests("POST")) == 1


MANY = "".join(f"X-Header-{number}: x\r\n" for number in range(200))


@pytest.mark.parametrize("headers", [MANY, f"X-Long: {'x' * 70000}\r\n"])
def test_headers_that_break_after_the_status(bench: Bench, sim: Simulator, request_for: Requests, headers: str) -> None:
    wanted = request_for(is_public=False)
    bench.learn(wanted)
    sim.settings(saved_event_lag=DAY)
    sim.fault(match=POST, raw=f"HTTP/1.1 201 Created\r\n{headers}\r\n")
    for _time in range(2):
        with pytest.raises(OutcomeUnknown, match=r"the answer \(201\) could not be read whole") as error:
            bench.ensure(wanted)
        assert error.value.status == 201
        bench.clock.sleep(3600)
    assert len(sim.requests("POST")) == 1


def test_what_could_not_be_kept_is_said_as_it_is(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """The ledger has the contradiction by the answer, and fails after that."""

    def fail(*_arguments: t.Any) -> t.NoReturn:
        raise LedgerUnavailable("The disk is full.")

    sim.settings(invert_is_public=True)
    ledger: t.Any = bench.open_ledger()
    ledger.last_look = fail
    with pytest.raises(VisibilityContradicted) as error:
        bench.ensure(request_for(is_public=False), ledger=ledger)
    assert "does not keep" not in error.value.message
    assert bench.warned == [
        "The snapshot was created and kept, but not what the list of tests shows. The disk is full."
    ]
    with pytest.raises(VisibilityContradicted):
        bench.ensure(request_for(is_public=False, display_name="another"))
    assert len(sim.requests("POST")) == 1


def test_what_was_answered_by_429_was_sent(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    def fail(*_arguments: t.Any, **_more: t.Any) -> t.NoReturn:
        raise LedgerUnavailable("The disk is full.")

    sim.fault(match=POST, status=429, headers={"Retry-After": "10"})
    ledger: t.Any = bench.open_ledger()
    claim = ledger.claim

    def claim_once(*arguments: t.Any, **more: t.Any) -> t.Any:
        ledger.claim = fail
        return claim(*arguments, **more)

    ledger.claim = claim_once
    with pytest.raises(LedgerUnavailable) as error:
        bench.ensure(request_for(), ledger=ledger)
    assert "Nothing was sent" not in error.value.message
    assert len(sim.requests("POST")) == 1


@pytest.mark.parametrize("forgets", [True, False])
def test_what_is_stopped_after_the_creation_is_said_where_the_ledger_forgets(
    bench: Bench, sim: Simulator, request_for: Requests, forgets: bool
) -> None:
    ledger: t.Any = bench.open_ledger()
    ledger.last_look = stop
    with pytest.raises(Stopped):
        bench.ensure(request_for(is_public=False), ledger=ledger, forgets=forgets)
    assert [sim.creations()[0]["link_id"] in line for line in bench.told] == ([True] if forgets else [])


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        ({"status": 403}, "Make that list readable for this token"),
        ({"status": 429}, "A task will try again after a day."),
        ({"status": 503}, "A task will try again after a day."),
    ],
)
def test_a_list_that_could_not_be_read_now(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any], advice: str
) -> None:
    sim.fault(match={"method": "GET"}, **fault)
    bench.ensure(request_for(is_public=False))
    [warning] = bench.warned
    assert advice in warning


def test_a_limit_that_was_told_by_429_says_when_to_try_again(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    sim.fault(match=POST, status=429, headers={"Retry-After": "100"})
    with pytest.raises(RateLimited):
        bench.ensure(request_for(), quota_wait=0)
    with pytest.raises(RateLimited, match="until 2026-11-23T12:01:40Z.* Try again then"):
        bench.ensure(request_for(), quota_wait=0)
