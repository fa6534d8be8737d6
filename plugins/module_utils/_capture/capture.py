# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case: make sure that snapshots exist, with at most one POST for each. Ledger, quota, API, ledger."""

from __future__ import annotations

import typing as t

from .._core.clock import Clock
from .._core.errors import (
    Forbidden,
    InvalidRequest,
    LedgerUnavailable,
    NotFound,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    ThousandEyesError,
    UnexpectedResponse,
    VisibilityContradicted,
)
from .._core.lost import SKEW, LostAttempt, Verdict, judge, looked_long_enough, passed_since
from .._ledger.interface import Contradicted, Full, Granted, InFlight, Known, Ledger, Unknown
from .._core.links import domains_of
from .._core.quota import Quota, Usage
from .._core.snapshot import (
    CreatedSnapshot,
    SnapshotRecord,
    SnapshotRequest,
    adopted,
    created,
    differences,
    planned,
    seen,
)
from .._core.visibility import CONFIRMED, CONTRADICTED, INFERRED, UNKNOWN, contradiction, stopped_by, visibility_of
from .._core.windows import iso_from, iso_of_epoch

if t.TYPE_CHECKING:
    from .._api.client import Api
    from .._core.test_list import ListedTest, Listing

# Seconds between looks at what others do: for an answer that is due, and for room in the quota or a saved event. Each
# look for a saved event is a request.
_POLL = 0.1
_SHORT_POLL = 1.0
_LONG_POLL = 5.0
_NEWS_EVERY = 60.0
# Answers lost one after the other, after which a task gives up: each may have to be looked for by hand.
_MOST_LOST = 2
# What an answer or a list says of the visibility.
_TOLD = {CONFIRMED, CONTRADICTED}
# In a message about one snapshot, since others of the task may have been created.
_NOT_CREATED = "This snapshot was not created."

Outcome = t.Union[SnapshotRecord, ThousandEyesError]


