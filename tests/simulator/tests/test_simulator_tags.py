# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of v7, labels of v6."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from thousandeyes_sdk.core import exceptions as errors
from thousandeyes_sdk.tags.api.tags_api import TagsApi
from thousandeyes_sdk.tags.models.expand_tags_options import ExpandTagsOptions

from simulator import OTHER_TOKEN, READER_TOKEN

JSON = "application/json;charset=UTF-8"
TEAM_SHOP = "5aeab5d5-0d34-4d44-a7ac-000000000000"


def by_tag(tags: list[dict]) -> dict[tuple[str, str], list[str]]:
    return {
        (tag["key"], tag["value"]): [item["id"] for item in tag["assignments"] if item["type"] == "test"]
        for tag in tags
        if tag["objectType"] == "test"
    }


def test_the_list_of_tags(sim, api, document):
    answer = api.get("/v7/tags")
    assert answer.headers["Content-Type"] == JSON
    body = answer.json()
    assert body["_links"] == {"self": {"href": f"{sim.url}/v7/tags"}}
    assert body["tags"][0] == {
        "id": TEAM_SHOP,
        "key": "team",
        "value": "shop",
        "aid": 75,
        "objectType": "test",
        "type": "static",
        "accessType": "all",
        "builtIn": False,
        "color": "#FF0000",
        "icon": None,
        "description": None,
        "legacyId": None,
        "createDate": "2022-03-01T23:31:11Z",
        "modifiedDate": None,
        "_links": {"self": {"href": f"{sim.url}/v7/tags/{TEAM_SHOP}"}},
    }
    assert api.get(f"/v7/tags/{TEAM_SHOP}").json() == body["tags"][0]
    assert len({tag["id"] for tag in body["tags"]}) == len(body["tags"]) == 6
    assert all("assignments" not in tag for tag in body["tags"])
    if document:
        assert document.checked >= 2


def test_assignments_on_demand(api):
    tags = api.get("/v7/tags?expand=assignments").json()["tags"]
    assert by_tag(tags) == {
        ("team", "shop"): ["19955", "20012", "20003"],
        ("team", "network"): ["20001", "20002", "20004"],
        ("branch", "sfo"): ["19955", "20005"],
        ("tier", "gold"): [],
    }
    others = {tag["objectType"]: tag.get("assignments") for tag in tags if tag["objectType"] != "test"}
    assert others == {"dashboard": [{"id": "817", "type": "dashboard"}], "endpoint-agent": None}
    one = api.get(f"/v7/tags/{TEAM_SHOP}?expand=assignments").json()
    assert one["assignments"][0] == {"id": "19955", "type": "test"}


def test_tags_belong_to_an_account_group(api):
    assert by_tag(api.get("/v7/tags?expand=assignments&aid=1234").json()["tags"]) == {("team", "portal"): ["30001"]}
    assert api.get(f"/v7/tags/{TEAM_SHOP}?aid=1234").status_code == 404
    assert api.get("/v7/tags", token=OTHER_TOKEN).json()["tags"] == []
    assert api.get("/v7/tags", token=READER_TOKEN).status_code == 200


def test_tags_are_added_and_replaced(sim, api):
    added = sim.add_tag("env", "prod", [20009], description="Live", created="2020-02-29T00:00:00Z")
    shown = api.get(f"/v7/tags/{added['tag_id']}?expand=assignments").json()
    assert (shown["description"], shown["createDate"]) == ("Live", "2020-02-29T00:00:00Z")
    assert shown["assignments"] == [{"id": "20009", "type": "test"}]
    sim.add_tag("env", "test", [20009, 19955], tag_id=added["tag_id"])
    assert len(api.get("/v7/tags").json()["tags"]) == 7
    sim.remove_test(20009)
    shown = api.get(f"/v7/tags/{added['tag_id']}?expand=assignments").json()
    assert (shown["value"], shown["assignments"]) == ("test", [{"id": "19955", "type": "test"}])
    for wrong in ({"assignments": [4]}, {"assignments": [30001]}, {"object_type": "monitor"}, {"type": "quiet"}):
        with pytest.raises(ValueError):
            sim.add_tag("env", "prod", **wrong)
    assert len(sim.world()["tags"]) == 8


@pytest.mark.parametrize(
    "status, path, headers",
    [
        (200, "/v7/tags", {"Accept": "application/json"}),
        (200, "/v7/tags", {"Accept": "application/hal+json, application/json"}),
        (406, "/v7/tags", {"Accept": "text/xml"}),
        (400, "/v7/tags?expand=tests", {}),
        (400, "/v7/tags?objectType=test", {}),
        (403, "/v7/tags?aid=9000", {}),
        (404, "/v7/tags/5aeab5d5", {}),
        (404, "/v7/tags.json", {}),
    ],
)
def test_requests_for_tags(api, status, path, headers):
    api.checked = status in (200, 403, 404)  # the document has no others here
    assert api.get(path, headers=headers).status_code == status


