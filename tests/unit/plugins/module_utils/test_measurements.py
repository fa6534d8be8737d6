# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import statistics
import typing as t
from fractions import Fraction

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import UnexpectedResponse
from ansible_collections.community.thousandeyes.plugins.module_utils._core.measurements import (
    Measurement,
    distinct,
    summary,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import LAYERS, metrics_of
from hypothesis import given
from hypothesis import strategies as st

ROUNDS = [1538784000 + 300 * number for number in range(8)]
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.sampled_from([0, 0.0, 1e299, -1e299, 2**60 + 1]),
)


def names(layer: str) -> list[str]:
    return [metric.name for metric in metrics_of(layer)]


def row(
    round_id: int, agent_id: str, value: float | None, layer: str = "dns-server", server: str | None = None
) -> Measurement:
    return Measurement(round_id, agent_id, f"agent {agent_id}", "GB", server, None, dict.fromkeys(names(layer), value))


def oracle(values: list[float]) -> dict[str, t.Any]:
    """As exact as can be, by the standard library."""
    if not values:
        return {"count": 0, **dict.fromkeys(["mean", "median", "p95", "min", "max"])}
    exact = [Fraction(value) for value in values]
    return {
        "count": len(values),
        "mean": statistics.mean(exact),
        "median": statistics.median(exact),
        # It knows no quantiles of one value.
        "p95": statistics.quantiles(exact, n=20, method="inclusive")[-1] if len(values) > 1 else exact[0],
        "min": min(exact),
        "max": max(exact),
    }


def assert_statistics(found: dict[str, t.Any], values: list[float], missing: int) -> None:
    expected = {**oracle(values), "missing": missing}
    assert set(found) == set(expected)
    largest = max(map(abs, values), default=0)
    for name, number in expected.items():
        if number is None:
            assert found[name] is None, name
        else:
            assert found[name] == pytest.approx(float(number), rel=1e-9, abs=1e-12 * largest), name
    assert (found["count"], found["min"], found["max"]) == (
        len(values),
        min(values, default=None),
        max(values, default=None),
    )


@pytest.mark.parametrize("layer", ["dns-server", "network"])
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(ROUNDS), st.sampled_from(["12", "3", "4492"]), st.sampled_from(["ns1", "ns2", "ns3", None])
        ),
        st.one_of(st.none(), NUMBERS),
    )
)
def test_summaries(layer: str, values: dict[tuple[int, str, str | None], float | None]) -> None:
    """Every measurement is a value or missing, and so is every one that should be there."""
    if layer != "dns-server":
        # What is measured may be renamed, which makes no second series of it.
        values = {
            (round_id, agent, f"{agent}-{round_id % 600}"): value
            for (round_id, agent, _server), value in values.items()
        }
    rows = [row(round_id, agent, value, layer, server) for (round_id, agent, server), value in sorted_items(values)]
    found = summary(layer, rows)
    rounds = {round_id for round_id, _agent, _server in values}
    series = {(agent, server if layer == "dns-server" else None) for _round_id, agent, server in values}
    there = [value for value in values.values() if value is not None]
    assert set(found["overall"]) == set(names(layer))
    for metric in names(layer):
        assert_statistics(found["overall"][metric], there, len(rounds) * len(series) - len(there))
    assert [entry["agent_id"] for entry in found["agents"]] == list(dict.fromkeys(row.agent_id for row in rows))
    for entry in found["agents"]:
        own = [value for key, value in values.items() if key[1] == entry["agent_id"] and value is not None]
        due = len(rounds) * len([agent for agent, _server in series if agent == entry["agent_id"]])
        assert entry["agent_name"] == f"agent {entry['agent_id']}"
        for metric in names(layer):
            assert_statistics(entry["metrics"][metric], own, due - len(own))


def sorted_items(values: dict[t.Any, t.Any]) -> list[tuple[t.Any, t.Any]]:
    return sorted(values.items(), key=lambda item: str(item[0]))


def test_known_numbers() -> None:
    """By hand: rank 0.95 * 9 = 8.55 of 1 to 10."""
    rows = [row(ROUNDS[0] + number, "3", number) for number in (3, 1, 2, 10, 9, 4, 5, 8, 7, 6)]
    assert summary("dns-server", rows)["overall"]["resolution_time"] == {
        "count": 10,
        "missing": 0,
        "mean": 5.5,
        "median": 5.5,
        "p95": pytest.approx(9.55),
        "min": 1,
        "max": 10,
    }


def test_gaps_count_only_where_there_is_something_to_compare_with() -> None:
    rows = [row(ROUNDS[0], "3", 1), row(ROUNDS[0], "12", 1), row(ROUNDS[2], "3", None), row(ROUNDS[3], "12", 2)]
    found = summary("dns-server", rows)
    # Three rounds, of which each agent has two; nobody has the round ROUNDS[1].
    assert [entry["metrics"]["resolution_time"]["missing"] for entry in found["agents"]] == [2, 1]
    assert found["overall"]["resolution_time"]["missing"] == 3


@pytest.mark.parametrize("layer", LAYERS)
def test_of_nothing_there_is_no_number(layer: str) -> None:
    nothing = {"count": 0, "missing": 0, **dict.fromkeys(["mean", "median", "p95", "min", "max"])}
    assert summary(layer, []) == {"overall": dict.fromkeys(names(layer), nothing), "agents": []}


def test_a_row_as_results_show_it() -> None:
    assert row(1538784300, "12", 21, server="ns1.example.com.").to_dict() == {
        "agent_id": "12",
        "agent_name": "agent 12",
        "country": "GB",
        "round": "2018-10-06T00:05:00Z",
        "round_id": "1538784300",
        "server": "ns1.example.com.",
        "error": None,
        "resolution_time": 21,
    }


def test_rounds_next_to_the_window_are_dropped() -> None:
    first, last = ROUNDS[2], ROUNDS[5]
    rows = [row(round_id, "3", 1.0) for round_id in ROUNDS]
    assert [found.round_id for found in distinct(rows, first, last)] == ROUNDS[2:6]


@pytest.mark.parametrize(
    "round_id", [ROUNDS[3] * 1000, ROUNDS[3] // 1000, 0, ROUNDS[0] - 2 * 86400, ROUNDS[0] + 2 * 86400]
)
def test_a_round_far_away_is_no_result_of_the_window(round_id: int) -> None:
    with pytest.raises(UnexpectedResponse, match=f"round {round_id}, which is nowhere near") as failed:
        distinct([row(ROUNDS[3], "3", 1.0), row(round_id, "3", 1.0)], ROUNDS[2], ROUNDS[5])
    assert not failed.value.spreads
