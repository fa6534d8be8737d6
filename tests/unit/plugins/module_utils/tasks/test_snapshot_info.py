# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is listed, against what snapshot tasks made; all at noon unless the clock is moved."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    Forbidden,
    InvalidRequest,
    LedgerUnavailable,
    Unauthorized,
    UnexpectedResponse,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import SharedClock, Simulator

Rows = t.List[t.Dict[str, t.Any]]
Take = t.Callable[..., t.Dict[str, t.Any]]
Known = t.Callable[..., Rows]
DAY = 86400
OPTIONS = (
    "display_name",
    "display_name_regex",
    "test_id",
    "from",
    "to",
    "is_public",
    "expired",
    "expires_within",
    "state",
)
VERSIONS = pytest.mark.parametrize("version", ["v6", "v7"])


@pytest.fixture
def ledger(location: str) -> str:
    return location


@pytest.fixture
def known(context: Context, connected_params: dict[str, t.Any], ledger: str) -> Known:
    """The rows that a task lists. It has a token only where it needs one."""

    def known(**options: t.Any) -> Rows:
        params = {**connected_params, **dict.fromkeys(OPTIONS), "ledger": ledger, "saved_events": False, **options}
        if not params["saved_events"]:
            params["api_token"] = None
        result = snapshot_info.run(params, context)
        assert result.pop("changed") is False
        return result["snapshots"]

    return known


def titles(rows: Rows) -> list[str]:
    return [row["display_name"] for row in rows]


def test_a_snapshot_as_the_task_told_it(take: Take, known: Known, sim: Simulator) -> None:
    created = take(test_id=None, test_name="Web shop")["snapshot"]
    sim.clear_requests()
    assert known() == [
        {
            **created,
            "status": "existing",
            "state": "created",
            "expired": False,
            "requested_at": None,
            "detail": None,
            "superseded": False,
            "made_by": {},
            "in_ledger": True,
            "listed": None,
        }
    ]
    assert sim.requests() == []


@pytest.fixture
def four(take: Take) -> None:
    take(display_name="CHG1 before")
    take(display_name="CHG1 after", test_id="817", is_public=False, **{"from": "2018-10-06T01:00:00Z"})
    take(display_name="CHG2", test_id="30001", aid="1234", hours=2)
    take(display_name="chg1", **{"from": "2018-10-05T23:00:00Z"})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["CHG1 before", "CHG1 after", "CHG2", "chg1"]),
        ({"display_name": "CHG1"}, []),
        ({"display_name": "CHG2"}, ["CHG2"]),
        ({"display_name_regex": "^CHG1"}, ["CHG1 before", "CHG1 after"]),
        ({"display_name_regex": "(?i)g1"}, ["CHG1 before", "CHG1 after", "chg1"]),
        ({"display_name_regex": "^CHG1", "display_name": "chg1"}, []),
        ({"test_id": "19955"}, ["CHG1 before", "chg1"]),
        ({"test_id": "0817"}, ["CHG1 after"]),
        ({"test_id": "404"}, []),
        ({"is_public": True}, ["CHG1 before", "CHG2", "chg1"]),
        ({"is_public": False}, ["CHG1 after"]),
        ({"expired": True}, []),
        ({"expired": False, "test_id": "30001"}, ["CHG2"]),
        ({"state": ["created"]}, ["CHG1 before", "CHG1 after", "CHG2", "chg1"]),
        ({"state": ["unknown", "in_flight"]}, []),
        ({"state": []}, ["CHG1 before", "CHG1 after", "CHG2", "chg1"]),
        # What only touches does not overlap.
        ({"from": "2018-10-06T01:00:00Z"}, ["CHG1 after", "CHG2"]),
        ({"from": "2018-10-06 00:59:59"}, ["CHG1 before", "CHG1 after", "CHG2"]),
        ({"to": "2018-10-06T00:00:00Z"}, ["chg1"]),
        ({"to": "2018-10-06T00:00:01Z"}, ["CHG1 before", "CHG2", "chg1"]),
        ({"from": "2018-10-06T00:00:00Z", "to": "2018-10-06T03:00:00+02:00"}, ["CHG1 before", "CHG2"]),
        ({"from": "2018-10-06T02:00:00Z"}, []),
        ({"from": "2018-10-06T00:00:00Z", "is_public": True, "test_id": "19955", "expired": False}, ["CHG1 before"]),
    ],
)
def test_filters(four: None, known: Known, options: dict[str, t.Any], found: list[str]) -> None:
    assert titles(known(**options)) == found


