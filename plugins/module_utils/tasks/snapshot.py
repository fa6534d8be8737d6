# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a C(snapshot) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import contextlib
import typing as t

from ..capture import Capture, Policy
from ..connection import Connection
from ..errors import InvalidRequest
from ..ledger.interface import Known, Ledger
from ..ledger.select import open_ledger
from ..quota import Quota
from ..snapshot import SnapshotRecord, SnapshotRequest, check_display_name, check_id
from ..windows import iso_of_epoch, resolve_window
from .context import Context

if t.TYPE_CHECKING:
    from ..api.client import Api

_IDENTITY = ("api_host", "aid", "test_id", "display_name", "from", "to", "is_public")


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: the snapshot does not exist, or nobody knows."""
    connection = Connection.from_params(params)
    if params["format"] == "xml" and connection.version != "v6":
        raise InvalidRequest("format: xml is an answer format of API v6; v7 answers in JSON only.")
    policy = _policy(params, connection)
    request = _request(params, connection, context)
    ledger = open_ledger(params["ledger"], context.clock)
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(ledger.close)
        api: list[Api] = []

        def open_once() -> Api:
            if not api:
                # Here, since a task that changes nothing shall not pay for the import of an HTTP library.
                from ..api.client import open_api

                api.append(open_api(connection, context.clock.now, params["format"]))
                cleanup.callback(api[0].close)
            return api[0]

        request = _with_test_id(request, ledger, open_once)
        capture = Capture(ledger, open_once, context.clock, policy, context.tell, context.warn)
        record = capture.foresee(request) if context.check_mode else capture.ensure(request)
        return _result([record], ledger, policy.quota, context)


def _policy(params: t.Mapping[str, t.Any], connection: Connection) -> Policy:
    for option, least in (("quota_limit", 1), ("quota_window", 1), ("quota_wait", 0)):
        if params[option] < least:
            raise InvalidRequest(f"{option}: {params[option]} is too small; the least is {least}.")
    return Policy(
        quota=Quota(params["organization"] or connection.host, params["quota_limit"], params["quota_window"]),
        quota_wait=params["quota_wait"],
        force=params["force"],
        retry_unknown=params["on_unknown"] == "retry",
    )


def _request(params: t.Mapping[str, t.Any], connection: Connection, context: Context) -> SnapshotRequest:
    """With an empty test id where the test is asked for by name."""
    test_id, test_name, aid = params["test_id"], params["test_name"], params["aid"]
    if test_name is not None and not test_name.strip():
        raise InvalidRequest(f"test_name: {test_name!r} is empty.")
    return SnapshotRequest(
        api_host=connection.host,
        aid=check_id(aid, "aid") if aid is not None else None,
        test_id=check_id(test_id, "test_id") if test_id is not None else "",
        test_name=test_name,
        display_name=check_display_name(params["display_name"]),
        window=resolve_window(params["from"], params["to"], params["hours"], context.clock.now()),
        is_public=params["is_public"],
    )


def _with_test_id(request: SnapshotRequest, ledger: Ledger, open_api: t.Callable[[], Api]) -> SnapshotRequest:
    if request.test_id:
        return request
    # For a snapshot that is known, the test need not be looked up, even if it has another name by now.
    test_id = ledger.find_test(request)
    if test_id is not None and isinstance(ledger.find(request.for_test(test_id)), Known):
        return request.for_test(test_id)
    from .lookup import test_id_of

    return request.for_test(test_id_of(t.cast(str, request.test_name), open_api().list_tests(request.aid), request.aid))


def _result(records: list[SnapshotRecord], ledger: Ledger, quota: Quota, context: Context) -> dict[str, t.Any]:
    snapshots = [record.to_dict() for record in records]
    used = ledger.used(quota)
    now = context.clock.now()
    known = [snapshot for snapshot in snapshots if snapshot["status"] == "existing"]
    result = {
        "changed": len(known) < len(snapshots),
        "snapshots": snapshots,
        "snapshot": snapshots[-1],
        "quota": {
            "limit": quota.limit,
            "window": quota.window,
            "used": None if used is None else len(used),
            "next_at": None if used is None else iso_of_epoch(quota.next_at(used, now)),
        },
        "ansible_facts": {
            "thousandeyes_snapshots": _merged(context.earlier, snapshots),
            "thousandeyes_snapshot": snapshots[-1],
        },
    }
    if context.diff_mode:
        result["diff"] = {"before": {"snapshots": known}, "after": {"snapshots": snapshots}}
    return result


def _merged(
    earlier: t.Sequence[t.Mapping[str, t.Any]], snapshots: list[dict[str, t.Any]]
) -> list[t.Mapping[str, t.Any]]:
    """One record per identity, in the order of their first appearance."""
    merged = {tuple(record.get(name) for name in _IDENTITY): record for record in earlier}
    merged.update({tuple(record[name] for name in _IDENTITY): record for record in snapshots})
    return list(merged.values())
