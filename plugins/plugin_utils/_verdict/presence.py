# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Which agents can be compared at all, and which fell silent after the change."""

from __future__ import annotations

import typing as t

from .chance import PRIOR_COMMON, binomial_tail, expected_rate
from .series import Span, Strand, without_gaps

# With fewer rounds before, an agent shows nothing of how it was; nor if it measured so many times as often after.
_LEAST_BEFORE, _TOO_FEW = 2, 4
# An agent that missed rounds before fell silent only if it is less likely than this that it just missed more.
_SILENT = 0.01

# By agent and server, the rounds before and after that failed: in these there are no times to measure.
Failed = t.Mapping[t.Tuple[str, t.Optional[str]], t.Tuple[t.AbstractSet[int], t.AbstractSet[int]]]


class Presence(t.NamedTuple):
    """What of a strand is there. ``dropped``, ``silent``: why, in words, or None."""

    strand: Strand
    dropped: str | None
    silent: str | None


class Present:
    """``failed``: the rounds in which nothing got through. ``width``: from round to round, in seconds."""

    def __init__(self, span: Span, width: int, failed: Failed, level: float) -> None:
        self._span, self._width, self._failed, self._level = span, width, failed, level

    def look(self, strand: Strand) -> Presence:
        """Whether an agent can be compared. One without a usable before, dead or new, drops out by name."""
        before, after = (len(without_gaps(points)) for points in (strand.before, strand.after))
        missing, due = self.missing([strand], 0)
        missing_after, due_after = self.missing([strand], 1)
        if before < _LEAST_BEFORE:
            few = "Nothing was measured" if not before else "Only one round was measured, too few to judge,"
            where = "before" if before or after or due_after > missing_after else "in either window"
            return Presence(strand, f"{few} {where}.".replace(",.", "."), None)
        if before / self._span.before * _TOO_FEW < after / self._span.after:
            return Presence(strand, f"Only {before} rounds were measured before, and {after} after.", None)
        if after:
            return Presence(strand, None, None)
        if due_after > missing_after:
            return Presence(strand, "All rounds after failed.", None)
        share = (missing + 0.5) / (due + 1)
        if due_after and share**due_after > _SILENT:
            return Presence(strand, "Nothing was measured after, and it often missed rounds before.", None)
        return Presence(strand, None, "Nothing was measured after.")

    def missing(self, strands: t.Sequence[Strand], side: int) -> tuple[int, int]:
        """How many measurements of a window are missing and did not fail, and how many were due."""
        lost = all_due = 0
        length = self._span.after if side else self._span.before
        for strand in strands:
            points = strand.after if side else strand.before
            due = max(length // self._span.interval if self._span.interval else 0, len(points))
            there = {second // self._width for second, value in points if value is not None}
            failed = self._failed.get((strand.agent_id, strand.server), (frozenset(), frozenset()))[side]
            lost += max(due - len(there | failed), 0)
            all_due += due
        return lost, all_due

    def many_missing(self, strands: t.Sequence[Strand]) -> str | None:
        """What to say if many more measurements than before are missing."""
        (lost, due), (lost_after, due_after) = self.missing(strands, 0), self.missing(strands, 1)
        if binomial_tail(lost_after, due_after, expected_rate(lost, due, PRIOR_COMMON)) <= self._level:
            return f"{lost_after} of {due_after} measurements are missing after, and {lost} of {due} before."
        return None
