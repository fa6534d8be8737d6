# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both wire formats, over real HTTP."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import Api, open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    InvalidRequest,
    UnexpectedResponse,
    Unreachable,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from simulator import EMAIL, SharedClock, Simulator
from support.snapshot_answers import v6_answer, v7_answer

WAYS = ["v6-json", "v6-xml", "v7-json"]
Requests = t.Callable[..., SnapshotRequest]


@pytest.fixture(params=WAYS)
def api(request: pytest.FixtureRequest, connection: Connection) -> t.Iterator[Api]:
    version, answer_format = request.param.split("-")
    opened = open_api(dataclasses.replace(connection, version=version, email=EMAIL), SystemClock(), answer_format)
    yield opened
    opened.close()


@pytest.fixture
def v7(connection: Connection) -> t.Iterator[Api]:
    opened = open_api(connection, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def v6(connection: Connection) -> t.Iterator[Api]:
    opened = open_api(dataclasses.replace(connection, version="v6"), SystemClock())
    yield opened
    opened.close()


def test_documented_example(api: Api, sim: Simulator, request_for: Requests) -> None:
    """Request and answer of contract v6 §4; v7 gives the same but for the addresses."""
    is_v6 = api.version == "v6"
    sim.set_clock("2018-10-19T03:02:01Z")
    answer = api.create_snapshot(request_for())
    assert answer._asdict() == {
        "api_version": api.version,
        "link_id": "wdiac",
        "view_url": "https://wdiac.share.thousandeyes.com/view/tests/" if is_v6 else None,
        "app_url": None if is_v6 else "https://app.thousandeyes.com/view/tests/?testId=19955&__a=75",
        "snapshot_test_id": "58856",
        "start_round_id": "1538784000",
        "end_round_id": "1538787600",
        "round_id": "1538784000",
        "share_date": "2018-10-19T03:02:01Z",
        "uid": "5784",
        "saved_event": None if is_v6 else False,
        "display_name": "Snapshot created through API",
        "status": None,
        "not_shown": (),
    }


def test_v6_request(v6: Api, sim: Simulator, request_for: Requests) -> None:
    v6.create_snapshot(request_for(aid="1234", test_id="30001"))
    [sent] = sim.requests()
    assert (sent["method"], sent["path"], sent["query"]) == ("POST", "/v6/snapshot.json", {"aid": "1234"})
    assert sent["headers"]["Accept"] == "application/json"
    assert sent["headers"]["Content-Type"] == "application/json"
    assert sent["body"] == (
        '{"testId":30001,"displayName":"Snapshot created through API",'
        '"from":"2018-10-06T00:00:00","to":"2018-10-06T01:00:00","isPublic":1}'
    )
    assert sent["auth"] == {"scheme": "bearer", "uid": 5784}


def test_v6_basic(connection: Connection, sim: Simulator, request_for: Requests) -> None:
    api = open_api(dataclasses.replace(connection, version="v6", email=EMAIL), SystemClock())
    api.create_snapshot(request_for())
    assert sim.requests()[0]["auth"] == {"scheme": "basic", "uid": 5784}
    api.close()


def test_v7_request(v7: Api, sim: Simulator, request_for: Requests) -> None:
    v7.create_snapshot(request_for(aid="1234", test_id="30001", is_public=False))
    [sent] = sim.requests()
    assert (sent["method"], sent["path"], sent["query"]) == ("POST", "/v7/tests/30001/snapshot", {"aid": "1234"})
    assert json.loads(sent["body"]) == {
        "displayName": "Snapshot created through API",
        "startDate": "2018-10-06T00:00:00Z",
        "endDate": "2018-10-06T01:00:00Z",
        "isPublic": False,
    }
    assert sent["auth"] == {"scheme": "bearer", "uid": 5784}


@pytest.mark.parametrize(
    "title", ["Zürich 登录 🚦", 'quotes " and \\', "two\nlines", "<b>&amp;</b>", "{{ 7 * 7 }}", "x" * 5000]
)
def test_titles_arrive_as_they_are(api: Api, sim: Simulator, request_for: Requests, title: str) -> None:
    api.create_snapshot(request_for(display_name=title))
    assert sim.creations()[0]["display_name"] == title


def test_ids_beyond_what_a_float_can_hold(api: Api, sim: Simulator, request_for: Requests) -> None:
    api.create_snapshot(request_for(test_id="9007199254740993"))
    assert sim.creations()[0]["source_test_id"] == 9007199254740993


@pytest.mark.parametrize("private_answer", ["link", "bare"])
def test_private(api: Api, sim: Simulator, request_for: Requests, private_answer: str) -> None:
    """What v6 answers for a private snapshot is not documented: with a link or without."""
    sim.settings(v6_private_answer=private_answer)
    answer = api.create_snapshot(request_for(is_public=False))
    assert sim.creations()[0]["is_public"] is False
    assert answer.snapshot_test_id == "58856"
    assert answer.saved_event is True


def test_the_answer_tells_its_visibility(v7: Api, sim: Simulator, request_for: Requests) -> None:
    sim.settings(invert_is_public=True)
    assert v7.create_snapshot(request_for(is_public=True)).saved_event is True
    assert v7.create_snapshot(request_for(is_public=False)).saved_event is False


def test_the_answer_may_tell_another_visibility(
    api: Api, sim: Simulator, request_for: Requests, request: pytest.FixtureRequest
) -> None:
    own = {"testId": 58856, "savedEvent": 0}
    test = "<test><testId>58856</testId><savedEvent>0</savedEvent></test>"
    bodies = {
        "v6-json": v6_answer(own),
        "v6-xml": f"<response><link><linkId>wdiac</linkId></link>{test}</response>",
        "v7-json": v7_answer(test=own),
    }
    sim.fault(body=bodies[request.node.callspec.params["api"]])
    assert api.create_snapshot(request_for(is_public=False)).saved_event is False


@pytest.mark.parametrize("share_date", ["9999-12-30T00:00:00Z", "0001-01-01T00:00:00Z", "soon", 5, None])
def test_an_odd_share_date_does_not_matter(v7: Api, sim: Simulator, request_for: Requests, share_date: t.Any) -> None:
    sim.fault(body={"id": "wdiac", "testId": "58856", "shareDate": share_date})
    answer = v7.create_snapshot(request_for())
    assert (answer.link_id, answer.share_date in (None, share_date)) == ("wdiac", True)


NONSENSE = [
    "",
    "null",
    "[]",
    "{}",
    '"wdiac"',
    "<html>Welcome to the guest network</html>",
    '{"id": "wdiac", "sourceTestId": "817"}',
    '{"link": {"linkId": "wdiac", "sourceTestId": 817}}',
    '{"id": null, "testId": "1"}',
    '{"link": {}}',
    '{"id": ["wdiac"]}',
]


@pytest.mark.parametrize("body", NONSENSE)
def test_a_nonsensical_201_leaves_the_outcome_open(api: Api, sim: Simulator, request_for: Requests, body: str) -> None:
    sim.fault(body=body)
    with pytest.raises(UnexpectedResponse) as error:
        api.create_snapshot(request_for())
    assert not error.value.certain
    assert len(sim.creations()) == 1


def test_tests_are_listed_alike(connection: Connection, sim: Simulator) -> None:
    """But for API tests, a type that only v7 has."""
    lists = {}
    for version in ("v6", "v7"):
        api = open_api(dataclasses.replace(connection, version=version), SystemClock())
        lists[version] = [
            (test.test_id, test.test_name, test.saved_event)
            for test in api.list_tests(None).tests
            if test.type != "api"
        ]
        listed = {test.test_id: test for test in api.list_tests(None).tests}
        api.close()
    assert lists["v6"] == lists["v7"]
    assert listed["20009"].test_name == "Anmeldung Zürich – 登录"
    assert not listed["20009"].saved_event
    assert any(test.saved_event for test in listed.values())


@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"tests": 1, "test": 1}', '{"tests": [5], "test": [5]}', '{"tests": [{}], "test": [{}]}', "[]", "x"],
)
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(
    connection: Connection, sim: Simulator, clock: SharedClock, body: str
) -> None:
    # For ever, since what is not JSON is asked for again.
    sim.fault(body=body, times=0)
    for version in ("v6", "v7"):
        api = open_api(dataclasses.replace(connection, version=version), clock)
        with pytest.raises(UnexpectedResponse):
            api.list_tests(None)
        api.close()


