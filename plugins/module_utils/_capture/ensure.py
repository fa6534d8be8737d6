# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""One snapshot that is not known yet: found, waited for, created, or foreseen. Loaded only where there is one."""

from __future__ import annotations

import contextlib
import typing as t

from .._core.clock import Clock
from .._core.errors import (
    LedgerUnavailable,
    OutcomeUnknown,
    RateLimited,
    UnexpectedResponse,
    VisibilityContradicted,
)
from .._core.lost import LostAttempt
from .._core.snapshot import SnapshotRecord, SnapshotRequest, planned
from .._core.visibility import stopped_by
from .._core.windows import iso_of_epoch
from .._ledger.interface import Contradicted, Full, Granted, InFlight, Known, Ledger, Unknown
from .judge import Verdict
from .plan import exhausted
from .policy import Policy
from .recovery import Recovery
from .sending import Sending
from .waiting import Waiting

if t.TYPE_CHECKING:
    from .._api.client import Api


class _Course:
    """What has happened to one snapshot so far.

    ``lost``: this task's own request, whose answer is. ``older``: what an earlier task lost, and the user chose to pass
    over. ``limit``: the 429 that was waited for.
    """

    def __init__(self) -> None:
        self.lost: OutcomeUnknown | None = None
        self.older: LostAttempt | None = None
        self.limit: RateLimited | None = None
        self.second_try = False
        self.passes_over = False

    @property
    def nothing_made(self) -> str:
        """What to say where this task's request surely created nothing."""
        return _nothing_made(self.older)

    def found_absent(self, lost: LostAttempt) -> None:
        """This task's request has created nothing, so one more is sent.

        :raises UnexpectedResponse: it was the second.
        """
        if self.second_try:
            text = f"{lost.detail} It was the second that was lost. {self.nothing_made}"
            raise UnexpectedResponse(text, certain=True)
        self.lost, self.second_try = None, True

    @contextlib.contextmanager
    def explained(self) -> t.Iterator[None]:
        """A ledger that fails is not all that matters where something was sent."""
        try:
            yield
        except LedgerUnavailable as error:
            if self.lost is not None:
                text = f"{self.lost.message} {error.message}"
                raise OutcomeUnknown(text, status=self.lost.status, details=self.lost.details) from error
            if not (self.second_try or self.limit):
                error.add("Nothing was sent for this snapshot.")
            raise


