# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the results of two windows say about a change: statistics, differences and verdicts."""

from __future__ import annotations

import math
import typing as t
from statistics import fmean, median

from ...module_utils._core.measurements import quantile
from ...module_utils._core.metrics import JUDGED, SHARE, TIME, Kind, Metric

OK, DEGRADED, IMPROVED, NO_DATA = "ok", "degraded", "improved", "no_data"

# About the chance that a test in which nothing changed is called degraded or improved, over all its comparisons.
LEVEL = 0.001
# So many bad ones of so many rounds count as seen besides, since bad rounds happen. Those that fail, or lose more than
# so many points, are rare; those that lose a packet or two, are slow or are missing, are not.
_PRIOR_ROUNDS, _PRIOR_RARE, _PRIOR_COMMON = 100, 0.25, 5.0
_HEAVY = 10.0
# Fewer rounds before do not tell how slow a slow one usually is.
_LEAST_FOR_SLOW = 10
_SLOW = 2
# Fewer degrees of freedom say next to nothing about the noise.
_LEAST_FREEDOM = 4
_MOST_POINTS = 120
# How many agents, those that differ most, have their course told beside that of all of them.
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

Points = t.Sequence[t.Tuple[int, t.Optional[float]]]
# What one agent measured before and after: seconds since the start of the window, and the value.
_Pair = t.Tuple[t.List[t.Tuple[int, float]], t.List[t.Tuple[int, float]]]


class Strand(t.NamedTuple):
    """One metric as one agent measured it, of one server in the layer dns-server.

    ``before`` and ``after``: for each round the seconds since the start of the window, and the value if there is one.
    """

    agent_id: str
    agent_name: str | None
    server: str | None
    before: Points
    after: Points

    @property
    def label(self) -> str:
        name = self.agent_name or f"agent {self.agent_id}"
        return f"{name}, {self.server}" if self.server else name


class Span(t.NamedTuple):
    """The lengths of the windows, and from the start of a round to that of the next where that is known. Seconds."""

    before: int
    after: int
    interval: int | None


