# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether others in a task would run into the same failure: said by the error, and asked nowhere else."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core import errors
from simulator import Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]

NAMES = [f"Test {number}" for number in range(20)]


@pytest.mark.parametrize("fault", [{"status": 503, "times": 0}, {"drop": "close", "times": 0}, {"status": 403}])
def test_one_look_up_by_name_is_enough(take: Take, sim: Simulator, fault: dict[str, object]) -> None:
    sim.fault(match={"method": "GET"}, **fault)
    failed = take(tests=NAMES)
    [first] = failed["failure"]["details"]["failures"]
    assert first["test"] == "Test 0"
    assert failed["failure"]["details"]["not_tried"] == NAMES[1:]
    # The tries of one request.
    assert len(sim.requests("GET")) <= 9
    assert sim.requests("POST") == []


def test_what_is_known_by_name_needs_none(take: Take, sim: Simulator) -> None:
    assert take(tests=["Web shop"])["changed"]
    sim.fault(match={"method": "GET"}, status=503, times=0)
    failed = take(tests=["Nope", "Web shop", "Neither"])
    assert [snapshot["status"] for snapshot in failed["snapshots"]] == ["existing"]
    assert failed["failure"]["details"]["not_tried"] == ["Neither"]


def test_nothing_is_sent_with_a_token_that_was_refused(take: Take, sim: Simulator) -> None:
    """For a test by its id neither: the vendor locks accounts out."""
    sim.fault(match={"method": "GET"}, status=401)
    failed = take(tests=["Web shop", "19955"])
    assert failed["failure"]["code"] == "unauthorized"
    assert failed["failure"]["details"]["not_tried"] == ["19955"]
    assert len(sim.requests()) == 1


def test_a_name_that_there_is_not_keeps_no_other_from_being_captured(take: Take, sim: Simulator) -> None:
    failed = take(tests=["Nope", "Web shop"])
    assert failed["failure"]["code"] == "not_found"
    assert [snapshot["status"] for snapshot in failed["snapshots"]] == ["created"]


@pytest.mark.parametrize(
    ("error", "spreads"),
    [
        (errors.Unauthorized("x"), True),
        (errors.ApiRetired("x"), True),
        (errors.RateLimited("x"), True),
        (errors.QuotaExhausted("x"), True),
        (errors.LedgerUnavailable("x"), True),
        (errors.VisibilityContradicted("x"), True),
        (errors.Unreachable("x", certain=True, passing=True), True),
        (errors.UnexpectedResponse("x", status=503, passing=True), True),
        (errors.UnexpectedResponse("x", status=403, foreign=True), True),
        (errors.UnexpectedResponse("x", status=409), False),
        (errors.UnexpectedResponse("x", status=200), False),
        (errors.NotFound("x"), False),
        (errors.Forbidden("x"), False),
        (errors.InvalidRequest("x"), False),
        (errors.OutcomeUnknown("x"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_which_do(error: errors.ThousandEyesError, spreads: bool) -> None:
    assert error.spreads is spreads
