# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(change_report) task does: options in, result out. It reads, judges, and writes the report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...module_utils._api.client import Api, open_api
from ...module_utils._api.pace import Pace
from ...module_utils._core.connection import Connection
from ...module_utils._core.errors import ReportKept, ReportUnsigned, ReportUnwritable, ThousandEyesError
from ...module_utils._core.windows import iso_of_epoch, parse_instant
from ...module_utils._options import ACCOUNT_GROUP, CONNECTION
from ...module_utils._signature import SIGNATURE, Signer
from ...module_utils._tasks.connected import connected
from ...module_utils._tasks.context import Context
from .._change.change import Change
from .._change.judging import Judging
from .._change.options import CHANGE, JUDGING
from .._change.reader import Reader
from .._change.tests import tests_of
from .cautions import some, warnings_of
from .document import SCHEMA, Row, counts, losses, method, newly_degraded, same, to_json, verdict_of
from .earlier import earlier_reports
from .html import to_html
from .index import INDEX, update
from .markdown import to_markdown
from .plain import to_plain
from .release import release
from .snapshots import Snapshots
from .store import Stored, altered, current, folder_of, store, store_incomplete
from .story import OPTIONS as STORY, Story
from .tests import Question, judge_all, unread
from .wording import conclusion, frozen_tests, headline, is_apart, utc

SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    **CHANGE,
    **JUDGING,
    "during": {"type": "dict"},
    "snapshots": {"type": "list", "elements": "dict", "default": []},
    **STORY,
    "dir": {"type": "path", "required": True},
    "sign_key": {"type": "path"},
    "timezone": {"type": "str"},
    "review_date": {"type": "str"},
}

_FILES = {
    "json": "evidence.json",
    "html": "evidence.html",
    "markdown": "evidence.md",
    "text": "evidence.txt",
    "sha256sums": "SHA256SUMS",
}
_UNSIGNED = (
    "The report that stays is not signed with sign_key. A task signs only what it made itself, since it cannot know "
    "who changed what was there."
)


class _Asked(NamedTuple):
    """The options, checked, and the key tried. ``now``: when the task began; ``review``: both in epoch seconds."""

    params: Mapping[str, Any]
    now: float
    change: Change
    story: Story
    judging: Judging
    tests: list[Row]
    snapshots: Snapshots
    review: float | None
    folder: Path
    signer: Signer | None

    @classmethod
    def from_params(cls, params: Mapping[str, Any], context: Context) -> _Asked:
        """
        :raises InvalidRequest: an option breaks a rule.
        :raises ReportUnsigned: the key does not sign.
        """
        now = context.clock.now()
        change = Change.from_params(params, now)
        tests = tests_of(params["tests"])
        snapshots = Snapshots(params["snapshots"], change, Connection.from_params(params).host, now, context.earlier)
        review = parse_instant(params["review_date"], "review_date").timestamp() if params["review_date"] else None
        folder = folder_of(os.path.abspath(params["dir"]), change.change_id)
        judging = Judging.from_params(params, change.compared, folder.parent)
        story = Story.from_params(params, change)
        signer = Signer.of(params["sign_key"], context.tell) if params["sign_key"] else None
        return cls(params, now, change, story, judging, tests, snapshots, review, folder, signer)

    def to_judge(self, rows: list[Row], earlier: dict[str, list[Row]]) -> Iterator[tuple[Change, list[Row]]]:
        """What to compare, and where to put what comes of it: the change, and then its earlier episodes, by name."""
        yield self.change, rows
        for episode in self.story.earlier:
            found: list[Row] = []
            yield episode.of(self.change), found
            earlier[episode.name] = found


