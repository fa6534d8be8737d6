# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the list of tests is known to show private snapshots: when that is looked for, and what follows from it."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import OutcomeUnknown
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Granted
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.none import NoLedger
from support.capture_bench import POLICY, Bench, Requests
from simulator import Simulator

POST = {"method": "POST"}
GET = {"method": "GET"}


def sent(sim: Simulator) -> list[str]:
    """The methods of the requests since the last time."""
    methods = [row["method"] for row in sim.requests()]
    sim.clear_requests()
    return methods


def titled(request_for: Requests, number: int) -> t.Any:
    return request_for(is_public=False, display_name=f"title {number}")


def test_one_look_that_finds_it_is_enough_for_thirty_days(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.run(*(titled(request_for, number) for number in range(3)))
    assert sent(sim) == ["POST", "GET", "POST", "POST"]
    bench.clock.sleep(29 * 86400)
    bench.ensure(titled(request_for, 3))
    assert sent(sim) == ["POST"]
    bench.clock.sleep(2 * 86400)
    bench.ensure(titled(request_for, 4))
    assert sent(sim) == ["POST", "GET"]


def test_it_is_known_by_host_version_and_account_group(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    v6 = dataclasses.replace(bench.connection, version="v6")
    _request, elsewhere = bench.elsewhere(request_for())
    cases = [(bench.connection, None), (bench.connection, "75"), (v6, None), (elsewhere, "75")]
    for number, (connection, aid) in enumerate(cases):
        for time in range(2):
            request = titled(request_for, 10 * number + time)._replace(aid=aid, api_host=connection.host)
            bench.ensure(request, connection=connection)
        assert sent(sim) == ["POST", "GET", "POST"]
        bench.clock.sleep(300)


def test_share_links_need_none(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.ensure(request_for())
    bench.ensure(titled(request_for, 1), ledger=NoLedger(bench.clock))
    assert sent(sim) == ["POST", "POST"]


def test_what_is_not_listed_yet_is_looked_for_by_a_later_task(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    sim.settings(saved_event_lag=100)
    bench.run(titled(request_for, 1), titled(request_for, 2))
    assert sent(sim) == ["POST", "GET", "POST"]
    bench.clock.sleep(59)
    bench.ensure(titled(request_for, 3))
    assert sent(sim) == ["POST"]
    bench.clock.sleep(60)
    # It finds the first one, though not its own yet.
    bench.ensure(titled(request_for, 4))
    assert sent(sim) == ["POST", "GET"]
    bench.clock.sleep(300)
    bench.ensure(titled(request_for, 5))
    assert sent(sim) == ["POST"]
    assert bench.warned == []


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 429}, {"drop": "reset"}, {"body": "<html>"}])
def test_a_list_that_cannot_be_read_costs_nothing_but_a_warning(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any]
) -> None:
    sim.fault(match=GET, times=0, **fault)
    assert bench.ensure(titled(request_for, 1)).status == "created"
    [warning] = bench.warned
    assert "was created" in warning and "list of tests" in warning
    # Nobody waits for it.
    assert sent(sim) == ["POST", "GET"] and bench.clock.slept == []
    sim.clear_faults()
    bench.clock.sleep(86399)
    bench.ensure(titled(request_for, 2))
    assert sent(sim) == ["POST"]
    bench.clock.sleep(1)
    bench.ensure(titled(request_for, 3))
    assert sent(sim) == ["POST", "GET"]


def ensure_and_lose(bench: Bench, sim: Simulator, request: t.Any, **fault: t.Any) -> t.Any:
    """The first request that is sent for it is lost."""
    sim.fault(match=POST, drop="reset", **fault)
    sim.clear_requests()
    return bench.ensure(request)


