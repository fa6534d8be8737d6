# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Code, tests and documents name sections of docs/contract, such as "contract v7 §4": there is a heading for each."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.community.thousandeyes.plugins.module_utils._checks.all import facts

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "docs" / "contract"
FOLDERS = ("docs", "extensions", "meta", "playbooks", "plugins", "roles", "tests")
SUFFIXES = (".j2", ".json", ".md", ".py", ".sh", ".txt", ".yml")

FILE = r"(?:v6|v7|evidence)(?:\.md)?"
SECTION = r"§\w+"
REFERENCE = re.compile(rf"\b{FILE}(?:, {FILE})*\s{SECTION}(?:(?:,| and| to)\s{SECTION})*")
WHOLE = re.compile(r"\bcontract (v\d+)")
LINK = re.compile(r"\]\(([\w./-]*\.md)?#([\w-]+)\)")


def sections(name: str) -> list[str]:
    """The numbers or letters of a file's sections, in order."""
    return re.findall(r"^## (\w+)\. ", (CONTRACT / f"{name}.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_sections_are_those_that_they_have_always_been() -> None:
    assert sections("v6") == list("012345678")
    assert sections("v7") == list("123456789")
    assert sections("evidence") == list("0ABCDEFGHIJK")


def texts() -> dict[Path, str]:
    """Without this file, whose examples are none."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    files += [ROOT / "README.md", ROOT / "noxfile.py"]
    return {path: path.read_text(encoding="utf-8") for path in files if path.is_file() and path != Path(__file__)}


def unresolved(text: str, own: str | None = None) -> list[str]:
    """What looks like a reference and leads nowhere. A § without a file means `own`, the contract's file it is in."""
    found = []
    for match in REFERENCE.finditer(text):
        wanted = re.findall(r"§(\w+)", match[0])
        names = re.findall(r"v6|v7|evidence", match[0])
        found += [match[0] for name in names for section in wanted if section not in sections(name)]
    for match in re.finditer(r"§(\w*)", REFERENCE.sub("", text)):
        if own is None or match[1] not in sections(own):
            found.append(match[0])
    return found + [name for name in WHOLE.findall(text) if not (CONTRACT / f"{name}.md").is_file()]


def test_every_reference_has_a_heading() -> None:
    found = texts()
    own = {path: path.stem if path.parent == CONTRACT else None for path in found}
    assert {path: wrong for path, text in found.items() if (wrong := unresolved(text, own[path]))} == {}
    # So that it would not pass for want of references.
    assert sum(len(REFERENCE.findall(text)) for text in found.values()) > 60


def test_a_reference_that_leads_nowhere_is_found() -> None:
    assert unresolved("contract v6 §4 to §6, v7 §5 and §7; v6, v7 §7; evidence §A, evidence.md §0; contract v7") == []
    assert unresolved("contract v6 §9") == ["v6 §9"]
    assert unresolved("contract v7 §5 and §10") == ["v7 §5 and §10"]
    assert unresolved("contract v6, v7 §9") == ["v6, v7 §9"]
    assert unresolved("evidence §L") == ["evidence §L"]
    assert unresolved("the contract's §4") == ["§4"]
    assert unresolved("contract v8") == ["v8"]
    assert unresolved("§4 and §9", "v6") == ["§9"]


def anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_its_links_lead_to_headings() -> None:
    links = [
        (path, target, place)
        for path in sorted(CONTRACT.glob("*.md"))
        for target, place in LINK.findall(path.read_text(encoding="utf-8"))
    ]
    assert links
    for path, target, place in links:
        headings = re.findall(r"^#+ (.*)$", (path.parent / (target or path.name)).read_text("utf-8"), re.MULTILINE)
        assert place in map(anchor, headings), (path.name, target, place)


UNKNOWN = re.compile(r"\[UNK ([a-z0-9-]+)\]")
CHECK = "`account_check`"


def unknowns() -> dict[str, str]:
    """By id, what can settle it: the table in the contract's README."""
    text = (CONTRACT / "README.md").read_text(encoding="utf-8")
    table = text.split("## What is unknown")[1].split("## ")[0]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| .+\? \| (.+) \|$", table, re.MULTILINE)
    assert len(rows) == len(dict(rows)) == table.count("\n| ") - 1
    return dict(rows)


def test_all_that_is_unknown_has_an_id() -> None:
    """And each id in the table is where the unknown is told."""
    told: set[str] = set()
    for name in ("v6", "v7", "evidence"):
        text = (CONTRACT / f"{name}.md").read_text(encoding="utf-8")
        bare = re.findall(r"\*[Uu]nknown\*(?! \[UNK )[^\n]{0,40}", text)
        assert bare == [], name
        told |= set(UNKNOWN.findall(text))
    assert told == set(unknowns())


def test_what_an_account_can_settle_is_what_the_check_settles() -> None:
    settled = {unknown for fact in facts().values() for unknown in fact.settles}
    assert settled == {unknown for unknown, by_what in unknowns().items() if by_what.startswith(CHECK)}
    assert all(fact.settles for fact in facts().values())
