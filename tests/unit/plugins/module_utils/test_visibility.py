# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can view a snapshot: what is known of it, kept, and done about it. The oracle is what the simulator created."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    LedgerUnavailable,
    OutcomeUnknown,
    VisibilityContradicted,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.none import NoLedger
from capture_bench import Bench, Requests
from simulator import Simulator

POST = {"method": "POST"}
LIST = {"method": "GET", "path": "/tests"}


def silent(number: int = 1, saved_event: t.Any = None) -> dict[str, t.Any]:
    """A fault that answers a creation without what it tells of its visibility, or with that."""
    test_id = str(58855 + number)
    test = {} if saved_event is None else {"test": {"testId": test_id, "savedEvent": saved_event}}
    return {"match": POST, "body": {"id": f"link{number}", "testId": test_id, "sourceTestId": "19955", **test}}


@pytest.mark.parametrize("is_public", [True, False])
def test_it_is_confirmed_by_the_answer(bench: Bench, request_for: Requests, is_public: bool) -> None:
    for status in ("created", "existing"):
        record = bench.ensure(request_for(is_public=is_public))
        assert (record.status, record.visibility) == (status, "confirmed")
    assert bench.warned == []


def test_it_is_confirmed_by_the_list(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(**silent())
    assert bench.ensure(request_for(is_public=False)).visibility == "confirmed"
    assert bench.ensure(request_for(is_public=False)).visibility == "confirmed"
    assert [row["method"] for row in sim.requests()] == ["POST", "GET"]


def test_it_is_inferred_from_another_one(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    bench.ensure(request_for(is_public=False, display_name="first"))
    sim.fault(**silent(2))
    for _time in range(2):
        assert bench.ensure(request_for(is_public=False)).visibility == "inferred"
    # What is inferred is nothing to infer from, nor does a private snapshot tell of share links.
    sim.fault(**silent(3))
    assert bench.ensure(request_for()).visibility == "unknown"


def test_it_may_be_unknown(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.settings(saved_event_lag=60)
    sim.fault(**silent())
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
    # Share links, and other hosts, are none of it.
    assert bench.ensure(request_for()).status == "created"


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
    sim.fault(**silent(1))
    sim.fault(match=LIST, body={"tests": [{"testId": "58856", "testName": "x", "savedEvent": False}]})
    with pytest.raises(VisibilityContradicted, match="later tasks do not know"):
        bench.ensure(request_for(is_public=False), ledger=ledger)


@pytest.mark.parametrize("told", [False, 0, "0", "false", "False"])
def test_it_is_told_in_many_ways(bench: Bench, sim: Simulator, request_for: Requests, told: t.Any) -> None:
    bench.ensure(request_for(is_public=False, display_name="first"))
    sim.fault(**silent(2, saved_event=told))
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
    sim.fault(**silent(9))
    assert bench.ensure(fourth).visibility == "unknown"
    assert len(sim.requests("POST")) == 4


def test_what_the_answer_contradicts_no_list_confirms(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(**silent(1, saved_event=False))
    with pytest.raises(VisibilityContradicted) as error:
        bench.ensure(request_for(is_public=False))
    assert error.value.made.visibility == "contradicted"


def test_the_list_contradicts(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """What it shows is listed, but as a test of its own."""
    sim.fault(**silent(1, saved_event=True))
    sim.fault(match=LIST, body={"tests": [{"testId": "58856", "testName": "x", "savedEvent": False}]})
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
