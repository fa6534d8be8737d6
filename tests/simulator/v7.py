# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API v7 on the wire: paths, hal+json, its snapshot request, its error bodies (contract v7)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Callable

from .access import account_group, authenticate, check_query, require
from .entities import CREATE_SNAPSHOTS, TEST_TYPES, Creation, User
from .v7_format import HAL, JSON, answer, negotiate, parse_date
from .v7_results import read_results
from .v7_tags import list_tags, one_tag
from .v7_tests import list_tests, one_test, render_test
from .wire import Answer, ApiError, Request, compact, epoch, iso, json_body
from .world import World

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
    admitted, rate = world.quotas.count_request(user.organization)
    try:
        if not admitted:
            raise ApiError(429, "Exhausted rate limit for the organization")
        answered = _dispatch(world, request, user, path)
    except ApiError as exc:
        exc.headers = {**rate, **exc.headers}
        raise
    answered.headers.update(rate)
    return answered


def _dispatch(world: World, request: Request, user: User, path: str) -> Answer:
    for method, pattern, action in ROUTES:
        match = re.fullmatch(pattern, path)
        if match and request.method != method:
            raise ApiError(405, f"Method {request.method} is not allowed", headers={"Allow": method})
        if match:
            # The live API answers application/json to that (contract evidence §0); no document says that it would.
            negotiate(request, (JSON, HAL) if path.startswith("/tags") else (HAL,))
            return action(world, request, user, *match.groups())
    raise ApiError(404, f"No such resource: {request.path}")


def refusal(world: World, request: Request, error: ApiError) -> Answer:
    """The error as an answer, as documented or, for the statuses seen, as observed (contract v7 §2).

    Of the two kinds of 404 that were observed, this is the one without a body.
    """
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
    elif error.status == 500 and request.path.startswith("/v7/tags"):  # as their document has it, unlike the others
        body = {
            "timestamp": int(world.clock.now().timestamp() * 1000),
            "status": 500,
            "errors": error.message,
            "path": request.base_url + request.path,
        }
        return Answer(500, compact(body).encode("utf-8"), JSON, error.headers)
    else:
        body = problem
    return Answer(error.status, compact(body).encode("utf-8"), PROBLEM, error.headers)


def _account_groups(world: World, request: Request, user: User) -> Answer:
    check_query(request, ())  # takes no aid, unlike v6 (contract v7 §1)
    organization = world.organizations[user.organization]
    rows = []
    for aid in sorted(user.account_groups):  # the order is UNK
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
    return answer(200, body)


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
            raise ApiError(400, "unknown field", name)  # stern: the live API ignores it (contract evidence §0)
        if not isinstance(value, types[name]):
            raise ApiError(400, f"must be {types[name].__name__}", name)
    if not body["displayName"].strip():
        raise ApiError(400, "must not be blank", "displayName")
    start, end = parse_date(body, "startDate"), parse_date(body, "endDate")
    world.check_window(start, end, "endDate")
    test = world.find_test(aid, int(test_id))
    is_public = body.get("isPublic", False) != world.settings.invert_is_public
    creation = world.create_snapshot(user, aid, test, body["displayName"], (start, end), is_public, "v7")
    created = answer(201, _render_creation(world, request, creation))
    created.creation = creation
    return created


def _render_creation(world: World, request: Request, creation: Creation) -> dict[str, Any]:
    """Contract v7 §4."""
    settings, source = world.settings, creation.source_test_id
    links = {"self": {"href": f"{request.base_url}/v7/tests/{source}/snapshot"}}
    if settings.app_link != "none":
        shown = creation.snapshot_test_id if settings.app_link == "own" else source
        group = f"&__a={creation.aid}" if settings.app_link_aid else ""
        links["appLink"] = {"href": f"https://{settings.app_link_host}/view/tests/?testId={shown}{group}"}
    return {
        "id": creation.link_id,
        "startRoundId": epoch(creation.start),
        "endRoundId": epoch(creation.end),
        "roundId": epoch(creation.start),
        "shareDate": iso(creation.at - timedelta(seconds=settings.share_date_age)),
        "sourceTestId": str(source),
        "testId": str(creation.snapshot_test_id),
        "uid": str(creation.uid),
        "displayName": creation.display_name,
        "extraParams": "",
        "test": render_test(world, request, creation.snapshot_test, world.tells_saved_event("answer")),
        "_links": links,
    }


Action = Callable[..., Answer]
KINDS = "|".join(TEST_TYPES)
ID = "([1-9][0-9]{0,18})"
ROUTES: list[tuple[str, str, Action]] = [
    ("POST", rf"/tests/{ID}/snapshot", _create_snapshot),
    ("GET", r"/tests", list_tests),
    ("GET", rf"/tests/({KINDS})", list_tests),
    ("GET", rf"/tests/({KINDS})/{ID}", one_test),
    ("GET", rf"/test-results/{ID}/(network|http-server|page-load|dns-server)", read_results),
    ("GET", rf"/test-results/{ID}/(dns-server)/{ID}", read_results),
    ("GET", r"/tags", list_tags),
    ("GET", r"/tags/([0-9A-Za-z-]+)", one_tag),
    ("GET", r"/account-groups", _account_groups),
]
