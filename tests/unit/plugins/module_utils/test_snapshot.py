# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.created import CreatedSnapshot, created
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import (
    SnapshotRecord,
    SnapshotRequest,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import Window

START = datetime(2018, 10, 6, tzinfo=timezone.utc)
REQUEST = SnapshotRequest(
    api_host="api.thousandeyes.com",
    aid=None,
    test_id="19955",
    display_name="before",
    window=Window(START, START + timedelta(hours=1)),
    is_public=False,
)
ANSWER = CreatedSnapshot(
    api_version="v7",
    link_id="wdiac",
    view_url=None,
    app_url=None,
    snapshot_test_id="58856",
    start_round_id="1538784000",
    end_round_id="1538787600",
    round_id="1538784000",
    share_date="2018-10-19T03:02:01Z",
    uid="5784",
)
# When the answer says that it was shared.
SHARED = 1539918121.0


@pytest.mark.parametrize(
    "other",
    [
        {"api_host": "api.example.com"},
        {"aid": "75"},
        {"test_id": "817"},
        {"display_name": "before "},
        {"display_name": "Before"},
        {"window": Window(START - timedelta(hours=1), START)},
        {"window": Window(START, START + timedelta(hours=2))},
        {"is_public": True},
    ],
)
def test_identity_differs(other: dict) -> None:
    assert REQUEST._replace(**other).identity != REQUEST.identity


def test_identity_is_stable() -> None:
    """Ledgers hold it: a change here would make every snapshot a second time."""
    assert REQUEST.identity == "c907828a76ad6ab062c9257be4e1408d92a81b13168b5a3667ebbcfe40f6fe2d"


def test_identity_does_not_depend_on_how_the_test_was_asked_for() -> None:
    assert REQUEST._replace(test_name="Web shop").identity == REQUEST.identity


def test_lifetime_is_thirty_days_from_the_share_date() -> None:
    record = created(REQUEST, ANSWER, server_now=SHARED, now=SHARED)
    assert record.expires_at == "2018-11-18T03:02:01Z"
    end = datetime(2018, 11, 18, 3, 2, 1, tzinfo=timezone.utc).timestamp()
    assert not record.expired(end - 1)
    assert record.expired(end)


def test_without_a_share_date_the_time_of_the_answer_counts() -> None:
    record = created(REQUEST, ANSWER._replace(share_date=None), server_now=1538784000.5, now=1538784001.5)
    assert (record.share_date, record.expires_at) == ("2018-10-06T00:00:00Z", "2018-11-05T00:00:00Z")


def test_record_survives_as_a_dictionary() -> None:
    record = created(REQUEST, ANSWER, server_now=SHARED, now=SHARED)
    fields = record.to_dict()
    assert (fields["from"], fields["to"]) == ("2018-10-06T00:00:00Z", "2018-10-06T01:00:00Z")
    assert (fields["linkId"], fields["viewUrl"]) == (record.link_id, record.view_url)
    assert SnapshotRecord.from_dict(fields) == record
