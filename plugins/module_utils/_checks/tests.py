# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether the list of tests can be read, and what its rows tell."""

from __future__ import annotations

import typing as t

from .._api.shapes import json_of, shape_of
from .._core.errors import ThousandEyesError
from .check import OK, WARNING, Check, Fact, Finding
from .explain import STOPPING, explained
from .site import Site

ROW = Fact("test_row", "shape", ("v6-groups",))
PERMISSION = "View tests"


def run(site: Site) -> t.Iterator[Finding]:
    try:
        listing = site.api.list_tests(site.aid)
    except STOPPING:
        raise
    except ThousandEyesError as error:
        site.lacking["tests"] = "the list of tests cannot be read"
        yield explained(error, "tests", "list of tests", PERMISSION)
        return
    site.tests = listing.tests
    saved = sum(test.saved_event for test in listing.tests)
    learned = ((ROW, _row(site)),) if listing.tests and site.api.version == "v6" else ()
    if not listing.is_whole:
        yield Finding(
            "tests",
            WARNING,
            "The list of tests goes on, on another page, which is not documented, and only its first page was read.",
            "Tell the project: this collection reads one page only.",
            learned,
        )
    elif len(listing.tests) == saved:
        yield Finding(
            "tests",
            WARNING,
            f"The list of tests can be read, but has no test that runs, in {site.group}.",
            "Check aid, and that the token's user sees the tests of that account group.",
            learned,
        )
    else:
        count = len(listing.tests) - saved
        counts = f"tests, {count}; saved events, {saved}"
        yield Finding("tests", OK, f"The list of tests can be read: {counts}.", "", learned)


def _row(site: Site) -> t.Any:
    body = json_of(site.answer.content) if site.answer else None
    rows = next((value for value in body.values() if isinstance(value, list)), []) if isinstance(body, dict) else []
    return next(iter(shape_of(rows)), {})


CHECK = Check("tests", run, needs=("group_is_right",), facts=(ROW,))
