# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What became of a request whose answer is lost: adopted, surely nothing, or a question for a person."""

from __future__ import annotations

import typing as t

from .._core.clock import Clock
from .._core.created import adopted, seen
from .._core.errors import LedgerUnavailable, OutcomeUnknown, ThousandEyesError
from .._core.lost import SKEW, LostAttempt
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.visibility import CONTRADICTED
from .._core.windows import iso_of_epoch
from .._ledger.interface import Known, Ledger, Unknown
from .judge import Verdict, judge, passed_since, shows_one_of
from .policy import Policy, State
from .waiting import Waiting, looked_long_enough

if t.TYPE_CHECKING:
    from .._api.client import Api
    from .._core.test_list import Listing


class Recovery:
    """Finds and settles the lost requests of one task.

    ``open_api`` is called only where the list must be read.
    """

    def __init__(
        self, ledger: Ledger, open_api: t.Callable[[], Api], clock: Clock, policy: Policy, waiting: Waiting
    ) -> None:
        self._ledger = ledger
        self._open_api = open_api
        self._clock = clock
        self._policy = policy
        self._waiting = waiting
        # Seconds that this task has looked for lost requests, and how many had passed when it learned of each.
        self._looked = 0.0
        self._lost_since: dict[int, float] = {}

    def learn(self, lost: LostAttempt) -> float:
        """From the first time on, waiting counts for it. Returns after how many seconds of looking that was."""
        return self._lost_since.setdefault(lost.attempt, self._looked)

    def find(self, request: SnapshotRequest) -> State:
        """What the ledger knows."""
        state = self._ledger.find(request)
        if isinstance(state, Unknown):
            self.learn(state.lost)
        return state

    def settle(
        self, request: SnapshotRequest, lost: LostAttempt, own: bool = False
    ) -> SnapshotRecord | t.Literal[Verdict.UNCLEAR] | None:
        """The snapshot, where it is known to exist now that the ledger has what became of the lost request.

        What the lost request made is returned even if it has expired by now: nothing is sent in its place. Else as
        ``look_for``, and None where nothing was created.
        """
        found = self.look_for(request, lost, own)
        if found is Verdict.UNCLEAR:
            return found
        if isinstance(found, SnapshotRecord):
            self._ledger.settled(lost, found)
        elif found is Verdict.ABSENT:
            # That is only concluded when nothing is under way any more.
            self._ledger.settled(lost._replace(over=True), None)
        after = self.find(request)
        if isinstance(after, Unknown) and after.lost.attempt == lost.attempt:
            # Or it would be looked for again and again.
            raise LedgerUnavailable(
                "The ledger does not keep what became of a lost request, though it takes what is written. Look for "
                "something that changes it back, such as a trigger or a restored copy, and run the task again."
            )
        if isinstance(found, SnapshotRecord):
            return found
        return after.record if isinstance(after, Known) else None

    def look_for(
        self, request: SnapshotRequest, lost: LostAttempt, own: bool = False
    ) -> SnapshotRecord | t.Literal[Verdict.ABSENT, Verdict.UNCLEAR] | None:
        """What the lost request created. None: others have settled it, or sent another. Waits for the list, and others.

        ``own``: this task has sent it. UNCLEAR: it cannot be found out, and that is passed over.

        :raises OutcomeUnknown: it cannot be found out.
        """
        try:
            return self._look_for(request, lost, by_hand=self._policy.adopts_by_hand(own))
        except OutcomeUnknown:
            if not self._policy.passes_over(own):
                raise
            return Verdict.UNCLEAR

    def _look_for(
        self, request: SnapshotRequest, lost: LostAttempt, *, by_hand: bool
    ) -> SnapshotRecord | t.Literal[Verdict.ABSENT] | None:
        """``by_hand``: where the list does not show it, a person has seen it."""
        since = self.learn(lost)
        while True:
            waited = self._looked - since
            try:
                found, left = self._look(request, lost, waited)
            except OutcomeUnknown:
                if not by_hand:
                    raise
                found, left = Verdict.UNCLEAR, 0.0
            if by_hand and isinstance(found, Verdict):
                # A person has seen it, and so nothing is sent for it, whatever the list shows.
                found = seen(request, self._policy.link_id, lost.started_at)
            if isinstance(found, SnapshotRecord) or found is Verdict.ABSENT:
                return found
            if found is Verdict.UNCLEAR or looked_long_enough(waited):
                raise self.unknown(request, lost)
            self._looked += self._waiting.for_list(request, left)
            # Whoever sent it may live, and others may look, too.
            state = self.find(request)
            if not isinstance(state, Unknown) or state.lost.attempt != lost.attempt:
                return None

    def _look(
        self, request: SnapshotRequest, lost: LostAttempt, waited: float
    ) -> tuple[SnapshotRecord | Verdict, float]:
        """What the list shows of a lost request, and in how many seconds it may show more.

        A share link is in no list.
        """
        if request.is_public:
            # Where the clock was set back since, there is no telling how long to wait.
            under_way = lost.started_at - SKEW <= self._clock.now() < lost.ended_at
            return (Verdict.TOO_EARLY, lost.ended_at - self._clock.now()) if under_way else (Verdict.UNCLEAR, 0.0)
        api = self._open_api()
        try:
            listing = api.list_tests(request.aid)
        except ThousandEyesError as error:
            raise self.unknown(request, lost, f" The test list could not be read: {error.message}") from error
        now = self._clock.now()
        passed = passed_since(lost, listing.clock_offset, self._clock.boot(), now, waited)
        found = judge(
            request,
            lost,
            listing,
            self._ledger.others(request, lost),
            passed=passed,
            shows_private=self._shows_private(request, api.version, listing, now),
        )
        if isinstance(found, Verdict):
            return found, passed.left
        return adopted(request, found.test_id, t.cast(float, found.created_at), api.version), passed.left

    def _shows_private(self, request: SnapshotRequest, version: str, listing: Listing, now: float) -> bool:
        """Whether this list is known to show private snapshots: it shows one of this ledger, or did so lately.

        Not where the API has made something else of a private snapshot. Without an account group, the list may be that
        of another token, so what it showed before proves nothing.
        """
        private = self._ledger.private(request, version)
        if any(record.visibility == CONTRADICTED for record in private):
            return False
        look = self._ledger.last_look(request, version) if request.aid is not None else None
        return shows_one_of(private, listing, request.aid) or (look is not None and look.proves(now))

    def unknown(self, request: SnapshotRequest, lost: LostAttempt, more: str = "") -> OutcomeUnknown:
        """What a person needs to find out what became of a lost request, and the ways out. ``more``: why nobody can."""
        kind = "share link" if request.is_public else "private snapshot (saved event)"
        requested_at = iso_of_epoch(lost.started_at)
        ways = (
            "If it is there, do not run the task again: this ledger does not keep what is unknown, and each run "
            "creates it."
            if self._policy.forgets
            else "If it is there, run the task again with on_unknown=adopt, and link_id if it has one. If it is not, "
            "or if a second one does no harm, run it again with on_unknown=retry."
        )
        return OutcomeUnknown(
            f"It is not known whether the {kind} {request.display_name!r} of test {request.test_id} exists: it was "
            f"requested at {requested_at}, but {lost.detail.rstrip('.')}.{more} Look for that title in the web "
            f"application, under Manage > Sharing. {ways}",
            status=lost.status,
            details={"test_id": request.test_id, "display_name": request.display_name, "requested_at": requested_at},
        )
