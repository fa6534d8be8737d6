# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The two axes of a chart: what is drawn where."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import NamedTuple

from ...module_utils._core.metrics import JUDGED
from ...module_utils._core.windows import parse_instant
from .wording import Row

# Units across a chart. The page stretches them to its width.
ACROSS = 1000
# Minutes from one mark of the time axis to the next.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
# A phone has no room for more.
_MOST_MARKS = 6
_DAY = 1440
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Steps of the axis of values, in powers of ten.
_ROUND = (1, 2, 2.5, 5, 10)
_ROOM = 1.08
# The least of an axis of shares, so that a small difference does not look large.
_LEAST_POINTS = 2.0
# An availability is drawn from 0 on, if it would begin below this one.
_LOW_SHARE = 40.0


class Mark(NamedTuple):
    place: float
    label: str


class TimeAxis:
    """Before, change and after on one axis. Times are minutes since the window before began; places are units across.

    ``cut``: the time between the windows is longer than both, and is drawn shorter than it is.
    """

    def __init__(self, document: Row) -> None:
        windows, change = document["windows"], document["change"]
        self._origin = _minute(windows["before"]["from"])
        ends = (windows["before"]["to"], windows["after"]["from"], windows["after"]["to"])
        self._times = (0.0, *(_minute(text) - self._origin for text in ends))
        _start, before, after, end = self._times
        measured = before + end - after
        self.cut = after - before > measured
        between = measured / 2 if self.cut else after - before
        self._scale = ACROSS / (measured + between)
        self._places = tuple(each * self._scale for each in (0.0, before, before + between, measured + between))
        self.starts = {"before": 0.0, "after": after}
        self.ends = {"before": before, "after": end}
        self.change = tuple(self.place(_minute(change[side]) - self._origin) for side in ("start", "end"))

    def place(self, minute: float) -> float:
        """What is outside of the axis is at its nearer end."""
        for part in (0, 1, 2):
            first, last = self._times[part : part + 2]
            if minute <= last and last > first:
                share = max(minute - first, 0.0) / (last - first)
                return self._places[part] + share * (self._places[part + 1] - self._places[part])
        return float(ACROSS)

    def marks(self) -> Iterator[Mark]:
        """Round times of the clock, in UTC; with the day at midnight. None lies where the axis is cut."""
        fewest = ACROSS / self._scale / (_MOST_MARKS - 1)
        step = next((step for step in _STEPS if step >= fewest), _DAY * math.ceil(fewest / _DAY))
        _start, before, after, end = self._times
        for first, last in ((0.0, before), (after, end)) if self.cut else ((0.0, end),):
            begin = math.ceil((self._origin + first) / step) * step
            for minute in range(begin, math.floor(self._origin + last) + 1, step):
                yield Mark(self.place(minute - self._origin), _clock(minute))


class ValueAxis(NamedTuple):
    low: float
    high: float

    def height(self, value: float) -> float:
        """0 at the lower end of the axis, 1 at the upper one."""
        return (value - self.low) / (self.high - self.low)

    def marks(self) -> Iterator[Mark]:
        raw = (self.high - self.low) / 4
        power = 10 ** math.floor(math.log10(raw))
        step = min(each * power for each in _ROUND if each * power >= raw * 0.999)
        for number in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1):
            value = round(number * step, 9)
            yield Mark(self.height(value), f"{value:,.10g}")


def value_axis(metric: Row, course: list[float], others: list[float]) -> ValueAxis:
    """From 0 on, but for an availability near 100. Where all of ``course`` is the same, that is in the middle."""
    share = metric["kind"] == "share"
    falls = JUDGED[metric["metric"]].worse < 0
    # How far from the good end.
    far = [100 - value if falls else value for value in course + others]
    same = course and min(course) == max(course)
    length = max(max(far, default=0.0) * _ROOM, far[0] * 2 if same else 0.0, _LEAST_POINTS if share else 0.0) or 1.0
    if falls:
        low = 100 - length
        return ValueAxis(low if low >= _LOW_SHARE or (same and low > 0) else 0.0, 100.0)
    return ValueAxis(0.0, min(length, 100.0) if share else length)


def _minute(text: str) -> float:
    return parse_instant(text, "time").timestamp() / 60


def _clock(minute: int) -> str:
    moment = datetime.fromtimestamp(minute * 60, timezone.utc)
    return f"{moment:%H:%M}" if minute % _DAY else f"{moment.day} {_MONTHS[moment.month - 1]}"
