# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to a creation that say 2xx and are broken otherwise. The oracle is the simulator's log of requests."""

from __future__ import annotations

import dataclasses
import gzip
import json
import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.capture import Capture
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import OutcomeUnknown
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.none import NoLedger
from support.capture_bench import POLICY, Bench, Requests
from simulator import Simulator
from support.snapshot_answers import v6_answer, v7_answer

POST = {"method": "POST"}
OTHER_SOURCE = {"v7": v7_answer(sourceTestId="817"), "v6": v6_answer(sourceTestId=817)}
NO_IDS = {"v7": v7_answer(id=None, testId=None), "v6": {"link": {"sourceTestId": 19955}}}


def raw(head: str, body: bytes) -> dict[str, t.Any]:
    """A fault that sends exactly this, and closes the connection."""
    return {"raw": f"HTTP/1.1 201 Created\r\n{head}\r\n\r\n" + body.decode("latin-1")}


WHOLE = json.dumps(v7_answer()).encode()
ZIPPED = gzip.compress(WHOLE * 100)
# Each by the version whose answer it is, or the same for both.
BROKEN: dict[str, t.Any] = {
    "HTML": {"body": "<html>Gateway</html>", "content_type": "text/html"},
    "empty": {"body": ""},
    "a list": {"body": []},
    "a number": {"body": 7},
    "null": {"body": "null"},
    "half a surrogate": {"body": '{"id": "\\ud800"'},
    "204": raw("", b"").copy() | {"raw": "HTTP/1.1 204 No Content\r\n\r\n"},
    "200 without a body": {"raw": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    "202 without a body": {"raw": "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"},
    "cut": {"truncate": 20},
    "cut before its body": {"truncate": 0},
    "cut gzip": raw(f"Content-Encoding: gzip\r\nContent-Length: {len(ZIPPED)}", ZIPPED[:-20]),
    "broken gzip": raw("Content-Encoding: gzip\r\nContent-Length: 9", b"no gzip!!"),
    "cut chunk": raw("Transfer-Encoding: chunked", b"40\r\n" + WHOLE[:10]),
    "a chunk of no length": raw("Transfer-Encoding: chunked", b"what\r\n" + WHOLE),
    "not UTF-8": raw("Content-Length: 3", b"\xff\xfe\xfd"),
    "too long": {"body": "x" * (2 << 20)},
    "another source": {version: {"body": body} for version, body in OTHER_SOURCE.items()},
    "no ids": {version: {"body": body} for version, body in NO_IDS.items()},
    "an empty test": {"v6": {"body": {"test": []}}, "v7": {"body": {"test": {}}}},
    "link null": {"v6": {"body": {"link": None, "test": []}}},
    "link a list": {"v6": {"body": {"link": [], "test": []}}},
    "200 for another title": {"v7": {"status": 200, "body": v7_answer(id="a", displayName="x")}},
}
CASES = [
    pytest.param(version, fault.get(version, fault), id=f"{version}-{name}")
    for name, fault in BROKEN.items()
    for version in ("v6", "v7")
    if version in fault or not {"v6", "v7"} & set(fault)
]


def status_of(fault: t.Mapping[str, t.Any]) -> int:
    """The status that it answers with."""
    return int(fault["raw"].split()[1]) if "raw" in fault else fault.get("status", 201)


@pytest.mark.parametrize("is_public", [True, False], ids=["public", "private"])
@pytest.mark.parametrize(("version", "fault"), CASES)
def test_it_is_never_sent_again(
    bench: Bench, sim: Simulator, request_for: Requests, version: str, fault: dict[str, t.Any], is_public: bool
) -> None:
    """It was created in truth, but the list does not show it for as long as anybody looks."""
    connection = dataclasses.replace(bench.connection, version=version)
    request = request_for(is_public=is_public)
    # Even where the list is known to show private snapshots.
    bench.ensure(request._replace(is_public=False, test_id="817"), connection=connection)
    sim.settings(saved_event_lag=86400 * 3)
    sim.fault(match=POST, commit=True, **fault)
    for pause in (0, 86400):
        bench.clock.sleep(pause)
        with pytest.raises(OutcomeUnknown) as error:
            bench.ensure(request, connection=connection)
        assert "not created" not in error.value.message
        assert error.value.status == status_of(fault)
        assert f"({status_of(fault)})" in error.value.message or f"answered {status_of(fault)}" in error.value.message
    assert len(sim.requests("POST")) == len(sim.creations()) == 2
    assert bench.ensure(request, connection=connection, retry_unknown=True).status == "created"


@pytest.mark.parametrize(("version", "fault"), CASES)
def test_what_the_list_shows_beyond_doubt_is_adopted(
    bench: Bench, sim: Simulator, request_for: Requests, version: str, fault: dict[str, t.Any]
) -> None:
    sim.fault(match=POST, commit=True, **fault)
    connection = dataclasses.replace(bench.connection, version=version)
    record = bench.ensure(request_for(is_public=False), connection=connection)
    [creation] = sim.creations()
    assert (record.status, record.visibility) == ("adopted", "confirmed")
    assert record.snapshot_test_id == str(creation["snapshot_test_id"])


def test_it_counts_towards_the_quota(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match=POST, body="<html>", times=0)
    for number in range(5):
        with pytest.raises(OutcomeUnknown):
            bench.ensure(request_for(display_name=str(number)))
    ledger = bench.open_ledger()
    assert len(POLICY.quota.recent(ledger.usage(POLICY.quota) or pytest.fail("no usage"), bench.clock.now())) == 5
    ledger.close()


def test_what_could_be_read_is_told(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match=POST, body=OTHER_SOURCE["v7"])
    with pytest.raises(OutcomeUnknown) as error:
        bench.ensure(request_for())
    assert error.value.status == 201
    for word in ("201", "wdiac", "58856", "817"):
        assert word in error.value.message


@pytest.mark.parametrize("code", [302, 303])
def test_a_redirect_is_as_unknown_as_an_error_of_the_server(
    bench: Bench, sim: Simulator, request_for: Requests, code: int
) -> None:
    sim.fault(match=POST, status=code, commit=True, headers={"Location": f"{sim.url}/elsewhere"})
    for _time in range(2):
        with pytest.raises(OutcomeUnknown):
            bench.ensure(request_for())
    assert [row["method"] for row in sim.requests()] == ["POST"]


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("version", ["v6", "v7"])
@pytest.mark.parametrize("code", [200, 202])
def test_a_whole_answer_of_another_status_is_a_creation(
    bench: Bench, sim: Simulator, request_for: Requests, version: str, code: int, is_public: bool
) -> None:
    sim.fault(match=POST, status=code, commit=True)
    connection = dataclasses.replace(bench.connection, version=version)
    record = bench.ensure(request_for(is_public=is_public), connection=connection)
    assert record.status == "created"
    assert [str(code) in text and str(record.link_id) in text for text in bench.warned] == [True]
    assert bench.ensure(request_for(is_public=is_public), connection=connection).status == "existing"
    assert len(sim.requests("POST")) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_mark_of_the_byte_order_is_read_over(
    bench: Bench, sim: Simulator, request_for: Requests, encoding: str
) -> None:
    body = json.dumps(v7_answer()).encode(encoding)
    sim.fault(match=POST, **raw(f"Content-Type: application/json\r\nContent-Length: {len(body)}", body))
    assert bench.ensure(request_for()).link_id == "wdiac"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"displayName": "another"}, ["'another'"]),
        ({"startRoundId": 1538784000 + 3600}, ["first round", "2018-10-06T00:00:00Z"]),
        ({"endRoundId": "1538787600000"}, ["last round"]),
        ({"shareDate": "2018-10-19T03:02:01Z"}, ["2018-10-19", "2026-11-23T12:00:00Z"]),
        ({"shareDate": "2099-01-01T00:00:00Z"}, ["2099"]),
    ],
)
def test_what_is_not_as_asked_is_told(
    bench: Bench, sim: Simulator, request_for: Requests, change: dict[str, t.Any], words: list[str]
) -> None:
    sim.fault(match=POST, body=v7_answer(**change))
    record = bench.ensure(request_for())
    [warning] = bench.warned
    for word in ("wdiac", *words):
        assert word in warning
    assert (record.share_date, record.expires_at) == ("2026-11-23T12:00:00Z", "2026-12-23T12:00:00Z")
    assert bench.ensure(request_for()).status == "existing"


