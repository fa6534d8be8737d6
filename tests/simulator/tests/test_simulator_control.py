# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control side: logs, clock, settings, and a world that can be changed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import requests
from support.patience import HANG, wait_until

from simulator import EMAIL, TOKEN, Control
from simulator.seed import seed_world

TEST = {"name": "New", "type": "page-load", "aid": 1234, "target": "https://new.example.com/", "interval": 60}


def test_requests_are_logged_without_their_credentials(sim, api):
    api.create_v6(headers={"X-Mine": "1"})
    api.get("/v7/tests?aid=1234&aid=75", token="a-wrong-token")
    api.get("/v7/tests", token=None)
    api.send("POST", "/v6/snapshot.json", data=b"\xffno JSON")
    basic, wrong, none, garbage = sim.requests()
    assert {name: basic[name] for name in ("n", "at", "method", "path", "query", "auth", "status", "fault")} == {
        "n": 1,
        "at": "2018-10-19T03:02:01Z",
        "method": "POST",
        "path": "/v6/snapshot.json",
        "query": {},
        "auth": {"scheme": "basic", "uid": 5784},
        "status": 201,
        "fault": None,
    }
    assert basic["json"]["testId"] == 19955
    assert '"testId": 19955' in basic["body"]
    assert (basic["headers"]["Authorization"], basic["headers"]["X-Mine"]) == ("Basic ***", "1")
    assert (wrong["auth"], wrong["status"], wrong["query"]) == ({"scheme": "bearer", "uid": None}, 401, {"aid": "75"})
    assert (none["auth"], none["status"]) == ({"scheme": None, "uid": None}, 401)
    assert (garbage["json"], garbage["body"], garbage["status"]) == (None, "\ufffdno JSON", 415)
    text = requests.get(f"{sim.url}/_control/requests", timeout=HANG).text
    assert TOKEN not in text and "a-wrong-token" not in text


def test_requests_can_be_filtered_and_cleared(sim, api):
    api.get("/v7/tests")
    api.create_v7()
    assert [row["method"] for row in sim.requests()] == ["GET", "POST"]
    assert [row["method"] for row in sim.requests("POST")] == ["POST"]
    sim.clear_requests()
    assert sim.requests() == []
    assert len(sim.creations()) == 1


def test_the_connection_is_told_apart(sim, api):
    api.get("/v7/tests")
    api.get("/v7/tests")
    requests.get(f"{sim.url}/v7/tests", timeout=HANG)
    first, second, third = [row["connection"] for row in sim.requests()]
    assert first == second != third


def test_the_clock_is_real_until_it_is_set(sim):
    sim.reset()
    before = datetime.now(timezone.utc).replace(microsecond=0)
    clock = sim.clock()
    assert before <= datetime.fromisoformat(clock["now"].replace("Z", "+00:00")) <= datetime.now(timezone.utc)
    assert clock["frozen"] is False


def test_a_frozen_clock_moves_only_when_told(sim, api):
    assert sim.clock() == {"now": "2018-10-19T03:02:01Z", "frozen": True}
    sim.advance(86400.5)
    assert sim.clock() == {"now": "2018-10-20T03:02:01Z", "frozen": True}
    answer = api.create_v7()
    assert answer.json()["shareDate"] == "2018-10-20T03:02:01Z"
    assert answer.headers["Date"] == "Sat, 20 Oct 2018 03:02:01 GMT"


def test_a_clock_can_run_from_any_time(sim):
    def now() -> int:
        return requests.get(f"{sim.url}/v6/status.json", timeout=HANG).json()["timestamp"]

    sim.set_clock("2035-01-01T00:00:00Z", frozen=False)
    first = now()
    wait_until(lambda: now() != first, lambda: "the clock stands still")
    assert 2051222400000 <= first < 2051222400000 + HANG * 1000
    sim.advance(3600)
    assert 3600000 <= now() - first < 3600000 + HANG * 1000
    assert sim.clock()["frozen"] is False


def test_settings(sim):
    assert sim.settings()["creation_limit"] == 5
    assert sim.settings(creation_limit=7)["creation_limit"] == 7
    assert sim.settings()["creation_limit"] == 7
    for wrong in ({"creation_limitt": 1}, {"error_style": "odd"}, {"creation_limit": 1, "v6_private_answer": "?"}):
        with pytest.raises(ValueError):
            sim.settings(**wrong)
    assert sim.settings()["creation_limit"] == 7
    sim.reset(creation_limit=9)
    assert sim.settings()["creation_limit"] == 9
    sim.reset()
    assert sim.settings()["creation_limit"] == 5


def test_a_reset_renews_everything(sim, api):
    seed = sim.world()
    api.create_v7(isPublic=False)
    sim.add_test(**TEST)
    sim.fault(status=500)
    sim.reset()
    assert (sim.requests(), sim.creations(), sim.faults(), sim.clock()["frozen"]) == ([], [], [], False)
    assert sim.world() == seed


def test_tests_are_added_replaced_and_removed(sim, api):
    added = sim.add_test(**TEST)
    assert added["name"] == "New" and added["test_id"] not in (19955, 817)
    assert api.get(f"/v7/tests/page-load/{added['test_id']}?aid=1234").json()["url"] == "https://new.example.com/"
    assert api.get("/v7/tests?aid=1234").json()["tests"][-1]["testName"] == "New"
    sim.add_test(**{**TEST, "test_id": added["test_id"], "name": "Newer", "created": "2020-02-29T00:00:00Z"})
    listed = api.get("/v7/tests?aid=1234").json()["tests"][-1]
    assert (listed["testName"], listed["createdDate"]) == ("Newer", "2020-02-29T00:00:00Z")
    sim.remove_test(added["test_id"])
    assert len(api.get("/v7/tests?aid=1234").json()["tests"]) == 2
    for wrong in ({"type": "unheard-of"}, {"aid": 4}, {"colour": "red"}):
        with pytest.raises(ValueError):
            sim.add_test(**{**TEST, **wrong})


