# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API v7: its answers, its lists, and what it refuses."""

from __future__ import annotations

import pytest

from simulator import EMAIL, OTHER_TOKEN, READER_TOKEN

HAL = "application/hal+json;charset=UTF-8"
PROBLEM = "application/problem+json"


def test_a_creation(sim, api):
    answer = api.create_v7()
    base = f"{sim.url}/v7"
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, HAL)
    assert answer.json() == {
        "id": "wdiac",
        "startRoundId": 1538784000,
        "endRoundId": 1538787600,
        "roundId": 1538784000,
        "shareDate": "2018-10-19T03:02:01Z",
        "sourceTestId": "19955",
        "testId": "58856",
        "uid": "5784",
        "displayName": "Snapshot created through API",
        "extraParams": "",
        "test": {
            "testId": "58856",
            "testName": "Snapshot created through API",
            "type": "http-server",
            "interval": 300,
            "url": "https://shop.example.com/",
            "enabled": True,
            "alertsEnabled": False,
            "description": "",
            "liveShare": False,
            "savedEvent": False,
            "createdBy": EMAIL,
            "createdDate": "2018-10-19T03:02:01Z",
            "modifiedBy": EMAIL,
            "modifiedDate": "2018-10-19T03:02:01Z",
            "_links": {
                "self": {"href": f"{base}/tests/http-server/58856"},
                "testResults": [
                    {"href": f"{base}/test-results/58856/{layer}"} for layer in ("http-server", "network", "path-vis")
                ],
            },
        },
        "_links": {
            "self": {"href": f"{base}/tests/19955/snapshot"},
            "appLink": {"href": "https://app.thousandeyes.com/view/tests/?testId=19955&__a=75"},
        },
    }
    assert sim.creations() == [
        {
            "n": 1,
            "at": "2018-10-19T03:02:01Z",
            "organization": 12345,
            "aid": 75,
            "uid": 5784,
            "source_test_id": 19955,
            "display_name": "Snapshot created through API",
            "from": "2018-10-06T00:00:00Z",
            "to": "2018-10-06T01:00:00Z",
            "is_public": True,
            "link_id": "wdiac",
            "snapshot_test_id": 58856,
            "api_version": "v7",
            "answered": True,
        }
    ]


def listed(api, test_id: str) -> list[dict]:
    return [test for test in api.get("/v7/tests").json()["tests"] if test["testId"] == test_id]


@pytest.mark.parametrize("visibility", [{"isPublic": False}, {"drop": "isPublic"}], ids=["false", "default"])
def test_a_private_snapshot_is_a_saved_event_in_the_lists(sim, api, visibility):
    answer = api.create_v7(displayName="Evidence", **visibility).json()
    assert answer["test"]["savedEvent"] is True
    assert listed(api, "58856") == [answer["test"]]
    assert listed(api, "58856")[0]["testName"] == "Evidence"
    assert api.get("/v7/tests/http-server/58856").json() == answer["test"]
    assert sim.creations()[0]["is_public"] is False


def test_a_share_link_is_in_no_list(api):
    before = api.get("/v7/tests").json()
    assert api.create_v7().json()["test"]["savedEvent"] is False
    assert api.get("/v7/tests").json() == before


def test_a_saved_event_may_bear_its_source_s_name(sim, api):
    api.create_v7(isPublic=False)
    for setting, name in (("title", "Snapshot created through API"), ("source", "Web shop")):
        sim.settings(saved_event_name=setting)
        assert listed(api, "58856")[0]["testName"] == name
        in_v6 = {test["testId"]: test["testName"] for test in api.get("/v6/tests.json").json()["test"]}
        assert in_v6[58856] == name
    assert api.create_v7(isPublic=False).json()["test"]["testName"] == "Web shop"


def test_a_saved_event_may_reach_the_lists_late_and_leaves_them_after_30_days(sim, api):
    sim.settings(saved_event_lag=20)
    api.create_v7(isPublic=False)
    assert listed(api, "58856") == []
    sim.advance(19)
    assert listed(api, "58856") == []
    sim.advance(1)
    assert len(listed(api, "58856")) == 1
    sim.advance(30 * 86400 - 21)
    assert len(listed(api, "58856")) == 1
    sim.advance(1)
    assert listed(api, "58856") == []
    assert api.get("/v7/tests/http-server/58856").status_code == 404


