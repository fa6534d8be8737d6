# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings for what nobody knows of snapshots, and the stand-in for the share host."""

from __future__ import annotations

import pytest


def answers(api):
    """The test in the answer to a creation and in the list, by version."""
    v6 = api.create_v6(isPublic=0).json()["test"][0]
    v7 = api.create_v7(isPublic=False).json()["test"]
    return {
        "v6": (v6, api.get("/v6/tests.json").json()["test"]),
        "v7": (v7, api.get("/v7/tests").json()["tests"]),
    }


@pytest.mark.parametrize("told", ["everywhere", "list", "answer", "nowhere"])
def test_where_saved_event_is_told(sim, api, told):
    sim.settings(saved_event_told=told)
    for version, (answer, rows) in answers(api).items():
        assert ("savedEvent" in answer) is (told in ("everywhere", "answer")), version
        assert {"savedEvent" in row for row in rows} == {told in ("everywhere", "list")}, version


def test_nothing_stays_of_a_list_without_it(sim, api):
    sim.settings(saved_event_told="nowhere")
    api.get("/v7/tests")
    sim.settings(saved_event_told="everywhere")
    assert all("savedEvent" in row for row in api.get("/v7/tests").json()["tests"])


def test_an_old_share_date(sim, api):
    sim.settings(share_date_age=86400)
    assert api.create_v7().json()["shareDate"] == "2018-10-18T03:02:01Z"
    assert api.create_v6().json()["link"]["shareDate"] == "2018-10-18 03:02:01"


@pytest.mark.parametrize("readable", [True, False])
def test_results_by_the_own_id(sim, api, readable):
    sim.settings(saved_event_results=readable)
    api.create_v7(isPublic=False)
    status = 200 if readable else 404
    assert api.get("/v7/test-results/58856/network").status_code == status
    assert api.get("/v6/net/metrics/58856.json").status_code == status
    assert api.get("/v7/test-results/19955/network").status_code == 200


def test_a_saved_event_that_stays(sim, api):
    sim.settings(saved_event_days=None)
    api.create_v7(isPublic=False)
    sim.advance(400 * 86400)
    assert "58856" in [row["testId"] for row in api.get("/v7/tests").json()["tests"]]


@pytest.mark.parametrize(
    ("style", "private", "public", "nobodys"),
    [
        ("open", 404, 200, 404),
        ("alike", 200, 200, 200),
        ("login", 302, 200, 404),
        ("all", 200, 200, 404),
        ("noisy", 200, 200, 200),
    ],
)
def test_the_share_host(sim, api, style, private, public, nobodys):
    sim.settings(share_host=style)
    links = [api.create_v7(isPublic=is_public).json()["id"] for is_public in (False, True)]
    pages = [api.get(f"/_share/{link}/view/tests/", token=None) for link in (*links, "nobody")]
    assert [page.status_code for page in pages] == [private, public, nobodys]
    assert (pages[0].text == pages[2].text) is (style in ("open", "alike"))
    assert [row["auth"]["scheme"] for row in sim.share_requests()] == [None] * 3
    assert not any("_share" in row["path"] for row in sim.requests())
