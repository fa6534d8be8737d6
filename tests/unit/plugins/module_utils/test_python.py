# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[4] / "plugins"
CHECK = PLUGINS / "module_utils" / "_python.py"
# The documentation of an action stands in a module that does nothing.
MODULES = [
    path for path in sorted((PLUGINS / "modules").glob("*.py")) if path.stem not in ("change_report", "change_watch")
]


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    with pytest.raises(SystemExit, match="1"):
        # Not by runpy, which would ask the import hooks of ansible-test for it.
        exec(compile(CHECK.read_text(encoding="utf-8"), str(CHECK), "exec"), {})
    told = json.loads(capsys.readouterr().out)
    assert told["failed"] and told["failure"]["code"] == "missing_library"
    assert "needs Python 3.9 or newer" in told["msg"] and sys.executable in told["msg"]


@pytest.mark.parametrize("path", [CHECK, *MODULES], ids=lambda path: path.stem)
def test_it_comes_first_and_an_old_python_gets_so_far(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [node for node in imports if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    if path != CHECK:
        assert isinstance(imports[0], ast.ImportFrom) and [name.name for name in imports[0].names] == ["_python"]
