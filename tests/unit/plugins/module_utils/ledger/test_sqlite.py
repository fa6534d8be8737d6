# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is of the file ledger alone. What it has in common with others is in test_ledgers."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import queue
import shutil
import sqlite3
import stat
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import LedgerUnavailable
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import sqlite as sqlite_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.interface import Granted, InFlight, Known
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.owners import Owner
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.sqlite import SqliteLedger
from support.ledger_work import QUOTA, Requests, claim, keep, lose, record_of
from support.patience import HANG


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "new" / "folder" / "ledger.sqlite3")


@pytest.fixture
def location(path: str) -> str:
    return path


def test_only_the_owner_can_read_it(ledger: SqliteLedger, path: str, request_for: Requests) -> None:
    before = os.umask(0)
    try:
        claim(ledger, request_for())
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    for name in os.listdir(os.path.dirname(path)):
        mode = stat.S_IMODE(os.stat(os.path.join(os.path.dirname(path), name)).st_mode)
        assert mode in (0o600, 0o700), name


def test_what_dead_processes_leave_is_removed(
    ledger: SqliteLedger, opened: t.Any, path: str, request_for: Requests
) -> None:
    claim(opened(), request_for())
    [living] = os.listdir(f"{path}.owners")
    # Killed after everything was settled, and killed before its name was known.
    for name in ("dead", ".draft"):
        Path(f"{path}.owners", name).touch()
    claim(ledger, request_for(test_id="817"))
    left = set(os.listdir(f"{path}.owners"))
    assert len(left) == 3 and {living, ".draft"} < left
    assert isinstance(ledger.find(request_for()), InFlight)


def test_no_statement_reads_a_whole_table(ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests) -> None:
    """But that of the history. SQLite itself says how it would run each."""
    claim(ledger, request_for())
    statements: list[str] = []
    with ledger._writing() as database:
        database.set_trace_callback(statements.append)
    request = request_for(is_public=False, test_id="1", test_name="x")
    lost = lose(ledger, request)
    ledger.others(request, lost)
    ledger.settled(lost, None)
    ledger.find_test(request)
    ledger.usage(QUOTA)
    keep(ledger, request_for(test_id="2"), clock)
    ledger.refused(claim(ledger, request_for(test_id="3")).attempt, "rate_limited", clock.now())
    database.set_trace_callback(None)
    explained = [text for text in statements if text.startswith(("SELECT", "WITH", "INSERT", "UPDATE"))]
    assert len(explained) > 20
    for text in explained:
        steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {text}")]
        whole = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
        assert whole in ([], ["SCAN other"]), (text, steps)


def test_an_owner_that_ends_while_it_is_looked_at(
    ledger: SqliteLedger, opened: t.Any, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for()
    other = opened()
    attempt = claim(other, request).attempt

    def lives(_owner: Owner, _name: str) -> bool:
        other.created(attempt, record_of(request, clock.now()))
        other.close()
        return False

    with monkeypatch.context() as moment:
        moment.setattr(Owner, "lives", lives)
        assert isinstance(ledger.find(request), Known)


def test_links_lead_to_the_same_owners(
    ledger: SqliteLedger, path: str, clock: t.Any, tmp_path: Path, request_for: Requests
) -> None:
    claim(ledger, request_for())
    link = tmp_path / "link"
    link.symlink_to(path)
    other = SqliteLedger(str(link), clock)
    assert isinstance(other.find(request_for()), InFlight)
    other.close()


def test_owners_that_somebody_removed(ledger: SqliteLedger, opened: t.Any, path: str, request_for: Requests) -> None:
    claim(ledger, request_for())
    shutil.rmtree(f"{path}.owners")
    claim(ledger, request_for(test_id="817"))
    assert isinstance(opened().find(request_for(test_id="817")), InFlight)


def test_a_ledger_that_somebody_removed(ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    os.rename(path, f"{path}.away")
    with pytest.raises(LedgerUnavailable, match="removed"):
        claim(ledger, request_for(test_id="817"))
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b""), "it is no ledger"),
        (
            lambda path: path.write_bytes(b"notes of mine, and long enough to be taken for a database" * 100),
            "not a database",
        ),
        (
            lambda path: (
                sqlite3.connect(path).executescript("CREATE TABLE mine (x); PRAGMA application_id = 7;").close()
            ),
            "no ledger",
        ),
        (lambda path: path.mkdir(), "unable to open"),
    ],
)
def test_what_is_no_ledger_is_left_alone(
    tmp_path: Path, clock: t.Any, request_for: Requests, make: t.Any, reason: str
) -> None:
    path = tmp_path / "mine"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    ledger = SqliteLedger(str(path), clock)
    for work in (lambda: ledger.find(request_for()), lambda: claim(ledger, request_for())):
        with pytest.raises(LedgerUnavailable, match=f"{path} .*{reason}"):
            work()
    ledger.close()
    assert before is None or path.read_bytes() == before


