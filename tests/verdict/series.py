# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of a service as agents may measure it, with a seed: kinds of noise, and what a change does to them."""

from __future__ import annotations

import typing as t
import zlib

import numpy as np
from scipy.signal import lfilter

HOUR, DAY = 3600, 86400
# A Wednesday, 00:00 UTC.
_MIDNIGHT = 1795564800
_PACKETS = 50
_METRICS = {"network": ("loss", "latency", "jitter"), "http-server": ("availability", "response_time")}
# The metrics that follow the latency, and by how much of their logarithm.
_FOLLOWS = {"latency": 1.0, "response_time": 0.5}

Numbers = t.Any
Rows = t.Dict[str, t.Dict[str, Numbers]]


class Shape(t.NamedTuple):
    """``hours``: the length of each window, and ``gap`` between them. ``history``: before them. All in hours.

    ``week``: the history has these hours of a week earlier, too.
    """

    interval: int = 300
    hours: float = 1
    gap: float = 0.5
    history: float = 48
    agents: int = 5
    week: bool = False


class Made(t.NamedTuple):
    """One test. ``seconds``: the epoch of each round; values by layer, metric and agent, NaN where none is."""

    shape: Shape
    seconds: Numbers
    before: tuple[int, int]
    after: tuple[int, int]
    values: Rows
    exclude: list[tuple[int, int]]

    def to_dict(self) -> dict[str, t.Any]:
        """As ``judge.py`` takes it, with epoch seconds in place of texts."""
        layers: dict[str, t.Any] = {}
        for layer, metrics in self.values.items():
            layers[layer] = {
                name: [self._agent(number, row) for number, row in enumerate(rows)] for name, rows in metrics.items()
            }
        return {
            "interval": self.shape.interval,
            "before": list(self.before),
            "after": list(self.after),
            "layers": layers,
            "exclude": [list(span) for span in self.exclude],
        }

    def _agent(self, number: int, row: Numbers) -> dict[str, t.Any]:
        there = ~np.isnan(row)
        rounds = list(zip(self.seconds[there].tolist(), row[there].tolist()))
        return {"agent": str(number + 1), "name": f"Agent {number + 1}", "rounds": rounds}

    def rounds_in(self, span: tuple[int, int], first: float = 0.0, last: float = 1.0) -> Numbers:
        """Which rounds begin in a part of a span."""
        length = span[1] - span[0]
        start, end = span[0] + first * length, span[0] + last * length
        return (self.seconds >= start) & (self.seconds < end)


def made(kind: str, shape: Shape, seed: int, number: int) -> Made:
    """The test ``number`` of a kind of noise, without any change."""
    draw = np.random.default_rng([seed, number, zlib.crc32(f"{kind} {shape}".encode())])
    noise = _Noise(kind, shape, draw)
    values: Rows = {layer: {metric: noise.rows(metric) for metric in metrics} for layer, metrics in _METRICS.items()}
    noise.take_out(values)
    return Made(shape, noise.seconds, noise.before, noise.after, values, [])


