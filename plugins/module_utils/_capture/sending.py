# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Sending a request for a snapshot: what its answer makes known is kept at once, and people hear of what is odd."""

from __future__ import annotations

import typing as t

from .._core.clock import Clock
from .._core.created import CreatedSnapshot, created, differences
from .._core.errors import (
    LedgerUnavailable,
    OutcomeUnknown,
    RateLimited,
    ThousandEyesError,
    VisibilityContradicted,
)
from .._core.links import domains_of
from .._core.lost import LostAttempt
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.visibility import CONTRADICTED, contradiction, stopped_by
from .._core.windows import iso_from
from .._ledger.interface import Granted, Ledger
from .first_look import FirstLook
from .policy import Policy
from .recovery import Recovery
from .waiting import SHORT_POLL, Waiting

if t.TYPE_CHECKING:
    from .._api.client import Api


class Sending:
    """The requests of one task. ``ledger_keeps``: the ledger has taken the outcome of each of them so far.

    ``lost_in_a_row``: how many of the latest had no answer that settles them. ``warn`` tells people what they must know
    afterwards, ``tell`` what would be gone with the result of a task that is stopped.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        policy: Policy,
        waiting: Waiting,
        recovery: Recovery,
        tell: t.Callable[[str], None],
        warn: t.Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._policy = policy
        self._waiting = waiting
        self._recovery = recovery
        self._tell = tell
        self._warn = warn
        self._first_look = FirstLook(ledger, clock, policy, warn)
        self.ledger_keeps = True
        self.lost_in_a_row = 0
        self.made_any = False

    def send(self, api: Api, request: SnapshotRequest, claim: Granted, nothing_made: str) -> SnapshotRecord:
        """The snapshot that the POST created. ``nothing_made``: what to say where it surely created nothing.

        :raises VisibilityContradicted: it was created, and the API says that it is not private.
        :raises OutcomeUnknown: nobody knows.
        :raises ThousandEyesError: it surely created nothing.
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
                raise self._lost(api, request, claim, error, sent_at) from error
            self._refused(api, claim, error, nothing_made)
            raise
        except BaseException as error:
            self._stopped(api, request, claim, error)
            raise
        self.made_any = True
        self.lost_in_a_row = 0
        kept = self._keep(api, claim, record)
        self._warn_of_answer(answer, record, odd)
        if kept and not record.is_public:
            record, kept = self._looked_at(api, request, claim, record)
        if record.visibility == CONTRADICTED:
            self._check_visibility(record, kept)
        return record

    def not_sent(self, claim: Granted) -> None:
        """The intent does not stand any more."""
        self._settle(self._ledger.refused, claim.attempt, "it was not sent in time")

    def _lost(
        self, api: Api, request: SnapshotRequest, claim: Granted, error: ThousandEyesError, sent_at: float
    ) -> OutcomeUnknown:
        self.lost_in_a_row += 1
        self._settle(
            self._ledger.lost, claim.attempt, error.message, status=error.status, clock_offset=api.clock_offset
        )
        lost = LostAttempt(claim.attempt, sent_at, self._clock.now(), error.message, error.status)
        return self._recovery.unknown(request, lost)

    def _refused(self, api: Api, claim: Granted, error: ThousandEyesError, nothing_made: str) -> None:
        error.add(nothing_made)
        if not isinstance(error, RateLimited):
            self._settle(self._ledger.refused, claim.attempt, error.code, clock_offset=api.clock_offset)
            return
        # Others use the same quota unseen, so the server is believed over the ledger.
        told = error.not_before or self._clock.now() + self._policy.quota.window
        error.not_before = max(told, self._clock.now() + SHORT_POLL)
        error.retry_at = iso_from(error.not_before)
        error.add(f"Try again from {error.retry_at} on.")
        self._keep_limit(claim, error, error.not_before, api.clock_offset)

    def _keep_limit(self, claim: Granted, error: RateLimited, not_before: float, clock_offset: float | None) -> None:
        """What a 429 told. Where the ledger cannot take it, it may do so by the time that must be waited for anyway."""
        outcome = claim.attempt, error.code, not_before, clock_offset
        while True:
            try:
                return self._ledger.refused(*outcome)
            except LedgerUnavailable:
                if not_before <= self._clock.now() or not self._waiting.lasts_until(not_before):
                    return self._settle(self._ledger.refused, *outcome)
                self._waiting.for_quota(self._policy.quota.organization, not_before, error, told=True)

    def _stopped(self, api: Api, request: SnapshotRequest, claim: Granted, error: BaseException) -> None:
        """A task's time-out or an interrupt: the process may live on, so nobody else would settle this."""
        why = f"the task was stopped ({type(error).__name__}) before the answer was read"
        self._settle(self._ledger.lost, claim.attempt, why, status=api.status)
        if self._policy.forgets:
            next_run = "look for it before you run this again, which creates it"
        elif request.is_public:
            next_run = "the next run asks what to do"
        else:
            next_run = "the next run looks for it"
        # It takes the result along.
        self._tell(
            f"{why}: the snapshot {request.display_name!r} of test {request.test_id} may have been created; {next_run}"
        )

    def _settle(self, settle: t.Callable[..., None], *what: t.Any, **more: t.Any) -> None:
        """For use while an error is on its way, which matters more than that the ledger cannot take its outcome."""
        try:
            settle(*what, **more)
        except LedgerUnavailable as error:
            self.ledger_keeps = False
            self._warn(f"{error.message} The next run will find an attempt whose outcome is unknown.")

    def _keep(self, api: Api, claim: Granted, record: SnapshotRecord) -> bool:
        """Whether the ledger has kept the snapshot."""
        try:
            self._ledger.created(claim.attempt, record, api.clock_offset)
        except LedgerUnavailable as error:
            self._warn(
                f"The snapshot was created ({record.place}), but that could not be kept. {error.message} "
                "The next run will find an attempt whose outcome is unknown."
            )
            return False
        except BaseException:
            # A task's time-out or an interrupt, which takes the result along.
            self._tell(f"the snapshot was created ({record.place}), but that could not be kept")
            raise
        return True

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

    def _looked_at(
        self, api: Api, request: SnapshotRequest, claim: Granted, record: SnapshotRecord
    ) -> tuple[SnapshotRecord, bool]:
        try:
            return self._first_look.looked_at(api, request, claim, record)
        except BaseException:
            if self._policy.forgets:
                self._tell(f"the snapshot was created ({record.place}), but this ledger forgets it with this task")
            raise

    def _check_visibility(self, record: SnapshotRecord, kept: bool) -> None:
        """:raises VisibilityContradicted: it was to be private, and nobody has accepted that it may not be."""
        settled = self._policy.accept_visibility or (kept and self._accepted(record.api_host))
        if not (record.is_public or settled):
            raise VisibilityContradicted(stopped_by(record, kept and not self._policy.forgets), made=record)
        self._warn(contradiction(record))

    def _accepted(self, api_host: str) -> bool:
        """Whether a person has settled what is contradicted there. Where the ledger cannot tell, nobody has."""
        try:
            return self._ledger.contradicted(api_host) is None
        except LedgerUnavailable:
            return False


def _foreign(record: SnapshotRecord, fields: t.Sequence[str]) -> str:
    return (
        f"The API answered a link that does not belong to it, in {' and '.join(fields)}. It is not shown. The snapshot "
        f"exists: {record.place}. A link belongs to the API where it is https and below "
        f"{' or '.join(domains_of(record.api_host))}; its id has only letters, digits and hyphens."
    )
