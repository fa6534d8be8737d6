# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible import constants
from ansible_collections.community.thousandeyes.plugins.plugin_utils import job as module
from ansible_collections.community.thousandeyes.plugins.plugin_utils.job import facts_lost, slice_of

IN_INVENTORY = {"inventory_hostname": "sw1", "groups": {"all": ["sw1", "sw2"], "ungrouped": []}}
IMPLICIT = {"inventory_hostname": "localhost", "groups": {"all": []}}
JOB = {"job_id": "7"}
MONTH = 30 * 86400


@pytest.mark.parametrize(
    ("plugin", "timeout", "core", "job", "task_vars", "to_another", "why"),
    [
        ("jsonfile", 0, "2.21.0", {}, IN_INVENTORY, False, None),
        ("jsonfile", MONTH, "2.21.0", {}, IMPLICIT, False, None),
        ("community.general.redis", 0, "2.16.9", {}, IMPLICIT, False, None),
        ("jsonfile", MONTH - 1, "2.21.0", {}, IN_INVENTORY, False, "forgotten after 2591999 seconds"),
        ("jsonfile", 0, "2.21.0", {}, IN_INVENTORY, True, "delegate_facts"),
        ("memory", 0, "2.21.0", {}, IN_INVENTORY, False, "fact_caching"),
        ("ansible.builtin.memory", 0, "2.16.1", JOB, IN_INVENTORY, False, "fact storage"),
        ("jsonfile", 86400, "2.18.12", JOB, IN_INVENTORY, False, None),
        ("jsonfile", 86400, "2.16.1rc1", JOB, IN_INVENTORY, False, None),
        ("jsonfile", 0, "2.18.0", JOB, IMPLICIT, False, "localhost is not among them"),
        ("jsonfile", 0, "2.18.0", JOB, {"inventory_hostname": "localhost"}, False, "localhost is not among them"),
        ("jsonfile", 0, "2.19.0b1", JOB, IN_INVENTORY, False, "up to 2.18 only, and this is 2.19.0b1"),
        ("jsonfile", 0, "3.0.0", JOB, IN_INVENTORY, False, "up to 2.18 only"),
    ],
)
def test_whether_facts_are_lost(
    monkeypatch: pytest.MonkeyPatch,
    plugin: str,
    timeout: int,
    core: str,
    job: dict[str, str],
    task_vars: dict[str, t.Any],
    to_another: bool,
    why: str | None,
) -> None:
    monkeypatch.setattr(constants, "CACHE_PLUGIN", plugin)
    monkeypatch.setattr(constants, "CACHE_PLUGIN_TIMEOUT", timeout)
    monkeypatch.setattr(module, "core", core)
    told = facts_lost(job, task_vars, to_another=to_another)
    assert told is None if why is None else why in str(told)


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
