# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each thing that the promise of one creation rests on, taken out: then the unit tests must fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ["test_capture.py", "test_evidence.py", "test_http_client.py", "test_quota.py", "ledger"]

# What is taken out: the file in module_utils, and what replaces what there.
MUTATIONS = {
    # It is on the disk only together with the completion.
    "the commit of the intent": (
        ("ledger/sqlite.py", '            database.execute("BEGIN IMMEDIATE")', "            self._begin(database)"),
        (
            "ledger/sqlite.py",
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
        ("ledger/sqlite.py", '            database.execute("BEGIN IMMEDIATE")', "            pass"),
    ),
    "the lock of the owner": (("ledger/owners.py", "fcntl.flock(self._handle, fcntl.LOCK_EX)", "pass"),),
    "the lock of the shared ledger": (
        ("ledger/postgresql.py", "SELECT version FROM ledger FOR UPDATE", "SELECT version FROM ledger"),
    ),
    "the lock of the owner across nodes": (
        ("ledger/postgresql.py", "SELECT pg_try_advisory_lock(CAST(? AS bigint))", "SELECT ? IS NOT NULL"),
    ),
    "the doubt about an owner that seems to be dead": (
        (
            "ledger/postgresql.py",
            "        return started_at + LONGEST\n",
            "        return min(self._now(), started_at + LONGEST)\n",
        ),
    ),
    "the wait for the disk in the shared ledger": (("ledger/postgresql.py", '    "synchronous_commit": "on",\n', ""),),
    "the doubt about a commit": (
        ("ledger/postgresql.py", "            if self._in_doubt:\n", "            if False:\n"),
    ),
    "the owner of a row": (("ledger/postgresql.py", "WHERE id = ? AND owner = ?", "WHERE id = ? AND owner != ?"),),
    "what another has found": (("ledger/sql.py", '"" if outcome == "created" else', '"" if True else'),),
    "the fsync of each commit": (("ledger/sqlite.py", "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"),),
    "the check of the quota": (
        ("quota.py", "room_at = now if len(recent) < self.limit else", "room_at = now if True else"),
    ),
    "what counts while under way": (
        ("ledger/sql.py", "now if self._lives(database, owner) else", "0 if self._lives(database, owner) else"),
    ),
    "what a 429 told": (("quota.py", "return max(room_at, usage.not_before)", "return room_at"),),
    "the difference between lost and refused": (("capture.py", "if not error.certain:", "if False:"),),
    "whether the request has begun to leave": (("http_client.py", "self.begun = True", "self.begun = False"),),
    "the patience with the test list": (("evidence.py", "if now >= settled_at else Verdict.TOO_EARLY", ""),),
    "the mistrust of clocks": (("evidence.py", "JUMP = 86400.0", "JUMP = 0.0"),),
    "the rivals": (("evidence.py", " and not rivals", ""),),
    "what others have created": (("evidence.py", " and test.test_id not in others.taken", ""),),
}


def copy_of_the_project(folder: Path) -> Path:
    copy = folder / "ansible_collections" / "community" / "thousandeyes"
    for name in ("plugins", "tests/simulator", "tests/unit"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("ledger_work.py", "postgresql_server.py"):
        shutil.copy(ROOT / "tests" / name, copy / "tests" / name)
    (copy / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {folder} {copy / 'tests'}\naddopts = --import-mode=importlib\n", encoding="utf-8"
    )
    return copy


def run_unit_tests(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    where = copy / "tests" / "unit" / "plugins" / "module_utils"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *(where / name for name in tests)]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=300)


def test_nothing_taken_out(tmp_path: Path) -> None:
    result = run_unit_tests(copy_of_the_project(tmp_path), TESTS)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("what", MUTATIONS)
def test_taken_out(tmp_path: Path, what: str) -> None:
    copy = copy_of_the_project(tmp_path)
    for name, old, new in MUTATIONS[what]:
        path = copy / "plugins" / "module_utils" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is not once in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    # The tests of ledgers are enough for what only a ledger knows, and much faster.
    of_a_ledger = all(name.startswith("ledger/") for name, _old, _new in MUTATIONS[what])
    result = run_unit_tests(copy, ["ledger"] if of_a_ledger else TESTS)
    # 1: tests ran, and one failed. Broken code would be 2 or more.
    assert result.returncode == 1, result.stdout
    assert " error" not in result.stdout.splitlines()[-1]
    print(f"without {what}: {[line for line in result.stdout.splitlines() if line.startswith('FAILED')]}")
