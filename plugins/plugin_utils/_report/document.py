# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The evidence document: a report as data. Its schema is in roles/change_evidence/files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils._core.metrics import threshold_of
from .._verdict.series import Span, Strand
from .._verdict.verdicts import (
    DEGRADED,
    LEVEL,
    NO_DATA,
    SHARES_METHOD,
    TIMES_METHOD,
    comparisons,
    doubtful,
    judge_metric,
    worst,
)

SCHEMA = "community.thousandeyes.evidence/1"

Row = dict[str, Any]

# The lists from the document down to the agents, whose rows have lines of their own.
_ROWS = ("tests", "layers", "metrics", "agents")


def judge_test(
    test: Row, layers: Mapping[str, Mapping[str, Sequence[Strand]]], span: Span, thresholds: Mapping[str, float]
) -> Row:
    """``test`` with the verdicts on its layers."""
    total = sum(comparisons(strands) for metrics in layers.values() for strands in metrics.values())
    judged: list[Row] = [
        {
            "layer": layer,
            "metrics": [
                judge_metric(metric, strands, span, threshold_of(metric, thresholds), LEVEL / total)
                for metric, strands in metrics.items()
            ],
        }
        for layer, metrics in layers.items()
    ]
    metrics = [(layer["layer"], metric) for layer in judged for metric in layer["metrics"]]
    verdict = worst(metric["verdict"] for _layer, metric in metrics)
    found = [(layer, metric) for layer, metric in metrics if metric["verdict"] == verdict]
    if verdict == "ok":
        reason = "No metric is worse by more than its threshold and the noise."
        doubts = [f"{layer}, {doubt}" for layer, metric in metrics for doubt in doubtful(metric)]
        if doubts:
            more = f", and {len(doubts) - 2} more" if len(doubts) > 2 else ""
            reason += f" Worse by a threshold, which may be chance: {'; '.join(doubts[:2])}{more}."
    else:
        layer, metric = found[0]
        more = f" And {len(found) - 1} more." if len(found) > 1 else ""
        reason = f"{layer}, {metric['metric'].replace('_', ' ')}: {metric['reason']}{more}"
    return {**test, "verdict": verdict, "reason": reason, "layers": judged}


def unjudged(test: Row, reason: str) -> Row:
    """``test`` without data, for a reason that lies outside of its measurements."""
    return {**test, "verdict": NO_DATA, "reason": reason, "layers": []}


def counts(tests: Sequence[Row]) -> dict[str, int]:
    found = Counter(test["verdict"] for test in tests)
    return {"tests": len(tests), **{verdict: found[verdict] for verdict in ("ok", "degraded", "improved", NO_DATA)}}


def method(thresholds: Mapping[str, float], layers: Sequence[str] | None) -> Row:
    return {
        "level": LEVEL,
        "thresholds": dict(thresholds),
        "layers": layers,
        "times": TIMES_METHOD,
        "shares": SHARES_METHOD,
    }


def to_json(document: Row) -> bytes:
    """The same bytes for the same document. Each agent has a line, and so has each field of a metric."""
    return f"{_lines(_plain(document))}\n".encode()


def _lines(fields: Row, indent: str = "") -> str:
    parts = []
    for name in sorted(fields):
        rows = fields[name] if name in _ROWS else []
        if rows and isinstance(rows[0], dict):
            texts = [_line(row) if name == "agents" else _lines(row, f"{indent} ") for row in rows]
            text = "[{}]".format(f",\n{indent} ".join(["", *texts])[1:])
        else:
            text = _line(fields[name])
        parts.append(f"{indent}{_line(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "}"


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def same(old: bytes, new: bytes) -> bool:
    """Whether two documents differ at most in when and by whom they were made. False if the old one is no document."""
    try:
        documents = [json.loads(text) for text in (old, new)]
    except ValueError:
        return False
    for document in documents:
        if isinstance(document, dict):
            document.pop("made", None)
    return bool(documents[0] == documents[1])


def losses(old: bytes, new: bytes) -> list[str]:
    """Tests, with their layers, that ``old`` judged from measurements and ``new``, for the same windows, could not.

    Nothing is lost if ``old`` is no document. A layer that ``new`` was not asked for is no loss.
    """
    try:
        was, is_now = json.loads(old), json.loads(new)
        if any(_bounds(was, side) != _bounds(is_now, side) for side in ("before", "after")):
            return []
        found = []
        asked = is_now["method"]["layers"]
        judged = {test["test_id"]: _metrics(test) for test in was["tests"] if test["test_id"] is not None}
        for test in is_now["tests"]:
            there = _metrics(test)
            layers = [
                layer
                for (layer, metric), entry in judged.get(test["test_id"], {}).items()
                if (asked is None or layer in asked) and _lost(entry, there.get((layer, metric)))
            ]
            if layers:
                name = test["test_name"] or "test"
                found.append(f"{name} ({test['test_id']}), {' and '.join(dict.fromkeys(layers))}")
    except (KeyError, RecursionError, TypeError, ValueError):
        return []
    return found


def newly_degraded(old: Row, new: Row) -> list[str]:
    """The names of tests that are degraded in ``new`` and not in ``old``."""
    known = {test["test_id"] for test in old["tests"] if test["verdict"] == DEGRADED}
    found = [test for test in new["tests"] if test["verdict"] == DEGRADED and test["test_id"] not in known]
    return [f"{test['test_name'] or 'test'} ({test['test_id']})" for test in found]


def _bounds(document: Row, side: str) -> tuple[str, str]:
    window = document["windows"][side]
    return window["from"], window["to"]


def _metrics(test: Row) -> dict[tuple[str, str], Row]:
    return {(layer["layer"], metric["metric"]): metric for layer in test["layers"] for metric in layer["metrics"]}


def _lost(was: Row, is_now: Row | None) -> bool:
    """Whether a verdict is gone. No data in spite of more measurements is no loss."""
    if was["verdict"] == NO_DATA:
        return False
    if is_now is None:
        return True
    fewer = any(is_now[side]["count"] < was[side]["count"] for side in ("before", "after"))
    return fewer and is_now["verdict"] == NO_DATA


def _plain(value: Any, name: str = "") -> Any:
    """The value rounded, and without what UTF-8 cannot carry."""
    if isinstance(value, dict):
        return {key: _plain(item, key) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.2g}") if name == "p" else round(value, 3)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
