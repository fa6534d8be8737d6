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
from ..errors import InvalidRequest, LedgerUnavailable
from ..evidence import JUMP, LAG, LONGEST, SKEW, LostAttempt, Others, Rival
from ..quota import Quota, Usage
from ..snapshot import SnapshotRecord, SnapshotRequest
from ..windows import Window, iso, parse_instant
from .interface import Full, Granted, InFlight, Known, Unknown
from .owners import Owner

# "TEsl" in ASCII, in the file's header: another program's database is not taken for a ledger.
_APPLICATION_ID = 0x5445736C
_LOCK_TIMEOUT = 60.0
_ENDED = "the process that sent it ended before it had kept the answer"

_ATTEMPT = "id, outcome, started_at, settled_at, owner, detail, record"

# From each version of the schema to the next; an empty file has version 0. A released step is never changed.
# The state of a snapshot is that of its latest attempt that was not refused.
_STEPS = (
    """
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
""",
    """
DROP INDEX attempt_by_time;
CREATE INDEX attempt_by_time ON attempt (settled_at);
CREATE INDEX attempt_unknown ON attempt (started_at) WHERE outcome = 'unknown';
CREATE TABLE organization (
    name TEXT PRIMARY KEY,
    told_at REAL NOT NULL,
    not_before REAL NOT NULL
) WITHOUT ROWID;
""",
)


