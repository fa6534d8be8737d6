# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole task against the simulator, whose degradations are the oracle for the verdicts."""

from __future__ import annotations

import hashlib
import json
import math
import os
import typing as t
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    InvalidRequest,
    ReportUnsigned,
    ReportUnwritable,
    ThousandEyesError,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import THRESHOLDS
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.judge import wants_history
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.series import Span
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import Settings
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import test_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import resolve_span
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import task
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.document import judge_test
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.store import folder_of
from ansible_collections.community.thousandeyes.plugins.plugin_utils._change.reading import (
    Reach,
    Windows,
    past_of,
    read_layer,
    read_past,
)
from simulator import TOKEN, SharedClock, Simulator
from support.ssh_keys import is_by, new_key, signers

ROOT = Path(__file__).resolve().parents[5]
SCHEMA = json.loads((ROOT / "roles/change_evidence/files/evidence.schema.json").read_text(encoding="utf-8"))
BEFORE = {"from": "2026-11-23T07:00:00Z", "to": "2026-11-23T08:00:00Z"}
AFTER = {"from": "2026-11-23T09:30:00Z", "to": "2026-11-23T10:30:00Z"}
LATER = (AFTER["from"], AFTER["to"])
SINGAPORE = 3


class World(t.NamedTuple):
    """Runs the task, by default for the web shop, with changes. ``report`` also gives the document it wrote."""

    sim: Simulator
    clock: SharedClock
    dir: Path
    warnings: list[str]
    told: list[str]

    def params(self, **changes: t.Any) -> dict[str, t.Any]:
        params = {
            **self.connection(changes.pop("api_version", "v7")),
            "change_id": "CHG0031337",
            "start": "2026-11-23T09:00:00+01:00",
            "end": "2026-11-23T10:30:00+01:00",
            "before": BEFORE,
            "during": None,
            "after": AFTER,
            "snapshots": [],
            "layers": None,
            "thresholds": THRESHOLDS,
            "test_thresholds": [],
            "outage_minutes": 5.0,
            "outage_share": 0.5,
            "settle_minutes": 5.0,
            "must_see": {"percent": 100.0, "points": 25.0},
            "history_hours": 48.0,
            "history_days": 14.0,
            "history_exclude": [],
            "leave_out": [],
            "dir": str(self.dir),
            "sign_key": None,
            "timezone": None,
            "review_date": None,
            "about": {},
            "episodes": [],
            "watches": [],
        }
        assert set(changes) <= {*params, "tests"}
        if "tests" not in changes:
            params["tests"] = self.tests("19955", api_version=params["api_version"])
        return {**params, **changes}

    def connection(self, api_version: str) -> dict[str, t.Any]:
        return {
            "api_token": TOKEN,
            "api_email": None,
            "api_url": self.sim.url,
            "api_version": api_version,
            "validate_certs": True,
            "ca_path": None,
            "timeout": 60,
            "aid": None,
        }

    def tests(self, *test_ids: str, api_version: str = "v7") -> list[dict[str, t.Any]]:
        options = dict.fromkeys(("test_id", "name", "name_regex", "type", "enabled", "tag", "label"))
        params = {**self.connection(api_version), **options, "saved_events": "exclude", "tests": list(test_ids)}
        return test_info.run(params, self.context())["tests"]

    def context(self, check_mode: bool = False, diff_mode: bool = False) -> Context:
        by = {"playbook": "site.yml"}
        return Context(check_mode, diff_mode, self.clock, self.told.append, self.warnings.append, provenance=by)

    def run(self, check_mode: bool = False, diff_mode: bool = False, **changes: t.Any) -> dict[str, t.Any]:
        return task.run(self.params(**changes), self.context(check_mode, diff_mode))

    def report(self, **changes: t.Any) -> dict[str, t.Any]:
        document = json.loads(Path(self.run(**changes)["evidence"]["json"]).read_bytes())
        jsonschema.validate(document, SCHEMA)
        return document

    def verdicts(self, **changes: t.Any) -> dict[str, str]:
        """By layer and metric, of the first test."""
        layers = self.report(**changes)["tests"][0]["layers"]
        return {
            f"{layer['layer']} {metric['metric']}": metric["verdict"] for layer in layers for metric in layer["metrics"]
        }


@pytest.fixture
def world(sim: Simulator, clock: SharedClock, tmp_path: Path) -> World:
    sim.settings(results_rhythm=0, results_flaws=0)
    return World(sim, clock, tmp_path / "evidence", [], [])


@pytest.mark.parametrize("api_version", ["v6", "v7"])
def test_a_clean_change(world: World, api_version: str) -> None:
    assert world.verdicts(api_version=api_version) == {
        "network loss": "ok",
        "network latency": "ok",
        "network jitter": "ok",
        "http-server availability": "ok",
        "http-server response_time": "ok",
    }
    evidence = world.run(api_version=api_version)["evidence"]
    assert evidence["verdict"] == "ok"
    others = dict.fromkeys(("left_out", "degraded", "no_data", "transient", "inconclusive", "improved"), 0)
    assert evidence["counts"] == {"tests": 1, "ok": 1, **others}


@pytest.mark.slow
@pytest.mark.parametrize("api_version", ["v6", "v7"])
@pytest.mark.parametrize(
    ("how", "worse"),
    [
        ({"factor": {"responseTime": 1.5}}, {"http-server response_time"}),
        ({"factor": {"avgLatency": 1.5}}, {"network latency"}),
        ({"factor": {"jitter": 4}, "add": {"jitter": 3}}, {"network jitter"}),
        ({"add": {"loss": 4}}, {"network loss"}),
        ({"failed": 0.5, "layer": "http-server"}, {"http-server availability"}),
    ],
)
def test_degraded_in_one_metric(world: World, api_version: str, how: dict[str, t.Any], worse: set[str]) -> None:
    world.sim.degrade(19955, *LATER, **how)
    found = world.verdicts(api_version=api_version)
    assert {name for name, verdict in found.items() if verdict == "degraded"} == worse


def test_degraded_at_one_agent_only(world: World) -> None:
    world.sim.degrade(19955, *LATER, agents=[SINGAPORE], factor={"responseTime": 1.4})
    document = world.report()
    (metric,) = (
        row for layer in document["tests"][0]["layers"] for row in layer["metrics"] if row["metric"] == "response_time"
    )
    assert {row["agent_name"]: row["verdict"] for row in metric["agents"]} == {
        "London": "ok",
        "Singapore": "degraded",
        "branch-muc-01": "ok",
        "dc-ams-edge": "ok",
        "São Paulo": "ok",
    }
    assert document["verdict"] == "degraded"


def test_improved(world: World) -> None:
    world.sim.degrade(19955, BEFORE["from"], BEFORE["to"], factor={"responseTime": 1.5})
    assert world.verdicts()["http-server response_time"] == "improved"
    assert world.run()["evidence"]["verdict"] == "improved"


@pytest.mark.parametrize("window", [BEFORE, AFTER])
def test_no_data_in_one_window(world: World, window: dict[str, str]) -> None:
    world.sim.degrade(19955, window["from"], window["to"], missing=1)
    assert set(world.verdicts().values()) == {"no_data"}


def test_one_agent_without_data_after(world: World) -> None:
    world.sim.degrade(19955, *LATER, agents=[SINGAPORE], missing=1)
    assert set(world.verdicts().values()) == {"no_data"}
    assert world.run()["evidence"]["tests"][0]["reason"].startswith("Packet loss: Singapore: nothing was measured")


def test_a_test_deleted_in_between(world: World) -> None:
    tests = world.tests("19955", "20005")
    world.sim.remove_test(20005)
    gone = {"test_id": "4711", "test_name": "Old", "gone": True}
    nameless = {"test_id": None, "test_name": "Older", "gone": True}
    document = world.report(tests=[*tests, gone, nameless])
    assert [(test["test_id"], test["state"], test["verdict"]) for test in document["tests"]] == [
        ("19955", "present", "ok"),
        ("20005", "present", "no_data"),
        ("4711", "gone", "no_data"),
        (None, "gone", "no_data"),
    ]
    assert "Not there any more: Old (4711), Older." in document["warnings"]


def test_a_disabled_test_and_one_without_results_to_compare(world: World) -> None:
    document = world.report(tests=world.tests("20030", "20004"))
    assert {test["test_id"]: (test["state"], test["verdict"]) for test in document["tests"]} == {
        "20030": ("disabled", "no_data"),
        "20004": ("present", "no_data"),
    }


