# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A set-up of a controller from its first run to its removal, once for all tests.

The controller is a stand-in (see controller.py), and no AWX. What speaks to it is the real awx.awx, so the arguments of
the playbook are checked by its argument specs, in the version that tests/tools/collections_of_ansible.txt brings.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from awx.controller import TOKEN, Controller, Row, World
from awx.playing import Run, play

REPOSITORY = "https://git.example.com/evidence.git"
CHANGE = "Change the routers"
OLD_SECRET, NEW_SECRET = "first-token-2048", "second-token-4096"
PASSWORD = "database-password-8192"
VARIABLES = {
    "awx_setup_project": "Evidence",
    "awx_setup_project_url": REPOSITORY,
    "awx_setup_execution_environment": "With ThousandEyes",
    "awx_setup_execution_environment_image": "registry.example.com/thousandeyes:1",
    "awx_setup_change_template": CHANGE,
    "awx_setup_report_dir": "/evidence",
    "awx_setup_ledger": f"postgresql://thousandeyes:{PASSWORD}@db.example.com/thousandeyes",
    "awx_setup_role_variables": {"change_evidence_latency_ms": 10},
}
# With longer waits, the ledger in facts and a question of its own, too.
QUESTION = {"question_name": "Router", "variable": "router", "type": "text", "required": True}
CHANGED = {
    **VARIABLES,
    "awx_setup_quota_wait": 1800,
    "awx_setup_watch_minutes": 240,
    "awx_setup_ledger": "facts",
    "awx_setup_questions": [QUESTION],
    "awx_setup_update_secrets": True,
}


def world() -> World:
    """A controller that others use too, some of them with the same names."""
    made = World({REPOSITORY: ["change_evidence.yml"]})
    default = made.create("organizations", {"name": "Default"})["id"]
    other = made.create("organizations", {"name": "Other"})["id"]
    vendor = made.create("credential_types", {"name": "Vendor", "kind": "cloud", "inputs": {}})["id"]
    made.create("credentials", {"name": "ThousandEyes", "organization": default, "credential_type": vendor})
    for organization, inventory in ((default, "routers"), (other, "ThousandEyes")):
        project = made.create("projects", {"name": CHANGE, "organization": organization})["id"]
        made.playbooks[project] = ["change.yml", "change_evidence.yml"]
        place = made.create("inventories", {"name": inventory, "organization": organization})["id"]
        for name in {default: [CHANGE], other: [CHANGE, "ThousandEyes before"]}[organization]:
            template = {"name": name, "project": project, "playbook": "change.yml", "inventory": place}
            made.create("job_templates", template)
    workflow = made.create("workflow_job_templates", {"name": "ThousandEyes change", "organization": other})["id"]
    made.create("workflow_job_template_nodes", {"identifier": "before", "workflow_job_template": workflow})
    return made


@dataclass
class Step:
    """A run of the playbook: what it printed, asked for, and left behind."""

    run: Run
    requests: list[tuple[str, str, Any]]
    picture: dict[tuple[str, str, str], Row]

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _body in self.requests if method != "GET"]


def set_up(controller: Controller, home: Path, variables: dict[str, Any], *options: str, secret: str) -> Step:
    before = len(controller.journal)
    run = play(
        home,
        "community.thousandeyes.awx_setup",
        variables,
        *options,
        CONTROLLER_HOST=controller.url,
        CONTROLLER_OAUTH_TOKEN=TOKEN,
        THOUSANDEYES_API_TOKEN=secret,
    )
    return Step(run, controller.journal[before:], deepcopy(controller.world.picture()))


def link_otherwise(world: World) -> None:
    """As an earlier version of the playbook did, and somebody who has added a rollback."""
    default = world.named("organizations", "Default")["id"]
    workflow = world.named("workflow_job_templates", "ThousandEyes change", organization=default)["id"]
    rollback = {"identifier": "rollback", "workflow_job_template": workflow}
    template = world.named("job_templates", CHANGE, organization=default)["id"]
    theirs = world.create("workflow_job_template_nodes", {**rollback, "unified_job_template": template})["id"]
    nodes = {
        row["identifier"]: row["id"]
        for row in world.rows["workflow_job_template_nodes"].values()
        if row["workflow_job_template"] == workflow
    }
    world.lists[nodes["change"], "always_nodes"] = []
    world.lists[nodes["change"], "success_nodes"] = [nodes["after"]]
    world.lists[nodes["after"], "always_nodes"] = []
    world.lists[nodes["after"], "success_nodes"] = [nodes["report"]]
    world.lists[nodes["watch"], "failure_nodes"] = [theirs]
    world.lists[theirs, "always_nodes"] = [nodes["after"]]


@dataclass
class Scenario:
    """``linked`` is what there was before the step "changed", and ``changed`` the world after it."""

    at_first: dict[tuple[str, str, str], Row]
    linked: dict[tuple[str, str, str], Row]
    changed: World
    steps: dict[str, Step]


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    home = tmp_path_factory.mktemp("home")
    absent = {**VARIABLES, "awx_setup_state": "absent"}
    with Controller(world()) as controller:
        at_first = deepcopy(controller.world.picture())
        steps = {
            "first": set_up(controller, home, VARIABLES, "-vvv", secret=OLD_SECRET),
            "again": set_up(controller, home, VARIABLES, secret=NEW_SECRET),
        }
        link_otherwise(controller.world)
        linked = deepcopy(controller.world.picture())
        steps["changed"] = set_up(controller, home, CHANGED, "-vvv", secret=NEW_SECRET)
        after_changed = deepcopy(controller.world)
        steps["removal"] = set_up(controller, home, absent, "-vvv", secret="")
        steps["removal again"] = set_up(controller, home, absent, secret="")
    return Scenario(at_first, linked, after_changed, steps)
