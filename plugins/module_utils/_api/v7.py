# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""API v7 on the wire: contract v7."""

from __future__ import annotations

import typing as t

from .._core.account_group import AccountGroup
from .._core.clock import Clock
from .._core.connection import Connection
from .._core.created import CreatedSnapshot
from .._core.errors import NotFound
from .._core.names import composed
from .._core.snapshot import SnapshotRequest
from .._core.test_list import Listing
from .._core.windows import iso
from .answers import account_groups, created_snapshot, flag_of, link_of, post_snapshot, query_of, text_of
from .http_client import HttpAnswer, HttpClient
from .pace import Pace
from .tests import listing


class ApiV7:
    version = "v7"

    def __init__(
        self, connection: Connection, clock: Clock, tell: t.Callable[[str], None], pace: Pace | None = None
    ) -> None:
        self._clock = clock
        accept = "application/hal+json, application/json, application/problem+json"
        self.http = HttpClient(connection, clock, accept, basic=False, tell=tell, pace=pace)

    @property
    def clock_offset(self) -> float | None:
        return self.http.clock_offset

    @property
    def status(self) -> int | None:
        return self.http.status

    def close(self) -> None:
        self.http.close()

    def create_snapshot(self, request: SnapshotRequest) -> CreatedSnapshot:
        answer = post_snapshot(
            self.http,
            f"/v7/tests/{request.test_id}/snapshot",
            request,
            {
                "displayName": request.display_name,
                "startDate": iso(request.window.start),
                "endDate": iso(request.window.end),
                # True is public: v6, the name and the 403 for public snapshots say so; the text of the field says the
                # opposite (contract v7 §4, "the discrepancy"). So it is always sent, and the answer is checked.
                "isPublic": request.is_public,
            },
        )
        fields = answer.json()
        if not isinstance(fields, dict):
            raise answer.nonsense("it is not an object")
        test = fields.get("test")
        saved_event = test.get("savedEvent") if isinstance(test, dict) else None
        return created_snapshot(
            answer,
            request,
            fields,
            version=self.version,
            id_field="id",
            app_link=link_of(fields, "appLink"),
            saved_event=flag_of(saved_event),
        )

    def list_tests(self, aid: str | None, once: bool = False) -> Listing:
        return listing(self.http.get("/v7/tests", query_of(aid), once), "tests", self._clock.now())

    def account_groups(self, aid: str | None) -> list[AccountGroup]:
        return account_groups(self.http.get("/v7/account-groups", {}))

    def tests_with(self, aid: str | None, tag: str) -> set[str]:
        answer, tags = self._tags(aid)
        found = [row for row in tags if composed(f"{row.get('key')}:{row.get('value')}") == composed(tag)]
        if not found:
            raise NotFound(f"tag: there is no tag {tag!r}. There are {_named(tags)}.")
        if not all(isinstance(row.get("assignments"), list) for row in found):
            raise answer.nonsense(f"it does not say what bears the tag {tag!r}")
        return {
            text_of(assignment.get("id")) or ""
            for row in found
            for assignment in row["assignments"]
            # A dashboard may have the id of a test.
            if isinstance(assignment, dict) and assignment.get("type") == "test"
        }

    def tags(self, aid: str | None) -> list[str]:
        return [f"{row.get('key')}:{row.get('value')}" for row in self._tags(aid)[1]]

    def _tags(self, aid: str | None) -> tuple[HttpAnswer, list[dict[str, t.Any]]]:
        answer = self.http.get("/v7/tags", {**query_of(aid), "expand": "assignments"})
        body = answer.json()
        tags = body.get("tags") if isinstance(body, dict) else None
        if not isinstance(tags, list) or not all(isinstance(row, dict) for row in tags):
            raise answer.nonsense("it has no list of tags")
        return answer, tags


def _named(tags: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    return ", ".join(sorted({f"{row.get('key')}:{row.get('value')}" for row in tags})) or "none"