def test_a_trouble_of_one_test_does_not_lose_the_others(world: World) -> None:
    world.sim.fault(match={"path": "/20005/network"}, status=200, body={"results": "none"})
    world.sim.fault(match={"path": "/20002/network"}, status=403, body={})
    document = world.report(tests=world.tests("20005", "20002", "19955"))
    assert {test["test_id"]: test["verdict"] for test in document["tests"]} == {
        "20005": "no_data",
        "20002": "no_data",
        "19955": "ok",
    }


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 401, "body": {}}, Unauthorized),
        ({"drop": "reset"}, Unreachable),
    ],
)
def test_where_all_would_fail_nothing_is_written(
    world: World, fault: dict[str, t.Any], error: type[ThousandEyesError]
) -> None:
    evidence = world.run()["evidence"]
    old = {path.name: path.read_bytes() for path in Path(evidence["dir"]).iterdir()}
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    world.sim.fault(match={"path": "/19955/http-server"}, times=0, **fault)
    with pytest.raises(error):
        world.run(tests=[{"test_id": "19955", "layers": ["network", "http-server"]}])
    assert {path.name: path.read_bytes() for path in Path(evidence["dir"]).iterdir()} == old


def test_a_round_that_starts_when_the_window_ends_is_not_in_it(world: World) -> None:
    world.sim.degrade(19955, AFTER["to"], "2026-11-23T11:00:00Z", factor={"responseTime": 9})
    document = world.report()
    for layer in document["tests"][0]["layers"]:
        for metric in layer["metrics"]:
            assert (metric["before"]["count"], metric["after"]["count"]) == (60, 60)
            assert metric["before"]["missing"] == metric["after"]["missing"] == 0
    assert document["verdict"] == "ok"


def test_both_windows_in_one_request_where_they_are_close(world: World) -> None:
    tests = world.tests("19955")
    world.sim.clear_requests()
    world.run(tests=tests)
    assert len(world.sim.requests()) == 2
    far = {"from": "2026-11-20T07:00:00Z", "to": "2026-11-20T08:00:00Z"}
    world.sim.clear_requests()
    world.run(tests=tests, before=far, start="2026-11-20T08:00:00Z")
    asked = [request["query"] for request in world.sim.requests()]
    assert len(asked) == 4
    assert not any("2026-11-20" in str(query) and "2026-11-23" in str(query) for query in asked)


def test_a_report_over_many_pages_is_the_same(world: World) -> None:
    tests = world.tests("19955")
    whole = world.report(tests=tests)
    for size in (1, 7, 60):
        world.sim.settings(results_page_size=size, rate_limit=None)
        assert world.report(tests=tests)["tests"] == whole["tests"]


@pytest.mark.parametrize("api_version", ["v6", "v7"])
def test_the_dns_layer_is_compared_by_agent_and_server(world: World, api_version: str) -> None:
    world.sim.degrade(20005, *LATER, agents=[SINGAPORE], layer="dns-server", factor={"resolutionTime": 2})
    document = world.report(tests=world.tests("20005", api_version=api_version), layers=["dns-server"])
    (layer,) = document["tests"][0]["layers"]
    (metric,) = layer["metrics"]
    assert len(metric["agents"]) == 10
    assert {row["server"] for row in metric["agents"]} == {"ns1.example.com.", "ns2.example.com."}
    assert {row["agent_name"] for row in metric["agents"] if row["verdict"] == "degraded"} == {"Singapore"}


def test_the_thresholds_are_taken(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    lax = {**THRESHOLDS, "response_time_percent": 60.0}
    assert world.verdicts(thresholds=lax)["http-server response_time"] == "ok"
    document = world.report(thresholds=lax)
    assert document["method"]["thresholds"]["response_time_percent"] == 60
    for value in (-1.0, math.nan, math.inf):
        with pytest.raises(InvalidRequest, match="response_time_ms"):
            world.run(thresholds={**THRESHOLDS, "response_time_ms": value})


def test_local_times_as_written_and_of_a_zone_that_changes_in_the_window(world: World) -> None:
    windows = world.report()["windows"]
    assert windows["before"]["from_local"] == "2026-11-23T08:00:00+01:00"
    # In Berlin, 3 o'clock became 2 o'clock at 01:00 UTC on that day.
    document = world.report(
        timezone="Europe/Berlin",
        start="2026-10-25 00:30:00",
        end="2026-10-25 01:30:00",
        before={"from": "2026-10-24T23:30:00Z", "to": "2026-10-25T00:30:00Z"},
        during={"from": "2026-10-25T00:30:00Z", "to": "2026-10-25T01:30:00Z"},
        after={"from": "2026-10-25T01:30:00Z", "to": "2026-10-25T02:30:00Z"},
    )
    assert document["windows"]["during"] == {
        "from": "2026-10-25T00:30:00Z",
        "to": "2026-10-25T01:30:00Z",
        "hours": 1,
        "from_local": "2026-10-25T02:30:00+02:00",
        "to_local": "2026-10-25T02:30:00+01:00",
    }
    assert document["change"]["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone: 'Mars/Olympus' is not known"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"start": "now"}, "start: cannot read 'now' as a time"),
        ({"end": "2026-11-23T06:00:00Z"}, "before its start"),
        ({"before": {"from": BEFORE["from"]}}, "before: give a mapping with from and to"),
        ({"after": {"from": AFTER["from"], "to": "2026-11-23T12:00:01Z"}}, "after: to: .* is not over yet"),
        ({"before": AFTER, "after": BEFORE}, "before, after: the window before the change does not end"),
        ({"tests": []}, "tests: the list is empty"),
        ({"tests": [{"test_name": "Web shop"}]}, "tests: give them as"),
        ({"tests": [{"test_id": "x"}]}, "tests: 'x' is not an id"),
        ({"snapshots": [{"test_id": "19955"}]}, "snapshots: give them as"),
        ({"review_date": "soon"}, "review_date: cannot read 'soon' as a time"),
        ({"change_id": " "}, "change_id: ' ' is empty"),
    ],
)
def test_wrong_options_fail_before_any_request(world: World, changes: dict[str, t.Any], words: str) -> None:
    params = world.params(**changes)
    world.sim.clear_requests()
    with pytest.raises(InvalidRequest, match=words):
        task.run(params, world.context())
    assert world.sim.requests() == []
    assert not world.dir.exists()


def test_a_second_report_of_the_same_changes_nothing(world: World) -> None:
    first = world.run(diff_mode=True)
    assert first["changed"]
    assert "CHG0031337" in first["diff"]["after"]
    files = {path: path.stat().st_mtime_ns for path in Path(first["evidence"]["dir"]).iterdir()}
    world.clock.sleep(3600)
    second = world.run(diff_mode=True)
    assert not second["changed"]
    assert "diff" not in second
    assert {path: path.stat().st_mtime_ns for path in Path(first["evidence"]["dir"]).iterdir()} == files


def test_check_mode_judges_and_writes_nothing(world: World) -> None:
    planned = world.run(check_mode=True, diff_mode=True)
    assert planned["changed"]
    assert planned["evidence"]["verdict"] == "ok"
    assert not world.dir.exists()
    world.run()
    assert not world.run(check_mode=True)["changed"]


def test_a_different_report_keeps_the_previous_one(world: World) -> None:
    first = world.run()["evidence"]
    old = Path(first["json"]).read_bytes()
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    second = world.run()
    assert second["changed"]
    assert second["evidence"]["verdict"] == "degraded"
    assert (Path(second["evidence"]["previous"]) / "evidence.json").read_bytes() == old


def test_an_unwritable_place_is_a_failure_of_its_own(world: World) -> None:
    world.dir.write_text("in the way")
    with pytest.raises(ReportUnwritable):
        world.run()


LINK = "https://app.thousandeyes.com/view/tests/?testId="


def known_snapshot(**fields: t.Any) -> dict[str, t.Any]:
    """As snapshot_info tells it, of the web shop before the change."""
    return {
        **dict.fromkeys(("link_id", "view_url", "app_url", "share_date", "expires_at", "aid", "test_name")),
        "snapshot_test_id": None,
        "display_name": "CHG0031337 before",
        "test_id": "19955",
        **BEFORE,
        "is_public": False,
        "state": "created",
        "superseded": False,
        "in_ledger": True,
        "api_host": "here",
        **fields,
    }


