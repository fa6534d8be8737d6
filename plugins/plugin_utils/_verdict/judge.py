# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The judge of a test: what was measured before and after in, its entry of the evidence document out."""

from __future__ import annotations

import typing as t

from ...module_utils._core.metrics import JUDGED, SHARE
from .guard import Past
from .presence import Failed
from .series import OUTAGE, Span, Strand
from .settings import LEVEL, Settings
from .verdicts import DEGRADED, INCONCLUSIVE, NO_DATA, OK, TRANSIENT, comparisons, judge_metric, worst

# The strands of each metric, by layer.
Layers = t.Mapping[str, t.Mapping[str, t.Sequence[Strand]]]
Entry = t.Dict[str, t.Any]
# The layer, the metric, and the agent with the server; None for all agents.
Place = t.Tuple[str, str, t.Optional[t.Tuple[str, t.Optional[str]]]]


def judge(layers: Layers, span: Span, settings: Settings, past: Past | None = None, level: float = LEVEL) -> Entry:
    """``verdict``, ``reason``, ``warnings``, ``history`` and ``layers`` of a test.

    Without ``past`` the verdict is provisional where ``wants_history``. ``level``: the chance of a false alarm.
    """
    return judged_by_place(layers, span, settings, past, level)[0]


def judged_by_place(
    layers: Layers, span: Span, settings: Settings, past: Past | None, level: float
) -> tuple[Entry, dict[Place, Entry]]:
    """As ``judge``, and where it is degraded, without what has no say: that row of the entry."""
    total = sum(comparisons(strands) for metrics in layers.values() for strands in metrics.values())
    judged = [
        {
            "layer": layer,
            "metrics": [
                judge_metric(metric, strands, span, settings, level / total, _failed(metrics, span), past)
                for metric, strands in metrics.items()
            ],
        }
        for layer, metrics in layers.items()
    ]
    places = dict(_degraded(judged))
    return {**_told(judged, settings), "history": _history(judged, past), "layers": judged}, places


def _degraded(judged: t.Sequence[Entry]) -> t.Iterator[tuple[Place, Entry]]:
    for layer, metric in ((each["layer"], metric) for each in judged for metric in each["metrics"]):
        of_all = metric.pop("of_all")
        if metric["left_out"] is not None:
            continue
        if of_all == DEGRADED:
            yield (layer, metric["metric"], None), metric
        for agent in metric["agents"]:
            if agent["verdict"] == DEGRADED and agent["left_out"] is None:
                yield (layer, metric["metric"], (agent["agent_id"], agent["server"])), agent


def wants_history(entry: Entry) -> list[str]:
    """The layers in which something would be called worse that may be usual without the change, too."""
    return [layer["layer"] for layer in entry["layers"] if any(map(_may_be_usual, layer["metrics"]))]


def _may_be_usual(metric: Entry) -> bool:
    rows = [row for row in (metric, *metric["agents"]) if row["verdict"] in (DEGRADED, TRANSIENT)]
    return metric["left_out"] is None and any(row["part"] != OUTAGE for row in rows)


def _failed(metrics: t.Mapping[str, t.Sequence[Strand]], span: Span) -> Failed:
    """The rounds of a layer in which nothing got through."""
    width = span.interval or 1
    failed: dict[tuple[str, str | None], tuple[set[int], set[int]]] = {}
    for name, strands in metrics.items():
        row = JUDGED[name]
        if row.kind is SHARE:
            worst_value = 0.0 if row.worse < 0 else row.kind.most
            for strand in strands:
                sides = failed.setdefault((strand.agent_id, strand.server), (set(), set()))
                for rounds, points in zip(sides, (strand.before, strand.after)):
                    rounds.update(second // width for second, value in points if value == worst_value)
    return failed


def _told(judged: t.Sequence[Entry], settings: Settings) -> Entry:
    """The verdict on the test, and why."""
    metrics = [(layer["layer"], metric) for layer in judged for metric in layer["metrics"]]
    counted = [(layer, metric) for layer, metric in metrics if metric["left_out"] is None]
    verdict = worst(metric["verdict"] for _layer, metric in counted)
    if verdict == OK and not any(_can_show(metric, settings) for _layer, metric in counted):
        verdict = INCONCLUSIVE
        reason = (
            f"No metric could have shown a change of {settings.must_see_percent:g} % or "
            f"{settings.must_see_points:g} points, with so few rounds or so much noise."
        )
    elif verdict == OK:
        reason = "No significant degradation."
    else:
        found = [row for row in counted if row[1]["verdict"] == verdict]
        if verdict != NO_DATA:
            found.sort(key=lambda row: -times_threshold(row[1]))
        reason = reason_of([metric for _layer, metric in found]) if found else "Nothing was compared."
    return {"verdict": verdict, "reason": reason, "warnings": list(_warnings(counted))}


def reason_of(found: t.Sequence[Entry]) -> str:
    """What the first of these metrics says, and which others have the same verdict."""
    first, title = found[0], JUDGED[found[0]["metric"]].title
    others = ", ".join(JUDGED[metric["metric"]].within for metric in found[1:])
    more = f" Also {first['verdict'].replace('_', ' ')}: {others}." if others else ""
    said = first["reason"] if first["reason"].startswith(title) else f"{title}: {first['reason']}"
    return f"{said}{more}"


def times_threshold(metric: t.Mapping[str, t.Any]) -> float:
    """How many times its threshold a metric differs by, over all agents or where it is worst."""
    limits = metric["threshold"]
    found = []
    for row in (metric, *metric["agents"]):
        if row["difference"] is not None and row["verdict"] == metric["verdict"]:
            shares = [
                abs(value) / max(limits[unit], 1e-9)
                for unit, value in (("points", row["difference"]), ("percent", row["difference_percent"]))
                if unit in limits and value is not None
            ]
            found += shares
    return max(found, default=0.0)


def _can_show(metric: Entry, settings: Settings) -> bool:
    smallest = metric["smallest"]
    if smallest is None:
        return False
    if metric["kind"] == SHARE.name:
        return bool(smallest["difference"] <= settings.must_see_points)
    percent = smallest["difference_percent"]
    return percent is None or bool(percent <= settings.must_see_percent)


def _warnings(metrics: t.Sequence[tuple[str, Entry]]) -> t.Iterator[str]:
    """The agents that drop out, by name, each once for a reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for layer, metric in metrics:
        for agent in metric["agents"]:
            if agent["dropped"]:
                name = agent["agent_name"] or f"agent {agent['agent_id']}"
                found.setdefault((name, agent["dropped"]), []).append(f"{layer} {metric['metric'].replace('_', ' ')}")
    for (name, why), where in found.items():
        yield f"{name} is not compared in {', '.join(where)}: {why}"


def _history(judged: t.Sequence[Entry], past: Past | None) -> Entry | None:
    """What the report says of the history; None where none was needed."""
    if past is None:
        return None
    rows = [row for layer in judged for metric in layer["metrics"] for row in (metric, *metric["agents"])]
    told = [row["history"] for row in rows if row["history"] is not None]
    hours = max((row["hours"] for row in told), default=0.0)
    return {"hours": hours, "enough": bool(told) and all(row["enough"] for row in told)}
