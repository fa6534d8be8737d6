# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults to inject into the answers to API requests."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from .wire import Request


@dataclass
class Fault:
    """What to do to the requests that match.

    match: `method` and `path` (a regular expression, searched in the path), both optional.
    skip: matching requests to let pass first. times: how often to apply, 0 for ever.
    delay: seconds before the request is handled. delay_after: seconds between its handling and the answer.
    commit: whether the request is handled at all; by default not for `status` and `drop`.
    status, headers, content_type, body (text or JSON): replace those of the answer, headers one by one.
    drop: `reset` (TCP RST) or `close` (FIN) in place of an answer.
    truncate: bytes of the body to send, under the Content-Length of the whole, before the connection is closed.
    raw: all that is sent in place of the answer, with its status line, as Latin-1, before the connection is closed.
    """

    name: str = ""
    match: dict[str, str] = field(default_factory=dict)
    skip: int = 0
    times: int = 1
    delay: float = 0
    delay_after: float = 0
    commit: bool | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = None
    body: Any = None
    drop: str | None = None
    truncate: int | None = None
    raw: str | None = None
    seen: int = 0
    used: int = 0

    def __post_init__(self) -> None:
        if not set(self.match) <= {"method", "path"}:
            raise ValueError("a fault matches by method and path")
        if self.drop not in (None, "reset", "close"):
            raise ValueError("drop is reset or close")
        re.compile(self.match.get("path", ""))
        if self.commit is None:
            self.commit = self.status is None and self.drop is None
        if not self.commit and self.status is None and self.drop is None:
            raise ValueError("a request that is not committed needs a status or a drop")

    def matches(self, request: Request) -> bool:
        return (
            self.match.get("method", request.method) == request.method
            and re.search(self.match.get("path", ""), request.path) is not None
        )

    @property
    def spoils(self) -> bool:
        """Whether the client cannot take the answer for the real one."""
        return any(change is not None for change in (self.status, self.body, self.drop, self.truncate, self.raw))


class Faults:
    """The faults in force. One applies to a request: the oldest that is due, those for ever after the others."""

    def __init__(self) -> None:
        self.rows: list[Fault] = []

    def add(self, **values: Any) -> Fault:
        fault = Fault(**values)
        fault.name = fault.name or f"fault-{len(self.rows) + 1}"
        self.rows.append(fault)
        return fault

    def take(self, request: Request) -> Fault | None:
        """The fault to apply to this request, counted as used."""
        chosen = None
        for fault in sorted(self.rows, key=lambda fault: fault.times == 0):
            if fault.matches(request):
                fault.seen += 1
                if chosen is None and fault.seen > fault.skip and (fault.times == 0 or fault.used < fault.times):
                    chosen = fault
        if chosen:
            chosen.used += 1
        return chosen

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.rows]
