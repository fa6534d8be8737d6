# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The argument specs of all modules. The doc fragments say the same to people."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._core.metrics import JUDGED, LAYERS, THRESHOLDS
from ._core.test_list import TYPES
from ._core.change_windows import NEEDS
from ._core.windows import HOURS

_LEDGER_IN_HOME = "thousandeyes/ledger.sqlite3"


def from_environment(*names: str) -> str:
    """Unlike Ansible's own fallback, this takes an empty variable for none: credential injectors leave such behind."""
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


def ledger_from_environment(*names: str) -> str:
    """Like C(from_environment), or else the default in Ansible's home where that is not C(~/.ansible)."""
    try:
        return from_environment(*names)
    except AnsibleFallbackNotFound:
        return os.path.abspath(os.path.join(os.path.expanduser(from_environment("ANSIBLE_HOME")), _LEDGER_IN_HOME))


CONNECTION: dict[str, dict[str, t.Any]] = {
    "api_token": {
        "type": "str",
        "required": True,
        "no_log": True,
        "aliases": ["auth_token"],
        "fallback": (from_environment, ["THOUSANDEYES_API_TOKEN", "TE_TOKEN"]),
    },
    "api_email": {"type": "str", "fallback": (from_environment, ["THOUSANDEYES_API_EMAIL"])},
    "api_url": {
        "type": "str",
        "default": "https://api.thousandeyes.com",
        "fallback": (from_environment, ["THOUSANDEYES_API_URL", "TE_BASE_URL", "TE_API_ENDPOINT"]),
    },
    "api_version": {
        "type": "str",
        "choices": ["v6", "v7"],
        "default": "v7",
        "fallback": (from_environment, ["THOUSANDEYES_API_VERSION"]),
    },
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
}

ACCOUNT_GROUP: dict[str, dict[str, t.Any]] = {
    "aid": {
        "type": "str",
        "aliases": ["account_group_id"],
        "fallback": (from_environment, ["THOUSANDEYES_AID", "TE_AID"]),
    },
}

LEDGER: dict[str, dict[str, t.Any]] = {
    "ledger": {
        "type": "str",
        "default": f"~/.ansible/{_LEDGER_IN_HOME}",
        "fallback": (ledger_from_environment, ["THOUSANDEYES_LEDGER"]),
    },
}

QUOTA: dict[str, dict[str, t.Any]] = {
    "organization": {"type": "str"},
    "quota_limit": {"type": "int", "default": 5},
    "quota_window": {"type": "int", "default": 300},
    "quota_wait": {"type": "int", "default": 900},
}

SNAPSHOT_SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    **LEDGER,
    **QUOTA,
    "display_name": {"type": "str", "required": True, "aliases": ["displayName"]},
    "test_id": {"type": "str", "aliases": ["testId"]},
    "test_name": {"type": "str"},
    "tests": {"type": "list", "elements": "str"},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "hours": {"type": "int", "choices": list(HOURS)},
    "window_wait": {"type": "int", "default": 0},
    "is_public": {"type": "bool", "default": False, "aliases": ["isPublic"]},
    "format": {"type": "str", "choices": ["json", "xml"], "default": "json"},
    "force": {"type": "bool", "default": False},
    "on_unknown": {"type": "str", "choices": ["fail", "retry", "adopt"], "default": "fail"},
    "link_id": {"type": "str", "aliases": ["linkId"]},
    "visibility": {"type": "str", "choices": ["check", "accept"], "default": "check"},
}
_WHICH = ("test_id", "test_name", "tests")
SNAPSHOT_RULES = {"mutually_exclusive": [_WHICH], "required_one_of": [_WHICH]}

ACCOUNT_GROUP_INFO_SPEC: dict[str, dict[str, t.Any]] = {**CONNECTION, **ACCOUNT_GROUP}

SNAPSHOT_INFO_SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    # Reading the ledger needs none.
    "api_token": {**CONNECTION["api_token"], "required": False},
    **ACCOUNT_GROUP,
    **LEDGER,
    "display_name": {"type": "str", "aliases": ["displayName"]},
    "display_name_regex": {"type": "str"},
    "test_id": {"type": "str", "aliases": ["testId"]},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "is_public": {"type": "bool", "aliases": ["isPublic"]},
    "expired": {"type": "bool"},
    "expires_within": {"type": "int"},
    "state": {"type": "list", "elements": "str", "choices": ["created", "unknown", "in_flight"]},
    "saved_events": {"type": "bool", "default": False},
}

TEST_INFO_SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    "test_id": {"type": "str", "aliases": ["testId"]},
    "name": {"type": "str"},
    "tests": {"type": "list", "elements": "str"},
    "name_regex": {"type": "str"},
    "type": {"type": "str", "choices": list(TYPES)},
    "enabled": {"type": "bool"},
    "saved_events": {"type": "str", "choices": ["exclude", "only", "include"], "default": "exclude"},
    "tag": {"type": "str"},
    "label": {"type": "str"},
}

TEST_RESULT_INFO_SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    "test_id": {"type": "str", "aliases": ["testId"]},
    "test_name": {"type": "str"},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "hours": {"type": "int"},
    "layers": {"type": "list", "elements": "str", "choices": list(LAYERS)},
    "rows": {"type": "bool", "default": True},
}
_WHICH_ONE = ("test_id", "test_name")
TEST_RESULT_INFO_RULES = {"mutually_exclusive": [_WHICH_ONE], "required_one_of": [_WHICH_ONE]}

CHANGE_INPUT_SPEC: dict[str, dict[str, t.Any]] = {
    "start": {"type": "str", "required": True},
    "end": {"type": "str"},
    "hours": {"type": "int", "choices": list(HOURS), "default": 1},
    "windows": {"type": "list", "elements": "str", "choices": list(NEEDS), "required": True},
    "given": {"type": "list", "elements": "str", "default": []},
    "known": {"type": "list", "elements": "str", "default": []},
}

CHANGE_REPORT_SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    "change_id": {"type": "str", "required": True},
    "start": {"type": "str", "required": True},
    "end": {"type": "str", "required": True},
    "before": {"type": "dict", "required": True},
    "during": {"type": "dict"},
    "after": {"type": "dict", "required": True},
    "tests": {"type": "list", "elements": "dict", "required": True},
    "snapshots": {"type": "list", "elements": "dict", "default": []},
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
    "dir": {"type": "path", "required": True},
    "timezone": {"type": "str"},
    "review_date": {"type": "str"},
}
