# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at a change before the window after it is over. How well they judge is measured in tests/verdict."""

from __future__ import annotations

import math
import random
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.early import (
    MOST_LOOKS,
    Look,
    Plan,
    alarm,
    look_at,
    plan_of,
)
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.guard import Past
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.judge import Layers, judge
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.series import Points, Span, Strand
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import (
    LEVEL,
    LeaveOut,
    Settings,
)
from hypothesis import given
from hypothesis import strategies as st

NOON = 1795564800 + 12 * 3600
SETTLE = 300
HOUR = Span(3600, 3600, 300, 1800, SETTLE)
PLAN = plan_of(NOON, 3600, 300, SETTLE)
Value = t.Callable[[int, t.Callable[[float, float], float]], float]


def points(value: Value, seed: int, length: int = 3600, interval: int = 300, start: int = 0) -> Points:
    """``value`` of the second and of a source of noise, in each round."""
    draw = random.Random(seed)
    return [(second, value(second, draw.gauss)) for second in range(start, length, interval)]


def latency(by: float = 1.0, since: float = 0, until: float = math.inf, interval: int = 300) -> Layers:
    """Of three agents, ``by`` times as much in a part of the window after."""

    def usual(_second: int, noise: t.Callable[[float, float], float]) -> float:
        return 50 * math.exp(noise(0, 0.03))

    def worse(second: int, noise: t.Callable[[float, float], float]) -> float:
        return usual(second, noise) * (by if since <= second < until else 1)

    strands = [
        Strand(str(agent), f"Agent {agent}", None, *(
            points(value, 10 * agent + side, interval=interval) for side, value in enumerate((usual, worse))
        ))
        for agent in (1, 2, 3)
    ]  # fmt: skip
    return {"network": {"latency": strands}}


