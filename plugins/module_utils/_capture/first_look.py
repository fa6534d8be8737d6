# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The look at the test list after a task's first private creation: is it private, and does the list show such ones?"""

from __future__ import annotations

import typing as t

from .._core.clock import Clock
from .._core.errors import LedgerUnavailable, ThousandEyesError
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.visibility import CONFIRMED, CONTRADICTED, INFERRED, UNKNOWN, visibility_of
from .._ledger.interface import Granted, Ledger
from .judge import shows_one_of
from .policy import Policy

if t.TYPE_CHECKING:
    from .._api.client import Api
    from .._core.test_list import Listing

# What an answer or a list says of the visibility.
_TOLD = {CONFIRMED, CONTRADICTED}


class FirstLook:
    """At most one look in a task, and only where the ledger does not know yet what the list shows."""

    def __init__(self, ledger: Ledger, clock: Clock, policy: Policy, warn: t.Callable[[str], None]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._policy = policy
        self._warn = warn
        self._is_due = True

    def looked_at(
        self, api: Api, request: SnapshotRequest, claim: Granted, record: SnapshotRecord
    ) -> tuple[SnapshotRecord, bool]:
        """A private record with what is known of who can view it, and whether the ledger has kept that."""
        kept = True
        try:
            listing = self._list(api, request, record)
            visibility = _visibility(record, listing)
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
                self._ledger.looked(request, api.version, shows_one_of(private, listing, request.aid))
        except LedgerUnavailable as error:
            what = "what the list of tests shows" if kept else "what is known of its visibility"
            self._warn(f"The snapshot was created and kept, but not {what}. {error.message}")
        return record, kept

    def _list(self, api: Api, request: SnapshotRequest, record: SnapshotRecord) -> Listing | None:
        """The list of tests, where it is not known whether it shows private snapshots by their own test ids."""
        if not self._is_due or record.snapshot_test_id is None:
            return None
        look = self._ledger.last_look(request, api.version)
        if look and not look.due(self._clock.now()):
            return None
        self._is_due = False
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


def _visibility(record: SnapshotRecord, listing: Listing | None) -> str:
    """By the answer and by the list. What contradicts wins."""
    tests = listing.tests if listing else ()
    told = [test.told_saved_event for test in tests if test.test_id == record.snapshot_test_id]
    found = {record.visibility, *(visibility_of(record.is_public, saved_event) for saved_event in told)}
    return next((each for each in (CONTRADICTED, CONFIRMED) if each in found), UNKNOWN)
