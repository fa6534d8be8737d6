# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A workflow of AWX with the ledger in PostgreSQL; the simulator's own record tells what was created."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime, timedelta, timezone
from pathlib import Path

from support import postgresql_server
import pytest
from ee.jobs import PROJECT, REVISION, URL, Controller, Job
from simulator import EMAIL, TOKEN, Simulator

CHANGE = "CHG0031337"
END = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=65)
# What people answer to the survey. A text area is one text.
ANSWERS = {
    "change_evidence_id": CHANGE,
    "change_evidence_start": (END - timedelta(minutes=90)).isoformat(),
    "change_evidence_end": END.isoformat(),
    "change_evidence_tests": "19955\n20002",
    "change_evidence_hours": "1",
    "change_evidence_is_public": "true",
    "change_evidence_timezone": "Europe/Berlin",
}
PASSWORDS = ["wrong-token-5784", "s3cret-of-no-database"]
SECRETS = [TOKEN, postgresql_server.PASSWORD, "s3cret%2Fof", *PASSWORDS]


class Story(t.NamedTuple):
    """The jobs in their order, how many creations there were after each, and the folder for reports."""

    jobs: dict[str, Job]
    creations: dict[str, list[dict[str, t.Any]]]
    evidence: Path


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory, collections: Path, sim: Simulator, postgresql: postgresql_server.Server
) -> Story:
    folder = tmp_path_factory.mktemp("awx")
    evidence = tmp_path_factory.mktemp("evidence")
    inputs = {"api_token": TOKEN, "api_email": EMAIL, "api_url": sim.url, "ledger": postgresql.empty_database()}
    controller = Controller(folder, collections, inputs)
    story = Story({}, {}, evidence)
    handed_on: dict[str, t.Any] = {}

    def launch(name: str, phase: str, **extra_vars: t.Any) -> None:
        more = {
            "change_evidence_set_stats": True,
            "change_evidence_quota_wait": 0,
            **extra_vars,
            **ANSWERS,
            **handed_on,
        }
        job = controller.launch(
            f"ThousandEyes {phase}", "change_evidence.yml", verbosity=4, change_evidence_phase=phase, **more
        )
        story.jobs[name] = job
        story.creations[name] = sim.creations()

    launch("before", "before")
    # With the variables of the first time, as AWX does it.
    launch("before, again", "before")
    handed_on.update(story.jobs["before"].artifacts)
    story.jobs["change"] = controller.launch("Change", "change.yml", **handed_on)
    launch("after", "after")
    handed_on.update(story.jobs["after"].artifacts)
    launch("report", "report", change_evidence_dir=str(evidence))
    controller.inputs |= {"api_version": "v6", "api_token": PASSWORDS[0]}
    launch("refused", "before", change_evidence_hours=2)
    controller.inputs |= {
        "api_version": "",
        "api_token": TOKEN,
        "ledger": f"postgresql://team:{PASSWORDS[1]}@127.0.0.1:1/ledgers",
    }
    launch("without a ledger", "before", change_evidence_hours=2)
    return story


def test_each_snapshot_is_created_once(story: Story) -> None:
    counts = {name: len(creations) for name, creations in story.creations.items()}
    assert counts == {
        "before": 2,
        "before, again": 2,
        "after": 4,
        "report": 4,
        "refused": 4,
        "without a ledger": 4,
    }, story.jobs["before"].output
    statuses = {name: job.status for name, job in story.jobs.items()}
    assert {name for name, status in statuses.items() if status != "successful"} == {"refused", "without a ledger"}
    assert story.jobs["before"].number != story.jobs["before, again"].number


def test_links_reach_the_next_node(story: Story) -> None:
    for name in ("before", "before, again", "after"):
        records = story.jobs[name].artifacts["thousandeyes_snapshots"]
        assert [record["linkId"] for record in records] == links(story, name)
    [shown] = story.jobs["change"].results("ansible.builtin.debug")
    assert shown["msg"] == {
        link: f"https://{link}.share.thousandeyes.com/view/tests/" for link in links(story, "before")
    }


def links(story: Story, name: str) -> list[str]:
    phase = name.partition(",")[0]
    return [row["link_id"] for row in story.creations[name] if row["display_name"] == f"{CHANGE} {phase}"]


def test_a_job_leaves_nothing_behind_but_the_report(story: Story) -> None:
    for name, job in story.jobs.items():
        assert sorted(path.name for path in job.on_node.iterdir()) == ["artifacts", "env", "inventory", "project"], name
        project = {path.name: path.read_bytes() for path in (job.on_node / "project").iterdir()}
        assert project == {path.name: path.read_bytes() for path in PROJECT.iterdir()}, name
        assert files(job.home) == [], name
    left = sorted(path.name for path in story.evidence.iterdir())
    assert left == [".index.json", ".index.lock", CHANGE, "index.html"]
    assert {"evidence.html", "evidence.json", "evidence.md", "SHA256SUMS"} <= {
        path.name for path in (story.evidence / CHANGE).iterdir()
    }


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def test_the_evidence_tells_where_it_comes_from(story: Story) -> None:
    evidence = json.loads((story.evidence / CHANGE / "evidence.json").read_text(encoding="utf-8"))
    assert (
        evidence["made"]["by"].items()
        >= {
            "job_id": str(story.jobs["report"].number),
            "job_template": "ThousandEyes report",
            "launch_type": "workflow",
            "launched_by": "ada",
            "workflow_job": "ThousandEyes change",
            "project_revision": REVISION,
        }.items()
    )
    # The charts are there, and the time zone, so what the collection asked for is enough.
    assert "<svg" in (story.evidence / CHANGE / "evidence.html").read_text(encoding="utf-8")
    assert evidence["change"]["timezone"] == "Europe/Berlin"
    assert evidence["about"]["job_url"] == f"{URL}/#/jobs/playbook/{story.jobs['report'].number}"


def test_no_secret_is_in_the_output(story: Story) -> None:
    """All jobs ran at -vvvv. What ansible-runner tells of a job's environment is AWX's, which stars out secrets."""
    written = set()
    for name, job in story.jobs.items():
        secrets = list(SECRETS)
        # With v7, the e-mail is no credential, and the API itself tells it: who created a test.
        if job.environment["THOUSANDEYES_API_VERSION"] == "v6":
            secrets.append(EMAIL)
        for path in [*files(job.on_controller / "artifacts"), *files(job.on_node / "artifacts"), *files(job.home)]:
            text = path.read_text(encoding="utf-8")
            if path.name == "command":
                # ansible-runner's own, of what it was told, so the secrets really were there.
                assert job.environment["THOUSANDEYES_API_TOKEN"] in text
                continue
            assert [secret for secret in secrets if secret in text] == [], (name, path)
            written.add(path.parent.name if path.suffix == ".json" else path.name)
        told = json.dumps([job.events, job.artifacts])
        assert [secret for secret in secrets if json.dumps(secret)[1:-1] in told] == [], name
    assert written >= {"job_events", "stdout", "status", "rc"}
    assert [
        path for path in files(story.evidence) if any(secret in path.read_text("utf-8") for secret in SECRETS)
    ] == []
    # The tasks with the secrets did fail.
    assert "unauthorized" in json.dumps(story.jobs["refused"].events)
    assert "ledger_unavailable" in json.dumps(story.jobs["without a ledger"].events)
