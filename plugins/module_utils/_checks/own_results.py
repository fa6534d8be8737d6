# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether the results of a snapshot can be read by the id of its own test."""

from __future__ import annotations

import typing as t

from .._api.results import read_results
from .._core.errors import Forbidden, NotFound, ThousandEyesError, UnexpectedResponse
from .._core.test_list import ListedTest
from .check import OK, UNKNOWN, WARNING, Check, Fact, Finding
from .explain import STOPPING
from .site import Made, Site

RESULTS = Fact(
    "own_results", "word", ("own-results",), ("rows", "no_rows", "not_found", "forbidden", "of_another_test", "refused")
)
_INSTEAD = "Reports read the results of the source test, so nothing depends on this."


def run(site: Site) -> t.Iterator[Finding]:
    made = t.cast(Made, site.made)
    own = made.record.snapshot_test_id
    layers = next((test.details().layers for test in _sources(site, made.record.test_id)), None)
    if own is None or not layers:
        what = "id of the snapshot's own test" if own is None else "layer of results of its source test"
        yield Finding("own_results", UNKNOWN, f"No {what} is known, so its results cannot be read.", _INSTEAD)
        return
    try:
        rows = sum(1 for _row in read_results(site.api, own, layers[0], made.record.request.window, site.aid))
    except STOPPING:
        raise
    except ThousandEyesError as error:
        yield _refused(error)
        return
    if rows:
        text = "The results of the snapshot can be read by the id of its own test."
        yield Finding("own_results", OK, text, "", ((RESULTS, "rows"),))
    else:
        text = "The snapshot's own test has no results in its window."
        yield Finding("own_results", WARNING, text, _INSTEAD, ((RESULTS, "no_rows"),))


def _sources(site: Site, test_id: str) -> t.Iterator[ListedTest]:
    return (test for test in site.tests or () if test.test_id == test_id)


def _refused(error: ThousandEyesError) -> Finding:
    word, why = "refused", error.message.rstrip(".")
    if isinstance(error, NotFound):
        word, why = "not_found", "there is none (404)"
    elif isinstance(error, Forbidden):
        word, why = "forbidden", "it is not permitted (403)"
    elif isinstance(error, UnexpectedResponse) and "results of test" in error.message:
        word = "of_another_test"
    text = f"The results of the snapshot cannot be read by the id of its own test: {why}."
    return Finding("own_results", WARNING, text, _INSTEAD, ((RESULTS, word),))


CHECK = Check("own_results", run, needs=("tests", "made"), facts=(RESULTS,))
