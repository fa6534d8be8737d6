# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each thing that the promise of one creation rests on, taken out: then a unit test must fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import HANG

ROOT = Path(__file__).resolve().parents[2]

_BEGIN = """self._patiently(database, lambda: database.execute("BEGIN IMMEDIATE"))"""

# What is taken out: the test that notices; then each file in module_utils, and what replaces what there.
MUTATIONS = {
    # It is on the disk only together with the completion.
    "the commit of the intent": (
        "ledger/test_ledgers.py::test_life_of_a_snapshot[file]",
        ("_ledger/sqlite.py", _BEGIN, "self._begin(database)"),
        (
            "_ledger/sqlite.py",
            "            database.commit()\n\n",
            """            if not database.execute("SELECT 1 FROM attempt WHERE outcome = 'in_flight'").fetchone():
                database.commit()

    @staticmethod
    def _begin(database):
        if not database.in_transaction:
            database.execute("BEGIN IMMEDIATE")

""",
        ),
    ),
    "the lock of the ledger": (
        "ledger/test_ledgers.py::test_nobody_decides_while_another_does[file]",
        ("_ledger/sqlite.py", _BEGIN, "pass"),
    ),
    "the lock of the owner": (
        "ledger/test_ledgers.py::test_life_of_a_snapshot[file]",
        ("_ledger/owners.py", "fcntl.flock(self._handle, fcntl.LOCK_EX)", "pass"),
    ),
    "the lock of the shared ledger": (
        "ledger/test_ledgers.py::test_nobody_decides_while_another_does[postgresql]",
        ("_ledger/postgresql.py", "SELECT version FROM ledger FOR UPDATE", "SELECT version FROM ledger"),
    ),
    "the lock of the owner across nodes": (
        "ledger/test_ledgers.py::test_life_of_a_snapshot[postgresql]",
        ("_ledger/postgresql.py", "SELECT pg_try_advisory_lock(CAST(? AS bigint))", "SELECT ? IS NOT NULL"),
    ),
    "the doubt about an owner that seems to be dead": (
        "ledger/test_postgresql.py::test_a_restart_while_a_request_is_under_way",
        (
            "_ledger/postgresql.py",
            "        return started_at + LONGEST\n",
            "        return min(self._now(), started_at + LONGEST)\n",
        ),
    ),
    "the wait for the disk in the shared ledger": (
        "ledger/test_postgresql.py::test_a_restart_between_two_tasks[at once]",
        ("_ledger/postgresql.py", '    "synchronous_commit": "on",\n', ""),
    ),
    "the doubt about a commit": (
        "ledger/test_postgresql.py::test_a_commit_whose_answer_was_lost",
        ("_ledger/postgresql.py", "            if self._in_doubt:\n", "            if False:\n"),
    ),
    "the owner of a row": (
        "ledger/test_ledgers.py::test_a_refusal_frees_the_identity_and_the_quota[postgresql]",
        (
            "_ledger/postgresql.py",
            "SELECT 1 FROM attempt WHERE id = ? AND owner = ?",
            "SELECT 1 FROM attempt WHERE id = ? AND owner != ?",
        ),
    ),
    "what another has found": (
        "ledger/test_postgresql.py::test_what_another_has_found_is_not_lost_again",
        ("_ledger/sql.py", '"" if outcome == "created" else', '"" if True else'),
    ),
    "the look at what a write did": (
        "ledger/test_postgresql.py::test_an_outcome_that_the_database_swallows[created]",
        ("_ledger/sql.py", "if written.rowcount != 1:", "if written.rowcount > 1:"),
    ),
    "the mistrust of a policy": (
        "ledger/test_postgresql.py::test_rows_that_a_policy_hides_are_not_missing",
        ("_ledger/postgresql.py", '    "row_security": "off",\n', ""),
    ),
    "the look at who was faster in a folder without hard links": (
        "ledger/test_sqlite.py::test_a_ledger_that_another_made_in_the_meantime",
        ("_ledger/sqlite.py", "            if not os.path.lexists(path):\n", "            if True:\n"),
    ),
    "the last look at an intent": (
        "test_capture.py::test_an_intent_that_does_not_stand_is_not_sent[file]",
        (
            "_capture/ensure.py",
            "if not self._ledger.stands(claim.attempt):",
            "if self._ledger.stands(claim.attempt) is None:",
        ),
    ),
    "the session of an intent": (
        "ledger/test_postgresql.py::test_an_intent_stands_while_nobody_can_doubt_it[0-cut-False]",
        ("_ledger/postgresql.py", " and grant.owner == self._owner", ""),
    ),
    "the fsync of each commit": (
        "ledger/test_sqlite.py::test_commits_are_durable",
        ("_ledger/sqlite.py", "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"),
    ),
    "the check of the quota": (
        "test_capture.py::test_waits_for_the_quota_as_long_as_needed[file]",
        ("_core/quota.py", "room_at = now if len(recent) < self.limit else", "room_at = now if True else"),
    ),
    "what counts while under way": (
        "ledger/test_ledgers.py::test_a_dead_attempt_does_not_hold_the_quota[file]",
        ("_ledger/sql.py", "now if self._lives(database, owner) else", "0 if self._lives(database, owner) else"),
    ),
    "what a 429 told": (
        "test_capture.py::test_a_429_is_believed_over_the_ledger[file-headers0-300]",
        ("_core/quota.py", "return max(room_at, usage.not_before)", "return room_at"),
    ),
    "the difference between lost and refused": (
        "test_capture.py::test_a_lost_answer_is_never_followed_by_a_second_post[file-fault0]",
        ("_capture/sending.py", "if not error.certain:", "if False:"),
    ),
    "whether the request has begun to leave": (
        "test_capture.py::test_a_lost_answer_is_never_followed_by_a_second_post[file-fault0]",
        ("_api/http_transport.py", "self.begun = True", "self.begun = False"),
    ),
    "the patience with the test list": (
        "test_capture.py::test_a_private_snapshot_that_is_in_no_list_is_created_again[file-fault0]",
        ("_capture/judge.py", "(passed.surely if proves_absence else passed.by_clock) < LAG", "False"),
    ),
    "the mistrust of an empty list": (
        "test_listed.py::test_absence_is_not_concluded[file]",
        (
            "_capture/judge.py",
            "proves_absence=shows_private and listing.is_whole",
            "proves_absence=listing.is_whole",
        ),
    ),
    "the belief in a success": (
        "test_broken_answers.py::test_it_is_never_sent_again[file-v7-HTML-private]",
        ("_capture/judge.py", " and not lost.succeeded", ""),
    ),
    "the status of a broken answer in the ledger": (
        "test_broken_answers.py::test_it_is_never_sent_again[postgresql-v7-HTML-private]",
        ("_ledger/sql.py", "UPDATE attempt SET status = ?", "UPDATE attempt SET status = 500 + 0 * ?"),
    ),
    "the mistrust of a clock that was set since": (
        "test_judge.py::test_a_clock_that_was_set_since_the_attempt[True-7200]",
        ("_capture/judge.py", "abs(gone_on) <= DRIFT", "True"),
    ),
    "the stop after a contradiction": (
        "test_visibility.py::test_one_private_snapshot_that_is_said_to_be_public_is_the_last[file]",
        (
            "_ledger/sql.py",
            "None if request.is_public else self._contradicted(",
            "None if True else self._contradicted(",
        ),
    ),
    "the mistrust of clocks": (
        "test_judge.py::test_clocks_may_differ_a_little[1799999940.0]",
        ("_core/lost.py", "WRONG = 86400.0", "WRONG = 0.0"),
    ),
    "the rivals": (
        "test_capture.py::test_a_snapshot_made_while_another_is_looked_for[file]",
        ("_capture/judge.py", " and not rivals", ""),
    ),
    "what others have created": (
        "test_capture.py::test_a_snapshot_made_while_another_is_looked_for[file]",
        ("_capture/judge.py", " and test.test_id not in others.taken", ""),
    ),
}


def copy_of_the_project(folder: Path) -> Path:
    copy = folder / "ansible_collections" / "community" / "thousandeyes"
    for name in ("plugins", "tests/simulator", "tests/support", "tests/unit"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests" / "conftest.py", copy / "tests")
    (copy / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {folder}\naddopts = --import-mode=importlib\n", encoding="utf-8"
    )
    return copy


def run_unit_tests(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    where = f"{copy}/tests/unit/plugins/module_utils/"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(where + test for test in tests)]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=HANG)


def test_nothing_taken_out(tmp_path: Path) -> None:
    result = run_unit_tests(copy_of_the_project(tmp_path), *(test for test, *_changes in MUTATIONS.values()))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("what", MUTATIONS)
def test_taken_out(tmp_path: Path, what: str) -> None:
    copy = copy_of_the_project(tmp_path)
    test, *changes = MUTATIONS[what]
    for name, old, new in changes:
        path = copy / "plugins" / "module_utils" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is not once in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    result = run_unit_tests(copy, test)
    # 1: the test ran, and failed. Broken code would be 2 or more.
    assert result.returncode == 1, result.stdout
    assert " error" not in result.stdout.splitlines()[-1]
