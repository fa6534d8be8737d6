# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger


@pytest.fixture
def opened(location: str, clock: t.Any) -> t.Iterator[t.Callable[[], Ledger]]:
    ledgers = []

    def another() -> Ledger:
        ledgers.append(open_ledger(location, clock))
        return ledgers[-1]

    yield another
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def ledger(opened: t.Callable[[], Ledger]) -> Ledger:
    return opened()
