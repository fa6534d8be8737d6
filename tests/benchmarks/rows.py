# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the table: what is measured, and the limit to reach."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ledgers
import listing
import race
import reporting
from ansible_collections.community.thousandeyes.plugins.module_utils._api.side_by_side import MOST as SESSIONS
from in_process import capture
from measure import Times, interleaved
from plays import Play, Stage
from simulator import Control, SharedClock

MANY = 50
LATENCY = 0.05
KNOWN = "Known"
PLAYS = {
    "empty": Play("empty.yml"),
    "known": Play("one_task.yml", MANY, keeps_ledger=True),
    "known_shared": Play("one_task.yml", MANY, keeps_ledger=True, shared=True),
    "known_loop": Play("loop.yml", MANY, keeps_ledger=True),
    "task": Play("one_task.yml", MANY, posts=MANY),
    "task_of_1": Play("one_task.yml", 1, posts=1),
    "slow_task": Play("one_task.yml", MANY, posts=MANY, latency=LATENCY),
    "loop": Play("loop.yml", MANY, posts=MANY),
    "set_fact_loop": Play("set_fact.yml", MANY),
    "floor_task": Play("floor_task.yml", MANY),
    "floor_loop": Play("floor_loop.yml", MANY),
    "uri_loop": Play("uri.yml", MANY, posts=MANY),
    "script": Play("script.yml", MANY, posts=MANY),
}
RUNS = 3
QUOTA_TESTS, LEAST_WAIT = 23, 1200
LEDGER_ROWS, LEDGER_ROUNDS, LEDGER_MILLISECONDS = (1_000, 1_000_000), 30, 10
PROCESSES, RACE_TESTS = 8, 100
LISTED_TESTS, LISTING_ROUNDS = 20_000, 15
AGENTS, PAGE = 5, 500  # of the simulator
LARGE_REPORT, SLOW_REPORT = reporting.Size(200, 48), reporting.Size(20, 1)
REPORT_SECONDS, REPORT_MEGABYTES, REPORT_LATENCY = 120, 1024, 0.5


@dataclass(frozen=True)
class Row:
    """``reached`` is None where there is no limit."""

    number: int
    work: str
    figure: str
    limit: str
    reached: bool | None
    measured: str


def of_plays(stage: Stage, rounds: int) -> list[Row]:
    stage.run(PLAYS["task"], KNOWN)
    stage.run(Play("one_task.yml", MANY, posts=MANY, keeps_ledger=True, shared=True), KNOWN)
    contenders = {name: partial(stage.run, play, KNOWN if play.keeps_ledger else name) for name, play in PLAYS.items()}
    runs = interleaved(contenders, rounds)
    times = {name: Times([run.milliseconds for run in each]) for name, each in runs.items()}
    memory = {name: statistics.median(run.megabytes for run in each) for name, each in runs.items()}
    empty, known_loop, task, uri_loop = (times[name] for name in ("empty", "known_loop", "task", "uri_loop"))
    least = Times([value + MANY * LATENCY * 1000 for value in empty.values])
    return [
        _at_most(1.10, 1, "One task, 50 known tests, against an empty run", times["known"], empty),
        _faster(18, 2, "A loop of 50 known snapshots, against a `uri` loop of 50 creations", known_loop, uri_loop),
        _faster(12, 3, "A loop of 50 creations, against the same `uri` loop", times["loop"], uri_loop),
        _faster(18, 4, "One task creating 50, against the same `uri` loop", task, uri_loop),
        _at_most(1.3, 5, "One task creating 50, against one task creating 1", task, times["task_of_1"]),
        _at_most(
            1.25,
            6,
            "One task creating 50 at 50 ms of latency, against the sum of the latencies and an empty run",
            times["slow_task"],
            least,
        ),
        Row(
            11,
            "Peak memory of the largest process, over that of an empty run: one task, 50 known; one task creating 50",
            f"{memory['known'] - memory['empty']:+.1f} MB; {memory['task'] - memory['empty']:+.1f} MB",
            "none",
            None,
            f"{memory['known']:.1f} MB; {memory['task']:.1f} MB; empty {memory['empty']:.1f} MB",
        ),
        Row(
            12,
            "To be fair to users who script: one task creating 50, against a `command` task that runs a script with "
            "`requests.Session`, no ledger and no checks",
            f"{task.median / times['script'].median:.2f}",
            "none",
            None,
            f"{task} against {times['script']}",
        ),
        Row(
            15,
            "One task, 50 known tests, with the ledger in PostgreSQL, against the ledger in a file",
            f"{times['known_shared'].median / times['known'].median:.2f}",
            "none",
            None,
            f"{times['known_shared']} against {times['known']}",
        ),
        _at_most(
            1.15,
            17,
            "The same loop of 50 known snapshots, against a loop of 50 `set_fact` that append a dictionary as large",
            known_loop,
            times["set_fact_loop"],
        ),
        _floor(
            18,
            "The floor of row 1: one task that does nothing but leave 50 records as facts, against an empty run",
            f"{times['floor_task'].median / empty.median:.2f}",
            times["floor_task"],
            empty,
        ),
        _floor(
            19,
            "The floor of row 2: a loop of 50 items that do nothing but leave one more record as facts, against the "
            "same `uri` loop",
            f"{uri_loop.median / times['floor_loop'].median:.1f} times faster",
            times["floor_loop"],
            uri_loop,
        ),
    ]


