# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""index.html, from what is known of each change."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Template

from .._report import wording
from .cautions import some
from .entry import Entry
from .pages import environment
from .store import folder_of

# What an index is known by.
MARK = b'<meta name="generator" content="community.thousandeyes: index of reports">'
# Rows in one table. The browser draws those tables that are in sight.
_MOST_ROWS = 100
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# What can be chosen to be shown, beside the verdicts.
_CHOICES = {"not_ok": "not ok", "incomplete": "incomplete", "unfrozen": "no snapshot", "unsigned": "not signed"}
_FINE = ("ok", "improved")
_WORDS = ("VERDICT_SIGNS", "VERDICT_WORDS", "utc")


class Place(NamedTuple):
    """Where the report of a change is. ``page`` and ``later`` are paths as seen from the index.

    ``incomplete``: it is none, since reading failed. ``later``: what was read after the report, and is incomplete.
    ``signed``: a signature is there, whatever it is worth.
    """

    folder: str
    page: str
    incomplete: bool = False
    later: str | None = None
    signed: bool = False


class Listed(NamedTuple):
    place: Place
    entry: Entry

    @property
    def kinds(self) -> list[str]:
        """What the row is shown for."""
        verdict = "incomplete" if self.place.incomplete else self.entry.verdict
        others = {
            "not_ok": verdict not in _FINE,
            "unfrozen": not self.entry.snapshots,
            "unsigned": not self.place.signed,
        }
        return [verdict, *(kind for kind, holds in others.items() if holds)]


class _Table(NamedTuple):
    """``title``: the month in which the changes ended, and which part of it this is."""

    title: str
    rows: Sequence[Listed]
    kinds: Sequence[str]


def to_index(changes: Sequence[Listed], unread: Sequence[str]) -> str:
    """The page: self-contained, and the same for the same changes, in whatever order.

    ``unread``: folders of which it is not known what they hold.
    """
    rows = sorted(changes, key=lambda row: (row.entry.change_id, row.place.folder))
    rows.sort(key=lambda row: row.entry.end, reverse=True)
    made = [row.entry.made_at for row in rows if row.entry.made_at]
    page: str = _template().render(
        tables=list(_tables(rows)),
        total=len(rows),
        choices=list(_choices(rows)),
        latest=max(made, default=None),
        unread=some(sorted(unread)) if unread else None,
    )
    return page


def _tables(rows: Sequence[Listed]) -> Iterator[_Table]:
    for month, found in groupby(rows, key=lambda row: row.entry.end[:7]):
        changes = list(found)
        title = f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"
        for start in range(0, len(changes), _MOST_ROWS):
            part = changes[start : start + _MOST_ROWS]
            kinds = sorted({kind for row in part for kind in row.kinds})
            yield _Table(
                f"{title}, part {start // _MOST_ROWS + 1}" if len(changes) > _MOST_ROWS else title, part, kinds
            )


def _choices(rows: Sequence[Listed]) -> Iterator[tuple[str, str, int]]:
    """What some of the rows, and not all, are shown for: its kind, its name and how many."""
    counts = Counter(kind for row in rows for kind in row.kinds)
    names = {"not_ok": _CHOICES["not_ok"], **wording.VERDICT_WORDS, **_CHOICES}
    for kind, name in names.items():
        if 0 < counts[kind] < len(rows):
            yield kind, name, counts[kind]


@functools.lru_cache(maxsize=1)
def _template() -> Template:
    pages = environment()
    pages.globals.update({name: getattr(wording, name) for name in _WORDS}, tests_of=_tests_of, mark=MARK.decode())
    pages.filters["path"] = _url
    pages.tests["named_otherwise"] = _named_otherwise
    return pages.get_template("index.html.j2")


def _tests_of(entry: Entry) -> str:
    """How many tests have which verdict, the worst first."""
    names = {**wording.VERDICT_WORDS, "left_out": "left out"}
    return ", ".join(f"{entry.counts[kind]:,} {name}" for kind, name in names.items() if kind in entry.counts) or "none"


def _url(path: str) -> str:
    """The path as a relative URL. No part of it is taken for anything else, such as a scheme."""
    return quote(os.fsencode(path), safe="/")


def _named_otherwise(row: Listed) -> bool:
    """Whether the folder has another name than the id, such as that of a copy."""
    return row.place.folder not in (row.entry.change_id, folder_of("", row.entry.change_id).name)
