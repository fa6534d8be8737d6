# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the index tells of a change: read from its report, or from what an earlier index kept of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.windows import iso, parse_instant
from .wording import VERDICTS

# A page of thousands of changes has no room for more of a name or a description.
_LONGEST = 200
# What reading something that is no report, or none that this version knows, ends with.
NO_REPORT = (AttributeError, InvalidRequest, KeyError, RecursionError, TypeError, ValueError)


class Entry(NamedTuple):
    """A change by its report. Times are ISO 8601 in UTC, None where they are not known.

    ``counts``: tests by verdict, without those of which there are none, and C(left_out). ``snapshots``: how many are
    there, of which the first and the last were made ``frozen_from`` and ``frozen_to``, and the first expires at
    ``frozen_until``.
    """

    change_id: str
    verdict: str
    end: str
    made_at: str | None
    about: str | None
    counts: Mapping[str, int]
    snapshots: int
    frozen_from: str | None
    frozen_to: str | None
    frozen_until: str | None


def entry_of(document: Any) -> Entry:
    """From an evidence document, of any version so far. One made by hand needs no more than id, end and verdict.

    :raises NO_REPORT: it is none.
    """
    rows = [*(document.get("other_snapshots") or [])]
    for test in document.get("tests") or []:
        rows += test.get("snapshots") or []
    created = [row for row in rows if row.get("state") == "created"]
    made = sorted(_time(row["share_date"]) for row in created if row.get("share_date"))
    expiring = [_time(row["expires_at"]) for row in created if row.get("expires_at")]
    fields = {
        "change_id": document["change"]["id"],
        "verdict": document["verdict"],
        "end": document["change"]["end"],
        "made_at": (document.get("made") or {}).get("at"),
        "about": (document.get("about") or {}).get("description"),
        "counts": document.get("counts") or {},
        "snapshots": len(created),
        "frozen_from": made[0] if made else None,
        "frozen_to": made[-1] if made else None,
        "frozen_until": min(expiring, default=None),
    }
    return entry_from(fields)


def entry_from(fields: Any) -> Entry:
    """From the fields of an entry, wherever they come from.

    :raises NO_REPORT: they are none.
    """
    verdict, counts = fields["verdict"], fields["counts"]
    if verdict not in VERDICTS:
        raise ValueError(verdict)
    return Entry(
        change_id=_text(fields["change_id"]),
        verdict=verdict,
        end=_time(fields["end"]),
        made_at=_perhaps(_time, fields["made_at"]),
        about=_perhaps(_text, fields["about"]),
        counts={name: _count(counts[name]) for name in (*VERDICTS, "left_out") if counts.get(name)},
        snapshots=_count(fields["snapshots"]),
        frozen_from=_perhaps(_time, fields["frozen_from"]),
        frozen_to=_perhaps(_time, fields["frozen_to"]),
        frozen_until=_perhaps(_time, fields["frozen_until"]),
    )


def _perhaps(read: Any, value: Any) -> Any:
    return None if value is None or value == "" else read(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _time(value: Any) -> str:
    return iso(parse_instant(_text(value), "time"))


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1_000_000_000:
        raise TypeError(value)
    return value
