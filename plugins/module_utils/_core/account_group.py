# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""An account group of an organization, and what people call it."""

from __future__ import annotations

import typing as t


class AccountGroup(t.NamedTuple):
    """``organization_id`` and ``organization_name`` are None where the API does not tell them."""

    aid: str
    name: str
    organization_id: str | None
    organization_name: str | None
    is_current: bool
    is_default: bool


def called(aid: str | None) -> str:
    """The account group of a request, in messages."""
    return f"account group {aid}" if aid else "the token's own account group (no aid is given)"
