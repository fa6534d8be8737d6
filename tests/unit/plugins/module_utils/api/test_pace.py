# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import queue
import threading

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.pace import HalfPace, Pace
from ansible_collections.community.thousandeyes.plugins.module_utils._api.rate_limit import Left
from hypothesis import given
from hypothesis import strategies as st
from support.patience import HANG

NOW = 1_800_000_000.0
LATER = NOW + 60


def begun(pace: Pace, now: float = NOW) -> queue.SimpleQueue[float | None]:
    """What another session is told as soon as it may go, or is to wait."""
    told: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    threading.Thread(target=lambda: told.put(pace.begin(now)), daemon=True).start()
    return told


def test_one_goes_first() -> None:
    pace = Pace()
    assert pace.begin(NOW) is None
    second = begun(pace)
    with pytest.raises(queue.Empty):
        second.get(timeout=0.05)
    pace.end(None)
    assert second.get(timeout=HANG) is None
    assert pace.begin(NOW) is None


def test_requests_under_way_count() -> None:
    pace = Pace()
    pace.begin(NOW)
    pace.end(Left(2, LATER))
    assert [pace.begin(NOW), pace.begin(NOW)] == [None, None]
    third = begun(pace)
    with pytest.raises(queue.Empty):
        third.get(timeout=0.05)
    # This answer is older than the first, and that one knew of both.
    pace.end(Left(1, LATER))
    pace.end(Left(0, LATER))
    assert third.get(timeout=HANG) == LATER
    assert pace.begin(LATER) is None


@pytest.mark.parametrize("answers", [(Left(0, LATER), Left(1, LATER + 1)), (Left(1, LATER + 1), Left(0, LATER))])
def test_answers_in_any_order(answers: tuple[Left, Left]) -> None:
    pace = Pace()
    pace.begin(NOW)
    pace.end(Left(2, LATER))
    assert [pace.begin(NOW), pace.begin(NOW)] == [None, None]
    for answer in answers:
        pace.end(answer)
    assert pace.begin(NOW) == LATER


def test_a_refusal_is_for_all_sessions() -> None:
    pace = Pace()
    pace.begin(NOW)
    pace.end(None)
    pace.hold(LATER)
    assert pace.begin(NOW) == LATER
    assert pace.begin(LATER) is None


class Server:
    """It counts a request at some time between its begin and its answer, and knows nothing of our sessions."""

    def __init__(self, limit: int) -> None:
        self.limit, self.count, self.most = limit, 0, 0

    def counted(self) -> Left:
        self.count += 1
        return Left(max(0, self.limit - self.count), LATER)


@given(limit=st.integers(1, 12), steps=st.lists(st.tuples(st.sampled_from("bca"), st.integers(0, 30)), max_size=120))
def test_never_more_than_the_limit_admits(limit: int, steps: list[tuple[str, int]]) -> None:
    """Whatever is counted and answered when: (b)egin, (c)ounted, (a)nswered, the last two of any that can be."""
    pace, server = Pace(), Server(limit)
    sent, counted = 0, []
    for step, which in steps:
        if step == "b" and pace._may_go():
            sent += pace.begin(NOW) is None
        elif step == "c" and sent:
            sent -= 1
            counted.append(server.counted())
        elif step == "a" and counted:
            pace.end(counted.pop(which % len(counted)))
    assert server.count + sent <= limit


def test_half_is_left_to_others() -> None:
    pace = HalfPace()
    taken = 0
    remaining = 240
    while pace.begin(NOW) is None:
        taken, remaining = taken + 1, remaining - 1
        pace.end(Left(remaining, LATER))
    assert (taken, remaining) == (120, 120)
    assert pace.begin(LATER) is None


def test_who_asks_as_well_leaves_less_to_take() -> None:
    pace = HalfPace()
    taken, remaining = 0, 240
    while pace.begin(NOW) is None:
        taken, remaining = taken + 1, remaining - 3
        pace.end(Left(remaining, LATER))
    assert (taken, remaining) == (60, 60)


def test_half_is_left_by_requests_under_way_too() -> None:
    pace = HalfPace()
    pace.begin(NOW)
    pace.end(Left(9, LATER))
    assert [pace.begin(NOW) for _number in range(4)] == [None] * 4
    sixth = begun(pace)
    for remaining in (8, 7, 6, 5):
        pace.end(Left(remaining, LATER))
    assert sixth.get(timeout=HANG) == LATER