@pytest.mark.parametrize("row", [{"testName": "Web shop"}, {"testId": None}, {"testId": "none"}, "row", None])
def test_a_row_without_an_id_is_told(connection: Connection, sim: Simulator, row: t.Any) -> None:
    """Not passed over, since whoever reads the list may conclude that something is not there."""
    rows = [{"testId": 1}, row, {"testId": 3}]
    for version, field in (("v6", "test"), ("v7", "tests")):
        sim.fault(body={field: rows})
        api = open_api(dataclasses.replace(connection, version=version), SystemClock())
        with pytest.raises(UnexpectedResponse) as error:
            api.list_tests(None)
        api.close()
        assert f"row 2 of 3 in its list of {field} has no testId: {json.dumps(row)}." in error.value.message


def test_v7_accepts_problems(v7: Api, sim: Simulator) -> None:
    v7.list_tests(None)
    accepted = sim.requests()[0]["headers"]["Accept"].split(", ")
    assert accepted == ["application/hal+json", "application/json", "application/problem+json"]


@pytest.mark.parametrize("version", ["v6", "v7"])
def test_the_offset_of_the_servers_clock(
    connection: Connection, sim: Simulator, clock: SharedClock, request_for: Requests, version: str
) -> None:
    """By the latest answer, whatever it is an answer to."""
    api = open_api(dataclasses.replace(connection, version=version), clock)
    assert api.clock_offset is None
    sim.fault(headers={"Date": "soon"})
    assert api.list_tests(None).clock_offset is None
    assert api.clock_offset is None
    assert api.list_tests(None).clock_offset == api.clock_offset == 0
    sim.advance(3600)
    api.create_snapshot(request_for())
    assert api.clock_offset == 3600
    sim.advance(-7200)
    sim.fault(status=400)
    with pytest.raises(InvalidRequest):
        api.create_snapshot(request_for())
    assert api.clock_offset == -3600
    sim.fault(headers={"Date": "Mon, 23 Nov 2026 12:00:07"})
    assert api.list_tests(None).clock_offset == api.clock_offset == 7
    sim.fault(headers={"Date": "Mon, 23 Nov 2026 14:00:00 +0200"})
    assert api.list_tests(None).clock_offset == 0
    sim.fault(drop="reset")
    with pytest.raises(Unreachable):
        api.create_snapshot(request_for())
    assert api.clock_offset == 0
    api.close()


def test_marks_are_found_however_they_are_written(connection: Connection, sim: Simulator) -> None:
    for name in ("Zu\N{COMBINING DIAERESIS}rich", "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich"):
        sim.reset()
        sim.add_label(name, [19955])
        sim.add_tag("site", name, [19955])
        for version, mark in (
            ("v6", "Z\u00fcrich"),
            ("v6", "Zu\u0308rich"),
            ("v7", "site:Z\u00fcrich"),
            ("v7", "site:Zu\u0308rich"),
        ):
            api = open_api(dataclasses.replace(connection, version=version), SystemClock())
            assert api.tests_with(None, mark) == {"19955"}
            api.close()