def of_quota(sim: Control, folder: Path) -> Row:
    clock = SharedClock(sim)
    capture(sim.url, str(folder / "quota.sqlite3"), clock, QUOTA_TESTS, display_name="Quota", quota_wait=3600)
    refused = sum(row["status"] == 429 for row in sim.requests())
    seconds = sum(clock.slept)
    ratio = seconds / LEAST_WAIT
    return Row(
        7,
        f"{QUOTA_TESTS} snapshots under the real quota of 5 in 300 s on a simulated clock, against the least possible",
        f"{ratio:.3f}, {refused} answers 429",
        "at most 1.01, 0 answers 429",
        ratio <= 1.01 and refused == 0,
        f"{seconds:.0f} s against {LEAST_WAIT} s on the clock",
    )


def of_repeats(stage: Stage, sim: Control) -> Row:
    for number in range(RUNS):
        stage.run(Play("one_task.yml", MANY, posts=0 if number else MANY, keeps_ledger=True), "Repeated")
        stage.run(PLAYS["uri_loop"], "Repeated by uri")
    ours, theirs = (_creations_per_identity(sim, title) for title in ("Repeated", "Repeated by uri"))
    return Row(
        8,
        f"Creations per snapshot in {RUNS} runs of the same playbook, against the `uri` loop",
        f"{ours} against {theirs}",
        f"1 against {RUNS}",
        (ours, theirs) == ("1", str(RUNS)),
        f"{MANY} snapshots each, from the simulator's log",
    )


def of_ledgers(sim: Control, folder: Path) -> Row:
    contenders = {}
    for rows in LEDGER_ROWS:
        path = folder / f"{rows}.sqlite3"
        ledgers.build(sim.url, path, rows)
        contenders[str(rows)] = partial(ledgers.find, sim.url, path, rows, MANY)
    small, large = (Times(values) for values in interleaved(contenders, LEDGER_ROUNDS).values())
    ratio = large.median / small.median
    return Row(
        9,
        "Opening the ledger, finding 50 snapshots and reading the quota among 1,000,000, against among 1,000",
        f"{ratio:.2f}, {large.median:.2f} ms",
        f"at most 1.5, under {LEDGER_MILLISECONDS} ms",
        ratio <= 1.5 and large.median < LEDGER_MILLISECONDS,
        f"{large} against {small}, {LEDGER_ROUNDS} rounds of their own",
    )


def of_races(sim: Control, folder: Path, shared_ledger: str) -> list[Row]:
    work = f"Creations by {PROCESSES} {{}} that want the same {RACE_TESTS} snapshots at the same time"
    return [
        _of_race(sim, 10, work.format("processes"), str(folder / "race.sqlite3")),
        _of_race(sim, 16, work.format("processes with a ledger in PostgreSQL, as nodes have it,"), shared_ledger),
    ]


def _of_race(sim: Control, number: int, work: str, ledger: str) -> Row:
    title = f"Race {number}"
    seconds = race.run(sim.url, ledger, title, PROCESSES, RACE_TESTS)
    created = sum(row["display_name"] == title for row in sim.creations())
    return Row(
        number,
        work,
        f"{created}",
        f"{RACE_TESTS}",
        created == RACE_TESTS and _creations_per_identity(sim, title) == "1",
        f"{seconds:.1f} s for all",
    )


