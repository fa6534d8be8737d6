# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The vendor's names of layers and metrics, and reading values by them: contract v6 §7, v7 §7."""

from __future__ import annotations

import functools
import typing as t

from .._core.metrics import metrics_of

# No measurement is as large, and sums of smaller ones stay finite.
_TOO_LARGE = 1e300


class Layer(t.NamedTuple):
    """A layer of results on the wire. ``fields``: by metric, the same in both versions.

    In v7 the name of the layer ends the path. In v6 it is ``v6_path``, and ``v6_rows`` are the names that lead to the
    rows.
    """

    v6_path: str
    v6_rows: tuple[str, str]
    fields: dict[str, str]


LAYERS = {
    "network": Layer(
        "net/metrics",
        ("net", "metrics"),
        {
            "loss": "loss",
            "latency_min": "minLatency",
            "latency_avg": "avgLatency",
            "latency_max": "maxLatency",
            "jitter": "jitter",
        },
    ),
    "http-server": Layer(
        "web/http-server",
        ("web", "httpServer"),
        {
            "response_time": "responseTime",
            "total_time": "totalTime",
            "connect_time": "connectTime",
            "dns_time": "dnsTime",
            "ssl_time": "sslTime",
            "availability": "errorType",
        },
    ),
    "page-load": Layer(
        "web/page-load",
        ("web", "pageLoad"),
        {
            "response_time": "responseTime",
            "dom_load_time": "domLoadTime",
            "page_load_time": "pageLoadTime",
        },
    ),
    "dns-server": Layer("dns/server", ("dns", "server"), {"resolution_time": "resolutionTime"}),
}


def measured(layer: str, row: t.Mapping[str, t.Any]) -> dict[str, float | None]:
    """The metrics of a row of the API.

    What is absent, null, no finite number, or makes no sense is missing: None, and never 0.
    """
    return {metric: value if sensible else None for metric, value, sensible in _read(layer, row)}


def nonsense(layer: str, row: t.Mapping[str, t.Any]) -> str | None:
    """Which values of a row of the API make no sense: a share that is not 0 to 100 percent, a negative time."""
    found = [f"{metric} {value}" for metric, value, sensible in _read(layer, row) if not sensible]
    return f"makes no sense: {', '.join(found)}" if found else None


def succeeded(error_type: str) -> bool:
    """Whether an errorType says that there was no error. Its spelling varies."""
    return error_type.lower() == "none"


def _read(layer: str, row: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, float | None, bool]]:
    """For each metric its name, its value, and whether that makes sense."""
    for metric, field, most in _columns(layer):
        told = row.get(field)
        value = _availability(told) if field == "errorType" else _number(told)
        yield metric, value, value is None or 0 <= value <= most


@functools.lru_cache(maxsize=None)
def _columns(layer: str) -> list[tuple[str, str, float]]:
    """For each metric its name, its field, and the largest value that makes sense."""
    fields = LAYERS[layer].fields
    return [(metric.name, fields[metric.name], metric.kind.most) for metric in metrics_of(layer)]


def _availability(error_type: t.Any) -> float | None:
    if not isinstance(error_type, str) or not error_type.strip():
        return None
    return 100 if succeeded(error_type.strip()) else 0


def _number(value: t.Any) -> float | None:
    # The exact type, since a boolean is an int; and a comparison with NaN is false.
    return value if type(value) in (int, float) and abs(value) < _TOO_LARGE else None
