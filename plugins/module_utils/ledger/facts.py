# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger that is in the facts of a host: those of the task, which Ansible keeps, are all that outlives the task."""

from __future__ import annotations

import typing as t

from ..clock import Clock
from ..errors import InvalidRequest, LedgerUnavailable
from ..evidence import LONGEST
from ..snapshot import SnapshotRecord, SnapshotRequest
from ..windows import Window, parse_instant
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
                self._remember(SnapshotRecord.from_dict(fields))
            except (InvalidRequest, KeyError, TypeError, AttributeError, sqlite3.Error) as error:
                raise LedgerUnavailable(
                    "The fact thousandeyes_ledger of this host, or thousandeyes_snapshots where an earlier version has "
                    f"left it, has a record that is damaged, titled {fields.get('display_name')!r}. Nothing was "
                    "created. Set thousandeyes_ledger to a list without it, as by ansible.builtin.set_fact with "
                    "cacheable, or clear the facts of the host; what they do not tell will be created again."
                ) from error

    def close(self) -> None:
        self._database.close()

    def _remember(self, record: SnapshotRecord) -> None:
        if record.status == "planned":
            return
        # A number would be another identity than the text that it looks like.
        texts = (record.api_host, record.aid or "", record.test_id, record.display_name)
        if not all(isinstance(text, str) for text in texts) or not isinstance(record.is_public, bool):
            raise TypeError("something in it has the wrong type")
        window = Window(parse_instant(record.start, "from"), parse_instant(record.end, "to"))
        request = SnapshotRequest(
            record.api_host,
            record.aid,
            record.test_id,
            record.display_name,
            window,
            record.is_public,
            record.test_name,
        )
        record.expired(0)
        created_at = parse_instant(record.share_date or "", "share_date").timestamp()
        organization = self._organizations.get(record.api_host, record.api_host)
        attempt = self._intend(self._database, request, organization, _ME, created_at)
        self._settle(self._database, attempt, "created", None, record, at=created_at)

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
