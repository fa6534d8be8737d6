# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Which ledger the option means."""

from __future__ import annotations

import os
import re
import typing as t

from .._core.clock import Clock
from .._core.errors import InvalidRequest
from .._core.libraries import importing
from .interface import Ledger
from .location import is_postgresql, secrets_in

# As os.path.expandvars sees them.
_VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})", re.ASCII)


def open_ledger(
    location: str,
    clock: Clock,
    provenance: t.Mapping[str, str] | None = None,
    tell: t.Callable[[str], None] = lambda _text: None,
) -> Ledger:
    """Nothing is read or created yet. ``provenance`` is kept with what is created; ``tell`` shows people what is waited
    for, and may be called from another thread.

    :raises InvalidRequest: it is neither V(none) nor a URL nor a path. A bare word is refused, and a variable that is
        not set, since what is misspelt must not become a new, empty ledger.
    :raises MissingLibrary: the library for such a ledger is not installed, or broken.
    """
    # Each here, since only such a ledger shall need its library, and pay for the import.
    if location == "none":
        from .none import NoLedger

        return NoLedger(clock)
    if is_postgresql(location):
        from .postgresql import PostgresqlLedger

        return PostgresqlLedger(location, clock, os.environ, provenance, tell)
    path = _expanded(location) if location.startswith(("/", "~", "$")) else location
    if "://" in location or not os.path.isabs(path):
        # Only the kind of a URL is told: there may be a password in it, misspelt as it is.
        kind = location.partition("://")[0]
        raise InvalidRequest(
            f"ledger: {'this' if secrets_in(kind) else repr(kind)} is not known. Give an absolute path, one from ~, "
            "postgresql://..., facts or none."
        )
    # Here, since not every Python has all that it needs, and other ledgers do without.
    with importing():
        from .sqlite import SqliteLedger

    return SqliteLedger(path, clock, provenance, tell)


def _expanded(location: str) -> str:
    """:raises InvalidRequest: there is something in it that leads nowhere."""
    for match in _VARIABLE.finditer(location):
        name = match[1].strip("{}")
        if not os.environ.get(name):
            raise InvalidRequest(f"ledger: the variable {name!r} in it is not set where this task runs, or is empty.")
    path = os.path.expanduser(location)
    if path.startswith("~"):
        user = path.partition("/")[0][1:]
        raise InvalidRequest(
            f"ledger: there is no user {user!r} where this task runs, so ~{user} leads nowhere. Give an absolute path."
            if user
            else "ledger: ~ leads nowhere where this task runs, since HOME is not set and the system does not know the "
            "user. Set ledger, THOUSANDEYES_LEDGER, ANSIBLE_HOME or HOME."
        )
    return os.path.expandvars(path)
