# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pythons where something is missing or broken. An error while Ansible loads a plugin would end the whole playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.python_apart import run_python
from simulator import TOKEN, Simulator

ACTIONS = sorted(path.stem for path in (Path(__file__).parents[4] / "plugins" / "action").glob("*.py"))
# All that is not pure Python of the standard library, also what Ansible itself has loaded by then.
POISON = "sqlite3 _sqlite3 fcntl requests urllib3 ssl psycopg yaml jinja2 markupsafe tzdata".split()
PROGRAM = """
import json, sys
from ansible.plugins.loader import action_loader, filter_loader, init_plugin_loader
from support.python_apart import Poison

init_plugin_loader()
names, fault = json.loads(sys.argv[1]), sys.argv[2]

def failure(name):
    return AttributeError(f"no {name}") if fault == "broken" else ModuleNotFoundError(f"no {name}", name=name)

poison = Poison(names, failure)
# What Ansible itself needs for it, and does not run without.
import ansible.module_utils.basic
import ansible.playbook.task
import ansible_collections.community.thousandeyes
action_loader.get("ansible.builtin.debug", class_only=True)
poison.take()
filters = filter_loader.get("community.thousandeyes.window")
from ansible_collections.community.thousandeyes.plugins.plugin_utils._control_node import _prepared

told = {}
for name in sys.argv[3:]:
    poison.tried.clear()
    action = action_loader.get(f"community.thousandeyes.{name}", class_only=True)
    told[name] = {"action": action.__name__, "filter": bool(filters), "tried": list(poison.tried), "failure": None}
    try:
        _prepared(action.work)
    except Exception as error:
        told[name]["failure"] = error.failure()
print(json.dumps(told))
"""


@pytest.mark.parametrize("fault", ["missing", "broken"])
def test_every_action_loads_whatever_is_missing(fault: str) -> None:
    told = json.loads(run_python(PROGRAM, json.dumps(POISON), fault, *ACTIONS).stdout)
    assert {(each["action"], each["filter"]) for each in told.values()} == {("ActionModule", True)}
    # It needs what Ansible itself has loaded by then.
    report = told.pop("change_report")
    assert report["failure"]["code"] == "missing_library"
    text = report["failure"]["message"]
    assert report["tried"][0].partition(".")[0] in text and sys.executable in text
    assert told.keys() == {*ACTIONS} - {"change_report"}
    assert not [each for each in told.values() if each["tried"] or each["failure"]]


PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - block:
        - community.thousandeyes.snapshot:
            test_id: 19955
            display_name: After
            from: "2018-10-06T00:00:00"
            hours: 1
          register: result
        - copy: {dest: "{{ out }}/result", content: "{{ result | to_json }}"}
      rescue:
        - copy: {dest: "{{ out }}/result", content: "{{ ansible_failed_result | to_json }}"}
      always:
        - copy: {dest: "{{ out }}/closed", content: ""}
    - community.thousandeyes.test_info: {test_id: 19955}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ledger", "fault", "why"),
    [
        ("none", "raise AttributeError('of another version')", ""),
        (
            "file",
            "raise ModuleNotFoundError(\"No module named '_sqlite3'\", name='_sqlite3')",
            "No module named '_sqlite3'",
        ),
    ],
)
def test_a_python_without_sqlite(tmp_path: Path, sim: Simulator, ledger: str, fault: str, why: str) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "_sqlite3.py").write_text(fault)
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    environment = {
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "path"), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "THOUSANDEYES_API_URL": sim.url,
        "THOUSANDEYES_API_TOKEN": TOKEN,
        "THOUSANDEYES_LEDGER": "none" if ledger == "none" else str(tmp_path / "ledger.sqlite3"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml", "-e", f"out={tmp_path}"],
        cwd=tmp_path,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "closed").exists()
    result = json.loads((tmp_path / "result").read_text())
    if ledger == "none":
        assert result["changed"] and len(sim.creations()) == 1
    else:
        assert (result["failure"]["code"], "snapshot" in result) == ("missing_library", False)
        assert all(text in result["msg"] for text in ("sqlite3", why, sys.executable)), result["msg"]
        assert sim.creations() == []
