# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's own client packages against the simulator: a client that nobody here wrote."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from thousandeyes_sdk.administrative.api.account_groups_api import AccountGroupsApi
from thousandeyes_sdk.core import ApiClient, Configuration
from thousandeyes_sdk.core import exceptions as errors
from thousandeyes_sdk.snapshots.api.test_snapshots_api import TestSnapshotsApi as SnapshotsApi
from thousandeyes_sdk.snapshots.models.snapshot_request import SnapshotRequest
from thousandeyes_sdk.tests.api.dns_server_tests_api import DNSServerTestsApi
from thousandeyes_sdk.tests.api.http_server_tests_api import HTTPServerTestsApi
from thousandeyes_sdk.tests.api.tests_api import TestsApi as AllTestsApi

from simulator import READER_TOKEN, TOKEN


def snapshot(**changes) -> SnapshotRequest:
    return SnapshotRequest(
        **{
            "display_name": "From the SDK",
            "is_public": True,
            "start_date": datetime(2018, 10, 6, 0, tzinfo=timezone.utc),
            "end_date": datetime(2018, 10, 6, 1, tzinfo=timezone.utc),
            **changes,
        }
    )


def check(document, method: str, path: str, answer) -> None:
    """The answer as it came, against the vendor's document."""
    if document:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        document.check(
            method,
            path,
            getattr(answer, "status_code", None) or answer.status,
            headers["content-type"],
            json.loads(getattr(answer, "raw_data", None) or answer.body),
        )


def test_it_creates(sim, client, document):
    answer = SnapshotsApi(client()).create_test_snapshot_with_http_info("19955", snapshot())
    check(document, "POST", "/tests/19955/snapshot", answer)
    created = answer.data
    assert (created.id, created.test_id, created.source_test_id, created.uid) == ("wdiac", "58856", "19955", "5784")
    assert created.share_date == datetime(2018, 10, 19, 3, 2, 1, tzinfo=timezone.utc)
    assert (created.start_round_id, created.end_round_id) == (1538784000, 1538787600)
    assert created.test.saved_event is False
    assert created.links.app_link.href.startswith("https://app.thousandeyes.com/")
    assert [row["display_name"] for row in sim.creations()] == ["From the SDK"]


def test_what_it_creates_in_private_it_lists(client, document):
    SnapshotsApi(client()).create_test_snapshot("30001", snapshot(is_public=False), aid="1234")
    answer = AllTestsApi(client()).get_tests_with_http_info(aid="1234")
    check(document, "GET", "/tests", answer)
    assert [(test.test_id, test.test_name, test.saved_event) for test in answer.data.tests] == [
        ("30001", "Account A portal", False),
        ("30002", "Account A DNS", False),
        ("58856", "From the SDK", True),
    ]


def test_it_reads_lists_and_details(client, document):
    everything = AllTestsApi(client()).get_tests_with_http_info()
    check(document, "GET", "/tests", everything)
    assert {"Anmeldung Zürich – 登录", "Web shop"} <= {test.test_name for test in everything.data.tests}
    assert "9007199254740993" in {test.test_id for test in everything.data.tests}
    shop = HTTPServerTestsApi(client()).get_http_server_test("19955")
    assert (shop.url, shop.enabled, shop.interval) == ("https://shop.example.com/", True, 300)
    names = [test.test_name for test in HTTPServerTestsApi(client()).get_http_server_tests().tests]
    assert "Web shop" in names and "Resolver" not in names
    assert DNSServerTestsApi(client()).get_dns_server_test("20005").domain == "example.com A"
    groups = AccountGroupsApi(client()).get_account_groups_with_http_info()
    check(document, "GET", "/account-groups", groups)
    assert [(group.aid, group.is_default_account_group) for group in groups.data.account_groups] == [
        ("75", True),
        ("1234", False),
    ]


@pytest.mark.parametrize(
    "status, error, token, test_id, changes",
    [
        (400, errors.BadRequestException, TOKEN, "19955", {"display_name": ""}),
        (400, errors.BadRequestException, TOKEN, "19955", {"end_date": datetime(2018, 10, 6, 3, tzinfo=timezone.utc)}),
        (400, errors.BadRequestException, TOKEN, "19955", {"start_date": datetime(2018, 10, 6, 0)}),
        (401, errors.UnauthorizedException, "wrong", "19955", {}),
        (403, errors.ForbiddenException, READER_TOKEN, "19955", {}),
        (404, errors.NotFoundException, TOKEN, "4", {}),
        (429, errors.TooManyRequestsException, TOKEN, "19955", {}),
    ],
)
def test_it_fails_to_create(sim, client, document, status, error, token, test_id, changes):
    if status == 429:
        sim.settings(creation_limit=0)
    with pytest.raises(error) as caught:
        SnapshotsApi(client(token)).create_test_snapshot(test_id, snapshot(**changes))
    assert caught.value.status == status
    check(document, "POST", f"/tests/{test_id}/snapshot", caught.value)
    assert sim.creations() == []


def test_it_fails_to_list(sim, client, document):
    for call, path in (
        (lambda: AllTestsApi(client("wrong")).get_tests(), "/tests"),
        (lambda: AccountGroupsApi(client("wrong")).get_account_groups(), "/account-groups"),
    ):
        with pytest.raises(errors.UnauthorizedException) as caught:
            call()
        check(document, "GET", path, caught.value)
    with pytest.raises(errors.ForbiddenException) as forbidden:
        AllTestsApi(client()).get_tests(aid="9000")
    check(document, "GET", "/tests", forbidden.value)
    with pytest.raises(errors.NotFoundException):
        HTTPServerTestsApi(client()).get_http_server_test("20005")
    sim.settings(rate_limit=0)
    with pytest.raises(errors.TooManyRequestsException) as limited:
        AllTestsApi(client()).get_tests()
    check(document, "GET", "/tests", limited.value)


def test_its_own_retry_of_a_429_does_not_exceed_the_limit(sim):
    """It retries a 429 once, and at once where the reset is in the (real) past."""
    sim.settings(creation_limit=1)
    api = SnapshotsApi(ApiClient(Configuration(host=f"{sim.url}/v7", access_token=TOKEN)))
    api.create_test_snapshot("19955", snapshot())
    with pytest.raises(Exception, match="429"):
        api.create_test_snapshot("19955", snapshot())
    assert [row["status"] for row in sim.requests()] == [201, 429, 429]
    assert len(sim.creations()) == 1