class Ensuring:
    """What the captures of one task have in common: its patience, and what it has sent and lost so far.

    ``checked`` is what becomes of a record that is known. ``found_own``: what this task sent and lost was found.
    """

    def __init__(
        self,
        ledger: Ledger,
        open_api: t.Callable[[], Api],
        clock: Clock,
        policy: Policy,
        checked: t.Callable[[SnapshotRecord], SnapshotRecord],
        tell: t.Callable[[str], None],
        warn: t.Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._open_api = open_api
        self._policy = policy
        self._checked = checked
        self.waiting = Waiting(clock, policy.quota_wait, tell)
        self.recovery = Recovery(ledger, open_api, clock, policy, self.waiting)
        self.sending = Sending(ledger, clock, policy, self.waiting, self.recovery, tell, warn)
        self.found_own = False

    def foresee(self, request: SnapshotRequest) -> SnapshotRecord:
        """What ``ensure`` would return, without a POST and without writing: existing, adopted or planned.

        :raises OutcomeUnknown: as ``ensure`` would.
        """
        state = self.recovery.find(request)
        while isinstance(state, InFlight):
            self.waiting.for_another(request)
            state = self.recovery.find(request)
        if self._policy.suffices(state):
            return self._checked(state.record)
        if self._policy.looks_for(state):
            found = self.recovery.look_for(request, state.lost)
            if found is None:
                return self.foresee(request)
            if isinstance(found, SnapshotRecord):
                return self._checked(found)
        contradicted = None if request.is_public else self._ledger.contradicted(request.api_host)
        if contradicted and not self._policy.accept_visibility:
            raise self._stopped(contradicted, _nothing_made(state.lost if isinstance(state, Unknown) else None))
        return planned(request)

    def ensure(self, request: SnapshotRequest) -> SnapshotRecord:
        """The record of the one snapshot that ``request`` means: existing, or created now.

        :raises ThousandEyesError: it does not exist, or nobody knows.
        """
        course = _Course()
        with course.explained():
            while True:
                state, own = self.recovery.find(request), course.lost is not None
                record: SnapshotRecord | None = None
                if self._policy.suffices(state, own):
                    record = state.record
                elif isinstance(state, InFlight):
                    self.waiting.for_another(request)
                elif self._policy.looks_for(state, own) and not course.passes_over:
                    record = self._recover(request, state.lost, course)
                else:
                    course.older = state.lost if isinstance(state, Unknown) else None
                    made = self._try(request, course)
                    if made:
                        return made
                if record:
                    # What this task sent and lost was found, by whoever was the first to look.
                    self.found_own = self.found_own or own
                    return self._checked(record)

    def _recover(self, request: SnapshotRequest, lost: LostAttempt, course: _Course) -> SnapshotRecord | None:
        """What became of a lost request, of this task or another. None: nothing, or it is passed over from now on.

        :raises OutcomeUnknown: it cannot be found out, and it shall not be created again.
        """
        own = course.lost is not None
        found = self.recovery.settle(request, lost, own)
        if isinstance(found, SnapshotRecord):
            return found
        if own:
            course.found_absent(lost)
        course.passes_over = found is Verdict.UNCLEAR
        return None

    def _try(self, request: SnapshotRequest, course: _Course) -> SnapshotRecord | None:
        """Creates the snapshot, if the way is free. None: the state may be another one now."""
        # Before the intent is written, since a missing library must not leave an intent behind.
        api = self._open_api()
        quota = self._policy.quota
        claim = self._ledger.claim(request, quota, self._policy.passable)
        if isinstance(claim, Known):
            return self._checked(claim.record)
        if isinstance(claim, Contradicted):
            raise self._stopped(claim.record, course.nothing_made)
        if isinstance(claim, Full):
            # What was told and has passed is no reason any more.
            limit = course.limit if course.limit and (course.limit.not_before or 0.0) >= claim.until else None
            too_long = limit or exhausted(claim, quota, self._policy.quota_wait, course.nothing_made)
            self.waiting.for_quota(quota.organization, claim.until, too_long, told=claim.told)
        if isinstance(claim, Granted):
            return self._send(api, request, claim, course)
        return None

    def _send(self, api: Api, request: SnapshotRequest, claim: Granted, course: _Course) -> SnapshotRecord | None:
        """What the one request created. None: it was not sent, or there is something to wait or to look for."""
        if not self._ledger.stands(claim.attempt):
            self.sending.not_sent(claim)
            return None
        try:
            return self.sending.send(api, request, claim, course.nothing_made)
        except RateLimited as error:
            if not self.sending.ledger_keeps:
                raise
            course.limit = error
        except OutcomeUnknown as error:
            course.lost, course.passes_over = error, False
            # There is a ledger that keeps nothing.
            if not self.sending.ledger_keeps or not isinstance(self.recovery.find(request), Unknown):
                raise
        return None

    def _stopped(self, record: SnapshotRecord, nothing_made: str) -> VisibilityContradicted:
        return VisibilityContradicted(f"{nothing_made} {stopped_by(record, not self._policy.forgets)}")


def _nothing_made(older: LostAttempt | None) -> str:
    """What to say where a request surely created nothing. ``older``: an earlier one may have."""
    if older is None:
        # Others of the task may have been created.
        return "This snapshot was not created."
    return f"Nothing was created now, but what was requested at {iso_of_epoch(older.started_at)} may exist."
