# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How many requests the API still takes, as far as its answers say: contract v6 §3, v7 §3."""

from __future__ import annotations

import threading

from .rate_limit import Left

# Seconds that all repeated reads of a task may take.
_PATIENCE = 300.0


class Pace:
    """Shared by the sessions of a task, so that together they keep to the limit of the organization.

    Requests that are under way count, since an answer may not know of them yet. Where nothing is known, one goes first.
    Instants are by our clock.
    ``patience``: seconds that repeated reads may yet take, all of them together. ``why`` one is not sent.
    """

    why = "the API takes no request of this organization until then"

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._left: Left | None = None
        # Since the start, or the last reset, there was an answer.
        self._heard = False
        self._under_way = 0
        self.patience = _PATIENCE

    def begin(self, now: float) -> float | None:
        """Counts a request, or returns the instant before which the API would refuse it.

        Waits for an answer that is under way where only that can tell.
        """
        with self._changed:
            if self._left is not None and now >= self._left.reset_at:
                self._start_anew()
            while not self._may_go():
                if self._left is not None and not (self._left.remaining and self._under_way):
                    return self._left.reset_at
                self._changed.wait()
            self._take()
            return None

    def end(self, told: Left | None) -> None:
        """The request has ended. ``told``: what its answer said, if it did."""
        with self._changed:
            self._under_way -= 1
            self._heard = True
            if told is not None:
                self._left = told if self._left is None else _later(self._left, told)
            self._changed.notify_all()

    def _start_anew(self) -> None:
        self._left, self._heard = None, False

    def _take(self) -> None:
        self._under_way += 1

    def _may_go(self) -> bool:
        if self._left is None:
            return self._heard or not self._under_way
        return self._left.remaining > self._under_way

    def hold(self, until: float) -> None:
        """The API has refused a read, and said until when."""
        with self._changed:
            self._left = Left(0, max(until, self._left.reset_at if self._left else until))
            self._changed.notify_all()

    def spend(self, seconds: float) -> None:
        with self._changed:
            self.patience -= seconds

    def renew(self) -> None:
        """For a task that goes on for hours, which has time to be patient again."""
        with self._changed:
            self.patience = _PATIENCE


class HalfPace(Pace):
    """Takes no more until the limit starts anew than it leaves to others, so half of it where nobody else asks."""

    why = "half of what the API takes is left to others"

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def _start_anew(self) -> None:
        super()._start_anew()
        self._taken = 0

    def _take(self) -> None:
        super()._take()
        self._taken += 1

    def _may_go(self) -> bool:
        return super()._may_go() and (self._left is None or self._left.remaining - self._under_way > self._taken)


def _later(known: Left, told: Left) -> Left:
    """What counts of two answers, in any order: the newer limit, or the smaller rest of the same one."""
    # The same instant by the server's clock differs by less than that between two answers.
    if abs(told.reset_at - known.reset_at) > 2.0:
        return max(known, told, key=lambda left: left.reset_at)
    return min(known, told)
