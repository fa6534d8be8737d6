# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The charts of a report, as SVG for the inside of its page, whose style sheet has colours, widths and fonts.

The page stretches what is drawn to its width, and neither the text nor the width of the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from ...module_utils._core.numbers import amount
from .._verdict.series import OUTAGE
from .axes import ACROSS, TimeAxis, ValueAxis, value_axis
from .wording import METRIC_WORDS, Row, limit, spread

_SIDES = ("before", "after")
# Pixels from the top: the names of the windows, the bars of gaps, the ends of what is drawn, the times.
_NAMES, _GAPS, _TOP, _BOTTOM, _TIMES = 11, 19, 24, 154, 171
# Lines have whole numbers in units of half a pixel.
_FINE = 2
_HEIGHT = 176
# How wide a character is on a phone, in units of the drawing.
_CHARACTER = 28.0
# The least that is seen of a change without a length.
_THIN = 3.0
# Where in the window after the change its last parts begin.
_LATE = {"its last half": 0.5, "its last quarter": 0.75}

Points = Sequence[tuple[float, float | None]]


def axis_of(metric: Row, entry: Row) -> ValueAxis:
    """The axis of the values of ``entry``, the metric or an agent of it."""
    course = [value for side in _SIDES for _minute, value in entry["series"][side] if value is not None]
    others = (limit(metric, entry), entry["value_before"], entry["value_after"])
    return value_axis(metric, course, [value for value in others if value is not None])


class Painter:
    """Paints the charts of a document. What all of them have in common is made once."""

    def __init__(self, document: Row) -> None:
        self._time = TimeAxis(document)
        self._frame = "".join(_frame(self._time))
        ends = self._x(self._time.ends["before"]), self._x(self._time.starts["after"])
        self._grid = ((0, ends[0]), (ends[1], ACROSS)) if self._time.cut else ((0, ACROSS),)

    def chart(self, metric: Row, entry: Row, name: str, ident: str) -> Markup:
        """The course of ``entry``, the metric or an agent of it. ``name`` says whose; ``ident`` starts all ids."""
        unit = metric["unit"]
        begin, values = limit(metric, entry), axis_of(metric, entry)
        title = escape(f"{METRIC_WORDS.get(metric['metric'], metric['metric'])} of {name}")
        told = escape(" ".join(_told(unit, entry, begin, values)))
        drawn = "".join(self._lines(entry, begin, values))
        return Markup(
            f'<svg class="chart" role="img" aria-labelledby="{ident}t" aria-describedby="{ident}d">'
            f'<title id="{ident}t">{title}</title><desc id="{ident}d">{told}</desc>{self._frame}'
            f"{''.join(_value_marks(unit, values))}"
            f'<svg viewBox="0 0 {ACROSS} {_HEIGHT * _FINE}" preserveAspectRatio="none">{drawn}</svg>'
            f"{''.join(self._names(unit, entry))}</svg>"
        )

    def _names(self, unit: str, entry: Row) -> Iterator[str]:
        """The windows with the values that are compared; and the change, if it is too short to have its name in it."""
        before, after = (f"{side} {amount(entry[f'value_{side}'], unit)}" for side in _SIDES)
        yield f'<text class="name" y="{_NAMES}">{before}</text>'
        middle, half = sum(self._time.change) / 2, _CHARACTER * len("change") / 2
        room = len(before) * _CHARACTER < middle - half and middle + half < ACROSS - len(after) * _CHARACTER
        if room and not _has_room(self._time):
            yield f'<text class="middle" x="{_percent(middle)}" y="{_NAMES}">change</text>'
        yield f'<text class="name end" x="100%" y="{_NAMES}">{after}</text>'

    def _lines(self, entry: Row, begin: float | None, values: ValueAxis) -> Iterator[str]:
        yield self._usual(entry, values)
        heights = dict.fromkeys([_down(0.0), *(_down(mark.place) for mark in values.marks())])
        yield _path("grid", "".join(f"M{left} {y}H{right}" for y in heights for left, right in self._grid))
        if begin is not None:
            yield _path("limit", f"M{round(self._time.place(self._time.starts['after']))} {_y(values, begin)}H{ACROSS}")
        for side in _SIDES:
            start, end = self._time.starts[side], self._time.ends[side]
            points = entry["series"][side]
            yield from self._level(entry, side, values)
            runs, gaps = _runs(points, end - start)
            placed = [[(self._x(start + minute), _y(values, value)) for minute, value in run] for run in runs]
            yield _path(side, "".join(_polyline(run) for run in placed if len(run) > 1))
            yield _path(f"{side} dot", "".join(f"M{run[0][0]} {run[0][1]}h0" for run in placed if len(run) == 1))
            bars = [(self._x(start + first), self._x(start + last)) for first, last in gaps]
            yield _path(f"{side} gap", "".join(f"M{first} {_GAPS * _FINE}H{last}" for first, last in bars))

    def _usual(self, entry: Row, values: ValueAxis) -> str:
        """The band in which the values usually are, as far as it is on the axis."""
        usual = entry.get("usual_range")
        if not usual:
            return ""
        low, high = (_y(values, min(max(usual[end], values.low), values.high)) for end in ("low", "high"))
        # The least that is seen of a band without a height.
        return f'<rect class="usual" x="0" y="{high}" width="{ACROSS}" height="{max(low - high, _FINE)}"/>'

    def _level(self, entry: Row, side: str, values: ValueAxis) -> Iterator[str]:
        """What is compared: over the window before, and over the part of the window after that the verdict is about."""
        start, end = self._time.starts[side], self._time.ends[side]
        value, part = entry[f"value_{side}"], entry["part"] if side == "after" else None
        # The document does not tell when an outage ended.
        if value is not None and part != OUTAGE:
            since = start + (end - start) * _LATE.get(part or "", 0.0)
            yield _path("level", f"M{self._x(since)} {_y(values, value)}H{self._x(end)}")

    def _x(self, minute: float) -> int:
        return round(self._time.place(minute))


def _has_room(time: TimeAxis) -> bool:
    """Whether the change is long enough for its name."""
    start, end = time.change
    return end - start >= _CHARACTER * (len("change") + 1)


def _frame(time: TimeAxis) -> Iterator[str]:
    """The change and the times."""
    start, end = time.change
    width = max(end - start, _THIN)
    left = min(start, ACROSS - width)
    yield (
        f'<rect class="change" x="{_percent(left)}" y="{_TOP}" width="{_percent(width)}" height="{_BOTTOM - _TOP}"/>'
    )
    if _has_room(time):
        yield f'<text class="middle within" x="{_percent((start + end) / 2)}" y="{_TOP + 14}">change</text>'
    for mark in time.marks():
        yield f'<text class="middle" x="{_percent(mark.place)}" y="{_TIMES}">{mark.label}</text>'
    if time.cut:
        middle = (time.place(time.ends["before"]) + time.place(time.starts["after"])) / 2
        for words, y in (("not to", 86), ("scale", 100)):
            yield f'<text class="middle" x="{_percent(middle)}" y="{y}">{words}</text>'


def _value_marks(unit: str, values: ValueAxis) -> Iterator[str]:
    yield f'<text class="end" x="-6" y="{_NAMES}">{"%" if unit == "percent" else unit}</text>'
    for mark in values.marks():
        yield f'<text class="end" x="-6" y="{round(_down(mark.place) / _FINE) + 4}">{mark.label}</text>'


def _told(unit: str, entry: Row, begin: float | None, values: ValueAxis) -> Iterator[str]:
    """What a chart shows, for those who do not see it."""
    before, after = (amount(entry[f"value_{side}"], unit) for side in _SIDES)
    yield f"Before the change {before}, after it {after}; the limit is {amount(begin, unit)}."
    spreads = (f"{spread(entry[side], unit)} {side}" if entry[side]["count"] else f"none {side}" for side in _SIDES)
    yield f"Nine tenths of the values: {', '.join(spreads)}."
    if any(value is None for side in _SIDES for _minute, value in entry["series"][side]):
        yield "The lines have gaps where nothing was measured."
    if values.low:
        yield f"The axis starts at {amount(values.low, unit)}, not at 0."


def _path(name: str, path: str) -> str:
    return f'<path class="{name}" d="{path}"/>' if path else ""


def _percent(place: float) -> str:
    return f"{place * 100 / ACROSS:.1f}%"


def _down(height: float) -> int:
    """SVG counts downwards."""
    return round((_BOTTOM - height * (_BOTTOM - _TOP)) * _FINE)


def _y(values: ValueAxis, value: float) -> int:
    return _down(values.height(value))


def _runs(points: Points, length: float) -> tuple[list[list[tuple[float, float]]], list[tuple[float, float]]]:
    """What was measured without a gap, each value in the middle of its time; and the beginning and end of each gap."""
    width = points[1][0] - points[0][0] if len(points) > 1 else length
    runs: list[list[tuple[float, float]]] = []
    gaps: list[tuple[float, float]] = []
    was: float | None = None
    for number, (minute, value) in enumerate(points):
        end = min(minute + width, length)
        if value is None:
            if number and was is None:
                gaps[-1] = (gaps[-1][0], end)
            else:
                gaps.append((minute, end))
        elif was is None:
            runs.append([((minute + end) / 2, value)])
        else:
            runs[-1].append(((minute + end) / 2, value))
        was = value
    return runs, gaps


def _polyline(run: Sequence[tuple[int, int]]) -> str:
    """The points as a path, each by its distance from the one before; level ones in a row are one line."""
    steps: list[tuple[int, int]] = []
    for (left, y), (x, below) in zip(run, run[1:]):
        if steps and steps[-1][1] == 0 and below == y:
            steps[-1] = (steps[-1][0] + x - left, 0)
        else:
            steps.append((x - left, below - y))
    text = " ".join(f"{across} {down}" for across, down in steps).replace(" -", "-")
    return f"M{run[0][0]} {run[0][1]}l{text}"
