# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the results of two windows say about a change: verdicts, and why."""

from __future__ import annotations

import typing as t
from statistics import fmean

from ...module_utils._core.measurements import quantile
from ...module_utils._core.metrics import JUDGED, SHARE, Metric
from .chance import PRIOR_COMMON, PRIOR_RARE, Pair, binomial_tail, expected_rate, shift_chance, trimmed_mean
from .series import Span, Strand, course_of, missing_and_due, statistics_of, values_of, without_gaps

OK, DEGRADED, IMPROVED, NO_DATA = "ok", "degraded", "improved", "no_data"

# About the chance that a test in which nothing changed is called degraded or improved, over all its comparisons.
LEVEL = 0.001
# From so many points on, a round is so bad that it is rare.
_HEAVY = 10.0
# Fewer rounds before do not show how slow a slow one usually is.
_LEAST_FOR_SLOW = 10
# Slow is so many times what is usual for a slow one.
_SLOW = 2
# The document has the course of so many agents, those that differ most, beside that of all.
_MOST_SERIES = 4

TIMES_METHOD = (
    "Times are compared by their trimmed means, of the rounds without the highest and the lowest fifth: outliers do "
    "not move them, and noise moves them less than medians. Over all agents it is the mean of the agents' trimmed "
    "means, so that each agent counts the same. A difference counts if it reaches both thresholds, and if noise "
    "hardly makes one like it, by Yuen's t test of the logarithms, stratified by agent, with the variance of what "
    "the agents have in common and of what a round has in common with the one before it. What a trimmed mean leaves "
    "out counts too, if many more measurements than before take more than twice the 95th percentile before."
)
SHARES_METHOD = (
    "Loss and availability are compared by their means, since a median hides what is rare. A difference counts if "
    "it reaches the threshold, and if chance hardly makes so many bad rounds, which are worse than the mean of the "
    "other window by the threshold. That is by the binomial distribution with the other window's share of bad "
    "rounds, to which one in 400 rounds is added; for rounds with less than 10 points of loss, 5 in 100. Where many "
    "more measurements are missing than before, there is no data. These take rounds and agents to vary "
    "independently. Where they do not, as in an outage that all agents see, few rounds are enough."
)


class _Comparison(t.NamedTuple):
    """``missing``: something was not measured, which no other comparison makes up for.

    ``besides``: the verdict does not come from the difference, so the reason of an agent explains more.
    """

    verdict: str
    reason: str
    missing: bool = False
    value_before: float | None = None
    value_after: float | None = None
    difference: float | None = None
    difference_percent: float | None = None
    p: float | None = None
    besides: bool = False

    def to_dict(self) -> dict[str, t.Any]:
        fields = self._asdict()
        del fields["missing"], fields["besides"]
        return fields


def comparisons(strands: t.Sequence[Strand]) -> int:
    """How many comparisons a metric takes: one for each agent, and one for all of them together."""
    return len(strands) + 1


def judge_metric(
    metric: str, strands: t.Sequence[Strand], span: Span, threshold: t.Mapping[str, float], level: float
) -> dict[str, t.Any]:
    """The entry of a metric in the evidence document. ``level``: the chance of a false alarm in each comparison."""
    row = JUDGED[metric]
    compare = (_Shares if row.kind is SHARE else _Times)(row, threshold, level)
    agents = [(strand, _judge([strand], span, compare)) for strand in strands]
    # By number where they differ alike.
    changed = sorted(
        (-abs(found.difference or 0.0), number)
        for number, (_strand, found) in enumerate(agents)
        if found.verdict in (DEGRADED, IMPROVED)
    )
    with_series = {number for _difference, number in changed[:_MOST_SERIES]}
    whole = _judge(strands, span, compare)
    verdict, reason = _combined(whole, agents)
    return {
        "metric": metric,
        "unit": row.kind.unit,
        "kind": row.kind.name,
        "threshold": dict(threshold),
        **whole.to_dict(),
        "verdict": verdict,
        "reason": reason,
        **statistics_of(strands, span),
        "series": course_of(strands, span, row.kind),
        "agents": [
            {
                "agent_id": strand.agent_id,
                "agent_name": strand.agent_name,
                "server": strand.server,
                **found.to_dict(),
                **statistics_of([strand], span),
                "series": course_of([strand], span, row.kind) if number in with_series else None,
            }
            for number, (strand, found) in enumerate(agents)
        ],
    }


