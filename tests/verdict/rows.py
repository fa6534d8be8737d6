# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of docs/verdict.md: what is drawn, how often it is called what, and what was to be reached."""

from __future__ import annotations

import math
import typing as t
from collections import Counter
from multiprocessing.pool import Pool

import numpy as np

from verdict.judging import judge_series
from verdict.real import INTERVAL, Case, Trace, rises_as_judged, stands_out
from verdict.rivals import RIVALS, rivals
from verdict.series import Made, Shape, changed, made, with_dead_agent

WORSE = ("degraded", "transient")


class Row(t.NamedTuple):
    """``effect``: what the change does, or nothing. ``agent``: what is wrong with one agent, see with_dead_agent."""

    kind: str
    shape: Shape = Shape()
    effect: str = ""
    agent: str = ""


class Counted(t.NamedTuple):
    """How often of ``n`` each verdict was given, and how often each rival called it worse."""

    n: int
    verdicts: t.Mapping[str, int]
    rivals: t.Mapping[str, int]

    def share(self, *verdicts: str) -> float:
        return 100 * sum(self.verdicts.get(verdict, 0) for verdict in verdicts) / self.n


def drawn(row: Row, seed: int, number: int, first: t.Callable[[Made], Made] = lambda test: test) -> Made:
    """``first`` is done to the test before anything happens to it."""
    test = first(made(row.kind, row.shape, seed, number))
    if row.agent:
        test = with_dead_agent(test, row.agent)
    if row.effect:
        test = changed(test, row.effect, np.random.default_rng([seed, number]))
    return test


def _one(job: tuple[Row, int, int, bool]) -> tuple[str, dict[str, bool]]:
    row, seed, number, with_rivals = job
    test = drawn(row, seed, number)
    verdict = judge_series(**test.to_dict())["verdict"]
    return verdict, rivals(test) if with_rivals else {}


def count(pool: Pool | None, row: Row, n: int, seed: int, with_rivals: bool = False) -> Counted:
    """``pool``: None counts in this process."""
    jobs = [(row, seed, number, with_rivals) for number in range(n)]
    found = pool.map(_one, jobs, chunksize=5) if pool else list(map(_one, jobs))
    worse = {name: sum(others.get(name, False) for _verdict, others in found) for name in RIVALS}
    return Counted(n, Counter(verdict for verdict, _others in found), worse)


class Judged(t.NamedTuple):
    """``usual``: the verdict says how often that was so before.

    ``stands_out``: it is a rise that does; ``as_judged``: and one of what the thresholds hold for.
    """

    verdict: str
    usual: bool
    stands_out: bool
    as_judged: bool


def verdict_of(case: Case) -> Judged:
    """The verdict on real series."""
    entry = judge_series(INTERVAL, case.before, case.after, case.layers)
    rose = case.rise > 0
    return Judged(
        entry["verdict"],
        "without this change" in entry["reason"],
        rose and stands_out(case),
        rose and rises_as_judged(case),
    )


def interval(count: int, n: int) -> tuple[float, float]:
    """Wilson's interval of 95 %, in percent."""
    z = 1.96
    middle = (count + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(count * (n - count) / n + z * z / 4)
    return 100 * max(middle - half, 0.0), 100 * min(middle + half, 1.0)


__all__ = ["Counted", "Row", "Trace", "WORSE", "count", "drawn", "interval", "verdict_of"]
