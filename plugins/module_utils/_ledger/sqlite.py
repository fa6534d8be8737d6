# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The ledger in an SQLite file."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
import time
import typing as t
import urllib.parse

from .._core.clock import QUIET, Clock
from .._core.errors import LedgerUnavailable, MissingLibrary
from .._core.libraries import unusable
from .._core.lost import LONGEST
from .owners import Owner
from .places import check_place, without_links
from .sql import Database, SqlLedger

try:
    import sqlite3
except Exception as error:  # What is there but broken fails in any way.  # pylint: disable=broad-except
    WITHOUT_SQLITE: Exception | None = error
else:
    WITHOUT_SQLITE = None

# "TEsl" in ASCII, in the file's header: another program's database is not taken for a ledger.
_APPLICATION_ID = 0x5445736C
_LOCK_TIMEOUT = 60.0
_PAUSE = 0.05
# What a file system says that has no hard links, or does not sync folders.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_WRITABLE = "The user that runs the task must be able to write to it, and to its folder."
# What to do, by what SQLite says of an error. Before Python 3.11 there is no code.
_ADVICE = {
    "is full": "There is no room left on its file system, or for this user.",
    "is locked": f"Another process has held it for {_LOCK_TIMEOUT:.0f} seconds. Find out which, as by fuser, and why.",
    "readonly database": _WRITABLE,
    "unable to open": _WRITABLE,
    "malformed": "It is damaged. Put back a copy of it, with its -wal file; what a copy does not know may be created "
    "again.",
    "not a database": "It is damaged, or something else.",
    "disk I/O error": "Its file system failed, a limit on the size of files was reached, or it is a file system that "
    "SQLite cannot use, as many that are shared or in a network.",
    "locking protocol": "The locks of its file system do not work, as on many that are shared or in a network.",
}

_T = t.TypeVar("_T")

# From each version of the schema to the next; an empty file has version 0. A released step is never changed.
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
    "ALTER TABLE attempt ADD COLUMN made_by TEXT",
    """
ALTER TABLE attempt ADD COLUMN status INTEGER;
ALTER TABLE attempt ADD COLUMN clock_offset REAL;
ALTER TABLE attempt ADD COLUMN boot_id TEXT;
ALTER TABLE attempt ADD COLUMN booted_at REAL;
CREATE TABLE api (
    host TEXT PRIMARY KEY,
    clock_offset REAL,
    contradicted_by INTEGER,
    accepted_at REAL
) WITHOUT ROWID;
CREATE TABLE listing (
    api_host TEXT NOT NULL,
    aid TEXT NOT NULL,
    api_version TEXT NOT NULL,
    looked_at REAL NOT NULL,
    shown INTEGER,
    PRIMARY KEY (api_host, aid, api_version)
) WITHOUT ROWID;
""",
)


