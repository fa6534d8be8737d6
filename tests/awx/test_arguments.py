# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook says, against what awx.awx, AWX's rules for credential types, the role and the modules document."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.community.thousandeyes.plugins.module_utils import _options as options
from awx.conftest import Scenario
from ansible_collections.community.thousandeyes.plugins.module_utils._signature import Signer
from awx.credential_rules import Refused, checked, environment, injected
from awx.playing import ANSIBLE, COLLECTIONS
from support.ssh_keys import new_key
from tools.collections_of_ansible import ROOT

PLAYBOOKS = ROOT / "playbooks"
PHASES = ("before", "failed", "watch", "after", "report", "result")


class Loader(yaml.SafeLoader):
    """It takes what Ansible marks as unsafe for what it is."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load(path: str) -> Any:
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), Loader=Loader)


INPUTS = load("playbooks/vars/awx_credential_inputs.yml")
INJECTORS = load("playbooks/vars/awx_credential_injectors.yml")
SIGNATURE = (load("playbooks/vars/awx_signature_inputs.yml"), load("playbooks/vars/awx_signature_injectors.yml"))
QUESTIONS = {
    each["variable"]: each for each in load("playbooks/vars/awx_surveys.yml")["__awx_setup_questions"].values()
}
ROLE = load("roles/change_evidence/meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def tasks() -> Iterator[dict[str, Any]]:
    """All of the set-up, those in blocks too."""
    todo = [task for path in sorted(PLAYBOOKS.glob("tasks/awx_*.yml")) for task in load(str(path))]
    while todo:
        task = todo.pop(0)
        todo += task.get("block", [])
        yield task


def uses() -> list[tuple[str, dict[str, Any]]]:
    return [(name, arguments) for task in tasks() for name, arguments in task.items() if name.startswith("awx.awx.")]


@pytest.fixture(scope="module")
def documented() -> dict[str, Any]:
    """The documentation of the modules that the playbook uses, by ansible-doc."""
    command = [str(ANSIBLE / "ansible-doc"), "--json", *sorted({name for name, _arguments in uses()})]
    env = {"ANSIBLE_COLLECTIONS_PATH": COLLECTIONS, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return {name: each["doc"]["options"] for name, each in json.loads(done.stdout).items()}


def test_modules_document_all_arguments(documented: dict[str, Any]) -> None:
    assert len(uses()) >= 18
    for name, arguments in uses():
        for option, value in arguments.items():
            assert option in documented[name], f"{name}: {option}"
            choices = documented[name][option].get("choices")
            if choices and "{{" not in str(value):
                assert value in choices, f"{name}: {option}"
        required = {option for option, spec in documented[name].items() if spec.get("required")}
        assert required <= set(arguments), name


def test_awx_takes_the_credential_type_as_it_is() -> None:
    # If AWX added something, a second run would find a difference.
    assert checked(INPUTS, INJECTORS) == INPUTS
    assert checked(*SIGNATURE) == SIGNATURE[0]


@pytest.mark.parametrize(
    ("inputs", "injectors"),
    [
        ({**INPUTS, "more": 1}, INJECTORS),
        ({"fields": [{"id": "a b", "label": ""}]}, {}),
        ({"fields": [{"id": "a", "label": ""}] * 2}, {}),
        (INPUTS, {"env": {"ANSIBLE_CONFIG": "x"}}),
        (INPUTS, {"env": {"X": "{{ unknown }}"}}),
        (SIGNATURE[0], {"extra_vars": SIGNATURE[1]["extra_vars"]}),
        (SIGNATURE[0], {**SIGNATURE[1], "file": {"key": "x"}}),
    ],
)
def test_rules_of_awx_can_refuse(inputs: Any, injectors: Any) -> None:
    with pytest.raises(Refused):
        checked(inputs, injectors)


def test_each_input_is_injected_by_the_variable_of_its_option() -> None:
    specs = {**options.CONNECTION, **options.ACCOUNT_GROUP, **options.LEDGER}
    assert set(INJECTORS) == {"env"}
    assert [each["id"] for each in INPUTS["fields"]] == [
        re.fullmatch(r"\{\{ (\w+) \}\}", template)[1] for template in INJECTORS["env"].values()
    ]
    for name, value in environment(INJECTORS, {each["id"]: each["id"] for each in INPUTS["fields"]}).items():
        assert name == specs[value]["fallback"][1][0]
    secret = {each["id"] for each in INPUTS["fields"] if each.get("secret")}
    assert secret == {"api_token", "ledger"}
    assert INPUTS["required"] == [name for name, spec in options.CONNECTION.items() if spec.get("required")]


def test_empty_inputs_leave_empty_variables() -> None:
    left = environment(INJECTORS, {"api_token": "x", "aid": ""})
    assert {name: value for name, value in left.items() if value} == {"THOUSANDEYES_API_TOKEN": "x"}
    assert len(left) == len(INPUTS["fields"])


@pytest.mark.parametrize("end", ["\n", ""])
def test_the_key_of_a_credential_signs(tmp_path: Path, end: str) -> None:
    """Also if its last line end was lost where it was pasted."""
    key = new_key(tmp_path)
    pasted = key.read_text(encoding="utf-8").strip() + end
    variables = injected(*SIGNATURE, {"sign_key": pasted}, tmp_path)
    assert set(variables) == {"change_evidence_sign_key"} <= set(ROLE)
    signer = Signer.of(variables["change_evidence_sign_key"], print)
    assert signer.made(b"sums", signer.sign(b"sums"))


def complaints(values: dict[str, Any], names: set[str]) -> list[str]:
    """What ansible-core's own check of role arguments complains about."""
    spec = {name: {key: value for key, value in ROLE[name].items() if key != "description"} for name in names}
    return ArgumentSpecValidator(spec).validate(values).error_messages


