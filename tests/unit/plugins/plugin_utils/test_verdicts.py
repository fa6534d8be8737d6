# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts on made-up measurements, the statistics against SciPy. For whole seeded worlds see test_task.py."""

from __future__ import annotations

import math
import random
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.chance import (
    PRIOR_COMMON,
    PRIOR_RARE,
    binomial_tail,
    expected_rate,
    shift_chance,
    student_tail,
)
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.series import Span, Strand
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import Settings
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.verdicts import judge_metric, worst
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

HOUR = Span(3600, 3600, 300)
LEVEL = 5e-5
Values = t.Sequence[t.Optional[float]]


def strand(agent: int, before: Values, after: Values, server: str | None = None) -> Strand:
    def points(values: Values) -> list[tuple[int, float | None]]:
        return [(300 * number, value) for number, value in enumerate(values)]

    return Strand(str(agent), f"Agent {agent}", server, points(before), points(after))


def judged(metric: str, *strands: Strand, span: Span = HOUR) -> dict[str, t.Any]:
    return judge_metric(metric, strands, span, Settings(), LEVEL)


def around(level: float, seed: int, count: int = 12, scatter: float = 0.05) -> list[float]:
    draw = random.Random(seed)
    return [level * math.exp(draw.gauss(0, scatter)) for _round in range(count)]


@given(st.floats(0, 40), st.integers(1, 400))
def test_the_tail_of_t_is_scipys(value: float, freedom: int) -> None:
    assert student_tail(value, freedom) == pytest.approx(stats.t.sf(value, freedom), rel=1e-3, abs=1e-12)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.001, 0.9))
def test_the_binomial_tail_is_scipys(counts: tuple[int, int], rate: float) -> None:
    count, rounds = counts
    theirs = stats.binom.sf(count - 1, rounds, rate)
    assert binomial_tail(count, rounds, rate) == (
        1.0 if count <= rounds * rate else pytest.approx(theirs, rel=1e-6, abs=1e-30)
    )


def taking_turns(values: list[float]) -> list[float]:
    rest = sorted(values)
    return [rest.pop(-(number % 2)) for number in range(len(values))]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(
    st.lists(st.floats(1, 1000), min_size=4, max_size=60),
    st.lists(st.floats(1, 1000), min_size=4, max_size=60),
    st.floats(1, 50),
)
def test_one_agents_shift_is_yuens_test_as_in_scipy(old: list[float], new: list[float], floor: float) -> None:
    """Where a round has nothing in common with the one before it. Here low and high ones take turns."""
    pair = [list(enumerate(taking_turns(values))) for values in (old, new)]
    logs = [[math.log(value + floor) for value in values] for values in (old, new)]
    theirs = stats.ttest_ind(*logs, equal_var=True, trim=0.2)
    ours = shift_chance([(pair[0], pair[1])], floor)
    if math.isfinite(theirs.pvalue) and abs(theirs.statistic) < 30:
        assert ours == pytest.approx(theirs.pvalue, rel=1e-4, abs=1e-9)


def test_what_did_not_change_is_ok() -> None:
    found = judged("latency", strand(1, around(20, 1), around(20, 2)), strand(2, around(200, 3), around(200, 4)))
    assert (found["verdict"], [agent["verdict"] for agent in found["agents"]]) == ("ok", ["ok", "ok"])
    assert found["unit"] == "ms"
    assert found["threshold"] == {"percent": 10.0, "ms": 5.0}


@pytest.mark.parametrize(("factor", "verdict"), [(1.3, "degraded"), (1 / 1.3, "improved")])
def test_what_got_slower_or_faster(factor: float, verdict: str) -> None:
    found = judged(
        "latency",
        strand(1, around(60, 1), around(60 * factor, 2)),
        strand(2, around(200, 3), around(200 * factor, 4)),
    )
    assert found["verdict"] == verdict
    assert found["value_after"] / found["value_before"] == pytest.approx(factor, rel=0.1)
    assert found["difference"] == pytest.approx(found["value_after"] - found["value_before"])
    assert found["difference_percent"] == pytest.approx((factor - 1) * 100, abs=10)
    assert 0 <= found["p"] <= LEVEL


