# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the code, with imports that go down only, and functions that a reader takes in at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
COLLECTION = "ansible_collections.community.thousandeyes.plugins"
# From the top down. Each may import from those below it, and from itself. Two in one line do not know each other.
LAYERS = (
    ("modules", "action", "filter", "doc_fragments"),
    ("plugin_utils._report", "plugin_utils._watch"),
    ("plugin_utils._change",),
    ("plugin_utils._control_node",),
    ("plugin_utils._job", "plugin_utils._provenance", "plugin_utils._verdict"),
    ("module_utils._execution", "module_utils._python"),
    ("module_utils._tasks",),
    ("module_utils._checks",),
    ("module_utils._options",),
    ("module_utils._capture",),
    ("module_utils._ledger", "module_utils._api", "module_utils._signature"),
    ("module_utils._core",),
)
# What also runs on a host that a task is delegated to.
LOW = "module_utils"
MOST_LINES, DEEPEST = 40, 4
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)
FILES = sorted(path for path in PLUGINS.rglob("*.py"))


def named(path: Path) -> str:
    """As in an import: module_utils._core.clock."""
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts).removesuffix(".__init__")


def layer_of(module: str) -> tuple[int, str]:
    for number, layer in enumerate(LAYERS):
        for part in layer:
            if module == part or module.startswith(f"{part}."):
                return number, part
    raise AssertionError(f"{module} is in no layer: say in LAYERS where it belongs")


def imported(path: Path) -> Iterator[str]:
    """The modules of the collection that a file imports, wherever in it."""
    package = named(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            elif base.startswith(COLLECTION):
                base = base.removeprefix(f"{COLLECTION}").removeprefix(".")
            else:
                continue
            names = [f"{base}.{alias.name}" for alias in node.names]
            known = {named(file) for file in FILES}
            yield from (name if name in known else base for name in names)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_imports_go_down_only(path: Path) -> None:
    number, part = layer_of(named(path))
    for module in imported(path):
        below, other = layer_of(module)
        assert below > number or other == part, f"{named(path)} must not import {module}"


def test_what_may_run_elsewhere_needs_nothing_of_the_control_node() -> None:
    for path in FILES:
        if named(path).startswith(LOW):
            text = path.read_text(encoding="utf-8")
            assert "ansible.plugins" not in text and "ansible.utils" not in text, path


@pytest.mark.parametrize("path", [path for path in FILES if "_utils" in path.parts[-2] + path.parts[-3]], ids=named)
def test_private_parts_say_so(path: Path) -> None:
    assert any(part.startswith("_") for part in path.relative_to(PLUGINS).parts[1:])
    if path.read_text(encoding="utf-8").strip():
        assert "# Private to this collection" in path.read_text(encoding="utf-8")


def depth_of(node: ast.AST) -> int:
    """How many blocks are in each other at most. An elif is not in its if."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and [child] == node.orelse
        deepest = max(deepest, depth_of(child) + (isinstance(child, BLOCKS) and not is_elif))
    return deepest


def lines_of(function: ast.FunctionDef) -> int:
    """Without the docstring and the functions in it, which are counted by themselves."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_function_is_taken_in_at_once(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines, depth = lines_of(node), depth_of(node)
            assert lines <= MOST_LINES, f"{node.name} has {lines} lines"
            assert depth <= DEEPEST, f"{node.name} nests {depth} blocks"