def availability(failing: t.Container[int], agents: t.Container[int] = (1, 2, 3), interval: int = 300) -> Layers:
    """Of three agents, some of which fail in some rounds after."""
    strands = [
        Strand(
            str(agent),
            f"Agent {agent}",
            None,
            points(lambda _second, _noise: 100.0, 0, interval=interval),
            [
                (second, 0.0 if second // interval in failing and agent in agents else 100.0)
                for second in range(0, 3600, interval)
            ],
        )
        for agent in (1, 2, 3)
    ]
    return {"http-server": {"availability": strands}}


def looks(layers: Layers, span: Span = HOUR, plan: Plan = PLAN, **settings: t.Any) -> list[Look]:
    return [look_at(layers, span, Settings(**settings), plan, look) for look in plan.looks]


def called(found: list[Look]) -> list[int]:
    """The numbers of the looks at which it is degraded, without the last."""
    before = [None, *found]
    return [number for number, now in enumerate(found[:-1]) if alarm(before[number], now)]


def test_the_looks_at_an_hour() -> None:
    minutes = [look // 60 for look in PLAN.looks]
    assert minutes == [20, 25, 30, 35, 40, 45, 50, 55, 60]
    # The change ended two minutes after a round began.
    assert [look // 60 for look in plan_of(NOON + 120, 3600, 300, SETTLE).looks] == [23, *range(28, 60, 5), 60]


def test_the_looks_at_rounds_of_a_minute() -> None:
    minutes = [look // 60 for look in plan_of(NOON, 3600, 60, SETTLE).looks]
    assert minutes[:5] == [8, 9, 10, 11, 12]
    steps = [later - look for look, later in zip(minutes, minutes[1:-1])]
    assert steps == sorted(steps)
    assert steps[-1] > 1


@given(
    st.integers(NOON, NOON + 86400), st.integers(1, 48 * 3600), st.sampled_from([60, 120, 300, 900, 3600]),
    st.integers(0, 7200),
)  # fmt: skip
def test_a_plan_keeps_to_its_rules(start: int, length: int, interval: int, settle: int) -> None:
    plan = plan_of(start, length, interval, settle)
    *early, last = plan.looks
    assert last == length
    assert len(plan.looks) <= MOST_LOOKS
    assert list(plan.looks) == sorted(set(plan.looks))
    assert all((start + look) % interval == 0 for look in early)
    # Three rounds began after the settle time, and ended.
    first = -(-(start + settle) // interval) * interval
    assert all(start + look >= first + 3 * interval for look in early)
    if first + 3 * interval < start + length:
        assert early[0] == first + 3 * interval - start
    assert len(early) * plan.level + LEVEL / 2 <= LEVEL * 1.000001


def test_a_change_is_called_at_the_second_look() -> None:
    assert called(looks(latency(1.5)))[0] == 1
    assert not looks(latency())[0].places


def test_two_looks_in_a_row_must_see_it() -> None:
    """In the same place, so that not every look is a new chance."""
    first, second = looks(latency(1.5))[:2]
    assert alarm(None, first) is None
    assert alarm(first, second)
    assert alarm(first, Look(second.entry, {("network", "latency", ("9", None)): {}})) is None


def test_no_look_but_the_last_sees_the_settle_time() -> None:
    """With 60 s, it is more than half of what the first look could see."""
    plan = plan_of(NOON, 3600, 60, SETTLE)
    span = HOUR._replace(interval=60)
    assert called(looks(latency(3, until=SETTLE, interval=60), span, plan)) == []
    assert called(looks(availability(range(5), interval=60), span, plan)) == []
    found = looks(latency(3, interval=60), span, plan)
    assert called(found)[0] == 1
    rounds = [look.entry["layers"][0]["metrics"][0]["agents"][0]["after"]["count"] for look in found]
    assert (rounds[:3], rounds[-1]) == ([3, 4, 5], 60)


def test_a_look_is_a_function_of_the_rounds_that_ended_before_it() -> None:
    whole = latency(1.5, since=1500)
    for look in PLAN.looks:
        known = {
            layer: {
                metric: [
                    strand._replace(after=[point for point in strand.after if point[0] + 300 <= look])
                    for strand in strands
                ]
                for metric, strands in metrics.items()
            }
            for layer, metrics in whole.items()
        }
        assert look_at(known, HOUR, Settings(), PLAN, look) == look_at(whole, HOUR, Settings(), PLAN, look)


def test_a_round_that_fails_is_no_outage_until_the_next_fails_too() -> None:
    assert called(looks(availability([6]))) == []
    found = looks(availability([6, 7, 8]))
    # Its second round ended at minute 40, which is the fifth look.
    assert called(found)[0] == 4
    told = alarm(found[3], found[4])
    assert told is not None
    assert told.reason.startswith(
        "Availability: Nothing got through at all 3 agents since 00:30 UTC, until the end (10 min, 2 rounds)"
    )
    assert told.since_minute == 30


def test_times_count_from_the_start_of_the_window() -> None:
    found = looks(latency(1.6, since=1800))
    number = called(found)[0]
    told = alarm(found[number - 1], found[number])
    assert told is not None
    assert told.since_minute == 30
    assert told.reason.endswith(", since 00:30 UTC.")


def test_what_is_left_out_is_not_called() -> None:
    layers = latency(1.5)
    assert called(looks(layers, leave_out=(LeaveOut(None, "latency", "noisy"),))) == []
    agents = tuple(LeaveOut(str(agent), None, "noisy") for agent in (1, 2, 3))
    assert called(looks(layers, leave_out=agents)) == []


def test_the_history_is_asked_with_equal_lengths() -> None:
    """A rise of the same size each three hours makes it usual."""
    layers = latency(1.5)
    old = [(second, 50 * (1.5 if second // 3600 % 3 == 0 else 1)) for second in range(-48 * 3600, 0, 300)]
    steady = [(second, 50.0) for second, _value in old]
    for values, expected in ((old, []), (steady, [1])):
        past = Past({("latency", str(agent), None): values for agent in (1, 2, 3)})
        found = [look_at(layers, HOUR, Settings(), PLAN, look, past) for look in PLAN.looks]
        assert called(found)[:1] == expected


def test_a_burst_of_loss_that_goes_on_is_told_by_its_level() -> None:
    """Nobody knows yet whether it will be longer than those before it, which had as much."""
    plan = plan_of(NOON, 3600, 60, SETTLE)
    span = HOUR._replace(interval=60)

    def loss(agent: int) -> Strand:
        after = [(second, 40.0 if agent == 1 else 0.0) for second in range(0, 3600, 60)]
        before = [(second, 0.0) for second in range(0, 3600, 60)]
        return Strand(str(agent), f"Agent {agent}", None, before, after)

    layers = {"network": {"loss": [loss(agent) for agent in (1, 2, 3)]}}
    quiet = [(second, 0.0) for second in range(-48 * 3600, 0, 60)]
    bursts = [(second, 40.0 if second % 14400 < 600 else 0.0) for second, _value in quiet]
    for values, expected in ((bursts, False), (quiet, True)):
        past = Past({("loss", str(agent), None): values if agent == 1 else quiet for agent in (1, 2, 3)})
        found = [look_at(layers, span, Settings(), plan, look, past) for look in plan.looks[:-1]]
        assert any(("network", "loss", ("1", None)) in look.places for look in found) == expected


def test_the_last_look_is_the_verdict_at_half_of_the_level() -> None:
    for layers in (latency(1.5), latency(1.5, until=1200), latency(0.5), latency()):
        found = looks(layers)[-1]
        assert found.entry == judge(layers, HOUR, Settings(), None, LEVEL / 2)
    assert looks(latency(0.5))[-1].entry["verdict"] == "improved"


@pytest.mark.parametrize("by", [0.5, 1.0])
def test_nothing_good_is_called_early(by: float) -> None:
    assert called(looks(latency(by))) == []


def test_a_window_too_short_for_a_look_has_the_last_one() -> None:
    plan = plan_of(NOON, 900, 300, SETTLE)
    assert plan.looks == (900,)
    assert plan.level == LEVEL / 2
