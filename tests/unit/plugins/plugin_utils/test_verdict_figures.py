# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How well the verdict judges, with fewer draws than docs/verdict.md is made of: see tests/verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.method import FALSE_ALARMS, FOUND
from verdict.rows import WORSE, Counted, Row, count
from verdict.series import EFFECTS, KINDS, Shape, made
from verdict.watched import watched

ROOT = Path(__file__).resolve().parents[4]
SEED = 5


def counted(row: Row, n: int = 40) -> Counted:
    return count(None, row, n, SEED)


@pytest.mark.parametrize(
    ("kind", "most"),
    [("independent", 0), ("ar3", 1), ("pareto", 1), ("one", 0), ("ar6", 2), ("ar9", 3), ("daily30", 7), ("still", 0)],
)
def test_noise_is_hardly_ever_called_worse(kind: str, most: int) -> None:
    assert counted(Row(kind)).share(*WORSE) <= 100 * most / 40


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "most"),
    [
        (Row("bursts"), 5),
        (Row("wild"), 6),
        (Row("wild", Shape(60)), 6),
        (Row("wild", Shape(300, 4)), 6),
        (Row("monday", Shape(week=True)), 6),
    ],
)
def test_rough_noise_is_rarely_called_worse(row: Row, most: int) -> None:
    assert counted(row).share(*WORSE) <= 100 * most / 40


@pytest.mark.parametrize(
    ("effect", "verdict", "least"),
    [
        ("latency_20_all", "degraded", 34),
        ("latency_50_all", "degraded", 39),
        ("latency_50_one", "degraded", 26),
        ("loss_1_all", "degraded", 28),
        ("loss_3_all", "degraded", 40),
        ("loss_3_one", "degraded", 35),
        ("outage_last_5_all", "degraded", 40),
        ("outage_last_15_one", "degraded", 37),
        ("latency_50_last_half", "degraded", 38),
        ("latency_50_last_quarter", "degraded", 34),
        ("attempt", "degraded", 38),
        ("reload", "transient", 38),
        ("reload_later", "transient", 38),
    ],
)
def test_what_a_change_does_is_found(effect: str, verdict: str, least: int) -> None:
    assert counted(Row("independent", effect=effect)).verdicts[verdict] >= least


@pytest.mark.parametrize(("seconds", "minutes", "n"), [(300, 20, 20), (60, 5, 5)])
def test_a_watch_soon_calls_what_is_much_slower(seconds: int, minutes: int, n: int) -> None:
    found = watched(None, Row("independent", Shape(seconds), "latency_50_all"), n, SEED)
    assert found.median <= minutes
    assert found.at_all == n


@pytest.mark.parametrize("kind", ["independent", "ar9", "bursts", "wild"])
def test_a_watch_does_not_call_noise_more_often_than_a_report(kind: str) -> None:
    found = watched(None, Row(kind), 20, SEED)
    assert found.at_all <= max(found.reports, 1)


def test_a_failed_attempt_hides_the_next_one_unless_it_is_left_out() -> None:
    from verdict.judging import judge_series
    from verdict.rows import drawn

    row = Row("independent", effect="attempt")
    tests = [drawn(row, SEED, number).to_dict() for number in range(10)]
    assert sum(judge_series(**test)["verdict"] == "degraded" for test in tests) >= 9
    hidden = [judge_series(**{**test, "exclude": []}) for test in tests]
    assert sum(entry["verdict"] == "inconclusive" for entry in hidden) >= 9
    assert all("without this change" in entry["reason"] for entry in hidden if entry["verdict"] == "inconclusive")


@pytest.mark.parametrize(
    ("agent", "verdict"),
    [("gone", "ok"), ("failing", "ok"), ("added", "ok"), ("repaired", None), ("silent", "no_data")],
)
def test_an_agent_that_does_not_measure(agent: str, verdict: str | None) -> None:
    found = counted(Row("independent", agent=agent), 20)
    assert found.verdicts["no_data"] == (20 if agent == "silent" else 0)
    assert verdict is None or found.verdicts[verdict] >= 19


def test_a_flaky_agent_is_rarely_no_data() -> None:
    assert counted(Row("flaky", Shape(900)), 100).verdicts["no_data"] <= 3


def test_each_kind_and_each_effect_has_words() -> None:
    from verdict import table

    assert set(table.WORDS) == set(KINDS)
    assert set(table.EFFECTS) <= set(EFFECTS)


def test_series_are_judged_without_an_api_and_without_libraries() -> None:
    """By any Python, isolated from what is installed."""
    tests = [made("wild", Shape(), SEED, number).to_dict() for number in range(3)]
    lines = "".join(f"{json.dumps(test)}\n" for test in tests)
    command = [sys.executable, "-I", "-S", str(ROOT / "tests" / "verdict" / "judge.py")]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    from verdict.judging import judge_series

    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert [entry["verdict"] for entry in entries] == [judge_series(**test)["verdict"] for test in tests]
    assert {len(layer["metrics"]) for entry in entries for layer in entry["layers"]} == {3, 2}
    wrong = subprocess.run(command, input="{}\n", capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout, wrong.stderr) == (1, "", "Line 1: KeyError: 'interval'\n")


def test_the_report_tells_the_figures_that_were_measured() -> None:
    rows = [line.split("|") for line in (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8").splitlines()]
    measured = {row[1].strip(): float(row[2].split()[0]) for row in rows if len(row) > 8 and row[2][1:2].isdigit()}
    told = {**FALSE_ALARMS, **FOUND}
    assert {name: measured[name] for name in told} == told