def test_the_snapshots_of_the_windows(world: World) -> None:
    sent = [
        known_snapshot(view_url=f"{LINK}1", share_date="2026-11-23T08:00:00Z", expires_at="2026-12-23T08:00:00Z"),
        known_snapshot(view_url=f"{LINK}2", superseded=True),
        known_snapshot(view_url=f"{LINK}3", is_public=True, expires_at="2026-11-20T08:00:00Z"),
        known_snapshot(view_url=f"{LINK}4", **AFTER, display_name="by hand"),
        known_snapshot(view_url=f"{LINK}5", test_id="817"),
        known_snapshot(view_url=f"{LINK}6", **{"from": "2026-11-23T06:00:00Z"}),
        known_snapshot(view_url=f"{LINK}7", test_id=None, in_ledger=False, **dict.fromkeys(BEFORE)),
        known_snapshot(view_url=f"{LINK}9", api_host="elsewhere"),
        known_snapshot(view_url=f"{LINK}8", test_id=None, display_name="CHG1 before", **dict.fromkeys(BEFORE)),
    ]
    host = world.sim.url.partition("//")[2]
    sent = [{**row, "api_host": host} if row["api_host"] == "here" else row for row in sent]
    document = world.report(snapshots=sent, review_date="2027-01-01T00:00:00Z")
    shown = document["tests"][0]["snapshots"]
    assert {row["view_url"]: (row["phase"], row["expired"]) for row in shown} == {
        f"{LINK}1": ("before", False),
        f"{LINK}3": ("before", True),
        f"{LINK}4": ("after", None),
    }
    assert [row["view_url"] for row in document["other_snapshots"]] == [f"{LINK}7"]
    assert document["warnings"] == [
        "Saved events titled CHG0031337 before whose test the API does not name: 1. Look at them under Other "
        "snapshots: somebody else may have used this change id, or 1 may be of tests that are gone and not in this "
        "report.",
        "1 of 3 snapshots have expired. The measurements in the report remain.",
        "1 of 3 snapshots are share links, which anyone who has the link can view.",
        "2 of 3 snapshots expire before the review on 2027-01-01T00:00:00Z, the first on 2026-11-20T08:00:00Z.",
    ]
    assert world.warnings == document["warnings"]


def test_what_is_not_there_or_not_accounted_for_is_warned_of(world: World) -> None:
    host = world.sim.url.partition("//")[2]
    after = known_snapshot(test_id=None, display_name="CHG0031337 after", **dict.fromkeys(BEFORE))
    sent = [known_snapshot(state="unknown", is_public=True), after, {**after, "view_url": f"{LINK}4"}]
    warnings = world.report(snapshots=[{**row, "api_host": host} for row in sent])["warnings"]
    assert warnings == [
        "1 of 1 tests have no known snapshot of the window before.",
        "1 of 1 tests have no known snapshot of the window after.",
        "Saved events titled CHG0031337 after whose test the API does not name: 2. Look at them under Other "
        "snapshots: somebody else may have used this change id, or 1 may be of tests that are gone and not in this "
        "report.",
        "It is not known whether 1 more snapshots exist, which were asked for.",
    ]


def test_what_snapshot_info_returns_is_taken(world: World) -> None:
    options = dict.fromkeys(
        (
            "display_name",
            "display_name_regex",
            "test_id",
            "from",
            "to",
            "is_public",
            "expired",
            "expires_within",
            "state",
        )
    )
    params = {**world.connection("v7"), **options, "ledger": str(world.dir / "ledger"), "saved_events": True}
    found = snapshot_info.run(params, world.context())["snapshots"]
    assert found, "the simulator's own saved event"
    world.report(snapshots=found)


def test_old_results_are_said_to_be_old(world: World) -> None:
    world.clock.sleep(31 * 86400)
    assert "The window before the change begins 31 days ago." in " ".join(world.report()["warnings"])


def test_who_made_it(world: World) -> None:
    made = world.report()["made"]
    assert made == {
        "at": "2026-11-23T12:00:00Z",
        "by": {"playbook": "site.yml"},
        "collection": "0.1.0",
        "api_version": "v7",
        "api_url": world.sim.url,
        "aid": None,
    }
    assert TOKEN not in Path(world.run()["evidence"]["html"]).read_text(encoding="utf-8")


def test_hostile_names(world: World) -> None:
    names = [
        "<script>alert(1)</script>",
        "{{ lookup('pipe', 'id') }}",
        "../../etc/passwd",
        "a\nb\r\x00c",
        "\ud800",
        "x" * 5000,
    ]
    tests = [
        {**world.tests("19955")[0], "test_id": str(5000 + number), "test_name": name}
        for number, name in enumerate(names)
    ]
    for test in tests:
        world.sim.add_test(test_id=int(test["test_id"]), name="Plain", target="https://world.example.com/")
    evidence = world.run(tests=tests, change_id="../CHG <b>{{ 1 }}\n")["evidence"]
    assert Path(evidence["dir"]).parent == world.dir
    jsonschema.validate(json.loads(Path(evidence["json"]).read_bytes()), SCHEMA)
    assert "<script>" not in Path(evidence["html"]).read_text(encoding="utf-8")
    assert len(Path(evidence["markdown"]).read_text(encoding="utf-8")) < 4000


def test_progress_is_told_once_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 100000, 25))
    monkeypatch.setattr(world.clock, "now", lambda: 1795435200.0 + next(ticks))
    world.run(tests=[{"test_id": str(number), "gone": True} for number in range(1, 10)])
    assert world.told
    assert all(text.endswith("of 9 tests judged") for text in world.told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quantity", "layers"),
    [
        (None, ["network", "http-server", "page-load"]),
        ("avgLatency", ["network"]),
        ("responseTime", ["http-server"]),
        ("pageLoadTime", ["page-load"]),
    ],
)
def test_two_hundred_seeds(world: World, quantity: str | None, layers: list[str]) -> None:
    """Flat and very noisy: nobody is alarmed. Noisy, and by 20 percent worse: nearly everybody is."""
    world.sim.settings(results_noise=3 if quantity is None else 1.5, rate_limit=None)
    world.sim.add_tests([{"test_id": 1000 + seed, "name": f"Seed {seed}", "type": "page-load"} for seed in range(200)])
    windows = Windows(*(resolve_span(window["from"], window["to"], None, math.inf) for window in (BEFORE, AFTER)))
    if quantity is not None:
        for seed in range(200):
            world.sim.degrade(1000 + seed, *LATER, factor={quantity: 1.2})
    api = open_api(Connection.from_params(world.connection("v7")), world.clock)
    verdicts: Counter[str] = Counter()
    for seed in range(200):
        read = {layer: read_layer(api, str(1000 + seed), layer, windows, None) for layer in layers}
        span = Span(3600, 3600, 300, 5400, 300)
        row = judge_test({}, read, span, Settings())
        if quantity is None and wants_history(row):
            read_of = [
                read_past(api, str(1000 + seed), layer, part, windows, None)
                for layer in layers
                for part in windows.history(Reach())
            ]
            row = judge_test({}, read, span, Settings(), past_of(read_of, windows, Reach()))
        verdicts[row["verdict"]] += 1
    api.close()
    if quantity is None:
        assert set(verdicts) <= {"ok", "inconclusive"} and verdicts["ok"] >= 196
    else:
        assert verdicts["degraded"] >= 190


# What could not be read


