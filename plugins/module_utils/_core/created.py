# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How a snapshot becomes known: by the answer to its creation, in the list of tests, or by a person."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta

from .snapshot import LIFETIME, SnapshotRecord, SnapshotRequest, planned
from .visibility import CONFIRMED, UNKNOWN, visibility_of
from .windows import iso, iso_of_epoch, parse_instant

# How far an answer may be from the request and from the server's clock before that is told.
_NEAR = timedelta(hours=1)
_SAME_DAY = timedelta(days=1)


class CreatedSnapshot(t.NamedTuple):
    """What the API told of a snapshot it created, the same for both versions. Times are as in records.

    ``status`` is that of the answer, where it is not the documented one, 201.
    ``not_shown``: the fields of links that the API told and that do not belong to it.
    """

    api_version: str
    link_id: str | None
    view_url: str | None
    app_url: str | None
    snapshot_test_id: str | None
    start_round_id: str | None
    end_round_id: str | None
    round_id: str | None
    share_date: str | None
    uid: str | None
    saved_event: bool | None = None
    display_name: str | None = None
    status: int | None = None
    not_shown: tuple[str, ...] = ()


def created(request: SnapshotRequest, answer: CreatedSnapshot, server_now: float, now: float) -> SnapshotRecord:
    """The record of a snapshot just created.

    ``server_now`` and ``now`` are epoch seconds by the server's clock, as far as known, and by ours. One of them stands
    in for a share date that is missing or of another day than both.
    """
    share_date = (
        answer.share_date if _shared_today(answer, server_now, now) else iso_of_epoch(_nearest(server_now, now))
    )
    return (
        planned(request)
        ._replace(
            status="created",
            link_id=answer.link_id,
            app_url=answer.app_url,
            snapshot_test_id=answer.snapshot_test_id,
            start_round_id=answer.start_round_id,
            end_round_id=answer.end_round_id,
            round_id=answer.round_id,
            share_date=share_date,
            expires_at=iso(parse_instant(share_date or "", "share_date") + LIFETIME),
            uid=answer.uid,
            api_version=answer.api_version,
            visibility=visibility_of(request.is_public, answer.saved_event),
        )
        .linked(answer.view_url)
    )


def differences(request: SnapshotRequest, answer: CreatedSnapshot, server_now: float, now: float) -> list[str]:
    """Where the answer to a creation differs from request or documents, but for the visibility. Not sentences yet."""
    found = []
    if answer.status is not None:
        found.append(f"the status is {answer.status}, not 201")
    if answer.display_name is not None and answer.display_name != request.display_name:
        found.append(f"the title is {answer.display_name!r}, not {request.display_name!r}")
    for name, round_id, asked in (
        ("first", answer.start_round_id, request.window.start),
        ("last", answer.end_round_id, request.window.end),
    ):
        if round_id is not None and not _is_near(round_id, asked):
            found.append(f"the {name} round is {round_id[:20]}, not about {asked.timestamp():.0f} ({iso(asked)})")
    if answer.share_date is not None and not _shared_today(answer, server_now, now):
        counts = iso_of_epoch(_nearest(server_now, now))
        found.append(f"the share date is {answer.share_date}, so {counts}, the time now, is taken for it")
    return found


def _is_near(round_id: str, asked: datetime) -> bool:
    return re.fullmatch("[0-9]{1,18}", round_id) is not None and (
        abs(int(round_id) - asked.timestamp()) < _NEAR.total_seconds()
    )


def _nearest(server_now: float, now: float) -> float:
    """A clock that is more than a day away is no help, whichever of the two is wrong."""
    return server_now if abs(server_now - now) <= _SAME_DAY.total_seconds() else now


def _shared_today(answer: CreatedSnapshot, server_now: float, now: float) -> bool:
    """Whether the answer tells a share date that is no more than a day away, by one of the clocks."""
    if answer.share_date is None:
        return False
    shared_at = parse_instant(answer.share_date, "share_date").timestamp()
    return min(abs(shared_at - server_now), abs(shared_at - now)) <= _SAME_DAY.total_seconds()


def adopted(request: SnapshotRequest, test_id: str, created_at: float, api_version: str) -> SnapshotRecord:
    """The record of a saved event that a lost attempt created. The test list has no link to it."""
    return (
        planned(request)
        ._replace(
            status="adopted",
            snapshot_test_id=test_id,
            share_date=iso_of_epoch(created_at),
            expires_at=iso_of_epoch(created_at + LIFETIME.total_seconds()),
            api_version=api_version,
            # The list shows it as a saved event.
            visibility=CONFIRMED,
        )
        .linked()
    )


def seen(request: SnapshotRequest, link_id: str | None, requested_at: float) -> SnapshotRecord:
    """The record of a snapshot that a person found where a lost attempt may have created it."""
    return (
        planned(request)
        ._replace(
            status="adopted",
            link_id=link_id,
            share_date=iso_of_epoch(requested_at),
            expires_at=iso_of_epoch(requested_at + LIFETIME.total_seconds()),
            visibility=UNKNOWN,
        )
        .linked()
    )
