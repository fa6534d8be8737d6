# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the checks of one task share: the way to the API, what was asked for, and what has been found so far."""

from __future__ import annotations

import typing as t

from .._capture.capture import Capture
from .._capture.policy import Policy
from .._core.account_group import called
from .._core.clock import Clock
from .._core.connection import Connection
from .._core.errors import ThousandEyesError
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._ledger.interface import Ledger

if t.TYPE_CHECKING:
    from .._api.client import Api
    from .._api.http_client import HttpAnswer
    from .._core.account_group import AccountGroup
    from .._core.test_list import ListedTest


class Asked(t.NamedTuple):
    """The options that are about what to check.

    ``snapshot_test`` is an id or a name. ``share_link``: make a share link too. ``share_url``: the address of a share
    link with C({id}) in it, None where there is no knowing.
    """

    snapshot_test: str | None = None
    share_link: bool = False
    share_url: str | None = None


class Made(t.NamedTuple):
    """A snapshot to examine. ``answer``: that to its creation, where this task made it. ``since``: when it was made.

    ``since`` is epoch seconds by our clock.
    """

    record: SnapshotRecord
    answer: HttpAnswer | None
    since: float


class Site:
    """The fields from ``groups`` on are filled in by checks, and None before. ``evidence`` is what they say of privacy.

    ``lacking`` says why a field was not filled in, for people. ``created``: something was, or would be in check mode.
    """

    def __init__(
        self,
        api: Api,
        connection: Connection,
        aid: str | None,
        clock: Clock,
        asked: Asked,
        *,
        ledger: Ledger | None = None,
        policy: Policy | None = None,
        check_mode: bool = False,
        tell: t.Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.api = api
        self.connection = connection
        self.aid = aid
        self.clock = clock
        self.asked = asked
        self.ledger = ledger
        self.policy = policy
        self.check_mode = check_mode
        self.tell = tell
        self.answer: HttpAnswer | None = None
        api.http.watch = self._watch
        self.groups: list[AccountGroup] | None = None
        self.group_is_right: bool | None = True
        self.tests: list[ListedTest] | None = None
        self.made: Made | None = None
        self.shared: Made | None = None
        self.listed: ListedTest | None = None
        self.evidence: dict[str, str] = {}
        self.lacking: dict[str, str] = {}
        self.created = False

    def _watch(self, answer: HttpAnswer) -> None:
        self.answer = answer

    @property
    def group(self) -> str:
        """The account group, as sentences name it."""
        return called(self.aid)

    def server_now(self) -> float:
        """By the server's clock, as far as it is known."""
        return self.clock.now() + (self.api.clock_offset or 0.0)

    def take(self, request: SnapshotRequest) -> tuple[SnapshotRecord | ThousandEyesError, HttpAnswer | None]:
        """The snapshot by the ordinary path, and the answer to its creation, if there was one.

        What the capture would warn of is found by the checks that come after it.
        """
        posted: list[HttpAnswer] = []

        def watch(answer: HttpAnswer) -> None:
            self._watch(answer)
            if answer.is_of("POST"):
                posted.append(answer)

        self.api.http.watch = watch
        ledger, policy = t.cast(Ledger, self.ledger), t.cast(Policy, self.policy)
        capture = Capture(ledger, lambda: self.api, self.clock, policy, self.tell, lambda _text: None)
        try:
            outcome = capture.run([request], self.check_mode)[0]
        except ThousandEyesError as error:
            outcome = error
        finally:
            self.api.http.watch = self._watch
            self.created = self.created or capture.changed
        return t.cast("SnapshotRecord | ThousandEyesError", outcome), posted[-1] if posted else None
