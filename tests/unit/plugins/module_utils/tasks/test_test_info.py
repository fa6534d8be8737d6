# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The oracle is the simulator's world, and its log of requests."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    ThousandEyesError,
    Unauthorized,
    UnexpectedResponse,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.test_list import TYPES
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import test_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import EMAIL, OTHER_TOKEN, READER_TOKEN, TOKEN, SharedClock, Simulator

Rows = t.List[t.Dict[str, t.Any]]
Find = t.Callable[..., Rows]
Run = t.Callable[..., t.Dict[str, t.Any]]
VERSIONS = pytest.mark.parametrize("version", ["v6", "v7"])
OPTIONS = ("test_id", "name", "tests", "name_regex", "type", "enabled", "tag", "label")


@pytest.fixture
def run(context: Context, connected_params: dict[str, t.Any]) -> Run:
    def run(**options: t.Any) -> dict[str, t.Any]:
        params = {**connected_params, **dict.fromkeys(OPTIONS), "saved_events": "exclude", **options}
        return test_info.run(params, context)

    return run


@pytest.fixture
def find(run: Run) -> Find:
    def find(**options: t.Any) -> Rows:
        result = run(**options)
        assert result.pop("changed") is False
        return result["tests"]

    return find


def ids(tests: Rows) -> list[str]:
    return [test["test_id"] for test in tests]


def expected(sim: Simulator, fits: t.Callable[[dict[str, t.Any]], bool], aid: int = 75) -> list[str]:
    return [str(test["test_id"]) for test in sim.world()["tests"] if test["aid"] == aid and fits(test)]


def test_a_test_as_it_is_documented(find: Find) -> None:
    [test] = find(test_id="19955")
    assert test == {
        "test_id": "19955",
        "test_name": "Web shop",
        "type": "http-server",
        "enabled": True,
        "saved_event": False,
        "live_share": False,
        "alerts_enabled": True,
        "interval": 300,
        "description": "",
        "created_by": EMAIL,
        "created_date": "2012-06-28T19:33:12Z",
        "modified_by": EMAIL,
        "modified_date": "2013-05-11T02:02:21Z",
        "layers": ["network", "http-server"],
    }


def test_both_versions_tell_the_same(find: Find, sim: Simulator) -> None:
    """But for API tests, which v6 does not have, for how it writes a user, and for the interval of tests of BGP."""
    sim.add_test(name="Described", description="What for", network_measurements=False, alerts_enabled=False)
    lists = {version: find(api_version=version, saved_events="include") for version in ("v6", "v7")}
    assert ids(lists["v7"]) == expected(sim, lambda test: True)
    lists["v7"] = [test for test in lists["v7"] if test["type"] != "api"]
    assert len(lists["v6"]) == len(lists["v7"]) > 15
    for old, new in zip(lists["v6"], lists["v7"]):
        if new["type"] == "bgp":
            assert (old.pop("interval"), new.pop("interval")) == (900, None)
        assert {name: type(value) for name, value in old.items()} == {name: type(new[name]) for name in new}
        for name in ("created_by", "modified_by"):
            assert old.pop(name) == f"API Sandbox User ({new.pop(name)})"
        assert old == new
    assert {test["type"] for test in lists["v6"]} == {*TYPES} - {"api"}


@VERSIONS
@pytest.mark.parametrize("kind", TYPES)
def test_types(find: Find, sim: Simulator, version: str, kind: str) -> None:
    found = find(type=kind, api_version=version)
    assert ids(found) == expected(
        sim, lambda test: test["type"] == kind and not test["saved_event"] and (version, kind) != ("v6", "api")
    )
    assert {test["type"] for test in found} <= {kind}


