# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated world: organizations, users, account groups, tests, snapshots, clock and quotas. No HTTP here."""

from __future__ import annotations

import math
import random
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from .measurements import Agent, Degradation
from .tags import SAVED_EVENTS, Label, Tag
from .wire import UTC, ApiError, epoch, iso

WINDOW_HOURS = (1, 2, 4, 6, 12, 24, 48)  # contract v7 §4, v6 §4
MINUTE = timedelta(seconds=60)
EXPIRY = timedelta(days=30)  # contract v7 §4; UNK for private snapshots, the endpoint's text makes no difference
CREATE_SNAPSHOTS = "Create snapshot shares"
VIEW_TESTS = "View tests"
VIEW_TAGS = "View tags"
FIRST_LABEL = 1000  # the group ids of labels without one of their own come after this
TAG_IDS = 0x5AEAB5D5_0D34_4D44_A7AC_000000000000
FIRST_SNAPSHOT = ("wdiac", 58856)  # link id and test id of the documented example, contract v6 §4
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
class Settings:
    """How the simulated API behaves where its documents are silent, or where a test wants it otherwise.

    creation_limit, creation_window: snapshots per organization per seconds; a limit of None is none.
    rate_limit: requests per organization and minute; None is none.
    creation_limit_headers: what the 429 of the creation limit tells (UNK, contract v7 §3): none,
        retry-after-seconds, retry-after-date, reset-epoch, reset-seconds, reset-past.
    error_style: v7 error bodies, documented or observed (contract v7 §2).
    v6_error_style: errorMessage, error, errors or text (contract v6 §2).
    public_snapshots: False answers 403 to public ones (contract v7 §4).
    saved_event_name: title or source, which testName a saved event bears (UNK).
    saved_event_lag: seconds until a saved event is in the lists.
    invert_is_public: v7 takes isPublic as its text literally says, true for a saved event (contract v7 §4).
    v6_private_answer: link (as for a share link, with `test` filled) or bare (neither linkId nor viewUrl); UNK.
    app_link: own, source or none, the test whose id the appLink of a v7 snapshot bears; none leaves it out. UNK, in
        the document's example it is the id of the self link (contract v7 §4).
    app_link_host, app_link_aid: its host, and whether it bears the account group as `__a`.
    retired_versions: version to status, 301 or 410.
    locked_out_after: 401s from one address within a minute after which it gets 429 (contract v6 §1).
    results_page_size: how many measurements are due on a page of results; gaps make it shorter, perhaps empty.
    results_round_before: v7 adds the round before the range, as its document says that it might.
    results_missing: absent or null, what stands for a number that was not measured (contract v7 §7).
    results_error_none: the errorType of a success: None, none or NONE.
    results_order: ascending or descending rounds; UNK.
    results_flaws: how much goes wrong by itself, see measurements.py: 1 as usual, 0 nothing.
    results_noise, results_rhythm: how much measurements scatter, and how much they rise and fall with the time of day:
        1 as usual, 0 not at all.
    results_retention_days: results older than that are gone, but for those of saved events; None is for ever.
    repeat_cursor: how many pages there are after the first before the next link leads back to the second, for ever;
        0 for links that end.
    v6_groups_in: detail or list (as well), where a test shows its labels; UNK, contract v6 §5.
    """

    creation_limit: int | None = 5
    creation_window: float = 300
    rate_limit: int | None = 240
    creation_limit_headers: str = "none"
    error_style: str = "documented"
    v6_error_style: str = "errorMessage"
    public_snapshots: bool = True
    saved_event_name: str = "title"
    saved_event_lag: float = 0
    invert_is_public: bool = False
    v6_private_answer: str = "link"
    app_link: str = "source"
    app_link_host: str = "app.thousandeyes.com"
    app_link_aid: bool = True
    retired_versions: dict[str, int] = field(default_factory=dict)
    locked_out_after: int | None = None
    results_page_size: int = 500
    results_round_before: bool = True
    results_missing: str = "absent"
    results_error_none: str = "None"
    results_order: str = "ascending"
    results_flaws: float = 1
    results_noise: float = 1
    results_rhythm: float = 1
    results_retention_days: float | None = None
    repeat_cursor: int = 0
    v6_groups_in: str = "detail"

    CHOICES = {
        "creation_limit_headers": (
            "none",
            "retry-after-seconds",
            "retry-after-date",
            "reset-epoch",
            "reset-seconds",
            "reset-past",
        ),
        "error_style": ("documented", "observed"),
        "v6_error_style": ("errorMessage", "error", "errors", "text"),
        "saved_event_name": ("title", "source"),
        "v6_private_answer": ("link", "bare"),
        "app_link": ("own", "source", "none"),
        "results_missing": ("absent", "null"),
        "results_error_none": ("None", "none", "NONE"),
        "results_order": ("ascending", "descending"),
        "v6_groups_in": ("detail", "list"),
    }

    def update(self, changes: dict[str, Any]) -> None:
        """Change some settings; ValueError, and no change, on an unknown name or choice."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting {name}")
            if name in self.CHOICES and value not in self.CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(self.CHOICES[name])}")
            if name == "results_page_size" and value < 1:
                raise ValueError("a page has at least one result")
        for name, value in changes.items():
            setattr(self, name, value)


class Clock:
    """The world's time: real and running until it is set, frozen or running on from there."""

    def __init__(self) -> None:
        self.frozen: datetime | None = None
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return self.frozen or datetime.fromtimestamp(time.time(), UTC) + self.offset

    def set(self, now: datetime, frozen: bool) -> None:
        self.offset = now - datetime.fromtimestamp(time.time(), UTC)
        self.frozen = now if frozen else None

    def advance(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds), self.frozen is not None)


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


