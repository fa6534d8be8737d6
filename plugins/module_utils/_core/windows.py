# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Time windows of snapshots: parse, validate, format."""

from __future__ import annotations

import contextlib
import math
import re
import typing as t
from datetime import datetime, timedelta, timezone

from .errors import InvalidRequest

# Contract v6 §4, v7 §4. 96 hours were taken until 2022.
HOURS = (1, 2, 4, 6, 12, 24, 48)

_INSTANT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[ Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)? ?(?:([Zz])|([+-])(\d{2}):?([0-5]\d))?",
    re.ASCII,
)


class Window(t.NamedTuple):
    """From ``start`` to ``end``, both aware, in UTC and on whole seconds."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> int:
        return (self.end - self.start) // timedelta(hours=1)


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC with Z, as in results and in API v7."""
    return instant.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def iso_of_epoch(seconds: float) -> str:
    return iso(datetime.fromtimestamp(int(seconds), timezone.utc))


def iso_from(seconds: float) -> str:
    """For "from then on": not a fraction of a second too early."""
    return iso_of_epoch(math.ceil(seconds))


def left(seconds: float) -> str:
    """How long to wait, for people: 20 s, 4 min 20 s or 2 h 5 min. Never less than it takes."""
    rest = max(0, math.ceil(seconds))
    if rest >= 3600:
        hours, minutes = divmod(math.ceil(rest / 60), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    minutes, rest = divmod(rest, 60)
    parts = [f"{minutes} min"] if minutes else []
    parts += [f"{rest} s"] if rest or not minutes else []
    return " ".join(parts)


def parse_instant(text: str, option: str) -> datetime:
    """As ``parse_written``, in UTC."""
    return parse_written(text, option).astimezone(timezone.utc)


def parse_written(text: str, option: str) -> datetime:
    """The instant that a user or the API wrote, with the offset it was written with. A fraction of a second is dropped.

    Seconds may be left out.

    :raises InvalidRequest: it is not a time; the message names ``option``.
    """
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise _unreadable(text, option)
    year, month, day, hour, minute, second, _zulu, sign, offset_hours, offset_minutes = match.groups()
    try:
        offset = timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        written = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
        written.astimezone(timezone.utc)
        return written
    except (ValueError, OverflowError) as error:
        raise _unreadable(text, option, _day_exists(int(year), int(month), int(day))) from error


def _day_exists(year: int, month: int, day: int) -> bool:
    with contextlib.suppress(ValueError):
        return bool(datetime(year, month, day))
    return False


def _unreadable(text: str, option: str, day_exists: bool = True) -> InvalidRequest:
    why = "" if day_exists else ", since there is no such day"
    return InvalidRequest(
        f"{option}: cannot read {text!r} as a time{why}. Use 2026-11-27 15:00:00 (UTC) or 2026-11-27T15:00:00+02:00."
    )


def legal_hours(hours: object) -> int:
    """The length that a user wrote, as a number or as text.

    :raises InvalidRequest: the API does not take it.
    """
    for count in HOURS:
        if str(hours) == str(count):
            return count
    raise InvalidRequest(f"hours: {hours} is not a length that the API takes; it takes {_choices()}.")


def resolve_span(
    start: str | None, end: str | None, hours: int | None, now: float, wait: float | None = None
) -> Window:
    """The span of time, of any length, that exactly two of the options C(from), C(to) and C(hours) mean.

    ``wait``: the option window_wait, seconds. None where there is no such option, and nothing is waited for.

    :raises InvalidRequest: too many or too few are given, one is not a time, or the span ends more than ``wait``
        seconds after ``now`` (epoch seconds).
    """
    given = {name: value for name, value in (("from", start), ("to", end), ("hours", hours)) if value is not None}
    if len(given) != 2:
        found = ", ".join(f"{name}={value}" for name, value in given.items()) or "none of them"
        raise InvalidRequest(f"Give exactly two of from, to and hours; given: {found}.")
    if hours is not None and hours < 1:
        raise InvalidRequest(f"hours: {hours} is not a positive number.")
    try:
        first = parse_instant(start, "from") if start is not None else None
        last = parse_instant(end, "to") if end is not None else None
        if first is None:
            first = t.cast(datetime, last) - timedelta(hours=t.cast(int, hours))
        if last is None:
            last = first + timedelta(hours=t.cast(int, hours))
    except OverflowError as error:
        raise InvalidRequest(f"from, to, hours: the window leaves the calendar: {error}.") from error
    span = f"from {iso(first)} to {iso(last)}"
    if first >= last:
        raise InvalidRequest(f"from, to: {span} does not go forward in time.")
    if last.timestamp() > now + (wait or 0):
        text = f"to: the window {span} is not over yet; now is {iso_of_epoch(now)}. Run again from {iso(last)} on"
        advice = "" if wait is None else ", or set window_wait" if not wait else f"; window_wait is {wait} seconds"
        raise InvalidRequest(f"{text}{advice}.{_zone_hint(end or start or '', last, now)}", retry_at=iso(last))
    return Window(first, last)


def _zone_hint(text: str, last: datetime, now: float) -> str:
    """For who wrote local time, and no offset. No zone is ahead of UTC by more than 14 hours."""
    match = _INSTANT.fullmatch(text.strip())
    if match and not (match[7] or match[8]) and last.timestamp() <= now + 14 * 3600:
        return (
            " A time without an offset is in UTC: if this is local time, give its offset, such as +02:00, or use "
            "now(utc=true) for now."
        )
    return ""


def resolve_window(start: str | None, end: str | None, hours: int | None, now: float, wait: float = 0) -> Window:
    """As ``resolve_span``, of a length that the API takes for a snapshot.

    :raises InvalidRequest: the API does not take the length, or as above.
    """
    if hours is not None:
        legal_hours(hours)
    # The length first, since no time will come at which a wrong one may be taken.
    window = resolve_span(start, end, hours, math.inf)
    length = window.end - window.start
    if length not in [timedelta(hours=count) for count in HOURS]:
        span = f"from {iso(window.start)} to {iso(window.end)}"
        raise InvalidRequest(f"from, to: {span} is {_duration(length)}; the API takes {_choices()} hours.")
    return resolve_span(start, end, hours, now, wait)


def _choices() -> str:
    return ", ".join(str(count) for count in HOURS[:-1]) + f" or {HOURS[-1]}"


def _duration(length: timedelta) -> str:
    hours, rest = divmod(length, timedelta(hours=1))
    minutes, seconds = divmod(int(rest.total_seconds()), 60)
    parts = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
        if number
    ]
    return " ".join(parts)
