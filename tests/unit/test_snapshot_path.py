# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot task neither loads nor ships what reads and compares results, nor an HTTP library before it needs one."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "ansible_collections.community.thousandeyes"
FOREIGN = ("_core.measurements", "_api.result", "_api.v6_results", "_api.v7_results", "_verdict", "_report")


def imported(path: Path) -> t.Iterator[str]:
    """The names in the file's imports, wherever in it they are, as Ansible packs them for another host."""
    package = ".".join((NAME, *path.relative_to(ROOT).parent.parts))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: -(node.level - 1) or None] if node.level else []
            module = ".".join((*parts, *([node.module] if node.module else [])))
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


def shipped(start: str) -> set[str]:
    """All that a file imports, directly or not: parts of the collection and names of others."""
    found: set[str] = set()
    waiting = [f"{NAME}.{start}"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        path = ROOT.joinpath(*name.removeprefix(f"{NAME}.").split(".")).with_suffix(".py")
        if name.startswith(NAME) and path.exists():
            waiting += imported(path)
    return found


def test_the_walk_finds_what_is_imported() -> None:
    assert f"{NAME}.plugins.module_utils._core.measurements" in shipped("plugins.modules.test_result_info")
    assert {"statistics", f"{NAME}.plugins.plugin_utils._report.charts"} <= shipped("plugins.action.change_report")


@pytest.mark.parametrize("start", ["plugins.modules.snapshot", "plugins.action.snapshot"])
def test_it_ships_nothing_that_reads_results(start: str) -> None:
    found = shipped(start)
    assert f"{NAME}.plugins.module_utils._api.v7" in found
    assert not [name for name in found if name == "statistics" or any(part in name for part in FOREIGN)]


def loaded_by(script: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_it_loads_nothing_that_reads_results() -> None:
    by_ansible = loaded_by("import ansible.plugins.action, ansible.module_utils.basic")
    loaded = loaded_by(f"from {NAME}.plugins.action.snapshot import ActionModule\nActionModule.work()") - by_ansible
    assert f"{NAME}.plugins.module_utils._tasks.snapshot" in loaded
    assert not [name for name in loaded if name.startswith(NAME) and any(part in name for part in ("._api", *FOREIGN))]
    assert not {"statistics", "requests"} & loaded
