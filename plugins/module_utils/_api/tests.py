# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading the list of tests of either version: contract v6 §5, v7 §5."""

from __future__ import annotations

import functools
import re
import typing as t

from .._core.errors import InvalidRequest
from .._core.test_list import Details, ListedTest, Listing
from .._core.windows import iso, parse_instant
from .answers import flag_of, rows_of, text_of
from .fields import LAYERS
from .http_client import HttpAnswer

# Names of test types in v6 that are others in v7.
_TYPES = {"dns-dnssec": "dnssec"}


def listing(answer: HttpAnswer, field: str, now: float) -> Listing:
    """The test list in ``field`` of an answer that came at ``now``.

    :raises UnexpectedResponse: there is none. It is not taken for an empty one.
    """
    return Listing(
        tests=[listed(row) for row in rows_of(answer, field, "testId")],
        clock_offset=answer.clock_offset(now),
        is_whole=not _goes_on(answer.json()),
    )


def _goes_on(body: t.Mapping[str, t.Any]) -> bool:
    """Whether the answer links to more, as results do. No list of tests has been seen to (contract v7 §5)."""
    return any(isinstance(links, dict) and links.get("next") for links in (body.get("_links"), body.get("pages")))


def listed(row: t.Mapping[str, t.Any]) -> ListedTest:
    """A test of the list, which reads its details from the row only when asked for them."""
    get = row.get
    saved_event = flag_of(get("savedEvent"))
    name = get("testName")
    kind = text_of(get("type")) or ""
    # By position, which takes half the time: a list may have 20,000 tests.
    return ListedTest(
        text_of(get("testId")) or "",
        # It keeps its blanks, as titles do.
        name if isinstance(name, str) else "",
        _TYPES.get(kind, kind),
        saved_event is True,
        _epoch_of(get("createdDate")) if saved_event else None,
        saved_event,
        flag_of(get("enabled")),
        row,
        _details,
    )


def _details(row: t.Mapping[str, t.Any]) -> Details:
    interval = row.get("interval")
    return Details(
        live_share=flag_of(row.get("liveShare")),
        alerts_enabled=flag_of(row.get("alertsEnabled")),
        interval=interval if isinstance(interval, int) else None,
        description=_string(row.get("description")),
        created_by=_string(row.get("createdBy")),
        created_date=_iso_of(row.get("createdDate")),
        modified_by=_string(row.get("modifiedBy")),
        modified_date=_iso_of(row.get("modifiedDate")),
        layers=_layers(row),
    )


def _layers(row: t.Mapping[str, t.Any]) -> list[str] | None:
    """The layers that the row links to, of those that can be read; None where it has no such links at all."""
    links = row.get("_links")
    linked = links.get("testResults") if isinstance(links, dict) else None
    api_links = row.get("apiLinks")
    if linked is None and api_links is None:
        return None
    found = [*_objects_in(linked), *(link for link in _objects_in(api_links) if link.get("rel") == "data")]
    paths = [str(link.get("href")).partition("?")[0] for link in found]
    return [name for name, pattern in _results_paths().items() if any(pattern.search(path) for path in paths)]


@functools.lru_cache(maxsize=None)
def _results_paths() -> dict[str, t.Pattern[str]]:
    """How the path of a layer's results ends, in either version."""
    return {
        name: re.compile(rf"(?:/test-results/\d+/{name}|/{layer.v6_path}/\d+)(?:\.json)?$")
        for name, layer in LAYERS.items()
    }


def _objects_in(value: t.Any) -> list[dict[str, t.Any]]:
    """A single one may stand for a list of one."""
    return [row for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict)]


def _string(value: t.Any) -> str | None:
    return value if isinstance(value, str) else None


def _epoch_of(value: t.Any) -> float | None:
    try:
        return parse_instant(value, "createdDate").timestamp() if isinstance(value, str) else None
    except InvalidRequest:
        return None


def _iso_of(value: t.Any) -> str | None:
    try:
        return iso(parse_instant(value, "date")) if isinstance(value, str) else None
    except InvalidRequest:
        return None
