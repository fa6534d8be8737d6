# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What is measured: one row for each layer of results, and one for each metric.

All that knows a metric follows from its row, or is tested against it. The vendor's names of both are in _api/fields.py.
"""

from __future__ import annotations

import math
import typing as t


class Kind(t.NamedTuple):
    """What sort of number a metric is. ``limits``: the units of its thresholds. ``most``: no value is larger."""

    name: str
    unit: str
    limits: tuple[str, ...]
    most: float


SHARE = Kind("share", "percent", ("points",), 100.0)
TIME = Kind("time", "ms", ("percent", "ms"), math.inf)


class Layer(t.NamedTuple):
    """``title`` is its name for people. ``per_server``: an agent has a row for each server in a round, and not one."""

    name: str
    title: str
    per_server: bool = False


class Metric(t.NamedTuple):
    """``name`` as in results, and ``words`` that say in a sentence what it is.

    ``worse``: 1 if more of it is worse, -1 if less, as can only be with a share. ``binary``: a single value is either 0
    or 100 percent.

    A metric that change_report judges has a name for that in ``judged``, and a ``title`` in the report. ``thresholds``
    are the defaults, by unit: a difference counts if it reaches all of them.
    """

    layer: str
    name: str
    kind: Kind
    words: str
    judged: str = ""
    title: str = ""
    thresholds: t.Mapping[str, float] = {}
    worse: int = 1
    binary: bool = False

    @property
    def within(self) -> str:
        """The title within a sentence."""
        return self.title if self.title[1:2].isupper() else self.title[:1].lower() + self.title[1:]


LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer("network", "Network"),
        Layer("http-server", "HTTP server"),
        Layer("page-load", "Page load"),
        Layer("dns-server", "DNS server", per_server=True),
    )
}

METRICS: tuple[Metric, ...] = (
    Metric(
        "network",
        "loss",
        SHARE,
        "the share of packets lost",
        judged="loss",
        title="Packet loss",
        thresholds={"points": 1.0},
    ),
    Metric("network", "latency_min", TIME, "the shortest round trip of packets"),
    Metric(
        "network",
        "latency_avg",
        TIME,
        "the mean round trip of packets",
        judged="latency",
        title="Latency",
        thresholds={"percent": 10.0, "ms": 5.0},
    ),
    Metric("network", "latency_max", TIME, "the longest round trip of packets"),
    Metric(
        "network",
        "jitter",
        TIME,
        "the standard deviation of the round trip",
        judged="jitter",
        title="Jitter",
        thresholds={"percent": 50.0, "ms": 2.0},
    ),
    Metric(
        "http-server",
        "availability",
        SHARE,
        "the share of HTTP requests without an error",
        judged="availability",
        title="Availability",
        thresholds={"points": 1.0},
        worse=-1,
        binary=True,
    ),
    Metric(
        "http-server",
        "response_time",
        TIME,
        "the time to the first byte of an HTTP response",
        judged="response_time",
        title="Response time",
        thresholds={"percent": 15.0, "ms": 20.0},
    ),
    Metric("http-server", "total_time", TIME, "the time to the last byte of an HTTP response"),
    Metric("http-server", "connect_time", TIME, "the time to connect"),
    Metric("http-server", "dns_time", TIME, "the time to resolve the name"),
    Metric("http-server", "ssl_time", TIME, "the time of the TLS handshake"),
    Metric("page-load", "response_time", TIME, "the time to the first byte of an HTTP response"),
    Metric("page-load", "dom_load_time", TIME, "the time until the document is loaded"),
    Metric(
        "page-load",
        "page_load_time",
        TIME,
        "the time until a page is loaded",
        judged="page_load",
        title="Page load time",
        thresholds={"percent": 15.0, "ms": 100.0},
    ),
    Metric(
        "dns-server",
        "resolution_time",
        TIME,
        "the time to the answer of a DNS server",
        judged="resolution",
        title="DNS resolution time",
        thresholds={"percent": 15.0, "ms": 3.0},
    ),
)

_BY_LAYER: dict[str, list[Metric]] = {name: [metric for metric in METRICS if metric.layer == name] for name in LAYERS}
# The metrics that change_report judges, by the names that it has for them.
JUDGED: dict[str, Metric] = {metric.judged: metric for metric in METRICS if metric.judged}
# The default thresholds, by the names of the options.
THRESHOLDS: dict[str, float] = {
    f"{name}_{unit}": default for name, metric in JUDGED.items() for unit, default in metric.thresholds.items()
}


def metrics_of(layer: str) -> t.Sequence[Metric]:
    """What is measured in the layer."""
    return _BY_LAYER[layer]


def threshold_of(judged: str, thresholds: t.Mapping[str, float]) -> dict[str, float]:
    """The thresholds of one metric by unit, out of those of all metrics by the names of the options."""
    return {unit: thresholds[f"{judged}_{unit}"] for unit in JUDGED[judged].thresholds}
