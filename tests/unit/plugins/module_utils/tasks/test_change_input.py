# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import change_input
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context

KNOWN = ["change_evidence_tests", "change_evidence_tag", "change_evidence_hours", "change_evidence_latency_percent"]
CHANGE = {"start": "2018-10-06 00:30", "end": "2018-10-06 02:00"}


@pytest.fixture
def check(context: Context) -> t.Callable[..., dict[str, t.Any]]:
    def check(**options: t.Any) -> dict[str, t.Any]:
        params = {**CHANGE, "hours": 1, "windows": ["before"], "given": [], "known": KNOWN, **options}
        return change_input.run(params, context)

    return check


def test_the_windows(check: t.Callable[..., dict[str, t.Any]]) -> None:
    found = check(windows=["before", "after", "covering"], hours=4)
    assert found["changed"] is False
    assert {which: (window["from"], window["to"]) for which, window in found["windows"].items()} == {
        "before": ("2018-10-05T20:30:00Z", "2018-10-06T00:30:00Z"),
        "after": ("2018-10-06T02:00:00Z", "2018-10-06T06:00:00Z"),
        "covering": ("2018-10-06T00:00:00Z", "2018-10-06T02:00:00Z"),
    }
    assert check(end=None)["windows"].keys() == {"before"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("change_evidence_test", ", did you mean change_evidence_tests?"),
        ("change_evidence_latency_pct", ", did you mean change_evidence_latency_percent?"),
        ("change_evidence_Hours", ", did you mean change_evidence_hours?"),
        # What all names begin with makes none of them close.
        ("change_evidence_xyz", "."),
        ("change_evidence_", "."),
    ],
)
def test_a_name_that_is_not_known(check: t.Callable[..., dict[str, t.Any]], given: str, says: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        check(given=[*KNOWN, given])
    advice = "Correct the name, or begin one of your own in another way. Nothing was created."
    assert error.value.message == f"Unknown variable {given}{says} {advice}"


def test_names_that_are_known(check: t.Callable[..., dict[str, t.Any]]) -> None:
    assert check(given=KNOWN)["windows"]


def test_backwards(check: t.Callable[..., dict[str, t.Any]]) -> None:
    with pytest.raises(InvalidRequest, match="^end: the change ends at 2018-10-06T00:29:00Z, before its start"):
        check(end="2018-10-06 00:29")
