# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for ServiceNow's Table and Attachment API, as far as servicenow.itsm needs it here. It is not ServiceNow.

What it is known to do, it does: it leaves out what a user may not read, ignores a condition that it does not
understand, cuts a work note at 4,000 characters, and computes the checksum of what is attached.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from aiohttp import web

from tickets.stand_in import File, Refusal, Row, StandIn, Ticket

LONGEST_NOTE = 4000
FIELDS = {
    "change_request": ("sys_id", "number", "work_notes", "state"),
    "sys_journal_field": ("sys_id", "element_id", "element", "value"),
}


def refusal(status: int, message: str, detail: str = "") -> Refusal:
    return Refusal(status, {"error": {"message": message, "detail": detail}, "status": "failure"})


def sys_id(ticket: Ticket) -> str:
    return str(ticket.fields.setdefault("sys_id", hashlib.md5(ticket.key.encode()).hexdigest()))


class ServiceNow(StandIn):
    rights = ("read", "write", "attach", "read entries", "read notes")

    def unknown_user(self) -> Refusal:
        return refusal(401, "User Not Authenticated", "Required to provide Auth information")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        parts = request.path.removeprefix("/api/now/").split("/")
        if parts == ["attachment", "file"] and request.method == "POST":
            return await self._attach(request)
        if parts[0] == "table" and len(parts) == 3 and request.method == "PATCH":
            return self._patch(request, parts[1], parts[2], await request.json())
        self.record(request)
        if parts == ["attachment"] and request.method == "GET":
            return self._page(request, self._attachments(request))
        if parts[0] == "table" and len(parts) == 2 and request.method == "GET":
            return self._page(request, self._records(parts[1], dict(request.query)))
        raise refusal(400, "Requested URI does not represent any resource", request.path)

    def _page(self, request: web.Request, rows: list[Row]) -> web.StreamResponse:
        start, size = int(request.query.get("sysparm_offset", 0)), int(request.query.get("sysparm_limit", 10000))
        return web.json_response({"result": rows[start : start + size]}, headers={"X-Total-Count": str(len(rows))})

    def _find(self, identity: str) -> Ticket:
        for ticket in self.tickets:
            if sys_id(ticket) == identity and "read" in self.may:
                return ticket
        raise refusal(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")

    def _records(self, table: str, query: dict[str, str]) -> list[Row]:
        if table not in FIELDS:
            raise refusal(400, f"Invalid table {table}")
        rows = self._changes(query) if table == "change_request" else self._entries()
        conditions = [condition for condition in query.get("sysparm_query", "").split("^") if condition]
        conditions += [f"{name}={query[name]}" for name in FIELDS[table] if name in query]
        for condition in conditions:
            rows = [row for row in rows if self._fits(table, row, condition)]
        wanted = [name for name in query.get("sysparm_fields", "").split(",") if name] or list(FIELDS[table])
        return [{name: row.get(name, "") for name in wanted} for row in rows]

    def _fits(self, table: str, row: Row, condition: str) -> bool:
        for operator in ("LIKE", "="):
            name, found, value = condition.partition(operator)
            if found and name in FIELDS[table]:
                held = str(row[name])
                return value in held if operator == "LIKE" else value.lower() == held.lower()
        return True

    def _changes(self, query: dict[str, str]) -> list[Row]:
        shown = query.get("sysparm_display_value") == "true" and "read notes" in self.may
        return [
            {
                **ticket.fields,
                "sys_id": sys_id(ticket),
                "number": ticket.key,
                "work_notes": "\n\n".join(
                    f"2026-11-24 00:10:00 - Somebody (Work notes)\n{note}" for note in reversed(ticket.notes)
                )
                if shown
                else "",
            }
            for ticket in self.tickets
            if "read" in self.may
        ]

    def _entries(self) -> list[Row]:
        return [
            {"sys_id": f"{number}", "element_id": sys_id(ticket), "element": "work_notes", "value": note}
            for ticket in self.tickets
            for number, note in enumerate(ticket.notes)
            if "read entries" in self.may
        ]

    def _attachments(self, request: web.Request) -> list[Row]:
        if request.query.get("table_name") != "change_request":
            raise refusal(400, "This stand-in needs table_name=change_request")
        ticket = self._find(request.query["table_sys_id"])
        return [self._row(ticket, number) for number in range(len(ticket.files))]

    def _row(self, ticket: Ticket, number: int) -> Row:
        file = ticket.files[number]
        return {
            "sys_id": f"{sys_id(ticket)[:24]}{number:08d}",
            "table_name": "change_request",
            "table_sys_id": sys_id(ticket),
            "file_name": file.name,
            "content_type": file.type,
            "size_bytes": str(len(file.content)),
            "hash": file.sha256,
        }

    def _patch(self, request: web.Request, table: str, identity: str, body: Any) -> web.StreamResponse:
        self.record(request, body)
        if table != "change_request" or not isinstance(body, dict):
            raise refusal(400, f"Invalid table {table}")
        ticket = self._find(identity)
        if "write" not in self.may:
            raise refusal(403, "Operation Failed", "ACL Exception Update Failed due to security constraints")
        for name, value in body.items():
            if name == "work_notes":
                ticket.notes.append(value[:LONGEST_NOTE])
            else:
                ticket.fields[name] = value
        (row,) = self._records("change_request", {"sys_id": identity})
        return web.json_response({"result": row})

    async def _attach(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        self.record(request, content)
        for name in ("table_name", "table_sys_id", "file_name"):
            if not request.query.get(name):
                raise refusal(400, f"Missing required query parameter {name}")
        if "/" not in request.headers.get("Content-Type", ""):
            raise refusal(415, "Unsupported Content-Type")
        ticket = self._find(request.query["table_sys_id"])
        if "attach" not in self.may:
            raise refusal(403, "User Not Authorized", "User does not have permission to attach")
        if len(content) > self.largest:
            raise refusal(413, "File size exceeds the maximum", str(self.largest))
        ticket.files.append(File(request.query["file_name"], request.headers["Content-Type"], content))
        text = json.dumps({"result": self._row(ticket, len(ticket.files) - 1)})
        return web.Response(text=text, status=201, content_type="application/json")
