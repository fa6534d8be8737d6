# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading results page by page, over real HTTP."""

from __future__ import annotations

import dataclasses
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api import result_pages as results
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import Api, open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    Unauthorized,
    UnexpectedResponse,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._api.fields import LAYERS
from ansible_collections.community.thousandeyes.plugins.module_utils._api.results import read_results
from ansible_collections.community.thousandeyes.plugins.module_utils._core.measurements import Measurement
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import Window
from simulator import SharedClock, Simulator

START = datetime(2018, 10, 6, tzinfo=timezone.utc)
# 13 rounds of 5 minutes, and v7 adds the one before; 5 agents.
WINDOW = Window(START, START + timedelta(hours=1))
# What rows are in, in v6.
ENVELOPES = {
    "network": ("net", "metrics"),
    "http-server": ("web", "httpServer"),
    "page-load": ("web", "pageLoad"),
    "dns-server": ("dns", "server"),
}


@pytest.fixture(params=["v6", "v7"])
def api(request: pytest.FixtureRequest, connection: Connection, clock: SharedClock) -> t.Iterator[Api]:
    opened = open_api(dataclasses.replace(connection, version=request.param), clock)
    yield opened
    opened.close()


def read(api: Api, test_id: int = 19955, layer: str = "http-server", aid: str | None = None) -> list[Measurement]:
    return list(read_results(api, str(test_id), layer, WINDOW, aid))


def page(api: Api, rows: t.Any, link: str | None = None, layer: str = "http-server") -> dict[str, t.Any]:
    """The body of a page with these rows, which are as in v7."""
    if api.version == "v7":
        return {"results": rows, "_links": {"next": {"href": link}} if link else {}}
    outer, inner = ENVELOPES[layer]
    flat = [{**row, **row.get("agent", {})} for row in rows]
    return {outer: {inner: flat}, "pages": {"current": 1, **({"next": link} if link else {})}}


def a_row(**fields: t.Any) -> dict[str, t.Any]:
    return {"agent": {"agentId": 12, "agentName": "London", "countryId": "GB"}, "roundId": 1538784000, **fields}


