# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is of the ledger in PostgreSQL alone, on a real server. What it has in common with others is in test_ledgers."""

from __future__ import annotations

import contextlib
import signal
import threading
import typing as t
from urllib.parse import quote

import pytest
import trustme
from ansible_collections.community.thousandeyes.plugins.module_utils.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils.errors import (
    InvalidRequest,
    LedgerUnavailable,
    MissingLibrary,
)
from ansible_collections.community.thousandeyes.plugins.module_utils.evidence import LONGEST, LostAttempt
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger import postgresql as postgresql_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.interface import (
    Full,
    Granted,
    InFlight,
    Known,
    Unknown,
)
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils.snapshot import adopted
from ledger_work import QUOTA, Requests, claim, keep, lose, record_of
from postgresql_server import DATABASE, PASSWORD, Server, missing

SCHEMA = "thousandeyes_ledger"


@pytest.fixture
def location(postgresql: Server) -> str:
    return postgresql.empty_database()


@pytest.fixture
def rows(postgresql: Server) -> t.Callable[[], t.Any]:
    """Reads outcome and detail of each attempt."""
    query = f"SELECT outcome, coalesce(detail, '') FROM {SCHEMA}.attempt ORDER BY id"
    return lambda: postgresql.sql(query, DATABASE)


def end_all_connections(server: Server) -> None:
    server.sql(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{DATABASE}'")


def commit_and_lose_the_connection(ledger: t.Any) -> None:
    """The next commit of the ledger is done, and its answer lost."""
    with ledger._writing() as session:
        connection = session.connection
    transaction = connection.transaction

    @contextlib.contextmanager
    def commit_and_close() -> t.Iterator[None]:
        with transaction():
            yield
        connection.close()
        raise postgresql_ledger.psycopg.OperationalError("the connection was lost")

    connection.transaction = commit_and_close


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "at once"])
def test_a_restart_between_two_tasks(
    ledger: t.Any, postgresql: Server, clock: t.Any, request_for: Requests, how: signal.Signals
) -> None:
    keep(ledger, request_for(), clock)
    postgresql.restart(how)
    assert isinstance(ledger.find(request_for()), Known)
    postgresql.restart(how)
    assert isinstance(claim(ledger, request_for(test_id="817")), Granted)


