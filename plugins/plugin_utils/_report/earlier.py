# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What earlier reports of the same change said, for the report that takes their place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.windows import iso, parse_instant
from .._verdict.verdicts import WEIGHT
from .document import Row

# A page has room for so many.
MOST = 10


def earlier_reports(old: bytes | None, new: Row) -> list[Row]:
    """Those whose place the new one takes, the latest first; of that one, the tests whose verdict differs.

    ``old``: the document that is there. What is none, or not whole, tells nothing.
    """
    try:
        was = json.loads(old) if old else {}
        before = [_row(each) for each in was.get("earlier", ())]
        return [{**_row(_in_short(was)), "differs": list(_differences(was["tests"], new["tests"]))}, *before][:MOST]
    except (AttributeError, InvalidRequest, KeyError, RecursionError, TypeError, ValueError):
        return []


def _in_short(was: Mapping[str, Any]) -> Row:
    change = was["change"]
    return {"at": was["made"]["at"], "verdict": was["verdict"], "start": change["start"], "end": change["end"]}


def _row(fields: Mapping[str, Any]) -> Row:
    if fields["verdict"] not in WEIGHT:
        raise ValueError(fields["verdict"])
    times = {name: iso(parse_instant(str(fields[name]), "earlier")) for name in ("at", "start", "end")}
    return {**times, "verdict": fields["verdict"], "differs": []}


def _differences(was: Sequence[Row], is_now: Sequence[Row]) -> list[Row]:
    verdicts = {(test["test_id"], test["test_name"]): test["verdict"] for test in was}
    rows = []
    for test in is_now:
        before = verdicts.get((test["test_id"], test["test_name"]))
        if before is not None and before not in WEIGHT:
            raise ValueError(before)
        if before != test["verdict"]:
            row = {name: test[name] for name in ("test_id", "test_name")}
            rows.append({**row, "was": before, "now": test["verdict"]})
    return rows
