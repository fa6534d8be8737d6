# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests in v7: lists and details (contract v7 §5)."""

from __future__ import annotations

from typing import Any

from .access import account_group, check_query, require
from .entities import DNS_SERVERS, TEST_TYPES, VIEW_TESTS, TestConfig, User
from .measurements import Agent
from .v7_format import answer, expansions
from .wire import Answer, ApiError, Request, compact, iso
from .world import World

# What else the documents require of some types; nothing here depends on the values.
REQUIRED: dict[str, dict[str, Any]] = {
    "api": {"requests": [{"name": "Step 1", "url": "https://api.example.com/", "method": "get"}]},
    "ftp-server": {"requestType": "download", "username": "anonymous"},
    "sip-server": {"port": 5060, "targetSipCredentials": {"port": 5060, "sipRegistrar": "sip.example.com"}},
    "web-transactions": {"transactionScript": "if (true) { return true; }"},
}
EXPANSIONS = ("agent", "alert-rule", "label", "monitor", "shared-with-account", "tag")


def list_tests(world: World, request: Request, user: User, kind: str | None = None) -> Answer:
    aid = _reading(request, user, ("aid",))
    rows = []
    for test in world.tests_of(aid):
        if kind not in (None, test.type):
            continue
        row = test.fragments.get("v7")
        if row is None or not world.tells_saved_event("list"):
            row = compact(render_test(world, request, test, world.tells_saved_event("list")))
            if test.source_name is None and world.tells_saved_event(
                "list"
            ):  # the name of the others depends on the settings
                test.fragments["v7"] = row
        rows.append(row)
    links = compact({"self": {"href": request.base_url + request.path}})
    return answer(200, '{"tests":[' + ",".join(rows) + '],"_links":' + links + "}")


def one_test(world: World, request: Request, user: User, kind: str, test_id: str) -> Answer:
    """The older versions that `versionId` asks for are not kept here, so it is refused."""
    aid = _reading(request, user, ("aid", "expand"))
    expanded = expansions(request, EXPANSIONS)
    test = world.find_test(aid, int(test_id))
    if test.type != kind:
        raise ApiError(404, f"Test {test_id} is not of type {kind}")
    parts = _parts(world, test)
    return answer(200, {**render_test(world, request, test), **dict(parts[word] for word in expanded)})


def _parts(world: World, test: TestConfig) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """By the word that asks for it: the field, and what it lists. There are no alert rules and monitors here."""
    agents = [agent for agent in world.agents.values() if test.agents is None or agent.agent_id in test.agents]
    labels = [label for label in world.labels_of(test.aid) if test.test_id in label.tests]
    tags = [tag for tag in world.tags.values() if tag.object_type == "test" and test.test_id in tag.assignments]
    return {
        "agent": ("agents", [] if test.type == "bgp" else [_render_agent(agent) for agent in agents]),
        "alert-rule": ("alertRules", []),
        "label": (
            "labels",
            [{"labelId": str(label.group_id), "name": label.name, "isBuiltin": label.built_in} for label in labels],
        ),
        "monitor": ("monitors", []),
        "shared-with-account": (
            "sharedWithAccounts",
            [{"aid": str(test.aid), "name": world.account_groups[test.aid].name}],
        ),
        "tag": ("tags", [{"id": tag.tag_id, "key": tag.key, "value": tag.value} for tag in tags]),
    }


def _render_agent(agent: Agent) -> dict[str, Any]:
    """An id of an enterprise agent is above those of cloud agents, as in the documents' examples."""
    return {
        "agentId": str(agent.agent_id),
        "agentName": agent.name,
        "agentType": "enterprise" if agent.agent_id > 2**32 else "cloud",
        "countryId": agent.country,
        "location": agent.location,
        "enabled": True,
    }


def _reading(request: Request, user: User, query: tuple[str, ...]) -> int:
    """The account group of a request that reads tests; these endpoints document no 400 for a bad one."""
    require(user, VIEW_TESTS)
    check_query(request, query)
    return account_group(user, request, malformed=403)


def render_test(world: World, request: Request, test: TestConfig, tells_saved_event: bool = True) -> dict[str, Any]:
    """Contract v7 §5; of the fields that depend on the type, those that the document requires."""
    base = f"{request.base_url}/v7"
    specific: dict[str, Any] = {TEST_TYPES[test.type][0]: test.target, **REQUIRED.get(test.type, {})}
    if test.type == "dns-server":
        specific["dnsServers"] = [{"serverId": str(key), "serverName": DNS_SERVERS[key]} for key in DNS_SERVERS]
    if test.type == "agent-to-agent":
        specific["direction"] = test.direction
    return {
        "testId": str(test.test_id),
        "testName": world.shown_name(test),
        "type": test.type,
        **({} if test.type == "bgp" else {"interval": test.interval}),  # contract evidence §0
        **specific,
        "enabled": test.enabled,
        "alertsEnabled": test.alerts_enabled,
        "description": test.description,
        "liveShare": False,
        **({"savedEvent": test.saved_event} if tells_saved_event else {}),
        "createdBy": test.owner_email,
        "createdDate": iso(test.created),
        "modifiedBy": test.owner_email,
        "modifiedDate": iso(test.modified),
        "_links": {
            "self": {"href": f"{base}/tests/{test.type}/{test.test_id}"},
            "testResults": [{"href": f"{base}/test-results/{test.test_id}/{layer}"} for layer in test.layers],
        },
    }
