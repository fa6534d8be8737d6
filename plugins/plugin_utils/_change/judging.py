# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How a change is judged: the options of the verdict, checked, for each test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.metrics import JUDGED
from ...module_utils._core.windows import parse_instant
from .._verdict.guard import MOST_DAYS
from .._verdict.settings import LeaveOut, Settings
from .reading import Reach, Windows

_LARGEST_THRESHOLD = 1_000_000


class Judging(NamedTuple):
    """``of_tests``: thresholds by the id or name of a test. ``leave_out``: as given, each with its reason."""

    settings: Settings
    of_tests: Mapping[str, Mapping[str, float]]
    leave_out: Sequence[Mapping[str, Any]]
    reach: Reach

    @classmethod
    def from_params(cls, params: Mapping[str, Any], windows: Windows, reports: Path | None) -> Judging:
        """``windows``: those that are compared. ``reports``: the folder with the folders of changes, if it is known.

        :raises InvalidRequest: an option breaks a rule.
        """
        return cls(_settings(params), _of_tests(params), _leave_out(params), _reach(params, windows, reports))

    def of(self, test: Mapping[str, Any]) -> Settings:
        """What holds for one test."""
        names = _names(test)
        thresholds = dict(self.settings.thresholds)
        for name, own in self.of_tests.items():
            if name in names:
                thresholds.update(own)
        rows = tuple(
            LeaveOut(row["agent"], row["metric"], row["reason"])
            for row in self.leave_out
            if (row["agent"] or row["metric"]) and row["test"] in (None, *names)
        )
        return replace(self.settings, thresholds=thresholds, leave_out=rows)

    def left_out(self, test: Mapping[str, Any]) -> str | None:
        """Why a whole test has no say."""
        names = _names(test)
        found = [row for row in self.leave_out if not row["agent"] and not row["metric"] and row["test"] in names]
        return found[0]["reason"] if found else None


def _names(test: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(test[name]) for name in ("test_id", "test_name") if test.get(name) is not None)


def _settings(params: Mapping[str, Any]) -> Settings:
    must_see = params["must_see"]
    return Settings(
        thresholds=_thresholds(params["thresholds"], "thresholds"),
        outage_minutes=_number(params["outage_minutes"], "outage_minutes", 1440),
        outage_share=_number(params["outage_share"], "outage_share", 1),
        settle_minutes=_number(params["settle_minutes"], "settle_minutes", 1440),
        must_see_percent=_number(must_see["percent"], "must_see: percent", _LARGEST_THRESHOLD),
        must_see_points=_number(must_see["points"], "must_see: points", 100),
    )


def _number(value: float, name: str, most: float) -> float:
    if not 0 <= value <= most:
        raise InvalidRequest(f"{name}: {value} is not in 0 to {most}.")
    return value


def _thresholds(given: Mapping[str, Any], option: str) -> dict[str, float]:
    return {
        name: _number(value, f"{option}: {name}", _LARGEST_THRESHOLD)
        for name, value in given.items()
        if value is not None
    }


def _of_tests(params: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return {
        str(row["test"]): _thresholds({name: row[name] for name in row if name != "test"}, "test_thresholds")
        for row in params["test_thresholds"]
    }


def _leave_out(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for row in params["leave_out"]:
        if not any(row[name] for name in ("test", "agent", "metric")):
            raise InvalidRequest("leave_out: say which test, agent or metric.")
        if not str(row["reason"]).strip():
            raise InvalidRequest("leave_out: reason: it is empty. The report shows it.")
        if row["metric"] not in (None, *JUDGED):
            raise InvalidRequest(f"leave_out: metric: {row['metric']} is none of {', '.join(JUDGED)}.")
    return list(params["leave_out"])


def _reach(params: Mapping[str, Any], windows: Windows, reports: Path | None) -> Reach:
    exclude = []
    for row in params["history_exclude"]:
        start, end = (parse_instant(str(row[end]), f"history_exclude: {end}").timestamp() for end in ("from", "to"))
        if start >= end:
            raise InvalidRequest(f"history_exclude: {row['from']} to {row['to']} does not go forward in time.")
        exclude.append((start, end))
    reach = Reach(
        hours=_number(params["history_hours"], "history_hours", MOST_DAYS * 24),
        days=_number(params["history_days"], "history_days", MOST_DAYS),
    )
    history = windows.history(reach)
    if reports is not None and history:
        exclude += _known_changes(reports, min(span.start for span in history).timestamp())
    return reach._replace(exclude=sorted(set(exclude)))


def _known_changes(reports: Path, since: float) -> Iterator[tuple[float, float]]:
    """The times of other changes, and of earlier attempts of this one, as far as the folder of reports knows them.

    Not of those that were over before ``since``, in epoch seconds.
    """
    for path in [*reports.glob("*/evidence.json"), *reports.glob("*/previous/*/evidence.json")]:
        try:
            # No report is written before its change is over, and there may be thousands of old ones.
            if path.stat().st_mtime < since:
                continue
            document = json.loads(path.read_bytes())
            start = parse_instant(document["change"]["start"], "start").timestamp()
            end = parse_instant(document["windows"]["after"]["to"], "to").timestamp()
        except (InvalidRequest, KeyError, OSError, RecursionError, TypeError, ValueError):
            # It is no report that can be read, and tells of no change.
            continue
        yield start, end
