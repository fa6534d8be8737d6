# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What C(on_unknown=adopt) does after an answer was lost. The oracle is the simulator's log of requests."""

from __future__ import annotations

import sqlite3
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from simulator import SharedClock, Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]
LOSSES = [{"drop": "reset"}, {"drop": "reset", "commit": True}, {"truncate": 20}, {"status": 500}]


def leave_open(take: Take, sim: Simulator, fault: t.Mapping[str, t.Any] | None = None, **options: t.Any) -> None:
    """One creation, about which the ledger and the list of tests leave open whether it succeeded."""
    sim.fault(match={"method": "POST"}, **(fault or LOSSES[1]))
    if not options.get("is_public", True):
        # It could be this one as well.
        sim.add_test(name="Snapshot created through API", saved_event=True, created="2026-11-23T12:00:01Z")
    assert take(**options)["failure"]["code"] == "outcome_unknown"


def rows(ledger: Path) -> list[str]:
    database = sqlite3.connect(str(ledger))
    try:
        return list(database.iterdump())
    finally:
        database.close()


@pytest.mark.parametrize("version", ["v6", "v7"])
@pytest.mark.parametrize("fault", LOSSES)
def test_a_share_link_that_a_person_found(
    take: Take, sim: Simulator, clock: SharedClock, fault: dict[str, t.Any], version: str
) -> None:
    leave_open(take, sim, fault, api_version=version)
    sim.clear_requests()
    clock.sleep(3600)
    result = take(on_unknown="adopt", link_id="wdiac", api_version=version)
    assert result["changed"] is False and "failed" not in result
    snapshot = result["snapshot"]
    assert {name: value for name, value in snapshot.items() if value is not None} == {
        "display_name": "Snapshot created through API",
        "test_id": "19955",
        "from": "2018-10-06T00:00:00Z",
        "to": "2018-10-06T01:00:00Z",
        "hours": 1,
        "is_public": True,
        "api_host": sim.url.partition("//")[2],
        "status": "adopted",
        "link_id": "wdiac",
        "linkId": "wdiac",
        "view_url": "https://wdiac.share.thousandeyes.com/view/tests/",
        "viewUrl": "https://wdiac.share.thousandeyes.com/view/tests/",
        "view_url_source": "inferred",
        # It was asked for at noon, so it cannot live longer than this.
        "share_date": "2026-11-23T12:00:00Z",
        "expires_at": "2026-12-23T12:00:00Z",
        # A person has seen the link, not who can view it.
        "visibility": "unknown",
    }
    assert result["ansible_facts"]["thousandeyes_snapshot"] == snapshot
    for options in ({}, {"on_unknown": "adopt", "link_id": "other"}, {"on_unknown": "retry"}, {"check_mode": True}):
        later = take(**options)
        assert (later["changed"], later["snapshot"]) == (False, snapshot)
    assert sim.requests() == []


def test_without_the_id_of_its_link(take: Take, sim: Simulator) -> None:
    leave_open(take, sim)
    snapshot = take(on_unknown="adopt")["snapshot"]
    assert (snapshot["status"], snapshot["link_id"], snapshot["view_url"]) == ("adopted", None, None)
    assert snapshot["expires_at"] == "2026-12-23T12:00:00Z"
    assert len(sim.requests()) == 1


def test_a_private_one_of_which_the_list_does_not_tell(take: Take, sim: Simulator) -> None:
    leave_open(take, sim, is_public=False)
    result = take(is_public=False, on_unknown="adopt", link_id="abc")
    snapshot = result["snapshot"]
    assert result["changed"] is False
    assert [snapshot[name] for name in ("status", "link_id", "view_url", "snapshot_test_id")] == [
        "adopted",
        "abc",
        None,
        None,
    ]
    sim.clear_requests()
    assert take(is_public=False)["snapshot"] == snapshot
    assert sim.requests() == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_list_of_tests_is_believed_over_the_person(take: Take, sim: Simulator, check_mode: bool) -> None:
    """It is there beyond doubt."""
    sim.fault(match={"method": "GET"}, status=403)
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    assert take(is_public=False)["failure"]["code"] == "outcome_unknown"
    result = take(is_public=False, on_unknown="adopt", link_id="abc", check_mode=check_mode)
    assert result["changed"] is False
    assert [result["snapshot"][name] for name in ("status", "link_id", "snapshot_test_id")] == [
        "adopted",
        None,
        "58856",
    ]
    assert len(sim.requests("POST")) == 1


