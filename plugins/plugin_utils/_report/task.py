# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a C(change_report) task does: options in, result out. It reads, judges, and writes the report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from ...module_utils._api.client import Api
from ...module_utils._core.connection import Connection
from ...module_utils._core.errors import InvalidRequest, ReportKept, ReportUnwritable, ThousandEyesError
from ...module_utils._core.metrics import LAYERS
from ...module_utils._core.names import check_id
from ...module_utils._core.visibility import CONTRADICTED
from ...module_utils._core.windows import iso_of_epoch, parse_instant
from ...module_utils._tasks.connected import connected
from ...module_utils._tasks.context import Context
from .._report import charts
from .._verdict.verdicts import worst
from .change import Change
from .document import (
    SCHEMA,
    Row,
    counts,
    judge_test,
    losses,
    method,
    newly_degraded,
    same,
    to_json,
    unjudged,
)
from .html import to_html
from .markdown import to_markdown
from .reading import read_layer
from .release import release
from .snapshots import Snapshots
from .store import folder_of, store, store_incomplete

_NEWS_EVERY = 60.0
_LARGEST_THRESHOLD = 1_000_000
_FILES = {"json": "evidence.json", "html": "evidence.html", "markdown": "evidence.md", "sha256sums": "SHA256SUMS"}
# The vendor keeps page-load results for 30 days, and others for 90: contract v6 §7. v7 does not say.
_KEPT = timedelta(days=30)


