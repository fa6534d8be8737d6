# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole task against the simulator, whose clock follows that of the task."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
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
    assert (watch["at"], watch["next_look"], watch["retry_at"]) == ("2026-11-23T12:25:00Z", None, None)
    assert world.at() == "2026-11-23T12:25:00Z"
    (test,) = watch["tests"]
    assert (test["test_id"], test["test_name"], test["verdict"]) == ("19955", "Web shop", "degraded")
    assert "response time: It went from" in test["reason"]
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
