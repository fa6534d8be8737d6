# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The creation limit as a sliding window."""

from __future__ import annotations

import typing as t

# Seconds. No limit of the API has lasted longer.
MONTH = 31 * 86400


class Usage(t.NamedTuple):
    """When creations were counted, and when the API takes the next at the soonest (epoch seconds)."""

    counted: t.Sequence[float] = ()
    not_before: float = 0.0


class Quota(t.NamedTuple):
    """``limit`` creations in any ``window`` seconds, for one organization."""

    organization: str
    limit: int
    window: int

    def recent(self, usage: Usage, now: float) -> list[float]:
        """What counts towards the limit, oldest first."""
        return sorted(at for at in usage.counted if at > now - self.window)

    def next_at(self, usage: Usage, now: float) -> float:
        """When the next creation may go out."""
        recent = self.recent(usage, now)
        room_at = now if len(recent) < self.limit else recent[-self.limit] + self.window
        return max(room_at, usage.not_before)

    def plan(self, usage: Usage, count: int, now: float) -> list[float]:
        """When each of the next ``count`` creations may go out, if each takes no time."""
        plan: list[float] = []
        for _number in range(count):
            now = self.next_at(Usage([*usage.counted, *plan], usage.not_before), now)
            plan.append(now)
        return plan

    def fits_from(self, usage: Usage, count: int, now: float, wait: float) -> float | None:
        """From when on ``count`` creations need no more than ``wait`` seconds of waiting; None for never."""
        if self.plan(Usage(), count, now)[-1] - now > wait:
            return None
        while True:
            last = self.plan(usage, count, now)[-1]
            # A millisecond for the rounding of large numbers.
            if last - now <= wait + 0.001:
                return now
            now = last - wait
