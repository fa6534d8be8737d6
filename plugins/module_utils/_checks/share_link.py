# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""A share link, where one was asked for explicitly: whether it is made, and where the share host shows it."""

from __future__ import annotations

import typing as t

from .._core.errors import Unauthorized
from .._core.snapshot import SnapshotRecord
from .._core.visibility import CONTRADICTED
from .check import OK, WARNING, Check, Finding
from .site import Made, Site
from .snapshot import CHECK as SNAPSHOT
from .snapshot import earlier_of, made_at, new_request, planned, refused


def run(site: Site) -> t.Iterator[Finding]:
    if not site.asked.share_link:
        return
    earlier = earlier_of(site, is_public=True)
    if isinstance(earlier, SnapshotRecord):
        site.shared = Made(earlier, None, made_at(earlier, site.clock.now()))
        yield Finding("share_link", OK, f"The share link of an earlier check is there: {earlier.place}.")
        return
    request = earlier or new_request(site, is_public=True)
    if site.check_mode:
        site.created = True
        yield planned(site, "share_link", request, "a share link, which anyone who knows it can view", 1)
        return
    site.tell(f"making a share link of test {request.test_id}, which anyone who knows it can view for 30 days")
    outcome, answer = site.take(request)
    if isinstance(outcome, SnapshotRecord):
        site.shared = Made(outcome, answer, site.clock.now())
        yield _made(outcome)
    elif isinstance(outcome, Unauthorized):
        raise outcome
    else:
        yield refused(site, "share_link", outcome, answer, request)


def _made(record: SnapshotRecord) -> Finding:
    if record.visibility == CONTRADICTED:
        text = f"What was asked for as a share link is a saved event, by the API's answer: {record.place}."
        return Finding("share_link", WARNING, text, "See what is said of the private one.")
    return Finding("share_link", OK, f"The share link is made: {record.place}.")


CHECK = Check("share_link", run, needs=("made",), facts=SNAPSHOT.facts)
