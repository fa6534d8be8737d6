# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a snapshot is: the request for one, its identity, and the record of one that exists."""

from __future__ import annotations

import hashlib
import json
import typing as t
from datetime import timedelta

from .links import belonging, link_id_of, link_to, own_test_of, share_url
from .visibility import UNKNOWN
from .windows import Window, iso, parse_instant

# "Snapshots created using this endpoint will expire after 30 days": contract v6 §4, v7 §4.
LIFETIME = timedelta(days=30)


class SnapshotRequest(t.NamedTuple):
    """One snapshot that should exist. ``test_name`` is only how the test was asked for, where it was by name."""

    api_host: str
    aid: str | None
    test_id: str
    display_name: str
    window: Window
    is_public: bool
    test_name: str | None = None

    @property
    def identity(self) -> str:
        """Equal for two requests exactly if they mean the same snapshot. 64 hexadecimal digits."""
        parts = [
            self.api_host,
            self.aid,
            self.test_id,
            self.display_name,
            iso(self.window.start),
            iso(self.window.end),
            self.is_public,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def test(self) -> str:
        """What people call the test, in messages: by its name where that was given."""
        return f"test {self.test_id}" if self.test_name is None else repr(self.test_name)

    def for_test(self, test_id: str) -> SnapshotRequest:
        return self._replace(test_id=test_id)


class SnapshotRecord(t.NamedTuple):
    """A snapshot as results, facts and the ledger show it: ids as strings, times as ISO 8601 UTC with Z.

    ``view_url`` opens the snapshot, ``app_url`` is what the API told of the test in the application.
    """

    display_name: str
    test_id: str
    test_name: str | None
    # "from" and "to" are Python's words
    start: str
    end: str
    hours: int
    is_public: bool
    aid: str | None
    api_host: str
    status: str
    link_id: str | None = None
    view_url: str | None = None
    app_url: str | None = None
    snapshot_test_id: str | None = None
    start_round_id: str | None = None
    end_round_id: str | None = None
    round_id: str | None = None
    share_date: str | None = None
    expires_at: str | None = None
    uid: str | None = None
    api_version: str | None = None
    view_url_source: str | None = None
    # A word of visibility.py; None where nothing was created.
    visibility: str | None = None

    @property
    def request(self) -> SnapshotRequest:
        """What it was asked for by. :raises InvalidRequest: a time in it is damaged."""
        window = Window(parse_instant(self.start, "from"), parse_instant(self.end, "to"))
        return SnapshotRequest(
            self.api_host, self.aid, self.test_id, self.display_name, window, self.is_public, self.test_name
        )

    @property
    def place(self) -> str:
        """What to find it by, for messages."""
        told = (
            f"{self.display_name!r} of test {self.test_id}",
            self.snapshot_test_id and f"own test {self.snapshot_test_id}",
            self.link_id and f"link id {self.link_id}",
            self.view_url or "no link is known",
        )
        return ", ".join(filter(None, told))

    def linked(self, view_url: str | None = None) -> SnapshotRecord:
        """With the link that opens it. ``view_url`` is what the API told for that, if it belongs to the API."""
        link = link_to(self, view_url)
        return self._replace(view_url=link.url, view_url_source=link.source)

    def to_dict(self) -> dict[str, t.Any]:
        fields = self._asdict()
        fields["from"] = fields.pop("start")
        fields["to"] = fields.pop("end")
        fields["linkId"] = self.link_id
        fields["viewUrl"] = self.view_url
        return fields

    @classmethod
    def from_dict(cls, fields: t.Mapping[str, t.Any]) -> SnapshotRecord:
        known: dict[str, t.Any] = {name: fields[name] for name in cls._fields if name in fields}
        if fields.get("status") != "planned":
            # An earlier version did not keep it.
            known.setdefault("visibility", UNKNOWN)
        record = cls(start=fields["from"], end=fields["to"], **known)
        return record if "view_url_source" in fields else _relinked(record)

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and parse_instant(self.expires_at, "expires_at").timestamp() <= now

    def as_known(self) -> SnapshotRecord:
        """As a later task finds it. That it was adopted remains to be told, since it has no link."""
        return self if self.status == "adopted" else self._replace(status="existing")


def planned(request: SnapshotRequest) -> SnapshotRecord:
    """The record of a snapshot that does not exist yet."""
    return SnapshotRecord(
        display_name=request.display_name,
        test_id=request.test_id,
        test_name=request.test_name,
        start=iso(request.window.start),
        end=iso(request.window.end),
        hours=request.window.hours,
        is_public=request.is_public,
        aid=request.aid,
        api_host=request.api_host,
        status="planned",
    )


def _relinked(record: SnapshotRecord) -> SnapshotRecord:
    """A record that an earlier version kept, with the link of this one. That one kept as told what it had built."""
    link_id = link_id_of(record.link_id)
    built = {record.app_url, share_url(link_id) if link_id and record.is_public else None}
    told_app_url = record.app_url if record.api_version == "v7" and record.status != "adopted" else None
    return record._replace(
        link_id=link_id,
        snapshot_test_id=own_test_of(record.snapshot_test_id, record.test_id),
        app_url=belonging(told_app_url, record.api_host),
    ).linked(None if record.view_url in built else belonging(record.view_url, record.api_host))
