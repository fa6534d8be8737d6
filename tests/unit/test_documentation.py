# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What README and module documentation say, against the code, where ansible-test does not look."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.release import __version__ as ansible_version
from ansible_collections.community.thousandeyes.plugins.filter.window import window
from ansible_collections.community.thousandeyes.plugins.module_utils._core import errors
from ansible_collections.community.thousandeyes.plugins.module_utils._checks.check import Finding
from ansible_collections.community.thousandeyes.plugins.module_utils._core.change_windows import NEEDS
from ansible_collections.community.thousandeyes.plugins.module_utils._core.account_group import AccountGroup
from ansible_collections.community.thousandeyes.plugins.module_utils._core.test_list import ListedTest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRecord
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot_info
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import HOURS
from ansible_collections.community.thousandeyes.plugins.module_utils._execution import no_more

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
CODES = {
    error.code
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, errors.ThousandEyesError) and "code" in vars(error)
}
# Those without a part that could run elsewhere, and where their tasks are.
ACTIONS_ONLY = {"change_report": "_report", "change_watch": "_watch"}
PLUGINS = "ansible_collections.community.thousandeyes.plugins"
RECORD = SnapshotRecord(**{name: None for name in SnapshotRecord._fields})  # type: ignore[arg-type]
TEST = ListedTest("1", "Web shop", "http-server", saved_event=True)


def documentation(kind: str, *names: str) -> dict[str, dict[str, t.Any]]:
    """By name, as ansible-doc shows it, with the fragments merged."""
    program = str(Path(sys.executable).with_name("ansible-doc"))
    command = [program, "--json", "--type", kind, *(f"community.thousandeyes.{name}" for name in names)]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {name: shown[f"community.thousandeyes.{name}"] for name in names}


def task_of(module: str) -> t.Any:
    """The file of its task."""
    if module in ACTIONS_ONLY:
        return importlib.import_module(f"{PLUGINS}.plugin_utils.{ACTIONS_ONLY[module]}.task")
    return importlib.import_module(f"{PLUGINS}.module_utils._tasks.{module}")


def spec_of(module: str) -> dict[str, dict[str, t.Any]]:
    return task_of(module).SPEC


def environment_of(option: dict[str, t.Any]) -> list[str]:
    return option["fallback"][1] if "fallback" in option else []


@pytest.fixture(scope="module")
def docs() -> dict[str, dict[str, t.Any]]:
    return documentation("module", *MODULES)


def code_words(cell: str) -> list[str]:
    """The words written as code in Markdown or reStructuredText."""
    return re.findall(r"`+([^`]+)`+", cell)


def test_the_guide_lists_every_option_as_it_is() -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_first_evidence.rst").read_text(encoding="utf-8")
    rows = [row.split("|") for row in re.findall(r"^   (``\w+``\|.+)$", guide, re.MULTILINE)]
    # Its cells are separated as those of the rows are.
    assert "   :header: Option | Meaning | Type | Default | Alias | Environment\n   :delim: |\n" in guide
    listed = {}
    for row in rows:
        name, meaning, kind, default, aliases, environment = (*row, "", "")[:6]
        assert meaning, name
        listed[name.strip("`")] = (code_words(aliases), kind, default.strip("`"), code_words(environment))
    expected = {}
    for name, option in spec_of("snapshot").items():
        default = "required" if option.get("required") else option.get("default", "")
        expected[name] = (
            option.get("aliases", []),
            option["type"],
            str(default).lower() if isinstance(default, bool) else str(default),
            environment_of(option),
        )
    assert listed == expected


def as_documented(options: dict[str, dict[str, t.Any]]) -> dict[str, t.Any]:
    return {
        name: (
            option["type"],
            option.get("elements"),
            option.get("required", False),
            option.get("default"),
            option.get("choices"),
            option.get("aliases", []),
            re.findall(r"E\((\w+)\)", " ".join(option["description"])),
            as_documented(option.get("suboptions", {})),
        )
        for name, option in options.items()
    }


def as_specified(spec: dict[str, dict[str, t.Any]]) -> dict[str, t.Any]:
    return {
        name: (
            option["type"],
            option.get("elements"),
            option.get("required", False),
            option.get("default"),
            option.get("choices"),
            option.get("aliases", []),
            environment_of(option),
            as_specified(option.get("options", {})),
        )
        for name, option in spec.items()
    }


@pytest.mark.parametrize("module", MODULES)
def test_options_are_documented_as_they_are(docs: dict[str, t.Any], module: str) -> None:
    assert as_documented(docs[module]["doc"]["options"]) == as_specified(spec_of(module))


