# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/development, the README and the hooks say of this repository, against what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/development/*.md"))}
TOP = {path.name for path in ROOT.iterdir()}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def paths(text: str) -> list[str]:
    """What is written as code and begins like a path of this repository."""
    return [word for word in re.findall(r"`([\w./-]+)`", text) if word.partition("/")[0] in TOP]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_all_that_is_named_exists(name: str) -> None:
    text = DOCUMENTS[name]
    named = paths(text)
    assert len(named) > 2
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert [path for path in named if path.endswith("/") != (ROOT / path).is_dir()] == []
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (ROOT / "docs" / "development" / link).is_file()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_names_beside_a_path_are_in_it(name: str) -> None:
    """In tables of places: functions, other files and tests, as the cells say."""
    for row in re.findall(r"^\|[^|]*\| `([\w./-]+\.py)` \|(.*)\|$", DOCUMENTS[name], re.MULTILINE):
        path, text = ROOT / row[0], re.sub(r"`[\w./-]+/[\w./-]+`", "", row[1])
        for word in re.findall(r"`([\w.]+)`", text):
            if word.endswith(".py"):
                assert (path.parent / word).is_file(), (row[0], word)
            else:
                places = [path, *(ROOT / other for other in paths(row[1]))]
                assert any(word in place.read_text(encoding="utf-8") for place in places), (row[0], word)


def test_what_is_wrong_is_found() -> None:
    assert paths("`plugins/nothing.py`, `make x`, `elsewhere/x`, `tests/`") == ["plugins/nothing.py", "tests/"]


def test_every_folder_has_its_place_in_the_architecture() -> None:
    text = DOCUMENTS["architecture.md"]
    layers = [path for kind in ("module_utils", "plugin_utils") for path in (ROOT / "plugins" / kind).glob("_[a-z]*")]
    tests = [path for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.iterdir())]
    assert len(layers) > 5 and len(tests) > 5
    for folder in (path for path in (*layers, *tests) if path.is_dir()):
        where = f"`{folder.relative_to(ROOT)}/"
        assert where in text or folder.name in ("__pycache__", "output"), where


@pytest.mark.parametrize("name", [*DOCUMENTS, "README.md"])
def test_commands_exist(name: str) -> None:
    text = DOCUMENTS.get(name) or (ROOT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets


def test_hooks_download_nothing() -> None:
    """Each is a program that the Makefile has installed."""
    installed = re.findall(r"pip install --quiet ([\w -]+)$", MAKEFILE, re.MULTILINE)[0].split()
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        assert re.match(r"\.build/venv/bin/([\w-]+) ", hook["entry"])[1] in installed
