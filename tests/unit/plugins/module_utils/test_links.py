# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which links are shown, and which one opens a snapshot."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.links import (
    Link,
    belonging,
    domains_of,
    link_id_of,
    private_link,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRecord
from hypothesis import given
from hypothesis import strategies as st

VENDORS = "api.thousandeyes.com"
OWN = "https://app.thousandeyes.com/view/tests/?testId=58856&__a=75"
SOURCES = "https://app.thousandeyes.com/view/tests/?testId=19955&__a=75"
INFERRED = "https://app.thousandeyes.com/view/tests/?testId=58856&roundId=1538784000&__a=75"


@pytest.mark.parametrize(
    ("api_host", "domains"),
    [
        (VENDORS, ["thousandeyes.com"]),
        ("thousandeyes.com", ["thousandeyes.com"]),
        ("api.eu1.thousandeyes.com", ["thousandeyes.com", "eu1.thousandeyes.com"]),
        ("api.example.com", ["thousandeyes.com", "example.com"]),
        ("api.example.com:8443/prefix", ["thousandeyes.com", "example.com"]),
        ("a.b.example.com/api.other.org", ["thousandeyes.com", "b.example.com"]),
        ("example.com", ["thousandeyes.com", "example.com"]),
        ("example.co.uk", ["thousandeyes.com", "example.co.uk"]),
        ("api.example.co.uk", ["thousandeyes.com", "example.co.uk"]),
        ("api.example.de", ["thousandeyes.com", "example.de"]),
        ("localhost:8080", ["thousandeyes.com", "localhost"]),
        ("proxy", ["thousandeyes.com", "proxy"]),
        ("127.0.0.1:4711", ["thousandeyes.com", "127.0.0.1"]),
    ],
)
def test_whose_links_belong_to_an_api(api_host: str, domains: list[str]) -> None:
    assert domains_of(api_host) == domains


@pytest.mark.parametrize(
    ("url", "api_host"),
    [
        (OWN, VENDORS),
        ("https://wdiac.share.thousandeyes.com/view/tests/", "127.0.0.1:4711"),
        ("https://thousandeyes.com", VENDORS),
        ("https://APP.ThousandEyes.com:443/view#top", VENDORS),
        ("https://app.example.com/view/", "api.example.com"),
        ("https://example.com/view/", "api.example.com"),
        ("https://sub.example.com/", "example.com"),
        ("https://127.0.0.1/view", "127.0.0.1:4711"),
        ("https://localhost/view", "localhost:4711"),
        ("https://app.example.co.uk/", "api.example.co.uk"),
    ],
)
def test_what_belongs_to_the_api(url: str, api_host: str) -> None:
    assert belonging(url, api_host) == url


