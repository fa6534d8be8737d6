# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""One test that is watched: what was read of it, and how it stands after each look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ...module_utils._api.client import Api
from ...module_utils._core.errors import ThousandEyesError
from ...module_utils._core.windows import iso_of_epoch
from .._change.change import Change
from .._change.judging import Judging
from .._change.reading import past_of, read_past
from .._change.tests import Row, layers_of
from .._verdict.early import WATCHING, Course, alarm, plan_of
from .._verdict.guard import Past
from .._verdict.verdicts import DEGRADED, NO_DATA
from .readings import Readings

# Seconds after its end for which a round that an agent has not delivered is waited for.
GRACE = 120


class Standing(NamedTuple):
    """``since``: from when on it is worse, in epoch seconds. ``times``: how many times its threshold it differs by.

    ``suspected``: it is degraded at this look, and was not at the one before.
    """

    verdict: str
    reason: str
    since: float | None = None
    times: float = 0.0
    suspected: bool = False


class Watched:
    """``looks``: when to look, in epoch seconds; none before ``prepare``, and none if there is nothing to look at."""

    def __init__(
        self, test: Row, change: Change, judging: Judging, asked: Sequence[str] | None, warn: Callable[[str], None]
    ) -> None:
        layers, why = layers_of(test, asked)
        self.name = f"{test['test_name'] or 'test'} ({test['test_id']})" if test["test_id"] else str(test["test_name"])
        self.test, self.left_out = test, judging.left_out(test)
        self.layers = layers
        self.looks: tuple[int, ...] = ()
        self.standing = Standing(WATCHING, "Nothing was looked at so far.") if layers else Standing(NO_DATA, why)
        self._change, self._reach, self._warn = change, judging.reach, warn
        self._settings = judging.of(test)
        self._start = int(change.compared.after.start.timestamp())
        self.before_ends = change.compared.before.end.timestamp()
        self._readings = Readings(test["test_id"], layers, change.compared, test["interval"])
        self._course: Course | None = None
        self._settle = 0
        self._last = 0
        self._api: tuple[Api, str | None] | None = None

    @property
    def interval(self) -> int:
        return self._readings.interval

    def prepare(self, api: Api, aid: str | None) -> None:
        """Reads the window before the change, and so knows when to look.

        :raises ThousandEyesError: not all was read.
        """
        self._readings.read_before(api, aid)
        span = self._change.span(self.test["interval"], self._settings.settle_minutes)
        plan = plan_of(self._start, span.after, self.interval, span.settle)
        self._settle = span.settle
        self._course = Course(span, self._settings, plan, self._history)
        self.looks = tuple(self._start + look for look in plan.looks)

    def refused(self, error: ThousandEyesError, at: int = 0) -> None:
        """The API does not tell of this test; ``at``: for this look."""
        self.standing = Standing(NO_DATA, error.message)
        self._last = max(self._last, at)

    def due(self, at: int) -> bool:
        return at in self.looks and self._last < at

    def lacks(self, at: int) -> bool:
        """Whether there may be more to read of what a look at ``at`` sees."""
        read_at = self._readings.read_at
        return read_at < at or (read_at < at + GRACE and bool(self.late(at)))

    def read(self, api: Api, aid: str | None, now: float) -> None:
        """What is new.

        :raises ThousandEyesError: not all was read.
        """
        self._readings.read(api, aid, now)

    def late(self, at: int) -> list[str]:
        return self._readings.late(at)

    def look(self, at: int, api: Api, aid: str | None) -> None:
        """By what was read. ``api`` reads the history.

        :raises ThousandEyesError: that could not be read, and the look is still to be made.
        """
        if self._course is None:
            return
        self._api = (api, aid)
        now, told = self._course.look(self._readings.strands(), at - self._start)
        if at == self.looks[-1]:
            found = alarm(now, now)
            self.standing = Standing(now.entry["verdict"], now.entry["reason"])
            if self.standing.verdict == DEGRADED and found is not None:
                self.standing = self.standing._replace(since=self._since(found.since_minute), times=found.times)
            for warning in now.entry["warnings"]:
                self._warn(f"{self.name}: {warning}")
        elif told is not None:
            self.standing = Standing(DEGRADED, told.reason, self._since(told.since_minute), told.times)
        elif now.places:
            why = f"It is degraded at one look, and the next one decides. {now.entry['reason']}"
            self.standing = Standing(WATCHING, why, suspected=True)
        else:
            self.standing = Standing(WATCHING, f"Not degraded by {iso_of_epoch(at)}.")
        self._last = at

    def _since(self, minute: float | None) -> float:
        """What is so from the start is so since the settle time, as far as was looked."""
        return self._start + (self._settle if minute is None else minute * 60)

    def _history(self, layers: Sequence[str]) -> Past | None:
        if self._api is None or not self._change.compared.history(self._reach):
            return None
        api, aid = self._api
        windows, test_id = self._change.compared, self.test["test_id"]
        spans = windows.history(self._reach)
        try:
            parts = [read_past(api, test_id, layer, span, windows, aid) for layer in layers for span in spans]
            return past_of(parts, windows, self._reach)
        except ThousandEyesError as error:
            if error.spreads:
                raise
            why = f"the history could not be read, so that the verdict is without it: {error.message}"
            self._warn(f"{self.name}: {why}")
            return None

    def to_dict(self) -> dict[str, Any]:
        since = self.standing.since
        return {
            "test_id": self.test["test_id"],
            "test_name": self.test["test_name"],
            "verdict": self.standing.verdict,
            "reason": self.standing.reason,
            "since": None if since is None else iso_of_epoch(since),
        }
