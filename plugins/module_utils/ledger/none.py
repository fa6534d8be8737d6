# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger that keeps nothing: every call creates, and only the API's own 429 limits it."""

from __future__ import annotations

from ..clock import Clock
from ..evidence import LostAttempt, Others
from ..quota import Quota
from ..snapshot import SnapshotRecord, SnapshotRequest
from .interface import Entry, Full, Granted


class NoLedger:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._not_before = 0.0

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

    def claim(self, request: SnapshotRequest, quota: Quota, *, force: bool, retry_unknown: bool) -> Full | Granted:
        return Full(self._not_before, told=True) if self._not_before > self._clock.now() else Granted(0)

    def stands(self, attempt: int) -> bool:
        return True

    def created(self, attempt: int, record: SnapshotRecord) -> None:
        pass

    def refused(self, attempt: int, detail: str, not_before: float | None = None) -> None:
        self._not_before = not_before or 0.0

    def lost(self, attempt: int, detail: str) -> None:
        pass

    def settled(self, lost: LostAttempt, found: SnapshotRecord | None) -> None:
        pass

    def close(self) -> None:
        pass
