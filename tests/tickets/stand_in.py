# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-ins for ServiceNow and Jira share: a server that keeps a record of all that it was asked."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import web

from support.served import Served

USER, PASSWORD = "integration", "password-of-tickets-5120"
Row = dict[str, Any]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, body: Row) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


class Asked(NamedTuple):
    """A request. ``body`` is what was sent, of a file its content."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class File:
    """An attachment."""

    name: str
    type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Ticket:
    """What somebody sees of a ticket: notes or comments, and files. ``fields`` are all others."""

    key: str
    notes: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    fields: Row = field(default_factory=lambda: {"state": "implement"})


class StandIn(Served):
    """A running server, as a context manager. ``journal`` has each request that had the right password.

    ``may`` is what its user may do, and ``largest`` the size of the largest file, in bytes.
    """

    rights: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__("stand-in")
        self.tickets: list[Ticket] = []
        self.may = set(self.rights)
        self.largest = 10_000_000
        self.journal: list[Asked] = []
        self.refused_logins = 0

    async def respond(self, request: web.Request) -> web.StreamResponse:
        try:
            if not self.known(request.headers.get("Authorization", "")):
                self.refused_logins += 1
                raise self.unknown_user()
            return await self.answer(request)
        except Refusal as exc:
            return web.json_response(exc.body, status=exc.status)

    def known(self, authorization: str) -> bool:
        return authorization == f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

    def record(self, request: web.Request, body: Any = None) -> None:
        self.journal.append(Asked(request.method, request.path, dict(request.query), body))

    @property
    def writes(self) -> list[Asked]:
        return [each for each in self.journal if each.method != "GET"]

    def unknown_user(self) -> Refusal:
        raise NotImplementedError

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError
