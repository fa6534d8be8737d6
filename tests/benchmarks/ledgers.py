# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ledgers of many snapshots, and how long it takes to find some in them."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Known
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.sqlite import SqliteLedger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import Window
from in_process import capture

START = datetime(2018, 10, 6, tzinfo=timezone.utc)
WINDOW = Window(START, START + timedelta(hours=1))


def numbered(url: str, number: int) -> SnapshotRequest:
    return SnapshotRequest(
        api_host=urlsplit(url).netloc,
        aid=None,
        test_id="1",
        display_name=f"CHG{number:07}",
        window=WINDOW,
        is_public=False,
    )


def build(url: str, path: Path, rows: int) -> None:
    """The first snapshot by a task; the others are copies of its rows under other titles.

    They were created one in a minute, which is the pace of the quota, up to the first.
    """
    title = numbered(url, 0).display_name
    capture(url, str(path), SystemClock(), 1, display_name=title)

    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA synchronous = OFF")
    # A gigabyte, since the identities come in no order.
    database.execute("PRAGMA cache_size = -1000000")
    snapshot, attempt = (dict(database.execute(f"SELECT * FROM {name}").fetchone()) for name in ("snapshot", "attempt"))
    for number in range(1, rows):
        request = numbered(url, number)
        snapshot.update(identity=request.identity, display_name=request.display_name)
        record = attempt["record"].replace(title, request.display_name)
        earlier = {name: attempt[name] - 60 * number for name in ("started_at", "settled_at")}
        copy = {**attempt, **earlier, "id": attempt["id"] + number, "identity": request.identity, "record": record}
        for name, row in (("snapshot", snapshot), ("attempt", copy)):
            database.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", list(row.values()))
    database.commit()
    database.close()


def find(url: str, path: Path, rows: int, count: int) -> float:
    """Milliseconds for opening the ledger, finding some of its snapshots, evenly spread, and reading the quota."""
    requests = [numbered(url, number) for number in range(0, rows, rows // count)]
    start = time.perf_counter()
    ledger = SqliteLedger(str(path), SystemClock())
    states = [ledger.find(request) for request in requests]
    ledger.usage(Quota("Benchmark", 5, 300))
    ledger.close()
    milliseconds = (time.perf_counter() - start) * 1000
    assert all(isinstance(state, Known) for state in states)
    return milliseconds
