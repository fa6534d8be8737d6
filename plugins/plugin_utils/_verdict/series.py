# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What agents measured in the windows before and after a change, as series, and statistics of them."""

from __future__ import annotations

import math
import typing as t
from statistics import fmean, median

from ...module_utils._core.measurements import quantile
from ...module_utils._core.metrics import TIME, Kind

# Points of a chart for each window.
_MOST_POINTS = 120

# Fewer rounds are no part of a window to judge by itself.
LEAST_ROUNDS = 3

# Fewer rounds of history do not show what is usual.
_LEAST_USUAL = 20

# The name of the part of the window in which nothing got through.
OUTAGE = "an outage"

# For each round the seconds since the start of the window, and the value if there is one.
Points = t.Sequence[t.Tuple[int, t.Optional[float]]]
# The same for rounds that have a value.
Measured = t.List[t.Tuple[int, float]]


class Strand(t.NamedTuple):
    """One metric as one agent measured it; that of one server, in a layer where an agent has a row for each."""

    agent_id: str
    agent_name: str | None
    server: str | None
    before: Points
    after: Points

    @property
    def label(self) -> str:
        name = self.agent_name or f"agent {self.agent_id}"
        return f"{name}, {self.server}" if self.server else name


class Span(t.NamedTuple):
    """The lengths of the windows, the time from round to round if it is known, and that between the windows.

    All in seconds. ``settle``: so long after the window after the change begins, the change may still be going on.
    ``origin``: what the window after has lost at its start, for who is told a minute of it. ``begin``: when the whole
    of that window begins, in epoch seconds.
    """

    before: int
    after: int
    interval: int | None
    gap: int = 0
    settle: int = 0
    origin: int = 0
    begin: int = 0


class Part(t.NamedTuple):
    """A part of the window after the change, in seconds since its start. ``name``: for people."""

    name: str
    start: float
    end: float

    def of(self, points: Measured) -> Measured:
        return [point for point in points if self.start <= point[0] < self.end]


def parts_of(span: Span, strands: t.Sequence[Strand]) -> list[Part]:
    """What is judged: the whole window but for its first minutes, and its last half and quarter if these are enough.

    A change that begins within the window shows best in its last parts.
    """
    settle = span.settle if span.settle * 2 <= span.after else 0
    whole = Part("the whole window", settle, span.after)
    late = [
        Part(name, max(span.after * begin, settle), span.after)
        for name, begin in (("its last half", 0.5), ("its last quarter", 0.75))
    ]
    most = {part: max((len(part.of(without_gaps(strand.after))) for strand in strands), default=0) for part in late}
    return [whole, *(part for part in late if most[part] >= LEAST_ROUNDS)]


def without_gaps(points: Points) -> Measured:
    return [(second, value) for second, value in points if value is not None]


def values_of(points: Points) -> list[float]:
    return [value for _second, value in points if value is not None]


def missing_and_due(strands: t.Sequence[Strand], span: Span, side: str) -> tuple[int, int]:
    """How many measurements of a window are missing, and how many were due."""
    series = [getattr(strand, side) for strand in strands]
    due = _due(series, getattr(span, side), span.interval)
    return due - sum(len(values_of(points)) for points in series), due


def _due(series: t.Sequence[Points], length: int, interval: int | None) -> int:
    return sum(max(length // interval if interval else 0, len(points)) for points in series)


def statistics_of(strands: t.Sequence[Strand], span: Span) -> dict[str, t.Any]:
    """The statistics of each window over all strands."""
    return {
        side: _describe([getattr(strand, side) for strand in strands], getattr(span, side), span.interval)
        for side in ("before", "after")
    }


def _describe(series: t.Sequence[Points], length: int, interval: int | None) -> dict[str, t.Any]:
    values = sorted(value for points in series for value in values_of(points))
    return {
        "count": len(values),
        "missing": _due(series, length, interval) - len(values),
        "mean": fmean(values) if values else None,
        "median": quantile(values, 50),
        "p5": quantile(values, 5),
        "q1": quantile(values, 25),
        "q3": quantile(values, 75),
        "p95": quantile(values, 95),
        "min": values[0] if values else None,
        "max": values[-1] if values else None,
    }


def course_of(strands: t.Sequence[Strand], span: Span, kind: Kind) -> dict[str, list[list[float | None]]]:
    """The course of each window over time, for its chart: the mean over all strands."""
    return {
        side: _binned([getattr(strand, side) for strand in strands], getattr(span, side), span.interval, kind)
        for side in ("before", "after")
    }


def usual_of(histories: t.Sequence[Measured], width: int, kind: Kind) -> dict[str, float] | None:
    """Where nine tenths of the rounds of the history lie, as ``course_of`` has them; None where these are few.

    ``width``: from round to round, in seconds.
    """
    rounds = sorted(value for _number, value in _course(histories, width, kind))
    if len(rounds) < _LEAST_USUAL:
        return None
    low, high = (t.cast(float, quantile(rounds, percent)) for percent in (5, 95))
    return {"low": low, "high": high}


def _binned(series: t.Sequence[Points], length: int, interval: int | None, kind: Kind) -> list[list[float | None]]:
    """Pairs of minutes since the start of the window and the mean of what was measured from then on, None for a gap."""
    width = max(interval or 0, math.ceil(length / _MOST_POINTS))
    means = dict(_course(series, width, kind))
    return [[number * width / 60, means.get(number)] for number in range(math.ceil(length / width))]


def _course(series: t.Sequence[Points], width: int, kind: Kind) -> t.Iterator[tuple[int, float]]:
    """The mean over all series in each ``width`` in which something was measured, by its number.

    Times are relative to the median of their agent, or a gap of a distant agent would look like an improvement.
    """
    levels = [median(values) if kind is TIME and (values := values_of(points)) else 0.0 for points in series]
    measured = [level for level, points in zip(levels, series) if values_of(points)]
    level = fmean(measured) if measured else 0.0
    bins: dict[int, list[float]] = {}
    for own, points in zip(levels, series):
        for second, value in points:
            if value is not None:
                bins.setdefault(second // width, []).append(value - own + level)
    return ((number, fmean(values)) for number, values in bins.items())