def test_is_public_can_be_taken_as_the_vendor_s_text_says(sim, api):
    sim.settings(invert_is_public=True)
    assert api.create_v7(isPublic=True).json()["test"]["savedEvent"] is True
    assert api.create_v7(isPublic=False).json()["test"]["savedEvent"] is False
    assert [row["is_public"] for row in sim.creations()] == [False, True]
    assert len(listed(api, "58856")) == 1


def test_the_list_is_typed_and_of_one_account_group(sim, api):
    answer = api.get("/v7/tests")
    body = answer.json()
    assert answer.headers["Content-Type"] == HAL
    assert body["_links"] == {"self": {"href": f"{sim.url}/v7/tests"}}
    tests = {test["testId"]: test for test in body["tests"]}
    assert {"19955", "817", "9007199254740993", "58001"} <= set(tests)
    assert {test["type"] for test in tests.values()} == {
        "api",
        "agent-to-agent",
        "agent-to-server",
        "bgp",
        "http-server",
        "page-load",
        "web-transactions",
        "ftp-server",
        "dns-trace",
        "dns-server",
        "dnssec",
        "sip-server",
        "voice",
    }
    assert tests["20030"]["enabled"] is False and tests["19955"]["enabled"] is True
    assert tests["58001"]["savedEvent"] is True and tests["19955"]["savedEvent"] is False
    assert sorted(test["testName"] for test in tests.values() if test["testName"] == "Duplicate name") == [
        "Duplicate name",
        "Duplicate name",
    ]
    assert tests["20009"]["testName"] == "Anmeldung Zürich – 登录"
    assert [test["testId"] for test in api.get("/v7/tests?aid=1234").json()["tests"]] == ["30001", "30002"]
    assert [test["testId"] for test in api.get("/v7/tests", token=OTHER_TOKEN).json()["tests"]] == ["90001"]


def test_tests_by_type_and_one_test(api):
    assert [test["testId"] for test in api.get("/v7/tests/dnssec").json()["tests"]] == ["20007"]
    assert api.get("/v7/tests/dns-server/20005").json()["testName"] == "Resolver"
    for path in ("/v7/tests/dns-server/20007", "/v7/tests/20007", "/v7/tests/dns-dnssec", "/v7/tests/dnssec/4"):
        assert api.get(path).status_code == 404


def test_account_groups(sim, api):
    answer = api.get("/v7/account-groups")
    assert answer.headers["Content-Type"] == HAL
    assert answer.json() == {
        "accountGroups": [
            {
                "aid": "75",
                "accountGroupName": "API Sandbox",
                "isCurrentAccountGroup": True,
                "isDefaultAccountGroup": True,
                "organizationName": "Sandbox Inc.",
                "orgId": "12345",
            },
            {
                "aid": "1234",
                "accountGroupName": "Account A",
                "isCurrentAccountGroup": False,
                "isDefaultAccountGroup": False,
                "organizationName": "Sandbox Inc.",
                "orgId": "12345",
            },
        ],
        "_links": {"self": {"href": f"{sim.url}/v7/account-groups"}},
    }


