# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The window before, after or around a change."""

from __future__ import annotations

import math
import typing as t
from datetime import datetime, timedelta

from .errors import InvalidRequest
from .windows import HOURS, Window, iso, legal_hours, parse_instant, resolve_window

# Which times of the change each kind of window needs.
NEEDS = {"before": ("start",), "after": ("end",), "covering": ("start", "end")}


def window_of_change(change: object, which: object, hours: object) -> dict[str, t.Any]:
    """The result of the filter C(window), from what a template gave it.

    :raises InvalidRequest: it is not a change, or has no such window.
    """
    if not isinstance(change, t.Mapping):
        raise InvalidRequest(f"{str(change)[:80]!r} is not a change. Give a mapping with start and end.")
    unknown = ", ".join(sorted(str(name) for name in change if name not in ("start", "end")))
    if unknown:
        raise InvalidRequest(f"{unknown}: a change has only start and end.")
    kind = str(which)
    if kind not in NEEDS:
        raise InvalidRequest(f"which: {kind!r} is not known; it is one of {', '.join(NEEDS)}.")
    length = legal_hours(hours)
    instants = {name: parse_instant(str(value), name) for name, value in change.items() if value is not None}
    missing = " and ".join(name for name in NEEDS[kind] if name not in instants)
    if missing:
        raise InvalidRequest(f"{missing}: not given, and needed for the window {kind!r}.")
    if len(instants) == 2 and instants["end"] < instants["start"]:
        raise InvalidRequest(
            f"end: the change ends at {iso(instants['end'])}, before its start {iso(instants['start'])}."
        )
    # Whether the window is over is for the module to check, when it is used.
    if kind == "before":
        window = resolve_window(None, iso(instants["start"]), length, math.inf)
    elif kind == "after":
        window = resolve_window(iso(instants["end"]), None, length, math.inf)
    else:
        window = _covering(instants["start"], instants["end"], length)
    padding = (instants["start"] - window.start) // timedelta(seconds=1) if kind == "covering" else 0
    return {
        "from": iso(window.start),
        "to": iso(window.end),
        "hours": window.hours,
        "padding": padding,
        "padding_before": padding,
        "padding_after": 0,
    }


def _covering(start: datetime, end: datetime, least: int) -> Window:
    """The shortest of at least so many hours that ends with the change and has all of it."""
    enough = [count for count in HOURS if count >= least and timedelta(hours=count) >= end - start]
    if not enough:
        raise InvalidRequest(
            f"start, end: the change from {iso(start)} to {iso(end)} is longer than the longest window, {HOURS[-1]} "
            "hours. Take one before and one after it."
        )
    return resolve_window(None, iso(end), enough[0], math.inf)
