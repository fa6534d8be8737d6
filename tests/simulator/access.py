# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every API request passes before it is looked at: lock-out, credentials, rate limit, account group."""

from __future__ import annotations

from .entities import User
from .wire import ApiError, Request
from .world import World


def authenticate(world: World, request: Request, schemes: tuple[str, ...]) -> User:
    """The user behind the request's credentials; ApiError 401, or 429 for an address with too many of those."""
    if world.quotas.locked_out(request.address):
        raise ApiError(429, "Too many unauthorized requests from this address")
    email, token = request.credentials
    user = world.authenticate(email, token) if request.scheme in schemes else None
    if user is None:
        world.quotas.note_failure(request.address)
        raise ApiError(
            401,
            "Invalid access token"
            if request.scheme
            else "401 Not Authorized\nPlease ensure you are using the correct authentication token.",
        )
    return user


def require(user: User, permission: str) -> None:
    """ApiError 403 without the permission."""
    if permission not in user.permissions:
        raise ApiError(403, f"Insufficient permissions to query endpoint: {permission}")


def check_query(request: Request, known: tuple[str, ...]) -> None:
    """Refuse undocumented query parameters. The live API ignores them (contract evidence §0), and a typing error would
    pass as a no-op."""
    for name in request.query:
        if name not in known:
            raise ApiError(400, f"Unknown query parameter {name}", name)


def account_group(user: User, request: Request, malformed: int) -> int:
    """The aid in whose context the request runs; ApiError 403 for one not assigned, `malformed` for no number."""
    aid = request.query.get("aid")
    if aid is None:
        return user.account_groups[0]
    if not (aid.isascii() and aid.isdigit()):
        raise ApiError(malformed, f"Account group {aid} is not a number", "aid")
    if int(aid) not in user.account_groups:
        raise ApiError(403, f"You are not assigned to account group {aid}", "aid")
    return int(aid)
