# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results in v6: envelope, ranges, pages, rows. What they say is what v7 says, so little of that is here."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from simulator import EMAIL, TOKEN
from simulator.measurements import NUMBERS

LAST = 1539917700  # see test_simulator_results.py
HTTP = "/v6/web/http-server/19955.json"
TWO_DAYS = "from=2018-10-16T00:00:00&to=2018-10-18+00:00:00"
START, END = 1539648000, 1539820800
LAYERS = [
    ("/v6/net/metrics/19955", "net", "metrics", "/v7/test-results/19955/network", "results"),
    ("/v6/web/http-server/19955", "web", "httpServer", "/v7/test-results/19955/http-server", "results"),
    ("/v6/web/page-load/20009", "web", "pageLoad", "/v7/test-results/20009/page-load", "results"),
    ("/v6/dns/server/20005", "dns", "server", "/v7/test-results/20005/dns-server", "results"),
    ("/v6/dns/server/20005/1448", "dns", "server", "/v7/test-results/20005/dns-server/1448", "results"),
]


def pages(api, path: str) -> list[dict]:
    """All pages, following the links as they are."""
    found = []
    while path:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        path = found[-1]["pages"].get("next", "").removeprefix(api.sim.url)
    return found


def rounds(page: dict) -> list[int]:
    return [row["roundId"] for row in page["web"]["httpServer"]]


@pytest.mark.parametrize("path, top, name, v7_path, _results", LAYERS)
def test_a_layer_says_what_v7_says(api, path, top, name, v7_path, _results):
    """But for the health score, the direction and the queries, and with integers for ids."""
    body = api.get(f"{path}.json").json()
    assert set(body) == {top, "pages"} and body["pages"] == {"current": 1}
    assert set(body[top]) == {"test", name}
    test = body[top]["test"]
    assert {**test, "groups": None} == {**api.get(f"/v6/tests/{test['testId']}.json").json()["test"][0], "groups": None}
    rows, others = body[top][name], api.get(v7_path).json()["results"]
    assert len(rows) == len(others) >= 5
    for row, other in zip(rows, others):
        agent = other["agent"]
        assert (row["agentId"], row["agentName"], row["countryId"]) == (
            int(agent["agentId"]),
            agent["agentName"],
            agent["countryId"],
        )
        assert row["roundId"] == other["roundId"] == LAST
        assert row["date"] == other["date"].replace("T", " ").rstrip("Z")
        assert f"&roundId={LAST}&agentId={row['agentId']}" in row["permalink"]
        own = set(row) - {
            "agentId",
            "agentName",
            "countryId",
            "permalink",
            "date",
            "errorDetails",
            "serverId",
            "queries",
        }
        shared = set(other) - {
            "agent",
            "date",
            "startTime",
            "endTime",
            "_links",
            "healthScore",
            "direction",
            "serverId",
        }
        assert own == shared - {"errorDetails"}
        assert {field: row[field] for field in own} == {field: other[field] for field in own}
        assert row.get("serverId") == (int(other["serverId"]) if "serverId" in other else None)


def test_the_round_before_a_range_is_never_there(sim, api):
    sim.settings(results_flaws=0, rate_limit=None)
    for first, last, query in (
        (1539864000, 1539867600, "from=2018-10-18T12:00:00&to=2018-10-18+13:00:00"),
        (1539864300, 1539867300, "from=2018-10-18T12:00:01&to=2018-10-18T12:59:59"),
        (LAST - 600, LAST, "from=2018-10-19 02:45:00"),
        (LAST - 3000, LAST, "window=1h"),
        (LAST - 3000, LAST, "window=3600"),
    ):
        found = [round_id for page in pages(api, f"{HTTP}?{query}") for round_id in rounds(page)]
        assert sorted(set(found)) == list(range(first, last + 1, 300))


def test_the_range_is_told(api):
    body = api.get(f"{HTTP}?window=1h").json()
    assert (body["from"], body["to"]) == ("2018-10-19 02:02:01", "2018-10-19 03:02:01")
    body = api.get(f"{HTTP}?from=2018-10-19T02:00:00").json()
    assert (body["from"], body["to"]) == ("2018-10-19 02:00:00", "2018-10-19 03:02:01")


