# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids and titles that people give, taken or refused."""

from __future__ import annotations

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.names import check_id, check_text
from hypothesis import given
from hypothesis import strategies as st


@given(st.text())
def test_titles(text: str) -> None:
    try:
        encodable = bool(text.encode())
    except UnicodeEncodeError:
        encodable = False
    if text.strip() and encodable and "\0" not in text:
        assert check_text(text, "display_name") == text
    else:
        with pytest.raises(InvalidRequest, match="^display_name: "):
            check_text(text, "display_name")


def test_a_title_that_is_no_unicode() -> None:
    with pytest.raises(InvalidRequest, match="^display_name: .*UTF-8"):
        check_text("half a pair \ud83d", "display_name")


@given(st.integers(1, 10**19 - 1))
def test_ids(number: int) -> None:
    assert check_id(str(number), "test_id") == str(number)
    assert check_id("00" + str(number), "test_id") == str(number)


@pytest.mark.parametrize(
    "text", ["", "0", "00", "-1", "+1", "1.5", "1e3", "1_000", " 1", "1\n", "abc", "True", "١٢", "0x1f", "1" * 20]
)
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(InvalidRequest, match="^test_id: "):
        check_id(text, "test_id")
