# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is of the ledger in PostgreSQL alone, on a real server. What it has in common with others is in test_ledgers."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import threading
import typing as t
from urllib.parse import quote

import pytest
import trustme
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    InvalidRequest,
    LedgerUnavailable,
    MissingLibrary,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.lost import LONGEST, LostAttempt
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import postgresql as postgresql_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import postgresql_schema
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import watch
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import (
    Full,
    Granted,
    InFlight,
    Known,
    Unknown,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.created import adopted
from support.capture_bench import SetClock
from support.guides import ROOT, examples
from support.ledger_work import QUOTA, Requests, claim, keep, lose, record_of
from support.postgresql_server import DATABASE, PASSWORD, Proxy, Server, missing

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
        pass
    execute = session.execute

    def execute_and_close(statement: str, *values: t.Any) -> t.Any:
        done = execute(statement, *values)
        if statement == "COMMIT":
            session.connection.close()
            raise postgresql_ledger.psycopg.OperationalError("the connection was lost")
        return done

    session.execute = execute_and_close


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
    record = record_of(request, clock.now())
    # Once more, when more is known.
    for visibility in ("unknown", "confirmed"):
        ledger.created(attempt, record._replace(visibility=visibility))
    assert isinstance(other.find(request), Known)
    assert [entry.state.record.visibility for entry in other.history() if entry.request == request] == ["confirmed"]
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


@pytest.mark.parametrize("ahead", [-3600.0, -30.0, 30.0, 3600.0])
def test_nodes_whose_clocks_differ(
    location: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """Each sees the other's times by its own clock, and both have one quota."""
    ahead_of_database = {"wrong": ahead, "right": 0.0}
    ledgers = {name: open_ledger(location, SetClock(clock, by)) for name, by in ahead_of_database.items()}

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


def test_the_guide(
    server_with_tls: Server,
    authority: trustme.CA,
    clock: t.Any,
    request_for: Requests,
    tmp_path: t.Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its SQL, its URL and its password file, as they stand there but for the host and the authority."""
    guide = ROOT / "docs" / "docsite" / "rst" / "guide_ledger.rst"
    first, second = (example.text for example in examples(guide) if example.language == "postgresql")
    text = guide.read_text(encoding="utf-8")
    (url,) = re.findall("THOUSANDEYES_LEDGER='(postgresql://.+)'", text)
    (line,) = re.findall("``(db.example.com:5432:.+):the password``", text)
    here, trusted = f"localhost:{server_with_tls.port}", tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(trusted)
    url = re.sub("sslrootcert=.+", f"sslrootcert={trusted}", url.replace("db.example.com", here))

    for statement in first.strip().split("\n"):
        server_with_tls.sql(statement)
    passwords = tmp_path / "pgpass"
    passwords.write_text(line.replace("db.example.com:5432", here) + ":choose another one\n", encoding="utf-8")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    with contextlib.closing(open_ledger(url, clock)) as ledger:
        keep(ledger, request_for(), clock)

    for statement in second.strip().split("\n"):
        server_with_tls.sql(statement, "thousandeyes")
    other = url.replace("thousandeyes@", f"thousandeyes_berlin:{quote('choose another one, too')}@")
    with contextlib.closing(open_ledger(other, clock)) as ledger:
        assert isinstance(ledger.find(request_for()), Known)
        keep(ledger, request_for(test_id="817"), clock)


def test_without_the_library(location: str, clock: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_ledger, "WITHOUT_PSYCOPG", ImportError("no pq\nwrapper"))
    why = f"needs psycopg, version 3.*{sys.executable} .*ImportError: no pq wrapper"
    with pytest.raises(MissingLibrary, match=why) as error:
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
    postgresql.sql(f"UPDATE {SCHEMA}.ledger SET version = 99, least = 99", DATABASE)
    with pytest.raises(LedgerUnavailable, match="newer version"):
        claim(ledger, request_for(test_id="817"))
    ledger.close()
    with pytest.raises(LedgerUnavailable, match="newer version"):
        ledger.find(request_for())


def test_an_older_schema_is_brought_up_to_date_once(
    location: str, opened: t.Any, ledger: t.Any, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(ledger, request_for(), clock)
    newer = (*postgresql_schema.STEPS, "ALTER TABLE attempt ADD COLUMN more text")
    monkeypatch.setattr(postgresql_schema, "STEPS", newer)
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
    postgresql.sql(f"UPDATE {SCHEMA}.ledger SET version = 99, least = 99", DATABASE)
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


@pytest.fixture
def proxy(postgresql: Server, location: str) -> t.Iterator[Proxy]:
    """To the server of an empty database."""
    assert location
    with Proxy(postgresql) as running:
        yield running


@pytest.fixture
def by_proxy(proxy: Proxy, clock: t.Any) -> t.Iterator[t.Any]:
    """A ledger whose server can fall silent."""
    with contextlib.closing(open_ledger(proxy.url(), clock)) as ledger:
        yield ledger


@pytest.fixture
def fall_silent(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[t.Any], None]:
    """From now on. Only now, and not while it answers, is the time for a statement short: a machine may be slow."""

    assert postgresql_ledger._LONGEST_STATEMENT == 60

    def fall_silent(what: t.Any = "requests") -> None:
        monkeypatch.setattr(postgresql_ledger, "_LONGEST_STATEMENT", 1.0)
        proxy.deaf = what

    return fall_silent


SILENT = "did not answer within 1 seconds|no connection within 1 seconds"


@pytest.mark.parametrize("opened_before", [False, True])
@pytest.mark.parametrize("work", ["find", "claim", "history"])
def test_a_database_that_never_answers(
    by_proxy: t.Any, fall_silent: t.Any, request_for: Requests, work: str, opened_before: bool
) -> None:
    """It takes what is sent, so nothing but this side ends the wait."""
    if opened_before:
        by_proxy.find(request_for())
    fall_silent()
    with pytest.raises(LedgerUnavailable, match=SILENT):
        {
            "find": lambda: by_proxy.find(request_for()),
            "claim": lambda: claim(by_proxy, request_for()),
            "history": by_proxy.history,
        }[work]()


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Connections wait for it, as for a name server."""
    over = threading.Event()
    connect = postgresql_ledger.psycopg.connect

    def connect_late(*where: t.Any, **how: t.Any) -> t.Any:
        over.wait()
        return connect(*where, **how)

    monkeypatch.setattr(postgresql_ledger.psycopg, "connect", connect_late)
    return over


def test_people_are_told_of_a_long_wait(
    location: str, clock: t.Any, looked_up: threading.Event, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watch.QUIET == 10
    monkeypatch.setattr(watch, "QUIET", 0.1)
    said: list[str] = []

    def hear_and_let_go(text: str) -> None:
        said.append(text)
        looked_up.set()

    with contextlib.closing(open_ledger(location, clock, tell=hear_and_let_go)) as ledger:
        assert ledger.find(request_for()) is None
    # A slow machine lets other waits last as long.
    assert set(said) == {f"waiting for the ledger {location.replace(':' + quote(PASSWORD, safe=''), '')}"}


def test_a_look_up_of_a_name_that_takes_long(
    by_proxy: t.Any, fall_silent: t.Any, looked_up: threading.Event, request_for: Requests
) -> None:
    """No time-out of libpq or of the socket is for that. The thread that waits for it must not keep the process."""
    fall_silent("")
    with pytest.raises(LedgerUnavailable, match="no connection within 1 seconds"):
        by_proxy.find(request_for())
    waiting = [thread for thread in threading.enumerate() if thread.name == "connecting"]
    assert waiting and all(thread.daemon for thread in waiting)
    looked_up.set()
    for thread in waiting:
        thread.join()


@pytest.mark.parametrize("lost", ["requests", "answers"])
def test_a_commit_that_ran_out_is_in_doubt(
    by_proxy: t.Any,
    proxy: Proxy,
    fall_silent: t.Any,
    request_for: Requests,
    rows: t.Any,
    monkeypatch: pytest.MonkeyPatch,
    lost: str,
) -> None:
    """Done or not: nothing is sent for it, and it stands in nobody's way afterwards."""
    with by_proxy._writing() as session:
        pass
    execute = session.execute

    def execute_and_wait(statement: str, *values: t.Any) -> t.Any:
        if statement == "COMMIT":
            fall_silent(lost)
        return execute(statement, *values)

    session.execute = execute_and_wait
    with pytest.raises(LedgerUnavailable, match=SILENT):
        claim(by_proxy, request_for())
    proxy.deaf = ""
    monkeypatch.setattr(postgresql_ledger, "_LONGEST_STATEMENT", 60.0)
    assert isinstance(claim(by_proxy, request_for()), Granted)
    done = ["refused"] if lost == "answers" else []
    assert [outcome for outcome, _detail in rows()] == [*done, "in_flight"]


@pytest.mark.parametrize("again", [False, True])
def test_an_outcome_for_a_database_that_fell_silent(
    by_proxy: t.Any,
    opened: t.Any,
    proxy: Proxy,
    fall_silent: t.Any,
    clock: t.Any,
    request_for: Requests,
    monkeypatch: pytest.MonkeyPatch,
    again: bool,
) -> None:
    """It is worth another connection, which may answer."""
    monkeypatch.setattr(postgresql_ledger, "_PATIENCE", 0.5)
    attempt = claim(by_proxy, request_for()).attempt
    record = record_of(request_for(), clock.now())
    drop = by_proxy._drop

    def drop_and_answer() -> None:
        drop()
        if again:
            proxy.deaf = ""
            monkeypatch.setattr(postgresql_ledger, "_LONGEST_STATEMENT", 60.0)

    monkeypatch.setattr(by_proxy, "_drop", drop_and_answer)
    fall_silent()
    if again:
        by_proxy.created(attempt, record)
        assert isinstance(opened().find(request_for()), Known)
    else:
        with pytest.raises(LedgerUnavailable, match=SILENT):
            by_proxy.created(attempt, record)
    proxy.deaf = ""


def test_the_server_ends_a_wait_for_a_lock_sooner_than_the_client(ledger: t.Any) -> None:
    """So that it is known what became of the statement."""
    [wait] = ledger._open().execute("SHOW lock_timeout").fetchone()
    assert wait.endswith("s") and not wait.endswith("ms")
    assert float(wait[:-1]) <= postgresql_ledger._LONGEST_STATEMENT - 5


class Waiting:
    """A clock: after some waits, something happens."""

    def __init__(self, clock: t.Any, waits: int, happens: t.Callable[[], None]) -> None:
        self._clock = clock
        self._waits = waits
        self._happens = happens
        self.waited = 0

    def now(self) -> float:
        return t.cast(float, self._clock.now())

    def boot(self) -> None:
        """Not of interest here."""

    def sleep(self, _seconds: float) -> None:
        self.waited += 1
        if self.waited == self._waits:
            self._happens()


def test_a_server_that_has_no_room_for_a_connection(
    location: str, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    """At first contact, too: other jobs are about to end."""
    waiting = Waiting(clock, 3, lambda: postgresql.sql("ALTER ROLE team CONNECTION LIMIT -1") and None)
    postgresql.sql("ALTER ROLE team CONNECTION LIMIT 0")
    try:
        with contextlib.closing(open_ledger(location, waiting)) as ledger:
            assert isinstance(claim(ledger, request_for()), Granted)
    finally:
        postgresql.sql("ALTER ROLE team CONNECTION LIMIT -1")
    assert waiting.waited == 3


@pytest.mark.parametrize(
    ("refusal", "passes"),
    [
        ("sorry, too many clients already", True),
        ("remaining connection slots are reserved for roles with the SUPERUSER attribute", True),
        ("the database system is starting up", True),
        ("the database system is shutting down", True),
        ("the database system is in recovery mode", True),
        ("the database system is not yet accepting connections", True),
        ("no more connections allowed (max_client_conn)", True),
        ('password authentication failed for user "team"', False),
        ('database "ledgers" does not exist', False),
        ('database "ledgers" is not currently accepting connections', False),
    ],
)
def test_what_a_refused_connection_is_waited_for(
    proxy: Proxy, clock: t.Any, request_for: Requests, refusal: str, passes: bool
) -> None:
    proxy.refusal = refusal
    waiting = Waiting(clock, 2, lambda: setattr(proxy, "refusal", ""))
    with contextlib.closing(open_ledger(proxy.url(), waiting)) as ledger:
        if passes:
            assert ledger.find(request_for()) is None
        else:
            with pytest.raises(LedgerUnavailable, match="cannot be read"):
                ledger.find(request_for())
    assert waiting.waited == (2 if passes else 0)


def test_a_server_that_stays_full(
    proxy: Proxy, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_ledger, "_PATIENCE", 0.1)
    proxy.refusal = "sorry, too many clients already"
    with contextlib.closing(open_ledger(proxy.url(), SystemClock())) as ledger:
        with pytest.raises(LedgerUnavailable, match="too many clients"):
            ledger.find(request_for())


@pytest.mark.parametrize(
    ("mode", "content", "told"),
    [
        (0o640, "*:*:*:*:x", "ignored {file}, since others than its owner may use it (mode 0640); set it to 0600."),
        (0o600, "elsewhere:*:*:*:x", "found none for this address and user in {file}."),
        (None, "", "could not read {file}: No such file or directory."),
    ],
)
def test_a_password_file_that_does_not_help(
    location: str,
    clock: t.Any,
    request_for: Requests,
    tmp_path: t.Any,
    monkeypatch: pytest.MonkeyPatch,
    mode: int | None,
    content: str,
    told: str,
) -> None:
    file = tmp_path / "passwords"
    if mode is not None:
        file.write_text(content)
        file.chmod(mode)
    monkeypatch.setenv("PGPASSFILE", str(file))
    monkeypatch.delenv("PGPASSWORD", raising=False)
    ledger = open_ledger(f"postgresql://team@{location.rpartition('@')[2]}", clock)
    with pytest.raises(LedgerUnavailable, match="no password supplied") as error:
        ledger.find(request_for())
    assert error.value.message.endswith(f"and libpq {told.format(file=file)}")


SWALLOW = (
    "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
    "CREATE TRIGGER swallow BEFORE {what} FOR EACH ROW EXECUTE FUNCTION public.swallow()"
)


@pytest.fixture
def alter(postgresql: Server, ledger: t.Any, request_for: Requests) -> t.Iterator[t.Callable[[str], None]]:
    """Changes the schema of a ledger that is there and open."""
    ledger.refused(claim(ledger, request_for(test_id="1")).attempt, "forbidden")
    yield lambda statement: postgresql.sql(f"SET search_path = {SCHEMA}; {statement}", DATABASE) and None
    postgresql.sql("DROP FUNCTION IF EXISTS public.swallow CASCADE", DATABASE)


@pytest.mark.parametrize(
    "statement",
    [
        SWALLOW.format(what=f"INSERT ON {SCHEMA}.snapshot"),
        SWALLOW.format(what=f"INSERT ON {SCHEMA}.attempt"),
        f"CREATE RULE swallow AS ON INSERT TO {SCHEMA}.snapshot DO INSTEAD NOTHING",
        f"CREATE RULE swallow AS ON INSERT TO {SCHEMA}.attempt DO INSTEAD NOTHING",
    ],
)
def test_an_intent_that_the_database_swallows(
    ledger: t.Any, alter: t.Callable[[str], None], request_for: Requests, statement: str
) -> None:
    alter(statement)
    with pytest.raises(LedgerUnavailable, match="cannot be written"):
        claim(ledger, request_for())


@pytest.mark.parametrize("work", ["created", "refused", "lost", "settled", "told"])
def test_an_outcome_that_the_database_swallows(
    ledger: t.Any, alter: t.Callable[[str], None], clock: t.Any, request_for: Requests, work: str
) -> None:
    request = request_for()
    attempt = claim(ledger, request).attempt
    if work == "settled":
        ledger.lost(attempt, "no answer")
    lost = LostAttempt(attempt, clock.now(), clock.now(), "no answer")
    alter(SWALLOW.format(what="INSERT ON organization" if work == "told" else "UPDATE ON attempt"))
    with pytest.raises(LedgerUnavailable, match="did not take what was written"):
        {
            "created": lambda: ledger.created(attempt, record_of(request, clock.now())),
            "refused": lambda: ledger.refused(attempt, "forbidden"),
            "lost": lambda: ledger.lost(attempt, "no answer"),
            "settled": lambda: ledger.settled(lost, None),
            "told": lambda: ledger.refused(attempt, "rate_limited", clock.now() + 100),
        }[work]()


@pytest.mark.parametrize(
    "statement",
    [
        SWALLOW.format(what="UPDATE ON organization"),
        "CREATE RULE swallow AS ON UPDATE TO attempt DO INSTEAD NOTHING",
        "ALTER TABLE attempt ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE public.heir () INHERITS (attempt)",
        "ALTER TABLE organization RENAME TO real; CREATE VIEW organization AS SELECT * FROM real",
    ],
)
def test_a_table_that_does_something_of_its_own(
    ledger: t.Any,
    opened: t.Any,
    alter: t.Callable[[str], None],
    clock: t.Any,
    request_for: Requests,
    rows: t.Any,
    statement: str,
) -> None:
    """Nothing of it is read or written, but an outcome."""
    attempt = claim(ledger, request_for()).attempt
    alter(statement)
    for work in (lambda: opened().find(request_for()), lambda: claim(opened(), request_for())):
        with pytest.raises(LedgerUnavailable, match=f"{SCHEMA}.(attempt|organization) must be a plain table"):
            work()
    if "INSTEAD" not in statement:
        ledger._drop()
        ledger.created(attempt, record_of(request_for(), clock.now()))
        assert rows()[-1] == ("created", "")


def test_rows_that_a_policy_hides_are_not_missing(
    worker: str, postgresql: Server, clock: t.Any, request_for: Requests
) -> None:
    """It came after the look at the tables, and would let this snapshot be created again."""
    with contextlib.closing(open_ledger(worker, clock)) as other:
        assert isinstance(other.find(request_for()), Known)
        postgresql.sql(
            f"CREATE POLICY mine ON {SCHEMA}.attempt USING (false);"
            f"ALTER TABLE {SCHEMA}.attempt ENABLE ROW LEVEL SECURITY",
            DATABASE,
        )
        with pytest.raises(LedgerUnavailable, match="row-level security"):
            other.find(request_for())


EXTENSION = """
ALTER TABLE ledger ADD COLUMN remark text;
ALTER TABLE snapshot ADD COLUMN record text, ADD COLUMN started_at double precision NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN name text, ADD COLUMN told_at double precision, ADD COLUMN is_public boolean;
ALTER TABLE organization ADD COLUMN id bigint, ADD COLUMN identity text, ADD COLUMN organization text DEFAULT 'other';
CREATE TABLE control (identity text PRIMARY KEY REFERENCES snapshot (identity), outcome text);
UPDATE ledger SET version = 99, least = {least}
"""


def test_a_ledger_that_a_newer_version_has_extended(
    ledger: t.Any, opened: t.Any, alter: t.Callable[[str], None], clock: t.Any, request_for: Requests, rows: t.Any
) -> None:
    """By columns, some with names that other tables have, and a table. Both versions use it, and it stays newer."""
    under_way = claim(ledger, request_for(test_id="2")).attempt
    keep(ledger, request_for(), clock)
    alter(EXTENSION.format(least=len(postgresql_schema.STEPS)))
    for used in (ledger, opened()):
        assert isinstance(used.find(request_for()), Known)
        assert isinstance(claim(used, request_for()), Known)
    other = opened()
    assert isinstance(other.find(request_for(test_id="2")), InFlight)
    ledger.refused(under_way, "rate_limited", clock.now() + 1)
    assert claim(other, request_for(test_id="2")) == Full(pytest.approx(clock.now() + 1), told=True)
    clock.sleep(2)
    private = request_for(test_id="3", test_name="x", is_public=False)
    lost = lose(other, private)
    assert other.others(request_for(test_id="4", is_public=False), lost._replace(attempt=0)).rivals
    assert other.find_test(private._replace(test_id="")) == "3"
    other.settled(lost, adopted(private, "58856", clock.now(), "v7"))
    assert len(other.history()) == 2
    assert len(other.usage(QUOTA).counted) == 2
    alter("DO $$ BEGIN ASSERT (SELECT version FROM ledger) = 99; END $$")


def test_a_ledger_that_a_newer_version_has_changed(
    ledger: t.Any, opened: t.Any, alter: t.Callable[[str], None], clock: t.Any, request_for: Requests, rows: t.Any
) -> None:
    """It says that this one may not use it. What this one sent already it keeps."""
    attempt = claim(ledger, request_for()).attempt
    alter(EXTENSION.format(least=len(postgresql_schema.STEPS) + 1))
    for work in (lambda: claim(ledger, request_for(test_id="817")), lambda: opened().find(request_for())):
        with pytest.raises(LedgerUnavailable, match="newer version"):
            work()
    ledger.created(attempt, record_of(request_for(), clock.now()))
    assert rows()[-1] == ("created", "")


def test_a_ledger_of_the_first_version(
    location: str, postgresql: Server, opened: t.Any, clock: t.Any, request_for: Requests
) -> None:
    """It did not know of others that may use it."""
    with contextlib.closing(postgresql_ledger.psycopg.connect(location, autocommit=True)) as first:
        first.execute(f"CREATE SCHEMA {SCHEMA}; SET search_path = {SCHEMA};{postgresql_schema.STEPS[0]}")
        first.execute("UPDATE ledger SET version = 1")
    keep(opened(), request_for(), clock)
    assert isinstance(opened().find(request_for()), Known)
    steps = len(postgresql_schema.STEPS)
    assert postgresql.sql(f"SELECT version, least <= {steps} FROM {SCHEMA}.ledger", DATABASE) == [(steps, True)]


def test_roles_keep_their_rights_when_the_schema_gets_another_table(
    worker: str, postgresql: Server, opened: t.Any, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = (*postgresql_schema.STEPS, "CREATE TABLE more (x integer)")
    monkeypatch.setattr(postgresql_schema, "STEPS", newer)
    with contextlib.closing(open_ledger(worker, clock)) as early:
        with pytest.raises(LedgerUnavailable, match="to own it"):
            early.find(request_for())
    opened().find(request_for())
    with contextlib.closing(open_ledger(worker, clock)) as other:
        assert isinstance(other.find(request_for()), Known)
        assert isinstance(claim(other, request_for(test_id="817")), Granted)
    rights = "SELECT string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM information_schema.role_table_grants"
    of_worker = f"{rights} WHERE grantee = 'worker' AND table_name = 'more'"
    assert postgresql.sql(of_worker, DATABASE) == [("INSERT SELECT UPDATE",)]