def test_a_person_is_believed_over_a_list_that_has_none(take: Take, sim: Simulator, clock: SharedClock) -> None:
    """Even where it is known to show private snapshots: nothing is sent for what somebody has seen."""
    shown = take(is_public=False, display_name="shown")["snapshot"]["link_id"]
    sim.fault(match={"method": "GET"}, status=403)
    sim.fault(match={"method": "POST"}, drop="reset")
    assert take(is_public=False)["failure"]["code"] == "outcome_unknown"
    clock.sleep(120)
    result = take(is_public=False, on_unknown="adopt", link_id="abc")
    assert (result["changed"], result["snapshot"]["status"], result["snapshot"]["link_id"]) == (False, "adopted", "abc")
    assert [row["link_id"] for row in sim.creations()] == [shown]


def test_a_person_is_believed_where_the_list_proves_nothing(take: Take, sim: Simulator, clock: SharedClock) -> None:
    """It is not there, but it is not known to show private snapshots at all."""
    sim.fault(match={"method": "POST"}, drop="reset")
    assert take(is_public=False)["failure"]["code"] == "outcome_unknown"
    clock.sleep(120)
    assert take(is_public=False, on_unknown="adopt")["snapshot"]["status"] == "adopted"
    assert sim.creations() == []


@pytest.mark.parametrize("is_public", [True, False])
def test_a_person_need_not_wait(take: Take, sim: Simulator, clock: SharedClock, ledger: Path, is_public: bool) -> None:
    """A minute ago the process that sent it ended; a list might still show it later."""
    take(is_public=False, display_name="shown")
    sim.fault(match={"method": "POST"}, drop="reset")
    sim.fault(match={"method": "GET"}, status=403)
    assert take(is_public=is_public)["failure"]["code"] == "outcome_unknown"
    clock.slept.clear()
    assert take(is_public=is_public, on_unknown="adopt", link_id="abc")["snapshot"]["link_id"] == "abc"
    assert clock.slept == []


def test_what_is_lost_needs_no_list_to_be_found_by_name(take: Take, sim: Simulator) -> None:
    """Nor is it said that it was not created, where the list cannot be read."""
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    named = {"tests": ["Web shop"]}
    assert take(**named)["failure"]["code"] == "outcome_unknown"
    sim.fault(match={"method": "GET"}, status=403, times=0)
    failed = take(**named)
    assert failed["failure"]["code"] == "outcome_unknown"
    assert "not created" not in failed["msg"]


