# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole task against the simulator, whose clock follows that of the task."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    InvalidRequest,
    ThousandEyesError,
    Unauthorized,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import THRESHOLDS
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from ansible_collections.community.thousandeyes.plugins.plugin_utils._watch import task
from simulator import TOKEN, SharedClock, Simulator

# The change ended at noon, when the clock starts.
BEFORE = {"from": "2026-11-23T10:30:00Z", "to": "2026-11-23T11:30:00Z"}
AFTER = {"from": "2026-11-23T12:00:00Z", "to": "2026-11-23T13:00:00Z"}
LATER = ("2026-11-23T12:00:00Z", "2026-11-23T14:00:00Z")
SINGAPORE = 3
SHOP, RESOLVER, PAGES = (
    {"test_id": "19955", "test_name": "Web shop", "interval": 300, "layers": ["network", "http-server"]},
    {"test_id": "20005", "test_name": "Resolver", "interval": 300, "layers": ["network", "dns-server"]},
    {"test_id": "20020", "test_name": "Duplicate name", "interval": 300, "layers": ["network", "http-server"]},
)


class World(t.NamedTuple):
    """Runs the task, by default for the web shop, with changes."""

    sim: Simulator
    clock: SharedClock
    dir: Path
    warnings: list[str]
    told: list[str]

    def params(self, **changes: t.Any) -> dict[str, t.Any]:
        params = {name: option.get("default") for name, option in task.SPEC.items()}
        params.update(
            api_token=TOKEN,
            api_url=self.sim.url,
            timeout=60,
            change_id="CHG0031337",
            start="2026-11-23T11:30:00Z",
            end="2026-11-23T12:00:00Z",
            before=BEFORE,
            after=AFTER,
            tests=[SHOP],
            thresholds=THRESHOLDS,
            must_see={"percent": 100.0, "points": 25.0},
            ledger=str(self.dir / "ledger.sqlite3"),
        )
        assert set(changes) <= set(params)
        return {**params, **changes}

    def context(self, check_mode: bool = False, clock: t.Any = None) -> Context:
        return Context(check_mode, False, clock or self.clock, self.told.append, self.warnings.append)

    def run(self, check_mode: bool = False, clock: t.Any = None, **changes: t.Any) -> dict[str, t.Any]:
        return task.run(self.params(**changes), self.context(check_mode, clock))

    def watch(self, **changes: t.Any) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.run(**changes)["watch"])

    def watch_by(self, clock: t.Any, **changes: t.Any) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.run(clock=clock, **changes)["watch"])

    def at(self) -> str:
        return t.cast(str, self.sim.clock()["now"])


@pytest.fixture
def world(sim: Simulator, clock: SharedClock, tmp_path: Path) -> World:
    sim.settings(results_rhythm=0, results_flaws=0)
    return World(sim, clock, tmp_path, [], [])


@pytest.mark.parametrize("api_version", ["v6", "v7"])
def test_what_is_degraded_is_called_and_frozen_within_minutes(world: World, api_version: str) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    found = world.run(api_version=api_version, api_email="noreply@thousandeyes.com")
    watch = found["watch"]
    assert (watch["verdict"], watch["finished"], watch["look"], watch["looks"]) == ("degraded", True, 2, 9)
    assert (watch["at"], watch["retry_at"]) == ("2026-11-23T12:25:00Z", None)
    # A snapshot task waits for a window to be over by the clock of the API, too.
    assert world.at() == "2026-11-23T12:25:05Z"
    (test,) = watch["tests"]
    assert (test["test_id"], test["test_name"], test["verdict"]) == ("19955", "Web shop", "degraded")
    assert "response time rose from" in test["reason"]
    (snapshot,) = watch["frozen"]
    assert (snapshot["display_name"], snapshot["test_id"]) == ("CHG0031337 degraded", "19955")
    assert (snapshot["from"], snapshot["to"]) == ("2026-11-23T11:25:00Z", "2026-11-23T12:25:00Z")
    assert watch["not_frozen"] == []
    assert found["changed"] is True
    assert found["ansible_facts"]["thousandeyes_watch"] == watch
    assert len(world.sim.creations()) == 1


def test_without_a_change_it_ends_with_the_window(world: World) -> None:
    found = world.run()
    watch = found["watch"]
    assert (watch["verdict"], watch["finished"], watch["look"], watch["at"]) == ("ok", True, 9, AFTER["to"])
    assert (found["changed"], watch["frozen"], watch["not_frozen"]) == (False, [], [])
    assert world.sim.creations() == []


