# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The change that a report is about: its times and its windows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.names import check_text
from ...module_utils._core.windows import Window, iso, parse_written, resolve_span
from .._verdict.series import Span
from .reading import Windows

PHASES = ("before", "during", "after")
# In the title of what a watch froze. Its window is that of a look, whichever that was.
FROZEN = "degraded"


class Change(NamedTuple):
    """``windows`` by phase. Local times have the offset of ``start`` before the change, and of ``end`` after it."""

    change_id: str
    start: datetime
    end: datetime
    windows: dict[str, Window]
    timezone: str | None

    @classmethod
    def from_params(cls, params: Mapping[str, Any], now: float) -> Change:
        """``now``: each window must be over by then, in epoch seconds.

        :raises InvalidRequest: an option breaks a rule.
        """
        start, end = (parse_written(params[option], option) for option in ("start", "end"))
        if end < start:
            raise InvalidRequest(f"end: the change ends at {iso(end)}, before its start {iso(start)}.")
        windows = {phase: _window(params[phase], phase, now) for phase in PHASES if params.get(phase)}
        if windows["before"].end > windows["after"].start:
            raise InvalidRequest(
                "before, after: the window before the change does not end before the one after it begins."
            )
        timezone = params.get("timezone")
        zone = _zone(timezone) if timezone is not None else None
        return cls(
            change_id=check_text(params["change_id"], "change_id"),
            start=start.astimezone(zone) if zone else start,
            end=end.astimezone(zone) if zone else end,
            windows=windows,
            timezone=timezone,
        )

    @property
    def compared(self) -> Windows:
        return Windows(self.windows["before"], self.windows["after"])

    def span(self, interval: int | None, settle_minutes: float = 0) -> Span:
        """``settle_minutes``: from the end of the change on, which may be before the window after it begins."""
        before, after = (int((window.end - window.start).total_seconds()) for window in self.compared)
        gap = int((self.compared.after.start - self.compared.before.end).total_seconds())
        since = (self.compared.after.start - self.end).total_seconds()
        settle, begin = max(int(settle_minutes * 60 - since), 0), int(self.compared.after.start.timestamp())
        return Span(before, after, interval, gap, settle, begin=begin)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.change_id,
            "start": iso(self.start),
            "end": iso(self.end),
            "start_local": self.start.isoformat(),
            "end_local": self.end.isoformat(),
            "timezone": self.timezone,
        }

    def windows_as_dict(self) -> dict[str, Any]:
        return {phase: self._window_as_dict(phase) if phase in self.windows else None for phase in PHASES}

    def _window_as_dict(self, phase: str) -> dict[str, Any]:
        window = self.windows[phase]
        first = self.end if phase == "after" else self.start
        last = self.start if phase == "before" else self.end
        return {
            "from": iso(window.start),
            "to": iso(window.end),
            "hours": (window.end - window.start).total_seconds() / 3600,
            "from_local": window.start.astimezone(first.tzinfo).isoformat(),
            "to_local": window.end.astimezone(last.tzinfo).isoformat(),
        }


def _window(fields: object, option: str, now: float) -> Window:
    if not isinstance(fields, Mapping) or not {"from", "to"} <= set(fields):
        raise InvalidRequest(f"{option}: give a mapping with from and to, as the filter window returns it.")
    try:
        return resolve_span(str(fields["from"]), str(fields["to"]), None, now)
    except InvalidRequest as error:
        raise InvalidRequest(f"{option}: {error.message}", retry_at=error.retry_at) from None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise InvalidRequest(
            f"timezone: {name!r} is not known here. Give a name such as Europe/Berlin. Where the machine has no time "
            "zones, the Python library tzdata brings them."
        ) from None
