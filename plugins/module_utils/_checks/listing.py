# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether the list of tests shows a private snapshot, as what, under which name, and since when."""

from __future__ import annotations

import typing as t

from .._core.errors import ThousandEyesError
from .._core.names import composed
from .._core.test_list import ListedTest
from .._core.windows import left
from .._ledger.interface import Ledger
from .check import FAILED, OK, UNKNOWN, WARNING, Check, Fact, Finding
from .explain import STOPPING, explained
from .site import Made, Site
from .tests import PERMISSION

LISTED = Fact("listed", "word", ("listing", "is-public"), ("saved_event", "test", "no_flag", "not_listed"))
BY = Fact("listed_by", "seconds", ("listing-delay",))
NOT_YET = Fact("not_listed_at", "seconds", ("listing-delay",))
NAME = Fact("listed_name", "word", ("saved-event-name",), ("title", "source", "both", "other"))
KEPT = Fact("kept_past_30_days", "yes_no", ("private-expiry",))
# Seconds after its creation at which a snapshot is looked for.
LOOKS = (0.0, 5.0, 15.0, 30.0, 60.0, 120.0)
_NAMES = {
    "title": "under its title",
    "source": "under the name of its source test",
    "both": "under its title, which is the name of its source test, too",
    "other": "under a name that is neither its title nor that of its source test",
}


class Looked(t.NamedTuple):
    """How old the snapshot was (seconds) at the look that showed it, and at the last one that did not, or -1.

    ``is_news``: whether that tells how soon it is listed.
    """

    at: float
    not_yet: float
    is_news: bool


def run(site: Site) -> t.Iterator[Finding]:
    made = t.cast(Made, site.made)
    if made.record.snapshot_test_id is None:
        yield Finding(
            "listing",
            UNKNOWN,
            "The answer told no id of the snapshot's own test, so it cannot be found in the list of tests.",
            f"Look for {made.record.display_name!r} in the web application, under Manage > Sharing.",
        )
        return
    try:
        row, first, last = _look(site, made)
    except STOPPING:
        raise
    except ThousandEyesError as error:
        yield explained(error, "listing", "list of tests", PERMISSION)
        return
    site.listed = row
    is_news = made.answer is not None or not _is_known(site, made)
    _keep(site, made, row)
    yield _found(site, made, row, Looked(first, last, is_news))
    if made.record.expired(site.clock.now()):
        yield Finding(
            "expiry",
            OK,
            "The private snapshot is there after more than 30 days, so private ones do not expire then.",
            learned=((KEPT, True),),
        )


def _look(site: Site, made: Made) -> tuple[ListedTest | None, float, float]:
    """The row, with its age at the look that found it, and at the last one that did not, or -1."""
    not_yet = -1.0
    age = max(0.0, site.clock.now() - made.since)
    for due in (age, *(look for look in LOOKS if look > age)):
        age = max(0.0, site.clock.now() - made.since)
        if due > age:
            site.tell(f"looking for the snapshot in the list of tests again in {left(due - age)}")
            site.clock.sleep(due - age)
            age = due
        for test in site.api.list_tests(site.aid).tests:
            if test.test_id == made.record.snapshot_test_id:
                return test, age, not_yet
        not_yet = age
    return None, age, not_yet


def _keep(site: Site, made: Made, row: ListedTest | None) -> None:
    """What recovery of a lost request needs to know of the list."""
    if not site.check_mode:
        ledger = t.cast(Ledger, site.ledger)
        shown = row is not None and row.saved_event
        ledger.looked(made.record.request, made.record.api_version or site.api.version, shown)


def _is_known(site: Site, made: Made) -> bool:
    """Whether an earlier look has shown private snapshots, so that this one says nothing of the delay."""
    look = t.cast(Ledger, site.ledger).last_look(made.record.request, made.record.api_version or site.api.version)
    return look is not None and look.shown is True


def _found(site: Site, made: Made, row: ListedTest | None, looked: Looked) -> Finding:
    at, not_yet, _is_news = looked
    if row is None:
        learned: tuple[tuple[Fact, t.Any], ...] = ((LISTED, "not_listed"), (NOT_YET, round(not_yet)))
        return Finding(
            "listing",
            FAILED if made.record.visibility != "contradicted" else WARNING,
            f"The list of tests does not show the snapshot, {left(not_yet)} after it was made.",
            "Run this again in an hour, which makes nothing anew, to see whether it is listed late. If it is not, a "
            "person must look in the web application, under Manage > Sharing, whenever the answer to a creation is "
            "lost.",
            learned,
        )
    kind = {True: "saved_event", False: "test", None: "no_flag"}[row.told_saved_event]
    name = _name_of(site, made, row)
    learned = ((LISTED, kind), (NAME, name), *_since(looked))
    since = f"at the latest {left(at)} after it was made"
    since += f", and not yet after {left(not_yet)}" if not_yet >= 0 else ""
    as_what = {
        "saved_event": "as a saved event",
        "test": "as a test that is no saved event",
        "no_flag": "without saying whether it is a saved event",
    }
    text = f"The list of tests shows the snapshot {as_what[kind]}, {_NAMES[name]}, {since}."
    do = "Tell the project: it cannot be found there after a lost answer." if kind == "no_flag" else ""
    if kind == "test":
        do = "See what is said of its visibility."
    return Finding("listing", OK if kind == "saved_event" and name != "other" else WARNING, text, do, learned)


def _since(looked: Looked) -> tuple[tuple[Fact, t.Any], ...]:
    if not looked.is_news:
        return ()
    return ((BY, round(looked.at)), *(((NOT_YET, round(looked.not_yet)),) if looked.not_yet >= 0 else ()))


def _name_of(site: Site, made: Made, row: ListedTest) -> str:
    sources = [test.test_name for test in site.tests or () if test.test_id == made.record.test_id]
    is_title = composed(row.test_name) == composed(made.record.display_name)
    is_source = row.test_name in sources
    return {(True, True): "both", (True, False): "title", (False, True): "source"}.get((is_title, is_source), "other")


CHECK = Check("listing", run, needs=("tests", "made"), facts=(LISTED, BY, NOT_YET, NAME, KEPT))
