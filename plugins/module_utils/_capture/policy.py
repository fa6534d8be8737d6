# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the user chose, and so what a task may pass over."""

from __future__ import annotations

import typing as t

from .._core.quota import Quota
from .._ledger.interface import InFlight, Known, Unknown

State = t.Union[Known, InFlight, Unknown, None]


class Policy(t.NamedTuple):
    """The options that decide. ``quota_wait``: seconds that the task may wait for the quota in all.

    What is unknown is created again with ``retry_unknown``; with ``adopt_unknown``, a person has seen that it exists,
    maybe with its ``link_id``. ``accept_visibility``: a person has looked at what is contradicted. ``forgets``: what is
    unknown is so only until the task ends.

    ``own`` below: this task has itself sent a request for the snapshot and got no answer that settles it.
    """

    quota: Quota
    quota_wait: int
    force: bool
    retry_unknown: bool
    adopt_unknown: bool = False
    link_id: str | None = None
    accept_visibility: bool = False
    forgets: bool = False

    @property
    def passable(self) -> tuple[type, ...]:
        """The states that do not keep this task from creating the snapshot."""
        if self.force:
            return Known, Unknown
        return (Unknown,) if self.retry_unknown else ()

    def suffices(self, state: State, own: bool = False) -> t.TypeGuard[Known]:
        """Whether the snapshot that exists is the one that is asked for."""
        return isinstance(state, Known) and (own or not self.force)

    def looks_for(self, state: State, own: bool = False) -> t.TypeGuard[Unknown]:
        """Whether to find out first what became of an unknown attempt."""
        return isinstance(state, Unknown) and (own or not self.force)

    def passes_over(self, own: bool = False) -> bool:
        """Whether to create the snapshot where nobody can find out what became of an unknown attempt."""
        return self.retry_unknown and not own

    def adopts_by_hand(self, own: bool = False) -> bool:
        """Whether a person has seen what an unknown attempt created, so that no list needs to show it."""
        return self.adopt_unknown and not own

    def creates(self, state: State) -> bool:
        """Whether this task will create the snapshot, as far as its state tells before the first request."""
        return state is None or isinstance(state, self.passable)
