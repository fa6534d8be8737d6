# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""A lost attempt, how long it can take to show, and what else must be known before anybody judges it."""

from __future__ import annotations

import typing as t

from .clock import Boot
from .connection import LONGEST_POST

# Seconds by which the clocks may still differ, after what the server's Date header told.
SKEW = 60.0
# Seconds after the end of an attempt for the server to finish it, and for the list to show the saved event.
LAG = 60.0
# Seconds after its start by which an attempt has ended whose end nobody saw: the request, and what comes before it.
LONGEST = LONGEST_POST + 100.0
# Seconds by which the clock of an attempt may have been wrong, though nothing tells that it was set since.
WRONG = 86400.0
# Seconds by which two clocks may have drifted apart without one of them having been set.
DRIFT = 60.0
# Seconds for which it is remembered that the list shows private snapshots, and after which it is looked at again where
# it did not, or could not be read.
_REMEMBERED = 30 * 86400.0
_NOT_YET_LISTED = 60.0
_NOT_READ = 86400.0


class LostAttempt(t.NamedTuple):
    """An attempt without an answer that settles it, in epoch seconds.

    Where nobody saw its end, ``ended_at`` is the latest possible by the clock. ``over``: nothing of it is under way,
    whatever the clock says. ``status`` is that of an answer that could not be understood. ``clock_offset``: seconds
    that the server's clock was ahead when the attempt began; None where that is not known. ``boot``: the start of the
    machine that sent it, by the same clock.
    """

    attempt: int
    started_at: float
    ended_at: float
    detail: str
    status: int | None = None
    clock_offset: float | None = None
    boot: Boot | None = None
    over: bool = True

    @property
    def succeeded(self) -> bool:
        """Whether the answer's status says that the snapshot was created, whatever else it says."""
        return self.status is not None and 200 <= self.status < 300


class Look(t.NamedTuple):
    """When the list was last looked at for private snapshots that the ledger created, by their own test ids.

    ``shown``: whether one was there; None where the list could not be read.
    """

    at: float
    shown: bool | None

    def due(self, now: float) -> bool:
        """Whether to look again."""
        pause = {True: _REMEMBERED, False: _NOT_YET_LISTED, None: _NOT_READ}[self.shown]
        return not -DRIFT < now - self.at < pause

    def proves(self, now: float) -> bool:
        """Whether it is known that the list shows private snapshots."""
        return self.shown is True and abs(now - self.at) < _REMEMBERED


class Rival(t.NamedTuple):
    """Another attempt of that time, of which is not known which saved event it made. ``living``: it soon will be."""

    test_id: str
    display_name: str
    living: bool


class Others(t.NamedTuple):
    """What else may be in the list. ``taken``: the test ids of the snapshots that other attempts have created."""

    taken: t.Collection[str] = ()
    rivals: t.Sequence[Rival] = ()
