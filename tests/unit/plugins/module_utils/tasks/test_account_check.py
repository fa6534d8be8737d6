# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What account_check asks, makes, keeps and says; of the unknowns, see test_account_check_unknowns.py."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import types
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._checks import access
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    InvalidRequest,
    LedgerUnavailable,
    ThousandEyesError,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.sql import SqlLedger
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import account_check
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import EMAIL, TOKEN, SharedClock, Simulator
from support.snapshot_answers import v7_answer

Result = t.Dict[str, t.Any]
Check = t.Callable[..., Result]
READS = ["/v7/account-groups", "/v7/tests", "/v7/tags", "/v7/test-results/19955/network"]


def levels(result: Result) -> dict[str, str]:
    return {finding["name"]: finding["level"] for finding in result["findings"]}


def said(result: Result, name: str) -> str:
    [finding] = [finding for finding in result["findings"] if finding["name"] == name]
    return t.cast(str, finding["says"])


def paths(sim: Simulator) -> list[str]:
    return [row["path"] for row in sim.requests()]


def posts(sim: Simulator) -> int:
    return len(sim.requests("POST"))


def user(sim: Simulator, **changes: t.Any) -> None:
    """Changes the user whose token the checks have."""
    row = {"uid": 5784, "email": EMAIL, "token": TOKEN, "organization": 12345, "account_groups": [75]}
    sim.call("POST", "users", {**row, **changes})


def kept(ledger: Path) -> list[str]:
    """All that is in the ledger."""
    with contextlib.closing(sqlite3.connect(ledger)) as database:
        return list(database.iterdump())


def told_only(told: Result, *names: str) -> Result:
    return {name: each for name, each in told.items() if name in names}


def host_of(sim: Simulator) -> str:
    return sim.url.removeprefix("http://")


# Read-only, by default.


def test_by_default_it_only_reads_and_writes_nothing(check: Check, sim: Simulator, ledger: Path) -> None:
    result = check()
    assert {row["method"] for row in sim.requests()} == {"GET"}
    assert [path.replace("http-server", "network") for path in paths(sim)] == READS
    assert not ledger.parent.exists() and sim.share_requests() == []
    assert result["changed"] is False and "failure" not in result
    assert list(levels(result)) == [
        "connection",
        "token",
        "clock",
        "rate_limit",
        "account_group",
        "tests",
        "tags",
        "results",
    ]
    assert all("\n" not in line for line in result["lines"]) and len(result["lines"]) == len(result["findings"])
    assert result["counts"] == {"ok": 6, "unknown": 0, "warning": 2, "failed": 0}
    assert "Name a test in snapshot_test" in result["next"]


@pytest.mark.parametrize("version", ["v7", "v6"])
def test_the_first_401_ends_it(check: Check, sim: Simulator, version: str) -> None:
    result = check(api_token="wrong", snapshot_test="19955", api_version=version)
    assert len(sim.requests()) == 1
    assert result["failed"] is True and result["failure"]["code"] == "unauthorized"
    assert levels(result) == {"connection": "warning", "token": "failed", "rest": "unknown"}
    assert said(result, "rest").endswith(
        "tests, tags, results, snapshot, answer, listing, own_results, share_link, share_host, visibility."
    )
    assert "Make a new token" in result["next"] and "lock the account out" in result["next"]


@pytest.mark.parametrize("path", ["/v7/tests$", "/v7/tags", "/v7/test-results", "/snapshot"])
def test_so_does_one_that_comes_later(check: Check, sim: Simulator, path: str) -> None:
    sim.fault(match={"path": path}, status=401, times=0)
    result = check(snapshot_test="19955")
    assert [row["status"] for row in sim.requests()].index(401) == len(sim.requests()) - 1
    assert result["failure"]["code"] == "unauthorized"
    assert levels(result)["token"] == "failed"


def test_nor_is_one_asked_for_by_whoever_looks_after_a_creation(check: Check, sim: Simulator) -> None:
    sim.fault(match={"path": "/v7/tests$"}, status=401, skip=2, times=0)
    result = check(snapshot_test="19955")
    assert [row["status"] for row in sim.requests()].count(401) == 1
    assert result["failure"]["code"] == "unauthorized"


