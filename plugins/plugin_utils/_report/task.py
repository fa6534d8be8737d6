# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(change_report) task does: options in, result out. It reads, judges, and writes the report."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...module_utils._core.connection import Connection
from ...module_utils._core.errors import ReportKept, ReportUnwritable, ThousandEyesError
from ...module_utils._core.metrics import JUDGED, LAYERS, THRESHOLDS
from ...module_utils._core.windows import iso_of_epoch, parse_instant
from ...module_utils._options import ACCOUNT_GROUP, CONNECTION
from ...module_utils._tasks.connected import connected
from ...module_utils._tasks.context import Context
from .cautions import some, warnings_of
from .change import Change
from .document import SCHEMA, Row, counts, losses, method, newly_degraded, same, to_json, verdict_of
from .html import to_html
from .judging import Judging
from .markdown import to_markdown
from .release import release
from .snapshots import Snapshots
from .store import folder_of, store, store_incomplete
from .tests import judged, tests_of, unread

SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    "change_id": {"type": "str", "required": True},
    "start": {"type": "str", "required": True},
    "end": {"type": "str", "required": True},
    "before": {"type": "dict", "required": True},
    "during": {"type": "dict"},
    "after": {"type": "dict", "required": True},
    "tests": {"type": "list", "elements": "dict", "required": True},
    "snapshots": {"type": "list", "elements": "dict", "default": []},
    "layers": {"type": "list", "elements": "str", "choices": list(LAYERS)},
    "thresholds": {
        "type": "dict",
        "options": {name: {"type": "float", "default": value} for name, value in THRESHOLDS.items()},
        "apply_defaults": True,
    },
    "test_thresholds": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"test": {"type": "str", "required": True}, **{name: {"type": "float"} for name in THRESHOLDS}},
    },
    "outage_minutes": {"type": "float", "default": 5.0},
    "outage_share": {"type": "float", "default": 0.5},
    "settle_minutes": {"type": "float", "default": 5.0},
    "must_see": {
        "type": "dict",
        "options": {"percent": {"type": "float", "default": 100.0}, "points": {"type": "float", "default": 25.0}},
        "apply_defaults": True,
    },
    "history_hours": {"type": "float", "default": 48.0},
    "history_days": {"type": "float", "default": 14.0},
    "history_exclude": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"from": {"type": "str", "required": True}, "to": {"type": "str", "required": True}},
    },
    "leave_out": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "test": {"type": "str"},
            "agent": {"type": "str"},
            "metric": {"type": "str", "choices": list(JUDGED)},
            "reason": {"type": "str", "required": True},
        },
    },
    "dir": {"type": "path", "required": True},
    "timezone": {"type": "str"},
    "review_date": {"type": "str"},
}

_FILES = {"json": "evidence.json", "html": "evidence.html", "markdown": "evidence.md", "sha256sums": "SHA256SUMS"}


class _Asked(NamedTuple):
    """The options, checked. ``now``: when the task began; ``review``: both in epoch seconds."""

    params: Mapping[str, Any]
    now: float
    change: Change
    judging: Judging
    tests: list[Row]
    snapshots: Snapshots
    review: float | None
    folder: Path

    @classmethod
    def from_params(cls, params: Mapping[str, Any], now: float) -> _Asked:
        """:raises InvalidRequest: an option breaks a rule."""
        change = Change.from_params(params, now)
        tests = tests_of(params["tests"])
        snapshots = Snapshots(params["snapshots"], change, Connection.from_params(params).host, now)
        review = parse_instant(params["review_date"], "review_date").timestamp() if params["review_date"] else None
        folder = folder_of(os.path.abspath(params["dir"]), change.change_id)
        judging = Judging.from_params(params, folder)
        return cls(params, now, change, judging, tests, snapshots, review, folder)