def test_absence_is_concluded_from_what_was_seen(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.ensure(titled(request_for, 1))
    assert ensure_and_lose(bench, sim, titled(request_for, 2)).status == "created"
    assert len(sim.creations()) == 2


def test_absence_is_concluded_from_the_list_that_is_judged(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """It shows what was not listed yet when it was looked for."""
    sim.settings(saved_event_lag=30)
    bench.ensure(titled(request_for, 1))
    bench.clock.sleep(30)
    assert ensure_and_lose(bench, sim, titled(request_for, 2)).status == "created"


def test_absence_is_not_concluded(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Neither on a new ledger, nor by what others showed (account groups, versions, hosts), nor by what is long ago."""
    there, elsewhere = bench.elsewhere(titled(request_for, 7)._replace(aid="1234", test_id="30001"))
    v6 = dataclasses.replace(bench.connection, version="v6")
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 0))
    bench.ensure(titled(request_for, 1)._replace(aid="75"))
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 2))
    bench.ensure(titled(request_for, 3), connection=v6)
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 4))
    bench.ensure(there, connection=elsewhere)
    bench.clock.sleep(300)
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 8)._replace(aid="1234", test_id="30001"))
    bench.ensure(titled(request_for, 5))
    bench.clock.sleep(31 * 86400)
    sim.fault(match=POST, drop="reset")
    with pytest.raises(OutcomeUnknown):
        bench.ensure(titled(request_for, 6))
    for number in (0, 2, 4, 6):
        with pytest.raises(OutcomeUnknown):
            bench.ensure(titled(request_for, number))
    assert [row["display_name"] for row in sim.creations()] == [f"title {number}" for number in (1, 3, 7, 5)]


def test_without_an_account_group_only_the_list_that_is_judged_counts(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    """The one that was seen before may have been of the account group of another token."""
    bench.ensure(titled(request_for, 1))
    sim.fault(match=GET, body={"tests": [{"testId": 19955, "testName": "Web shop", "type": "http-server"}]}, times=0)
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 2))
    bench.ensure(titled(request_for, 3)._replace(aid="75"))
    sim.clear_faults()
    bench.clock.sleep(300)
    assert ensure_and_lose(bench, sim, titled(request_for, 4)).status == "created"


@pytest.mark.parametrize("aid", [None, "75"])
def test_a_part_of_a_list_proves_nothing(bench: Bench, sim: Simulator, request_for: Requests, aid: str | None) -> None:
    bench.ensure(titled(request_for, 1)._replace(aid=aid))
    [event] = sim.creations()
    tests = [{"testId": 19955, "testName": "Web shop", "type": "http-server"}]
    tests.append(
        {"testId": event["snapshot_test_id"], "testName": "title 1", "type": "http-server", "savedEvent": True}
    )
    sim.fault(match=GET, times=0, body={"tests": tests, "_links": {"next": {"href": f"{sim.url}/v7/tests?cursor=2"}}})
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 2)._replace(aid=aid))
    assert len(sim.requests("POST")) == 1


def test_an_adopted_one_proves_nothing(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    assert ensure_and_lose(bench, sim, titled(request_for, 1), commit=True).status == "adopted"
    with pytest.raises(OutcomeUnknown):
        ensure_and_lose(bench, sim, titled(request_for, 2))


def test_many_lost_ones_are_waited_for_together(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Nobody knows whether a clock was set since, so a minute of waiting has to pass; one is enough for all."""
    many = [titled(request_for, number)._replace(aid="75") for number in range(4)]
    bench.ensure(titled(request_for, 9)._replace(aid="75"))
    for request in many:
        ledger = bench.open_ledger()
        claim = ledger.claim(request, POLICY.quota)
        assert isinstance(claim, Granted)
        ledger.lost(claim.attempt, "no answer")
        ledger.close()
    sim.set_clock("2026-11-23T10:00:00Z")
    bench.clock.slept.clear()
    records = bench.run(*many)
    assert {record.status for record in records} == {"created"}
    assert sum(bench.clock.slept) == pytest.approx(60, abs=5)