@pytest.mark.parametrize("version", ["v7", "v6"])
def test_a_token_that_may_do_nearly_nothing(check: Check, sim: Simulator, version: str) -> None:
    user(sim, permissions=[])
    result = check(snapshot_test="19955", public=True, api_version=version)
    assert "failure" not in result
    found = levels(result)
    assert (found["token"], found["account_group"]) == ("ok", "ok")
    assert (found["tests"], found["tags"], found["snapshot"]) == ("failed", "failed", "failed")
    assert "'View tests'" in said(result, "tests")
    assert "'Create snapshot shares'" in said(result, "snapshot")
    missing = ["View tests", *(["View tags"] if version == "v7" else []), "Create snapshot shares"]
    assert list(dict.fromkeys(each["permission"] for each in result["findings"] if each["permission"])) == missing
    assert ", ".join(f"'{permission}'" for permission in missing) in result["next"]
    assert sim.creations() == []


def test_not_even_its_account_groups(check: Check, sim: Simulator) -> None:
    sim.fault(match={"path": "account-groups"}, status=403)
    result = check()
    assert levels(result)["token"] == "ok" and levels(result)["tests"] == "ok"
    assert "'API access'" in said(result, "account_group")


@pytest.mark.parametrize("version", ["v7", "v6"])
def test_account_groups(check: Check, sim: Simulator, version: str) -> None:
    result = check(aid="9000", api_version=version)
    assert levels(result)["account_group"] == "failed"
    assert "75 (API Sandbox), 1234 (Account A)" in result["next"]
    # Nothing is asked of it, and no permission is blamed.
    assert "tests, tags, results" in said(result, "rest")
    assert not any(row["query"].get("aid") == "9000" for row in sim.requests() if "account-groups" not in row["path"])
    assert levels(check(aid="1234", api_version=version))["account_group"] == "ok"
    assert "depends on the user" not in said(check(aid="75", api_version=version), "account_group")
    assert levels(check(api_version=version))["account_group"] == "warning"


def test_without_a_way_to_the_api(check: Check) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = check(api_url=f"http://127.0.0.1:{port}")
    assert result["failure"]["code"] == "unreachable" and levels(result)["connection"] == "failed"
    assert "api_url" in result["next"]


def test_a_list_of_account_groups_that_makes_no_sense(check: Check, sim: Simulator) -> None:
    sim.fault(match={"path": "account-groups"}, body={"accountGroups": "none"})
    result = check()
    assert levels(result)["access"] == "failed" and levels(result)["tests"] == "ok"


def test_something_in_between(check: Check, sim: Simulator) -> None:
    sim.fault(match={"path": "/v7/tests$"}, status=403, body="<html>Blocked</html>", content_type="text/html")
    result = check()
    assert "proxy" in said(result, "tests") and "proxies" in result["next"]


@pytest.mark.parametrize(
    ("url", "validate_certs", "level", "words"),
    [
        ("https://api.thousandeyes.com", True, "ok", "over TLS, with a certificate that is trusted"),
        ("https://api.thousandeyes.com", False, "warning", "its certificate is not checked"),
        ("http://api.thousandeyes.com", True, "warning", "without TLS"),
    ],
)
def test_the_way_to_the_api(connected_params: Result, url: str, validate_certs: bool, level: str, words: str) -> None:
    connection = Connection.from_params({**connected_params, "api_url": url, "validate_certs": validate_certs})
    site = types.SimpleNamespace(connection=connection, api=types.SimpleNamespace(version="v7"))
    [finding] = access._connection(site)  # type: ignore[arg-type]
    assert finding.level == level and words in finding.says and bool(finding.do) is (level != "ok")


def test_a_certificate_that_is_not_trusted(check: Check, sim: Simulator) -> None:
    """What is no TLS at all fails in the same way, with what to look at."""
    result = check(api_url=sim.url.replace("http:", "https:"))
    assert result["failure"]["code"] == "unreachable" and "ca_path" in result["next"]


def test_few_requests_are_left(check: Check, sim: Simulator) -> None:
    sim.settings(rate_limit=8)
    assert "Only 7 of 8 requests" in said(check(), "rate_limit")
    sim.fault(match={"path": "account-groups"}, headers={"X-Organization-Rate-Limit-Limit": "soon"})
    assert levels(check())["rate_limit"] == "unknown"


