# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each kind of fault, what the client sees of it, and whether the request was committed."""

from __future__ import annotations

import http.client
import socket
import time

import pytest
import requests
from support.patience import HANG, wait_until

LOST = requests.exceptions.ConnectionError


def outcome(sim) -> tuple[int, list[bool]]:
    """How many snapshots there are, and for each whether its answer got through."""
    rows = sim.creations()
    return len(rows), [row["answered"] for row in rows]


@pytest.fixture(autouse=True)
def unchecked(api):
    api.checked = False  # spoilt answers are not those of the document


@pytest.mark.parametrize("create", ["create_v6", "create_v7"])
@pytest.mark.parametrize("commit", [False, True])
@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_dropped_connection(sim, api, create, commit, kind):
    sim.fault(drop=kind, commit=commit)
    with pytest.raises(LOST) as caught:
        getattr(api, create)()
    cause = caught.value.args[0].args[1]
    assert isinstance(cause, ConnectionResetError)  # the RST; of which http.client's error for a FIN is a subclass
    assert isinstance(cause, http.client.RemoteDisconnected) == (kind == "close")
    assert outcome(sim) == ((1, [False]) if commit else (0, []))
    assert [row["status"] for row in sim.requests()] == [None]


def test_drop_and_status_do_not_commit_by_default(sim, api):
    for fault in ({"drop": "close"}, {"drop": "reset"}):
        sim.fault(**fault)
        with pytest.raises(LOST):
            api.create_v7()
    sim.fault(status=500)
    assert api.create_v7().status_code == 500
    assert outcome(sim) == (0, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503])
def test_a_status_comes_in_the_shape_of_the_version(sim, api, document, status):
    sim.fault(status=status, times=0)
    answer = api.create_v7()
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    if document:
        document.check("POST", "/tests/1/snapshot", status, answer.headers["Content-Type"], answer.json())
    answer = api.create_v6()
    assert answer.status_code == status
    if status == 503:
        assert answer.text.startswith("Please bear with us")
    else:
        assert answer.json() == {"errorMessage": "Injected fault"}


def test_a_status_may_lie_about_a_committed_request(sim, api):
    sim.fault(status=502, commit=True)
    assert api.create_v7().status_code == 502
    assert outcome(sim) == (1, [False])


def test_status_headers_type_and_body_are_as_told(sim, api):
    sim.fault(status=429, headers={"Retry-After": "7"}, content_type="text/html", body="<h1>Slow down</h1>")
    answer = api.create_v7()
    assert (answer.status_code, answer.text) == (429, "<h1>Slow down</h1>")
    assert (answer.headers["Content-Type"], answer.headers["Retry-After"]) == ("text/html", "7")


def test_a_body_that_is_not_json_after_committing(sim, api):
    sim.fault(body="<html>gateway</html>")
    answer = api.create_v7()
    assert (answer.status_code, answer.text) == (201, "<html>gateway</html>")
    assert answer.headers["Content-Type"] == "application/hal+json;charset=UTF-8"
    assert outcome(sim) == (1, [False])
    sim.fault(body={"unexpected": ["JSON"]})
    assert api.create_v7().json() == {"unexpected": ["JSON"]}


def test_headers_alone_spoil_nothing(sim, api):
    sim.fault(headers={"X-Organization-Rate-Limit-Reset": "7", "X-More": "1"})
    answer = api.create_v7()
    assert (answer.headers["X-Organization-Rate-Limit-Reset"], answer.headers["X-More"]) == ("7", "1")
    assert answer.json()["id"] == "wdiac"
    assert outcome(sim) == (1, [True])


