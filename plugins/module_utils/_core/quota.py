# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The creation limit as a sliding window, and what the API's rate limit headers say."""

from __future__ import annotations

import re
import typing as t
from email.utils import parsedate_to_datetime

# Seconds. No limit of the API has lasted longer.
MONTH = 31 * 86400
# A number of seconds above this is an instant since 1970, not a duration.
_YEAR = 365 * 86400.0
_REMAINING = "X-Organization-Rate-Limit-Remaining"
_RESET = "X-Organization-Rate-Limit-Reset"


class Usage(t.NamedTuple):
    """When creations were counted, and when the API takes the next at the soonest (epoch seconds)."""

    counted: t.Sequence[float] = ()
    not_before: float = 0.0


class Left(t.NamedTuple):
    """So many requests of any kind remain to the organization until ``reset_at`` (epoch seconds)."""

    remaining: int
    reset_at: float


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


def told_not_before(headers: t.Mapping[str, str], now: float) -> float | None:
    """The instant (epoch seconds) before which a 429 says not to come back; None where it does not say.

    C(Retry-After) is seconds or a date. The documented reset header is epoch seconds, but has been seen as seconds
    from now elsewhere in this API (contract v6 §3, v7 §3). An instant that has passed says nothing, nor does one that
    is more than a month ahead, which no limit ever was. Nor does the reset of a limit that has something remaining: it
    is the general one, and then the creation limit was hit.
    """
    told = [headers.get("Retry-After")]
    if headers.get(_REMAINING, "0").strip() == "0":
        told.append(headers.get(_RESET))
    instants = [_instant(text, now) for text in told if text is not None]
    return max((at for at in instants if at is not None and now < at <= now + MONTH), default=None)


def left_by(headers: t.Mapping[str, str], now: float) -> Left | None:
    """What an answer that is no 429 says; None where that is nothing, or makes no sense."""
    remaining = headers.get(_REMAINING, "").strip()
    reset_at = told_not_before({_RESET: headers.get(_RESET, "")}, now)
    # More digits than any limit has would not be a number for all Pythons.
    return Left(int(remaining), reset_at) if re.fullmatch("[0-9]{1,9}", remaining) and reset_at is not None else None


def _instant(text: str, now: float) -> float | None:
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", text):
        number = float(text)
        return number if number > _YEAR else now + number
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