def test_the_last_second_of_a_life(take: Take, known: Known, clock: SharedClock) -> None:
    take()
    clock.sleep(30 * DAY - 1)
    [row] = known(expired=False)
    assert (row["expired"], row["expires_at"], known(expired=True)) == (False, "2026-12-23T12:00:00Z", [])
    clock.sleep(1)
    [row] = known(expired=True)
    assert (row["expired"], known(expired=False), len(known())) == (True, [], 1)


def test_what_expires_soon(take: Take, known: Known, clock: SharedClock) -> None:
    take()
    assert (known(expires_within=29), len(known(expires_within=30))) == ([], 1)
    clock.sleep(23 * DAY - 1)
    assert known(expires_within=7) == []
    clock.sleep(1)
    assert len(known(expires_within=7)) == 1
    clock.sleep(7 * DAY - 1)
    assert (known(expires_within=0), len(known(expires_within=1))) == ([], 1)
    clock.sleep(1)
    assert known(expires_within=7) == known(expires_within=0) == []


def test_one_that_was_made_anew(take: Take, known: Known, clock: SharedClock) -> None:
    """Both are listed, each in the place of its attempt."""
    take(display_name="First")
    take(display_name="Second")
    clock.sleep(31 * DAY)
    again = take(display_name="First")["snapshot"]
    gone, second, first = known()
    assert [row["expired"] for row in (gone, second, first)] == [True, True, False]
    assert [row["superseded"] for row in (gone, second, first)] == [True, False, False]
    assert first["link_id"] == again["link_id"] != gone["link_id"]


def test_both_of_a_snapshot_that_was_forced(take: Take, known: Known) -> None:
    """Its first link lives on."""
    first, second = (take(is_public=False, force=True)["snapshot"] for _time in range(2))
    rows = known(saved_events=True, test_id="19955")
    assert [(row["link_id"], row["listed"], row["superseded"]) for row in rows] == [
        (first["link_id"], True, True),
        (second["link_id"], True, False),
    ]


