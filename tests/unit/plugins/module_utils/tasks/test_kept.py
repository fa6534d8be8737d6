# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger that is in the facts, slices, and who made a snapshot. The oracle is what the simulator has created."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    InvalidRequest,
    LedgerUnavailable,
    QuotaExhausted,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from support.whole_task import is_about_age
from simulator import SharedClock, Simulator

Result = t.Dict[str, t.Any]
DAY = 86400


class Host:
    """A host whose facts outlive each job, as text. A job that fails leaves none."""

    def __init__(self, take: t.Callable[..., t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.facts = "[]"
        self.warnings: list[str] = []
        self._take = take
        self._monkeypatch = monkeypatch

    def job(self, **options: t.Any) -> Result:
        run = snapshot.run

        def with_facts(params: t.Mapping[str, t.Any], context: Context) -> Result:
            def warn(text: str) -> None:
                self.warnings += [] if is_about_age(text) else [text]

            mine = {"kept": json.loads(self.facts), "facts_lost": None, "warn": warn}
            return run(params, context._replace(**mine))

        with self._monkeypatch.context() as patched:
            patched.setattr(snapshot, "run", with_facts)
            result: Result = self._take(ledger="facts", **options)
        if not result.get("failed"):
            self.facts = json.dumps(result["ansible_facts"]["thousandeyes_ledger"])
        return result


@pytest.fixture
def host(take: t.Callable[..., t.Any], monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(take, monkeypatch)


def test_a_relaunch_creates_nothing(host: Host, sim: Simulator, clock: SharedClock) -> None:
    first = host.job()
    assert first["changed"]
    clock.sleep(30 * DAY - 1)
    sim.clear_requests()
    again = host.job()
    assert (again["changed"], again["snapshot"]["status"]) == (False, "existing")
    assert {**again["snapshot"], "status": "created"} == first["snapshot"]
    assert sim.requests() == []
    clock.sleep(1)
    assert host.job()["changed"]
    assert len(sim.creations()) == 2


def test_each_identity_by_itself(host: Host, sim: Simulator) -> None:
    tasks: list[Result] = [
        {},
        {"is_public": False},
        {"display_name": "Other"},
        {"hours": 2},
        {"tests": ["817", "Web shop"]},
    ]
    assert [host.job(quota_limit=50, **options)["changed"] for options in tasks * 2] == [True] * 5 + [False] * 5
    # The web shop is the test of the first one.
    assert len(sim.creations()) == 5


def test_force_and_check_mode(host: Host, sim: Simulator) -> None:
    assert host.job(check_mode=True)["snapshot"]["status"] == "planned"
    assert sim.creations() == []
    links = [host.job(force=force)["snapshot"]["link_id"] for force in (False, True, False)]
    assert links == [creation["link_id"] for creation in (*sim.creations(), sim.creations()[-1])]
    assert host.job(check_mode=True)["snapshot"]["status"] == "existing"


def test_the_facts_have_only_what_exists(host: Host, clock: SharedClock) -> None:
    def titles() -> list[str]:
        return [record["display_name"] for record in json.loads(host.facts)]

    host.job(display_name="First")
    clock.sleep(DAY)
    planned = host.job(display_name="Planned", check_mode=True)
    assert planned["ansible_facts"]["thousandeyes_snapshot"] == planned["snapshot"]
    assert titles() == ["First"]
    host.job(display_name="Second")
    clock.sleep(29 * DAY - 1)
    host.job(display_name="Second")
    assert titles() == ["First", "Second"]
    clock.sleep(1)
    # Those of older versions of the collection may have some that are planned.
    host.facts = json.dumps([*json.loads(host.facts), planned["snapshot"]])
    host.job(display_name="Second")
    assert titles() == ["Second"]
    # Where the snapshot is one that has expired, no longer either.
    clock.sleep(29 * DAY)
    assert host.job(display_name="Second", check_mode=True)["snapshot"]["status"] == "planned"
    assert titles() == []


@pytest.mark.parametrize("organization", [None, "acme"])
def test_the_quota_of_what_the_facts_tell(
    host: Host, sim: Simulator, clock: SharedClock, organization: str | None
) -> None:
    for number in range(5):
        host.job(display_name=f"Number {number}", organization=organization)
        clock.sleep(10)
    sim.clear_requests()
    with pytest.raises(QuotaExhausted):
        host.job(display_name="One too many", organization=organization, quota_wait=0)
    assert sim.requests() == []
    began = clock.now()
    result = host.job(display_name="One too many", organization=organization)
    assert (clock.now() - began >= 250, result["quota"]["used"], len(sim.creations())) == (True, 5, 6)
    assert [row["status"] for row in sim.requests()] == [201]


def test_an_answer_that_is_lost(host: Host, sim: Simulator) -> None:
    """Within the task it is looked for. What then is unknown is so only until the task ends."""
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    assert host.job(is_public=False)["snapshot"]["status"] == "adopted"
    assert host.job(is_public=False)["changed"] is False
    assert len(sim.creations()) == 1
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    assert host.job()["failure"]["code"] == "outcome_unknown"
    assert host.job()["changed"]
    assert len(sim.creations()) == 3


def test_a_task_that_fails_in_the_middle_says_that_its_facts_are_lost(host: Host, sim: Simulator) -> None:
    result = host.job(tests=["19955", "404"])
    assert result["failed"] and len(sim.creations()) == 1
    [warning] = host.warnings
    assert "ansible_failed_result.ansible_facts" in warning
    # As a rescue would keep them, or as the next of several tries sees them, which would lose them again.
    host.facts = json.dumps(result["ansible_facts"]["thousandeyes_ledger"])
    assert host.job(tests=["19955", "404"])["failed"] and host.warnings == [warning] * 2
    host.warnings.clear()
    assert host.job(tests=["19955"])["changed"] is False
    assert host.job(tests=["404"])["failed"] and not host.warnings
    assert len(sim.creations()) == 1


@pytest.mark.parametrize(
    "damage",
    [
        {"from": None},
        {"to": "2018"},
        {"share_date": None},
        {"share_date": 5},
        {"expires_at": "soon"},
        {"test_id": {}},
        {"test_id": 19955},
        {"is_public": "true"},
        {"display_name": None},
        {"aid": [1]},
        {"status": None, "from": "tomorrow"},
    ],
)
def test_facts_that_are_damaged(host: Host, sim: Simulator, damage: Result) -> None:
    host.job()
    host.facts = json.dumps([{**json.loads(host.facts)[0], **damage}])
    sim.clear_requests()
    with pytest.raises(LedgerUnavailable, match="damaged, titled "):
        host.job(display_name="Another")
    assert sim.requests() == []


def test_a_record_without_a_name(host: Host) -> None:
    host.facts = "[{}]"
    with pytest.raises(LedgerUnavailable, match="titled None"):
        host.job()


@pytest.mark.parametrize(
    ("hidden", "options", "name"),
    [
        ({"api_token": " shop "}, {"display_name": "Web shop"}, "api_token in its display_name"),
        ({"api_token": "shop"}, {"test_id": None, "test_name": "Web shop"}, "api_token in its test_name"),
        ({"api_token": "shop"}, {"tests": ["817", "Web shop"]}, "api_token in its test_name"),
        ({"api_token": "19955"}, {}, "api_token in its test_id"),
        # Too long for the port of the simulator.
        ({"api_token": "4711007"}, {"aid": "4711007"}, "api_token in its aid"),
    ],
)
def test_what_would_be_hidden_in_facts(host: Host, sim: Simulator, hidden: Result, options: Result, name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"with the value of {name}: .* Nothing was created. Leave it out"):
        host.job(**hidden, **options)
    assert sim.requests() == []


def test_facts_that_would_be_lost(take: t.Callable[..., Result], sim: Simulator) -> None:
    """As for a module that runs elsewhere."""
    with pytest.raises(LedgerUnavailable, match="does not run on the control node"):
        take(ledger="facts")
    assert sim.requests() == []


def test_what_the_facts_tell_as_a_list(host: Host, context: Context, connected_params: Result) -> None:
    created = host.job()["snapshot"]
    filters = "display_name display_name_regex test_id from to is_public expired expires_within state".split()
    params = {**connected_params, **dict.fromkeys(filters), "ledger": "facts", "saved_events": False}
    here = context._replace(kept=json.loads(host.facts), facts_lost=None)
    [row] = snapshot_info.run(params, here)["snapshots"]
    assert {name: row[name] for name in created} == {**created, "status": "existing"}
    assert (row["state"], row["in_ledger"], row["made_by"]) == ("created", True, {})


def test_a_slice_is_refused(
    take: t.Callable[..., Result], sim: Simulator, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = snapshot.run
    sliced = context._replace(slice="Job 7 is a slice", facts_lost=None)
    monkeypatch.setattr(snapshot, "run", lambda params, _context: run(params, sliced))
    for options in ({}, {"ledger": "none"}, {"ledger": "facts"}):
        with pytest.raises(LedgerUnavailable, match="Job 7 is a slice. .* job slicing .* to 1"):
            take(**options)
    # This one is refused for another reason, later.
    with pytest.raises(InvalidRequest, match="libpq"):
        take(ledger="postgresql://host:port/")
    assert sim.requests() == []


@pytest.fixture
def kept_in(location: str, take: t.Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Result]:
    """Takes a snapshot as somebody, with each kind of ledger that keeps who it was."""
    run = snapshot.run

    def taken(by: dict[str, str], **options: t.Any) -> Result:
        with monkeypatch.context() as patched:
            patched.setattr(snapshot, "run", lambda params, context: run(params, context._replace(provenance=by)))
            return take(ledger=location, **options)

    return taken


def test_a_relaunched_job_is_the_same_evidence(
    kept_in: t.Callable[..., Result], sim: Simulator, context: Context, connected_params: Result, location: str
) -> None:
    who = [{"job_id": "3116", "launched_by": "joe"}, {"job_id": "3117", "launched_by": "ann"}, {}]
    results = [kept_in(by) for by in who] + [kept_in(who[1], force=True)]
    assert [result["changed"] for result in results] == [True, False, False, True]
    assert len(sim.creations()) == 2
    assert not any("joe" in json.dumps(result) for result in results)
    filters = "display_name display_name_regex test_id from to is_public expired expires_within state".split()
    params = {**connected_params, **dict.fromkeys(filters), "ledger": location, "saved_events": False}
    assert [row["made_by"] for row in snapshot_info.run(params, context)["snapshots"]] == [who[0], who[1]]


def test_only_the_ledger_in_facts_is_kept_there(take: t.Callable[..., Result]) -> None:
    assert sorted(take()["ansible_facts"]) == ["thousandeyes_run", "thousandeyes_snapshot", "thousandeyes_snapshots"]


def test_what_others_have_kept_with_a_record_stays(host: Host, sim: Simulator) -> None:
    """A later version may know more of it. A snapshot that is created anew is another one."""
    host.job()
    host.job(display_name="Other")
    host.facts = json.dumps([{**record, "seen_by": "a later version"} for record in json.loads(host.facts)])
    host.job()
    assert [record.get("seen_by") for record in json.loads(host.facts)] == ["a later version"] * 2
    host.job(force=True)
    assert [record.get("seen_by") for record in json.loads(host.facts)] == [None, "a later version"]
    assert len(sim.creations()) == 3


def test_the_snapshots_of_a_run_are_not_the_ledger(host: Host) -> None:
    host.job(display_name="Earlier run")
    result = host.job(display_name="This run")
    assert [record["display_name"] for record in result["ansible_facts"]["thousandeyes_snapshots"]] == ["This run"]
    assert [record["display_name"] for record in json.loads(host.facts)] == ["Earlier run", "This run"]


def test_the_facts_know_what_the_list_shows(host: Host, sim: Simulator) -> None:
    """So a later job looks no more, and concludes from the list that nothing was created."""
    host.job(is_public=False)
    [entry] = json.loads(host.facts)
    assert (entry["list_shows_private"], entry["list_looked_at"]) == (True, "2026-11-23T12:00:00Z")
    sim.fault(match={"method": "POST"}, drop="reset")
    assert host.job(is_public=False, display_name="second")["snapshot"]["status"] == "created"
    assert [row["method"] for row in sim.requests()] == ["POST", "GET", "POST", *["GET"] * 13, "POST"]
    assert len(sim.creations()) == 2


def test_without_such_facts_nothing_is_concluded(host: Host, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset")
    assert host.job(is_public=False)["failure"]["code"] == "outcome_unknown"
    assert sim.creations() == []


def test_the_facts_know_what_a_person_has_accepted(host: Host, sim: Simulator) -> None:
    sim.settings(invert_is_public=True)
    assert host.job(is_public=False)["failure"]["code"] == "visibility_contradicted"
    # Ansible keeps no facts of that, so another one is made.
    first = host.job(is_public=False, visibility="accept")
    assert first["snapshot"]["visibility"] == "contradicted"
    assert json.loads(host.facts)[0]["visibility_accepted"] is True
    assert host.job(is_public=False)["snapshot"]["status"] == "existing"
    assert host.job(is_public=False, display_name="second")["snapshot"]["status"] == "created"
    # Where a rescue has kept what failed, it holds.
    host.facts = json.dumps([{**json.loads(host.facts)[0], "visibility_accepted": False}])
    assert host.job(is_public=False, display_name="third")["failure"]["code"] == "visibility_contradicted"
    assert len(sim.creations()) == 3
