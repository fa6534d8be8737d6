# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest

PARAMS: dict[str, t.Any] = {
    "api_token": "secret-token",
    "api_email": "me@example.com",
    "api_url": "https://api.thousandeyes.com",
    "api_version": "v7",
    "validate_certs": True,
    "ca_path": None,
    "timeout": 30,
}


def connection(**changes: t.Any) -> Connection:
    return Connection.from_params({**PARAMS, **changes})


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.thousandeyes.com", "api.thousandeyes.com"),
        ("https://api.thousandeyes.com/", "api.thousandeyes.com"),
        ("https://API.ThousandEyes.com:443//", "api.thousandeyes.com"),
        (" https://api.thousandeyes.com ", "api.thousandeyes.com"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://127.0.0.1:80", "127.0.0.1"),
        ("https://[::1]:8443/", "[::1]:8443"),
        ("https://gateway.example.com/te/eu/", "gateway.example.com/te/eu"),
        ("https://api.thousandeyes.com/v7/", "api.thousandeyes.com"),
    ],
)
def test_one_host_for_all_spellings(url: str, host: str) -> None:
    assert connection(api_url=url).host == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.thousandeyes.com",
        "ftp://api.thousandeyes.com",
        "https://",
        "https://:443",
        "https://host:port",
        "https://host:0",
        "https://[::1",
        "https://api.thousandeyes.com/v8",
        "https://api.thousandeyes.com/v6/",
        "https://api.thousandeyes.com/v7/v7",
        "https://host/?aid=1",
        "https://host/#a",
        "https://host/?",
        "https://host#",
        "https://me:secret-word@host",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="^api_url: ") as error:
        connection(api_url=url)
    assert "secret-word" not in error.value.message


@pytest.mark.parametrize("option", ["api_token", "api_email"])
@pytest.mark.parametrize("value", ["", " ", "hush\nhush", "hush hush", "hush\r\nX-Evil: 1", "hüsh", "hush\x00"])
def test_secrets_that_no_header_can_carry(option: str, value: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{option}: ") as error:
        connection(**{option: value})
    assert "ush" not in error.value.message


def test_white_space_around_a_secret_is_dropped() -> None:
    assert connection(api_token=" secret-token\n").token == "secret-token"


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(connection()) and "example.com" not in repr(connection())


@pytest.mark.parametrize("timeout", [0, -1, 301, 99999999999])
def test_timeout_is_positive(timeout: int) -> None:
    with pytest.raises(InvalidRequest, match="^timeout: "):
        connection(timeout=timeout)


def test_the_file_of_authorities_must_exist() -> None:
    with pytest.raises(InvalidRequest, match="^ca_path: .*/nowhere/ca.pem"):
        connection(ca_path="/nowhere/ca.pem")
    assert connection(ca_path="/nowhere/ca.pem", validate_certs=False).ca_path is None
    assert connection(ca_path=__file__).ca_path == __file__
