# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    ThousandEyesError,
    Unauthorized,
    UnexpectedResponse,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._api.fields import LAYERS
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import test_result_info as task
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import TOKEN, SharedClock, Simulator
from simulator.measurements import Agent, measure

FROM, TO = "2026-11-23T08:00:00Z", "2026-11-23T10:30:00Z"
FIRST, LAST = (int(datetime(2026, 11, 23, *at, tzinfo=timezone.utc).timestamp()) for at in ((8,), (10, 30)))
VERSIONS = ["v6", "v7"]
Run = t.Callable[..., dict]


@pytest.fixture
def run(sim: Simulator, clock: SharedClock) -> Run:
    """Runs the task, by default for the web shop and two and a half hours, with changes."""

    def call(**changes: t.Any) -> dict[str, t.Any]:
        params = {
            "api_token": TOKEN,
            "api_email": None,
            "api_url": sim.url,
            "api_version": "v7",
            "validate_certs": True,
            "ca_path": None,
            "timeout": 60,
            "aid": None,
            "test_id": None if "test_name" in changes else "19955",
            "test_name": None,
            "from": FROM,
            "to": TO,
            "hours": None,
            "layers": None,
            "rows": True,
        }
        assert set(changes) <= set(params)
        context = Context(False, False, clock, tell=print, warn=pytest.fail, earlier=[])
        return task.run({**params, **changes}, context)

    return call


def refused(run: Run, kind: type[ThousandEyesError], **changes: t.Any) -> ThousandEyesError:
    with pytest.raises(ThousandEyesError) as error:
        run(**changes)
    assert error.value.__class__ is kind, error.value
    return error.value


def test_pages_that_overlap(run: Run, sim: Simulator) -> None:
    """A row that comes twice counts once; two different ones of the same agent and round cannot both be true."""
    row = {"agent": {"agentId": "1"}, "roundId": FIRST, "loss": 0.0}
    sim.fault(match={"path": "/network"}, body={"results": [row, row]}, times=1)
    result = run(layers=["network"])["results"][0]
    assert (len(result["rows"]), result["summary"]["overall"]["loss"]["count"]) == (1, 1)
    sim.fault(match={"path": "/network"}, body={"results": [row, {**row, "loss": 5.0}]}, times=1)
    assert "two different results" in refused(run, UnexpectedResponse, layers=["network"]).message


def test_a_test_whose_layers_are_not_told(run: Run, sim: Simulator) -> None:
    body = {"tests": [{"testId": "19955", "testName": "Web shop", "type": "http-server"}]}
    sim.fault(match={"path": "/v7/tests"}, body=body, times=2)
    assert "say which to read" in refused(run, InvalidRequest).message
    assert [entry["layer"] for entry in run(layers=["network"])["results"]] == ["network"]


def test_the_rows_are_what_was_measured(run: Run, sim: Simulator) -> None:
    """By the simulator's own word, with gaps and failures, and without the round that v7 adds."""
    sim.degrade(19955, "2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z", failed=0.5, missing=0.2)
    sim.settings(results_page_size=13)
    result = run()
    assert [entry["layer"] for entry in result["results"]] == ["network", "http-server"]
    assert result["window"] == {"from": FROM, "to": TO}
    assert (result["changed"], result["test"]["test_name"]) == (False, "Web shop")
    agents = [Agent(**agent) for agent in sim.world()["agents"]]
    degradation = {"failed": 0.5, "missing": 0.2}
    for entry in result["results"]:
        layer, found = entry["layer"], {(row["round_id"], row["agent_id"]): row for row in entry["rows"]}
        assert len(found) == len(entry["rows"]) > 100
        for round_id in range(FIRST, LAST + 1, 300):
            worse = [_Degradation(**degradation)] if FIRST + 3600 <= round_id < FIRST + 5400 else []
            for agent in agents:
                part = "to-target" if layer == "network" else ""
                due = measure(19955, agent, round_id, layer, part, worse)
                row = found.pop((str(round_id), str(agent.agent_id)), None)
                assert (row is None) == (due is None)
                if due is None or row is None:
                    continue
                assert (row["agent_name"], row["country"]) == (agent.name, agent.country)
                assert row["error"] == (": ".join(due.error) if due.error and layer == "http-server" else None)
                for metric, field in LAYERS[layer].fields.items():
                    if metric == "availability":
                        assert row[metric] == (0 if due.error else 100)
                    else:
                        assert row[metric] == due.values.get(field), metric
        assert not found
    total = result["results"][1]["summary"]["overall"]["availability"]
    assert total["count"] + total["missing"] == 31 * 5
    assert 80 < total["mean"] < 95


class _Degradation:
    """One that always applies."""

    def __init__(self, failed: float, missing: float) -> None:
        self.failed, self.missing = failed, missing

    def applies(self, *_args: t.Any) -> bool:
        return True

    factor: dict[str, float] = {}
    add: dict[str, float] = {}


