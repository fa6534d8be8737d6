# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a result has of each snapshot: one record, and a line for people."""

from __future__ import annotations

import typing as t

import pytest
from simulator import Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]
TITLE = "'Snapshot created through API'"


def test_one_test_has_one_record(take: Take, sim: Simulator) -> None:
    for check_mode, line in (
        (True, f"To be created: {TITLE} of test 19955"),
        (False, f"Created: {TITLE} of test 19955, https://wdiac.share.thousandeyes.com/view/tests/"),
        (False, f"Existed: {TITLE} of test 19955, https://wdiac.share.thousandeyes.com/view/tests/"),
    ):
        result = take(check_mode)
        assert sorted(result) == ["ansible_facts", "changed", "msg", "quota", "snapshot"]
        assert result["msg"] == line
        assert result["ansible_facts"]["thousandeyes_snapshots"] == [result["snapshot"]]


def test_several_have_a_list(take: Take, sim: Simulator) -> None:
    for tests, line in (
        (["19955"], "1 snapshot: 1 created."),
        (["817", "19955", "Checkout"], "3 snapshots: 2 created, 1 existing."),
    ):
        result = take(tests=tests)
        assert sorted(result) == ["ansible_facts", "changed", "msg", "quota", "snapshots"]
        assert (len(result["snapshots"]), result["msg"]) == (len(tests), line)


def test_a_failure_has_what_exists(take: Take, sim: Simulator) -> None:
    """For a rescue, which must not look for what there is not."""
    assert "snapshot" not in take(test_id="404") and "snapshots" not in take(test_id="404")
    assert take(tests=["404"])["snapshots"] == []


@pytest.mark.parametrize("again", [False, True])
def test_what_is_not_as_private_as_asked_is_there(take: Take, sim: Simulator, again: bool) -> None:
    sim.settings(invert_is_public=True)
    for failed in [take(is_public=False) for _each in range(1 + again)]:
        assert failed["failure"]["code"] == "visibility_contradicted"
        assert failed["snapshot"]["visibility"] == "contradicted"
        assert failed["snapshot"]["link_id"] == sim.creations()[0]["link_id"]
    assert len(sim.creations()) == 1
