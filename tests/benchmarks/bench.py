# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what a task costs, and write it to RESULTS.md. Usage: bench.py [ROUNDS]."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import rows
from machine import describe
from measure import SEED
from plays import Stage
from support.postgresql_server import Server, missing
from simulator import Control

ROOT = Path(__file__).resolve().parents[2]
# On a disk, whose fsync is part of what a task costs.
FOLDER = ROOT / ".build" / "benchmarks"
RESULTS = Path(__file__).with_name("RESULTS.md")
TEMPLATE = Path(__file__).with_name("template.md")
TESTS = [{"test_id": number, "name": f"Test {number}"} for number in range(1, 201)]
FREE = {"creation_limit": None, "rate_limit": None}


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    if why := missing():
        sys.exit(f"Nothing is measured: {why}.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with simulator() as sim, Server() as database:
        [[postgresql]] = database.sql("SHOW server_version")
        prepare(sim)
        table = [rows.of_quota(sim, FOLDER)]
        prepare(sim, **FREE)
        stage = Stage(FOLDER, sim, database.url())
        table += [
            *rows.of_plays(stage, rounds),
            rows.of_repeats(stage, sim),
            *rows.of_races(sim, FOLDER, database.url()),
            *rows.of_reports(sim, FOLDER / "reports"),
            rows.of_listing(sim),
            # The last, since Linux takes the peak memory of this process for one of those that it starts.
            rows.of_ledgers(sim, FOLDER),
        ]
    about = {
        "Date": datetime.date.today().isoformat(),
        "Rounds": str(rounds),
        **describe(FOLDER),
        "PostgreSQL": postgresql,
    }
    shutil.rmtree(FOLDER)
    write(sorted(table, key=lambda row: row.number), about)
    return 0


@contextlib.contextmanager
def simulator() -> t.Iterator[Control]:
    """In a process of its own."""
    command = [sys.executable, str(ROOT / "tests" / "simulator"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Control(process.stdout.readline().strip())
        finally:
            process.terminate()


def prepare(sim: Control, **settings: t.Any) -> None:
    sim.reset(**settings)
    sim.add_tests(TESTS)


def write(table: list[rows.Row], about: dict[str, str]) -> None:
    verdicts = {True: "yes", False: "**no**", None: ""}
    lines = [
        "| | what | figure | limit | reached | measured |",
        "|---|---|---|---|---|---|",
        *(
            f"| {row.number} | {row.work} | {row.figure} | {row.limit} | {verdicts[row.reached]} | {row.measured} |"
            for row in table
        ),
    ]
    text = TEMPLATE.read_text(encoding="utf-8").format(
        seed=SEED,
        table="\n".join(lines),
        about="\n".join(f"- {name}: {value}" for name, value in about.items()),
    )
    RESULTS.write_text(text, encoding="utf-8")
    print("\n".join(lines))
    short = [str(row.number) for row in table if row.reached is False]
    print(f"\nLimits not reached: {', '.join(short) or 'none'}. Written to {RESULTS.relative_to(ROOT)}.")


if __name__ == "__main__":
    sys.exit(main())
