# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of account_check that is made to be given away: nothing of the account is in it."""

from __future__ import annotations

import json
import os
import re
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api import shapes
from ansible_collections.community.thousandeyes.plugins.module_utils._checks import observed
from ansible_collections.community.thousandeyes.plugins.module_utils._checks.all import CHECKS, facts
from ansible_collections.community.thousandeyes.plugins.module_utils._checks.check import Fact, Finding
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from simulator import EMAIL, TOKEN, SharedClock, Simulator

Check = t.Callable[..., t.Dict[str, t.Any]]

ROOT = Path(__file__).resolve().parents[5]
SCHEMA = json.loads((ROOT / "docs" / "contract" / "observed.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
# Names of people, companies, machines and objects. None is made of words of the API alone.
NAMES = [
    "Acme Corp",
    "Jörg Müller",
    "登录",
    "acmeWidget",
    "ACME",
    "Web shop of Acme",
    "acme_id",
    "x-acme-gateway",
    "zzz",
]
ADDRESSES = ["jane.doe@example.com", "203.0.113.77", "2001:db8::77", "https://acme.example.com/u/77", "10.77.0.0/16"]
IDS = ["987654321", "6b0f3c3e-9c6a-4a8e-8a33-0d6f2b1c77aa", "q7w8e9r0t1", "simulator-token-5784"]
SECRETS = [*NAMES, *ADDRESSES, *IDS]


def errors(document: t.Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


secret = st.sampled_from(SECRETS) | st.builds("{}{}".format, st.sampled_from(SECRETS), st.text(max_size=5))
known_field = st.sampled_from(["id", "testId", "displayName", "_links", "test", "savedEvent", "createdBy", "shareDate"])
value = st.recursive(
    secret | st.integers(min_value=10**8) | st.booleans() | st.none() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(secret | known_field, inner, max_size=4),
    max_leaves=30,
)


@given(value)
def test_a_form_has_nothing_of_what_it_is_of(value: t.Any) -> None:
    shape = shapes.shape_of(value)
    text = json.dumps(shape, ensure_ascii=False)
    assert [found for found in SECRETS if found in text] == [] and not re.search("[0-9]{3}", text)
    assert shapes.is_shape(shape)
    document = observed.Observed(False, {"v7": {"creation_answer": shape}}).text(facts())
    assert errors(json.loads(document)) == [] and '"creation_answer"' in document


@given(st.lists(secret | st.sampled_from(["Retry-After", "X-Organization-Rate-Limit-Reset", "Date"])))
def test_a_header_is_told_only_by_words_that_all_use(names: list[str]) -> None:
    told = shapes.told_headers(names)
    assert set(told) <= {"retry-after", "x-organization-rate-limit-reset", "date"}


def test_names_that_are_told() -> None:
    """Those of the contract, and new ones that are made of the same words."""
    for name in (
        "viewUrl",
        "_links",
        "appLink",
        "snapshotExpirationDate",
        "isShared",
        "permalink",
        "sourceTestId",
        "uid",
    ):
        assert shapes.is_field(name), name
    for name in ("x-snapshot-rate-limit-remaining", "retry-after", "content-type", "location", "ratelimit-reset"):
        assert shapes.is_header(name), name
    for name in ("testId1", "acmeLink", "jane", "test id", "", "Jane.Doe", None, "a" * 70, "x-acme-limit", "link-77"):
        assert not shapes.is_field(name) and not shapes.is_header(name), name


def fill(sim: Simulator) -> None:
    """The world of the simulator, with secrets in all that has a name."""
    name, address, number = NAMES[0], ADDRESSES[0], int(IDS[0])
    sim.call("POST", "organizations", {"organization": 12345, "name": name})
    sim.call("POST", "account-groups", {"aid": 75, "name": NAMES[1], "organization": 12345})
    people = {"name": NAMES[1], "permissions": ["API access", "View tests", "View tags", "Create snapshot shares"]}
    row = {"uid": number, "email": address, "token": TOKEN, "organization": 12345, "account_groups": [75], **people}
    sim.call("POST", "users", row)
    test = {"test_id": number, "name": NAMES[5], "target": ADDRESSES[3], "description": ADDRESSES[1]}
    sim.call("POST", "tests", {**test, "owner_name": NAMES[1], "owner_email": address})
    sim.call("POST", "tags", {"key": NAMES[4], "value": NAMES[2], "assignments": [number]})
    sim.call("POST", "labels", {"name": NAMES[0], "tests": [number]})


STRANGE = {
    "errorMessage": f"{NAMES[0]} may not {ADDRESSES[0]}",
    "title": NAMES[1],
    "detail": ADDRESSES[3],
    NAMES[3]: {ADDRESSES[0]: IDS[1]},
    IDS[0]: [ADDRESSES[1]],
    "errors": [{"code": IDS[2], "field": NAMES[6], "message": ADDRESSES[2]}],
}
HEADERS = {"X-Acme-Gateway": NAMES[0], "Via": "1.1 acme.example.com", "X-Request-Id": IDS[1], "Set-Cookie": IDS[2]}
CASES: dict[str, tuple[dict[str, t.Any], dict[str, t.Any] | None]] = {
    "plain": ({}, None),
    "inverted": ({"invert_is_public": True}, None),
    "limited": ({"creation_limit": 0, "creation_limit_headers": "reset-epoch"}, None),
    "refused": ({}, {"status": 400, "body": STRANGE, "headers": HEADERS}),
    "limited by something": ({}, {"status": 429, "body": STRANGE, "headers": {**HEADERS, "Retry-After": "77"}}),
    "strange": (
        {},
        {
            "headers": HEADERS,
            "body": {
                **STRANGE,
                "id": "q7w8e9r0t1",
                "testId": "58856",
                "displayName": NAMES[5],
                "shareDate": NAMES[2],
                "test": {**STRANGE, "savedEvent": True, "createdBy": ADDRESSES[0]},
                "_links": {"appLink": {"href": "https://app.thousandeyes.com/?testId=77&u=acme"}, NAMES[3]: 1},
            },
        },
    ),
    "no JSON": ({}, {"body": f"<html>{NAMES[0]} {ADDRESSES[0]}</html>"}),
}


@pytest.mark.parametrize("version", ["v7", "v6"])
@pytest.mark.parametrize("case", CASES)
def test_nothing_of_the_account_is_in_the_file(
    check: Check, sim: Simulator, tmp_path: Path, case: str, version: str
) -> None:
    settings, fault = CASES[case]
    fill(sim)
    sim.settings(**settings)
    if fault:
        sim.fault(match={"method": "POST"}, **fault)
    path = tmp_path / "observed.json"
    check(api_version=version, snapshot_test=IDS[0], public=True, aid="75", observed_path=str(path))
    text = path.read_text(encoding="utf-8")
    assert errors(json.loads(text)) == []
    # Ids of what was made, too, and times of this day.
    created = [str(row[name]) for row in sim.creations() for name in ("link_id", "snapshot_test_id", "display_name")]
    hidden = [
        *SECRETS,
        *created,
        "acme",
        "example",
        EMAIL,
        TOKEN,
        "127.0.0.1",
        "2026",
        "12345",
        '"75"',
        "Acme",
        "Sandbox",
    ]
    assert [found for found in hidden if found in text] == []
    assert len(json.loads(text)["observed"][version]) >= (2 if case in ("plain", "inverted", "limited") else 0)
    if (case, version) == ("strange", "v7"):
        told = json.loads(text)["observed"][version]
        assert told["creation_headers"]["value"].count("via") == 1 and "x-acme-gateway" not in text
        assert told["creation_answer"]["value"]["(others)"] == 2


def test_all_kinds_fit_the_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema"]["const"] == observed.SCHEMA
    kinds = SCHEMA["$defs"]["fact"]["properties"]["kind"]["enum"]
    assert {fact.kind for fact in facts().values()} <= set(kinds)
    samples = {"yes_no": True, "seconds": 5, "status": 201, "headers": ["retry-after"], "shape": {"id": "text"}}
    for fact in facts().values():
        for sample in fact.words or [samples[fact.kind]]:
            assert observed.fits(fact, sample)
            for version in ("v6", "v7"):
                text = observed.Observed(True, {version: {fact.name: sample}}).text(facts())
                told = errors(json.loads(text))
                assert bool(told) is (fact.settles_of(version) == []) and f'"{fact.name}"' in text
    body = facts()["creation_limit_body"]
    assert body.settles_of("v7") == ["creation-limit"] and body.settles_of("v6") == list(body.settles)
    forms = SCHEMA["$defs"]["shape"]["oneOf"][0]["pattern"]
    assert [form for form in shapes.FORMS if not re.match(forms, form)] == []


@pytest.mark.parametrize(
    "value",
    [
        {"v7": {"x": {"settles": ["a"], "kind": "word", "value": "Acme Corp"}}},
        {"v7": {"x": {"settles": ["a"], "kind": "seconds", "value": "1"}}},
        {"v7": {"x": {"settles": [], "kind": "yes_no", "value": True}}},
        {"v7": {"x": {"settles": ["a"], "kind": "shape", "value": {"jane@example.com": "text"}}}},
        {"v7": {"x": {"settles": ["a"], "kind": "shape", "value": "Acme"}}},
        {"v7": {"x": {"settles": ["a"], "kind": "headers", "value": ["X-Acme 1"]}}},
        {"acme": {}},
    ],
)
def test_the_schema_takes_nothing_else(value: t.Any) -> None:
    assert errors({"schema": observed.SCHEMA, "vendor": False, "observed": value})


def test_a_value_of_another_kind_is_left_out() -> None:
    word, seconds = Fact("a", "word", ("x",), ("yes",)), Fact("b", "seconds", ("x",))
    found = Finding("n", "ok", "s", "", ((word, "Acme Corp"), (seconds, 1.5)))
    assert observed.Observed(False, {}).with_findings("v7", [found]).known == {"v7": {}}
    for fact, value in ((word, None), (seconds, True), (seconds, -1), (Fact("c", "nothing", ("x",)), {})):
        assert not observed.fits(fact, value)


def test_a_file_with_nothing_in_it_is_not_written(check: Check, sim: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "observed.json"
    assert check(observed_path=str(path))["changed"] is False
    assert not path.exists()


def test_what_was_learned_before_stays(check: Check, sim: Simulator, tmp_path: Path, clock: SharedClock) -> None:
    path = tmp_path / "observed.json"
    check(snapshot_test="19955", observed_path=str(path))
    first = json.loads(path.read_text())
    # That it is listed by now says nothing of how soon it was.
    clock.sleep(7)
    check(snapshot_test="19955", observed_path=str(path))
    assert json.loads(path.read_text()) == first
    check(snapshot_test="817", observed_path=str(path), api_version="v6")
    both = json.loads(path.read_text())["observed"]
    assert both["v7"] == first["observed"]["v7"] and both["v6"]["v6_answers"]["value"] is True
    assert oct(os.stat(path).st_mode & 0o777) == "0o644" and list(tmp_path.glob("tmp*")) == []


def test_how_late_a_snapshot_is_listed(check: Check, sim: Simulator, tmp_path: Path, clock: SharedClock) -> None:
    path = tmp_path / "observed.json"
    options = {"snapshot_test": "19955", "observed_path": str(path)}
    sim.settings(saved_event_lag=3000)
    delays = []
    for seconds in (0, 600, 4000, 4000):
        clock.sleep(seconds)
        check(**options)
        known = json.loads(path.read_text())["observed"]["v7"]
        delays.append([known[name]["value"] if name in known else None for name in ("not_listed_at", "listed_by")])
    assert delays == [[120, None], [720, None], [720, 4720], [720, 4720]]


def test_what_somebody_put_into_the_file_does_not_stay(check: Check, sim: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "observed.json"
    known = {
        "listed": {"value": "Acme Corp"},
        "acme": {"value": True},
        "creation_headers": {"value": ["x-acme"]},
        "app_link": "Acme",
        "kept_past_30_days": {"value": True, "note": "Acme Corp"},
    }
    path.write_text(json.dumps({"schema": observed.SCHEMA, "vendor": False, "observed": {"v7": known, "Acme": {}}}))
    check(observed_path=str(path))
    told = json.loads(path.read_text())["observed"]
    assert list(told) == ["v7"] and list(told["v7"]) == ["kept_past_30_days"]
    assert "cme" not in path.read_text()


@pytest.mark.parametrize("document", ["{}", "[]", "Acme", '{"schema": "evidence"}'])
def test_another_file_is_left_alone(check: Check, sim: Simulator, tmp_path: Path, document: str) -> None:
    path = tmp_path / "observed.json"
    path.write_text(document)
    with pytest.raises(observed.InvalidRequest):
        check(snapshot_test="19955", observed_path=str(path))
    assert path.read_text() == document and sim.requests() == []


def test_what_was_learned_of_another_server_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "observed.json"
    path.write_text(observed.Observed(True, {"v7": {"listed": "saved_event"}}).text(facts()))
    assert observed.read(str(path), facts(), True).known == {"v7": {"listed": "saved_event"}}
    assert observed.read(str(path), facts(), False).known == {}


def test_every_check_learns_only_what_it_says(check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And facts of different checks do not share a name."""
    names = [fact.name for check in CHECKS for fact in set(check.facts)]
    shared = {"creation_", "creation_limit_", "creation_refusal_"}
    double = {name for name in names if names.count(name) > 1}
    assert all(any(name.startswith(prefix) for prefix in shared) for name in double)
    path = tmp_path / "observed.json"
    result = check(snapshot_test="19955", public=True, observed_path=str(path))
    told = json.loads(path.read_text())["observed"]["v7"]
    settled = {unknown for finding in result["findings"] for unknown in finding["settles"]}
    assert settled == {unknown for fact in told.values() for unknown in fact["settles"]}
