# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results in v7: ranges, pages, rows, and what may be missing from them."""

from __future__ import annotations

import statistics
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from thousandeyes_sdk.core import exceptions as errors
from thousandeyes_sdk.test_results.api.dns_server_test_results_api import DNSServerTestResultsApi
from thousandeyes_sdk.test_results.api.network_test_results_api import NetworkTestResultsApi
from thousandeyes_sdk.test_results.api.web_http_server_test_results_api import WebHTTPServerTestResultsApi
from thousandeyes_sdk.test_results.api.web_page_load_test_results_api import WebPageLoadTestResultsApi

from simulator import OTHER_TOKEN
from simulator.measurements import NUMBERS

AGENTS = {"12", "3", "281474976710706", "281474976710707", "4492"}
# The clock stands at 2018-10-19T03:02:01Z; the last round of 300 s that is over began at 02:55.
LAST = 1539917700
HTTP = "/v7/test-results/19955/http-server"
NETWORK = "/v7/test-results/19955/network"
TWO_DAYS = "startDate=2018-10-16T00:00:00Z&endDate=2018-10-18T00:00:00Z"
START, END = 1539648000, 1539820800


def read(api, path: str) -> list[dict]:
    """All rows of all pages, following the links as they are."""
    return [row for page in pages(api, path) for row in page["results"]]


def pages(api, path: str) -> list[dict]:
    found = []
    while path:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        path = found[-1]["_links"].get("next", {}).get("href", "").removeprefix(api.sim.url)
    return found


def keys(rows: list[dict]) -> list[tuple]:
    return [(row["roundId"], row["agent"]["agentId"], row.get("serverId")) for row in rows]


@pytest.fixture
def flawless(sim):
    sim.settings(results_flaws=0)


@pytest.fixture
def unchecked(api):
    api.checked = False  # thousands of rows against the document would take minutes


@pytest.mark.parametrize(
    "path", [HTTP, NETWORK, "/v7/test-results/20009/page-load", "/v7/test-results/20005/dns-server"]
)
def test_without_a_range_it_is_the_last_round(api, document, flawless, path):
    before = document.checked if document else 0
    body = api.get(path).json()
    assert {row["roundId"] for row in body["results"]} == {LAST}
    assert {row["agent"]["agentId"] for row in body["results"]} == AGENTS
    assert {"startDate", "endDate"} & set(body) == set()
    assert set(body["_links"]) == {"self"}
    assert body["test"] == api.get(f"/v7/tests/{body['test']['type']}/{body['test']['testId']}").json()
    if document:
        assert document.checked == before + 2