def worst(verdicts: t.Iterable[str]) -> str:
    """The worst of several verdicts; no data if there is none."""
    found = set(verdicts)
    return next((verdict for verdict in (DEGRADED, NO_DATA, IMPROVED, OK) if verdict in found), NO_DATA)


def _combined(whole: _Comparison, agents: t.Sequence[tuple[Strand, _Comparison]]) -> tuple[str, str]:
    """The verdict, and why: an agent that is worse off, or measured nothing, is not lost among the others."""
    for verdict in (DEGRADED, NO_DATA):
        if whole.verdict == verdict and not whole.besides:
            break
        found = [
            (strand, own) for strand, own in agents if own.verdict == verdict and (own.missing or verdict == DEGRADED)
        ]
        if found:
            more = f" Likewise {len(found) - 1} more of {len(agents)}." if len(found) > 1 else ""
            return verdict, f"{found[0][0].label}: {found[0][1].reason}{more}"
        if whole.verdict == verdict:
            break
    return whole.verdict, whole.reason


def _judge(strands: t.Sequence[Strand], span: Span, compare: _Shares | _Times) -> _Comparison:
    """Compares what these strands measured, if that is enough."""
    pairs = [(without_gaps(strand.before), without_gaps(strand.after)) for strand in strands]
    before, after = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
    if not before or not after:
        where = "before" if after else "after" if before else "in either window"
        return _Comparison(NO_DATA, f"Nothing was measured {where}.", missing=True)
    both = [(old, new) for old, new in pairs if old and new]
    if not both:
        return _Comparison(NO_DATA, "No agent measured in both windows.", missing=True)
    found = compare(both)
    if found.verdict not in (OK, IMPROVED):
        return found
    (lost, due), (lost_after, due_after) = (missing_and_due(strands, span, side) for side in ("before", "after"))
    if binomial_tail(lost_after, due_after, expected_rate(lost, due, PRIOR_COMMON)) <= compare.level:
        reason = f"{lost_after} of {due_after} measurements are missing after, and {lost} of {due} before."
        return found._replace(verdict=NO_DATA, reason=reason, missing=True, besides=True)
    # Rounds per second, since the windows may differ in length.
    few, many = sorted((before / span.before, after / span.after))
    if few * 2 < many:
        where = "before" if before / span.before == few else "after"
        reason = f"Less than half as many rounds were measured {where} ({before} before, {after} after)."
        return found._replace(verdict=NO_DATA, reason=reason, missing=True)
    return found


class _Shares:
    """Compares percentages of which most are 0 or 100."""

    def __init__(self, metric: Metric, threshold: t.Mapping[str, float], level: float) -> None:
        self._points = threshold["points"]
        self.level = level
        self._worse = metric.worse
        least = max(self._points, 1e-9)
        self._limits = [(max(least, _HEAVY), PRIOR_RARE)]
        if not metric.binary:
            self._limits.append((least, PRIOR_COMMON))

    def __call__(self, pairs: t.Sequence[Pair]) -> _Comparison:
        old, new = ([value for pair in pairs for _second, value in pair[side]] for side in (0, 1))
        was, is_now = fmean(old), fmean(new)
        difference = is_now - was
        worsening = difference * self._worse
        if worsening >= 0:
            p, seen = self._chance(old, new, self._worse), len(new)
        else:
            p, seen = self._chance(new, old, self._worse), len(old)
        found = _Comparison(OK, "", False, was, is_now, difference, None, p)
        words = f"went from {_number(was)} to {_number(is_now)} percent"
        if binomial_tail(seen, seen, expected_rate(0, len(old) + len(new) - seen, PRIOR_RARE)) > self.level:
            return found._replace(verdict=NO_DATA, reason=f"{_rounds(len(old), len(new))}, too few to judge.")
        if not difference or abs(worsening) < self._points:
            points = f"{_number(self._points)} point{'' if self._points == 1 else 's'}"
            words = f"{words}, by less than {points}" if difference else f"stayed at {_number(was)} percent"
            return found._replace(reason=f"It {words}.")
        if p > self.level:
            return found._replace(reason=f"It {words}, which may be chance: in too few rounds.")
        verdict = DEGRADED if worsening > 0 else IMPROVED
        return found._replace(verdict=verdict, reason=f"It {words}.")

    def _chance(self, good: t.Sequence[float], bad: t.Sequence[float], worse: int) -> float:
        """The chance of so many bad rounds in ``bad``, if it were as good as ``good``."""
        usual = fmean(good) * worse
        found = []
        for points, prior in self._limits:
            counts = [sum(value * worse >= usual + points for value in values) for values in (good, bad)]
            found.append(binomial_tail(counts[1], len(bad), expected_rate(counts[0], len(good), prior)))
        # Twice, since the direction is the one in which the difference was found.
        return min(1.0, 2 * len(found) * min(found))


