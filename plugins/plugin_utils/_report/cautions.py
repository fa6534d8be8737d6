# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a reader of the report must know: its warnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...module_utils._core.metrics import LAYERS
from ...module_utils._core.visibility import CONTRADICTED
from ...module_utils._core.windows import iso_of_epoch, parse_instant
from .._change.change import Change
from .._verdict.verdicts import NO_DATA
from .document import Row
from .snapshots import Snapshots

# The vendor keeps page-load results for 30 days, and others for 90: contract v6 §7. v7 does not say.
_KEPT_DAYS = 30
# Types of tests whose own results this collection does not read, only those of the layers below.
_NOT_READ = ("api", "ftp-server", "sip-server", "voice", "web-transactions")
# The share of measurements that must be missing before people are told.
_MANY = 0.2


def warnings_of(
    rows: Sequence[Row], snapshots: Snapshots, change: Change, review: float | None, now: float
) -> Iterator[str]:
    """``rows``: the tests with their snapshots. ``review``: when somebody will look at these, in epoch seconds."""
    asked = [link for row in rows for link in row["snapshots"]]
    links = [link for link in asked if link["state"] == "created"]
    for state, what in (("gone", "Not there any more"), ("disabled", "Disabled")):
        names = [_named(row) for row in rows if row["state"] == state]
        if names:
            yield f"{what}: {some(names)}."
    for row in rows:
        for warning in (*row["warnings"], *_many_missing(row)):
            yield f"{_named(row)}: {warning}"
    yield from _read_in_part(rows)
    for phase in change.windows:
        yield from _lacking(rows, snapshots, change, phase)
    if len(links) < len(asked):
        yield f"It is not known whether {len(asked) - len(links)} more snapshots exist, which were asked for."
    for names in _with_one_link(rows):
        yield f"{len(names)} snapshots have one link, which opens one of them at most: {some(names)}."
    if snapshots.not_shown:
        yield f"Links that do not belong to the API, and so are not shown: {snapshots.not_shown}."
    expired = [link for link in links if link["expired"]]
    if expired:
        yield f"{len(expired)} of {len(links)} snapshots have expired. The measurements in the report remain."
    yield from _shared(links)
    if review is not None:
        yield from _early(links, review)
    days = (now - change.windows["before"].start.timestamp()) / 86400
    if days > _KEPT_DAYS:
        yield (
            f"The window before the change begins {days:.0f} days ago. The vendor keeps results for 90 days, and those "
            "of page loads for 30."
        )


def some(names: Sequence[str], between: str = ", ") -> str:
    """The first five, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return between.join(names[:5]) + more


def _many_missing(row: Row) -> Iterator[str]:
    """Layers of which much was not measured, by the metric that lacks least: a lost round has no response time."""
    if row["verdict"] == NO_DATA:
        return
    for layer in row["layers"]:
        parts = []
        for side in ("before", "after"):
            sides = [metric[side] for metric in layer["metrics"] if metric["left_out"] is None]
            lacks, due = min(((each["missing"], each["missing"] + each["count"]) for each in sides), default=(0, 0))
            if lacks > due * _MANY:
                parts.append(f"{lacks} of {due} {side}")
        if parts:
            yield f"{LAYERS[layer['layer']].title} measurements are missing: {' and '.join(parts)}."


def _read_in_part(rows: Sequence[Row]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["type"] in _NOT_READ and row["layers"]:
            layers = " and ".join(LAYERS[layer["layer"]].title for layer in row["layers"])
            found.setdefault(layers, []).append(f"{_named(row)}, {row['type']}")
    for layers, names in found.items():
        yield f"Compared by {layers} only, since the results of these types are not read: {some(names, '; ')}."


def _lacking(rows: Sequence[Row], snapshots: Snapshots, change: Change, phase: str) -> Iterator[str]:
    """Tests without a snapshot of a window, and snapshots that belong to a test nobody knows."""
    there = {(row["test_id"], link["phase"]) for row in rows for link in row["snapshots"] if link["state"] == "created"}
    lacking = sum((row["test_id"], phase) not in there | snapshots.planned for row in rows)
    if lacking:
        yield f"{lacking} of {len(rows)} tests have no known snapshot of the window {phase}."
    unknown = sum(other["phase"] == phase for other in snapshots.others)
    if unknown > lacking:
        yield (
            f"Saved events titled {change.change_id} {phase} whose test the API does not name: {unknown}. "
            "Look at them under Other snapshots: somebody else may have used this change id, or "
            f"{unknown - lacking} may be of tests that are gone and not in this report."
        )


def _with_one_link(rows: Sequence[Row]) -> Iterator[list[str]]:
    """The windows, each with its test, that have a link in common."""
    windows: dict[str, dict[str, None]] = {}
    for row in rows:
        for link in row["snapshots"]:
            windows.setdefault(link["view_url"], {})[f"{link['phase']} of {_named(row)}"] = None
    return (list(names) for url, names in windows.items() if url and len(names) > 1)


def _shared(links: Sequence[Row]) -> Iterator[str]:
    """Snapshots that others can view, or may be able to."""
    public = [link for link in links if link["is_public"]]
    if public:
        yield f"{len(public)} of {len(links)} snapshots are share links, which anyone who has the link can view."
    contradicted = [link for link in links if link["visibility"] == CONTRADICTED]
    if contradicted:
        open_to_all = [link for link in contradicted if not link["is_public"]]
        yield (
            f"The API says of {len(contradicted)} of {len(links)} snapshots that they have another visibility than was "
            f"asked for. {len(open_to_all)} of these were to be private: ANYONE WITH THE LINK MAY BE ABLE TO VIEW THEM."
        )


def _early(links: Sequence[Row], review: float) -> Iterator[str]:
    """Snapshots that expire before the review."""
    early = [
        link["expires_at"]
        for link in links
        if link["expires_at"] and parse_instant(link["expires_at"], "expires_at").timestamp() < review
    ]
    if early:
        yield (
            f"{len(early)} of {len(links)} snapshots expire before the review on {iso_of_epoch(review)}, "
            f"the first on {min(early)}."
        )


def _named(row: Row) -> str:
    return f"{row['test_name'] or 'test'} ({row['test_id']})" if row["test_id"] else str(row["test_name"])
