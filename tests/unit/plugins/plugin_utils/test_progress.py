# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook shows while a task waits, through pipes, and what hostile names can do to a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from simulator import EMAIL, TOKEN, Simulator

# As those named json do: nothing but one JSON text on stdout, at the end.
CALLBACK = """
import json
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "owner"

    def v2_playbook_on_start(self, playbook):
        self.results = []

    def v2_runner_on_ok(self, result, ignore_errors=False):
        self.results.append(getattr(result, "result", None) or result._result)

    v2_runner_on_failed = v2_runner_on_ok

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(self.results, default=str))
"""
WAITS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.thousandeyes.snapshot:
        tests: [19955, 817]
        display_name: CHG1 before
        from: "2018-10-06T00:00:00"
        hours: 1
        quota_limit: 1
        quota_window: "{{ seconds }}"
        quota_wait: 7200
"""


@contextlib.contextmanager
def playing(
    folder: Path, sim: Simulator, playbook: str, *arguments: str, callback: str
) -> t.Iterator[subprocess.Popen[str]]:
    (folder / "callbacks").mkdir()
    (folder / "callbacks" / "owner.py").write_text(CALLBACK)
    (folder / "play.yml").write_text(playbook)
    environment = {
        "ANSIBLE_CALLBACK_PLUGINS": str(folder / "callbacks"),
        "ANSIBLE_STDOUT_CALLBACK": callback,
        "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "THOUSANDEYES_API_URL": sim.url,
        "THOUSANDEYES_API_TOKEN": TOKEN,
        "THOUSANDEYES_LEDGER": str(folder / "ledger.sqlite3"),
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Otherwise a byte that is no UTF-8 would fail the test in a way that hides which.
        errors="surrogateescape",
        start_new_session=True,
    ) as process:
        yield process


def waited(folder: Path, sim: Simulator, playbook: str, *arguments: str) -> tuple[str, str]:
    """What such a playbook writes to stdout and stderr. A slow machine may find the first window over already."""
    for seconds in (1, 30):
        sim.reset()
        (folder / str(seconds)).mkdir()
        given = ("-e", f"seconds={seconds}", *arguments)
        with playing(folder / str(seconds), sim, playbook, *given, callback="owner") as process:
            output, errors = process.communicate()
        if "waiting for the creation quota" in errors:
            break
    return output, errors


def test_stdout_belongs_to_the_callback(tmp_path: Path, sim: Simulator) -> None:
    output, errors = waited(tmp_path, sim, WAITS)
    [result] = json.loads(output)
    assert [snapshot["status"] for snapshot in result["snapshots"]] == ["created"] * 2
    assert "[localhost] community.thousandeyes.snapshot: " in errors and "waiting for the creation quota" in errors
    # What newer ansible-cores say of a task that writes there itself.
    assert "errantly" not in errors


def test_progress_is_seen_while_the_task_waits(tmp_path: Path, sim: Simulator) -> None:
    with playing(tmp_path, sim, WAITS, "-e", "seconds=3600", callback="default") as process:
        assert process.stderr and process.stdout
        told = next(line for line in process.stderr if "waiting for the creation quota" in line)
        # It would wait for an hour.
        assert process.poll() is None and told.startswith("[localhost] community.thousandeyes.snapshot: ")
        os.killpg(process.pid, signal.SIGKILL)
        assert "waiting" not in process.stdout.read()
    assert len(sim.creations()) == 1


HOSTILE = "\x1b[2J\x1b]0;ALL OK\x07\x9b31m\u202eexe\ud800"
NAMED = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.thousandeyes.snapshot:
        tests: [404, "Web shop"]
        display_name: "CHG1 {{ hostile }}"
        from: "2018-10-06T00:00:00"
        hours: 1
      ignore_errors: true
    - community.thousandeyes.snapshot:
        test_name: "{{ 'Evil' ~ hostile }}"
        display_name: CHG1
        from: "2018-10-06T00:00:00"
        hours: 1
        link_id: "a{{ hostile }}"
        on_unknown: adopt
      ignore_errors: true
    - community.thousandeyes.test_info: {name: "{{ hostile }}x"}
      ignore_errors: true
    - community.thousandeyes.test_info: {saved_events: "{{ hostile }}"}
      ignore_errors: true
    - community.thousandeyes.test_info: {}
      register: found
    - community.thousandeyes.snapshot:
        test_id: "404"
        display_name: CHG2
        from: "2018-10-06T00:00:00"
        hours: 1
      ignore_errors: true
"""


@pytest.mark.parametrize("callback", ["default", "owner"])
def test_names_do_not_command_the_terminal(tmp_path: Path, sim: Simulator, callback: str) -> None:
    """Data stays as it is, since later tasks compare it. Ansible shows it as JSON, where those are escapes.

    Not so those of C1 and marks of direction, which JSON need not escape: how Ansible shows data is not ours.
    """
    encodable = HOSTILE.replace("\ud800", "")
    sim.add_test(name=f"Evil {HOSTILE}")
    sim.fault(match={"path": "/v7/tests/404/snapshot"}, status=400, body={"title": f"Bad {encodable}"})
    given = json.dumps({"hostile": encodable})
    with playing(tmp_path, sim, NAMED, "-v", "-e", given, callback=callback) as process:
        output, errors = process.communicate()
    log = (tmp_path / "log").read_text(encoding="utf-8", errors="surrogateescape")
    for text in (output, errors, log):
        assert "\x1b" not in text and "\x07" not in text
    if callback == "owner":
        results = json.loads(output.splitlines()[-1])
        messages = [result["msg"] for result in results if result.get("msg")]
        assert len(messages) == 4, messages
        assert not [text for text in messages for mark in HOSTILE if not mark.isprintable() and mark in text]
        assert "Bad" in messages[0] and "got: \\u001b[2J" in messages[2]
        names = [test["test_name"] for result in results for test in result.get("tests", [])]
        assert any(name.startswith("Evil \x1b[2J") for name in names)


MASKED = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.thousandeyes.snapshot:
        test_id: 19955
        display_name: CHG1 by {{ lookup('env', 'THOUSANDEYES_API_EMAIL') }}
        from: "2018-10-06T00:00:00"
        hours: 1
        api_version: "{{ version }}"
    - community.thousandeyes.test_info: {test_id: 19955, api_version: "{{ version }}"}
    - community.thousandeyes.snapshot:
        display_name: CHG1 by {{ lookup('env', 'THOUSANDEYES_API_TOKEN') }}
        from: "2018-10-06T00:00:00"
        hours: 1
        organization: of {{ lookup('env', 'THOUSANDEYES_API_TOKEN') }}
        quota_limit: 1
        quota_window: "{{ seconds }}"
        tests: [19955, 817]
"""


@pytest.mark.parametrize("version", ["v6", "v7"])
def test_an_email_is_data_and_a_token_is_not(
    tmp_path: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Where a home folder, a title or who made a test has the address in it, later tasks need it."""
    monkeypatch.setenv("THOUSANDEYES_API_EMAIL", EMAIL)
    output, errors = waited(tmp_path, sim, MASKED, "-e", f"version={version}")
    named, found, secret = json.loads(output)
    assert named["snapshot"]["display_name"] == sim.creations()[0]["display_name"] == f"CHG1 by {EMAIL}"
    assert named["ansible_facts"]["thousandeyes_snapshots"] == [named["snapshot"]]
    assert EMAIL in found["tests"][0]["created_by"]
    assert sim.creations()[1]["display_name"] == f"CHG1 by {TOKEN}"
    assert len(secret["snapshots"]) == 2 and "waiting for the creation quota of of ***" in errors
    assert TOKEN not in output + errors
