# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Outages: rounds in a row in which nothing got through, however long the window is."""

from __future__ import annotations

import typing as t

from ...module_utils._core.metrics import Metric
from .series import Measured
from .settings import Settings

# At one agent, an outage must be so many times as long as at many.
_LONGER_AT_ONE = 3


class Outage(t.NamedTuple):
    """``agents``: by their numbers. ``start``: seconds since the start of the window. ``holds``: it did not end."""

    agents: tuple[int, ...]
    start: int
    rounds: int
    seconds: int
    holds: bool


class _Run(t.NamedTuple):
    first: int
    last: int

    @property
    def rounds(self) -> int:
        return self.last - self.first + 1


def outages(
    metric: Metric, pairs: t.Sequence[tuple[Measured, Measured]], width: int, settings: Settings
) -> list[Outage]:
    """Those after the change that are longer than any before it. ``width``: from round to round, in seconds."""
    after, before = ([_failed(metric, pair[side], width) for pair in pairs] for side in (1, 0))
    found = []
    share = settings.outage_share * len(pairs)
    longest = max((run.rounds for run in _together(before, share)), default=0)
    for run in _together(after, share) if len(pairs) > 1 else ():
        agents = tuple(number for number, rounds in enumerate(after) if _fails_in(rounds, run))
        counts = run.rounds > 1 or len(agents) == len(pairs)
        if counts and run.rounds > longest and run.rounds * width >= settings.outage_minutes * 60:
            found.append(_outage(agents, run, after, width))
    least = settings.outage_minutes * 60 * _LONGER_AT_ONE
    for number, rounds in enumerate(after):
        longest = max((run.rounds for run in _runs(before[number])), default=0)
        for run in _runs(rounds):
            if run.rounds > max(longest, 1) and run.rounds * width >= least:
                found.append(_outage((number,), run, after, width))
    return found


def _failed(metric: Metric, points: Measured, width: int) -> dict[int, bool]:
    """By the number of the round, whether nothing got through."""
    worst = 0.0 if metric.worse < 0 else metric.kind.most
    return {second // width: value == worst for second, value in points}


def _together(agents: t.Sequence[t.Mapping[int, bool]], share: float) -> list[_Run]:
    """The runs in which at least so many agents fail, of those that measured."""
    failing = {}
    for number in {number for rounds in agents for number in rounds}:
        failing[number] = sum(rounds.get(number, False) for rounds in agents) >= max(share, 1)
    return _runs(failing)


def _runs(failed: t.Mapping[int, bool]) -> list[_Run]:
    """Failures in a row. A round that was not measured is passed over."""
    found: list[_Run] = []
    first = last = None
    for number in sorted(failed):
        if failed[number]:
            first, last = (number if first is None else first), number
        elif first is not None and last is not None:
            found.append(_Run(first, last))
            first = last = None
    if first is not None and last is not None:
        found.append(_Run(first, last))
    return found


def _fails_in(rounds: t.Mapping[int, bool], run: _Run) -> bool:
    own = [rounds[number] for number in range(run.first, run.last + 1) if number in rounds]
    return bool(own) and sum(own) * 2 > len(own)


def _outage(agents: tuple[int, ...], run: _Run, after: t.Sequence[t.Mapping[int, bool]], width: int) -> Outage:
    end = max(number for agent in agents for number in after[agent]) if agents else run.last
    return Outage(agents, run.first * width, run.rounds, run.rounds * width, run.last >= end)
