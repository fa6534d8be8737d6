# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of v6: JSON or XML, names, dates (contract v6 §1)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Mapping
from xml.etree import ElementTree

from .wire import UTC, Answer, ApiError, Request, compact

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"


def choose_format(request: Request, suffix: str) -> str:
    """json or xml by suffix, then Accept, then ?format= (contract v6 §1). Without any of them UNK: xml, as the
    documents' sample says, so that a client that forgot to ask notices."""
    wanted = request.query.get("format")
    if wanted not in (None, "json", "xml"):
        raise ApiError(400, "format is json or xml", "format")
    accepted = request.accepts()
    preferred = None
    for media in accepted:
        if media in ("application/json", "application/*"):
            preferred = preferred or "json"
        elif media in ("text/xml", "text/*"):
            preferred = preferred or "xml"
    # UNK whether a suffix excuses an Accept that admits neither format: it does not here.
    if accepted and preferred is None and "*/*" not in accepted:
        raise ApiError(406, "Accept must admit application/json or text/xml")
    return suffix or preferred or wanted or "xml"


def write(status: int, root: str, body: dict[str, Any], wire_format: str) -> Answer:
    """A body in the wire format. There is no official XML sample (contract v6 §8): here each JSON name is an
    element, a list repeats it, and `root` is the document element."""
    if wire_format == "json":
        return write_json(status, compact(body))
    return Answer(
        status,
        ElementTree.tostring(_element(root, body), encoding="utf-8", xml_declaration=True),
        "text/xml;charset=UTF-8",
    )


def write_json(status: int, text: str) -> Answer:
    return Answer(status, text.encode("utf-8"), "application/json;charset=UTF-8")


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        for key, item in value.items():
            for one in item if isinstance(item, list) else [item]:
                element.append(_element(key, one))
    elif value is not None:
        element.text = str(value)
    return element


def parse_date(values: Mapping[str, Any], name: str) -> datetime:
    """Blank or T, no zone, no fraction. UNK whether a trailing blank is taken (contract v6 §4): it is not here."""
    value = values[name]
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}", value):
            return datetime.strptime(value.replace("T", " "), DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise ApiError(400, f"{name} must be a date of the form yyyy-MM-dd HH:mm:ss", name)
