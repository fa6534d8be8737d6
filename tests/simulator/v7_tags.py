# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags in v7: the list and one of them (contract v7 §5)."""

from __future__ import annotations

from typing import Any

from .access import account_group, check_query, require
from .entities import VIEW_TAGS, User
from .tags import Tag
from .v7_format import HAL, JSON, answer, expansions, negotiate
from .wire import Answer, ApiError, Request, iso
from .world import World


def list_tags(world: World, request: Request, user: User) -> Answer:
    media, aid, expanded = _reading(request, user)
    rows = [_render(world, request, tag, expanded) for tag in world.tags.values() if tag.aid == aid]
    return answer(200, {"tags": rows, "_links": {"self": {"href": request.base_url + request.path}}}, media)


def one_tag(world: World, request: Request, user: User, tag_id: str) -> Answer:
    media, aid, expanded = _reading(request, user)
    tag = world.tags.get(tag_id)
    if tag is None or tag.aid != aid:
        raise ApiError(404, f"Tag {tag_id} was not found in account group {aid}")
    return answer(200, _render(world, request, tag, expanded), media)


def _reading(request: Request, user: User) -> tuple[str, int, bool]:
    """Media type, account group and whether assignments are wanted; these endpoints document no 400 for a bad aid."""
    media = negotiate(request, (JSON, HAL))
    require(user, VIEW_TAGS)
    check_query(request, ("aid", "expand"))
    expanded = "assignments" in expansions(request, ("assignments",))
    return media, account_group(user, request, malformed=403), expanded


def _render(world: World, request: Request, tag: Tag, expanded: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": tag.tag_id,
        "key": tag.key,
        "value": tag.value,
        "aid": tag.aid,
        "objectType": tag.object_type,
        "type": tag.type,
        "accessType": "all",
        "builtIn": tag.built_in,
        "color": tag.color,
        "icon": None,
        "description": tag.description,
        "legacyId": tag.legacy_id,
        "createDate": iso(tag.created),
        "modifiedDate": iso(tag.modified) if tag.modified else None,
    }
    if expanded and tag.type == "static":
        ids = [key for key in tag.assignments if tag.object_type != "test" or key in world.tests]
        row["assignments"] = [{"id": str(key), "type": tag.object_type} for key in ids]
    row["_links"] = {"self": {"href": f"{request.base_url}/v7/tags/{tag.tag_id}"}}
    return row