def test_what_is_watched_ends_with_the_report(world: World) -> None:
    """The last look judges the whole window."""
    world.sim.degrade(19955, "2026-11-23T12:50:00Z", LATER[1], factor={"responseTime": 2})
    watch = world.watch()
    assert (watch["verdict"], watch["at"]) == ("degraded", AFTER["to"])
    assert watch["tests"][0]["since"] == "2026-11-23T12:50:00Z"
    assert watch["frozen"][0]["to"] == AFTER["to"]


def test_rounds_of_a_minute_are_looked_at_each_minute(world: World) -> None:
    world.sim.degrade(20001, *LATER, factor={"avgLatency": 1.5})
    test = {"test_id": "20001", "test_name": "Datacentre", "interval": 60, "layers": ["network"]}
    watch = world.watch(tests=[test], history_days=1.0)
    assert (watch["verdict"], watch["at"], watch["look"]) == ("degraded", "2026-11-23T12:09:00Z", 2)
    # No more than its id need be known.
    again = world.watch(tests=[{"test_id": "20001"}], layers=["network"], history_days=1.0)
    assert (again["at"], again["tests"][0]["reason"]) == (watch["at"], watch["tests"][0]["reason"])


def test_one_that_is_degraded_does_not_hide_another(world: World) -> None:
    world.sim.degrade(20020, *LATER, factor={"responseTime": 1.5})
    world.sim.degrade(20005, *LATER, factor={"resolutionTime": 5})
    watch = world.watch(tests=[SHOP, PAGES, RESOLVER])
    assert [test["verdict"] for test in watch["tests"]] == ["watching", "degraded", "degraded"]
    assert watch["tests"][0]["reason"] == "Not degraded by 2026-11-23T12:25:00Z."
    # The worst first.
    assert [snapshot["test_id"] for snapshot in watch["frozen"]] == ["20005", "20020"]


