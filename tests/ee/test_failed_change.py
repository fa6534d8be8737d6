# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow of awx_setup.yml with a change that fails: its jobs by ansible-runner, its order by the rules of AWX."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml
from awx import flow
from ee.jobs import ROOT, Controller, Job
from simulator import TOKEN, Simulator

SETUP = yaml.safe_load((ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8"))
CHANGE = "CHG0031337"
SHOP = 19955
END = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=70)
START = END - timedelta(minutes=30)
LATER = timedelta(minutes=5)


class Story(t.NamedTuple):
    """``creations``: what the simulator says was created, by titles."""

    jobs: dict[str, Job]
    outcome: flow.Outcome
    evidence: dict[str, t.Any]
    creations: list[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, collections: Path, sim: Simulator) -> Story:
    sim.settings(results_rhythm=0, results_flaws=0, creation_limit=None)
    sim.degrade(SHOP, START.isoformat(), datetime.now(timezone.utc).isoformat(), factor={"responseTime": 2})
    folder, shared = tmp_path_factory.mktemp("awx"), tmp_path_factory.mktemp("shared")
    inputs = {"api_token": TOKEN, "api_url": sim.url, "ledger": str(shared / "ledger.sqlite3")}
    controller = Controller(folder, collections, inputs)
    answers = {
        "change_evidence_id": CHANGE,
        "change_evidence_start": START.isoformat(),
        # As it was planned. It took longer.
        "change_evidence_end": (START + 2 * LATER).isoformat(),
        "change_evidence_tests": f"{SHOP}\n20002",
        "change_evidence_fail_on": "degraded",
    }
    jobs: dict[str, Job] = {}

    def run(node: str, given: dict[str, t.Any]) -> flow.Job:
        if node == "approval":
            return flow.Job()
        if node == "change":
            times = {"started": (START + LATER).isoformat(), "ended": END.isoformat()}
            jobs[node] = controller.launch("Change the routers", "failing_change.yml", **times, **given)
        else:
            fixed = _fixed(node, shared / "evidence")
            jobs[node] = controller.launch(f"ThousandEyes {node}", "change_evidence.yml", **{**fixed, **given})
        failed = jobs[node].status != "successful"
        return flow.Job(flow.FAILED if failed else flow.SUCCESSFUL, jobs[node].artifacts)

    outcome = flow.flow(SETUP["__awx_setup_links"], answers, run)
    evidence = json.loads((shared / "evidence" / CHANGE / "evidence.json").read_text(encoding="utf-8"))
    return Story(jobs, outcome, evidence, [each["display_name"] for each in sim.creations()])


def _fixed(node: str, reports: Path) -> dict[str, t.Any]:
    """The extra variables of a template. What its waits are does not matter here."""
    named = SETUP["__awx_setup_extra_vars"][node]
    known = {name: value for name, value in named.items() if "{{" not in str(value)}
    return {**known, **({"change_evidence_dir": str(reports)} if node == "report" else {})}


def test_a_failed_change_has_all_of_its_evidence(story: Story) -> None:
    assert list(story.outcome.started) == [
        *("before", "approval", "change", "failed", "watch", "after", "report", "result"),
    ]
    statuses = {name: job.status for name, job in story.jobs.items()}
    assert statuses == {
        **dict.fromkeys(("before", "failed", "after", "report"), "successful"),
        **dict.fromkeys(("change", "watch", "result"), "failed"),
    }, story.jobs["watch"].output
    assert story.outcome.status == flow.FAILED
    titles = [f"{CHANGE} {what}" for what in ("after", "after", "before", "before", "degraded")]
    assert sorted(story.creations) == titles


def test_what_a_job_hands_on_reaches_the_others_though_it_failed(story: Story) -> None:
    for node in ("watch", "after", "report", "result"):
        given = story.outcome.started[node]
        assert given["change_evidence_actual_end"] == END.isoformat()
        assert given["change_evidence_change_failed"] is True
    watch = story.outcome.started["report"]["thousandeyes_watch"]
    assert (watch["verdict"], watch["finished"]) == ("degraded", True)
    assert [record["display_name"] for record in watch["frozen"]] == [f"{CHANGE} degraded"]


def test_the_report_tells_the_times_that_counted_and_the_watch(story: Story) -> None:
    assert story.evidence["change"]["end_local"] == END.isoformat()
    assert story.evidence["about"]["planned_end"] == f"{(START + 2 * LATER).replace(tzinfo=None).isoformat()}Z"
    assert story.evidence["about"]["failed"] is True
    (episode,) = story.evidence["episodes"]
    assert (episode["verdict"], episode["watch"]["verdict"]) == ("degraded", "degraded")


def test_the_result_says_both_reasons(story: Story) -> None:
    (said,) = story.jobs["result"].results("ansible.builtin.assert")[-1:]
    assert said["msg"].startswith(f"{CHANGE}: The change failed. Degraded. ")
