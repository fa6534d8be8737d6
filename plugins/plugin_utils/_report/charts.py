# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The charts of a report, as SVG. They need matplotlib, which may be missing."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from ...module_utils._core.libraries import unusable
from ...module_utils._core.metrics import JUDGED
from .svg import COLOURS, inline
from .wording import METRIC_WORDS, Row, amount, limit, spread

_BEFORE, _AFTER, _LIMIT, _GRID, _TEXT, _PAGE = COLOURS
# Before and after differ in dash, width and marker too, for those who see or print no colours.
_STYLES: dict[str, dict[str, Any]] = {
    "before": {"color": _BEFORE, "linewidth": 1.3, "linestyle": (0, (5, 1.5))},
    "after": {"color": _AFTER, "linewidth": 2.0, "linestyle": "-"},
}
_POINTS: dict[str, dict[str, Any]] = {
    "before": {"marker": "o", "markersize": 4.5, "color": _BEFORE, "markerfacecolor": _PAGE, "linestyle": "none"},
    "after": {"marker": "s", "markersize": 4.0, "color": _AFTER, "linestyle": "none"},
}
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "community.thousandeyes",
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "font.size": 11.5,
    "text.color": _TEXT,
    "axes.labelcolor": _TEXT,
    "xtick.labelcolor": _TEXT,
    "ytick.labelcolor": _TEXT,
    "axes.edgecolor": _GRID,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "grid.linestyle": "-",
    "grid.alpha": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "path.simplify": False,
}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
# Minutes from one mark of the time axis to the next.
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)
_MOST_MARKS = 7
_LONG = 240


def available() -> bool:
    return why_not() is None


