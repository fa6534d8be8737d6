# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each 429 comes from: the creation limit, the rate limit of requests, and the lock-out of an address.

The last two are only counted here; v6.py, v7.py and access.py word their refusals.
"""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from email.utils import format_datetime

from .clock import Clock
from .settings import Settings
from .wire import UTC, ApiError, epoch

MINUTE = timedelta(seconds=60)


class Quotas:
    """What was counted, against the limits that the settings have now."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._creations: dict[int, deque[datetime]] = {}
        self._batches: dict[int, tuple[datetime, int]] = {}
        self._failures: dict[str, deque[datetime]] = {}

    def take_creation(self, organization: int) -> None:
        """One of the creations of the sliding window, or ApiError 429; a refused creation takes none."""
        now = self._clock.now()
        limit, window = self._settings.creation_limit, timedelta(seconds=self._settings.creation_window)
        recent = self._creations.setdefault(organization, deque())
        while recent and recent[0] <= now - window:
            recent.popleft()
        while recent and recent[-1] > now:  # the clock was set back
            recent.pop()
        if limit is not None and len(recent) >= limit:
            free_at = recent[-limit] + window if limit else now + window
            raise ApiError(
                429,
                f"You can create a maximum of {limit} snapshots per organization "
                f"within {window.total_seconds():g} seconds",
                headers=self._creation_limit_headers(limit, now, free_at),
            )
        recent.append(now)

    def _creation_limit_headers(self, limit: int, now: datetime, free_at: datetime) -> dict[str, str]:
        style = self._settings.creation_limit_headers
        wait = math.ceil((free_at - now).total_seconds())
        slot = math.ceil(free_at.timestamp())
        if style == "retry-after-seconds":
            return {"Retry-After": str(wait)}
        if style == "retry-after-date":
            return {"Retry-After": format_datetime(datetime.fromtimestamp(slot, UTC), usegmt=True)}
        if style == "reset-epoch":
            return rate_headers(limit, 0, slot)
        if style == "reset-seconds":
            return rate_headers(limit, 0, wait)
        if style == "reset-past":
            return rate_headers(limit, 0, epoch(now) - 60)
        return {}

    def count_request(self, organization: int) -> tuple[bool, dict[str, str]]:
        """Count a request; (admitted, rate limit headers). The minute starts with the first request of a batch."""
        limit = self._settings.rate_limit
        if limit is None:
            return True, {}
        now = self._clock.now()
        start, count = self._batches.get(organization, (now, 0))
        if not start <= now < start + MINUTE:
            start, count = now, 0
        admitted = count < limit
        count += admitted
        self._batches[organization] = (start, count)
        return admitted, rate_headers(limit, limit - count, math.ceil((start + MINUTE).timestamp()))

    def note_failure(self, address: str) -> None:
        """Record a 401 to this address."""
        self._failures.setdefault(address, deque()).append(self._clock.now())

    def locked_out(self, address: str) -> bool:
        """Whether this address got too many 401s within a minute (contract v6 §1)."""
        limit = self._settings.locked_out_after
        failures = self._failures.get(address, deque())
        now = self._clock.now()
        while failures and failures[0] <= now - MINUTE:
            failures.popleft()
        return limit is not None and len(failures) >= limit


def rate_headers(limit: int, remaining: int, reset: int) -> dict[str, str]:
    """Contract v6 §3, v7 §3. `reset` is epoch seconds, except where a test wants it otherwise."""
    return {
        "X-Organization-Rate-Limit-Limit": str(limit),
        "X-Organization-Rate-Limit-Remaining": str(remaining),
        "X-Organization-Rate-Limit-Reset": str(reset),
    }
