# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Who can view a snapshot, as far as that is known: what the API takes isPublic for is inferred (contract v7 §4)."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .snapshot import SnapshotRecord

# The answer, or the list of tests, says that it is what was asked for.
CONFIRMED = "confirmed"
# Another private snapshot on the same API host was what was asked for, in the same version of the API.
INFERRED = "inferred"
# The answer, or the list of tests, says that it is the opposite of what was asked for.
CONTRADICTED = "contradicted"
UNKNOWN = "unknown"


def visibility_of(is_public: bool, saved_event: bool | None) -> str:
    """``saved_event``: what the API says; a private snapshot is one, a share link is none."""
    if saved_event is None:
        return UNKNOWN
    return CONTRADICTED if saved_event is is_public else CONFIRMED


def contradiction(record: SnapshotRecord) -> str:
    """What a person must know of a snapshot whose visibility is contradicted."""
    asked, got = ("A share link", "a saved event") if record.is_public else ("A private snapshot", "no saved event")
    risk = "" if record.is_public else " ANYONE WITH THE LINK MAY BE ABLE TO VIEW IT."
    return (
        f"{asked} was requested, but the API says that it created {got}: {record.place}.{risk} Check its "
        "visibility in the web application."
    )


def stopped_by(record: SnapshotRecord, kept: bool) -> str:
    """Why nothing private is sent to that API host any more, and what to do. ``kept``: later tasks will know."""
    rest = (
        f"Until somebody has done so, no private snapshot is created at {record.api_host}. Then run a task with "
        "visibility=accept once."
        if kept
        else "The ledger does not keep this, so later tasks do not know of it: run none that creates private "
        f"snapshots at {record.api_host} until somebody has done so."
    )
    return (
        f"{contradiction(record)} {rest} See the documentation of the option visibility for what to do if this API "
        "takes is_public the other way round."
    )