def test_what_was_asked_for_earlier_may_exist_whatever_happens_now(take: Take, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    assert take()["failure"]["code"] == "outcome_unknown"
    sim.fault(match={"method": "POST"}, status=403)
    said = take(on_unknown="retry")["msg"]
    assert "was not created" not in said
    assert "Nothing was created now, but what was requested at 2026-11-23T12:00:00Z may exist." in said


@pytest.mark.parametrize("is_public", [True, False])
def test_where_nothing_is_unknown_it_creates_as_usual(take: Take, sim: Simulator, is_public: bool) -> None:
    options = {"is_public": is_public, "on_unknown": "adopt", "link_id": "abc"}
    assert take(**options, check_mode=True)["snapshot"]["status"] == "planned"
    first, second = take(**options), take(**options)
    assert (first["changed"], first["snapshot"]["status"], first["snapshot"]["link_id"]) == (True, "created", "wdiac")
    assert (second["changed"], second["snapshot"]["status"]) == (False, "existing")
    assert len(sim.requests("POST")) == len(sim.creations()) == 1


@pytest.mark.parametrize("is_public", [True, False])
def test_a_loss_of_the_same_run_is_not_swallowed(take: Take, sim: Simulator, is_public: bool) -> None:
    leave_open(take, sim, is_public=is_public, on_unknown="adopt", link_id="abc")
    failure = take(is_public=is_public)["failure"]
    assert failure["code"] == "outcome_unknown"
    assert "on_unknown=adopt" in failure["message"]
    assert len(sim.requests("POST")) == 1


@pytest.mark.parametrize("is_public", [True, False])
def test_check_mode_foretells_it_and_writes_nothing(take: Take, sim: Simulator, ledger: Path, is_public: bool) -> None:
    leave_open(take, sim, is_public=is_public)
    before = rows(ledger)
    foretold = take(check_mode=True, is_public=is_public, on_unknown="adopt", link_id="abc")
    assert (foretold["changed"], foretold["snapshot"]["status"]) == (False, "adopted")
    assert rows(ledger) == before
    assert take(is_public=is_public)["failure"]["code"] == "outcome_unknown"
    assert take(is_public=is_public, on_unknown="adopt", link_id="abc")["snapshot"] == foretold["snapshot"]
    assert len(sim.requests("POST")) == 1


def test_several(take: Take, sim: Simulator) -> None:
    """One was lost, one exists, one is new."""
    leave_open(take, sim)
    take(tests=["817"])
    result = take(tests=["19955", "817", "20001"], on_unknown="adopt")
    assert [snapshot["status"] for snapshot in result["snapshots"]] == ["adopted", "existing", "created"]
    assert result["changed"] is True
    assert [row["path"] for row in sim.requests()] == [f"/v7/tests/{test}/snapshot" for test in (19955, 817, 20001)]


def test_one_of_a_list_with_its_link(take: Take, sim: Simulator) -> None:
    leave_open(take, sim)
    assert take(tests=["19955"], on_unknown="adopt", link_id="abc")["snapshots"][0]["link_id"] == "abc"


def test_it_expires_as_others_do(take: Take, sim: Simulator, clock: SharedClock) -> None:
    leave_open(take, sim)
    assert take(on_unknown="adopt")["changed"] is False
    clock.sleep(30 * 86400 - 1)
    assert take()["snapshot"]["status"] == "adopted"
    clock.sleep(1)
    assert take()["snapshot"]["status"] == "created"


def test_force_creates_all_the_same(take: Take, sim: Simulator) -> None:
    leave_open(take, sim)
    assert take(on_unknown="adopt", force=True)["snapshot"]["status"] == "created"


@pytest.mark.parametrize("forgets", ["none", "facts"])
def test_a_ledger_that_forgets_has_nothing_to_adopt(take: Take, sim: Simulator, forgets: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^on_unknown: the ledger {forgets} .* Nothing was created."):
        take(on_unknown="adopt", ledger=forgets)
    assert sim.requests() == []


def test_a_ledger_that_forgets_is_not_said_to_adopt(take: Take, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    said = take(ledger="none")["msg"]
    assert "do not run the task again" in said and "adopt" not in said


@pytest.mark.parametrize(
    "options",
    [
        {"link_id": "wdiac"},
        {"link_id": "wdiac", "on_unknown": "fail"},
        {"link_id": "wdiac", "on_unknown": "retry"},
        {"link_id": "wdiac", "on_unknown": "adopt", "tests": ["19955", "817"]},
        {"link_id": "", "on_unknown": "adopt"},
        {"link_id": "wdiac ", "on_unknown": "adopt"},
        {"link_id": "wdiac\n", "on_unknown": "adopt"},
        {"link_id": "https://wdiac.share.thousandeyes.com/view/tests/", "on_unknown": "adopt"},
        {"link_id": "a.example.com/?", "on_unknown": "adopt"},
        {"link_id": "é", "on_unknown": "adopt"},
    ],
)
def test_a_link_that_is_none_or_for_nothing(
    take: Take, sim: Simulator, ledger: Path, options: dict[str, t.Any]
) -> None:
    with pytest.raises(InvalidRequest, match="^link_id: "):
        take(**options)
    assert sim.requests() == []
    assert not ledger.exists()


def test_a_person_counts_where_the_list_cannot_be_read(take: Take, sim: Simulator) -> None:
    leave_open(take, sim, is_public=False)
    sim.fault(match={"method": "GET"}, status=403, times=0)
    assert take(is_public=False)["failure"]["code"] == "outcome_unknown"
    assert take(is_public=False, on_unknown="adopt")["snapshot"]["status"] == "adopted"
    assert len(sim.requests("POST")) == 1
