# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The tests that the API lists for an account group."""

from __future__ import annotations

import typing as t

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


class Details(t.NamedTuple):
    """The rest of what the list says of a test. None is what it does not say.

    Times are ISO 8601 UTC with Z. ``layers``: those of the test's results that can be read.
    """

    live_share: bool | None = None
    alerts_enabled: bool | None = None
    interval: int | None = None
    description: str | None = None
    created_by: str | None = None
    created_date: str | None = None
    modified_by: str | None = None
    modified_date: str | None = None
    layers: list[str] | None = None


class ListedTest(t.NamedTuple):
    """A test in the list. ``created_at``, of saved events only, is epoch seconds by the server's clock.

    ``told_saved_event`` and ``enabled`` are None where the API does not tell them. The rest is read from the API's
    ``row`` by ``details_in``, when it is asked for: a list is long, and few of it are wanted.
    """

    test_id: str
    test_name: str
    type: str
    saved_event: bool
    created_at: float | None = None
    told_saved_event: bool | None = None
    enabled: bool | None = None
    row: t.Mapping[str, t.Any] = {}
    details_in: t.Callable[[t.Mapping[str, t.Any]], Details] = lambda _row: Details()

    def details(self) -> Details:
        return self.details_in(self.row)

    def to_dict(self) -> dict[str, t.Any]:
        """The test as results show it, the same for both versions."""
        return {
            "test_id": self.test_id,
            "test_name": self.test_name,
            "type": self.type,
            "enabled": self.enabled,
            "saved_event": self.saved_event,
            **self.details()._asdict(),
        }


class Listing(t.NamedTuple):
    """The tests of an account group. ``clock_offset``: seconds that the server's clock is ahead, None if unknown.

    ``is_whole``: the API does not say that there are more.
    """

    tests: list[ListedTest]
    clock_offset: float | None = None
    is_whole: bool = True
