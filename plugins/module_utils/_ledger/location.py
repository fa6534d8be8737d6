# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the option C(ledger) looks like where it is a URL."""

from __future__ import annotations

import re
from urllib.parse import unquote

# Sterner than libpq, which takes a part of a password for host, port or database where it has a special character.
_HOST = r"(?:\[[^\[\]/?@]*\]|[^\[\]:,/?@]*)(?::[0-9]*)?"
_OPTION = "[^@=&]+=[^@=&]*"
_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^:/?@]*(?::(?P<password>[^/?@]*))?@)?{_HOST}(?:,{_HOST})*(?:/[^?@]*)?"
    rf"(?:\?(?P<query>{_OPTION}(?:&{_OPTION})*)?)?"
)


def is_postgresql(location: str) -> bool:
    return location.startswith(("postgresql://", "postgres://"))


def is_well_formed(location: str) -> bool:
    """Whether it is beyond doubt which part of a URL is which."""
    return bool(_URL.fullmatch(location))


def secrets_in(location: str) -> set[str]:
    """The passwords in a URL, as they are spelled there and as they are. All of it, where it may be malformed."""
    url = _URL.fullmatch(location)
    if not url:
        # A path is none.
        return {location} if re.match("[^/~$].*[:@=?]", location, re.DOTALL) else set()
    options = (part.partition("=") for part in (url["query"] or "").split("&"))
    # Options of libpq, up to version 18, and misspelt ones.
    found = [value for name, _equals, value in options if re.search("pass|secret|key|token", unquote(name).lower())]
    return {spelling for secret in (url["password"] or "", *found) for spelling in (secret, unquote(secret))} - {""}
