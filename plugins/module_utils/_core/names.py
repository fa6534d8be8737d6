# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Ids, names and titles that people give: checked, and made comparable."""

from __future__ import annotations

import re
import typing as t
import unicodedata

from .errors import InvalidRequest


def check_text(text: str, option: str) -> str:
    """A title or a name as it is. The longest title that the API takes is not documented.

    :raises InvalidRequest: it is empty or cannot be sent.
    """
    if not text.strip():
        raise InvalidRequest(f"{option}: {text!r} is empty.")
    if "\0" in text:
        raise InvalidRequest(f"{option}: {text!r} has a NUL in it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{option}: {text!r} cannot be written as UTF-8: {error.reason}.") from error
    return text


def check_id(text: str, option: str) -> str:
    """The id without leading zeros.

    :raises InvalidRequest: it is not a positive whole number.
    """
    # The longest that fits into 64 bits; longer ones could not be sent as a number.
    if not re.fullmatch(r"0*[1-9][0-9]{0,18}", text):
        raise InvalidRequest(f"{option}: {text[:80]!r} is not an id; an id is a positive whole number.")
    return text.lstrip("0")


def composed(name: str) -> str:
    """The name for comparisons: a character with an accent may be one or several, which look the same."""
    return unicodedata.normalize("NFC", name)


def pattern_of(text: str | None, option: str) -> t.Pattern[str]:
    """The pattern that a name or a title is searched for. No text gives one that all of them have.

    :raises InvalidRequest: it is no regular expression.
    """
    try:
        return re.compile(text or "")
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidRequest(f"{option}: {error}.") from None
