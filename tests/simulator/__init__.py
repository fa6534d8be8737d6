# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API simulator that speaks ThousandEyes v6 and v7, for tests; see control.py for how it is steered."""

from __future__ import annotations

from .control import Control
from .seed import EMAIL, OTHER_EMAIL, OTHER_TOKEN, READER_EMAIL, READER_TOKEN, TOKEN
from .server import Simulator
from .shared_clock import SharedClock

__all__ = [
    "Control",
    "EMAIL",
    "OTHER_EMAIL",
    "OTHER_TOKEN",
    "READER_EMAIL",
    "READER_TOKEN",
    "SharedClock",
    "Simulator",
    "TOKEN",
]
