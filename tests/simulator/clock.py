# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the simulated world."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from .wire import UTC


class Clock:
    """The world's time: real and running until it is set, frozen or running on from there."""

    def __init__(self) -> None:
        self.frozen: datetime | None = None
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return self.frozen or datetime.fromtimestamp(time.time(), UTC) + self.offset

    def set(self, now: datetime, frozen: bool) -> None:
        self.offset = now - datetime.fromtimestamp(time.time(), UTC)
        self.frozen = now if frozen else None

    def advance(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds), self.frozen is not None)
