# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the test list tells of an attempt whose answer was lost: saved events are in that list, share links are not."""

from __future__ import annotations

import enum
import math
import typing as t

from .clock import Boot
from .connection import LONGEST_POST
from .test_list import Listing, ListedTest
from .snapshot import SnapshotRequest

# Seconds by which the clocks may still differ, after what the server's Date header told.
SKEW = 60.0
# Seconds after the end of an attempt for the server to finish it, and for the list to show the saved event.
LAG = 60.0
# Seconds after its start by which an attempt has ended whose end nobody saw: the request, and what comes before it.
LONGEST = LONGEST_POST + 100.0
# Seconds by which the clock of an attempt may have been wrong, though nothing tells that it was set since.
WRONG = 86400.0
# Seconds by which two clocks may have drifted apart without one of them having been set.
DRIFT = 60.0
# Seconds for which it is remembered that the list shows private snapshots, and after which it is looked at again where
# it did not, or could not be read.
_REMEMBERED = 30 * 86400.0
_NOT_YET_LISTED = 60.0
_NOT_READ = 86400.0


class LostAttempt(t.NamedTuple):
    """An attempt without an answer that settles it, in epoch seconds.

    Where nobody saw its end, ``ended_at`` is the latest possible by the clock. ``over``: nothing of it is under way,
    whatever the clock says. ``status`` is that of an answer that could not be understood. ``clock_offset``: seconds
    that the server's clock was ahead when the attempt began; None where that is not known. ``boot``: the start of the
    machine that sent it, by the same clock.
    """

    attempt: int
    started_at: float
    ended_at: float
    detail: str
    status: int | None = None
    clock_offset: float | None = None
    boot: Boot | None = None
    over: bool = True

    @property
    def succeeded(self) -> bool:
        """Whether the answer's status says that the snapshot was created, whatever else it says."""
        return self.status is not None and 200 <= self.status < 300


class Look(t.NamedTuple):
    """When the list was last looked at for private snapshots that the ledger created, by their own test ids.

    ``shown``: whether one was there; None where the list could not be read.
    """

    at: float
    shown: bool | None

    def due(self, now: float) -> bool:
        """Whether to look again."""
        pause = {True: _REMEMBERED, False: _NOT_YET_LISTED, None: _NOT_READ}[self.shown]
        return not -DRIFT < now - self.at < pause

    def proves(self, now: float) -> bool:
        """Whether it is known that the list shows private snapshots."""
        return self.shown is True and abs(now - self.at) < _REMEMBERED


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


def looked_long_enough(waited: float) -> bool:
    """Whether to give up after so many seconds, whoever may still live and know better."""
    return waited > LONGEST + LAG


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
        proves_absence = shows_private and listing.is_whole and not lost.succeeded
        if (passed.surely if proves_absence else passed.by_clock) < LAG:
            return Verdict.TOO_EARLY
        return Verdict.ABSENT if proves_absence else Verdict.UNCLEAR
    if len(fitting) == 1 and fitting[0] in appeared and not rivals:
        return fitting[0]
    return Verdict.TOO_EARLY if any(rival.living for rival in rivals) else Verdict.UNCLEAR