def test_no_requests_are_left(check: Check, sim: Simulator) -> None:
    sim.fault(match={"path": "/v7/tags"}, status=429, times=0, headers={"Retry-After": "3600"})
    result = check()
    assert result["failure"]["code"] == "rate_limited"
    assert "Run this again from 2026-11-23T13:00:00Z on." in result["next"]


def test_a_list_without_tests_and_a_test_without_results(check: Check, sim: Simulator) -> None:
    world = sim.call("GET", "world")
    quiet = [test for test in world["tests"] if test["test_id"] == 20030]
    sim.call("PUT", "world", {"tests": quiet, "tags": [], "labels": []})
    result = check()
    assert levels(result)["results"] == "unknown" and levels(result)["tests"] == "ok"
    assert "there are none of test 20030 in the last full hour" in said(check(snapshot_test="20030"), "results")
    sim.call("PUT", "world", {"tests": [], "tags": [], "labels": []})
    assert "has no test that runs" in said(check(), "tests")


# With a snapshot.


def test_what_stays_is_said_before_it_is_made(
    check: Check, context: Context, connected_params: Result, sim: Simulator, ledger: Path
) -> None:
    told: list[tuple[str, int]] = []
    params = {**connected_params, "snapshot_test": "19955", "public": False, "share_url": None, "ledger": str(ledger)}
    params.update(observed_path=None, organization=None, quota_limit=5, quota_window=300, quota_wait=0)
    result = account_check.run(params, context._replace(tell=lambda text: told.append((text, posts(sim)))))
    text, sent = told[0]
    assert sent == 0 and posts(sim) == 1
    assert "stays for good, since no API deletes one" in text and "comes out as a share link" in text
    # The API is not the vendor's, so no share host is guessed.
    assert said(result, "share_host").endswith(f"since the share host of {host_of(sim)} is not known.")


@pytest.mark.parametrize(("ahead", "end"), [(0, "11:00"), (60, "11:00"), (3600, "11:00"), (-7200, "09:00")])
def test_it_is_of_the_last_full_hour_by_both_clocks(check: Check, sim: Simulator, ahead: int, end: str) -> None:
    """Five seconds are for the clock of the API, so at noon that is not the hour that ends just then."""
    sim.advance(ahead)
    check(snapshot_test="19955")
    [row] = sim.creations()
    assert (row["is_public"], row["to"]) == (False, f"2026-11-23T{end}:00Z")
    assert row["display_name"] == f"account_check {row['from']}"


def test_by_the_name_of_the_test(check: Check, sim: Simulator) -> None:
    check(snapshot_test="Web shop")
    assert [row["source_test_id"] for row in sim.creations()] == [19955]
    for name in ("Duplicate name", "Web shops"):
        result = check(snapshot_test=name)
        assert levels(result)["snapshot"] == "failed" and "id or the exact name of a test" in result["next"]
        assert "no snapshot was made: answer, listing" in said(result, "rest")
    assert levels(check(snapshot_test="4711"))["snapshot"] == "failed"
    assert len(sim.creations()) == 1


@pytest.mark.parametrize("hours", [0, 3, 29 * 24])
def test_a_later_run_examines_the_same_one(check: Check, sim: Simulator, clock: SharedClock, hours: int) -> None:
    options = {"snapshot_test": "19955", "public": True}
    check(**options)
    clock.sleep(hours * 3600)
    sent = posts(sim)
    result = check(**options)
    assert (len(sim.creations()), posts(sim)) == (2, sent)
    assert result["changed"] is False
    assert "of an earlier check is examined, and none is made" in said(result, "snapshot")
    assert levels(result)["visibility"] == "ok"
    # Without an account group it is another one.
    assert "is made" not in said(check(**options, check_mode=True, aid="75"), "snapshot").partition(",")[0]


def test_one_that_should_have_expired(check: Check, sim: Simulator, clock: SharedClock, tmp_path: Path) -> None:
    """If it is there, private ones do not expire. If it is gone, there is another one."""
    sim.settings(saved_event_days=None)
    options = {"snapshot_test": "19955", "observed_path": str(tmp_path / "observed.json")}
    check(**options)
    clock.sleep(31 * 86400)
    result = check(**options)
    assert "do not expire" in said(result, "expiry") and len(sim.creations()) == 1
    known = json.loads((tmp_path / "observed.json").read_text())["observed"]["v7"]
    assert known["kept_past_30_days"]["value"] is True and known["creation_status"]["value"] == 201
    sim.call("DELETE", "tests", test_id=58856)
    assert "expiry" not in levels(check(**options))
    assert len(sim.creations()) == 2