@pytest.mark.parametrize(
    "field, change",
    [
        ("displayName", {"drop": "displayName"}),
        ("startDate", {"drop": "startDate"}),
        ("endDate", {"drop": "endDate"}),
        ("title", {"title": "foreign"}),
        ("testId", {"testId": "19955"}),
        ("from", {"from": "2018-10-06T00:00:00Z"}),
        ("displayName", {"displayName": 5}),
        ("displayName", {"displayName": ""}),
        ("displayName", {"displayName": "  "}),
        ("displayName", {"displayName": None}),
        ("isPublic", {"isPublic": 1}),
        ("isPublic", {"isPublic": 0}),
        ("isPublic", {"isPublic": "true"}),
        ("isPublic", {"isPublic": None}),
        ("startDate", {"startDate": 1538784000}),
        ("startDate", {"startDate": "2018-10-06T00:00:00"}),
        ("startDate", {"startDate": "2018-10-06 00:00:00Z"}),
        ("startDate", {"startDate": "2018-10-06T02:00:00+02:00"}),
        ("startDate", {"startDate": "2018-10-06T00:00:00.5Z"}),
        ("startDate", {"startDate": "2018-10-06"}),
        ("startDate", {"startDate": "2018-02-30T00:00:00Z"}),
        ("startDate", {"startDate": "2018-10-06T00:00:00z"}),
        ("endDate", {"endDate": "2018-10-06T03:00:00Z"}),
        ("endDate", {"endDate": "2018-10-06T01:00:01Z"}),
        ("endDate", {"endDate": "2018-10-06T00:00:00Z"}),
        ("endDate", {"endDate": "2018-10-05T23:00:00Z"}),
        ("endDate", {"endDate": "2018-10-10T00:00:00Z"}),
        ("endDate", {"startDate": "2018-10-19T02:02:02Z", "endDate": "2018-10-19T03:02:02Z"}),
    ],
)
def test_bad_fields_are_named(sim, api, field, change):
    answer = api.create_v7(**change)
    body = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    assert body["title"] == "Request validation failed. There are invalid or missing fields"
    assert [error["field"] for error in body["errors"]] == [field]
    assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
    assert sim.creations() == []


@pytest.mark.parametrize("suffix", ["Z", "+00:00", ".000Z"])
def test_dates_in_utc(api, suffix):
    answer = api.create_v7(startDate=f"2018-10-06T00:00:00{suffix}", endDate=f"2018-10-08T00:00:00{suffix}")
    assert (answer.json()["startRoundId"], answer.json()["endRoundId"]) == (1538784000, 1538956800)


def test_the_end_may_be_now(api):
    assert api.create_v7(startDate="2018-10-19T02:02:01Z", endDate="2018-10-19T03:02:01Z").status_code == 201


@pytest.mark.parametrize(
    "status, headers, body",
    [
        (415, {"Content-Type": "application/hal+json"}, b"{}"),
        (415, {}, b"{}"),
        (400, {"Content-Type": "application/json"}, b"{"),
        (400, {"Content-Type": "application/json"}, b"[]"),
        (400, {"Content-Type": "application/json"}, b""),
        (406, {"Content-Type": "application/json", "Accept": "text/xml"}, b"{}"),
        (406, {"Content-Type": "application/json", "Accept": "application/json"}, b"{}"),
        (406, {"Content-Type": "application/json", "Accept": "application/hal+json;q=0, application/json"}, b"{}"),
    ],
)
def test_content_type_accept_and_syntax(api, status, headers, body):
    answer = api.send("POST", "/v7/tests/19955/snapshot", data=body, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


@pytest.mark.parametrize(
    "accept", ["application/hal+json, application/json", "application/hal+json", "application/*", "*/*"]
)
def test_accept(api, accept):
    assert api.create_v7(headers={"Accept": accept}).status_code == 201


@pytest.mark.parametrize(
    "status, method, path",
    [
        (404, "GET", "/v7/tests.json"),
        (404, "GET", "/v7/account-groups.json"),
        (404, "GET", "/v7/nothing"),
        (404, "POST", "/v7/tests/19955/snapshot.json"),
        (404, "POST", "/v7/tests/abc/snapshot"),
        (404, "POST", "/v7/snapshot"),
        (404, "GET", "/v7/status"),
        (404, "GET", "/v7/"),
        (405, "GET", "/v7/tests/19955/snapshot"),
        (405, "PUT", "/v7/tests/19955/snapshot"),
        (405, "DELETE", "/v7/tests"),
        (403, "GET", "/v7/tests?aid=9000"),
        (403, "GET", "/v7/tests?aid=abc"),
        (400, "GET", "/v7/tests?account=75"),
        (400, "GET", "/v7/account-groups?aid=75"),
    ],
)
def test_wrong_requests(api, status, method, path):
    answer = api.send(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    "status, path",
    [
        (404, "/v7/tests/999999/snapshot"),
        (404, "/v7/tests/30001/snapshot"),
        (404, "/v7/tests/90001/snapshot"),
        (404, "/v7/tests/19955/snapshot?aid=1234"),
        (404, "/v7/tests/019955/snapshot"),
        (404, f"/v7/tests/{'9' * 5000}/snapshot"),
        (403, "/v7/tests/19955/snapshot?aid=9000"),
        (400, "/v7/tests/19955/snapshot?aid=abc"),
        (400, "/v7/tests/58001/snapshot"),
        (201, "/v7/tests/30001/snapshot?aid=1234"),
        (201, "/v7/tests/20030/snapshot"),
        (201, "/v7/tests/20003/snapshot"),
        (201, "/v7/tests/9007199254740993/snapshot"),
    ],
)
def test_which_tests_can_be_captured(sim, api, status, path):
    assert api.create_v7(path=path).status_code == status
    assert len(sim.creations()) == (status == 201)


def test_unauthorized(sim, api):
    for credentials in ({"token": None}, {"token": "wrong"}, {"email": EMAIL}):
        answer = api.create_v7(**credentials)
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)
        assert answer.json() == {"error": "invalid_token", "error_description": "Invalid access token"}
    assert sim.creations() == []