class SqliteLedger(SqlLedger):
    """Safe for many processes of one machine. The file is made by the first claim, with mode 0600."""

    _JOIN = "CROSS JOIN"

    def __init__(
        self,
        path: str,
        clock: Clock,
        provenance: t.Mapping[str, str] | None = None,
        tell: t.Callable[[str], None] = lambda _text: None,
    ) -> None:
        """``tell`` shows people what is waited for; it is called from another thread, and not before it is needed.

        :raises MissingLibrary: this Python has no SQLite.
        """
        _need_sqlite()
        super().__init__(clock, provenance)
        self._given = path
        # One place for the owners, whatever links lead to the file.
        self._path = os.path.realpath(path)
        self._owner = Owner(self._path + ".owners")
        self._tell = tell
        self._database: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        self._owner.close()

    def _read(self, work: t.Callable[[Database], _T], nothing: _T) -> _T:
        with self._explained("read"):
            if self._database is None and not _file_of(self._path):
                return nothing
            database = self._open()
            return self._patiently(database, lambda: work(database))

    def _write(self, work: t.Callable[[Database], _T], keeping: bool = False) -> _T:
        with self._writing() as database:
            return work(database)

    def _me(self, database: Database) -> str:
        return self._owner.name()

    def _lives(self, database: Database, owner: str) -> bool:
        return self._owner.lives(owner)

    def _latest_end(self, started_at: float) -> float:
        # The lock of a file goes with its process, so whoever does not live is dead.
        return min(self._now(), started_at + LONGEST)

    def _inserted(self, cursor: t.Any) -> int:
        return t.cast(int, cursor.lastrowid)

    @contextlib.contextmanager
    def _writing(self) -> t.Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block is left, and undone if it is left by an exception."""
        with self._explained("written"):
            database = self._open()
            self._patiently(database, lambda: database.execute("BEGIN IMMEDIATE"))
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
            # An extended code such as SQLITE_IOERR_SHMMAP tells more.
            name = f" ({error.sqlite_errorname})" if hasattr(error, "sqlite_errorname") else ""
            text = f"The ledger {self._path} cannot be {verb}: {error}{name}."
            if isinstance(error, sqlite3.Error):
                text += "".join(f" {advice}" for said, advice in _ADVICE.items() if said in str(error))
            elif isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
                text += f" {_WRITABLE}"
            raise LedgerUnavailable(text) from error

    def _open(self) -> sqlite3.Connection:
        if self._database is not None and _file_of(self._path) != self._file:
            raise OSError("it was removed or replaced while it was in use")
        if self._database is None:
            self._check_place()
            if not _file_of(self._path):
                _create(self._path, self._say)
                self._check_place()
            self._file = _file_of(self._path)
            database = _connect(self._path)
            try:
                self._patiently(database, lambda: _check(database))
                # Now all of its files are there.
                self._check_place()
            except BaseException:
                database.close()
                raise
            self._database = database
        return self._database

    def _patiently(self, database: sqlite3.Connection, work: t.Callable[[], _T]) -> _T:
        """For work that can be begun anew where another process holds the ledger. People are told if that takes long.

        Not by a thread that watches, as for PostgreSQL: to start one takes longer than most transactions.
        """
        try:
            return work()
        except sqlite3.OperationalError as error:
            if "is locked" not in str(error) or _LOCK_TIMEOUT <= QUIET:
                raise
        self._say()
        _wait_for_locks(database, _LOCK_TIMEOUT - QUIET)
        try:
            return work()
        finally:
            _wait_for_locks(database, QUIET)

    def _say(self) -> None:
        # Here, since it is seldom needed.
        from .watch import tell_of_waiting

        tell_of_waiting(self._path, self._tell)

    def _check_place(self) -> None:
        """:raises OSError: somebody else may have put something there."""
        if without_links(self._given) != self._path:
            raise OSError("a link that leads to it was changed")
        for part in ("-wal", "-shm", "-journal", ".owners"):
            check_place(self._path + part)


def _need_sqlite() -> None:
    """:raises MissingLibrary: this Python has no SQLite."""
    if WITHOUT_SQLITE is not None:
        raise MissingLibrary(
            f"The ledgers in a file and in facts need SQLite. {unusable(WITHOUT_SQLITE, 'sqlite3')} Or use another "
            "ledger."
        )


def _file_of(path: str) -> tuple[int, int] | None:
    """Which file it is, if there is one. :raises OSError: that cannot be found out."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def in_memory() -> sqlite3.Connection:
    """A database of the newest schema, which is gone when it is closed.

    :raises MissingLibrary: this Python has no SQLite.
    """
    _need_sqlite()
    database = sqlite3.connect(":memory:", isolation_level=None)
    _upgrade(database)
    return database


def _create(path: str, say: t.Callable[[], None]) -> None:
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
        _publish(draft, path, say)
    finally:
        for part in (draft, f"{draft}-wal", f"{draft}-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


def _publish(draft: str, path: str, say: t.Callable[[], None]) -> None:
    """The draft gets that name, unless something has it."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A rename would replace what another process has just made: so one at a time, by a lock that only this user and
        # root can hold.
        owners = path + ".owners"
        os.makedirs(owners, mode=0o700, exist_ok=True)
        check_place(owners)
        lock = os.open(owners, os.O_RDONLY)
        try:
            _take(lock, say)
            if not os.path.lexists(path):
                os.rename(draft, path)
        finally:
            os.close(lock)


def _take(lock: int, say: t.Callable[[], None]) -> None:
    """:raises OSError: another process holds the lock for too long."""
    begun_at = time.monotonic()
    said = False
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - begun_at
            if waited >= _LOCK_TIMEOUT:
                text = f"another process has been creating it for {_LOCK_TIMEOUT:.0f} seconds"
                raise OSError(errno.EAGAIN, text) from None
            if waited >= QUIET and not said:
                said = True
                say()
            time.sleep(_PAUSE)


def _connect(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=rw", uri=True, isolation_level=None)
    _wait_for_locks(database, min(QUIET, _LOCK_TIMEOUT))
    # In WAL mode a commit is on the disk when it returns only with synchronous FULL.
    database.execute("PRAGMA synchronous = FULL")
    return database


def _wait_for_locks(database: sqlite3.Connection, seconds: float) -> None:
    database.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


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
