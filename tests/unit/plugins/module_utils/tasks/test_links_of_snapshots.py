# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the links of snapshots lead, against the simulator's record of what it created; all at noon."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import typing as t
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from support import postgresql_server
import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import Simulator
from support.snapshot_answers import v6_answer, v7_answer

Take = t.Callable[..., t.Dict[str, t.Any]]
Row = t.Dict[str, t.Any]
PHASES = (
    {"display_name": "CHG1 before", "from": "2018-10-06T00:00:00Z"},
    {"display_name": "CHG1 after", "from": "2018-10-06T02:00:00Z"},
)
# What selects the round, by phase.
STARTS = ["1538784000", "1538791200"]


@pytest.fixture
def warned() -> list[str]:
    return []


@pytest.fixture
def earlier() -> list[Row]:
    return []


@pytest.fixture
def context(context: Context, warned: list[str], earlier: list[Row]) -> Context:
    # An earlier version had the ledger in the fact of the snapshots.
    return context._replace(warn=warned.append, earlier=earlier, kept=earlier, facts_lost=None)


def both(take: Take, **options: t.Any) -> list[Row]:
    return [take(**phase, **options)["snapshot"] for phase in PHASES]


def query_of(row: Row) -> dict[str, list[str]]:
    return parse_qs(urlsplit(row["view_url"]).query)


def own_tests(sim: Simulator) -> list[str]:
    return [str(row["snapshot_test_id"]) for row in sim.creations()]


@pytest.mark.parametrize("app_link", ["own", "source", "none"])
@pytest.mark.parametrize("aid", [None, "75"])
def test_before_and_after_of_a_test_have_links_of_their_own(
    take: Take, sim: Simulator, warned: list[str], app_link: str, aid: str | None
) -> None:
    sim.settings(app_link=app_link)
    made = both(take, is_public=False, aid=aid)
    own = own_tests(sim)
    assert len(set(own)) == 2 and "19955" not in own
    assert [query_of(row)["testId"] for row in made] == [[test] for test in own]
    assert [urlsplit(row["view_url"])[:3] for row in made] == [("https", "app.thousandeyes.com", "/view/tests/")] * 2
    assert {row["view_url_source"] for row in made} == {"answer" if app_link == "own" else "inferred"}
    told = {"own": own, "source": ["19955", "19955"]}.get(app_link, [None, None])
    assert [row["app_url"] and parse_qs(urlsplit(row["app_url"]).query)["testId"][0] for row in made] == told
    if app_link != "own":
        assert [query_of(row)["roundId"] for row in made] == [[start] for start in STARTS]
    assert [query_of(row).get("__a") for row in made] == [None if app_link == "none" and not aid else ["75"]] * 2
    assert both(take, is_public=False, aid=aid) == [{**row, "status": "existing"} for row in made]
    assert warned == []


@pytest.mark.parametrize("version", ["v6", "v7"])
@pytest.mark.parametrize("app_link", ["source", "none"])
def test_an_adopted_one_has_a_link_of_the_same_form(take: Take, sim: Simulator, version: str, app_link: str) -> None:
    sim.settings(app_link=app_link, v6_private_answer="bare")
    options = {"is_public": False, "aid": "75", "api_version": version}
    before = take(**PHASES[0], **options)["snapshot"]
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    after = take(**PHASES[1], **options)["snapshot"]
    assert (before["status"], after["status"]) == ("created", "adopted")
    first, second = own_tests(sim)
    assert after["view_url"] == before["view_url"].replace(first, second).replace(*STARTS)
    assert (after["view_url_source"], after["app_url"]) == ("inferred", None)
    assert take(**PHASES[1], **options)["snapshot"] == after


def test_the_links_are_on_the_host_of_the_answer(take: Take, sim: Simulator) -> None:
    sim.settings(app_link_host="app.eu1.thousandeyes.com", app_link_aid=False)
    made = take(is_public=False, aid="75")["snapshot"]
    assert made["view_url"] == ("https://app.eu1.thousandeyes.com/view/tests/?testId=58856&roundId=1538784000&__a=75")
    assert made["app_url"] == "https://app.eu1.thousandeyes.com/view/tests/?testId=19955"


