# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results in v6, in pages of whole rounds (contract v6 §7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from . import results
from .access import account_group, check_query, require
from .entities import DNS_SERVERS, VIEW_TESTS, User
from .measurements import NUMBERS
from .v6_format import DATE_FORMAT, parse_date, write
from .v6_tests import find_test, render_test
from .wire import UTC, Answer, ApiError, Request
from .world import World

RANGE = ("window", "from", "to")
# v7 name of a layer: the names of the envelope and its rows, further query parameters.
LAYERS = {
    "network": ("net", "metrics", ("direction",)),
    "http-server": ("web", "httpServer", ("headers", "certificates")),
    "page-load": ("web", "pageLoad", ()),
    "dns-server": ("dns", "server", ()),
}
MAPPINGS = "203.0.113.80 (A)"


def read_results(
    layer: str,
    world: World,
    request: Request,
    user: User,
    wire_format: str,
    test_id: str,
    server: str | None = None,
) -> Answer:
    """One page of the results of a layer."""
    require(user, VIEW_TESTS)
    name, rows, more = LAYERS[layer]
    check_query(request, ("aid", "format", "lastRoundId", *RANGE, *more))
    aid = account_group(user, request, malformed=400)
    span = results.span(world, request, "from", "to", parse_date)
    test = find_test(world, aid, int(test_id))
    results.require_readable(world, test)
    server_id = results.require_layer(test, layer, server)
    direction = _direction(request)
    if layer == "network":
        direction = results.require_direction(test, direction)
    expanded = {flag for flag in ("headers", "certificates") if _flag(request, flag)}
    # The range is inclusive, and nothing says that a round before it may be there as well.
    series = results.Series(world, test, layer, results.rounds(world, test, span), server_id, direction)
    width = len(series.places)
    size = max(world.settings.results_page_size // max(width, 1), 1)  # in rounds
    read = _rounds_read(request, series)
    body: dict[str, Any] = {}
    if span:
        body["from"], body["to"] = _date(span[0]), _date(span[1])
    body[name] = {
        "test": render_test(world, request, test),
        rows: [_render(series, row, aid, expanded) for row in series.rows(read * width, (read + size) * width)],
    }
    body["pages"] = {"current": -(-read // size) + 1}
    after = read + size
    if world.settings.repeat_cursor:
        after = size * (results.next_page(world, -(-read // size), -(-len(series.rounds) // size)) or after)
    if span and after < len(series.rounds):
        body["pages"]["next"] = _link(request, series.in_order[after - 1], span)
    return write(200, "response", body, wire_format)


def _direction(request: Request) -> str | None:
    value = request.query.get("direction")
    if value not in (None, "TO_TARGET", "FROM_TARGET", "BIDIRECTIONAL"):
        raise ApiError(400, "direction is TO_TARGET, FROM_TARGET or BIDIRECTIONAL", "direction")
    return None if value is None else value.replace("_", "-").lower()


def _flag(request: Request, name: str) -> bool:
    value = request.query.get(name, "0")
    if value not in ("0", "1"):
        raise ApiError(400, f"{name} is 0 or 1", name)
    return value == "1"


def _rounds_read(request: Request, series: results.Series) -> int:
    """How many rounds of the range the round `lastRoundId` ends."""
    text = request.query.get("lastRoundId")
    if text is None:
        return 0
    if "from" not in request.query or not (text.isascii() and text.isdigit() and len(text) < 12):
        raise ApiError(400, "lastRoundId is a number, and goes with from and to", "lastRoundId")
    if int(text) not in series.rounds:
        raise ApiError(400, "lastRoundId is no round of this range", "lastRoundId")
    return series.in_order.index(int(text)) + 1


def _link(request: Request, last: int, span: tuple[int, int]) -> str:
    """As in the document's sample: a window becomes from and to, so that nothing is missed meanwhile."""
    query = {name: value for name, value in request.query.items() if name not in ("lastRoundId", *RANGE)}
    query = {"lastRoundId": str(last), "from": _date(span[0]), "to": _date(span[1]), **query}
    return f"{request.base_url}{request.path}?{urlencode(query)}"


def _date(seconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime(DATE_FORMAT)


def _render(series: results.Series, row: results.Row, aid: int, expanded: set[str]) -> dict[str, Any]:
    settings, test, measured = series.world.settings, series.test, row.measurement
    name, rows, _more = LAYERS[series.layer]
    permalink = (
        f"https://app.thousandeyes.com/{name}/{rows}?__a={aid}&testId={test.test_id}"
        f"&roundId={row.round_id}&agentId={row.agent.agent_id}"
    )
    body: dict[str, Any] = {
        "agentId": row.agent.agent_id,
        "agentName": row.agent.name,
        "countryId": row.agent.country,
        "date": _date(measured.at),
        "roundId": row.round_id,
        "permalink": permalink,
    }
    if settings.results_missing == "null":
        body.update(dict.fromkeys(NUMBERS[series.layer]))
    body.update(measured.values)
    if series.layer == "network":
        body.update(serverIp=results.target_ip(test), server=results.target_host(test))
    elif series.layer == "http-server":
        body["serverIp"] = results.target_ip(test)
        body["errorType"] = measured.error[0] if measured.error else settings.results_error_none
        tls = results.tls(test, measured)
        body.update(tls)
        if "headers" in expanded:
            body["headers"] = results.http_headers(test)
        if "certificates" in expanded and tls:
            body["sslCerts"] = [{"subjectName": "*.example.com", "issuerName": "Example CA"}]
    elif series.layer == "dns-server" and row.server is not None:
        body.update(serverId=row.server, server=DNS_SERVERS[row.server], queries=1)
        if not measured.error:
            body["mappings"] = MAPPINGS
    if series.layer in ("http-server", "dns-server"):
        body["errorDetails"] = measured.error[1] if measured.error else ""
    return body
