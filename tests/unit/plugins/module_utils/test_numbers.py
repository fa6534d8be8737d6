# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How numbers are spelt."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.numbers import (
    amount,
    from_to,
    moved,
    number,
    signed_percent,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.001, "0"),
        (1.0, "1"),
        (1.254, "1.25"),
        (31.94, "31.9"),
        (528.4, "528"),
        (1121, "1,121"),
        (-3, "-3"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_amount() -> None:
    assert (amount(3.11, "percent"), amount(404, "ms"), amount(None, "ms")) == ("3.11 %", "404 ms", "\u2013")


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [(363.2, 528, "363 to 528 ms"), (100.1, 100.2, "100.1 to 100.2 ms"), (7, 7, "7 to 7 ms")],
)
def test_two_values_that_differ_look_different(before: float, after: float, text: str) -> None:
    assert from_to(before, after, "ms") == text


@pytest.mark.parametrize(
    ("difference", "percent", "unit", "text"),
    [
        (165, 45.4, "ms", "+45 %"),
        (165, None, "ms", "+165 ms"),
        (1.0, None, "percent", "+1 point"),
        (-1.5, 3.0, "percent", "-1.5 points"),
        (0.001, None, "percent", "0 points"),
    ],
)
def test_how_far_it_moved(difference: float, percent: Optional[float], unit: str, text: str) -> None:
    assert moved(difference, percent, unit) == text


@pytest.mark.parametrize(("value", "text"), [(0.04, "0 %"), (-0.62, "-0.6 %"), (5.94, "+5.9 %"), (1121, "+1,121 %")])
def test_percent(value: float, text: str) -> None:
    assert signed_percent(value) == text
