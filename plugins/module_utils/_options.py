# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The options that modules share, each group with a doc fragment that says the same to people."""

from __future__ import annotations

import os
import typing as t

_LEDGER_IN_HOME = "thousandeyes/ledger.sqlite3"


def from_environment(*names: str) -> str:
    """Unlike Ansible's own fallback, this takes an empty variable for none: credential injectors leave such behind."""
    value = _first(names)
    if value is None:
        # Here, since whoever calls a task without Ansible needs its options, too.
        from ansible.module_utils.errors import AnsibleFallbackNotFound

        raise AnsibleFallbackNotFound
    return value


def ledger_from_environment(*names: str) -> str:
    """Like C(from_environment), or else the default in Ansible's home where that is not C(~/.ansible)."""
    ledger = _first(names)
    if ledger is not None:
        return ledger
    return os.path.abspath(os.path.join(os.path.expanduser(from_environment("ANSIBLE_HOME")), _LEDGER_IN_HOME))


def _first(names: t.Iterable[str]) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


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
}

QUOTA_WAIT: dict[str, dict[str, t.Any]] = {
    "quota_wait": {"type": "int", "default": 900},
}