def read_all(sim, request: bytes) -> bytes:
    """What comes back on a raw connection until the server closes it."""
    with socket.create_connection(("127.0.0.1", int(sim.url.rpartition(":")[2])), timeout=HANG) as connection:
        connection.sendall(request)
        received = b""
        while True:
            part = connection.recv(65536)
            if not part:
                return received
            received += part


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_truncated_answer_promises_the_whole(sim, api, count):
    whole = api.get("/v7/account-groups")
    sim.fault(truncate=count)
    token = whole.request.headers["Authorization"]
    received = read_all(sim, f"GET /v7/account-groups HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
    head, blank, body = received.partition(b"\r\n\r\n")
    assert blank and body == whole.content[:count]
    assert f"content-length: {len(whole.content)}".encode() in head.lower().split(b"\r\n")


def test_a_truncated_creation_is_committed(sim, api):
    sim.fault(truncate=30)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.create_v7()
    assert outcome(sim) == (1, [False])


def test_a_delay_comes_before_the_request_is_handled(sim, api):
    sim.fault(delay=30)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{sim.url}/v7/tests", timeout=(60, 0.05))
    started = time.monotonic()
    sim.fault(delay=0.1)
    assert api.create_v7().status_code == 201
    assert time.monotonic() - started >= 0.1


def test_a_client_that_gives_up_may_have_created(sim, api):
    """The commit stands in the log; the answer, 2 s later, reaches nobody."""
    sim.fault(delay_after=2)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(
            f"{sim.url}/v7/tests/19955/snapshot",
            timeout=(60, 0.05),
            headers=api.create_headers,
            json={"displayName": "x", "startDate": "2018-10-06T00:00:00Z", "endDate": "2018-10-06T01:00:00Z"},
        )
    wait_until(lambda: outcome(sim) == (1, [False]))
    wait_until(lambda: sim.requests()[0]["status"] is not None)
    assert outcome(sim) == (1, [False])


def test_a_client_that_gives_up_during_a_delay_creates_all_the_same(sim, api):
    sim.fault(delay=2)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(
            f"{sim.url}/v7/tests/19955/snapshot",
            timeout=(60, 0.05),
            headers=api.create_headers,
            json={"displayName": "x", "startDate": "2018-10-06T00:00:00Z", "endDate": "2018-10-06T01:00:00Z"},
        )
    wait_until(lambda: outcome(sim) == (1, [False]))


def test_a_request_of_before_a_reset_cannot_reach_the_new_world(sim, api):
    sim.fault(delay=0.3)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(
            f"{sim.url}/v7/tests/19955/snapshot",
            timeout=(60, 0.05),
            headers=api.create_headers,
            json={"displayName": "x", "startDate": "2018-10-06T00:00:00Z", "endDate": "2018-10-06T01:00:00Z"},
        )
    wait_until(sim.requests)
    sim.reset()
    # It is answered after the first one is handled, however slow the machine is.
    sim.fault(delay=0.3)
    assert api.get("/v7/account-groups").status_code == 200
    assert outcome(sim) == (0, [])


def test_match_skip_and_times(sim, api):
    sim.fault(name="lists", match={"method": "GET", "path": "^/v7/tests"}, skip=1, times=2, status=503)
    assert api.create_v7().status_code == 201
    assert api.get("/v7/account-groups").status_code == 200
    assert [api.get("/v7/tests").status_code for _count in range(4)] == [200, 503, 503, 200]
    assert [(row["name"], row["seen"], row["used"]) for row in sim.faults()] == [("lists", 4, 2)]
    assert [row["fault"] for row in sim.requests("GET")] == [None, None, "lists", "lists", None]


def test_faults_queue_up_and_those_for_ever_come_last(sim, api):
    sim.fault(status=500, times=0)
    sim.fault(status=502)
    sim.fault(status=503)
    assert [api.get("/v7/tests").status_code for _count in range(4)] == [502, 503, 500, 500]
    sim.clear_faults()
    assert api.get("/v7/tests").status_code == 200


def test_skip_counts_from_when_the_fault_was_added(sim, api):
    sim.fault(status=502)
    sim.fault(status=503, skip=2)
    assert [api.get("/v7/tests").status_code for _count in range(4)] == [502, 200, 503, 200]


def test_control_requests_are_spared(sim):
    sim.fault(drop="reset", times=0)
    assert sim.clock()["frozen"] is True
    assert sim.requests() == []


@pytest.mark.parametrize(
    "fault", [{"drop": "softly"}, {"match": {"body": "x"}}, {"match": {"path": "("}}, {"commit": False}, {"unknown": 1}]
)
def test_nonsense_is_refused(sim, fault):
    with pytest.raises(ValueError):
        sim.fault(**fault)
    assert sim.faults() == []
