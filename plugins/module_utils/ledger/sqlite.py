# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger in an SQLite file: one row per snapshot identity and one per POST. All SQL is here."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
import typing as t
import urllib.parse

from ..clock import Clock
from ..errors import LedgerUnavailable
from ..quota import Quota
from ..snapshot import SnapshotRecord, SnapshotRequest
from ..windows import iso
from .interface import Full, Granted, InFlight, Known, Unknown
from .owners import Owner

# "TEsl" in ASCII, in the file's header: another program's database is not taken for a ledger.
_APPLICATION_ID = 0x5445736C
_SCHEMA_VERSION = 1
_LOCK_TIMEOUT = 60.0
_ENDED = "the process that sent it ended before it had the answer"

# The state of a snapshot is that of its latest attempt that was not refused.
_SCHEMA = """
CREATE TABLE snapshot (
    identity TEXT PRIMARY KEY,
    api_host TEXT NOT NULL,
    aid TEXT NOT NULL,
    test_id TEXT NOT NULL,
    test_name TEXT,
    display_name TEXT NOT NULL,
    from_time TEXT NOT NULL,
    to_time TEXT NOT NULL,
    is_public INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX snapshot_by_title ON snapshot (display_name, test_name);
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL REFERENCES snapshot (identity),
    organization TEXT NOT NULL,
    owner TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('in_flight', 'created', 'refused', 'unknown')),
    started_at REAL NOT NULL,
    settled_at REAL,
    detail TEXT,
    record TEXT
);
CREATE INDEX attempt_by_identity ON attempt (identity);
CREATE INDEX attempt_by_time ON attempt (organization, settled_at);
CREATE INDEX attempt_in_flight ON attempt (organization) WHERE outcome = 'in_flight';
"""


