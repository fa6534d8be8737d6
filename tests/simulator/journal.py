# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of the API requests received."""

from __future__ import annotations

import json
from typing import Any

from .wire import Request, iso
from .world import World


class Journal:
    """One row per request, in the order of arrival; credentials are left out."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._count = 0

    def add(self, world: World, request: Request, connection: str) -> dict[str, Any]:
        """A new row; its `status` and `fault` are filled in later."""
        self._count += 1
        headers = dict(request.headers)
        for name in headers:
            if name.lower() == "authorization":
                headers[name] = f"{headers[name].partition(' ')[0]} ***"
        user = world.authenticate(*request.credentials)
        try:
            parsed = json.loads(request.body)
        except ValueError:
            parsed = None
        row = {
            "n": self._count,
            "at": iso(world.clock.now()),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": headers,
            "auth": {"scheme": request.scheme, "uid": user.uid if user else None},
            "body": request.body.decode("utf-8", "replace"),
            "json": parsed,
            "status": None,
            "fault": None,
            "connection": connection,
        }
        self.rows.append(row)
        return row
