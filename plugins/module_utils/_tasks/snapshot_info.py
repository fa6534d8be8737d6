# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(snapshot_info) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import contextlib
import typing as t

from .._core.connection import Connection
from .._core.errors import InvalidRequest
from .._core.links import private_link
from .._core.names import check_id, pattern_of
from .._core.snapshot import SnapshotRecord, planned
from .._core.test_list import ListedTest
from .._core.windows import iso_of_epoch, parse_instant
from .._ledger.interface import Entry, Known, Unknown
from .._options import ACCOUNT_GROUP, CONNECTION, LEDGER
from .context import Context
from .open_ledger import ledger_of

SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    # Reading the ledger needs none.
    "api_token": {**CONNECTION["api_token"], "required": False},
    **ACCOUNT_GROUP,
    **LEDGER,
    "display_name": {"type": "str", "aliases": ["displayName"]},
    "display_name_regex": {"type": "str"},
    "test_id": {"type": "str", "aliases": ["testId"]},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "is_public": {"type": "bool", "aliases": ["isPublic"]},
    "expired": {"type": "bool"},
    "expires_within": {"type": "int"},
    "state": {"type": "list", "elements": "str", "choices": ["created", "unknown", "in_flight"]},
    "saved_events": {"type": "bool", "default": False},
}

_DAY = 86400
Row = t.Dict[str, t.Any]


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: nothing was read."""
    wanted = _filter(params, context.clock.now())
    if params["saved_events"] and params["api_token"] is None:
        raise InvalidRequest("saved_events: reading the test list needs api_token.")
    ledger = ledger_of(params["ledger"], context)
    with contextlib.closing(ledger):
        rows = [_row_of(entry, context.clock.now()) for entry in ledger.history()]
    if params["saved_events"]:
        rows = _with_saved_events(rows, _listed(params, context), params)
    return {"changed": False, "snapshots": [row for row in rows if wanted(row)]}


def _listed(params: t.Mapping[str, t.Any], context: Context) -> list[ListedTest]:
    # Here, since this imports an HTTP library.
    from .connected import connected

    with connected(params, context) as (api, aid):
        return api.list_tests(aid).tests


def _row_of(entry: Entry, now: float) -> Row:
    known = entry.state.record if isinstance(entry.state, Known) else None
    lost = entry.state.lost if isinstance(entry.state, Unknown) else None
    fields = (known or planned(entry.request)).to_dict()
    return {
        **fields,
        "status": fields["status"] if known else None,
        "state": "created" if known else "unknown" if lost else "in_flight",
        "expired": known.expired(now) if known else None,
        "requested_at": iso_of_epoch(lost.started_at) if lost else None,
        "detail": lost.detail if lost else None,
        "superseded": entry.superseded,
        "made_by": entry.made_by,
        "in_ledger": True,
        "listed": None,
    }


def _with_saved_events(rows: list[Row], tests: t.Iterable[ListedTest], params: t.Mapping[str, t.Any]) -> list[Row]:
    """Adds what only the test list knows, and to the others whether that list has them where it should."""
    host, aid = Connection.from_params(params).host, params["aid"]
    events = {test.test_id: test for test in tests if test.saved_event}
    for row in rows:
        if row["api_host"] != host or row["snapshot_test_id"] is None:
            continue
        # Whatever was asked for: the account group may be a default, and the visibility may be the other one.
        if events.pop(row["snapshot_test_id"], None) is not None:
            row["listed"] = True
        elif row["aid"] == aid and not row["is_public"]:
            row["listed"] = False
    return [*rows, *(_row_of_event(event, host, aid) for event in events.values())]


def _row_of_event(event: ListedTest, host: str, aid: str | None) -> Row:
    # The list does not have the window, so the link cannot select a round.
    link = private_link(event.test_id, aid)
    return {
        # The list does not have these.
        **dict.fromkeys({*SnapshotRecord._fields, "from", "to", "linkId"} - {"start", "end"}),
        "display_name": event.test_name,
        "snapshot_test_id": event.test_id,
        "view_url": link.url,
        "viewUrl": link.url,
        "view_url_source": link.source,
        "share_date": event.to_dict()["created_date"],
        "is_public": False,
        "api_host": host,
        "aid": aid,
        "state": "created",
        "expired": None,
        "requested_at": None,
        "detail": None,
        "superseded": False,
        "made_by": {},
        "in_ledger": False,
        "listed": True,
    }


def _filter(params: t.Mapping[str, t.Any], now: float) -> t.Callable[[Row], bool]:
    """:raises InvalidRequest: an option breaks a rule."""
    pattern = pattern_of(params["display_name_regex"], "display_name_regex")
    first, last = (
        parse_instant(params[option], option) if params[option] is not None else None for option in ("from", "to")
    )
    same = {
        "display_name": params["display_name"],
        "test_id": check_id(params["test_id"], "test_id") if params["test_id"] is not None else None,
        "is_public": params["is_public"],
        "expired": params["expired"],
    }
    days = params["expires_within"]
    if days is not None and days < 0:
        raise InvalidRequest(f"expires_within: {days} is less than no days.")

    def wanted(row: Row) -> bool:
        return (
            all(value is None or row[name] == value for name, value in same.items())
            and pattern.search(row["display_name"]) is not None
            and (not params["state"] or row["state"] in params["state"])
            # A row without a window overlaps none.
            and (first is None or (row["to"] is not None and parse_instant(row["to"], "to") > first))
            and (last is None or (row["from"] is not None and parse_instant(row["from"], "from") < last))
            and (days is None or (row["expired"] is False and _seconds_left(row, now) <= days * _DAY))
        )

    return wanted


def _seconds_left(row: Row, now: float) -> float:
    expires_at = row["expires_at"]
    return float("inf") if expires_at is None else parse_instant(expires_at, "expires_at").timestamp() - now
