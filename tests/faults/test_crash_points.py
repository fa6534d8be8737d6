# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SIGKILL at each point of a creation that matters, then the same playbook again.

The simulator's own record says what was really created. How the points are reached: crash/sitecustomize.py.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from support.patience import HANG
from simulator import TOKEN, Simulator

CRASH = Path(__file__).with_name("crash")
# Has a host "here", where the task runs in process, and one "there", where the module does.
HOSTS = Path(__file__).parents[1] / "integration" / "targets" / "setup_simulator"


class Case(t.NamedTuple):
    """``left``: how many snapshots the killed process has created; ``end`` and ``sent``: of the next run.

    "shown" is a private one where the list is known to show private snapshots; on a new ledger it is not.
    """

    point: str
    visibility: str
    left: int
    end: str
    sent: list[str]


AROUND_THE_REQUEST = [
    Case("after_intent", "private", 0, "outcome_unknown", ["GET"]),
    Case("after_send", "private", 1, "adopted", ["GET"]),
    Case("after_completion", "private", 1, "existing", []),
]
OTHERS = [
    Case("before_intent", "shown", 0, "created", ["POST"]),
    Case("before_intent", "private", 0, "created", ["POST", "GET"]),
    Case("after_intent", "shown", 0, "created", ["GET", "POST"]),
    Case("after_intent", "public", 0, "outcome_unknown", []),
    Case("after_send", "public", 1, "outcome_unknown", []),
    Case("after_answer", "private", 1, "adopted", ["GET"]),
    Case("after_answer", "public", 1, "outcome_unknown", []),
    Case("before_completion", "private", 1, "adopted", ["GET"]),
    Case("before_completion", "public", 1, "outcome_unknown", []),
]


class Playbook:
    """The playbook, with a home, a ledger and a simulator of its own."""

    def __init__(self, folder: Path, location: str, sim: Simulator, visibility: str, where: str) -> None:
        self._location = location
        self._folder = folder
        self._sim = sim
        self._is_public = visibility == "public"
        self._where = where
        self.marker = folder / "marker"
        if visibility == "shown":
            code, output = self._run({}, title="Shown")
            assert code == 0, output
            sim.clear_requests()
        self._before = len(sim.creations())

    def made(self) -> int:
        """How many snapshots the killed process and the runs after it have created."""
        return len(self._sim.creations()) - self._before

    def crash(self, point: str) -> None:
        code, output = self._run({"CRASH_AT": point, "CRASH_MARKER": str(self.marker)})
        assert code != 0, output
        assert self.marker.exists(), f"{point} was not reached:\n{output}"

    def run(self, on_unknown: str = "fail") -> tuple[str, bool, list[str]]:
        """Status or failure code, whether it changed something, and the methods of the requests that were sent."""
        self._sim.clear_requests()
        _code, output = self._run({}, on_unknown)
        start = output.find("=> {") + 3
        assert start > 3, output
        result, _end = json.JSONDecoder().raw_decode(output, start)
        if "failure" in result:
            return result["failure"]["code"], result["changed"], self.sent()
        snapshot = result["snapshot"]
        assert snapshot["snapshot_test_id"] == str(self._sim.creations()[-1]["snapshot_test_id"])
        return snapshot["status"], result["changed"], self.sent()

    def sent(self) -> list[str]:
        """Once what was repeated, as the GET is that waits for the test list."""
        return [method for method, _rows in itertools.groupby(row["method"] for row in self._sim.requests())]

    def _run(self, crash: dict[str, str], on_unknown: str = "fail", title: str = "Crash") -> tuple[int, str]:
        options = {"is_public": self._is_public, "on_unknown": on_unknown, "where": self._where, "title": title}
        with subprocess.Popen(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                *("-i", HOSTS / "elsewhere.yml"),
                *("-e", json.dumps(options)),
                CRASH / "playbook.yml",
            ],
            cwd=self._folder,
            env={**self._environment(), **crash},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _none = process.communicate(timeout=HANG)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, output

    def _environment(self) -> dict[str, str]:
        mine = ("ANSIBLE_", "THOUSANDEYES_", "TE_")
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(mine)},
            "HOME": str(self._folder),
            "PYTHONPATH": str(CRASH),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_CONNECTION_PLUGINS": str(HOSTS / "connection_plugins"),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
            # By default this is in the home that the user database tells, not in HOME.
            "ANSIBLE_REMOTE_TMP": str(self._folder / "tmp"),
            "WORK": str(self._folder),
            "THOUSANDEYES_API_TOKEN": TOKEN,
            "THOUSANDEYES_API_URL": self._sim.url,
            "THOUSANDEYES_LEDGER": self._location,
        }


def cases(rows: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", rows, ids=[f"{row.point}-{row.visibility}" for row in rows])


@cases(OTHERS)
@pytest.mark.parametrize("server", ["file"], indirect=True)
def test_killed_at_other_points(tmp_path: Path, location: str, case: Case) -> None:
    killed(tmp_path, location, case, "here")


@cases(AROUND_THE_REQUEST)
@pytest.mark.parametrize(
    ("server", "where"), [("file", "here"), ("file", "there"), ("postgresql", "here")], indirect=["server"]
)
def test_killed(tmp_path: Path, location: str, case: Case, where: str) -> None:
    killed(tmp_path, location, case, where)


def killed(folder: Path, location: str, case: Case, where: str) -> None:
    """All points in process with a file; where the process or the ledger is another, those around the request."""
    sent = case.sent
    with Simulator() as sim:
        playbook = Playbook(folder, location, sim, case.visibility, where)
        playbook.crash(case.point)
        process = "snapshot.py" if where == "there" else "ansible-playbook"
        assert playbook.marker.read_text(encoding="utf-8") == f"{case.point} {process}"
        assert playbook.sent() == ["POST"] * case.left
        assert playbook.made() == case.left

        ended = playbook.run()
        made = int(case.left or case.end == "created")
        assert playbook.made() == made
        assert ended == (case.end, case.end == "created", sent)
        end = case.end
        if not made:
            sent = ["POST"] if case.visibility == "public" else ["GET", "POST", "GET"]
            assert playbook.run(on_unknown="retry") == ("created", True, sent)
            end = "created"

        ended = playbook.run()
        assert playbook.made() == 1
        assert ended == ("existing" if end == "created" else end, False, [])
