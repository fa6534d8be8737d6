# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""API v6 on the wire: contract v6. The vendor has retired it."""

from __future__ import annotations

import typing as t

from .._core.account_group import AccountGroup
from .._core.clock import Clock
from .._core.connection import Connection
from .._core.created import CreatedSnapshot
from .._core.errors import NotFound
from .._core.links import own_test_of
from .._core.names import composed
from .._core.snapshot import SnapshotRequest
from .._core.test_list import Listing
from .answers import account_groups, created_snapshot, flag_of, post_snapshot, query_of, rows_of, text_of
from .http_client import HttpAnswer, HttpClient
from .pace import Pace
from .tests import listing
from .xml import NotXml, read_xml

_TIME = "%Y-%m-%dT%H:%M:%S"


class ApiV6:
    version = "v6"

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        answer_format: str,
        tell: t.Callable[[str], None],
        pace: Pace | None = None,
    ) -> None:
        self._format = answer_format
        self._clock = clock
        self.http = HttpClient(
            connection,
            clock,
            accept="application/json" if answer_format == "json" else "text/xml",
            basic=connection.email is not None,
            tell=tell,
            pace=pace,
        )

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
            f"/v6/snapshot.{self._format}",
            request,
            {
                "testId": int(request.test_id),
                "displayName": request.display_name,
                "from": request.window.start.strftime(_TIME),
                "to": request.window.end.strftime(_TIME),
                "isPublic": int(request.is_public),
            },
        )
        link, tests = _read_xml(answer) if self._format == "xml" else _read_json(answer)
        # What a private snapshot answers is not documented (contract v6 §4): its own test may come in either place.
        snapshot_test = next((test for test in tests if test.get("testId")), {})
        ids = [link.get("testId"), snapshot_test.get("testId")]
        own = next((value for value in ids if own_test_of(text_of(value), request.test_id)), None)
        return created_snapshot(
            answer,
            request,
            {**link, "testId": own},
            version=self.version,
            id_field="linkId",
            app_link=None,
            saved_event=flag_of(snapshot_test.get("savedEvent")),
        )

    def list_tests(self, aid: str | None, once: bool = False) -> Listing:
        return listing(self.http.get("/v6/tests.json", query_of(aid), once), "test", self._clock.now())

    def account_groups(self, aid: str | None) -> list[AccountGroup]:
        return account_groups(self.http.get("/v6/account-groups.json", query_of(aid)))

    def tests_with(self, aid: str | None, tag: str) -> set[str]:
        labels = rows_of(self.http.get("/v6/groups/tests.json", query_of(aid)), "groups", "groupId")
        found = [text_of(row["groupId"]) for row in labels if composed(str(row.get("name"))) == composed(tag)]
        if not found:
            names = ", ".join(sorted(repr(row.get("name")) for row in labels)) or "none"
            raise NotFound(f"label: there is no label {tag!r}. There are {names}.")
        answers = [self.http.get(f"/v6/groups/{group_id}.json", query_of(aid)) for group_id in found]
        return {
            text_of(test["testId"]) or ""
            for answer in answers
            for row in rows_of(answer, "groups", "groupId")
            for test in rows_of(answer, "tests", "testId", row)
        }

    def tags(self, aid: str | None) -> list[str]:
        labels = rows_of(self.http.get("/v6/groups/tests.json", query_of(aid)), "groups", "groupId")
        return [str(row.get("name")) for row in labels]


def _read_json(answer: HttpAnswer) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    body = answer.json()
    if not isinstance(body, dict):
        raise answer.nonsense("it is not an object")
    link, tests = body.get("link"), body.get("test")
    return (
        link if isinstance(link, dict) else {},
        [test for test in tests if isinstance(test, dict)] if isinstance(tests, list) else [],
    )


def _read_xml(answer: HttpAnswer) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    """No sample of v6 XML is known (contract v6 §8): element names as in JSON, however they are nested."""
    try:
        root = read_xml(answer.content)
    except NotXml as error:
        raise answer.nonsense(str(error)) from None
    found: dict[str, list[dict[str, t.Any]]] = {
        tag: [{leaf.tag: leaf.text for leaf in element.iter() if not len(leaf)} for element in root.iter(tag)]
        for tag in ("link", "test")
    }
    links = found["link"] or [{leaf.tag: leaf.text for leaf in root.iter() if not len(leaf)}]
    return links[0], found["test"]
