# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How soon, and how rightly, a watch calls what it sees before the window after is over."""

from __future__ import annotations

import typing as t
from functools import partial
from multiprocessing.pool import Pool
from statistics import median

from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.early import Course, plan_of
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import Settings

from verdict.judging import judge_series, series_of
from verdict.rows import Row, drawn
from verdict.series import Made

_SETTINGS = Settings()


class Called(t.NamedTuple):
    """``minute``: from the end of the settle time to the look that called it degraded before the end; None if none did.

    ``last``: whether the last look did; ``report``: whether the report does, which has all of the level.
    """

    minute: float | None
    last: bool
    report: bool

    @property
    def at_all(self) -> bool:
        return self.minute is not None or self.last


class Watched(t.NamedTuple):
    """Of ``n`` tests, those that were called. ``minutes``: of all of them, infinite where nothing was called early."""

    n: int
    at_all: int
    reports: int
    minutes: list[float]

    @property
    def median(self) -> float:
        return median(self.minutes)

    @property
    def early(self) -> int:
        return sum(minute < float("inf") for minute in self.minutes)


def in_step(test: Made) -> Made:
    """With rounds that begin at multiples of the interval, as those of the API do (contract v6 §7)."""
    return test._replace(seconds=test.seconds - test.seconds[0] % test.shape.interval)


def watch(row: Row, seed: int, number: int) -> Called:
    """One test, look by look, until something is called."""
    given = drawn(row, seed, number, in_step).to_dict()
    series = series_of(**given)
    after = given["after"]
    plan = plan_of(int(after[0]), int(after[1] - after[0]), given["interval"], series.span.settle)
    course = Course(series.span, _SETTINGS, plan, lambda _layers: series.past)
    report = judge_series(**given)["verdict"] == "degraded"
    for look in plan.looks:
        now, told = course.look(series.strands, look)
        if told and look != plan.looks[-1]:
            return Called((look - plan.settle) / 60, False, report)
    return Called(None, now.entry["verdict"] == "degraded", report)


def watched(pool: Pool | None, row: Row, n: int, seed: int) -> Watched:
    """``pool``: None watches in this process."""
    one = partial(watch, row, seed)
    found = pool.map(one, range(n), chunksize=2) if pool else list(map(one, range(n)))
    minutes = [float("inf") if each.minute is None else each.minute for each in found]
    return Watched(n, sum(each.at_all for each in found), sum(each.report for each in found), minutes)
