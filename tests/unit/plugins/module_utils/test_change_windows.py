# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.change_windows import NEEDS, window_of_change
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import (
    HOURS,
    Window,
    iso,
    resolve_window,
)
from hypothesis import given
from hypothesis import strategies as st

UTC = timezone.utc
HOUR = timedelta(hours=1)
CHANGE = {"start": "2018-10-06 00:30:00", "end": "2018-10-06 02:00:00"}

kinds = st.sampled_from(sorted(NEEDS))
lengths = st.sampled_from(HOURS)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@st.composite
def changes(draw: st.DrawFn) -> tuple[datetime, datetime]:
    start = draw(st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
    near_a_length = st.builds(lambda count, seconds: 3600 * count + seconds, lengths, st.integers(-2, 2))
    lasted = draw(st.one_of(st.integers(0, 48 * 3600), near_a_length.filter(lambda seconds: seconds <= 48 * 3600)))
    start = start.replace(microsecond=0)
    return start, start + timedelta(seconds=lasted)


def legal(result: dict[str, t.Any]) -> Window:
    """As the module understands it, once the window is over."""
    end = datetime.fromisoformat(result["to"].replace("Z", "+00:00"))
    window = resolve_window(result["from"], result["to"], None, end.timestamp())
    assert window.hours == result["hours"]
    return window


def refused(change: object, which: object = "covering", hours: object = 1) -> str:
    with pytest.raises(InvalidRequest) as error:
        window_of_change(change, which, hours)
    return error.value.message


@given(changes(), lengths)
def test_covering_is_the_smallest_window_around_the_change(change: tuple[datetime, datetime], hours: int) -> None:
    start, end = change
    result = window_of_change({"start": iso(start), "end": iso(end)}, "covering", hours)
    window = legal(result)
    assert window.start <= start and window.end == end
    assert not [count for count in HOURS if hours <= count < window.hours and count * HOUR >= end - start]
    assert window.hours >= hours
    assert result["padding_before"] == (start - window.start).total_seconds()
    assert result["padding_after"] == (window.end - end).total_seconds()
    assert result["padding"] == result["padding_before"] + result["padding_after"]
    assert timedelta(seconds=result["padding"]) == window.hours * HOUR - (end - start)


@given(changes(), lengths)
def test_before_and_after_touch_the_change(change: tuple[datetime, datetime], hours: int) -> None:
    start, end = change
    before = window_of_change({"start": iso(start), "end": iso(end)}, "before", hours)
    after = window_of_change({"start": iso(start), "end": iso(end)}, "after", hours)
    assert legal(before) == Window(start - hours * HOUR, start)
    assert legal(after) == Window(end, end + hours * HOUR)
    for result in (before, after):
        assert (result["padding"], result["padding_before"], result["padding_after"]) == (0, 0, 0)


@given(changes(), kinds, lengths, offsets, offsets)
def test_however_the_change_is_written(
    change: tuple[datetime, datetime], which: str, hours: int, there: timezone, elsewhere: timezone
) -> None:
    start, end = change
    expected = window_of_change({"start": iso(start), "end": iso(end)}, which, hours)
    start, end = start.astimezone(there), end.astimezone(elsewhere)
    assert window_of_change({"start": start, "end": end}, which, hours) == expected
    assert window_of_change({"start": start.isoformat(), "end": str(end)}, which, str(hours)) == expected
    needed = {name: time for name, time in (("start", start), ("end", end)) if name in NEEDS[which]}
    assert window_of_change(needed, which, hours) == expected
    assert window_of_change({"start": None, "end": None, **needed}, which, hours) == expected


def test_the_hours_are_the_least_for_covering() -> None:
    assert window_of_change(CHANGE, "covering", 1) == {
        "from": "2018-10-06T00:00:00Z",
        "to": "2018-10-06T02:00:00Z",
        "hours": 2,
        "padding": 1800,
        "padding_before": 1800,
        "padding_after": 0,
    }
    assert window_of_change(CHANGE, "covering", 6)["padding"] == 16200


def test_an_instant_is_a_change() -> None:
    instant = {"start": "2018-10-06 01:00:00", "end": "2018-10-06 03:00:00+02:00"}
    assert window_of_change(instant, "covering", 1)["from"] == "2018-10-06T00:00:00Z"
    assert window_of_change(instant, "covering", 1)["padding"] == 3600


@pytest.mark.parametrize("which", sorted(NEEDS))
def test_the_clock_does_not_matter(which: str) -> None:
    change = {"start": "2999-10-06 01:00:00", "end": "2999-10-06 02:00:00"}
    assert window_of_change(change, which, 1)["from"].startswith("2999-10-06T")


def test_the_longest_change() -> None:
    change = {"start": "2018-10-06 00:00:00", "end": "2018-10-08 00:00:00"}
    assert window_of_change(change, "covering", 1)["padding"] == 0
    change["end"] = "2018-10-08 00:00:01"
    assert "to 2018-10-08T00:00:01Z is longer than the longest window, 48 hours" in refused(change)
    for which in ("before", "after"):
        assert window_of_change(change, which, 1)["hours"] == 1


@pytest.mark.parametrize("which", sorted(NEEDS))
def test_backwards(which: str) -> None:
    change = {"start": "2018-10-06 00:30:00", "end": "2018-10-06 02:29:59+02:00"}
    assert refused(change, which).startswith("end: the change ends at 2018-10-06T00:29:59Z, before its start")


@pytest.mark.parametrize("hours", [0, 3, 96, -1, True, None, "", "1h", "01", 1.5, [1]])
def test_other_lengths(hours: object) -> None:
    assert refused(CHANGE, hours=hours) == f"hours: {hours} is not a length that the API takes; " + (
        "it takes 1, 2, 4, 6, 12, 24 or 48."
    )


@pytest.mark.parametrize("which", ["", "Before", "during", None, ["before"]])
def test_other_kinds(which: object) -> None:
    assert refused(CHANGE, which) == f"which: {str(which)!r} is not known; it is one of before, after, covering."


@pytest.mark.parametrize("change", [None, "", "2018-10-06 00:30:00", 7, ["start", "end"], [("start", 0)]])
def test_no_change(change: object) -> None:
    assert refused(change) == f"{str(change)!r} is not a change. Give a mapping with start and end."


def test_the_message_on_a_long_text_is_not_long() -> None:
    assert len(refused("x" * 10_000)) < 200


def test_what_a_change_does_not_have() -> None:
    assert refused({**CHANGE, "to": "", 7: ""}) == "7, to: a change has only start and end."


@pytest.mark.parametrize(("which", "needed"), sorted(NEEDS.items()))
def test_what_is_missing(which: str, needed: tuple[str, ...]) -> None:
    others = {name: time for name, time in CHANGE.items() if name not in needed}
    assert refused(others, which).startswith(" and ".join(needed) + ": not given, and needed")
    if which == "covering":
        assert refused({"start": CHANGE["start"]}, which).startswith("end: not given")


@pytest.mark.parametrize("time", ["", "now", "2018-10-06", 1538784000, True, ["2018-10-06 00:30:00"]])
@pytest.mark.parametrize("name", ["start", "end"])
def test_what_is_no_time(name: str, time: object) -> None:
    for which in NEEDS:
        assert refused({**CHANGE, name: time}, which).startswith(f"{name}: cannot read {str(time)!r} as a time")


def test_the_calendar_ends() -> None:
    assert "calendar" in refused({"end": "9999-12-31 23:30:00"}, "after")
    assert "calendar" in refused({"start": "0001-01-01 00:30:00"}, "before")
    assert "calendar" in refused({"start": "0001-01-01 00:10:00", "end": "0001-01-01 00:20:00"})
