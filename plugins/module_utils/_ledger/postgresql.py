# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The shared ledger, in a PostgreSQL database.

Who lives: each owner holds an advisory lock of its session, so the lock goes with the connection: at once if the
process ends, and when the keepalives find out if its node does. The reverse does not hold. After a restart or a
failover of the database, or where the network was cut, the lock is gone, but the owner may live and its request be
under way. So what is lost may still appear until LONGEST after its start; only after that does anybody conclude that
nothing was created. The owner keeps its outcome over a new connection, whatever others have thought of it. It makes
sure that its intent still stands when it sends the request: its node may have slept.

Who writes: one transaction at a time, by a lock on the one row of the table ledger. No transaction is open, and no lock
but that of the owner is held, while a request is under way.

How long: no statement or commit is waited for longer than _LONGEST_STATEMENT, whatever the server and the network do:
then the connection is cut from this side. A commit that was cut may be done or not, as after any lost connection.

Whose clock: that of the database. A clock that differs from it by more than can be measured is corrected.

What was committed to a server that a failover replaces may be missing on the new one. An outcome of this process is
written there anew, under another id.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import re
import socket
import stat
import threading
import time
import typing as t
import uuid
from urllib.parse import quote

from .._core.clock import Clock
from .._core.errors import InvalidRequest, LedgerUnavailable, MissingLibrary
from .._core.libraries import unusable
from .._core.lost import LONGEST
from .._core.quota import Quota
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from . import postgresql_schema as schema
from .interface import Contradicted, Full, Granted, InFlight, Known, Unknown
from .location import is_well_formed, secrets_in
from .sql import ENDED, Database, SqlLedger
from .watch import Watch

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
except Exception as error:  # What is there but broken fails in any way.  # pylint: disable=broad-except
    WITHOUT_PSYCOPG: Exception | None = error
else:
    WITHOUT_PSYCOPG = None

_DOUBTED = "the connection to the ledger was lost before the request could be sent"
# Seconds for a statement, or for a connection to any of the hosts; longer than the server's time for a lock.
_LONGEST_STATEMENT = 60.0
# Seconds for which a database that is away is waited for, once an intent was written, and one that is full or starting
# from the first; and between two looks.
_PATIENCE = 30.0
_PAUSE = 1.0
# Seconds after which an intent is too old for its request: the request may take the rest of LONGEST.
_FRESH = 60.0
# Seconds by which two clocks may differ and be taken for the same.
_SAME_CLOCK = 1.0
# What a server, or a pooler, says where it takes no connection just now. libpq does not tell the SQLSTATE of that
# (53300, 57P03), so in another language it is taken for lasting.
_BUSY = re.compile(
    "too many (clients|connections)|connection slots are reserved|no more connections allowed"
    "|database system is (starting up|shutting down|in recovery mode|not (yet )?accepting connections)"
)
# A server that can be written to, even where the role is made to read only. Older versions of libpq take both for one.
_WRITABLE = "primary" if WITHOUT_PSYCOPG is None and psycopg.pq.version() >= 140000 else "read-write"
# Options of the connection, where neither the URL nor the environment says anything else. By the last four, it is
# noticed that a server is gone.
_CONNECTION = {
    "connect_timeout": ("PGCONNECT_TIMEOUT", "10"),
    "target_session_attrs": ("PGTARGETSESSIONATTRS", _WRITABLE),
    "fallback_application_name": ("PGAPPNAME", "community.thousandeyes"),
    "keepalives_idle": ("", "10"),
    "keepalives_interval": ("", "5"),
    "keepalives_count": ("", "3"),
    "tcp_user_timeout": ("", "25000"),
}
# Settings of the session, as far as the server knows it.
_SESSION = {
    "search_path": schema.SCHEMA,
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "lock_timeout": "50s",
    # Rows that a policy hides are an error, and not taken for missing.
    "row_security": "off",
    # It would end the wait for a synchronous standby, too, and the commit would seem to be done.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "60s",
    # An owner is idle while it waits for the answer of the API.
    "idle_session_timeout": "0",
    # An owner whose node is gone is noticed.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
}

