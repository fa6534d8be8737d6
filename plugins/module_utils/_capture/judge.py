# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the test list shows of a lost request: saved events are in that list, share links are not."""

from __future__ import annotations

import enum
import math
import typing as t

from .._core.clock import Boot
from .._core.lost import DRIFT, LAG, LONGEST, SKEW, WRONG, LostAttempt, Others
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.test_list import ListedTest, Listing


class Verdict(enum.Enum):
    ABSENT = "nothing was created"
    TOO_EARLY = "nothing is to be seen yet"
    UNCLEAR = "the test list does not tell"


class Passed(t.NamedTuple):
    """Seconds since the end of a lost attempt: what is beyond doubt, and what the clock says.

    ``clock_stands``: it is known that nobody has set the clock since.
    """

    surely: float
    by_clock: float
    clock_stands: bool

    @property
    def left(self) -> float:
        """Seconds until the list surely shows all that the attempt can have created."""
        return LAG - self.surely


def passed_since(lost: LostAttempt, clock_offset: float | None, boot: Boot | None, now: float, waited: float) -> Passed:
    """``clock_offset``: seconds that the server's clock is ahead now. ``boot``: this machine's start, by our clock.

    Where our clock stands to one of them as it did when the attempt began, nobody has set it since, and it tells. The
    machine knows better than the server: what the server's clock was is from the latest answer before the attempt.
    Otherwise only the seconds are sure that somebody has ``waited`` since the attempt was found to be lost.
    """
    by_clock = now - max(lost.started_at, lost.ended_at)
    surely = waited if lost.over else waited - LONGEST
    gone_on = math.inf
    if lost.boot is not None and boot is not None and lost.boot.id == boot.id:
        gone_on = lost.boot.at - boot.at
    elif lost.clock_offset is not None and clock_offset is not None:
        gone_on = clock_offset - lost.clock_offset
    clock_stands = abs(gone_on) <= DRIFT
    if clock_stands:
        surely = max(surely, min(by_clock, by_clock + gone_on))
    return Passed(surely, max(surely, by_clock), clock_stands)


def judge(
    request: SnapshotRequest,
    lost: LostAttempt,
    listing: Listing,
    others: Others,
    *,
    passed: Passed,
    shows_private: bool,
) -> ListedTest | Verdict:
    """The one saved event that ``lost`` must have created, or what else is known.

    Whether a saved event bears the title or the name of its source test is not documented, so either will do.
    One that fits but for its time forbids to say that there is none, since a clock may have been set. ``others`` must
    have been looked up after the list, or what was created in between would be taken for the one.

    ``shows_private``: whether this list is known to show private snapshots, which the contract only infers (v7 §4).
    Without that, and after an answer that tells of success, it proves nothing that the list shows none.
    """
    sources = {test.test_id: test for test in listing.tests}
    source = sources.get(request.test_id)
    if request.is_public or source is None:
        return Verdict.UNCLEAR
    ahead = lost.clock_offset if lost.clock_offset is not None else listing.clock_offset or 0.0
    first = lost.started_at + ahead - SKEW
    last = max(lost.started_at, lost.ended_at) + LAG + ahead + SKEW
    candidates = [test for test in listing.tests if test.saved_event and test.test_id not in others.taken]
    appeared = [test for test in candidates if test.created_at is None or first <= test.created_at <= last]
    names = {request.display_name, source.test_name}
    wrong = WRONG if passed.clock_stands else math.inf
    fitting = [
        test
        for test in candidates
        if test.created_at is not None
        and first - wrong <= test.created_at <= last + wrong
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
    if not appeared and not fitting:
        return _nothing_there(passed, proves_absence=shows_private and listing.is_whole and not lost.succeeded)
    if len(fitting) == 1 and fitting[0] in appeared and not rivals:
        return fitting[0]
    return Verdict.TOO_EARLY if any(rival.living for rival in rivals) else Verdict.UNCLEAR


def _nothing_there(passed: Passed, *, proves_absence: bool) -> Verdict:
    if (passed.surely if proves_absence else passed.by_clock) < LAG:
        return Verdict.TOO_EARLY
    return Verdict.ABSENT if proves_absence else Verdict.UNCLEAR


def shows_one_of(private: t.Iterable[SnapshotRecord], listing: Listing, aid: str | None) -> bool:
    """Whether the list of the account group shows one of these snapshots, by its own test id."""
    shown = {test.test_id for test in listing.tests if test.saved_event}
    return any(record.aid == aid and record.snapshot_test_id in shown for record in private)
