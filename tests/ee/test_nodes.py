# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several nodes at once, with one database; nodes are killed, and the database is restarted, in the middle of jobs.

FAULT_SEED repeats a run (but for the timing of its jobs), FAULT_SECONDS makes it longer. It is measured by what was
done, so that a slow machine does as much as a fast one.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import threading
import time
import typing as t
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import postgresql_server
import pytest
from ee.jobs import Controller, Job, Node
from simulator import TOKEN, Simulator
from faults.test_random import FAULTS, SECONDS, SEED, break_the_database, check, rounds
from faults.worker import LAG, LONGEST, TESTS

NODES = 4
# How many captures must have come to an end, in whatever way.
CAPTURES = 40
LIMIT, WINDOW = 8, 12


@pytest.fixture
def impatient(collections: Path, tmp_path: Path) -> Path:
    """The installed collection, but that what is in doubt is settled in seconds, not in minutes."""
    copy = tmp_path / "collections"
    shutil.copytree(collections, copy)
    path = (
        copy / "ansible_collections" / "community" / "thousandeyes" / "plugins" / "module_utils" / "_core" / "lost.py"
    )
    text = path.read_text(encoding="utf-8")
    for name, seconds in {"LAG": LAG, "LONGEST": LONGEST}.items():
        text, count = re.subn(rf"^{name} = .+$", f"{name} = {seconds}", text, flags=re.MULTILINE)
        assert count == 1
    path.write_text(text, encoding="utf-8")
    return copy


class Nodes:
    """Each runs one job after the other. What its jobs were asked for and told is kept, in the files of check()."""

    def __init__(self, controller: Controller, folder: Path) -> None:
        self._controller = controller
        self._folder = folder
        self._running: dict[int, Node] = {}
        self._over = threading.Event()
        self.statuses: Counter[str] = Counter()

    def work(self, number: int) -> None:
        choice = random.Random(f"{SEED} {number}")
        while not self._over.is_set():
            # All nodes want the same few snapshots, and soon others.
            titles = [f"title {int(time.time()) // 3 + choice.randrange(2)}" for _each in range(4)]
            wanted = [
                {"test_id": choice.choice(TESTS[:5]), "display_name": title, "is_public": choice.random() < 0.3}
                for title in titles
            ]
            more = {"wanted": wanted, "quota_limit": LIMIT, "quota_window": WINDOW, "go_on": True}
            job = self._controller.prepare("Snapshots", "snapshots.yml", **more)
            with Node(job) as node:
                self._running[number] = node
                node.wait()
            self._controller.finish(job)
            self.statuses[job.status] += 1
            self._keep(job, wanted)

    def kill(self, number: int) -> None:
        if node := self._running.get(number):
            node.kill()

    def end(self) -> None:
        self._over.set()
        for number in range(NODES):
            self.kill(number)

    def _keep(self, job: Job, wanted: list[dict[str, t.Any]]) -> None:
        results = [row for row in job.results("community.thousandeyes.snapshot") if "item" in row]
        for number, item in enumerate(wanted):
            lines: list[t.Any] = [[item["test_id"], item["display_name"], item["is_public"]]]
            if number < len(results):
                result = results[number]
                assert result["item"]["display_name"] == item["display_name"]
                if "failure" in result:
                    lines.append({"end": result["failure"]["code"]})
                else:
                    record = result["snapshot"]
                    lines.append({"end": record["status"], "snapshot_test_id": record["snapshot_test_id"]})
            history = "".join(f"{json.dumps(line)}\n" for line in lines)
            (self._folder / f"history-{job.number}-{number}").write_text(history, encoding="utf-8")


def most_at_once(server: postgresql_server.Server) -> int:
    """How many creations were let through in any window, by the ledger: on a slow machine, they come later."""
    let_through = "SELECT started_at FROM thousandeyes_ledger.attempt WHERE outcome != 'refused'"
    times = [at for (at,) in server.sql(let_through, postgresql_server.DATABASE)]
    return max(sum(at <= other < at + WINDOW for other in times) for at in times)


def test_one_creation_per_snapshot_whatever_breaks(
    tmp_path: Path, impatient: Path, postgresql: postgresql_server.Server
) -> None:
    print(f"FAULT_SEED={SEED} FAULT_SECONDS={SECONDS:g}")
    choice = random.Random(SEED)
    location = postgresql.empty_database()
    with Simulator() as sim, ThreadPoolExecutor(NODES) as threads:
        sim.settings(creation_limit=None, rate_limit=None, saved_event_name=choice.choice(["title", "source"]))
        inputs = {"api_token": TOKEN, "api_url": sim.url, "ledger": location}
        nodes = Nodes(Controller(tmp_path, impatient, inputs), tmp_path)
        work = [threads.submit(nodes.work, number) for number in range(NODES)]
        kills = 0

        def check_all_run() -> None:
            for each in work:
                assert not each.done(), each.exception()

        try:
            for _round in rounds(tmp_path, CAPTURES, check_all_run):
                match = {"method": choice.choice(["POST", "POST", "POST", "GET"])}
                sim.fault(match=match, skip=choice.randrange(4), **choice.choice(FAULTS))
                if choice.random() < 0.12:
                    kills += 1
                    nodes.kill(choice.randrange(NODES))
                if choice.random() < 0.1:
                    break_the_database(postgresql, choice)
        finally:
            nodes.end()
        for each in work:
            each.result()
        print(f"{dict(nodes.statuses)}, {kills} kills, at most {most_at_once(postgresql)} creations in {WINDOW} s")
        assert most_at_once(postgresql) <= LIMIT
        sim.clear_faults()
        check(tmp_path, location, sim)