def stored(folder: str | Path) -> dict[str, bytes]:
    """The files of the report, and not of what is kept beside it."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file()}


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_the_api_says_of_one_test_is_no_data_with_the_reason(world: World, status: int) -> None:
    world.sim.fault(match={"path": "/20002/network"}, status=status, body={"errorMessage": "Not this one"})
    rows = world.run(tests=world.tests("19955", "20002"))["evidence"]["tests"]
    assert [row["verdict"] for row in rows] == ["ok", "no_data"]
    assert f"the API answered {status}: Not this one" in rows[1]["reason"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_by_a_proxy_says_nothing_of_the_test(world: World, status: int) -> None:
    """It may as well refuse all that is read, and so there is no report."""
    refusal = {"status": status, "body": "<html>Filtered</html>", "content_type": "text/html"}
    world.sim.fault(match={"path": "/20002/network"}, **refusal)
    with pytest.raises(UnexpectedResponse) as failed:
        world.run(tests=world.tests("19955", "20002"))
    assert failed.value.status == status
    assert not (world.dir / "CHG0031337" / "evidence.json").exists()


@pytest.mark.parametrize("status", [200, 408, 500, 502, 503, 504])
def test_one_answer_of_a_gateway_is_passed_over(world: World, status: int) -> None:
    world.sim.fault(match={"path": "/19955/network"}, status=status, body="<html>")
    assert world.run()["evidence"]["verdict"] == "ok"


@pytest.mark.parametrize(
    "fault",
    [
        *({"status": status} for status in (408, 429, 500, 503, 504)),
        {"status": 200, "body": "<html>", "content_type": "text/html"},
        {"drop": "close"},
    ],
)
@pytest.mark.parametrize("exists", [False, True])
def test_where_it_could_not_be_read_there_is_no_report(world: World, fault: dict[str, t.Any], exists: bool) -> None:
    tests = world.tests("19955", "20002", "20005")
    folder = world.dir / "CHG0031337"
    old = stored(world.run(tests=tests)["evidence"]["dir"]) if exists else {}
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    world.sim.fault(match={"path": "/20002/"}, times=0, **{"body": {}, **fault})
    with pytest.raises(ThousandEyesError) as failed:
        world.run(tests=tests)
    assert failed.value.code in ("unexpected_response", "rate_limited", "unreachable")
    assert f"1 of 3 tests, is in {folder}/incomplete." in failed.value.message
    assert failed.value.details["incomplete"] == str(folder / "incomplete")
    assert {name: text for name, text in stored(folder).items() if name != ".lock"} == {
        name: text for name, text in old.items() if name != ".lock"
    }
    document = json.loads((folder / "incomplete" / "evidence.json").read_bytes())
    jsonschema.validate(document, SCHEMA)
    assert document["incomplete"].startswith("Reading failed after 1 of 3 tests")
    assert [row["verdict"] for row in document["tests"]] == ["degraded", "no_data", "no_data"]
    assert "20002" in document["tests"][1]["reason"]
    assert "INCOMPLETE" in (folder / "incomplete" / "evidence.md").read_text(encoding="utf-8")
    assert "Incomplete." in (folder / "incomplete" / "evidence.html").read_text(encoding="utf-8")
    world.sim.clear_faults()
    evidence = world.run(tests=tests)["evidence"]
    assert (evidence["verdict"], evidence["incomplete"]) == ("degraded", None)
    assert not (folder / "incomplete").exists()


def test_where_nothing_was_read_nothing_is_written(world: World) -> None:
    world.sim.fault(match={"path": "/19955/"}, times=0, drop="reset")
    with pytest.raises(Unreachable) as failed:
        world.run()
    assert failed.value.message.endswith("No report was written. If there was one before, it is as it was.")
    assert not world.dir.exists()


def test_check_mode_writes_nothing_incomplete(world: World) -> None:
    tests = world.tests("19955", "20002")
    world.sim.fault(match={"path": "/20002/"}, times=0, drop="reset")
    with pytest.raises(Unreachable):
        world.run(tests=tests, check_mode=True)
    assert not world.dir.exists()


def test_what_was_read_that_cannot_be_written_either(world: World) -> None:
    tests = world.tests("19955", "20002")
    world.sim.fault(match={"path": "/20002/"}, times=0, drop="reset")
    world.dir.write_text("in the way")
    with pytest.raises(Unreachable) as failed:
        world.run(tests=tests)
    assert "is lost: The report cannot be written" in failed.value.message


LOSSES: list[tuple[str, t.Callable[[World], t.Any]]] = [
    ("denied", lambda world: world.sim.fault(match={"path": "/19955/"}, times=0, status=403, body={})),
    (
        "one layer denied",
        lambda world: world.sim.fault(match={"path": "/19955/http-server"}, times=0, status=404, body={}),
    ),
    ("all is gone", lambda world: world.sim.degrade(19955, BEFORE["from"], AFTER["to"], missing=1)),
    (
        "most of one window is gone",
        lambda world: world.sim.degrade(19955, BEFORE["from"], "2026-11-23T07:50:00Z", missing=1),
    ),
]


@pytest.mark.parametrize("lose", [case[1] for case in LOSSES], ids=[case[0] for case in LOSSES])
def test_a_good_report_is_not_replaced_by_less(world: World, lose: t.Callable[[World], t.Any]) -> None:
    tests = world.tests("19955", "20005")
    first = world.run(tests=tests)["evidence"]
    old = stored(first["dir"])
    lose(world)
    world.clock.sleep(3600)
    planned = world.run(tests=tests, check_mode=True)
    assert (planned["changed"], planned["evidence"]["verdict"], planned["evidence"]["incomplete"]) == (
        False,
        "ok",
        None,
    )
    assert not (Path(first["dir"]) / "incomplete").exists()
    for _time in range(2):
        world.warnings.clear()
        again = world.run(tests=tests)
        assert not again["changed"]
        assert stored(first["dir"]) == old
        evidence = again["evidence"]
        assert (evidence["verdict"], evidence["counts"], evidence["tests"]) == (
            first["verdict"],
            first["counts"],
            first["tests"],
        )
        incomplete = Path(evidence["incomplete"])
        assert incomplete == Path(first["dir"]) / "incomplete"
        document = json.loads((incomplete / "evidence.json").read_bytes())
        jsonschema.validate(document, SCHEMA)
        assert {row["test_id"]: row["verdict"] for row in document["tests"]} == {"19955": "no_data", "20005": "ok"}
        (warning,) = [text for text in world.warnings if "2026-11-23T12:00:00Z" in text]
        assert "Web shop (19955), network and http-server" in warning
        assert str(incomplete) in warning
        assert evidence["warnings"][0] == warning
    world.sim.clear_faults()
    world.sim.clear_degradations()
    assert world.run(tests=tests)["evidence"]["incomplete"] is None
    assert not incomplete.exists()


def test_a_test_that_is_gone_leaves_the_report_of_it(world: World) -> None:
    world.run()
    again = world.run(tests=[{"test_id": "19955", "test_name": "Web shop", "gone": True}])
    assert (again["changed"], again["evidence"]["verdict"]) == (False, "ok")


def test_a_report_that_stays_does_not_hide_what_is_worse(world: World) -> None:
    tests = world.tests("19955", "20002")
    folder = world.dir / "CHG0031337"
    old = stored(world.run(tests=tests)["evidence"]["dir"])
    world.sim.fault(match={"path": "/19955/"}, times=0, status=403, body={})
    world.sim.degrade(20002, *LATER, factor={"avgLatency": 3})
    with pytest.raises(ThousandEyesError) as failed:
        world.run(tests=tests)
    assert failed.value.code == "report_kept"
    assert failed.value.details == {"dir": str(folder), "incomplete": str(folder / "incomplete")}
    assert "(20002). Compare the two." in failed.value.message
    assert stored(folder) == old


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": ["http-server"]},
        {"tests": [{"test_id": "20002", "layers": ["network"]}]},
        {"before": {"from": "2026-11-23T06:30:00Z", "to": "2026-11-23T07:30:00Z"}},
    ],
)
def test_what_was_not_asked_for_is_not_lost(world: World, changes: dict[str, t.Any]) -> None:
    world.run()
    world.sim.fault(match={"path": "/19955/network"}, times=0, status=403, body={})
    again = world.run(**changes)
    assert again["changed"]
    assert again["evidence"]["previous"] is not None


def test_more_measurements_that_give_no_verdict_replace_a_good_report(world: World) -> None:
    """An agent delivers late, and only of the window before."""
    world.sim.degrade(19955, BEFORE["from"], AFTER["to"], agents=[SINGAPORE], missing=1)
    assert world.run()["evidence"]["verdict"] == "ok"
    world.sim.clear_degradations()
    world.sim.degrade(19955, *LATER, agents=[SINGAPORE], missing=1)
    again = world.run()
    assert (again["changed"], again["evidence"]["verdict"]) == (True, "no_data")


def in_windows(world: World, before: dict[str, t.Any], after: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Snapshots of the web shop, of the windows before and after."""
    common = {"api_host": world.sim.url.partition("//")[2]}
    return [known_snapshot(**common, **before), known_snapshot(**common, **{**AFTER, **after})]


