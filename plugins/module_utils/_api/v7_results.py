# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Results in v7: contract v7 §7."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

from .._core.measurements import Measurement
from .._core.windows import Window, iso
from .answers import link_of, query_of
from .http import HttpAnswer, HttpClient
from .result_pages import Page, read_pages


def read_results(
    http: HttpClient, test_id: str, layer: str, window: Window, aid: str | None
) -> t.Iterator[Measurement]:
    query = {**query_of(aid), "startDate": iso(window.start), "endDate": iso(window.end)}
    return read_pages(http, f"/v7/test-results/{test_id}/{layer}", query, test_id, layer, window, _page)


def _page(answer: HttpAnswer) -> Page:
    body = answer.json()
    if not isinstance(body, dict):
        raise answer.nonsense("it is not an object")
    links = body.get("_links") or {}
    following = links.get("next") if isinstance(links, dict) else links
    if not following or (isinstance(following, dict) and not following.get("href")):
        return Page(body.get("results"), None, body.get("test"))
    link = link_of(body, "next")
    if link is None:
        raise answer.nonsense("its link to the next page is malformed")
    try:
        cursors = parse_qs(urlsplit(link).query).get("cursor", [])
    except ValueError:
        cursors = []
    if len(cursors) != 1:
        raise answer.nonsense("its link to the next page has no cursor")
    return Page(body.get("results"), {"cursor": cursors[0]}, body.get("test"))
