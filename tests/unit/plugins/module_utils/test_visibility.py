# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can view a snapshot: what is known of it, kept, and done about it. The oracle is what the simulator created."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    LedgerUnavailable,
    OutcomeUnknown,
    VisibilityContradicted,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.none import NoLedger
from support.capture_bench import Bench, Requests
from simulator import Simulator
from support.snapshot_answers import v6_answer, v7_answer

POST = {"method": "POST"}
LIST = {"method": "GET", "path": "/tests"}
both_versions = pytest.mark.parametrize("connection", ["v6", "v7"], indirect=True)


@pytest.fixture
def connection(connection: Connection, request: pytest.FixtureRequest) -> Connection:
    return dataclasses.replace(connection, version=getattr(request, "param", "v7"))


def silent(bench: Bench, number: int = 1, saved_event: t.Any = None) -> dict[str, t.Any]:
    """A fault that answers a creation without what it tells of its visibility, or with that."""
    test_id, link_id = 58855 + number, f"link{number}"
    tests = [] if saved_event is None else [{"testId": test_id, "savedEvent": saved_event}]
    if bench.connection.version == "v6":
        body = v6_answer(*tests, testId=test_id, linkId=link_id)
    else:
        body = v7_answer(testId=str(test_id), id=link_id, **({"test": tests[0]} if tests else {}))
    return {"match": POST, "body": body}


def listed(bench: Bench, saved_event: t.Any) -> dict[str, t.Any]:
    """A fault that shows the first snapshot's own test in the list, as this."""
    name = "test" if bench.connection.version == "v6" else "tests"
    return {"match": LIST, "body": {name: [{"testId": 58856, "testName": "x", "savedEvent": saved_event}]}}


@pytest.mark.parametrize("is_public", [True, False])
def test_it_is_confirmed_by_the_answer(bench: Bench, request_for: Requests, is_public: bool) -> None:
    for status in ("created", "existing"):
        record = bench.ensure(request_for(is_public=is_public))
        assert (record.status, record.visibility) == (status, "confirmed")
    assert bench.warned == []


@pytest.mark.parametrize("connection", ["v6"], indirect=True)
def test_v6_tells_nothing_of_share_links(bench: Bench, request_for: Requests) -> None:
    for is_public, visibility in ((False, "confirmed"), (True, "unknown")):
        assert bench.ensure(request_for(is_public=is_public)).visibility == visibility
    assert bench.warned == []


