# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledgers that need no server: facts, which the controller keeps, and a file in HOME, which nobody does."""

from __future__ import annotations

import json
import typing as t
from importlib.metadata import version
from pathlib import Path

import pytest
from ee.jobs import Controller, Job
from simulator import EMAIL, TOKEN, Simulator

# ansible-core names and writes the files of the fact cache in a way of its own since then, which AWX does not know.
OWN_WAY = tuple(map(int, version("ansible-core").split(".")[:2])) >= (2, 19)
before_that = pytest.mark.skipif(OWN_WAY, reason="AWX exchanges facts with ansible-core below 2.19 only")
WANTED = [
    {"test_id": "19955", "display_name": "CHG0031337 before", "is_public": True},
    {"test_id": "20002", "display_name": "CHG0031337 before", "is_public": False},
]
CHANGE = {
    "change_evidence_id": "CHG0031337",
    "change_evidence_start": "2018-10-06T01:00:00Z",
    "change_evidence_end": "2018-10-06T02:10:00Z",
    "change_evidence_tests": ["19955", "20002"],
    "change_evidence_is_public": True,
}


@pytest.fixture
def controller(tmp_path: Path, collections: Path, sim: Simulator) -> t.Callable[[str], Controller]:
    sim.reset()
    inputs = {"api_token": TOKEN, "api_email": EMAIL, "api_url": sim.url}
    return lambda ledger: Controller(tmp_path, collections, {**inputs, "ledger": ledger})


def keep(controller: Controller) -> Job:
    """A job with two snapshots, one task for each."""
    more = {"wanted": WANTED, "quota_limit": 5, "quota_window": 300, "go_on": False}
    return controller.launch("Snapshots", "snapshots.yml", fact_storage=True, **more)


def test_facts_need_an_older_ansible_core(controller: t.Callable[[str], Controller]) -> None:
    """Should this fail, ledger: facts need not be refused any more with newer ones."""
    awx = controller("none")
    first, second = (awx.launch("Facts", "facts.yml", fact_storage=True) for _number in range(2))
    shown = [str(job.results("ansible.builtin.debug")[0]["msg"]) for job in (first, second)]
    if OWN_WAY:
        assert shown == ["nobody", "nobody"]
        assert awx.hosts["localhost"].facts is None
    else:
        assert shown == ["nobody", str(first.number)]
        assert awx.hosts["localhost"].facts == {"left_by": second.number}


@before_that
def test_facts_outlive_the_job(
    controller: t.Callable[[str], Controller], sim: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    awx = controller("facts")

    def launch(phase: str, **extra_vars: t.Any) -> None:
        more = {"change_evidence_phase": phase, **CHANGE, **extra_vars}
        job = awx.launch(f"ThousandEyes {phase}", "change_evidence.yml", fact_storage=True, **more)
        assert job.status == "successful", job.output

    launch("before")
    assert len(sim.creations()) == 2
    facts = awx.hosts["localhost"].facts
    assert facts is not None
    links = {row["link_id"] for row in sim.creations()}
    assert {record["linkId"] for record in facts["thousandeyes_ledger"]} == links
    launch("before")
    assert len(sim.creations()) == 2
    launch("after")
    launch("after")
    assert len(sim.creations()) == 4
    folder = tmp_path_factory.mktemp("evidence")
    launch("report", change_evidence_dir=str(folder))
    report = (folder / "CHG0031337" / "evidence.html").read_text(encoding="utf-8")
    assert all(row["link_id"] in report for row in sim.creations())
    kept = json.dumps(awx.hosts["localhost"].facts)
    assert [secret for secret in (TOKEN, EMAIL) if secret in kept] == []


def test_facts_are_refused_where_they_cannot_work(controller: t.Callable[[str], Controller], sim: Simulator) -> None:
    """Before any request: with an ansible-core whose facts AWX does not read, and for a localhost of no inventory."""
    awx = controller("facts")
    if not OWN_WAY:
        awx.hosts = {}
    refused = keep(awx)
    assert refused.status == "failed"
    [result] = refused.results("community.thousandeyes.snapshot")[:1]
    assert result["failure"]["code"] == "ledger_unavailable", result
    assert ("2.18 only" if OWN_WAY else "localhost is not among them") in result["msg"]
    assert sim.requests() == []


def test_facts_are_refused_without_fact_storage(controller: t.Callable[[str], Controller], sim: Simulator) -> None:
    more = {"wanted": WANTED, "quota_limit": 5, "quota_window": 300, "go_on": False}
    refused = controller("facts").launch("Snapshots", "snapshots.yml", **more)
    result = refused.results("community.thousandeyes.snapshot")[0]
    assert result["failure"]["code"] == "ledger_unavailable", result
    assert "fact storage" in result["msg"]
    assert sim.requests() == []


def test_a_file_in_home_does_not_outlive_the_job(controller: t.Callable[[str], Controller], sim: Simulator) -> None:
    """The guide to AWX says so, and why a ledger must be given."""
    awx = controller("")
    for count in (2, 4):
        job = keep(awx)
        assert job.status == "successful", job.output
        assert (job.home / ".ansible" / "thousandeyes" / "ledger.sqlite3").exists()
        assert len(sim.creations()) == count


def test_what_a_task_waits_for_is_in_the_output(controller: t.Callable[[str], Controller], sim: Simulator) -> None:
    """Which is what AWX shows, of stdout and stderr alike."""
    awx = controller("")
    # A slow machine may find the first window over already.
    for window in (1, 30):
        more = {"wanted": WANTED, "quota_limit": 1, "quota_window": window, "go_on": False}
        before = len(sim.creations())
        job = awx.launch("Snapshots", "snapshots.yml", **more)
        assert job.status == "successful", job.output
        assert len(sim.creations()) - before == 2
        if "waiting for the creation quota" in job.output:
            break
    assert "waiting for the creation quota" in job.output
