# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of v7: media types, dates (contract v7 §1)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Mapping

from .wire import UTC, Answer, ApiError, Request, compact

HAL = "application/hal+json"
JSON = "application/json"
BODY_OFFSET = r"\+00:00"
QUERY_OFFSET = r"\+00:?00"  # the official SDK writes +0000 there


def answer(status: int, body: Any, media: str = HAL) -> Answer:
    """A success with a body, which may be JSON text already."""
    text = body if isinstance(body, str) else compact(body)
    # A lone surrogate, which a name can have, is an escape of JSON.
    return Answer(status, text.encode("utf-8", "backslashreplace"), f"{media};charset=UTF-8")


def negotiate(request: Request, medias: tuple[str, ...]) -> str:
    """The media type to answer in, the first of those that the client accepts; ApiError 406 for none."""
    accepted = set(request.accepts())
    if not accepted or {"application/*", "*/*"} & accepted:
        return medias[0]
    for media in medias:
        if media in accepted:
            return media
    raise ApiError(406, f"Accept must admit {' or '.join(medias)}")


def parse_date(values: Mapping[str, Any], name: str, offset: str = BODY_OFFSET) -> datetime:
    """RFC 3339 in UTC: `Z`, or an offset as the official SDK writes it; whole seconds, since rounds are."""
    value = values[name]
    try:
        match = re.fullmatch(
            rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})(\.0+)?(Z|{offset})", value
        )
        if match:
            return datetime.strptime(match.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise ApiError(400, "must be an ISO 8601 date-time in UTC, such as 2023-06-06T00:00:00Z", name)


def expansions(request: Request, known: tuple[str, ...]) -> set[str]:
    """The comma-separated names of the query parameter `expand`; ApiError 400 for an unknown one."""
    names = set(filter(None, request.query.get("expand", "").split(",")))
    if names - set(known):
        raise ApiError(400, f"expand takes {', '.join(known)}", "expand")
    return names
