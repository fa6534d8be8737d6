# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The creation limit, the general rate limit with its headers, and the lock-out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from support.patience import HANG

from simulator import OTHER_TOKEN, TOKEN

NOW = 1539918121  # 2018-10-19T03:02:01Z
PREFIX = "X-Organization-Rate-Limit-"


def limits(answer) -> list[int]:
    return [int(answer.headers[PREFIX + name]) for name in ("Limit", "Remaining", "Reset")]


def create_other(api) -> int:
    return api.create_v7(path="/v7/tests/90001/snapshot", token=OTHER_TOKEN).status_code


def test_five_creations_per_organization_whatever_the_version(sim, api):
    assert [api.create_v6().status_code for _count in range(3)] == [201] * 3
    assert [api.create_v7().status_code for _count in range(2)] == [201] * 2
    assert (api.create_v6().status_code, api.create_v7().status_code) == (429, 429)
    assert create_other(api) == 201
    assert len(sim.creations()) == 6


def test_the_window_slides_and_a_refused_creation_does_not_count(sim, api):
    for _count in range(5):
        assert api.create_v7().status_code == 201
        sim.advance(10)
    sim.advance(249)  # 299 s after the first
    assert [api.create_v7().status_code for _count in range(3)] == [429] * 3
    sim.advance(1)
    assert [api.create_v7().status_code for _count in range(2)] == [201, 429]
    sim.advance(9.9)
    assert api.create_v7().status_code == 429
    sim.advance(0.1)
    assert [api.create_v7().status_code for _count in range(2)] == [201, 429]


def test_wrong_requests_take_no_slot(sim, api):
    for _count in range(6):
        assert api.create_v7(displayName="").status_code == 400
        assert api.create_v7(path="/v7/tests/4/snapshot").status_code == 404
    assert [api.create_v7().status_code for _count in range(6)] == [201] * 5 + [429]


def test_the_limit_is_a_setting(sim, api):
    sim.settings(creation_limit=1, creation_window=10)
    assert [api.create_v7().status_code for _count in range(2)] == [201, 429]
    sim.advance(10)
    assert api.create_v7().status_code == 201
    sim.settings(creation_limit=None)
    assert [api.create_v7().status_code for _count in range(20)] == [201] * 20
    sim.settings(creation_limit=0)
    assert api.create_v7().status_code == 429


def test_a_clock_that_was_set_back_does_not_block_for_ever(sim, api):
    sim.set_clock("2030-01-01T00:00:00Z")
    assert [api.create_v7().status_code for _count in range(6)] == [201] * 5 + [429]
    sim.set_clock("2018-10-19T03:02:01Z")
    answer = api.create_v7()
    assert (answer.status_code, limits(answer)) == (201, [240, 239, NOW + 60])


def test_atomic_among_many_clients(sim):
    body = {"displayName": "x", "startDate": "2018-10-06T00:00:00Z", "endDate": "2018-10-06T01:00:00Z"}

    def create(_number: int) -> int:
        return requests.post(
            f"{sim.url}/v7/tests/19955/snapshot", json=body, timeout=HANG, headers={"Authorization": f"Bearer {TOKEN}"}
        ).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(create, range(64)))
    assert sorted(statuses) == [201] * 5 + [429] * 59
    assert len({row["link_id"] for row in sim.creations()}) == 5
    assert len({row["connection"] for row in sim.requests()}) == 64


# 100 s after the first of five creations the next slot is 200 s away.
@pytest.mark.parametrize(
    "style, expected",
    [
        ("none", {}),
        ("retry-after-seconds", {"Retry-After": "200"}),
        ("retry-after-date", {"Retry-After": "Fri, 19 Oct 2018 03:07:01 GMT"}),
        ("reset-epoch", {"Limit": "5", "Remaining": "0", "Reset": str(NOW + 300)}),
        ("reset-seconds", {"Limit": "5", "Remaining": "0", "Reset": "200"}),
        ("reset-past", {"Limit": "5", "Remaining": "0", "Reset": str(NOW + 40)}),
    ],
)
@pytest.mark.parametrize("version", ["v6", "v7"])
def test_what_the_creation_limit_tells(sim, api, style, expected, version):
    sim.settings(creation_limit_headers=style)
    create = api.create_v6 if version == "v6" else api.create_v7
    assert create().status_code == 201
    sim.advance(100)
    for _count in range(4):
        assert create().status_code == 201
    create()
    answer = create()
    assert answer.status_code == 429
    # The general batch began anew 100 s after the first request, and 4 + 2 requests have been made since.
    names = ["Retry-After", PREFIX + "Limit", PREFIX + "Remaining", PREFIX + "Reset"]
    general = {"Limit": "240", "Remaining": "234", "Reset": str(NOW + 160)}
    assert {name.removeprefix(PREFIX): answer.headers[name] for name in names if name in answer.headers} == {
        **general,
        **expected,
    }


def test_rate_limit_headers_are_on_every_authenticated_answer(sim, api):
    answers = [
        api.get("/v7/tests"),
        api.get("/v6/tests.json"),
        api.create_v7(),
        api.create_v6(),
        api.create_v7(title=1),
        api.create_v6(title=1),
        api.get("/v7/nothing"),
        api.get("/v6/nothing"),
        api.get("/v7/tests?aid=4"),
        api.send("PUT", "/v7/tests"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 201, 201, 400, 406, 404, 404, 403, 405]
    assert [limits(answer) for answer in answers] == [[240, 239 - n, NOW + 60] for n in range(10)]
    assert limits(api.get("/v7/tests", token=OTHER_TOKEN)) == [240, 239, NOW + 60]
    for path in ("/v7/tests", "/v6/tests.json"):
        assert PREFIX + "Limit" not in api.get(path, token="wrong").headers


def test_the_minute_begins_with_the_first_request_of_a_batch(sim, api):
    sim.settings(rate_limit=3)
    assert limits(api.get("/v7/tests")) == [3, 2, NOW + 60]
    sim.advance(59)
    assert limits(api.get("/v6/tests.json")) == [3, 1, NOW + 60]
    assert limits(api.get("/v7/tests")) == [3, 0, NOW + 60]
    for answer in (api.get("/v7/tests"), api.get("/v6/tests.json"), api.create_v7()):
        assert (answer.status_code, limits(answer)) == (429, [3, 0, NOW + 60])
    assert api.get("/v7/tests", token=OTHER_TOKEN).status_code == 200
    sim.advance(1)
    assert limits(api.get("/v7/tests")) == [3, 2, NOW + 120]
    assert sim.creations() == []


def test_the_default_rate_limit_is_240(api):
    statuses = [api.get("/v7/account-groups").status_code for _count in range(241)]
    assert statuses == [200] * 240 + [429]


def test_without_a_rate_limit_there_are_no_headers(sim, api):
    sim.settings(rate_limit=None)
    assert [name for name in api.get("/v7/tests").headers if name.startswith(PREFIX)] == []


def test_too_many_401s_lock_an_address_out_for_a_minute(sim, api):
    sim.settings(locked_out_after=3)
    assert [api.get("/v7/tests", token="wrong").status_code for _count in range(2)] == [401, 401]
    assert api.get("/v7/tests").status_code == 200
    assert api.get("/v6/tests.json", token="wrong").status_code == 401
    assert (api.get("/v7/tests").status_code, api.get("/v6/tests.json").status_code) == (429, 429)
    sim.advance(60)
    assert api.get("/v7/tests").status_code == 200
