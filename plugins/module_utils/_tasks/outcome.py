# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The result, the facts and the failure of a C(snapshot) task, from what became of each of its snapshots."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._capture.capture import Outcome
from .._core.errors import LedgerUnavailable, ThousandEyesError, VisibilityContradicted
from .._core.quota import Quota
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.windows import iso_from, iso_of_epoch
from .._ledger.interface import Ledger
from .context import Context

if t.TYPE_CHECKING:
    from .._ledger.facts import FactsLedger

_BECAME = {
    "created": "Created",
    "existing": "Existed",
    "adopted": "Adopted, since it existed",
    "planned": "To be created",
}
# The fields of a record that make it the record of one snapshot and no other.
IDENTITY = ("api_host", "aid", "test_id", "display_name", "from", "to", "is_public")


def result_of(
    requests: t.Sequence[SnapshotRequest],
    outcomes: t.Sequence[Outcome | None],
    ledger: Ledger,
    quota: Quota,
    context: Context,
    *,
    changed: bool,
    in_facts: bool,
    several: bool,
) -> dict[str, t.Any]:
    """The result of the task. ``changed``: one of its own requests created something.

    ``in_facts``: the ledger is in the facts. ``several``: the task was asked for a list of tests, so the result has
    ``snapshots``, a list. Else it has ``snapshot``, where there is one, of a task that failed too.
    """
    made = [outcome.made if isinstance(outcome, VisibilityContradicted) else outcome for outcome in outcomes]
    snapshots = [outcome.to_dict() for outcome in made if isinstance(outcome, SnapshotRecord)]
    known = [snapshot for snapshot in snapshots if snapshot["status"] in ("existing", "adopted")]
    result: dict[str, t.Any] = {
        "changed": changed or len(known) < len(snapshots),
        "msg": _summary(snapshots) if several else _line(snapshots),
        "quota": _quota(ledger, quota, context),
    }
    if several:
        result["snapshots"] = snapshots
    elif snapshots:
        result["snapshot"] = snapshots[0]
    if snapshots:
        result["ansible_facts"] = _facts(snapshots, context)
        if in_facts:
            result["ansible_facts"]["thousandeyes_ledger"] = _ledger_in_facts(snapshots, ledger, context)
    if context.diff_mode:
        result["diff"] = {"before": {"snapshots": known}, "after": {"snapshots": snapshots}}
    failure = _failure(requests, outcomes) if several else _failure_of_one(outcomes[0])
    if failure and in_facts and any(snapshot["status"] != "planned" for snapshot in snapshots):
        # What is known may be of an earlier try of this task.
        context.warn(
            "Ansible does not keep the facts of a task that failed. What this task or an earlier try of it created is "
            "created again when it is repeated, unless a rescue keeps ansible_failed_result.ansible_facts."
        )
    return {**result, **failure}


def _line(snapshots: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """The only snapshot of a task, for people who read a log."""
    return ", ".join(
        f"{_BECAME[snapshot['status']]}: {snapshot['display_name']!r} of test {snapshot['test_id']}"
        + (f", {snapshot['view_url']}" if snapshot["view_url"] else "")
        for snapshot in snapshots
    )


def _summary(snapshots: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    counts = Counter(snapshot["status"] for snapshot in snapshots)
    plural = "" if len(snapshots) == 1 else "s"
    return f"{len(snapshots)} snapshot{plural}: {', '.join(f'{count} {status}' for status, count in counts.items())}."


def _quota(ledger: Ledger, quota: Quota, context: Context) -> dict[str, t.Any]:
    """The quota after the task. What is used, and when the next creation may go out, as far as that is known."""
    try:
        usage = ledger.usage(quota)
    except LedgerUnavailable as error:
        # The snapshots are there all the same.
        context.warn(error.message)
        usage = None
    now = context.clock.now()
    free_at = None if usage is None else quota.next_at(usage, now)
    return {
        "limit": quota.limit,
        "window": quota.window,
        "used": None if usage is None else len(quota.recent(usage, now)),
        "next_at": None if free_at is None else iso_from(free_at) if free_at > now else iso_of_epoch(now),
    }


def _facts(snapshots: list[dict[str, t.Any]], context: Context) -> dict[str, t.Any]:
    return {
        "thousandeyes_snapshots": _merged(context.earlier, snapshots),
        "thousandeyes_snapshot": snapshots[-1],
        "thousandeyes_run": context.run,
    }


def _ledger_in_facts(snapshots: list[dict[str, t.Any]], ledger: Ledger, context: Context) -> list[dict[str, t.Any]]:
    """It outlives the playbook: what check mode plans is not for later jobs, and it must not grow forever."""
    now = context.clock.now()
    kept = [
        record
        for record in _merged(context.kept, snapshots)
        if record["status"] != "planned" and not SnapshotRecord.from_dict(record).expired(now)
    ]
    return t.cast("FactsLedger", ledger).with_notes(kept)


def _failure_of_one(outcome: Outcome | None) -> dict[str, t.Any]:
    if not isinstance(outcome, ThousandEyesError):
        return {}
    return {"failed": True, "msg": outcome.message, "failure": outcome.failure()}


def _failure(requests: t.Sequence[SnapshotRequest], outcomes: t.Sequence[Outcome | None]) -> dict[str, t.Any]:
    """What to add to the result where there is not a record for every request."""
    failed = [
        (request.test_name or request.test_id, outcome)
        for request, outcome in zip(requests, outcomes)
        if isinstance(outcome, ThousandEyesError)
    ]
    if not failed:
        return {}
    first = failed[0][1]
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
    merged = {tuple(record.get(name) for name in IDENTITY): record for record in earlier}
    for record in snapshots:
        identity = tuple(record[name] for name in IDENTITY)
        before = merged.get(identity, {})
        if all(before.get(name) == record[name] for name in ("link_id", "snapshot_test_id")):
            merged[identity] = {**before, **record}
        elif record["status"] != "planned" or not before:
            merged[identity] = record
    return list(merged.values())
