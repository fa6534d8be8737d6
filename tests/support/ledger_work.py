# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of all ledgers do with them."""

from __future__ import annotations

import typing as t

from ansible_collections.community.thousandeyes.plugins.module_utils._core.lost import LostAttempt
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Known, Ledger, Unknown
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.created import CreatedSnapshot, created
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import (
    SnapshotRecord,
    SnapshotRequest,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import iso_of_epoch

QUOTA = Quota("org", 5, 300)
Requests = t.Callable[..., SnapshotRequest]


def record_of(request: SnapshotRequest, now: float) -> SnapshotRecord:
    return created(
        request,
        CreatedSnapshot(
            api_version="v7",
            link_id="wdiac",
            view_url="https://x",
            app_url=None,
            snapshot_test_id="58856",
            start_round_id=None,
            end_round_id=None,
            round_id=None,
            share_date=iso_of_epoch(now),
            uid=None,
        ),
        now,
        now,
    )


def claim(
    ledger: Ledger,
    request: SnapshotRequest,
    quota: Quota = QUOTA,
    *,
    force: bool = False,
    retry_unknown: bool = False,
) -> t.Any:
    return ledger.claim(request, quota, (Known, Unknown) if force else (Unknown,) if retry_unknown else ())


def keep(ledger: Ledger, request: SnapshotRequest, clock: t.Any) -> None:
    ledger.created(claim(ledger, request).attempt, record_of(request, clock.now()))


def lose(ledger: Ledger, request: SnapshotRequest) -> LostAttempt:
    ledger.lost(claim(ledger, request).attempt, "no answer")
    state = ledger.find(request)
    assert isinstance(state, Unknown)
    return state.lost
