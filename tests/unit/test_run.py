# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests/tools/run.py makes of the output of nox, here of lines as nox, pytest and ansible-test write them."""

from __future__ import annotations

import pytest
from tools import run

OUTPUT = """\
nox > Running 5 sessions in parallel (2 at a time)
Starting session unit_target...
Starting session faults(2.16-py3.10)...
========== ✓ unit_target: success, 5 minutes ==========
nox > Running session unit_target
nox > pytest tests/unit/plugins/module_utils
============================= test session starts ==============================
tests/unit/plugins/module_utils/test_windows.py ........................ [ 99%]
....................................                                     [100%]

=========================== short test summary info ============================
SKIPPED [1] tests/unit/plugins/module_utils/test_execution.py:12: there is no ansible-core here
SKIPPED [12] tests/simulator/tests/test_simulator_details.py:38: the documents are not here: no answer was checked
SKIPPED [1] tests/simulator/tests/test_simulator_v7.py:385: the documents are not here: no answer was checked
SKIPPED [2] tests/eda: could not import 'ansible_rulebook'
================= 2296 passed, 2 skipped in 265.37s (0:04:25) ==================
nox > Session unit_target was successful in 5 minutes.
Starting session demo...
========== ✗ faults(2.16-py3.10): failed, 3 minutes ==========
nox > Running session faults(2.16-py3.10)
=========================== short test summary info ============================
FAILED tests/faults/test_durability.py::test_a_full_disk[file] - assert 1 == 2
=================== 1 failed, 9 passed in 153.71s (0:02:33) ====================
nox > Command pytest tests/faults failed with exit code 1
nox > Session faults(2.16-py3.10) failed in 3 minutes.
========== ✓ demo: success, 36 seconds ==========
nox > Running session demo
=== the change: the web shop answers more slowly from then on, most of all to Singapore ===
nox > Session demo was successful in 36 seconds.
========== ⊘ unit_simulator-3.11: skipped ==========
  Python interpreter 3.11 not found
========== x sanity(2.21-py3.13): failed, 1 hour, 2 minutes ==========
nox > ansible-test sanity
WARNING: Skipping tests disabled by default without --allow-disabled: package-data
WARNING: Reviewing previous 1 warning(s):
WARNING: Skipping tests disabled by default without --allow-disabled: package-data
ERROR: plugins/modules/snapshot.py:1:1: E302: expected 2 blank lines
FATAL: The 1 sanity test(s) listed below (out of 30) failed. See error output above for details.
pep8
""".splitlines()


def test_each_session_has_its_result_and_its_lines() -> None:
    blocks = run.blocks_of(OUTPUT)
    assert [(name, status) for name, (status, _lines) in blocks.items()] == [
        ("unit_target", "success"),
        ("faults(2.16-py3.10)", "failed"),
        ("demo", "success"),
        ("unit_simulator-3.11", "skipped"),
        ("sanity(2.21-py3.13)", "failed"),
    ]
    assert sum((lines for _status, lines in blocks.values()), []) == OUTPUT[3:]
    for name, (_status, lines) in blocks.items():
        assert f" {name}: " in lines[0]
    assert blocks["unit_simulator-3.11"][1][1:] == ["  Python interpreter 3.11 not found"]


@pytest.mark.parametrize(
    ("session", "reasons"),
    [
        (
            "unit_target",
            [
                "could not import 'ansible_rulebook'",
                "the documents are not here: no answer was checked",
                "there is no ansible-core here",
            ],
        ),
        ("sanity(2.21-py3.13)", ["Skipping tests disabled by default without --allow-disabled: package-data"]),
        ("demo", []),
    ],
)
def test_why_tests_were_left_out_is_told_once(session: str, reasons: list[str]) -> None:
    assert run.left_out(run.blocks_of(OUTPUT)[session][1]) == reasons


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ("faults(2.16-py3.10)", ["FAILED tests/faults/test_durability.py::test_a_full_disk[file] - assert 1 == 2"]),
        ("sanity(2.21-py3.13)", OUTPUT[-3:]),
        ("demo", run.blocks_of(OUTPUT)["demo"][1]),
    ],
)
def test_what_failed_is_told_first(session: str, told: list[str]) -> None:
    """Where nothing says so, the end is told."""
    assert run.telling(run.blocks_of(OUTPUT)[session][1]) == told[-5:]
