# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What README and module documentation say, against the code, where ansible-test does not look."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.filter.window import window
from ansible_collections.community.thousandeyes.plugins.module_utils import errors
from ansible_collections.community.thousandeyes.plugins.module_utils.change_windows import NEEDS
from ansible_collections.community.thousandeyes.plugins.module_utils.options import SNAPSHOT_SPEC
from ansible_collections.community.thousandeyes.plugins.module_utils.snapshot import SnapshotRecord
from ansible_collections.community.thousandeyes.plugins.module_utils.windows import HOURS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def documentation(name: str, kind: str) -> dict[str, t.Any]:
    """As ansible-doc shows it, with the fragments merged."""
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "--type", kind, name]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[name]


@pytest.fixture(scope="module")
def snapshot_docs() -> dict[str, t.Any]:
    return documentation("community.thousandeyes.snapshot", "module")


def code_words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_readme_lists_every_option_as_it_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|(.*)\|(.*)\|(.*)\|$", README, re.MULTILINE)
    listed = {
        name: (code_words(aliases), kind.strip(), default.strip().strip("`"), code_words(environment))
        for name, aliases, kind, default, environment in rows
    }
    expected = {}
    for name, option in SNAPSHOT_SPEC.items():
        default = "required" if option.get("required") else option.get("default", "")
        expected[name] = (
            option.get("aliases", []),
            option["type"],
            str(default).lower() if isinstance(default, bool) else str(default),
            option["fallback"][1] if "fallback" in option else [],
        )
    assert listed == expected


def test_environment_variables_are_documented(snapshot_docs: dict[str, t.Any]) -> None:
    for name, option in SNAPSHOT_SPEC.items():
        text = " ".join(snapshot_docs["doc"]["options"][name]["description"])
        assert re.findall(r"E\((\w+)\)", text) == (option["fallback"][1] if "fallback" in option else []), name


def test_the_documented_record_is_the_record(snapshot_docs: dict[str, t.Any]) -> None:
    record = SnapshotRecord(**{name: None for name in SnapshotRecord._fields})  # type: ignore[arg-type]
    for result in ("snapshots", "snapshot"):
        assert set(snapshot_docs["return"][result]["contains"]) == set(record.to_dict())


def test_every_failure_code_is_documented(snapshot_docs: dict[str, t.Any]) -> None:
    described = " ".join(snapshot_docs["return"]["failure"]["contains"]["code"]["description"])
    codes = {
        error.code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.ThousandEyesError) and "code" in vars(error)
    }
    assert set(re.findall(r"V\((\w+)\),", described)) == codes
    assert set(snapshot_docs["return"]["failure"]["contains"]) == set(errors.InvalidRequest("").failure())


def test_the_filter_is_as_documented() -> None:
    docs = documentation("community.thousandeyes.window", "filter")
    options = docs["doc"]["options"]
    _change, *parameters = inspect.signature(window).parameters.values()
    assert docs["doc"]["positional"].split(", ") == ["_input", *(parameter.name for parameter in parameters)]
    assert [options[parameter.name].get("default", inspect.Parameter.empty) for parameter in parameters] == [
        parameter.default for parameter in parameters
    ]
    assert options["which"]["choices"] == list(NEEDS)
    assert options["hours"]["choices"] == list(HOURS)
    for name, option in options["_input"]["suboptions"].items():
        needing = re.findall(r"O\(which=(\w+)\)", " ".join(option["description"]))
        assert needing == [which for which, needed in NEEDS.items() if name in needed]
    samples = {name: value["sample"] for name, value in docs["return"]["_value"]["contains"].items()}
    assert window({"start": "2018-10-06T02:30:00+02:00", "end": "2018-10-06T04:00:00+02:00"}, "covering") == samples


def test_the_commands_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= used <= targets
