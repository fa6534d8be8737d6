# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The ledger that keeps nothing: every call creates, and only the API's own 429 limits it."""

from __future__ import annotations

from .._core.clock import Clock
from .._core.lost import Look, LostAttempt, Others
from .._core.quota import Quota
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.visibility import CONTRADICTED
from .interface import Contradicted, Entry, Full, Granted


class NoLedger:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._not_before = 0.0
        self._contradicted: SnapshotRecord | None = None
        self._accepts = False

    def find(self, request: SnapshotRequest) -> None:
        return None

    def find_test(self, request: SnapshotRequest) -> None:
        return None

    def history(self) -> list[Entry]:
        return []

    def usage(self, quota: Quota) -> None:
        return None

    def others(self, request: SnapshotRequest, lost: LostAttempt) -> Others:
        return Others()

    def claim(
        self, request: SnapshotRequest, quota: Quota, passable: tuple[type, ...] = ()
    ) -> Contradicted | Full | Granted:
        contradicted = None if request.is_public else self.contradicted(request.api_host)
        if contradicted:
            return Contradicted(contradicted)
        return Full(self._not_before, told=True) if self._not_before > self._clock.now() else Granted(0)

    def stands(self, attempt: int) -> bool:
        return True

    def created(self, attempt: int, record: SnapshotRecord, clock_offset: float | None = None) -> None:
        if record.visibility == CONTRADICTED and not record.is_public:
            self._contradicted = record

    def refused(
        self, attempt: int, detail: str, not_before: float | None = None, clock_offset: float | None = None
    ) -> None:
        self._not_before = not_before or 0.0

    def lost(self, attempt: int, detail: str, status: int | None = None, clock_offset: float | None = None) -> None:
        pass

    def settled(self, lost: LostAttempt, found: SnapshotRecord | None) -> None:
        pass

    def last_look(self, request: SnapshotRequest, version: str) -> Look:
        # Nobody could make use of another one.
        return Look(self._clock.now(), None)

    def looked(self, request: SnapshotRequest, version: str, shown: bool | None) -> None:
        pass

    def private(self, request: SnapshotRequest, version: str) -> list[SnapshotRecord]:
        return []

    def contradicted(self, api_host: str) -> SnapshotRecord | None:
        return None if self._accepts else self._contradicted

    def learned(self, record: SnapshotRecord) -> None:
        if record.visibility == CONTRADICTED and not record.is_public:
            self._contradicted = record

    def accept(self, api_host: str) -> None:
        self._accepts = True

    def close(self) -> None:
        pass
