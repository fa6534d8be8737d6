# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The creation limit as a sliding window, and what a 429 says about it."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_DAY = 86400.0
# A number of seconds above this is an instant since 1970, not a duration.
_YEAR = 365 * _DAY


@dataclass(frozen=True)
class Quota:
    """``limit`` creations in any ``window`` seconds, for one organization."""

    organization: str
    limit: int
    window: int

    def next_at(self, used: t.Sequence[float], now: float) -> float:
        """When the next creation may go out. ``used``: when the earlier ones were counted (epoch seconds)."""
        recent = sorted(at for at in used if at > now - self.window)
        if len(recent) < self.limit:
            return now
        return recent[-self.limit] + self.window

    def plan(self, used: t.Sequence[float], count: int, now: float) -> list[float]:
        """When each of the next ``count`` creations may go out, if each takes no time."""
        counted = sorted(used)
        plan = []
        for _number in range(count):
            now = self.next_at(counted, now)
            counted.append(now)
            plan.append(now)
        return plan

    def fits_from(self, used: t.Sequence[float], count: int, now: float, wait: float) -> float | None:
        """From when on ``count`` creations need no more than ``wait`` seconds of waiting; None for never."""
        if self.plan([], count, now)[-1] - now > wait:
            return None
        while True:
            last = self.plan(used, count, now)[-1]
            # A millisecond for the rounding of large numbers.
            if last - now <= wait + 0.001:
                return now
            now = last - wait


def told_not_before(headers: t.Mapping[str, str], now: float) -> float | None:
    """The instant (epoch seconds) before which a 429 says not to come back; None where it does not say.

    C(Retry-After) is seconds or a date. The documented reset header is epoch seconds, but has been seen as seconds
    from now elsewhere in this API (contract v6 §3, v7 §3). An instant that has passed says nothing, nor does
    one that is more than a day ahead. Nor does the reset of a limit that has something remaining: it is the general
    one, and then the creation limit was hit.
    """
    told = [headers.get("Retry-After")]
    if headers.get("X-Organization-Rate-Limit-Remaining", "0").strip() == "0":
        told.append(headers.get("X-Organization-Rate-Limit-Reset"))
    instants = [_instant(text, now) for text in told if text is not None]
    return max((at for at in instants if at is not None and now < at <= now + _DAY), default=None)


def _instant(text: str, now: float) -> float | None:
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", text):
        number = float(text)
        return number if number > _YEAR else now + number
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
