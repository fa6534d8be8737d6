# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx_setup.yml, run for real against a stand-in for the controller, which is not AWX: controller.py."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from awx.conftest import (
    CHANGE,
    CHANGED,
    NEW_SECRET,
    OLD_SECRET,
    PASSWORD,
    QUESTION,
    VARIABLES,
    Scenario,
    set_up,
    world,
)
from awx.controller import TOKEN, Controller, Row, World

PHASES = ("before", "failed", "watch", "after", "report", "result")
NODES = ("before", "approval", "change", "failed", "watch", "after", "report", "result")
# What follows each node, and when.
LINKS = {
    ("before", "success_nodes"): ["approval"],
    ("approval", "success_nodes"): ["change"],
    ("change", "always_nodes"): ["watch"],
    ("change", "failure_nodes"): ["failed"],
    ("failed", "success_nodes"): ["watch"],
    ("watch", "always_nodes"): ["after"],
    ("after", "always_nodes"): ["report"],
    ("report", "always_nodes"): ["result"],
}
OURS = [
    ("credential_types", "", "ThousandEyes"),
    ("inventories", "Default", "ThousandEyes"),
    ("hosts", "Default", "localhost"),
    ("projects", "Default", "Evidence"),
    ("execution_environments", "Default", "With ThousandEyes"),
    *(("job_templates", "Default", f"ThousandEyes {phase}") for phase in PHASES),
    ("workflow_job_templates", "Default", "ThousandEyes change"),
    *(("workflow_job_template_nodes", "Default", name) for name in NODES),
    ("workflow_approval_templates", "", "ThousandEyes approval"),
]
CREDENTIAL = ("credentials", "Default", "ThousandEyes of the type ThousandEyes")


def difference(before: dict[Any, Any], after: dict[Any, Any]) -> set[Any]:
    """What is in only one of them, or not the same in both."""
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def test_first_run_makes_these_objects_and_no_others(scenario: Scenario) -> None:
    step = scenario.steps["first"]
    assert step.run.status == 0, step.run.output
    assert difference(scenario.at_first, step.picture) == {*OURS, CREDENTIAL}


