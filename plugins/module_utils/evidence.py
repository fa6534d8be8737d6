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
# Seconds after its start by which an attempt has ended whose end nobody saw.
LONGEST = 600.0
# Seconds by which somebody may have set the clock since the attempt.
JUMP = 86400.0


class LostAttempt(t.NamedTuple):
    """An attempt without an answer, in epoch seconds. Where nobody saw its end, ``ended_at`` is the latest possible."""

    attempt: int
    started_at: float
    ended_at: float
    detail: str


class Rival(t.NamedTuple):
    """Another attempt of that time, of which is not known which saved event it made. ``living``: it soon will be."""

    test_id: str
    display_name: str
    living: bool


class Others(t.NamedTuple):
    """What else may be in the list. ``taken``: the test ids of the snapshots that other attempts have created."""

    taken: t.Collection[str] = ()
    rivals: t.Sequence[Rival] = ()


class Verdict(enum.Enum):
    ABSENT = "nothing was created"
    TOO_EARLY = "nothing is to be seen yet"
    UNCLEAR = "the test list does not tell"


def settles_at(lost: LostAttempt) -> float:
    """From when on (epoch seconds) the list shows all that the attempt can have created."""
    return lost.ended_at + LAG


def judge(
    request: SnapshotRequest, lost: LostAttempt, listing: Listing, others: Others, now: float
) -> ListedTest | Verdict:
    """The one saved event that ``lost`` must have created, or what else is known.

    Whether a saved event bears the title or the name of its source test is not documented, so either will do.
    One that fits but for its time forbids to say that there is none, since a clock may have been set. ``others`` must
    have been looked up after the list, or what was created in between would be taken for the one.
    """
    sources = {test.test_id: test for test in listing.tests}
    source = sources.get(request.test_id)
    if request.is_public or source is None:
        return Verdict.UNCLEAR
    clock_offset = listing.clock_offset or 0.0
    first = lost.started_at + clock_offset - SKEW
    settled_at = settles_at(lost)
    last = settled_at + clock_offset + SKEW
    candidates = [test for test in listing.tests if test.saved_event and test.test_id not in others.taken]
    appeared = [test for test in candidates if test.created_at is None or first <= test.created_at <= last]
    names = {request.display_name, source.test_name}
    fitting = [
        test
        for test in candidates
        if test.created_at is not None
        and first - JUMP <= test.created_at <= last + JUMP
        and test.type == source.type
        and test.test_name in names
    ]
    rivals = [
        rival
        for rival in others.rivals
        if rival.test_id in sources
        and sources[rival.test_id].type == source.type
        and names & {rival.display_name, sources[rival.test_id].test_name}
    ]
    if not appeared and not fitting and now >= lost.started_at - SKEW:
        return Verdict.ABSENT if now >= settled_at else Verdict.TOO_EARLY
    if len(fitting) == 1 and fitting[0] in appeared and not rivals:
        return fitting[0]
    return Verdict.TOO_EARLY if any(rival.living for rival in rivals) else Verdict.UNCLEAR
