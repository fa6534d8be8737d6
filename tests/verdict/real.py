# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real round-trip times with changes that a person labelled, from a folder: NAME.csv.gz with epoch;rtt;cp.

``epoch`` is text in UTC. Below 0, and from 900 ms on, the ping was lost. ``cp`` above 0: the level changed here.
"""

from __future__ import annotations

import csv
import gzip
import math
import typing as t
from bisect import bisect_left
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

import numpy as np
from scipy.stats import trim_mean

INTERVAL = 240
HOUR = 3600
_HISTORY = 48 * HOUR
_LOST = 900.0
# What of a rise counts: the default thresholds of the network's latency.
_LEAST_MS, _LEAST_SHARE = 5.0, 0.1
_SETTLE = 300


class Trace(t.NamedTuple):
    """What one agent measured. ``rounds``: second and round-trip time, None if lost. ``labels``: seconds."""

    name: str
    rounds: list[tuple[int, float | None]]
    labels: list[int]

    @property
    def seconds(self) -> list[int]:
        return [second for second, _value in self.rounds]

    def labelled(self, start: float, end: float) -> bool:
        return any(start <= label < end for label in self.labels)

    def shifted(self, by: int) -> Trace:
        return self._replace(
            rounds=[(second + by, value) for second, value in self.rounds], labels=[label + by for label in self.labels]
        )

    def values(self, start: float, end: float) -> list[float]:
        seconds = self.seconds
        rounds = self.rounds[bisect_left(seconds, start) : bisect_left(seconds, end)]
        return [value for _second, value in rounds if value is not None]


class Case(t.NamedTuple):
    """A test of real series. ``rise``: how far the median rose, where a person saw a change."""

    before: tuple[int, int]
    after: tuple[int, int]
    layers: dict[str, t.Any]
    rise: float = 0.0


def traces(folder: Path) -> list[Trace]:
    found = []
    for path in sorted(folder.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))[1:]
        rounds, labels = [], []
        for row in rows:
            second = _second(row[0])
            value = float(row[1])
            rounds.append((second, value if 0 <= value < _LOST else None))
            if float(row[2]) > 0:
                labels.append(second)
        rounds = sorted(dict(rounds).items())
        found.append(Trace(path.name.partition(".")[0], rounds, labels))
    return found


def _second(text: str) -> int:
    for form in ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=timezone.utc).timestamp())
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no time")


def quiet(found: t.Sequence[Trace], agents: int, anywhere: bool, seed: int, number: int) -> Case:
    """Windows between which nobody labelled a change, or ``anywhere``, of so many agents."""
    draw = np.random.default_rng([seed, number, agents, anywhere])
    while True:
        picked = draw.choice(len(found), agents, replace=False)
        start, own = 0, []
        for index in picked:
            trace = found[index]
            first, last = trace.rounds[0][0] + _HISTORY, trace.rounds[-1][0] - 3 * HOUR
            if last <= first:
                break
            own.append(trace.shifted(-int(draw.integers(first, last))))
        windows = (start, start + HOUR), (start + HOUR + HOUR // 2, start + 2 * HOUR + HOUR // 2)
        loud = any(trace.labelled(windows[0][0], windows[1][1]) for trace in own)
        there = all(len(trace.values(*window)) >= 8 for trace in own for window in windows)
        if len(own) == agents and there and (anywhere or not loud):
            return Case(*windows, _layers(own, windows[0][0], windows[1][1]))


def rises(found: t.Sequence[Trace]) -> t.Iterator[Case]:
    """The labelled rises of at least 5 ms and 10 % that stand alone, from the hour before to the one after."""
    for trace in found:
        for label in trace.labels:
            before, after = (label - HOUR, label), (label, label + HOUR)
            if trace.labelled(before[0], label) or trace.labelled(label + 1, after[1]):
                continue
            old, new = (trace.values(*window) for window in (before, after))
            if len(old) < 8 or len(new) < 8 or label - trace.rounds[0][0] < 12 * HOUR:
                continue
            rise = median(new) - median(old)
            if _is_large(rise, median(old)):
                yield Case(before, after, _layers([trace], *(before[0], after[1])), rise)


def _is_large(rise: float, level: float) -> bool:
    return rise >= _LEAST_MS and rise >= _LEAST_SHARE * level


def rises_as_judged(case: Case) -> bool:
    """Whether the mean rises as far after the settle time, without a fifth at either end: what thresholds hold for."""
    (agent,) = case.layers["network"]["latency"]
    trace = Trace(agent["name"], agent["rounds"], [])
    settled = case.after[0] + _SETTLE, case.after[1]
    old, new = (float(trim_mean(trace.values(*window), 0.2)) for window in (case.before, settled))
    return _is_large(new - old, old)


def stands_out(case: Case) -> bool:
    """Whether the rise of a case with one agent is larger than 1.25 times the largest of its history."""
    rounds = case.layers["network"]["latency"][0]["rounds"]
    seconds = [second for second, _value in rounds]
    gap = case.after[0] - case.before[0]

    def shift(begin: float) -> float | None:
        levels = []
        for start in (begin, begin + gap):
            cut = rounds[bisect_left(seconds, start) : bisect_left(seconds, start + HOUR)]
            logs = [math.log(value) for _second, value in cut if value is not None]
            if len(logs) < 6:
                return None
            levels.append(float(trim_mean(logs, 0.2)))
        return levels[1] - levels[0]

    begins = range(int(case.before[1] - gap - HOUR), int(case.before[0] - _HISTORY), -1800)
    own = shift(case.before[0])
    return own is not None and own > 1.25 * max(
        (abs(size) for size in map(shift, begins) if size is not None), default=0
    )


def _layers(found: t.Sequence[Trace], start: int, end: int) -> dict[str, t.Any]:
    latency, loss = [], []
    for number, trace in enumerate(found, 1):
        seconds = trace.seconds
        rounds = trace.rounds[bisect_left(seconds, start - _HISTORY) : bisect_left(seconds, end)]
        who = {"agent": str(number), "name": trace.name}
        latency.append({**who, "rounds": rounds})
        loss.append({**who, "rounds": [(second, 100.0 if value is None else 0.0) for second, value in rounds]})
    return {"network": {"loss": loss, "latency": latency}}
