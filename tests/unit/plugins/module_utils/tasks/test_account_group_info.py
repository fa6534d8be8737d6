# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import account_group_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import EMAIL, OTHER_TOKEN, READER_TOKEN, TOKEN, SharedClock, Simulator

Rows = t.List[t.Dict[str, t.Any]]
Groups = t.Callable[..., Rows]
VERSIONS = pytest.mark.parametrize("version", ["v6", "v7"])


@pytest.fixture
def groups(context: Context, connected_params: dict[str, t.Any]) -> Groups:
    def groups(**options: t.Any) -> Rows:
        result = account_group_info.run({**connected_params, **options}, context)
        assert result.pop("changed") is False
        return result["account_groups"]

    return groups


def test_as_documented(groups: Groups, sim: Simulator) -> None:
    common = {"organization_id": "12345", "organization_name": "Sandbox Inc."}
    assert groups() == [
        {"aid": "75", "name": "API Sandbox", **common, "is_current": True, "is_default": True},
        {"aid": "1234", "name": "Account A", **common, "is_current": False, "is_default": False},
    ]
    assert [(row["path"], row["query"]) for row in sim.requests()] == [("/v7/account-groups", {})]


@pytest.mark.parametrize("token", [TOKEN, READER_TOKEN, OTHER_TOKEN])
def test_both_versions_tell_the_same(groups: Groups, token: str) -> None:
    """But v6 does not tell the organization."""
    unknown = {"organization_id": None, "organization_name": None}
    assert groups(api_token=token, api_version="v6") == [{**group, **unknown} for group in groups(api_token=token)]


def test_another_current_one(groups: Groups) -> None:
    assert [group["is_current"] for group in groups(api_version="v6", aid="1234")] == [False, True]
    assert [group["is_current"] for group in groups(api_version="v7", aid="1234")] == [True, False]


def test_the_organization_where_v6_tells_it(groups: Groups, sim: Simulator) -> None:
    row = {"aid": 75, "accountGroupName": "API Sandbox", "current": 0, "default": 1, "organizationName": "Sandbox Inc."}
    sim.fault(body={"accountGroups": [row]})
    [group] = groups(api_version="v6")
    assert (group["organization_name"], group["is_current"], group["is_default"]) == ("Sandbox Inc.", False, True)


@VERSIONS
def test_one_and_many_and_none(groups: Groups, sim: Simulator, version: str) -> None:
    assert [group["aid"] for group in groups(api_version=version, api_token=OTHER_TOKEN)] == ["9000"]
    aids = list(range(10_000, 10_300))
    for aid in aids:
        sim.add_account_group(aid=aid, name=f"Group {aid}", organization=12345)
    sim.add_user(uid=1, email="a@b", token="many", organization=12345, account_groups=aids)
    assert [group["aid"] for group in groups(api_version=version, api_token="many")] == [str(aid) for aid in aids]
    sim.fault(body={"accountGroups": []})
    assert groups(api_version=version) == []


@VERSIONS
@pytest.mark.parametrize("body", [{"accountGroups": None}, {}, {"accountGroups": [{"aid": None}]}, [], "text"])
def test_an_answer_without_a_list_is_not_taken_for_an_empty_one(
    groups: Groups, sim: Simulator, version: str, body: t.Any
) -> None:
    # For ever, since what is not JSON is asked for again.
    sim.fault(body=body, times=0)
    with pytest.raises(UnexpectedResponse):
        groups(api_version=version)


@VERSIONS
def test_a_refused_token_is_tried_once(groups: Groups, sim: Simulator, version: str) -> None:
    with pytest.raises(Unauthorized):
        groups(api_version=version, api_token="wrong")
    with pytest.raises(Unauthorized):
        groups(api_version="v6", api_email="other@example.com")
    assert groups(api_version="v6", api_email=EMAIL)
    assert len(sim.requests()) == 3


@VERSIONS
def test_a_passing_failure(groups: Groups, sim: Simulator, clock: SharedClock, version: str) -> None:
    sim.fault(drop="reset")
    sim.fault(status=502)
    assert len(groups(api_version=version)) == 2
    assert clock.slept == [1, 2]
    sim.fault(drop="close", times=0)
    with pytest.raises(Unreachable):
        groups(api_version=version)
