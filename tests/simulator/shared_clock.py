# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock for both sides of a test."""

from __future__ import annotations

import threading
from datetime import datetime

from .control import Control
from .wire import UTC, iso

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class SharedClock:
    """A client's time, which stands still but for sleep; the simulator's follows it."""

    def __init__(self, sim: Control) -> None:
        self._sim = sim
        self._now = NOON.timestamp()
        self._moving = threading.Lock()
        self.slept: list[float] = []
        sim.set_clock(iso(NOON))

    def now(self) -> float:
        return self._now

    def boot(self) -> None:
        """No machine is told from another."""

    def sleep(self, seconds: float) -> None:
        """Threads sleep at the same time. None sees an instant to which the simulator has not come."""
        self.slept.append(seconds)
        until = self._now + seconds
        with self._moving:
            if until > self._now:
                self._sim.advance(until - self._now)
                self._now = until