def test_a_lost_answer_that_was_passed_over(take: Take, known: Known, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    take()
    take(on_unknown="retry")
    assert [(row["state"], row["superseded"]) for row in known()] == [("unknown", True), ("created", False)]


def test_a_lost_answer(take: Take, known: Known, sim: Simulator, clock: SharedClock) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    take()
    clock.sleep(3600)
    [row] = known(state=["unknown"])
    assert "no answer" in row.pop("detail")
    assert {name: value for name, value in row.items() if value is not None} == {
        "display_name": "Snapshot created through API",
        "test_id": "19955",
        "from": "2018-10-06T00:00:00Z",
        "to": "2018-10-06T01:00:00Z",
        "hours": 1,
        "is_public": True,
        "api_host": row["api_host"],
        "state": "unknown",
        "requested_at": "2026-11-23T12:00:00Z",
        "superseded": False,
        "made_by": {},
        "in_ledger": True,
    }
    assert known(state=["created", "in_flight"]) == known(expired=True) == known(expired=False) == []
    assert known(expires_within=100) == []


def test_one_that_a_person_adopted(take: Take, known: Known, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    take()
    adopted = take(on_unknown="adopt", link_id="abc")["snapshot"]
    [row] = known(expired=False)
    assert {name: row[name] for name in adopted} == adopted
    assert (row["status"], row["state"], row["requested_at"], row["detail"]) == ("adopted", "created", None, None)


def test_one_that_is_under_way(
    known: Known, clock: SharedClock, ledger: str, request_for: t.Callable[..., SnapshotRequest]
) -> None:
    with contextlib.closing(open_ledger(ledger, clock)) as other:
        other.claim(request_for(), Quota("org", 5, 300))
        [row] = known(state=["in_flight"])
        assert (row["status"], row["requested_at"], row["detail"], row["expired"]) == (None, None, None, None)
        assert known(state=["unknown", "created"]) == []
    [row] = known(state=["unknown"])
    assert (row["requested_at"], row["detail"]) == (
        "2026-11-23T12:00:00Z",
        "the process that sent it ended, or lost the ledger, before it had kept the answer",
    )


def test_what_was_refused_is_none(take: Take, known: Known) -> None:
    assert take(test_id="404")["failure"]["code"] == "not_found"
    assert known() == []


@VERSIONS
def test_saved_events_and_the_ledger(take: Take, known: Known, sim: Simulator, version: str) -> None:
    """Each once: a share link, a private snapshot, one that was adopted, one of an earlier day by somebody else."""
    public = take(display_name="Public", api_version=version)["snapshot"]
    private = take(display_name="Private", is_public=False, api_version=version)["snapshot"]
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    adopted = take(display_name="Adopted", test_id="817", is_public=False, api_version=version)["snapshot"]
    assert adopted["status"] == "adopted"
    sim.clear_requests()
    rows = known(saved_events=True, api_version=version)
    assert [(row["display_name"], row["in_ledger"], row["listed"]) for row in rows] == [
        ("Public", True, None),
        ("Private", True, True),
        ("Adopted", True, True),
        ("Outage of 1 June", False, True),
    ]
    for made, row in zip((public, private, adopted), rows):
        assert row["snapshot_test_id"] == made["snapshot_test_id"]
    assert len(sim.requests()) == 1
    assert len({frozenset(row) for row in rows}) == 1
    assert {name: value for name, value in rows[-1].items() if value is not None} == {
        "display_name": "Outage of 1 June",
        "snapshot_test_id": "58001",
        "view_url": "https://app.thousandeyes.com/view/tests/?testId=58001",
        "viewUrl": "https://app.thousandeyes.com/view/tests/?testId=58001",
        "view_url_source": "inferred",
        "share_date": "2018-06-01T09:30:00Z",
        "is_public": False,
        "api_host": sim.url.partition("//")[2],
        "state": "created",
        "superseded": False,
        "made_by": {},
        "in_ledger": False,
        "listed": True,
    }


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"display_name_regex": "June"}, 1),
        ({"display_name": "Outage of 1 June", "is_public": False, "state": ["created"]}, 1),
        ({"is_public": True}, 0),
        # What the list of tests does not tell.
        ({"test_id": "19955"}, 0),
        ({"from": "2000-01-01T00:00:00Z"}, 0),
        ({"to": "2100-01-01T00:00:00Z"}, 0),
        ({"expired": True}, 0),
        ({"expired": False}, 0),
        ({"expires_within": 100_000}, 0),
        ({"aid": "1234"}, 0),
    ],
)
def test_filters_of_what_only_the_list_knows(known: Known, options: dict[str, t.Any], found: int) -> None:
    assert len(known(saved_events=True, **options)) == found


def test_one_that_was_deleted(take: Take, known: Known, sim: Simulator) -> None:
    take(is_public=False)
    sim.remove_test(58856)
    [row, _event] = known(saved_events=True)
    assert (row["in_ledger"], row["listed"], row["expired"]) == (True, False, False)


def test_other_account_groups_and_hosts_are_not_in_this_list(take: Take, known: Known, sim: Simulator) -> None:
    take(display_name="Elsewhere", is_public=False, api_url=sim.url.replace("127.0.0.1", "localhost"))
    take(display_name="Account A", test_id="30001", aid="1234", is_public=False)
    rows = known(saved_events=True)
    # The list does have that of the other host, since it is the same simulator.
    assert [(row["display_name"], row["in_ledger"], row["listed"]) for row in rows] == [
        ("Elsewhere", True, None),
        ("Account A", True, None),
        ("Outage of 1 June", False, True),
        ("Elsewhere", False, True),
    ]
    assert [row["listed"] for row in known(saved_events=True, aid="1234")] == [None, True]


def test_the_default_account_group_by_its_id(take: Take, known: Known, sim: Simulator) -> None:
    """Which one is the default is not known, but whose test it is."""
    take(is_public=False)
    row, event = known(saved_events=True, aid="75")
    assert (row["in_ledger"], row["listed"], event["snapshot_test_id"]) == (True, True, "58001")
    sim.remove_test(58856)
    assert known(saved_events=True, aid="75")[0]["listed"] is None


