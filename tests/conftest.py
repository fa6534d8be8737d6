# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share: where they find each other, one simulator, reset for each test, and one database server."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest

# Not by pytest.ini, since ansible-test has a configuration of its own.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from simulator import Simulator  # noqa: E402
from support import postgresql_server  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes several seconds; `make check` leaves it out")


@pytest.fixture(scope="session")
def running_simulator() -> t.Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def sim(running_simulator: Simulator) -> Simulator:
    running_simulator.reset()
    return running_simulator


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> t.Iterator[postgresql_server.Server]:
    if pytestconfig.pluginmanager.hasplugin("ansible_forked"):
        pytest.skip("ansible-test runs each test in a process of its own, which would leave a server behind")
    yield from postgresql_server.started()
