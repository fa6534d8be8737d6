# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Links to snapshots: which of those that somebody told may be shown, and which one opens a snapshot."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qs, urlencode, urlsplit

from .windows import parse_instant

if t.TYPE_CHECKING:
    from .snapshot import SnapshotRecord

# Below it the vendor's links are, wherever its API is reached.
_VENDOR = "thousandeyes.com"
_APPLICATION = "app.thousandeyes.com"
# Second labels that are nobody's own under the domain of a country, as in co.uk. Not all that there are.
_SHARED = frozenset("ac co com edu gen go gob gouv gov ltd me mil ne net nhs nom or org plc sch".split())
# With the characters of a URI alone, and so without user, odd port, blanks, or what a browser takes for a slash.
_LINK = re.compile(
    r"https://((?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+)(?::443)?(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?"
)
_LONGEST = 2000


class Link(t.NamedTuple):
    """Where to view a snapshot. ``source`` is ``answer`` or ``inferred``, and None where there is no ``url``."""

    url: str | None = None
    source: str | None = None


def link_id_of(value: t.Any) -> str | None:
    """``value`` if it is the id of a link: it becomes part of a host name."""
    return value if isinstance(value, str) and re.fullmatch("[A-Za-z0-9-]{1,63}", value) else None


def number_of(value: t.Any) -> str | None:
    """``value`` if it is the text of a test id, an account group or a round: a whole number."""
    return value if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,18}", value) else None


def own_test_of(value: t.Any, source_test_id: str) -> str | None:
    """``value`` if it can be the id of a snapshot's own test, which its source test is not."""
    own = number_of(value)
    return None if own == source_test_id else own


def belonging(url: t.Any, api_host: str) -> str | None:
    """``url`` if it is a link that belongs to the API: https, and in one of its domains.

    ``api_host`` is as in records, with port and path where there are any.
    """
    found = _LINK.fullmatch(url) if isinstance(url, str) and len(url) <= _LONGEST else None
    if found is None:
        return None
    host = found[1].lower()
    return url if any(_is_below(host, domain) for domain in domains_of(api_host)) else None


def domains_of(api_host: str) -> list[str]:
    """Where links of the API may lead: to the vendor, and to whoever runs the API, as example.com for api.example.com.

    That is the host itself where it is an address, has no parent of two labels, or has one like co.uk.
    """
    name = re.split("[:/]", api_host)[0].lower().rstrip(".")
    parent = name.split(".")[1:]
    is_shared = len(parent) == 2 and len(parent[1]) == 2 and parent[0] in _SHARED
    own = name if len(parent) < 2 or is_shared or _is_address(name) else ".".join(parent)
    return [_VENDOR] if own == _VENDOR else [_VENDOR, own]


def _is_below(host: str, domain: str) -> bool:
    return host == domain or ("." in domain and not _is_address(domain) and host.endswith(f".{domain}"))


def _is_address(name: str) -> bool:
    return name.rpartition(".")[2].isdecimal()


def link_to(record: SnapshotRecord, view_url: str | None) -> Link:
    """The link that opens the snapshot, by the one rule for all records.

    ``view_url`` is what the API told for that, and ``app_url`` of the record what it told beside it; both belong to it.
    """
    if view_url is not None and (record.is_public or record.api_version == "v6"):
        return Link(view_url, "answer")
    if record.link_id is not None and (record.is_public or record.api_version == "v6"):
        return Link(share_url(record.link_id), "inferred")
    if not record.is_public and record.snapshot_test_id is not None:
        start = int(parse_instant(record.start, "from").timestamp())
        rounds = (record.round_id, record.start_round_id, str(start))
        return private_link(record.snapshot_test_id, record.aid, rounds, record.app_url)
    return Link()


def share_url(link_id: str) -> str:
    """Where anyone can view a share link. From the pair of linkId and viewUrl in contract v6 §4; v7 never says so."""
    return f"https://{link_id}.share.thousandeyes.com/view/tests/"


def private_link(
    own_test_id: str, aid: str | None, rounds: t.Sequence[str | None] = (), app_link: str | None = None
) -> Link:
    """The web application's page of a private snapshot, after a log-in.

    ``app_link``, which may lead to the source test (contract v7 §4), is believed where it bears the snapshot's own
    test. Else the page is inferred from what links of the application look like; the first of ``rounds`` selects one.
    """
    told = urlsplit(app_link or "")
    query = parse_qs(told.query)
    if query.get("testId") == [own_test_id]:
        return Link(app_link, "answer")
    fields = {
        "testId": own_test_id,
        "roundId": next(filter(None, map(number_of, rounds)), None),
        "__a": next(filter(None, map(number_of, query.get("__a", ()))), aid),
    }
    pairs = {name: value for name, value in fields.items() if value is not None}
    host = told.netloc.removesuffix(":443") or _APPLICATION
    return Link(f"https://{host}/view/tests/?{urlencode(pairs)}", "inferred")
