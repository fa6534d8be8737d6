# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an agent measured in a round: a function of test, agent and round alone, so that years of it take no memory."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Iterable, Union

from .wire import epoch

Value = Union[int, float, str]
DAY = 86400
PEAK = 14 * 3600  # second of the UTC day at which everything is slowest
# What goes wrong by itself: shares of an agent's rounds without a row, of its measurements that fail, and of its days
# with a pause of half an hour to two hours, in which it measures nothing for any test.
GAPS = 0.004
FAILURES = 0.006
PAUSES = 0.05
# The measurements that a degradation can change. The others follow: minLatency and maxLatency from avgLatency, the
# phases and totalTime from responseTime and receiveTime.
QUANTITIES = ("avgLatency", "jitter", "loss", "responseTime", "receiveTime", "pageLoadTime", "resolutionTime")
NUMBERS = {
    "network": ("loss", "minLatency", "avgLatency", "maxLatency", "jitter"),
    "http-server": (
        "responseCode",
        "numRedirects",
        "redirectTime",
        "dnsTime",
        "connectTime",
        "sslTime",
        "waitTime",
        "receiveTime",
        "responseTime",
        "totalTime",
        "wireSize",
        "throughput",
    ),
    "page-load": ("responseTime", "domLoadTime", "pageLoadTime", "totalSize", "numObjects", "numErrors"),
    "dns-server": ("resolutionTime",),
}
ERRORS = (
    ("DNS", "No response from the name server"),
    ("Connect", "Connection timed out"),
    ("SSL", "TLS handshake failed"),
    ("Receive", "Connection closed before the response was complete"),
)


@dataclass
class Agent:
    """`latency`: milliseconds from it to a target of middling distance."""

    agent_id: int
    name: str
    country: str
    location: str
    latency: float = 50


@dataclass
class Degradation:
    """What is worse from `start` up to, not including, `end`, by the start of the round.

    agents, layer: which agents and which v7 layer; None for all.
    factor, add: by quantity (see QUANTITIES); the factor comes first.
    failed: share of the measurements that fail besides. missing: share of the rows that there are not.
    late: seconds after the end of their rounds from which on rows are there.
    """

    test_id: int
    start: datetime
    end: datetime
    agents: list[int] | None = None
    layer: str | None = None
    factor: dict[str, float] = field(default_factory=dict)
    add: dict[str, float] = field(default_factory=dict)
    failed: float = 0
    missing: float = 0
    late: float = 0

    def __post_init__(self) -> None:
        unknown = (set(self.factor) | set(self.add)) - set(QUANTITIES)
        if unknown:
            raise ValueError(f"a degradation changes {', '.join(QUANTITIES)}, not {', '.join(sorted(unknown))}")
        if self.layer not in (None, *NUMBERS):
            raise ValueError(f"layer is one of {', '.join(NUMBERS)}")
        if self.start >= self.end:
            raise ValueError("a degradation ends after it starts")

    def applies(self, test_id: int, agent_id: int, round_id: int, layer: str) -> bool:
        return (
            self.test_id == test_id
            and epoch(self.start) <= round_id < epoch(self.end)
            and (self.agents is None or agent_id in self.agents)
            and self.layer in (None, layer)
        )


@dataclass
class Measurement:
    """What one agent measured in one round. `values` are by the names of v7, and empty when it failed with `error`."""

    at: int
    values: dict[str, Value]
    error: tuple[str, str] | None = None


def measure(
    test_id: int,
    agent: Agent,
    round_id: int,
    layer: str,
    part: str = "",
    degradations: Iterable[Degradation] = (),
    flaws: float = 1,
    noise: float = 1,
    rhythm: float = 1,
) -> Measurement | None:
    """The measurement, None where there is a gap. `part` tells servers and directions apart; `flaws` scales what
    goes wrong by itself, `noise` the scatter, `rhythm` the rise and fall with the time of day."""
    worse = [row for row in degradations if row.applies(test_id, agent.agent_id, round_id, layer)]
    gap, moment, *_others = _draw(test_id, agent.agent_id, round_id)
    if gap < GAPS * flaws + sum(row.missing for row in worse) or _pauses(agent, round_id, flaws):
        return None
    at = round_id + int(moment * 50)
    group = "web" if layer in ("http-server", "page-load") else layer  # a page does not load without its response
    failure, kind, *_others = _draw(test_id, agent.agent_id, round_id, group, part)
    if failure < FAILURES * flaws + sum(row.failed for row in worse):
        return Measurement(at, {}, ERRORS[int(kind * len(ERRORS))])
    return Measurement(at, LAYERS[layer](_Round(test_id, agent, round_id, layer, part, worse, noise, rhythm)))


