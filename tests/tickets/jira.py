# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Jira's REST API, version 2, as far as community.general.jira needs it here. It is not Jira.

As Jira Cloud, it tells the last 100 comments with an issue, and the others by pages. It keeps several files of one
name.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tickets.stand_in import File, Refusal, Row, StandIn, Ticket

API = "/rest/api/2/issue/"
TOLD, LONGEST = 100, 32_767
TOKEN = "personal-access-token-6144"


def refusal(status: int, *messages: str, **errors: str) -> Refusal:
    return Refusal(status, {"errorMessages": list(messages), "errors": errors})


class Jira(StandIn):
    rights = ("read", "comment", "attach")

    def known(self, authorization: str) -> bool:
        return super().known(authorization) or authorization == f"Bearer {TOKEN}"

    def unknown_user(self) -> Refusal:
        return refusal(401, "You do not have the permission to see the specified issue.")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        key, _slash, rest = request.path.removeprefix(API).partition("/")
        if not request.path.startswith(API) or rest not in ("", "comment", "attachments"):
            raise refusal(404, request.path)
        if rest == "attachments" and request.method == "POST":
            return await self._attach(request, key)
        body = await request.json() if request.can_read_body else None
        self.record(request, body)
        ticket = self._find(key)
        if request.method == "GET" and rest == "":
            return web.json_response(self._issue(ticket))
        if request.method == "GET" and rest == "comment":
            start, size = int(request.query.get("startAt", 0)), int(request.query.get("maxResults", TOLD))
            return web.json_response(self._comments(ticket, start, min(size, TOLD)))
        if request.method == "POST" and rest == "comment":
            return self._comment(ticket, body)
        raise refusal(405, f"{request.method} is not allowed")

    def _find(self, key: str) -> Ticket:
        for ticket in self.tickets:
            if ticket.key == key.upper() and "read" in self.may:
                return ticket
        raise refusal(404, "Issue does not exist or you do not have permission to see it.")

    def _issue(self, ticket: Ticket) -> Row:
        comments = self._comments(ticket, max(0, len(ticket.notes) - TOLD), TOLD)
        files = [self._file(number, file) for number, file in enumerate(ticket.files)]
        return {"id": "10001", "key": ticket.key, "fields": {**ticket.fields, "attachment": files, "comment": comments}}

    def _file(self, number: int, file: File) -> Row:
        return {"id": str(number), "filename": file.name, "size": len(file.content), "mimeType": file.type}

    def _comments(self, ticket: Ticket, start: int, size: int) -> Row:
        told = [{"id": str(number), "body": note} for number, note in enumerate(ticket.notes)][start : start + size]
        return {"comments": told, "startAt": start, "maxResults": size, "total": len(ticket.notes)}

    def _comment(self, ticket: Ticket, body: Any) -> web.StreamResponse:
        if not isinstance(body, dict) or set(body) - {"body", "visibility", "properties"}:
            raise refusal(400, "Unrecognized field")
        if not body.get("body"):
            raise refusal(400, comment="Comment body can not be empty!")
        if "comment" not in self.may:
            raise refusal(400, comment="You do not have the permission to comment on this issue.")
        if len(body["body"]) > LONGEST:
            raise refusal(
                400, comment="The entered text is too long. It exceeds the allowed limit of 32,767 characters."
            )
        ticket.notes.append(body["body"])
        return web.json_response(self._comments(ticket, len(ticket.notes) - 1, 1)["comments"][0], status=201)

    async def _attach(self, request: web.Request, key: str) -> web.StreamResponse:
        if request.content_type != "multipart/form-data":
            raise refusal(415, "Unsupported Media Type")
        files = []
        async for part in await request.multipart():
            name = part.filename if part.name == "file" else None
            files.append(File(name or "", part.headers.get("Content-Type", ""), bytes(await part.read())))
        self.record(request, [file.name for file in files])
        ticket = self._find(key)
        if request.headers.get("X-Atlassian-Token") != "no-check":
            raise refusal(403, "XSRF check failed")
        if "attach" not in self.may:
            raise refusal(403, "You do not have permission to create attachments for this issue.")
        if not files or not all(file.name for file in files):
            raise refusal(400, "There is no part named file with a file name.")
        if any(len(file.content) > self.largest for file in files):
            raise refusal(413, f"The file exceeds its maximum permitted size of {self.largest} bytes.")
        ticket.files += files
        return web.json_response([self._file(number, file) for number, file in enumerate(files)])