@functools.lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why matplotlib cannot be used, or None if it can. It leaves no trace in the home folder."""
    saved = dict(os.environ)
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory(prefix="thousandeyes-") as folder:
            os.environ.setdefault("MPLCONFIGDIR", folder)
            os.environ.pop("MPLBACKEND", None)
            from matplotlib.backends import backend_svg  # noqa: F401
            from matplotlib.figure import Figure  # noqa: F401
    except Exception as error:
        # The charts are an ornament: whatever is wrong with matplotlib must not cost the report.
        return unusable(error)
    finally:
        log.setLevel(level)
        os.environ.clear()
        os.environ.update(saved)
    return None


@contextlib.contextmanager
def painter(before: float, after: float) -> Iterator[Painter | None]:
    """What paints the charts of a report, or None without matplotlib. ``before``, ``after``: minutes of its windows."""
    if not available():
        yield None
        return
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield Painter(max(before, after))


class Painter:
    """Keeps its two figures, since making their axes takes longer than drawing them."""

    def __init__(self, minutes: float) -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        self._times = FigureCanvasSVG(Figure(figsize=(440 / 72, 190 / 72), dpi=72))
        axes = self._times.figure.add_axes((0.125, 0.21, 0.86, 0.71))
        axes.tick_params(length=0)
        marks = _time_marks(minutes)
        # Otherwise each drawing would look for the places of the labels.
        axes.xaxis.set_label_coords(0.5, -0.14)
        axes.yaxis.set_label_coords(-0.115, 0.5)
        axes.set_xlim(0, minutes)
        unit, words = (60, "hours") if minutes > _LONG else (1, "minutes")
        axes.set_xticks(marks, [f"{mark / unit:g}" for mark in marks])
        axes.set_xlabel(f"{words} since the start of the window")
        self._minutes = minutes
        self._spread = FigureCanvasSVG(Figure(figsize=(280 / 72, 190 / 72), dpi=72))
        axes = self._spread.figure.add_axes((0.2, 0.21, 0.76, 0.71))
        axes.tick_params(length=0)
        axes.tick_params(axis="y", pad=9)
        axes.xaxis.set_label_coords(0.5, -0.14)
        axes.set_ylim(-0.6, 1.6)
        axes.set_yticks([1, 0], ["before", "after"])
        axes.grid(visible=False, axis="y")

    def chart(self, metric: Row, entry: Row, name: str, ident: str) -> str:
        """Two SVG elements: the course of ``entry``, the metric or an agent of it, and the distribution of its values.

        ``name`` says whose values these are; ``ident`` starts all ids.
        """
        unit = metric["unit"]
        begin = limit(metric, entry)
        what = f"{METRIC_WORDS.get(metric['metric'], metric['metric'])} of {name}"
        values = (
            f"{amount(entry['value_before'], unit)} before, {amount(entry['value_after'], unit)} after, "
            f"degraded from {amount(begin, unit)}"
        )
        spreads = ", ".join(
            f"{spread(entry[side], unit)} {side}" if entry[side]["count"] else f"none {side}" for side in _STYLES
        )
        sign = "%" if unit == "percent" else unit
        times = self._draw_times(metric, entry, begin, sign)
        distribution = self._draw_spread(metric, entry, begin, sign)
        return inline(times, f"{what} over time: {values}.", f"{ident}-t", "times") + inline(
            distribution, f"{what}, distribution. Nine tenths of the values: {spreads}.", f"{ident}-d", "spread"
        )

    def _draw_times(self, metric: Row, entry: Row, begin: float | None, sign: str) -> str:
        axes = self._times.figure.axes[0]
        drawn = []
        known = [begin, *(value for side in _STYLES for _minute, value in entry["series"][side])]
        low, high = _limits(metric, [value for value in known if value is not None])
        for row, (side, style) in enumerate(_STYLES.items()):
            points = entry["series"][side]
            minutes, values = [[point[which] for point in points] for which in (0, 1)]
            drawn += axes.plot(minutes, [math.nan if value is None else value for value in values], **style)
            alone = _alone(points)
            drawn += axes.plot(*zip(*alone), **_POINTS[side]) if alone else []
            missing = _missing(points, self._minutes)
            if missing:
                # Above the chart, one line for each side.
                height = [1.07 - 0.045 * row] * len(missing)
                strip = {**style, "linewidth": 3.5, "linestyle": "-", "solid_capstyle": "butt"}
                drawn += axes.plot(missing, height, transform=axes.get_xaxis_transform(), **strip)
        if begin is not None:
            drawn.append(axes.axhline(begin, color=_LIMIT, linewidth=1.3, linestyle=(0, (1.2, 1.6))))
        for line in drawn:
            line.set_clip_on(False)
        axes.set_ylim(low, high)
        _value_marks(axes.set_yticks, low, high)
        axes.set_ylabel(sign)
        return _drawing(self._times, drawn)

    def _draw_spread(self, metric: Row, entry: Row, begin: float | None, sign: str) -> str:
        axes = self._spread.figure.axes[0]
        drawn: list[Any] = []
        shown: list[float] = [] if begin is None else [begin]
        for side, height in (("before", 1.0), ("after", 0.0)):
            numbers, style = entry[side], _STYLES[side]
            if numbers["p5"] is None:
                drawn.append(axes.text(0.5, height, "no values", transform=axes.get_yaxis_transform(), va="center"))
                continue
            shown += [numbers["p5"], numbers["p95"]]
            drawn += axes.plot([numbers["p5"], numbers["p95"]], [height, height], **{**style, "linestyle": "-"})
            if metric["kind"] == "time":
                box = {"edgecolor": style["color"], "facecolor": _PAGE, "linewidth": style["linewidth"]}
                drawn += axes.barh(
                    [height], [numbers["q3"] - numbers["q1"]], left=[numbers["q1"]], height=0.5, zorder=2.5, **box
                )
                drawn += axes.plot([numbers["median"]] * 2, [height - 0.25, height + 0.25], **{**style, "zorder": 3})
            value = entry[f"value_{side}"]
            if value is not None:
                shown.append(value)
                drawn += axes.plot([value], [height], **{**_POINTS[side], "marker": "D", "zorder": 4})
        if begin is not None:
            drawn.append(axes.axvline(begin, color=_LIMIT, linewidth=1.3, linestyle=(0, (1.2, 1.6))))
        for artist in drawn:
            artist.set_clip_on(False)
        low, high = _limits(metric, shown)
        axes.set_xlim(low, high)
        _value_marks(axes.set_xticks, low, high)
        axes.set_xlabel(sign)
        return _drawing(self._spread, drawn)


def _drawing(canvas: Any, drawn: Sequence[Any]) -> str:
    text = io.StringIO()
    canvas.print_svg(text, metadata=_NO_METADATA)
    for artist in drawn:
        artist.remove()
    return text.getvalue()


def _time_marks(minutes: float) -> list[float]:
    step = next((step for step in _STEPS if minutes / step < _MOST_MARKS), minutes)
    return [float(mark) for mark in range(0, math.floor(minutes) + 1, math.ceil(step))]


def _value_marks(set_ticks: Any, low: float, high: float) -> None:
    from matplotlib.ticker import MaxNLocator

    marks = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    marks = [mark for mark in marks if low <= mark <= high]
    set_ticks(marks, [f"{mark:,.6g}".replace("-", "\u2212") for mark in marks])


def _limits(metric: Row, values: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis of values."""
    if not values:
        return (0.0, 100.0) if metric["kind"] == "share" else (0.0, 1.0)
    low, high = min(values), max(values)
    if metric["kind"] == "share":
        # From the good end on, and so wide that a small difference does not look large.
        if JUDGED[metric["metric"]].worse < 0:
            return min(low - (100 - low) * 0.1, 98.0), 100.0
        return 0.0, max(high * 1.1, 2.0)
    if low < high * 0.4:
        return 0.0, high * 1.08
    room = max((high - low) * 0.1, high * 0.02, 0.01)
    return max(low - room, 0.0), high + room


def _alone(points: Sequence[Sequence[float | None]]) -> list[tuple[float | None, float | None]]:
    """The points between two gaps, which no line would show."""
    values = [None, *(value for _minute, value in points), None]
    return [
        (minute, value)
        for (minute, value), left, right in zip(points, values, values[2:])
        if value is not None and left is None and right is None
    ]


def _missing(points: Sequence[Sequence[Any]], end: float) -> list[float]:
    """The beginning and the end of each gap, with something that breaks the line in between."""
    width = points[1][0] - points[0][0] if len(points) > 1 else end
    bars: list[float] = []
    for minute, value in points:
        if value is None:
            bars += [minute, min(minute + width, end), math.nan]
    return bars
