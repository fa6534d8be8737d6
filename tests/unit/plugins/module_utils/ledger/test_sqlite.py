# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file ledger by itself. What it promises while requests are under way is in test_capture."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils.errors import LedgerUnavailable
from ansible_collections.community.thousandeyes.plugins.module_utils.evidence import LostAttempt, Rival
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger import sqlite as sqlite_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.interface import (
    Full,
    Granted,
    InFlight,
    Known,
    Unknown,
)
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.owners import Owner
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.sqlite import SqliteLedger
from ansible_collections.community.thousandeyes.plugins.module_utils.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils.snapshot import (
    CreatedSnapshot,
    SnapshotRecord,
    SnapshotRequest,
    adopted,
    created,
)
from ansible_collections.community.thousandeyes.plugins.module_utils.windows import iso_of_epoch

QUOTA = Quota("org", 5, 300)
Requests = t.Callable[..., SnapshotRequest]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "new" / "folder" / "ledger.sqlite3")


@pytest.fixture
def opened(path: str, clock: t.Any) -> t.Iterator[t.Callable[[], SqliteLedger]]:
    ledgers = []

    def another() -> SqliteLedger:
        ledgers.append(SqliteLedger(path, clock))
        return ledgers[-1]

    yield another
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def ledger(opened: t.Callable[[], SqliteLedger]) -> SqliteLedger:
    return opened()


def record_of(request: SnapshotRequest, now: float) -> SnapshotRecord:
    return created(
        request,
        CreatedSnapshot(
            api_version="v7",
            link_id="wdiac",
            view_url="https://x",
            app_url=None,
            snapshot_test_id="58856",
            start_round_id=None,
            end_round_id=None,
            round_id=None,
            share_date=iso_of_epoch(now),
            uid=None,
        ),
        now,
    )


def claim(ledger: SqliteLedger, request: SnapshotRequest, quota: Quota = QUOTA, **how: bool) -> t.Any:
    return ledger.claim(request, quota, **{"force": False, "retry_unknown": False, **how})


def keep(ledger: SqliteLedger, request: SnapshotRequest, clock: t.Any) -> None:
    ledger.created(claim(ledger, request).attempt, record_of(request, clock.now()))


def test_reading_creates_nothing(ledger: SqliteLedger, path: str, request_for: Requests) -> None:
    assert ledger.find(request_for()) is None
    assert ledger.find_test(request_for(test_name="x")) is None
    assert not ledger.usage(QUOTA).counted
    assert not os.path.exists(os.path.dirname(path))


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


