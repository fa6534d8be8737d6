# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the option C(ledger) looks like where it is a URL."""

from __future__ import annotations

import re
from urllib.parse import unquote


def is_postgresql(location: str) -> bool:
    return location.startswith(("postgresql://", "postgres://"))


def secrets_in(location: str) -> set[str]:
    """The passwords in a URL, as they are spelled there and as they are. Rather too much, where it is malformed."""
    if not is_postgresql(location):
        return set()
    rest = location.partition("://")[2]
    found = re.findall(r"[?&](?:ssl)?password=([^&]*)", rest)
    for before_the_host in (rest.partition("@")[0], rest.rpartition("@")[0]):
        password = before_the_host.partition(":")[2]
        # A slash that is not percent-encoded ends the host.
        found += [password, password.partition("/")[0]]
    return {spelling for secret in found for spelling in (secret, unquote(secret))} - {""}
