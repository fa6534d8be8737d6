# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the wire formats share: a request as received, an answer, a refusal."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Mapping

UTC = timezone.utc


class ApiError(Exception):
    """A refusal, free of any wire format. `field` is the name of the offending field or query parameter."""

    def __init__(self, status: int, message: str, name: str | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = name
        self.headers = dict(headers or {})


@dataclass
class Request:
    """One HTTP request to the API. `path` is decoded, `query` holds the last value of each name."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    address: str
    base_url: str

    @property
    def scheme(self) -> str | None:
        """Authentication scheme of the request in lower case, None without an Authorization header."""
        value = self.headers.get("Authorization")
        return None if value is None else value.partition(" ")[0].lower()

    @property
    def credentials(self) -> tuple[str | None, str | None]:
        """(email, token); the email is None for bearer, both are None when there is nothing to be read."""
        value = self.headers.get("Authorization", "").partition(" ")[2].strip()
        if self.scheme == "bearer" and value:
            return None, value
        if self.scheme == "basic":
            try:
                email, colon, token = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None, None
            if colon:
                return email, token
        return None, None

    def accepts(self) -> list[str]:
        """Media types of the Accept header in the client's order of preference; empty when anything will do."""
        ranked: list[tuple[float, str]] = []
        for part in self.headers.get("Accept", "").split(","):
            media, *parameters = [piece.strip().lower() for piece in part.split(";")]
            quality = 1.0
            for parameter in parameters:
                if re.fullmatch(r"q=(0(\.\d*)?|1(\.0*)?)", parameter):
                    quality = float(parameter[2:])
            if media and quality > 0:
                ranked.append((quality, media))
        return [media for _quality, media in sorted(ranked, key=lambda item: -item[0])]


@dataclass
class Answer:
    """One HTTP answer. `creation` is the snapshot creation that it reports, if any."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    creation: Any = None


def json_body(request: Request, malformed: int) -> dict[str, Any]:
    """The JSON object of the body; refuses other content types with 415 and malformed JSON with `malformed`."""
    content_type = [piece.strip().lower() for piece in request.headers.get("Content-Type", "").split(";")]
    if content_type[0] != "application/json" or any(
        piece not in ("charset=utf-8", 'charset="utf-8"') for piece in content_type[1:]
    ):
        raise ApiError(415, "Content-Type must be application/json")
    try:
        body = json.loads(request.body.decode("utf-8"))
    except ValueError as exc:
        raise ApiError(malformed, f"Malformed JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise ApiError(malformed, "The request body must be a JSON object")
    return body


def epoch(value: datetime) -> int:
    """Whole seconds since 1970."""
    return int(value.timestamp())


def iso(value: datetime) -> str:
    """`2018-10-19T03:02:01Z`"""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(value: Any) -> str:
    """JSON as the API writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
