# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the headers of an answer say about when the next request may be sent: contract v6 §3, v7 §3."""

from __future__ import annotations

import re
import typing as t
from email.utils import parsedate_to_datetime

from .._core.quota import MONTH

# A number of seconds above this is an instant since 1970, not a duration.
_YEAR = 365 * 86400.0
_LIMIT = "X-Organization-Rate-Limit-Limit"
_REMAINING = "X-Organization-Rate-Limit-Remaining"
_RESET = "X-Organization-Rate-Limit-Reset"


class Left(t.NamedTuple):
    """So many requests of any kind remain to the organization until ``reset_at`` (epoch seconds)."""

    remaining: int
    reset_at: float


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
