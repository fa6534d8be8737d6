# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API v6 on the wire: paths, JSON and XML, its snapshot request, its error bodies (contract v6)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Callable
from xml.etree import ElementTree

from .access import account_group, authenticate, check_query, require
from .state import CREATE_SNAPSHOTS, TEST_TYPES, VIEW_TESTS, Creation, TestConfig, User, World
from .wire import UTC, Answer, ApiError, Request, compact, epoch, json_body

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
# v7 name to v6 name, where they differ (contract v7 §5).
TYPE_NAMES = {"dnssec": "dns-dnssec"}
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
    admitted, rate = world.count_request(user.organization)
    try:
        if not admitted:
            raise ApiError(429, "Exceeded the max number of requests per 1-minute period")
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, stem)
            if match and request.method != method:
                raise ApiError(405, f"Method {request.method} is not allowed", headers={"Allow": method})
            if match:
                answer = action(world, request, user, _format(request, suffix), *match.groups())
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


def _format(request: Request, suffix: str) -> str:
    """json or xml by suffix, then Accept, then ?format= (contract v6 §1). Without any of them UNK: xml, as the
    documents' sample says, so that a client that forgot to ask notices."""
    wanted = request.query.get("format")
    if wanted not in (None, "json", "xml"):
        raise ApiError(400, "format is json or xml", "format")
    accepted = request.accepts()
    preferred = None
    for media in accepted:
        if media in ("application/json", "application/*"):
            preferred = preferred or "json"
        elif media in ("text/xml", "text/*"):
            preferred = preferred or "xml"
    # UNK whether a suffix excuses an Accept that admits neither format: it does not here.
    if accepted and preferred is None and "*/*" not in accepted:
        raise ApiError(406, "Accept must admit application/json or text/xml")
    return suffix or preferred or wanted or "xml"


def _write(status: int, root: str, body: dict[str, Any], wire_format: str) -> Answer:
    """A body in the wire format. There is no official XML sample (contract v6 §8): here each JSON name is an
    element, a list repeats it, and `root` is the document element."""
    if wire_format == "json":
        return Answer(status, compact(body).encode("utf-8"), "application/json;charset=UTF-8")
    return Answer(
        status,
        ElementTree.tostring(_element(root, body), encoding="utf-8", xml_declaration=True),
        "text/xml;charset=UTF-8",
    )


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        for key, item in value.items():
            for one in item if isinstance(item, list) else [item]:
                element.append(_element(key, one))
    else:
        element.text = str(value)
    return element


def _status(world: World, request: Request, suffix: str) -> Answer:
    """No credentials, no rate limit headers (contract v6 §6)."""
    if request.method != "GET":
        raise ApiError(405, f"Method {request.method} is not allowed", headers={"Allow": "GET"})
    body = {"timestamp": int(world.clock.now().timestamp() * 1000)}
    return _write(200, "status", body, _format(request, suffix))


def _account_groups(world: World, request: Request, user: User, wire_format: str) -> Answer:
    check_query(request, ("aid", "format"))
    try:
        current = account_group(user, request, malformed=400)
    except ApiError as exc:
        raise ApiError(400, exc.message, exc.field) from exc  # contract v6 §1: 400 on this endpoint
    rows = []
    for aid in user.account_groups:
        rows.append(
            {
                "accountGroupName": world.account_groups[aid].name,
                "aid": aid,
                "current": int(aid == current),
                "default": int(aid == user.account_groups[0]),
            }
        )
    return _write(200, "response", {"accountGroups": rows}, wire_format)


def _list_tests(world: World, request: Request, user: User, wire_format: str) -> Answer:
    aid = _reading(request, user)
    # The type `api` is not among v6's (contract v6 §5).
    tests = [test for test in world.tests_of(aid) if test.type != "api"]
    if wire_format == "xml":
        return _write(200, "response", {"test": [render_test(world, request, test) for test in tests]}, "xml")
    rows = []
    for test in tests:
        row = test.fragments.get("v6")
        if row is None:
            row = compact(render_test(world, request, test))
            if test.source_name is None:  # the name of the others depends on the settings
                test.fragments["v6"] = row
        rows.append(row)
    return Answer(200, ('{"test":[' + ",".join(rows) + "]}").encode("utf-8"), "application/json;charset=UTF-8")