def test_life_of_a_snapshot(ledger: SqliteLedger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    request = request_for()
    granted = claim(ledger, request)
    assert isinstance(granted, Granted)
    other = opened()
    assert isinstance(other.find(request), InFlight)
    assert isinstance(claim(other, request), InFlight)
    assert isinstance(claim(other, request, force=True), InFlight)
    ledger.created(granted.attempt, record_of(request, clock.now()))
    found = claim(other, request)
    assert found == other.find(request) == Known(record_of(request, clock.now()).as_known())
    assert isinstance(claim(other, request, force=True), Granted)


def test_a_refusal_frees_the_identity_and_the_quota(ledger: SqliteLedger, request_for: Requests) -> None:
    for _time in range(10):
        ledger.refused(claim(ledger, request_for()).attempt, "not_found")
    assert ledger.find(request_for()) is None
    assert ledger.usage(QUOTA).counted == []


def test_a_refused_second_creation_leaves_the_first(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    ledger.refused(claim(ledger, request_for(), force=True).attempt, "forbidden")
    assert isinstance(ledger.find(request_for()), Known)


def test_what_was_lost_stays_unknown(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    granted = claim(ledger, request_for())
    unknown = Unknown(LostAttempt(granted.attempt, clock.now(), clock.now() + 30, "no answer"))
    clock.sleep(30)
    ledger.lost(granted.attempt, "no answer")
    clock.sleep(90 * 86400)
    assert ledger.find(request_for()) == claim(ledger, request_for()) == unknown
    ledger.refused(claim(ledger, request_for(), retry_unknown=True).attempt, "forbidden")
    assert ledger.find(request_for()) == unknown
    ledger.created(claim(ledger, request_for(), retry_unknown=True).attempt, record_of(request_for(), clock.now()))
    assert isinstance(ledger.find(request_for()), Known)


def lose(ledger: SqliteLedger, request: SnapshotRequest) -> LostAttempt:
    ledger.lost(claim(ledger, request).attempt, "no answer")
    state = ledger.find(request)
    assert isinstance(state, Unknown)
    return state.lost


def test_a_lost_attempt_that_created_nothing_frees_the_identity(ledger: SqliteLedger, request_for: Requests) -> None:
    ledger.settled(lose(ledger, request_for()), None)
    assert ledger.find(request_for()) is None
    assert ledger.usage(QUOTA).counted == []


def test_a_lost_attempt_that_is_found_is_known(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    """And counts in the quota from when it was lost, not from when it was found."""
    lost = lose(ledger, request_for(is_public=False))
    clock.sleep(200)
    record = adopted(request_for(is_public=False), "58856", clock.now(), "v7")
    ledger.settled(lost, record)
    assert ledger.find(request_for(is_public=False)) == Known(record)
    assert ledger.usage(QUOTA).counted == [clock.now() - 200]
    # Somebody else came to another conclusion, but later.
    ledger.settled(lost, None)
    assert ledger.find(request_for(is_public=False)) == Known(record)


def test_a_dead_attempt_does_not_hold_the_quota(
    ledger: SqliteLedger, opened: t.Any, clock: t.Any, request_for: Requests
) -> None:
    """It counts as of its latest end, whoever notices it and when."""
    other = opened()
    claim(other, request_for())
    started_at = clock.now()
    clock.sleep(700)
    assert ledger.usage(QUOTA).counted == [clock.now()]
    other.close()
    assert ledger.usage(QUOTA).counted == [started_at + 600]
    claim(ledger, request_for(test_id="817"))
    assert sorted(ledger.usage(QUOTA).counted) == [started_at + 600, clock.now()]
    clock.sleep(200)
    assert ledger.usage(QUOTA).counted == [clock.now()]


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


def test_what_else_may_be_in_the_list(ledger: SqliteLedger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    """Private ones of the same API host and time; of those that are known to exist, only what they are."""
    many = Quota("org", 100, 300)
    mine = request_for(is_public=False)
    lost = lose(ledger, mine)
    for other, snapshot_test_id in (
        (request_for(is_public=False, test_id="1"), "58856"),
        (request_for(is_public=False, test_id="2", api_host="elsewhere"), "7"),
        (request_for(is_public=False, test_id="3"), None),
    ):
        record = record_of(other, clock.now())._replace(snapshot_test_id=snapshot_test_id)
        ledger.created(claim(ledger, other, many).attempt, record)
    claim(ledger, request_for(is_public=False, test_id="4"), many)
    dead = opened()
    claim(dead, request_for(is_public=False, test_id="5", display_name="x"), many)
    dead.close()
    claim(ledger, request_for(is_public=True, test_id="6"), many)
    taken, rivals = ledger.others(mine, lost)
    assert taken == {"58856"}
    title = mine.display_name
    assert set(rivals) == {Rival("3", title, False), Rival("4", title, True), Rival("5", "x", False)}
    clock.sleep(3600)
    claim(ledger, request_for(is_public=False, test_id="8"), many)
    assert {rival.test_id for rival in ledger.others(mine, lost).rivals} == {"3", "4", "5"}


def test_a_snapshot_that_others_missed(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    """One looked at the list before it was there and concluded that it is not; another found it."""
    request = request_for(is_public=False)
    lost = lose(ledger, request)
    ledger.settled(lost, None)
    ledger.settled(lost, adopted(request, "58856", clock.now(), "v7"))
    assert isinstance(ledger.find(request), Known)


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


def test_what_the_server_told_is_not_shortened(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    first, second = (claim(ledger, request_for(test_id=test_id)).attempt for test_id in ("1", "2"))
    ledger.refused(first, "rate_limited", clock.now() + 1000)
    ledger.refused(second, "rate_limited", clock.now() + 300)
    assert ledger.usage(QUOTA).not_before == clock.now() + 1000


def test_what_the_server_told_holds_for_the_whole_organization(
    ledger: SqliteLedger, opened: t.Any, clock: t.Any, request_for: Requests
) -> None:
    until = clock.now() + 120
    ledger.refused(claim(ledger, request_for()).attempt, "rate_limited", until)
    assert claim(opened(), request_for(test_id="817")) == Full(until, told=True)
    assert isinstance(claim(opened(), request_for(test_id="818"), quota=Quota("another", 5, 300)), Granted)
    clock.sleep(120)
    assert isinstance(claim(opened(), request_for()), Granted)


def test_expired(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(), clock)
    clock.sleep(30 * 86400 - 1)
    assert isinstance(ledger.find(request_for()), Known)
    clock.sleep(1)
    assert ledger.find(request_for()) is None
    assert isinstance(claim(ledger, request_for()), Granted)


def test_quota_slides(ledger: SqliteLedger, opened: t.Any, clock: t.Any, request_for: Requests) -> None:
    """What others of the organization create counts, and what other organizations create does not."""
    other = opened()
    start = clock.now()
    for number in range(5):
        keep([ledger, other][number % 2], request_for(test_id=str(number + 1)), clock)
        clock.sleep(10)
    assert claim(other, request_for(test_id="6")) == Full(start + 300)
    assert isinstance(claim(other, request_for(test_id="6"), quota=Quota("another", 5, 300)), Granted)
    clock.sleep(start + 300 - clock.now())
    granted = claim(ledger, request_for(test_id="7"))
    assert isinstance(granted, Granted)
    # Under way, it takes a slot already.
    assert claim(other, request_for(test_id="8")) == Full(start + 310)


def test_the_quota_does_not_keep_what_is_known_from_being_found(
    ledger: SqliteLedger, clock: t.Any, request_for: Requests
) -> None:
    for number in range(5):
        keep(ledger, request_for(test_id=str(number + 1)), clock)
    assert isinstance(claim(ledger, request_for(test_id="1")), Known)


def test_found_by_the_name_of_the_test(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(test_name="Web shop"), clock)
    keep(ledger, request_for(test_name="Web shop", aid="75", test_id="20"), clock)
    keep(ledger, request_for(test_id="817"), clock)
    assert ledger.find_test(request_for(test_id="", test_name="Web shop")) == "19955"
    assert ledger.find_test(request_for(test_id="", test_name="Web shop", aid="75")) == "20"
    for other in ({"test_name": "web shop"}, {"display_name": "x"}, {"is_public": False}, {"aid": "76"}):
        assert ledger.find_test(request_for(**{"test_id": "", "test_name": "Web shop", **other})) is None, other


def test_a_name_that_two_tests_bore(ledger: SqliteLedger, clock: t.Any, request_for: Requests) -> None:
    keep(ledger, request_for(test_name="Web shop"), clock)
    keep(ledger, request_for(test_name="Web shop", test_id="817"), clock)
    assert ledger.find_test(request_for(test_id="", test_name="Web shop")) is None


def test_closing_gives_up_what_is_under_way(ledger: SqliteLedger, opened: t.Any, request_for: Requests) -> None:
    claim(ledger, request_for())
    ledger.close()
    assert isinstance(opened().find(request_for()), Unknown)
    assert isinstance(claim(opened(), request_for()), Unknown)


CLAIM_AND_WAIT = """
import pickle, sys
from ansible_collections.community.thousandeyes.plugins.module_utils.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils.ledger.sqlite import SqliteLedger
from ansible_collections.community.thousandeyes.plugins.module_utils.quota import Quota
request = pickle.loads(bytes.fromhex(sys.argv[2]))
ledger = SqliteLedger(sys.argv[1], SystemClock())
print(ledger.claim(request, Quota('org', 5, 300), force=False, retry_unknown=False), flush=True)
sys.stdin.read()
"""


def test_a_killed_process_is_noticed_at_once(ledger: SqliteLedger, path: str, request_for: Requests) -> None:
    request = request_for()
    process = subprocess.Popen(
        [sys.executable, "-c", CLAIM_AND_WAIT, path, pickle.dumps(request).hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout is not None
        assert b"Granted" in process.stdout.readline()
        assert isinstance(claim(ledger, request), InFlight)
        process.kill()
        process.wait()
        assert isinstance(ledger.find(request), Unknown)
        assert isinstance(claim(ledger, request), Unknown)


def test_nobody_decides_while_another_does(ledger: SqliteLedger, request_for: Requests) -> None:
    granted = []

    def decide() -> None:
        other = SqliteLedger(ledger._path, ledger._clock)
        granted.append(claim(other, request_for()))
        other.close()

    with ledger._writing():
        thread = threading.Thread(target=decide)
        thread.start()
        thread.join(1)
        assert granted == []
    thread.join()
    assert len(granted) == 1


def test_threads_that_start_together(path: str, clock: t.Any, request_for: Requests) -> None:
    """The first ones find no file, and all must end up in the same one."""
    ready = threading.Barrier(8)
    outcomes: list[t.Any] = []

    def work(number: int) -> None:
        ledger = SqliteLedger(path, clock)
        ready.wait()
        outcomes.append(claim(ledger, request_for(test_id="1"), quota=Quota("org", 100, 300)))
        outcomes.append(claim(ledger, request_for(test_id=str(number + 2)), quota=Quota("org", 100, 300)))
        done.wait()
        ledger.close()

    done = threading.Barrier(8)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([outcome for outcome in outcomes if isinstance(outcome, Granted)]) == 9
    assert len([outcome for outcome in outcomes if isinstance(outcome, InFlight)]) == 7


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
