# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API lists: the tests of an account group, and account groups."""

from __future__ import annotations

import re
import typing as t

from .errors import InvalidRequest
from .windows import iso, parse_instant

# Contract v7 §5. In v6, api is missing, and dnssec is dns-dnssec.
TYPES = (
    "agent-to-agent",
    "agent-to-server",
    "api",
    "bgp",
    "dns-server",
    "dns-trace",
    "dnssec",
    "ftp-server",
    "http-server",
    "page-load",
    "sip-server",
    "voice",
    "web-transactions",
)

# The layers of results that can be read, by the end of their paths: contract v6 §7, v7 §7.
_LAYERS = (
    ("network", r"/test-results/\d+/network|/net/metrics/\d+"),
    ("http-server", r"/test-results/\d+/http-server|/web/http-server/\d+"),
    ("page-load", r"/test-results/\d+/page-load|/web/page-load/\d+"),
    ("dns-server", r"/test-results/\d+/dns-server|/dns/server/\d+"),
)


class ListedTest(t.NamedTuple):
    """A row of the test list. ``created_at``, of saved events only, is epoch seconds by the server's clock.

    ``fields`` are the API's own, from which ``to_dict`` makes the rest: a list is long, and few of it are wanted.
    """

    test_id: str
    test_name: str
    type: str
    saved_event: bool
    created_at: float | None = None
    fields: t.Mapping[str, t.Any] = {}

    @property
    def told_saved_event(self) -> bool | None:
        """``saved_event`` as the API tells it; None where it does not."""
        return flag_of(self.fields.get("savedEvent"))

    @property
    def enabled(self) -> bool | None:
        return flag_of(self.fields.get("enabled"))

    @property
    def layers(self) -> list[str] | None:
        """The layers of results that the test has, of those that can be read; None where the list does not tell."""
        links = self.fields.get("_links")
        linked = links.get("testResults") if isinstance(links, dict) else None
        api_links = self.fields.get("apiLinks")
        if linked is None and api_links is None:
            return None
        rows = [
            *_objects_in(linked),
            *(link for link in _objects_in(api_links) if link.get("rel") == "data"),
        ]
        paths = [str(row.get("href")).partition("?")[0] for row in rows]
        return [name for name, path in _LAYERS if any(re.search(f"(?:{path})(?:\\.json)?$", each) for each in paths)]

    def to_dict(self) -> dict[str, t.Any]:
        """As results show it, the same for both versions: times as ISO 8601 UTC with Z, None for what is not told."""
        fields = self.fields
        return {
            "test_id": self.test_id,
            "test_name": self.test_name,
            "type": self.type,
            "enabled": self.enabled,
            "saved_event": self.saved_event,
            "live_share": flag_of(fields.get("liveShare")),
            "alerts_enabled": flag_of(fields.get("alertsEnabled")),
            "interval": fields["interval"] if isinstance(fields.get("interval"), int) else None,
            "description": _text(fields.get("description")),
            "created_by": _text(fields.get("createdBy")),
            "created_date": _iso_of(fields.get("createdDate")),
            "modified_by": _text(fields.get("modifiedBy")),
            "modified_date": _iso_of(fields.get("modifiedDate")),
            "layers": self.layers,
        }


def flag_of(value: t.Any) -> bool | None:
    """Booleans are booleans in v7, and 0 or 1 in v6, as text in XML."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def _objects_in(value: t.Any) -> list[dict[str, t.Any]]:
    """A single one may stand for a list of one."""
    return [row for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict)]


def _text(value: t.Any) -> str | None:
    return value if isinstance(value, str) else None


def _iso_of(value: t.Any) -> str | None:
    try:
        return iso(parse_instant(value, "date")) if isinstance(value, str) else None
    except InvalidRequest:
        return None


class Listing(t.NamedTuple):
    """The tests of an account group. ``clock_offset``: seconds that the server's clock is ahead, None if unknown.

    ``is_whole``: the API does not say that there are more.
    """

    tests: list[ListedTest]
    clock_offset: float | None = None
    is_whole: bool = True
