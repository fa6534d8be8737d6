# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API v6 on the wire: paths, JSON and XML, its snapshot request, its error bodies (contract v6)."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import Any, Callable

from .access import account_group, authenticate, check_query, require
from .entities import CREATE_SNAPSHOTS, Creation, User
from .v6_format import DATE_FORMAT, choose_format, parse_date, write
from .v6_results import LAYERS, read_results
from .v6_tests import LAYER_PATHS, find_test, list_by_type, list_labels, list_tests, one_label, one_test, render_test
from .wire import Answer, ApiError, Request, compact, epoch, json_body
from .world import World

MAINTENANCE = "Please bear with us, the ThousandEyes API is currently in maintenance mode."  # contract v6 §2
HTTP_STATUS_NAMES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    410: "GONE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
    502: "BAD_GATEWAY",
}


def handle(world: World, request: Request, path: str) -> Answer:
    """Answer a request whose path below the version is `path`; ApiError for a refusal."""
    stem, dot, suffix = path.rpartition(".")
    if not dot or suffix not in ("json", "xml"):
        stem, suffix = path, ""
    if stem == "/status":
        return _status(world, request, suffix)
    user = authenticate(world, request, ("basic", "bearer"))
    admitted, rate = world.quotas.count_request(user.organization)
    try:
        if not admitted:
            raise ApiError(429, "Exceeded the max number of requests per 1-minute period")
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, stem)
            if match and request.method != method:
                raise ApiError(405, f"Method {request.method} is not allowed", headers={"Allow": method})
            if match:
                answer = action(world, request, user, choose_format(request, suffix), *match.groups())
                break
        else:
            raise ApiError(404, f"No such endpoint: {request.path}")
    except ApiError as exc:
        exc.headers = {**rate, **exc.headers}
        raise
    answer.headers.update(rate)
    return answer


def refusal(world: World, request: Request, error: ApiError) -> Answer:
    """The error as an answer. Its shape is UNK (contract v6 §2); it is never XML, for the same reason."""
    style = "text" if error.status == 503 else world.settings.v6_error_style
    if style == "text":
        text = MAINTENANCE if error.status == 503 else error.message
        return Answer(error.status, text.encode("utf-8"), "text/plain;charset=UTF-8", error.headers)
    if style == "errors":
        body: dict[str, Any] = {
            "timestamp": int(world.clock.now().timestamp() * 1000),
            "httpStatus": HTTP_STATUS_NAMES.get(error.status, "UNKNOWN"),
            "errors": [error.message],
            "path": request.base_url + request.path,
        }
    else:
        body = {style: error.message}
    return Answer(error.status, compact(body).encode("utf-8"), "application/json;charset=UTF-8", error.headers)


def _status(world: World, request: Request, suffix: str) -> Answer:
    """No credentials, no rate limit headers (contract v6 §6)."""
    if request.method != "GET":
        raise ApiError(405, f"Method {request.method} is not allowed", headers={"Allow": "GET"})
    body = {"timestamp": int(world.clock.now().timestamp() * 1000)}
    return write(200, "status", body, choose_format(request, suffix))


def _account_groups(world: World, request: Request, user: User, wire_format: str) -> Answer:
    check_query(request, ("aid", "format"))
    try:
        current = account_group(user, request, malformed=400)
    except ApiError as exc:
        raise ApiError(400, exc.message, exc.field) from exc  # contract v6 §1: 400 on this endpoint
    rows = []
    for aid in sorted(user.account_groups):  # the order is UNK
        rows.append(
            {
                "accountGroupName": world.account_groups[aid].name,
                "aid": aid,
                "current": int(aid == current),
                "default": int(aid == user.account_groups[0]),
            }
        )
    return write(200, "response", {"accountGroups": rows}, wire_format)


def _create_snapshot(world: World, request: Request, user: User, wire_format: str) -> Answer:
    """Contract v6 §4. Endpoint Agent tests, which it refuses, are unknown here and so 404."""
    check_query(request, ("aid", "format"))
    require(user, CREATE_SNAPSHOTS)
    aid = account_group(user, request, malformed=400)
    body = json_body(request, malformed=406)
    types = {"displayName": str, "from": str, "to": str, "testId": int, "isPublic": int}
    for name in types:
        if name not in body and name != "isPublic":
            raise ApiError(406, f"Missing field {name}", name)
    for name, value in body.items():
        if name not in types:
            raise ApiError(406, f"Unknown field {name}", name)
        if isinstance(value, bool) or not isinstance(value, types[name]):  # contract v6 §1: booleans are 0 and 1
            raise ApiError(406, f"Field {name} must be {types[name].__name__}", name)
    if not body["displayName"].strip():
        raise ApiError(400, "displayName must not be empty", "displayName")
    if body.get("isPublic", 0) not in (0, 1):
        raise ApiError(400, "isPublic must be 0 or 1", "isPublic")
    start, end = parse_date(body, "from"), parse_date(body, "to")
    world.check_window(start, end, "to")
    test = find_test(world, aid, body["testId"])
    creation = world.create_snapshot(
        user, aid, test, body["displayName"], (start, end), body.get("isPublic", 0) == 1, "v6"
    )
    answer = write(201, "response", _render_creation(world, request, creation), wire_format)
    answer.creation = creation
    return answer


def _render_creation(world: World, request: Request, creation: Creation) -> dict[str, Any]:
    """The order of the documented example; the answer to isPublic 0 is UNK (contract v6 §4)."""
    link = {
        "displayName": creation.display_name,
        "endRoundId": epoch(creation.end),
        "extraParams": "",
        "linkId": creation.link_id,
        "roundId": epoch(creation.start),
        "shareDate": (creation.at - timedelta(seconds=world.settings.share_date_age)).strftime(DATE_FORMAT),
        "sourceTestId": creation.source_test_id,
        "startRoundId": epoch(creation.start),
        "testId": creation.snapshot_test_id,
        "uid": creation.uid,
        "viewUrl": f"https://{creation.link_id}.share.thousandeyes.com/view/tests/",
    }
    if creation.is_public:
        return {"link": link, "test": []}
    if world.settings.v6_private_answer == "bare":
        del link["linkId"], link["viewUrl"]
    test = render_test(world, request, creation.snapshot_test)
    if not world.tells_saved_event("answer"):
        del test["savedEvent"]
    return {"link": link, "test": [test]}


Action = Callable[..., Answer]
ID = "([1-9][0-9]{0,18})"
ROUTES: list[tuple[str, str, Action]] = [
    ("POST", r"/snapshot", _create_snapshot),
    ("GET", r"/tests", list_tests),
    ("GET", rf"/tests/{ID}", one_test),
    (
        "GET",
        r"/tests/(agent-to-server|agent-to-agent|bgp|http-server|page-load|transactions|web-transactions|ftp-server"
        r"|dns-trace|dns-server|dns-dnssec|sip-server|voice)",
        list_by_type,
    ),
    ("GET", r"/groups(?:/tests)?", list_labels),
    ("GET", r"/groups(?:/tests)?/(-?[1-9][0-9]{0,18})", one_label),
    *(("GET", rf"/{LAYER_PATHS[layer]}/{ID}", partial(read_results, layer)) for layer in LAYERS),
    ("GET", rf"/dns/server/{ID}/{ID}", partial(read_results, "dns-server")),
    ("GET", r"/account-groups", _account_groups),
]
