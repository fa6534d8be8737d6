# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests and their labels in v6: lists and details (contract v6 §5)."""

from __future__ import annotations

from typing import Any

from .access import account_group, check_query, require
from .entities import DNS_SERVERS, TEST_TYPES, VIEW_TESTS, TestConfig, User
from .tags import Label
from .v6_format import DATE_FORMAT, write, write_json
from .wire import Answer, ApiError, Request, compact
from .world import World

# v7 name to v6 name, where they differ (contract v7 §5).
TYPE_NAMES = {"dnssec": "dns-dnssec"}
# v7 name of a layer to its path in v6 (contract v6 §7; those not served here from the samples of the vendor's Go SDK).
LAYER_PATHS = {
    "bgp": "net/bgp-metrics",
    "dns-server": "dns/server",
    "dns-trace": "dns/trace",
    "dnssec": "dns/dnssec",
    "ftp-server": "web/ftp-server",
    "http-server": "web/http-server",
    "network": "net/metrics",
    "page-load": "web/page-load",
    "path-vis": "net/path-vis",
    "rtp-server": "voice/rtp-stream",
    "sip-server": "voice/sip-server",
    "web-transactions": "web/web-transactions",
}


def list_tests(world: World, request: Request, user: User, wire_format: str) -> Answer:
    aid = _reading(request, user)
    tests = known_tests(world, aid)
    groups = _groups(world, aid) if world.settings.v6_groups_in == "list" else None
    told = world.tells_saved_event("list")
    if wire_format == "xml" or groups is not None or not told:
        rendered = [render_test(world, request, test, groups) for test in tests]
        rendered = [{name: row[name] for name in row if told or name != "savedEvent"} for row in rendered]
        return write(200, "response", {"test": rendered}, wire_format)
    rows = []
    for test in tests:
        row = test.fragments.get("v6")
        if row is None:
            row = compact(render_test(world, request, test))
            if test.source_name is None:  # the name of the others depends on the settings
                test.fragments["v6"] = row
        rows.append(row)
    return write_json(200, '{"test":[' + ",".join(rows) + "]}")


def list_by_type(world: World, request: Request, user: User, wire_format: str, kind: str) -> Answer:
    """The documents' sample by type lacks savedEvent, liveShare and type (contract v6 §5)."""
    aid = _reading(request, user)
    groups = _groups(world, aid) if world.settings.v6_groups_in == "list" else None
    rows = []
    for test in known_tests(world, aid):
        row = render_test(world, request, test, groups)
        if row["type"] == kind:
            rows.append({name: row[name] for name in row if name not in ("savedEvent", "liveShare", "type")})
    return write(200, "response", {"test": rows}, wire_format)


def one_test(world: World, request: Request, user: User, wire_format: str, test_id: str) -> Answer:
    aid = _reading(request, user)
    test = find_test(world, aid, int(test_id))
    return write(200, "response", {"test": [render_test(world, request, test, _groups(world, aid))]}, wire_format)


def list_labels(world: World, request: Request, user: User, wire_format: str) -> Answer:
    """Those of tests: there are no others here. As documented it does not say which tests they have."""
    aid = _reading(request, user)
    return write(200, "response", {"groups": [_render_label(label) for label in world.labels_of(aid)]}, wire_format)


def one_label(world: World, request: Request, user: User, wire_format: str, group_id: str) -> Answer:
    """A label and its tests."""
    aid = _reading(request, user)
    for label in world.labels_of(aid):
        if label.group_id == int(group_id):
            members = set(label.tests)
            tests = [test for test in known_tests(world, aid) if test.test_id in members]
            row = {**_render_label(label), "tests": [render_test(world, request, test) for test in tests]}
            return write(200, "response", {"groups": [row]}, wire_format)
    raise ApiError(404, f"Label {group_id} was not found in account group {aid}")


def _reading(request: Request, user: User) -> int:
    """The account group of a request that reads tests."""
    require(user, VIEW_TESTS)
    check_query(request, ("aid", "format"))
    return account_group(user, request, malformed=400)


def known_tests(world: World, aid: int) -> list[TestConfig]:
    """Those in the lists of an account group; the type `api` is not among v6's (contract v6 §5)."""
    return [test for test in world.tests_of(aid) if test.type != "api"]


def find_test(world: World, aid: int, test_id: int) -> TestConfig:
    test = world.find_test(aid, test_id)
    if test.type == "api":
        raise ApiError(404, f"Test {test_id} was not found in account group {aid}")
    return test


def _groups(world: World, aid: int) -> dict[int, list[Label]]:
    """The labels of each test that has any."""
    groups: dict[int, list[Label]] = {}
    for label in world.labels_of(aid):
        for test_id in label.tests:
            groups.setdefault(test_id, []).append(label)
    return groups


def render_test(
    world: World, request: Request, test: TestConfig, groups: dict[int, list[Label]] | None = None
) -> dict[str, Any]:
    """Contract v6 §5, with its labels if those of all tests are given; of the fields that depend on the type, those
    that say what is measured, here integers where they are ids."""
    owner = f"{test.owner_name} ({test.owner_email})"
    base = f"{request.base_url}/v6"
    target, layers = TEST_TYPES[test.type]
    specific: dict[str, Any] = {target: int(test.target) if target.endswith("Id") else test.target}
    if test.type == "dns-server":
        specific["dnsServers"] = [{"serverId": key, "serverName": DNS_SERVERS[key]} for key in DNS_SERVERS]
    if test.type == "agent-to-agent":
        specific["direction"] = test.direction.replace("-", "_").upper()
    elif "network" in layers:
        specific["networkMeasurements"] = int("network" in test.layers)
    if groups is not None:
        specific["groups"] = [
            {"name": label.name, "groupId": label.group_id, "builtIn": int(label.built_in)}
            for label in groups.get(test.test_id, [])
        ]
    return {
        "enabled": int(test.enabled),
        "testId": test.test_id,
        "savedEvent": int(test.saved_event),
        "liveShare": 0,
        "testName": world.shown_name(test),
        "type": TYPE_NAMES.get(test.type, test.type),
        "interval": test.interval,
        **specific,
        "description": test.description,
        "alertsEnabled": int(test.alerts_enabled),
        "createdBy": owner,
        "createdDate": test.created.strftime(DATE_FORMAT),
        "modifiedBy": owner,
        "modifiedDate": test.modified.strftime(DATE_FORMAT),
        "apiLinks": [
            {"rel": "self", "href": f"{base}/tests/{test.test_id}"},
            *(
                {"rel": "data", "href": f"{base}/{LAYER_PATHS[name]}/{test.test_id}"}
                for name in test.layers
                if name in LAYER_PATHS
            ),
        ],
    }


def _render_label(label: Label) -> dict[str, Any]:
    return {"name": label.name, "groupId": label.group_id, "type": "tests", "builtin": int(label.built_in)}
