# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated world, and what may happen in it. No HTTP here."""

from __future__ import annotations

import random
import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from .clock import Clock
from .entities import AccountGroup, Creation, Organization, TestConfig, User, test_as_json
from .measurements import Agent, Degradation
from .quotas import Quotas
from .settings import Settings
from .tags import SAVED_EVENTS, Label, Tag
from .wire import ApiError

WINDOW_HOURS = (1, 2, 4, 6, 12, 24, 48)  # contract v7 §4, v6 §4
FIRST_LABEL = 1000  # the group ids of labels without one of their own come after this
TAG_IDS = 0x5AEAB5D5_0D34_4D44_A7AC_000000000000
FIRST_SNAPSHOT = ("wdiac", 58856)  # link id and test id of the documented example, contract v6 §4


class World:
    """Everything that the API knows. Each method is atomic, since the server calls it from one thread."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.clock = Clock()
        self.quotas = Quotas(self.settings, self.clock)
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

    def tells_saved_event(self, place: str) -> bool:
        """Whether the tests in that place, list or answer, bear savedEvent."""
        return self.settings.saved_event_told in ("everywhere", place)

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
        self.quotas.take_creation(user.organization)
        now, days = self.clock.now(), self.settings.saved_event_days
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
            expires=None if days is None else now + timedelta(days=days),
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
