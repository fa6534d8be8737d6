# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading what a report compares: what each agent measured in both windows, by layer, and in the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from ...module_utils._api.client import Api
from ...module_utils._api.results import read_results
from ...module_utils._core.measurements import Measurement, distinct
from ...module_utils._core.metrics import LAYERS, metrics_of
from ...module_utils._core.windows import Window
from .._verdict.guard import Key, Past
from .._verdict.series import Measured, Strand

# Up to this length, both windows and what lies between them are read as one, since one request is then enough.
_ONE_REQUEST = timedelta(hours=12)
_WEEK = timedelta(days=7)

# What was measured, by metric, agent and server.
Points = dict[Key, Measured]


class Reach(NamedTuple):
    """How far back the history goes: ``hours`` at least, ``days`` at most; 0 for none.

    ``exclude``: spans in epoch seconds that are left out.
    """

    hours: float = 48.0
    days: float = 14.0
    exclude: Sequence[tuple[float, float]] = ()


class Windows(NamedTuple):
    before: Window
    after: Window

    def history(self, reach: Reach) -> list[Window]:
        """What to read before the window before: so many hours, or three times all of this, and the week earlier."""
        whole = self.after.end - self.before.start
        start = self.before.start
        longest = timedelta(days=reach.days)
        back = min(max(timedelta(hours=reach.hours), 3 * whole), longest)
        if not back:
            return []
        week = Window(start - _WEEK, self.after.end - _WEEK)
        spans = [Window(start - back, start)]
        if week.end > spans[0].start:
            # They touch, so that they are one.
            return [Window(min(week.start, spans[0].start), start)] if longest >= _WEEK else spans
        return [week, *spans] if longest >= _WEEK else spans

    def to_read(self) -> list[Window]:
        whole = Window(min(self.before.start, self.after.start), max(self.before.end, self.after.end))
        return [whole] if whole.end - whole.start <= _ONE_REQUEST else [self.before, self.after]


def read_layer(api: Api, test_id: str, layer: str, windows: Windows, aid: str | None) -> dict[str, list[Strand]]:
    """The strands of each metric that is judged, sorted by agent.

    A round belongs to the window in which it starts; one that starts when the window ends does not.

    :raises ThousandEyesError: not all was read.
    """
    rows: list[Measurement] = []
    for span in windows.to_read():
        rows += read_rows(api, test_id, layer, span, aid)
    return strands_of(rows, layer, windows)


def read_rows(api: Api, test_id: str, layer: str, span: Window, aid: str | None) -> list[Measurement]:
    """The rounds that start in a span of time.

    :raises ThousandEyesError: not all was read.
    """
    first, end = span.start.timestamp(), span.end.timestamp()
    return distinct(read_results(api, test_id, layer, span, aid), first, end - 1)


def strands_of(rows: Iterable[Measurement], layer: str, windows: Windows) -> dict[str, list[Strand]]:
    """As ``read_layer``, of rows in the order of their rounds. Those of no window are ignored."""
    strands: dict[tuple[int, str], tuple[list[Measurement], list[Measurement]]] = {}
    bounds = [(window.start.timestamp(), window.end.timestamp()) for window in windows]
    for row in rows:
        for side, (start, end) in enumerate(bounds):
            if start <= row.round_id < end:
                strands.setdefault((int(row.agent_id), row.server or ""), ([], []))[side].append(row)
    return {
        metric.judged: [_strand(strands[key], metric.name, layer, windows) for key in sorted(strands)]
        for metric in metrics_of(layer)
        if metric.judged
    }


def read_past(api: Api, test_id: str, layer: str, span: Window, windows: Windows, aid: str | None) -> Points:
    """What was measured in a span of the history, in seconds from the start of the window before.

    :raises ThousandEyesError: not all was read.
    """
    points: Points = {}
    begin = windows.before.start.timestamp()
    metrics = [metric for metric in metrics_of(layer) if metric.judged]
    for row in read_rows(api, test_id, layer, span, aid):
        server = row.server if LAYERS[layer].per_server else None
        for metric in metrics:
            value = row.values[metric.name]
            if value is not None:
                key = (metric.judged, row.agent_id, server)
                points.setdefault(key, []).append((int(row.round_id - begin), value))
    return points


def past_of(read: Iterable[Points], windows: Windows, reach: Reach) -> Past:
    """The history of a test, of what was read of its layers and spans, in the order of time."""
    points: Points = {}
    for part in read:
        for key, measured in part.items():
            points.setdefault(key, []).extend(measured)
    begin = windows.before.start.timestamp()
    return Past(points, [(start - begin, end - begin) for start, end in reach.exclude])


def _strand(rows: tuple[list[Measurement], list[Measurement]], name: str, layer: str, windows: Windows) -> Strand:
    last = (rows[1] or rows[0])[-1]
    before, after = (
        [(row.round_id - int(window.start.timestamp()), row.values[name]) for row in side]
        for side, window in zip(rows, windows)
    )
    server = last.server if LAYERS[layer].per_server else None
    return Strand(last.agent_id, last.agent_name, server, before, after)
