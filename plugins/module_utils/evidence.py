# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the test list tells of an attempt whose answer was lost: saved events are in that list, share links are not."""

from __future__ import annotations

import enum
import typing as t

from .listing import Listing, ListedTest
from .snapshot import SnapshotRequest

# Seconds by which the clocks may still differ, after what the server's Date header told.
SKEW = 60.0
# Seconds after the end of an attempt for the server to finish it, and for the list to show the saved event.
LAG = 60.0
# Seconds after its start by which an attempt has ended, even if its end was noticed only later.
LONGEST = 600.0
# Seconds by which somebody may have set the clock since the attempt.
JUMP = 86400.0


class LostAttempt(t.NamedTuple):
    """An attempt without an answer, in epoch seconds. ``rivals``: others like it that may have made what is found."""

    attempt: int
    started_at: float
    ended_at: float
    detail: str
    rivals: int = 0


class Verdict(enum.Enum):
    ABSENT = "nothing was created"
    TOO_EARLY = "nothing is to be seen yet"
    UNCLEAR = "the test list does not tell"


def settles_at(lost: LostAttempt) -> float:
    """From when on (epoch seconds) the list shows all that the attempt can have created."""
    return min(lost.ended_at, lost.started_at + LONGEST) + LAG


def judge(
    request: SnapshotRequest, lost: LostAttempt, listing: Listing, taken: t.Container[str], now: float
) -> ListedTest | Verdict:
    """The one saved event that ``lost`` must have created, or what else is known.

    Whether a saved event bears the title or the name of its source test is not documented, so either will do.
    One that fits but for its time forbids to say that there is none, since a clock may have been set.
    ``taken``: the test ids of snapshots that other attempts are known to have created.
    """
    source = next((test for test in listing.tests if test.test_id == request.test_id), None)
    if request.is_public or source is None:
        return Verdict.UNCLEAR
    first = lost.started_at + listing.clock_offset - SKEW
    settled_at = settles_at(lost)
    last = settled_at + listing.clock_offset + SKEW
    candidates = [test for test in listing.tests if test.saved_event and test.test_id not in taken]
    appeared = [test for test in candidates if test.created_at is None or first <= test.created_at <= last]
    fitting = [
        test
        for test in candidates
        if test.created_at is not None
        and first - JUMP <= test.created_at <= last + JUMP
        and test.type == source.type
        and test.test_name in (request.display_name, source.test_name)
    ]
    if not appeared and not fitting and now >= lost.started_at - SKEW:
        return Verdict.ABSENT if now >= settled_at else Verdict.TOO_EARLY
    if len(fitting) == 1 and fitting[0] in appeared and not lost.rivals:
        return fitting[0]
    return Verdict.UNCLEAR
