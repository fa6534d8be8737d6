# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workers, faults and kills at random; the simulator's own record says what was really created.

FAULT_SEED repeats a run (its workers' timing aside), FAULT_SECONDS makes it longer. It is measured by what was done, so
that a slow machine does as much as a fast one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import typing as t
from collections import Counter
from pathlib import Path

from support import postgresql_server
from support.patience import wait_until
from simulator import Simulator
from faults.worker import TIMEOUT

WORKER = [sys.executable, str(Path(__file__).with_name("worker.py"))]
WORKERS = 4
SEED = int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(10**6)))
SECONDS = float(os.environ.get("FAULT_SECONDS", "0"))
# How many captures must have come to an end, in whatever way.
CAPTURES = 40

FAULTS: list[dict[str, t.Any]] = [
    {"drop": "reset"},
    {"drop": "reset", "commit": True},
    {"drop": "close"},
    {"drop": "close", "commit": True},
    {"status": 500},
    {"status": 503, "commit": True},
    {"status": 403},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"truncate": 0},
    {"truncate": 30},
    {"body": "<html>"},
    {"body": "{}"},
    {"delay": TIMEOUT + 0.2},
    {"delay_after": TIMEOUT + 0.2},
    {"delay": 0.3},
]


def start(folder: Path, location: str, sim: Simulator, seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*WORKER, location, sim.url, str(folder / f"history-{seed}"), str(seed)], env=environment(folder, seed)
    )


def environment(folder: Path, seed: int) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(folder / f"home-{seed}")}


Asked = t.Tuple[str, str, bool]


def capture_once_more(folder: Path, location: str, sim: Simulator, wanted: set[Asked]) -> list[tuple[Asked, t.Any]]:
    """Each of these, with its end. In a process of its own, since it has waits of its own."""
    lines = "".join(f"{json.dumps(asked)}\n" for asked in wanted)
    done = subprocess.run(
        [*WORKER, location, sim.url],
        input=lines,
        env=environment(folder, 0),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return list(zip(wanted, map(json.loads, done.stdout.splitlines())))


def ended(folder: Path) -> int:
    """How many captures have come to an end, but for those that never got past the ledger."""
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("history-*")]
    return sum(text.count('"end": ') - text.count('"end": "ledger_unavailable"') for text in texts)


def one_more(folder: Path, before: int, check_all_run: t.Callable[[], None]) -> int:
    """How many captures have come to an end, once they are more than before."""

    def is_more() -> bool:
        check_all_run()
        return ended(folder) > before

    wait_until(is_more, lambda: "no capture ends", every=0.05)
    return ended(folder)


def rounds(folder: Path, captures: int, check_all_run: t.Callable[[], None]) -> t.Iterator[None]:
    """Rounds of faults, until so many captures have ended and FAULT_SECONDS have passed.

    At least one capture ends in each, so that a slow machine sees no more faults to a capture than a fast one.
    """
    end = time.monotonic() + SECONDS
    before = 0
    while before < captures or time.monotonic() < end:
        yield
        before = one_more(folder, before, check_all_run)


def break_the_database(server: postgresql_server.Server, choice: random.Random) -> None:
    """Most often by cutting all connections, or else by a restart, in order or as after a crash."""
    how = choice.choice(["cut", "cut", "cut", signal.SIGINT, signal.SIGQUIT])
    if isinstance(how, str):
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'team'")
    else:
        server.restart(how)


def test_one_creation_per_snapshot_whatever_breaks(
    tmp_path: Path, location: str, server: postgresql_server.Server | None
) -> None:
    print(f"FAULT_SEED={SEED} FAULT_SECONDS={SECONDS:g}")
    choice = random.Random(SEED)
    with Simulator() as sim:
        sim.settings(creation_limit=None, rate_limit=None, saved_event_name=choice.choice(["title", "source"]))
        seeds = list(range(SEED, SEED + WORKERS))
        workers = [start(tmp_path, location, sim, seed) for seed in seeds]

        def check_all_run() -> None:
            for worker in workers:
                assert worker.poll() is None, "a worker failed"

        try:
            for _round in rounds(tmp_path, CAPTURES, check_all_run):
                skip = choice.randrange(4)
                match = {"method": choice.choice(["POST", "POST", "POST", "GET"])}
                sim.fault(match=match, skip=skip, **choice.choice(FAULTS))
                number = choice.randrange(WORKERS)
                # Not one that is still starting, or a slow machine would do nothing else.
                if choice.random() < 0.2 and (tmp_path / f"history-{seeds[number]}").exists():
                    workers[number].kill()
                    workers[number].wait()
                    seeds[number] = max(seeds) + 1
                    workers[number] = start(tmp_path, location, sim, seeds[number])
                if server and choice.random() < 0.1:
                    break_the_database(server, choice)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        sim.clear_faults()
        check(tmp_path, location, sim)


def creations_of(sim: Simulator) -> Counter[t.Any]:
    return Counter((str(row["source_test_id"]), row["display_name"], row["is_public"]) for row in sim.creations())


def check(folder: Path, location: str, sim: Simulator) -> None:
    assert {key: count for key, count in creations_of(sim).items() if count > 1} == {}

    ids = {str(row["snapshot_test_id"]) for row in sim.creations()}
    ends: Counter[str] = Counter()
    asked_for: set[Asked] = set()
    told: dict[Asked, str] = {}
    for history in folder.glob("history-*"):
        lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
        asked_for.update(tuple(asked) for asked in lines[::2])
        for asked, row in zip(lines[::2], lines[1::2]):
            ends[row["end"]] += 1
            if "snapshot_test_id" in row:
                assert row["snapshot_test_id"] in ids, (asked, row)
                assert told.setdefault(tuple(asked), row["snapshot_test_id"]) == row["snapshot_test_id"], (asked, row)
    print(f"{len(asked_for)} snapshots, {dict(ends)}, {len(ids)} creations")
    assert told

    # Nothing is lost: without faults, each ends with the one that there is, or honestly not knowing.
    last: Counter[str] = Counter()
    for asked, row in capture_once_more(folder, location, sim, asked_for):
        last[row["end"]] += 1
        if row["end"] == "outcome_unknown":
            assert asked not in told, row
        else:
            assert row["snapshot_test_id"] == told.get(asked, row.get("snapshot_test_id")), (asked, row)
    print(f"at the end {dict(last)}")
    assert set(creations_of(sim).values()) == {1}
