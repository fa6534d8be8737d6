# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs, said once; the doc fragments say the same to people."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback

from .windows import HOURS

CONNECTION: dict[str, dict[str, t.Any]] = {
    "api_token": {
        "type": "str",
        "required": True,
        "no_log": True,
        "aliases": ["auth_token"],
        "fallback": (env_fallback, ["THOUSANDEYES_API_TOKEN", "TE_TOKEN"]),
    },
    # Not a secret by itself, but half of the v6 credentials.
    "api_email": {"type": "str", "no_log": True, "fallback": (env_fallback, ["THOUSANDEYES_API_EMAIL"])},
    "api_url": {
        "type": "str",
        "default": "https://api.thousandeyes.com",
        "fallback": (env_fallback, ["THOUSANDEYES_API_URL", "TE_BASE_URL"]),
    },
    "api_version": {
        "type": "str",
        "choices": ["v6", "v7"],
        "default": "v7",
        "fallback": (env_fallback, ["THOUSANDEYES_API_VERSION"]),
    },
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
}

LEDGER: dict[str, dict[str, t.Any]] = {
    "ledger": {
        "type": "str",
        "default": "~/.ansible/thousandeyes/ledger.sqlite3",
        "fallback": (env_fallback, ["THOUSANDEYES_LEDGER"]),
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
    **LEDGER,
    **QUOTA,
    "display_name": {"type": "str", "required": True, "aliases": ["displayName"]},
    "test_id": {"type": "str", "aliases": ["testId"]},
    "test_name": {"type": "str"},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "hours": {"type": "int", "choices": list(HOURS)},
    "is_public": {"type": "bool", "default": False, "aliases": ["isPublic"]},
    "aid": {"type": "str", "aliases": ["account_group_id"]},
    "format": {"type": "str", "choices": ["json", "xml"], "default": "json"},
    "force": {"type": "bool", "default": False},
    "on_unknown": {"type": "str", "choices": ["fail", "retry"], "default": "fail"},
}
SNAPSHOT_RULES = {"mutually_exclusive": [("test_id", "test_name")], "required_one_of": [("test_id", "test_name")]}
