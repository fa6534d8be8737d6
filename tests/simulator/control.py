# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control side under /_control/: what tests see of the simulated API, and how they steer it."""

from __future__ import annotations

import http.client
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Callable
from urllib.parse import urlencode, urlsplit

from .entities import test_as_json
from .faults import Faults
from .journal import Journal
from .seed import seed_world
from .wire import UTC, Answer, iso
from .world import World

PREFIX = "/_control/"
Rows = list[dict[str, Any]]


class Scene:
    """All that a reset renews."""

    def __init__(self) -> None:
        self.reset({})

    def reset(self, settings: dict[str, Any]) -> None:
        world = seed_world()
        world.settings.update(settings)
        self.world: World = world
        self.faults = Faults()
        self.journal = Journal()
        self.shared = Journal()


def handle(scene: Scene, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
    """Answer a control request; 400 with `error` for wrong input, 404 for an unknown one."""
    action = ACTIONS.get((method, path.removeprefix(PREFIX).rstrip("/")))
    if action is None:
        return _answer(404, {"error": f"unknown control request {method} {path}"})
    try:
        return _answer(200, action(scene, json.loads(body) if body else {}, query))
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        return _answer(400, {"error": f"{type(exc).__name__}: {exc}"})


def _answer(status: int, value: Any) -> Answer:
    return Answer(status, json.dumps(value, default=iso).encode("utf-8"), "application/json")


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _requests(scene: Scene, _body: Any, query: dict[str, str]) -> Rows:
    method = query.get("method")
    return [row for row in scene.journal.rows if method in (None, row["method"])]


def _share_requests(scene: Scene, _body: Any, _query: dict[str, str]) -> Rows:
    return scene.shared.rows


def _clear_requests(scene: Scene, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
    scene.journal.rows.clear()
    return {}


def _creations(scene: Scene, _body: Any, _query: dict[str, str]) -> Rows:
    return [creation.as_json() for creation in scene.world.creations]


def _clock(scene: Scene, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
    clock = scene.world.clock
    return {"now": iso(clock.now()), "frozen": clock.frozen is not None}


def _set_clock(scene: Scene, body: Any, query: dict[str, str]) -> dict[str, Any]:
    scene.world.clock.set(_instant(body["now"]), body.get("frozen", True))
    return _clock(scene, body, query)


def _advance_clock(scene: Scene, body: Any, query: dict[str, str]) -> dict[str, Any]:
    scene.world.clock.advance(body["seconds"])
    return _clock(scene, body, query)


def _settings(scene: Scene, body: Any, _query: dict[str, str]) -> dict[str, Any]:
    scene.world.settings.update(body)
    return asdict(scene.world.settings)


def _world(scene: Scene, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
    return scene.world.as_json()


def _replace_world(scene: Scene, body: Any, query: dict[str, str]) -> dict[str, Any]:
    """Each of the kinds named in the body replaces all that the world held of it."""
    known = ("organizations", "account_groups", "users", "tests", "agents", "tags", "labels")
    if not set(body) <= set(known):
        raise ValueError(f"a world has {', '.join(known)}")
    before = {kind: dict(getattr(scene.world, kind)) for kind in known}
    try:
        for kind in known:
            if kind in body:
                getattr(scene.world, kind).clear()
                _add(kind)(scene, body[kind], query)
        scene.world.check()
    except Exception:
        for kind in known:
            setattr(scene.world, kind, before[kind])
        raise
    return scene.world.as_json()


def _add(kind: str) -> Callable[[Scene, Any, dict[str, str]], Rows]:
    """Adds one row or a list of rows of a kind, each replacing the one with its id."""

    def action(scene: Scene, body: Any, _query: dict[str, str]) -> Rows:
        added = []
        for row in body if isinstance(body, list) else [body]:
            dates = {name: _instant(row[name]) for name in DATES if row.get(name) is not None}
            item = getattr(scene.world, f"add_{kind[:-1]}")(**{**row, **dates})
            added.append(test_as_json(item) if kind == "tests" else asdict(item))
        return added

    return action


DATES = ("created", "modified", "listed_from", "expires", "results_from", "results_to", "start", "end")


def _remove_tests(scene: Scene, _body: Any, query: dict[str, str]) -> dict[str, Any]:
    del scene.world.tests[int(query["test_id"])]
    return {}


def _clear_degradations(scene: Scene, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
    scene.world.degradations.clear()
    return {}


def _reset(scene: Scene, body: Any, _query: dict[str, str]) -> dict[str, Any]:
    scene.reset(body)
    return asdict(scene.world.settings)


def _faults(scene: Scene, _body: Any, _query: dict[str, str]) -> Rows:
    return scene.faults.as_json()


def _add_fault(scene: Scene, body: Any, _query: dict[str, str]) -> dict[str, Any]:
    return asdict(scene.faults.add(**body))


def _clear_faults(scene: Scene, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
    scene.faults.rows.clear()
    return {}


Action = Callable[[Scene, Any, "dict[str, str]"], Any]
ACTIONS: dict[tuple[str, str], Action] = {
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "share-requests"): _share_requests,
    ("GET", "creations"): _creations,
    ("GET", "clock"): _clock,
    ("PUT", "clock"): _set_clock,
    ("POST", "clock/advance"): _advance_clock,
    ("GET", "settings"): _settings,
    ("PUT", "settings"): _settings,
    ("PATCH", "settings"): _settings,
    ("GET", "world"): _world,
    ("PUT", "world"): _replace_world,
    ("POST", "tests"): _add("tests"),
    ("DELETE", "tests"): _remove_tests,
    ("POST", "users"): _add("users"),
    ("POST", "account-groups"): _add("account_groups"),
    ("POST", "organizations"): _add("organizations"),
    ("POST", "agents"): _add("agents"),
    ("POST", "tags"): _add("tags"),
    ("POST", "labels"): _add("labels"),
    ("POST", "degradations"): _add("degradations"),
    ("DELETE", "degradations"): _clear_degradations,
    ("POST", "reset"): _reset,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
}


class Control:
    """Steers a simulator at `url`, in this process or another."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """One control request; ValueError with the simulator's words when it refuses."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=900)
        try:
            target = PREFIX + path + ("?" + urlencode(query) if query else "")
            connection.request(
                method, target, None if body is None else json.dumps(body), {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            value = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(value["error"])
        return value

    def reset(self, **settings: Any) -> None:
        """Back to the seed world with these settings; faults and logs are cleared, the clock is real again."""
        self.call("POST", "reset", settings)

    def requests(self, method: str | None = None) -> Rows:
        """The API requests received, in order."""
        return self.call("GET", "requests", **({"method": method} if method else {}))

    def share_requests(self) -> Rows:
        """Those to the stand-in of the share host, in order."""
        return self.call("GET", "share-requests")

    def clear_requests(self) -> None:
        self.call("DELETE", "requests")

    def creations(self) -> Rows:
        """The snapshots committed, in order, whether or not a client learned of them."""
        return self.call("GET", "creations")

    def clock(self) -> dict[str, Any]:
        """`now` (ISO 8601) and `frozen`."""
        return self.call("GET", "clock")

    def set_clock(self, now: str, frozen: bool = True) -> None:
        self.call("PUT", "clock", {"now": now, "frozen": frozen})

    def advance(self, seconds: float) -> None:
        self.call("POST", "clock/advance", {"seconds": seconds})

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings (see settings.Settings); all of them as they are then."""
        return self.call("PATCH", "settings", changes)

    def fault(self, **fault: Any) -> dict[str, Any]:
        """Inject a fault (see faults.Fault)."""
        return self.call("POST", "faults", fault)

    def faults(self) -> Rows:
        """The faults with how often each matched (`seen`) and applied (`used`)."""
        return self.call("GET", "faults")

    def clear_faults(self) -> None:
        self.call("DELETE", "faults")

    def world(self) -> dict[str, Any]:
        return self.call("GET", "world")

    def set_world(self, **kinds: Rows) -> dict[str, Any]:
        """Replace all organizations, account_groups, users or tests, those that are given."""
        return self.call("PUT", "world", kinds)

    def add_test(self, **test: Any) -> dict[str, Any]:
        """Add or replace a test (see entities.TestConfig); without test_id it gets a free one."""
        return self.add_tests([test])[0]

    def add_tests(self, tests: Rows) -> Rows:
        return self.call("POST", "tests", tests)

    def remove_test(self, test_id: int) -> None:
        self.call("DELETE", "tests", test_id=test_id)

    def add_user(self, **user: Any) -> dict[str, Any]:
        """Add or replace a user (see entities.User)."""
        return self.call("POST", "users", user)[0]

    def add_account_group(self, **account_group: Any) -> dict[str, Any]:
        """Add or replace an account group: aid, name, organization."""
        return self.call("POST", "account-groups", account_group)[0]

    def add_agent(self, **agent: Any) -> dict[str, Any]:
        """Add or replace an agent (see measurements.Agent); tests without agents of their own have it from then on."""
        return self.call("POST", "agents", agent)[0]

    def add_tag(self, key: str, value: str, assignments: list[int] | None = None, **tag: Any) -> dict[str, Any]:
        """Add a v7 tag (see tags.Tag), or replace the one with its tag_id."""
        return self.call("POST", "tags", {"key": key, "value": value, "assignments": assignments or [], **tag})[0]

    def add_label(self, name: str, tests: list[int] | None = None, **label: Any) -> dict[str, Any]:
        """Add a v6 label of tests (see tags.Label), or replace the one with its group_id."""
        return self.call("POST", "labels", {"name": name, "tests": tests or [], **label})[0]

    def degrade(self, test_id: int, start: str, end: str, **how: Any) -> dict[str, Any]:
        """Make the results of a test worse for a time (see measurements.Degradation)."""
        return self.call("POST", "degradations", {"test_id": test_id, "start": start, "end": end, **how})[0]

    def clear_degradations(self) -> None:
        self.call("DELETE", "degradations")