def run(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """:raises ThousandEyesError: no report was written. What was read for one may be in C(incomplete)."""
    asked = _Asked.from_params(params, context.clock.now())
    rows: list[Row] = []
    failed: ThousandEyesError | None = None
    with connected(params, context) as (api, aid):
        try:
            for row in judged(asked.tests, asked.change, asked.judging, params["layers"], api, aid, context):
                rows.append(row)
        except ThousandEyesError as error:
            failed = error
            rows += unread(asked.tests[len(rows) :], error)
    document = _document(asked, rows, aid, context)
    if failed is not None:
        raise _with_what_there_is(failed, document, asked.folder, context)
    return _written(document, asked.folder, context)


def _document(asked: _Asked, judged_tests: list[Row], aid: str | None, context: Context) -> Row:
    change, snapshots, params = asked.change, asked.snapshots, asked.params
    rows = [{**row, "snapshots": snapshots.of(row["test_id"])} for row in judged_tests]
    return {
        "schema": SCHEMA,
        "change": change.to_dict(),
        "incomplete": None,
        "verdict": verdict_of(rows),
        "counts": counts(rows),
        "windows": change.windows_as_dict(),
        "made": {
            "at": iso_of_epoch(asked.now),
            "by": dict(context.provenance),
            "collection": release(),
            "api_version": params["api_version"],
            "api_url": Connection.from_params(params).url,
            "aid": aid,
        },
        "method": method(asked.judging.settings, params["layers"]),
        "warnings": list(warnings_of(rows, snapshots, change, asked.review, asked.now)),
        "other_snapshots": snapshots.others,
        "tests": rows,
    }


def _written(document: Row, folder: Path, context: Context) -> dict[str, Any]:
    """Writes the report, unless the one that is there knows more, and returns the result.

    :raises ThousandEyesError: it was not written.
    """
    files = _files(document)
    diff = _diff(folder / _FILES["markdown"], files["evidence.md"]) if context.diff_mode else {}
    stored = store(folder, files, same, lambda old, new: bool(losses(old, new)), context.check_mode, context.tell)
    incomplete = None
    if stored.kept is not None:
        document, incomplete = _kept(stored.kept, document, folder, context)
    for warning in document["warnings"]:
        context.warn(warning)
    evidence = {
        **_in_short(document),
        "dir": str(stored.folder),
        **{name: str(stored.folder / file) for name, file in _FILES.items()},
        "previous": str(stored.previous) if stored.previous else None,
        "incomplete": incomplete,
    }
    return {
        "changed": stored.changed,
        "evidence": evidence,
        "ansible_facts": {"thousandeyes_evidence": evidence},
        **(diff if stored.changed else {}),
    }


def _in_short(document: Row) -> Row:
    """The part of the result that comes from the document."""
    return {
        "change_id": document["change"]["id"],
        **{name: document[name] for name in ("verdict", "counts", "windows", "warnings")},
        "tests": [
            {name: row[name] for name in ("test_id", "test_name", "state", "verdict", "reason")}
            for row in document["tests"]
        ],
        "links": [
            {"test_id": row["test_id"], "test_name": row["test_name"], **link}
            for row in document["tests"]
            for link in row["snapshots"]
        ],
    }


def _files(document: Row) -> dict[str, bytes]:
    return {
        "evidence.json": to_json(document),
        "evidence.html": to_html(document).encode("utf-8", "replace"),
        "evidence.md": to_markdown(document).encode("utf-8", "replace"),
    }


def _with_what_there_is(failed: ThousandEyesError, document: Row, folder: Path, context: Context) -> ThousandEyesError:
    """The error, which also says where that is what was read before it."""
    failed.add("No report was written. If there was one before, it is as it was.")
    read = sum(bool(row["layers"]) for row in document["tests"])
    if read and not context.check_mode:
        why = f"Reading failed after {read} of {len(document['tests'])} tests. This is no report of the change."
        try:
            incomplete = store_incomplete(folder, _files({**document, "incomplete": why}), context.tell)
        except ReportUnwritable as error:
            failed.add(f"What was read until then is lost: {error.message}")
        else:
            failed.add(f"What was read until then, {read} of {len(document['tests'])} tests, is in {incomplete}.")
            failed.details["incomplete"] = str(incomplete)
    return failed


def _kept(old: bytes, document: Row, folder: Path, context: Context) -> tuple[Row, str | None]:
    """The document that stays, with a warning of that, and the folder of the new one, which lacks some of it.

    :raises ReportKept: the new one found a test degraded that is not degraded in the old one.
    """
    lost = losses(old, to_json(document))
    stays = json.loads(old)
    why = f"The API no longer gives what the report of {stays['made']['at']} was made from, for: {some(lost, '; ')}."
    incomplete, where = None, "what can be read now is not written in check mode"
    if not context.check_mode:
        new = {**document, "incomplete": f"{why} That report stays, and this is what can be read now."}
        incomplete = str(store_incomplete(folder, _files(new), context.tell))
        where = f"what can be read now is in {incomplete}"
    worse = newly_degraded(stays, document)
    if worse:
        raise ReportKept(
            f"{why} That report stays in {folder}, and {where}. But by that these are degraded, and not by the report: "
            f"{some(worse)}. Compare the two.",
            details={"dir": str(folder), "incomplete": incomplete},
        )
    stays["warnings"].insert(0, f"{why} That report stays, and {where}.")
    return stays, incomplete


def _diff(path: Path, new: bytes) -> dict[str, Any]:
    """The difference as Ansible shows it."""
    try:
        old = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        old = ""
    return {"diff": {"before": old, "after": new.decode(), "before_header": str(path), "after_header": str(path)}}
