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
_LIMIT = "X-Organization-Rate-Limit-Limit"
_REMAINING = "X-Organization-Rate-Limit-Remaining"
_RESET = "X-Organization-Rate-Limit-Reset"


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


def nothing_left_before(headers: t.Mapping[str, str], now: float) -> float | None:
    """The instant before which an answer that is no 429 says that the next request would be one."""
    return told_not_before({_RESET: headers.get(_RESET, "")}, now) if headers.get(_REMAINING) == "0" else None


class RateLimit(t.NamedTuple):
    """What an answer tells of the limit of requests. ``reset`` is a word for how it tells when that starts anew.

    That is none, epoch (an instant since 1970), seconds (from now on), past (an instant that is over) or unclear.
    ``seconds``: until then, where it is to come.
    """

    limit: int | None
    remaining: int | None
    reset: str
    seconds: float | None


def rate_limit_of(headers: t.Mapping[str, str], now: float) -> RateLimit:
    """``now`` is by the server's clock."""
    reset, seconds = _told_in(headers.get(_RESET), now)
    return RateLimit(_whole(headers.get(_LIMIT)), _whole(headers.get(_REMAINING)), reset, seconds)


def retry_after_of(headers: t.Mapping[str, str], now: float) -> tuple[str, float | None]:
    """How Retry-After tells when to come back, and in how many seconds that is. Words as in RateLimit, and date."""
    return _told_in(headers.get("Retry-After"), now)


def _told_in(text: str | None, now: float) -> tuple[str, float | None]:
    if text is None:
        return "none", None
    at = _instant(text, now)
    if at is None or at > now + MONTH:
        return "unclear", None
    if at <= now:
        return "past", None
    if not re.fullmatch(r"[0-9.\s]+", text):
        return "date", at - now
    return ("epoch" if float(text) > _YEAR else "seconds"), at - now


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,18}", text.strip()) else None


def _instant(text: str, now: float) -> float | None:
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", text):
        number = float(text)
        return number if number > _YEAR else now + number
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
