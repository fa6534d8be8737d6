# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How long a task waits for the quota, for others and for the list, and what people are shown meanwhile."""

from __future__ import annotations

import typing as t

from .._core.clock import Clock
from .._core.errors import OutcomeUnknown, ThousandEyesError
from .._core.lost import LAG, LONGEST
from .._core.snapshot import SnapshotRequest
from .._core.windows import iso_from, left

# Seconds between looks at what others do: for an answer that is due, and for room in the quota or a saved event. Each
# look for a saved event is a request.
_POLL = 0.1
SHORT_POLL = 1.0
_LONG_POLL = 5.0
_NEWS_EVERY = 60.0


def looked_long_enough(waited: float) -> bool:
    """Whether to give up after so many seconds, whoever may still live and know better."""
    return waited > LONGEST + LAG


class Waiting:
    """The patience of one task. ``progress``, where it has several snapshots: how far it is, and what is next."""

    def __init__(self, clock: Clock, quota_wait: int, tell: t.Callable[[str], None]) -> None:
        self._clock = clock
        self._left = float(quota_wait)
        self._tell = tell
        # Seconds waited for other processes, by identity.
        self._for_others: dict[str, float] = {}
        self._news: tuple[str, float] = ("", 0.0)
        self.progress = ""

    def lasts_until(self, until: float) -> bool:
        """Whether the user's patience with the quota lasts until then (epoch seconds)."""
        return until - self._clock.now() <= self._left

    def for_quota(self, organization: str, until: float, too_long: ThousandEyesError, told: bool = False) -> None:
        """Sleeps until then or less, since what others do may free the way sooner. ``told``: the API said so in a 429.

        :raises ThousandEyesError: ``too_long``, where the user's patience ends before ``until``.
        """
        if not self.lasts_until(until):
            raise too_long
        time_left = left(until - self._clock.now())
        quota = f"waiting for the creation quota of {organization}"
        text = f"{self.progress} in {time_left}: {quota}" if self.progress else f"{quota}, {time_left} left,"
        why = ", since the API answered 429 to an earlier request" if told else ""
        self._say(f"{text} until {iso_from(until)}{why}", key=f"{self.progress}{quota}{why}")
        step = max(0.0, min(until - self._clock.now(), _LONG_POLL))
        self._clock.sleep(step)
        self._left -= step

    def for_another(self, request: SnapshotRequest) -> None:
        """Sleeps while another process creates the same snapshot.

        :raises OutcomeUnknown: it has taken longer than any request does.
        """
        self._say(f"waiting for another process that is creating the snapshot of {request.test}")
        self._clock.sleep(_POLL)
        waited = self._for_others[request.identity] = self._for_others.get(request.identity, 0.0) + _POLL
        if looked_long_enough(waited):
            raise OutcomeUnknown(
                f"Another process has been creating the snapshot {request.display_name!r} of test {request.test_id} "
                f"for {waited:.0f} seconds, which is longer than a request takes, and has not ended. So it is not "
                "known whether the snapshot exists. Look for a task that hangs, end it, and run this task again.",
                details={"test_id": request.test_id, "display_name": request.display_name},
            )

    def for_list(self, request: SnapshotRequest, most: float) -> float:
        """Sleeps before the next look at the list, which may show more in ``most`` seconds. Returns for how long."""
        what = f"looking for what became of the request for {request.test}"
        until = f" until {iso_from(self._clock.now() + most)}" if most > 0 else ""
        self._say(f"{what}{until}", key=what)
        pause = max(SHORT_POLL, min(most, _LONG_POLL))
        self._clock.sleep(pause)
        return pause

    def _say(self, text: str, key: str = "") -> None:
        """Once a minute, and where something else is done. ``key``: what is done, where the text changes meanwhile."""
        now = self._clock.now()
        if (key or text) != self._news[0] or now >= self._news[1] + _NEWS_EVERY:
            self._tell(text)
            self._news = (key or text, now)