@pytest.mark.parametrize(
    ("module", "result", "keys"),
    [
        ("snapshot", "snapshots", RECORD.to_dict()),
        ("snapshot", "snapshot", RECORD.to_dict()),
        ("snapshot_info", "snapshots", snapshot_info._row_of_event(TEST, "api.thousandeyes.com", None)),
        ("test_info", "tests", TEST.to_dict()),
        ("test_result_info", "test", TEST.to_dict()),
        ("account_group_info", "account_groups", AccountGroup._fields),
        ("account_check", "findings", Finding("", "", "").to_dict("v7")),
        *((module, "failure", errors.InvalidRequest("").failure()) for module in MODULES),
    ],
)
def test_results_are_documented_as_they_are(
    docs: dict[str, t.Any], module: str, result: str, keys: t.Iterable[str]
) -> None:
    assert set(docs[module]["return"][result]["contains"]) == set(keys)


@pytest.mark.parametrize("module", MODULES)
def test_the_failures_of_a_module_are_documented(docs: dict[str, t.Any], module: str) -> None:
    described = " ".join(docs[module]["return"]["failure"]["contains"]["code"]["description"])
    verifying = {"evidence_changed", "evidence_unchecked", "evidence_untrusted"}
    if "api_url" not in spec_of(module):
        others = {"change_input": {"report_unsigned"}, "evidence_verify": verifying}
        assert set(re.findall(r"V\((\w+)\),", described)) == {"invalid_request", "missing_library"} | others[module]
        return
    creating = {"quota_exhausted", "outcome_unknown", "visibility_contradicted"}
    reporting = {"report_kept", "report_unsigned", "report_unwritable"}
    impossible = creating if module != "snapshot" else set()
    if "ledger" not in spec_of(module):
        impossible = {"ledger_unavailable", *creating}
    if module == "change_watch":
        # What happens to a snapshot is a warning.
        impossible = {"ledger_unavailable", *creating, *reporting}
    elif "dir" in spec_of(module):
        # They concern one test, which the report then tells.
        impossible |= {"forbidden", "not_found"}
    else:
        impossible |= reporting
    if module == "account_check":
        # These it finds, and goes on.
        impossible |= {"forbidden", "not_found", "unexpected_response"}
    assert set(re.findall(r"V\((\w+)\),", described)) == CODES - impossible - verifying


def test_every_module_with_a_connection_is_in_the_action_group(docs: dict[str, t.Any]) -> None:
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    connected = [module for module in MODULES if "api_url" in spec_of(module)]
    assert groups == {"thousandeyes": connected}
    for module in connected:
        told = docs[module]["doc"]["attributes"]["action_group"]["membership"]
        assert told == ["community.thousandeyes.thousandeyes"], module


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_action(module: str) -> None:
    """With the same options, rules and task as the module itself."""
    action = importlib.import_module(f"{PLUGINS}.action.{module}").ActionModule
    work, task = action.work(), task_of(module)
    assert action.module_name == f"community.thousandeyes.{module}"
    assert work.task is task.run
    assert work.argument_spec is task.SPEC
    assert work.rules == getattr(task, "RULES", {})
    assert action.elsewhere is (module not in ACTIONS_ONLY)
    if module in ACTIONS_ONLY:
        return
    itself = importlib.import_module(f"{PLUGINS}.modules.{module}")
    assert (work.task, work.argument_spec) == (itself.run, itself.SPEC)
    assert work.rules == getattr(itself, "RULES", {})
    for params in ({}, {"tests": ["817"]}):
        assert work.nothing(params) == getattr(itself, "nothing", no_more)(params)


def test_the_filter_is_as_documented() -> None:
    docs = documentation("filter", "window")["window"]
    documented = docs["doc"]["options"]
    _change, *parameters = inspect.signature(window).parameters.values()
    assert docs["doc"]["positional"].split(", ") == ["_input", *(parameter.name for parameter in parameters)]
    assert [documented[parameter.name].get("default", inspect.Parameter.empty) for parameter in parameters] == [
        parameter.default for parameter in parameters
    ]
    assert documented["which"]["choices"] == list(NEEDS)
    assert documented["hours"]["choices"] == list(HOURS)
    for name, option in documented["_input"]["suboptions"].items():
        needing = re.findall(r"O\(which=(\w+)\)", " ".join(option["description"]))
        assert needing == [which for which, needed in NEEDS.items() if name in needed]
    samples = {name: value["sample"] for name, value in docs["return"]["_value"]["contains"].items()}
    assert window({"start": "2026-11-27T01:30:00+01:00", "end": "2026-11-27T03:00:00+01:00"}, "covering") == samples


def test_samples_are_recent() -> None:
    """Where people read them; test_guides.py looks at the guides."""
    places = [ROOT / "README.md"]
    for folder in ("docs/development", "extensions", "playbooks", "plugins", "roles"):
        places += [path for path in (ROOT / folder).rglob("*.*") if path.suffix in (".md", ".py", ".yml")]
    found = {
        path: years
        for path in places
        if (years := set(re.findall(r"\b(20\d\d)-?\d\d-?\d\d[ T]", path.read_text("utf-8"))))
    }
    assert len(found) > 10
    assert {path: years for path, years in found.items() if min(years) < "2026"} == {}