@pytest.mark.parametrize("test_id, layers", [("20009", 3), ("20005", 2), ("20001", 1), ("20012", 3)])
def test_both_versions_give_the_same(run: Run, sim: Simulator, test_id: str, layers: int) -> None:
    """In whatever spelling and order the API says it, and on however many pages."""
    sim.degrade(int(test_id), FROM, "2026-11-23T08:30:00Z", failed=0.3, missing=0.2)
    expected = run(test_id=test_id, api_version="v6")["results"]
    assert len(expected) == layers
    assert all(
        entry["summary"]["overall"][metric]["missing"] for entry in expected for metric in LAYERS[entry["layer"]].fields
    )
    for version in VERSIONS:
        for settings in (
            {"results_missing": "null", "results_error_none": "NONE", "results_page_size": 50},
            {"results_error_none": "none", "results_order": "descending", "results_round_before": False},
        ):
            sim.settings(**settings)
            assert run(test_id=test_id, api_version=version)["results"] == expected


def test_rows_are_sorted(run: Run, sim: Simulator) -> None:
    sim.settings(results_order="descending")
    rows = run(test_id="20005", layers=["dns-server"])["results"][0]["rows"]
    keys = [(row["round"], int(row["agent_id"]), row["server"]) for row in rows]
    assert keys == sorted(keys)
    assert (rows[0]["round"], rows[-1]["round"]) == (FROM, TO)
    assert {key[1] for key in keys} == {3, 12, 4492, 281474976710706, 281474976710707}


@pytest.mark.parametrize("version", VERSIONS)
def test_requests(run: Run, sim: Simulator, version: str) -> None:
    """One for the list of tests, and then the pages, all of the account group."""
    prefix = f"/{version}/"
    run(api_version=version, test_name="Account A portal", aid="01234", layers=["network"], rows=False)
    first, second = sim.requests()
    assert first["path"].startswith(f"{prefix}tests")
    assert first["query"] == {"aid": "1234"}
    assert "30001" in second["path"]
    names = ("startDate", "endDate", FROM, TO) if version == "v7" else ("from", "to", FROM[:-1], TO[:-1])
    assert second["query"] == {"aid": "1234", names[0]: names[2], names[1]: names[3]}


def test_without_rows_the_summary_is_the_same(run: Run) -> None:
    whole, brief = run()["results"], run(rows=False)["results"]
    assert [{name: entry[name] for name in ("layer", "summary")} for entry in whole] == brief


def test_layers_come_in_one_order(run: Run) -> None:
    found = run(test_id="20009", layers=["page-load", "network", "page-load"], rows=False)["results"]
    assert [entry["layer"] for entry in found] == ["network", "page-load"]


@pytest.mark.parametrize("version", VERSIONS)
def test_layers_that_the_test_does_not_have(run: Run, sim: Simulator, version: str) -> None:
    error = refused(run, InvalidRequest, api_version=version, layers=["page-load", "network", "dns-server"])
    assert "('Web shop', http-server) has no page-load, dns-server. It has network, http-server." in error.message
    error = refused(run, InvalidRequest, api_version=version, test_id="20004", layers=["network"])
    assert error.message.endswith("has no network. It has none that can be read.")
    assert len(sim.requests()) == 2
    assert run(api_version=version, test_id="20004")["results"] == []


