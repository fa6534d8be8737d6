# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading answers of either version: what must be there, and what a refusal of a snapshot means."""

from __future__ import annotations

import contextlib
import re
import typing as t

from ..errors import Forbidden, InvalidRequest, NotFound, ThousandEyesError
from ..http_client import HttpAnswer, HttpClient
from ..listing import Listing, ListedTest
from ..snapshot import LIFETIME, CreatedSnapshot, SnapshotRequest, share_url
from ..windows import iso, parse_instant


def post_snapshot(http: HttpClient, path: str, request: SnapshotRequest, body: t.Mapping[str, t.Any]) -> HttpAnswer:
    """Sends the POST; a refusal comes with what it means for a snapshot."""
    try:
        return http.post(path, query_of(request.aid), body)
    except (Forbidden, NotFound) as error:
        error.message += f" {_explain(error, request)}"
        raise


def query_of(aid: str | None) -> dict[str, str]:
    return {} if aid is None else {"aid": aid}


def created_snapshot(
    answer: HttpAnswer,
    request: SnapshotRequest,
    fields: t.Mapping[str, t.Any],
    *,
    version: str,
    id_field: str,
    app_url: str | None,
    saved_event: bool | None,
) -> CreatedSnapshot:
    """The fields that both versions have in common; ``id_field`` names the one with the link's id.

    :raises UnexpectedResponse: they cannot be the answer to ``request``.
    """
    source = text_of(fields.get("sourceTestId"))
    link_id = text_of(fields.get(id_field))
    snapshot_test_id = text_of(fields.get("testId"))
    if source is not None and source != request.test_id:
        raise answer.nonsense(f"it is about test {source}, asked was {request.test_id}")
    if link_id is None and (request.is_public or snapshot_test_id is None):
        raise answer.nonsense(f"it has no {id_field}")
    share_date: str | None = None
    with contextlib.suppress(InvalidRequest, OverflowError):
        shared_at = parse_instant(text_of(fields.get("shareDate")) or "", "shareDate")
        # Not if it is so odd that it has no end.
        share_date = iso(shared_at) if shared_at + LIFETIME else None
    view_url = text_of(fields.get("viewUrl"))
    if view_url is None:
        view_url = share_url(link_id) if request.is_public and link_id else app_url
    return CreatedSnapshot(
        api_version=version,
        link_id=link_id,
        view_url=view_url,
        app_url=app_url,
        snapshot_test_id=snapshot_test_id,
        start_round_id=text_of(fields.get("startRoundId")),
        end_round_id=text_of(fields.get("endRoundId")),
        round_id=text_of(fields.get("roundId")),
        share_date=share_date,
        uid=text_of(fields.get("uid")),
        saved_event=saved_event,
    )


def listing(answer: HttpAnswer, field: str, now: float) -> Listing:
    """The test list in ``field`` of an answer that came at ``now``.

    :raises UnexpectedResponse: there is none. It is not taken for an empty one.
    """
    body = answer.json()
    rows = body.get(field) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _is_id(row.get("testId")) for row in rows):
        raise answer.nonsense("it has no list of tests")
    return Listing(
        tests=[
            ListedTest(
                test_id=text_of(row.get("testId")) or "",
                # As it is, blanks too.
                test_name=str(row.get("testName") or ""),
                type=text_of(row.get("type")) or "",
                # A boolean in v7, 0 or 1 in v6.
                saved_event=row.get("savedEvent") in (True, 1),
                created_at=_epoch_of(row.get("createdDate")),
            )
            for row in rows
        ],
        clock_offset=answer.clock_offset(now),
    )


def _is_id(value: t.Any) -> bool:
    return re.fullmatch("[0-9]+", text_of(value) or "") is not None


def _epoch_of(value: t.Any) -> float | None:
    try:
        return parse_instant(value, "createdDate").timestamp() if isinstance(value, str) else None
    except InvalidRequest:
        return None


def text_of(value: t.Any) -> str | None:
    """A scalar as text; None for nothing, an empty text, or what is no scalar."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value).strip() or None
    return None


def _explain(error: ThousandEyesError, request: SnapshotRequest) -> str:
    group = f"account group {request.aid}" if request.aid else "the token's own account group (no aid is given)"
    if isinstance(error, NotFound):
        return f"There is no test {request.test_id} in {group} that this token can see."
    hint = f'The token needs the permission "Create snapshot shares" in {group}.'
    if request.is_public:
        hint += " Public snapshots may also be switched off in the region of the organization."
    return hint
