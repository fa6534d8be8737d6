# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case: make sure that a snapshot exists, with at most one POST. Ledger, quota, API, ledger."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .clock import Clock
from .errors import LedgerUnavailable, OutcomeUnknown, QuotaExhausted, RateLimited, ThousandEyesError
from .ledger.interface import Full, Granted, InFlight, Known, Ledger, Unknown
from .quota import Quota
from .snapshot import SnapshotRecord, SnapshotRequest, created, planned
from .windows import iso_of_epoch

if t.TYPE_CHECKING:
    from .api.client import Api

# Seconds between looks at what others do: for an answer that is due, and for room in the quota.
_POLL = 0.1
_LONG_POLL = 5.0
_NEWS_EVERY = 60.0


@dataclass(frozen=True)
class Policy:
    """What the user chose. ``quota_wait``: seconds that the task may wait for the quota in all."""

    quota: Quota
    quota_wait: int
    force: bool
    retry_unknown: bool


class Capture:
    """One task's captures.

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
        self._patience_ends = clock.now() + policy.quota_wait
        self._next_news = 0.0

    def foresee(self, request: SnapshotRequest) -> SnapshotRecord:
        """What ``ensure`` would return, without a POST and without writing: existing or planned.

        :raises OutcomeUnknown: as ``ensure`` would.
        """
        state = self._ledger.find(request)
        if isinstance(state, Known) and not self._policy.force:
            return state.record
        if isinstance(state, Unknown) and not (self._policy.force or self._policy.retry_unknown):
            raise _unknown(request, state.started_at, state.detail)
        return planned(request)

    def ensure(self, request: SnapshotRequest) -> SnapshotRecord:
        """The record of the one snapshot that ``request`` means: existing, or created now.

        :raises ThousandEyesError: it does not exist, or nobody knows.
        """
        blocked: RateLimited | None = None
        while True:
            state = self._ledger.find(request)
            if isinstance(state, Known) and not self._policy.force:
                return state.record
            if isinstance(state, InFlight):
                self._clock.sleep(_POLL)
                continue
            # Before the intent is written, since a missing library must not leave an intent behind.
            api = self._open_api()
            if blocked and blocked.not_before and self._clock.now() < blocked.not_before:
                self._wait(blocked.not_before, blocked)
                continue
            claim = self._ledger.claim(
                request, self._policy.quota, force=self._policy.force, retry_unknown=self._policy.retry_unknown
            )
            if isinstance(claim, Known):
                return claim.record
            if isinstance(claim, Unknown):
                raise _unknown(request, claim.started_at, claim.detail)
            if isinstance(claim, Full):
                self._wait(claim.until, self._exhausted(claim.until))
            elif isinstance(claim, Granted):
                try:
                    return self._send(api, request, claim)
                except RateLimited as error:
                    # Others use the same quota unseen, so the server is believed over the ledger.
                    error.not_before = error.not_before or self._clock.now() + self._policy.quota.window
                    error.retry_at = iso_of_epoch(error.not_before)
                    error.message += f" Try again from {error.retry_at} on."
                    blocked = error

    def _send(self, api: Api, request: SnapshotRequest, claim: Granted) -> SnapshotRecord:
        sent_at = self._clock.now()
        try:
            answer = api.create_snapshot(request)
        except ThousandEyesError as error:
            if error.certain:
                self._settle(self._ledger.refused, claim, error.code)
                error.message += " Nothing was created."
                raise
            self._settle(self._ledger.lost, claim, error.message)
            raise _unknown(request, sent_at, error.message, status=error.status) from error
        except BaseException as error:
            # A task's time-out or an interrupt: the process may live on, so nobody else would settle this.
            self._settle(
                self._ledger.lost, claim, f"the task was stopped ({type(error).__name__}) before the answer came"
            )
            raise
        record = created(request, answer, self._clock.now())
        try:
            self._ledger.created(claim.attempt, record)
        except LedgerUnavailable as error:
            self._warn(
                f"The snapshot was created ({record.view_url}), but that could not be kept. {error.message} "
                "The next run will find an attempt whose outcome is unknown."
            )
        if answer.saved_event is request.is_public:
            self._warn(_contradiction(record))
        return record

    def _settle(self, settle: t.Callable[[int, str], None], claim: Granted, detail: str) -> None:
        """For use while an error is on its way, which matters more than that the ledger cannot take its outcome."""
        try:
            settle(claim.attempt, detail)
        except LedgerUnavailable as error:
            self._warn(f"{error.message} The next run will find an attempt whose outcome is unknown.")

    def _exhausted(self, until: float) -> QuotaExhausted:
        quota = self._policy.quota
        return QuotaExhausted(
            f"The quota of {quota.organization}, {quota.limit} creations in {quota.window} seconds, is used up until "
            f"{iso_of_epoch(until)}, and quota_wait is {self._policy.quota_wait} seconds. Nothing was created.",
            retry_at=iso_of_epoch(until),
        )

    def _wait(self, until: float, too_long: ThousandEyesError) -> None:
        """Sleeps until then or less, since what others do may free the way sooner.

        :raises ThousandEyesError: ``too_long``, where the user's patience ends before ``until``.
        """
        if until > self._patience_ends:
            raise too_long
        now = self._clock.now()
        if now >= self._next_news:
            self._tell(
                f"waiting for the creation quota of {self._policy.quota.organization} until {iso_of_epoch(until)}"
            )
            self._next_news = now + _NEWS_EVERY
        self._clock.sleep(min(until - now, _LONG_POLL))


def _unknown(request: SnapshotRequest, started_at: float, detail: str, status: int | None = None) -> OutcomeUnknown:
    """What a person needs to find out, and the ways out."""
    kind = "share link" if request.is_public else "private snapshot (saved event)"
    return OutcomeUnknown(
        f"It is not known whether the {kind} {request.display_name!r} of test {request.test_id} exists: it was "
        f"requested at {iso_of_epoch(started_at)}, but {detail.rstrip('.')}. Look for that title in the web "
        "application. To create it even so, possibly a second time, run the task again with on_unknown=retry.",
        status=status,
        details={
            "test_id": request.test_id,
            "display_name": request.display_name,
            "requested_at": iso_of_epoch(started_at),
        },
    )


def _contradiction(record: SnapshotRecord) -> str:
    asked, got = ("a share link", "a saved event") if record.is_public else ("a private snapshot", "no saved event")
    risk = "" if record.is_public else " ANYONE WITH THE LINK MAY BE ABLE TO VIEW IT."
    return (
        f"Asked was {asked}, but the API says that it created {got}: link id {record.link_id}, {record.view_url}."
        f"{risk} Check its visibility in the web application."
    )
