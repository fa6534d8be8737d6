# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import (
    HOURS,
    iso,
    parse_instant,
    resolve_span,
    resolve_window,
)
from hypothesis import given
from hypothesis import strategies as st

UTC = timezone.utc
OCTOBER_6 = datetime(2018, 10, 6, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


def refused(start: str | None, end: str | None, hours: int | None) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as error:
        resolve_window(start, end, hours, NOW)
    return error.value


@pytest.mark.parametrize(
    "text",
    [
        "2018-10-06 00:00:00",
        "2018-10-06T00:00:00",
        "2018-10-06T00:00:00Z",
        "2018-10-06t00:00:00z",
        "2018-10-06 00:00:00 Z",
        "2018-10-06 00:00",
        "2018-10-06T00:00",
        "2018-10-06T00:00Z",
        "2018-10-06 02:00+02:00",
        "2018-10-05 18:30 -0530",
        "2018-10-06 00:00:00.999999",
        "2018-10-06T02:00:00+02:00",
        "2018-10-06T02:00:00+0200",
        "2018-10-05 18:30:00-05:30",
        " 2018-10-06 00:00:00 ",
        # How YAML's time stamps read as text
        str(datetime(2018, 10, 6)),
        str(datetime(2018, 10, 6, 2, tzinfo=timezone(timedelta(hours=2)))),
        datetime(2018, 10, 6).isoformat(),
    ],
)
def test_spellings_of_one_instant(text: str) -> None:
    assert parse_instant(text, "from") == OCTOBER_6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2018-10-06",
        "06.10.2018 00:00:00",
        "1538784000",
        "2018-10-06T00:00:00 Europe/Paris",
        "2018-10-06  00:00:00",
        "2018-10-06 24:00:00",
        "2018-10-06 00:60:00",
        "2018-10-06T00:00:00+25:00",
        "0001-01-01T00:00:00+01:00",
        "٢٠١٨-10-06 00:00:00",
        "2018-10-06 00:00.5",
        "2018-10-06 00",
        "2018-10-06 00:0",
        "2018-10-06T00:00:00Z\n2018-10-06T00:00:00Z",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidRequest, match="^from: ") as error:
        parse_instant(text, "from")
    assert error.value.message == (
        f"from: cannot read {text!r} as a time. Use 2026-11-27 15:00:00 (UTC) or 2026-11-27T15:00:00+02:00."
    )


@pytest.mark.parametrize(
    "text", ["2018-02-29 00:00:00", "2023-02-29T00:00:00", "2018-13-01 00:00:00", "0000-01-01 00:00"]
)
def test_a_day_that_there_is_not(text: str) -> None:
    with pytest.raises(
        InvalidRequest, match="^from: .* as a time, since there is no such day. Use 2026-11-27 15:00:00"
    ):
        parse_instant(text, "from")


def test_leap_day() -> None:
    window = resolve_window("2024-02-28 12:00:00", "2024-03-01 12:00:00", None, NOW)
    assert window.hours == 48


@given(
    start=st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 21), timezones=st.just(UTC)),
    hours=st.sampled_from(HOURS),
    offset=st.integers(-14 * 60, 14 * 60),
)
def test_every_way_to_write_a_window_means_the_same(start: datetime, hours: int, offset: int) -> None:
    start = start.replace(microsecond=0)
    end = start + timedelta(hours=hours)
    zone = timezone(timedelta(minutes=offset))
    expected = resolve_window(start.isoformat(), end.isoformat(), None, NOW)
    assert (expected.start, expected.end, expected.hours) == (start, end, hours)
    assert resolve_window(str(start.astimezone(zone)), str(end), None, NOW) == expected
    assert resolve_window(start.isoformat(), None, hours, NOW) == expected
    assert resolve_window(None, end.astimezone(zone).isoformat(), hours, NOW) == expected


@given(minutes=st.integers(-3000, 3000).filter(lambda minutes: minutes not in [60 * hours for hours in HOURS]))
def test_every_other_length_is_refused(minutes: int) -> None:
    end = OCTOBER_6 + timedelta(minutes=minutes)
    assert refused(OCTOBER_6.isoformat(), end.isoformat(), None).message.startswith("from, to: ")


