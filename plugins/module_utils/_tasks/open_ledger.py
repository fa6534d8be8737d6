# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The ledger of a task, which may be in its facts."""

from __future__ import annotations

import typing as t

from .._core.errors import LedgerUnavailable
from .._core.libraries import importing
from .._ledger.interface import Ledger
from .._ledger.select import open_ledger
from .context import IN_FACTS, Context


def ledger_of(location: str, context: Context, organizations: t.Mapping[str, str] | None = None) -> Ledger:
    """The one that the option means. Nothing is created yet.

    ``organizations``: whose quota that of an API host is, which the facts do not tell.

    :raises InvalidRequest: there is none of this kind.
    :raises MissingLibrary: the library that this ledger needs cannot be used.
    :raises LedgerUnavailable: the facts are damaged, or later jobs would not find in them what they need.
    """
    if location != IN_FACTS:
        return open_ledger(location, context.clock, context.provenance, context.tell)
    if context.facts_lost:
        raise LedgerUnavailable(f"ledger: facts cannot work here: {context.facts_lost}. Nothing was created.")
    with importing():
        from .._ledger.facts import FactsLedger

    return FactsLedger(context.kept, context.clock, organizations or {})
