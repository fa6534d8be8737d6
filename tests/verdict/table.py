# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the verdict and write docs/verdict.md. Usage: table.py [SEED]. DATA: a folder of real series, see real.py."""

from __future__ import annotations

import math
import multiprocessing
import os
import sys
import time
import typing as t
from collections import Counter
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path

from verdict.real import Trace, quiet, rises, traces
from verdict.rivals import RIVALS
from verdict.rows import WORSE, Counted, Row, count, interval, verdict_of
from verdict.series import KINDS, Shape
from verdict.watched import watched

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
FULL, SMALL, REAL = 400, 50, 600

WORDS = {
    "independent": "independent rounds", "ar3": "lag-1 correlation .3", "ar6": "lag-1 correlation .6",
    "ar9": "lag-1 correlation .9", "flicker": "1/f noise", "ramp10": "a first ramp of 10 % over the hours",
    "ramp20": "a first ramp of 20 %", "ramp30": "a first ramp of 30 %", "daily30": "a ramp of 30 % each morning",
    "flaps": "route flaps of 12 ms for 20 min", "bursts": "bursts of loss", "pareto": "Pareto tails",
    "missing": "a tenth of the rounds missing", "flaky": "one flaky agent", "integers": "whole milliseconds",
    "still": "no noise at all", "rare": "1 % of requests fail", "one": "one agent", "shared": "noise in common",
    "wild": "all mixed (wild)", "week": "working days and weekends", "monday": "a Monday morning",
}  # fmt: skip
# What the change does: in words, and how it must be called.
EFFECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "latency_5_all": ("latency +5 % at all, below the threshold", WORSE[:1]),
    "latency_10_all": ("latency +10 % at all, at the threshold", WORSE[:1]),
    "latency_20_all": ("latency +20 % at all", WORSE[:1]),
    "latency_50_all": ("latency +50 % at all", WORSE[:1]),
    "latency_20_one": ("latency +20 % at one of five", WORSE[:1]),
    "latency_50_one": ("latency +50 % at one of five", WORSE[:1]),
    "response_20_all": ("response time +20 % at all", WORSE[:1]),
    "response_50_all": ("response time +50 % at all", WORSE[:1]),
    "loss_1_all": ("loss of 1 % at all", WORSE[:1]),
    "loss_3_all": ("loss of 3 % at all", WORSE[:1]),
    "loss_3_one": ("loss of 3 % at one of five", WORSE[:1]),
    "outage_last_5_all": ("outage of the last 5 min at all", WORSE[:1]),
    "outage_last_15_one": ("outage of the last 15 min at one of five", WORSE[:1]),
    "latency_50_last_half": ("latency +50 % in the last 30 min", WORSE[:1]),
    "latency_50_last_quarter": ("latency +50 % in the last 15 min", WORSE[:1]),
    "latency_100_first_sixth": ("latency +100 % in the first 10 min", WORSE),
    "attempt": ("latency +50 % at all, also a day before, left out", WORSE[:1]),
    "reload": ("a reload: all lost for 3 min, then as before", WORSE[1:]),
    "reload_later": ("the same some minutes later", WORSE[1:]),
}
DEAD = {
    "gone": "an agent measures nothing before and after", "failing": "all fails at an agent before and after",
    "added": "an agent is added with the change", "repaired": "an agent that failed before works after",
    "silent": "an agent falls silent after",
}  # fmt: skip
_WATCHED = ("latency_50_all", "latency_20_all", "latency_50_one", "loss_3_one")
_NOISY = ("independent", "ar9", "daily30", "bursts", "wild")
# Two weeks of history for a day; two days for less.
SHAPES = (
    Shape(60), Shape(900), Shape(300, 4), Shape(60, 4), Shape(300, 12, history=168), Shape(300, 24, history=336),
)  # fmt: skip


def main(seed: int = SEED) -> None:
    began = time.monotonic()
    # Each process starts anew, so that all draw alike wherever this runs.
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        parts = [
            *_false_alarms(pool, seed),
            *_detections(pool, seed),
            *_shapes(pool, seed),
            *_agents(pool, seed),
            *early_looks(pool, seed),
            *_real(pool, seed),
        ]
    text = "\n".join([*_head(seed, (time.monotonic() - began) / 60), *parts])
    (ROOT / "docs" / "verdict.md").write_text(f"{text}\n", encoding="utf-8")