def test_objects_are_as_they_must_be(scenario: Scenario) -> None:
    made = scenario.steps["first"].picture
    inventory, host, project, environment = (made[key] for key in OURS[1:5])
    templates = {phase: made["job_templates", "Default", f"ThousandEyes {phase}"] for phase in PHASES}
    assert inventory["kind"] == ""
    assert json.loads(host["variables"]) == {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    assert project["scm_url"] == VARIABLES["awx_setup_project_url"]
    assert environment["image"] == VARIABLES["awx_setup_execution_environment_image"]
    for template in templates.values():
        assert template["inventory"] == "ThousandEyes"
        assert template["project"] == "Evidence"
        assert template["playbook"] == "change_evidence.yml"
        assert template["execution_environment"] == "With ThousandEyes"
        assert template["job_slice_count"] == 1
        assert not template["use_fact_cache"]
        assert template["survey_enabled"]
        assert not template["ask_variables_on_launch"]
    fixed = {phase: json.loads(template["extra_vars"]) for phase, template in templates.items()}
    assert {phase: each["change_evidence_phase"] for phase, each in fixed.items()} == {each: each for each in PHASES}
    assert fixed["before"] == {
        "change_evidence_phase": "before",
        "change_evidence_quota_wait": 900,
        "change_evidence_set_stats": True,
        "change_evidence_latency_ms": 10,
    }
    assert [phase for phase, template in templates.items() if template["allow_simultaneous"]] == ["watch"]
    assert fixed["watch"]["change_evidence_watch_minutes"] == 120
    assert fixed["report"]["change_evidence_dir"] == "/evidence"
    assert fixed["report"]["change_evidence_report_fails"] is False
    assert {phase: template["timeout"] for phase, template in templates.items()} == {
        "before": 900 + 1800,
        "failed": 1800,
        "watch": 120 * 60 + 1800,
        "after": 7200 + 3 * 900 + 1800,
        "report": 1800,
        "result": 1800,
    }


def test_credential_is_used_and_complete(scenario: Scenario) -> None:
    requests = scenario.steps["first"].requests
    (sent,) = (body for method, path, body in requests if (method, path) == ("POST", "/api/v2/credentials/"))
    assert sent["inputs"] == {"api_token": OLD_SECRET, "ledger": VARIABLES["awx_setup_ledger"]}
    # The one of the same name and of another type is not what the job templates use.
    for phase in PHASES:
        template = scenario.steps["first"].picture["job_templates", "Default", f"ThousandEyes {phase}"]
        assert template["credentials"] == [CREDENTIAL[2]]


def links(picture: dict[tuple[str, str, str], Row]) -> dict[tuple[str, str], list[str]]:
    return {
        (key[2], kind): node[kind]
        for key, node in picture.items()
        if key[:2] == ("workflow_job_template_nodes", "Default")
        for kind in ("success_nodes", "always_nodes", "failure_nodes")
        if node[kind]
    }


def test_workflow_has_the_chain_and_asks_once(scenario: Scenario) -> None:
    made = scenario.steps["first"].picture
    assert links(made) == LINKS
    nodes = {key[2]: node for key, node in made.items() if key[:2] == ("workflow_job_template_nodes", "Default")}
    assert {name: node["unified_job_template"] for name, node in nodes.items()} == {
        **{phase: f"ThousandEyes {phase}" for phase in PHASES},
        "approval": "ThousandEyes approval",
        "change": CHANGE,
    }
    workflow = made["workflow_job_templates", "Default", "ThousandEyes change"]
    # One that waits for its approval must not hold up other changes.
    assert workflow["survey_enabled"] and workflow["allow_simultaneous"]
    asked = {each["variable"]: each for each in workflow["survey"]}
    # What a workflow was asked goes before what its jobs hand on, even if the answer is empty.
    handed_on = {f"change_evidence_{name}" for name in ("rollback_start", "rollback_end", "change_failed")}
    assert not set(asked) & {*handed_on, "change_evidence_actual_start", "change_evidence_actual_end"}
    for phase in PHASES:
        for question in made["job_templates", "Default", f"ThousandEyes {phase}"]["survey"]:
            assert question["variable"] in handed_on or asked[question["variable"]] == question


def test_second_run_writes_nothing(scenario: Scenario) -> None:
    step = scenario.steps["again"]
    assert step.run.status == 0, step.run.output
    assert step.run.recap["changed"] == 0
    assert step.writes == []


def test_changed_variables_change_only_what_they_are_about(scenario: Scenario) -> None:
    step = scenario.steps["changed"]
    assert step.run.status == 0, step.run.output
    assert sorted((method, path.split("/")[3]) for method, path in step.writes) == [
        ("PATCH", "credentials"),
        *[("PATCH", "job_templates")] * 6,
        ("PATCH", "workflow_job_templates"),
        # Two links are taken away and made anew.
        *[("POST", "workflow_job_template_nodes")] * 4,
        ("POST", "workflow_job_templates"),
    ]
    theirs = {("watch", "failure_nodes"): ["rollback"], ("rollback", "always_nodes"): ["after"]}
    assert links(scenario.linked) != {**LINKS, **theirs}
    assert links(step.picture) == {**LINKS, **theirs}
    waiting, keeping = {"extra_vars", "timeout"}, {"use_fact_cache"}
    assert {key: difference(scenario.linked[key], row) for key, row in step.picture.items()} == {
        **dict.fromkeys(scenario.linked, set()),
        CREDENTIAL: {"secrets"},
        **{("job_templates", "Default", f"ThousandEyes {phase}"): keeping for phase in PHASES},
        ("job_templates", "Default", "ThousandEyes before"): waiting | keeping,
        ("job_templates", "Default", "ThousandEyes after"): waiting | keeping,
        ("job_templates", "Default", "ThousandEyes watch"): waiting | keeping | {"allow_simultaneous"},
        ("workflow_job_template_nodes", "Default", "change"): {"success_nodes", "always_nodes"},
        ("workflow_job_template_nodes", "Default", "after"): {"success_nodes", "always_nodes"},
        ("workflow_job_templates", "Default", "ThousandEyes change"): {"allow_simultaneous", "survey"},
    }
    assert step.picture["job_templates", "Default", "ThousandEyes after"]["timeout"] == 7200 + 3 * 1800 + 1800
    assert step.picture["job_templates", "Default", "ThousandEyes watch"]["timeout"] == 240 * 60 + 1800
    assert step.picture[CREDENTIAL]["secrets"]["api_token"] == NEW_SECRET


def test_removal_leaves_what_was_there_at_first(scenario: Scenario) -> None:
    step = scenario.steps["removal"]
    assert step.run.status == 0, step.run.output
    assert step.picture == scenario.at_first
    assert {method for method, _path in step.writes} == {"DELETE"}
    assert [path.split("/")[3] for _method, path in step.writes] == [
        "workflow_job_templates",
        *["job_templates"] * 6,
        "projects",
        "execution_environments",
        "inventories",
        "credentials",
        "credential_types",
    ]


SIGNING = {
    ("credential_types", "", "ThousandEyes signature"),
    ("credentials", "Default", "ThousandEyes signature of the type ThousandEyes signature"),
}
REPORT = ("job_templates", "Default", "ThousandEyes report")


def test_key_that_signs(scenario: Scenario, finished: World, tmp_path: Path) -> None:
    """On request, and for the report alone. It is taken away where it is not asked for any more, or with all else."""
    key = tmp_path / "key"
    key.write_text(f"-----BEGIN\n{NEW_SECRET}\n", encoding="utf-8")
    finished.going = {row_id: 0 for row_id in finished.going}
    before = deepcopy(finished.picture())
    signing = {**CHANGED, "awx_setup_sign_key": str(key)}
    with Controller(finished) as controller:
        planned = set_up(controller, tmp_path, signing, "--check", secret=OLD_SECRET)
        made = set_up(controller, tmp_path, signing, "-vvv", secret=OLD_SECRET)
        again = set_up(controller, tmp_path, {**signing, "awx_setup_update_secrets": False}, secret=OLD_SECRET)
        without = set_up(controller, tmp_path, CHANGED, secret=OLD_SECRET)
        gone = set_up(controller, tmp_path, {**CHANGED, "awx_setup_state": "absent"}, secret="")
    for step in (planned, made, again, without, gone):
        assert step.run.status == 0, step.run.output
        assert NEW_SECRET not in step.run.output
    told = re.findall('"msg": "(.*)"', planned.run.output)
    assert sorted(told) == ["credential_types: ThousandEyes signature", "credentials: ThousandEyes signature"]
    assert planned.writes == []
    # The secret of the other credential is written each time with awx_setup_update_secrets.
    assert difference(before, made.picture) - {CREDENTIAL} == {*SIGNING, REPORT}
    (sent,) = (body for method, path, body in made.requests if (method, path) == ("POST", "/api/v2/credentials/"))
    assert sent["inputs"] == {"sign_key": key.read_text(encoding="utf-8")}
    assert made.picture[REPORT]["credentials"] == [
        CREDENTIAL[2],
        "ThousandEyes signature of the type ThousandEyes signature",
    ]
    assert again.writes == []
    assert without.picture[REPORT]["credentials"] == [CREDENTIAL[2]]
    assert gone.picture == scenario.at_first


def test_key_that_is_not_there_is_told_before_any_request(tmp_path: Path) -> None:
    with Controller(world()) as controller:
        step = set_up(controller, tmp_path, {**VARIABLES, "awx_setup_sign_key": "none"}, secret=OLD_SECRET)
    assert step.run.message.startswith("Set awx_setup_sign_key to a file that is there.")
    assert step.requests == []


def test_second_removal_writes_nothing(scenario: Scenario) -> None:
    step = scenario.steps["removal again"]
    assert step.run.status == 0, step.run.output
    assert step.run.recap["changed"] == 0
    assert step.writes == []


def test_no_output_has_a_secret(scenario: Scenario) -> None:
    for name, step in scenario.steps.items():
        for secret in (OLD_SECRET, NEW_SECRET, PASSWORD, TOKEN):
            assert secret not in step.run.output, name


def test_secret_is_not_shown_even_if_the_controller_sends_it_back(tmp_path: Path) -> None:
    with Controller(world(), broken="/api/v2/credentials/") as controller:
        step = set_up(controller, tmp_path, VARIABLES, "-vvv", secret=OLD_SECRET)
    assert step.run.status == 2
    assert "Unable to create credential" in step.run.message
    assert OLD_SECRET in str(step.requests)
    assert not any(secret in step.run.output for secret in (OLD_SECRET, PASSWORD, TOKEN))


def test_missing_variables_are_told_before_any_request(tmp_path: Path) -> None:
    variables = {name: "" for name in VARIABLES if name != "awx_setup_role_variables"}
    with Controller(world()) as controller:
        step = set_up(controller, tmp_path, {**variables, "awx_setup_execution_environment_image": "x"}, secret="")
    assert step.run.status == 2
    assert step.run.message == (
        "Set THOUSANDEYES_API_TOKEN in the environment or awx_setup_api_token, "
        "THOUSANDEYES_LEDGER in the environment or awx_setup_ledger, awx_setup_project, awx_setup_change_template, "
        "awx_setup_report_dir, awx_setup_execution_environment. "
        "Nothing was asked of the controller. See docs/docsite/rst/guide_awx.rst."
    )
    assert step.requests == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"awx_setup_prefix": "7"}, "must not be a number"),
        ({"awx_setup_quotawait": 5}, "There are no variables awx_setup_quotawait."),
        (
            {
                "awx_setup_role_variables": {
                    "change_evidence_hours": 2,
                    "change_evidence_dir": "/",
                    "ansible_user": "root",
                }
            },
            "must not have ansible_user, change_evidence_dir, change_evidence_hours.",
        ),
        (
            {"awx_setup_questions": [{"variable": name} for name in ("router", "change_evidence_phase")]},
            "must not ask for change_evidence_phase.",
        ),
    ],
)
def test_wrong_variable_is_told_before_any_request(tmp_path: Path, variables: dict[str, Any], said: str) -> None:
    with Controller(world()) as controller:
        step = set_up(controller, tmp_path, {**VARIABLES, **variables}, secret=OLD_SECRET)
    assert step.run.status == 2
    assert said in step.run.message
    assert step.requests == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"awx_setup_organization": "None"}, ["Not there: the organization None, "]),
        (
            {
                "awx_setup_change_template": "Rest",
                "awx_setup_project_url": "",
                "awx_setup_execution_environment_image": "",
            },
            [
                "Not there: the job template Rest in the organization Default, "
                "the project Evidence in the organization Default, the execution environment With ThousandEyes."
            ],
        ),
        (
            {"awx_setup_project": CHANGE, "awx_setup_prefix": "Vendor"},
            [
                f"{CHANGE}, one of the projects, was not made by this playbook",
                "Vendor, one of the credential_types, was not made by this playbook",
            ],
        ),
    ],
)
def test_unfit_surroundings_are_told_before_any_write(tmp_path: Path, changes: dict[str, str], said: list[str]) -> None:
    with Controller(world()) as controller:
        step = set_up(controller, tmp_path, {**VARIABLES, **changes}, secret=OLD_SECRET)
    assert step.run.status == 2
    assert all(each in step.run.output for each in said)
    assert step.writes == []


