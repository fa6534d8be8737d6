# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""When a change was planned, when it was made, and when it was rolled back."""

from __future__ import annotations

import typing as t
from datetime import timedelta

from .change_windows import window_of_change
from .errors import InvalidRequest
from .windows import iso, legal_hours, parse_instant

CHANGE, ROLLBACK = "change", "rollback"


class Times(t.NamedTuple):
    """Instants as they were written, so that their offsets are not lost. None: not given."""

    planned_start: str
    planned_end: str | None
    actual_start: str | None
    actual_end: str | None
    rollback_start: str | None
    rollback_end: str | None

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Times:
        """:raises InvalidRequest: a time cannot be read, or is before one that it must follow."""
        times = cls(
            params["start"],
            params["end"],
            *(params[name] for name in ("actual_start", "actual_end", "rollback_start", "rollback_end")),
        )
        times._check()
        return times

    def _check(self) -> None:
        if self.rollback_start is not None and self.rollback_end is None:
            raise InvalidRequest("rollback_end: not given, and needed where rollback_start is.")
        if self.rollback_end is not None and self.end is None:
            raise InvalidRequest("end: not given, and needed where rollback_end is.")
        # The planned times, if they are those that count, are checked where their windows are made.
        spans = [
            ("start", self.start, "actual_end", self.actual_end),
            ("end", self.end, "rollback_start", self.rollback_start),
            ("end", self.end, "rollback_end", self.rollback_end),
            ("rollback_start", self.rollback_start, "rollback_end", self.rollback_end),
        ]
        for first, since, last, until in spans:
            if since is None or until is None:
                continue
            if parse_instant(until, last) < parse_instant(since, first):
                raise InvalidRequest(
                    f"{last}: {iso(parse_instant(until, last))} is before {first}, {iso(parse_instant(since, first))}."
                )

    @property
    def start(self) -> str:
        """That of the change, as far as is known."""
        return self.planned_start if self.actual_start is None else self.actual_start

    @property
    def end(self) -> str | None:
        """That of the change, as far as is known."""
        return self.planned_end if self.actual_end is None else self.actual_end

    @property
    def _over(self) -> str | None:
        """From when on things stay as they are."""
        return self.end if self.rollback_end is None else self.rollback_end

    def before_moved(self, hours: int) -> bool:
        """Whether the window before ends at the actual start.

        What was kept at the planned start is what the change is compared with, unless some of the change is in it, or
        it is older than a window is long.
        """
        if self.actual_start is None:
            return False
        late = parse_instant(self.actual_start, "actual_start") - parse_instant(self.planned_start, "start")
        return not timedelta(0) <= late <= timedelta(hours=legal_hours(hours))

    def window(self, which: str, hours: int) -> dict[str, t.Any]:
        """As the filter C(window) has it. The one that covers the change is the smallest that does.

        :raises InvalidRequest: there is none.
        """
        if which == "before":
            start = self.start if self.before_moved(hours) else self.planned_start
            # With its end, which must not be before the start.
            return window_of_change({"start": start, "end": self.end}, which, hours)
        change = {"start": self.start, "end": self._over}
        return window_of_change(change, which, hours if which == "after" else 1)

    def episodes(self, hours: int) -> list[dict[str, t.Any]]:
        """What was so after the change, and after the rollback: each with the span to judge. None, without a rollback.

        The span of the first ends at the rollback at the latest, and is None if that began when the change ended.
        """
        if self.rollback_end is None or self.end is None:
            return []
        whole = window_of_change({"start": self.start, "end": self.end}, "after", hours)
        since = parse_instant(self.end, "end")
        stop = self.rollback_end if self.rollback_start is None else self.rollback_start
        until = min(parse_instant(stop, "rollback_start"), parse_instant(whole["to"], "to"))
        span = {"from": iso(since), "to": iso(until)} if since < until else None
        rolled_back = window_of_change({"start": self.start, "end": self.rollback_end}, "after", hours)
        return [
            {"name": CHANGE, "end": self.end, "after": span},
            {"name": ROLLBACK, "end": self.rollback_end, "after": {name: rolled_back[name] for name in ("from", "to")}},
        ]

    def to_dict(self) -> dict[str, t.Any]:
        """C(end) is when it, or its rollback, was over: what the window after it begins with."""
        return {
            "start": self.start,
            "end": self._over,
            "planned_start": None if self.actual_start is None else self.planned_start,
            "planned_end": None if self.actual_end is None else self.planned_end,
        }
