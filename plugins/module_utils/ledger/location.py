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
        # All of what may be meant for a URL. A path is none.
        return {location} if re.match("[^/~$].*[@=?]", location, re.DOTALL) else set()
    rest = location.partition("://")[2]
    query = (part.partition("=") for part in re.split("[?&]", rest)[1:])
    found = [value for name, _equals, value in query if unquote(name) in ("password", "sslpassword")]
    strict = re.match("[^@/]*(?=@)", rest)
    if strict:
        found.append(strict.group().partition(":")[2])
    # Where a password has an @ or a slash as it stands, libpq takes parts of it for the host or the port.
    lax = rest.partition("?")[0].rpartition("@")[0].partition(":")[2]
    found += [lax, "" if strict else lax.partition("/")[0]]
    return {spelling for secret in found for spelling in (secret, unquote(secret))} - {""}
