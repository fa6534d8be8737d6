# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The details of tests of each type, and the fields of results that depend on what is measured."""

from __future__ import annotations

import pytest
from thousandeyes_sdk.tests import api as sdk
from thousandeyes_sdk.tests.models.expand_test_options import ExpandTestOptions

HAL = "application/hal+json"
KINDS = {
    "agent-to-agent": ("20001", sdk.AgentToAgentTestsApi, "get_agent_to_agent_test"),
    "agent-to-server": ("20002", sdk.AgentToServerTestsApi, "get_agent_to_server_test"),
    "api": ("20003", sdk.APITestsApi, "get_api_test"),
    "bgp": ("20004", sdk.BGPTestsApi, "get_bgp_test"),
    "dns-server": ("20005", sdk.DNSServerTestsApi, "get_dns_server_test"),
    "dns-trace": ("20006", sdk.DNSTraceTestsApi, "get_dns_trace_test"),
    "dnssec": ("20007", sdk.DNSSECTestsApi, "get_dns_sec_test"),
    "ftp-server": ("20008", sdk.FTPServerTestsApi, "get_ftp_server_test"),
    "page-load": ("20009", sdk.PageLoadTestsApi, "get_page_load_test"),
    "sip-server": ("20010", sdk.SIPServerTestsApi, "get_sip_server_test"),
    "voice": ("20011", sdk.VoiceTestsApi, "get_voice_test"),
    "web-transactions": ("20012", sdk.WebTransactionTestsApi, "get_web_transactions_test"),
    "http-server": ("19955", sdk.HTTPServerTestsApi, "get_http_server_test"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_sdk_finds_all_that_it_requires(sim, client, kind):
    test_id, api, method = KINDS[kind]
    found = getattr(api(client()), method)(test_id)
    assert (found.test_id, found.type) == (test_id, kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bgp"])
def test_the_documents_find_all_that_they_require(api, required_document, kind):
    """Those of an instant test of the type, which is the same test but for the interval."""
    body = api.get(f"/v7/tests/{kind}/{KINDS[kind][0]}?expand=agent,label,tag,shared-with-account").json()
    before = required_document.checked
    required_document.check("POST", f"/tests/{kind}/instant", 201, HAL, body)
    assert required_document.checked == before + 1


def test_the_sdk_gets_what_it_expands(sim, client):
    shop = sdk.HTTPServerTestsApi(client())
    plain = shop.get_http_server_test("19955")
    assert plain.agents is plain.labels is plain.tags is plain.shared_with_accounts is None
    full = shop.get_http_server_test("19955", expand=[word for word in ExpandTestOptions if word.value != "unknown"])
    assert {(agent.agent_id, agent.agent_type.value) for agent in full.agents} == {
        ("12", "cloud"),
        ("3", "cloud"),
        ("4492", "cloud"),
        ("281474976710706", "enterprise"),
        ("281474976710707", "enterprise"),
    }
    assert [(label.label_id, label.name) for label in full.labels] == [("962", "Shop")]
    assert [(tag.key, tag.value) for tag in full.tags] == [("team", "shop"), ("branch", "sfo")]
    assert [(group.aid, group.name) for group in full.shared_with_accounts] == [("75", "API Sandbox")]
    assert full.alert_rules == full.monitors == []


def test_agents_are_those_that_measure(sim, api):
    sim.add_test(test_id=1, name="Two places", agents=[12, 4492])
    agents = api.get("/v7/tests/http-server/1?expand=agent").json()["agents"]
    rows = api.get("/v7/test-results/1/http-server?window=1h").json()["results"]
    assert {agent["agentId"] for agent in agents} == {row["agent"]["agentId"] for row in rows} == {"12", "4492"}


@pytest.mark.parametrize("query", ["expand=agents", "expand=agent,agents", "versionId=1", "expands=agent"])
def test_what_it_cannot_honour_it_refuses(api, query):
    assert api.get(f"/v7/tests/http-server/19955?{query}").status_code == 400


def test_tests_of_bgp_have_no_interval(api):
    assert "interval" not in api.get("/v7/tests/bgp/20004").json()


def test_the_layer_of_a_voice_test(api):
    links = api.get("/v7/tests/voice/20011").json()["_links"]["testResults"]
    assert links[0]["href"].endswith("/v7/test-results/20011/rtp-server")
    links = api.get("/v6/tests/20011.json").json()["test"][0]["apiLinks"]
    assert links[1]["href"].endswith("/v6/voice/rtp-stream/20011")


def rows_of(api, version: str, test_id: int) -> list[dict]:
    if version == "v7":
        return api.get(f"/v7/test-results/{test_id}/http-server?window=1d&expand=certificate").json()["results"]
    answer = api.get(f"/v6/web/http-server/{test_id}.json?window=1d&certificates=1")
    return answer.json()["web"]["httpServer"]


@pytest.mark.parametrize("version, certificates", [("v6", "sslCerts"), ("v7", "sslCertificates")])
def test_tls_is_told_where_there_was_some(sim, api, version, certificates):
    tls = {"sslVersion", "sslCipher", certificates}
    sim.settings(results_flaws=20)
    api.checked = False  # a day of rows against the document would take long
    seen = {row["errorType"]: tls & set(row) for row in rows_of(api, version, 19955)}
    assert seen == {"None": tls, "Receive": tls, "DNS": set(), "Connect": set(), "SSL": set()}
    assert all(not tls & set(row) for row in rows_of(api, version, 817))  # plain http


def test_how_many_queries_a_name_took_in_v6(api):
    rows = api.get("/v6/dns/server/20005.json").json()["dns"]["server"]
    assert rows and {row["queries"] for row in rows} == {1}
