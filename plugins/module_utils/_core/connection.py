# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Where the API is and who asks: the connection options, checked. No HTTP here."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .errors import InvalidRequest

_LONGEST_TIMEOUT = 300
# Seconds after which a POST has ended, whatever the time-out. Others rest on it when they judge a lost answer.
LONGEST_POST = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Connection:
    """``url`` has no version and no trailing slash. ``ca_path`` None is the system's store. ``timeout`` is seconds."""

    url: str
    version: str
    token: str = field(repr=False)
    email: str | None = field(repr=False)
    validate_certs: bool
    ca_path: str | None
    timeout: int

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Connection:
        """:raises InvalidRequest: an option breaks a rule."""
        if not 1 <= params["timeout"] <= _LONGEST_TIMEOUT:
            raise InvalidRequest(f"timeout: {params['timeout']} is not in 1 to {_LONGEST_TIMEOUT} seconds.")
        ca_path = params["ca_path"] if params["validate_certs"] else None
        if ca_path is not None and not os.path.exists(ca_path):
            raise InvalidRequest(f"ca_path: there is no {ca_path}.")
        email = params["api_email"]
        return cls(
            url=_check_url(params["api_url"], params["api_version"]),
            version=params["api_version"],
            token=_check_secret(params["api_token"], "api_token"),
            email=_check_secret(email, "api_email") if email is not None else None,
            validate_certs=params["validate_certs"],
            ca_path=ca_path,
            timeout=params["timeout"],
        )

    @property
    def host(self) -> str:
        """Host, port where it is not the scheme's own, and path prefix: the same for every spelling of one URL."""
        parts = urlsplit(self.url)
        port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
        # The dot says that the name is whole.
        name = (parts.hostname or "").rstrip(".")
        return f"[{name}]{port}{parts.path}" if ":" in name else f"{name}{port}{parts.path}"


def _check_url(text: str, version: str) -> str:
    # As some of the vendor's tools have it.
    url = text.strip().rstrip("/").removesuffix(f"/{version}").rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "?" in url or "#" in url:
        raise InvalidRequest(
            "api_url: give the address of the API with its protocol, such as https://api.thousandeyes.com."
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidRequest("api_url: an address with credentials in it is not taken; use api_token and api_email.")
    if re.search(r"/v[0-9]+$", parts.path):
        raise InvalidRequest(f"api_url: {url} ends in another version than api_version, which is {version}.")
    return url


def _check_secret(text: str, option: str) -> str:
    secret = text.strip()
    if not secret:
        variable = f"THOUSANDEYES_{option.upper()}"
        raise InvalidRequest(
            f"{option}: the value is empty. Set it, or {variable} where Ansible runs. Nothing was sent."
        )
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        raise InvalidRequest(
            f"{option}: the value (not shown) has white space or characters that no HTTP header can carry."
        )
    return secret