def _head(seed: int, minutes: float) -> t.Iterator[str]:
    yield (
        "<!--\nCopyright (c) 2026, community.thousandeyes contributors\n"
        "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)\n"
        "SPDX-"
        "License-Identifier: GPL-3.0-or-later\n-->\n"
    )
    yield "# How well the verdict judges\n"
    yield f"Measured by `make verdict`, with seed {seed}, in {minutes:.0f} minutes.\n"
    yield (
        "A test is network and HTTP server, five agents whose levels are between 5 and 300 ms, a round each 300 s,\n"
        "windows of 1 h with 30 min between them, and 48 h of history, unless said otherwise. Figures are percent\n"
        "of tests; in brackets is Wilson's interval of 95 %. The rivals judge the same draws: the mean worse by 15 %,\n"
        "the published rule of Kayenta's judge, Welch's test at .01, the test by Mann and Whitney at the level and\n"
        "the thresholds of this collection, and these thresholds alone. They know no history.\n"
    )


def _false_alarms(pool: Pool, seed: int) -> t.Iterator[str]:
    yield f"## Without a change (n = {FULL})\n"
    yield "What is called degraded here is a false alarm.\n"
    yield _header("noise", ("degraded", "transient", "inconclusive", "no data"))
    for kind in KINDS:
        row = Row(kind, Shape(week=kind in ("week", "monday")))
        found = count(pool, row, FULL, seed, with_rivals=True)
        told = [
            _with_interval(found, "degraded"),
            *(f"{found.share(verdict):.1f}" for verdict in ("transient", "inconclusive", "no_data")),
        ]
        yield _line(WORDS[kind], told, found)
        print(kind, dict(found.verdicts), flush=True)
    yield ""


def _detections(pool: Pool, seed: int) -> t.Iterator[str]:
    yield f"## With a change (n = {FULL}, independent rounds)\n"
    yield (
        "Found is degraded; for what is over before the window is, transient.\n\n"
        f"{_header('change', ('found', 'inconclusive'))}"
    )
    for effect, (words, called) in EFFECTS.items():
        found = count(pool, Row("independent", effect=effect), FULL, seed, with_rivals=True)
        yield _line(words, [_with_interval(found, *called), f"{found.share('inconclusive'):.1f}"], found)
        print(effect, dict(found.verdicts), flush=True)
    for kind, effect in (("daily30", "latency_20_all"), ("daily30", "latency_50_all"), ("wild", "latency_50_all")):
        found = count(pool, Row(kind, effect=effect), FULL, seed, with_rivals=True)
        words = f"{EFFECTS[effect][0]}; {WORDS[kind]}"
        yield _line(words, [_with_interval(found, "degraded"), f"{found.share('inconclusive'):.1f}"], found)
    yield ""


def _shapes(pool: Pool, seed: int) -> t.Iterator[str]:
    yield f"## Other rounds and windows (n = {SMALL})\n"
    yield "Degraded without a change, and found of a change.\n"
    names = [WORDS[kind] for kind in _NOISY]
    effects = ("latency_20_all", "latency_50_one", "loss_3_one")
    yield _header("rounds, windows, history", (*names, *(EFFECTS[effect][0] for effect in effects)), False)
    for shape in SHAPES:
        cells = [_with_interval(count(pool, Row(kind, shape), SMALL, seed), "degraded") for kind in _NOISY]
        cells += [
            _with_interval(count(pool, Row("independent", shape, effect), SMALL, seed), "degraded")
            for effect in effects
        ]
        yield _line(f"{shape.interval} s, {shape.hours:g} h, {shape.history:g} h", cells)
        print(shape, flush=True)
    outage = count(pool, Row("independent", Shape(300, 24, history=336), "outage_10_of_24"), SMALL, seed)
    yield f"\nOutages of 10 min at all agents in windows of 24 h are found in {_with_interval(outage, *WORSE)}.\n"


def _agents(pool: Pool, seed: int) -> t.Iterator[str]:
    yield f"## Agents that do not measure (n = {FULL})\n"
    yield _header("what is wrong", ("no data", "degraded"), False)
    for agent, words in DEAD.items():
        found = count(pool, Row("independent", agent=agent), FULL, seed)
        yield _line(words, [_with_interval(found, "no_data"), _with_interval(found, "degraded")])
    found = count(pool, Row("flaky", Shape(900)), FULL, seed)
    yield _line(
        "one flaky agent, rounds of 900 s", [_with_interval(found, "no_data"), _with_interval(found, "degraded")]
    )
    yield ""