def of_listing(sim: Control) -> Row:
    sim.add_tests([{"test_id": number, "name": f"Test {number}"} for number in range(1, LISTED_TESTS + 1)])
    contenders = {"bare": partial(listing.bare, sim.url), "task": partial(listing.task, sim.url)}
    bare, task = (Times(values) for values in interleaved(contenders, LISTING_ROUNDS).values())
    ratio = task.median / bare.median
    memory = {what: listing.peak(what, sim.url) for what in contenders}
    return Row(
        13,
        f"Listing {LISTED_TESTS:,} tests and filtering them, against the bare transfer and parsing",
        f"{ratio:.2f}, {memory['task'] - memory['bare']:+.1f} MB",
        "at most 1.50",
        ratio <= 1.5,
        f"{task} against {bare}, {LISTING_ROUNDS} rounds of their own; peak memory {memory['task']:.1f} MB against"
        f" {memory['bare']:.1f} MB",
    )


def of_reports(sim: Control, folder: Path) -> list[Row]:
    return [_of_large_report(sim, folder / "large"), *_of_slow_reports(sim, folder / "slow")]


def _of_large_report(sim: Control, folder: Path) -> Row:
    size = LARGE_REPORT
    sim.clear_requests()
    cost = reporting.cost(sim.url, folder, size)
    requests = len(sim.requests())
    # The simulator adds the round before the window.
    pages = math.ceil((size.hours * 3600 // reporting.INTERVAL + 1) * AGENTS / PAGE)
    least = size.tests * len(reporting.LAYERS) * 2 * pages
    return Row(
        14,
        f"The report of {size.tests} tests with {len(reporting.LAYERS)} layers, {AGENTS} agents and a round in "
        f"{reporting.INTERVAL} s, for two windows of {size.hours} hours",
        f"{cost.work:.0f} s of work, {cost.megabytes:.0f} MB, {requests} requests",
        f"{REPORT_SECONDS} s, {REPORT_MEGABYTES} MB, {least} requests",
        cost.work <= REPORT_SECONDS and cost.megabytes <= REPORT_MEGABYTES and requests <= least,
        f"once; the requests that {PAGE} results on a page make necessary; {cost.html_megabytes:.0f} MB of HTML",
    )


def _of_slow_reports(sim: Control, folder: Path) -> list[Row]:
    """Reports of an API that takes its time."""
    size = SLOW_REPORT
    costs = []
    sim.fault(delay=REPORT_LATENCY, times=0, match={"method": "GET"})
    for number in range(RUNS):
        sim.clear_requests()
        costs.append((reporting.cost(sim.url, folder / str(number), size), len(sim.requests())))
    sim.clear_faults()
    requests = max(count for _cost, count in costs)
    seconds, work = (statistics.median(getattr(cost, name) for cost, _count in costs) for name in ("seconds", "work"))
    ratio = (seconds - work) / (requests * REPORT_LATENCY / SESSIONS)
    what = f"The report of {size.tests} tests with {len(reporting.LAYERS)} layers, for two windows of {size.hours} hour"
    return [
        Row(
            20,
            f"{what}, at {REPORT_LATENCY} s of latency: all but the work, against the latency of all requests, "
            f"{SESSIONS} at a time",
            f"{ratio:.2f}",
            "at most 1.30",
            ratio <= 1.3,
            f"{seconds:.1f} s, of which {work:.1f} s are work, for {requests} requests; median of {RUNS}",
        ),
        Row(
            21,
            f"The work of the same report, for each test with {AGENTS} agents",
            f"{work / size.tests:.2f} s",
            "at most 0.15 s",
            work / size.tests <= 0.15,
            f"{work:.1f} s in all, with the start of Python",
        ),
    ]


def _at_most(limit: float, number: int, work: str, ours: Times, against: Times) -> Row:
    ratio = ours.median / against.median
    return Row(number, work, f"{ratio:.2f}", f"at most {limit:.2f}", ratio <= limit, f"{ours} against {against}")


def _faster(limit: float, number: int, work: str, ours: Times, against: Times) -> Row:
    ratio = against.median / ours.median
    figure = f"{ratio:.1f} times faster"
    return Row(number, work, figure, f"at least {limit} times", ratio >= limit, f"{ours} against {against}")


def _floor(number: int, work: str, figure: str, floor: Times, against: Times) -> Row:
    """What no action that leaves such facts can do better than, whatever else it does."""
    return Row(number, work, figure, "none", None, f"{floor} against {against}")


def _creations_per_identity(sim: Control, title: str) -> str:
    """One number where it is the same for all."""
    counts = Counter(row["source_test_id"] for row in sim.creations() if row["display_name"] == title)
    return " or ".join(str(count) for count in sorted(set(counts.values())))
