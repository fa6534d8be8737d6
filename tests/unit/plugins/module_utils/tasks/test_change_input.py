# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest, ReportUnsigned
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import change_input
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from support.ssh_keys import new_key

KNOWN = ["change_evidence_tests", "change_evidence_tag", "change_evidence_hours", "change_evidence_latency_percent"]
CHANGE = {"start": "2018-10-06 00:30", "end": "2018-10-06 02:00"}


@pytest.fixture
def check(context: Context) -> t.Callable[..., dict[str, t.Any]]:
    def check(**options: t.Any) -> dict[str, t.Any]:
        others = dict.fromkeys(("actual_start", "actual_end", "rollback_start", "rollback_end"))
        params = {**CHANGE, **others, "hours": 1, "windows": ["before"], "given": [], "known": KNOWN, "sign_key": None}
        return change_input.run({**params, **options}, context)

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


def bounds(window: dict[str, t.Any]) -> tuple[str, str]:
    return window["from"], window["to"]


def test_times_as_planned_are_those_that_count(check: t.Callable[..., dict[str, t.Any]]) -> None:
    found = check(windows=["before", "after"])
    assert found["change"] == {**CHANGE, "planned_start": None, "planned_end": None}
    assert (found["episodes"], found["before_moved"]) == ([], False)


def test_actual_times_go_before_planned_ones(check: t.Callable[..., dict[str, t.Any]]) -> None:
    found = check(
        actual_start="2018-10-06 00:45", actual_end="2018-10-06 03:00", windows=["before", "after", "covering"], hours=1
    )
    assert found["change"] == {
        "start": "2018-10-06 00:45",
        "end": "2018-10-06 03:00",
        "planned_start": CHANGE["start"],
        "planned_end": CHANGE["end"],
    }
    # What was kept before stays what it is.
    assert bounds(found["windows"]["before"]) == ("2018-10-05T23:30:00Z", "2018-10-06T00:30:00Z")
    assert bounds(found["windows"]["after"]) == ("2018-10-06T03:00:00Z", "2018-10-06T04:00:00Z")
    assert bounds(found["windows"]["covering"]) == ("2018-10-05T23:00:00Z", "2018-10-06T03:00:00Z")


@pytest.mark.parametrize(
    ("actual", "moved", "ends"),
    [
        ("2018-10-06 00:29:59", True, "2018-10-06T00:29:59Z"),
        ("2018-10-06 00:30", False, "2018-10-06T00:30:00Z"),
        ("2018-10-06 01:30", False, "2018-10-06T00:30:00Z"),
        ("2018-10-06 01:30:01", True, "2018-10-06T01:30:01Z"),
    ],
)
def test_the_window_before_moves_only_if_it_must(
    check: t.Callable[..., dict[str, t.Any]], actual: str, moved: bool, ends: str
) -> None:
    found = check(actual_start=actual)
    assert (found["before_moved"], found["windows"]["before"]["to"]) == (moved, ends)


def test_a_rollback_has_a_window_of_its_own(check: t.Callable[..., dict[str, t.Any]]) -> None:
    rollback = {"rollback_start": "2018-10-06 02:25", "rollback_end": "2018-10-06 02:30"}
    found = check(**rollback, windows=["before", "after", "covering"])
    assert bounds(found["windows"]["before"]) == ("2018-10-05T23:30:00Z", "2018-10-06T00:30:00Z")
    assert bounds(found["windows"]["after"]) == ("2018-10-06T02:30:00Z", "2018-10-06T03:30:00Z")
    assert bounds(found["windows"]["covering"]) == ("2018-10-06T00:30:00Z", "2018-10-06T02:30:00Z")
    assert found["change"]["end"] == rollback["rollback_end"]
    change, rolled_back = found["episodes"]
    assert (change["name"], change["end"]) == ("change", CHANGE["end"])
    assert bounds(change["after"]) == ("2018-10-06T02:00:00Z", "2018-10-06T02:25:00Z")
    assert (rolled_back["name"], rolled_back["end"]) == ("rollback", rollback["rollback_end"])
    assert bounds(rolled_back["after"]) == bounds(found["windows"]["after"])


@pytest.mark.parametrize(
    ("rollback", "until"),
    [
        ({"rollback_end": "2018-10-06 02:30"}, "2018-10-06T02:30:00Z"),
        # The window of the change is over by then.
        ({"rollback_end": "2018-10-06 09:00"}, "2018-10-06T03:00:00Z"),
        ({"rollback_start": "2018-10-06 02:00", "rollback_end": "2018-10-06 02:30"}, None),
    ],
)
def test_what_is_judged_of_a_change_that_was_rolled_back(
    check: t.Callable[..., dict[str, t.Any]], rollback: dict[str, str], until: str | None
) -> None:
    after = check(**rollback)["episodes"][0]["after"]
    assert (after["to"] if after else None) == until


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rollback_start": "2018-10-06 02:25"}, "^rollback_end: not given"),
        ({"end": None, "rollback_end": "2018-10-06 02:25"}, "^end: not given"),
        (
            {"rollback_end": "2018-10-06 01:59"},
            "^rollback_end: 2018-10-06T01:59:00Z is before end, 2018-10-06T02:00:00Z",
        ),
        (
            {"rollback_start": "2018-10-06 01:59", "rollback_end": "2018-10-06 03:00"},
            "^rollback_start: .* is before end",
        ),
        ({"rollback_start": "2018-10-06 03:01", "rollback_end": "2018-10-06 03:00"}, "is before rollback_start, "),
        ({"actual_end": "2018-10-06 00:29"}, "^actual_end: 2018-10-06T00:29:00Z is before start, "),
        ({"actual_start": "yesterday"}, "^actual_start: cannot read 'yesterday' as a time"),
        ({"actual_start": "2018-10-06 02:01"}, "^end: the change ends at"),
    ],
)
def test_times_that_make_no_sense(check: t.Callable[..., dict[str, t.Any]], options: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        check(**options)


def test_the_key_is_tried(check: t.Callable[..., dict[str, t.Any]], tmp_path: Path) -> None:
    key = new_key(tmp_path)
    assert check(sign_key=str(key)) == check()
    key.chmod(0o644)
    with pytest.raises(ReportUnsigned, match="chmod 600"):
        check(sign_key=str(key))