class _Comparison(t.NamedTuple):
    """``missing``: the verdict is that something was not measured, which no other comparison makes up for.

    ``besides``: it is not by the difference, so the reason of an agent tells more.
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
    """How many comparisons a metric takes: each agent, and all of them together."""
    return len(strands) + 1


def judge_metric(
    metric: str, strands: t.Sequence[Strand], span: Span, threshold: t.Mapping[str, float], level: float
) -> dict[str, t.Any]:
    """The entry of a metric in the evidence document. ``level``: the chance of a false alarm in each comparison."""
    row = JUDGED[metric]
    compare = (_Shares if row.kind is SHARE else _Times)(row, threshold, level)
    agents = [(strand, _judge([strand], span, compare)) for strand in strands]
    # In the order of the strands where they are alike.
    telling = sorted(
        (-abs(found.difference or 0.0), number)
        for number, (_strand, found) in enumerate(agents)
        if found.verdict in (DEGRADED, IMPROVED)
    )
    with_series = {number for _difference, number in telling[:_MOST_SERIES]}
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
        **_statistics(strands, span),
        "series": _series(strands, span, row.kind),
        "agents": [
            {
                "agent_id": strand.agent_id,
                "agent_name": strand.agent_name,
                "server": strand.server,
                **found.to_dict(),
                **_statistics([strand], span),
                "series": _series([strand], span, row.kind) if number in with_series else None,
            }
            for number, (strand, found) in enumerate(agents)
        ],
    }


def worst(verdicts: t.Iterable[str]) -> str:
    """The worst of several. That nothing was measured at all is no data, too."""
    found = set(verdicts)
    return next((verdict for verdict in (DEGRADED, NO_DATA, IMPROVED, OK) if verdict in found), NO_DATA)


def _combined(whole: _Comparison, agents: t.Sequence[tuple[Strand, _Comparison]]) -> tuple[str, str]:
    """An agent that is worse off does not drown in the others, nor does one that measured nothing."""
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
    pairs = [(_measured(strand.before), _measured(strand.after)) for strand in strands]
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
    (lost, due), (lost_after, due_after) = (_lost(strands, span, side) for side in ("before", "after"))
    if _tail(lost_after, due_after, _rate(lost, due, _PRIOR_COMMON)) <= compare.level:
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
        self._limits = [(max(least, _HEAVY), _PRIOR_RARE)]
        if not metric.binary:
            self._limits.append((least, _PRIOR_COMMON))

    def __call__(self, pairs: t.Sequence[_Pair]) -> _Comparison:
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
        if _tail(seen, seen, _rate(0, len(old) + len(new) - seen, _PRIOR_RARE)) > self.level:
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
            found.append(_tail(counts[1], len(bad), _rate(counts[0], len(good), prior)))
        # Twice, since it is asked in the direction in which the difference was found.
        return min(1.0, 2 * len(found) * min(found))


class _Times:
    """Compares durations, which have no upper end, and of which each agent has its own level."""

    def __init__(self, metric: Metric, threshold: t.Mapping[str, float], level: float) -> None:
        self._percent, self._ms = threshold["percent"], threshold["ms"]
        self.level = level

    def __call__(self, pairs: t.Sequence[_Pair]) -> _Comparison:
        was, is_now = (fmean(_centre(_values(pair[side])) for pair in pairs) for side in (0, 1))
        difference = is_now - was
        percent = difference / was * 100 if was > 0 else None
        p = _shift(pairs, self._ms)
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

    def _slow(self, pairs: t.Sequence[_Pair]) -> str | None:
        """What to say where many rounds are so slow as few were before, which a trimmed mean does not show."""
        counts = [0, 0]
        rounds = [0, 0]
        for pair in pairs:
            if len(pair[0]) >= _LEAST_FOR_SLOW:
                usual = quantile(sorted(_values(pair[0])), 95) or 0.0
                limit = max(_SLOW * usual, usual + self._ms, 1e-9)
                for side, points in enumerate(pair):
                    counts[side] += sum(value >= limit for _second, value in points)
                    rounds[side] += len(points)
        if _tail(counts[1], rounds[1], _rate(counts[0], rounds[0], _PRIOR_COMMON)) > self.level:
            return None
        return (
            f"{counts[1]} of {rounds[1]} measurements took more than twice the 95th percentile before, and "
            f"{counts[0]} of {rounds[0]} before."
        )


def doubtful(entry: t.Mapping[str, t.Any]) -> list[str]:
    """Where a metric is worse by its threshold and still ok, since that may be chance. Of an entry of the document."""
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


def _shift(pairs: t.Sequence[_Pair], floor: float) -> float | None:
    """The chance of a shift as large by noise, in any direction; None where the noise cannot be told.

    Yuen's t test, stratified by agent. Of logarithms, since noise grows with the level; ``floor`` milliseconds are
    added to the values, so that the noise of very short times does not count. What the agents have in common, and what
    a round has in common with the one before, makes the noise larger than that of independent values.
    """
    shift = variance = squares = 0.0
    freedom = 0
    rounds: tuple[dict[int, list[float]], ...] = ({}, {})
    for pair in pairs:
        for points, common, sign in zip(pair, rounds, (-1, 1)):
            logs = [math.log(max(value, 0.0) + max(floor, 0.1)) for _second, value in points]
            cut = _cut(len(logs))
            kept = sorted(logs)[cut : len(logs) - cut]
            winsorized = [min(max(value, kept[0]), kept[-1]) for value in logs]
            middle = fmean(winsorized)
            shift += sign * fmean(kept) / len(pairs)
            variance += 1 / len(kept) / len(pairs) ** 2
            squares += sum((value - middle) ** 2 for value in winsorized)
            freedom += len(kept) - 1
            for (second, _value), value in zip(points, winsorized):
                common.setdefault(second, []).append(value - middle)
    if freedom < _LEAST_FREEDOM:
        return None
    error = squares / freedom * variance
    series = [[fmean(common[second]) for second in sorted(common)] for common in rounds]
    kept_rounds = [len(values) - 2 * _cut(len(values)) for values in series]
    squares = sum(value**2 for values in series for value in values)
    if sum(kept_rounds) - 2 >= _LEAST_FREEDOM:
        freedom = min(freedom, sum(kept_rounds) - 2)
        error = max(error, squares / (sum(kept_rounds) - 2) * sum(1 / count for count in kept_rounds))
    if error == 0:
        return 0.0 if shift else 1.0
    neighbours = sum(one * next_one for values in series for one, next_one in zip(values, values[1:]))
    correlation = min(max(neighbours / squares, 0.0), 0.9) if squares else 0.0
    error *= (1 + correlation) / (1 - correlation)
    return 2 * _student_tail(abs(shift) / math.sqrt(error), freedom)


def _cut(count: int) -> int:
    """How many are left out at each end."""
    return count // 5


def _centre(values: t.Sequence[float]) -> float:
    cut = _cut(len(values))
    return fmean(sorted(values)[cut : len(values) - cut])


def _student_tail(value: float, freedom: int) -> float:
    """The chance that Student's t is larger. Abramowitz and Stegun 26.7.3 and 26.7.4."""
    if freedom > 200:
        # Wallace's approximation by the normal distribution.
        deviate = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(value**2 / freedom))
        return math.erfc(deviate / math.sqrt(2)) / 2
    angle = math.atan2(value, math.sqrt(freedom))
    cosine2 = math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for step in range(1 + odd, freedom, 2):
        total += term
        term *= cosine2 * step / (step + 1)
    total *= math.sin(angle)
    inside = 2 / math.pi * (angle + total) if odd else total
    return max((1 - inside) / 2, 0.0)