def test_controller_that_does_not_let_in_is_asked_once(tmp_path: Path) -> None:
    with Controller(world(), token="another") as controller:
        step = set_up(controller, tmp_path, VARIABLES, secret=OLD_SECRET)
    assert step.run.status == 2
    said = json.JSONDecoder().raw_decode(step.run.output.rpartition("FAILED! => ")[2])[0]["msg"]
    assert said.startswith("The controller cannot be asked: ") and said.endswith("Nothing was changed.")
    assert len(step.requests) == 1


def test_removal_does_not_touch_what_only_has_the_name(tmp_path: Path) -> None:
    variables = {**VARIABLES, "awx_setup_project": CHANGE, "awx_setup_prefix": "Vendor", "awx_setup_state": "absent"}
    with Controller(world()) as controller:
        step = set_up(controller, tmp_path, variables, secret="")
    assert step.run.status == 0
    assert step.writes == []


@pytest.fixture
def finished(scenario: Scenario) -> World:
    return deepcopy(scenario.changed)


def test_ledger_in_facts_and_a_question_of_its_own(scenario: Scenario) -> None:
    picture = scenario.steps["changed"].picture
    workflow = picture["workflow_job_templates", "Default", "ThousandEyes change"]
    assert not workflow["allow_simultaneous"]
    assert workflow["survey"][-1] == QUESTION
    for phase in PHASES:
        template = picture["job_templates", "Default", f"ThousandEyes {phase}"]
        assert template["use_fact_cache"]
        assert "router" not in str(template["survey"])