def test_a_newer_schema_is_left_alone(ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    ledger.close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LedgerUnavailable, match="newer version"):
        ledger.find(request_for())


def test_a_folder_that_cannot_be_made(tmp_path: Path, clock: t.Any, request_for: Requests) -> None:
    (tmp_path / "file").write_text("")
    ledger = SqliteLedger(str(tmp_path / "file" / "ledger.sqlite3"), clock)
    with pytest.raises(LedgerUnavailable, match="cannot be written"):
        claim(ledger, request_for())


def test_commits_are_durable(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    """SQLite syncs each commit in WAL mode only with FULL (2) or above."""
    keep(ledger, request_for(), clock)
    database = ledger._open()
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone()[0] >= 2


def test_an_older_schema_is_brought_up_to_date(
    path: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(sqlite_ledger, "_STEPS", sqlite_ledger._STEPS[:1])
        ledger = SqliteLedger(path, clock)
        with ledger._writing():
            pass
        ledger.close()
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    # As the first version wrote it.
    database.execute(
        "INSERT INTO snapshot VALUES (?, '', '', '19955', NULL, 'x', '', '', 1)", (request_for().identity,)
    )
    database.execute(
        "INSERT INTO attempt VALUES (7, ?, 'org', 'gone', 'created', ?, ?, NULL, ?)",
        (request_for().identity, clock.now(), clock.now(), json.dumps(record_of(request_for(), clock.now()).to_dict())),
    )
    database.commit()
    database.close()
    ledger = SqliteLedger(path, clock)
    assert isinstance(ledger.find(request_for()), Known)
    ledger.refused(claim(ledger, request_for(test_id="817")).attempt, "rate_limited", clock.now() + 1)
    assert ledger.usage(QUOTA).counted == [clock.now()]
    ledger.close()


def test_a_damaged_file_is_left_alone(ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests) -> None:
    for number in range(100):
        keep(ledger, request_for(test_id=str(number + 1), display_name="x" * 500), clock)
        clock.sleep(300)
    ledger.close()
    content = bytearray(Path(path).read_bytes())
    content[4096 : len(content) - 4096] = b"\xff" * (len(content) - 8192)
    Path(path).write_bytes(content)
    for work in (lambda: ledger.find(request_for()), lambda: claim(ledger, request_for())):
        with pytest.raises(LedgerUnavailable, match=f"{path} .*malformed"):
            work()
    assert Path(path).read_bytes() == content


@pytest.fixture
def no_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(_source: str, _target: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("no_hard_links")
def test_a_folder_without_hard_links(path: str, opened: t.Any, request_for: Requests) -> None:
    """Many that start together make one ledger, and not each its own."""
    ready = threading.Barrier(8)
    found: list[t.Any] = []
    many = [opened() for _number in range(8)]

    def work(ledger: SqliteLedger) -> None:
        ready.wait()
        # SQLite's connections stay in their threads.
        found.append(claim(ledger, request_for()))
        ready.wait()
        ledger.close()

    threads = [threading.Thread(target=work, args=(ledger,)) for ledger in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in found) == ["Granted", *["InFlight"] * 7]
    assert not [name for name in os.listdir(os.path.dirname(path)) if not name.startswith("ledger.sqlite3")]


@pytest.mark.usefixtures("no_hard_links")
def test_a_process_that_hangs_while_it_makes_the_ledger(
    ledger: SqliteLedger, path: str, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_ledger, "_LOCK_TIMEOUT", 0.2)
    monkeypatch.setattr(sqlite_ledger, "QUIET", 0.1)
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    monkeypatch.setattr(ledger, "_tell", said.put)
    os.makedirs(f"{path}.owners")
    handle = os.open(f"{path}.owners", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(LedgerUnavailable, match="another process has been creating it"):
        claim(ledger, request_for())
    assert said.get(timeout=HANG) == f"waiting for the ledger {path}"
    assert said.empty()
    os.close(handle)
    assert isinstance(claim(ledger, request_for()), Granted)


def test_a_ledger_that_another_made_in_the_meantime(
    ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a folder has no hard links, it is not replaced."""

    def link(_source: str, _target: str) -> None:
        with monkeypatch.context() as with_links:
            with_links.setattr(os, "link", os.rename)
            # Closed, since what is in its log would outlive the replacement.
            with contextlib.closing(SqliteLedger(path, clock)) as other:
                keep(other, request_for(), clock)
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", link)
    assert isinstance(claim(ledger, request_for()), Known)


@pytest.mark.parametrize(("number", "works"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_a_folder_that_cannot_be_synced(
    ledger: SqliteLedger, request_for: Requests, monkeypatch: pytest.MonkeyPatch, number: int, works: bool
) -> None:
    """As shared folders. One that fails is another thing."""

    def fsync(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    if works:
        assert isinstance(claim(ledger, request_for()), Granted)
    else:
        with pytest.raises(LedgerUnavailable, match="Input/output error"):
            claim(ledger, request_for())


def test_a_ledger_that_another_process_holds(
    ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(ledger, request_for())
    monkeypatch.setattr(sqlite_ledger, "_LOCK_TIMEOUT", 0.1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        other = SqliteLedger(path, clock)
        with pytest.raises(LedgerUnavailable, match="is locked.* Another process has held it") as error:
            claim(other, request_for(test_id="817"))
        other.close()
    assert "must be able to write" not in error.value.message


def test_people_are_told_of_a_wait_for_another_process(
    ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(ledger, request_for())
    said: list[str] = []
    assert sqlite_ledger.QUIET == 10
    monkeypatch.setattr(sqlite_ledger, "QUIET", 0.1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        def hear_and_let_go(text: str) -> None:
            said.append(text)
            holder.rollback()

        with contextlib.closing(SqliteLedger(path, clock, tell=hear_and_let_go)) as other:
            assert isinstance(claim(other, request_for(test_id="817")), Granted)
    # A slow machine lets other waits last as long.
    assert set(said) == {f"waiting for the ledger {path}"}


def test_a_line_that_cannot_be_shown_is_in_the_way_of_nothing(
    ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(ledger, request_for())
    monkeypatch.setattr(sqlite_ledger, "QUIET", 0.1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        def let_go_and_fail(_text: str) -> None:
            holder.rollback()
            raise OSError("gone")

        with contextlib.closing(SqliteLedger(path, clock, tell=let_go_and_fail)) as other:
            assert isinstance(claim(other, request_for(test_id="817")), Granted)


def test_a_ledger_without_room(ledger: SqliteLedger, request_for: Requests) -> None:
    claim(ledger, request_for())
    database = ledger._open()
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerUnavailable, match="is full.* There is no room left") as error:
        claim(ledger, request_for(test_id="817", display_name="x" * 50_000))
    assert "must be able to write" not in error.value.message


@pytest.mark.parametrize("table", ["snapshot", "attempt"])
def test_an_intent_that_the_database_swallows(
    ledger: SqliteLedger, path: str, request_for: Requests, table: str
) -> None:
    ledger.refused(claim(ledger, request_for(test_id="1")).attempt, "forbidden")
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TRIGGER swallow BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")
    with pytest.raises(LedgerUnavailable, match="did not take what was written"):
        claim(ledger, request_for())


@pytest.mark.parametrize("work", ["created", "refused", "lost"])
def test_an_outcome_that_the_database_swallows(
    ledger: SqliteLedger, path: str, clock: t.Any, request_for: Requests, work: str
) -> None:
    attempt = claim(ledger, request_for()).attempt
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TRIGGER swallow BEFORE UPDATE ON attempt BEGIN SELECT RAISE(IGNORE); END")
    with pytest.raises(LedgerUnavailable, match="did not take what was written"):
        {
            "created": lambda: ledger.created(attempt, record_of(request_for(), clock.now())),
            "refused": lambda: ledger.refused(attempt, "forbidden"),
            "lost": lambda: ledger.lost(attempt, "no answer"),
        }[work]()


@pytest.fixture
def give_away() -> t.Callable[[Path], None]:
    """Makes something another user's."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    return lambda path: os.chown(path, 4242, -1, follow_symlinks=False)


@pytest.fixture(params=[0o1777, 0o777, 0o2770, 0o755])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    made = tmp_path / "shared"
    made.mkdir()
    made.chmod(request.param)
    return made


def everybody_writes(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IWOTH)


@pytest.mark.parametrize("planted", ["file", "link", "dangling link", "folder", "owners", "-wal", "-shm", "-journal"])
def test_what_somebody_else_put_there(
    folder: Path,
    tmp_path: Path,
    clock: t.Any,
    request_for: Requests,
    give_away: t.Callable[[Path], None],
    planted: str,
) -> None:
    """In a folder that everybody can write to it is not used. What a team shares, it shares on purpose."""
    path = folder / ("sub/ledger" if planted == "folder" else "ledger")
    elsewhere = tmp_path / "elsewhere"
    if planted not in ("dangling link", "folder"):
        with contextlib.closing(SqliteLedger(str(elsewhere if planted == "link" else path), clock)) as first:
            keep(first, request_for(), clock)
    if "link" in planted:
        path.symlink_to(elsewhere)
    alien = {"file": path, "folder": path.parent, "owners": Path(f"{path}.owners")}.get(planted)
    alien = alien or (path if "link" in planted else Path(f"{path}{planted}"))
    if planted in ("folder", "owners"):
        alien.mkdir(exist_ok=True)
    elif "link" not in planted:
        alien.touch()
    give_away(alien)
    ledger = SqliteLedger(str(path), clock)
    with contextlib.closing(ledger):
        if not everybody_writes(folder):
            assert isinstance(claim(ledger, request_for(test_id="817")), Granted)
            return
        before = set(os.listdir(folder)), elsewhere.exists()
        with pytest.raises(LedgerUnavailable, match=f"{alien} belongs to another user"):
            claim(ledger, request_for(test_id="817"))
        assert (set(os.listdir(folder)), elsewhere.exists()) == before


def test_a_link_that_is_changed_while_it_is_used(tmp_path: Path, clock: t.Any, request_for: Requests) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "one")
    with contextlib.closing(SqliteLedger(str(link), clock)) as ledger:
        link.unlink()
        link.symlink_to(tmp_path / "other")
        with pytest.raises(LedgerUnavailable, match="link that leads to it was changed"):
            claim(ledger, request_for())
    assert os.listdir(tmp_path) == ["link"]


@pytest.mark.parametrize("way", ["shared/deep/.././ledger", "relative/ledger", "a/b/ledger", "loop/ledger"])
def test_links_are_followed_as_the_system_does(tmp_path: Path, clock: t.Any, request_for: Requests, way: str) -> None:
    (tmp_path / "shared" / "deep").mkdir(parents=True)
    (tmp_path / "relative").symlink_to("shared")
    (tmp_path / "a").symlink_to(tmp_path / "shared" / "deep")
    (tmp_path / "shared" / "deep" / "b").symlink_to("..")
    (tmp_path / "loop").symlink_to("loop")
    ledger = SqliteLedger(f"{tmp_path}/{way}", clock)
    with contextlib.closing(ledger):
        if way == "loop/ledger":
            with pytest.raises(LedgerUnavailable, match="symbolic links"):
                claim(ledger, request_for())
        else:
            claim(ledger, request_for())
            assert (tmp_path / "shared" / "ledger").is_file()
