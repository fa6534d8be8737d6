# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledgers that must stand the faults."""

from __future__ import annotations

import typing as t
from pathlib import Path

from support import postgresql_server
import pytest


@pytest.fixture(params=["file", "postgresql"])
def server(request: pytest.FixtureRequest) -> postgresql_server.Server | None:
    """That of the ledger, where it has one."""
    return None if request.param == "file" else t.cast(postgresql_server.Server, request.getfixturevalue("postgresql"))


@pytest.fixture
def location(server: postgresql_server.Server | None, tmp_path: Path) -> str:
    """What the option ledger takes. There is nothing yet."""
    return server.empty_database() if server else str(tmp_path / "ledger.sqlite3")
