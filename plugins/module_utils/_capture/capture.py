# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The use case: make sure that snapshots exist, with at most one POST for each. Ledger, quota, API, ledger."""

from __future__ import annotations

import contextlib
import typing as t

from .._core.clock import Clock
from .._core.errors import (
    LedgerUnavailable,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    ThousandEyesError,
    UnexpectedResponse,
    VisibilityContradicted,
)
from .._core.lost import LostAttempt
from .._core.snapshot import SnapshotRecord, SnapshotRequest, planned
from .._core.visibility import CONTRADICTED, contradiction, stopped_by
from .._core.windows import iso_of_epoch
from .._ledger.interface import Contradicted, Full, Granted, InFlight, Known, Ledger, Unknown
from .plan import check_plan, exhausted
from .policy import Policy, State
from .recovery import Recovery
from .sending import Sending
from .waiting import Waiting

if t.TYPE_CHECKING:
    from .._api.client import Api

# Answers lost one after the other, after which a task gives up: each may have to be looked for by hand.
_MOST_LOST = 2

Outcome = t.Union[SnapshotRecord, ThousandEyesError]


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


class Capture:
    """One task's captures. After them, ``changed`` tells whether one of its own requests created something.

    ``open_api`` is called only when a request must be sent; ``tell`` shows progress to people, ``warn`` what they must
    know afterwards.
    """

    def __init__(
        self,
        ledger: Ledger,
        open_api: t.Callable[[], Api],
        clock: Clock,
        policy: Policy,
        tell: t.Callable[[str], None],
        warn: t.Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._open_api = open_api
        self._clock = clock
        self._policy = policy
        self._tell = tell
        self._warn = warn
        self._waiting = Waiting(clock, policy.quota_wait, tell)
        self._recovery = Recovery(ledger, open_api, clock, policy, self._waiting)
        self._sending = Sending(ledger, clock, policy, self._waiting, self._recovery, tell, warn)
        self._found_own = False

    @property
    def changed(self) -> bool:
        return self._sending.made_any or self._found_own

    def run(
        self, asked: t.Sequence[SnapshotRequest | ThousandEyesError | None], check_mode: bool = False
    ) -> list[Outcome | None]:
        """For each request its record, or why there is none. None: not tried, since what failed before would again.

        What is no request stays as it is. After an error in ``asked`` that others would run into too, only what is
        known is returned.

        :raises QuotaExhausted: not all would fit into the quota and the time to wait. This task created nothing.
        :raises RateLimited: the API told to wait for longer than that. This task created nothing.
        """
        requests = {item.identity: item for item in asked if isinstance(item, SnapshotRequest)}
        done: dict[str, Outcome | None] = dict.fromkeys(requests)
        if self._policy.accept_visibility and not check_mode:
            for host in {request.api_host for request in requests.values()}:
                self._ledger.accept(host)
        states = self._settle_earlier(requests.values(), done, check_mode)
        if not any(isinstance(item, ThousandEyesError) and item.spreads for item in asked):
            self._check_plan(states, len(requests), done)
            self._create(requests, done, check_mode)
        return [done[item.identity] if isinstance(item, SnapshotRequest) else item for item in asked]

    def _settle_earlier(
        self, requests: t.Iterable[SnapshotRequest], done: dict[str, Outcome | None], check_mode: bool
    ) -> list[State]:
        """Puts what is known of earlier tasks into ``done``. Returns the states of the others, and of what is known.

        What an earlier attempt left unknown is settled before the plan, since it may have to be created. The states of
        all are found, before one is waited for.
        """
        found = [(request, self._recovery.find(request)) for request in requests]
        states = []
        for request, state in found:
            try:
                if self._policy.looks_for(state) and not check_mode:
                    record = self._recovered(request, state.lost)
                    state = Known(record) if record else self._recovery.find(request)
                if self._policy.suffices(state):
                    done[request.identity] = self._checked(state.record)
            except (OutcomeUnknown, VisibilityContradicted) as error:
                done[request.identity] = error
                continue
            states.append(state)
        return states

    def _recovered(self, request: SnapshotRequest, lost: LostAttempt) -> SnapshotRecord | None:
        """What became of an earlier task's lost request. None: nothing, or it is passed over.

        :raises OutcomeUnknown: it cannot be found out, and it shall not be created again.
        """
        try:
            return self._recovery.settle(request, lost, by_hand=self._policy.adopt_unknown)
        except OutcomeUnknown:
            if not self._policy.retry_unknown:
                raise
            return None

    def _check_plan(self, states: t.Sequence[State], total: int, done: t.Mapping[str, Outcome | None]) -> None:
        """:raises ThousandEyesError: the quota does not suffice. What else has failed is then a warning."""
        count = sum(self._policy.creates(state) for state in states)
        usage = self._ledger.usage(self._policy.quota) if count else None
        if usage is None:
            return
        policy, now = self._policy, self._clock.now()
        try:
            check_plan(usage, policy.quota, count, total, policy.quota_wait, now, self._tell)
        except (QuotaExhausted, RateLimited):
            for outcome in done.values():
                if isinstance(outcome, ThousandEyesError):
                    self._warn(outcome.message)
            raise

    def _create(
        self, requests: t.Mapping[str, SnapshotRequest], done: dict[str, Outcome | None], check_mode: bool
    ) -> None:
        """Deals with all that is not done, in order, up to a failure that others would run into too."""
        for identity in [identity for identity, outcome in done.items() if outcome is None]:
            request = requests[identity]
            if len(requests) > 1:
                tried = sum(outcome is not None for outcome in done.values())
                self._waiting.progress = f"{tried} of {len(requests)} dealt with, next is test {request.test_id}, "
            try:
                done[identity] = self.foresee(request) if check_mode else self.ensure(request)
            except ThousandEyesError as error:
                done[identity] = error
                if error.spreads or self._sending.lost_in_a_row >= _MOST_LOST:
                    break

    def _checked(self, record: SnapshotRecord) -> SnapshotRecord:
        """A record that is known, with a warning where its visibility is contradicted.

        :raises VisibilityContradicted: nobody has accepted that it may not be private.
        """
        if record.visibility == CONTRADICTED:
            if not record.is_public and not self._policy.accept_visibility:
                if self._ledger.contradicted(record.api_host):
                    raise VisibilityContradicted(stopped_by(record, not self._policy.forgets), made=record)
            self._warn(contradiction(record))
        return record

    def foresee(self, request: SnapshotRequest) -> SnapshotRecord:
        """What ``ensure`` would return, without a POST and without writing: existing, adopted or planned.

        :raises OutcomeUnknown: as ``ensure`` would.
        """
        state = self._recovery.find(request)
        while isinstance(state, InFlight):
            self._waiting.for_another(request)
            state = self._recovery.find(request)
        if self._policy.suffices(state):
            return self._checked(state.record)
        if self._policy.looks_for(state):
            try:
                found = self._recovery.look_for(request, state.lost, by_hand=self._policy.adopt_unknown)
            except OutcomeUnknown:
                if not self._policy.retry_unknown:
                    raise
            else:
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
                state, own = self._recovery.find(request), course.lost is not None
                record: SnapshotRecord | None = None
                if self._policy.suffices(state, own):
                    record = state.record
                elif isinstance(state, InFlight):
                    self._waiting.for_another(request)
                elif self._policy.looks_for(state, own) and not course.passes_over:
                    record = self._recover(request, state.lost, course)
                else:
                    course.older = state.lost if isinstance(state, Unknown) else None
                    made = self._try(request, course)
                    if made:
                        return made
                if record:
                    # What this task sent and lost was found, by whoever was the first to look.
                    self._found_own = self._found_own or own
                    return self._checked(record)

    def _recover(self, request: SnapshotRequest, lost: LostAttempt, course: _Course) -> SnapshotRecord | None:
        """What became of a lost request, of this task or another. None: nothing, or it is passed over from now on.

        :raises OutcomeUnknown: it cannot be found out, and it shall not be created again.
        """
        if course.lost:
            found = self._recovery.settle(request, lost, by_hand=False)
            if not found:
                course.found_absent(lost)
            return found
        try:
            return self._recovery.settle(request, lost, by_hand=self._policy.adopt_unknown)
        except OutcomeUnknown:
            if not self._policy.retry_unknown:
                raise
            course.passes_over = True
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
            self._waiting.for_quota(quota.organization, claim.until, too_long)
        if isinstance(claim, Granted):
            return self._send(api, request, claim, course)
        return None

    def _send(self, api: Api, request: SnapshotRequest, claim: Granted, course: _Course) -> SnapshotRecord | None:
        """What the one request created. None: it was not sent, or there is something to wait or to look for."""
        if not self._ledger.stands(claim.attempt):
            self._sending.not_sent(claim)
            return None
        try:
            return self._sending.send(api, request, claim, course.nothing_made)
        except RateLimited as error:
            if not self._sending.ledger_keeps:
                raise
            course.limit = error
        except OutcomeUnknown as error:
            course.lost, course.passes_over = error, False
            # There is a ledger that keeps nothing.
            if not self._sending.ledger_keeps or not isinstance(self._recovery.find(request), Unknown):
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