@VERSIONS
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"name": "Duplicate name"}, ["20020", "20021"]),
        ({"name": "Duplicate name", "type": "page-load"}, ["20021"]),
        ({"name": "Duplicate"}, []),
        ({"name": ""}, []),
        ({"name_regex": "(?i)WEB"}, ["19955"]),
        ({"name_regex": "^Sh|Chec"}, ["20012"]),
        ({"name_regex": "登录$"}, ["20009"]),
        ({"name_regex": "e", "test_id": "20012", "enabled": True}, ["20012"]),
        ({"name_regex": "e", "test_id": "20012", "enabled": False}, []),
        ({"enabled": False}, ["20030"]),
        ({"test_id": "0019955"}, ["19955"]),
        ({"test_id": "9007199254740993"}, ["9007199254740993"]),
        ({"test_id": "404"}, []),
        # In another account group.
        ({"test_id": "30001"}, []),
        ({"test_id": "30001", "aid": "1234"}, ["30001"]),
        ({"aid": "1234", "type": "dns-server"}, ["30002"]),
        # A saved event.
        ({"test_id": "58001"}, []),
        ({"test_id": "58001", "saved_events": "only"}, ["58001"]),
        ({"test_id": "58001", "saved_events": "include"}, ["58001"]),
        ({"test_id": "19955", "saved_events": "only"}, []),
        # In the order of the API.
        ({"tests": ["817", "19955"]}, ["19955", "817"]),
        ({"tests": ["Checkout", "19955", "20012", "019955"]}, ["19955", "20012"]),
        ({"tests": ["Duplicate name"]}, ["20020", "20021"]),
        ({"tests": ["Duplicate name", "Web shop"], "type": "page-load"}, ["20021"]),
        ({"tests": ["19955", "Switched off"], "enabled": False}, ["20030"]),
        # A name is as it is, and an id is none.
        ({"tests": ["web shop", "Web", "404", " Web shop", "-19955"]}, []),
        ({"tests": ["30001", "Account A portal"]}, []),
        ({"tests": ["30001", "Account A DNS"], "aid": "1234"}, ["30001", "30002"]),
        ({"tests": ["58001", "Outage of 1 June"]}, []),
        ({"tests": ["58001"], "saved_events": "include"}, ["58001"]),
    ],
)
def test_filters(find: Find, sim: Simulator, version: str, options: dict[str, t.Any], found: list[str]) -> None:
    assert ids(find(api_version=version, **options)) == found
    [request] = sim.requests()
    assert request["query"] == ({"aid": options["aid"]} if "aid" in options else {})


@VERSIONS
@pytest.mark.parametrize(
    ("options", "not_found", "ambiguous"),
    [
        ({"tests": ["19955", "Checkout"]}, [], []),
        ({"tests": ["404", "19955", "None", "404"]}, ["404", "None"], []),
        ({"tests": ["Duplicate name", "20020", "Web shop"]}, [], ["Duplicate name"]),
        ({"tests": ["Duplicate name"], "type": "page-load"}, [], []),
        ({"tests": ["0020030", "19955"], "enabled": True}, ["0020030"], []),
        # What a saved event bears is not the name of a test.
        ({"tests": ["Outage of 1 June"]}, ["Outage of 1 June"], []),
        ({"tests": ["Outage of 1 June"], "saved_events": "include"}, [], []),
    ],
)
def test_what_is_not_there_or_there_twice(
    run: Run,
    version: str,
    options: dict[str, t.Any],
    not_found: list[str],
    ambiguous: list[str],
) -> None:
    result = run(api_version=version, **options)
    assert (result["not_found"], result["ambiguous"]) == (not_found, ambiguous)


@VERSIONS
def test_names_that_are_close_to_what_is_not_there(run: Run, version: str) -> None:
    result = run(api_version=version, tests=["Web shoop", "404", "Checkout", "xyz"])
    assert result["close"] == {"Web shoop": ["Web shop"], "xyz": []}


def test_a_test_whose_name_is_the_id_of_another(run: Run, sim: Simulator) -> None:
    sim.add_test(test_id=777, name="19955")
    result = run(tests=["19955"])
    assert (ids(result["tests"]), result["not_found"], result["ambiguous"]) == (["19955"], [], [])


def test_nothing_is_said_of_what_is_not_asked(run: Run) -> None:
    assert set(run(name="None")) == {"changed", "tests"}


@VERSIONS
def test_saved_events(find: Find, sim: Simulator, version: str) -> None:
    lists = {
        choice: find(api_version=version, saved_events=choice, type="http-server")
        for choice in ("exclude", "only", "include")
    }
    assert {choice: {test["saved_event"] for test in tests} for choice, tests in lists.items()} == {
        "exclude": {False},
        "only": {True},
        "include": {False, True},
    }
    assert ids(lists["include"]) == expected(sim, lambda test: test["type"] == "http-server")
    assert sorted(ids(lists["exclude"] + lists["only"])) == sorted(ids(lists["include"]))