@pytest.mark.parametrize("version", ["v6", "v7"])
@pytest.mark.parametrize("app_link", ["own", "source", "none"])
def test_share_links(take: Take, sim: Simulator, version: str, app_link: str) -> None:
    """v7 tells no address of theirs."""
    sim.settings(app_link=app_link)
    made = both(take, api_version=version)
    assert [row["view_url"] for row in made] == [
        f"https://{row['link_id']}.share.thousandeyes.com/view/tests/" for row in sim.creations()
    ]
    assert {row["view_url_source"] for row in made} == {"answer" if version == "v6" else "inferred"}
    assert (made[0]["app_url"] is None) == (version == "v6" or app_link == "none")


@pytest.mark.parametrize("answer", ["link", "bare"])
def test_private_ones_of_v6(take: Take, sim: Simulator, answer: str) -> None:
    sim.settings(v6_private_answer=answer)
    made = both(take, is_public=False, api_version="v6")
    assert {row["view_url_source"] for row in made} == {"answer" if answer == "link" else "inferred"}
    assert {row["app_url"] for row in made} == {None}
    if answer == "link":
        links = [row["link_id"] for row in sim.creations()]
        assert [row["view_url"] for row in made] == [
            f"https://{link}.share.thousandeyes.com/view/tests/" for link in links
        ]
    else:
        assert [query_of(row) for row in made] == [
            {"testId": [own], "roundId": [start]} for own, start in zip(own_tests(sim), STARTS)
        ]


def app_link_of(url: str) -> dict[str, t.Any]:
    return {"_links": {"appLink": {"href": url}}}


EVIL = [
    "https://attacker.example/view/tests/?testId=58856",
    "javascript:alert(58856)",
    "https://app.thousandeyes.com@attacker.example/?testId=58856",
    "https://app.thousandeyes.com/?testId=58856\x1b[2J",
]


@pytest.mark.parametrize("url", EVIL)
def test_a_link_that_does_not_belong_to_the_api_is_not_shown(
    take: Take, sim: Simulator, warned: list[str], url: str
) -> None:
    sim.fault(match={"method": "POST"}, body=v7_answer(**app_link_of(url)))
    result = take(is_public=False)
    made = result["snapshot"]
    assert (made["view_url_source"], made["app_url"]) == ("inferred", None)
    assert made["view_url"] == "https://app.thousandeyes.com/view/tests/?testId=58856&roundId=1538784000"
    [warning] = warned
    assert warning.startswith("The API answered a link that does not belong to it, in appLink. It is not shown.")
    assert "'Snapshot created through API' of test 19955, own test 58856, link id wdiac, https://app." in warning
    assert "below thousandeyes.com or 127.0.0.1;" in warning
    shown = json.dumps([result, warned])
    assert not any(part in shown for part in ("attacker", "javascript", "u001b"))


@pytest.mark.parametrize("url", EVIL)
@pytest.mark.parametrize("is_public", [True, False])
def test_nor_is_that_of_v6(take: Take, sim: Simulator, warned: list[str], url: str, is_public: bool) -> None:
    sim.fault(match={"method": "POST"}, body=v6_answer(viewUrl=url))
    made = take(is_public=is_public, api_version="v6")["snapshot"]
    assert made["view_url_source"] == "inferred"
    assert made["view_url"] == "https://wdiac.share.thousandeyes.com/view/tests/"
    assert len(warned) == 1 and " in viewUrl. " in warned[0] and "attacker" not in warned[0]


def test_an_id_that_is_none_of_a_link_becomes_no_host(take: Take, sim: Simulator, warned: list[str]) -> None:
    sim.fault(match={"method": "POST"}, body=v7_answer(id="attacker.example/#"), times=2)
    result = take(is_public=False)
    assert (result["snapshot"]["link_id"], result["snapshot"]["snapshot_test_id"]) == (None, "58856")
    assert len(warned) == 1 and " in id. " in warned[0]
    shared = take(is_public=True)
    assert (shared["failure"]["code"], "snapshot" in shared) == ("outcome_unknown", False)
    assert "attacker" not in json.dumps([result, warned])
    # Only in what is told of an answer that makes no sense, and as no link.
    assert "//attacker" not in json.dumps(shared)
    assert len(sim.creations()) == 2


