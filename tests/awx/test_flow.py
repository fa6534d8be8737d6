# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a change in the workflow that awx_setup.yml makes, by the rules of AWX: flow.py."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from awx.flow import FAILED, SUCCESSFUL, Job, Outcome, flow
from tools.collections_of_ansible import ROOT

LINKS = yaml.safe_load((ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8"))["__awx_setup_links"]
TO_THE_CHANGE = ["before", "approval", "change"]
BEHIND_IT = ["watch", "after", "report", "result"]
NOTED = {"change_evidence_change_failed": True}


def play(**jobs: Job) -> Outcome:
    """``jobs``: those that do something else than succeed and hand on nothing."""

    def run(node: str, given: dict[str, Any]) -> Job:
        if node == "failed" and node not in jobs:
            return Job(artifacts=NOTED)
        if node == "result" and (given.get("change_evidence_change_failed") or "report" not in given):
            return Job(FAILED)
        if node == "report" and node not in jobs:
            return Job(artifacts={"report": "made"})
        return jobs.get(node, Job())

    return flow(LINKS, {"change_evidence_id": "CHG1"}, run)


def test_a_change_that_works() -> None:
    outcome = play()
    assert (list(outcome.started), outcome.status) == (TO_THE_CHANGE + BEHIND_IT, SUCCESSFUL)


def test_a_failed_change_has_its_evidence_and_fails_the_workflow() -> None:
    outcome = play(change=Job(FAILED, {"change_evidence_actual_end": "2026-11-23T23:10:00Z"}))
    assert (list(outcome.started), outcome.status) == ([*TO_THE_CHANGE, "failed", *BEHIND_IT], FAILED)
    for node in BEHIND_IT:
        assert outcome.started[node].items() >= {**NOTED, "change_evidence_actual_end": "2026-11-23T23:10:00Z"}.items()


def test_a_failed_change_fails_the_workflow_even_if_that_cannot_be_noted() -> None:
    outcome = play(change=Job(FAILED), failed=Job(FAILED))
    assert (list(outcome.started), outcome.status) == ([*TO_THE_CHANGE, "failed", *BEHIND_IT], FAILED)
    assert "change_evidence_change_failed" not in outcome.started["watch"]


@pytest.mark.parametrize("node", ["before", "approval"])
def test_without_evidence_or_approval_nothing_follows(node: str) -> None:
    outcome = play(**{node: Job(FAILED)})
    assert (list(outcome.started)[-1], outcome.status) == (node, FAILED)


@pytest.mark.parametrize("node", ["watch", "after"])
def test_what_fails_after_the_change_hands_on_and_does_not_end_the_workflow(node: str) -> None:
    outcome = play(**{node: Job(FAILED, {"seen": node})})
    assert (list(outcome.started), outcome.status) == (TO_THE_CHANGE + BEHIND_IT, SUCCESSFUL)
    assert outcome.started["result"]["seen"] == node


def test_a_report_that_cannot_be_made_fails_the_workflow() -> None:
    assert play(report=Job(FAILED)).status == FAILED


def test_what_the_workflow_was_asked_goes_before_what_jobs_hand_on() -> None:
    outcome = play(before=Job(artifacts={"change_evidence_id": "CHG2", "other": 1}))
    assert outcome.started["report"] == {"change_evidence_id": "CHG1", "other": 1}
