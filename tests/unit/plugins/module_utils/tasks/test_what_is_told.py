# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people are shown while a snapshot task waits, and when it is stopped. It is noon."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import left
from simulator import SharedClock, Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]
SLOW = {"quota_limit": 2, "quota_window": 260, "organization": "Example"}
TESTS = ["19955", "Resolver", "Checkout", "817"]


class Stopped(BaseException):
    """As the time limit of a task, or Ctrl-C."""


@pytest.fixture
def stopped(clock: SharedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wait is one too many."""

    def stop(_seconds: float) -> t.NoReturn:
        raise Stopped

    monkeypatch.setattr(clock, "sleep", stop)


def test_how_far_it_is_and_what_is_next(
    take: Take, sim: Simulator, clock: SharedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    take(tests=TESTS, **SLOW)
    plan, *waits = capsys.readouterr().out.splitlines()
    assert plan == (
        "creating 4: 2 now, the rest as the quota frees up, done about 2026-11-23T12:04:20Z. "
        "If this is stopped, run it again: what exists by then is not created again"
    )
    quota = "waiting for the creation quota of Example until 2026-11-23T12:04:20Z"
    assert waits == [
        f"2 of 4 done, next is 'Checkout' in {time_left}: {quota}"
        for time_left in ("4 min 20 s", "3 min 20 s", "2 min 20 s", "1 min 20 s", "20 s")
    ]


def test_one_by_its_id(take: Take, sim: Simulator, clock: SharedClock, capsys: pytest.CaptureFixture[str]) -> None:
    take(tests=["817", "19955"], **SLOW)
    take(display_name="Another", **SLOW)
    assert capsys.readouterr().out.splitlines()[0] == (
        "waiting for the creation quota of Example, 4 min 20 s left, until 2026-11-23T12:04:20Z"
    )


def test_a_known_one_is_not_to_be_created(
    take: Take, sim: Simulator, clock: SharedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    take(**SLOW)
    take(tests=["19955", "817", "20001"], **SLOW)
    plan, wait, *_more = capsys.readouterr().out.splitlines()
    assert plan.startswith("creating 2 of 3: 1 now, ")
    assert wait.startswith("2 of 3 done, next is test 20001 in 4 min 20 s: ")


@pytest.mark.parametrize("earlier", [True, False])
def test_that_a_429_is_the_reason(
    take: Take, sim: Simulator, clock: SharedClock, capsys: pytest.CaptureFixture[str], earlier: bool
) -> None:
    """Whether it was this task or an earlier one that was told."""
    sim.fault(status=429, headers={"Retry-After": "40"})
    if earlier:
        assert take(quota_wait=0, organization="Example")["failure"]["code"] == "rate_limited"
        clock.sleep(10)
    take(organization="Example")
    assert capsys.readouterr().out.splitlines() == [
        f"waiting for the creation quota of Example, {30 if earlier else 40} s left, until 2026-11-23T12:00:40Z, "
        "since the API answered 429 to an earlier request"
    ]


@pytest.mark.usefixtures("stopped")
def test_what_exists_is_told_where_it_is_stopped(
    take: Take, sim: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stopped):
        take(tests=TESTS, **SLOW)
    assert capsys.readouterr().out.splitlines()[-1] == "stopped: 2 of 4 snapshots are known to exist; run this again"


@pytest.mark.usefixtures("stopped")
def test_a_ledger_that_forgets_does_not_say_that_a_repeat_is_free(
    take: Take, sim: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    sim.fault(match={"method": "POST"}, skip=1, status=429, headers={"Retry-After": "40"})
    with pytest.raises(Stopped):
        take(tests=["19955", "817"], ledger="none")
    *_others, last = capsys.readouterr().out.splitlines()
    assert last.startswith("stopped: 1 of 2 snapshots are known to exist; this ledger forgets them, so a run creates")
    assert sim.creations()[0]["link_id"] in last


@pytest.mark.usefixtures("stopped")
def test_one_that_is_stopped_has_nothing_to_count(
    take: Take, sim: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    sim.fault(status=429, headers={"Retry-After": "40"})
    with pytest.raises(Stopped):
        take()
    assert "stopped" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.1, "1 s"),
        (59.5, "1 min"),
        (260, "4 min 20 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3601, "1 h 1 min"),
        (86400, "24 h"),
    ],
)
def test_a_time_left(seconds: float, text: str) -> None:
    assert left(seconds) == text