def test_an_http_server_row(api, flawless):
    row = api.get(HTTP).json()["results"][0]
    assert row["agent"] == {
        "agentId": "12",
        "agentName": "London",
        "countryId": "GB",
        "location": "London Area, United Kingdom",
    }
    assert row["date"] == datetime.fromtimestamp(row["startTime"], timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert LAST <= row["startTime"] <= row["endTime"] < LAST + 300
    assert row["_links"]["appLink"]["href"].endswith(f"__a=75&testId=19955&roundId={LAST}&agentId=12")
    assert row["responseTime"] == sum(
        row[name] for name in ("redirectTime", "dnsTime", "connectTime", "sslTime", "waitTime")
    )
    assert row["totalTime"] == row["responseTime"] + row["receiveTime"]
    assert (row["errorType"], row["responseCode"]) == ("None", 200)
    assert 0 <= row["healthScore"] <= 1
    assert "errorDetails" not in row and "headers" not in row and "sslCertificates" not in row


def test_a_network_row(api, flawless):
    row = api.get(NETWORK).json()["results"][0]
    assert row["minLatency"] <= row["avgLatency"] <= row["maxLatency"]
    assert (row["server"], row["direction"]) == ("shop.example.com:443", "to-target")
    assert 0 <= row["healthScore"] <= 1


def test_page_load_and_dns_rows(api, flawless):
    row = api.get("/v7/test-results/20009/page-load").json()["results"][0]
    response = api.get("/v7/test-results/20009/http-server").json()["results"][0]["responseTime"]
    assert row["responseTime"] <= row["domLoadTime"] <= row["pageLoadTime"]
    assert abs(row["responseTime"] - response) <= 1
    rows = api.get("/v7/test-results/20005/dns-server").json()["results"]
    assert sorted({row["serverId"] for row in rows}) == ["1447", "1448"] and len(rows) == 10
    assert {row["server"] for row in rows} == {"ns1.example.com.", "ns2.example.com."}
    one = api.get("/v7/test-results/20005/dns-server/1448").json()["results"]
    assert one == [row for row in rows if row["serverId"] == "1448"]
    listed = api.get("/v7/tests/dns-server/20005").json()["dnsServers"]
    assert [server["serverId"] for server in listed] == ["1447", "1448"]


def test_pages_hold_every_measurement_once(sim, api, unchecked):
    sim.settings(results_flaws=0, results_round_before=False)
    everything = [(round_id, agent) for round_id in range(START, END + 1, 300) for agent in sorted(AGENTS)]
    found = pages(api, f"{HTTP}?{TWO_DAYS}")
    assert len(found) == 6
    assert sorted(key[:2] for page in found for key in keys(page["results"])) == everything
    for page in found:
        assert (page["startDate"], page["endDate"]) == ("2018-10-16T00:00:00Z", "2018-10-18T00:00:00Z")
    sim.settings(results_page_size=7)
    assert sorted(
        key[:2] for key in keys(read(api, f"{HTTP}?startDate=2018-10-17T20:00:00Z&endDate=2018-10-18T00:00:00Z"))
    ) == [key for key in everything if key[0] >= END - 4 * 3600]


def test_the_size_of_a_page_changes_no_row(sim, api, unchecked):
    rows = read(api, f"{NETWORK}?{TWO_DAYS}")
    assert len(rows) == len(set(keys(rows)))
    sim.settings(results_page_size=100000)
    assert len(pages(api, f"{NETWORK}?{TWO_DAYS}")) == 1
    assert read(api, f"{NETWORK}?{TWO_DAYS}") == rows
    sim.settings(results_order="descending")
    backwards = read(api, f"{NETWORK}?{TWO_DAYS}")
    assert [row["roundId"] for row in backwards] == sorted((row["roundId"] for row in rows), reverse=True)
    assert sorted(keys(backwards)) == sorted(keys(rows))


def test_a_page_links_back_and_keeps_the_query(sim, api):
    sim.settings(results_page_size=5)
    path = "/v7/test-results/30001/network?aid=1234&window=1h&direction=to-target"
    first, second, *_others = pages(api, path)
    query = parse_qs(urlsplit(first["_links"]["next"]["href"]).query)
    assert {name: query[name] for name in query if name != "cursor"} == {"aid": ["1234"], "direction": ["to-target"]}
    back = api.get(second["_links"]["previous"]["href"].removeprefix(sim.url)).json()
    assert back["results"] == first["results"]


def test_a_cursor_keeps_the_range_whatever_the_clock(sim, api, flawless):
    """Also for a client that repeats its own parameters beside the cursor, as the official SDK does."""
    sim.settings(results_page_size=10)
    first = api.get(f"{HTTP}?window=1h").json()
    cursor = parse_qs(urlsplit(first["_links"]["next"]["href"]).query)["cursor"][0]
    second = api.get(HTTP, params={"window": "1h", "cursor": cursor}).json()
    sim.advance(3600)
    later = api.get(HTTP, params={"window": "1h", "cursor": cursor}).json()
    assert later == second
    assert (later["startDate"], later["endDate"]) == (first["startDate"], first["endDate"])


@pytest.mark.parametrize("circle", [1, 2, 3])
def test_cursors_may_lead_in_a_circle(sim, api, circle):
    sim.settings(results_page_size=10, repeat_cursor=circle)
    path, cursors = f"{HTTP}?window=1h", []
    for _count in range(3 * circle):
        href = api.get(path).json()["_links"]["next"]["href"]
        cursors.append(href)
        path = href.removeprefix(sim.url)
    assert len(set(cursors)) == circle
    assert cursors == cursors[:circle] * 3
    assert "next" not in api.get(HTTP).json()["_links"], "a single page leads nowhere"


@pytest.mark.parametrize(
    "first, last, query",
    [
        (1539864000, 1539867600, "startDate=2018-10-18T12:00:00Z&endDate=2018-10-18T13:00:00Z"),
        (1539864300, 1539867300, "startDate=2018-10-18T12:00:01Z&endDate=2018-10-18T12:59:59Z"),
        (1539864300, 1539867300, "startDate=2018-10-18T12:00:01.000000%2B0000&endDate=2018-10-18T12:59:59%2B00:00"),
        (LAST - 2 * 300, LAST, "startDate=2018-10-19T02:45:00Z"),
        (LAST - 10 * 300, LAST, "window=1h"),
        (LAST - 10 * 300, LAST, "window=60m"),
        (LAST - 10 * 300, LAST, "window=3600"),
        (LAST - 10 * 300, LAST, "window=3600s"),
        (LAST - 2 * 300, LAST, "startDate=2018-10-19T02:45:00Z&endDate=2018-11-19T02:45:00Z"),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_the_range_and_the_round_before(sim, api, flawless, first, last, query, before):
    sim.settings(results_round_before=before)
    rounds = sorted({row["roundId"] for row in read(api, f"{HTTP}?{query}")})
    assert rounds == list(range(first - 300 * before, last + 1, 300))


@pytest.mark.parametrize("query", ["startDate=2018-10-19T02:59:00Z", "window=0", "startDate=2030-01-01T00:00:00Z"])
def test_a_range_without_rounds(sim, api, query):
    sim.settings(results_round_before=False)
    body = api.get(f"{HTTP}?{query}").json()
    assert body["results"] == [] and "next" not in body["_links"]


@pytest.mark.parametrize("query", ["window=999999999w", "window=100000d", "startDate=0001-01-01T00:00:00Z"])
def test_a_range_may_reach_back_before_everything(sim, api, query):
    sim.settings(results_page_size=5)
    body = api.get(f"{HTTP}?{query}").json()
    assert body["results"][0]["roundId"] == 1340912100, "the round after the test was created"
    assert api.get(body["_links"]["next"]["href"].removeprefix(sim.url)).status_code == 200


def test_what_the_range_was_is_told_as_asked(api, flawless):
    def told(query: str) -> dict:
        body = api.get(f"{HTTP}?{query}").json()
        return {name: body[name] for name in ("startDate", "endDate") if name in body}

    assert told("window=1h") == {"startDate": "2018-10-19T02:02:01Z", "endDate": "2018-10-19T03:02:01Z"}
    assert told("startDate=2018-10-19T02:02:00Z") == {"startDate": "2018-10-19T02:02:00Z"}
    assert told("startDate=2018-10-19T02:02:00Z&endDate=2018-10-19T03:00:00Z") == {
        "startDate": "2018-10-19T02:02:00Z",
        "endDate": "2018-10-19T03:00:00Z",
    }


@pytest.mark.parametrize(
    "status, path",
    [
        (400, f"{HTTP}?window=1h&startDate=2018-10-18T12:00:00Z"),
        (400, f"{HTTP}?window=1h&endDate=2018-10-18T12:00:00Z"),
        (400, f"{HTTP}?endDate=2018-10-18T12:00:00Z"),
        (400, f"{HTTP}?startDate=2018-10-18T12:00:00Z&endDate=2018-10-18T11:00:00Z"),
        (400, f"{HTTP}?startDate=2018-10-18"),
        (400, f"{HTTP}?startDate=2018-10-18T12:00:00"),
        (400, f"{HTTP}?startDate=2018-10-18T12:00:00%2B02:00"),
        (400, f"{HTTP}?startDate=2018-10-18T12:00:00+0000"),  # a blank, when it is decoded
        (400, f"{HTTP}?startDate=1539864000"),
        (400, f"{HTTP}?window="),
        (400, f"{HTTP}?window=1y"),
        (400, f"{HTTP}?window=-1h"),
        (400, f"{HTTP}?window=1.5h"),
        (400, f"{HTTP}?window={'9' * 5000}"),
        (400, f"{HTTP}?from=2018-10-18T12:00:00Z"),
        (400, f"{HTTP}?agentId=12"),
        (400, f"{HTTP}?direction=to-target"),
        (400, f"{NETWORK}?expand=header"),
        (400, f"{HTTP}?expand=headers"),
        (400, f"{NETWORK}?direction=from-target"),
        (400, f"{NETWORK}?direction=TO_TARGET"),
        (400, f"{HTTP}?aid=abc"),
        (400, f"{HTTP}?cursor=abc"),
        (400, f"{HTTP}?cursor="),
        (403, f"{HTTP}?aid=9000"),
        (404, f"{HTTP}?aid=1234"),
        (404, "/v7/test-results/999999/network"),
        (404, "/v7/test-results/90001/network"),
        (404, "/v7/test-results/19955/page-load"),
        (404, "/v7/test-results/19955/dns-server"),
        (404, "/v7/test-results/20004/network"),
        (404, "/v7/test-results/20005/dns-server/4"),
        (404, "/v7/test-results/20005/dns-server/ns1"),
        (404, "/v7/test-results/20005/network/1447"),
        (404, "/v7/test-results/19955/unheard-of"),
        (404, "/v7/test-results/19955"),
        (404, f"{HTTP}.json"),
    ],
)
def test_wrong_requests(api, status, path):
    answer = api.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_other_refusals(sim, api):
    assert api.get(HTTP, token=None).status_code == 401
    assert api.get(HTTP, token=OTHER_TOKEN).status_code == 404
    assert api.get(HTTP, headers={"Accept": "application/json"}).status_code == 406
    assert api.send("POST", HTTP).status_code == 405
    sim.add_user(uid=9, email="x@example.com", token="blind", organization=12345, account_groups=[75], permissions=[])
    assert api.get(HTTP, token="blind").status_code == 403


def test_a_token_may_expire_between_two_pages(sim, api):
    sim.settings(results_page_size=5)
    sim.add_user(
        uid=9,
        email="x@example.com",
        token="brief",
        organization=12345,
        account_groups=[75],
        expires="2018-10-19T03:03:00Z",
    )
    path = api.get(f"{HTTP}?window=1h", token="brief").json()["_links"]["next"]["href"].removeprefix(sim.url)
    assert api.get(path, token="brief").status_code == 200
    sim.advance(59)
    assert api.get(path, token="brief").status_code == 401
    assert sim.requests()[-1]["auth"] == {"scheme": "bearer", "uid": None}


def test_a_cursor_belongs_to_its_resource(sim, api):
    sim.settings(results_page_size=5)
    cursor = parse_qs(urlsplit(api.get(f"{HTTP}?window=1h").json()["_links"]["next"]["href"]).query)["cursor"][0]
    assert api.get(f"{HTTP}?cursor={cursor}").status_code == 200
    assert api.get(f"{NETWORK}?cursor={cursor}").status_code == 400
    assert api.get(f"/v7/test-results/20020/http-server?cursor={cursor}").status_code == 400
    assert api.get(f"{HTTP}?cursor={cursor[:-4]}").status_code == 400
    assert api.get(f"{HTTP}?cursor={cursor}&window=1h&startDate=2018-10-18T12:00:00Z").status_code == 400


def test_the_layers_are_those_that_the_test_links_to(sim, api):
    served = {"network", "http-server", "page-load", "dns-server"}
    sim.settings(rate_limit=None)
    for test in api.get("/v7/tests").json()["tests"]:
        linked = {link["href"].rpartition("/")[2] for link in test["_links"]["testResults"]}
        assert linked
        for layer in served:
            status = api.get(f"/v7/test-results/{test['testId']}/{layer}").status_code
            assert status == (200 if layer in linked else 404), (test["type"], layer)


def test_a_test_may_do_without_network_measurements(sim, api):
    sim.add_test(test_id=1, name="Bare", network_measurements=False)
    links = api.get("/v7/tests/http-server/1").json()["_links"]["testResults"]
    assert [link["href"] for link in links] == [f"{sim.url}/v7/test-results/1/http-server"]
    assert api.get("/v7/test-results/1/network").status_code == 404
    bare = api.get("/v6/tests/1.json").json()["test"][0]
    assert bare["networkMeasurements"] == 0
    assert [link["href"] for link in bare["apiLinks"]] == [f"{sim.url}/v6/tests/1", f"{sim.url}/v6/web/http-server/1"]
    assert api.get("/v6/tests/19955.json").json()["test"][0]["networkMeasurements"] == 1


def test_a_test_may_have_agents_of_its_own(sim, api, flawless):
    sim.add_agent(agent_id=77, name="Extra", country="FR", location="Paris", latency=20)
    sim.add_test(test_id=1, name="Two agents", agents=[77, 12])
    assert {row["agent"]["agentId"] for row in api.get("/v7/test-results/1/network").json()["results"]} == {"77", "12"}
    assert len(api.get(NETWORK).json()["results"]) == 6
    sim.set_world(agents=[])
    assert api.get(f"{NETWORK}?window=1h").json()["results"] == []
    assert api.get("/v6/net/metrics/19955.json?window=1h").json()["net"]["metrics"] == []


def test_directions_of_an_agent_to_agent_test(sim, api, flawless):
    sim.add_test(test_id=1, name="Both ways", type="agent-to-agent", target="12", direction="bidirectional")
    sim.add_test(test_id=2, name="Back", type="agent-to-agent", target="12", direction="from-target")

    def directions(path: str) -> set[str]:
        answer = api.get(path)
        return {row["direction"] for row in answer.json()["results"]} if answer.status_code == 200 else set()

    for direction in ("to-target", "from-target", "bidirectional"):
        assert directions(f"/v7/test-results/1/network?direction={direction}") == {direction}
    assert directions("/v7/test-results/1/network") == {"to-target"}
    assert directions("/v7/test-results/2/network") == {"from-target"}
    assert api.get("/v7/test-results/2/network?direction=to-target").status_code == 400
    assert api.get("/v7/tests/agent-to-agent/2").json()["direction"] == "from-target"
    with pytest.raises(ValueError):
        sim.add_test(name="Sideways", type="agent-to-agent", target="12", direction="sideways")


def test_headers_and_certificates_on_demand(api, flawless):
    row = api.get(f"{HTTP}?expand=header,certificate").json()["results"][0]
    assert row["headers"]["requestHeaders"].startswith("GET / HTTP/1.1\r\nHost: shop.example.com\r\n")
    assert row["sslCertificates"]
    assert "sslCertificates" not in api.get(f"{HTTP}?expand=header").json()["results"][0]


def test_gaps_and_failures(api, unchecked):
    """Some rows there are not; some have failed, and no number in them but a health below 0."""
    due = 5 * (2 * 288 + 2)
    rows = read(api, f"{HTTP}?{TWO_DAYS}")
    failed = [row for row in rows if row["errorType"] != "None"]
    assert 0.9 * due < len(rows) < due
    assert 0.002 * due < len(failed) < 0.03 * due
    for row in failed:
        assert not set(NUMBERS["http-server"]) & set(row)
        assert row["errorDetails"] and row["healthScore"] == -1
    for row in rows:
        if row["errorType"] == "None":
            assert set(NUMBERS["http-server"]) <= set(row) and row["healthScore"] >= 0
    silent = [row for row in read(api, f"{NETWORK}?{TWO_DAYS}") if "loss" not in row]
    assert silent and all(not set(NUMBERS["network"]) & set(row) and row["healthScore"] == -1 for row in silent)


def test_a_page_does_not_load_without_its_response(api, unchecked):
    loads = read(api, f"/v7/test-results/20009/page-load?{TWO_DAYS}")
    responses = read(api, f"/v7/test-results/20009/http-server?{TWO_DAYS}")
    failed = keys([row for row in responses if row["errorType"] != "None"])
    assert failed and failed == keys([row for row in loads if "pageLoadTime" not in row])


def test_pauses_of_an_agent(api, unchecked):
    """Somewhere in a month an agent measures nothing for at least half an hour, while others do."""
    rounds: dict[str, list[int]] = {agent: [] for agent in AGENTS}
    for row in read(api, "/v7/test-results/817/network?window=30d"):
        rounds[row["agent"]["agentId"]].append(row["roundId"])
    widest = {agent: max(b - a for a, b in zip(ids, ids[1:])) for agent, ids in rounds.items()}
    assert 1800 < max(widest.values()) <= 7200 + 900
    assert max(widest.values()) > min(widest.values())


@pytest.mark.parametrize("layer", ["network", "http-server"])
def test_what_was_not_measured_can_be_null(sim, api, unchecked, layer):
    absent = read(api, f"/v7/test-results/19955/{layer}?{TWO_DAYS}")
    sim.settings(results_missing="null")
    null = read(api, f"/v7/test-results/19955/{layer}?{TWO_DAYS}")
    assert [{name: value for name, value in row.items() if value is not None} for row in null] == absent
    bare = [row for row in null if None in row.values()]
    assert bare and all(row[name] is None for row in bare for name in NUMBERS[layer])


@pytest.mark.parametrize("text", ["None", "none", "NONE"])
def test_the_spelling_of_no_error(sim, api, flawless, text):
    sim.settings(results_error_none=text)
    assert {row["errorType"] for row in api.get(HTTP).json()["results"]} == {text}
    rows = api.get("/v6/web/http-server/19955.json").json()["web"]["httpServer"]
    assert {row["errorType"] for row in rows} == {text}


def test_the_same_question_has_the_same_answer(sim, api, unchecked):
    rows = read(api, f"{HTTP}?{TWO_DAYS}")
    sim.reset()
    sim.set_clock("2018-10-19T03:02:01Z")
    assert read(api, f"{HTTP}?{TWO_DAYS}") == rows
    part = read(api, f"{HTTP}?startDate=2018-10-17T00:00:00Z&endDate=2018-10-17T06:00:00Z")
    assert part == [row for row in rows if row in part]


def of(rows: list[dict], name: str, start: int = 0, end: int = 2**40, agent: str | None = None) -> list[float]:
    return [
        row[name]
        for row in rows
        if start <= row["roundId"] < end and name in row and agent in (None, row["agent"]["agentId"])
    ]


def test_agents_tests_and_hours_differ(api, unchecked):
    rows = read(api, f"{HTTP}?{TWO_DAYS}")
    medians = {agent: statistics.median(of(rows, "responseTime", agent=agent)) for agent in AGENTS}
    assert len(set(medians.values())) == 5 and max(medians.values()) > 2 * min(medians.values())
    noon, night = START + 14 * 3600, START + 86400 + 2 * 3600
    for agent in AGENTS:
        busy = statistics.median(of(rows, "responseTime", noon - 7200, noon + 7200, agent))
        calm = statistics.median(of(rows, "responseTime", night - 7200, night + 7200, agent))
        assert 1.3 < busy / calm < 2.2
        assert len(set(of(rows, "responseTime", agent=agent))) > 30
    other = read(api, f"/v7/test-results/20020/http-server?{TWO_DAYS}")
    assert statistics.median(of(other, "responseTime")) != statistics.median(of(rows, "responseTime"))


HOUR = {"start": "2018-10-17T12:00:00Z", "end": "2018-10-17T13:00:00Z"}
FROM, TO = 1539777600, 1539781200


def ratios(before: list[dict], after: list[dict], name: str) -> list[float]:
    """How much more each measurement of that hour says than it did."""
    then = {key: row for key, row in zip(keys(before), before) if name in row}
    now = {key: row for key, row in zip(keys(after), after) if name in row}
    return [now[key][name] / then[key][name] for key in now if key in then and FROM <= key[0] < TO]


def test_a_degradation_shows_in_its_time_only(sim, api, unchecked):
    http, network = read(api, f"{HTTP}?{TWO_DAYS}"), read(api, f"{NETWORK}?{TWO_DAYS}")
    sim.degrade(19955, **HOUR, factor={"responseTime": 4, "avgLatency": 3}, add={"loss": 8}, failed=0.3)
    worse, slower = read(api, f"{HTTP}?{TWO_DAYS}"), read(api, f"{NETWORK}?{TWO_DAYS}")
    assert [row for row in worse if not FROM <= row["roundId"] < TO] == [
        row for row in http if not FROM <= row["roundId"] < TO
    ]
    assert len(ratios(http, worse, "responseTime")) > 20
    assert all(3.9 < value < 4.1 for value in ratios(http, worse, "responseTime"))
    assert all(2.99 < value < 3.01 for value in ratios(network, slower, "avgLatency"))
    assert min(ratios(network, slower, "maxLatency")) > 2
    losses = of(slower, "loss", FROM, TO)
    assert 8 <= min(losses) and statistics.mean(losses) < 9
    down = [row["errorType"] != "None" for row in worse if FROM <= row["roundId"] < TO]
    assert 0.15 < sum(down) / len(down) < 0.45
    for row in worse:
        if "totalTime" in row:
            assert row["totalTime"] == row["responseTime"] + row["receiveTime"]
    sim.clear_degradations()
    assert read(api, f"{HTTP}?{TWO_DAYS}") == http


def test_a_degradation_of_some_agents_and_one_layer(sim, api, unchecked):
    http, network = read(api, f"{HTTP}?{TWO_DAYS}"), read(api, f"{NETWORK}?{TWO_DAYS}")
    sim.degrade(19955, **HOUR, agents=[12], layer="http-server", factor={"responseTime": 10}, missing=0.5)
    worse = read(api, f"{HTTP}?{TWO_DAYS}")
    assert read(api, f"{NETWORK}?{TWO_DAYS}") == network
    assert [row for row in worse if row["agent"]["agentId"] != "12"] == [
        row for row in http if row["agent"]["agentId"] != "12"
    ]
    hit, before = of(worse, "responseTime", FROM, TO, "12"), of(http, "responseTime", FROM, TO, "12")
    assert min(hit) > 3 * max(before)
    assert 0 < len(hit) < len(before)


def test_loss_ends_at_a_hundred_and_leaves_no_latency(sim, api, flawless):
    sim.degrade(19955, "2018-10-19T02:00:00Z", "2018-10-19T03:00:00Z", add={"loss": 250})
    for row in api.get(NETWORK).json()["results"]:
        assert (row["loss"], row["healthScore"]) == (100, 0)
        assert not {"minLatency", "avgLatency", "maxLatency", "jitter"} & set(row)


def test_a_total_outage(sim, api):
    sim.degrade(19955, "2018-10-19T02:00:00Z", "2018-10-19T03:00:00Z", failed=1)
    rows = read(api, f"{HTTP}?window=1h")
    assert rows and all(row["errorType"] != "None" for row in rows)
    sim.clear_degradations()
    sim.degrade(19955, "2018-10-19T02:00:00Z", "2018-10-19T03:00:00Z", missing=1)
    assert read(api, f"{HTTP}?startDate=2018-10-19T02:10:00Z") == []


@pytest.mark.parametrize(
    "how",
    [
        {"factor": {"latency": 3}},
        {"add": {"minLatency": 3}},
        {"layer": "path-vis"},
        {"agents": [4]},
        {"test_id": 4},
        {"test_id": 58001},
        {"end": HOUR["start"]},
        {"start": "soon"},
        {"strength": 3},
    ],
)
def test_a_degradation_of_nothing_is_refused(sim, how):
    with pytest.raises(ValueError):
        sim.degrade(**{"test_id": 19955, **HOUR, **how})
    assert sim.world()["degradations"] == []


def test_retention(sim, api, flawless):
    sim.settings(results_retention_days=1, results_page_size=3000)
    api.checked = False
    rounds = {row["roundId"] for row in read(api, f"{HTTP}?window=3d")}
    assert rounds == set(range(1539831900, LAST + 1, 300)), "24 h, less the round that was running at their start"
    assert read(api, f"{HTTP}?startDate=2018-10-16T00:00:00Z&endDate=2018-10-17T00:00:00Z") == []


def test_a_saved_event_has_the_results_of_its_window(sim, api, unchecked):
    created = api.create_v7(isPublic=False, startDate="2018-10-17T10:00:00Z", endDate="2018-10-17T14:00:00Z").json()
    sim.degrade(19955, **HOUR, factor={"responseTime": 4})
    path = f"/v7/test-results/{created['testId']}/http-server"
    sim.settings(results_round_before=False)
    source = read(api, f"{HTTP}?startDate=2018-10-17T10:00:00Z&endDate=2018-10-17T14:00:00Z")
    saved = read(api, f"{path}?window=10d")
    assert {name for row in saved for name in row} == {name for row in source for name in row}
    without = [{**row, "_links": None} for row in saved]
    assert without == [{**row, "_links": None} for row in source]
    assert {row["roundId"] for row in read(api, path)} == {1539784800}, "without a range, its last round"
    sim.settings(results_retention_days=1)
    assert read(api, f"{path}?window=10d") == saved
    assert {row["roundId"] for row in read(api, "/v7/test-results/58001/network")} == {1527843600}


def test_a_test_that_is_off_has_no_results_of_late(api, unchecked):
    assert read(api, "/v7/test-results/20030/http-server?window=2d") == []
    assert api.get("/v7/test-results/20030/http-server").json()["results"][0]["date"] < "2013-05-11T02:02:21Z"


def test_faults_strike_pages_as_well(sim, api):
    sim.settings(results_page_size=5)
    sim.fault(match={"path": "/test-results/"}, skip=1, status=429, headers={"Retry-After": "1"})
    path = f"{HTTP}?window=1h"
    following = api.get(path).json()["_links"]["next"]["href"].removeprefix(sim.url)
    assert [api.get(following).status_code for _count in range(2)] == [429, 200]
    sim.fault(match={"path": "/test-results/"}, body="<html>")
    api.checked = False
    assert api.get(following).text == "<html>"


@pytest.mark.parametrize("changes", [{"results_page_size": 0}, {"results_order": "random"}, {"results_missing": "0"}])
def test_senseless_settings(sim, changes):
    with pytest.raises(ValueError):
        sim.settings(**changes)


class TestOfficialSdk:
    """The vendor's own reader of results, with its own pagination."""

    SPAN = {
        "start_date": datetime(2018, 10, 17, tzinfo=timezone.utc),
        "end_date": datetime(2018, 10, 18, tzinfo=timezone.utc),
    }
    DAY = "startDate=2018-10-17T00:00:00Z&endDate=2018-10-18T00:00:00Z"

    @pytest.mark.parametrize(
        "reader, call, path",
        [
            (NetworkTestResultsApi, "get_test_network_results_paginated", "20002/network"),
            (WebHTTPServerTestResultsApi, "get_test_http_server_results_paginated", "19955/http-server"),
            (WebPageLoadTestResultsApi, "get_test_page_load_results_paginated", "20009/page-load"),
            (DNSServerTestResultsApi, "get_test_dns_servers_results_paginated", "20005/dns-server"),
        ],
    )
    def test_it_reads_every_page(self, sim, api, client, unchecked, reader, call, path):
        rows = list(getattr(reader(client()), call)(path.partition("/")[0], **self.SPAN))
        asked = len(sim.requests())
        raw = read(api, f"/v7/test-results/{path}?{self.DAY}")
        assert asked > 2 and len(rows) > 1000
        assert [(row.round_id, row.agent.agent_id, getattr(row, "server_id", None)) for row in rows] == keys(raw)
        for field, name in (
            ("avg_latency", "avgLatency"),
            ("response_time", "responseTime"),
            ("resolution_time", "resolutionTime"),
        ):
            if hasattr(rows[0], field):
                assert [getattr(row, field) for row in rows] == [row.get(name) for row in raw]

    def test_it_reads_a_window_while_time_goes_by(self, sim, api, client, unchecked):
        expected = keys(read(api, f"{HTTP}?window=6h"))
        sim.settings(results_page_size=50)
        found = []
        for row in WebHTTPServerTestResultsApi(client()).get_test_http_server_results_paginated("19955", window="6h"):
            found.append((row.round_id, row.agent.agent_id, None))
            sim.advance(20)
        assert found == expected

    def test_it_notices_a_cursor_that_repeats(self, sim, client):
        sim.settings(results_page_size=10, repeat_cursor=True)
        reader = NetworkTestResultsApi(client())
        rows = list(reader.get_test_network_results_paginated("19955", window="2h"))
        assert len(sim.requests()) == 2 and 0 < len(rows) <= 20

    def test_it_is_refused(self, client):
        reader = WebHTTPServerTestResultsApi(client())
        with pytest.raises(errors.BadRequestException):
            list(reader.get_test_http_server_results_paginated("19955", window="1h", **self.SPAN))
        with pytest.raises(errors.NotFoundException):
            list(reader.get_test_http_server_results_paginated("20004", window="1h"))
        with pytest.raises(errors.UnauthorizedException):
            WebHTTPServerTestResultsApi(client("wrong")).get_test_http_server_results("19955")