_T = t.TypeVar("_T")


class _Grant(t.NamedTuple):
    """``row``: the id by which the ledger keeps it now."""

    row: int
    request: SnapshotRequest
    organization: str
    owner: str
    started_at: float


class _Session:
    """A connection as a Database, and what the server warned of. It is cut where a statement takes too long."""

    def __init__(self, connection: psycopg.Connection[t.Any], watch: Watch) -> None:
        self.connection = connection
        self.warnings: list[str] = []
        self._watch = watch
        self._was_cut = False
        # A descriptor of its own, since libpq may close its own at any time.
        self._socket = socket.socket(fileno=os.dup(connection.fileno()))
        connection.add_notice_handler(self._notice)

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self.warnings.append(notice.message_primary or "")

    def execute(self, statement: str, values: t.Sequence[t.Any] = (), /) -> t.Any:
        return self._run(statement.replace("?", "%s").encode(), values)

    def execute_script(self, statements: str) -> None:
        self._run(statements.encode())

    def _run(self, statements: bytes, values: t.Sequence[t.Any] | None = None) -> t.Any:
        try:
            with self._watch.after(_LONGEST_STATEMENT, self._cut):
                return self.connection.execute(statements, values)
        except psycopg.Error as error:
            if not self._was_cut:
                raise
            text = f"the database did not answer within {_LONGEST_STATEMENT:.0f} seconds"
            raise psycopg.errors.ConnectionTimeout(text) from error

    def _cut(self) -> None:
        """For libpq, which waits, this is a server that closed the connection."""
        self._was_cut = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def transaction(self) -> t.Iterator[None]:
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            # One whose connection is lost, or that was interrupted in a statement, ends with the connection.
            with contextlib.suppress(psycopg.Error):
                self.execute("ROLLBACK")
            raise
        done = self.execute("COMMIT").statusmessage
        if done != "COMMIT":
            raise OSError(f"the server answered the commit with {done}")

    def close(self) -> None:
        self.connection.close()
        self._socket.close()