def run(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """:raises ThousandEyesError: no report was written. What was read for one may be in C(incomplete)."""
    asked = _Asked.from_params(params, context)
    rows: list[Row] = []
    earlier: dict[str, list[Row]] = {}
    failed: ThousandEyesError | None = None
    pace = Pace()

    def open_session() -> Api:
        return open_api(Connection.from_params(params), context.clock, tell=context.tell, pace=pace)

    with connected(params, context, pace) as (_api, aid):
        try:
            for change, found in asked.to_judge(rows, earlier):
                question = Question(change, asked.judging, params["layers"])
                judge_all(asked.tests, question, Reader(open_session, aid, change.compared), context, found)
        except ThousandEyesError as error:
            failed = error
            rows += unread(asked.tests[len(rows) :], error)
    document = {**_document(asked, rows, aid, context), **asked.story.to_dict(rows, earlier)}
    if failed is not None:
        raise _with_what_there_is(failed, document, asked.folder, context)
    try:
        return _written(document, asked, context)
    except ReportUnsigned as error:
        raise _with_what_there_is(error, document, asked.folder, context) from error


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


def _written(document: Row, asked: _Asked, context: Context) -> dict[str, Any]:
    """Writes the report, unless the one that is there knows more, and returns the result.

    :raises ThousandEyesError: it was not written.
    """
    folder, signer = asked.folder, asked.signer
    document["earlier"] = earlier_reports(current(folder), document)
    files = _files(document)
    diff = _diff(folder / _FILES["markdown"], files["evidence.md"]) if context.diff_mode else {}
    stored = store(
        folder, files, same, lambda old, new: bool(losses(old, new)), context.check_mode, context.tell, signer
    )
    incomplete = None
    if stored.kept is not None:
        document, incomplete = _kept(stored.kept, document, folder, context)
        if signer is not None and not stored.signed:
            document["warnings"].append(_UNSIGNED)
    for warning in (*document["warnings"], *_warnings_of_replaced(stored, document)):
        context.warn(warning)
    evidence = {
        **_in_short(document),
        "dir": str(stored.folder),
        **_paths(stored),
        "signature": str(stored.folder / SIGNATURE) if stored.signed else None,
        "previous": str(stored.previous) if stored.previous else None,
        "incomplete": incomplete,
        "index": _indexed(folder.parent, context),
    }
    return {
        "changed": stored.changed,
        "evidence": evidence,
        "ansible_facts": {"thousandeyes_evidence": evidence},
        **(diff if stored.changed else {}),
    }


def _warnings_of_replaced(stored: Stored, document: Row) -> Iterator[str]:
    """What is odd about the report whose place this one took."""
    if stored.previous is None:
        return
    where = f"It is kept in {stored.previous}."
    changed = altered(stored.previous)
    if changed:
        yield f"The report that was there is not as it was written, in {some(changed)}. {where}"
    if os.path.lexists(stored.previous / SIGNATURE) and not stored.signed:
        yield f"The report that was there is signed, and this one is not. {where}"
    for row in document["earlier"][:1]:
        if is_apart(row, document["change"]):
            times = utc(row["start"], row["end"])
            yield f"The report that was there is of other times: {times}. Is the start right? {where}"


def _paths(stored: Stored) -> dict[str, str | None]:
    """The files of the report by their names in the result. One of an earlier version that stays may lack some."""
    paths = {name: stored.folder / file for name, file in _FILES.items()}
    return {name: None if stored.kept is not None and not path.exists() else str(path) for name, path in paths.items()}


def _in_short(document: Row) -> Row:
    """The part of the result that comes from the document."""
    return {
        "change_id": document["change"]["id"],
        **{name: document[name] for name in ("verdict", "counts", "windows", "warnings")},
        "conclusion": conclusion(document),
        "headline": headline(document),
        "frozen": len(frozen_tests(document)),
        "episodes": document.get("episodes", []),
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
        "evidence.txt": to_plain(document).encode("utf-8", "replace"),
    }


def _with_what_there_is(failed: ThousandEyesError, document: Row, folder: Path, context: Context) -> ThousandEyesError:
    """The error, which also says where that is what was read before it."""
    failed.add("No report was written. If there was one before, it is as it was.")
    read = sum(bool(row["layers"]) for row in document["tests"])
    if read and not context.check_mode:
        what = "It could not be signed" if isinstance(failed, ReportUnsigned) else "Reading failed"
        why = f"{what} after {read} of {len(document['tests'])} tests. This is no report of the change."
        try:
            incomplete = store_incomplete(folder, _files({**document, "incomplete": why}), context.tell)
        except ReportUnwritable as error:
            failed.add(f"What was read until then is lost: {error.message}")
        else:
            failed.add(f"What was read until then, {read} of {len(document['tests'])} tests, is in {incomplete}.")
            failed.details["incomplete"] = str(incomplete)
            _indexed(folder.parent, context)
    return failed


def _indexed(folder: Path, context: Context) -> str | None:
    """The path of the index of all reports, which is up to date then, but for check mode. None if that failed.

    The report is there by then, so nothing that goes wrong here is more than a warning.
    """
    path = folder / INDEX
    if not context.check_mode:
        try:
            update(folder, context.tell)
        except Exception as error:
            why = repr(error)
            if isinstance(error, OSError):
                why = f"{error.strerror} ({error.filename})" if error.filename else str(error)
            context.warn(
                f"The index of all reports, {path}, is not up to date: {why}. The report itself is not concerned."
            )
            return None
    return str(path)


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
        _indexed(folder.parent, context)
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