@pytest.mark.parametrize("public", [False, True])
def test_check_mode_says_what_it_costs_and_writes_nothing(
    check: Check, sim: Simulator, ledger: Path, tmp_path: Path, take: Check, public: bool
) -> None:
    path = tmp_path / "observed.json"
    take(organization=None)
    before = kept(ledger)
    result = check(check_mode=True, snapshot_test="19955", public=public, observed_path=str(path))
    text = said(result, "snapshot")
    assert f"takes {2 if public else 1} of the 5 creations in 300 s of the quota, of which 1 are used" in text
    assert "stays for good" in text and ("a share link, which" in text) is public
    assert result["changed"] is True and result["next"].startswith("Next: Run this without check mode")
    assert len(sim.creations()) == 1 and not path.exists()
    assert kept(ledger) == before


def test_check_mode_of_a_snapshot_that_is_there(
    check: Check, sim: Simulator, ledger: Path, tmp_path: Path, clock: SharedClock
) -> None:
    sim.settings(saved_event_told="nowhere")
    check(snapshot_test="19955")
    sim.settings(saved_event_told="everywhere")
    clock.sleep(3600)
    before, path = kept(ledger), tmp_path / "observed.json"
    result = check(check_mode=True, snapshot_test="19955", public=True, observed_path=str(path))
    assert levels(result)["listing"] == levels(result)["visibility"] == "ok" and result["changed"] is True
    assert kept(ledger) == before and not path.exists()
    assert said(result, "share_link").startswith("Without check mode, this takes 1 of the 5 creations in 300 s ")
    check(snapshot_test="19955", public=True)
    assert kept(ledger) != before and len(sim.creations()) == 2
    result = check(check_mode=True, snapshot_test="19955", public=True)
    assert levels(result)["share_link"] == "ok" and result["changed"] is False


def test_the_looks_stop_when_it_is_listed(check: Check, sim: Simulator, clock: SharedClock) -> None:
    sim.settings(saved_event_lag=50)
    check(snapshot_test="19955")
    assert clock.slept == [5, 10, 15, 30]
    # An old one is looked for once.
    clock.slept.clear()
    sim.settings(saved_event_lag=1e9)
    clock.sleep(3600)
    check(snapshot_test="19955")
    assert clock.slept == [3600]


