# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Captures with a real ledger and real HTTP, and what they say."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.capture import Capture
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.policy import Policy
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import Boot
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from simulator import Simulator

Requests = t.Callable[..., SnapshotRequest]
POLICY = Policy(Quota("org", 5, 300), quota_wait=900, force=False, retry_unknown=False)


class SetClock:
    """A clock that somebody can set, of a machine that may have a name."""

    def __init__(self, clock: t.Any, ahead: float = 0.0, machine: str | None = None) -> None:
        self._clock = clock
        self.ahead = ahead
        self._machine = machine
        self._booted_at = clock.now() - 86400.0

    def now(self) -> float:
        return t.cast(float, self._clock.now()) + self.ahead

    def boot(self) -> Boot | None:
        return None if self._machine is None else Boot(self._machine, self._booted_at + self.ahead)

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class Bench:
    """Makes captures that share one ledger, and keeps what they say."""

    def __init__(self, location: str, connection: Connection, clock: t.Any, sim: Simulator) -> None:
        self.sim = sim
        self.forgotten = 0
        self.location = location
        self.connection = connection
        self.clock = clock
        self.told: list[str] = []
        self.warned: list[str] = []

    def elsewhere(self, request: SnapshotRequest) -> tuple[SnapshotRequest, Connection]:
        """The same request for another API host, which the simulator is, too."""
        connection = dataclasses.replace(self.connection, url=self.connection.url.replace("127.0.0.1", "localhost"))
        assert connection.host != request.api_host
        return request._replace(api_host=connection.host), connection

    def open_ledger(self) -> Ledger:
        return open_ledger(self.location, self.clock)

    def ensure(
        self, request: SnapshotRequest, connection: Connection | None = None, ledger: t.Any = None, **policy: t.Any
    ) -> t.Any:
        return self._run(request, connection, ledger, policy, lambda capture, asked: capture.ensuring.ensure(asked))

    def learn(self, request: SnapshotRequest) -> None:
        """Afterwards it is known that the list shows private snapshots. Neither log nor quota tell of that."""
        first = request._replace(is_public=False, display_name="shown", test_id="817")
        self.ensure(first, quota=Quota("other", 5, 300))
        self.sim.clear_requests()
        self.forgotten = len(self.sim.creations())

    def creations(self) -> list[t.Any]:
        """Those since then."""
        return list(self.sim.creations()[self.forgotten :])

    def foresee(self, request: SnapshotRequest, **policy: t.Any) -> t.Any:
        return self._run(request, None, None, policy, lambda capture, asked: capture.ensuring.foresee(asked))

    def run(self, *requests: SnapshotRequest, check_mode: bool = False, ledger: t.Any = None, **policy: t.Any) -> t.Any:
        return self._run(requests, None, ledger, policy, lambda capture, asked: capture.run(asked, check_mode))

    def _run(self, request: t.Any, connection: t.Any, ledger: t.Any, policy: t.Any, work: t.Any) -> t.Any:
        ledger = ledger or self.open_ledger()
        api = open_api(connection or self.connection, self.clock)
        chosen = POLICY._replace(**policy)
        capture = Capture(ledger, lambda: api, self.clock, chosen, self.told.append, self.warned.append)
        try:
            return work(capture, request)
        finally:
            self.changed = capture.changed
            api.close()
            ledger.close()
