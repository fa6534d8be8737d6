# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger that keeps nothing: every call creates, and only the API's own 429 limits it."""

from __future__ import annotations

from ..quota import Quota
from ..snapshot import SnapshotRecord, SnapshotRequest
from .interface import Granted


class NoLedger:
    def find(self, request: SnapshotRequest) -> None:
        return None

    def find_test(self, request: SnapshotRequest) -> None:
        return None

    def used(self, quota: Quota) -> None:
        return None

    def claim(self, request: SnapshotRequest, quota: Quota, *, force: bool, retry_unknown: bool) -> Granted:
        return Granted(0)

    def created(self, attempt: int, record: SnapshotRecord) -> None:
        pass

    def refused(self, attempt: int, detail: str) -> None:
        pass

    def lost(self, attempt: int, detail: str) -> None:
        pass

    def close(self) -> None:
        pass