def test_pages_hold_every_measurement_once(sim, api):
    sim.settings(results_flaws=0)
    found = pages(api, f"{HTTP}?{TWO_DAYS}")
    assert [page["pages"]["current"] for page in found] == [1, 2, 3, 4, 5, 6]
    rows = [row for page in found for row in page["web"]["httpServer"]]
    agents = {row["agentId"] for row in rows}
    assert sorted((row["roundId"], row["agentId"]) for row in rows) == [
        (round_id, agent) for round_id in range(START, END + 1, 300) for agent in sorted(agents)
    ]
    assert len(agents) == 5
    for page, following in zip(found, found[1:]):
        link = urlsplit(page["pages"]["next"])
        assert link.path == HTTP
        assert parse_qs(link.query) == {
            "lastRoundId": [str(max(rounds(page)))],
            "from": ["2018-10-16 00:00:00"],
            "to": ["2018-10-18 00:00:00"],
        }
        assert max(rounds(page)) + 300 == min(rounds(following))


def test_pages_end_with_a_round_and_lose_nothing(sim, api):
    def rows(size: int, order: str) -> list[tuple[int, int]]:
        sim.settings(results_page_size=size, results_order=order)
        found = pages(api, f"{HTTP}?from=2018-10-17T00:00:00&to=2018-10-17T12:00:00")
        assert len(found) == (29 if size == 27 else 1)
        return [(row["roundId"], row["agentId"]) for page in found for row in page["web"]["httpServer"]]

    whole = rows(100000, "ascending")
    assert rows(27, "ascending") == whole
    backwards = rows(27, "descending")
    assert sorted(backwards) == sorted(whole) and backwards[0][0] > backwards[-1][0]


def test_a_window_becomes_a_fixed_range(sim, api):
    sim.settings(results_page_size=10)
    first = api.get("/v6/net/metrics/30001.json?window=1h&aid=1234&format=json").json()
    query = parse_qs(urlsplit(first["pages"]["next"]).query)
    assert query == {
        "lastRoundId": [str(LAST - 3000 + 300)],
        "from": ["2018-10-19 02:02:01"],
        "to": ["2018-10-19 03:02:01"],
        "aid": ["1234"],
        "format": ["json"],
    }
    path = first["pages"]["next"].removeprefix(sim.url)
    second = api.get(path).json()
    sim.advance(86400)
    assert api.get(path).json() == second


@pytest.mark.parametrize("circle", [1, 2])
def test_links_may_lead_in_a_circle(sim, api, circle):
    sim.settings(results_page_size=10, repeat_cursor=circle)
    path, links = f"{HTTP}?window=1h", []
    for _count in range(3 * circle):
        links.append(api.get(path).json()["pages"]["next"])
        path = links[-1].removeprefix(sim.url)
    assert len(set(links)) == circle and links == links[:circle] * 3
    assert "next" not in api.get(f"{HTTP}?window=10m").json()["pages"], "a single page leads nowhere"


@pytest.mark.parametrize(
    "status, path",
    [
        (400, f"{HTTP}?window=1h&from=2018-10-18T12:00:00"),
        (400, f"{HTTP}?window=1h&to=2018-10-18T12:00:00"),
        (400, f"{HTTP}?to=2018-10-18T12:00:00"),
        (400, f"{HTTP}?from=2018-10-18T12:00:00&to=2018-10-18T11:59:59"),
        (400, f"{HTTP}?from=2018-10-18T12:00:00Z"),
        (400, f"{HTTP}?from=2018-10-18"),
        (400, f"{HTTP}?window=1y"),
        (400, f"{HTTP}?startDate=2018-10-18T12:00:00Z"),
        (400, f"{HTTP}?lastRoundId={LAST}"),
        (400, f"{HTTP}?lastRoundId={LAST}&window=1h"),
        (400, f"{HTTP}?lastRoundId={LAST}&from=2018-10-16T00:00:00&to=2018-10-18T00:00:00"),
        (400, f"{HTTP}?lastRoundId={START + 1}&{TWO_DAYS}"),
        (400, f"{HTTP}?lastRoundId={'9' * 5000}&{TWO_DAYS}"),
        (400, f"{HTTP}?lastRoundId=abc&{TWO_DAYS}"),
        (400, f"{HTTP}?headers=yes"),
        (400, f"{HTTP}?direction=TO_TARGET"),
        (400, "/v6/net/metrics/19955.json?direction=to-target"),
        (400, "/v6/net/metrics/19955.json?direction=FROM_TARGET"),
        (400, "/v6/net/metrics/19955.json?headers=1"),
        (400, f"{HTTP}?aid=abc"),
        (403, f"{HTTP}?aid=9000"),
        (404, f"{HTTP}?aid=1234"),
        (404, "/v6/web/page-load/19955.json"),
        (404, "/v6/dns/server/19955.json"),
        (404, "/v6/dns/server/20005/4.json"),
        (404, "/v6/net/metrics/20004.json"),
        (404, "/v6/net/metrics/20003.json"),
        (404, "/v6/net/metrics/999999.json"),
        (404, "/v6/net/metrics.json"),
        (404, "/v6/web/httpServer/19955.json"),
    ],
)
def test_wrong_requests(api, status, path):
    answer = api.get(path)
    assert (answer.status_code, list(answer.json())) == (status, ["errorMessage"])