def _rate(bad: int, rounds: int, prior: float) -> float:
    return max((bad + prior) / (rounds + _PRIOR_ROUNDS), bad / rounds if rounds else 0.0)


def _tail(count: int, rounds: int, rate: float) -> float:
    """The chance of ``count`` or more of ``rounds`` where each has the chance ``rate``. 1 for fewer than expected."""
    if count <= rounds * rate or rate >= 1:
        return 1.0
    log_term = (
        math.lgamma(rounds + 1)
        - math.lgamma(count + 1)
        - math.lgamma(rounds - count + 1)
        + count * math.log(rate)
        + (rounds - count) * math.log1p(-rate)
    )
    term = total = math.exp(log_term)
    for more in range(count + 1, rounds + 1):
        term *= (rounds - more + 1) / more * rate / (1 - rate)
        total += term
        if term < total * 1e-12:
            break
    return min(total, 1.0)


def _lost(strands: t.Sequence[Strand], span: Span, side: str) -> tuple[int, int]:
    """How many measurements of a window are missing, and how many were due."""
    series = [getattr(strand, side) for strand in strands]
    due = _due(series, getattr(span, side), span.interval)
    return due - sum(len(_values(points)) for points in series), due


def _due(series: t.Sequence[Points], length: int, interval: int | None) -> int:
    return sum(max(length // interval if interval else 0, len(points)) for points in series)


def _measured(points: Points) -> list[tuple[int, float]]:
    return [(second, value) for second, value in points if value is not None]


def _values(points: Points) -> list[float]:
    return [value for _second, value in points if value is not None]


def _statistics(strands: t.Sequence[Strand], span: Span) -> dict[str, t.Any]:
    return {
        side: _describe([getattr(strand, side) for strand in strands], getattr(span, side), span.interval)
        for side in ("before", "after")
    }


def _describe(series: t.Sequence[Points], length: int, interval: int | None) -> dict[str, t.Any]:
    values = sorted(value for points in series for value in _values(points))
    return {
        "count": len(values),
        "missing": _due(series, length, interval) - len(values),
        "mean": fmean(values) if values else None,
        "median": quantile(values, 50),
        "p5": quantile(values, 5),
        "q1": quantile(values, 25),
        "q3": quantile(values, 75),
        "p95": quantile(values, 95),
        "min": values[0] if values else None,
        "max": values[-1] if values else None,
    }


def _series(strands: t.Sequence[Strand], span: Span, kind: Kind) -> dict[str, list[list[float | None]]]:
    return {
        side: _binned([getattr(strand, side) for strand in strands], getattr(span, side), span.interval, kind)
        for side in ("before", "after")
    }


def _binned(series: t.Sequence[Points], length: int, interval: int | None, kind: Kind) -> list[list[float | None]]:
    """Minutes since the start of the window, and the mean of what was measured from then on, None for a gap.

    Times are taken relative to the median of their agent, or a gap of a distant agent would look like an improvement.
    """
    width = max(interval or 0, math.ceil(length / _MOST_POINTS))
    levels = [median(values) if kind is TIME and (values := _values(points)) else 0.0 for points in series]
    measured = [level for level, points in zip(levels, series) if _values(points)]
    level = fmean(measured) if measured else 0.0
    bins: list[list[float]] = [[] for _start in range(0, length, width)]
    for own, points in zip(levels, series):
        for second, value in points:
            if value is not None:
                bins[second // width].append(value - own + level)
    return [[number * width / 60, fmean(values) if values else None] for number, values in enumerate(bins)]


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _rounds(before: int, after: int) -> str:
    return f"Only {before} measured before and {after} after"