def test_a_test_that_is_left_out_has_no_say(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    left_out = [{"test": "Web shop", "agent": None, "metric": None, "reason": "noisy"}]
    watch = world.watch(tests=[SHOP, PAGES], leave_out=left_out)
    assert (watch["verdict"], watch["at"], watch["frozen"]) == ("ok", AFTER["to"], [])


class Killed(BaseException):
    """As an interrupt is."""


class Mortal:
    """A clock whose task is killed when it falls asleep for the nth time."""

    def __init__(self, clock: SharedClock, sleeps: int) -> None:
        self._clock, self._left = clock, sleeps
        self.now, self.boot = clock.now, clock.boot

    def sleep(self, seconds: float) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed
        self._clock.sleep(seconds)


@pytest.mark.slow
@pytest.mark.parametrize("until_minute", [None, 40, 60])
def test_a_watch_killed_at_every_sleep_comes_to_the_same(
    world: World, sim: Simulator, tmp_path: Path, until_minute: int | None
) -> None:
    """``until_minute``: what happens is over by then."""

    def prepare() -> None:
        sim.settings(results_rhythm=0, results_flaws=0)
        end = LATER[1] if until_minute is None else f"2026-11-23T{12 + until_minute // 60}:{until_minute % 60:02}:00Z"
        sim.degrade(19955, "2026-11-23T12:20:00Z", end, factor={"responseTime": 1.4}, agents=[SINGAPORE])
        # Each round of an agent is late, and one of another is lost.
        sim.degrade(19955, *LATER, agents=[12], late=75)
        sim.degrade(19955, "2026-11-23T12:15:00Z", "2026-11-23T12:20:00Z", agents=[4492], missing=1)

    prepare()
    whole = world.run()
    sim.reset()
    prepare()
    clock = SharedClock(sim)
    kills, found = 0, None
    while found is None:
        try:
            found = world.run(clock=Mortal(clock, 1), ledger=str(tmp_path / "another.sqlite3"))
        except Killed:
            kills += 1
    assert kills > 2
    assert [{**row, "ledger": None} for row in whole["watch"]["tests"]] == [
        {**row, "ledger": None} for row in found["watch"]["tests"]
    ]
    for name in ("verdict", "finished", "look", "looks", "at"):
        assert found["watch"][name] == whole["watch"][name]
    assert len(sim.creations()) == len(whole["watch"]["frozen"]) == (whole["watch"]["verdict"] == "degraded")


def test_a_watch_that_is_repeated_takes_no_second_snapshot(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    first = world.watch()
    world.clock.sleep(1800)
    found = world.run()
    assert found["changed"] is False
    assert found["watch"]["at"] == first["at"]
    assert found["watch"]["tests"] == first["tests"]
    assert [row["status"] for row in found["watch"]["frozen"]] == ["existing"]
    # With other looks, and so another window.
    again = world.run(settle_minutes=12.0)
    assert again["watch"]["at"] != first["at"]
    assert [row["to"] for row in again["watch"]["frozen"]] == [first["frozen"][0]["to"]]
    assert len(world.sim.creations()) == 1


def test_late_rounds_are_waited_for_and_said(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    before = world.watch(freeze=False)
    clock = SharedClock(world.sim)
    world.sim.degrade(19955, *LATER, agents=[SINGAPORE], late=80)
    found = world.watch_by(clock, freeze=False)
    assert found == before
    assert world.at() == "2026-11-23T12:26:30Z"
    waits = [text for text in world.told if "waiting until" in text]
    assert waits == ["look 1: waiting until 2026-11-23T12:22:00Z for rounds of Singapore (Web shop (19955))"]


def test_a_lost_round_is_no_alarm_and_not_waited_for_longer(world: World) -> None:
    world.sim.degrade(19955, "2026-11-23T12:10:00Z", "2026-11-23T12:20:00Z", agents=[SINGAPORE], missing=1)
    watch = world.watch()
    assert (watch["verdict"], watch["finished"]) == ("ok", True)
    assert sum("Singapore" in text for text in world.told) == 1
    assert 120 in [sum(world.clock.slept[number : number + 4]) for number in range(len(world.clock.slept))]


@pytest.mark.parametrize("status", [429, 503])
def test_a_failure_that_passes_is_waited_for(world: World, status: int) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    first = world.watch(freeze=False)
    clock = SharedClock(world.sim)
    world.told.clear()
    # The windows before are read, and then nothing for minutes.
    world.sim.fault(match={"path": "/19955/"}, status=status, skip=2, times=12, body={})
    found = world.watch_by(clock, freeze=False)
    assert found == first
    assert world.at() > "2026-11-23T12:25:00Z"
    assert any("Looking again at 2026-11-23T12:25:00Z" in text for text in world.told)


def test_a_failure_that_lasts_is_not_finished(world: World) -> None:
    world.sim.fault(match={"path": "/19955/"}, status=503, skip=2, times=0, body={})
    watch = world.watch(watch_minutes=70)
    assert (watch["verdict"], watch["finished"], watch["look"]) == ("watching", False, 0)
    assert watch["retry_at"] == "2026-11-23T12:20:00Z"
    assert "Look 1 could not be made" in world.warnings[-1]
    world.sim.clear_faults()
    assert world.watch(watch_minutes=0)["verdict"] == "ok"


def test_an_api_that_is_away_from_the_start_is_waited_for(world: World) -> None:
    world.sim.fault(match={"path": "/19955/"}, status=503, times=0, body={})
    watch = world.watch(watch_minutes=5)
    assert (watch["verdict"], watch["finished"], watch["look"], watch["looks"]) == ("watching", False, 0, 0)
    assert AFTER["from"] < watch["retry_at"] < "2026-11-23T12:08:00Z"
    assert "Trying again at" in world.told[-1]
    world.sim.clear_faults()
    assert world.watch()["looks"] == 9


class Off:
    """The clock of a machine that is ahead of the API's, or behind."""

    def __init__(self, clock: SharedClock, ahead: float) -> None:
        self._clock, self._ahead = clock, ahead
        self.boot, self.sleep = clock.boot, clock.sleep

    def now(self) -> float:
        return self._clock.now() + self._ahead


@pytest.mark.parametrize("ahead", [-600, -90, 90, 600])
def test_a_clock_that_is_off_sees_the_same(world: World, ahead: float) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    found = world.run(clock=Off(world.clock, ahead))
    assert (found["watch"]["verdict"], found["watch"]["at"]) == ("degraded", "2026-11-23T12:25:00Z")
    # No round was waited for that could not be there.
    assert not any("waiting until" in text for text in world.told)
    assert "2026-11-23T12:24:50Z" < world.at() < "2026-11-23T12:25:10Z"
    assert len(world.sim.creations()) == 1


def test_a_token_that_is_refused_ends_it(world: World) -> None:
    world.sim.fault(match={"path": "/19955/"}, status=401, skip=4, times=0, body={})
    with pytest.raises(Unauthorized) as failed:
        world.run()
    assert "No snapshot was taken. Repeat the task once that is mended" in failed.value.message
    assert not world.sim.creations()


def test_tests_that_the_api_does_not_tell_of(world: World) -> None:
    world.sim.fault(match={"path": "/20020/"}, status=403, times=0, body={})
    watch = world.watch(tests=[SHOP, PAGES])
    assert [test["verdict"] for test in watch["tests"]] == ["ok", "no_data"]
    assert "403" in watch["tests"][1]["reason"]
    with pytest.raises(ThousandEyesError, match="403"):
        world.run(tests=[PAGES])


def test_a_test_that_is_refused_later_has_no_verdict(world: World) -> None:
    world.sim.fault(match={"path": "/20020/"}, status=403, skip=4, times=0, body={})
    watch = world.watch(tests=[SHOP, PAGES])
    assert [test["verdict"] for test in watch["tests"]] == ["ok", "no_data"]
    assert (watch["verdict"], watch["finished"]) == ("no_data", True)
    assert "403" in watch["tests"][1]["reason"]


@pytest.mark.slow
def test_what_the_quota_does_not_admit_is_told(world: World) -> None:
    tests = [
        {"test_id": str(number), "test_name": f"Test {number}", "interval": 300, "layers": ["network"]}
        for number in range(40001, 40008)
    ]
    for number, test in enumerate(tests):
        world.sim.add_test(test_id=int(test["test_id"]), name=test["test_name"], type="agent-to-server", target="x:1")
        world.sim.degrade(int(test["test_id"]), *LATER, factor={"avgLatency": 1.5 + number})
    watch = world.watch(tests=tests)
    assert watch["verdict"] == "degraded"
    assert [row["test_id"] for row in watch["frozen"]] == ["40007", "40006", "40005", "40004", "40003"]
    assert [row["test_id"] for row in watch["not_frozen"]] == ["40002", "40001"]
    assert all(row["retry_at"] and "quota" in row["reason"] for row in watch["not_frozen"])
    assert world.at() == "2026-11-23T12:25:05Z"
    # Later the rest follows, and nothing is taken twice.
    world.clock.sleep(600)
    again = world.watch(tests=tests)
    assert len(again["frozen"]) == 7
    assert len(world.sim.creations()) == 7


def test_a_snapshot_that_fails_is_a_warning(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    world.sim.fault(match={"method": "POST"}, status=403, times=0, body={})
    found = world.run()
    watch = found["watch"]
    assert (found["changed"], watch["verdict"], watch["frozen"]) == (False, "degraded", [])
    assert [row["test_id"] for row in watch["not_frozen"]] == ["19955"]
    assert "No snapshot of Web shop (19955)" in world.warnings[-1]


@pytest.mark.parametrize("lost", [None, "the cache is in memory"])
def test_a_ledger_in_facts(world: World, lost: str | None) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    world.sim.degrade(20020, *LATER, factor={"responseTime": 1.6})
    context = world.context()._replace(facts_lost=lost)
    found = task.run(world.params(ledger="facts", tests=[SHOP, PAGES]), context)
    assert found["watch"]["verdict"] == "degraded"
    if lost:
        assert lost in world.warnings[-1]
        assert len(found["watch"]["not_frozen"]) == 2
        return
    facts = found["ansible_facts"]
    assert len(facts["thousandeyes_ledger"]) == len(facts["thousandeyes_snapshots"]) == 2
    kept = facts["thousandeyes_ledger"]
    again = task.run(world.params(ledger="facts", tests=[SHOP, PAGES]), context._replace(kept=kept))
    assert [row["status"] for row in again["watch"]["frozen"]] == ["existing", "existing"]
    assert len(world.sim.creations()) == 2


def test_check_mode_looks_once_and_plans(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    found = world.run(check_mode=True)
    watch = found["watch"]
    assert (watch["verdict"], watch["look"], watch["finished"]) == ("watching", 0, False)
    assert (len(watch["plan"]), watch["plan"][0], watch["retry_at"]) == (9, "2026-11-23T12:20:00Z", watch["plan"][0])
    assert watch["requests"] == 2 + 9 * 2
    assert world.clock.slept == []
    world.clock.sleep(2400)
    found = world.run(check_mode=True)
    assert (found["watch"]["verdict"], found["watch"]["at"]) == ("degraded", "2026-11-23T12:25:00Z")
    assert (found["changed"], found["watch"]["frozen"], world.sim.creations()) == (False, [], [])


def test_it_takes_as_many_requests_as_it_says(world: World) -> None:
    said = world.run(check_mode=True)["watch"]["requests"]
    world.sim.clear_requests()
    world.run()
    assert len(world.sim.requests()) == said


def test_a_look_reads_new_rounds_only(world: World) -> None:
    world.sim.degrade(19955, "2026-11-23T12:25:00Z", "2026-11-23T12:30:00Z", agents=[SINGAPORE], late=400)
    world.run(tests=[{**SHOP, "layers": ["network"]}])
    asked = [request["query"]["startDate"][11:16] for request in world.sim.requests()]
    # The one that is late is asked for again while it is waited for, and then with the next looks.
    waiting, later = ["12:25"] * 5, ["12:25"] * 2
    assert asked == ["10:30", "12:00", "12:20", *waiting, *later, "12:40", "12:45", "12:50", "12:55"]


def test_it_ends_where_its_time_is_over_and_goes_on_from_there(world: World) -> None:
    world.sim.degrade(19955, "2026-11-23T12:30:00Z", LATER[1], factor={"responseTime": 1.6})
    watch = world.watch(watch_minutes=31)
    assert (watch["verdict"], watch["finished"], watch["look"]) == ("watching", False, 3)
    assert watch["retry_at"] == "2026-11-23T12:35:00Z"
    # Nothing is waited for in vain.
    assert world.at() == "2026-11-23T12:30:00Z"
    assert world.watch()["at"] == "2026-11-23T12:50:00Z"


def test_half_of_what_the_api_takes_is_left_to_others(world: World) -> None:
    world.sim.settings(rate_limit=10)
    found = world.run(tests=[SHOP, PAGES, RESOLVER])
    assert found["watch"]["verdict"] == "ok"
    minutes: dict[str, int] = {}
    for request in world.sim.requests():
        minutes[request["at"][:16]] = minutes.get(request["at"][:16], 0) + 1
    assert max(minutes.values()) == 5
    # Of the sessions that wait for the same, one says so.
    waits = [text.partition("Trying again")[2] for text in world.told if "half of what the API takes" in text]
    assert waits
    assert len(waits) == len(set(waits))


def test_a_look_begins_when_rounds_can_be_expected(world: World) -> None:
    world.sim.degrade(19955, *LATER, agents=[SINGAPORE], late=80)
    world.run(tests=[{**SHOP, "layers": ["network"]}])
    looks: dict[str, int] = {}
    for request in world.sim.requests():
        look = request["query"]["startDate"]
        looks[look] = looks.get(look, 0) + 1
    # Of the window before, of the first look, of its last round, and of the looks after it, which had 4 each else.
    assert list(looks.values()) == [1, 1, 3, 1, 2, 1, 2, 1, 2, 1, 2]


def test_news_come_with_what_changes_or_every_ten_minutes(world: World) -> None:
    world.sim.degrade(19955, "2026-11-23T12:40:00Z", LATER[1], factor={"responseTime": 1.6})
    world.run(freeze=False)
    assert world.told[0] == (
        "1 test, 9 looks until 2026-11-23T13:00:00Z, 0 of them past; next look at 2026-11-23T12:20:00Z"
    )
    assert world.told[1:4] == [
        "nothing is degraded so far; next look at 2026-11-23T12:20:00Z",
        "look 1 of 9, 2026-11-23T12:20:00Z: nothing is degraded; next look at 2026-11-23T12:25:00Z",
        "look 3 of 9, 2026-11-23T12:30:00Z: nothing is degraded; next look at 2026-11-23T12:35:00Z",
    ]
    assert "Web shop (19955) is degraded since 2026-11-23T12:40:00Z: http-server response time" in world.told[-1]


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"watch_minutes": -1}, "watch_minutes"),
        ({"settle_minutes": -1.0}, "settle_minutes"),
        ({"quota_limit": 0}, "quota_limit"),
        ({"tests": []}, "tests"),
        ({"after": {"from": AFTER["to"], "to": AFTER["from"]}}, "after"),
        ({"change_id": ""}, "change_id"),
    ],
)
def test_options_are_checked_before_the_first_request(world: World, changes: dict[str, t.Any], option: str) -> None:
    with pytest.raises(InvalidRequest, match=option):
        world.run(**changes)
    assert world.sim.requests() == []
