# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Time, so that tests can bring their own."""

from __future__ import annotations

import time
import typing as t

# Seconds after which people are told that something still waits.
QUIET = 10.0
# Seconds between two lines that say how it goes.
NEWS_EVERY = 60.0
# Linux changes it with each start, and all its containers see the same.
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Boot(t.NamedTuple):
    """A start of a machine, and when it was (epoch seconds) by a clock that may have been set since."""

    id: str
    at: float


class Clock(t.Protocol):
    def now(self) -> float:
        """Epoch seconds."""

    def boot(self) -> Boot | None:
        """The latest start of this machine, by this clock. None where the system does not tell."""

    def sleep(self, seconds: float) -> None:
        """Returns when that time has passed."""


class SystemClock:
    def now(self) -> float:
        return time.time()

    def boot(self) -> Boot | None:
        try:
            with open(_BOOT_ID, encoding="ascii") as file:
                return Boot(file.read().strip(), time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))
        except (OSError, ValueError, AttributeError):
            return None

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