class _Times:
    """Compares durations, which have no upper end, and of which each agent has its own level."""

    def __init__(self, metric: Metric, threshold: t.Mapping[str, float], level: float) -> None:
        self._percent, self._ms = threshold["percent"], threshold["ms"]
        self.level = level

    def __call__(self, pairs: t.Sequence[Pair]) -> _Comparison:
        was, is_now = (fmean(trimmed_mean(values_of(pair[side])) for pair in pairs) for side in (0, 1))
        difference = is_now - was
        percent = difference / was * 100 if was > 0 else None
        p = shift_chance(pairs, self._ms)
        found = _Comparison(OK, "", False, was, is_now, difference, percent, p)
        if p is None:
            old, new = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
            return found._replace(verdict=NO_DATA, reason=f"{_rounds(old, new)}, too few to judge.")
        share = "" if percent is None else f", {percent:+.0f} %"
        words = f"from {_number(was)} to {_number(is_now)} ms ({difference:+.1f} ms{share})"
        large = abs(difference) >= self._ms and (percent is None or abs(percent) >= self._percent)
        if difference and large and p <= self.level:
            return found._replace(verdict=DEGRADED if difference > 0 else IMPROVED, reason=f"It went {words}.")
        if slow := self._slow(pairs):
            return found._replace(verdict=DEGRADED, reason=slow, besides=True)
        if difference and large:
            return found._replace(reason=f"It went {words}, which may be noise (p = {p:.2g}).")
        limits = f"{_number(self._percent)} % or {_number(self._ms)} ms"
        return found._replace(reason=f"It went {words}, by less than {limits}.")

    def _slow(self, pairs: t.Sequence[Pair]) -> str | None:
        """What to say if many rounds are as slow as few were before, which a trimmed mean does not show."""
        counts = [0, 0]
        rounds = [0, 0]
        for pair in pairs:
            if len(pair[0]) >= _LEAST_FOR_SLOW:
                usual = quantile(sorted(values_of(pair[0])), 95) or 0.0
                limit = max(_SLOW * usual, usual + self._ms, 1e-9)
                for side, points in enumerate(pair):
                    counts[side] += sum(value >= limit for _second, value in points)
                    rounds[side] += len(points)
        if binomial_tail(counts[1], rounds[1], expected_rate(counts[0], rounds[0], PRIOR_COMMON)) > self.level:
            return None
        return (
            f"{counts[1]} of {rounds[1]} measurements took more than twice the 95th percentile before, and "
            f"{counts[0]} of {rounds[0]} before."
        )


def doubtful(entry: t.Mapping[str, t.Any]) -> list[str]:
    """Where an entry of the document is worse by its threshold and still ok, since that may be chance."""
    worse = JUDGED[entry["metric"]].worse
    percent, least = (entry["threshold"].get(unit, 0.0) for unit in ("percent", "ms"))
    least = entry["threshold"].get("points", least)
    found = []
    for place, row in [
        ("all agents", entry),
        *((row["agent_name"] or row["agent_id"], row) for row in entry["agents"]),
    ]:
        change = (row["difference"] or 0.0) * worse
        if row["verdict"] == OK and change > 0 and change >= least and (row["difference_percent"] or 0.0) >= percent:
            found.append(
                f"{entry['metric'].replace('_', ' ')} at {place}, {_number(row['value_before'])} to "
                f"{_number(row['value_after'])} {entry['unit']}"
            )
    return found


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _rounds(before: int, after: int) -> str:
    return f"Only {before} measured before and {after} after"
