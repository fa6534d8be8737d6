# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nodes of a workflow AWX starts, what they are given, and what it calls the workflow in the end.

After awx/main/scheduler/dag_workflow.py and WorkflowJobNode.get_job_kwargs in awx/main/models/workflow.py, as far as
the workflow of awx_setup.yml needs it. docs/development/awx.md says which rules these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Links = Mapping[str, Mapping[str, list[str]]]
SUCCESSFUL, FAILED = "successful", "failed"
_TAKEN = {SUCCESSFUL: ("success_nodes", "always_nodes"), FAILED: ("failure_nodes", "always_nodes")}


class Job(NamedTuple):
    """``artifacts``: what it handed on by set_stats, even if it failed."""

    status: str = SUCCESSFUL
    artifacts: Mapping[str, Any] = {}


class Outcome(NamedTuple):
    """``started``: the extra variables of each job, in the order of their starts. ``status``: of the workflow."""

    started: dict[str, dict[str, Any]]
    status: str


def flow(links: Links, answers: Mapping[str, Any], run: Callable[[str, dict[str, Any]], Job]) -> Outcome:
    """Run a workflow whose nodes all converge on any parent, as those of the playbook do."""
    parents = {node: [each for each in links if node in _all(links, each)] for node in links}
    jobs: dict[str, Job] = {}
    ancestors: dict[str, dict[str, Any]] = {}
    started: dict[str, dict[str, Any]] = {}
    skipped: set[str] = set()
    while len(jobs) + len(skipped) < len(links):
        # A node is decided on when all of its parents are: whichever of them will run has ended.
        node = next(
            node
            for node in links
            if node not in jobs
            and node not in skipped
            and all(each in jobs or each in skipped for each in parents[node])
        )
        if parents[node] and not any(_leads(links, each, jobs[each], node) for each in parents[node] if each in jobs):
            skipped.add(node)
            continue
        given: dict[str, Any] = {}
        for each in parents[node]:
            given |= {**ancestors.get(each, {}), **(jobs[each].artifacts if each in jobs else {})}
        ancestors[node] = given
        started[node] = {**given, **answers}
        jobs[node] = run(node, started[node])
    unhandled = [
        node
        for node, job in jobs.items()
        if job.status == FAILED and not any(links[node].get(kind) for kind in _TAKEN[FAILED])
    ]
    return Outcome(started, FAILED if unhandled else SUCCESSFUL)


def _all(links: Links, node: str) -> list[str]:
    return [each for nodes in links[node].values() for each in nodes]


def _leads(links: Links, parent: str, job: Job, node: str) -> bool:
    return any(node in links[parent].get(kind, []) for kind in _TAKEN[job.status])