@both_versions
def test_it_is_confirmed_by_the_list(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(**silent(bench))
    assert bench.ensure(request_for(is_public=False)).visibility == "confirmed"
    assert bench.ensure(request_for(is_public=False)).visibility == "confirmed"
    assert [row["method"] for row in sim.requests()] == ["POST", "GET"]


@both_versions
def test_it_is_inferred_from_another_one(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.ensure(request_for(is_public=False, display_name="first"))
    sim.fault(**silent(bench, 2))
    for _time in range(2):
        assert bench.ensure(request_for(is_public=False)).visibility == "inferred"
    # What is inferred is nothing to infer from, nor does a private snapshot tell of share links.
    sim.fault(**silent(bench, 3))
    assert bench.ensure(request_for()).visibility == "unknown"


@both_versions
def test_it_may_be_unknown(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(saved_event_lag=60)
    sim.fault(**silent(bench))
    for _time in range(2):
        assert bench.ensure(request_for(is_public=False)).visibility == "unknown"
    assert bench.warned == []


def test_a_share_link_that_is_said_to_be_private_is_told(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Each time, but it does no harm."""
    sim.settings(invert_is_public=True)
    for status in ("created", "existing"):
        bench.warned.clear()
        record = bench.ensure(request_for(is_public=True))
        assert (record.status, record.visibility) == (status, "contradicted")
        [warning] = bench.warned
        assert str(record.link_id) in warning and "ANYONE" not in warning
    assert bench.foresee(request_for(is_public=True)).visibility == "contradicted"


def test_one_private_snapshot_that_is_said_to_be_public_is_the_last(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    sim.settings(invert_is_public=True)
    first, second = request_for(is_public=False), request_for(is_public=False, test_id="817")
    made, not_tried = bench.run(first, second)
    assert isinstance(made, VisibilityContradicted) and not_tried is None
    assert made.made.status == "created" and bench.changed
    for word in (made.made.link_id, "ANYONE WITH THE LINK", "visibility=accept"):
        assert word in made.message
    # Neither again, nor another one, nor with force; and check mode says so, too.
    for request, policy in ((first, {}), (second, {}), (first, {"force": True})):
        for work in (bench.ensure, bench.foresee):
            with pytest.raises(VisibilityContradicted) as error:
                work(request, **policy)
            assert made.made.link_id in error.value.message
            assert (error.value.made is None) is (request != first or bool(policy))
            assert not bench.changed
    assert len(sim.requests("POST")) == 1
    # Share links are none of it.
    assert bench.ensure(request_for()).status == "created"


@both_versions
def test_one_that_the_answer_contradicts_is_the_last(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(**silent(bench, saved_event=0))
    for test_id in ("19955", "817"):
        with pytest.raises(VisibilityContradicted, match="ANYONE WITH THE LINK"):
            bench.ensure(request_for(is_public=False, test_id=test_id))
    assert len(sim.requests("POST")) == 1


def test_other_hosts_are_none_of_it(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """Neither of what is contradicted, nor of what a person has settled."""
    here = request_for(is_public=False)
    there, connection = bench.elsewhere(here)
    sim.fault(**silent(bench, saved_event=False))
    with pytest.raises(VisibilityContradicted):
        bench.ensure(here)
    assert bench.foresee(there).status == "planned"
    made = bench.ensure(there, connection=connection)
    assert (made.status, made.visibility) == ("created", "confirmed")
    assert [row["headers"]["Host"] for row in sim.requests("POST")] == [here.api_host, there.api_host]
    # Both are contradicted now, and a person settles one of them.
    sim.fault(**silent(bench, 3, saved_event=False))
    with pytest.raises(VisibilityContradicted):
        bench.ensure(there._replace(display_name="second"), connection=connection)
    assert [record.status for record in bench.run(there, accept_visibility=True)] == ["existing"]
    assert bench.ensure(there._replace(test_id="20001"), connection=connection).status == "created"
    with pytest.raises(VisibilityContradicted):
        bench.ensure(here._replace(test_id="817"))
    assert len(sim.requests("POST")) == 4


def test_nothing_is_inferred_from_other_hosts_and_versions(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    wanted = request_for(is_public=False)
    there, elsewhere = bench.elsewhere(wanted)
    v6 = dataclasses.replace(bench.connection, version="v6")
    sim.settings(saved_event_lag=60)
    for request, connection in ((there, elsewhere), (wanted._replace(test_id="817"), v6)):
        assert bench.ensure(request, connection=connection).visibility == "confirmed"
    sim.fault(**silent(bench, 9))
    assert bench.ensure(wanted).visibility == "unknown"


def test_a_person_settles_it_once(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(invert_is_public=True)
    first, second, third = (request_for(is_public=False, test_id=test) for test in ("19955", "817", "20001"))
    with pytest.raises(VisibilityContradicted):
        bench.ensure(first)
    # Check mode settles nothing.
    assert [record.status for record in bench.run(first, second, accept_visibility=True, check_mode=True)] == [
        "existing",
        "planned",
    ]
    with pytest.raises(VisibilityContradicted):
        bench.ensure(second)
    bench.warned.clear()
    records = bench.run(first, second, accept_visibility=True)
    assert [(record.status, record.visibility) for record in records] == [
        ("existing", "contradicted"),
        ("created", "contradicted"),
    ]
    assert len(bench.warned) == 2
    assert bench.ensure(third).status == "created"
    assert len(sim.requests("POST")) == 3


def test_a_contradiction_that_cannot_be_kept_is_told_all_the_same(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    def fail(*_arguments: t.Any) -> t.NoReturn:
        raise LedgerUnavailable("No space left on device.")

    sim.settings(invert_is_public=True)
    for method in ("created", "contradicted"):
        ledger: t.Any = bench.open_ledger()
        setattr(ledger, method, fail)
        with pytest.raises(VisibilityContradicted) as error:
            bench.ensure(request_for(is_public=False, display_name=method), ledger=ledger)
        assert error.value.made.display_name == method
    assert len(sim.creations()) == 2


def test_a_contradiction_by_the_list_that_cannot_be_kept(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    ledger: t.Any = bench.open_ledger()
    created, calls = ledger.created, iter(range(9))

    def fail_second(*what: t.Any) -> None:
        if next(calls):
            raise LedgerUnavailable("No space left on device.")
        created(*what)

    ledger.created = fail_second
    sim.fault(**silent(bench, 1))
    sim.fault(**listed(bench, saved_event=False))
    with pytest.raises(VisibilityContradicted, match="later tasks do not know"):
        bench.ensure(request_for(is_public=False), ledger=ledger)


@both_versions
@pytest.mark.parametrize("told", [False, 0, "0", "false", "False"])
def test_it_is_told_in_many_ways(bench: Bench, sim: Simulator, request_for: Requests, told: t.Any) -> None:
    bench.ensure(request_for(is_public=False, display_name="first"))
    sim.fault(**silent(bench, 2, saved_event=told))
    with pytest.raises(VisibilityContradicted):
        bench.ensure(request_for(is_public=False))


def test_nothing_is_concluded_where_the_api_has_contradicted(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    """It took is_public as expected first, and the other way round since. What is lost now is in no list."""
    first, second, third, fourth = (request_for(is_public=False, display_name=str(n), aid="75") for n in range(4))
    bench.ensure(first)
    sim.settings(invert_is_public=True)
    with pytest.raises(VisibilityContradicted):
        bench.ensure(second)
    bench.run(second, accept_visibility=True)
    sim.fault(match=POST, drop="reset", commit=True)
    with pytest.raises(OutcomeUnknown):
        bench.ensure(third)
    # Nor is anything inferred.
    sim.fault(**silent(bench, 9))
    assert bench.ensure(fourth).visibility == "unknown"
    assert len(sim.requests("POST")) == 4


@both_versions
def test_what_the_answer_contradicts_no_list_confirms(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(**silent(bench, 1, saved_event=False))
    with pytest.raises(VisibilityContradicted) as error:
        bench.ensure(request_for(is_public=False))
    assert error.value.made.visibility == "contradicted"


@both_versions
@pytest.mark.parametrize("answered", [True, None])
def test_the_list_contradicts(bench: Bench, sim: Simulator, request_for: Requests, answered: bool | None) -> None:
    """What it shows is listed, but as a test of its own."""
    sim.fault(**silent(bench, 1, saved_event=answered))
    sim.fault(**listed(bench, saved_event=False))
    with pytest.raises(VisibilityContradicted):
        bench.ensure(request_for(is_public=False))


def test_without_a_ledger_it_holds_for_the_task(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(invert_is_public=True)
    ledger = NoLedger(bench.clock)
    with pytest.raises(VisibilityContradicted):
        bench.ensure(request_for(is_public=False), ledger=ledger)
    with pytest.raises(VisibilityContradicted):
        bench.ensure(request_for(is_public=False), ledger=ledger)
    [record] = bench.run(request_for(is_public=False), ledger=ledger, accept_visibility=True)
    assert (record.status, record.visibility) == ("created", "contradicted")
    assert [row["method"] for row in sim.requests()] == ["POST", "POST"]


def test_a_lost_answer_of_an_api_that_takes_it_the_other_way_round(
    bench: Bench, sim: Simulator, request_for: Requests
) -> None:
    """It was a share link, which is in no list: that proves nothing."""
    sim.settings(invert_is_public=True)
    sim.fault(match=POST, drop="reset", commit=True)
    for pause in (0, 60, 86400):
        bench.clock.sleep(pause)
        with pytest.raises(OutcomeUnknown):
            bench.ensure(request_for(is_public=False))
    assert len(sim.requests("POST")) == len(sim.creations()) == 1