def test_the_refusal_names_window_length_and_rule() -> None:
    message = refused("2018-10-06 00:00:00", "2018-10-06 03:00:00", None).message
    assert (
        "from 2018-10-06T00:00:00Z to 2018-10-06T03:00:00Z is 3 hours; the API takes 1, 2, 4, 6, 12, 24 or 48"
        in message
    )
    assert "1 hour 30 minutes" in refused("2018-10-06 00:00:00", "2018-10-06 01:30:00", None).message
    assert "96 hours" in refused("2018-10-06 00:00:00", "2018-10-10 00:00:00", None).message


def test_summer_time_ends_within_the_window() -> None:
    """On 2026-10-25, Berlin's clocks go back: from 0 to 3 o'clock are four hours there."""
    assert resolve_window("2026-10-25 00:00:00+02:00", "2026-10-25 03:00:00+01:00", None, NOW).hours == 4
    assert "3 hours" in refused("2026-10-25 00:00:00+02:00", "2026-10-25 03:00:00+02:00", None).message


def test_a_window_may_end_now_but_not_later() -> None:
    assert resolve_window(None, "2026-11-23 12:00:00", 1, NOW).hours == 1
    error = refused(None, "2026-11-23 12:00:01", 1)
    assert error.retry_at == "2026-11-23T12:00:01Z"
    assert error.message.startswith("to: ") and "2026-11-23T12:00:01Z on, or set window_wait." in error.message


def test_a_window_may_end_as_late_as_one_would_wait() -> None:
    assert resolve_window(None, "2026-11-23 12:01:00", 1, NOW, 60).hours == 1
    with pytest.raises(InvalidRequest) as error:
        resolve_window(None, "2026-11-23 12:01:01", 1, NOW, 60)
    told = "now is 2026-11-23T12:00:00Z. Run again from 2026-11-23T12:01:01Z on; window_wait is 60 seconds."
    assert told in error.value.message
    assert error.value.retry_at == "2026-11-23T12:01:01Z"


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (None, None, None),
        ("2018-10-06 00:00:00", None, None),
        (None, "2018-10-06 00:00:00", None),
        (None, None, 1),
        ("2018-10-06 00:00:00", "2018-10-06 01:00:00", 1),
    ],
)
def test_exactly_two_of_three(start: str | None, end: str | None, hours: int | None) -> None:
    assert "exactly two of from, to and hours" in refused(start, end, hours).message


def test_a_length_that_the_api_does_not_take() -> None:
    assert refused("2018-10-06 00:00:00", None, 3).message.startswith("hours: 3 ")


def test_the_calendar_ends() -> None:
    assert "calendar" in refused("9999-12-31 23:59:59", None, 48).message
    assert "calendar" in refused(None, "0001-01-01 00:00:00", 48).message


@pytest.mark.parametrize("offset", ["+01:75", "+0160", "-01:99", "+24:00", "+25:00"])
def test_offsets_that_there_are_not(offset: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot read"):
        parse_instant(f"2018-10-06T00:00:00{offset}", "from")


@pytest.mark.parametrize(
    "offset, hour", [("+01:59", "22:01"), ("+0545", "18:15"), ("-03:30", "03:30"), ("+14:00", "10:00")]
)
def test_offsets_that_there_are(offset: str, hour: str) -> None:
    assert f"T{hour}:00Z" in iso(parse_instant(f"2018-10-06T00:00:00{offset}", "from"))


@pytest.mark.parametrize(
    ("start", "end", "hours", "hint"),
    [
        (None, "2018-10-06 14:00:00", 1, True),
        (None, "2018-10-06 14:00:01", 1, False),
        (None, "2018-10-06 02:00:00Z", 1, False),
        (None, "2018-10-06 04:00:00+02:00", 1, False),
        ("2018-10-06T01:00:00", None, 1, True),
        ("2018-10-06T01:00:00Z", "2018-10-06 02:00:00", None, True),
        ("2018-10-06T01:00:00", "2018-10-06 02:00:00Z", None, False),
    ],
)
def test_who_wrote_local_time_is_told(start: str | None, end: str | None, hours: int | None, hint: bool) -> None:
    """It is midnight in UTC, and in some place it is 14 hours later."""
    with pytest.raises(InvalidRequest, match="is not over yet; now is 2018-10-06T00:00:00Z") as error:
        resolve_span(start, end, hours, 1538784000.0)
    assert ("give its offset, such as +02:00" in error.value.message) is hint
    # An option that snapshots have, and spans of results have not.
    assert "window_wait" not in error.value.message
