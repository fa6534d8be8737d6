# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task function is called with."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import account_check, snapshot
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import TOKEN, SharedClock, Simulator
from support.whole_task import is_about_age


@pytest.fixture
def context(clock: SharedClock) -> Context:
    return Context(check_mode=False, diff_mode=False, clock=clock, tell=print, warn=print, earlier=[])


@pytest.fixture
def connected_params(sim: Simulator) -> dict[str, t.Any]:
    """The options of a connection, with an account group that is not given."""
    return {
        "api_token": TOKEN,
        "api_email": None,
        "api_url": sim.url,
        "api_version": "v7",
        "validate_certs": True,
        "ca_path": None,
        "timeout": 60,
        "aid": None,
    }


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Where one is to be. There is none yet."""
    return tmp_path / "there" / "ledger.sqlite3"


@pytest.fixture
def check(
    context: Context, connected_params: dict[str, t.Any], ledger: Path, sim: Simulator
) -> t.Callable[..., dict[str, t.Any]]:
    """The result of an account_check task, with changes. The share host is the simulator's."""

    def check(check_mode: bool = False, clock: t.Any = None, **options: t.Any) -> dict[str, t.Any]:
        params = {
            **connected_params,
            "snapshot_test": None,
            "public": False,
            "share_url": f"{sim.url}/_share/{{id}}/view/tests/",
            "observed_path": None,
            "ledger": str(ledger),
            "organization": None,
            "quota_limit": 5,
            "quota_window": 300,
            "quota_wait": 0,
        }
        used = context._replace(check_mode=check_mode, clock=clock or context.clock)
        return account_check.run({**params, **options}, used)

    return check


@pytest.fixture
def take(context: Context, connected_params: dict[str, t.Any], ledger: Path) -> t.Callable[..., dict[str, t.Any]]:
    """The result of a snapshot task for the hour of the documented example, with changes."""

    def take(check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        params = {
            **connected_params,
            "display_name": "Snapshot created through API",
            "test_id": None if "tests" in options else "19955",
            "test_name": None,
            "tests": None,
            "from": "2018-10-06T00:00:00Z",
            "to": None,
            "hours": 1,
            "window_wait": 0,
            "is_public": True,
            "format": "json",
            "force": False,
            "on_unknown": "fail",
            "visibility": "check",
            "link_id": None,
            "ledger": str(ledger),
            "organization": None,
            "quota_limit": 5,
            "quota_window": 300,
            "quota_wait": 900,
        }

        def warn(text: str) -> None:
            """The documented example is of 2018, so each task that creates its snapshot warns of that, too."""
            if not is_about_age(text):
                context.warn(text)

        return snapshot.run({**params, **options}, context._replace(check_mode=check_mode, warn=warn))

    return take
