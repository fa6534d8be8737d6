# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The window of the check's snapshot."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from .._core.windows import Window

# Seconds after the end of a window by which it is surely over for the API, too.
_SAFE = 5.0


def last_full_hour(now: float, server_now: float) -> Window:
    """The last one that is over by both clocks (epoch seconds)."""
    end = datetime.fromtimestamp((min(now, server_now) - _SAFE) // 3600 * 3600, timezone.utc)
    return Window(end - timedelta(hours=1), end)