@pytest.mark.parametrize(
    ("before", "after", "missed"),
    [
        pytest.param(200, 212, "10 %", id="6 percent, although 12 ms"),
        pytest.param(8, 12, "5 ms", id="4 ms, although 50 percent"),
        pytest.param(20, 20.5, "10 % and 5 ms", id="neither"),
    ],
)
def test_both_thresholds_must_be_reached(before: float, after: float, missed: str) -> None:
    found = judged("latency", strand(1, around(before, 1, scatter=0.005), around(after, 2, scatter=0.005)))
    assert (found["verdict"], found["p"] < LEVEL) == ("ok", True)
    assert found["reason"].endswith(f"by less than {missed}.")


def test_a_difference_within_the_noise_is_none() -> None:
    found = judged("latency", strand(1, around(100, 1, scatter=0.6), around(140, 2, scatter=0.6)))
    assert found["difference_percent"] > 15
    assert found["verdict"] == "ok"
    assert "may be noise" in found["reason"]


def course(draw: random.Random, lasting: float, scatter: float) -> list[float]:
    """Noise of which each round keeps a part of the one before."""
    values = [draw.gauss(0, scatter)]
    for _round in range(59):
        values.append(lasting * values[-1] + draw.gauss(0, scatter * math.sqrt(1 - lasting**2)))
    return values


@pytest.mark.parametrize(
    ("lasting", "scatter", "common"), [(0.8, 0.15, False), (0.8, 0.15, True), (0.5, 0.3, True), (0.0, 0.3, True)]
)
def test_noise_that_rounds_or_agents_have_in_common_is_noise(lasting: float, scatter: float, common: bool) -> None:
    """With 100 seeds. Taken for independent, many of the first three kinds would be alarms."""
    alarms = 0
    for seed in range(100):
        draw = random.Random(seed)

        agents = 1 if common else 3
        sides = [[course(draw, lasting, scatter) for _agent in range(agents)] * (3 // agents) for _side in range(2)]
        strands = [
            strand(number, *([level * math.exp(value) for value in side[number]] for side in sides))
            for number, level in enumerate((20, 80, 150))
        ]
        alarms += judged("latency", *strands, span=Span(5 * 3600, 5 * 3600, 300))["verdict"] != "ok"
    assert alarms <= 3


def test_outliers_do_not_hide_a_difference_nor_make_one() -> None:
    slow = around(130, 2)
    slow[3:5] = [1300.0, 2600.0]
    assert judged("latency", strand(1, around(100, 1), slow))["verdict"] == "degraded"
    same = around(100, 3)
    same[3:5] = [1300.0, 2600.0]
    assert judged("latency", strand(1, around(100, 1), same))["verdict"] == "ok"


def test_an_agent_that_is_worse_off_does_not_drown() -> None:
    others = [strand(number, around(100, number), around(100, number + 50)) for number in range(2, 21)]
    found = judged("latency", strand(1, around(30, 100), around(60, 101)), *others)
    assert found["difference_percent"] < 10
    assert (found["verdict"], found["reason"].partition(":")[0]) == ("degraded", "Agent 1")
    assert [agent["agent_id"] for agent in found["agents"] if agent["series"] is not None] == ["1"]


def test_an_agent_that_is_better_off_does_not_make_the_metric_improved() -> None:
    others = [strand(number, around(100, number), around(100, number + 50)) for number in range(2, 21)]
    found = judged("latency", strand(1, around(200, 100), around(100, 101)), *others)
    assert (found["verdict"], found["agents"][0]["verdict"]) == ("ok", "improved")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([], [20.0] * 12, "before"),
        ([20.0] * 12, [], "after"),
        ([20.0] * 12, [None] * 12, "after"),
        ([], [], "in either window"),
    ],
)
@pytest.mark.parametrize("metric", ["latency", "loss", "availability"])
def test_what_was_not_measured_is_no_data(metric: str, before: Values, after: Values, words: str) -> None:
    found = judged(metric, strand(1, before, after))
    assert (found["verdict"], found["reason"]) == ("no_data", f"Nothing was measured {words}.")
    assert found["difference"] is found["p"] is None


def test_without_any_agent_nothing_was_measured() -> None:
    found = judged("latency")
    assert (found["verdict"], found["agents"], found["before"]["mean"]) == ("no_data", [], None)


