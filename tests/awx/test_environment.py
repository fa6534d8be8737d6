# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of the templates gets, and nothing else, is enough for the role: run against the simulator of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx.conftest import Scenario
from awx.credential_rules import environment
from awx.playing import play
from support.guides import ROOT, examples
from simulator import TOKEN, Simulator

INJECTORS = yaml.safe_load((ROOT / "playbooks/vars/awx_credential_injectors.yml").read_text(encoding="utf-8"))
(PLAYBOOK,) = (
    example.text
    for example in examples(ROOT / "docs" / "docsite" / "rst" / "guide_awx.rst")
    if example.caption == "change_evidence.yml"
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        running.settings(creation_limit=10, results_rhythm=0, results_flaws=0)
        yield running


def test_chain_of_jobs(scenario: Scenario, simulator: Simulator, tmp_path: Path) -> None:
    made = scenario.steps["changed"].picture
    project, data, home = (tmp_path / name for name in ("project", "data", "home"))
    for folder in (project, data, home):
        folder.mkdir()
    (project / "change_evidence.yml").write_text(PLAYBOOK, encoding="utf-8")
    host = json.loads(made["hosts", "Default", "localhost"]["variables"])
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"localhost": host}}}), encoding="utf-8")
    values = {"api_token": TOKEN, "api_url": simulator.url, "aid": "1234", "ledger": str(data / "ledger.sqlite3")}
    injected = environment(INJECTORS, values)

    end = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=3)
    answers = {
        "change_evidence_id": "CHG0031337",
        "change_evidence_start": (end - timedelta(hours=1)).isoformat(),
        "change_evidence_end": end.isoformat(),
        "change_evidence_tests": "Account A portal\n30002",
    }
    survey = made["workflow_job_templates", "Default", "ThousandEyes change"]["survey"]
    # A workflow hands all that it was asked to each of its jobs, and that goes before what the templates say.
    answered = {each["variable"]: answers.get(each["variable"], each.get("default", "")) for each in survey}
    # What a job hands on, the next ones get, under what people were asked. The change itself failed.
    handed_on: dict[str, Any] = {"change_evidence_actual_end": (end + timedelta(minutes=10)).isoformat()}
    for phase in ("before", "failed", "watch", "after", "report", "result"):
        fixed = json.loads(made["job_templates", "Default", f"ThousandEyes {phase}"]["extra_vars"])
        if phase == "report":
            assert fixed["change_evidence_dir"] == "/evidence"
            fixed["change_evidence_dir"] = str(data / "evidence")
        given = {**fixed, **handed_on, **answered}
        run = play(
            home,
            str(project / "change_evidence.yml"),
            given,
            "-i",
            str(inventory),
            ANSIBLE_SHOW_CUSTOM_STATS="true",
            **injected,
        )
        assert (run.status != 0) == (phase == "result"), run.output
        handed_on |= run.stats
        assert TOKEN not in run.output

    titles = [(each["display_name"], each["source_test_id"], each["is_public"]) for each in simulator.creations()]
    assert sorted(titles) == [
        (f"CHG0031337 {phase}", test, False) for phase in ("after", "before") for test in (30001, 30002)
    ]
    assert {request["query"].get("aid") for request in simulator.requests()} == {"1234"}
    assert all(request["auth"]["uid"] for request in simulator.requests())
    assert run.message == "CHG0031337: The change failed."
    assert handed_on["thousandeyes_watch"]["verdict"] == handed_on["thousandeyes_evidence"]["verdict"] == "ok"
    evidence = json.loads((data / "evidence" / "CHG0031337" / "evidence.json").read_text(encoding="utf-8"))
    assert evidence["about"]["failed"] is True
    assert evidence["about"]["planned_end"] == f"{end.replace(tzinfo=None).isoformat()}Z"
    assert [episode["watch"]["verdict"] for episode in evidence["episodes"]] == ["ok"]
    assert (data / "ledger.sqlite3").exists()
    assert (data / "evidence" / "CHG0031337" / "evidence.html").exists()
    # Nothing is kept where it would be gone with the job.
    assert not list(home.glob("**/*.sqlite3")) and sorted(path.name for path in project.iterdir()) == [
        "change_evidence.yml"
    ]