def early_looks(pool: Pool | None, seed: int, n: int = SMALL) -> t.Iterator[str]:
    """``pool``: None measures in this process."""
    yield f"## Looks before the window is over (n = {n})\n"
    yield (
        "A watch looks at rounds as they end, and calls what is degraded at two looks in a row. Minutes are from\n"
        "the end of the settle time to the look that called it, the median of all tests; *never* where most were\n"
        "not called before the end. The clock shows up to 2 minutes more where agents deliver late. *Early* is the\n"
        "share that was called before the end, *at any look* that and what the last look called; *report* is the\n"
        "verdict on the whole window, with all of the level. The first look is 15 minutes after the settle time\n"
        "with rounds of 300 s, and 3 minutes after it with rounds of 60 s.\n"
    )
    yield _header("rounds and change", ("minutes", "early", "at any look", "report"), False)
    for seconds in (300, 60):
        rows = [(EFFECTS[effect][0], Row("independent", Shape(seconds), effect)) for effect in _WATCHED]
        rows += [(f"no change; {WORDS[kind]}", Row(kind, Shape(seconds))) for kind in _NOISY]
        for words, row in rows:
            found = watched(pool, row, n, seed)
            cells = [f"{found.median:.0f}" if found.median < math.inf else "never"]
            cells += [_share(count, n) for count in (found.early, found.at_all, found.reports)]
            yield _line(f"{seconds} s, {words}", cells)
            print(seconds, words, *cells, flush=True)
    yield ""


def _real(pool: Pool, seed: int) -> t.Iterator[str]:
    yield "## Real series\n"
    folder = os.environ.get("DATA")
    if not folder:
        yield "Left out: no folder of real series was given (`make verdict DATA=folder`)."
        return
    found = traces(Path(folder))
    yield f"{len(found)} series of round-trip times, with changes that a person labelled.\n"
    yield f"Without a change, n = {REAL}:\n"
    yield _header("what", ("degraded", "transient", "inconclusive"), False)
    for words, agents, anywhere in (
        ("one agent", 1, False),
        ("5 agents, no label in the windows", 5, False),
        ("5 agents, anywhere", 5, True),
    ):
        verdicts = Counter(pool.map(partial(_quiet, found, agents, anywhere, seed), range(REAL), chunksize=20))
        counted = Counted(REAL, verdicts, {})
        yield _line(
            words,
            [
                _with_interval(counted, "degraded"),
                f"{counted.share('transient'):.1f}",
                f"{counted.share('inconclusive'):.1f}",
            ],
        )
        print(words, dict(verdicts), flush=True)
    yield ""
    labelled = pool.map(verdict_of, list(rises(found)))
    told = sum(each.verdict == "degraded" or each.usual for each in labelled)
    large = [each for each in labelled if each.stands_out]
    degraded = sum(each.verdict == "degraded" for each in large)
    as_judged = [each for each in large if each.as_judged]
    found_as_judged = sum(each.verdict == "degraded" for each in as_judged)
    yield (
        f"Of {len(labelled)} labelled rises of the median of at least 5 ms and 10 %, {told} are degraded, or\n"
        f"inconclusive since they are as large as others in the 48 h before. Of the {len(large)} that are larger than\n"
        f"1.25 times all of these, {degraded} are degraded. The thresholds hold for the trimmed mean after\n"
        f"the settle time: by that, {len(as_judged)} of these {len(large)} rise as far, {found_as_judged} of which\n"
        f"are degraded."
    )
    print("rises", len(labelled), told, len(large), degraded, len(as_judged), found_as_judged, flush=True)


def _quiet(found: t.Sequence[Trace], agents: int, anywhere: bool, seed: int, number: int) -> str:
    return verdict_of(quiet(found, agents, anywhere, seed, number)).verdict


def _header(first: str, columns: t.Sequence[str], with_rivals: bool = True) -> str:
    names = [first, *columns, *(RIVALS if with_rivals else ())]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def _line(first: str, cells: t.Sequence[str], found: Counted | None = None) -> str:
    more = [f"{100 * each / found.n:.0f}" for each in found.rivals.values()] if found else []
    return f"| {' | '.join([first, *cells, *more])} |"


def _with_interval(found: Counted, *verdicts: str) -> str:
    return _share(sum(found.verdicts.get(verdict, 0) for verdict in verdicts), found.n)


def _share(count: int, n: int) -> str:
    low, high = interval(count, n)
    return f"{100 * count / n:.1f} ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