class _Noise:
    def __init__(self, kind: str, shape: Shape, draw: np.random.Generator) -> None:
        self.kind, self.shape, self.draw = kind, shape, draw
        self.agents = 1 if kind == "one" else shape.agents
        interval, length = shape.interval, int(shape.hours * HOUR)
        start = _MIDNIGHT + int(draw.integers(0, DAY // 900)) * 900
        if kind.startswith("daily"):
            # The change is in the hours in which each morning is slower than the night.
            start = _MIDNIGHT + int(draw.integers(5 * 4, 8 * 4)) * 900
        if kind == "monday":
            start = _MIDNIGHT + 5 * DAY + int(draw.integers(5 * 4, 8 * 4)) * 900
        self.before = (start, start + length)
        begin = start + length + int(shape.gap * HOUR)
        self.after = (begin, begin + length)
        first = start - int(shape.history * HOUR)
        offset = int(draw.integers(0, interval)) // 60 * 60
        seconds = np.arange(first - first % interval + offset, self.after[1], interval)
        if shape.week:
            seconds = np.arange(start - 7 * DAY - first % interval + offset, self.after[1], interval)
        self.seconds = seconds
        self.count = len(seconds)
        self.base = np.exp(draw.uniform(np.log(5), np.log(300), self.agents))
        self.scatter = np.clip(np.exp(draw.normal(np.log(0.07), 0.5, self.agents)), 0.02, 0.25)
        self.traits = self._traits()
        self.bursts = [self._burst(agent) for agent in range(self.agents)]
        self.common = self._course("ar6") if kind == "shared" else None

    def _traits(self) -> list[set[str]]:
        """What the noise of each agent is made of."""
        if self.kind != "wild":
            return [{self.kind}] * self.agents
        some = {
            "ar6": 0.5, "ar9": 0.4, "flicker": 0.3, "flaps": 0.5, "bursts": 0.6, "pareto": 0.2, "missing": 0.3,
            "rare": 0.3, "integers": 0.2,
        }  # fmt: skip
        daily = {"daily30"} if self.draw.random() < 0.7 else set()
        return [
            {name for name, share in some.items() if self.draw.random() < share} | daily
            for _agent in range(self.agents)
        ]

    def _course(self, kind: str) -> Numbers:
        """Noise of deviation 1, of which each round keeps a part of the one before."""
        white = self.draw.normal(size=self.count)
        if kind in ("ar3", "ar6", "ar9"):
            kept = int(kind[2]) / 10
            white[0] /= np.sqrt(1 - kept**2)
            return lfilter([np.sqrt(1 - kept**2)], [1, -kept], white)
        if kind == "flicker":
            spectrum = np.fft.rfft(white)
            frequency = np.fft.rfftfreq(self.count)
            frequency[0] = frequency[1]
            course = np.fft.irfft(spectrum / np.sqrt(frequency), self.count)
            # Its deviation in a day, since it grows with the length that is looked at.
            return course / np.std(course[-min(self.count, DAY // self.shape.interval) :])
        return white

    def _log_noise(self, agent: int) -> Numbers:
        traits = self.traits[agent]
        kind = next((name for name in ("ar9", "flicker", "ar6", "ar3") if name in traits), "independent")
        if "pareto" in traits:
            return np.log1p(0.3 * self.draw.pareto(1.7, self.count))
        course = self._course(kind)
        if self.common is not None:
            course = np.sqrt(0.5) * course + np.sqrt(0.5) * self.common
        return self.scatter[agent] * course

    def _trend(self, agent: int) -> Numbers:
        """The part of the level that comes and goes with the hours."""
        traits = self.traits[agent]
        for name in traits:
            if name.startswith("ramp"):
                where = (self.seconds - self.before[0]) / (self.after[1] - self.before[0])
                return 1 + int(name[4:]) / 100 * np.clip(where, 0, 1)
            if name.startswith("daily") or name in ("monday", "week"):
                of_day = self.seconds % DAY / HOUR
                up = np.interp(of_day, [0, 6, 9.5, 17, 22, 24], [0, 0, 1, 1, 0, 0])
                if name in ("monday", "week"):
                    weekday = ((self.seconds - _MIDNIGHT) // DAY + 2) % 7
                    up = np.where(weekday >= 5, 0.0, up)
                return 1 + (int(name[5:]) if name.startswith("daily") else 30) / 100 * up
        return np.ones(self.count)

    def _flaps(self, agent: int) -> Numbers:
        """The route is 12 ms longer for 20 minutes, again and again."""
        extra = np.zeros(self.count)
        if "flaps" in self.traits[agent]:
            hours = (self.seconds[-1] - self.seconds[0]) / HOUR
            for begin in self.draw.uniform(self.seconds[0], self.seconds[-1], self.draw.poisson(hours / 4)):
                extra[(self.seconds >= begin) & (self.seconds < begin + 1200)] = 12
        return extra

    def _burst(self, agent: int) -> Numbers:
        """The chance that a packet is lost in each round, by Gilbert and Elliott: in bad times, it is large."""
        lost = np.full(self.count, 10 ** self.draw.uniform(-5, -3.3))
        if "bursts" in self.traits[agent]:
            between, lasting = np.exp(self.draw.uniform(np.log([2 * HOUR, 300]), np.log([8 * HOUR, 2700])))
            bad, second = False, float(self.seconds[0])
            while second < self.seconds[-1]:
                end = second + self.draw.exponential(lasting if bad else between)
                if bad:
                    lost[(self.seconds >= second) & (self.seconds < end)] = self.draw.uniform(0.03, 0.5)
                bad, second = not bad, end
        return lost

    def rows(self, metric: str) -> Numbers:
        return np.array([self._row(metric, agent) for agent in range(self.agents)])

    def _row(self, metric: str, agent: int) -> Numbers:
        draw, traits, lost = self.draw, self.traits[agent], self.bursts[agent]
        if metric == "loss":
            return draw.binomial(_PACKETS, lost) * (100 / _PACKETS)
        if metric == "availability":
            fails = (0.01 if "rare" in traits else 10 ** draw.uniform(-4.5, -3.3)) + np.where(lost > 0.01, lost / 5, 0)
            return np.where(draw.random(self.count) < fails, 0.0, 100.0)
        base, scatter = self.base[agent], 1.0
        if metric == "jitter":
            base, scatter = 0.3 + 0.02 * base, 4.0
        if metric == "response_time":
            base, scatter = 3 * base + draw.uniform(30, 200), 1.5
        if "still" in traits:
            return np.full(self.count, base)
        level = base * self._trend(agent) + (
            self._flaps(agent) * (3 if metric == "response_time" else metric != "jitter")
        )
        row = level * np.exp(scatter * self._log_noise(agent))
        return np.maximum(np.round(row), 1.0) if "integers" in traits else row

    def take_out(self, values: Rows) -> None:
        """What was not measured: times of what failed, and rounds of agents that are not always there."""
        for layer, share, failed in (("network", "loss", 100.0), ("http-server", "availability", 0.0)):
            for name, rows in values[layer].items():
                if name != share:
                    rows[values[layer][share] == failed] = np.nan
        for agent in range(self.agents):
            share = 0.1 if "missing" in self.traits[agent] else 0.0
            if self.kind == "flaky" and agent == 0:
                share = self.draw.uniform(0.2, 0.7)
            gone = self.draw.random(self.count) < share
            for metrics in values.values():
                for rows in metrics.values():
                    rows[agent, gone] = np.nan


def changed(test: Made, effect: str, draw: np.random.Generator) -> Made:
    """The test with what a change did to it, by the name of the effect: see ``EFFECTS``."""
    what, *where = EFFECTS[effect]
    agents, first, last = where
    rounds = test.rounds_in(test.after, first, last)
    total = test.values["network"]["loss"].shape[0]
    picked = list(range(total)) if agents == "all" else [int(draw.integers(total))]
    values = {layer: {name: rows.copy() for name, rows in metrics.items()} for layer, metrics in test.values.items()}
    if effect == "attempt":
        length = test.after[1] - test.before[0]
        day = (test.seconds >= test.after[0] - DAY) & (test.seconds < test.after[1] - DAY)
        assert length < DAY
        _apply(values, what, picked, day, draw)
        test = test._replace(exclude=[(test.after[0] - DAY, test.after[1] - DAY)])
    if effect == "reload":
        rounds = (test.seconds >= test.after[0]) & (test.seconds < test.after[0] + max(180, test.shape.interval))
    if effect == "reload_later":
        begin = test.after[0] + (test.after[1] - test.after[0]) * draw.uniform(0.1, 0.4)
        rounds = (test.seconds >= begin) & (test.seconds < begin + max(180, test.shape.interval))
    if effect.startswith("outage_last"):
        rounds = (test.seconds >= test.after[1] - last * 60) & (test.seconds < test.after[1])
    if effect == "outage_10_of_24":
        begin = test.after[0] + draw.uniform(0.02, 0.95) * (test.after[1] - test.after[0])
        rounds = (test.seconds >= begin) & (test.seconds < begin + 600)
    _apply(values, what, picked, rounds, draw)
    return test._replace(values=values)


def _apply(
    values: Rows, what: t.Mapping[str, float], agents: list[int], rounds: Numbers, draw: np.random.Generator
) -> None:
    for name, amount in what.items():
        layer = next(layer for layer, metrics in values.items() if name in metrics or name == "outage")
        for agent in agents:
            if name == "outage":
                _fail(values, agent, rounds)
            elif name == "loss":
                row = values[layer][name][agent]
                more = draw.binomial(_PACKETS, amount / 100, len(row)) * (100 / _PACKETS)
                row[rounds] = np.minimum(row + more, 100.0)[rounds]
            else:
                values[layer][name][agent, rounds] *= 1 + amount / 100


def _fail(values: Rows, agent: int, rounds: Numbers) -> None:
    """Nothing gets through."""
    for layer, share, failed in (("network", "loss", 100.0), ("http-server", "availability", 0.0)):
        for name, rows in values[layer].items():
            there = rounds & ~np.isnan(values[layer][share][agent])
            rows[agent, there] = failed if name == share else np.nan


# What it does to which metrics, in percent or points; at which agents; from which to which part of the window.
EFFECTS: dict[str, tuple[t.Mapping[str, float], str, float, float]] = {
    **{f"latency_{by}_all": ({"latency": by}, "all", 0.0, 1.0) for by in (5, 10, 20, 50)},
    **{f"latency_{by}_one": ({"latency": by}, "one", 0.0, 1.0) for by in (5, 10, 20, 50)},
    **{f"response_{by}_all": ({"response_time": by}, "all", 0.0, 1.0) for by in (20, 50)},
    "loss_1_all": ({"loss": 1}, "all", 0.0, 1.0),
    "loss_3_all": ({"loss": 3}, "all", 0.0, 1.0),
    "loss_3_one": ({"loss": 3}, "one", 0.0, 1.0),
    "outage_last_5_all": ({"outage": 1}, "all", 0.0, 5.0),
    "outage_last_15_one": ({"outage": 1}, "one", 0.0, 15.0),
    "outage_10_of_24": ({"outage": 1}, "all", 0.0, 1.0),
    "latency_50_last_half": ({"latency": 50}, "all", 0.5, 1.0),
    "latency_50_last_quarter": ({"latency": 50}, "all", 0.75, 1.0),
    "latency_100_first_sixth": ({"latency": 100}, "all", 0.0, 1 / 6),
    "attempt": ({"latency": 50}, "all", 0.0, 1.0),
    "reload": ({"outage": 1}, "all", 0.0, 1.0),
    "reload_later": ({"outage": 1}, "all", 0.0, 1.0),
}
KINDS = (
    "independent", "ar3", "ar6", "ar9", "flicker", "ramp10", "ramp20", "ramp30", "daily30", "flaps", "bursts", "pareto",
    "missing", "flaky", "integers", "still", "rare", "one", "shared", "wild", "week", "monday",
)  # fmt: skip


def with_dead_agent(test: Made, how: str, agent: int = 0) -> Made:
    """``how``: "gone" before and after, "failing" before and after, "added" with the change, "silent" after it."""
    values = {layer: {name: rows.copy() for name, rows in metrics.items()} for layer, metrics in test.values.items()}
    rounds = np.ones(len(test.seconds), bool)
    if how in ("added", "repaired"):
        rounds = test.seconds < test.before[1]
    if how == "silent":
        rounds = test.seconds >= test.after[0]
    if how in ("failing", "repaired"):
        _fail(values, agent, rounds)
    else:
        for metrics in values.values():
            for rows in metrics.values():
                rows[agent, rounds] = np.nan
    return test._replace(values=values)