@pytest.mark.parametrize("own", ["19955", None, "58856&x=1", "-1", ""])
def test_the_test_of_a_snapshot_is_not_its_source(take: Take, sim: Simulator, warned: list[str], own: t.Any) -> None:
    """With a link id the answer tells that it was created, but nothing that opens it; without one it tells nothing."""
    url = "https://app.thousandeyes.com/view/tests/?testId=19955"
    sim.fault(match={"method": "POST"}, body=v7_answer(testId=own, **app_link_of(url)))
    made = take(is_public=False)["snapshot"]
    assert (made["status"], made["link_id"], made["snapshot_test_id"]) == ("created", "wdiac", None)
    assert (made["view_url"], made["view_url_source"], made["app_url"]) == (None, None, url)
    assert len(warned) == 1 and warned[0].startswith("No link to the snapshot is known")
    sim.fault(match={"method": "POST"}, body=v7_answer(testId=own, id=None))
    sim.fault(match={"method": "GET"}, status=403)
    assert take(is_public=False, test_id="817")["failure"]["code"] == "outcome_unknown"


def test_v6_may_tell_the_own_test_in_either_place(take: Take, sim: Simulator) -> None:
    own = {"testId": 58856, "savedEvent": 1}
    sim.fault(match={"method": "POST"}, body=v6_answer(own, testId=19955))
    assert take(is_public=False, api_version="v6")["snapshot"]["snapshot_test_id"] == "58856"


def test_saved_events_of_the_list_have_links_of_that_form(
    connected_params: dict[str, t.Any], context: Context, sim: Simulator, ledger: Path
) -> None:
    """The list tells no window, so no round."""
    options = ("display_name", "test_id", "from", "to", "is_public", "expired", "expires_within", "state")
    params = {**connected_params, **dict.fromkeys(options), "display_name_regex": None, "saved_events": True}
    rows = [
        snapshot_info.run({**params, "ledger": str(ledger), "aid": aid}, context)["snapshots"][0]
        for aid in (None, "75")
    ]
    assert [(row["view_url"], row["view_url_source"], row["app_url"]) for row in rows] == [
        ("https://app.thousandeyes.com/view/tests/?testId=58001", "inferred", None),
        ("https://app.thousandeyes.com/view/tests/?testId=58001&__a=75", "inferred", None),
    ]


SOURCES = "https://app.thousandeyes.com/view/tests/?testId=19955&__a=75"
NEW = "https://app.thousandeyes.com/view/tests/?testId=58856&roundId=1538784000&__a=75"


def as_earlier(record: Row) -> Row:
    """As an earlier version kept a private snapshot of v7."""
    kept = {name: value for name, value in record.items() if name != "view_url_source"}
    return {**kept, "view_url": SOURCES, "viewUrl": SOURCES, "app_url": SOURCES}


def test_a_ledger_of_an_earlier_version(
    take: Take, sim: Simulator, location: str, request: pytest.FixtureRequest
) -> None:
    made = take(is_public=False, ledger=location)["snapshot"]
    text = json.dumps(as_earlier(made))
    if "://" in location:
        server: postgresql_server.Server = request.getfixturevalue("postgresql")
        server.sql(f"UPDATE thousandeyes_ledger.attempt SET record = '{text}'", postgresql_server.DATABASE)
    else:
        with contextlib.closing(sqlite3.connect(location)) as database:
            database.execute("UPDATE attempt SET record = ?", (text,))
            database.commit()
    known = take(is_public=False, ledger=location)["snapshot"]
    assert known == {**made, "status": "existing"}
    assert (known["view_url"], known["view_url_source"], known["app_url"]) == (NEW, "inferred", SOURCES)
    assert len(sim.creations()) == 1


def test_facts_of_an_earlier_version(take: Take, sim: Simulator, earlier: list[Row]) -> None:
    """What is asked for gets the new link, and the others stay as they are."""
    options = {"ledger": "facts", "is_public": False}
    earlier += map(as_earlier, both(take, **options))
    result = take(**PHASES[0], **options)
    assert result["changed"] is False
    assert (result["snapshot"]["view_url"], result["snapshot"]["app_url"]) == (NEW, SOURCES)
    assert result["ansible_facts"]["thousandeyes_snapshots"] == [result["snapshot"], earlier[1]]
    assert len(sim.creations()) == 2
