# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API v6: the documented example, its lists, and what it refuses."""

from __future__ import annotations

import json
from base64 import b64encode
from xml.etree import ElementTree

import pytest

from simulator import EMAIL, OTHER_TOKEN, READER_EMAIL, READER_TOKEN, TOKEN

# Contract v6 §4, copied but for the line breaks.
REQUEST = (
    '{"testId":19955,"displayName":"Snapshot created through API","from":"2018-10-06T00:00:00",'
    '"to":"2018-10-06T01:00:00","isPublic":1}'
)
ANSWER = """
{"link":{"displayName":"Snapshot created through API","endRoundId":1538787600,"extraParams":"",
 "linkId":"wdiac","roundId":1538784000,"shareDate":"2018-10-19 03:02:01","sourceTestId":19955,
 "startRoundId":1538784000,"testId":58856,"uid":5784,
 "viewUrl":"https://wdiac.share.thousandeyes.com/view/tests/"},"test":[]}
"""
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@pytest.mark.parametrize("path", ["/v6/snapshot.json", "/v6/snapshot", "/snapshot.json"])
@pytest.mark.parametrize("email", [EMAIL, None], ids=["basic", "bearer"])
def test_the_documented_request_gets_the_documented_answer(sim, api, path, email):
    answer = api.send("POST", path, email=email, data=REQUEST, headers=JSON)
    assert answer.status_code == 201
    assert answer.json() == json.loads(ANSWER)
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
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
            "api_version": "v6",
            "answered": True,
        }
    ]


def test_later_creations_have_ids_of_their_own_that_a_reset_repeats(sim, api):
    def three() -> list[tuple[str, int]]:
        links = [api.create_v6().json()["link"] for _count in range(3)]
        return [(link["linkId"], link["testId"]) for link in links]

    first = three()
    assert [test_id for _link_id, test_id in first] == [58856, 58857, 58858]
    assert len({link_id for link_id, _test_id in first}) == 3
    assert all(len(link_id) == 5 and link_id.isalpha() and link_id.islower() for link_id, _test_id in first)
    sim.reset()
    assert three() == first


def test_a_blank_separates_date_and_time_as_well(api):
    answer = api.create_v6(**{"from": "2018-10-06 00:00:00", "to": "2018-10-08 00:00:00"})
    assert (answer.json()["link"]["startRoundId"], answer.json()["link"]["endRoundId"]) == (1538784000, 1538956800)


@pytest.mark.parametrize("visibility", [{"isPublic": 0}, {"drop": "isPublic"}], ids=["zero", "default"])
def test_a_private_snapshot_is_a_saved_event_in_the_lists(sim, api, visibility):
    answer = api.create_v6(displayName="Evidence", **visibility).json()
    assert answer["link"]["viewUrl"] == "https://wdiac.share.thousandeyes.com/view/tests/"
    assert [(test["testId"], test["testName"], test["savedEvent"]) for test in answer["test"]] == [
        (58856, "Evidence", 1)
    ]
    listed = [test for test in api.get("/v6/tests.json").json()["test"] if test["testId"] == 58856]
    assert listed == answer["test"]
    assert listed[0]["createdDate"] == "2018-10-19 03:02:01"
    assert sim.creations()[0]["is_public"] is False


def test_a_private_answer_without_a_link_can_be_had(sim, api):
    sim.settings(v6_private_answer="bare")
    assert {"linkId", "viewUrl"} & set(api.create_v6(isPublic=0).json()["link"]) == set()
    assert {"linkId", "viewUrl"} <= set(api.create_v6(isPublic=1).json()["link"])


def test_a_share_link_is_in_no_list(api):
    before = api.get("/v6/tests.json").json()
    assert api.create_v6().status_code == 201
    assert api.get("/v6/tests.json").json() == before


def test_ids_beyond_32_and_53_bits_are_exact(api):
    assert '"sourceTestId":9007199254740993' in api.create_v6(testId=9007199254740993).text
    assert '"testId":9007199254740993' in api.get("/v6/tests/9007199254740993.json").text