def test_credentials_and_permissions(sim, api):
    assert api.get(HTTP, token=TOKEN, email=EMAIL).status_code == 200
    assert api.get(HTTP, token=None).status_code == 401
    assert api.send("POST", HTTP).status_code == 405
    sim.add_user(uid=9, email="x@example.com", token="blind", organization=12345, account_groups=[75], permissions=[])
    assert api.get(HTTP, token="blind").status_code == 403


def test_xml_says_what_json_says(sim, api):
    sim.settings(results_page_size=10, results_missing="null")
    sim.degrade(19955, "2018-10-19T00:00:00Z", "2018-10-19T03:00:00Z", failed=0.5)
    for path in ("/v6/web/http-server/19955", "/web/http-server/19955"):
        body = api.get(f"{path}.json?window=2h").json()
        root = ElementTree.fromstring(api.get(f"{path}.xml?window=2h").content)
        assert root.findtext("from") == body["from"]
        assert root.findtext("pages/next") == body["pages"]["next"].replace(".json", ".xml")
        rows = [{item.tag: item.text for item in row} for row in root.findall("web/httpServer")]
        assert rows == [
            {name: None if value in (None, "") else str(value) for name, value in row.items()}
            for row in body["web"]["httpServer"]
        ]
        assert {row["errorType"] == "None" for row in rows} == {True, False}


def test_gaps_and_failures(api):
    rows = [row for page in pages(api, f"{HTTP}?{TWO_DAYS}") for row in page["web"]["httpServer"]]
    failed = [row for row in rows if row["errorType"] != "None"]
    assert len(rows) < 577 * 5 and failed
    assert all(row["errorDetails"] and not set(NUMBERS["http-server"]) & set(row) for row in failed)
    assert all(row["errorDetails"] == "" for row in rows if row["errorType"] == "None")


def test_a_degradation_shows(sim, api):
    sim.settings(results_flaws=0)
    query = "from=2018-10-17T12:00:00&to=2018-10-17T12:10:00"
    calm = pages(api, f"{HTTP}?{query}")[0]["web"]["httpServer"]
    sim.degrade(19955, "2018-10-17T12:00:00Z", "2018-10-17T12:10:00Z", factor={"responseTime": 4})
    worse = pages(api, f"{HTTP}?{query}")[0]["web"]["httpServer"]
    assert [row["responseTime"] > 3 * before["responseTime"] for row, before in zip(worse, calm)] == (
        [True] * 10 + [False] * 5
    )


def test_headers_certificates_and_directions_on_demand(sim, api):
    sim.settings(results_flaws=0)
    row = api.get(f"{HTTP}?headers=1&certificates=1").json()["web"]["httpServer"][0]
    assert "Host: shop.example.com" in row["headers"]["requestHeaders"] and row["sslCerts"]
    assert not {"headers", "sslCerts"} & set(api.get(f"{HTTP}?headers=0").json()["web"]["httpServer"][0])
    sim.add_test(test_id=1, name="Both ways", type="agent-to-agent", target="12", direction="bidirectional")
    answers = [
        api.get(f"/v6/net/metrics/1.json?direction={direction}").json()["net"]["metrics"]
        for direction in ("TO_TARGET", "FROM_TARGET", "BIDIRECTIONAL")
    ]
    assert len({rows[0]["avgLatency"] for rows in answers}) == 3
    assert api.get("/v6/tests/1.json").json()["test"][0]["direction"] == "BIDIRECTIONAL"


def test_the_layers_are_those_that_the_test_links_to(sim, api):
    served = {"net/metrics", "web/http-server", "web/page-load", "dns/server"}
    sim.settings(rate_limit=None)
    for test in api.get("/v6/tests.json").json()["test"]:
        base = f"{sim.url}/v6/"
        links = [link["href"] for link in test["apiLinks"] if link["rel"] == "data"]
        linked = {link.removeprefix(base).rpartition("/")[0] for link in links}
        assert linked and all(link.startswith(base) and link.endswith(f"/{test['testId']}") for link in links)
        for layer in served:
            status = api.get(f"/v6/{layer}/{test['testId']}.json").status_code
            assert status == (200 if layer in linked else 404), (test["type"], layer)
