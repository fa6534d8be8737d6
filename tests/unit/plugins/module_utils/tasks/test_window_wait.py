# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for the end of a window. The simulator refuses what is not over, by the same clock. It is noon."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from simulator import SharedClock, Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]
VERSIONS = pytest.mark.parametrize("version", ["v6", "v7"])
SOON = {"from": None, "to": "2026-11-23T12:02:30Z"}


@VERSIONS
def test_it_waits_as_long_as_it_must(
    take: Take, sim: Simulator, clock: SharedClock, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    result = take(**SOON, window_wait=150, api_version=version)
    assert (result["changed"], result["snapshot"]["to"]) == (True, "2026-11-23T12:02:30Z")
    # And as long as the clock of the API might be behind.
    assert clock.slept == [60, 60, 35]
    [creation] = sim.creations()
    assert creation["at"] == "2026-11-23T12:02:35Z"
    waiting = "waiting for the end of the window at 2026-11-23T12:02:30Z,"
    assert capsys.readouterr().out.splitlines() == [
        f"{waiting} {left} left" for left in ("2 min 35 s", "1 min 35 s", "35 s")
    ]


@VERSIONS
def test_a_repeat_does_not_wait(take: Take, sim: Simulator, clock: SharedClock, version: str) -> None:
    for changed in (True, False):
        assert take(**SOON, window_wait=150, api_version=version)["changed"] is changed
    assert sum(clock.slept) == 155
    assert len(sim.requests()) == 1


@pytest.mark.parametrize(
    ("to", "wait", "slept"),
    [("2018-10-06T01:00:00Z", 150, []), ("2026-11-23T12:00:00Z", 1, [5.0]), ("2026-11-23T12:00:00Z", 0, [])],
)
def test_what_is_over_is_not_waited_for_but_for_a_clock_that_is_behind(
    take: Take, clock: SharedClock, to: str, wait: int, slept: list[float]
) -> None:
    assert take(**{"from": None, "to": to}, window_wait=wait)["changed"] is True
    assert clock.slept == slept


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("wait", [0, 149])
def test_it_does_not_wait_longer_than_it_may(
    take: Take, sim: Simulator, clock: SharedClock, ledger: Path, wait: int, check_mode: bool
) -> None:
    with pytest.raises(InvalidRequest, match="Run again from 2026-11-23T12:02:30Z on") as error:
        take(check_mode, **SOON, window_wait=wait)
    assert error.value.retry_at == "2026-11-23T12:02:30Z"
    assert ("window_wait is 149 seconds" in error.value.message) is (wait > 0)
    assert clock.slept == sim.requests() == []
    assert not ledger.exists()


def test_check_mode_does_not_wait(take: Take, sim: Simulator, clock: SharedClock) -> None:
    result = take(check_mode=True, **SOON, window_wait=150)
    assert (result["changed"], result["snapshot"]["status"]) == (True, "planned")
    assert clock.slept == sim.requests() == []


def test_several_wait_once(take: Take, sim: Simulator, clock: SharedClock) -> None:
    result = take(tests=["19955", "817"], **SOON, window_wait=150)
    assert [snapshot["status"] for snapshot in result["snapshots"]] == ["created", "created"]
    assert sum(clock.slept) == 155
    assert len(sim.creations()) == 2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"tests": ["None", "Neither"]}, "not_found"),
        ({"test_name": "Duplicate name", "test_id": None}, "invalid_request"),
    ],
)
def test_where_no_test_is_found_nothing_is_waited_for(
    take: Take, sim: Simulator, clock: SharedClock, options: dict[str, t.Any], code: str
) -> None:
    assert take(**options, **SOON, window_wait=150)["failure"]["code"] == code
    assert clock.slept == []
    assert len(sim.requests()) == 1


def test_where_one_test_is_found_it_is_captured(take: Take, sim: Simulator, clock: SharedClock) -> None:
    result = take(tests=["None", "Web shop"], **SOON, window_wait=150)
    assert result["failure"]["code"] == "not_found"
    assert [snapshot["test_id"] for snapshot in result["snapshots"]] == ["19955"]
    assert sum(clock.slept) == 155


@pytest.mark.parametrize("wait", [-1, 31 * 86400 + 1])
def test_a_wait_that_is_none(take: Take, sim: Simulator, wait: int) -> None:
    with pytest.raises(InvalidRequest, match="^window_wait: "):
        take(**SOON, window_wait=wait)
    assert sim.requests() == []