@pytest.mark.parametrize(
    "path, headers, content_type",
    [
        ("/v6/tests.json", {"Accept": "text/xml"}, "application/json"),
        ("/v6/tests.xml", {"Accept": "application/json"}, "text/xml"),
        ("/v6/tests?format=xml", {"Accept": "application/json"}, "application/json"),
        ("/v6/tests?format=json", {"Accept": "text/xml"}, "text/xml"),
        ("/v6/tests?format=json", {"Accept": "*/*"}, "application/json"),
        ("/v6/tests", {"Accept": "text/xml;q=0.5, application/json;q=0.9"}, "application/json"),
        ("/v6/tests", {"Accept": "*/*"}, "text/xml"),
    ],
)
def test_the_format_is_that_of_suffix_then_accept_then_query(api, path, headers, content_type):
    assert api.get(path, headers=headers).headers["Content-Type"] == f"{content_type};charset=UTF-8"


def test_xml_says_what_json_says(api):
    answer = api.create_v6(path="/v6/snapshot.xml", displayName="Zürich <&> 登录")
    assert answer.status_code == 201
    root = ElementTree.fromstring(answer.content)
    assert root.findtext("link/displayName") == "Zürich <&> 登录"
    assert root.findtext("link/linkId") == "wdiac"
    assert root.findtext("link/testId") == "58856"
    listed = ElementTree.fromstring(api.get("/v6/tests.xml").content)
    assert len(listed.findall("test")) == len(api.get("/v6/tests.json").json()["test"])


def test_the_list_has_the_documented_fields_and_types(api):
    tests = {test["testId"]: test for test in api.get("/v6/tests.json").json()["test"]}
    documented = tests[817]
    expected = {
        "enabled": 1,
        "testId": 817,
        "savedEvent": 0,
        "liveShare": 0,
        "testName": "http://www.thousandeyes.com",
        "type": "http-server",
        "interval": 900,
        "url": "http://www.thousandeyes.com",
        "modifiedDate": "2013-05-11 02:02:21",
        "createdBy": "API Sandbox User (noreply@thousandeyes.com)",
        "createdDate": "2012-06-28 19:33:12",
    }
    assert {name: documented.get(name) for name in expected} == expected
    assert isinstance(documented["enabled"], int) and not isinstance(documented["enabled"], bool)
    assert tests[20030]["enabled"] == 0
    assert tests[58001]["savedEvent"] == 1
    assert tests[20007]["type"] == "dns-dnssec"
    assert 20003 not in tests, "v6 knows no tests of type api"
    assert 30001 not in tests, "another account group's"


def test_the_account_group_decides_which_tests_there_are(api):
    assert [test["testId"] for test in api.get("/v6/tests.json?aid=1234").json()["test"]] == [30001, 30002]
    assert api.create_v6(path="/v6/snapshot.json?aid=1234", testId=30001).status_code == 201
    assert api.create_v6(path="/v6/snapshot.json?aid=1234", testId=19955).status_code == 404
    assert api.create_v6(testId=30001).status_code == 404


def test_tests_by_type_and_one_test(api):
    rows = api.get("/v6/tests/dns-dnssec.json").json()["test"]
    assert [row["testId"] for row in rows] == [20007]
    assert {"savedEvent", "liveShare", "type"} & set(rows[0]) == set()
    assert [row["type"] for row in api.get("/v6/tests/20007.json").json()["test"]] == ["dns-dnssec"]
    assert api.get("/v6/tests/20003.json").status_code == 404
    assert api.get("/v6/tests/999999.json").status_code == 404
    assert api.get("/v6/tests/dnssec.json").status_code == 404


def test_account_groups(api):
    assert api.get("/v6/account-groups.json").json() == {
        "accountGroups": [
            {"accountGroupName": "API Sandbox", "aid": 75, "current": 1, "default": 1},
            {"accountGroupName": "Account A", "aid": 1234, "current": 0, "default": 0},
        ]
    }
    current = api.get("/v6/account-groups.json?aid=1234").json()["accountGroups"]
    assert [(row["aid"], row["current"], row["default"]) for row in current] == [(75, 0, 1), (1234, 1, 0)]
    assert api.get("/v6/account-groups.json?aid=9000").status_code == 400


def test_status_needs_no_credentials_and_has_no_rate_limit_headers(api):
    answer = api.get("/v6/status.json", token=None)
    assert answer.json() == {"timestamp": 1539918121000}
    assert not [name for name in answer.headers if name.startswith("X-Organization")]