@VERSIONS
def test_a_name_with_blanks_around_it(find: Find, sim: Simulator, version: str) -> None:
    sim.add_test(test_id=777, name=" Web shop ")
    assert ids(find(name=" Web shop ", api_version=version)) == ["777"]
    assert ids(find(name="Web shop", api_version=version)) == ["19955"]


@VERSIONS
def test_an_account_group_without_tests(find: Find, sim: Simulator, version: str) -> None:
    sim.set_world(tests=[])
    assert find(api_version=version) == []


@pytest.mark.slow
@VERSIONS
def test_twenty_thousand(find: Find, sim: Simulator, version: str) -> None:
    sim.set_world(
        tests=[{"test_id": 1 + n, "name": f"Test {n}", "enabled": n % 2 == 0} for n in range(20_000)],
        tags=[],
        labels=[],
    )
    for number in range(2):
        sim.add_label("Tenth", list(range(1 + number, 20_001, 10)))
        sim.add_tag("every", "tenth", list(range(1 + number, 20_001, 10)))
    assert ids(find(api_version=version)) == [str(1 + n) for n in range(20_000)]
    marked = find(
        api_version=version, enabled=True, **{"v6": {"label": "Tenth"}, "v7": {"tag": "every:tenth"}}[version]
    )
    assert ids(marked) == [str(1 + n) for n in range(0, 20_000, 10)]
    assert ids(find(api_version=version, name_regex=r"^Test 1\d*9$", enabled=True)) == []
    assert len([row for row in sim.requests() if "/tests" in row["path"] and "/groups" not in row["path"]]) == 3


@pytest.mark.parametrize(
    ("options", "found"),
    [
        # Test 817 has the id of a dashboard that bears it too.
        ({"tag": "team:shop"}, ["19955", "20003", "20012"]),
        ({"tag": "team:shop", "type": "api"}, ["20003"]),
        ({"tag": "tier:gold"}, []),
        ({"tag": "team:portal", "aid": "1234"}, ["30001"]),
        ({"label": "Shop"}, ["19955", "20012"]),
        ({"label": "Shop", "enabled": False}, []),
        ({"label": "Portal", "aid": "1234"}, ["30001"]),
        ({"label": "Saved Event", "saved_events": "include"}, ["58001"]),
        ({"label": "Saved Event"}, []),
    ],
)
def test_tags_and_labels(find: Find, sim: Simulator, options: dict[str, t.Any], found: list[str]) -> None:
    version = "v7" if "tag" in options else "v6"
    assert sorted(ids(find(api_version=version, **options))) == found
    aid = {"aid": options["aid"]} if "aid" in options else {}
    lists, marks, *rest = sim.requests()
    assert lists["path"] == {"v6": "/v6/tests.json", "v7": "/v7/tests"}[version]
    assert marks["path"] == {"v6": "/v6/groups/tests.json", "v7": "/v7/tags"}[version]
    assert marks["query"] == {**aid, **({"expand": "assignments"} if version == "v7" else {})}
    assert [(row["path"][:11], row["query"]) for row in rest] == ([] if version == "v7" else [("/v6/groups/", aid)])


def test_the_same_tag_or_label_twice(find: Find, sim: Simulator) -> None:
    sim.add_tag("team", "shop", [20005])
    sim.add_label("Shop", [20005])
    assert ids(find(tag="team:shop")) == ["19955", "20003", "20005", "20012"]
    assert ids(find(label="Shop", api_version="v6")) == ["19955", "20005", "20012"]


