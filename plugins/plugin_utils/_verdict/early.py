# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Looks at a change while the window after it is still going on: when they are, and what each of them sees.

The level is shared: all looks but the last have half of it together, so each has its part by the union bound, and the
last has the other half. So the chance of any false alarm is no higher than that of a single look at the end.
"""

from __future__ import annotations

import typing as t

from .guard import Past
from .judge import Entry, Layers, Place, judged_by_place, reason_of, times_threshold, wants_history
from .series import LEAST_ROUNDS, Span, Strand
from .settings import LEVEL, Settings

# The verdict where there are looks to come.
WATCHING = "watching"
MOST_LOOKS = 48
# After so many rounds, looks begin to be further apart, by this part of the rounds that there were; fewer where that
# would be too many looks.
_EVERY_ROUND = 12
# Beside the history, what an early look sees must be so many times as large as what the last look does: a few rounds
# have more noise, and there are many looks.
_STRICTER = 2.4


class Plan(t.NamedTuple):
    """The looks of a watch, in seconds since the window after the change begins. The last is at its end.

    ``settle``: what begins earlier is left out, but at the last look. ``interval``: from round to round.
    """

    looks: tuple[int, ...]
    settle: int
    interval: int

    @property
    def level(self) -> float:
        """That of each look but the last."""
        return LEVEL / 2 / max(len(self.looks) - 1, 1)


class Alarm(t.NamedTuple):
    """What is degraded so far. ``since_minute``: of the window after the change; None where it is so from the start.

    ``times``: how many times its threshold it differs by.
    """

    reason: str
    since_minute: float | None
    times: float


def plan_of(start: int, length: int, interval: int, settle: int) -> Plan:
    """The looks at a window that begins at ``start`` (epoch seconds) and is so many seconds long.

    Rounds begin at multiples of the interval since 1970 (contract v6 §7). Each look but the last is when one ends.
    """
    first = -(-(start + settle) // interval) * interval - start
    rounds = max(-(-(length - first) // interval) - 1, 0)
    for part in range(_EVERY_ROUND, 0, -1):
        numbers = _numbers(rounds, part)
        if len(numbers) < MOST_LOOKS:
            break
    return Plan((*(first + number * interval for number in numbers), length), settle, interval)


def _numbers(rounds: int, part: int) -> list[int]:
    """After how many rounds there are looks."""
    numbers, number = [], LEAST_ROUNDS
    while number <= rounds:
        numbers.append(number)
        number += max(number // part, 1)
    return numbers


class Look(t.NamedTuple):
    """What one look sees. ``places``: where it is degraded. Without the history it is provisional."""

    entry: Entry
    places: t.Mapping[Place, Entry]


def look_at(layers: Layers, span: Span, settings: Settings, plan: Plan, look: int, past: Past | None = None) -> Look:
    """The rounds that began and ended until ``look``, judged. The last look judges the whole window.

    ``span``: that of the whole windows.
    """
    last = look == plan.looks[-1]
    begin = 0 if last else plan.settle
    cut = {
        layer: {
            metric: [_until(strand, begin, look - plan.interval) for strand in strands]
            for metric, strands in metrics.items()
        }
        for layer, metrics in layers.items()
    }
    if last:
        return Look(*judged_by_place(cut, span, settings, past, LEVEL / 2))
    past = past and past._replace(stricter=_STRICTER)
    elapsed = Span(span.before, look - begin, span.interval, span.gap + begin, 0, begin, span.begin)
    return Look(*judged_by_place(cut, elapsed, settings, past, plan.level))


def _until(strand: Strand, begin: int, latest: int) -> Strand:
    """Times count from ``begin`` on."""
    after = [(second - begin, value) for second, value in strand.after if begin <= second <= latest]
    return strand._replace(after=after)


def alarm(before: Look | None, now: Look) -> Alarm | None:
    """What is degraded at two looks in a row, in the same place."""
    places = {place: row for place, row in now.places.items() if before is not None and place in before.places}
    if not places:
        return None
    found = [
        (layer["layer"], metric)
        for layer in now.entry["layers"]
        for metric in layer["metrics"]
        if any(place[:2] == (layer["layer"], metric["metric"]) for place in places)
    ]
    found.sort(key=lambda row: -times_threshold(row[1]))
    layer, metric = found[0]
    rows = [row for place, row in places.items() if place[:2] == (layer, metric["metric"])]
    return Alarm(reason_of([row for _layer, row in found]), rows[0]["since_minute"] or None, times_threshold(metric))


class Course:
    """One test from look to look. ``history`` reads layers of its past; it is asked only where that may decide."""

    def __init__(
        self, span: Span, settings: Settings, plan: Plan, history: t.Callable[[t.Sequence[str]], Past | None]
    ) -> None:
        self.plan = plan
        self._span, self._settings, self._history = span, settings, history
        self._before: tuple[int, Look] | None = None
        self._past: Past | None = None
        self._known: frozenset[str] = frozenset()

    def look(self, layers: Layers, look: int) -> tuple[Look, Alarm | None]:
        """The next look, and what it calls. Nothing is kept of a look that fails.

        :raises ThousandEyesError: by ``history``.
        """
        before = self._before
        now = self._look_at(layers, look, self._past)
        past, known = self._past, self._known
        if look == self.plan.looks[-1] or alarm(before and before[1], now):
            lacking = [layer for layer in wants_history(now.entry) if layer not in known]
            if lacking:
                past, known = _with(past, self._history(lacking)), known.union(lacking)
                now = self._look_at(layers, look, past)
                before = before and (before[0], self._look_at(layers, before[0], past))
        self._past, self._known, self._before = past, known, (look, now)
        return now, alarm(before and before[1], now)

    def _look_at(self, layers: Layers, look: int, past: Past | None) -> Look:
        return look_at(layers, self._span, self._settings, self.plan, look, past)


def _with(past: Past | None, more: Past | None) -> Past | None:
    if past is None or more is None:
        return past or more
    return more._replace(points={**past.points, **more.points})
