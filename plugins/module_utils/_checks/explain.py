# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What an error means for a check: one sentence, and what to do."""

from __future__ import annotations

import typing as t

from .._core.errors import (
    ApiRetired,
    Forbidden,
    LedgerUnavailable,
    RateLimited,
    ThousandEyesError,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from .check import FAILED, Fact, Finding

# After these, whatever is asked would fail in the same way, or do harm.
STOPPING = (ApiRetired, LedgerUnavailable, RateLimited, Unauthorized, Unreachable)


def explained(
    error: ThousandEyesError, name: str, what: str, permission: str, learned: tuple[tuple[Fact, t.Any], ...] = ()
) -> Finding:
    """``what`` could not be read or made, for a want of ``permission`` where the error is a 403."""
    if isinstance(error, STOPPING):
        return _stopping(error, name)
    if isinstance(error, Forbidden):
        return Finding(
            name,
            FAILED,
            f"The token may not do this (403), so there is no {what}: it lacks the permission '{permission}'.",
            to_give([permission]),
            learned,
            permission,
        )
    if isinstance(error, UnexpectedResponse) and error.spreads:
        do = "Check the proxies in the environment, and whether ThousandEyes has an incident. Run this again later."
    else:
        do = "Tell the project what the API answered, without what is in it of your account."
    return Finding(name, FAILED, f"There is no {what}: {error.message}", do, learned)


def to_give(permissions: t.Sequence[str]) -> str:
    """What to do where these are missing."""
    listed = ", ".join(f"'{permission}'" for permission in permissions)
    return (
        f"Give the role of the token's user the permission{'s' if len(permissions) > 1 else ''} {listed}, under "
        "Account Settings > Users and Roles, and check that the user is in the account group."
    )


def _stopping(error: ThousandEyesError, name: str) -> Finding:
    if isinstance(error, Unauthorized):
        return Finding(
            "token",
            FAILED,
            "The API refuses the token (401), so nothing else was asked.",
            "Make a new token, under Account Settings > Users and Roles > User API Tokens. Do not try this one again: "
            "repeated failures lock the account out.",
        )
    if isinstance(error, Unreachable):
        says = f"There is no way to the API: {error.message}"
        do = "Check api_url, the proxies in the environment, and ca_path if the certificate is not trusted."
        return Finding("connection", FAILED, says, do)
    if isinstance(error, ApiRetired):
        return Finding("connection", FAILED, f"The API is not there: {error.message}", "Check api_url and api_version.")
    if isinstance(error, LedgerUnavailable):
        do = "Give a ledger that can be written, by ledger or THOUSANDEYES_LEDGER."
        return Finding("ledger", FAILED, f"The ledger cannot be used: {error.message}", do)
    when = f"from {error.retry_at} on" if error.retry_at else "after some minutes"
    return Finding(name, FAILED, f"The API takes no more requests now: {error.message}", f"Run this again {when}.")