def test_removal_stops_if_others_use_what_was_made(tmp_path: Path, finished: World) -> None:
    theirs = finished.named("job_templates", CHANGE, organization=finished.named("organizations", "Default")["id"])
    ours = finished.named("job_templates", "ThousandEyes before", organization=theirs["organization"])
    uses = ["project", "inventory", "execution_environment"]
    theirs.update({name: ours[name] for name in uses})
    finished.lists[theirs["id"], "credentials"] = finished.lists[ours["id"], "credentials"]
    with Controller(finished) as controller:
        step = set_up(controller, tmp_path, {**CHANGED, "awx_setup_state": "absent"}, secret="")
    assert step.run.status == 2
    told = ", ".join(f"{CHANGE} ({name})" for name in [*uses, "credential"])
    assert f"use what it made: {told}." in step.run.message
    assert step.writes == []


# The first of a pair keeps the workflow from being compared, and the second the job templates: each would be missed.
@pytest.mark.parametrize(
    "lost",
    [
        {"workflow_job_template_nodes": "report", "credentials": "ThousandEyes"},
        {"job_templates": "ThousandEyes report", "projects": "Evidence"},
        {"inventories": "ThousandEyes"},
        {"execution_environments": "With ThousandEyes"},
    ],
    ids=" and ".join,
)
def test_check_mode_where_something_was_lost(tmp_path: Path, finished: World, lost: dict[str, str]) -> None:
    for kind, name in lost.items():
        [gone] = (
            row["id"]
            for row in finished.rows[kind].values()
            if name == row.get("name", row.get("identifier"))
            and finished._home(row) == "Default"
            and row.get("credential_type") != finished.named("credential_types", "Vendor")["id"]
        )
        finished.remove(kind, gone)
    finished.going = {row_id: 0 for row_id in finished.going}
    with Controller(finished) as controller:
        step = set_up(controller, tmp_path, CHANGED, "--check", secret=OLD_SECRET)
    assert step.run.status == 0, step.run.output
    told = re.findall('"msg": "(.*)"', step.run.output)
    assert sorted(told) == sorted(f"{kind}: {name}" for kind, name in lost.items())
    assert step.writes == []


