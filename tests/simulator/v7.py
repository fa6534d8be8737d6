# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API v7 on the wire: paths, hal+json, its snapshot request, its error bodies (contract v7)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Callable

from .access import account_group, authenticate, check_query, require
from .state import CREATE_SNAPSHOTS, TEST_TYPES, VIEW_TESTS, Creation, TestConfig, User, World
from .wire import UTC, Answer, ApiError, Request, compact, epoch, iso, json_body

HAL = "application/hal+json;charset=UTF-8"
PROBLEM = "application/problem+json"
TITLES = {
    400: "Request validation failed. There are invalid or missing fields",
    403: "Insufficient permissions to query endpoint",
    404: "URI Resource Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    410: "Gone",
    415: "Unsupported Media Type",
    429: "Exhausted rate limit for the organization",
    500: "Internal server error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


def handle(world: World, request: Request, path: str) -> Answer:
    """Answer a request whose path below the version is `path`; ApiError for a refusal."""
    user = authenticate(world, request, ("bearer",))
    admitted, rate = world.count_request(user.organization)
    try:
        if not admitted:
            raise ApiError(429, "Exhausted rate limit for the organization")
        answer = _dispatch(world, request, user, path)
    except ApiError as exc:
        exc.headers = {**rate, **exc.headers}
        raise
    answer.headers.update(rate)
    return answer


def _dispatch(world: World, request: Request, user: User, path: str) -> Answer:
    for method, pattern, action in ROUTES:
        match = re.fullmatch(pattern, path)
        if match and request.method != method:
            raise ApiError(405, f"Method {request.method} is not allowed", headers={"Allow": method})
        if match:
            accepted = request.accepts()
            # UNK whether application/json alone admits hal+json: by RFC 9110 it does not.
            if accepted and not {"application/hal+json", "application/*", "*/*"} & set(accepted):
                raise ApiError(406, "Accept must admit application/hal+json")
            return action(world, request, user, *match.groups())
    raise ApiError(404, f"No such resource: {request.path}")


def refusal(world: World, request: Request, error: ApiError) -> Answer:
    """The error as an answer, as documented or, for the statuses seen, as observed (contract v7 §2)."""
    observed = world.settings.error_style == "observed"
    problem = {
        "type": "about:blank",
        "title": TITLES.get(error.status, error.message),
        "status": error.status,
        "detail": error.message,
        "instance": request.path,
    }
    if error.status == 401:
        body: dict[str, Any] = {"error": "invalid_token", "error_description": "Invalid access token"}
        if observed and request.scheme is None:
            body = {"errorMessage": error.message}
    elif error.status == 404 and observed:
        return Answer(404, headers=error.headers)
    elif error.status == 400 and observed:
        del problem["detail"]
        where = f"Error in field {error.field} : " if error.field else ""
        body = {
            **problem,
            "title": "There were some errors in your request, please correct them before trying again. "
            + where
            + error.message,
        }
    elif error.status == 400:
        item = {"field": error.field, "message": error.message} if error.field else {"message": error.message}
        body = {**problem, "detail": "Your request object contains invalid fields.", "errors": [item]}
    else:
        body = problem
    return Answer(error.status, compact(body).encode("utf-8"), PROBLEM, error.headers)


def _list_tests(world: World, request: Request, user: User, kind: str | None = None) -> Answer:
    aid = _reading(request, user, ("aid",))
    rows = []
    for test in world.tests_of(aid):
        if kind not in (None, test.type):
            continue
        row = test.fragments.get("v7")
        if row is None:
            row = compact(render_test(world, request, test))
            if test.source_name is None:  # the name of the others depends on the settings
                test.fragments["v7"] = row
        rows.append(row)
    links = compact({"self": {"href": request.base_url + request.path}})
    body = '{"tests":[' + ",".join(rows) + '],"_links":' + links + "}"
    return Answer(200, body.encode("utf-8"), HAL)


def _one_test(world: World, request: Request, user: User, kind: str, test_id: str) -> Answer:
    aid = _reading(request, user, ("aid", "expand", "versionId"))
    test = world.find_test(aid, int(test_id))
    if test.type != kind:
        raise ApiError(404, f"Test {test_id} is not of type {kind}")
    return Answer(200, compact(render_test(world, request, test)).encode("utf-8"), HAL)


def _reading(request: Request, user: User, query: tuple[str, ...]) -> int:
    """The account group of a request that reads tests; these endpoints document no 400 for a bad one."""
    require(user, VIEW_TESTS)
    check_query(request, query)
    return account_group(user, request, malformed=403)


def _account_groups(world: World, request: Request, user: User) -> Answer:
    check_query(request, ())  # takes no aid, unlike v6 (contract v7 §1)
    organization = world.organizations[user.organization]
    rows = []
    for aid in user.account_groups:
        default = aid == user.account_groups[0]
        rows.append(
            {
                "aid": str(aid),
                "accountGroupName": world.account_groups[aid].name,
                "isCurrentAccountGroup": default,
                "isDefaultAccountGroup": default,
                "organizationName": organization.name,
                "orgId": str(organization.organization),
            }
        )
    body = {"accountGroups": rows, "_links": {"self": {"href": request.base_url + request.path}}}
    return Answer(200, compact(body).encode("utf-8"), HAL)


def _create_snapshot(world: World, request: Request, user: User, test_id: str) -> Answer:
    """Contract v7 §4. Endpoint Agent tests, which it refuses, are unknown here and so 404."""
    check_query(request, ("aid",))
    require(user, CREATE_SNAPSHOTS)
    aid = account_group(user, request, malformed=400)
    body = json_body(request, malformed=400)
    types = {"displayName": str, "startDate": str, "endDate": str, "isPublic": bool}
    for name in types:
        if name not in body and name != "isPublic":
            raise ApiError(400, "must not be null", name)
    for name, value in body.items():
        if name not in types:
            raise ApiError(400, "unknown field", name)
        if not isinstance(value, types[name]):
            raise ApiError(400, f"must be {types[name].__name__}", name)
    if not body["displayName"].strip():
        raise ApiError(400, "must not be blank", "displayName")
    start, end = _parse_date(body, "startDate"), _parse_date(body, "endDate")
    world.check_window(start, end, "endDate")
    test = world.find_test(aid, int(test_id))
    is_public = body.get("isPublic", False) != world.settings.invert_is_public
    creation = world.create_snapshot(user, aid, test, body["displayName"], (start, end), is_public, "v7")
    return Answer(201, compact(_render_creation(world, request, creation)).encode("utf-8"), HAL, creation=creation)


def _parse_date(body: dict[str, Any], name: str) -> datetime:
    """RFC 3339 in UTC: `Z`, or `+00:00` as the official SDK writes it; whole seconds, since rounds are."""
    value = body[name]
    try:
        match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.0+)?(Z|\+00:00)", value)
        if match:
            return datetime.strptime(match.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise ApiError(400, "must be an ISO 8601 date-time in UTC, such as 2023-06-06T00:00:00Z", name)


def _render_creation(world: World, request: Request, creation: Creation) -> dict[str, Any]:
    """As in the document's example the app link bears the id of the self link, the source test's (contract v7 §4)."""
    source = creation.source_test_id
    app_link = f"https://app.thousandeyes.com/view/tests/?testId={source}&__a={creation.aid}"
    return {
        "id": creation.link_id,
        "startRoundId": epoch(creation.start),
        "endRoundId": epoch(creation.end),
        "roundId": epoch(creation.start),
        "shareDate": iso(creation.at),
        "sourceTestId": str(source),
        "testId": str(creation.snapshot_test_id),
        "uid": str(creation.uid),
        "displayName": creation.display_name,
        "extraParams": "",
        "test": render_test(world, request, creation.snapshot_test),
        "_links": {"self": {"href": f"{request.base_url}/v7/tests/{source}/snapshot"}, "appLink": {"href": app_link}},
    }


def render_test(world: World, request: Request, test: TestConfig) -> dict[str, Any]:
    """Contract v7 §5; of the fields that depend on the type, those that the document requires."""
    base = f"{request.base_url}/v7"
    target, layers = TEST_TYPES[test.type]
    specific: dict[str, Any] = {target: test.target}
    if test.type == "dns-server":
        specific["dnsServers"] = [{"serverId": "1447", "serverName": "ns1.example.com"}]
    return {
        "testId": str(test.test_id),
        "testName": world.shown_name(test),
        "type": test.type,
        "interval": test.interval,
        **specific,
        "enabled": test.enabled,
        "alertsEnabled": test.alerts_enabled,
        "description": test.description,
        "liveShare": False,
        "savedEvent": test.saved_event,
        "createdBy": test.owner_email,
        "createdDate": iso(test.created),
        "modifiedBy": test.owner_email,
        "modifiedDate": iso(test.modified),
        "_links": {
            "self": {"href": f"{base}/tests/{test.type}/{test.test_id}"},
            "testResults": [{"href": f"{base}/test-results/{test.test_id}/{layer}"} for layer in layers],
        },
    }


Action = Callable[..., Answer]
KINDS = "|".join(TEST_TYPES)
ROUTES: list[tuple[str, str, Action]] = [
    ("POST", r"/tests/([1-9][0-9]{0,18})/snapshot", _create_snapshot),
    ("GET", r"/tests", _list_tests),
    ("GET", rf"/tests/({KINDS})", _list_tests),
    ("GET", rf"/tests/({KINDS})/([1-9][0-9]{{0,18}})", _one_test),
    ("GET", r"/account-groups", _account_groups),
]
