# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading results of either version: from page to page, and from rows to measurements."""

from __future__ import annotations

import typing as t
from urllib.parse import urlencode

from .._core.measurements import Measurement
from .._core.windows import Window
from .answers import text_of
from .fields import measured, nonsense, succeeded
from .http_client import HttpAnswer, HttpClient

# More pages than that without a result lead nowhere.
_MOST_EMPTY = 100
# Seconds of the shortest and of the longest interval of a test (contract v7 §5).
_SHORTEST_ROUND = 60
_LONGEST_ROUND = 3600
# No page is that much smaller than a round. No test has as many agents and servers as that makes results.
_MOST_PAGES_A_ROUND = 10
_MOST_RESULTS = 1_000_000


class Page(t.NamedTuple):
    """``rows`` as the API gave them. ``following``: the query parameters that make the next page, None for the last.

    ``test`` is what the answer tells of the test that they are of.
    """

    rows: t.Any
    following: dict[str, str] | None
    test: t.Any


def read_pages(
    http: HttpClient,
    path: str,
    query: t.Mapping[str, str],
    test_id: str,
    layer: str,
    window: Window,
    page_of: t.Callable[[HttpAnswer], Page],
) -> t.Iterator[Measurement]:
    """All measurements of all pages, in the order of the API. No page is kept.

    Every page is read from ``path``, wherever its link leads, so that the credentials stay with the API; and with
    ``query``, as the vendor's SDK does it (contract v7 §7).

    :raises UnexpectedResponse: a page cannot be read or is of another test, or the links lead in a circle or nowhere.
    """
    way = _Way(test_id, window)
    asked = dict(query)
    while True:
        answer = http.get(path, asked)
        rows, following, test = page_of(answer)
        before = way.check_page(answer, rows, test)
        for row in rows:
            found = _measurement(answer, layer, row)
            way.note(found)
            yield found
        if following is None:
            return
        way.check_next(answer, before if rows else None, following)
        asked = {**query, **following}


class _Way:
    """From page to page, and what tells that it leads nowhere."""

    def __init__(self, test_id: str, window: Window) -> None:
        self._test_id = test_id
        self._first, self._last = window.start.timestamp() - _LONGEST_ROUND, window.end.timestamp()
        rounds = int((self._last - self._first) / _SHORTEST_ROUND)
        self._most_pages = _MOST_EMPTY + rounds * _MOST_PAGES_A_ROUND
        self._seen: set[str] = set()
        self._brought: set[int] = set()
        self._pages = self._empty = 0

    def check_page(self, answer: HttpAnswer, rows: t.Any, test: t.Any) -> int:
        """How many results of the window there were before this page.

        :raises UnexpectedResponse: it is of another test, no page, or one more of too many without a result.
        """
        told = text_of(test.get("testId")) if isinstance(test, dict) else None
        if told not in (None, self._test_id):
            raise answer.nonsense(f"it has results of test {told}, not {self._test_id}")
        if not isinstance(rows, list):
            raise answer.nonsense("it has no list of results")
        self._pages, self._empty = self._pages + 1, 0 if rows else self._empty + 1
        if self._empty > _MOST_EMPTY:
            raise answer.nonsense(f"there were {self._empty} pages without a result, one after the other")
        return len(self._brought)

    def note(self, found: Measurement) -> None:
        if self._first <= found.round_id <= self._last:
            # Not the three themselves, which take several times as much.
            self._brought.add(hash((found.round_id, found.agent_id, found.server)))

    def check_next(self, answer: HttpAnswer, before: int | None, following: dict[str, str]) -> None:
        """``before``: how many results there were before this page, if it has any.

        :raises UnexpectedResponse: the link to the next page leads in a circle or nowhere.
        """
        brought = len(self._brought)
        if brought == before:
            raise answer.nonsense("its results had all come before, or are not of the window, and there is a next page")
        if self._pages >= self._most_pages or brought > _MOST_RESULTS:
            raise answer.nonsense(f"{self._pages} pages with {brought} results are more than a window can have")
        place = urlencode(following)
        if place in self._seen:
            raise answer.nonsense(f"its link to the next page leads in a circle, once more to {place}")
        self._seen.add(place)


def _measurement(answer: HttpAnswer, layer: str, row: t.Any) -> Measurement:
    fields = row if isinstance(row, dict) else {}
    # In v6 what is told of the agent is in the row itself.
    agent = fields["agent"] if isinstance(fields.get("agent"), dict) else fields
    round_id, agent_id = text_of(fields.get("roundId")) or "", text_of(agent.get("agentId")) or ""
    if not (round_id.isdecimal() and agent_id.isdecimal() and len(round_id) < 20 and len(agent_id) < 20):
        raise answer.nonsense("a result does not tell its agent and round")
    return Measurement(
        round_id=int(round_id),
        agent_id=agent_id,
        agent_name=text_of(agent.get("agentName")),
        country=text_of(agent.get("countryId")),
        server=text_of(fields.get("server")),
        error=_error(layer, fields),
        values=measured(layer, fields),
    )


def _error(layer: str, fields: t.Mapping[str, t.Any]) -> str | None:
    kind, details = text_of(fields.get("errorType")), text_of(fields.get("errorDetails"))
    if kind is not None and succeeded(kind):
        kind = None
    told = ": ".join(text for text in (kind, details) if text)
    return "; ".join(text for text in (told, nonsense(layer, fields)) if text) or None
