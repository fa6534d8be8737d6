# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every bad answer becomes. The statuses come from the simulator, the lost connections from its faults."""

from __future__ import annotations

import base64
import dataclasses
import socket
import threading
import typing as t
from datetime import datetime, timezone
from email.utils import format_datetime
from urllib.parse import quote

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    RateLimited,
    ThousandEyesError,
    UnexpectedResponse,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._api.http_client import HttpClient
from simulator import EMAIL, TOKEN, Simulator

NOW = 1_800_000_000.0
BODY = {"displayName": "x", "startDate": "2018-10-06T00:00:00Z", "endDate": "2018-10-06T01:00:00Z", "isPublic": True}
PATH = "/v7/tests/19955/snapshot"


class StillClock:
    """It goes on only by sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return NOW + sum(self.slept)

    def boot(self) -> None:
        """Not of interest here."""

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def get(connection: Connection) -> tuple[str, list[float]]:
    """The code of the failure, if there was one, and the pauses."""
    clock = StillClock()
    client = HttpClient(connection, clock, accept="application/hal+json", basic=False)
    try:
        client.get("/v7/tests", {})
        return "", clock.slept
    except ThousandEyesError as error:
        return error.code, clock.slept
    finally:
        client.close()


def post(connection: Connection, basic: bool = False) -> ThousandEyesError:
    client = HttpClient(connection, StillClock(), accept="application/json", basic=basic)
    try:
        with pytest.raises(ThousandEyesError) as error:
            client.post(PATH, {}, BODY)
        return error.value
    finally:
        client.close()


@pytest.mark.parametrize(
    ("status", "code", "certain"),
    [
        (301, "api_retired", True),
        (302, "unexpected_response", False),
        (303, "unexpected_response", False),
        (307, "unexpected_response", True),
        (308, "unexpected_response", True),
        (400, "invalid_request", True),
        (401, "unauthorized", True),
        (403, "forbidden", True),
        (404, "not_found", True),
        (405, "unexpected_response", True),
        (406, "invalid_request", True),
        (408, "unexpected_response", False),
        (410, "api_retired", True),
        (415, "invalid_request", True),
        (429, "rate_limited", True),
        (500, "unexpected_response", False),
        (502, "unexpected_response", False),
        (503, "unexpected_response", False),
        (504, "unexpected_response", False),
    ],
)
def test_statuses(connection: Connection, sim: Simulator, status: int, code: str, certain: bool) -> None:
    sim.fault(status=status, headers={"Location": f"{sim.url}/v7/elsewhere"})
    error = post(connection)
    assert (error.code, error.status, error.certain) == (code, status, certain)
    assert len(sim.requests()) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"errorMessage":"401 Not Authorized\\nPlease ensure"}', "401 Not Authorized Please ensure"),
        ('{"error":"invalid_token","error_description":"Invalid access token"}', "invalid_token; Invalid access token"),
        ('{"error":"invalid credentials"}', "invalid credentials"),
        (
            '{"type":"about:blank","title":"Failed","status":400,"detail":"Your request",'
            '"errors":[{"code":"AM-5432","field":"firstName","message":"is odd"}]}',
            "Failed; Your request; firstName is odd AM-5432",
        ),
        ('{"title":"The prefix is empty.","status":400,"instance":"/v7"}', "The prefix is empty."),
        ('{"title":"Failed","errors":null}', "Failed"),
        (
            '{"timestamp":1,"httpStatus":"PRECONDITION_FAILED","errors":["no more than 5"],"path":"/v7/stream"}',
            "no more than 5",
        ),
        ("Please bear with us, the ThousandEyes API is in maintenance.", "Please bear with us"),
        ("", "no reason given"),
        ('{"errors":5}', "400: 5."),
        ('{"errors":"one text"}', "400: one text."),
        ("[1]", "[1]"),
        # Neither of them can be kept by every ledger.
        ('{"error":"odd\\u0000\\ud800 text"}', "400: odd   text."),
        ('{"odd":1}', '{"odd": 1}'),
        ("<html><body>" + "x" * 10000, "<html>"),
    ],
)
def test_the_servers_words_are_passed_on(connection: Connection, sim: Simulator, body: str, words: str) -> None:
    sim.fault(status=400, body=body, content_type="application/problem+json")
    error = post(connection)
    assert words in error.message
    assert len(error.message) < 700


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": "reset"},
        {"drop": "reset", "commit": True},
        {"drop": "close"},
        {"drop": "close", "commit": True},
        {"truncate": 10},
        {"delay_after": 1.5},
    ],
)
def test_a_lost_answer_leaves_the_outcome_open(connection: Connection, sim: Simulator, fault: dict[str, t.Any]) -> None:
    sim.fault(**fault)
    client = HttpClient(
        dataclasses.replace(connection, timeout=1), StillClock(), accept="application/hal+json", basic=False
    )
    with pytest.raises(ThousandEyesError) as error:
        client.post(PATH, {}, BODY).json()
    client.close()
    assert not error.value.certain
    assert len(sim.requests()) == 1


def test_nobody_listens(connection: Connection) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = post(dataclasses.replace(connection, url=f"http://127.0.0.1:{unused.getsockname()[1]}"))
    assert (error.code, error.certain) == ("unreachable", True)
    assert "refused" in error.message


def test_no_such_host(connection: Connection) -> None:
    error = post(dataclasses.replace(connection, url="http://nowhere.invalid"))
    assert (error.code, error.certain) == ("unreachable", True)


def test_no_tls_there(connection: Connection, sim: Simulator) -> None:
    error = post(dataclasses.replace(connection, url=sim.url.replace("http:", "https:")))
    assert (error.code, error.certain) == ("unreachable", True)
    assert sim.requests() == []


def test_redirects_are_not_followed(connection: Connection, sim: Simulator) -> None:
    """Not even to the same host, with a method that could be repeated."""
    for status in (301, 302, 307, 308):
        sim.fault(status=status, headers={"Location": f"{sim.url}/v7/account-groups"})
        client = HttpClient(connection, StillClock(), accept="application/json", basic=False)
        with pytest.raises(ThousandEyesError):
            client.get("/v7/tests", {})
        client.close()
    assert {request["path"] for request in sim.requests()} == {"/v7/tests"}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 408},
        {"status": 429},
        {"status": 500},
        {"status": 502},
        {"status": 503},
        {"status": 504},
        {"status": 599},
        {"body": "<html>Welcome to the guest network</html>"},
        {"body": ""},
        {"drop": "reset"},
        {"drop": "close"},
        {"truncate": 10},
    ],
)
def test_what_passes_is_waited_for(connection: Connection, sim: Simulator, fault: dict[str, t.Any]) -> None:
    sim.fault(**fault, times=2)
    assert get(connection) == ("", [1, 2])
    assert len(sim.requests()) == 3


def test_silence_that_passes_is_waited_for(connection: Connection, sim: Simulator) -> None:
    sim.fault(delay=1.5, times=2)
    code, pauses = get(dataclasses.replace(connection, timeout=1))
    # On a slow machine, other answers may take longer than that too.
    assert (code, pauses[:2]) == ("", [1, 2])
    assert len(sim.requests()) == len(pauses) + 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"status": 503}, "unexpected_response"), ({"status": 429}, "rate_limited"), ({"drop": "close"}, "unreachable")],
)
def test_but_not_for_ever(connection: Connection, sim: Simulator, fault: dict[str, t.Any], code: str) -> None:
    sim.fault(**fault, times=0)
    assert get(connection) == (code, [1, 2, 4, 8, 16, 16, 16, 16])
    assert len(sim.requests()) == 9


@pytest.mark.parametrize("took", [0.0, 5.0, 9.0, 12.0])
def test_people_are_told_once_of_what_is_tried_again(connection: Connection, sim: Simulator, took: float) -> None:
    """Ten seconds after the first try at the latest, however long a try takes."""
    clock = StillClock()
    told: list[tuple[float, str]] = []
    client = HttpClient(
        connection, clock, "application/hal+json", basic=False, tell=lambda text: told.append((clock.now() - NOW, text))
    )
    request = client._request

    def slow(*arguments: t.Any) -> t.Any:
        clock.sleep(took)
        return request(*arguments)

    client._request = slow  # type: ignore[method-assign]
    sim.fault(status=503, times=0)
    with pytest.raises(ThousandEyesError):
        client.get("/v7/tests", {})
    client.close()
    [(after, text)] = told
    assert after <= max(10.0, took) and "Trying again at" in text


@pytest.mark.parametrize("status", [202, 400, 401, 403, 404, 409])
def test_what_does_not_pass_is_told_at_once(connection: Connection, sim: Simulator, status: int) -> None:
    sim.fault(status=status)
    assert get(connection)[1] == []
    assert len(sim.requests()) == 1


def test_a_wrong_address_is_told_at_once(connection: Connection, sim: Simulator) -> None:
    assert get(dataclasses.replace(connection, url=sim.url.replace("http:", "https:"))) == ("unreachable", [])
    assert get(dataclasses.replace(connection, url="http://a..b")) == ("unreachable", [])


def test_tls_that_ends_too_soon_may_come_back(connection: Connection) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted = []

        def hang_up() -> None:
            while True:
                try:
                    peer, _address = server.accept()
                except OSError:
                    return
                accepted.append(peer.recv(1))
                peer.recv(65536)
                peer.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        end = get(dataclasses.replace(connection, url=f"https://127.0.0.1:{server.getsockname()[1]}"))
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert end == ("unreachable", [1, 2, 4, 8, 16, 16, 16, 16])
    assert len(accepted) == 9


def test_a_date_that_cannot_be_does_not_stop_anything(connection: Connection, sim: Simulator) -> None:
    client = HttpClient(connection, StillClock(), accept="application/hal+json", basic=False)
    for _time in range(2):
        sim.fault(body={"tests": []}, headers={"Date": "Wed, 01 Jan 1000 00:00:00 GMT"})
        client.get("/v7/tests", {})
    client.close()
    assert len(sim.requests()) == 2


def test_a_get_is_not_repeated_without_a_pause(connection: Connection, sim: Simulator) -> None:
    sim.fault(status=429, headers={"Retry-After": "0.001"}, times=3)
    assert get(connection) == ("", [1, 1, 1])


def test_a_get_comes_back_when_it_is_told(connection: Connection, sim: Simulator) -> None:
    for seconds in (60, 20, 10):
        sim.fault(status=429, headers={"Retry-After": str(seconds)})
    assert get(connection) == ("", [60, 20, 10])
    sim.fault(status=429, headers={"Retry-After": "60"})
    sim.fault(status=429, headers={"Retry-After": "31"})
    assert get(connection) == ("rate_limited", [60])
    sim.fault(status=429, headers={"Retry-After": "91"})
    assert get(connection) == ("rate_limited", [])


def test_answers_made_to_trip(connection: Connection, sim: Simulator) -> None:
    nested = "[" * 100_000
    sim.fault(status=400, body=nested)
    assert post(connection).code == "invalid_request"
    sim.fault(body=nested, headers={"Date": "Mon, 23 Nov 99999999999 12:00:00 GMT"})
    client = HttpClient(connection, StillClock(), accept="application/hal+json", basic=False)
    answer = client.post(PATH, {}, BODY)
    client.close()
    assert answer.clock_offset(NOW) is None
    with pytest.raises(ThousandEyesError, match="not JSON"):
        answer.json()


def test_an_old_connection_is_not_used_again(connection: Connection, sim: Simulator) -> None:
    """What is between the two may have forgotten it, and the request would be lost."""
    clock = StillClock()
    client = HttpClient(connection, clock, accept="application/hal+json", basic=False)
    ports = []
    for pause in (0, 9, 11):
        clock.sleep(pause)
        client.get("/v7/tests", {})
        ports.append(sim.requests()[-1]["connection"])
    client.close()
    assert ports[0] == ports[1] != ports[2]


def test_when_to_come_back(connection: Connection, sim: Simulator) -> None:
    sim.fault(status=429, headers={"Retry-After": "120"})
    error = post(connection)
    assert isinstance(error, RateLimited)
    assert error.not_before == NOW + 120


@pytest.mark.parametrize("basic", [False, True])
def test_secrets_that_the_server_echoes(connection: Connection, sim: Simulator, basic: bool) -> None:
    both = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    sim.fault(status=403, body={"errorMessage": f"{TOKEN} of {EMAIL}, {EMAIL.upper()}, {quote(EMAIL)}, {both}"})
    error = post(dataclasses.replace(connection, email=EMAIL), basic=basic)
    assert TOKEN not in error.message
    # The address is a secret where it is a part of the credentials, and only there.
    assert (EMAIL.partition("@")[0] in error.message.lower()) is not basic
    assert (both in error.message) is not basic


@pytest.mark.parametrize("proxy", ["http://user:hush@:99999", "http://user:hu/sh@127.0.0.1:1", "http://user:hush@"])
def test_a_malformed_proxy_keeps_its_password(
    connection: Connection, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    error = post(dataclasses.replace(connection, url="http://nowhere.invalid"))
    assert (error.code, error.certain) == ("unreachable", True)
    assert "hu" not in error.message.replace("nowhere.invalid", "")


def test_what_the_http_library_does_not_explain(connection: Connection) -> None:
    error = post(dataclasses.replace(connection, url=f"http://{'a' * 70}.com"))
    assert (error.code, error.certain) == ("unreachable", True)


def test_netrc_does_not_replace_the_token(
    connection: Connection, sim: Simulator, tmp_path: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login intruder password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client = HttpClient(connection, StillClock(), accept="application/hal+json", basic=False)
    client.post(PATH, {}, BODY)
    client.close()
    assert sim.requests()[0]["auth"] == {"scheme": "bearer", "uid": 5784}


def test_patience_is_for_a_task(connection: Connection, sim: Simulator) -> None:
    """Five minutes in all: 79 seconds of pauses each, three times, and 63 of the fourth."""
    clock = StillClock()
    client = HttpClient(connection, clock, accept="application/hal+json", basic=False)
    sim.fault(status=503, times=0)
    pauses = []
    for _time in range(5):
        before = len(clock.slept)
        with pytest.raises(UnexpectedResponse) as error:
            client.get("/v7/tests", {})
        pauses.append(sum(clock.slept[before:]))
        assert ("It was tried" in error.value.message) is bool(pauses[-1])
    client.close()
    assert pauses == [79, 79, 79, 63, 0]


def test_keeping_to_the_limit_of_the_api_takes_no_patience(connection: Connection, sim: Simulator) -> None:
    """A large report waits for the next minute many times."""
    clock = StillClock()
    client = HttpClient(connection, clock, accept="application/hal+json", basic=False)
    for _time in range(10):
        reset = {
            "X-Organization-Rate-Limit-Remaining": "0",
            "X-Organization-Rate-Limit-Reset": "60",
            "Date": format_datetime(datetime.fromtimestamp(clock.now(), timezone.utc), usegmt=True),
        }
        sim.fault(body={"tests": []}, headers=reset)
        client.get("/v7/tests", {})
    client.close()
    assert clock.slept == [60] * 9


def test_people_are_told_of_long_pauses(connection: Connection, sim: Simulator) -> None:
    told: list[str] = []
    client = HttpClient(connection, StillClock(), "application/hal+json", False, told.append)
    sim.fault(status=503, times=6)
    client.get("/v7/tests", {})
    sim.fault(status=503, times=2)
    client.get("/v7/tests", {})
    client.close()
    # The fourth of the pauses ends after ten seconds.
    answered = f"GET {sim.url}/v7/tests: the API answered 503: Service Unavailable; Injected fault."
    assert told == [f"{answered} Trying again at 2027-01-15T08:00:15Z"]


@pytest.mark.parametrize(
    "status, content_type, body, foreign",
    [
        (403, "text/html", "<html><title>Blocked by policy</title></html>", True),
        (403, "application/xhtml+xml", "<html><title>Blocked by policy</title></html>", True),
        (403, "text/plain", "Blocked by policy", True),
        (403, "application/json", '"Blocked by policy"', True),
        (404, "text/html", "<h1>Blocked by policy</h1>", True),
        (407, "text/html", "<h1>Blocked by policy</h1>", True),
        (403, "application/problem+json", '{"title": "Blocked by policy"}', False),
        (403, "text/xml", "<error>Blocked by policy</error>", False),
        (404, "application/json", '{"errorMessage": "Blocked by policy"}', False),
        (403, "text/html", "", False),
    ],
)
def test_refusals_that_are_not_of_the_api(
    connection: Connection, sim: Simulator, status: int, content_type: str, body: str, foreign: bool
) -> None:
    sim.fault(status=status, content_type=content_type, body=body)
    error = post(connection)
    assert ("This is not an answer of the API" in error.message) is foreign
    assert (error.code == "unexpected_response") is foreign
    assert (error.status, error.certain) == (status, True)
    assert ("Blocked by policy" in error.message) is bool(body)


def test_an_address_that_is_no_credential_is_shown(connection: Connection, sim: Simulator) -> None:
    """That of v6 Basic may still be in the environment when v7 is used, and in the path of a home folder."""
    sim.fault(status=403, body={"errorMessage": f"/home/{EMAIL}/{TOKEN}"})
    assert f"/home/{EMAIL}/***" in post(dataclasses.replace(connection, email=EMAIL)).message
