# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ledgers of each kind, and captures that use them."""

from __future__ import annotations

import itertools
import os
import typing as t
from datetime import datetime, timedelta, timezone
from pathlib import Path

from support import postgresql_server
import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import Window
from support.capture_bench import Bench
from simulator import TOKEN, SharedClock, Simulator


@pytest.fixture
def clock(sim: Simulator) -> SharedClock:
    return SharedClock(sim)


@pytest.fixture(params=["file", "postgresql"])
def new_location(request: pytest.FixtureRequest, tmp_path: Path) -> t.Callable[[], str]:
    """Makes what the option ledger takes: paths, and then URLs. There is nothing yet."""
    if request.param == "file":
        numbers = itertools.count(1)
        return lambda: str(tmp_path / f"new{next(numbers)}" / "folder" / "ledger.sqlite3")
    server: postgresql_server.Server = request.getfixturevalue("postgresql")
    return server.empty_database


@pytest.fixture
def location(new_location: t.Callable[[], str]) -> str:
    return new_location()


@pytest.fixture
def exists(location: str, request: pytest.FixtureRequest) -> t.Callable[[], bool]:
    """Whether a ledger was made there."""

    def look() -> bool:
        if "://" not in location:
            return os.path.exists(os.path.dirname(location))
        server: postgresql_server.Server = request.getfixturevalue("postgresql")
        there = "SELECT 1 FROM pg_namespace WHERE nspname = 'thousandeyes_ledger'"
        return bool(server.sql(there, postgresql_server.DATABASE))

    return look


@pytest.fixture
def connection(sim: Simulator) -> Connection:
    return Connection(url=sim.url, version="v7", token=TOKEN, email=None, validate_certs=True, ca_path=None, timeout=60)


@pytest.fixture
def request_for(connection: Connection) -> t.Callable[..., SnapshotRequest]:
    """Makes the request for one hour of the documented example, with changes."""
    start = datetime(2018, 10, 6, tzinfo=timezone.utc)
    example = SnapshotRequest(
        api_host=connection.host,
        aid=None,
        test_id="19955",
        display_name="Snapshot created through API",
        window=Window(start, start + timedelta(hours=1)),
        is_public=True,
    )
    return example._replace


@pytest.fixture
def bench(location: str, connection: Connection, clock: SharedClock, sim: Simulator) -> Bench:
    return Bench(location, connection, clock, sim)
