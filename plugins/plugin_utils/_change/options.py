# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The options of all that compares what tests measured before and after a change."""

from __future__ import annotations

from typing import Any

from ...module_utils._core.metrics import JUDGED, LAYERS, THRESHOLDS

CHANGE: dict[str, dict[str, Any]] = {
    "change_id": {"type": "str", "required": True},
    "start": {"type": "str", "required": True},
    "end": {"type": "str", "required": True},
    "before": {"type": "dict", "required": True},
    "after": {"type": "dict", "required": True},
    "tests": {"type": "list", "elements": "dict", "required": True},
}

# With the doc fragment of that name.
JUDGING: dict[str, dict[str, Any]] = {
    "layers": {"type": "list", "elements": "str", "choices": list(LAYERS)},
    "thresholds": {
        "type": "dict",
        "options": {name: {"type": "float", "default": value} for name, value in THRESHOLDS.items()},
        "apply_defaults": True,
    },
    "test_thresholds": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"test": {"type": "str", "required": True}, **{name: {"type": "float"} for name in THRESHOLDS}},
    },
    "outage_minutes": {"type": "float", "default": 5.0},
    "outage_share": {"type": "float", "default": 0.5},
    "settle_minutes": {"type": "float", "default": 5.0},
    "must_see": {
        "type": "dict",
        "options": {"percent": {"type": "float", "default": 100.0}, "points": {"type": "float", "default": 25.0}},
        "apply_defaults": True,
    },
    "history_hours": {"type": "float", "default": 48.0},
    "history_days": {"type": "float", "default": 14.0},
    "history_exclude": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"from": {"type": "str", "required": True}, "to": {"type": "str", "required": True}},
    },
    "leave_out": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "test": {"type": "str"},
            "agent": {"type": "str"},
            "metric": {"type": "str", "choices": list(JUDGED)},
            "reason": {"type": "str", "required": True},
        },
    },
}
