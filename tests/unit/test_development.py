# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people who work on this repository read, its hooks and its workflow, against what is there."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLACES = [
    *sorted(ROOT.glob("docs/development/*.md")),
    *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "RELEASING", "TESTING")),
]
DOCUMENTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PLACES}
# What commands make is not always there.
TOP = {path.name for path in ROOT.iterdir()} - {".build"}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


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
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not ((ROOT / name).parent / link).is_file()] == []


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


def test_every_folder_has_its_place() -> None:
    """The table of the layers in the architecture, and that of the tests in TESTING.md."""
    text = DOCUMENTS["docs/development/architecture.md"] + DOCUMENTS["TESTING.md"]
    layers = [path for kind in ("module_utils", "plugin_utils") for path in (ROOT / "plugins" / kind).glob("_[a-z]*")]
    tests = [path for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.iterdir())]
    assert len(layers) > 5 and len(tests) > 5
    for folder in (path for path in (*layers, *tests) if path.is_dir()):
        where = f"`{folder.relative_to(ROOT)}/"
        assert where in text or folder.name in ("__pycache__", "output"), where


@pytest.mark.parametrize("name", [*DOCUMENTS, "README.md"])
def test_commands_exist(name: str) -> None:
    text = DOCUMENTS.get(name) or (ROOT / name).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= TARGETS


def test_hooks_download_nothing() -> None:
    """Each is a program that the Makefile has installed."""
    installed = re.findall(r"pip install --quiet ([\w -]+)$", MAKEFILE, re.MULTILINE)[0].split()
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        assert re.match(r"\.build/venv/bin/([\w-]+) ", hook["entry"])[1] in installed


def workflow() -> dict[str, t.Any]:
    return yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]["make"]


def test_the_workflow_runs_the_two_commands() -> None:
    commands = workflow()["strategy"]["matrix"]["command"]
    assert commands == ["demo", "test"]
    assert set(commands) <= TARGETS
    assert [step["run"] for step in workflow()["steps"] if step.get("env")] == ['make "$COMMAND"']


def test_the_workflow_has_each_python_of_the_noxfile() -> None:
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    wanted = set(re.findall(r'pairing\("[\d.]+", "(3\.\d+)"\)', noxfile))
    for session in re.findall(r"@nox\.session\(python=(.+)\)", noxfile):
        wanted |= set(re.findall(r'"(3\.\d+)"', session))
    assert {"3.9", "3.10", "3.13"} <= wanted
    (installed,) = (
        step["with"]["python-version"].split() for step in workflow()["steps"] if "setup-python" in step.get("uses", "")
    )
    assert sorted(installed) == sorted(wanted)
    # The last one is python3, which make needs to be this new.
    assert installed[-1] in ("3.11", "3.12", "3.13")


def test_placeholders_are_all_listed() -> None:
    """Whoever takes the project over changes them by one list."""
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    listed = DOCUMENTS["RELEASING.md"].partition("## Placeholders")[2]
    assert repository.partition("://")[2] in listed
    found = []
    for folder in (".github", "docs/docsite"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.is_file() and repository in path.read_text(encoding="utf-8"):
                found.append(str(path.relative_to(ROOT)))
    assert (
        found and [name for name in found if not any(place in name for place in re.findall(r"`([^`]+)`", listed))] == []
    )
