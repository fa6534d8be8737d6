# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether the results of a test can be read: those of the last full hour of one that runs."""

from __future__ import annotations

import typing as t

from .._api.results import read_results
from .._core.errors import ThousandEyesError
from .._core.test_list import ListedTest
from .check import OK, UNKNOWN, WARNING, Check, Finding
from .explain import STOPPING, explained
from .hours import last_full_hour
from .site import Site

PERMISSION = "View tests"


def run(site: Site) -> t.Iterator[Finding]:
    test = _example(site, site.tests or [])
    layers = test.details().layers if test else None
    if test is None or not layers:
        yield Finding("results", UNKNOWN, "No test runs whose results this collection can read, so none were read.")
        return
    window = last_full_hour(site.clock.now(), site.server_now())
    try:
        rows = sum(1 for _row in read_results(site.api, test.test_id, layers[0], window, site.aid))
    except STOPPING:
        raise
    except ThousandEyesError as error:
        yield explained(error, "results", f"result of test {test.test_id}", PERMISSION)
        return
    if rows:
        yield Finding(
            "results",
            OK,
            f"Results of tests can be read: there are {rows} of test {test.test_id} in the last full hour.",
        )
    else:
        yield Finding(
            "results",
            WARNING,
            f"Results can be read, but there are none of test {test.test_id} in the last full hour.",
            "Check in the web application whether that test runs.",
        )


def _example(site: Site, tests: t.Sequence[ListedTest]) -> ListedTest | None:
    """The test that was asked for, if any, or the first one that runs and has results that can be read."""
    asked = site.asked.snapshot_test
    wanted = [test for test in tests if asked in (test.test_id, test.test_name) and not test.saved_event]
    running = [test for test in tests if test.enabled and not test.saved_event and test.details().layers]
    return next(iter(wanted or running), None)


CHECK = Check("results", run, needs=("group_is_right", "tests"))
