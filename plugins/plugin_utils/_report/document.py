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

from .._verdict.guard import Past
from .._verdict.judge import judge
from .._verdict.method import ERRORS_METHOD, HISTORY_METHOD, PARTS_METHOD, SHARES_METHOD, TIMES_METHOD
from .._verdict.series import Span, Strand
from .._verdict.settings import LEVEL, Settings
from .._verdict.verdicts import DEGRADED, NO_DATA, WEIGHT, worst

SCHEMA = "community.thousandeyes.evidence/2"

Row = dict[str, Any]

# The lists from the document down to the agents, whose rows have lines of their own.
_ROWS = ("tests", "layers", "metrics", "agents")


def judge_test(
    test: Row,
    layers: Mapping[str, Mapping[str, Sequence[Strand]]],
    span: Span,
    settings: Settings,
    past: Past | None = None,
    left_out: str | None = None,
) -> Row:
    """``test`` with the verdicts on its layers. ``left_out``: why it has no say in the verdict on the change."""
    return {**test, "left_out": left_out, **judge(layers, span, settings, past)}


def unjudged(test: Row, reason: str, left_out: str | None = None) -> Row:
    """``test`` without data, for a reason that lies outside of its measurements."""
    nothing: Row = {"warnings": [], "history": None, "layers": []}
    return {**test, "left_out": left_out, "verdict": NO_DATA, "reason": reason, **nothing}


def counted(tests: Sequence[Row]) -> list[Row]:
    """The tests that have a say."""
    return [test for test in tests if test["left_out"] is None]


def verdict_of(tests: Sequence[Row]) -> str:
    """The verdict on the change."""
    return worst(test["verdict"] for test in counted(tests))


def counts(tests: Sequence[Row]) -> dict[str, int]:
    having = counted(tests)
    found = Counter(test["verdict"] for test in having)
    return {
        "tests": len(having),
        "left_out": len(tests) - len(having),
        **{verdict: found[verdict] for verdict in WEIGHT},
    }


def method(settings: Settings, layers: Sequence[str] | None) -> Row:
    return {
        "level": LEVEL,
        "thresholds": dict(settings.thresholds),
        "layers": layers,
        "outage_minutes": settings.outage_minutes,
        "outage_share": settings.outage_share,
        "settle_minutes": settings.settle_minutes,
        "must_see": {"percent": settings.must_see_percent, "points": settings.must_see_points},
        "times": TIMES_METHOD,
        "shares": SHARES_METHOD,
        "parts": PARTS_METHOD,
        "history": HISTORY_METHOD,
        "errors": ERRORS_METHOD,
    }


def to_json(document: Row) -> bytes:
    """The same bytes for the same document. Each agent has a line, and so has each field of a metric."""
    return f"{_lines(_plain(document))}\n".encode()


def line_of(row: Row) -> str:
    """A part of the document as one line."""
    return _line(_plain(row))


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
    """Whether two documents differ at most in when and by whom they were made, and in what was there before.

    False if the old one is no document.
    """
    try:
        documents = [json.loads(text) for text in (old, new)]
    except ValueError:
        return False
    for document in documents:
        if isinstance(document, dict):
            document.pop("made", None)
            document.pop("earlier", None)
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
        return float(f"{value:.2g}") if name in ("p", "level") else round(value, 3)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