def test_forbidden(sim, api):
    answer = api.create_v7(token=READER_TOKEN)
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "about:blank",
        "title": "Insufficient permissions to query endpoint",
        "status": 403,
        "detail": "Insufficient permissions to query endpoint: Create snapshot shares",
        "instance": "/v7/tests/19955/snapshot",
    }
    sim.settings(public_snapshots=False)
    assert api.create_v7(isPublic=True).status_code == 403
    assert api.create_v7(isPublic=False).status_code == 201


def test_a_retired_version_is_gone(sim, api):
    api.checked = False  # no document describes this
    sim.settings(retired_versions={"v7": 410})
    assert api.create_v7().status_code == 410


class TestObservedErrors:
    """As recorded from the live API, contract v7 §2; outside the document, so not checked against it."""

    @pytest.fixture(autouse=True)
    def observed(self, sim, api):
        sim.settings(error_style="observed")
        api.checked = False

    def test_400_has_its_text_in_the_title(self, api):
        assert api.create_v7(displayName="").json() == {
            "type": "about:blank",
            "status": 400,
            "instance": "/v7/tests/19955/snapshot",
            "title": "There were some errors in your request, please correct them before trying again. "
            "Error in field displayName : must not be blank",
        }

    def test_401(self, api):
        assert api.create_v7(token=None).json() == {
            "errorMessage": "401 Not Authorized\nPlease ensure you are using the correct authentication token."
        }
        assert api.create_v7(token="wrong").json() == {
            "error": "invalid_token",
            "error_description": "Invalid access token",
        }

    def test_404_is_empty(self, api):
        answer = api.create_v7(path="/v7/tests/4/snapshot")
        assert (answer.status_code, answer.content) == (404, b"")


def test_the_document_is_checked_and_can_object(required_document, api):
    before = required_document.checked
    assert api.create_v7().status_code == 201
    assert required_document.checked == before + 1
    good = api.get("/v7/tests").json()
    for spoil in ({"testId": 19955}, {"enabled": 1}, {"interval": 7}, {"type": "dns-dnssec"}, {"createdDate": "today"}):
        bad = {"tests": [{**good["tests"][0], **spoil}]}
        with pytest.raises(AssertionError):
            required_document.check("GET", "/tests", 200, HAL, bad)
    with pytest.raises(AssertionError):
        required_document.check("GET", "/tests", 200, "application/json", good)


@pytest.mark.parametrize("is_public", [True, False])
def test_what_the_app_link_bears_can_be_chosen(sim, api, is_public):
    def app_link(**settings):
        sim.settings(**settings)
        answer = api.create_v7(isPublic=is_public)
        assert answer.status_code == 201
        return answer.json()["_links"].get("appLink", {}).get("href")

    view = "https://app.thousandeyes.com/view/tests/?testId="
    assert app_link() == f"{view}19955&__a=75"
    assert app_link(app_link="own") == f"{view}{sim.creations()[1]['snapshot_test_id']}&__a=75"
    assert app_link(app_link="none") is None
    assert app_link(app_link="source", app_link_aid=False, app_link_host="app.example.com") == (
        "https://app.example.com/view/tests/?testId=19955"
    )