class World:
    """Everything that the API knows. Each method is atomic, since the server calls it from one thread."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.clock = Clock()
        self.organizations: dict[int, Organization] = {}
        self.account_groups: dict[int, AccountGroup] = {}
        self.users: dict[str, User] = {}
        self.tests: dict[int, TestConfig] = {}
        self.agents: dict[int, Agent] = {}
        self.tags: dict[str, Tag] = {}
        self.labels: dict[int, Label] = {}
        self.degradations: list[Degradation] = []
        self.creations: list[Creation] = []
        self._next_test_id = 300001
        self._next_snapshot_id = FIRST_SNAPSHOT[1]
        self._link_ids = {FIRST_SNAPSHOT[0]}
        self._random = random.Random(FIRST_SNAPSHOT[0])
        self._recent_creations: dict[int, deque[datetime]] = {}
        self._batches: dict[int, tuple[datetime, int]] = {}
        self._failures: dict[str, deque[datetime]] = {}

    def add_organization(self, **values: Any) -> Organization:
        item = Organization(**values)
        self.organizations[item.organization] = item
        return item

    def add_account_group(self, **values: Any) -> AccountGroup:
        item = AccountGroup(**values)
        if item.organization not in self.organizations:
            raise ValueError(f"unknown organization {item.organization}")
        self.account_groups[item.aid] = item
        return item

    def add_user(self, **values: Any) -> User:
        """Add a user, or replace the one with the same uid."""
        item = User(**values)
        unknown = set(item.account_groups) - set(self.account_groups)
        if unknown or not item.account_groups:
            raise ValueError(f"a user needs known account groups, not {sorted(unknown)}")
        self.users = {token: user for token, user in self.users.items() if user.uid != item.uid}
        self.users[item.token] = item
        return item

    def add_test(self, **values: Any) -> TestConfig:
        """Add a test, or replace the one with the same test_id; without one it gets the next free id."""
        if "test_id" not in values:
            while self._next_test_id in self.tests:
                self._next_test_id += 1
            values["test_id"] = self._next_test_id
        item = TestConfig(**values)
        if item.aid not in self.account_groups:
            raise ValueError(f"unknown account group {item.aid}")
        self.tests[item.test_id] = item
        return item

    def add_agent(self, **values: Any) -> Agent:
        item = Agent(**values)
        self.agents[item.agent_id] = item
        return item

    def add_tag(self, **values: Any) -> Tag:
        """Add a tag, or replace the one with the same tag_id; without one it gets the next."""
        item = Tag(**{"tag_id": str(uuid.UUID(int=TAG_IDS + len(self.tags))), **values})
        if item.object_type == "test":
            self._check_tests(item.aid, item.assignments)
        self.tags[item.tag_id] = item
        return item

    def add_label(self, **values: Any) -> Label:
        """Add a v6 label of tests, or replace the one with the same group_id; without one it gets the next."""
        item = Label(**{"group_id": 1 + max([FIRST_LABEL, *self.labels]), **values})
        self._check_tests(item.aid, item.tests)
        self.labels[item.group_id] = item
        return item

    def _check_tests(self, aid: int, test_ids: list[int]) -> None:
        unknown = [test_id for test_id in test_ids if test_id not in self.tests or self.tests[test_id].aid != aid]
        if unknown:
            raise ValueError(f"account group {aid} has no tests {unknown}")

    def add_degradation(self, **values: Any) -> Degradation:
        item = Degradation(**values)
        test = self.tests.get(item.test_id)
        if test is None or not set(item.agents or []) <= set(self.agents):
            raise ValueError(f"unknown test {item.test_id} or agents {item.agents}")
        if test.results_of is not None:
            raise ValueError(f"the results of {item.test_id} are those of {test.results_of}")
        self.degradations.append(item)
        return item

    def check(self) -> None:
        """ValueError when something refers to an organization or account group that there is not."""
        aids = {test.aid for test in self.tests.values()}
        aids.update(aid for user in self.users.values() for aid in user.account_groups)
        numbers = {group.organization for group in self.account_groups.values()}
        numbers.update(user.organization for user in self.users.values())
        if aids - set(self.account_groups) or numbers - set(self.organizations):
            raise ValueError(
                f"unknown account groups {sorted(aids - set(self.account_groups))} or organizations "
                f"{sorted(numbers - set(self.organizations))}"
            )

    def authenticate(self, email: str | None, token: str | None) -> User | None:
        """The user of a token; with an email (HTTP Basic) both must match."""
        user = self.users.get(token or "")
        if user is None or (user.expires is not None and user.expires <= self.clock.now()):
            return None
        return user if email in (None, user.email) else None

    def note_failure(self, address: str) -> None:
        """Record a 401 to this address."""
        self._failures.setdefault(address, deque()).append(self.clock.now())

    def locked_out(self, address: str) -> bool:
        """Whether this address got too many 401s within a minute (contract v6 §1)."""
        limit = self.settings.locked_out_after
        failures = self._failures.get(address, deque())
        now = self.clock.now()
        while failures and failures[0] <= now - MINUTE:
            failures.popleft()
        return limit is not None and len(failures) >= limit

    def count_request(self, organization: int) -> tuple[bool, dict[str, str]]:
        """Count a request; (admitted, rate limit headers). The minute starts with the first request of a batch."""
        limit = self.settings.rate_limit
        if limit is None:
            return True, {}
        now = self.clock.now()
        start, count = self._batches.get(organization, (now, 0))
        if not start <= now < start + MINUTE:
            start, count = now, 0
        admitted = count < limit
        count += admitted
        self._batches[organization] = (start, count)
        return admitted, rate_headers(limit, limit - count, math.ceil((start + MINUTE).timestamp()))

    def tests_of(self, aid: int) -> list[TestConfig]:
        """Tests and saved events that the lists of an account group show now."""
        now = self.clock.now()
        return [test for test in self.tests.values() if test.aid == aid and test.listed(now)]

    def find_test(self, aid: int, test_id: int) -> TestConfig:
        """A test of an account group; ApiError 404 when it has none such."""
        test = self.tests.get(test_id)
        if test is None or test.aid != aid or not test.exists(self.clock.now()):
            raise ApiError(404, f"Test {test_id} was not found in account group {aid}")
        return test

    def labels_of(self, aid: int) -> list[Label]:
        """The labels of an account group, with the one that is built in and follows the saved events."""
        saved = [test.test_id for test in self.tests_of(aid) if test.saved_event]
        own = [label for label in self.labels.values() if label.aid == aid]
        return [Label(SAVED_EVENTS, "Saved Event", aid, saved, built_in=True), *own]

    def shown_name(self, test: TestConfig) -> str:
        """The testName in lists and answers."""
        if test.source_name is not None and self.settings.saved_event_name == "source":
            return test.source_name
        return test.name

    def check_window(self, start: datetime, end: datetime, end_field: str) -> None:
        """ApiError 400 unless the window has a legal length and does not end in the future."""
        if (end - start) not in [timedelta(hours=hours) for hours in WINDOW_HOURS]:
            raise ApiError(400, "The time range must be 1, 2, 4, 6, 12, 24 or 48 hours", end_field)
        # For v6 UNK (contract v6 §4); v7 says so.
        if end > self.clock.now():
            raise ApiError(400, "The end of the time range must not be in the future", end_field)

    def create_snapshot(
        self,
        user: User,
        aid: int,
        source: TestConfig,
        title: str,
        window: tuple[datetime, datetime],
        is_public: bool,
        api_version: str,
    ) -> Creation:
        """Commit a snapshot, or ApiError 400 (of a saved event), 403 (public ones barred) or 429 (creation limit)."""
        if source.saved_event:  # UNK in both contracts
            raise ApiError(400, "A saved event has no snapshots")
        if is_public and not self.settings.public_snapshots:
            raise ApiError(403, "Public snapshots are not enabled in this region")
        self._take_creation_slot(user.organization)
        now = self.clock.now()
        while self._next_snapshot_id in self.tests:
            self._next_snapshot_id += 1
        snapshot_test = TestConfig(
            test_id=self._next_snapshot_id,
            name=title,
            type=source.type,
            aid=aid,
            enabled=source.enabled,
            interval=source.interval,
            target=source.target,
            alerts_enabled=False,
            saved_event=not is_public,
            created=now,
            modified=now,
            owner_name=user.name,
            owner_email=user.email,
            source_name=source.name,
            listed_from=now + timedelta(seconds=self.settings.saved_event_lag),
            expires=now + EXPIRY,
            agents=source.agents,
            network_measurements=source.network_measurements,
            direction=source.direction,
            results_of=source.test_id,
            results_from=window[0],
            results_to=window[1],
        )
        self._next_snapshot_id += 1
        if not is_public:
            self.tests[snapshot_test.test_id] = snapshot_test
        creation = Creation(
            n=len(self.creations) + 1,
            at=now,
            organization=user.organization,
            aid=aid,
            uid=user.uid,
            source_test_id=source.test_id,
            display_name=title,
            start=window[0],
            end=window[1],
            is_public=is_public,
            link_id=self._new_link_id(),
            snapshot_test_id=snapshot_test.test_id,
            api_version=api_version,
            snapshot_test=snapshot_test,
        )
        self.creations.append(creation)
        return creation

    def _new_link_id(self) -> str:
        if not self.creations:
            return FIRST_SNAPSHOT[0]
        while True:
            link_id = "".join(self._random.choices("abcdefghijklmnopqrstuvwxyz", k=5))
            if link_id not in self._link_ids:
                self._link_ids.add(link_id)
                return link_id

    def _take_creation_slot(self, organization: int) -> None:
        """One of the creations of the sliding window, or ApiError 429; a refused creation takes none."""
        now = self.clock.now()
        limit, window = self.settings.creation_limit, timedelta(seconds=self.settings.creation_window)
        recent = self._recent_creations.setdefault(organization, deque())
        while recent and recent[0] <= now - window:
            recent.popleft()
        while recent and recent[-1] > now:  # the clock was set back
            recent.pop()
        if limit is not None and len(recent) >= limit:
            free_at = recent[-limit] + window if limit else now + window
            raise ApiError(
                429,
                f"You can create a maximum of {limit} snapshots per organization "
                f"within {window.total_seconds():g} seconds",
                headers=self._creation_limit_headers(limit, now, free_at),
            )
        recent.append(now)

    def _creation_limit_headers(self, limit: int, now: datetime, free_at: datetime) -> dict[str, str]:
        style = self.settings.creation_limit_headers
        wait = math.ceil((free_at - now).total_seconds())
        slot = math.ceil(free_at.timestamp())
        if style == "retry-after-seconds":
            return {"Retry-After": str(wait)}
        if style == "retry-after-date":
            return {"Retry-After": format_datetime(datetime.fromtimestamp(slot, UTC), usegmt=True)}
        if style == "reset-epoch":
            return rate_headers(limit, 0, slot)
        if style == "reset-seconds":
            return rate_headers(limit, 0, wait)
        if style == "reset-past":
            return rate_headers(limit, 0, epoch(now) - 60)
        return {}

    def as_json(self) -> dict[str, Any]:
        """What the world holds, for the control side; tests without what belongs to the simulator alone."""
        return {
            "organizations": [asdict(item) for item in self.organizations.values()],
            "account_groups": [asdict(item) for item in self.account_groups.values()],
            "users": [asdict(item) for item in self.users.values()],
            "tests": [test_as_json(item) for item in self.tests.values()],
            "agents": [asdict(item) for item in self.agents.values()],
            "tags": [asdict(item) for item in self.tags.values()],
            "labels": [asdict(item) for item in self.labels.values()],
            "degradations": [asdict(item) for item in self.degradations],
        }


def test_as_json(test: TestConfig) -> dict[str, Any]:
    """A test as the control side shows it."""
    row = {item.name: getattr(test, item.name) for item in fields(test) if item.name != "fragments"}
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in row.items()}


def rate_headers(limit: int, remaining: int, reset: int) -> dict[str, str]:
    """Contract v6 §3, v7 §3. `reset` is epoch seconds, except where a test wants it otherwise."""
    return {
        "X-Organization-Rate-Limit-Limit": str(limit),
        "X-Organization-Rate-Limit-Remaining": str(remaining),
        "X-Organization-Rate-Limit-Reset": str(reset),
    }