class PostgresqlLedger(SqlLedger):
    """Safe for many processes of many nodes. The schema is made by the first claim."""

    _RETURNING = " RETURNING id"
    # Its connection may be gone while it lives.
    _DEAD_IS_OVER = False

    def __init__(
        self,
        url: str,
        clock: Clock,
        environment: t.Mapping[str, str],
        provenance: t.Mapping[str, str] | None = None,
        tell: t.Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Nothing is read yet. ``tell`` shows people what is waited for; it is called from another thread.

        :raises MissingLibrary: psycopg is not installed, or broken.
        :raises InvalidRequest: it is no URL that libpq can read.
        """
        super().__init__(clock, provenance)
        if WITHOUT_PSYCOPG is not None:
            raise MissingLibrary(
                f"A ledger in PostgreSQL needs psycopg, version 3. {unusable(WITHOUT_PSYCOPG, 'psycopg')}"
            )
        known = _parsed(url)
        password = environment.get("PGPASSWORD", "")
        self._secrets = secrets_in(url) | {password, quote(password, safe="")} - {""}
        self._shown = _shown(known)
        self._passfile = None if known.get("password") or password else _passfile(known, environment)
        self._where = make_conninfo(url, client_encoding="utf8", **_options(known, environment))
        self._watch = Watch(tell)
        self._session: _Session | None = None
        self._there = False
        self._owner: str | None = None
        self._names: list[str] = []
        self._granted: dict[int, _Grant] = {}
        self._ended: set[int] = set()
        # Those of the transaction under way.
        self._ending: set[int] = set()
        # Seconds for which a database that is away is waited for now.
        self._patience = 0.0
        # Whether an intent may have been committed without this process having learned of it.
        self._in_doubt = False

    def claim(
        self, request: SnapshotRequest, quota: Quota, passable: tuple[type, ...] = ()
    ) -> Known | InFlight | Unknown | Contradicted | Full | Granted:
        answer = super().claim(request, quota, passable)
        if isinstance(answer, Granted) and self._owner is not None:
            self._granted[answer.attempt] = _Grant(
                answer.attempt, request, quota.organization, self._owner, self._now()
            )
            self._patience = _PATIENCE
        self._in_doubt = False
        return answer

    def stands(self, attempt: int) -> bool:
        grant = self._granted[attempt]

        def work(database: Database) -> bool:
            mine = "SELECT outcome FROM attempt WHERE id = ? AND owner = ?"
            row = database.execute(mine, (attempt, grant.owner)).fetchone()
            # With another session, it has another owner.
            return row == ("in_flight",) and grant.owner == self._owner and self._now() - grant.started_at < _FRESH

        return self._read(work, False)

    def close(self) -> None:
        self._patience = 0.0
        if self._in_doubt or self._granted.keys() - self._ended:
            with contextlib.suppress(LedgerUnavailable):
                self._write(self._give_up)
        self._drop()
        self._watch.close()

    def _give_up(self, database: Database) -> None:
        for attempt in self._granted.keys() - self._ended:
            ended_at = min(self._now(), self._latest_end(self._granted[attempt].started_at))
            self._settle(database, self._kept_as(database, attempt), "unknown", ENDED, at=ended_at)

    def _read(self, work: t.Callable[[Database], _T], nothing: _T) -> _T:
        def read() -> _T:
            session = self._open()
            return work(session) if self._there or self._check(session) else nothing

        return self._run("read", read)

    def _write(self, work: t.Callable[[Database], _T], keeping: bool = False) -> _T:
        def write() -> _T:
            self._ending = set()
            with self._writing(keeping) as session:
                return work(session)

        result = self._run("written", write)
        self._ended |= self._ending
        return result

    def _me(self, database: Database) -> str:
        if self._owner is None:
            self._owner = str(uuid.uuid4().int >> 65)
            self._names.append(self._owner)
        # Each time, since a pooler may have put this process on another session.
        if not database.execute("SELECT pg_try_advisory_lock(CAST(? AS bigint))", (self._owner,)).fetchone()[0]:
            raise OSError("a pooler shares the sessions of the database; only its session mode will do")
        self._in_doubt = True
        return self._owner

    def _lives(self, database: Database, owner: str) -> bool:
        if owner == self._owner:
            return True
        # Shared, so that two who look at the same time do not take each other for the owner.
        free = "SELECT pg_try_advisory_xact_lock_shared(CAST(? AS bigint))"
        return not database.execute(free, (owner,)).fetchone()[0]

    def _latest_end(self, started_at: float) -> float:
        return started_at + LONGEST

    def _inserted(self, cursor: t.Any) -> int:
        return t.cast(int, cursor.fetchone()[0])

    def _end(
        self,
        database: Database,
        attempt: int,
        outcome: str,
        detail: str | None,
        record: SnapshotRecord | None = None,
        clock_offset: float | None = None,
    ) -> int:
        self._ending.add(attempt)
        return super()._end(database, self._kept_as(database, attempt), outcome, detail, record, clock_offset)

    def _kept_as(self, database: Database, attempt: int) -> int:
        """The id of the row of an attempt of this process, which is written anew if a failover has lost it."""
        grant = self._granted[attempt]
        mine = "SELECT 1 FROM attempt WHERE id = ? AND owner = ?"
        if not database.execute(mine, (grant.row, grant.owner)).fetchone():
            row = self._intend(database, grant.request, grant.organization, grant.owner, grant.started_at)
            self._granted[attempt] = grant = grant._replace(row=row)
        return grant.row

    def _run(self, verb: str, work: t.Callable[[], _T]) -> _T:
        """Does the work, again on a new connection if the old one was lost, and for as long as there is patience."""
        with self._watch.over(self._shown):
            return self._run_patiently(verb, work)

    def _run_patiently(self, verb: str, work: t.Callable[[], _T]) -> _T:
        started_at = time.monotonic()
        patience = self._patience
        while True:
            used = self._session is not None
            try:
                return work()
            except (psycopg.Error, OSError, ValueError) as error:
                session = self._session
                lost = isinstance(error, psycopg.Error) and (session is None or session.connection.closed)
                # The server has become a standby.
                if lost or isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
                    self._drop()
                    # What is silent may be so again, and only an outcome is worth that.
                    if used and (self._patience or not isinstance(error, psycopg.errors.ConnectionTimeout)):
                        continue
                    if session is None and _BUSY.search(str(error)):
                        patience = _PATIENCE
                elif not isinstance(error, (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)):
                    patience = 0.0
                if time.monotonic() < started_at + patience:
                    self._clock.sleep(_PAUSE)
                    continue
                raise LedgerUnavailable(self._explained(verb, error)) from error
            except BaseException:
                # A task's time-out or an interrupt: it may have left a statement under way.
                self._drop()
                raise

    def _explained(self, verb: str, error: Exception) -> str:
        """Without the secrets, and what libpq says of the statement."""
        said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
        text = " ".join(f"The ledger {self._shown} cannot be {verb}: {said or error}".split())
        text += "" if text.endswith((".", "?")) else "."
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        if self._passfile is not None and "no password supplied" in str(error):
            text += f" Neither the URL nor PGPASSWORD has one, and libpq {_why_not_from(self._passfile)}."
        if isinstance(error, (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName)):
            text += (
                f" Making a ledger takes the right to create the schema {schema.SCHEMA}, and upgrading one to own "
                "it. Using one takes USAGE of the schema, and SELECT, INSERT and UPDATE of its tables."
            )
        return text

    @contextlib.contextmanager
    def _writing(self, keeping: bool = False) -> t.Iterator[_Session]:
        """A transaction that is durable when the block is left, and undone if it is left by an exception."""
        session = self._open()
        if not self._there and not self._check(session, keeping):
            schema.upgrade(session)
            self._there = True
        self._ahead = _ahead(session)
        with session.transaction():
            row = session.execute("SELECT version FROM ledger FOR UPDATE").fetchone()
            if not keeping:
                schema.check_compatible(session, row)
            if self._in_doubt:
                self._refuse_doubted(session)
            yield session
            session.warnings.clear()
        if session.warnings:
            # Such as that somebody has ended its wait for the synchronous standby.
            raise OSError(f"the commit is in doubt: {session.warnings[0]}")

    def _refuse_doubted(self, session: _Session) -> None:
        """This process sends nothing for an intent that it does not know of."""
        session.execute(
            "UPDATE attempt SET outcome = 'refused', settled_at = ?, detail = ?"
            " WHERE outcome = 'in_flight' AND owner = ANY(?) AND id != ALL(CAST(? AS bigint[]))",
            (self._now(), _DOUBTED, self._names, list(self._granted)),
        )

    def _open(self) -> _Session:
        if self._session is not None and self._session.connection.closed:
            self._drop()
        if self._session is None:
            session = _Session(_connect(self._where), self._watch)
            try:
                _set_up(session)
                self._ahead = _ahead(session)
            except BaseException:
                session.close()
                raise
            self._session = session
        return self._session

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = self._owner = None
        # Another server may be there now.
        self._there = False

    def _check(self, session: _Session, keeping: bool = False) -> bool:
        """Whether there is a ledger. An older one is brought up to date; any will do to keep an outcome."""
        if not keeping:
            schema.check_plain(session)
        version = schema.version(session)
        if version is not None:
            if not keeping:
                schema.check_compatible(session, (version,))
                if version < len(schema.STEPS):
                    schema.upgrade(session)
            self._there = True
        return version is not None


def _parsed(url: str) -> dict[str, t.Any]:
    """:raises InvalidRequest: libpq cannot read it."""
    try:
        if not is_well_formed(url):
            raise ValueError("a part of the password may be taken for another part")
        return t.cast("dict[str, t.Any]", conninfo_to_dict(url))
    except (psycopg.Error, ValueError) as error:
        # Not with libpq's reason, which may quote the password.
        raise InvalidRequest(
            "ledger: libpq cannot read this URL. Special characters in its parts must be percent-encoded, and its "
            "options must be those of libpq."
        ) from error


def _passfile(known: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> str:
    return str(known.get("passfile") or environment.get("PGPASSFILE") or os.path.expanduser("~/.pgpass"))


def _options(known: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> dict[str, str]:
    """Ours, where nobody has said anything else. A service has its settings in a file, which none shall replace."""
    if known.get("service") or environment.get("PGSERVICE"):
        return {}
    return {
        name: value
        for name, (variable, value) in _CONNECTION.items()
        if name not in known and not environment.get(variable)
    }


def _shown(known: t.Mapping[str, t.Any]) -> str:
    """The address without the password and options."""
    user = f"{known['user']}@" if known.get("user") else ""
    ports = str(known.get("port") or "").split(",")
    hosts = str(known.get("host") or known.get("hostaddr") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = [f"{host}:{port}" if port else host for host, port in zip(hosts, ports)]
    service = f"?service={known['service']}" if known.get("service") else ""
    return f"postgresql://{user}{','.join(places)}/{known.get('dbname') or ''}{service}"


def _why_not_from(passfile: str) -> str:
    """What libpq made of a password file that did not help. It takes none that others than its owner could read."""
    try:
        mode = os.stat(passfile).st_mode
    except OSError as error:
        return f"could not read {passfile}: {error.strerror}"
    if not stat.S_ISREG(mode):
        return f"ignored {passfile}, since it is not a plain file"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(mode)
        return f"ignored {passfile}, since others than its owner may use it (mode {mode:04o}); set it to 0600"
    if not os.access(passfile, os.R_OK):
        return f"could not read {passfile}"
    return f"found none for this address and user in {passfile}"


def _connect(where: str) -> psycopg.Connection[t.Any]:
    """From a thread of its own, since nothing ends the look-up of a name.

    :raises psycopg.Error: there is no connection, for the reasons of libpq or since it took too long.
    """
    outcome: concurrent.futures.Future[psycopg.Connection[t.Any]] = concurrent.futures.Future()

    def connect() -> None:
        try:
            connection = psycopg.connect(where, autocommit=True, prepare_threshold=None)
        except Exception as error:  # pylint: disable=broad-except
            with contextlib.suppress(concurrent.futures.InvalidStateError):
                outcome.set_exception(error)
            return
        try:
            outcome.set_result(connection)
        except concurrent.futures.InvalidStateError:
            # Nobody waits for it any more.
            connection.close()

    threading.Thread(target=connect, name="connecting", daemon=True).start()
    try:
        return outcome.result(_LONGEST_STATEMENT)
    except concurrent.futures.TimeoutError as error:
        raise psycopg.errors.ConnectionTimeout(f"no connection within {_LONGEST_STATEMENT:.0f} seconds") from error
    finally:
        outcome.cancel()


def _set_up(session: _Session) -> None:
    """:raises OSError: it is a server that cannot be written to."""
    values = ", ".join("(?, ?)" for _name in _SESSION)
    session.execute(
        f"SELECT set_config(wanted.name, wanted.setting, false) FROM (VALUES {values}) AS wanted (name, setting)"
        " JOIN pg_catalog.pg_settings AS known ON known.name = wanted.name"
        # That one is stronger.
        " WHERE known.setting != 'remote_apply'",
        [part for setting in _SESSION.items() for part in setting],
    )
    if session.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
        raise OSError("the server is a standby, which cannot tell who lives")


def _ahead(session: _Session) -> float:
    """Seconds by which the clock of the database is ahead of this machine's; 0 where that cannot be told for sure."""
    before = time.time()
    there = session.execute("SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)").fetchone()[0]
    after = time.time()
    ahead = there - (before + after) / 2
    return ahead if abs(ahead) > _SAME_CLOCK + (after - before) / 2 else 0.0