def test_a_snapshot_s_test_id_avoids_ids_in_use(sim, api):
    sim.add_tests([{"name": "In the way", "test_id": 58856}, {"name": "As well", "test_id": 58857}])
    assert api.create_v7().json()["testId"] == "58858"


def test_link_ids_stay_unique():
    """The seeded generator repeats one of its first 2100."""
    world = seed_world()
    world.settings.update({"creation_limit": None})
    user, source = world.users[TOKEN], world.tests[19955]
    end = world.clock.now()
    rows = [
        world.create_snapshot(user, 75, source, "x", (end - timedelta(hours=1), end), True, "v7")
        for _count in range(2100)
    ]
    assert len({row.link_id for row in rows}) == 2100


def test_twenty_thousand_tests(sim, api):
    sim.add_tests([{"name": f"Test {number}"} for number in range(20000)])
    api.checked = False  # one by one would take minutes
    assert len({test["testId"] for test in api.get("/v7/tests").json()["tests"]}) > 20000
    assert len(api.get("/v6/tests.json").json()["test"]) > 20000


def test_users_and_account_groups(sim, api):
    sim.add_account_group(aid=5, name="Five", organization=12345)
    sim.add_user(uid=6, email="six@example.com", token="six", organization=12345, account_groups=[5, 75])
    assert [row["aid"] for row in api.get("/v7/account-groups", token="six").json()["accountGroups"]] == ["5", "75"]
    sim.add_user(uid=6, email="six@example.com", token="renewed", organization=12345, account_groups=[5])
    assert api.get("/v7/account-groups", token="six").status_code == 401
    assert api.get("/v7/account-groups", token="renewed").status_code == 200
    with pytest.raises(ValueError):
        sim.add_user(uid=7, email="x@example.com", token="x", organization=12345, account_groups=[4])
    with pytest.raises(ValueError):
        sim.add_account_group(aid=8, name="Nowhere", organization=4)


def test_a_world_of_one_s_own(sim, api):
    sim.set_world(
        organizations=[{"organization": 1, "name": "One"}],
        account_groups=[{"aid": 2, "name": "Two", "organization": 1}],
        users=[{"uid": 3, "email": EMAIL, "token": "three", "organization": 1, "account_groups": [2]}],
        tests=[{"test_id": 4, "name": "Four", "aid": 2}],
    )
    assert [test["testId"] for test in api.get("/v7/tests", token="three").json()["tests"]] == ["4"]
    assert api.get("/v7/tests").status_code == 401


@pytest.mark.parametrize(
    "kinds",
    [
        {"account_groups": []},
        {"organizations": []},
        {"snapshots": []},
        {"tests": [{"test_id": 1, "name": "x", "aid": 4}]},
    ],
)
def test_a_world_that_does_not_hold_together_is_refused(sim, kinds):
    before = sim.world()
    with pytest.raises(ValueError):
        sim.set_world(**kinds)
    assert sim.world() == before


@pytest.mark.parametrize(
    "status, method, path, body",
    [
        (404, "GET", "nothing", ""),
        (404, "POST", "creations", ""),
        (400, "POST", "tests", "{"),
        (400, "PUT", "clock", '{"now": "soon"}'),
        (400, "PUT", "clock", "{}"),
        (400, "PUT", "clock", "[]"),
    ],
)
def test_wrong_control_requests(sim, status, method, path, body):
    answer = requests.request(method, f"{sim.url}/_control/{path}", data=body, timeout=HANG)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_another_client_sees_the_same(sim, api):
    api.create_v7()
    assert Control(sim.url).creations() == sim.creations()


def test_twenty_thousand_labelled_tests(sim, api):
    """A list with the labels in it is not quadratic."""
    tests = sim.add_tests([{"name": f"Test {number}"} for number in range(20000)])
    sim.add_label("Most", [test["test_id"] for test in tests[:15000]])
    sim.settings(v6_groups_in="list")
    labelled = [
        test for test in api.get("/v6/tests.json").json()["test"] if 1001 in [g["groupId"] for g in test["groups"]]
    ]
    assert len(labelled) == 15000


def test_a_user_of_several_account_groups(sim, api):
    """The default is not the first of the list."""
    sim.add_user(uid=6, email="six@example.com", token="six", organization=12345, account_groups=[1234, 75])
    rows = api.get("/v7/account-groups", token="six").json()["accountGroups"]
    assert [(row["aid"], row["isDefaultAccountGroup"], row["isCurrentAccountGroup"]) for row in rows] == [
        ("75", False, False),
        ("1234", True, True),
    ]
    rows = api.get("/v6/account-groups.json?aid=75", token="six").json()["accountGroups"]
    assert [(row["aid"], row["default"], row["current"]) for row in rows] == [(75, 0, 1), (1234, 1, 0)]
    assert [test["testId"] for test in api.get("/v7/tests", token="six").json()["tests"]] == ["30001", "30002"]


def test_a_token_expires(sim, api):
    user = {"uid": 6, "email": "six@example.com", "token": "six", "organization": 12345, "account_groups": [75]}
    added = sim.add_user(**user, expires="2018-10-19T03:02:02Z")
    assert added["expires"] == "2018-10-19T03:02:02Z"
    assert api.get("/v7/account-groups", token="six").status_code == 200
    sim.advance(1)
    assert api.get("/v7/account-groups", token="six").status_code == 401
    assert api.get("/v6/tests.json", token="six", email="six@example.com").status_code == 401