def test_two_windows_with_one_link_are_warned_of(world: World) -> None:
    """As they were where appLink bore the id of the source test."""
    one = {"view_url": f"{LINK}19955"}
    windows = "before of Web shop (19955), after of Web shop (19955)"
    words = f"2 snapshots have one link, which opens one of them at most: {windows}."
    assert words in world.report(snapshots=in_windows(world, one, one))["warnings"]
    again = [*in_windows(world, one, {"view_url": f"{LINK}2"}), *in_windows(world, one, {"view_url": f"{LINK}2"})]
    for sent in (again, in_windows(world, {}, {})):
        assert not any("one link" in warning for warning in world.report(snapshots=sent)["warnings"])


def test_links_of_others_are_in_no_file(world: World) -> None:
    hostile = {
        "view_url": "https://attacker.example/",
        "view_url_source": "answer",
        "app_url": "javascript:alert('attacker')",
        "link_id": "attacker.example/#",
        "snapshot_test_id": "1 attacker",
    }
    result = world.run(snapshots=in_windows(world, hostile, {"view_url": f"{LINK}2"}))
    assert "Links that do not belong to the API, and so are not shown: 3." in world.warnings
    names = ("view_url", "view_url_source", "app_url", "link_id", "snapshot_test_id")
    assert {result["evidence"]["links"][0][name] for name in names} == {None}
    for name in ("json", "html", "markdown"):
        assert "attacker" not in Path(result["evidence"][name]).read_text(encoding="utf-8")
    assert "attacker" not in json.dumps([result, world.warnings])


def test_beside_a_link_is_what_the_snapshot_is_found_by(world: World) -> None:
    told = {"view_url": f"{LINK}58856", "view_url_source": "answer", "snapshot_test_id": "58856", "link_id": "wdiac"}
    built = {"view_url": f"{LINK}58857", "view_url_source": "inferred", "snapshot_test_id": "58857"}
    built.update(app_url=f"{LINK}19955", display_name="CHG0031337 after")
    evidence = world.run(snapshots=in_windows(world, told, built))["evidence"]
    text = Path(evidence["markdown"]).read_text(encoding="utf-8")
    assert f", before: <{LINK}58856> (own test 58856, link id wdiac, expiry not known)" in text
    assert f", after: <{LINK}58857> (own test 58857, link inferred from its ids, expiry" in text
    assert "19955>" not in text
    page = Path(evidence["html"]).read_text(encoding="utf-8")
    assert "<small>own test 58856, link id wdiac</small>" in page
    assert "<small>own test 58857, link inferred from its ids</small>" in page
    assert page.count("CHG0031337 before</bdi>") == page.count("CHG0031337 after</bdi>") == 1
    shown = f'<a class="out" href="{LINK}19955" rel="noopener noreferrer">The test in the application</a>'
    assert page.count("The test in the application") == page.count(shown) == 1
    assert [(row["link_id"], row["snapshot_test_id"], row["app_url"]) for row in evidence["links"]] == [
        ("wdiac", "58856", None),
        (None, "58857", f"{LINK}19955"),
    ]


def test_a_contradicted_visibility_is_warned_of(world: World) -> None:
    told = in_windows(world, {"view_url": f"{LINK}1", "visibility": "contradicted"}, {"view_url": f"{LINK}2"})
    document = world.report(snapshots=told)
    assert [row["visibility"] for row in document["tests"][0]["snapshots"]] == ["contradicted", None]
    [warning] = [text for text in document["warnings"] if "visibility" in text]
    assert "1 of 2 snapshots" in warning and "1 of these were to be private: ANYONE" in warning


def test_what_check_mode_would_have_created_is_not_lacking(world: World) -> None:
    """The phases of a change, all in check mode and in one run."""
    window = {"from": BEFORE["from"], "to": BEFORE["to"]}
    planned = [{"test_id": test_id, "status": "planned", **window} for test_id in ("19955", "20002")]
    params = world.params(tests=world.tests("19955", "20002", "20005"))
    context = world.context(check_mode=True)._replace(earlier=planned)
    warnings = task.run(params, context)["evidence"]["warnings"]
    assert [text for text in warnings if "no known snapshot" in text] == [
        "1 of 3 tests have no known snapshot of the window before.",
        "3 of 3 tests have no known snapshot of the window after.",
    ]


def test_snapshots_as_an_earlier_version_returned_them_are_taken(world: World) -> None:
    """They do not say where the link is from."""
    sent = in_windows(world, {"view_url": f"{LINK}1"}, {"view_url": f"{LINK}2"})
    assert not any("view_url_source" in row for row in sent)
    rows = world.report(snapshots=sent)["tests"][0]["snapshots"]
    assert [(row["view_url"], row["view_url_source"]) for row in rows] == [(f"{LINK}1", None), (f"{LINK}2", None)]


# The history


def test_the_history_is_read_only_of_what_would_be_called_worse(world: World) -> None:
    tests = world.tests("19955", "20002")
    world.sim.clear_requests()
    world.run(tests=tests)
    usual = len(world.sim.requests())
    world.sim.degrade(19955, *LATER, layer="http-server", factor={"responseTime": 1.5})
    world.sim.clear_requests()
    document = world.report(tests=tests)
    assert document["verdict"] == "degraded"
    # Two days before, and the same hours a week before, of one layer of one test.
    for day in ("2026-11-21", "2026-11-16"):
        read = [request for request in world.sim.requests() if day in str(request["query"])]
        assert {request["path"].rpartition("/test-results/")[2] for request in read} == {"19955/http-server"}
    rows = {row["test_id"]: row["history"] for row in document["tests"]}
    assert rows["20002"] is None and rows["19955"]["enough"]
    world.sim.clear_requests()
    assert world.report(tests=tests, history_days=0.0)["tests"][0]["history"] is None
    assert len(world.sim.requests()) == usual


def test_tests_are_read_side_by_side_and_told_in_order(world: World) -> None:
    """All sessions together keep to the limit of 240 requests a minute."""
    ids = [str(1000 + number) for number in range(150)]
    world.sim.add_tests(
        [{"test_id": int(test_id), "name": f"Shop {test_id}", "type": "http-server"} for test_id in ids]
    )
    for test_id in ids[::50]:
        world.sim.degrade(int(test_id), *LATER, layer="network", factor={"avgLatency": 1.5})
    tests = world.tests(*ids)
    world.clock.sleep(60)
    world.sim.clear_requests()
    document = world.report(tests=tests)
    assert [row["test_id"] for row in document["tests"]] == ids
    assert [row["test_id"] for row in document["tests"] if row["verdict"] == "degraded"] == ids[::50]
    requests = world.sim.requests()
    assert {request["status"] for request in requests} == {200}
    # The windows of all, and then the history of those that are worse, none twice.
    assert len({(request["path"], str(request["query"])) for request in requests}) == len(requests)
    windows, history = (request_paths(requests[: 2 * len(ids)]), request_paths(requests[2 * len(ids) :]))
    assert windows == sorted({f"{test_id}/{layer}" for test_id in ids for layer in ("network", "http-server")})
    assert set(history) == {f"{test_id}/network" for test_id in ids[::50]}


def request_paths(requests: list[dict[str, t.Any]]) -> list[str]:
    return sorted(request["path"].rpartition("/test-results/")[2] for request in requests)


def test_where_no_history_can_be_read_what_was_read_before_is_kept(world: World) -> None:
    for test_id in (19955, 20002):
        world.sim.degrade(test_id, *LATER, layer="network", factor={"avgLatency": 1.5})
    world.sim.fault(match={"path": "/20002/network"}, skip=2, times=0, status=401, body={})
    with pytest.raises(ThousandEyesError) as failed:
        world.run(tests=world.tests("19955", "20002", "20005"))
    assert failed.value.status == 401
    document = json.loads(Path(failed.value.details["incomplete"], "evidence.json").read_bytes())
    rows = document["tests"]
    assert [row["verdict"] for row in rows] == ["degraded", "degraded", "ok"]
    assert rows[0]["history"]["enough"] and rows[1]["history"] is None
    assert ["without it" in str(row["warnings"]) for row in rows] == [False, True, False]


def usual_rise(world: World) -> None:
    """As slow as after the change it was a day before, too."""
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    world.sim.degrade(19955, "2026-11-22T09:30:00Z", "2026-11-22T10:30:00Z", factor={"responseTime": 1.5})


def test_what_is_usual_is_inconclusive(world: World) -> None:
    usual_rise(world)
    row = world.report()["tests"][0]
    assert row["verdict"] == "inconclusive"
    assert "A difference as large came 1 time in" in row["reason"] and "without this change" in row["reason"]