def test_an_agent_that_fell_silent_does_not_drown() -> None:
    others = [strand(number, around(100, number), around(100, number + 50)) for number in range(2, 9)]
    found = judged("latency", strand(1, around(30, 100), []), *others)
    assert (found["verdict"], found["reason"]) == ("no_data", "Agent 1: nothing was measured after.")


def test_an_agent_without_a_usable_before_drops_out() -> None:
    others = [strand(number, around(100, number), around(100, number + 50)) for number in range(2, 5)]
    for before in ([], [30.0], [30.0, 31.0]):
        found = judged("latency", strand(1, before, around(90, 1)), *others)
        assert (found["verdict"], found["agents"][0]["verdict"]) == ("ok", "no_data")
        assert found["agents"][0]["dropped"]
        # Half of the agents are enough, and fewer are not.
        two = judged("latency", strand(1, before, around(90, 1)), others[0])
        three = judged("latency", *(strand(number, before, around(90, 1)) for number in (1, 5)), others[0])
        assert (two["verdict"], three["verdict"]) == ("ok", "no_data")


def test_degraded_is_worse_than_no_data() -> None:
    found = judged("latency", strand(1, around(30, 1), []), strand(2, around(100, 2), around(200, 3)))
    assert found["verdict"] == "degraded"


def test_agents_of_which_none_measured_in_both_windows_cannot_be_compared() -> None:
    found = judged("latency", strand(1, around(30, 1), []), strand(2, [], around(30, 2)))
    assert (found["verdict"], found["reason"]) == ("no_data", "No agent measured in both windows.")


def test_less_than_half_of_the_rounds_is_no_data() -> None:
    assert judged("latency", strand(1, around(30, 1), around(30, 2)[:5]))["verdict"] == "no_data"
    assert judged("latency", strand(1, around(30, 1)[:6], around(30, 2)))["verdict"] == "ok"
    # Half of the rounds are enough to see that it is worse.
    assert judged("latency", strand(1, around(30, 1), around(90, 2)[:4]))["verdict"] == "degraded"


@pytest.mark.parametrize("metric", ["latency", "availability"])
def test_many_more_missing_than_before_is_no_data(metric: str) -> None:
    level = 100.0
    gaps = [None] * 4 + [level] * 8
    strands = [strand(number, [level] * 12, gaps) for number in range(1, 6)]
    found = judged(metric, *strands)
    assert (found["verdict"], found["reason"]) == (
        "no_data",
        "20 of 60 measurements are missing after, and 0 of 60 before.",
    )
    # That many were missing before, too.
    assert judged(metric, *(strand(number, gaps, gaps) for number in range(1, 6)))["verdict"] == "ok"
    assert judged(metric, strand(1, [level] * 12, gaps[2:]))["verdict"] == "ok"


def test_many_slow_rounds_that_a_trimmed_mean_leaves_out() -> None:
    slow = [4000.0, 4000.0, *around(200, 3)[2:]]
    found = judged("latency", *(strand(number, around(200, number), slow) for number in range(1, 6)))
    assert abs(found["difference_percent"]) < 10
    assert found["verdict"] == "transient"
    assert found["reason"].startswith("10 of 60 measurements took more than twice")
    lasting = [value for place in range(12) for value in (around(200, place)[0] if place % 3 else 4000.0,)]
    assert judged("latency", *(strand(number, around(200, number), lasting) for number in range(1, 6)))["verdict"] == (
        "degraded"
    )
    assert judged("latency", *(strand(number, slow, slow) for number in range(1, 6)))["verdict"] == "ok"
    # Once is nothing.
    assert judged("latency", strand(1, around(200, 1), slow))["verdict"] == "ok"


def test_what_noise_may_explain_is_inconclusive() -> None:
    after = [0.0, 100.0, 0.0, *[100.0] * 9]
    found = judged("availability", strand(1, [100.0] * 12, after), strand(2, [100.0] * 12, [100.0] * 12))
    assert (found["verdict"], [row["verdict"] for row in found["agents"]]) == ("inconclusive", ["inconclusive", "ok"])
    assert "Noise may explain it (p = 0.00065, and 2.5e-05 was needed)" in found["agents"][0]["reason"]
    # What noise often makes is plain noise.
    assert judged("latency", strand(1, around(100, 1, scatter=0.6), around(140, 2, scatter=0.6)))["verdict"] == "ok"


