# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides in docs/docsite: which examples are run, and what they say against the code.

The integration target guides runs the examples, and test_postgresql.py those in SQL. The session docs builds the site.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from urllib.parse import urlsplit

import pytest
import yaml
from ansible_collections.community.thousandeyes.plugins.module_utils._core import errors
from support.guides import GUIDES, NOT_RUN, ROOT, Example, examples

EXAMPLES = [example for guide in GUIDES for example in examples(guide)]
TEXTS = {guide.stem.removeprefix("guide_"): guide.read_text(encoding="utf-8") for guide in GUIDES}
PREFIX = "ansible_collections.community.thousandeyes.docsite.guide_"


def test_every_example_is_run_or_is_listed_with_a_reason() -> None:
    assert len(EXAMPLES) > 30
    assert [key for key in NOT_RUN if key not in {example.key for example in EXAMPLES}] == []
    for example in (each for each in EXAMPLES if each.is_run):
        assert example.language in ("shell", "yaml", "postgresql"), example.key
        if example.language == "yaml":
            commands = [each.text for each in EXAMPLES if (each.guide, each.language) == (example.guide, "shell")]
            assert example.caption and any(example.caption in text for text in commands), f"{example.key} is not run"


def check_syntax(example: Example) -> None:
    if example.language == "yaml":
        assert yaml.safe_load(example.text)
    elif example.language == "shell":
        subprocess.run(["bash", "-n"], input=example.text, text=True, check=True, capture_output=True)
    elif example.language == "json":
        json.loads(example.text)
    elif example.language == "ini":
        configparser.ConfigParser(strict=False).read_string(example.text)
    else:
        assert example.language == "postgresql", example.key


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_example_can_be_read(example: Example) -> None:
    check_syntax(example)


@pytest.mark.parametrize(("language", "text"), [("yaml", "a: ["), ("shell", "if"), ("json", "{"), ("ini", "x")])
def test_what_cannot_be_read_is_found(language: str, text: str) -> None:
    with pytest.raises((yaml.YAMLError, subprocess.CalledProcessError, ValueError, configparser.Error)):
        check_syntax(Example("", language, "", text))


def test_every_code_of_a_failure_has_its_entry() -> None:
    codes = {
        error.code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.ThousandEyesError) and "code" in vars(error)
    }
    text = TEXTS["troubleshooting"]
    entries = re.findall(rf"^\.\. _{re.escape(PREFIX)}troubleshooting\.(\w+):\n\n(\w+)\n~+\n", text, re.MULTILINE)
    assert [label for label, title in entries if label != title] == []
    assert {label for label, _title in entries} == codes
    assert len(entries) == len(codes)


def test_every_module_has_its_permission() -> None:
    """In the table of the token."""
    table = (
        TEXTS["first_evidence"]
        .partition(".. _" + PREFIX + "first_evidence.token:")[2]
        .partition("Check the account")[0]
    )
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert {name for name in modules if f"``{name}``" not in table} == set()


def test_links_into_the_repository_lead_somewhere() -> None:
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    found = {
        urlsplit(link).path.partition("/blob/main/")[2]
        for text in TEXTS.values()
        for link in re.findall(rf"<({re.escape(repository)}/blob/main/\S+)>", text)
    }
    assert found
    assert {path for path in found if not (ROOT / path).is_file()} == set()


def test_every_guide_is_in_the_table_of_contents() -> None:
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    assert sorted(name for section in sections for name in section["toctree"]) == [guide.stem for guide in GUIDES]


def test_files_of_the_collection_name_guides_that_there_are() -> None:
    """By their labels, in documentation of modules and role; by their paths, elsewhere."""
    labels = set(re.findall(r"^\.\. _(ansible_collections\S+):$", "".join(TEXTS.values()), re.MULTILINE))
    named, paths = set(), set()
    for folder in ("docs", "extensions", "playbooks", "plugins", "roles"):
        for path in (path for path in (ROOT / folder).rglob("*.*") if path.suffix in (".py", ".yml", ".md", ".rst")):
            text = path.read_text(encoding="utf-8")
            named |= set(re.findall(rf"(?<!_){re.escape(PREFIX)}[\w.]*\w", text))
            paths |= set(re.findall(r"docs/docsite/rst/[\w.]+\.rst", text))
    assert named and paths
    assert named - labels == set()
    assert {path for path in paths if not (ROOT / path).is_file()} == set()


@pytest.mark.parametrize("guide", TEXTS)
def test_samples_are_of_this_year(guide: str) -> None:
    years = set(re.findall(r"\b(20\d\d)-\d\d-\d\d[ T]", TEXTS[guide]))
    assert years <= {"2026"}
