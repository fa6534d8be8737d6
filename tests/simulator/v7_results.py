# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results in v7, in pages that cursors link (contract v7 §7)."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from . import results
from .access import account_group, check_query, require
from .entities import DNS_SERVERS, VIEW_TESTS, TestConfig, User
from .measurements import NUMBERS, Measurement
from .v7_format import QUERY_OFFSET, answer, expansions, parse_date
from .v7_tests import render_test
from .wire import UTC, Answer, ApiError, Request, compact, iso
from .world import World

RANGE = ("window", "startDate", "endDate")
MORE = {"network": ("direction",), "http-server": ("expand",)}  # further query parameters
MAPPINGS = "203.0.113.80 (A)"


class Cursor(NamedTuple):
    """A page of results, as the opaque text of a link holds it: what was asked for when the first page was read."""

    path: str
    start: int | None
    end: int | None
    first: int
    stop: int
    number: int

    def text(self) -> str:
        return base64.urlsafe_b64encode(compact(self).encode("utf-8")).decode("ascii")


def read_results(
    world: World, request: Request, user: User, test_id: str, layer: str, server: str | None = None
) -> Answer:
    """One page of the results of a layer."""
    require(user, VIEW_TESTS)
    check_query(request, ("aid", "cursor", *RANGE, *MORE.get(layer, ())))
    aid = account_group(user, request, malformed=400)
    span = results.span(world, request, "startDate", "endDate", partial(parse_date, offset=QUERY_OFFSET))
    expanded = expansions(request, ("header", "certificate"))
    test = world.find_test(aid, int(test_id))
    results.require_readable(world, test)
    server_id = results.require_layer(test, layer, server)
    direction = results.require_direction(test, request.query.get("direction")) if layer == "network" else None
    if "cursor" in request.query:
        here = _read_cursor(request)
    else:
        here = _first_page(world, request, test, span)
    series = results.Series(world, test, layer, range(here.first, here.stop, test.interval), server_id, direction)
    size = world.settings.results_page_size
    body: dict[str, Any] = {
        "results": [
            _render(series, row, aid, expanded) for row in series.rows(here.number * size, (here.number + 1) * size)
        ],
        "test": render_test(world, request, test),
    }
    if here.start is not None:
        body["startDate"] = _iso(here.start)
    if here.end is not None:
        body["endDate"] = _iso(here.end)
    body["_links"] = {"self": {"href": request.base_url + request.path}}
    pages = -(-series.due // size)
    following = results.next_page(world, here.number, pages)
    if following is not None:
        body["_links"]["next"] = {"href": _link(request, here._replace(number=following))}
    if here.number:
        body["_links"]["previous"] = {"href": _link(request, here._replace(number=here.number - 1))}
    return answer(200, body)


def _first_page(world: World, request: Request, test: TestConfig, span: tuple[int, int] | None) -> Cursor:
    """Start and end are told where they were asked for, the end of a window as well."""
    before = span is not None and world.settings.results_round_before
    rounds = results.rounds(world, test, span, before)
    start, end = span or (None, None)
    if not {"window", "endDate"} & set(request.query):
        end = None
    return Cursor(request.path, start, end, rounds.start, rounds.stop, 0)


def _read_cursor(request: Request) -> Cursor:
    """ApiError 400 for a cursor that is none of this resource's."""
    try:
        values = json.loads(base64.b64decode(request.query["cursor"], altchars=b"-_", validate=True))
        cursor = Cursor(*values)
        numbers = [value for value in cursor[1:3] if value is not None] + list(cursor[3:])
        if cursor.path == request.path and all(number.__class__ is int and abs(number) < 2**40 for number in numbers):
            return cursor
    except (binascii.Error, ValueError, TypeError):
        pass
    raise ApiError(400, "Invalid cursor", "cursor")


def _link(request: Request, page: Cursor) -> str:
    """The cursor stands for the range, as it was when the first page was read."""
    query = {name: value for name, value in request.query.items() if name not in RANGE}
    return f"{request.base_url}{request.path}?{urlencode({**query, 'cursor': page.text()})}"


def _iso(seconds: int) -> str:
    return iso(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def _render(series: results.Series, row: results.Row, aid: int, expanded: set[str]) -> dict[str, Any]:
    settings, test, measured = series.world.settings, series.test, row.measurement
    app_link = (
        f"https://app.thousandeyes.com/view/tests?__a={aid}&testId={test.test_id}"
        f"&roundId={row.round_id}&agentId={row.agent.agent_id}"
    )
    body: dict[str, Any] = {
        "agent": {
            "agentId": str(row.agent.agent_id),
            "agentName": row.agent.name,
            "countryId": row.agent.country,
            "location": row.agent.location,
        },
        "date": _iso(measured.at),
        "roundId": row.round_id,
        "startTime": measured.at,
        "endTime": measured.at + 1,
        "_links": {"appLink": {"href": app_link}},
    }
    if settings.results_missing == "null":
        body.update(dict.fromkeys(NUMBERS[series.layer]))
    body.update(measured.values)
    if series.layer == "network":
        body.update(serverIp=results.target_ip(test), server=results.target_host(test), direction=series.direction)
        body["healthScore"] = _health(measured, "loss", 20)
    elif series.layer == "http-server":
        body["serverIp"] = results.target_ip(test)
        body["errorType"] = measured.error[0] if measured.error else settings.results_error_none
        body["healthScore"] = _health(measured, "responseTime", 5000)
        tls = results.tls(test, measured)
        body.update(tls)
        if "header" in expanded:
            body["headers"] = results.http_headers(test)
        if "certificate" in expanded and tls:
            body["sslCertificates"] = [{"subjectName": "*.example.com", "issuerName": "Example CA"}]
    elif series.layer == "dns-server" and row.server is not None:
        body.update(serverId=str(row.server), server=DNS_SERVERS[row.server])
        if not measured.error:
            body["mappings"] = MAPPINGS
    if measured.error and series.layer in ("http-server", "dns-server"):
        body["errorDetails"] = measured.error[1]
    return body


def _health(measured: Measurement, name: str, worst: float) -> float:
    """1 for no loss or no time at all, 0 for the worst, and -1 where there is too little to judge by."""
    value = measured.values.get(name)
    return -1.0 if value is None else round(max(1 - float(value) / worst, 0.0), 4)
