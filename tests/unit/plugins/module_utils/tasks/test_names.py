# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that are looked up, which people and the API may write in different ways."""

from __future__ import annotations

import typing as t
import unicodedata

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest, NotFound
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import test_info as task
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]
NAME = "Anmeldung Zürich, café"
WRITTEN = [unicodedata.normalize("NFC", NAME), unicodedata.normalize("NFD", NAME)]


@pytest.fixture(params=WRITTEN)
def listed(request: pytest.FixtureRequest, sim: Simulator) -> str:
    """The name of a test as the API has it."""
    sim.set_world(tests=[{"test_id": 7, "name": request.param}, {"test_id": 8, "name": "Anmeldung Zurich, cafe"}])
    return request.param


@pytest.mark.parametrize("asked", WRITTEN)
def test_a_snapshot_by_name(take: Take, sim: Simulator, listed: str, asked: str) -> None:
    assert take(test_id=None, test_name=asked)["snapshot"]["test_id"] == "7"
    assert take(tests=[asked])["snapshots"][0]["test_id"] == "7"
    assert len(sim.creations()) == 1


@pytest.mark.parametrize("asked", WRITTEN)
def test_tests_by_name(context: Context, connected_params: dict[str, t.Any], listed: str, asked: str) -> None:
    names = ("test_id", "name", "tests", "name_regex", "type", "enabled", "tag", "label")
    params = {**connected_params, **dict.fromkeys(names), "saved_events": "exclude"}
    for options in ({"name": asked}, {"tests": [asked]}, {"name_regex": f"^{asked}$"}):
        found = task.run({**params, **options}, context)
        assert [(test["test_id"], test["test_name"]) for test in found["tests"]] == [("7", listed)]
        assert not found.get("not_found")


def test_two_titles_that_look_alike_are_two(take: Take, sim: Simulator) -> None:
    """What a snapshot is known by is as it was typed."""
    for title in WRITTEN:
        assert take(display_name=title)["snapshot"]["display_name"] == title
    assert [row["display_name"] for row in sim.creations()] == WRITTEN


def test_two_names_that_look_alike(take: Take, sim: Simulator) -> None:
    sim.set_world(tests=[{"test_id": 7 + number, "name": name} for number, name in enumerate(WRITTEN)])
    with pytest.raises(InvalidRequest, match="2 tests in"):
        raise_of(take(test_id=None, test_name=NAME))


@pytest.mark.parametrize("tests", [[], [{"test_id": 7, "name": "Web shop", "saved_event": True}]])
def test_where_there_are_none(take: Take, sim: Simulator, tests: list[dict[str, t.Any]]) -> None:
    sim.set_world(tests=tests)
    result = take(test_id=None, test_name="Web shop")
    assert result["failure"]["code"] == NotFound.code
    said = "there is no test 'Web shop', since the token's own account group (no aid is given) has none"
    assert said in result["msg"]


def raise_of(result: dict[str, t.Any]) -> None:
    if result["failure"]["code"] == InvalidRequest.code:
        raise InvalidRequest(result["msg"])
