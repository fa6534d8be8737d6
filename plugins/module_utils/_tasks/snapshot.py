# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a C(snapshot) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import contextlib
import math
import typing as t
from datetime import datetime

from .._capture.capture import Capture, Outcome, Policy
from .._core.connection import Connection
from .._core.errors import (
    ApiRetired,
    InvalidRequest,
    LedgerUnavailable,
    ThousandEyesError,
    Unauthorized,
    VisibilityContradicted,
)
from .._ledger.interface import Ledger
from .._ledger.location import is_postgresql
from .._core.links import link_id_of
from .._core.quota import Quota
from .._core.names import check_id, check_text
from .._core.snapshot import SnapshotRecord, SnapshotRequest, planned
from .._core.windows import iso, iso_from, iso_of_epoch, resolve_window
from .context import IN_FACTS, Context
from .open_ledger import ledger_of

if t.TYPE_CHECKING:
    from .._ledger.facts import FactsLedger
    from .._api.client import Api
    from .._core.test_list import Listing

NOTHING: dict[str, t.Any] = {"snapshots": []}
# A month: no limit of the API has lasted longer.
_MOST_SECONDS = 31 * 86400
_NEWS_EVERY = 60.0
# Characters of the name of an organization.
_LONGEST_NAME = 200
# Seconds that the API's clock may be behind: it refuses a window that is not over.
_SLOWEST = 5.0
_SLICED = (
    "Slices do not see what the others create, unless the ledger is postgresql://...: use that, or set the job slicing "
    "of the template to 1. Nothing was created."
)
_IDENTITY = ("api_host", "aid", "test_id", "display_name", "from", "to", "is_public")


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: nothing was done."""
    connection = Connection.from_params(params)
    if params["format"] == "xml" and connection.version != "v6":
        raise InvalidRequest("format: xml is an answer format of API v6; v7 answers in JSON only.")
    policy = _policy(params, connection)
    requests = _requests(params, connection, context)
    if context.slice and not is_postgresql(params["ledger"]):
        raise LedgerUnavailable(f"{context.slice}. {_SLICED}")
    if params["ledger"] == IN_FACTS:
        _check_shown(requests, connection)
    ledger = ledger_of(params["ledger"], context, {connection.host: policy.quota.organization})
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(ledger.close)
        api: list[Api] = []

        def open_once() -> Api:
            if not api:
                # Here, since a task that changes nothing shall not pay for the import of an HTTP library.
                from .._api.client import open_api

                api.append(open_api(connection, context.clock, params["format"], context.tell))
                cleanup.callback(api[0].close)
            return api[0]

        capture = Capture(ledger, open_once, context.clock, policy, context.tell, context.warn)
        try:
            asked = _with_test_ids(requests, ledger, open_once, force=policy.force)
            waits = params["window_wait"] > 0 and not context.check_mode
            if waits and any(isinstance(item, SnapshotRequest) for item in asked):
                _wait_for_the_end(requests[0].window.end, context)
            outcomes = capture.run(asked, context.check_mode)
        except LedgerUnavailable as error:
            # What fails later is an outcome.
            error.message += " This task created nothing."
            raise
        in_facts = params["ledger"] == IN_FACTS
        result = _result(outcomes, capture.changed, ledger, policy.quota, context, in_facts)
        failure = _failure(requests, outcomes, several=params["tests"] is not None)
        if failure and in_facts and any(snapshot["status"] != "planned" for snapshot in result["snapshots"]):
            # What is known may be of an earlier try of this task.
            context.warn(
                "Ansible does not keep the facts of a task that failed. What this task or an earlier try of it created "
                "is created again when it is repeated, unless a rescue keeps ansible_failed_result.ansible_facts."
            )
        return {**result, **failure}


def _policy(params: t.Mapping[str, t.Any], connection: Connection) -> Policy:
    for option, least, most in (
        ("quota_limit", 1, 1_000_000),
        ("quota_window", 1, _MOST_SECONDS),
        ("quota_wait", 0, _MOST_SECONDS),
        ("window_wait", 0, _MOST_SECONDS),
    ):
        if not least <= params[option] <= most:
            raise InvalidRequest(f"{option}: {params[option]} is not in {least} to {most}.")
    forgets = params["ledger"] in (IN_FACTS, "none")
    if forgets and params["on_unknown"] == "adopt":
        raise InvalidRequest(
            f"on_unknown: the ledger {params['ledger']} does not keep what is unknown, so there is nothing to adopt. "
            "Nothing was created. Do not run the task again for a snapshot that exists: it would be created again."
        )
    organization = check_text(params["organization"], "organization") if params["organization"] else connection.host
    if len(organization) > _LONGEST_NAME:
        raise InvalidRequest(f"organization: it has more than {_LONGEST_NAME} characters.")
    return Policy(
        quota=Quota(organization, params["quota_limit"], params["quota_window"]),
        quota_wait=params["quota_wait"],
        force=params["force"],
        retry_unknown=params["on_unknown"] == "retry",
        adopt_unknown=params["on_unknown"] == "adopt",
        link_id=_link_id(params),
        accept_visibility=params["visibility"] == "accept",
        forgets=forgets,
    )


def _link_id(params: t.Mapping[str, t.Any]) -> str | None:
    link_id: str | None = params["link_id"]
    if link_id is not None:
        if params["on_unknown"] != "adopt" or (params["tests"] and len(params["tests"]) > 1):
            raise InvalidRequest("link_id: it is for on_unknown=adopt, and for one test.")
        if link_id_of(link_id) is None:
            raise InvalidRequest(f"link_id: {link_id!r} is not an id, such as wdiac in wdiac.share.thousandeyes.com.")
    return link_id


def _requests(params: t.Mapping[str, t.Any], connection: Connection, context: Context) -> list[SnapshotRequest]:
    """With an empty test id where the test is asked for by name."""
    aid = params["aid"]
    common = SnapshotRequest(
        api_host=connection.host,
        aid=check_id(aid, "aid") if aid is not None else None,
        test_id="",
        display_name=check_text(params["display_name"], "display_name"),
        window=resolve_window(
            params["from"], params["to"], params["hours"], context.clock.now(), params["window_wait"]
        ),
        is_public=params["is_public"],
    )
    if params["test_id"] is not None:
        return [common.for_test(check_id(params["test_id"], "test_id"))]
    if params["test_name"] is not None:
        return [_named(common, params["test_name"], "test_name")]
    if not params["tests"]:
        raise InvalidRequest("tests: the list is empty.")
    return [
        common.for_test(check_id(test, "tests")) if test.isdecimal() else _named(common, test, "tests")
        for test in params["tests"]
    ]


def _named(common: SnapshotRequest, name: str, option: str) -> SnapshotRequest:
    return common._replace(test_name=check_text(name, option))


def _check_shown(requests: list[SnapshotRequest], connection: Connection) -> None:
    """What a snapshot is known by must be in the facts as it is, and the token in it would be hidden.

    :raises InvalidRequest: there is one.
    """
    for fields in (planned(request).to_dict() for request in requests):
        for name in (*_IDENTITY, "test_name"):
            if isinstance(fields[name], str) and connection.token in fields[name]:
                raise InvalidRequest(
                    f"ledger: facts cannot keep a snapshot with the value of api_token in its {name}: it is hidden in "
                    "all that a task returns, so later jobs would create the snapshot again. Nothing was created. "
                    f"Leave it out of the {name}, or use another ledger."
                )


def _with_test_ids(
    requests: list[SnapshotRequest], ledger: Ledger, open_api: t.Callable[[], Api], *, force: bool
) -> list[SnapshotRequest | ThousandEyesError]:
    """With the ids of the tests that were asked for by name, or why there is none. One request at most."""
    asked: list[SnapshotRequest | ThousandEyesError] = []
    listing: Listing | None = None
    for request in requests:
        if request.test_name is None:
            asked.append(request)
            continue
        # For a snapshot that is known, the test need not be looked up, even if it has another name by now.
        test_id = None if force else ledger.find_test(request)
        if test_id is None or ledger.find(request.for_test(test_id)) is None:
            from .test_names import test_id_of

            try:
                if listing is None:
                    listing = open_api().list_tests(request.aid)
                test_id = test_id_of(request.test_name, listing.tests, request.aid)
            except (Unauthorized, ApiRetired):
                # Others would fail in the same way.
                raise
            except ThousandEyesError as error:
                error.message += " This snapshot was not created."
                asked.append(error)
                continue
        asked.append(request.for_test(test_id))
    return asked


def _wait_for_the_end(end: datetime, context: Context) -> None:
    until = end.timestamp() + _SLOWEST
    while True:
        left = until - context.clock.now()
        if left <= 0:
            return
        context.tell(f"waiting for the end of the window at {iso(end)}, {math.ceil(left)} seconds left")
        context.clock.sleep(min(left, _NEWS_EVERY))


def _result(
    outcomes: list[Outcome | None], changed: bool, ledger: Ledger, quota: Quota, context: Context, in_facts: bool
) -> dict[str, t.Any]:
    made = [outcome.made if isinstance(outcome, VisibilityContradicted) else outcome for outcome in outcomes]
    snapshots = [outcome.to_dict() for outcome in made if isinstance(outcome, SnapshotRecord)]
    known = [snapshot for snapshot in snapshots if snapshot["status"] in ("existing", "adopted")]
    try:
        usage = ledger.usage(quota)
    except LedgerUnavailable as error:
        # The snapshots are there all the same.
        context.warn(error.message)
        usage = None
    now = context.clock.now()
    free_at = None if usage is None else quota.next_at(usage, now)
    result: dict[str, t.Any] = {
        "changed": changed or len(known) < len(snapshots),
        "snapshots": snapshots,
        "quota": {
            "limit": quota.limit,
            "window": quota.window,
            "used": None if usage is None else len(quota.recent(usage, now)),
            "next_at": None if free_at is None else iso_from(free_at) if free_at > now else iso_of_epoch(now),
        },
    }
    if len(outcomes) == 1 and isinstance(outcomes[0], SnapshotRecord):
        result["snapshot"] = snapshots[0]
    if snapshots:
        result["ansible_facts"] = {
            "thousandeyes_snapshots": _merged(context.earlier, snapshots),
            "thousandeyes_snapshot": snapshots[-1],
            "thousandeyes_run": context.run,
        }
        if in_facts:
            # It outlives the playbook: what check mode plans is not for later jobs, and it must not grow forever.
            kept = [
                record
                for record in _merged(context.kept, snapshots)
                if record["status"] != "planned" and not SnapshotRecord.from_dict(record).expired(now)
            ]
            result["ansible_facts"]["thousandeyes_ledger"] = t.cast("FactsLedger", ledger).with_notes(kept)
    if context.diff_mode:
        result["diff"] = {"before": {"snapshots": known}, "after": {"snapshots": snapshots}}
    return result


def _failure(requests: list[SnapshotRequest], outcomes: list[Outcome | None], *, several: bool) -> dict[str, t.Any]:
    """What to add to the result where there is not a record for every request."""
    failed = [
        (request.test_name or request.test_id, outcome)
        for request, outcome in zip(requests, outcomes)
        if isinstance(outcome, ThousandEyesError)
    ]
    if not failed:
        return {}
    first = failed[0][1]
    if not several:
        return {"failed": True, "msg": first.message, "failure": first.failure()}
    not_tried = [
        request.test_name or request.test_id for request, outcome in zip(requests, outcomes) if outcome is None
    ]
    exist = sum(
        isinstance(outcome, SnapshotRecord)
        and outcome.status != "planned"
        or isinstance(outcome, VisibilityContradicted)
        and outcome.made is not None
        for outcome in outcomes
    )
    message = f"{exist} of {len(requests)} snapshots are known to exist. " + " ".join(
        f"Test {test!r}: {error.message}" for test, error in failed
    )
    if not_tried:
        message += f" Not tried after that: {', '.join(not_tried)}."
    failure = {
        **first.failure(),
        "message": message,
        "details": {
            "failures": [{"test": test, **error.failure()} for test, error in failed],
            "not_tried": not_tried,
        },
    }
    return {"failed": True, "msg": message, "failure": failure}


def _merged(
    earlier: t.Sequence[t.Mapping[str, t.Any]], snapshots: list[dict[str, t.Any]]
) -> list[t.Mapping[str, t.Any]]:
    """One record per identity, in the order of their first appearance. What is only planned replaces none.

    What an earlier record of the same snapshot tells beside is kept.
    """
    merged = {tuple(record.get(name) for name in _IDENTITY): record for record in earlier}
    for record in snapshots:
        identity = tuple(record[name] for name in _IDENTITY)
        before = merged.get(identity, {})
        if all(before.get(name) == record[name] for name in ("link_id", "snapshot_test_id")):
            merged[identity] = {**before, **record}
        elif record["status"] != "planned" or not before:
            merged[identity] = record
    return list(merged.values())