def test_windows_of_different_lengths_are_compared_by_their_rounds_in_a_time() -> None:
    span = Span(3600, 4 * 3600, 300)
    assert judged("latency", strand(1, around(30, 1), around(30, 2, 48)), span=span)["verdict"] == "ok"
    assert judged("latency", strand(1, around(30, 1), around(30, 2, 12)), span=span)["verdict"] == "no_data"


@pytest.mark.parametrize("metric", ["latency", "loss"])
def test_one_round_is_too_few_to_judge(metric: str) -> None:
    found = judged(metric, strand(1, [20.0], [20.0]))
    assert (found["verdict"], "too few to judge" in found["reason"]) == ("no_data", True)


def test_agents_with_few_rounds_are_judged_together() -> None:
    """An agent that measured, though too little to be judged alone, is no gap."""
    few = [strand(number, around(100, number, 2), around(100, number + 50, 2)) for number in range(1, 7)]
    found = judged("latency", *few)
    assert {agent["verdict"] for agent in found["agents"]} == {"no_data"}
    assert found["verdict"] == "ok"
    slow = [strand(number, around(100, number, 2), around(200, number + 50, 2)) for number in range(1, 7)]
    assert judged("latency", *slow)["verdict"] == "degraded"


@pytest.mark.parametrize(
    "metric, good, bad, priors",
    [("availability", 100.0, 0.0, [PRIOR_RARE]), ("loss", 0.0, 100.0, [PRIOR_RARE, PRIOR_COMMON])],
)
def test_only_what_can_be_bad_in_part_is_looked_at_twice(
    metric: str, good: float, bad: float, priors: list[float]
) -> None:
    """Each look makes a false alarm more likely, and of 0 or 100 percent there is but one way to be worse."""
    after = [bad if place in (1, 23, 47) else good for place in range(60)]
    found = judged(metric, strand(1, [good] * 60, after), span=Span(18000, 18000, 300))
    chances = [binomial_tail(3, 60, expected_rate(0, 60, prior)) for prior in priors]
    assert found["p"] == pytest.approx(2 * len(chances) * min(chances))


def test_what_was_rising_before_is_said() -> None:
    flat = [around(100, number, scatter=0.03) for number in range(3)]
    rising = [[value * (1 + place / 80) for place, value in enumerate(values)] for values in flat]
    for before, said in ((rising, True), (flat, False)):
        strands = [strand(number, old, around(200, number + 9, scatter=0.03)) for number, old in enumerate(before)]
        assert ("(it was rising before the change, too)" in judged("latency", *strands)["reason"]) is said


def test_where_and_from_when_on() -> None:
    late = [*around(100, 5, 6), *around(190, 6, 6)]
    strands = [strand(number, around(100, number), around(100, number + 50)) for number in (1, 2)]
    worse = [strand(number, around(100, number), late) for number in (3, 4, 5)]
    reason = judged("latency", *strands, *worse)["reason"]
    assert "from minute 30 on, at 3 of 5 agents, worst Agent" in reason
    assert judged("loss", strand(1, [0.0] * 12, [0.0] * 8 + [50.0] * 4))["reason"].startswith(
        "It rose from 0 to 50 percent, in 3 of the last 3 rounds, from minute 40 on"
    )


def test_measurements_without_any_noise() -> None:
    assert judged("latency", strand(1, [20.0] * 12, [20.0] * 12))["verdict"] == "ok"
    assert judged("latency", strand(1, [20.0] * 12, [40.0] * 12))["verdict"] == "degraded"
    assert judged("latency", strand(1, [0.0] * 12, [40.0] * 12))["verdict"] == "degraded"
    assert judged("latency", strand(1, [0.0] * 12, [0.0] * 12))["verdict"] == "ok"


@pytest.mark.parametrize(
    ("failed", "verdict", "at_first"),
    [
        (0, "ok", "ok"),
        (1, "ok", "ok"),
        (2, "inconclusive", "inconclusive"),
        (3, "degraded", "transient"),
        (6, "degraded", "transient"),
        (12, "degraded", "degraded"),
    ],
)
def test_availability_of_twelve_rounds(failed: int, verdict: str, at_first: str) -> None:
    after = [100.0] * (12 - failed) + [0.0] * failed
    assert judged("availability", strand(1, [100.0] * 12, after))["verdict"] == verdict
    # What fails at first, and works again at the end, is over.
    assert judged("availability", strand(1, [100.0] * 12, after[::-1]))["verdict"] == at_first
    if verdict == "degraded":
        assert judged("availability", strand(1, after, [100.0] * 12))["verdict"] == "improved"