def test_an_answer_that_is_lost(check: Check, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    first = check(snapshot_test="19955")
    assert levels(first)["snapshot"] in ("ok", "failed")
    second = check(snapshot_test="19955")
    assert levels(second)["snapshot"] == "ok" and levels(second)["visibility"] == "ok"
    assert len(sim.creations()) == 1 and posts(sim) == 1


def test_an_answer_without_the_id_of_its_own_test(check: Check, sim: Simulator) -> None:
    sim.fault(match={"method": "POST"}, body=v7_answer(testId=None))
    result = check(snapshot_test="19955")
    found = levels(result)
    assert (found["answer"], found["listing"], found["own_results"]) == ("warning", "unknown", "unknown")
    assert "lacks _links, _links.appLink, " in said(result, "answer")


def test_an_answer_that_makes_no_sense(check: Check, sim: Simulator, tmp_path: Path) -> None:
    """It is a creation, so it is never sent again, and the project learns what it looks like."""
    path = tmp_path / "observed.json"
    sim.fault(match={"method": "POST"}, body={"snapshot": {"id": 7, "shareId": "x"}}, status=200, commit=True, times=0)
    result = check(snapshot_test="19955", observed_path=str(path))
    told = json.loads(path.read_text())["observed"]["v7"]
    assert told["creation_status"]["value"] == 200
    assert told["creation_answer"]["value"] == {"snapshot": {"id": "whole number", "shareId": "text"}}
    # It is in the list of tests, beyond doubt.
    assert levels(result)["snapshot"] == levels(result)["listing"] == "ok"
    check(snapshot_test="19955")
    assert posts(sim) == 1
    sim.settings(saved_event_lag=1e9)
    path.unlink()
    result = check(snapshot_test="817", observed_path=str(path))
    assert levels(result)["snapshot"] == "failed" and posts(sim) == 2
    assert json.loads(path.read_text())["observed"]["v7"] == told_only(told, "creation_status", "creation_answer")


def test_a_ledger_that_does_not_keep_what_was_made(
    check: Check, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise LedgerUnavailable("The disk is full.")

    monkeypatch.setattr(SqlLedger, "created", full)
    result = check(snapshot_test="19955")
    assert "has not kept the snapshot" in said(result, "ledger") and "would make another one" in result["next"]


def test_names_of_the_account_command_no_terminal(check: Check, sim: Simulator) -> None:
    sim.call("POST", "account-groups", {"aid": 75, "name": "\x1b[2J\u202eevil\nx", "organization": 12345})
    result = check(aid="9000")
    assert "\\u001b[2J" in result["next"] and "\\n" in result["next"]
    for text in (*result["lines"], result["next"], *(finding["do"] for finding in result["findings"])):
        assert text.isprintable()


@pytest.mark.parametrize("quota_wait", [0, 900])
def test_the_quota_of_the_ledger(check: Check, take: Check, sim: Simulator, quota_wait: int) -> None:
    for number in range(5):
        take(display_name=str(number))
    result = check(snapshot_test="19955", quota_wait=quota_wait)
    assert levels(result)["snapshot"] == ("ok" if quota_wait else "warning")
    assert ("Run this again from" in "".join(result["lines"])) is (quota_wait == 0)
    assert len(sim.creations()) == 5 + bool(quota_wait)


# What the ledger keeps.


def request_of(sim: Simulator, location: Path | str, context: Context) -> SnapshotRequest:
    ledger = open_ledger(str(location), context.clock)
    try:
        return ledger.history()[0].request
    finally:
        ledger.close()


def test_the_ledger_learns_that_the_list_shows_private_ones(
    check: Check, sim: Simulator, location: str, context: Context
) -> None:
    """Late, and who can view it by the list alone. What counts towards the quota stays as it was."""
    sim.settings(saved_event_lag=20, saved_event_told="list")
    start = context.clock.now()
    check(snapshot_test="19955", ledger=location)
    request = request_of(sim, location, context)
    ledger = open_ledger(location, context.clock)
    look = ledger.last_look(request, "v7")
    assert look is not None and look.shown is True
    [record] = ledger.private(request, "v7")
    assert record.visibility == "confirmed"
    usage = ledger.usage(Quota(host_of(sim), 5, 300))
    assert usage is not None and list(usage.counted) == pytest.approx([start], abs=10)
    ledger.close()


def lying(sim: Simulator) -> None:
    """The next private snapshot is one, but the answer denies it."""
    sim.fault(match={"method": "POST"}, body=v7_answer(test={"savedEvent": False}, displayName="account_check"))


def test_two_witnesses_settle_what_the_answer_contradicts(
    check: Check, take: Check, sim: Simulator, ledger: Path, context: Context
) -> None:
    lying(sim)
    result = check(snapshot_test="19955")
    # The list alone does not.
    assert levels(result)["visibility"] == "failed" and "may be public" in said(result, "visibility")
    assert take(is_public=False)["failure"]["code"] == "visibility_contradicted"
    result = check(snapshot_test="19955", public=True)
    assert "The snapshot is private: " in said(result, "visibility")
    assert "is settled" in said(result, "visibility")
    assert "failure" not in take(is_public=False)


def test_a_contradiction_of_another_task_is_examined_and_settled(check: Check, take: Check, sim: Simulator) -> None:
    lying(sim)
    assert take(is_public=False)["failure"]["code"] == "visibility_contradicted"
    result = check(snapshot_test="817", public=True)
    assert "whose visibility is in doubt is examined, and none is made" in said(result, "snapshot")
    assert "is settled" in said(result, "visibility")
    assert [row["is_public"] for row in sim.creations()] == [False, True]
    assert "failure" not in take(is_public=False, test_id="20012")


def test_what_is_public_stays_contradicted(check: Check, take: Check, sim: Simulator) -> None:
    """Also where only the share host tells."""
    sim.settings(invert_is_public=True, saved_event_told="nowhere")
    result = check(snapshot_test="19955")
    assert said(result, "visibility").endswith("IS PUBLIC: the share host shows it to anyone.")
    assert f"Open {sim.url}/_share/wdiac/view/tests/" in result["next"]
    assert take(is_public=False)["failure"]["code"] == "visibility_contradicted"
    assert levels(check(snapshot_test="19955"))["visibility"] == "failed"
    assert len(sim.creations()) == 1


def test_nobody_knows(check: Check, sim: Simulator) -> None:
    sim.settings(saved_event_told="nowhere", share_host="alike")
    result = check(snapshot_test="19955")
    assert levels(result)["visibility"] == "unknown"


# Links and the share host.


def test_the_share_host_gets_no_credentials(
    check: Check, sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    check(snapshot_test="19955", public=True)
    rows = sim.share_requests()
    assert [row["path"].split("/")[2] for row in rows[2:]] == [row["link_id"] for row in sim.creations()]
    assert all(len(row["path"].split("/")[2]) == 20 for row in rows[:2])
    assert {row["auth"]["scheme"] for row in rows} == {None}
    assert not any("Authorization" in row["headers"] or "Cookie" in row["headers"] for row in rows)
    # Pages of the application are not asked.
    assert not any("/view/" in path for path in paths(sim))


@pytest.mark.parametrize(
    ("url", "share_url"),
    [
        ("https://api.thousandeyes.com", "https://{id}.share.thousandeyes.com/view/tests/"),
        ("https://api.eu9.thousandeyes.com", "https://{id}.share.thousandeyes.com/view/tests/"),
        ("https://api.thousandeyes.com.example.com", None),
        ("https://proxy.example.com/thousandeyes.com", None),
    ],
)
def test_whose_share_host_is_known(connected_params: Result, url: str, share_url: str | None) -> None:
    connection = Connection.from_params({**connected_params, "api_url": url})
    params = {"snapshot_test": "1", "public": False, "share_url": None}
    assert account_check._asked(params, connection).share_url == share_url


def test_a_share_host_that_cannot_be_reached(check: Check, sim: Simulator) -> None:
    result = check(snapshot_test="19955", share_url="http://127.0.0.1:9/{id}", timeout=1)
    assert levels(result)["share_host"] == "unknown"
    assert "cannot be told" in said(result, "share_host") and "cannot be reached" in said(result, "share_host")


def test_public_snapshots_are_switched_off(check: Check, sim: Simulator) -> None:
    sim.settings(public_snapshots=False)
    result = check(snapshot_test="19955", public=True)
    assert levels(result)["share_link"] == "failed" and "switched off in your region" in result["next"]
    assert [row["is_public"] for row in sim.creations()] == [False]


# Options.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"public": True}, "public: it is for snapshot_test"),
        ({"snapshot_test": "19955", "ledger": "none"}, "nobody can delete"),
        ({"snapshot_test": "19955", "ledger": "facts"}, "nobody can delete"),
        ({"snapshot_test": "0"}, "is not an id"),
        ({"snapshot_test": " "}, "is empty"),
        ({"share_url": "https://share.example.com/"}, "{id}"),
        ({"quota_limit": 0}, "quota_limit"),
        ({"observed_path": "/nowhere/at/all.json"}, "no folder"),
        ({"observed_path": __file__}, "another"),
    ],
)
def test_options_that_make_no_sense(check: Check, sim: Simulator, options: Result, words: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        check(**options)
    assert words in error.value.message
    assert sim.requests() == []


def test_a_slice_needs_a_ledger_that_all_share(
    context: Context, connected_params: Result, sim: Simulator, ledger: Path
) -> None:
    params = {**connected_params, "snapshot_test": "19955", "public": False, "share_url": None, "ledger": str(ledger)}
    params.update(observed_path=None, organization=None, quota_limit=5, quota_window=300, quota_wait=0)
    with pytest.raises(LedgerUnavailable):
        account_check.run(params, context._replace(slice="This job is a slice"))
    assert sim.requests() == []


def test_a_ledger_that_cannot_be_used(check: Check, sim: Simulator, tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("something else")
    try:
        result = check(snapshot_test="19955", ledger=str(tmp_path / "ledger"))
    except ThousandEyesError as error:
        assert error.code == "ledger_unavailable"
    else:
        assert "failed" in levels(result).values()
    assert sim.creations() == []
