# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.text import shown
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Web shop", "Web shop"),
        ("Größe 東京　本社 \u00a0 👩\u200d💻 \\n", "Größe 東京　本社 \u00a0 👩\u200d💻 \\n"),
        ("a\nPLAY RECAP\r\tb", "a\\nPLAY RECAP\\r\\tb"),
        ("\x1b[2J\x1b]0;ALL OK\x07", "\\u001b[2J\\u001b]0;ALL OK\\u0007"),
        ("\x9b31m", "\\u009b31m"),
        ("gpj\u202eexe", "gpj\\u202eexe"),
        ("\ud800", "\\ud800"),
        ("a\U000e0041", "a\\U000e0041"),
        (5, "5"),
    ],
)
def test_what_would_hide_or_command_is_an_escape(text: object, seen: str) -> None:
    assert shown(text) == seen
    assert shown(seen) == seen


@given(st.text())
def test_what_is_shown_can_be_printed(text: str) -> None:
    told = shown(text).encode("utf-8").decode()
    # The bidirectional classes and the categories of Unicode itself.
    assert not [mark for mark in told if unicodedata.category(mark) == "Cc"]
    hostile = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "B")
    assert not [mark for mark in told if unicodedata.bidirectional(mark) in hostile]
