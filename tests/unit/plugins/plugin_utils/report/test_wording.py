# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report says at once: how much is frozen, where it is worse, what speaks for the change, what next."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import wording
from support import report_documents

ENOUGH = {"enough": True, "stops": False, "times": 0, "hours": 49.0, "largest": 3.0, "elsewhere": False}


def unfrozen(document: dict[str, Any]) -> dict[str, Any]:
    for test in document["tests"]:
        test["snapshots"] = []
    return document


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("one_degraded", "Degraded: only this one of 3 tests, at all its 3 agents."),
        ("one_agent", "Degraded: the only test, at 1 of its 3 agents."),
        ("no_data", "No data: all 4 tests; Nothing after at all its 3 agents."),
        ("clean", ""),
    ],
)
def test_whether_it_is_this_test_or_all(kind: str, said: str) -> None:
    assert wording.scope(report_documents.KINDS[kind]()) == said


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (None, "It was not compared with earlier days."),
        (ENOUGH, "Nothing as large came in 49 hours without this change."),
        ({**ENOUGH, "enough": False}, "The history is too short, or left out, to say whether that is usual."),
    ],
)
def test_what_speaks_for_the_change(history: dict[str, Any] | None, said: str) -> None:
    made = report_documents.one_degraded()
    for layer in made["tests"][1]["layers"]:
        for metric in layer["metrics"]:
            metric["history"] = history
    assert wording.is_it_the_change(made) == f"It was so as soon as the window after the change began. {said}"
    metric = wording.worst_metric(made["tests"][1])
    assert metric
    metric["since_minute"] = 12.0
    assert wording.is_it_the_change(made) == f"It began about 12 minutes after the end of the change. {said}"


def test_no_mean_is_told_that_nobody_measured() -> None:
    [lost] = report_documents.one_agent()["tests"]
    assert lost["reason"].startswith("Packet loss at Lisbon, Portugal rose from 0 to 9.33 %, in ")
    assert lost["reason"].endswith(" Only there, of 3 agents.")
    for_a_while = wording.worst_of(report_documents.KINDS["transient"]())
    assert for_a_while and " ms (+76 %) on average over the window, at all 3 agents" in for_a_while["reason"]


@pytest.mark.parametrize("kind", ["transient", "inconclusive", "improved", "clean"])
def test_nothing_is_said_of_a_cause_of_what_is_not_degraded(kind: str) -> None:
    assert wording.is_it_the_change(report_documents.KINDS[kind]()) == ""


def test_what_has_expired_keeps_nothing() -> None:
    made = report_documents.clean()
    (first, *_more) = made["tests"]
    gone = copy.deepcopy(first["snapshots"])
    for row in gone:
        row.update(expired=True, expires_at="2026-11-20T00:00:00Z")
    first["snapshots"] += gone
    assert wording.frozen_words(made) == "Before and after of 2 of 2 tests are frozen until 2026-12-23 23:40 UTC."
    first["snapshots"] = gone
    assert wording.frozen_words(made) == "Before and after of 1 of 2 tests are frozen until 2026-12-23 23:40 UTC."


def test_the_next_step_asks_for_no_snapshot_that_is_not_there() -> None:
    made = report_documents.one_degraded()
    assert "Open the snapshots of the worst test" in wording.next_step(made)
    assert wording.next_step(unfrozen(made)).startswith(
        "freeze both windows while the vendor has their data: run the phases"
    )
    assert wording.next_step(report_documents.clean()) == "nothing."
    assert wording.next_step(report_documents.unfrozen()).endswith("before and after with the times of this change.")
