# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""evidence.html, from the evidence document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...module_utils._core.text import shown
from ...module_utils._core.windows import parse_instant
from .._report import wording
from .charts import Painter, available, painter
from .wording import Row

_TEMPLATE = Path(__file__).with_name("evidence.html.j2")
# A page with more could hardly be opened. The charts of agents are left out first.
MOST_CHARTS = 1200
# In a report of more tests, metrics that are ok have neither charts nor the values of agents.
MANY_TESTS = 50
_WORDS = (
    *("LAYER_WORDS", "METRIC_WORDS", "MOVED", "STATE_WORDS", "VERDICT_SIGNS", "VERDICT_WORDS"),
    *("amount", "difference", "expiry", "found_by", "limit", "link", "local", "name_of", "no_link", "number"),
    *("about", "episode_verdict", "episodes_of", "watch_words", "worse_tests"),
    *("chance", "past", "reason", "seen_by", "smallest", "spread", "summary", "threshold", "utc", "worst_first"),
)


def to_html(document: Row) -> str:
    """The page: self-contained, and the same for the same document."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update({name: getattr(wording, name) for name in _WORDS}, has_gaps=_has_gaps)
    # So that a name cannot turn the direction of the text around it.
    environment.filters["isolated"] = lambda text: Markup("<bdi>{}</bdi>").format(shown(text))
    windows = document["windows"]
    with painter(*(_minutes(windows[side]) for side in ("before", "after"))) as paint:
        drawing = _Drawing(document, paint)
        page: str = environment.get_template(_TEMPLATE.name).render(
            document=document,
            tests=wording.worst_first(document["tests"]),
            drawing=drawing,
            charts_available=available(),
        )
    return page


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markup) or not isinstance(value, str) else shown(value)


class _Drawing:
    """Hands out the charts, each with ids of its own."""

    def __init__(self, document: Row, paint: Painter | None) -> None:
        self._paint = paint
        self._count = 0
        self.left_out = 0
        self.many = len(document["tests"]) > MANY_TESTS
        metrics = sum(1 for _metric in _metrics(document))
        self._left = {"metric": MOST_CHARTS, "agent": max(MOST_CHARTS - metrics, 0)}

    def __call__(self, kind: str, metric: Row, entry: Row, name: str) -> Markup | None:
        """None if there is nothing to draw, or too much."""
        if not self._paint or entry["series"] is None:
            return None
        if not any(value is not None for points in entry["series"].values() for _minute, value in points):
            return None
        if not self._left[kind]:
            self.left_out += 1
            return None
        self._left[kind] -= 1
        self._count += 1
        return Markup(self._paint.chart(metric, entry, shown(name), f"c{self._count}"))


def _has_gaps(entry: Row) -> bool:
    return any(value is None for points in entry["series"].values() for _minute, value in points)


def _metrics(document: Row) -> Iterator[Row]:
    for test in document["tests"]:
        for layer in test["layers"]:
            yield from layer["metrics"]


def _minutes(window: Row) -> float:
    first, last = (parse_instant(window[side], side) for side in ("from", "to"))
    return (last - first).total_seconds() / 60