@pytest.mark.parametrize("variable", QUESTIONS)
def test_question_fits_the_variable_of_the_role(variable: str) -> None:
    question, spec = QUESTIONS[variable], ROLE[variable]
    if question["type"] == "multiplechoice":
        for choice in question["choices"]:
            assert complaints({variable: choice}, {variable}) == []
        if "choices" in spec:
            assert question["choices"] == [str(each) for each in spec["choices"]]
        else:
            assert spec["type"] == "bool"
        # What nobody answers must be what the role would do.
        assert question["default"] == str(spec["default"]).lower()
        assert question["required"]
    elif question["type"] == "multiselect":
        assert complaints({variable: question["choices"]}, {variable}) == []
        assert set(question["choices"]) <= set(spec["choices"])
        assert (question["default"].splitlines(), question["required"]) == (spec["default"], True)
    else:
        assert question["type"] in ("text", "textarea")
        assert spec["type"] in ("str", "list") and "choices" not in spec
        # What is left empty must count as not given, which the role does only of variables without a default.
        assert question["required"] or "default" not in spec
    assert set(question) <= {
        "question_name",
        "question_description",
        "variable",
        "type",
        "choices",
        "default",
        "required",
    }


@pytest.mark.parametrize("phase", PHASES)
def test_template_gives_the_role_all_that_it_needs(scenario: Scenario, phase: str) -> None:
    template = scenario.steps["changed"].picture["job_templates", "Default", f"ThousandEyes {phase}"]
    fixed = json.loads(template["extra_vars"])
    asked = {each["variable"]: each.get("default", "") for each in template["survey"]}
    assert not set(fixed) & set(asked)
    values = {**fixed, **asked}
    assert complaints(values, set(values)) == []
    needed = {name for name, spec in ROLE.items() if spec.get("required")}
    assert needed <= set(fixed) | {each["variable"] for each in template["survey"] if each["required"]}
    assert ("change_evidence_end" in asked) == (phase in ("watch", "after", "report"))


@pytest.mark.parametrize("phase", PHASES)
def test_job_may_last_for_all_waits_of_the_role(scenario: Scenario, phase: str) -> None:
    template = scenario.steps["changed"].picture["job_templates", "Default", f"ThousandEyes {phase}"]
    fixed = {name: spec.get("default") for name, spec in ROLE.items()} | json.loads(template["extra_vars"])
    creating = [
        task for task in load(f"roles/change_evidence/tasks/{phase}.yml") if "community.thousandeyes.snapshot" in task
    ]
    waits = len(creating) * fixed["change_evidence_quota_wait"]
    waits += fixed["change_evidence_wait"] if phase == "after" else 0
    waits += 60 * fixed["change_evidence_watch_minutes"] if phase == "watch" else 0
    assert template["timeout"] >= waits + 1200


def test_documentation_names_what_there_is() -> None:
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_awx.rst").read_text(encoding="utf-8")
    for name in load("playbooks/vars/awx_setup.yml"):
        assert name.startswith("__") or f"`{name}`" in text, name
    for name in INJECTORS["env"]:
        assert name in text, name
    for question in QUESTIONS.values():
        assert question["question_name"] in text, question


def test_guide_asks_by_clicks_what_the_playbook_asks() -> None:
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_awx.rst").read_text(encoding="utf-8")
    surveys = load("playbooks/vars/awx_surveys.yml")
    keys = {question["variable"]: key for key, question in surveys["__awx_setup_questions"].items()}
    row = r"      \* - (.+)\n        - ``(change_evidence_\w+)``\n        - .*\n        -.*\n        - (.*)\n"
    told = {variable: (title, templates) for title, variable, templates in re.findall(row, text)}
    expected = {}
    for variable, key in keys.items():
        phases = [phase for phase in PHASES if key in surveys["__awx_setup_asked"][phase]]
        shown = "all" if len(phases) == len(PHASES) else ", ".join(phases)
        alone = "" if key in surveys["__awx_setup_asked"]["change"] else "; not the workflow"
        expected[variable] = (QUESTIONS[variable]["question_name"], f"{shown}{alone}")
    assert told == expected