class Policy(t.NamedTuple):
    """What the user chose. ``quota_wait``: seconds that the task may wait for the quota in all.

    What was lost is created again with ``retry_unknown``; with ``adopt_unknown``, a person has seen that it exists,
    maybe with its ``link_id``. ``accept_visibility``: a person has looked at what is contradicted. ``forgets``: what is
    unknown is so only until the task ends.
    """

    quota: Quota
    quota_wait: int
    force: bool
    retry_unknown: bool
    adopt_unknown: bool = False
    link_id: str | None = None
    accept_visibility: bool = False
    forgets: bool = False


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
        self._waited = 0.0
        # Seconds that this task has looked for lost attempts, and how many of them had passed when it learned of each.
        self._looked = 0.0
        self._lost_since: dict[int, float] = {}
        self._list_is_due = True
        # Seconds that this task has waited for other processes, for each identity.
        self._waited_for: dict[str, float] = {}
        self._news: tuple[str, float] = ("", 0.0)
        self._progress = ""
        self._kept = True
        self._lost_in_a_row = 0
        self.changed = False

    def run(
        self, asked: t.Sequence[SnapshotRequest | ThousandEyesError], check_mode: bool = False
    ) -> list[Outcome | None]:
        """For each request its record, or why there is none. None: not tried, since what failed before would again.

        What is an error already stays one.

        :raises QuotaExhausted: not all would fit into the quota and the time to wait. Nothing was created.
        :raises RateLimited: the API told to wait for longer than that. Nothing was created.
        """
        requests = {item.identity: item for item in asked if isinstance(item, SnapshotRequest)}
        done: dict[str, Outcome | None] = dict.fromkeys(requests)
        if self._policy.accept_visibility and not check_mode:
            for host in {request.api_host for request in requests.values()}:
                self._ledger.accept(host)
        # The states of all are found, before one is waited for.
        found = [(request, self._find(request)) for request in requests.values()]
        states = []
        for request, state in found:
            try:
                if isinstance(state, Unknown) and not check_mode:
                    state = self._settle_first(request, state)
                if isinstance(state, Known) and not self._policy.force:
                    done[request.identity] = self._checked(state.record)
            except (OutcomeUnknown, VisibilityContradicted) as error:
                done[request.identity] = error
                continue
            states.append(state)
        try:
            self._check_plan(states, len(requests))
        except (QuotaExhausted, RateLimited):
            # These matter, too, and the error is about the others.
            for outcome in done.values():
                if isinstance(outcome, ThousandEyesError):
                    self._warn(outcome.message)
            raise
        for identity in [identity for identity, outcome in done.items() if outcome is None]:
            request = requests[identity]
            if len(requests) > 1:
                tried = sum(outcome is not None for outcome in done.values())
                self._progress = f"{tried} of {len(requests)} dealt with, next is test {request.test_id}, "
            try:
                done[identity] = self.foresee(request) if check_mode else self.ensure(request)
            except (NotFound, Forbidden, InvalidRequest, OutcomeUnknown, UnexpectedResponse) as error:
                done[identity] = error
                if self._lost_in_a_row >= _MOST_LOST:
                    break
            except ThousandEyesError as error:
                done[identity] = error
                break
        return [done[item.identity] if isinstance(item, SnapshotRequest) else item for item in asked]

    def _find(self, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        state = self._ledger.find(request)
        if isinstance(state, Unknown):
            self._lost_since.setdefault(state.lost.attempt, self._looked)
        return state

    def _settle_first(self, request: SnapshotRequest, state: Unknown) -> Known | InFlight | Unknown | None:
        """What an earlier attempt left unknown is settled before the plan, since it may have to be created.

        :raises OutcomeUnknown: there is no telling, and it shall not be created again.
        """
        if self._policy.force:
            return state
        try:
            found = self._settle_lost(request, state.lost, by_hand=self._policy.adopt_unknown)
        except OutcomeUnknown:
            if not self._policy.retry_unknown:
                raise
            found = None
        return Known(found) if found else self._find(request)

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
        state = self._find(request)
        while isinstance(state, InFlight):
            self._wait_for_another(request)
            state = self._find(request)
        if isinstance(state, Known) and not self._policy.force:
            return self._checked(state.record)
        if isinstance(state, Unknown) and not self._policy.force:
            try:
                found = self._await_verdict(request, state.lost, by_hand=self._policy.adopt_unknown)
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
        told: RateLimited | None = None
        lost: OutcomeUnknown | None = None
        # What an earlier task lost, and the user chose to pass over.
        older: LostAttempt | None = None
        second_try = passed_over = False
        try:
            while True:
                state = self._find(request)
                if isinstance(state, Known) and not (self._policy.force and lost is None):
                    # What this task sent and lost was found, by whoever was the first to look.
                    self.changed = self.changed or lost is not None
                    return self._checked(state.record)
                if isinstance(state, InFlight):
                    self._wait_for_another(request)
                    continue
                if isinstance(state, Unknown) and (lost or not self._policy.force) and not passed_over:
                    try:
                        found = self._settle_lost(request, state.lost, by_hand=self._policy.adopt_unknown and not lost)
                    except OutcomeUnknown:
                        if lost or not self._policy.retry_unknown:
                            raise
                        passed_over = True
                        continue
                    if found:
                        self.changed = self.changed or lost is not None
                        return self._checked(found)
                    if lost:
                        if second_try:
                            raise UnexpectedResponse(
                                f"{state.lost.detail} It was the second that was lost. {_nothing_made(older)}",
                                certain=True,
                            )
                        lost, second_try = None, True
                    continue
                older = state.lost if isinstance(state, Unknown) else None
                # Before the intent is written, since a missing library must not leave an intent behind.
                api = self._open_api()
                claim = self._ledger.claim(
                    request, self._policy.quota, force=self._policy.force, retry_unknown=self._policy.retry_unknown
                )
                if isinstance(claim, Known):
                    return self._checked(claim.record)
                if isinstance(claim, Contradicted):
                    raise self._stopped(claim.record, _nothing_made(older))
                if isinstance(claim, Full):
                    # What was told and has passed is no reason any more.
                    still_told = told if told and (told.not_before or 0.0) >= claim.until else None
                    self._wait(claim.until, still_told or self._exhausted(claim, _nothing_made(older)))
                elif isinstance(claim, Granted):
                    if not self._ledger.stands(claim.attempt):
                        self._settle(self._ledger.refused, claim.attempt, "it was not sent in time")
                        continue
                    try:
                        return self._send(api, request, claim, _nothing_made(older))
                    except RateLimited as error:
                        if not self._kept:
                            raise
                        told = error
                    except OutcomeUnknown as error:
                        passed_over = False
                        lost = error
                        # There is a ledger that keeps nothing.
                        if not self._kept or not isinstance(self._find(request), Unknown):
                            raise
        except LedgerUnavailable as error:
            if lost is None:
                error.message += "" if second_try or told else " Nothing was sent for this snapshot."
                raise
            # The request was sent, and that matters more.
            text = f"{lost.message} {error.message}"
            raise OutcomeUnknown(text, status=lost.status, details=lost.details) from error

    def _send(self, api: Api, request: SnapshotRequest, claim: Granted, not_created: str) -> SnapshotRecord:
        """``not_created``: what to say where this request has surely created nothing.

        :raises VisibilityContradicted: it was created, and the API says that it is not private.
        """
        sent_at = self._clock.now()
        try:
            answer = api.create_snapshot(request)
            now = self._clock.now()
            server_now = now + (api.clock_offset or 0.0)
            record = created(request, answer, server_now, now)
            odd = differences(request, answer, server_now, now)
        except ThousandEyesError as error:
            if not error.certain:
                self._lost_in_a_row += 1
                lost = LostAttempt(claim.attempt, sent_at, self._clock.now(), error.message, error.status)
                self._settle(
                    self._ledger.lost,
                    claim.attempt,
                    error.message,
                    status=error.status,
                    clock_offset=api.clock_offset,
                )
                raise self._unknown(request, lost) from error
            error.message += f" {not_created}"
            if isinstance(error, RateLimited):
                # Others use the same quota unseen, so the server is believed over the ledger.
                told = error.not_before or self._clock.now() + self._policy.quota.window
                error.not_before = max(told, self._clock.now() + _SHORT_POLL)
                error.retry_at = iso_from(error.not_before)
                error.message += f" Try again from {error.retry_at} on."
                self._keep_limit(claim, error, error.not_before, api.clock_offset)
            else:
                self._settle(self._ledger.refused, claim.attempt, error.code, clock_offset=api.clock_offset)
            raise
        except BaseException as error:
            # A task's time-out or an interrupt: the process may live on, so nobody else would settle this.
            why = f"the task was stopped ({type(error).__name__}) before the answer was read"
            self._settle(self._ledger.lost, claim.attempt, why, status=api.status)
            # It takes the result along.
            if self._policy.forgets:
                next_run = "look for it before you run this again, which creates it"
            elif request.is_public:
                next_run = "the next run asks what to do"
            else:
                next_run = "the next run looks for it"
            self._tell(
                f"{why}: the snapshot {request.display_name!r} of test {request.test_id} may have been created; "
                f"{next_run}"
            )
            raise
        self.changed = True
        self._lost_in_a_row = 0
        kept = True
        try:
            self._ledger.created(claim.attempt, record, api.clock_offset)
        except LedgerUnavailable as error:
            kept = False
            self._warn(
                f"The snapshot was created ({record.place}), but that could not be kept. {error.message} "
                "The next run will find an attempt whose outcome is unknown."
            )
        except BaseException:
            # A task's time-out or an interrupt, which takes the result along.
            self._tell(f"the snapshot was created ({record.place}), but that could not be kept")
            raise
        self._warn_of_answer(answer, record, odd)
        if kept and not record.is_public:
            try:
                record, kept = self._with_visibility(api, request, claim, record)
            except BaseException:
                if self._policy.forgets:
                    self._tell(f"the snapshot was created ({record.place}), but this ledger forgets it with this task")
                raise
        if record.visibility == CONTRADICTED:
            settled = self._policy.accept_visibility or (kept and self._accepted(record.api_host))
            if not (record.is_public or settled):
                raise VisibilityContradicted(stopped_by(record, kept and not self._policy.forgets), made=record)
            self._warn(contradiction(record))
        return record

    def _warn_of_answer(self, answer: CreatedSnapshot, record: SnapshotRecord, odd: t.Sequence[str]) -> None:
        """Warns of all that is odd in the answer to a creation, but for the visibility."""
        if answer.not_shown:
            self._warn(_foreign(record, answer.not_shown))
        if record.view_url is None:
            self._warn(
                f"No link to the snapshot is known, since the API did not tell the id of its own test: {record.place}. "
                "Look for its title in the web application, under Manage > Sharing."
            )
        if odd:
            self._warn(
                f"The snapshot was created ({record.place}), but the answer is not as expected: {'; '.join(odd)}."
            )

    def _accepted(self, api_host: str) -> bool:
        """Whether a person has settled what is contradicted there. Where the ledger cannot tell, nobody has."""
        try:
            return self._ledger.contradicted(api_host) is None
        except LedgerUnavailable:
            return False

    def _with_visibility(
        self, api: Api, request: SnapshotRequest, claim: Granted, record: SnapshotRecord
    ) -> tuple[SnapshotRecord, bool]:
        """A private record with what is known of who can view it, and whether the ledger has kept that.

        The list tells, where it is read, beside the answer. What contradicts wins. Else other snapshots tell.
        """
        kept = True
        try:
            listing = self._list_once(api, request, record)
            tests = listing.tests if listing else ()
            told = [test.told_saved_event for test in tests if test.test_id == record.snapshot_test_id]
            found = {record.visibility, *(visibility_of(record.is_public, saved_event) for saved_event in told)}
            visibility = next((each for each in (CONTRADICTED, CONFIRMED) if each in found), UNKNOWN)
            private = self._ledger.private(request, api.version) if listing or visibility == UNKNOWN else []
            if visibility == UNKNOWN and {CONFIRMED} == {other.visibility for other in private} & _TOLD:
                visibility = INFERRED
            if visibility != record.visibility:
                record, kept = record._replace(visibility=visibility), False
                self._ledger.created(claim.attempt, record)
                kept = True
            if visibility == CONTRADICTED and self._policy.accept_visibility:
                self._ledger.accept(record.api_host)
            if listing:
                shown = {test.test_id for test in tests if test.saved_event}
                self._ledger.looked(request, api.version, bool(shown & _own_tests(private, request)))
        except LedgerUnavailable as error:
            what = "what the list of tests shows" if kept else "what is known of its visibility"
            self._warn(f"The snapshot was created and kept, but not {what}. {error.message}")
        return record, kept

    def _list_once(self, api: Api, request: SnapshotRequest, record: SnapshotRecord) -> Listing | None:
        """The list of tests, where it is not known whether it shows private snapshots by their own test ids.

        What it shows is what absence from it can be judged by.
        """
        if not self._list_is_due or record.snapshot_test_id is None:
            return None
        look = self._ledger.last_look(request, api.version)
        if look and not look.due(self._clock.now()):
            return None
        self._list_is_due = False
        try:
            return api.list_tests(request.aid, once=True)
        except ThousandEyesError as error:
            self._ledger.looked(request, api.version, None)
            advice = (
                "A task will try again after a day."
                if error.passing
                else "Make that list readable for this token: without it, an answer that is lost stays unknown."
            )
            self._warn(
                "The snapshot was created, but the list of tests, in which it should be, could not be read: "
                f"{error.message} {advice}"
            )
            return None

    def _stopped(self, record: SnapshotRecord, nothing_made: str) -> VisibilityContradicted:
        return VisibilityContradicted(f"{nothing_made} {stopped_by(record, not self._policy.forgets)}")

    def _keep_limit(self, claim: Granted, error: RateLimited, not_before: float, clock_offset: float | None) -> None:
        """What a 429 told. Where the ledger cannot take it, it may do so by the time that must be waited for anyway."""
        while True:
            try:
                return self._ledger.refused(claim.attempt, error.code, not_before, clock_offset)
            except LedgerUnavailable:
                left = not_before - self._clock.now()
                if left <= 0 or self._waited + left > self._policy.quota_wait:
                    return self._settle(self._ledger.refused, claim.attempt, error.code, not_before, clock_offset)
                self._wait(not_before, error)

    def _settle(self, settle: t.Callable[..., None], *what: t.Any, **more: t.Any) -> None:
        """For use while an error is on its way, which matters more than that the ledger cannot take its outcome."""
        try:
            settle(*what, **more)
        except LedgerUnavailable as error:
            self._kept = False
            self._warn(f"{error.message} The next run will find an attempt whose outcome is unknown.")

    def _settle_lost(self, request: SnapshotRequest, lost: LostAttempt, *, by_hand: bool) -> SnapshotRecord | None:
        """The snapshot, where it is known to exist now that the ledger has what became of the lost attempt.

        What the lost attempt made is returned even if it has expired by now: nothing is sent in its place.

        :raises OutcomeUnknown: there is no telling.
        """
        found = self._await_verdict(request, lost, by_hand=by_hand)
        if isinstance(found, SnapshotRecord):
            self._ledger.settled(lost, found)
        elif found is Verdict.ABSENT:
            # That is only concluded when nothing is under way any more.
            self._ledger.settled(lost._replace(over=True), None)
        after = self._find(request)
        if isinstance(after, Unknown) and after.lost.attempt == lost.attempt:
            # Or it would be looked for again and again.
            raise LedgerUnavailable(
                "The ledger does not keep what became of a lost request, though it takes what is written. Look for "
                "something that changes it back, such as a trigger or a restored copy, and run the task again."
            )
        if isinstance(found, SnapshotRecord):
            return found
        return after.record if isinstance(after, Known) else None

    def _await_verdict(
        self, request: SnapshotRequest, lost: LostAttempt, *, by_hand: bool
    ) -> SnapshotRecord | t.Literal[Verdict.ABSENT] | None:
        """What the lost attempt created. None: others have settled it, or sent another. Waits for the list, and others.

        ``by_hand``: where the list does not tell, a person did.

        :raises OutcomeUnknown: there is no telling.
        """
        since = self._lost_since.setdefault(lost.attempt, self._looked)
        while True:
            waited = self._looked - since
            try:
                found, left = self._look_for(request, lost, waited)
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
                raise self._unknown(request, lost)
            what = f"looking for what became of the request for test {request.test_id}"
            self._say(what, self._clock.now() + left if left > 0 else None)
            pause = max(_SHORT_POLL, min(left, _LONG_POLL))
            self._clock.sleep(pause)
            self._looked += pause
            # Whoever sent it may live, and others may look, too.
            state = self._find(request)
            if not isinstance(state, Unknown) or state.lost.attempt != lost.attempt:
                return None

    def _look_for(
        self, request: SnapshotRequest, lost: LostAttempt, waited: float
    ) -> tuple[SnapshotRecord | Verdict, float]:
        """What the test list tells of a lost attempt, and in how many seconds it may tell more.

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
            more = f" The test list could not be read: {error.message}"
            raise self._unknown(request, lost, more=more) from error
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
        record = found if isinstance(found, Verdict) else _adopted(request, found, api.version)
        return record, passed.left

    def _shows_private(self, request: SnapshotRequest, version: str, listing: Listing, now: float) -> bool:
        """Whether this list is known to show private snapshots: it shows one of this ledger, or did so lately.

        Not where the API has made something else of a private snapshot. Without an account group, the list may be that
        of another token, so what it showed before proves nothing.
        """
        private = self._ledger.private(request, version)
        if any(record.visibility == CONTRADICTED for record in private):
            return False
        shown = {test.test_id for test in listing.tests if test.saved_event}
        look = self._ledger.last_look(request, version) if request.aid is not None else None
        return bool(shown & _own_tests(private, request)) or (look is not None and look.proves(now))

    def _unknown(self, request: SnapshotRequest, lost: LostAttempt, *, more: str = "") -> OutcomeUnknown:
        """What a person needs to find out, and the ways out."""
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

    def _check_plan(self, states: t.Sequence[Known | InFlight | Unknown | None], total: int) -> None:
        """Tells what is to come of ``total`` snapshots. :raises QuotaExhausted: it does not fit."""
        quota, now = self._policy.quota, self._clock.now()
        count = sum(
            state is None
            or (isinstance(state, Known) and self._policy.force)
            or (isinstance(state, Unknown) and (self._policy.force or self._policy.retry_unknown))
            for state in states
        )
        usage = self._ledger.usage(quota) if count else None
        if usage is None:
            return
        if usage.not_before - now > self._policy.quota_wait:
            raise self._exhausted(Full(usage.not_before, told=True), "This task created nothing.")
        plan = quota.plan(usage, count, now)
        done_at = iso_from(plan[-1])
        if plan[-1] - now > self._policy.quota_wait:
            fits_from = quota.fits_from(usage, count, now, self._policy.quota_wait)
            least = quota.plan(Usage(), count, now)[-1] - now
            advice = (
                f"Try again from {iso_from(fits_from)} on."
                if fits_from is not None
                else f"It needs a quota_wait of {least:.0f} seconds."
            )
            raise QuotaExhausted(
                f"{count} of {total} snapshots must be created. The quota of {quota.organization}, {quota.limit} "
                f"creations in {quota.window} seconds, lets the last one through at {done_at}, and quota_wait is "
                f"{self._policy.quota_wait} seconds. This task created nothing. {advice}",
                retry_at=None if fits_from is None else iso_from(fits_from),
                details={"to_create": count, "needs_none": total - count, "done_at": done_at},
            )
        if plan[-1] > now and total > 1:
            at_once = sum(at <= now for at in plan)
            self._tell(
                f"{count} of {total} snapshots are to be created; of those, {at_once} at once, "
                f"and the quota lets the last one through at {done_at}"
            )

    def _exhausted(self, full: Full, outcome: str) -> ThousandEyesError:
        quota, until = self._policy.quota, iso_from(full.until)
        rest = f"until {until}, and quota_wait is {self._policy.quota_wait} seconds. {outcome} Try again then."
        if full.told:
            return RateLimited(
                f"The API answered 429: it takes no creation of {quota.organization} {rest}", retry_at=until
            )
        return QuotaExhausted(
            f"The quota of {quota.organization}, {quota.limit} creations in {quota.window} seconds, is used up {rest}",
            retry_at=until,
        )

    def _wait(self, until: float, too_long: ThousandEyesError) -> None:
        """Sleeps until then or less, since what others do may free the way sooner.

        :raises ThousandEyesError: ``too_long``, where the user's patience ends before ``until``.
        """
        left = until - self._clock.now()
        if self._waited + left > self._policy.quota_wait:
            raise too_long
        quota = self._policy.quota.organization
        self._say(f"{self._progress}waiting for the creation quota of {quota}", until)
        step = max(0.0, min(left, _LONG_POLL))
        self._clock.sleep(step)
        self._waited += step

    def _wait_for_another(self, request: SnapshotRequest) -> None:
        """:raises OutcomeUnknown: it has taken longer than any request does."""
        self._say(f"waiting for another process that is creating the snapshot of test {request.test_id}")
        self._clock.sleep(_POLL)
        waited = self._waited_for[request.identity] = self._waited_for.get(request.identity, 0.0) + _POLL
        if looked_long_enough(waited):
            raise OutcomeUnknown(
                f"Another process has been creating the snapshot {request.display_name!r} of test {request.test_id} "
                f"for {waited:.0f} seconds, which is longer than a request takes, and has not ended. So it is not "
                "known whether the snapshot exists. Look for a task that hangs, end it, and run this task again.",
                details={"test_id": request.test_id, "display_name": request.display_name},
            )

    def _say(self, what: str, until: float | None = None) -> None:
        """Once a minute, and where something else is done."""
        now = self._clock.now()
        if what != self._news[0] or now >= self._news[1] + _NEWS_EVERY:
            self._tell(what if until is None else f"{what} until {iso_from(until)}")
            self._news = (what, now)


def _nothing_made(older: LostAttempt | None) -> str:
    """What to say where this task's request for a snapshot surely created nothing. ``older``: another may have."""
    if older is None:
        return _NOT_CREATED
    return f"Nothing was created now, but what was requested at {iso_of_epoch(older.started_at)} may exist."


def _own_tests(private: t.Iterable[SnapshotRecord], request: SnapshotRequest) -> set[str]:
    """The test ids of private snapshots of the account group."""
    return {record.snapshot_test_id for record in private if record.snapshot_test_id and record.aid == request.aid}


def _adopted(request: SnapshotRequest, test: ListedTest, version: str) -> SnapshotRecord:
    return adopted(request, test.test_id, t.cast(float, test.created_at), version)


def _foreign(record: SnapshotRecord, fields: t.Sequence[str]) -> str:
    return (
        f"The API answered a link that does not belong to it, in {' and '.join(fields)}. It is not shown. The snapshot "
        f"exists: {record.place}. A link belongs to the API where it is https and below "
        f"{' or '.join(domains_of(record.api_host))}; its id has only letters, digits and hyphens."
    )
