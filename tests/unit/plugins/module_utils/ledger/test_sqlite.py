# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is of the file ledger alone. What it has in common with others is in test_ledgers."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils.errors import LedgerUnavailable
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger import sqlite as sqlite_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.interface import InFlight, Known
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.owners import Owner
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.sqlite import SqliteLedger
from ledger_work import QUOTA, Requests, claim, keep, lose, record_of


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
