# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import typing as t
import unicodedata
from pathlib import Path

import pytest
from ansible import context
from ansible_collections.community.thousandeyes.plugins.plugin_utils import _provenance as module
from ansible_collections.community.thousandeyes.plugins.plugin_utils._provenance import provenance
from hypothesis import example, given
from hypothesis import strategies as st

# What AWX gives a job of a workflow, with either prefix.
AWX = {
    "job_id": 3116,
    "job_launch_type": "workflow",
    "job_template_id": 59,
    "job_template_name": "Change evidence",
    "workflow_job_id": 3115,
    "workflow_job_name": "Change",
    "workflow_job_launch_type": "scheduled",
    "parent_job_schedule_id": 4,
    "parent_job_schedule_name": "Mondays",
    "user_id": 1,
    "user_name": "joe",
    "user_email": "joe@example.com",
    "user_first_name": "Joe",
    "user_last_name": "",
    "inventory_id": 2,
    "inventory_name": "Network",
    "project_revision": "d718bbe54455e7c86b49103800bf3bce786e2dfe",
    "project_scm_branch": "main",
    "execution_node": "node-1",
}
OF_THE_JOB = {
    "job_id": "3116",
    "job_template": "Change evidence",
    "launch_type": "workflow",
    "launched_by": "joe",
    "schedule": "Mondays",
    "workflow_job_id": "3115",
    "workflow_job": "Change",
    "project_revision": "d718bbe54455e7c86b49103800bf3bce786e2dfe",
    "execution_node": "node-1",
}
WHO = """
from ansible_collections.community.thousandeyes.plugins.plugin_utils._control_node import ControlNodeAction, Work

class ActionModule(ControlNodeAction):
    module_name = "who"

    @staticmethod
    def work():
        return Work({}, lambda params, context: {"changed": False, "who": dict(context.provenance)})
"""
PLAYBOOK = """
- name: "Evidence of {{ what }}"
  hosts: localhost
  gather_facts: false
  vars: {what: a change, ansible_python_interpreter: /nowhere}
  tasks:
    - who:
      environment: {LOGNAME: other, USER: other}
"""


def of_the_job(task_vars: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {key: text for key, text in provenance(task_vars).items() if key not in ("user", "node", "playbook")}


@pytest.mark.parametrize("prefixes", [["awx"], ["tower"], ["awx", "tower"]])
def test_a_job(prefixes: list[str]) -> None:
    variables = {f"{prefix}_{name}": value for prefix in prefixes for name, value in AWX.items()}
    assert of_the_job(variables) == OF_THE_JOB


def test_each_is_looked_for_by_itself() -> None:
    assert of_the_job({"awx_job_id": 1, "tower_job_id": 2, "awx_user_name": "", "tower_user_name": "joe"}) == {
        "job_id": "1",
        "launched_by": "joe",
    }


def test_the_schedule_of_the_job_itself_comes_first() -> None:
    variables = {"tower_schedule_name": "Daily", "awx_parent_job_schedule_name": "Mondays"}
    assert of_the_job(variables) == {"schedule": "Daily"}


@pytest.mark.parametrize("value", [None, ["a"], {"a": "b"}, b"a", 1.5, object()])
def test_what_is_no_text_is_not_told(value: t.Any) -> None:
    assert of_the_job({"awx_user_name": value, "ansible_play_name": value}) == {}


@given(st.text() | st.text(alphabet="a \n\r\t\0\x1b\x85\u2028\u202e\ud800\u00a0", max_size=300))
@example("x" * 300)
def test_a_value_is_one_line_of_text(text: str) -> None:
    told = of_the_job({"ansible_play_name": text}).get("play")
    assert told is None or 0 < len(told) <= 200
    for mark in told or "":
        assert unicodedata.category(mark)[0] != "C"
        assert mark == " " or unicodedata.category(mark)[0] != "Z"
    kept = [mark for mark in text if unicodedata.category(mark)[0] not in "CZ"]
    assert [mark for mark in told or "" if mark != " "] == kept[: len((told or "").replace(" ", ""))]
    assert (told is None) == (not kept)


def test_words_stay_apart() -> None:
    assert of_the_job({"ansible_play_name": " one\r\ntwo\x1b[0m\u2028three "}) == {"play": "one two[0m three"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("site.yml",), "site.yml"),
        (("./changes/after.yml",), "changes/after.yml"),
        (("/home/joe/secret-customer/after.yml",), "after.yml"),
        (("../../joe/after.yml",), "after.yml"),
        (("changes/../../after.yml",), "after.yml"),
        (("community.thousandeyes.after",), "community.thousandeyes.after"),
        (("before.yml", "/srv/after.yml"), "before.yml, after.yml"),
        ("all:!production", None),
        (None, None),
    ],
)
def test_the_playbook(monkeypatch: pytest.MonkeyPatch, args: t.Any, told: str | None) -> None:
    monkeypatch.setattr(context, "CLIARGS", {} if args is None else {"args": args})
    assert provenance({}).get("playbook") == told


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "getuid", lambda: 1_234_567_890)
    assert provenance({})["user"] == "1234567890"


def ran(tmp_path: Path, *command: str) -> t.Any:
    """What a task of the kind above was told."""
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "library").mkdir()
    (tmp_path / "action_plugins" / "who.py").write_text(WHO)
    (tmp_path / "library" / "who.py").write_text("#!/usr/bin/python\n")
    (tmp_path / "who.yml").write_text(PLAYBOOK)
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=tmp_path,
        env={
            **os.environ,
            "ANSIBLE_ACTION_PLUGINS": str(tmp_path / "action_plugins"),
            "ANSIBLE_LIBRARY": str(tmp_path / "library"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = done.stdout.split("localhost | SUCCESS => ")[1]
    return json.JSONDecoder().raw_decode(result)[0]["who"]


@pytest.fixture
def here() -> dict[str, str]:
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    return {"user": user, "node": socket.gethostname()}


def test_a_playbook(tmp_path: Path, here: dict[str, str]) -> None:
    told = ran(tmp_path, "ansible-playbook", "./who.yml", "-e", "awx_job_id=7 password=secret")
    assert told == {"playbook": "who.yml", "play": "Evidence of a change", "job_id": "7", **here}


def test_a_task_without_a_playbook(tmp_path: Path, here: dict[str, str]) -> None:
    assert ran(tmp_path, "ansible", "localhost", "-m", "who") == {"play": "Ansible Ad-Hoc", **here}