def _draw(*key: object) -> tuple[float, ...]:
    """Eight numbers in [0, 1) that depend on nothing but the key."""
    digest = blake2b(repr(key).encode("utf-8"), digest_size=32).digest()
    return tuple(number / 2**32 for number in struct.unpack(">8I", digest))


def _pauses(agent: Agent, round_id: int, flaws: float) -> bool:
    chance, start, length, *_others = _draw(agent.agent_id, round_id // DAY, "pause")
    second = round_id % DAY - start * 0.9 * DAY
    return chance < PAUSES * flaws and 0 <= second < 1800 + length * 5400


class _Round:
    """One agent's circumstances in one round."""

    def __init__(
        self,
        test_id: int,
        agent: Agent,
        round_id: int,
        layer: str,
        part: str,
        worse: list[Degradation],
        noise: float,
        rhythm: float,
    ) -> None:
        self.near, self.busy, self.large, *_others = _draw(test_id)
        self.latency = agent.latency * (0.8 + 0.5 * self.near)
        self.wave = rhythm * math.cos((round_id - PEAK) / DAY * 2 * math.pi)
        self.scatter = noise
        self.chances = _draw(test_id, agent.agent_id, round_id, layer, part, "values")
        # Layers that share a quantity share its noise.
        self.noise = _draw(test_id, agent.agent_id, round_id, part, "noise")
        self.worse = worse

    def quantity(self, name: str, base: float, rhythm: float, spread: float, number: int) -> float:
        """The value of a quantity: level, daily rhythm, noise, an outlier now and then, degradations."""
        noise = self.noise[number] + self.noise[(number + 1) % 8] - 1
        value = base * (1 + rhythm * self.wave) * (1 + spread * self.scatter * noise)
        if self.noise[(number + 2) % 8] > 0.99:
            value *= 1.5 + self.noise[(number + 3) % 8]
        return self.degraded(name, value)

    def degraded(self, name: str, value: float) -> float:
        for row in self.worse:
            value = value * row.factor.get(name, 1) + row.add.get(name, 0)
        return max(value, 0)

    def response_time(self) -> float:
        return self.quantity("responseTime", 3 * self.latency + 60 + 200 * self.busy, 0.25, 0.1, 0)


def _network(now: _Round) -> dict[str, Value]:
    chance, packets, *_others = now.chances
    loss = min(now.degraded("loss", 2.0 * (1 + int(packets * 3)) if chance < 0.05 else 0.0), 100)
    values: dict[str, Value] = {"loss": round(loss, 3)}
    if loss < 100:
        average = now.quantity("avgLatency", now.latency, 0.12, 0.05, 1)
        jitter = now.quantity("jitter", 0.1 + 0.02 * now.latency, 0.1, 0.5, 4)
        values.update(
            minLatency=round(max(average - 1.5 * jitter, average / 2), 3),
            avgLatency=round(average, 3),
            maxLatency=round(average + 3 * jitter, 3),
            jitter=round(jitter, 6),
        )
    return values


def _http_server(now: _Round) -> dict[str, Value]:
    response = max(round(now.response_time()), 4)
    receive = max(round(now.quantity("receiveTime", 3 + 30 * now.large + 0.1 * now.latency, 0.1, 0.3, 5)), 1)
    size = int(2000 + 200000 * now.large)
    dns, connect, ssl = response * 5 // 100, response * 18 // 100, response * 22 // 100
    return {
        "responseCode": 200,
        "numRedirects": 0,
        "redirectTime": 0,
        "dnsTime": dns,
        "connectTime": connect,
        "sslTime": ssl,
        "waitTime": response - dns - connect - ssl,
        "receiveTime": receive,
        "responseTime": response,
        "totalTime": response + receive,
        "wireSize": size,
        "throughput": round(size / receive * 1000, 3),
    }


def _page_load(now: _Round) -> dict[str, Value]:
    response = now.response_time()
    base = 8 * (3 * now.latency + 60 + 200 * now.busy)
    load = max(now.quantity("pageLoadTime", base, 0.3, 0.15, 3), response * 1.2)
    return {
        "responseTime": round(response, 2),
        "domLoadTime": round(response + 0.6 * (load - response)),
        "pageLoadTime": round(load),
        "totalSize": int(300000 + 4000000 * now.large),
        "numObjects": int(20 + 120 * now.busy),
        "numErrors": int(now.chances[0] < 0.03),
    }


def _dns_server(now: _Round) -> dict[str, Value]:
    return {"resolutionTime": max(round(now.quantity("resolutionTime", 2 + 0.6 * now.latency, 0.1, 0.2, 6)), 1)}


LAYERS = {"network": _network, "http-server": _http_server, "page-load": _page_load, "dns-server": _dns_server}
