# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The ledger that is in the facts of a host: those of the task, which Ansible keeps, are all that outlives the task."""

from __future__ import annotations

import typing as t

from .._core.clock import Clock
from .._core.errors import InvalidRequest, LedgerUnavailable
from .._core.lost import LONGEST
from .._core.snapshot import SnapshotRecord
from .._core.visibility import CONTRADICTED
from .._core.windows import iso_of_epoch, parse_instant
from .sql import Database, SqlLedger
from .sqlite import in_memory

_ME = "this task"

_T = t.TypeVar("_T")


class FactsLedger(SqlLedger):
    """What the facts tell, and what this object is told."""

    _JOIN = "CROSS JOIN"

    def __init__(
        self, records: t.Iterable[t.Mapping[str, t.Any]], clock: Clock, organizations: t.Mapping[str, str]
    ) -> None:
        """``organizations``: whose quota that of an API host is. Without one, it is the host's own.

        :raises LedgerUnavailable: a record is damaged.
        :raises MissingLibrary: this Python has no SQLite.
        """
        super().__init__(clock)
        self._organizations = organizations
        self._database = in_memory()
        # Here, since the line above says it better where there is none.
        import sqlite3

        for fields in records:
            try:
                self._remember(SnapshotRecord.from_dict(fields), fields)
            except (InvalidRequest, KeyError, TypeError, AttributeError, sqlite3.Error) as error:
                raise LedgerUnavailable(
                    "The fact thousandeyes_ledger of this host, or thousandeyes_snapshots where an earlier version has "
                    f"left it, has a record that is damaged, titled {fields.get('display_name')!r}. Nothing was "
                    "created. Set thousandeyes_ledger to a list without it, as by ansible.builtin.set_fact with "
                    "cacheable, or clear the facts of the host; what they do not tell will be created again."
                ) from error

    def close(self) -> None:
        self._database.close()

    def with_notes(self, records: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
        """The records as the fact has them, with what the ledger knows beside them.

        C(list_looked_at) and C(list_shows_private): when and what the list of tests last told of private snapshots.
        C(visibility_accepted): a person has settled that the visibility of snapshots there is contradicted.
        """
        noted = []
        for fields in records:
            # An earlier version may have left it.
            record = {**SnapshotRecord.from_dict(fields).to_dict(), **fields}
            notes: dict[str, t.Any] = {}
            look = self._database.execute(
                "SELECT looked_at, shown FROM listing WHERE api_host = ? AND aid = ? AND api_version = ?",
                (record["api_host"], record["aid"] or "", record["api_version"]),
            ).fetchone()
            if look and not record["is_public"]:
                looked_at, shown = look
                notes["list_looked_at"] = iso_of_epoch(looked_at)
                notes["list_shows_private"] = None if shown is None else bool(shown)
            if record["visibility"] == CONTRADICTED and not record["is_public"]:
                notes["visibility_accepted"] = self.contradicted(record["api_host"]) is None
            noted.append({**record, **notes})
        return noted

    def _remember(self, record: SnapshotRecord, fields: t.Mapping[str, t.Any]) -> None:
        """``fields``: those of the fact, with the notes."""
        if record.status == "planned":
            return
        # A number would be another identity than the text that it looks like.
        texts = (record.api_host, record.aid or "", record.test_id, record.display_name)
        if not all(isinstance(text, str) for text in texts) or not isinstance(record.is_public, bool):
            raise TypeError("something in it has the wrong type")
        request = record.request
        # Raises where its end cannot be read.
        record.expired(0)
        created_at = parse_instant(record.share_date or "", "share_date").timestamp()
        organization = self._organizations.get(record.api_host, record.api_host)
        attempt = self._intend(self._database, request, organization, _ME, created_at)
        self._settle(self._database, attempt, "created", None, record, at=created_at)
        self._remember_notes(record, fields, attempt, created_at)

    def _remember_notes(
        self, record: SnapshotRecord, fields: t.Mapping[str, t.Any], attempt: int, created_at: float
    ) -> None:
        """What ``with_notes`` has added."""
        shown = fields.get("list_shows_private")
        if fields.get("list_looked_at"):
            self._database.execute(
                "INSERT INTO listing (api_host, aid, api_version, looked_at, shown) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (api_host, aid, api_version) DO UPDATE SET looked_at = excluded.looked_at,"
                " shown = excluded.shown WHERE listing.looked_at < excluded.looked_at",
                (
                    record.api_host,
                    record.aid or "",
                    record.api_version,
                    parse_instant(fields["list_looked_at"], "list_looked_at").timestamp(),
                    shown if isinstance(shown, bool) else None,
                ),
            )
        if record.visibility == CONTRADICTED and not record.is_public:
            accepted_at = created_at if fields.get("visibility_accepted") is True else None
            self._database.execute(
                "INSERT INTO api (host, contradicted_by, accepted_at) VALUES (?, ?, ?)"
                " ON CONFLICT (host) DO UPDATE SET contradicted_by = excluded.contradicted_by,"
                " accepted_at = coalesce(api.accepted_at, excluded.accepted_at)",
                (record.api_host, attempt, accepted_at),
            )

    def _read(self, work: t.Callable[[Database], _T], nothing: _T) -> _T:
        return work(self._database)

    def _write(self, work: t.Callable[[Database], _T], keeping: bool = False) -> _T:
        return work(self._database)

    def _me(self, database: Database) -> str:
        return _ME

    def _lives(self, database: Database, owner: str) -> bool:
        return True

    def _latest_end(self, started_at: float) -> float:
        return started_at + LONGEST

    def _inserted(self, cursor: t.Any) -> int:
        return t.cast(int, cursor.lastrowid)
