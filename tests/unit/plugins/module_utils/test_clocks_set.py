# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process is killed in the middle of a request, and somebody sets the clock of the ledger before the next run.

That is the machine's clock for a file, and the database's for PostgreSQL. The simulator's stays right.
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import OutcomeUnknown
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import postgresql as postgresql_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Granted, InFlight
from support.capture_bench import POLICY, Bench, Requests, SetClock
from support.patience import wait_until
from simulator import Simulator

HOUR = 3600.0
jumps = pytest.mark.parametrize("jump", [-24 * HOUR, -2 * HOUR, -90.0, 90.0, 2 * HOUR, 24 * HOUR])


@pytest.fixture(params=["this machine", None])
def machine(request: pytest.FixtureRequest) -> str | None:
    """By which the runs know that they are on one machine. Without one, only the server's clock tells."""
    return t.cast("str | None", request.param)


@pytest.fixture
def slept(clock: t.Any) -> list[float]:
    return t.cast("list[float]", clock.slept)


class Machine:
    """Where processes are killed, and clocks set: that of the machine for a file, else that of the database."""

    def __init__(self, bench: Bench, request_for: Requests, monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
        self._bench = bench
        self._request_for = request_for
        self._monkeypatch = monkeypatch
        self._clock = bench.clock = SetClock(bench.clock, machine=name)
        self.set(0.0)
        bench.learn(request_for())

    def set(self, jump: float) -> None:
        if "://" in self._bench.location:
            self._monkeypatch.setattr(postgresql_ledger, "_ahead", lambda _session: jump)
        else:
            self._clock.ahead = jump

    def kill(self, sent: bool, **options: t.Any) -> t.Any:
        """Leaves a request of a process that is no more. Returns what was asked for."""
        request = self._request_for(**{"is_public": False, **options})
        ledger: t.Any = self._bench.open_ledger()
        assert isinstance(ledger.claim(request, POLICY.quota), Granted)
        if sent:
            api = open_api(self._bench.connection, self._bench.clock)
            api.create_snapshot(request)
            api.close()
        if "://" in self._bench.location:
            ledger._session.connection.close()
        else:
            ledger.close()
        # A database server needs a moment to see it.
        other = self._bench.open_ledger()
        wait_until(lambda: not isinstance(other.find(request), InFlight))
        other.close()
        return request

    @property
    def sure_after(self) -> float:
        """With a file, nothing of the dead process is left; another node may yet send until LONGEST has passed."""
        return 660 if "://" in self._bench.location else 60


@pytest.fixture
def here(bench: Bench, request_for: Requests, monkeypatch: pytest.MonkeyPatch, machine: str | None) -> Machine:
    return Machine(bench, request_for, monkeypatch, machine)


@jumps
def test_what_is_listed_late_is_still_found(
    bench: Bench, sim: Simulator, here: Machine, slept: list[float], jump: float
) -> None:
    sim.settings(saved_event_lag=30)
    request = here.kill(sent=True)
    here.set(jump)
    assert bench.ensure(request).status == "adopted"
    assert sum(slept) == pytest.approx(30, abs=5)
    assert len(sim.requests("POST")) == len(bench.creations()) == 1


@jumps
def test_what_was_not_sent_is_created_when_it_is_sure(
    bench: Bench, sim: Simulator, here: Machine, slept: list[float], jump: float
) -> None:
    request = here.kill(sent=False)
    here.set(jump)
    assert bench.ensure(request).status == "created"
    assert sum(slept) == pytest.approx(here.sure_after, abs=5)
    assert len(sim.requests("POST")) == 1


# Where a machine does not tell its start, nothing tells this of its own clock.
@pytest.mark.parametrize(
    "new_location,machine",
    [("file", "this machine"), ("postgresql", "this machine"), ("postgresql", None)],
    indirect=True,
)
@pytest.mark.parametrize("jump", [-1000 * HOUR, -2 * HOUR, -90.0, 90.0, 2 * HOUR, 1000 * HOUR])
def test_a_clock_that_was_wrong_when_the_request_began(
    bench: Bench, sim: Simulator, here: Machine, slept: list[float], jump: float
) -> None:
    """The answer before it and the one after it find it right, so the server cannot tell."""
    sim.settings(saved_event_lag=30)
    here.set(jump)
    sent, other = here.kill(sent=True), here.kill(sent=False, display_name="other")
    here.set(0.0)
    assert outcome(bench, sent) in ("adopted", "outcome_unknown")
    assert len(sim.requests("POST")) == len(bench.creations()) == 1
    slept.clear()
    assert outcome(bench, other) in ("created", "outcome_unknown")
    assert sum(slept) <= here.sure_after


@pytest.mark.parametrize("jump", [-2 * HOUR, 0.0, 90.0])
@pytest.mark.parametrize("link_id", ["wdiac", None])
def test_a_share_link_that_a_person_found_needs_no_wait(
    bench: Bench, sim: Simulator, here: Machine, slept: list[float], jump: float, link_id: str | None
) -> None:
    """Though another node may yet send a request that a database has."""
    request = here.kill(sent=True, is_public=True)
    here.set(jump)
    policy: dict[str, t.Any] = {"adopt_unknown": True, "link_id": link_id}
    [foreseen] = bench.run(request, check_mode=True, **policy)
    [record] = bench.run(request, **policy)
    assert (record.status, record.link_id) == ("adopted", link_id)
    assert foreseen == record == bench.ensure(request)
    assert slept == []
    assert len(sim.requests("POST")) == len(bench.creations()) == 1


def test_a_clock_that_nobody_has_set_is_believed(
    bench: Bench, sim: Simulator, here: Machine, slept: list[float]
) -> None:
    request = here.kill(sent=False)
    bench.clock.sleep(660)
    slept.clear()
    assert bench.ensure(request).status == "created"
    assert slept == []


def test_a_server_without_a_clock(
    bench: Bench, sim: Simulator, here: Machine, machine: str | None, slept: list[float]
) -> None:
    """However long ago it was, only what is waited for counts, unless the machine tells."""
    request = here.kill(sent=False)
    bench.clock.sleep(86400)
    slept.clear()
    sim.fault(match={"method": "GET"}, headers={"Date": "yesterday"}, times=0)
    assert bench.ensure(request).status == "created"
    assert sum(slept) == pytest.approx(0 if machine else here.sure_after, abs=5)


def outcome(bench: Bench, request: t.Any) -> str:
    """The status of the record, or the code of the failure."""
    try:
        return t.cast(str, bench.ensure(request).status)
    except OutcomeUnknown as error:
        return error.code