def test_tags_in_hal(api):
    api.checked = False  # of a newer document than that at hand
    answer = api.get("/v7/tags", headers={"Accept": "application/hal+json"})
    assert answer.headers["Content-Type"] == "application/hal+json;charset=UTF-8"


def test_permission_and_faults(sim, api):
    permissions = ["API access", "View tests"]
    sim.add_user(
        uid=9, email="x@example.com", token="x", organization=12345, account_groups=[75], permissions=permissions
    )
    assert api.get("/v7/tags", token="x").status_code == 403
    assert api.get("/v7/tests", token="x").status_code == 200
    for status in (401, 403, 404, 429, 500):
        sim.fault(status=status)
        assert api.get("/v7/tags").status_code == status


def test_the_official_sdk_reads_tags(client):
    reader = TagsApi(client())
    tags = reader.get_tags(expand=[ExpandTagsOptions.ASSIGNMENTS]).tags
    assert {
        (tag.key, tag.value): [item.id for item in tag.assignments] for tag in tags if tag.object_type == "test"
    } == {
        ("team", "shop"): ["19955", "20012", "20003"],
        ("team", "network"): ["20001", "20002", "20004"],
        ("branch", "sfo"): ["19955", "20005"],
        ("tier", "gold"): [],
    }
    assert reader.get_tag(TEAM_SHOP).assignments is None
    with pytest.raises(errors.NotFoundException):
        reader.get_tag("5aeab5d5")
    with pytest.raises(errors.ForbiddenException):
        reader.get_tags(aid="9000")


SAVED_EVENT = {"name": "Saved Event", "groupId": -9, "type": "tests", "builtin": 1}
INFRASTRUCTURE = {"name": "Infrastructure tests", "groupId": 961, "type": "tests", "builtin": 0}
SHOP = {"name": "Shop", "groupId": 962, "type": "tests", "builtin": 0}


@pytest.mark.parametrize("path", ["/v6/groups/tests.json", "/v6/groups.json"])
def test_the_list_of_labels(api, path):
    assert api.get(path).json() == {"groups": [SAVED_EVENT, INFRASTRUCTURE, SHOP]}
    assert [row["groupId"] for row in api.get(f"{path}?aid=1234").json()["groups"]] == [-9, 963]


@pytest.mark.parametrize("path", ["/v6/groups/tests/962.json", "/v6/groups/962.json"])
def test_a_label_and_its_tests(api, path):
    (label,) = api.get(path).json()["groups"]
    assert {name: label[name] for name in SHOP} == SHOP
    assert [test["testId"] for test in label["tests"]] == [19955, 20012]
    assert [test["testId"] for test in api.get("/v6/groups/-9.json").json()["groups"][0]["tests"]] == [58001]


def test_labels_in_xml(api):
    root = ElementTree.fromstring(api.get("/v6/groups/tests.xml").content)
    assert [item.findtext("name") for item in root.findall("groups")] == ["Saved Event", "Infrastructure tests", "Shop"]


def groups(api, path: str) -> dict[int, list[int]]:
    rows = api.get(path).json()["test"]
    return {row["testId"]: [group["groupId"] for group in row["groups"]] for row in rows if "groups" in row}


def test_where_a_test_shows_its_labels(sim, api):
    assert api.get("/v6/tests/19955.json").json()["test"][0]["groups"] == [
        {"name": "Shop", "groupId": 962, "builtIn": 0}
    ]
    assert groups(api, "/v6/tests/817.json") == {817: []}
    assert groups(api, "/v6/tests/58001.json") == {58001: [-9]}
    assert groups(api, "/v6/tests.json") == groups(api, "/v6/tests/http-server.json") == {}
    sim.settings(v6_groups_in="list")
    sim.add_label("Late", [817])
    shown = groups(api, "/v6/tests.json")
    assert {key: shown[key] for key in (19955, 20001, 817, 20010)} == {
        19955: [962],
        20001: [961],
        817: [1001],
        20010: [],
    }
    assert groups(api, "/v6/tests/http-server.json")[817] == [1001]
    sim.settings(v6_groups_in="detail")
    assert groups(api, "/v6/tests.json") == {}


def test_labels_are_added_and_replaced(sim, api):
    sim.add_label("Shops", [20020], group_id=962)
    assert [row["name"] for row in api.get("/v6/groups/tests.json").json()["groups"]][-1] == "Shops"
    assert groups(api, "/v6/tests/19955.json") == {19955: []}
    assert sim.add_label("New")["group_id"] == 1001
    for wrong in ({"tests": [4]}, {"tests": [19955], "aid": 1234}, {"colour": "red"}):
        with pytest.raises(ValueError):
            sim.add_label("Wrong", **wrong)


@pytest.mark.parametrize(
    "status, path",
    [
        (404, "/v6/groups/tests/4.json"),
        (404, "/v6/groups/963.json"),
        (404, "/v6/groups/agents.json"),
        (400, "/v6/groups/tests.json?type=tests"),
        (403, "/v6/groups/tests.json?aid=9000"),
        (200, "/v6/groups/963.json?aid=1234"),
    ],
)
def test_requests_for_labels(api, status, path):
    assert api.get(path).status_code == status