@pytest.mark.parametrize("change", [{}, {"startRoundId": 1538784300}, {"shareDate": "2026-11-22T13:00:00Z"}])
def test_what_is_near_enough_is_not_told(
    bench: Bench, sim: Simulator, request_for: Requests, change: dict[str, t.Any]
) -> None:
    sim.fault(match=POST, body=v7_answer(**change))
    bench.ensure(request_for())
    assert bench.warned == []


def test_the_date_of_the_server_stands_in_for_a_share_date(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """This machine's clock is 20 hours behind."""
    sim.set_clock("2026-11-24T08:00:00Z")
    assert bench.ensure(request_for(is_public=True)).share_date == "2026-11-24T08:00:00Z"
    assert bench.warned == []
    sim.fault(match=POST, body=v7_answer(shareDate="2026-11-20T07:00:00Z"))
    assert bench.ensure(request_for(aid="75")).share_date == "2026-11-24T08:00:00Z"
    assert len(bench.warned) == 1


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("date", ["2026-10-13T12:00:00Z", "2027-11-23T12:00:00Z", "2019-01-01T00:00:00Z"])
def test_a_clock_that_is_days_away_makes_nothing_expire(
    bench: Bench, sim: Simulator, request_for: Requests, date: str, is_public: bool
) -> None:
    """As that of something in between can be."""
    sim.set_clock(date)
    record = bench.ensure(request_for(is_public=is_public))
    assert record.share_date == date
    assert bench.ensure(request_for(is_public=is_public)).status == "existing"
    assert len(sim.requests("POST")) == 1


def test_a_date_of_something_in_between(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    """It is 40 days old, but the share date is of today."""
    sim.fault(match=POST, headers={"Date": "Wed, 14 Oct 2026 12:00:00 GMT"}, times=0)
    record = bench.ensure(request_for())
    assert (record.share_date, record.expires_at) == ("2026-11-23T12:00:00Z", "2026-12-23T12:00:00Z")
    # Without one, ours counts.
    sim.fault(match=POST, headers={"Date": "Wed, 14 Oct 2026 12:00:00 GMT"}, body=v7_answer(shareDate=None))
    assert bench.ensure(request_for(aid="75")).share_date == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    "fault",
    [
        {"headers": {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}},
        {"headers": {"Date": "Mon, 01 Jan 0001 00:00:00 GMT"}},
        {"body": v7_answer(startRoundId="1" * 400)},
        {"body": v7_answer(endRoundId="9" * 5000)},
        {"body": v7_answer(shareDate="9999-12-31T23:59:59Z")},
        {"body": v7_answer(shareDate="0001-01-01T00:00:00+14:00")},
    ],
)
def test_numbers_and_dates_beyond_reason(
    bench: Bench, sim: Simulator, request_for: Requests, fault: dict[str, t.Any]
) -> None:
    sim.fault(match=POST, **fault)
    assert bench.ensure(request_for()).expires_at == "2026-12-23T12:00:00Z"
    assert bench.ensure(request_for()).status == "existing"
    assert len(sim.requests("POST")) == 1


def test_a_ledger_that_forgets_says_what_a_second_run_does(bench: Bench, sim: Simulator, request_for: Requests) -> None:
    sim.fault(match=POST, body="<html>")
    api = open_api(bench.connection, bench.clock)
    policy = POLICY._replace(forgets=True)
    capture = Capture(NoLedger(bench.clock), lambda: api, bench.clock, policy, print, print)
    with pytest.raises(OutcomeUnknown, match="each run creates it"):
        capture.ensuring.ensure(request_for())
    api.close()