def test_a_tag_with_colons(find: Find, sim: Simulator) -> None:
    sim.add_tag("url", "https://a:1", [817])
    assert ids(find(tag="url:https://a:1")) == ["817"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"tag": "team:none"},
            "no tag 'team:none'. There are branch:sfo, team:network, team:shop, tier:gold, vpn:home",
        ),
        # It is in another account group.
        ({"tag": "team:portal"}, "no tag 'team:portal'"),
        (
            {"label": "None", "api_version": "v6"},
            "no label 'None'. There are 'Infrastructure tests', 'Saved Event', 'Shop'",
        ),
        ({"label": "Portal", "api_version": "v6"}, "no label 'Portal'"),
        ({"label": "", "api_version": "v6"}, "no label ''"),
    ],
)
def test_an_unknown_tag_or_label_is_a_failure(
    find: Find, sim: Simulator, options: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(NotFound) as error:
        find(**options, aid="75")
    assert words in error.value.message
    # It has nothing to do with the account group, so nobody asked for those.
    assert len(sim.requests()) == 2


def test_that_there_are_no_tags_is_told(find: Find, sim: Simulator) -> None:
    sim.set_world(tags=[])
    with pytest.raises(NotFound, match="There are none"):
        find(tag="team:shop")


@pytest.mark.parametrize("object_type", ["test", "endpoint-agent"])
def test_what_bears_a_dynamic_tag_is_not_taken_for_nothing(find: Find, sim: Simulator, object_type: str) -> None:
    """The API does not tell it."""
    sim.add_tag("site", "home", object_type=object_type, type="dynamic")
    with pytest.raises(UnexpectedResponse, match="does not say what bears the tag 'site:home'"):
        find(tag="site:home")


@pytest.mark.parametrize(
    ("path", "body", "options"),
    [
        ("/tags", {"tags": None}, {"tag": "a:b"}),
        ("/tags", {"tags": [1]}, {"tag": "a:b"}),
        ("/tags", {"tags": [{"key": "a", "value": "b", "assignments": {}}]}, {"tag": "a:b"}),
        ("/groups", {}, {"label": "Shop"}),
        ("/groups/962", {"groups": [{"name": "Shop", "groupId": 962}]}, {"label": "Shop"}),
        ("/groups/962", {"groups": [{"groupId": 962, "tests": [7]}]}, {"label": "Shop"}),
        ("/groups/962", {"groups": [{"groupId": 962, "tests": [{}]}]}, {"label": "Shop"}),
    ],
)
def test_odd_answers_on_tags_and_labels(
    find: Find, sim: Simulator, path: str, body: t.Any, options: dict[str, str]
) -> None:
    sim.fault(match={"path": path}, body=body, times=0)
    with pytest.raises(UnexpectedResponse):
        find(**options, api_version="v6" if "label" in options else "v7")


@VERSIONS
def test_odd_fields_do_not_matter(find: Find, sim: Simulator, version: str) -> None:
    """What the API does not tell is null, as is what makes no sense."""
    row = {
        "testId": 5,
        "testName": ["Web"],
        "type": {"name": "web"},
        "enabled": "yes",
        "savedEvent": None,
        "createdDate": "soon",
        "modifiedDate": 5,
        "apiLinks": [None, {"rel": "data", "href": None}, "text"],
        "_links": {"testResults": [None, 7, {"href": ["x"]}], "self": None},
    }
    odd = {"interval": "300", "description": {}, "createdBy": ["x"], "modifiedBy": 5}
    bodies = [
        {**row, **odd},
        {**row, "apiLinks": {"rel": "data"}, "_links": {"testResults": {"href": "/"}}},
        {"testId": 5},
    ]
    sim.fault(body={"test": bodies, "tests": bodies})
    nothing = {"test_id": "5", "test_name": "", "type": "", "saved_event": False}
    for found, layers in zip(find(api_version=version), ([], [], None)):
        assert found == {**dict.fromkeys(found), **nothing, "layers": layers}


@VERSIONS
@pytest.mark.parametrize("body", [{"tests": None, "test": None}, {}, {"tests": {}, "test": {}}, [], None, ""])
def test_an_answer_without_a_list_is_not_taken_for_an_empty_one(
    find: Find, sim: Simulator, version: str, body: t.Any
) -> None:
    # For ever, since what is not JSON is asked for again.
    sim.fault(body="null" if body is None else body, times=0)
    with pytest.raises(UnexpectedResponse):
        find(api_version=version, saved_events="include")


@VERSIONS
def test_a_truncated_list(find: Find, sim: Simulator, version: str) -> None:
    """It is read once more, and never taken for a shorter one."""
    whole = find(api_version=version)
    sim.fault(truncate=2000)
    assert find(api_version=version) == whole
    sim.fault(truncate=2000, times=0)
    with pytest.raises(ThousandEyesError):
        find(api_version=version)


@VERSIONS
def test_a_passing_failure(find: Find, sim: Simulator, clock: SharedClock, version: str) -> None:
    sim.fault(status=503, times=2)
    assert ids(find(api_version=version, name="Web shop")) == ["19955"]
    assert [row["status"] for row in sim.requests()] == [503, 503, 200]
    assert clock.slept == [1, 2]


@VERSIONS
def test_a_429_that_tells_when_to_come_back(find: Find, sim: Simulator, clock: SharedClock, version: str) -> None:
    sim.settings(rate_limit=1)
    assert find(api_version=version, name="None") == []
    assert ids(find(api_version=version, name="Web shop")) == ["19955"]
    assert [row["status"] for row in sim.requests()] == [200, 429, 200]
    assert sum(clock.slept) == pytest.approx(60, abs=1)


@VERSIONS
def test_a_429_that_takes_too_long(find: Find, sim: Simulator, clock: SharedClock, version: str) -> None:
    sim.fault(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(RateLimited) as error:
        find(api_version=version)
    assert error.value.retry_at == "2026-11-23T13:00:00Z"
    assert clock.slept == []


@VERSIONS
def test_a_refused_token_is_tried_once(find: Find, sim: Simulator, version: str) -> None:
    mark = {"v6": {"label": "Shop"}, "v7": {"tag": "team:shop"}}[version]
    with pytest.raises(Unauthorized) as error:
        find(api_version=version, api_token="wrong", aid="1234", **mark)
    assert error.value.status == 401
    assert len(sim.requests()) == 1


@VERSIONS
def test_a_token_that_has_expired(find: Find, sim: Simulator, clock: SharedClock, version: str) -> None:
    user = {"uid": 5784, "email": EMAIL, "token": TOKEN, "organization": 12345, "account_groups": [75]}
    sim.add_user(**user, expires="2026-11-23T12:00:01Z")
    assert find(api_version=version)
    clock.sleep(1)
    with pytest.raises(Unauthorized):
        find(api_version=version)


@VERSIONS
@pytest.mark.parametrize(
    ("aid", "token", "usable"),
    [
        ("9000", TOKEN, "It can use 75 (API Sandbox), 1234 (Account A)."),
        ("404", TOKEN, "It can use 75 (API Sandbox), 1234 (Account A)."),
        ("1234", READER_TOKEN, "It can use 75 (API Sandbox)."),
        ("75", OTHER_TOKEN, "It can use 9000 (Other operations)."),
    ],
)
def test_an_account_group_that_is_not_the_users(
    find: Find, sim: Simulator, version: str, aid: str, token: str, usable: str
) -> None:
    with pytest.raises(Forbidden) as error:
        find(api_version=version, aid=aid, api_token=token)
    assert error.value.message.endswith(f" The token cannot use account group {aid}. {usable}")
    assert len(sim.requests()) == 2


@VERSIONS
def test_another_reason_is_not_put_down_to_the_account_group(find: Find, sim: Simulator, version: str) -> None:
    user = {"uid": 1, "email": "a@b", "token": "blind", "organization": 12345, "account_groups": [1234]}
    sim.add_user(**user, permissions=["API access"])
    with pytest.raises(Forbidden, match="View tests") as error:
        find(api_version=version, aid="1234", api_token="blind")
    assert "cannot use" not in error.value.message


@VERSIONS
def test_the_reason_remains_where_the_account_groups_cannot_be_read(find: Find, sim: Simulator, version: str) -> None:
    sim.fault(match={"path": "account-groups"}, status=403)
    with pytest.raises(Forbidden, match="not assigned to account group 9000") as error:
        find(api_version=version, aid="9000")
    assert "cannot use" not in error.value.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"aid": "Account A"}, "^aid: 'Account A' is not an id"),
        ({"aid": ""}, "^aid: "),
        ({"test_id": "shop"}, "^test_id: "),
        ({"tests": []}, "^tests: the list is empty"),
        ({"tests": ["19955", " "]}, "^tests: ' ' is empty"),
        ({"tests": ["19955", "0"]}, "^tests: '0' is not an id"),
        ({"name_regex": "("}, "^name_regex: "),
        ({"name_regex": "a{99999999999999999999}"}, "^name_regex: "),
        ({"name_regex": "(" * 20_000}, "^name_regex: "),
        ({"tag": "team:shop", "api_version": "v6"}, "^tag: only API v7 has it"),
        ({"label": "Shop"}, "^label: only API v6 has it"),
        ({"tag": "shop"}, "^tag: write key:value"),
        ({"api_token": ""}, "^api_token: "),
        ({"timeout": 0}, "^timeout: "),
        ({"api_url": "https://api.thousandeyes.com/v6"}, "^api_url: "),
    ],
)
def test_wrong_options_are_refused_before_any_request(
    find: Find, sim: Simulator, options: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        find(**options)
    assert sim.requests() == []
