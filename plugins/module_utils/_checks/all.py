# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""All checks, in the order in which they run.

A list, and not a look into the folder: what runs on another host is packed by what is imported.
"""

from __future__ import annotations

from . import access, answer, listing, own_results, results, share_host, share_link, snapshot, tags, tests, visibility
from .check import Check, Fact

CHECKS: tuple[Check, ...] = (
    access.CHECK,
    tests.CHECK,
    tags.CHECK,
    results.CHECK,
    snapshot.CHECK,
    answer.CHECK,
    listing.CHECK,
    own_results.CHECK,
    share_link.CHECK,
    share_host.CHECK,
    visibility.CHECK,
)


def facts() -> dict[str, Fact]:
    """By name, all that they can learn."""
    return {fact.name: fact for check in CHECKS for fact in check.facts}