def _list_by_type(world: World, request: Request, user: User, wire_format: str, kind: str) -> Answer:
    """The documents' sample by type lacks savedEvent, liveShare and type (contract v6 §5)."""
    aid = _reading(request, user)
    rows = []
    for test in world.tests_of(aid):
        row = render_test(world, request, test)
        if row["type"] == kind and test.type != "api":
            rows.append({name: row[name] for name in row if name not in ("savedEvent", "liveShare", "type")})
    return _write(200, "response", {"test": rows}, wire_format)


def _one_test(world: World, request: Request, user: User, wire_format: str, test_id: str) -> Answer:
    aid = _reading(request, user)
    test = _find_test(world, aid, int(test_id))
    return _write(200, "response", {"test": [render_test(world, request, test)]}, wire_format)


def _reading(request: Request, user: User) -> int:
    """The account group of a request that reads tests."""
    require(user, VIEW_TESTS)
    check_query(request, ("aid", "format"))
    return account_group(user, request, malformed=400)


def _find_test(world: World, aid: int, test_id: int) -> TestConfig:
    test = world.find_test(aid, test_id)
    if test.type == "api":
        raise ApiError(404, f"Test {test_id} was not found in account group {aid}")
    return test


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
    start, end = _parse_date(body, "from"), _parse_date(body, "to")
    world.check_window(start, end, "to")
    test = _find_test(world, aid, body["testId"])
    creation = world.create_snapshot(
        user, aid, test, body["displayName"], (start, end), body.get("isPublic", 0) == 1, "v6"
    )
    answer = _write(201, "response", _render_creation(world, request, creation), wire_format)
    answer.creation = creation
    return answer


def _parse_date(body: dict[str, Any], name: str) -> datetime:
    """Blank or T, no zone, no fraction. UNK whether a trailing blank is taken (contract v6 §4): it is not here."""
    value = body[name]
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}", value):
            return datetime.strptime(value.replace("T", " "), DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise ApiError(400, f"{name} must be a date of the form yyyy-MM-dd HH:mm:ss", name)


def _render_creation(world: World, request: Request, creation: Creation) -> dict[str, Any]:
    """The order of the documented example; the answer to isPublic 0 is UNK (contract v6 §4)."""
    link = {
        "displayName": creation.display_name,
        "endRoundId": epoch(creation.end),
        "extraParams": "",
        "linkId": creation.link_id,
        "roundId": epoch(creation.start),
        "shareDate": creation.at.strftime(DATE_FORMAT),
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
    return {"link": link, "test": [render_test(world, request, creation.snapshot_test)]}


def render_test(world: World, request: Request, test: TestConfig) -> dict[str, Any]:
    """Contract v6 §5; of the fields that depend on the type, the target, here an integer where it is an id."""
    owner = f"{test.owner_name} ({test.owner_email})"
    base = f"{request.base_url}/v6"
    target = TEST_TYPES[test.type][0]
    return {
        "enabled": int(test.enabled),
        "testId": test.test_id,
        "savedEvent": int(test.saved_event),
        "liveShare": 0,
        "testName": world.shown_name(test),
        "type": TYPE_NAMES.get(test.type, test.type),
        "interval": test.interval,
        target: int(test.target) if target.endswith("Id") else test.target,
        "description": test.description,
        "alertsEnabled": int(test.alerts_enabled),
        "createdBy": owner,
        "createdDate": test.created.strftime(DATE_FORMAT),
        "modifiedBy": owner,
        "modifiedDate": test.modified.strftime(DATE_FORMAT),
        "apiLinks": [{"rel": "self", "href": f"{base}/tests/{test.test_id}"}],
    }


Action = Callable[..., Answer]
ROUTES: list[tuple[str, str, Action]] = [
    ("POST", r"/snapshot", _create_snapshot),
    ("GET", r"/tests", _list_tests),
    ("GET", r"/tests/([1-9][0-9]{0,18})", _one_test),
    (
        "GET",
        r"/tests/(agent-to-server|agent-to-agent|bgp|http-server|page-load|transactions|web-transactions|ftp-server"
        r"|dns-trace|dns-server|dns-dnssec|sip-server|voice)",
        _list_by_type,
    ),
    ("GET", r"/account-groups", _account_groups),
]
