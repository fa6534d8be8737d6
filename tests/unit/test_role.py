# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role says of its variables: specification, defaults, README and the module that they are for."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot, test_info
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import task as report

ROLE = Path(__file__).resolve().parents[2] / "roles" / "change_evidence"
PREFIX = "change_evidence_"


def load(name: str) -> t.Any:
    return yaml.safe_load((ROLE / name).read_text(encoding="utf-8"))


SPEC = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
DEFAULTS = load("defaults/main.yml")
TASKS = "".join(path.read_text(encoding="utf-8") for path in [*ROLE.glob("tasks/*.yml"), *ROLE.glob("vars/*.yml")])


def test_the_defaults_are_those_of_the_specification() -> None:
    assert DEFAULTS == {name: option["default"] for name, option in SPEC.items() if "default" in option}


def test_choices_and_types_are_those_of_the_modules() -> None:
    for name, of, option in (
        ("tests", test_info.SPEC, "tests"),
        ("hours", snapshot.SPEC, "hours"),
        ("quota_wait", snapshot.SPEC, "quota_wait"),
        ("wait", snapshot.SPEC, "window_wait"),
        ("is_public", snapshot.SPEC, "is_public"),
        ("layers", report.SPEC, "layers"),
        ("dir", report.SPEC, "dir"),
        ("sign_key", report.SPEC, "sign_key"),
    ):
        for key in ("type", "elements", "choices"):
            assert SPEC[PREFIX + name].get(key) == of[option].get(key), (name, key)


def test_every_variable_is_used_and_documented() -> None:
    used = set(re.findall(r"(?<!_)(change_evidence_\w+)", TASKS))
    assert used == set(SPEC)


def test_what_the_role_sets_cannot_be_taken_for_a_variable() -> None:
    """Facts, what is registered, and what is in vars: names that begin as the variables do are refused."""
    found = set(load("vars/main.yml"))
    for path in ROLE.glob("tasks/*.yml"):
        for task in tasks_in(yaml.safe_load(path.read_text(encoding="utf-8"))):
            found |= set(task.get("ansible.builtin.set_fact", {}))
            found |= {task["register"]} if "register" in task else set()
    assert len(found) > 10
    assert {name for name in found if not name.startswith(f"__{PREFIX}")} == set()


def tasks_in(tasks: list[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    for task in tasks:
        yield task
        yield from tasks_in(task.get("block", []))


def test_the_readme_lists_every_variable_as_it_is() -> None:
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(change_evidence_\w+)` \| (.*?) ?\| .+ \|$", readme, re.MULTILINE))
    expected = {}
    for name, option in SPEC.items():
        default = option.get("default")
        shown = str(default).lower() if isinstance(default, bool) else default
        expected[name] = "required" if option.get("required") else f"`{shown}`" if "default" in option else ""
    one_of = {PREFIX + name for name in ("tests", "tag", "label", "name_regex")}
    assert rows == {**expected, **dict.fromkeys(one_of, "one of these four")}


def test_the_examples_of_the_readme_are_yaml() -> None:
    blocks = re.findall(
        r"^```yaml\n(.*?)^```$", (ROLE / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    plays = [play for block in blocks for play in yaml.safe_load(block)]
    assert len(plays) >= 6
    given = {name for play in plays for name in play.get("vars", {}) if name.startswith(PREFIX)}
    assert given <= set(SPEC)
