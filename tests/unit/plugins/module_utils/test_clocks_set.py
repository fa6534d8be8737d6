# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process is killed in the middle of a request, and somebody sets the clock of the ledger before the next run.

That is the machine's clock for a file, and the database's for PostgreSQL. The simulator's stays right.
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils.api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger import postgresql as postgresql_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.interface import Granted
from capture_bench import POLICY, Bench, Requests
from simulator import Simulator

HOUR = 3600.0
jumps = pytest.mark.parametrize("jump", [-24 * HOUR, -2 * HOUR, -90.0, 90.0, 2 * HOUR, 24 * HOUR])


class SetClock:
    """A clock that somebody has set."""

    def __init__(self, clock: t.Any, ahead: float) -> None:
        self._clock = clock
        self._ahead = ahead

    def now(self) -> float:
        return t.cast(float, self._clock.now()) + self._ahead

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


@pytest.fixture
def killed(bench: Bench, request_for: Requests, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[float, bool], t.Any]:
    """Leaves a request of a process that is no more, sent or not, and sets the clock. Returns what was asked for."""
    monkeypatch.setattr(postgresql_ledger, "_ahead", lambda _session: 0.0)
    bench.learn(request_for())

    def kill(jump: float, sent: bool) -> t.Any:
        request = request_for(is_public=False)
        ledger: t.Any = bench.open_ledger()
        assert isinstance(ledger.claim(request, POLICY.quota, force=False, retry_unknown=False), Granted)
        if sent:
            api = open_api(bench.connection, bench.clock)
            api.create_snapshot(request)
            api.close()
        if "://" in bench.location:
            ledger._session.connection.close()
            monkeypatch.setattr(postgresql_ledger, "_ahead", lambda _session: jump)
        else:
            ledger.close()
            bench.clock = SetClock(bench.clock, jump)
        return request

    return kill


@jumps
def test_what_is_listed_late_is_still_found(
    bench: Bench, sim: Simulator, killed: t.Callable[..., t.Any], jump: float
) -> None:
    sim.settings(saved_event_lag=30)
    slept = bench.clock.slept
    request = killed(jump, sent=True)
    assert bench.ensure(request).status == "adopted"
    assert sum(slept) == pytest.approx(30, abs=5)
    assert len(sim.requests("POST")) == len(bench.creations()) == 1


@jumps
def test_what_was_not_sent_is_created_when_it_is_sure(
    bench: Bench, sim: Simulator, killed: t.Callable[..., t.Any], jump: float
) -> None:
    """With a file, nothing of the dead process is left; another node may yet send until LONGEST has passed."""
    slept = bench.clock.slept
    request = killed(jump, sent=False)
    assert bench.ensure(request).status == "created"
    assert sum(slept) == pytest.approx(660 if "://" in bench.location else 60, abs=5)
    assert len(sim.requests("POST")) == 1


def test_a_clock_that_nobody_has_set_is_believed(bench: Bench, sim: Simulator, killed: t.Callable[..., t.Any]) -> None:
    slept = bench.clock.slept
    request = killed(0.0, sent=False)
    bench.clock.sleep(660)
    slept.clear()
    assert bench.ensure(request).status == "created"
    assert slept == []


def test_a_server_without_a_clock(bench: Bench, sim: Simulator, killed: t.Callable[..., t.Any]) -> None:
    """However long ago it was, only what is waited for counts."""
    slept = bench.clock.slept
    request = killed(0.0, sent=False)
    bench.clock.sleep(86400)
    slept.clear()
    sim.fault(match={"method": "GET"}, headers={"Date": "yesterday"}, times=0)
    assert bench.ensure(request).status == "created"
    assert sum(slept) == pytest.approx(660 if "://" in bench.location else 60, abs=5)