def links_path(api: Api) -> str:
    return "/v7/test-results/19955/http-server" if api.version == "v7" else "/v6/web/http-server/19955"


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("layer, test_id, per_round", [("http-server", 19955, 5), ("dns-server", 20005, 10)])
def test_every_row_of_every_page_once(
    api: Api, sim: Simulator, layer: str, test_id: int, per_round: int, order: str
) -> None:
    sim.settings(results_page_size=10000, results_flaws=0, results_order=order)
    at_once = read(api, test_id, layer)
    assert len(sim.requests()) == 1
    assert len(set(at_once[index][:2] + at_once[index][4:5] for index in range(len(at_once)))) == len(at_once)
    assert len(at_once) == per_round * (13 + (api.version == "v7"))
    # A page of v6 has at least one round.
    for size in (2 * per_round, per_round):
        sim.settings(results_page_size=size)
        sim.clear_requests()
        assert read(api, test_id, layer) == at_once
        assert len(sim.requests()) == -(-len(at_once) // size)


def test_pages_without_rows_do_not_end_it(api: Api, sim: Simulator) -> None:
    sim.degrade(19955, "2018-10-06T00:10:00Z", "2018-10-06T00:50:00Z", missing=1)
    sim.settings(results_page_size=10, results_flaws=0)
    rounds = {row.round_id - START.timestamp() for row in read(api)}
    assert {0, 300, 3000, 3300, 3600} == rounds - {-300}


@pytest.mark.parametrize("circle", [1, 3])
def test_links_that_lead_in_a_circle(api: Api, sim: Simulator, circle: int) -> None:
    sim.settings(results_page_size=10, repeat_cursor=circle)
    with pytest.raises(UnexpectedResponse) as error:
        read(api)
    pages = sim.requests()
    assert len(pages) == circle + 1
    name = "cursor" if api.version == "v7" else "lastRoundId"
    repeated = pages[1]["query"][name]
    assert f"{name}={repeated.replace('=', '%3D')}" in error.value.message
    assert "circle" in error.value.message
    assert len({request["query"].get(name) for request in pages}) == circle + 1


def test_all_pages_are_asked_of_the_same_account_group(api: Api, sim: Simulator) -> None:
    sim.settings(results_page_size=20)
    read(api, 30001, "network", aid="1234")
    requests = sim.requests()
    assert len(requests) > 2
    assert {request["query"]["aid"] for request in requests} == {"1234"}
    assert len({request["path"] for request in requests}) == 1


@pytest.mark.parametrize("base", ["http://elsewhere.invalid", "http://elsewhere.invalid:81/prefix", ""])
def test_credentials_stay_with_the_api(api: Api, sim: Simulator, base: str) -> None:
    """Wherever a link leads, and whatever account group is in it."""
    sim.settings(results_page_size=10)
    read(api)
    second = sim.requests()[1]["query"]
    name = "cursor" if api.version == "v7" else "lastRoundId"
    sim.clear_requests()
    link = f"{base}{links_path(api)}?aid=9000&{name}={second[name]}"
    sim.fault(match={"path": "19955"}, body=page(api, [a_row()], link))
    read(api)
    asked = sim.requests()[1]["query"]
    assert (asked[name], asked.get("aid")) == (second[name], None)
    assert {request["auth"]["uid"] for request in sim.requests()} == {5784}


@pytest.mark.parametrize(
    "link", ["{path}", "{path}?page=2", "{path}?cursor=", "https://[", "{path}?cursor=a&cursor=b", "2"]
)
@pytest.mark.parametrize("api", ["v7"], indirect=True)
def test_a_link_without_a_cursor(api: Api, sim: Simulator, link: str) -> None:
    sim.fault(match={"path": "19955"}, body=page(api, [a_row()], link.format(path=links_path(api))))
    with pytest.raises(UnexpectedResponse, match="no cursor"):
        read(api)


@pytest.mark.parametrize(
    "link", ["https://[", "/v6/web/http-server/817?lastRoundId=1", "/v6/net/metrics/19955?lastRoundId=1", "2"]
)
@pytest.mark.parametrize("api", ["v6"], indirect=True)
def test_a_link_to_other_results(api: Api, sim: Simulator, link: str) -> None:
    sim.fault(match={"path": "19955"}, body=page(api, [a_row()], link))
    with pytest.raises(UnexpectedResponse, match="link to the next page"):
        read(api)
    assert len(sim.requests()) == 1


def test_a_link_that_makes_no_sense_is_no_end(api: Api, sim: Simulator) -> None:
    """Results that stop half-way would look as if they were all."""
    odd: dict[str, list[t.Any]] = {
        "v7": ["x", ["x"], {"next": "x"}, {"next": ["x"]}, {"next": {"href": 5.5}}],
        "v6": ["x", ["x"], {"next": {"href": "x"}}],
    }
    for links in odd[api.version]:
        body = {**page(api, [a_row()]), "_links" if api.version == "v7" else "pages": links}
        sim.fault(match={"path": "19955"}, body=body)
        with pytest.raises(UnexpectedResponse, match="link to the next page"):
            read(api)


def test_the_ends_that_there_are(api: Api, sim: Simulator) -> None:
    empty = {"v7": [{"next": None}, {"next": {"href": None}}, None], "v6": [{"next": None}, {"next": ""}, None, {}]}
    for links in empty[api.version]:
        sim.clear_requests()
        body = {**page(api, [a_row()]), "_links" if api.version == "v7" else "pages": links}
        sim.fault(match={"path": "19955"}, body=body)
        assert len(read(api)) == 1
        assert len(sim.requests()) == 1


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        "[",
        {"results": None, "web": None},
        {"results": {}, "web": {"httpServer": {}}},
        {"results": [None], "web": {"httpServer": [None]}},
        {"results": [{}], "web": {"httpServer": [{}]}},
        {"results": [a_row(roundId=None)], "web": {"httpServer": [{"agentId": 12}]}},
        {"results": [a_row(roundId="soon")], "web": {"httpServer": [{"agentId": 12, "roundId": "soon"}]}},
        {"results": [a_row(agent=None)], "web": {"httpServer": [{"agentId": None, "roundId": 1538784000}]}},
        {"results": [a_row(agent={"agentId": "x"})], "web": {"httpServer": [{"agentId": True, "roundId": 1538784000}]}},
    ],
)
def test_answers_that_make_no_sense(api: Api, sim: Simulator, body: t.Any) -> None:
    """They are not taken for results that are missing."""
    # For ever, since what is not JSON is asked for again.
    sim.fault(match={"path": "19955"}, body=body, times=0)
    with pytest.raises(UnexpectedResponse):
        read(api)


@pytest.mark.parametrize("layer", LAYERS)
def test_fields(api: Api, sim: Simulator, layer: str) -> None:
    numbers = {field: number + 0.5 for number, field in enumerate(LAYERS[layer].fields.values())}
    for missing in ({}, dict.fromkeys(numbers), {**dict.fromkeys(numbers, "-"), "errorType": ""}):
        rows = [
            a_row(**numbers, healthScore=-1, server="somewhere:80", errorDetails=""),
            a_row(**missing, errorDetails="Too late"),
        ]
        # With a status, since not all of these layers are the test's.
        sim.fault(match={"path": "19955"}, status=200, body=page(api, rows, layer=layer))
        whole, empty = read(api, 19955, layer)
        values = {metric: numbers[field] for metric, field in LAYERS[layer].fields.items() if metric != "availability"}
        if layer == "http-server":
            values["availability"] = None
        assert whole == Measurement(1538784000, "12", "London", "GB", "somewhere:80", None, values)
        assert empty == Measurement(
            1538784000, "12", "London", "GB", None, "Too late", dict.fromkeys(LAYERS[layer].fields)
        )


