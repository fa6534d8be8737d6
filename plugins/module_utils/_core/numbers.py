# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How numbers are spelt for people, the same in messages, reports and pages."""

from __future__ import annotations

_NOTHING = "\u2013"
_MOST_DECIMALS = 4


def number(value: float) -> str:
    """The number with as many decimals as one would say: ``528``, ``31.9``, ``1.25``, ``1,121``."""
    size = abs(value)
    return _spelt(value, 0 if size >= 100 else 1 if size >= 10 else 2)


def amount(value: float | None, unit: str) -> str:
    """``unit``: C(percent) or C(ms), as metrics have it."""
    return _NOTHING if value is None else f"{number(value)} {_unit(unit)}"


def from_to(before: float, after: float, unit: str) -> str:
    """``363 to 528 ms``, with so many decimals that two different values look different."""
    one, other = number(before), number(after)
    decimals = 1
    while one == other and before != after and decimals <= _MOST_DECIMALS:
        one, other = _spelt(before, decimals), _spelt(after, decimals)
        decimals += 1
    return f"{one} to {other} {_unit(unit)}"


def moved(difference: float, percent: float | None, unit: str) -> str:
    """How far something moved, as one would say it: a time in percent if it can be, a share in points."""
    if percent is not None and unit != "percent":
        return signed_percent(percent)
    text = _signed(number(difference))
    points = "point" if text[1:] == "1" else "points"
    return f"{text} {points if unit == 'percent' else _unit(unit)}"


def signed_percent(value: float) -> str:
    return f"{_signed(_spelt(value, 0 if abs(value) >= 10 else 1))} %"


def _signed(text: str) -> str:
    return text if text.startswith("-") or text == "0" else f"+{text}"


def _unit(unit: str) -> str:
    return "%" if unit == "percent" else unit


def _spelt(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