@pytest.mark.parametrize("known", ["excluded", "another change", "an earlier attempt"])
def test_a_failed_attempt_does_not_hide_the_next_one(world: World, known: str) -> None:
    usual_rise(world)
    attempt = {
        "start": "2026-11-22T09:00:00+01:00",
        "end": "2026-11-22T10:30:00+01:00",
        "before": {"from": "2026-11-22T07:00:00Z", "to": "2026-11-22T08:00:00Z"},
        "after": {"from": "2026-11-22T09:30:00Z", "to": "2026-11-22T10:30:00Z"},
    }
    exclude = []
    if known == "excluded":
        exclude = [{"from": "2026-11-22T09:00:00Z", "to": "2026-11-22T11:00:00Z"}]
    else:
        world.run(**attempt, change_id="CHG0031337" if known == "an earlier attempt" else "CHG1")
    assert world.report(history_exclude=exclude)["verdict"] == "degraded"


def test_reports_from_before_the_history_are_not_read(world: World) -> None:
    """There may be thousands. Nothing can be seen of it but this: what is in such a file does not count."""
    usual_rise(world)
    folder = Path(world.run(change_id="CHG1")["evidence"]["json"]).parent
    document = json.loads((folder / "evidence.json").read_bytes())
    document["change"]["start"], document["windows"]["after"]["to"] = "2026-11-01T00:00:00Z", "2026-11-23T07:00:00Z"
    (folder / "evidence.json").write_text(json.dumps(document), encoding="utf-8")
    assert world.report()["verdict"] == "degraded"
    os.utime(folder / "evidence.json", (0, 0))
    assert world.report()["verdict"] == "inconclusive"


def test_a_report_of_few_measurements_says_so(world: World) -> None:
    world.sim.degrade(19955, BEFORE["from"], AFTER["to"], missing=0.5)
    result = world.run()
    document = json.loads(Path(result["evidence"]["json"]).read_bytes())
    [network] = [layer for layer in document["tests"][0]["layers"] if layer["layer"] == "network"]
    loss = {side: network["metrics"][0][side] for side in ("before", "after")}
    due = {side: there["missing"] + there["count"] for side, there in loss.items()}
    assert due == {"before": 60, "after": 60} and all(there["missing"] > 12 for there in loss.values())
    told = " and ".join(f"{there['missing']} of {due[side]} {side}" for side, there in loss.items())
    assert f"Web shop (19955): Network measurements are missing: {told}." in document["warnings"]


def test_a_report_in_place_of_one_that_is_odd(world: World) -> None:
    folder = Path(world.run()["evidence"]["html"]).parent
    (folder / "evidence.html").write_text("Ok!", encoding="utf-8")
    world.warnings.clear()
    previous = world.run()["evidence"]["previous"]
    told = f"The report that was there is not as it was written, in evidence.html. It is kept in {previous}."
    assert told in world.warnings
    (folder / "SHA256SUMS.sig").write_text("by somebody", encoding="utf-8")
    world.warnings.clear()
    window = {"from": "2026-11-22T07:00:00Z", "to": "2026-11-22T08:00:00Z"}
    after = {"from": "2026-11-22T09:30:00Z", "to": "2026-11-22T10:30:00Z"}
    times = {"start": "2026-11-22T09:00:00+01:00", "end": "2026-11-22T10:30:00+01:00"}
    previous = world.run(**times, before=window, after=after)["evidence"]["previous"]
    assert f"The report that was there is signed, and this one is not. It is kept in {previous}." in world.warnings
    [told] = [text for text in world.warnings if "of other times" in text]
    assert told.startswith(
        "The report that was there is of other times: 2026-11-23 08:00 to 09:30 UTC. Is the start right?"
    )


def test_what_a_type_measures_itself_is_not_read(world: World) -> None:
    result = world.run(tests=world.tests("20003", "19955"))
    document = json.loads(Path(result["evidence"]["json"]).read_bytes())
    told = "Compared by Network only, since the results of these types are not read: Orders API (20003), api."
    assert [text for text in document["warnings"] if text.startswith("Compared")] == [told]
    text = Path(result["evidence"]["text"]).read_text(encoding="utf-8")
    assert "\nOk (2)\n" in text and "\n- Web shop: Packet loss " in text and ", Response time " in text


def test_a_smooth_day_does_not_hide_what_is_larger_than_all_of_it(world: World) -> None:
    """The simulator's days have a rhythm. Half of their differences are large, and none is as large as this."""
    world.sim.settings(results_rhythm=1)
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.6})
    assert world.verdicts()["http-server response_time"] == "degraded"


