# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs of ansible-playbook, each with the time and the memory that it took."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRecord
from simulator import TOKEN, Control

# A dictionary with as many fields as a record of a snapshot, of about their length.
RECORD = {name: f"{name} of a snapshot" for name in SnapshotRecord._fields}
PLAYBOOKS = Path(__file__).resolve().parent / "playbooks"


@dataclass(frozen=True)
class Play:
    """``posts``: how many it must send. ``keeps_ledger``: finds what the run before it has left.

    ``shared``: its ledger is in PostgreSQL. ``latency``: seconds that the server takes for each POST.
    """

    playbook: str
    tests: int = 0
    posts: int = 0
    keeps_ledger: bool = False
    shared: bool = False
    latency: float = 0


class Run(t.NamedTuple):
    """``megabytes`` is the peak of the largest process."""

    milliseconds: float
    megabytes: float


class Stage:
    """Where plays run: a home of their own, one API, and the same settings for all."""

    def __init__(self, folder: Path, sim: Control, shared_ledger: str) -> None:
        self._sim = sim
        self._shared_ledger = shared_ledger
        self._output = folder / "output"
        self._ledgers = folder / "ledgers"
        home = folder / "home"
        home.mkdir()
        config = folder / "ansible.cfg"
        config.touch()
        self._environment = {
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_CONFIG": str(config),
            # Both make modules faster, so they are fair to uri.
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
            "THOUSANDEYES_API_TOKEN": TOKEN,
            "THOUSANDEYES_API_URL": sim.url,
        }

    def run(self, play: Play, title: str = "Benchmark") -> Run:
        ledger = self._ledgers / title / "ledger.sqlite3"
        if not play.keeps_ledger:
            shutil.rmtree(ledger.parent, ignore_errors=True)
        if play.latency:
            self._sim.fault(delay=play.latency, times=0, match={"method": "POST"})
        self._sim.clear_requests()
        run = self._ansible_playbook(play, title, self._shared_ledger if play.shared else str(ledger))
        self._sim.clear_faults()
        posts = len(self._sim.requests("POST"))
        if posts != play.posts:
            sys.exit(f"{play.playbook} sent {posts} creations, not {play.posts}")
        return run

    def _ansible_playbook(self, play: Play, title: str, ledger: str) -> Run:
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local"]
        variables = json.dumps({"test_ids": list(range(1, play.tests + 1)), "title": title, "record": RECORD})
        with open(self._output, "wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                [*command, "-e", variables, str(PLAYBOOKS / play.playbook)],
                env={**self._environment, "THOUSANDEYES_LEDGER": ledger},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(self._output.read_text(encoding="utf-8"))
        return Run(seconds * 1000, usage.ru_maxrss / 1024)
