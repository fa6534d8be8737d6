# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Results in v6: contract v6 §7."""

from __future__ import annotations

import functools
import typing as t
from urllib.parse import parse_qsl, urlsplit

from .._core.measurements import Measurement
from .._core.windows import Window, iso
from .answers import query_of, text_of
from .fields import LAYERS
from .http import HttpAnswer, HttpClient
from .result_pages import Page, read_pages


def read_results(
    http: HttpClient, test_id: str, layer: str, window: Window, aid: str | None
) -> t.Iterator[Measurement]:
    place = LAYERS[layer]
    path = f"/v6/{place.v6_path}/{test_id}"
    # Times without a zone are UTC.
    query = {**query_of(aid), "from": iso(window.start).rstrip("Z"), "to": iso(window.end).rstrip("Z")}
    return read_pages(
        http, f"{path}.json", query, test_id, layer, window, functools.partial(_page, path, place.v6_rows)
    )


def _page(path: str, names: tuple[str, str], answer: HttpAnswer) -> Page:
    outer, inner = names
    body = answer.json()
    results = body.get(outer) if isinstance(body, dict) else None
    rows, test = (results.get(inner), results.get("test")) if isinstance(results, dict) else (None, None)
    pages = (body.get("pages") if isinstance(body, dict) else None) or {}
    if isinstance(pages, dict) and not pages.get("next"):
        return Page(rows, None, test)
    link = text_of(pages.get("next")) if isinstance(pages, dict) else None
    if link is None:
        raise answer.nonsense("its link to the next page is malformed")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise answer.nonsense("its link to the next page is malformed") from None
    if not parts.path.removesuffix(".json").endswith(path):
        raise answer.nonsense(f"its link to the next page leads to other results: {parts.path}")
    return Page(rows, {name: value for name, value in parse_qsl(parts.query) if name != "aid"}, test)