def section(text: str, title: str) -> str:
    """The text of a section of the README, without its title."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_readme_lists_all_that_there_is() -> None:
    """With one line for each."""
    listed = re.findall(r"^\| (?:(\w+) )?\[?`(\w+)`.* \| \S.+ \|$", section(README, "What is in it"), re.MULTILINE)
    places = {
        "filter": "plugins/filter/*.py",
        "role": "roles/*",
        "playbook": "playbooks/*.yml",
        "rulebook": "extensions/eda/rulebooks/*.yml",
    }
    there = [("", module) for module in MODULES]
    there += [(kind, path.stem) for kind, pattern in places.items() for path in ROOT.glob(pattern)]
    assert sorted(listed) == sorted(there)


def test_the_permissions_of_readme_and_guide_are_the_same() -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_first_evidence.rst").read_text(encoding="utf-8")
    told = re.findall(r"^   \* - (``.+|role ``.+)\n     - (.+)$", guide, re.MULTILINE)
    rows = re.findall(r"^\| (.+) \| (.+) \|$", section(README, "Get a token"), re.MULTILINE)[1:]
    assert [(who.replace("``", "`"), what.replace("``", "`")) for who, what in told] == rows
    assert {name for name in MODULES if not any(f"`{name}`" in who for who, _what in rows)} == set()


def test_the_readme_says_which_versions_are_tested() -> None:
    """Those of the sessions."""
    tested = dict(re.findall(r"([\d.]+) \(([\d.]+)\)", section(README, "Tested with")))
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert tested == dict(re.findall(r'pairing\("([\d.]+)", "([\d.]+)"\)', noxfile))
    requires = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert f"ansible-core {requires.removeprefix('>=').removesuffix('.0')} or newer" in section(README, "Install")


def test_links_of_the_readme_lead_somewhere() -> None:
    headings = {re.sub(r"\W+", "-", title.lower()) for title in re.findall(r"^#+ (.+)$", README, re.MULTILINE)}
    for link in re.findall(r"\]\(([^)]+)\)", README):
        path, _hash, heading = link.partition("#")
        if "://" in path:
            continue
        if not path:
            assert heading in headings, link
            continue
        assert (ROOT / path).is_file(), link
        if heading:
            assert re.search(rf"(?im)^(#+ )?{heading.replace('-', '[ -]')}$", (ROOT / path).read_text("utf-8")), link


def test_the_commands_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= used <= targets


# By ansible-doc of the newest ansible-core at 80 columns: the line before which a module's examples begin.
# Each threshold is an option of change_report and change_watch, for all tests and for one.
LIMITS = {"snapshot": 260, "change_report": 470, "change_watch": 460}
LIMIT = 220


def as_people_see_it(module: str) -> list[str]:
    """The lines that ansible-doc prints in a terminal of 80 columns."""
    program = str(Path(sys.executable).with_name("ansible-doc"))
    environment = {**os.environ, "COLUMNS": "80", "ANSIBLE_NOCOLOR": "1"}
    command = [program, f"community.thousandeyes.{module}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.splitlines()


newest = pytest.mark.skipif(
    tuple(map(int, ansible_version.split(".")[:2])) < (2, 19), reason="older ansible-cores take more lines for the same"
)


@newest
@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_are_soon_reached(module: str) -> None:
    assert as_people_see_it(module).index("EXAMPLES:") + 1 < LIMITS.get(module, LIMIT)


@newest
@pytest.mark.parametrize("module", ["snapshot", "snapshot_info"])
def test_the_ledger_takes_eight_lines_and_leads_to_its_guide(docs: dict[str, t.Any], module: str) -> None:
    lines = as_people_see_it(module)
    (start,) = (number for number, line in enumerate(lines) if re.match("[-= ]+ledger  ", line))
    length = next(number for number, line in enumerate(lines[start:]) if line.lstrip().startswith("default:"))
    assert length <= 8
    described = " ".join(docs[module]["doc"]["options"]["ledger"]["description"])
    assert "docsite.guide_ledger)" in described
    (path,) = re.findall(r"C\((docs/\S+)\)", described)
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("module", MODULES)
def test_a_description_ends_with_the_shortest_task(docs: dict[str, t.Any], module: str) -> None:
    """The module takes it, with a token in the environment."""
    last = docs[module]["doc"]["description"][-1]
    (text,) = re.findall(r"^The shortest task.* is C\((.+)\)$", last)
    ((name, options),) = yaml.safe_load(text).items()
    assert name == f"community.thousandeyes.{module}"
    given = {"api_token": "x"} if "api_url" in spec_of(module) else {}
    rules = getattr(task_of(module), "RULES", {})
    assert ArgumentSpecValidator(spec_of(module), **rules).validate({**given, **(options or {})}).error_messages == []