@pytest.mark.parametrize(
    ("url", "api_host"),
    [
        ("http://app.thousandeyes.com/view/", VENDORS),
        ("javascript:alert(1)", VENDORS),
        ("//app.thousandeyes.com/", VENDORS),
        ("https://attacker.example/#.share.thousandeyes.com/view/tests/", VENDORS),
        ("https://attacker.example", VENDORS),
        ("https://thousandeyes.com.attacker.example/", VENDORS),
        ("https://evilthousandeyes.com/", VENDORS),
        ("https://app.thousandeyes.com@attacker.example/", VENDORS),
        ("https://user@app.thousandeyes.com/", VENDORS),
        ("https://user:secret@app.thousandeyes.com/", VENDORS),
        ("https://app.thousandeyes.com:8443/", VENDORS),
        ("https://app.thousandeyes.com:/", VENDORS),
        ("https://attacker.example\\@app.thousandeyes.com/", VENDORS),
        ("https://attacker.example\\.thousandeyes.com/", VENDORS),
        ("https://app.thousandeyes.com\\@attacker.example/", VENDORS),
        ("https://.thousandeyes.com/", VENDORS),
        ("https://app..thousandeyes.com/", VENDORS),
        ("https://app.thousandeyes.com./", VENDORS),
        ("https://app.thousandeyes.com/\n", VENDORS),
        ("https://app.thousandeyes.com/\x1b]8;;https://attacker.example\x07", VENDORS),
        ("https://app.thousandeyes.com/\u202e", VENDORS),
        ("https://app.thousandeyes.com/ x", VENDORS),
        ('https://app.thousandeyes.com/"onclick="alert(6)', VENDORS),
        ("https://app.thousandeyes.com/<b>", VENDORS),
        ("https://app.thousandeyes.com/" + "x" * 2000, VENDORS),
        ("https://app.thous\u0430ndeyes.com/", VENDORS),
        ("https://other.co.uk/", "example.co.uk"),
        ("https://other.com/", "example.com"),
        ("https://app.com/", "example.com"),
        ("https://1.127.0.0.1/", "127.0.0.1"),
        ("https://128.0.0.1/", "127.0.0.1"),
        ("https://evil.localhost/", "localhost"),
        ("https://evil.proxy/", "proxy:8080"),
        ("", VENDORS),
        (None, VENDORS),
        (5, VENDORS),
    ],
)
def test_what_does_not_belong_to_the_api(url: t.Any, api_host: str) -> None:
    assert belonging(url, api_host) is None


@given(st.text(alphabet=st.sampled_from("thousandeyes.com/@:#?\\[]%xhttps")), st.text(max_size=20))
def test_a_link_leads_to_the_host_that_was_checked(host: str, rest: str) -> None:
    url = f"https://{host}{rest}"
    if belonging(url, VENDORS):
        parts = urlsplit(url)
        assert f".{parts.hostname}".endswith(".thousandeyes.com")
        assert (parts.username, parts.password, parts.port in (None, 443)) == (None, None, True)


@pytest.mark.parametrize("text", ["wdiac", "A-1", "0", "x" * 63])
def test_ids_of_links(text: str) -> None:
    assert link_id_of(text) == text


@pytest.mark.parametrize("text", ["", "attacker.example/#", "a.b", "a b", "a\n", "é", "a_b", "%41", "x" * 64, None, 5])
def test_what_is_no_id_of_a_link(text: t.Any) -> None:
    assert link_id_of(text) is None


@pytest.mark.parametrize(
    ("app_link", "expected"),
    [
        (OWN, Link(OWN, "answer")),
        (
            "https://app.eu.thousandeyes.com/v?x=1&testId=58856#y",
            Link("https://app.eu.thousandeyes.com/v?x=1&testId=58856#y", "answer"),
        ),
        (SOURCES, Link(INFERRED, "inferred")),
        (
            SOURCES.replace("app.", "app.stg."),
            Link(INFERRED.replace("app.", "app.stg."), "inferred"),
        ),
        (SOURCES.replace("a=75", "a=12"), Link(INFERRED.replace("a=75", "a=12"), "inferred")),
        (SOURCES.replace("75", "7%26x%3D1"), Link(INFERRED.replace("=75", "=9"), "inferred")),
        (SOURCES.partition("&")[0], Link(INFERRED.replace("=75", "=9"), "inferred")),
        (None, Link(INFERRED.replace("=75", "=9"), "inferred")),
        (OWN + "&testId=19955", Link(INFERRED, "inferred")),
        (OWN.replace("58856", "588567"), Link(INFERRED, "inferred")),
        (OWN.replace("?", "#"), Link(INFERRED.replace("=75", "=9"), "inferred")),
    ],
)
def test_an_app_link_is_believed_where_it_bears_the_own_test(app_link: str | None, expected: Link) -> None:
    assert private_link("58856", "9", ["1538784000"], app_link) == expected