def test_without_enough_history_the_report_says_so(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    everything = [{"from": "2026-11-01T00:00:00Z", "to": "2026-11-23T07:00:00Z"}]
    result = world.run(history_exclude=everything)["evidence"]
    document = json.loads(Path(result["json"]).read_bytes())
    assert (document["verdict"], document["tests"][0]["history"]["enough"]) == ("degraded", False)
    assert "it says nothing" in Path(result["html"]).read_text(encoding="utf-8")


def test_a_history_that_the_api_refuses_is_warned_of(world: World) -> None:
    world.sim.degrade(19955, *LATER, factor={"responseTime": 1.5})
    tests = [{"test_id": "19955", "layers": ["http-server"], "interval": 300}]
    world.sim.fault(match={"path": "/19955/http-server"}, skip=1, times=0, status=400, body={"errorMessage": "Too old"})
    document = world.report(tests=tests)
    assert document["verdict"] == "degraded"
    assert any("The history could not be read" in warning for warning in document["warnings"])


# What has no say


def test_what_is_left_out_has_no_say_and_is_shown_with_the_reason(world: World) -> None:
    world.sim.degrade(19955, *LATER, agents=[SINGAPORE], factor={"responseTime": 1.6})
    for entry in (
        {"test": "19955", "agent": None, "metric": None},
        {"test": None, "agent": "Singapore", "metric": None},
        {"test": "Web shop", "agent": "Singapore", "metric": "response_time"},
        {"test": None, "agent": None, "metric": "response_time"},
    ):
        tests = world.tests("19955", "20002")
        result = world.run(tests=tests, leave_out=[{**entry, "reason": "Known since CHG7"}])["evidence"]
        assert result["verdict"] == "ok", entry
        document = json.loads(Path(result["json"]).read_bytes())
        jsonschema.validate(document, SCHEMA)
        assert document["counts"]["left_out"] == (1 if entry["test"] == "19955" else 0)
        assert "Left out: Known since CHG7." in Path(result["html"]).read_text(encoding="utf-8")
    others = [{"test": "20002", "agent": "Singapore", "metric": None, "reason": "Another test"}]
    assert world.run(leave_out=others)["evidence"]["verdict"] == "degraded"


def test_thresholds_of_one_test(world: World) -> None:
    for test_id in (19955, 20002):
        world.sim.degrade(test_id, *LATER, factor={"avgLatency": 1.5})
    own = [{"test": "Web shop", **dict.fromkeys(THRESHOLDS), "latency_percent": 400.0, "response_time_percent": 400.0}]
    rows = world.run(tests=world.tests("19955", "20002"), test_thresholds=own)["evidence"]["tests"]
    assert [row["verdict"] for row in rows] == ["ok", "degraded"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outage_share": 2.0}, "outage_share: 2.0 is not in 0 to 1"),
        ({"settle_minutes": -1.0}, "settle_minutes: -1.0 is not in"),
        ({"must_see": {"percent": math.nan, "points": 25.0}}, "must_see: percent"),
        ({"history_days": 15.0}, "history_days: 15.0 is not in 0 to 14"),
        ({"history_exclude": [{"from": "soon", "to": "now"}]}, "history_exclude: from: cannot read"),
        ({"history_exclude": [{"from": LATER[1], "to": LATER[0]}]}, "does not go forward"),
        (
            {"leave_out": [{"test": None, "agent": None, "metric": None, "reason": "x"}]},
            "say which test, agent or metric",
        ),
        ({"leave_out": [{"test": "1", "agent": None, "metric": None, "reason": " "}]}, "leave_out: reason"),
        ({"test_thresholds": [{"test": "1", "loss_points": -1.0}]}, "test_thresholds: loss_points"),
    ],
)
def test_wrong_options_of_the_verdict(world: World, changes: dict[str, t.Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        world.run(**changes)


def as_it_was(document: t.Any) -> t.Any:
    """The document as the first schema had it."""
    new = {"left_out", "dropped", "level", "part", "since_minute", "history", "smallest", "parts", "must_see"}
    new |= {
        "earlier",
        "errors",
        "usual_range",
        "outage_minutes",
        "outage_share",
        "settle_minutes",
        "transient",
        "inconclusive",
    }
    if isinstance(document, dict):
        level = {"level"} if "thresholds" in document else set()
        gone = new - level | ({"warnings"} if "test_id" in document else set())
        return {name: as_it_was(value) for name, value in document.items() if name not in gone}
    return [as_it_was(each) for each in document] if isinstance(document, list) else document


def test_an_old_report_stays_valid_and_readable(world: World) -> None:
    folder = Path(world.run()["evidence"]["dir"])
    document = as_it_was(json.loads((folder / "evidence.json").read_bytes()))
    document["schema"] = "community.thousandeyes.evidence/1"
    first = ROOT / "roles/change_evidence/files/evidence-1.schema.json"
    jsonschema.validate(document, json.loads(first.read_text(encoding="utf-8")))
    old = json.dumps(document).encode()
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    was = hashlib.sha256((folder / "evidence.json").read_bytes()).hexdigest()
    (folder / "evidence.json").write_bytes(old)
    (folder / "SHA256SUMS").write_text(sums.replace(was, hashlib.sha256(old).hexdigest()), encoding="utf-8")
    world.sim.fault(match={"path": "/19955/network"}, times=0, status=403, body={})
    kept = world.run()
    assert (kept["changed"], kept["evidence"]["verdict"]) == (False, "ok")
    assert (folder / "evidence.json").read_bytes() == old
    world.sim.clear_faults()
    again = world.run()
    assert again["changed"]
    assert Path(again["evidence"]["previous"], "evidence.json").read_bytes() == old


WATCH = {
    "change_id": "CHG0031337",
    "verdict": "degraded",
    "finished": True,
    "look": 4,
    "looks": 12,
    "at": "2026-11-23T09:20:00Z",
    "tests": [
        {
            "test_id": "19955",
            "test_name": "Web shop",
            "verdict": "degraded",
            "reason": "slower",
            "since": "2026-11-23T08:35:00Z",
        }
    ],
    "frozen": [{}],
    "episode": "change",
}
ROLLED_BACK = {
    "start": "2026-11-23T09:00:00+01:00",
    "end": "2026-11-23T10:30:00+01:00",
    "episodes": [
        {
            "name": "change",
            "end": "2026-11-23T09:30:00+01:00",
            "after": {"from": "2026-11-23T08:30:00Z", "to": "2026-11-23T09:20:00Z"},
        },
        {"name": "rollback", "end": "2026-11-23T10:30:00+01:00", "after": AFTER},
    ],
}


def test_what_is_told_of_a_change_is_in_the_report(world: World) -> None:
    plan = {"planned_start": "2026-11-23T08:00:00+01:00", "planned_end": "2026-11-23T10:00:00+01:00"}
    links = {"ticket_url": "https://tickets.example.com/1", "job_url": "https://awx.example.com/#/jobs/1"}
    people = {"changed_by": "Grace", "approver": "Ada <b>"}
    about = {**plan, **links, **people, "failed": True, "description": "New firmware"}
    evidence = world.run(about=about)["evidence"]
    document = json.loads(Path(evidence["json"]).read_bytes())
    jsonschema.validate(document, SCHEMA)
    assert document["about"] == {
        "description": "New firmware",
        **people,
        **links,
        "planned_start": "2026-11-23T07:00:00Z",
        "planned_end": "2026-11-23T09:00:00Z",
        "failed": True,
    }
    page, text = (Path(evidence[name]).read_text(encoding="utf-8") for name in ("html", "markdown"))
    assert "Ada &lt;b&gt;" in page and "Ada <b>" not in page
    for shown in (page, text):
        assert "New firmware" in shown
        assert "-11-23 07:00 to 09:00 UTC" in shown and " its window" in shown
        assert all(link in shown for link in links.values())


def test_a_report_says_nothing_of_what_it_was_not_told(world: World) -> None:
    assert not {"about", "episodes"} & set(world.report())


def test_a_change_that_was_rolled_back_has_two_episodes(world: World) -> None:
    world.sim.degrade(19955, "2026-11-23T08:30:00Z", "2026-11-23T09:20:00Z", factor={"responseTime": 2})
    evidence = world.run(**ROLLED_BACK, watches=[WATCH])["evidence"]
    document = json.loads(Path(evidence["json"]).read_bytes())
    jsonschema.validate(document, SCHEMA)
    change, rollback = document["episodes"]
    assert (change["verdict"], rollback["verdict"], evidence["verdict"]) == ("degraded", "ok", "ok")
    assert (change["after"], rollback["after"]) == (ROLLED_BACK["episodes"][0]["after"], AFTER)
    assert change["end"] == "2026-11-23T08:30:00Z"
    assert change["counts"]["degraded"] == 1
    assert (change["watch"]["look"], change["watch"]["frozen"], rollback["watch"]) == (4, 1, None)
    assert evidence["episodes"] == document["episodes"]
    for name in ("html", "markdown"):
        shown = Path(evidence[name]).read_text(encoding="utf-8")
        assert (
            "The watch said degraded at 2026-11-23 09:20 UTC, after 4 of at most 12 looks, and froze 1 snapshot."
            in shown
        )
        assert "That is after the rollback; after the change itself: degraded." in shown


def test_no_time_between_a_change_and_its_rollback(world: World) -> None:
    first, last = ROLLED_BACK["episodes"]
    document = world.report(**{**ROLLED_BACK, "episodes": [{**first, "after": None}, last]})
    assert [episode["verdict"] for episode in document["episodes"]] == [None, "ok"]


def test_a_watch_without_a_rollback(world: World) -> None:
    other = {**WATCH, "change_id": "CHG2"}
    document = world.report(watches=[other, {**WATCH, "verdict": "watching", "finished": False}])
    (episode,) = document["episodes"]
    assert (episode["name"], episode["verdict"], episode["watch"]["verdict"]) == ("change", "ok", "watching")
    assert "episodes" not in world.report(watches=[other])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"watches": [{"verdict": "ok"}]}, "^watches: give them as "),
        ({"watches": ["ok"]}, "^watches: give them as "),
        ({"watches": [{**WATCH, "verdict": "<b>"}]}, "^watches: give them as "),
        ({"watches": [{**WATCH, "look": "<b>"}]}, "^watches: give them as "),
        ({"watches": [{**WATCH, "at": "<b>"}]}, "^watches: cannot read"),
        ({"watches": [{**WATCH, "tests": [{"test_id": "1"}]}]}, "^watches: give them as "),
        (
            {"episodes": [{"name": "change", "end": "2026-11-23T09:30:00Z", "after": {"from": AFTER["from"]}}]},
            "^episodes: give",
        ),
        ({"episodes": ROLLED_BACK["episodes"][:1]}, "^episodes: the last one must have the window"),
        ({"about": {"planned_start": "soon"}}, "^planned_start: cannot read"),
        ({"about": {"aprover": "Ada"}}, "^about: aprover is not known; it has description, changed_by, approver, "),
        ({"episodes": [{"name": "else", "end": "2026-11-23T09:30:00Z"}]}, "^episodes: give"),
    ],
)
def test_a_story_that_makes_no_sense(world: World, options: dict[str, t.Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        world.run(**options)


def test_what_a_watch_froze_is_linked(world: World) -> None:
    window = {"from": "2026-11-23T08:00:00Z", "to": "2026-11-23T09:00:00Z"}
    host = world.sim.url.partition("//")[2]
    frozen = known_snapshot(**window, display_name="CHG0031337 degraded", api_host=host)
    document = world.report(snapshots=[frozen, {**frozen, "display_name": "CHG0031337 else"}])
    assert [link["phase"] for link in document["tests"][0]["snapshots"]] == ["degraded"]


# The index of all reports


def rows_of(world: World) -> str:
    """The table in the index."""
    return (world.dir / "index.html").read_text(encoding="utf-8").partition("<main>")[2]


def test_the_index_lists_each_change(world: World) -> None:
    for change_id in ("CHG0031337", "CHG 2"):
        result = world.run(change_id=change_id)
        assert result["evidence"]["index"] == str(world.dir / "index.html")
    assert rows_of(world).count("<tr class=") == 2
    assert 'href="CHG0031337/evidence.html"' in rows_of(world)
    assert f'href="{folder_of("", "CHG 2").name.replace("+", "%2B")}/evidence.html"' in rows_of(world)
    before = {path.name: path.stat().st_mtime_ns for path in world.dir.iterdir()}
    assert not world.run()["changed"]
    assert {path.name: path.stat().st_mtime_ns for path in world.dir.iterdir()} == before


def test_an_index_that_is_lost_is_no_change(world: World) -> None:
    """Its readers have it again, and what depends on a new report is not done again."""
    world.run()
    before = rows_of(world)
    (world.dir / "index.html").unlink()
    assert not world.run()["changed"]
    assert rows_of(world) == before


def test_check_mode_writes_no_index(world: World) -> None:
    world.run()
    (world.dir / "index.html").unlink()
    evidence = world.run(check_mode=True, change_id="CHG2")["evidence"]
    assert evidence["index"] == str(world.dir / "index.html")
    assert not Path(evidence["index"]).exists()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(13, "Permission denied", "/there"), "Permission denied (/there)"),
        (OSError("odd"), "odd"),
        (ZeroDivisionError("x"), "ZeroDivisionError('x')"),
    ],
)
def test_an_index_that_cannot_be_written_is_a_warning(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    def fail(*_args: t.Any) -> None:
        raise error

    monkeypatch.setattr(task, "update", fail)
    result = world.run()
    assert (result["changed"], result["evidence"]["index"]) == (True, None)
    assert Path(result["evidence"]["html"]).is_file()
    index = world.dir / "index.html"
    told = f"The index of all reports, {index}, is not up to date: {why}. The report itself is not concerned."
    assert told in world.warnings and told not in result["evidence"]["warnings"]


def test_a_page_of_others_is_left_and_told_of(world: World) -> None:
    world.dir.mkdir()
    (world.dir / "index.html").write_text("<h1>mine</h1>")
    assert world.run()["evidence"]["index"] is None
    assert any("There is a page that is no index of reports" in text for text in world.warnings)
    assert (world.dir / "index.html").read_text() == "<h1>mine</h1>"


def test_the_index_lists_what_is_incomplete_until_there_is_a_report(world: World) -> None:
    tests = world.tests("19955", "20002")
    world.sim.fault(match={"path": "/20002/"}, times=0, drop="reset")
    with pytest.raises(Unreachable):
        world.run(tests=tests)
    assert "incomplete</span>" in rows_of(world)
    world.sim.clear_faults()
    world.run(tests=tests)
    assert "incomplete</span>" not in rows_of(world)


def test_the_index_links_to_what_was_read_after_a_report_that_stays(world: World) -> None:
    tests = world.tests("19955", "20002")
    world.run(tests=tests)
    world.sim.fault(match={"path": "/19955/"}, times=0, status=403, body={})
    later = 'href="CHG0031337/incomplete/evidence.html"'
    assert world.run(tests=tests)["evidence"]["verdict"] == "ok"
    assert later in rows_of(world)
    (world.dir / "index.html").unlink()
    # Also where the task fails, since that finds something worse.
    world.sim.degrade(20002, *LATER, factor={"avgLatency": 3})
    with pytest.raises(ThousandEyesError):
        world.run(tests=tests)
    assert later in rows_of(world)


# Signatures


def test_a_signed_report(world: World, tmp_path: Path) -> None:
    key, other = new_key(tmp_path), new_key(tmp_path, "other")
    done = world.run(sign_key=str(key))
    folder = Path(done["evidence"]["dir"])
    signature = folder / "SHA256SUMS.sig"
    assert done["evidence"]["signature"] == str(signature)
    vouched = signers(tmp_path, alice=key, bob=other)
    sums = (folder / "SHA256SUMS").read_bytes()
    assert is_by("alice", vouched, sums, signature) and not is_by("bob", vouched, sums, signature)
    # By the same key, or without one, it stays; another one has to make its own.
    for sign_key, changed in ((key, False), (None, False), (other, True)):
        again = world.run(sign_key=str(sign_key) if sign_key else None, check_mode=True)
        assert (again["changed"], again["evidence"]["signature"]) == (changed, str(signature))
        again = world.run(sign_key=str(sign_key) if sign_key else None)
        assert (again["changed"], again["evidence"]["signature"]) == (changed, str(signature))
    assert is_by("bob", vouched, (folder / "SHA256SUMS").read_bytes(), signature)
    assert is_by("alice", vouched, sums, Path(again["evidence"]["previous"]) / "SHA256SUMS.sig")


def test_an_unsigned_report_has_no_signature(world: World) -> None:
    done = world.run()
    assert done["evidence"]["signature"] is None
    assert not (Path(done["evidence"]["dir"]) / "SHA256SUMS.sig").exists()


def test_a_key_that_does_not_sign_is_told_before_any_request(world: World, tmp_path: Path) -> None:
    key = new_key(tmp_path, passphrase="secret")
    params = world.params(sign_key=str(key))
    before = len(world.sim.requests())
    with pytest.raises(ReportUnsigned, match="passphrase"):
        task.run(params, world.context())
    assert len(world.sim.requests()) == before
    assert not world.dir.exists()


@pytest.mark.parametrize("exists", [False, True])
def test_a_key_that_is_gone_when_the_report_is_made(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    key = new_key(tmp_path)
    if exists:
        world.run(layers=["network"])
    written = task._written

    def later(*args: t.Any) -> dict[str, t.Any]:
        key.unlink()
        return written(*args)

    monkeypatch.setattr(task, "_written", later)
    with pytest.raises(ReportUnsigned) as error:
        world.run(sign_key=str(key))
    folder = world.dir / "CHG0031337"
    assert (folder / "evidence.json").exists() == exists
    assert error.value.details == {"incomplete": str(folder / "incomplete")}
    assert "No report was written" in error.value.message
    document = json.loads((folder / "incomplete" / "evidence.json").read_text(encoding="utf-8"))
    assert document["incomplete"] == "It could not be signed after 1 of 1 tests. This is no report of the change."
    assert not (folder / "incomplete" / "SHA256SUMS.sig").exists()


def test_a_report_that_stays_is_not_signed_later(world: World, tmp_path: Path) -> None:
    """What it was made from is gone, so nobody can say whether it is still as it was made."""
    world.run()
    world.sim.degrade(19955, BEFORE["from"], AFTER["to"], missing=1)
    done = world.run(sign_key=str(new_key(tmp_path)))
    assert done["evidence"]["incomplete"] and not done["changed"]
    assert done["evidence"]["signature"] is None
    assert any("is not signed with sign_key" in warning for warning in world.warnings)
    assert not (Path(done["evidence"]["dir"]) / "SHA256SUMS.sig").exists()


# Reports of earlier versions, and what is said of them


def as_before_the_text(folder: Path) -> bytes:
    """Makes it a report of a version that wrote no evidence.txt. Returns its document."""
    (folder / "evidence.txt").unlink()
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines(keepends=True)
    sums = "".join(line for line in lines if not line.endswith("evidence.txt\n"))
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return (folder / "evidence.json").read_bytes()


def test_a_report_with_fewer_files_is_not_replaced_by_less(world: World) -> None:
    folder = Path(world.run()["evidence"]["dir"])
    old = as_before_the_text(folder)
    world.sim.degrade(19955, BEFORE["from"], AFTER["to"], missing=1)
    kept = world.run()
    assert (kept["changed"], kept["evidence"]["verdict"], kept["evidence"]["text"]) == (False, "ok", None)
    assert (folder / "evidence.json").read_bytes() == old


def test_what_the_report_before_said_is_told(world: World) -> None:
    world.run()
    world.sim.degrade(19955, *LATER, factor={"responseTime": 2})
    evidence = world.run()["evidence"]
    (earlier,) = json.loads(Path(evidence["json"]).read_bytes())["earlier"]
    assert (earlier["verdict"], [(row["was"], row["now"]) for row in earlier["differs"]]) == (
        "ok",
        [("ok", "degraded")],
    )
    assert not world.run()["changed"]


def test_a_document_that_was_changed_is_no_earlier_report(world: World) -> None:
    path = Path(world.run()["evidence"]["json"])
    path.write_bytes(path.read_bytes().replace(b'"verdict": "ok"', b'"verdict": "degraded"'))
    assert json.loads(Path(world.run()["evidence"]["json"]).read_bytes())["earlier"] == []