@pytest.mark.parametrize(
    "start, end, hours, window, rounds",
    [
        (FROM, TO, None, (FROM, TO), 31),
        ("2026-11-23 09:00:00+01:00", "2026-11-23T10:30:00.9", None, (FROM, TO), 31),
        (FROM, None, 3, (FROM, "2026-11-23T11:00:00Z"), 37),
        (None, TO, 5, ("2026-11-23T05:30:00Z", TO), 61),
        (FROM, "2026-11-23T08:00:01Z", None, (FROM, "2026-11-23T08:00:01Z"), 1),
        ("2026-11-23T08:00:01Z", "2026-11-23T08:04:59Z", None, ("2026-11-23T08:00:01Z", "2026-11-23T08:04:59Z"), 0),
        # Up to now, when the round that began five minutes ago is just over.
        (None, "2026-11-23T12:00:00Z", 1, ("2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"), 12),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_windows(
    run: Run,
    sim: Simulator,
    version: str,
    start: str | None,
    end: str | None,
    hours: int | None,
    window: tuple[str, str],
    rounds: int,
) -> None:
    """A window may have any length. Both ends are in it."""
    sim.settings(results_flaws=0)
    result = run(**{"from": start, "to": end, "hours": hours}, api_version=version, layers=["network"])
    assert tuple(result["window"].values()) == window
    assert list(result["window"]) == ["from", "to"]
    rows = result["results"][0]["rows"]
    assert len({row["round"] for row in rows}) == rounds
    assert all(window[0] <= row["round"] <= window[1] for row in rows)


@pytest.mark.parametrize(
    "change, says",
    [
        ({"from": None}, "exactly two of from, to and hours"),
        ({"hours": 2}, "exactly two of from, to and hours"),
        ({"from": None, "to": None}, "exactly two"),
        ({"from": TO, "to": FROM}, "does not go forward"),
        ({"to": FROM}, "does not go forward"),
        ({"to": None, "hours": 0}, "hours: 0 is not a positive number"),
        ({"to": None, "hours": -1}, "hours: -1 is not a positive number"),
        ({"to": None, "hours": 10**12}, "leaves the calendar"),
        ({"from": None, "hours": 10**9}, "leaves the calendar"),
        ({"from": "yesterday"}, "from: cannot read 'yesterday' as a time"),
        ({"to": "2026-11-23T12:00:01Z"}, "is not over yet; now is 2026-11-23T12:00:00Z"),
        ({"layers": []}, "layers: the list is empty"),
        ({"test_id": "x"}, "test_id: 'x' is not an id"),
        ({"test_name": " "}, "test_name: ' ' is empty"),
        ({"aid": "a"}, "aid: 'a' is not an id"),
        ({"timeout": 0}, "timeout: 0"),
    ],
)
def test_options_that_break_a_rule(run: Run, sim: Simulator, change: dict[str, t.Any], says: str) -> None:
    error = refused(run, InvalidRequest, **change)
    assert says in error.message
    assert error.retry_at == ("2026-11-23T12:00:01Z" if "not over" in says else None)
    assert sim.requests() == []


@pytest.mark.parametrize("version", VERSIONS)
def test_tests_that_there_are_not(run: Run, version: str) -> None:
    error = refused(run, NotFound, api_version=version, test_id="99999")
    assert error.message == (
        "test_id: there is no test 99999 in the token's own account group (no aid is given) that this token can see."
    )
    assert (
        "30001 in account group 75 " in refused(run, NotFound, api_version=version, test_id="30001", aid="75").message
    )
    assert "Web shop" in refused(run, NotFound, api_version=version, test_name="Web shpo").message
    assert "20020" in refused(run, InvalidRequest, api_version=version, test_name="Duplicate name").message


@pytest.mark.parametrize("version", VERSIONS)
def test_an_account_group_of_others(run: Run, version: str) -> None:
    error = refused(run, Forbidden, api_version=version, aid="9000")
    assert error.message.endswith("It can use 75 (API Sandbox), 1234 (Account A).")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_saved_event(run: Run, version: str) -> None:
    """It has the rounds of its own window, and the results of the test that it was made from."""
    window = {"from": "2018-06-01T07:00:00Z", "hours": 3, "to": None}
    saved = run(api_version=version, test_id="58001", **window)
    assert saved["test"]["saved_event"] is True
    source = run(api_version=version, **{**window, "from": "2018-06-01T08:00:00Z", "hours": 1})
    assert saved["results"] == source["results"]
    assert saved["results"][0]["summary"]["overall"]["loss"]["count"] > 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("test_id, days", [("20030", None), ("19955", 0.01)])
def test_a_window_without_results(run: Run, sim: Simulator, version: str, test_id: str, days: float | None) -> None:
    """Its test was disabled before it, or the API keeps its results no longer."""
    sim.settings(results_retention_days=days)
    result = run(api_version=version, test_id=test_id)
    assert [entry["layer"] for entry in result["results"]] == ["network", "http-server"]
    for entry in result["results"]:
        assert entry["rows"] == []
        assert entry["summary"]["agents"] == []
        for numbers in entry["summary"]["overall"].values():
            assert numbers.pop("count") == 0
            assert numbers.pop("missing") == 0
            assert set(numbers.values()) == {None}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("circle", [1, 3])
def test_pages_in_a_circle(run: Run, sim: Simulator, version: str, circle: int) -> None:
    sim.settings(results_page_size=10, repeat_cursor=circle)
    assert "circle" in refused(run, UnexpectedResponse, api_version=version).message


def test_a_token_that_expires_between_pages(run: Run, sim: Simulator) -> None:
    sim.settings(results_page_size=50)
    sim.fault(match={"path": "http-server"}, skip=1, status=401)
    error = refused(run, Unauthorized)
    assert (error.status, len(sim.requests("GET"))) == (401, 1 + 4 + 2)


def test_a_server_that_is_slow_once(run: Run, sim: Simulator, clock: SharedClock) -> None:
    sim.fault(match={"path": "network"}, delay_after=30)
    assert run(timeout=1, layers=["network"])["results"][0]["rows"]
    # On a slow machine, other answers may take longer than a second, too.
    assert clock.slept[0] == 1.0