def run(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """:raises ThousandEyesError: no report was written. What there was for one may be in C(incomplete)."""
    now = context.clock.now()
    change = Change.from_params(params, now)
    thresholds = _checked(params["thresholds"])
    tests = _tests(params["tests"])
    snapshots = Snapshots(params["snapshots"], change, Connection.from_params(params).host, now)
    review = parse_instant(params["review_date"], "review_date").timestamp() if params["review_date"] else None
    folder = folder_of(os.path.abspath(params["dir"]), change.change_id)
    judged: list[Row] = []
    failed: ThousandEyesError | None = None
    with connected(params, context) as (api, aid):
        try:
            for row in _judged(tests, change, thresholds, params["layers"], api, aid, context):
                judged.append(row)
        except ThousandEyesError as error:
            failed = error
            judged += _unread(tests[len(judged) :], error)
    rows = [{**row, "snapshots": snapshots.of(row["test_id"])} for row in judged]
    document = {
        "schema": SCHEMA,
        "change": change.to_dict(),
        "incomplete": None,
        "verdict": worst(row["verdict"] for row in rows),
        "counts": counts(rows),
        "windows": change.windows_as_dict(),
        "made": {
            "at": iso_of_epoch(now),
            "by": dict(context.provenance),
            "collection": release(),
            "api_version": params["api_version"],
            "api_url": Connection.from_params(params).url,
            "aid": aid,
        },
        "method": method(thresholds, params["layers"]),
        "warnings": list(_warnings(rows, snapshots, change, review, now)),
        "other_snapshots": snapshots.others,
        "tests": rows,
    }
    if failed is not None:
        raise _with_what_there_is(failed, document, folder, context)
    without_charts = charts.why_not()
    if without_charts:
        context.warn(f"The report has no charts. {without_charts}")
    files = _files(document)
    diff = _diff(folder / _FILES["markdown"], files["evidence.md"]) if context.diff_mode else {}
    stored = store(folder, files, same, lambda old, new: bool(losses(old, new)), context.check_mode, context.tell)
    incomplete = None
    if stored.kept is not None:
        document, incomplete = _kept(stored.kept, document, folder, context)
    for warning in document["warnings"]:
        context.warn(warning)
    evidence = {
        "change_id": change.change_id,
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


def _files(document: Row) -> dict[str, bytes]:
    return {
        "evidence.json": to_json(document),
        "evidence.html": to_html(document).encode("utf-8", "replace"),
        "evidence.md": to_markdown(document).encode("utf-8", "replace"),
    }


def _unread(tests: Sequence[Row], error: ThousandEyesError) -> Iterator[Row]:
    """The test at which reading ended, and those that come after it."""
    for number, test in enumerate(tests):
        yield unjudged(test, "It was not read, since the report failed before." if number else error.message)


def _with_what_there_is(failed: ThousandEyesError, document: Row, folder: Path, context: Context) -> ThousandEyesError:
    """The error, with where it is told what was read until then."""
    failed.message += " No report was written. If there was one before, it is as it was."
    read = sum(bool(row["layers"]) for row in document["tests"])
    if read and not context.check_mode:
        why = f"Reading failed after {read} of {len(document['tests'])} tests. This is no report of the change."
        try:
            incomplete = store_incomplete(folder, _files({**document, "incomplete": why}), context.tell)
        except ReportUnwritable as error:
            failed.message += f" What was read until then is lost: {error.message}"
        else:
            failed.message += (
                f" What was read until then, {read} of {len(document['tests'])} tests, is in {incomplete}."
            )
            failed.details["incomplete"] = str(incomplete)
    return failed


def _kept(old: bytes, document: Row, folder: Path, context: Context) -> tuple[Row, str | None]:
    """The document that stays, which warns of it, and where the new one is, which lacks some of it.

    :raises ReportKept: the new one has found what the old one does not say.
    """
    lost = losses(old, to_json(document))
    stays = json.loads(old)
    why = f"The API no longer gives what the report of {stays['made']['at']} was made from, for: {_some(lost, '; ')}."
    incomplete, where = None, "what can be read now is not written in check mode"
    if not context.check_mode:
        new = {**document, "incomplete": f"{why} That report stays, and this is what can be read now."}
        incomplete = str(store_incomplete(folder, _files(new), context.tell))
        where = f"what can be read now is in {incomplete}"
    worse = newly_degraded(stays, document)
    if worse:
        raise ReportKept(
            f"{why} That report stays in {folder}, and {where}. But by that these are degraded, and not by the report: "
            f"{_some(worse)}. Compare the two.",
            details={"dir": str(folder), "incomplete": incomplete},
        )
    stays["warnings"].insert(0, f"{why} That report stays, and {where}.")
    return stays, incomplete


def _diff(path: Path, new: bytes) -> dict[str, Any]:
    """As Ansible shows it."""
    try:
        old = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        old = ""
    return {"diff": {"before": old, "after": new.decode(), "before_header": str(path), "after_header": str(path)}}


def _checked(thresholds: Mapping[str, float]) -> Mapping[str, float]:
    for name, value in thresholds.items():
        if not 0 <= value <= _LARGEST_THRESHOLD:
            raise InvalidRequest(f"thresholds: {name}: {value} is not in 0 to {_LARGEST_THRESHOLD}.")
    return thresholds


def _tests(given: Sequence[Any]) -> list[Row]:
    """Without the verdict, in the order given, each once."""
    if not given:
        raise InvalidRequest("tests: the list is empty.")
    tests: dict[tuple[Any, ...], Row] = {}
    for fields in given:
        if not isinstance(fields, dict) or "test_id" not in fields:
            raise InvalidRequest("tests: give them as community.thousandeyes.test_info returns them.")
        gone, interval, layers = fields.get("gone") is True, fields.get("interval"), fields.get("layers")
        # Only the name may be known of one that is gone.
        unknown = gone and fields["test_id"] is None
        test = {
            "test_id": None if unknown else check_id(str(fields["test_id"]), "tests"),
            "test_name": fields.get("test_name"),
            "type": fields.get("type"),
            "interval": interval if isinstance(interval, int) and interval > 0 else None,
            "state": "gone" if gone else "disabled" if fields.get("enabled") is False else "present",
            "layers": layers if isinstance(layers, list) else None,
        }
        tests.setdefault((test["test_id"], unknown and test["test_name"]), test)
    return list(tests.values())


def _judged(
    tests: Sequence[Row],
    change: Change,
    thresholds: Mapping[str, float],
    asked: Sequence[str] | None,
    api: Api,
    aid: str | None,
    context: Context,
) -> Iterator[Row]:
    """Each test with its verdict. What concerns one test alone is told there, and does not lose the others.

    :raises ThousandEyesError: it is not of one test alone.
    """
    told_at = context.clock.now()
    for number, test in enumerate(tests):
        if context.clock.now() >= told_at + _NEWS_EVERY:
            told_at = context.clock.now()
            context.tell(f"{number} of {len(tests)} tests judged")
        has = test["layers"]
        layers = [layer for layer in LAYERS if layer in (has if has is not None else asked or ())]
        layers = [layer for layer in layers if asked is None or layer in asked]
        if test["state"] == "gone":
            yield unjudged(test, "The test is no longer in the list of tests.")
        elif not layers and has is None:
            yield unjudged(test, "The API does not tell which results the test has; say which layers to read.")
        elif not layers:
            yield unjudged(test, f"It has no results that can be compared ({test['type']}).")
        else:
            try:
                read = {layer: read_layer(api, test["test_id"], layer, change.compared, aid) for layer in layers}
            except ThousandEyesError as error:
                if not error.of_one_test:
                    raise
                yield unjudged(test, error.message)
            else:
                yield judge_test(test, read, change.span(test["interval"]), thresholds)


def _warnings(
    rows: Sequence[Row], snapshots: Snapshots, change: Change, review: float | None, now: float
) -> Iterator[str]:
    for state, what in (("gone", "Not there any more"), ("disabled", "Disabled")):
        names = [_named(row) for row in rows if row["state"] == state]
        if names:
            yield f"{what}: {_some(names)}."
    asked = [link for row in rows for link in row["snapshots"]]
    links = [link for link in asked if link["state"] == "created"]
    for phase in change.windows:
        there = [{link["phase"] for link in row["snapshots"] if link["state"] == "created"} for row in rows]
        lacking = sum(phase not in phases for phases in there)
        if lacking:
            yield f"No snapshot of the window {phase} is known of {lacking} of {len(rows)} tests."
        unknown = sum(other["phase"] == phase for other in snapshots.others)
        if unknown > lacking:
            yield (
                f"Saved events titled {change.change_id} {phase} of which the API does not tell the test: {unknown}. "
                f"At least {unknown - lacking} may be of tests that are gone and not in this report."
            )
    if len(links) < len(asked):
        yield f"It is not known whether {len(asked) - len(links)} more snapshots exist, which were asked for."
    for names in _with_one_link(rows):
        yield f"{len(names)} snapshots have one link, which opens one of them at most: {_some(names)}."
    if snapshots.not_shown:
        yield f"Links that do not belong to the API, and so are not shown: {snapshots.not_shown}."
    expired = [link for link in links if link["expired"]]
    if expired:
        yield f"{len(expired)} of {len(links)} snapshots have expired. The measurements in the report remain."
    public = [link for link in links if link["is_public"]]
    if public:
        yield f"{len(public)} of {len(links)} snapshots are share links, which anyone who has the link can view."
    contradicted = [link for link in links if link["visibility"] == CONTRADICTED]
    if contradicted:
        open_to_all = [link for link in contradicted if not link["is_public"]]
        yield (
            f"The API says of {len(contradicted)} of {len(links)} snapshots that they have another visibility than was "
            f"asked for. {len(open_to_all)} of these were to be private: ANYONE WITH THE LINK MAY BE ABLE TO VIEW THEM."
        )
    if review is not None:
        early = [
            link["expires_at"]
            for link in links
            if link["expires_at"] and parse_instant(link["expires_at"], "expires_at").timestamp() < review
        ]
        if early:
            yield (
                f"{len(early)} of {len(links)} snapshots expire before the review on {iso_of_epoch(review)}, "
                f"the first on {min(early)}."
            )
    if now - change.windows["before"].start.timestamp() > _KEPT.total_seconds():
        yield (
            "The window before the change is older than 30 days. The vendor keeps results for 90 days, and those of "
            "page loads for 30."
        )


def _with_one_link(rows: Sequence[Row]) -> Iterator[list[str]]:
    """The windows, each with its test, that have a link in common."""
    windows: dict[str, dict[str, None]] = {}
    for row in rows:
        for link in row["snapshots"]:
            windows.setdefault(link["view_url"], {})[f"{link['phase']} of {_named(row)}"] = None
    return (list(names) for url, names in windows.items() if url and len(names) > 1)


def _named(row: Row) -> str:
    return f"{row['test_name'] or 'test'} ({row['test_id']})" if row["test_id"] else str(row["test_name"])


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return between.join(names[:5]) + more