class SqliteLedger:
    """Safe for many processes of one machine. The file is made by the first claim, with mode 0600."""

    def __init__(self, path: str, clock: Clock) -> None:
        # One place for the owners, whatever links lead to the file.
        self._path = os.path.realpath(path)
        self._clock = clock
        self._owner = Owner(self._path + ".owners")
        self._database: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

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

    def history(self) -> list[tuple[SnapshotRequest, Known | InFlight | Unknown, bool]]:
        with self._reading() as database:
            rows = (
                []
                if database is None
                else database.execute(
                    "SELECT api_host, aid, snapshot.test_id, display_name, from_time, to_time, is_public, test_name, "
                    "EXISTS (SELECT 1 FROM attempt AS later WHERE later.identity = snapshot.identity"
                    " AND later.id > attempt.id AND later.outcome != 'refused'), "
                    f"{_ATTEMPT} FROM attempt JOIN snapshot USING (identity) WHERE outcome != 'refused' ORDER BY id"
                )
            )
            return [(_read_request(row[:8]), self._standing(row[9:]), bool(row[8])) for row in rows]

    def usage(self, quota: Quota) -> Usage:
        with self._reading() as database:
            return self._usage(database, quota) if database else Usage()

    def claim(
        self, request: SnapshotRequest, quota: Quota, *, force: bool, retry_unknown: bool
    ) -> Known | InFlight | Unknown | Full | Granted:
        with self._writing() as database:
            self._settle_dead(database)
            now = self._clock.now()
            # What seems to be settled yet, since the clock was set back, counts from now on and not again later.
            database.execute("UPDATE attempt SET settled_at = ? WHERE settled_at > ?", (now, now))
            state = self._state(database, request)
            passable = (Known, Unknown) if force else (Unknown,) if retry_unknown else ()
            if state is not None and not isinstance(state, passable):
                return state
            usage = self._usage(database, quota)
            free_at = quota.next_at(usage, now)
            if free_at > now:
                return Full(free_at, told=free_at == usage.not_before)
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
        with self._writing() as database:
            self._settle(database, attempt, "created", None, record)

    def refused(self, attempt: int, detail: str, not_before: float | None = None) -> None:
        with self._writing() as database:
            self._settle(database, attempt, "refused", detail)
            if not_before is not None:
                database.execute(
                    # Never sooner than told before, but for what seems to be told later: the clock was set back since.
                    "INSERT OR REPLACE INTO organization SELECT organization, ?, max(?, coalesce(not_before, 0))"
                    " FROM attempt LEFT JOIN organization ON name = organization AND told_at <= ? WHERE id = ?",
                    (self._clock.now(), not_before, self._clock.now(), attempt),
                )

    def lost(self, attempt: int, detail: str) -> None:
        with self._writing() as database:
            self._settle(database, attempt, "unknown", detail)

    def settled(self, lost: LostAttempt, found: SnapshotRecord | None) -> None:
        with self._writing() as database:
            self._settle_dead(database)
            row = database.execute("SELECT outcome FROM attempt WHERE id = ?", (lost.attempt,)).fetchone()
            # Others may have concluded from an earlier list that there is nothing.
            if row == ("unknown",) or (row == ("refused",) and found is not None):
                outcome = "refused" if found is None else "created"
                self._settle(database, lost.attempt, outcome, lost.detail, found, at=lost.ended_at)

    def others(self, request: SnapshotRequest, lost: LostAttempt) -> Others:
        with self._reading() as database:
            rows = (
                []
                if database is None
                else database.execute(
                    # Each part by an index of its own, and from the attempts to the snapshots: a ledger may be long.
                    "WITH other AS (SELECT * FROM attempt WHERE outcome = 'in_flight'"
                    " UNION ALL SELECT * FROM attempt WHERE outcome = 'unknown'"
                    " UNION ALL SELECT * FROM attempt WHERE outcome = 'created' AND settled_at >= ?)"
                    " SELECT test_id, display_name, outcome, owner, started_at, record"
                    " FROM other CROSS JOIN snapshot USING (identity) WHERE api_host = ? AND NOT is_public AND id != ?",
                    (lost.started_at - SKEW - JUMP, request.api_host, lost.attempt),
                ).fetchall()
            )
            taken: set[str] = set()
            rivals: list[Rival] = []
            for test_id, display_name, outcome, owner, started_at, record in rows:
                snapshot_test_id = _read_record(record).snapshot_test_id if outcome == "created" else None
                if snapshot_test_id is not None:
                    taken.add(snapshot_test_id)
                elif lost.started_at - LONGEST - LAG - SKEW <= started_at <= lost.ended_at + LAG + SKEW:
                    rivals.append(Rival(test_id, display_name, outcome == "in_flight" and self._owner.lives(owner)))
            return Others(taken, rivals)

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        self._owner.close()

    def _settle(
        self,
        database: sqlite3.Connection,
        attempt: int,
        outcome: str,
        detail: str | None,
        record: SnapshotRecord | None = None,
        at: float | None = None,
    ) -> None:
        database.execute(
            "UPDATE attempt SET outcome = ?, settled_at = ?, detail = ?, record = ? WHERE id = ?",
            (
                outcome,
                self._clock.now() if at is None else at,
                detail,
                None if record is None else json.dumps(record.to_dict()),
                attempt,
            ),
        )

    def _settle_dead(self, database: sqlite3.Connection) -> None:
        """What a process left in flight when it ended is unknown from now on."""
        for attempt, owner, started_at in database.execute(
            "SELECT id, owner, started_at FROM attempt WHERE outcome = 'in_flight'"
        ).fetchall():
            if not self._owner.lives(owner):
                self._settle(database, attempt, "unknown", _ENDED, at=self._ended_at(started_at))

    def _ended_at(self, started_at: float) -> float:
        """The latest that an attempt can have ended whose end nobody saw."""
        return min(self._clock.now(), started_at + LONGEST)

    def _state(self, database: sqlite3.Connection, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        row = database.execute(
            f"SELECT {_ATTEMPT} FROM attempt WHERE identity = ? AND outcome != 'refused' ORDER BY id DESC LIMIT 1",
            (request.identity,),
        ).fetchone()
        state = None if row is None else self._standing(row)
        if isinstance(state, Known) and state.record.expired(self._clock.now()):
            return None
        if isinstance(state, Unknown) and row[1] == "in_flight":
            # Its owner is dead, but may have kept the outcome since the row was read.
            now_is = database.execute("SELECT outcome FROM attempt WHERE id = ?", (row[0],)).fetchone()
            if now_is != ("in_flight",):
                return self._state(database, request)
        return state

    def _standing(self, row: tuple[t.Any, ...]) -> Known | InFlight | Unknown:
        """Of the columns of an attempt."""
        attempt, outcome, started_at, settled_at, owner, detail, record = row
        if outcome == "created":
            return Known(_read_record(record).as_known())
        if outcome == "in_flight" and self._owner.lives(owner):
            return InFlight()
        ended_at = self._ended_at(started_at) if settled_at is None else settled_at
        return Unknown(LostAttempt(attempt, started_at, ended_at, detail or _ENDED))

    def _usage(self, database: sqlite3.Connection, quota: Quota) -> Usage:
        """An attempt under way counts as of now or its latest end, since the server may count it as late as that."""
        now = self._clock.now()
        settled = database.execute(
            "SELECT settled_at FROM attempt WHERE organization = ? AND settled_at > ? AND outcome != 'refused'",
            (quota.organization, now - quota.window),
        ).fetchall()
        in_flight = database.execute(
            "SELECT owner, started_at FROM attempt WHERE organization = ? AND outcome = 'in_flight'",
            (quota.organization,),
        ).fetchall()
        told = database.execute(
            # Not what seems to be told yet: the clock was set back since.
            "SELECT not_before FROM organization WHERE name = ? AND told_at <= ?",
            (quota.organization, now),
        ).fetchone()
        return Usage(
            counted=[min(at, now) for (at,) in settled]
            + [now if self._owner.lives(owner) else self._ended_at(started_at) for owner, started_at in in_flight],
            not_before=told[0] if told else 0.0,
        )

    @contextlib.contextmanager
    def _reading(self) -> t.Iterator[sqlite3.Connection | None]:
        """None where there is no ledger yet."""
        with self._explained("read"):
            if self._database is None and not _file_of(self._path):
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
        if self._database is not None and _file_of(self._path) != self._file:
            raise OSError("it was removed or replaced while it was in use")
        if self._database is None:
            if not _file_of(self._path):
                _create(self._path)
            self._file = _file_of(self._path)
            database = _connect(self._path)
            try:
                _check(database)
            except BaseException:
                database.close()
                raise
            self._database = database
        return self._database


def _read_request(columns: tuple[t.Any, ...]) -> SnapshotRequest:
    """:raises ValueError: it is damaged."""
    api_host, aid, test_id, display_name, start, end, is_public, test_name = columns
    try:
        window = Window(parse_instant(start, "from"), parse_instant(end, "to"))
    except (InvalidRequest, TypeError) as error:
        raise ValueError("a window in it is damaged") from error
    return SnapshotRequest(api_host, aid or None, test_id, display_name, window, bool(is_public), test_name)


def _read_record(text: str) -> SnapshotRecord:
    """:raises ValueError: it is damaged."""
    try:
        record = SnapshotRecord.from_dict(json.loads(text))
        record.expired(0)
    except (InvalidRequest, KeyError, TypeError) as error:
        raise ValueError("a record in it is damaged") from error
    return record


def _file_of(path: str) -> tuple[int, int] | None:
    """Which file it is, if there is one. :raises OSError: that cannot be found out."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


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
            database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            _upgrade(database)
        finally:
            database.close()
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        for part in (draft, f"{draft}-wal", f"{draft}-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
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
    version = _version(database)
    if application != _APPLICATION_ID:
        raise ValueError("the file is there, but it is no ledger")
    if version > len(_STEPS):
        raise ValueError(f"a newer version of this collection wrote it (schema {version}, known is {len(_STEPS)})")
    if version < len(_STEPS):
        _upgrade(database)


def _upgrade(database: sqlite3.Connection) -> None:
    """All or nothing, and once if several start together."""
    database.execute("BEGIN IMMEDIATE")
    try:
        for step in _STEPS[_version(database) :]:
            for statement in step.split(";"):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(_STEPS)}")
    except BaseException:
        database.rollback()
        raise
    database.commit()


def _version(database: sqlite3.Connection) -> int:
    return t.cast(int, database.execute("PRAGMA user_version").fetchone()[0])
