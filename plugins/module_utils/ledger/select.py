# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ledger the option means."""

from __future__ import annotations

import os
import typing as t

from ..clock import Clock
from ..errors import InvalidRequest
from ..libraries import importing
from .interface import Ledger
from .location import is_postgresql, secrets_in
from .none import NoLedger


def open_ledger(location: str, clock: Clock, provenance: t.Mapping[str, str] | None = None) -> Ledger:
    """Nothing is read or created yet. ``provenance`` is kept with what is created.

    :raises InvalidRequest: it is neither V(none) nor a URL nor a path. A bare word is refused, since a misspelt keyword
        must not become a new, empty ledger.
    :raises MissingLibrary: the library that this ledger needs cannot be used.
    """
    if location == "none":
        return NoLedger(clock)
    if is_postgresql(location):
        # Here, since only such a ledger shall pay for the import of the library.
        from .postgresql import PostgresqlLedger

        return PostgresqlLedger(location, clock, os.environ, provenance)
    path = os.path.expandvars(os.path.expanduser(location))
    if path.startswith("~"):
        raise InvalidRequest(
            f"ledger: {location!r} begins with a home folder that is not known: the environment has no HOME, and the "
            f"user {os.getuid()} none of its own. Set ledger, THOUSANDEYES_LEDGER, ANSIBLE_HOME or HOME. Nothing was "
            "created."
        )
    if "://" in location or not os.path.isabs(path):
        # Of a URL only its kind: there may be a password in it, misspelt as it is.
        kind = location.partition("://")[0]
        raise InvalidRequest(
            f"ledger: {'this' if secrets_in(kind) else repr(kind)} is not known; give an absolute path, one from ~, "
            "postgresql://..., facts or none"
        )
    # Here, since not every Python has SQLite, and other ledgers do without.
    with importing():
        from .sqlite import SqliteLedger

    return SqliteLedger(path, clock, provenance)