@pytest.mark.parametrize(
    "status, change",
    [
        (406, {"drop": "displayName"}),
        (406, {"drop": "from"}),
        (406, {"drop": "to"}),
        (406, {"drop": "testId"}),
        (406, {"title": "foreign"}),
        (406, {"startDate": "2018-10-06T00:00:00Z"}),
        (406, {"testId": "19955"}),
        (406, {"testId": 19955.0}),
        (406, {"testId": True}),
        (406, {"testId": None}),
        (406, {"isPublic": True}),
        (406, {"isPublic": False}),
        (406, {"isPublic": "1"}),
        (406, {"displayName": 5}),
        (406, {"from": 1538784000}),
        (406, {"to": None}),
        (400, {"isPublic": 2}),
        (400, {"isPublic": -1}),
        (400, {"displayName": ""}),
        (400, {"displayName": " \t"}),
        (400, {"from": "2018-10-06T00:00:00Z"}),
        (400, {"from": "2018-10-06T00:00:00+00:00"}),
        (400, {"from": "2018-10-06T00:00:00.000"}),
        (400, {"from": "2018-10-06T00:00:00 "}),
        (400, {"from": "2018-10-06T00:00:00\n"}),
        (400, {"from": "2018-10-06"}),
        (400, {"from": "2018-02-30T00:00:00"}),
        (400, {"from": "2018-10-06T0:00:00"}),
        (400, {"from": "06.10.2018 00:00:00"}),
        (400, {"from": "2018-10-05T24:00:00"}),
        (404, {"testId": 999999}),
        (404, {"testId": -1}),
        (404, {"testId": 90001}),
        (404, {"testId": 20003}),
        (400, {"testId": 58001}),
    ],
)
def test_bad_bodies_are_refused_and_leave_nothing(sim, api, status, change):
    answer = api.create_v6(**change)
    assert (answer.status_code, list(answer.json())) == (status, ["errorMessage"])
    assert sim.creations() == []


@pytest.mark.parametrize("hours", range(0, 97))
def test_only_seven_lengths_are_legal(sim, api, hours):
    day, hour = divmod(hours, 24)
    sim.settings(rate_limit=None)
    answer = api.create_v6(to=f"2018-10-{6 + day:02}T{hour:02}:00:00")
    assert answer.status_code == (201 if hours in (1, 2, 4, 6, 12, 24, 48) else 400)


@pytest.mark.parametrize("to", ["2018-10-06T01:00:01", "2018-10-06T00:59:59", "2018-10-05T23:00:00"])
def test_near_and_negative_lengths_are_not(api, to):
    assert api.create_v6(to=to).status_code == 400


def test_the_end_may_be_now_but_not_later(sim, api):
    assert api.create_v6(**{"from": "2018-10-19 02:02:02", "to": "2018-10-19 03:02:02"}).status_code == 400
    assert api.create_v6(**{"from": "2018-10-19 02:02:01", "to": "2018-10-19 03:02:01"}).status_code == 201
    assert len(sim.creations()) == 1


@pytest.mark.parametrize(
    "status, headers, body",
    [
        (415, {"Content-Type": "application/x-www-form-urlencoded"}, REQUEST),
        (415, {"Content-Type": "text/json"}, REQUEST),
        (415, {"Content-Type": "application/json;charset=latin1"}, REQUEST),
        (415, {}, REQUEST),
        (406, {"Content-Type": "application/json", "Accept": "text/html"}, REQUEST),
        (406, {"Content-Type": "application/json", "Accept": "application/hal+json"}, REQUEST),
        (406, {"Content-Type": "application/json"}, REQUEST.replace('"', "'")),
        (406, {"Content-Type": "application/json"}, REQUEST[:-1]),
        (406, {"Content-Type": "application/json"}, REQUEST.replace("19955", "NaN")),
        (406, {"Content-Type": "application/json"}, f"[{REQUEST}]"),
        (406, {"Content-Type": "application/json"}, "5"),
        (406, {"Content-Type": "application/json"}, ""),
        (406, {"Content-Type": "application/json"}, b"\xff" + REQUEST.encode()),
        (201, {"Content-Type": "application/json; charset=utf-8"}, REQUEST),
    ],
)
def test_content_type_accept_and_syntax(sim, api, status, headers, body):
    # Session.post would add a Content-Type to text, but not to bytes.
    body = body.encode() if isinstance(body, str) else body
    assert api.send("POST", "/v6/snapshot.json", data=body, headers=headers).status_code == status
    assert len(sim.creations()) == (status == 201)