class SqliteLedger:
    """Safe for many processes of one machine. The file is made by the first claim, with mode 0600."""

    def __init__(self, path: str, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._owner = Owner(path + ".owners")
        self._database: sqlite3.Connection | None = None

    def find(self, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        with self._reading() as database:
            return self._state(database, request) if database else None

    def find_test(self, request: SnapshotRequest) -> str | None:
        with self._reading() as database:
            rows = (
                []
                if database is None
                else database.execute(
                    "SELECT test_id FROM snapshot WHERE display_name = ? AND test_name = ? AND api_host = ? AND aid = ?"
                    " AND from_time = ? AND to_time = ? AND is_public = ?",
                    (
                        request.display_name,
                        request.test_name,
                        request.api_host,
                        request.aid or "",
                        iso(request.window.start),
                        iso(request.window.end),
                        request.is_public,
                    ),
                ).fetchall()
            )
        return rows[0][0] if len(rows) == 1 else None

    def used(self, quota: Quota) -> list[float]:
        with self._reading() as database:
            return self._used(database, quota) if database else []

    def claim(
        self, request: SnapshotRequest, quota: Quota, *, force: bool, retry_unknown: bool
    ) -> Known | InFlight | Unknown | Full | Granted:
        with self._writing() as database:
            self._settle_dead(database)
            state = self._state(database, request)
            passable = (Known, Unknown) if force else (Unknown,) if retry_unknown else ()
            if state is not None and not isinstance(state, passable):
                return state
            now = self._clock.now()
            free_at = quota.next_at(self._used(database, quota), now)
            if free_at > now:
                return Full(free_at)
            database.execute(
                "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (identity) DO UPDATE SET test_name = coalesce(excluded.test_name, test_name)",
                (
                    request.identity,
                    request.api_host,
                    request.aid or "",
                    request.test_id,
                    request.test_name,
                    request.display_name,
                    iso(request.window.start),
                    iso(request.window.end),
                    request.is_public,
                ),
            )
            cursor = database.execute(
                "INSERT INTO attempt (identity, organization, owner, outcome, started_at) VALUES (?, ?, ?, ?, ?)",
                (request.identity, quota.organization, self._owner.name(), "in_flight", now),
            )
            return Granted(t.cast(int, cursor.lastrowid))

    def created(self, attempt: int, record: SnapshotRecord) -> None:
        self._settle(attempt, "created", None, json.dumps(record.to_dict()))

    def refused(self, attempt: int, detail: str) -> None:
        self._settle(attempt, "refused", detail)

    def lost(self, attempt: int, detail: str) -> None:
        self._settle(attempt, "unknown", detail)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        self._owner.close()

    def _settle(self, attempt: int, outcome: str, detail: str | None, record: str | None = None) -> None:
        with self._writing() as database:
            database.execute(
                "UPDATE attempt SET outcome = ?, settled_at = ?, detail = ?, record = ? WHERE id = ?",
                (outcome, self._clock.now(), detail, record, attempt),
            )

    def _settle_dead(self, database: sqlite3.Connection) -> None:
        """What a process left in flight when it ended is unknown from now on."""
        for attempt, owner in database.execute("SELECT id, owner FROM attempt WHERE outcome = 'in_flight'").fetchall():
            if not self._owner.lives(owner):
                database.execute(
                    "UPDATE attempt SET outcome = 'unknown', settled_at = ?, detail = ? WHERE id = ?",
                    (self._clock.now(), _ENDED, attempt),
                )
                self._owner.forget(owner)

    def _state(self, database: sqlite3.Connection, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        row = database.execute(
            "SELECT outcome, started_at, owner, detail, record FROM attempt"
            " WHERE identity = ? AND outcome != 'refused' ORDER BY id DESC LIMIT 1",
            (request.identity,),
        ).fetchone()
        if row is None:
            return None
        outcome, started_at, owner, detail, record = row
        if outcome == "created":
            found = SnapshotRecord.from_dict(json.loads(record))
            return None if found.expired(self._clock.now()) else Known(found.with_status("existing"))
        if outcome == "in_flight" and self._owner.lives(owner):
            return InFlight()
        return Unknown(started_at, detail or _ENDED)

    def _used(self, database: sqlite3.Connection, quota: Quota) -> list[float]:
        """An attempt under way counts as of now, since the server may count it as late as that."""
        now = self._clock.now()
        settled = database.execute(
            "SELECT settled_at FROM attempt WHERE organization = ? AND settled_at > ? AND outcome != 'refused'",
            (quota.organization, now - quota.window),
        ).fetchall()
        in_flight = database.execute(
            "SELECT count(*) FROM attempt WHERE organization = ? AND outcome = 'in_flight'", (quota.organization,)
        ).fetchone()[0]
        return [at for (at,) in settled] + [now] * in_flight

    @contextlib.contextmanager
    def _reading(self) -> t.Iterator[sqlite3.Connection | None]:
        """None where there is no ledger yet."""
        with self._explained("read"):
            if self._database is None and not os.path.exists(self._path):
                yield None
            else:
                yield self._open()

    @contextlib.contextmanager
    def _writing(self) -> t.Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block is left, and undone if it is left by an exception."""
        with self._explained("written"):
            database = self._open()
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.rollback()
                raise
            database.commit()

    @contextlib.contextmanager
    def _explained(self, verb: str) -> t.Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            raise LedgerUnavailable(f"The ledger {self._path} cannot be {verb}: {error}.") from error

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            if not os.path.exists(self._path):
                _create(self._path)
            database = _connect(self._path)
            try:
                _check(database)
            except BaseException:
                database.close()
                raise
            self._database = database
        return self._database


def _create(path: str) -> None:
    """Under another name first, so that a ledger is whole or not there, and its mode is not left to the umask."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=os.path.basename(path) + ".")
    os.close(handle)
    try:
        database = _connect(draft)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        finally:
            database.close()
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"file:{urllib.parse.quote(path)}?mode=rw", uri=True, timeout=_LOCK_TIMEOUT, isolation_level=None
    )
    # In WAL mode a commit is on the disk when it returns only with synchronous FULL.
    database.execute("PRAGMA synchronous = FULL")
    return database


def _check(database: sqlite3.Connection) -> None:
    application = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if application != _APPLICATION_ID:
        raise ValueError("the file is there, but it is no ledger")
    if version > _SCHEMA_VERSION:
        raise ValueError(f"a newer version of this collection wrote it (schema {version}, known is {_SCHEMA_VERSION})")
