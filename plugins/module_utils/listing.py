# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of an account group's tests."""

from __future__ import annotations

import typing as t


class ListedTest(t.NamedTuple):
    """A row of the test list. ``created_at`` is epoch seconds by the server's clock."""

    test_id: str
    test_name: str
    type: str
    saved_event: bool
    created_at: float | None = None


class Listing(t.NamedTuple):
    """The tests of an account group. ``clock_offset``: seconds that the server's clock is ahead, as far as known."""

    tests: list[ListedTest]
    clock_offset: float = 0.0