def test_one_that_got_the_other_visibility(take: Take, known: Known, sim: Simulator) -> None:
    """What was asked for as a share link and became a saved event is still one snapshot."""
    sim.settings(invert_is_public=True)
    take(is_public=True)
    take(is_public=False)
    shared, private, event = known(saved_events=True)
    assert [row["listed"] for row in (shared, private)] == [True, False]
    assert event["snapshot_test_id"] == "58001"


def test_one_that_a_person_adopted_has_no_test_to_look_for(take: Take, known: Known, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset")
    sim.add_test(name="By hand", saved_event=True, created="2026-11-23T12:00:01Z")
    take(is_public=False)
    take(is_public=False, on_unknown="adopt")
    rows = known(saved_events=True)
    assert [(row["display_name"], row["listed"]) for row in rows] == [
        ("Snapshot created through API", None),
        ("Outage of 1 June", True),
        ("By hand", True),
    ]


def test_what_a_lost_answer_may_have_made_is_shown_beside_it(take: Take, known: Known, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    sim.fault(match={"method": "GET"}, status=403)
    take(is_public=False)
    rows = known(saved_events=True, display_name="Snapshot created through API")
    assert [(row["state"], row["in_ledger"], row["listed"]) for row in rows] == [
        ("unknown", True, None),
        ("created", False, True),
    ]


@pytest.mark.parametrize("saved_events", [False, True])
def test_no_ledger_yet(known: Known, exists: t.Callable[[], bool], saved_events: bool) -> None:
    assert len(known(saved_events=saved_events)) == saved_events
    assert not exists()


@pytest.mark.parametrize("saved_events", [False, True])
def test_no_ledger_at_all(take: Take, known: Known, saved_events: bool) -> None:
    take(is_public=False)
    assert titles(known(ledger="none", saved_events=saved_events)) == (
        ["Outage of 1 June", "Snapshot created through API"] if saved_events else []
    )


@pytest.mark.parametrize("content", [b"", b"no ledger" * 1000, None])
def test_a_ledger_that_cannot_be_read(known: Known, sim: Simulator, tmp_path: Path, content: bytes | None) -> None:
    ledger = tmp_path / "ledger"
    if content is None:
        ledger.mkdir()
    else:
        ledger.write_bytes(content)
    with pytest.raises(LedgerUnavailable):
        known(saved_events=True, ledger=str(ledger))
    assert sim.requests() == []
    assert content is None or ledger.read_bytes() == content


def test_the_test_list_needs_a_token(known: Known, sim: Simulator) -> None:
    with pytest.raises(InvalidRequest, match="^saved_events: .*api_token"):
        known(saved_events=True, api_token=None)
    assert sim.requests() == []


def test_a_refused_token_is_tried_once(known: Known, sim: Simulator) -> None:
    with pytest.raises(Unauthorized):
        known(saved_events=True, api_token="wrong")
    assert len(sim.requests()) == 1


@VERSIONS
def test_an_account_group_that_is_not_the_users(known: Known, version: str) -> None:
    with pytest.raises(Forbidden) as error:
        known(saved_events=True, aid="9000", api_version=version)
    assert error.value.message.endswith("It can use 75 (API Sandbox), 1234 (Account A).")


def test_a_list_that_is_none_is_not_taken_for_an_empty_one(take: Take, known: Known, sim: Simulator) -> None:
    """Or all private snapshots would seem to be deleted."""
    take(is_public=False)
    sim.fault(body={"tests": None})
    with pytest.raises(UnexpectedResponse):
        known(saved_events=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"display_name_regex": "["}, "^display_name_regex: "),
        ({"display_name_regex": "a{99999999999999999999}"}, "^display_name_regex: "),
        ({"test_id": "shop"}, "^test_id: "),
        ({"from": "yesterday"}, "^from: "),
        ({"to": "2018-10-06"}, "^to: "),
        ({"expires_within": -1}, "^expires_within: "),
        ({"ledger": "file"}, "^ledger: "),
        ({"aid": "Account A", "saved_events": True}, "^aid: "),
        ({"timeout": 0, "saved_events": True}, "^timeout: "),
    ],
)
def test_wrong_options_are_refused_before_any_request(
    known: Known, sim: Simulator, options: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        known(**options)
    assert sim.requests() == []