@pytest.mark.parametrize(
    "kind, details, error, availability",
    [
        ("None", "", None, 100),
        ("NONE", None, None, 100),
        ("none", "A remark", "A remark", 100),
        ("DNS", "No response", "DNS: No response", 0),
        ("SSL", "", "SSL", 0),
        (None, None, None, None),
    ],
)
def test_errors(
    api: Api, sim: Simulator, kind: str | None, details: str | None, error: str | None, availability: int | None
) -> None:
    sim.fault(match={"path": "19955"}, body=page(api, [a_row(errorType=kind, errorDetails=details)]))
    (row,) = read(api)
    assert (row.error, row.values["availability"]) == (error, availability)


def test_a_failure_between_pages(api: Api, sim: Simulator, clock: SharedClock) -> None:
    """What may pass is read again from there; what does not pass leaves no half a result."""
    sim.settings(results_page_size=20)
    rows = read(api)
    sim.fault(match={"path": "19955"}, skip=1, status=503)
    sim.fault(match={"path": "19955"}, skip=2, truncate=100)
    assert read(api) == rows
    assert len(clock.slept) == 2
    sim.fault(match={"path": "19955"}, skip=1, status=401)
    with pytest.raises(Unauthorized):
        read(api)


def test_more_pages_than_the_api_allows_in_a_minute(api: Api, sim: Simulator, clock: SharedClock) -> None:
    rows = read(api)
    sim.settings(results_page_size=5, rate_limit=6)
    assert read(api) == rows
    assert 2 <= len(clock.slept) <= 3
    assert max(clock.slept) <= 61
    assert {request["status"] for request in sim.requests()} == {200}


def rows_at(*rounds: int) -> list[dict[str, t.Any]]:
    return [a_row(roundId=int(START.timestamp()) + seconds) for seconds in rounds]


def link_to(api: Api, number: int) -> str:
    return f"{links_path(api)}?{'cursor' if api.version == 'v7' else 'lastRoundId'}={number}"


@pytest.mark.parametrize("rounds", [[0], [0, 300], [-7200], [7200, 10**9]])
def test_ever_new_links_that_bring_nothing_new(api: Api, sim: Simulator, rounds: list[int]) -> None:
    """Neither what came before is new, nor what is not of the window."""
    # With a status, since no cursor here is one of the simulator.
    sim.fault(match={"path": "19955"}, status=200, body=page(api, rows_at(0, 300), link_to(api, 0)))
    for number in range(1, 4):
        sim.fault(match={"path": "19955"}, status=200, body=page(api, rows_at(*rounds), link_to(api, number)))
    with pytest.raises(UnexpectedResponse, match="had all come before, or are not of the window"):
        read(api)
    assert len(sim.requests()) == 2


def test_a_last_page_may_bring_nothing_new(api: Api, sim: Simulator) -> None:
    sim.fault(match={"path": "19955"}, status=200, body=page(api, rows_at(0, 300), link_to(api, 0)))
    sim.fault(match={"path": "19955"}, status=200, body=page(api, rows_at(300)))
    assert len(read(api)) == 3


def test_pages_that_overlap(api: Api, sim: Simulator) -> None:
    for number in range(3):
        body = page(api, rows_at(300 * number, 300 * number + 300), link_to(api, number) if number < 2 else None)
        sim.fault(match={"path": "19955"}, status=200, body=body)
    assert len(read(api)) == 6


@pytest.mark.parametrize("bound, least", [("_MOST_PAGES_A_ROUND", 100), ("_MOST_RESULTS", 3)])
def test_more_than_a_window_can_have(
    api: Api, sim: Simulator, monkeypatch: pytest.MonkeyPatch, bound: str, least: int
) -> None:
    monkeypatch.setattr(results, bound, 0 if least == 100 else least - 1)
    for number in range(least + 1):
        sim.fault(match={"path": "19955"}, status=200, body=page(api, rows_at(number), link_to(api, number)))
    with pytest.raises(UnexpectedResponse, match=f"{least} pages with {least} results are more than a window can have"):
        read(api)
    assert len(sim.requests()) == least


@pytest.mark.parametrize("layer", LAYERS)
def test_results_of_another_test(api: Api, sim: Simulator, layer: str) -> None:
    for told, refused in ((817, True), ("817", True), (19955, False), ("19955", False), (None, False)):
        body = page(api, [a_row()], layer=layer)
        (body if api.version == "v7" else body[ENVELOPES[layer][0]])["test"] = {"testId": told}
        sim.fault(match={"path": "19955"}, status=200, body=body)
        if refused:
            with pytest.raises(UnexpectedResponse, match="results of test 817, not 19955"):
                read(api, 19955, layer)
        else:
            assert len(read(api, 19955, layer)) == 1
