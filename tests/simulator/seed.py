# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The world after a reset: who exists, and which tests they have."""

from __future__ import annotations

from datetime import datetime

from .entities import VIEW_TAGS, VIEW_TESTS
from .wire import UTC
from .world import World

TOKEN = "simulator-token-5784"  # user 5784, noreply@thousandeyes.com; for Basic and bearer alike
DEFAULT_AID = 75  # the account group of whoever names none
READER_TOKEN = "simulator-token-reader"  # same organization, without "Create snapshot shares"
OTHER_TOKEN = "simulator-token-other-organization"
EMAIL = "noreply@thousandeyes.com"
READER_EMAIL = "reader@example.com"
OTHER_EMAIL = "ops@other.example.com"


def seed_world() -> World:
    """Ids and names as in the documents' examples where they have any (contract v6 §4 to §6)."""
    world = World()
    world.add_organization(organization=12345, name="Sandbox Inc.")
    world.add_organization(organization=54321, name="Other Ltd.")
    world.add_account_group(aid=DEFAULT_AID, name="API Sandbox", organization=12345)
    world.add_account_group(aid=1234, name="Account A", organization=12345)
    world.add_account_group(aid=9000, name="Other operations", organization=54321)
    world.add_user(uid=5784, email=EMAIL, token=TOKEN, organization=12345, account_groups=[DEFAULT_AID, 1234])
    world.add_user(
        uid=5785,
        email=READER_EMAIL,
        token=READER_TOKEN,
        organization=12345,
        account_groups=[DEFAULT_AID],
        name="Reader",
        permissions=["API access", VIEW_TESTS, VIEW_TAGS],
    )
    world.add_user(
        uid=7001, email=OTHER_EMAIL, token=OTHER_TOKEN, organization=54321, account_groups=[9000], name="Other operator"
    )
    tests = [
        (19955, "Web shop", "http-server", "https://shop.example.com/", 300),
        (817, "http://www.thousandeyes.com", "http-server", "http://www.thousandeyes.com", 900),
        (20001, "Datacentre to branch", "agent-to-agent", "281474976710707", 60),
        (20002, "VPN gateway", "agent-to-server", "vpn.example.com:443", 120),
        (20003, "Orders API", "api", "https://api.example.com/orders", 300),
        (20004, "Prefix 203.0.113.0/24", "bgp", "203.0.113.0/24", 900),
        (20005, "Resolver", "dns-server", "example.com A", 300),
        (20006, "Delegation of example.com", "dns-trace", "example.com A", 600),
        (20007, "Signatures of example.com", "dnssec", "example.com A", 1800),
        (20008, "Price list download", "ftp-server", "ftp://ftp.example.com/prices.csv", 3600),
        (20009, "Anmeldung Zürich – 登录", "page-load", "https://login.example.com/", 300),
        (20010, "Voice registrar", "sip-server", "sip.example.com:5060", 300),
        (20011, "Call centre", "voice", "281474976710708", 300),
        (20012, "Checkout", "web-transactions", "https://shop.example.com/checkout", 900),
        (20020, "Duplicate name", "http-server", "https://one.example.com/", 300),
        (20021, "Duplicate name", "page-load", "https://two.example.com/", 300),
        (9007199254740993, "Id beyond 2^53", "http-server", "https://big.example.com/", 60),
    ]
    for test_id, name, kind, target, interval in tests:
        world.add_test(test_id=test_id, name=name, type=kind, target=target, interval=interval)
    world.add_test(test_id=20030, name="Switched off", enabled=False, target="https://off.example.com/")
    world.add_test(test_id=30001, name="Account A portal", aid=1234, target="https://a.example.com/")
    world.add_test(test_id=30002, name="Account A DNS", type="dns-server", aid=1234, target="a.example.com A")
    world.add_test(
        test_id=90001,
        name="Other portal",
        aid=9000,
        target="https://other.example.com/",
        owner_name="Other operator",
        owner_email=OTHER_EMAIL,
    )
    world.add_test(
        test_id=58001,
        name="Outage of 1 June",
        saved_event=True,
        alerts_enabled=False,
        target="https://shop.example.com/",
        created=datetime(2018, 6, 1, 9, 30, tzinfo=UTC),
        modified=datetime(2018, 6, 1, 9, 30, tzinfo=UTC),
        results_of=19955,
        results_from=datetime(2018, 6, 1, 8, tzinfo=UTC),
        results_to=datetime(2018, 6, 1, 9, tzinfo=UTC),
    )
    _seed_agents(world)
    _seed_tags(world)
    return world


def _seed_agents(world: World) -> None:
    """All account groups have the same agents, and so have all tests."""
    for agent_id, name, country, location, latency in (
        (12, "London", "GB", "London Area, United Kingdom", 14),
        (3, "Singapore", "SG", "Singapore", 168),
        (281474976710706, "branch-muc-01", "DE", "Munich, Germany", 23),
        (281474976710707, "dc-ams-edge", "NL", "Amsterdam Area, Netherlands", 9),
        (4492, "São Paulo", "BR", "São Paulo, Brazil", 205),
    ):
        world.add_agent(agent_id=agent_id, name=name, country=country, location=location, latency=latency)


def _seed_tags(world: World) -> None:
    """One is of other objects, with an id that a test has as well; one is dynamic; one has no tests yet."""
    for key, value, assignments in (
        ("team", "shop", [19955, 20012, 20003]),
        ("team", "network", [20001, 20002, 20004]),
        ("branch", "sfo", [19955, 20005]),
        ("tier", "gold", []),
    ):
        world.add_tag(key=key, value=value, assignments=assignments)
    world.add_tag(key="team", value="shop", object_type="dashboard", assignments=[817])
    world.add_tag(key="vpn", value="home", object_type="endpoint-agent", type="dynamic")
    world.add_tag(key="team", value="portal", aid=1234, assignments=[30001])
    world.add_label(group_id=961, name="Infrastructure tests", tests=[20001, 20002, 20005])
    world.add_label(group_id=962, name="Shop", tests=[19955, 20012])
    world.add_label(group_id=963, name="Portal", aid=1234, tests=[30001])