@pytest.fixture
def with_remains() -> Controller:
    """One where a credential type and an inventory are all that is left of a set-up."""
    left = world()
    made = {"name": "ThousandEyes", "description": "Old. Made by community.thousandeyes.awx_setup."}
    left.create("credential_types", {**made, "kind": "cloud"})
    left.create("inventories", {**made, "organization": left.named("organizations", "Default")["id"]})
    return Controller(left)


def test_check_mode_tells_and_writes_nothing(tmp_path: Path, with_remains: Controller) -> None:
    with with_remains as controller:
        step = set_up(controller, tmp_path, VARIABLES, "--check", secret=OLD_SECRET)
    assert step.run.status == 0, step.run.output
    assert step.writes == []
    told = re.findall('"msg": "(.*)"', step.run.output)
    kinds = ("projects", "execution_environments", "job_templates", "workflow_job_templates")
    assert sorted(told) == sorted(
        ["credentials: ThousandEyes", *(f"{kind}: {name}" for kind, _home, name in OURS if kind in kinds)]
    )
    for task in ("Credential type", "Inventory", "Its only host"):
        assert re.search(rf"TASK \[{task}\] \*+\nchanged: ", step.run.output), task


def test_removal_in_check_mode_writes_nothing(tmp_path: Path, with_remains: Controller) -> None:
    with with_remains as controller:
        step = set_up(controller, tmp_path, {**VARIABLES, "awx_setup_state": "absent"}, "--check", secret="")
    assert step.run.status == 0, step.run.output
    assert step.run.recap["changed"] == 2
    assert step.writes == []


def test_removal_stops_if_others_use_the_credential_type(tmp_path: Path, with_remains: Controller) -> None:
    with with_remains as controller:
        foreign = {
            "name": "Somebody's",
            "organization": controller.world.named("organizations", "Other")["id"],
            "credential_type": controller.world.named("credential_types", "ThousandEyes")["id"],
        }
        controller.world.create("credentials", foreign)
        step = set_up(controller, tmp_path, {**VARIABLES, "awx_setup_state": "absent"}, secret="")
    assert step.run.status == 2
    assert "that this playbook did not make: Somebody's." in step.run.message
    assert step.writes == []
