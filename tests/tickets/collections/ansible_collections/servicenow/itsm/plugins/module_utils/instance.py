# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-ins for modules of servicenow.itsm share: requests to an instance. They are no part of it."""

from __future__ import annotations

import json
import typing as t
from urllib.error import HTTPError
from urllib.parse import urlencode

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible.module_utils.urls import Request

INSTANCE = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "host": {"type": "str", "required": True, "fallback": (env_fallback, ["SN_HOST"])},
        "username": {"type": "str", "fallback": (env_fallback, ["SN_USERNAME"])},
        "password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["SN_PASSWORD"])},
    },
}


class Instance:
    """The instance that a task names. What it refuses ends the task."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        given = module.params["instance"]
        self._host = given["host"]
        self._request = Request(
            url_username=given["username"],
            url_password=given["password"],
            force_basic_auth=True,
            headers={"Accept": "application/json"},
        )

    def rows(self, path: str, **query: t.Any) -> list[dict[str, t.Any]]:
        return self.ask("GET", path, query)

    def ask(self, method: str, path: str, query: dict[str, t.Any], data: t.Any = None, kind: str = "") -> t.Any:
        try:
            return self._sent(method, path, query, data, kind)["result"]
        except HTTPError as exc:
            self._module.fail_json(msg=f"Unexpected response - {exc.code} {exc.read().decode(errors='replace')}")

    def upload(self, query: dict[str, t.Any], content: bytes, kind: str) -> t.Any:
        """As the real module does, it takes an error for a result, and ends without a message."""
        try:
            return self._sent("POST", "attachment/file", query, content, kind)["result"]
        except HTTPError as exc:
            return json.loads(exc.read())["result"]

    def _sent(self, method: str, path: str, query: dict[str, t.Any], data: t.Any, kind: str) -> t.Any:
        headers = {"Content-Type": kind} if kind else {}
        url = f"{self._host}/api/now/{path}?{urlencode(query)}"
        return json.loads(self._request.open(method, url, data=data, headers=headers).read())
