# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading answers of either version: what must be there, and what a refusal of a snapshot means."""

from __future__ import annotations

import contextlib
import json
import typing as t

from .._core.account_group import AccountGroup, called
from .._core.created import CreatedSnapshot
from .._core.errors import Forbidden, InvalidRequest, NotFound, ThousandEyesError
from .._core.links import belonging, link_id_of, own_test_of
from .._core.snapshot import LIFETIME, SnapshotRequest
from .._core.windows import iso, parse_instant

if t.TYPE_CHECKING:
    from .http_client import HttpAnswer, HttpClient

# The status of a creation: contract v6 §4, v7 §4.
_CREATED = 201
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
# Characters of a row that makes no sense that are shown.
_LONGEST_ROW = 200


def post_snapshot(http: HttpClient, path: str, request: SnapshotRequest, body: t.Mapping[str, t.Any]) -> HttpAnswer:
    """Sends the POST. The error of a refusal says what it means for a snapshot."""
    try:
        return http.post(path, query_of(request.aid), body)
    except (Forbidden, NotFound) as error:
        error.add(_explain(error, request))
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
    app_link: str | None,
    saved_event: bool | None,
) -> CreatedSnapshot:
    """The fields that both versions have in common; ``id_field`` names the one with the link's id.

    ``app_link``: the answer's link to the test in the application.

    :raises UnexpectedResponse: they cannot be the answer to ``request``, or they do not tell all of it where the status
        is not the documented one.
    """
    source = text_of(fields.get("sourceTestId"))
    links = _links_of(fields, request, id_field, app_link)
    if source is not None and source != request.test_id:
        raise answer.nonsense(f"it is about test {source}, not {request.test_id}")
    if links.link_id is None and (request.is_public or links.snapshot_test_id is None):
        raise answer.nonsense(f"it has no {id_field} that is the id of a link")
    title = fields.get("displayName")
    whole = links.link_id and links.snapshot_test_id and (source, title) == (request.test_id, request.display_name)
    if answer.status != _CREATED and not whole:
        raise answer.nonsense("it does not tell all of the snapshot that was asked for")
    share_date: str | None = None
    with contextlib.suppress(InvalidRequest, OverflowError):
        shared_at = parse_instant(text_of(fields.get("shareDate")) or "", "shareDate")
        # Not if it is so odd that it has no end.
        share_date = iso(shared_at) if shared_at + LIFETIME else None
    return CreatedSnapshot(
        api_version=version,
        start_round_id=text_of(fields.get("startRoundId")),
        end_round_id=text_of(fields.get("endRoundId")),
        round_id=text_of(fields.get("roundId")),
        share_date=share_date,
        uid=text_of(fields.get("uid")),
        saved_event=saved_event,
        display_name=title if isinstance(title, str) else None,
        status=None if answer.status == _CREATED else answer.status,
        **links._asdict(),
    )


class _Links(t.NamedTuple):
    """The part of ``CreatedSnapshot`` that leads to the snapshot."""

    link_id: str | None
    view_url: str | None
    app_url: str | None
    snapshot_test_id: str | None
    not_shown: tuple[str, ...]


def _links_of(fields: t.Mapping[str, t.Any], request: SnapshotRequest, id_field: str, app_link: str | None) -> _Links:
    """The ids and links of an answer that may be shown."""
    told = {id_field: text_of(fields.get(id_field)), "viewUrl": text_of(fields.get("viewUrl")), "appLink": app_link}
    shown = {
        id_field: link_id_of(told[id_field]),
        "viewUrl": belonging(told["viewUrl"], request.api_host),
        "appLink": belonging(told["appLink"], request.api_host),
    }
    return _Links(
        link_id=shown[id_field],
        view_url=shown["viewUrl"],
        app_url=shown["appLink"],
        snapshot_test_id=own_test_of(text_of(fields.get("testId")), request.test_id),
        not_shown=tuple(name for name, value in told.items() if value != shown[name]),
    )


def account_groups(answer: HttpAnswer) -> list[AccountGroup]:
    """:raises UnexpectedResponse: there is no list of them."""
    return [
        AccountGroup(
            aid=text_of(row.get("aid")) or "",
            name=text_of(row.get("accountGroupName")) or "",
            organization_id=text_of(row.get("orgId")),
            organization_name=text_of(row.get("organizationName")),
            # Contract v6 §6, v7 §6.
            is_current=flag_of(row.get("isCurrentAccountGroup", row.get("current"))) is True,
            is_default=flag_of(row.get("isDefaultAccountGroup", row.get("default"))) is True,
        )
        for row in rows_of(answer, "accountGroups", "aid")
    ]


def rows_of(answer: HttpAnswer, field: str, id_field: str, within: t.Any = None) -> list[dict[str, t.Any]]:
    """The list in ``field`` of the answer, or of what is ``within`` it, of objects with an id.

    :raises UnexpectedResponse: there is none, which is not taken for an empty one; or a row has no id.
    """
    body = answer.json() if within is None else within
    rows = body.get(field) if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise answer.nonsense(f"it has no list of {field}")
    for number, row in enumerate(rows, 1):
        # Not passed over: whoever reads the list may conclude that something is not there.
        if not isinstance(row, dict) or not _is_id(row.get(id_field)):
            shown = json.dumps(row)[:_LONGEST_ROW]
            raise answer.nonsense(f"row {number} of {len(rows)} in its list of {field} has no {id_field}: {shown}")
    return rows


def _is_id(value: t.Any) -> bool:
    text = text_of(value) or ""
    # The ids of built-in labels are negative: contract v6 §5.
    return text.isascii() and text.removeprefix("-").isdecimal()


def text_of(value: t.Any) -> str | None:
    """A scalar as text; None for nothing, an empty text, or what is no scalar."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def flag_of(value: t.Any) -> bool | None:
    """Booleans are booleans in v7, and 0 or 1 in v6, as text in XML."""
    return value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())


def link_of(fields: t.Mapping[str, t.Any], name: str) -> str | None:
    """The address that an object of v7 links to under that name."""
    links = fields.get("_links")
    link = links.get(name) if isinstance(links, dict) else None
    return text_of(link.get("href")) if isinstance(link, dict) else None


def _explain(error: ThousandEyesError, request: SnapshotRequest) -> str:
    group = called(request.aid)
    if isinstance(error, NotFound):
        return f"There is no test {request.test_id} in {group} that this token can see, or api_url is wrong."
    hint = f'The token needs the permission "Create snapshot shares" in {group}, and its user must be a member of it.'
    if request.is_public:
        hint += " Public snapshots may also be switched off in the region of the organization."
    return hint
