# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The use case: make sure that snapshots exist, with at most one POST for each. Ledger, quota, API, ledger.

What is known costs next to nothing: all that is needed for the rest is loaded with the first that is not.
"""

from __future__ import annotations

import contextlib
import functools
import typing as t

from .._core.clock import Clock
from .._core.errors import OutcomeUnknown, QuotaExhausted, RateLimited, ThousandEyesError, VisibilityContradicted
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.visibility import CONTRADICTED, contradiction, stopped_by
from .._ledger.interface import Known, Ledger
from .policy import Policy, State

if t.TYPE_CHECKING:
    from .._api.client import Api
    from .ensure import Ensuring

# Answers lost one after the other, after which a task gives up: each may have to be looked for by hand.
_MOST_LOST = 2

Outcome = t.Union[SnapshotRecord, ThousandEyesError]


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

    @functools.cached_property
    def ensuring(self) -> Ensuring:
        """What deals with all that is not known. From here on, waiting counts for what is lost."""
        from .ensure import Ensuring

        return Ensuring(self._ledger, self._open_api, self._clock, self._policy, self._checked, self._tell, self._warn)

    @property
    def changed(self) -> bool:
        return "ensuring" in self.__dict__ and (self.ensuring.sending.made_any or self.ensuring.found_own)

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
        with self._told_where_stopped(done, check_mode):
            states = self._settle_earlier(requests.values(), done, check_mode)
            if not any(isinstance(item, ThousandEyesError) and item.spreads for item in asked):
                self._check_plan(states, len(requests), done)
                self._create(requests, done, check_mode)
        return [done[item.identity] if isinstance(item, SnapshotRequest) else item for item in asked]

    @contextlib.contextmanager
    def _told_where_stopped(self, done: t.Mapping[str, Outcome | None], check_mode: bool) -> t.Iterator[None]:
        """What people must know where a time-out or an interrupt takes the result of several snapshots along."""
        try:
            yield
        except ThousandEyesError:
            raise
        except BaseException:
            if len(done) > 1 and not check_mode:
                made = [each.made if isinstance(each, VisibilityContradicted) else each for each in done.values()]
                places = [each.place for each in made if isinstance(each, SnapshotRecord)]
                rest = "run this again"
                if self._policy.forgets and places:
                    rest = f"this ledger forgets them, so a run creates them again: {'; '.join(places)}"
                self._tell(f"stopped: {len(places)} of {len(done)} snapshots are known to exist; {rest}")
            raise

    def _settle_earlier(
        self, requests: t.Iterable[SnapshotRequest], done: dict[str, Outcome | None], check_mode: bool
    ) -> list[State]:
        """Puts what is known of earlier tasks into ``done``. Returns the states of the others, and of what is known.

        What an earlier attempt left unknown is settled before the plan, since it may have to be created. The states of
        all are found, before one is waited for.
        """
        earlier = [(request, self._ledger.find(request)) for request in requests]
        for _request, state in earlier:
            if self._policy.looks_for(state):
                self.ensuring.recovery.learn(state.lost)
        states = []
        for request, state in earlier:
            try:
                if self._policy.looks_for(state) and not check_mode:
                    found = self.ensuring.recovery.settle(request, state.lost)
                    state = Known(found) if isinstance(found, SnapshotRecord) else self._ledger.find(request)
                if self._policy.suffices(state):
                    done[request.identity] = self._checked(state.record)
            except (OutcomeUnknown, VisibilityContradicted) as error:
                done[request.identity] = error
                continue
            states.append(state)
        return states

    def _check_plan(self, states: t.Sequence[State], total: int, done: t.Mapping[str, Outcome | None]) -> None:
        """:raises ThousandEyesError: the quota does not suffice. What else has failed is then a warning."""
        count = sum(self._policy.creates(state) for state in states)
        usage = self._ledger.usage(self._policy.quota) if count else None
        if usage is None:
            return
        from .plan import check_plan

        policy, now = self._policy, self._clock.now()
        try:
            check_plan(usage, policy, count, total, now, self._tell)
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
                self.ensuring.waiting.progress = f"{tried} of {len(requests)} done, next is {request.test}"
            try:
                done[identity] = self.ensuring.foresee(request) if check_mode else self.ensuring.ensure(request)
            except ThousandEyesError as error:
                done[identity] = error
                if error.spreads or self.ensuring.sending.lost_in_a_row >= _MOST_LOST:
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