def test_an_outage_of_a_round_that_all_agents_saw() -> None:
    for after, verdict in (([0.0] + [100.0] * 11, "transient"), ([100.0] * 11 + [0.0], "degraded")):
        found = judged("availability", *(strand(number, [100.0] * 12, after) for number in range(5)))
        assert (found["verdict"], found["difference"]) == (verdict, pytest.approx(-100 / 12))


def test_what_always_failed_did_not_get_worse() -> None:
    assert judged("availability", strand(1, [0.0] * 12, [0.0] * 12))["verdict"] == "ok"


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        pytest.param([2.0] + [0.0] * 11, "ok", id="a packet"),
        pytest.param([4.0, 2.0, 6.0] + [0.0] * 9, "ok", id="some packets"),
        pytest.param([2.0] * 12, "degraded", id="a packet in each round"),
        pytest.param([100.0] * 3 + [0.0] * 9, "transient", id="an outage that is over"),
        pytest.param([0.0] * 9 + [100.0] * 3, "degraded", id="an outage"),
        pytest.param([100.0] + [0.0] * 11, "ok", id="a round"),
    ],
)
def test_loss_of_twelve_rounds(after: list[float], verdict: str) -> None:
    assert judged("loss", strand(1, [0.0] * 12, after))["verdict"] == verdict


def test_loss_that_was_there_before_is_no_change() -> None:
    lossy = [10.0, 20.0, 0.0, 30.0] * 3
    assert judged("loss", strand(1, lossy, lossy[::-1]))["verdict"] == "ok"


def test_statistics_and_missing_rounds() -> None:
    found = judged(
        "latency", strand(1, [10.0, 20.0, 30.0, 40.0, 50.0], [10.0, None] + [10.0] * 12), span=Span(3600, 4200, 350)
    )
    assert found["before"] == {
        "count": 5,
        "missing": 5,
        "mean": 30.0,
        "median": 30.0,
        "p5": 12.0,
        "q1": 20.0,
        "q3": 40.0,
        "p95": 48.0,
        "min": 10.0,
        "max": 50.0,
    }
    # More rounds than the interval makes due are no negative number of missing ones.
    assert (found["after"]["count"], found["after"]["missing"]) == (13, 1)
    unknown = judged("latency", strand(1, [10.0, None], [10.0]), span=Span(3600, 3600, None))
    assert (unknown["before"]["missing"], unknown["after"]["missing"]) == (1, 0)


def test_the_series_shows_gaps_as_gaps() -> None:
    found = judged("availability", strand(1, [100.0, None, 0.0], [100.0] * 12))
    assert found["series"]["before"] == [[0, 100.0], [5, None], [10, 0.0], *([5 * n, None] for n in range(3, 12))]
    assert found["series"]["after"] == [[5 * number, 100.0] for number in range(12)]


def test_the_gap_of_a_distant_agent_does_not_look_like_an_improvement() -> None:
    found = judged("latency", strand(1, [10.0] * 12, [10.0] * 12), strand(2, [200.0] * 12, [200.0] * 6 + [None] * 6))
    assert found["series"]["after"] == [[5 * number, 105.0] for number in range(12)]


def test_a_long_series_is_no_more_than_120_points() -> None:
    day = Span(86400, 86400, 60)
    points = [(60 * number, float(number)) for number in range(1440)]
    found = judge_metric("latency", [Strand("1", None, None, points, points)], day, Settings(), LEVEL)
    series = found["series"]["before"]
    assert (len(series), series[1][0], series[-1][0]) == (120, 12, 1428)
    assert series[0][1] == pytest.approx(5.5)


def test_the_worst_of_verdicts() -> None:
    assert worst(["ok", "improved", "no_data", "degraded"]) == "degraded"
    assert worst(["ok", "improved", "no_data", "transient"]) == "no_data"
    assert worst(["ok", "improved", "inconclusive", "transient"]) == "transient"
    assert worst(["ok", "improved", "inconclusive"]) == "inconclusive"
    assert worst(["ok", "improved"]) == "improved"
    assert worst(["ok"]) == "ok"
    assert worst([]) == "no_data"
