# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""evidence.md, read by a parser of Markdown."""

from __future__ import annotations

import copy
import functools
from typing import Any

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.markdown import to_markdown
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.wording import conclusion, summary
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

# What the comment fields of ticket systems take.
ROOM = 4000
ALLOWED = {
    *("paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open"),
    *("list_item_close", "inline", "text", "code_inline", "strong_open", "strong_close", "text_special"),
    *("link_open", "link_close"),
}


@functools.cache
def document(kind: str) -> dict[str, Any]:
    return report_documents.KINDS[kind]()


@functools.cache
def all_degraded() -> dict[str, Any]:
    return report_documents.many(tests=200, hours=4, agents=1, bad=True)


def tokens(text: str) -> list[Token]:
    """With tables, links without brackets, and HTML, as a ticket system may have them."""
    parsed = MarkdownIt("gfm-like").parse(text)
    return [token for block in parsed for token in [block, *(block.children or [])]]


def check(text: str) -> None:
    assert len(text) < ROOM and len(text.encode("utf-16-le")) // 2 < ROOM
    for token in tokens(text):
        assert token.type in ALLOWED, token
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://app.thousandeyes.com/") or token.markup == "autolink"
        # Deeper lists would be made by names.
        assert token.level <= 7
        if token.type == "text":
            assert not any(f"@{letter}" in token.content for letter in "abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_it_is_short_and_says_the_verdict(kind: str) -> None:
    text = to_markdown(document(kind))
    check(text)
    assert text.startswith(f"**{conclusion(document(kind)).upper()}**: change ")
    assert f"\n\n{summary(document(kind))}" in text and "\n\nWhat next: " in text


def test_conclusion() -> None:
    made = document("one_degraded")
    text = to_markdown(made)
    assert "- Before: 2026-11-23 20:00 to 21:00 UTC (2026-11-23 21:00 to 22:00 +01:00)\n" in text
    assert "- After: 2026-11-23 22:30 to 23:30 UTC (2026-11-23 23:30 to 2026-11-24 00:30 +01:00)\n" in text
    assert (
        "**Degraded (1)**\n\n- `Checkout page` (817)\n  - Response time rose from 291 to 404 ms \\(+39 %\\), at all"
        in text
    )
    # The worst comes first, and where it is worst before all the rest.
    places = [text.index(part) for part in ("`Checkout page`: Response time rose", "**Snapshots", "**Worst agents")]
    assert places == sorted(places) and places[0] < 60 and places[-1] < text.index("**Degraded")
    assert text.count(", expires 2026-12-23 23:40 UTC)") == 6
    assert "Login" not in text.partition("**Snapshots")[0]


def test_a_bad_agent_is_named() -> None:
    text = to_markdown(document("one_agent"))
    assert "Packet loss at Lisbon, Portugal rose from 0 to 9.33 %, in " in text and "Only there, of 3 agents." in text
    assert "**Worst agents (1)**\n\n- Lisbon, Portugal: packet loss 0 to 9.33 %, degraded\n" in text


def test_no_data_has_a_reason() -> None:
    text = to_markdown(document("no_data"))
    assert "**No data (4)**" in text
    assert "- `Old` (5): The test is no longer in the list of tests.\n" in text
    assert "- `Older`: The test is no longer" in text
    assert "- `test 4` (4): The test is no longer" in text
    assert "Nothing was measured after" in text


def test_links_say_what_they_are() -> None:
    made = copy.deepcopy(document("clean"))
    window = made["windows"]["before"]
    made["tests"] = made["tests"][:1]
    made["tests"][0]["snapshots"] = [
        report_documents.snapshot("before", window, 1, is_public=True),
        report_documents.snapshot("before", window, 2, expired=True, expires_at="2026-11-20T00:00:00Z"),
        report_documents.snapshot("before", window, 3, view_url=None, expires_at=None, state="unknown"),
        report_documents.snapshot("before", window, 4, view_url="javascript:alert(1)"),
        report_documents.snapshot("before", window, 5, view_url="https://example.com/> <b>"),
        report_documents.snapshot("before", window, 6, view_url="https://example.com/" + "x" * 4000),
    ]
    made["other_snapshots"] = [
        report_documents.snapshot("after", {"from": None, "to": None}, 7, expires_at=None, expired=None)
    ]
    text = to_markdown(made)
    check(text)
    links = [token.attrs["href"] for token in tokens(text) if token.type == "link_open"]
    assert [str(link).rsplit("=", 1)[1] for link in links] == ["1", "2", "7"]
    lines = text.split("**Snapshots")[1].split("\n")[2:]
    assert "anyone with the link can view it" in lines[0]
    assert "expired 2026-11-20 00:00 UTC)" in lines[1]
    assert "had no answer that settles it" in lines[2]
    assert "told none that can be shown" in lines[3]
    assert ": link in evidence.html (own test 6, link id zPzE0006, " in lines[5]
    assert "**Other snapshots (1)**\n\n- after, `CHG0031337 after`: <https" in text


def test_names_are_text() -> None:
    made = report_documents.hostile()
    made["tests"], made["warnings"] = made["tests"][:3], made["warnings"][:3]
    text = to_markdown(made)
    check(text)
    codes = [token.content for token in tokens(text) if token.type == "code_inline"]
    for name in report_documents.HOSTILE[:3]:
        assert name in codes
    assert "line one\\nline two\\r\\n# heading\\n- item\\n\\n```\\ncode" in codes
    texts = [
        "".join(child.content for child in token.children or []) for token in tokens(text) if token.type == "inline"
    ]
    for name in report_documents.HOSTILE[:3]:
        assert name in texts, name


@pytest.mark.slow
@given(
    name=st.text(alphabet="ab1 `|[]()<>#*_~!@&\\\n\r\t-+.:/=\u202e\ud800😀", max_size=40),
    sentence=st.text(alphabet="ab1 `|[]()<>#*_~!@&\\\n-+.:/=wh", max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_no_name_and_no_sentence_means_anything(name: str, sentence: str) -> None:
    made = copy.deepcopy(document("no_data"))
    made["tests"][2].update(test_name=name, reason=sentence)
    made["change"]["id"] = name
    made["warnings"] = [sentence, name]
    made["made"]["by"] = {"playbook": name}
    text = to_markdown(made)
    check(text)
    lists = [token.type for token in tokens(text)].count("list_item_open")
    made["tests"][2].update(test_name="x", reason="x")
    made["change"]["id"] = "x"
    made["warnings"] = ["x", "x"]
    made["made"]["by"] = {"playbook": "x"}
    assert lists == [token.type for token in tokens(to_markdown(made))].count("list_item_open")


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["x", "`", "\\", "<", "\x00", "😀"])
@pytest.mark.parametrize("tests", [1, 200])
def test_it_stays_short(letter: str, tests: int) -> None:
    made = copy.deepcopy(all_degraded())
    made["tests"] = [{**test, "test_name": letter * 500} for test in made["tests"][:tests]]
    made["counts"] = {**made["counts"], "tests": tests, "degraded": tests}
    made["change"]["id"] = letter * 500
    made["warnings"] = [letter * 5000] * 300
    made["made"]["by"] = {f"{letter * 50}{number}": letter * 500 for number in range(50)}
    text = to_markdown(made)
    check(text)
    assert any(word in text for word in (" rose from ", " fell from ", "got through")) and "see evidence.html" in text
    if tests == 200:
        shown = text.split("**Degraded (200)**")[1].split("\n\n- Before")[0]
        listed = shown.count("\n- ") - 1
        assert listed >= (1 if letter == "`" else 2) and f"- and {200 - listed} more, see evidence.html" in shown
        assert "**Snapshots (400)**" in text


def test_the_same_document_gives_the_same_text() -> None:
    assert to_markdown(report_documents.one_degraded()) == to_markdown(document("one_degraded"))
