# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading by several sessions. The oracle is the simulator's log."""

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import Api, open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._api.pace import Pace
from ansible_collections.community.thousandeyes.plugins.module_utils._api.side_by_side import MOST, read_side_by_side
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import Forbidden
from simulator import SharedClock, Simulator
from support.patience import HANG


@pytest.fixture(autouse=True)
def nothing_left_under_way() -> t.Iterator[None]:
    """What a test has begun ends before the next one counts requests."""
    yield
    for thread in threading.enumerate():
        if thread.name == "read_side_by_side":
            thread.join(HANG)


@pytest.fixture
def open_session(connection: Connection) -> t.Callable[[], Api]:
    pace = Pace()
    return lambda: open_api(connection, SystemClock(), pace=pace)


def groups(api: Api, item: int) -> tuple[int, list[str]]:
    return item, [group.aid for group in api.account_groups(None)]


def test_all_in_order_and_each_once(open_session: t.Callable[[], Api], sim: Simulator) -> None:
    found = list(read_side_by_side(open_session, groups, range(50)))
    assert [item for item, _groups in found] == list(range(50))
    assert all(each for _item, each in found)
    assert len(sim.requests()) == 50


def test_they_are_under_way_at_the_same_time(open_session: t.Callable[[], Api]) -> None:
    together = threading.Barrier(MOST)

    def read(_api: Api, item: int) -> int:
        together.wait(HANG)
        return item

    assert list(read_side_by_side(open_session, read, range(2 * MOST))) == list(range(2 * MOST))


def test_the_first_in_order_that_fails_ends_all(open_session: t.Callable[[], Api], sim: Simulator) -> None:
    """Those before it are there, also where they come later than the failure."""
    failed = threading.Event()

    def read(api: Api, item: int) -> int:
        if item == 3:
            assert failed.wait(HANG)
        if item == 5:
            failed.set()
            raise Forbidden("This one may not be read.")
        groups(api, item)
        return item

    found = []
    with pytest.raises(Forbidden):
        for item in read_side_by_side(open_session, read, range(10_000)):
            found.append(item)
    assert found == [0, 1, 2, 3, 4]
    assert len(sim.requests()) <= 2 * MOST


def test_whoever_stops_to_listen_ends_all(open_session: t.Callable[[], Api], sim: Simulator) -> None:
    reading = read_side_by_side(open_session, groups, range(10_000))
    assert next(reading)[0] == 0
    reading.close()
    assert len(sim.requests()) <= 3 * MOST


def test_the_limit_of_the_api_is_never_exceeded(connection: Connection, sim: Simulator, clock: SharedClock) -> None:
    """600 requests, of which 240 a minute are taken. Nobody else uses the organization."""
    pace = Pace()

    def open_session() -> Api:
        return open_api(connection, clock, pace=pace)

    assert len(list(read_side_by_side(open_session, groups, range(600)))) == 600
    requests = sim.requests()
    assert [request["status"] for request in requests] == [200] * 600