@pytest.mark.parametrize(
    ("rounds", "query"),
    [
        (["1538784300", "1538784000", "1"], "testId=58856&roundId=1538784300&__a=9"),
        ([None, "1538784000", "1"], "testId=58856&roundId=1538784000&__a=9"),
        (["5&testId=1", "x", "1538780400"], "testId=58856&roundId=1538780400&__a=9"),
        ([], "testId=58856&__a=9"),
    ],
)
def test_the_first_round_that_is_one_is_selected(rounds: list[str | None], query: str) -> None:
    assert private_link("58856", "9", rounds).url == f"https://app.thousandeyes.com/view/tests/?{query}"


def earlier(**fields: t.Any) -> dict[str, t.Any]:
    """A record that an earlier version kept, which knew no ``view_url_source``."""
    return {
        "display_name": "before",
        "test_id": "19955",
        "test_name": None,
        "from": "2018-10-06T00:00:00Z",
        "to": "2018-10-06T01:00:00Z",
        "hours": 1,
        "is_public": False,
        "aid": "75",
        "api_host": VENDORS,
        "status": "created",
        "link_id": "wdiac",
        "view_url": SOURCES,
        "app_url": SOURCES,
        "snapshot_test_id": "58856",
        "start_round_id": "1538784000",
        "end_round_id": "1538787600",
        "round_id": "1538784000",
        "share_date": "2018-10-19T03:02:01Z",
        "expires_at": "2018-11-18T03:02:01Z",
        "uid": "5784",
        "api_version": "v7",
        **fields,
    }


SHARED = "https://wdiac.share.thousandeyes.com/view/tests/"
BARE = "https://app.thousandeyes.com/view/tests/?testId=58856"
ELSEWHERE = "https://other.thousandeyes.com/wdiac"


@pytest.mark.parametrize(
    ("fields", "link", "source", "app_url"),
    [
        ({}, INFERRED, "inferred", SOURCES),
        ({"view_url": OWN, "app_url": OWN}, OWN, "answer", OWN),
        ({"view_url": None, "app_url": None}, INFERRED, "inferred", None),
        ({"is_public": True, "view_url": SHARED}, SHARED, "inferred", SOURCES),
        ({"is_public": True, "view_url": ELSEWHERE}, ELSEWHERE, "answer", SOURCES),
        ({"status": "adopted", "link_id": None, "view_url": BARE, "app_url": BARE}, INFERRED, "inferred", None),
        (
            {"status": "adopted", "aid": None, "round_id": None, "start_round_id": None, "view_url": BARE},
            INFERRED.replace("&__a=75", ""),
            "inferred",
            None,
        ),
        ({"api_version": "v6", "view_url": BARE, "app_url": BARE}, SHARED, "inferred", None),
        ({"api_version": "v6", "link_id": None, "view_url": BARE, "app_url": BARE}, INFERRED, "inferred", None),
        ({"api_version": "v6", "view_url": SHARED, "app_url": BARE}, SHARED, "answer", None),
        ({"api_version": "v6", "is_public": True, "view_url": SHARED, "app_url": BARE}, SHARED, "inferred", None),
        # By hand.
        (
            {"status": "adopted", "api_version": None, "snapshot_test_id": None, "view_url": None, "app_url": None},
            None,
            None,
            None,
        ),
        ({"view_url": "javascript:alert(1)", "app_url": "javascript:alert(1)"}, INFERRED, "inferred", None),
        (
            {"is_public": True, "link_id": "attacker.example/#", "view_url": "https://attacker.example/#.share.x/"},
            None,
            None,
            SOURCES,
        ),
        ({"snapshot_test_id": "19955"}, None, None, SOURCES),
    ],
)
def test_a_record_of_an_earlier_version_gets_the_new_link(
    fields: dict[str, t.Any], link: str | None, source: str | None, app_url: str | None
) -> None:
    record = SnapshotRecord.from_dict(earlier(**fields))
    assert (record.view_url, record.view_url_source, record.app_url) == (link, source, app_url)
    assert SnapshotRecord.from_dict(record.to_dict()) == record