def test_a_restart_while_a_request_is_under_way(
    ledger: t.Any, opened: t.Any, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    """To others its owner seems to be dead. They do not conclude that nothing was created before it can have ended."""
    request = request_for(is_public=False)
    attempt, started_at = claim(ledger, request).attempt, clock.now()
    postgresql.restart(signal.SIGQUIT)
    other = opened()
    state = claim(other, request)
    assert isinstance(state, Unknown)
    assert state.lost.ended_at == started_at + LONGEST
    other.settled(state.lost, None)
    assert isinstance(claim(other, request), Unknown)
    assert len(other.usage(QUOTA).counted) == 1
    ledger.created(attempt, record_of(request, clock.now()))
    assert other.find(request) == Known(record_of(request, clock.now()).as_known())


def test_an_outcome_is_kept_whatever_others_have_thought_of_it(
    ledger: t.Any, opened: t.Any, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    request = request_for(is_public=False)
    attempt = claim(ledger, request).attempt
    end_all_connections(postgresql)
    other = opened()
    lost = other.find(request).lost
    clock.sleep(LONGEST + 60)
    other.settled(lost, None)
    assert other.find(request) is None
    ledger.created(attempt, record_of(request, clock.now()))
    assert isinstance(other.find(request), Known)


def test_what_another_has_found_is_not_lost_again(
    ledger: t.Any, opened: t.Any, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    request = request_for(is_public=False)
    attempt = claim(ledger, request).attempt
    end_all_connections(postgresql)
    other = opened()
    record = adopted(request, "58856", clock.now(), "v7")
    other.settled(other.find(request).lost, record)
    ledger.lost(attempt, "no answer")
    assert other.find(request) == Known(record)


def test_a_database_that_is_away_for_a_while(
    ledger: t.Any, opened: t.Any, postgresql: Server, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outcome is worth waiting for. A first intent is not: nothing has happened yet."""
    monkeypatch.setattr(ledger, "_clock", SystemClock())
    attempt = claim(ledger, request_for()).attempt
    postgresql.stop()
    with pytest.raises(LedgerUnavailable, match="cannot be written"):
        claim(opened(), request_for(test_id="817"))
    starter = threading.Timer(1, postgresql.start)
    starter.start()
    ledger.created(attempt, record_of(request_for(), ledger._clock.now()))
    starter.join()
    assert isinstance(ledger.find(request_for()), Known)


def test_a_database_that_stays_away(
    ledger: t.Any, opened: t.Any, postgresql: Server, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_ledger, "_PATIENCE", 0.5)
    attempt = claim(ledger, request_for()).attempt
    postgresql.stop(signal.SIGQUIT)
    try:
        with pytest.raises(LedgerUnavailable, match="cannot be written"):
            ledger.lost(attempt, "no answer")
        with pytest.raises(LedgerUnavailable, match="cannot be read"):
            ledger.find(request_for())
        ledger.close()
    finally:
        postgresql.start()
    assert isinstance(opened().find(request_for()), Unknown)


def test_a_commit_whose_answer_was_lost(ledger: t.Any, rows: t.Any, request_for: Requests) -> None:
    """Nothing was sent for it, and the next attempt is another one."""
    commit_and_lose_the_connection(ledger)
    assert isinstance(claim(ledger, request_for()), Granted)
    assert [outcome for outcome, _detail in rows()] == ["refused", "in_flight"]
    assert "before the request could be sent" in rows()[0][1]


def test_a_commit_whose_answer_was_lost_with_the_database(
    ledger: t.Any, postgresql: Server, rows: t.Any, request_for: Requests
) -> None:
    """The intent is taken back at the end of the task, if the database is there again."""
    commit_and_lose_the_connection(ledger)
    with pytest.MonkeyPatch.context() as away:
        away.setattr(ledger, "_where", "host=127.0.0.1 port=1")
        with pytest.raises(LedgerUnavailable):
            claim(ledger, request_for())
    assert [outcome for outcome, _detail in rows()] == ["in_flight"]
    ledger.close()
    assert [outcome for outcome, _detail in rows()] == ["refused"]


@pytest.mark.parametrize("sleeps", ["pg_sleep(3)", "1"])
def test_a_claim_that_is_interrupted(
    ledger: t.Any, opened: t.Any, rows: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch, sleeps: str
) -> None:
    """As by a task's time-out, in the middle of a statement or between two. What is to be kept then can be."""

    class Stopped(Exception):
        pass

    def stop(*_signal: t.Any) -> t.NoReturn:
        raise Stopped

    def be_interrupted(_cursor: t.Any) -> None:
        if sleeps == "1":
            stop()
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        ledger._session.execute(f"SELECT {sleeps}")

    attempt = claim(ledger, request_for(test_id="817")).attempt
    monkeypatch.setattr(ledger, "_inserted", be_interrupted)
    before = signal.signal(signal.SIGALRM, stop)
    try:
        with pytest.raises(Stopped):
            claim(ledger, request_for())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    ledger.lost(attempt, "stopped")
    assert rows() == [("unknown", "stopped")]
    assert isinstance(claim(opened(), request_for()), Granted)


@pytest.mark.parametrize("reused", [False, True])
def test_a_failover_that_lost_the_intent(
    ledger: t.Any, opened: t.Any, postgresql: Server, clock: t.Any, request_for: Requests, reused: bool
) -> None:
    """The outcome is written anew, and not to another's attempt that got the same id on the new server."""
    request, other_request = request_for(), request_for(test_id="817")
    attempt = claim(ledger, request).attempt
    end_all_connections(postgresql)
    postgresql.sql(f"TRUNCATE {SCHEMA}.attempt, {SCHEMA}.snapshot RESTART IDENTITY", DATABASE)
    other = opened()
    if reused:
        assert claim(other, other_request).attempt == attempt
    ledger.created(attempt, record_of(request, clock.now()))
    assert isinstance(other.find(request), Known)
    assert isinstance(ledger.find(other_request), InFlight if reused else type(None))


def test_a_server_that_became_a_standby(
    ledger: t.Any, postgresql: Server, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_ledger, "_PATIENCE", 0.5)
    attempt = claim(ledger, request_for()).attempt
    postgresql.sql(f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on")
    try:
        end_all_connections(postgresql)
        with pytest.raises(LedgerUnavailable, match="read-only"):
            claim(ledger, request_for(test_id="817"))
    finally:
        postgresql.sql(f"ALTER DATABASE {DATABASE} RESET default_transaction_read_only")
    ledger.created(attempt, record_of(request_for(), clock.now()))


class Watch:
    """The clock of a node."""

    def __init__(self, clock: t.Any, ahead: float) -> None:
        self._clock = clock
        self.ahead = ahead

    def now(self) -> float:
        return t.cast(float, self._clock.now()) + self.ahead

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


@pytest.mark.parametrize("ahead", [-3600.0, -30.0, 30.0, 3600.0])
def test_nodes_whose_clocks_differ(
    location: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """Each sees the other's times by its own clock, and both have one quota."""
    ahead_of_database = {"wrong": ahead, "right": 0.0}
    ledgers = {name: open_ledger(location, Watch(clock, by)) for name, by in ahead_of_database.items()}

    def measured(session: t.Any) -> float:
        [name] = [name for name, ledger in ledgers.items() if ledger._session in (session, None)]
        return -ahead_of_database[name]

    for name, ledger in ledgers.items():
        with monkeypatch.context() as patched:
            patched.setattr(postgresql_ledger, "_ahead", lambda _session, name=name: -ahead_of_database[name])
            ledger.find(request_for())
    monkeypatch.setattr(postgresql_ledger, "_ahead", measured)
    start = clock.now()
    lost = lose(ledgers["wrong"], request_for(is_public=False))
    assert lost == ledgers["wrong"].find(request_for(is_public=False)).lost
    assert lost.started_at == pytest.approx(start + ahead, abs=0.01)
    assert ledgers["right"].find(request_for(is_public=False)).lost.started_at == pytest.approx(start, abs=0.01)
    until = ledgers["wrong"]._clock.now() + 100
    ledgers["wrong"].refused(claim(ledgers["wrong"], request_for()).attempt, "rate_limited", until)
    for ledger in ledgers.values():
        assert claim(ledger, request_for()) == Full(pytest.approx(ledger._clock.now() + 100, abs=0.01), told=True)
    clock.sleep(100)
    for number in range(4):
        keep(ledgers[["wrong", "right"][number % 2]], request_for(test_id=str(number + 1)), clock)
    for ledger in ledgers.values():
        assert claim(ledger, request_for()) == Full(pytest.approx(ledger._clock.now() + 200, abs=0.01))
    for ledger in ledgers.values():
        ledger.close()


def test_the_clock_of_the_database_is_measured(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger: t.Any = open_ledger(location, SystemClock())
    session = ledger._open()
    assert ledger._ahead == 0.0
    now = postgresql_ledger.time.time
    monkeypatch.setattr(postgresql_ledger.time, "time", lambda: now() - 50)
    assert postgresql_ledger._ahead(session) == pytest.approx(50, abs=0.5)
    ledger.close()


def test_commits_are_durable(ledger: t.Any, clock: t.Any, request_for: Requests, postgresql: Server) -> None:
    """Although the server of the tests would not wait for the disk by itself."""
    keep(ledger, request_for(), clock)
    assert postgresql.sql("SHOW synchronous_commit") == [("off",)]
    assert ledger._open().execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_no_transaction_is_open_and_no_row_locked_between_two_calls(
    ledger: t.Any, postgresql: Server, request_for: Requests
) -> None:
    claim(ledger, request_for())
    activity = f"SELECT state FROM pg_stat_activity WHERE datname = '{DATABASE}' AND usename = 'team'"
    assert set(postgresql.sql(activity)) == {("idle",)}
    assert postgresql.sql("SELECT DISTINCT locktype FROM pg_locks WHERE pid != pg_backend_pid()") == [("advisory",)]


def test_no_statement_reads_a_whole_table(
    ledger: t.Any, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But that of the history. The server itself says how it would run each if it had the choice."""
    claim(ledger, request_for())
    session = ledger._open()
    session.execute("SET enable_seqscan = off")
    plans: list[str] = []
    execute = type(session).execute

    def explain_and_execute(self: t.Any, statement: str, values: t.Sequence[t.Any] = ()) -> t.Any:
        if "attempt" in statement or "snapshot" in statement:
            plans.append("\n".join(line for (line,) in execute(self, f"EXPLAIN {statement}", values)))
        return execute(self, statement, values)

    monkeypatch.setattr(type(session), "execute", explain_and_execute)
    request = request_for(is_public=False, test_id="1", test_name="x")
    lost = lose(ledger, request)
    ledger.others(request, lost)
    ledger.settled(lost, None)
    ledger.find_test(request)
    ledger.usage(QUOTA)
    keep(ledger, request_for(test_id="2"), clock)
    ledger.refused(claim(ledger, request_for(test_id="3")).attempt, "rate_limited", clock.now())
    assert len(plans) > 20
    for plan in plans:
        assert "Seq Scan on attempt" not in plan and "Seq Scan on snapshot" not in plan, plan


def url_with(location: str, **changes: str) -> str:
    parts = {"user": "team", "password": PASSWORD, **changes}
    return f"postgresql://{parts['user']}:{quote(parts['password'], safe='')}@{location.rpartition('@')[2]}"


@pytest.mark.parametrize("wrong", ["password", "user", "database", "port", "host", "option"])
def test_no_message_has_the_password(location: str, clock: t.Any, request_for: Requests, wrong: str) -> None:
    secret = "pass/word of@me"
    host, _slash, database = location.rpartition("@")[2].partition("/")
    url = {
        "password": url_with(location, password=secret),
        "user": url_with(location, user="nobody", password=secret),
        "database": url_with(f"@{host}/none", password=secret),
        "port": url_with(f"@127.0.0.1:1/{database}", password=secret),
        "host": url_with(f"@no.host.invalid/{database}", password=secret),
        "option": f"{url_with(location, password=secret)}?sslmode=verify-full&sslrootcert=/none",
    }[wrong]
    for work in (
        lambda ledger: ledger.find(request_for()),
        lambda ledger: claim(ledger, request_for()),
        lambda ledger: ledger.history(),
    ):
        ledger = open_ledger(url, clock)
        with pytest.raises(LedgerUnavailable, match="The ledger postgresql://") as error:
            work(ledger)
        assert secret not in error.value.message and quote(secret, safe="") not in error.value.message
        ledger.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret%zz@host/x",
        "postgresql://me:secret%00@host/x",
        "postgresql://me:secret/word@host/x",
        "postgres://me:secret@[::1/x",
        "postgres://me:secret@host/x?nonsense=1",
        "postgres://me:secret@host/x?password",
    ],
)
def test_urls_that_cannot_be_read(url: str, clock: t.Any, request_for: Requests) -> None:
    with pytest.raises((InvalidRequest, LedgerUnavailable), match="ledger") as error:
        open_ledger(url, clock).find(request_for())
    assert "secret" not in error.value.message


def test_the_environment_of_libpq_counts(
    location: str, clock: t.Any, request_for: Requests, tmp_path: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, _slash, database = location.rpartition("@")[2].partition("/")
    passfile = tmp_path / "passfile"
    passfile.write_text(f"{host}:*:team:{PASSWORD}\n", encoding="utf-8")
    passfile.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passfile))
    monkeypatch.setenv("PGUSER", "team")
    ledger = open_ledger(f"postgresql://{host}/{database}", clock)
    keep(ledger, request_for(), clock)
    monkeypatch.setenv("PGSSLMODE", "require")
    with pytest.raises(LedgerUnavailable, match="SSL"):
        open_ledger(f"postgresql://{host}/{database}", clock).find(request_for())
    ledger.close()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_with_tls(authority: trustme.CA) -> t.Iterator[Server]:
    if why := missing():
        pytest.skip(why)
    issued = authority.issue_cert("localhost")
    with Server(certificate=(issued.cert_chain_pems[0].bytes(), issued.private_key_pem.bytes())) as server:
        yield server


@pytest.mark.parametrize("by", ["url", "environment"])
def test_tls(
    server_with_tls: Server,
    authority: trustme.CA,
    clock: t.Any,
    request_for: Requests,
    tmp_path: t.Any,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    def url(trusted: trustme.CA, host: str = "localhost") -> str:
        file = str(tmp_path / "authorities.pem")
        trusted.cert_pem.write_to_path(file)
        address = server_with_tls.url().replace("127.0.0.1", host)
        if by == "url":
            return f"{address}?sslmode=verify-full&sslrootcert={file}"
        monkeypatch.setenv("PGSSLMODE", "verify-full")
        monkeypatch.setenv("PGSSLROOTCERT", file)
        return address

    with contextlib.closing(open_ledger(url(authority), clock)) as ledger:
        keep(ledger, request_for(), clock)
        used = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'team'"
        assert server_with_tls.sql(used) == [(True,)]
    for trusted, host in ((trustme.CA(), "localhost"), (authority, "127.0.0.1")):
        with pytest.raises(LedgerUnavailable, match="certificate") as error:
            open_ledger(url(trusted, host), clock).find(request_for())
        assert PASSWORD not in error.value.message


def test_without_the_library(location: str, clock: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_ledger, "WITHOUT_PSYCOPG", "No module named 'psycopg'")
    with pytest.raises(MissingLibrary, match="needs the Python library psycopg.*No module named") as error:
        open_ledger(location, clock)
    assert PASSWORD not in error.value.message


@pytest.fixture
def worker(postgresql: Server, location: str, ledger: t.Any, clock: t.Any, request_for: Requests) -> t.Iterator[str]:
    """The URL of a role that has just the documented rights to a ledger, which is there."""
    keep(ledger, request_for(), clock)
    postgresql.sql(
        "CREATE ROLE worker LOGIN PASSWORD 'worker';"
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO worker;"
        f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {SCHEMA} TO worker",
        DATABASE,
    )
    yield postgresql.url(user="worker", password="worker")
    postgresql.sql("DROP OWNED BY worker; DROP ROLE worker", DATABASE)


def test_few_rights_are_enough(worker: str, ledger: t.Any, clock: t.Any, request_for: Requests) -> None:
    other = open_ledger(worker, clock)
    assert isinstance(claim(other, request_for()), Known)
    request = request_for(test_id="817", is_public=False)
    granted = claim(other, request)
    assert isinstance(ledger.find(request), InFlight)
    other.lost(granted.attempt, "no answer")
    lost = other.find(request).lost
    other.others(request, lost)
    other.settled(lost, None)
    keep(other, request, clock)
    other.refused(claim(other, request_for(test_id="818")).attempt, "rate_limited", clock.now() + 1)
    assert len(other.history()) == len(ledger.history()) == 2
    other.close()


def test_to_read_needs_no_more_than_the_right_to_read(
    worker: str, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    postgresql.sql(f"REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA {SCHEMA} FROM worker", DATABASE)
    other = open_ledger(worker, clock)
    assert len(other.history()) == 1
    with pytest.raises(LedgerUnavailable, match="permission denied"):
        claim(other, request_for(test_id="817"))
    other.close()


def test_a_lack_of_rights_is_no_lack_of_a_ledger(
    worker: str, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    postgresql.sql(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM worker", DATABASE)
    other = open_ledger(worker, clock)
    with pytest.raises(LedgerUnavailable, match="permission denied"):
        other.find(request_for())
    other.close()


def test_a_role_that_may_not_make_a_ledger(
    worker: str, postgresql: Server, exists: t.Callable[[], bool], clock: t.Any, request_for: Requests
) -> None:
    postgresql.empty_database()
    other = open_ledger(worker, clock)
    assert other.find(request_for()) is None
    with pytest.raises(LedgerUnavailable, match="permission denied.* takes the right to create the schema"):
        claim(other, request_for())
    assert not exists()
    other.close()


def test_a_newer_schema_is_left_alone(ledger: t.Any, postgresql: Server, clock: t.Any, request_for: Requests) -> None:
    """Found at the start and, since another node may bring it, with each intent."""
    keep(ledger, request_for(), clock)
    postgresql.sql(f"UPDATE {SCHEMA}.ledger SET version = 99", DATABASE)
    with pytest.raises(LedgerUnavailable, match="newer version"):
        claim(ledger, request_for(test_id="817"))
    ledger.close()
    with pytest.raises(LedgerUnavailable, match="newer version"):
        ledger.find(request_for())


def test_an_older_schema_is_brought_up_to_date_once(
    location: str, opened: t.Any, ledger: t.Any, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(ledger, request_for(), clock)
    newer = (*postgresql_ledger._STEPS, "ALTER TABLE attempt ADD COLUMN more text")
    monkeypatch.setattr(postgresql_ledger, "_STEPS", newer)
    ready = threading.Barrier(4)
    found: list[t.Any] = []

    def work() -> None:
        other = open_ledger(location, clock)
        ready.wait()
        found.append(other.find(request_for()))
        other.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(state) for state in found] == [Known] * 4


def test_a_schema_that_is_no_ledger_is_left_alone(
    ledger: t.Any, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    postgresql.sql(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION team; CREATE TABLE {SCHEMA}.attempt (mine text)", DATABASE)
    with pytest.raises(LedgerUnavailable, match="already exists"):
        claim(ledger, request_for())
    tables = f"SELECT relname FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind = 'r'"
    assert postgresql.sql(tables, DATABASE) == [("attempt",)]


def test_a_session_that_others_share(ledger: t.Any, opened: t.Any, request_for: Requests) -> None:
    """A pooler in transaction mode: the lock of the owner is held by another session."""
    claim(ledger, request_for())
    other = opened()
    other._open()
    ledger._session, other._session = other._session, ledger._session
    with pytest.raises(LedgerUnavailable, match="pooler"):
        claim(ledger, request_for(test_id="817"))


def test_titles_of_all_kinds(ledger: t.Any, clock: t.Any, request_for: Requests) -> None:
    for title in ("x" * 5000, "100 % ? %s \\ ' \" ☃ é", "1"):
        request = request_for(display_name=title, test_name="Web shop")
        keep(ledger, request, clock)
        assert ledger.find_test(request._replace(test_id="")) == request.test_id
    assert ledger.history()[0].request.display_name == "x" * 5000


def test_lost_attempts_of_a_ledger_that_is_gone(ledger: t.Any, request_for: Requests) -> None:
    claim(ledger, request_for())
    ledger.settled(LostAttempt(99, 0.0, 0.0, ""), None)
    assert claim(ledger, request_for(test_id="2"), quota=Quota("org", 1, 300)) == Full(
        pytest.approx(ledger._clock.now() + 300)
    )


@pytest.mark.parametrize(
    ("seconds", "what", "stands"),
    [(0, "nothing", True), (59, "nothing", True), (61, "nothing", False), (0, "cut", False), (0, "settled", False)],
)
def test_an_intent_stands_while_nobody_can_doubt_it(
    ledger: t.Any,
    opened: t.Any,
    postgresql: Server,
    clock: t.Any,
    request_for: Requests,
    seconds: float,
    what: str,
    stands: bool,
) -> None:
    attempt = claim(ledger, request_for()).attempt
    clock.sleep(seconds)
    if what == "cut":
        end_all_connections(postgresql)
    elif what == "settled":
        postgresql.sql(f"UPDATE {SCHEMA}.attempt SET outcome = 'refused'", DATABASE)
    assert ledger.stands(attempt) is stands


def test_an_outcome_is_kept_though_somebody_cancels_it(
    ledger: t.Any, postgresql: Server, clock: t.Any, request_for: Requests, rows: t.Any
) -> None:
    attempt = claim(ledger, request_for()).attempt
    blocker = postgresql_ledger.psycopg.connect(postgresql.url())
    with contextlib.closing(blocker):
        blocker.execute(f"SELECT 1 FROM {SCHEMA}.ledger FOR UPDATE")
        keeping = threading.Thread(target=ledger.created, args=(attempt, record_of(request_for(), clock.now())))
        keeping.start()
        cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not postgresql.sql(cancel):
            assert keeping.is_alive()
    keeping.join()
    assert rows() == [("created", "")]


def test_an_outcome_is_kept_by_an_older_version(
    ledger: t.Any, postgresql: Server, clock: t.Any, request_for: Requests, rows: t.Any
) -> None:
    """Somebody brought the schema up to date while the request was under way."""
    attempt = claim(ledger, request_for()).attempt
    postgresql.sql(f"UPDATE {SCHEMA}.ledger SET version = 99", DATABASE)
    end_all_connections(postgresql)
    ledger.created(attempt, record_of(request_for(), clock.now()))
    assert rows() == [("created", "")]
    with pytest.raises(LedgerUnavailable, match="newer version"):
        claim(ledger, request_for(test_id="817"))


def test_an_outcome_that_could_not_be_kept_is_unknown_to_others(
    ledger: t.Any, clock: t.Any, request_for: Requests, rows: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = claim(ledger, request_for()).attempt
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_ahead", "no number")
        patch.setattr(postgresql_ledger, "_ahead", lambda _session: "no number")
        with pytest.raises(TypeError):
            ledger.refused(attempt, "invalid_request")
    ledger.close()
    assert [outcome for outcome, _detail in rows()] == ["unknown"]


def test_a_commit_that_the_server_warns_of_is_in_doubt(
    ledger: t.Any, postgresql: Server, request_for: Requests, rows: t.Any
) -> None:
    """As if somebody had ended its wait for the synchronous standby."""
    postgresql.sql(
        "CREATE FUNCTION public.warn() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE WARNING 'not replicated'; RETURN NULL; END $$",
        DATABASE,
    )
    try:
        ledger.refused(claim(ledger, request_for(test_id="817")).attempt, "forbidden")
        postgresql.sql(
            f"CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON {SCHEMA}.attempt DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION public.warn()",
            DATABASE,
        )
        with pytest.raises(LedgerUnavailable, match="in doubt: not replicated"):
            claim(ledger, request_for())
    finally:
        postgresql.sql("DROP FUNCTION public.warn CASCADE", DATABASE)
    assert isinstance(claim(ledger, request_for()), Granted)
    assert [outcome for outcome, _detail in rows()] == ["refused", "refused", "in_flight"]


def test_a_role_that_is_made_to_read_only(
    ledger: t.Any, opened: t.Any, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    keep(ledger, request_for(), clock)
    postgresql.sql("ALTER ROLE team SET default_transaction_read_only = on")
    try:
        reader = opened()
        assert isinstance(reader.find(request_for()), Known)
        with pytest.raises(LedgerUnavailable, match="read-only"):
            claim(reader, request_for(test_id="817"))
    finally:
        postgresql.sql("ALTER ROLE team RESET default_transaction_read_only")


@pytest.mark.parametrize("by", ["url", "variable"])
def test_a_service_keeps_its_settings(
    postgresql: Server, clock: t.Any, tmp_path: t.Any, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    postgresql.empty_database()
    (tmp_path / "services").write_text(
        f"[ours]\nhost=127.0.0.1\nport={postgresql.port}\nuser=team\ndbname={DATABASE}\nkeepalives_idle=77\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    if by == "variable":
        monkeypatch.setenv("PGSERVICE", "ours")
    ledger: t.Any = open_ledger("postgresql:///" + ("?service=ours" if by == "url" else ""), clock)
    with contextlib.closing(ledger):
        assert ledger.history() == []
        used = {option.keyword: option.val for option in ledger._session.connection.pgconn.info}
        assert used[b"keepalives_idle"] == b"77"
    assert ledger._shown == "postgresql:///" + ("?service=ours" if by == "url" else "")
