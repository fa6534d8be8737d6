# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulated world holds: organizations, account groups, users, tests and saved events, creations."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from .wire import UTC, iso

CREATE_SNAPSHOTS = "Create snapshot shares"
VIEW_TESTS = "View tests"
VIEW_TAGS = "View tags"
# Test types by their v7 names: the field that holds the target, and the layers of results (contract v7 §5 and §7,
# evidence §J).
TEST_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "agent-to-agent": ("targetAgentId", ("network", "path-vis")),
    "agent-to-server": ("server", ("network", "path-vis")),
    "api": ("url", ("api", "network", "path-vis")),
    "bgp": ("prefix", ("bgp",)),
    "dns-server": ("domain", ("dns-server", "network", "path-vis")),
    "dns-trace": ("domain", ("dns-trace",)),
    "dnssec": ("domain", ("dnssec",)),
    "ftp-server": ("url", ("ftp-server", "network", "path-vis")),
    "http-server": ("url", ("http-server", "network", "path-vis")),
    "page-load": ("url", ("page-load", "http-server", "network", "path-vis")),
    "sip-server": ("server", ("sip-server", "network", "path-vis")),
    "voice": ("targetAgentId", ("rtp-server", "network", "path-vis")),
    "web-transactions": ("url", ("web-transactions", "page-load", "http-server", "network", "path-vis")),
}

DNS_SERVERS = {1447: "ns1.example.com.", 1448: "ns2.example.com."}  # of every DNS server test
DIRECTIONS = ("to-target", "from-target", "bidirectional")


@dataclass
class Organization:
    organization: int
    name: str


@dataclass
class AccountGroup:
    aid: int
    name: str
    organization: int


@dataclass
class User:
    """A person or service with one token, valid until it `expires`; `account_groups` are the aids that it is assigned
    to, the default first."""

    uid: int
    email: str
    token: str
    organization: int
    account_groups: list[int]
    name: str = "API Sandbox User"
    permissions: list[str] = field(default_factory=lambda: ["API access", VIEW_TESTS, VIEW_TAGS, CREATE_SNAPSHOTS])
    expires: datetime | None = None


@dataclass(eq=False)
class TestConfig:
    """A configured test or saved event. Never changed once in the world, only replaced.

    `type` is the v7 name. `agents`: their ids, None for all. `direction` is of agent-to-agent tests.
    `source_name`, `listed_from` and `expires` are of saved events made by the API. `results_of`: the test whose
    results a saved event shows, those from `results_from` to `results_to`.
    `fragments` holds the test as the lists show it, by API version.
    """

    test_id: int
    name: str
    type: str = "http-server"
    aid: int = 75
    enabled: bool = True
    interval: int = 300
    target: str = "https://www.example.com/"
    description: str = ""
    alerts_enabled: bool = True
    saved_event: bool = False
    created: datetime = datetime(2012, 6, 28, 19, 33, 12, tzinfo=UTC)
    modified: datetime = datetime(2013, 5, 11, 2, 2, 21, tzinfo=UTC)
    owner_name: str = "API Sandbox User"
    owner_email: str = "noreply@thousandeyes.com"
    source_name: str | None = None
    listed_from: datetime | None = None
    expires: datetime | None = None
    agents: list[int] | None = None
    network_measurements: bool = True
    direction: str = "to-target"
    results_of: int | None = None
    results_from: datetime | None = None
    results_to: datetime | None = None
    fragments: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.type not in TEST_TYPES:
            raise ValueError(f"unknown test type {self.type}")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}")

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of results that it has, by their v7 names."""
        layers = TEST_TYPES[self.type][1]
        if self.network_measurements:
            return layers
        return tuple(layer for layer in layers if layer not in ("network", "path-vis"))

    def exists(self, now: datetime) -> bool:
        return self.expires is None or now < self.expires

    def listed(self, now: datetime) -> bool:
        return self.exists(now) and (self.listed_from is None or self.listed_from <= now)


@dataclass
class Creation:
    """A committed snapshot. `answered`: its answer was handed to the socket whole and unspoilt."""

    n: int
    at: datetime
    organization: int
    aid: int
    uid: int
    source_test_id: int
    display_name: str
    start: datetime
    end: datetime
    is_public: bool
    link_id: str
    snapshot_test_id: int
    api_version: str
    snapshot_test: TestConfig
    answered: bool = False

    def as_json(self) -> dict[str, Any]:
        row = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "snapshot_test"}
        row.update({"at": iso(self.at), "from": iso(row.pop("start")), "to": iso(row.pop("end"))})
        return row


def test_as_json(test: TestConfig) -> dict[str, Any]:
    """A test as the control side shows it."""
    row = {item.name: getattr(test, item.name) for item in fields(test) if item.name != "fragments"}
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in row.items()}
