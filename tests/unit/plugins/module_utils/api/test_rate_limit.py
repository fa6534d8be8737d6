# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from email.utils import formatdate

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.rate_limit import (
    Left,
    left_by,
    rate_limit_of,
    retry_after_of,
    told_not_before,
)

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, NOW + 120),
        ({"Retry-After": "0.5"}, NOW + 0.5),
        ({"Retry-After": formatdate(NOW + 90, usegmt=True)}, NOW + 90),
        ({"Retry-After": formatdate(NOW - 90, usegmt=True)}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "90000"}, NOW + 90000),
        ({"Retry-After": "2678401"}, None),
        ({"X-Organization-Rate-Limit-Reset": str(int(NOW) * 1000)}, None),
        ({"Retry-After": "0"}, None),
        ({"X-Organization-Rate-Limit-Reset": str(int(NOW) + 45)}, NOW + 45),
        ({"X-Organization-Rate-Limit-Reset": "10"}, NOW + 10),
        ({"X-Organization-Rate-Limit-Reset": str(int(NOW) - 45)}, None),
        ({"X-Organization-Rate-Limit-Reset": ""}, None),
        ({"X-Organization-Rate-Limit-Reset": "45", "X-Organization-Rate-Limit-Remaining": "0"}, NOW + 45),
        ({"X-Organization-Rate-Limit-Reset": "45", "X-Organization-Rate-Limit-Remaining": "239"}, None),
        ({"Retry-After": "30", "X-Organization-Rate-Limit-Reset": str(int(NOW) + 45)}, NOW + 45),
        ({"Retry-After": "60", "X-Organization-Rate-Limit-Reset": str(int(NOW) + 45)}, NOW + 60),
    ],
)
def test_what_a_429_tells(headers: dict[str, str], expected: float | None) -> None:
    assert told_not_before(headers, NOW) == expected


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        ("0", Left(0, NOW + 45)),
        ("17", Left(17, NOW + 45)),
        ("-1", None),
        ("many", None),
        ("1" * 5000, None),
        (None, None),
    ],
)
def test_what_another_answer_tells(remaining: str | None, expected: Left | None) -> None:
    headers = {"X-Organization-Rate-Limit-Reset": "45", "Retry-After": "90"}
    if remaining is not None:
        headers["X-Organization-Rate-Limit-Remaining"] = remaining
    assert left_by(headers, NOW) == expected
    assert left_by({"X-Organization-Rate-Limit-Remaining": "0"}, NOW) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ("none", None)),
        ("30", ("seconds", 30)),
        ("0", ("past", None)),
        (str(int(NOW) + 45), ("epoch", 45)),
        (str(int(NOW) - 45), ("past", None)),
        (str(int(NOW) + 40 * 86400), ("unclear", None)),
        (formatdate(NOW + 45, usegmt=True), ("date", 45)),
        (formatdate(NOW - 45, usegmt=True), ("past", None)),
        ("soon", ("unclear", None)),
        ("", ("unclear", None)),
        ("1.5", ("seconds", 1.5)),
    ],
)
def test_how_an_answer_tells_a_time(text: str | None, expected: tuple[str, float | None]) -> None:
    assert retry_after_of({} if text is None else {"Retry-After": text}, NOW) == expected
    headers = {} if text is None else {"X-Organization-Rate-Limit-Reset": text}
    assert rate_limit_of(headers, NOW) == (None, None, *expected)


def test_what_an_answer_tells_of_the_limit() -> None:
    headers = {"X-Organization-Rate-Limit-Limit": "240", "X-Organization-Rate-Limit-Remaining": " 7 "}
    assert rate_limit_of(headers, NOW) == (240, 7, "none", None)
    assert rate_limit_of({name: "many" for name in headers}, NOW)[:2] == (None, None)
