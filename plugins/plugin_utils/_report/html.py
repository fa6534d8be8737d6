# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""evidence.html, from the evidence document."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from jinja2 import Template
from markupsafe import Markup

from ...module_utils._core.metrics import JUDGED
from ...module_utils._core.text import shown
from .._verdict.judge import times_threshold
from .._report import wording
from .charts import Painter, axis_of
from .pages import environment
from .wording import Row

# A page with more could hardly be opened. The charts of agents are left out first.
MOST_CHARTS = 1200
# In a report of more tests, a layer that is not ok has the chart of its worst metric, and a metric its worst agents.
MANY_TESTS = 50
_WORST_AGENTS = 3
_WORSE = ("degraded", "transient", "inconclusive")
_WORDS = (
    *("LAYER_WORDS", "METRIC_WORDS", "MOVED", "STATE_WORDS", "VERDICT_SIGNS", "VERDICT_WORDS"),
    *("amount", "difference", "expiry", "ids_of", "inferred", "limit", "link", "local", "name_of", "no_link", "number"),
    *("about", "about_links", "change_title", "earlier_of", "episode_verdict", "episodes_of", "has_local"),
    *("chance", "least_likely", "past", "reason", "seen_by", "smallest", "spread", "threshold", "utc", "worst_first"),
    *(
        "conclusion",
        "frozen_tests",
        "frozen_words",
        "in_short",
        "is_it_the_change",
        "is_ok",
        "next_step",
        "scope",
        "summary",
    ),
    *("watch_words", "worse_tests", "worst_of"),
)


def to_html(document: Row) -> str:
    """The page: self-contained, and the same for the same document."""
    tests = wording.worst_first(document["tests"])
    there = {metric["metric"] for metric in _metrics(document)}
    page: str = _template().render(
        document=document,
        tests=tests,
        bad=sum(not wording.is_ok(test) for test in tests),
        metrics=[metric for metric in JUDGED if metric in there],
        drawing=_Drawing(document),
        worst=_worst(document),
        unfrozen=wording.nothing_frozen(document),
    )
    return page


def _metrics_by_name(test: Row) -> dict[str, Row]:
    return {metric["metric"]: metric for metric in _metrics_of(test)}


def _worst(document: Row) -> tuple[Row, Row, Row] | None:
    """The test, the metric and, where few agents are to blame, the agent that the first chart is of; else the metric.

    None if nothing is worse.
    """
    test = wording.worst_of(document)
    metric = wording.worst_metric(test) if test and test["verdict"] in _WORSE else None
    if test is None or metric is None:
        return None
    place = wording.where_it_is(metric)
    return test, metric, place if place["series"] else metric


@functools.lru_cache(maxsize=1)
def _template() -> Template:
    pages = environment()
    pages.globals.update({name: getattr(wording, name) for name in _WORDS}, axis_of=axis_of, has_gaps=_has_gaps)
    pages.globals.update(metrics_of=_metrics_by_name)
    return pages.get_template("evidence.html.j2")


class _Drawing:
    """Hands out the charts, each with ids of its own."""

    def __init__(self, document: Row) -> None:
        self._painter = Painter(document)
        self._count = 0
        self.left_out = 0
        self.many = len(document["tests"]) > MANY_TESTS
        metrics = sum(1 for _metric in _metrics(document))
        self._left = {"first": 1, "metric": MOST_CHARTS, "agent": max(MOST_CHARTS - metrics, 0)}

    def open(self, layer: Row) -> list[Row]:
        """The metrics whose charts are in sight."""
        return [metric for metric in self._drawn(layer) if metric["verdict"] in wording.MOVED]

    def folded(self, layer: Row) -> list[Row]:
        return [metric for metric in self._drawn(layer) if metric["verdict"] not in wording.MOVED]

    def _drawn(self, layer: Row) -> list[Row]:
        if not self.many:
            return list(layer["metrics"])
        bad = [metric for metric in layer["metrics"] if metric["verdict"] != "ok"]
        return sorted(bad, key=lambda metric: (wording.VERDICTS.index(metric["verdict"]), -times_threshold(metric)))[:1]

    def agents(self, metric: Row) -> list[Row]:
        """Those whose values are in the page."""
        agents = wording.worst_first(metric["agents"])
        return [agent for agent in agents if agent["verdict"] != "ok"][:_WORST_AGENTS] if self.many else agents

    def __call__(self, kind: str, metric: Row, entry: Row, name: str) -> Markup | None:
        """None if there is nothing to draw, or too much."""
        if entry["series"] is None or (self.many and kind == "agent"):
            return None
        if not any(value is not None for points in entry["series"].values() for _minute, value in points):
            return None
        if not self._left[kind]:
            self.left_out += 1
            return None
        self._left[kind] -= 1
        self._count += 1
        return self._painter.chart(metric, entry, shown(name), f"c{self._count}")


def _has_gaps(entry: Row) -> bool:
    return any(value is None for points in entry["series"].values() for _minute, value in points)


def _metrics(document: Row) -> Iterator[Row]:
    for test in document["tests"]:
        yield from _metrics_of(test)


def _metrics_of(test: Row) -> Iterator[Row]:
    for layer in test["layers"]:
        yield from layer["metrics"]