@pytest.mark.parametrize(
    "status, method, path",
    [
        (405, "GET", "/v6/snapshot.json"),
        (405, "PUT", "/v6/snapshot.json"),
        (405, "DELETE", "/v6/snapshot.json"),
        (405, "POST", "/v6/tests.json"),
        (405, "POST", "/v6/status.json"),
        (404, "POST", "/v6/snapshots.json"),
        (404, "POST", "/v6/snapshot.yaml"),
        (404, "POST", "/v6/snapshot/new.json"),
        (404, "GET", "/v6/tests/unheard-of.json"),
        (404, "GET", "/v6"),
        (404, "GET", "/"),
        (301, "POST", "/v5/snapshot.json"),
        (301, "GET", "/v8/tests.json"),
        (301, "GET", "/v66/tests.json"),
        (400, "GET", "/v6/tests.json?format=JSON"),
        (400, "GET", "/v6/tests?format=yaml"),
        (400, "GET", "/v6/tests.json?aid=abc"),
        (400, "GET", "/v6/tests.json?account=75"),
        (403, "GET", "/v6/tests.json?aid=9000"),
        (403, "GET", "/v6/tests.json?aid=4"),
    ],
)
def test_wrong_requests(api, status, method, path):
    assert api.send(method, path, data=REQUEST, headers=JSON).status_code == status


def test_an_unknown_version_redirects_and_creates_nothing(sim, api):
    answer = api.send("POST", "/v5/snapshot.json", data=REQUEST, headers=JSON)
    assert answer.headers["Location"] == f"{sim.url}/v7/snapshot.json"
    assert sim.creations() == []


@pytest.mark.parametrize("status", [301, 410])
def test_a_retired_version_is_gone(sim, api, status):
    sim.settings(retired_versions={"v6": status})
    assert api.create_v6().status_code == status
    assert api.create_v6(path="/snapshot.json").status_code == status
    assert api.create_v7().status_code == 201
    assert [row["api_version"] for row in sim.creations()] == ["v7"]


@pytest.mark.parametrize(
    "email, token",
    [(None, None), (None, "wrong"), (EMAIL, "wrong"), ("other@example.com", TOKEN), (READER_EMAIL, TOKEN)],
)
def test_bad_credentials(sim, api, email, token):
    answer = api.send("POST", "/v6/snapshot.json", token=token, email=email, data=REQUEST, headers=JSON)
    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.startswith("X-Organization")]
    assert sim.creations() == []


CREDENTIALS = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(
    "value",
    [
        "Basic",
        "Basic %%%",
        "Basic bm9jb2xvbg==",
        f"Basic !{CREDENTIALS}",
        CREDENTIALS,
        "Bearer",
        f"Token {TOKEN}",
        TOKEN,
    ],
)
def test_unreadable_credentials(api, value):
    assert api.get("/v6/tests.json", token=None, headers={"Authorization": value}).status_code == 401


def test_permissions(sim, api):
    assert api.create_v6(token=READER_TOKEN, email=READER_EMAIL).status_code == 403
    assert api.get("/v6/tests.json", token=READER_TOKEN).status_code == 200
    sim.add_user(uid=9, email="x@example.com", token="blind", organization=12345, account_groups=[75], permissions=[])
    assert api.get("/v6/tests.json", token="blind").status_code == 403
    assert api.get("/v6/account-groups.json", token="blind").status_code == 200
    assert sim.creations() == []


def test_public_snapshots_can_be_barred(sim, api):
    sim.settings(public_snapshots=False)
    assert api.create_v6().status_code == 403
    assert api.create_v6(isPublic=0).status_code == 201


def test_another_organization_sees_its_own(api):
    assert [test["testId"] for test in api.get("/v6/tests.json", token=OTHER_TOKEN).json()["test"]] == [90001]
    assert api.create_v6(token=OTHER_TOKEN, email="", testId=19955).status_code == 404


@pytest.mark.parametrize("style", ["errorMessage", "error"])
def test_error_bodies_with_one_text(sim, api, style):
    sim.settings(v6_error_style=style)
    assert api.create_v6(testId=4).json() == {style: "Test 4 was not found in account group 75"}


def test_error_bodies_with_a_list(sim, api):
    sim.settings(v6_error_style="errors")
    assert api.create_v6(testId=4).json() == {
        "timestamp": 1539918121000,
        "httpStatus": "NOT_FOUND",
        "errors": ["Test 4 was not found in account group 75"],
        "path": f"{sim.url}/v6/snapshot.json",
    }


def test_error_bodies_of_plain_text(sim, api):
    sim.settings(v6_error_style="text")
    answer = api.create_v6(testId=4)
    assert (answer.text, answer.headers["Content-Type"]) == (
        "Test 4 was not found in account group 75",
        "text/plain;charset=UTF-8",
    )
