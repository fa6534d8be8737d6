# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Measurements of a test: the rows, without those that are twice or elsewhere, and summaries of rows."""

from __future__ import annotations

import math
import typing as t

from .errors import UnexpectedResponse
from .metrics import LAYERS, metrics_of
from .windows import iso_of_epoch

# Seconds. The API adds rounds next to a window (contract v7 §7), and none is as long.
_NEAR = 86400


class Measurement(t.NamedTuple):
    """What an agent measured in the round that started at ``round_id``, in epoch seconds.

    ``values`` has each metric of the layer, None for what is missing. ``error`` is the API's own text, and says which
    values make no sense.
    """

    round_id: int
    agent_id: str
    agent_name: str | None
    country: str | None
    server: str | None
    error: str | None
    values: dict[str, float | None]

    def to_dict(self) -> dict[str, t.Any]:
        return {
            "agent_id": self.agent_id,
            "agent_name": self.agent_name,
            "country": self.country,
            "round": iso_of_epoch(self.round_id),
            "round_id": str(self.round_id),
            "server": self.server,
            "error": self.error,
            **self.values,
        }


def distinct(found: t.Iterable[Measurement], first: float, last: float) -> list[Measurement]:
    """The measurements of the rounds from ``first`` to ``last``, both included, in epoch seconds, sorted.

    The API may add the round before (contract v7 §7), and its pages may overlap.

    :raises UnexpectedResponse: there are two different ones of the same agent, round and server, or one of a round far
        away, such as one in milliseconds.
    """
    unique: dict[tuple[int, int, str], Measurement] = {}
    for row in found:
        if not first - _NEAR <= row.round_id <= last + _NEAR:
            raise UnexpectedResponse(
                f"The API gave a result of agent {row.agent_id} in the round {row.round_id}, which is nowhere near "
                f"what was asked for, {first:.0f} to {last:.0f} in seconds since 1970.",
                certain=True,
                status=200,
            )
        if first <= row.round_id <= last:
            if unique.setdefault((row.round_id, int(row.agent_id), row.server or ""), row) != row:
                raise UnexpectedResponse(
                    f"The API gave two different results of agent {row.agent_id} in the round {row.round_id}.",
                    certain=True,
                    status=200,
                )
    return [unique[key] for key in sorted(unique)]


def summary(layer: str, rows: t.Sequence[Measurement]) -> dict[str, t.Any]:
    """Each metric of the layer over all rows, and over those of each agent, in the order of their first rows.

    A value is missing where a row has none, and where an agent has no row although another one has one of the same
    round. In a layer where an agent has a row for each server in a round, any of these can be missing.
    """
    rounds = {row.round_id for row in rows}
    by_agent: dict[str, list[Measurement]] = {}
    for row in rows:
        by_agent.setdefault(row.agent_id, []).append(row)
    gaps = {agent_id: _gaps(layer, own, rounds) for agent_id, own in by_agent.items()}
    return {
        "overall": _statistics(layer, rows, sum(gaps.values())),
        "agents": [
            {
                "agent_id": agent_id,
                "agent_name": own[-1].agent_name,
                "metrics": _statistics(layer, own, gaps[agent_id]),
            }
            for agent_id, own in by_agent.items()
        ],
    }


def _gaps(layer: str, rows: t.Iterable[Measurement], rounds: set[int]) -> int:
    """How many rows an agent lacks."""
    there: dict[str | None, set[int]] = {}
    for row in rows:
        there.setdefault(row.server if LAYERS[layer].per_server else None, set()).add(row.round_id)
    return sum(len(rounds) - len(own) for own in there.values())


def _statistics(layer: str, rows: t.Sequence[Measurement], gaps: int) -> dict[str, dict[str, t.Any]]:
    result: dict[str, dict[str, t.Any]] = {}
    for metric in metrics_of(layer):
        values = sorted(value for row in rows if (value := row.values[metric.name]) is not None)
        result[metric.name] = {
            "count": len(values),
            "missing": len(rows) - len(values) + gaps,
            "mean": math.fsum(values) / len(values) if values else None,
            "median": quantile(values, 50),
            "p95": quantile(values, 95),
            "min": values[0] if values else None,
            "max": values[-1] if values else None,
        }
    return result


def quantile(values: t.Sequence[float], percent: int) -> float | None:
    """The quantile of sorted values, linear between the ranks next to C(percent / 100 * (count - 1)), from 0 on."""
    if not values:
        return None
    rank, rest = divmod(percent * (len(values) - 1), 100)
    return values[rank] + (values[rank + 1] - values[rank]) * rest / 100 if rest else values[rank]
