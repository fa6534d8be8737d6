# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.playbook.task import Task
from ansible_collections.community.thousandeyes.plugins.plugin_utils import _job as module
from ansible_collections.community.thousandeyes.plugins.plugin_utils._job import (
    RUN,
    facts_lost,
    ledger_in_facts,
    slice_of,
    snapshots_of_this_run,
)

IN_INVENTORY = {"inventory_hostname": "sw1", "inventory_file": "/runner/inventory/hosts"}
SLASHED = {"inventory_hostname": "rack1/sw2", "inventory_file": "/runner/inventory/hosts"}
ADDED = {"inventory_hostname": "new", "inventory_file": None}
IMPLICIT = {"inventory_hostname": "localhost"}
JOB = {"job_id": "7"}
MONTH = 30 * 86400
SEVERAL, ALONE = {"ansible_play_hosts_all": ["sw1", "sw2"]}, {"ansible_play_hosts_all": ["sw1"]}


def kept(fact: t.Any, name: str = "thousandeyes_ledger") -> dict[str, t.Any]:
    return {"ansible_facts": {name: fact}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a cache of files is."""
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN_CONNECTION", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("plugin", "timeout", "core", "job", "task_vars", "keywords", "why"),
    [
        ("jsonfile", 0, "2.21.0", {}, IN_INVENTORY, {}, None),
        ("jsonfile", MONTH, "2.21.0", {}, IMPLICIT, {}, None),
        ("ansible.legacy.jsonfile", 0, "2.16.9", {}, IMPLICIT, {}, None),
        ("jsonfile", MONTH - 1, "2.21.0", {}, IN_INVENTORY, {}, "forgotten after 2591999 seconds"),
        ("jsonfile", -1, "2.21.0", {}, IN_INVENTORY, {}, "forgotten after -1 seconds"),
        ("jsonfile", 0, "2.21.0", {}, IN_INVENTORY, {"delegate_facts": True}, "delegate_facts"),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **SEVERAL}, {"run_once": True}, "run_once"),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **ALONE}, {"run_once": True}, None),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **SEVERAL}, {}, None),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **kept([{"display_name": "x"}])}, {}, None),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **kept("[]")}, {}, "not the list of snapshots"),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **kept({"x": []})}, {}, "not the list of snapshots"),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **kept("", "thousandeyes_snapshots")}, {}, "thousandeyes_snaps"),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **kept([[]])}, {}, "not the list of snapshots"),
        ("jsonfile", 0, "2.21.0", {}, {**IN_INVENTORY, **kept(None)}, {}, "not the list of snapshots"),
        ("memory", 0, "2.21.0", {}, IN_INVENTORY, {}, "fact_caching"),
        ("ansible.builtin.memory", 0, "2.16.1", JOB, IN_INVENTORY, {}, "fact storage"),
        ("ansible.legacy.memory", 0, "2.21.0", {}, IN_INVENTORY, {}, "no cache for them but 'ansible.legacy.memory'"),
        ("jsonfiel", 0, "2.21.0", {}, IN_INVENTORY, {}, "jsonfiel"),
        ("jsonfile", 0, "2.20.9", {}, SLASHED, {}, "a slash in its name, rack1/sw2"),
        ("jsonfile", 0, "2.21.0", {}, SLASHED, {}, None),
        ("jsonfile", 86400, "2.18.12", JOB, IN_INVENTORY, {}, None),
        ("jsonfile", 86400, "2.16.1rc1", JOB, IN_INVENTORY, {}, None),
        ("jsonfile", 0, "2.18.0", JOB, IMPLICIT, {}, "localhost is not among them"),
        ("jsonfile", 0, "2.18.0", JOB, ADDED, {}, "new is not among them"),
        ("jsonfile", 0, "2.21.0", {}, ADDED, {}, None),
        ("jsonfile", 0, "2.19.0b1", JOB, IN_INVENTORY, {}, "up to 2.18 only, and this is 2.19.0b1"),
        ("jsonfile", 0, "3.0.0", JOB, IN_INVENTORY, {}, "up to 2.18 only"),
    ],
)
def test_whether_facts_are_lost(
    monkeypatch: pytest.MonkeyPatch,
    plugin: str,
    timeout: int,
    core: str,
    job: dict[str, str],
    task_vars: dict[str, t.Any],
    keywords: dict[str, t.Any],
    why: str | None,
) -> None:
    monkeypatch.setattr(constants, "CACHE_PLUGIN", plugin)
    monkeypatch.setattr(constants, "CACHE_PLUGIN_TIMEOUT", timeout)
    monkeypatch.setattr(module, "core", core)
    told = facts_lost(job, task_vars, Task.load({"debug": {}, **keywords}))
    assert told is None if why is None else why in str(told)


def test_a_cache_that_is_not_of_files_takes_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    redis = (object(), SimpleNamespace(resolved_fqcn="community.general.redis"))
    monkeypatch.setattr(module.cache_loader, "get_with_context", lambda name: redis)
    monkeypatch.setattr(constants, "CACHE_PLUGIN_TIMEOUT", 0)
    monkeypatch.setattr(module, "core", "2.16.9")
    assert facts_lost({}, SLASHED, Task.load({"debug": {}})) is None


def test_a_cache_that_does_not_work(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "file").touch()
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN_CONNECTION", str(folder / "file" / "facts"))
    monkeypatch.setattr(constants, "CACHE_PLUGIN", "jsonfile")
    monkeypatch.setattr(constants, "CACHE_PLUGIN_TIMEOUT", 0)
    told = facts_lost({}, IN_INVENTORY, Task.load({"debug": {}}))
    assert "their cache, jsonfile, does not work: " in str(told) and "cache dir" in str(told)


@pytest.mark.parametrize(
    ("timeout", "lost"), [("", False), ("0", False), ("x", False), (str(MONTH), False), (str(MONTH - 1), True)]
)
def test_a_controller_that_forgets(monkeypatch: pytest.MonkeyPatch, timeout: str, lost: bool) -> None:
    monkeypatch.setattr(constants, "CACHE_PLUGIN", "jsonfile")
    monkeypatch.setattr(module, "core", "2.18.0")
    monkeypatch.setenv("ANSIBLE_FACT_CACHE_TIMEOUT", timeout)
    told = facts_lost(JOB, IN_INVENTORY, Task.load({"debug": {}}))
    assert ("Per-Host Ansible Fact Cache Timeout" in str(told)) is lost


@pytest.mark.parametrize(
    ("job", "is_slice"),
    [
        ({}, False),
        ({"job_id": "7", "job_template": "Before"}, False),
        ({"job_id": "7", "job_template": "Before", "workflow_job": "Change"}, False),
        ({"job_id": "7", "job_template": "Before", "workflow_job": "Before"}, True),
    ],
)
def test_a_slice(job: dict[str, str], is_slice: bool) -> None:
    told = slice_of(job)
    assert told is not None and "Job 7" in told and "'Before'" in told if is_slice else told is None


def facts(**values: t.Any) -> dict[str, t.Any]:
    return {f"thousandeyes_{name}": value for name, value in values.items()}


OLD, NEW = {"display_name": "old"}, {"display_name": "new"}


@pytest.mark.parametrize(
    ("there", "records"),
    [
        ({}, []),
        (facts(snapshots=[OLD]), []),
        (facts(snapshots=[OLD], run="ansible-local-1abc"), []),
        (facts(snapshots=[NEW], run=RUN), [NEW]),
        (facts(snapshots=[NEW, "x"], run=RUN), [NEW]),
        (facts(snapshots="x", run=RUN), []),
        # The items of a loop, up to ansible-core 2.20.
        ({**facts(snapshots=[OLD], run="other"), "ansible_facts": facts(snapshots=[NEW], run=RUN)}, [NEW]),
        ({**facts(snapshots=[OLD], run=RUN), "ansible_facts": facts(snapshots=[OLD, NEW], run=RUN)}, [OLD, NEW]),
        ({**facts(snapshots=[NEW], run=RUN), "ansible_facts": facts(snapshots=[OLD], run="other")}, [NEW]),
    ],
)
def test_the_snapshots_of_this_run(there: dict[str, t.Any], records: list[t.Any]) -> None:
    assert snapshots_of_this_run({"ansible_facts": there}) == records


@pytest.mark.parametrize(
    ("there", "name", "value"),
    [
        ({}, "thousandeyes_ledger", []),
        (facts(ledger=[], snapshots=[OLD]), "thousandeyes_ledger", []),
        (facts(ledger=[NEW], snapshots=[OLD], run=RUN), "thousandeyes_ledger", [NEW]),
        (facts(snapshots=[OLD]), "thousandeyes_snapshots", [OLD]),
        ({**facts(snapshots=[OLD]), "ansible_facts": facts(ledger=[OLD, NEW])}, "thousandeyes_ledger", [OLD, NEW]),
    ],
)
def test_the_ledger_in_facts(there: dict[str, t.Any], name: str, value: t.Any) -> None:
    assert ledger_in_facts({"ansible_facts": there}) == (name, value)
