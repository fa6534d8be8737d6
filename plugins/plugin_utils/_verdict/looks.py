# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""One look at a difference: how large it is, and how likely noise or chance alone makes it."""

from __future__ import annotations

import math
import typing as t
from bisect import bisect_left, bisect_right
from functools import lru_cache
from statistics import fmean, median

from ...module_utils._core.measurements import quantile
from ...module_utils._core.metrics import SHARE, Metric
from .chance import (
    PRIOR_COMMON,
    PRIOR_RARE,
    Pair,
    binomial_tail,
    correlation_of,
    expected_rate,
    log_of,
    shift_of,
    student_tail,
    typical,
)
from .series import Measured, values_of

# From so many points on, a round is so bad that it is rare.
_HEAVY = 10.0
# Fewer rounds before do not show how slow a slow one usually is.
_LEAST_FOR_SLOW = 10
# Slow is so many times what is usual for a slow one.
_SLOW = 2
# It was rising before if noise makes as much less often than this.
_RISING = 0.01
# Fewer rounds before are not worth to count those that are slower.
_LEAST_TO_COUNT = 5
# So many of 100 rounds are above the 95th percentile of the few before, and above the thresholds, at least.
_PRIOR_ABOVE = 10.0


class Look(t.NamedTuple):
    """``worse``: by how much in the direction that is worse. ``large``: it reaches the thresholds.

    ``p``: the chance of a difference like this one in any direction, so twice that of one in its own; None: too few
    rounds. ``p_others``: the chance by other ways to count,
    where it is worse. ``mostly``: the difference of medians reaches the thresholds.
    """

    before: float
    after: float
    difference: float
    percent: float | None
    worse: float
    large: bool
    p: float | None
    p_others: float | None = None
    mostly: bool = False

    @property
    def least_p(self) -> float:
        """The chance by all ways to look."""
        return min((p for p in (self.p if self.large else None, self.p_others) if p is not None), default=1.0)


class Slow(t.NamedTuple):
    """How many rounds were slow: of how many, before and after, and the chance of that."""

    before: int
    of_before: int
    after: int
    of_after: int
    p: float


class Shares:
    """Compares percentages of which most are 0 or 100."""

    def __init__(self, metric: Metric, threshold: t.Mapping[str, float], width: int) -> None:
        self.metric = metric
        self.threshold = threshold
        self._points = threshold["points"]
        self._worse = metric.worse
        least = max(self._points, 1e-9)
        self._limits = [(max(least, _HEAVY), PRIOR_RARE)]
        if not metric.binary:
            self._limits.append((least, PRIOR_COMMON))

    def __call__(self, pairs: t.Sequence[Pair], lately: bool = False) -> Look:
        old, new = ([value for pair in pairs for _second, value in pair[side]] for side in (0, 1))
        was, is_now = fmean(old), fmean(new)
        difference = is_now - was
        worse = difference * self._worse
        p = self._chance(old, new, was) if worse >= 0 else self._chance(new, old, is_now)
        large = bool(difference) and abs(worse) >= self._points
        return Look(was, is_now, difference, None, worse, large, p, None, large)

    def enough(self, pairs: t.Sequence[Pair], look: Look, level: float) -> bool:
        """Whether a difference could count at all, with so few rounds."""
        old, new = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
        seen, other = (new, old) if look.worse >= 0 else (old, new)
        return binomial_tail(seen, seen, expected_rate(0, other, PRIOR_RARE)) <= level

    def smallest(self, pairs: t.Sequence[Pair], look: Look, level: float) -> dict[str, float | None] | None:
        """The smallest change of all rounds of the window that would count; None if none would."""
        old, new = ([value for pair in pairs for _second, value in pair[side]] for side in (0, 1))
        usual = look.before * self._worse
        points = []
        for limit, prior in self._limits:
            bad = sum(value * self._worse >= usual + limit for value in old)
            count = _least_count(bad, len(old), len(new), prior, level / 2 / len(self._limits))
            if count is not None:
                # For what is 0 or 100, the count is the change; for other shares, each round can be worse by the limit.
                points.append(count / len(new) * 100 if self.metric.binary else limit)
        return {"difference": max(min(points), self._points), "difference_percent": None} if points else None

    def size(self, pairs: t.Sequence[Pair]) -> float:
        """What the guard compares: the difference of the mean shares, over agents."""
        sizes = [self.centre(values_of(new)) - self.centre(values_of(old)) for old, new in pairs]
        return fmean(sizes)

    def slow(self, pairs: t.Sequence[Pair]) -> Slow | None:
        return None

    def rising(self, pairs: t.Sequence[Pair]) -> bool:
        return False

    def scale(self, points: Measured) -> Measured:
        return points

    @staticmethod
    def centre(values: t.Sequence[float]) -> float:
        return fmean(values)

    def _chance(self, good: t.Sequence[float], bad: t.Sequence[float], mean: float) -> float:
        """The chance of so many bad rounds in ``bad``, if it were as good as ``good``."""
        usual = mean * self._worse
        found = []
        for points, prior in self._limits:
            counts = [sum(value * self._worse >= usual + points for value in values) for values in (good, bad)]
            found.append(binomial_tail(counts[1], len(bad), expected_rate(counts[0], len(good), prior)))
        # Twice, since the direction is the one in which the difference was found.
        return min(1.0, 2 * len(found) * min(found))


class Times:
    """Compares durations, which have no upper end, and of which each agent has its own level."""

    def __init__(self, metric: Metric, threshold: t.Mapping[str, float], width: int) -> None:
        self.metric = metric
        self.threshold = threshold
        self._percent, self._ms = threshold["percent"], threshold["ms"]
        self._width = width

    def __call__(self, pairs: t.Sequence[Pair], lately: bool = False) -> Look:
        """``lately``: only if the difference is large, its chance is worth to know."""
        was, is_now = (fmean(typical(values_of(pair[side])) for pair in pairs) for side in (0, 1))
        difference = is_now - was
        percent = difference / was * 100 if was > 0 else None
        large = self._reaches(was, is_now)
        # Where the level comes and goes, most rounds may be slower, and the mean hardly shows it.
        mostly = large or self._reaches(*(fmean(median(values_of(pair[side])) for pair in pairs) for side in (0, 1)))
        if lately and not mostly:
            return Look(was, is_now, difference, percent, difference, False, 1.0)
        shift = shift_of(pairs, self._ms, self._width)
        p = None if shift is None else shift.p
        others = self._otherwise(pairs) if mostly and difference > 0 else None
        return Look(was, is_now, difference, percent, difference, large, p, others, mostly)

    def _reaches(self, was: float, is_now: float) -> bool:
        """Whether a difference reaches both thresholds."""
        size = abs(is_now - was)
        return bool(size) and size >= self._ms and (was <= 0 or size / was * 100 >= self._percent)

    def enough(self, pairs: t.Sequence[Pair], look: Look, level: float) -> bool:
        return look.p is not None

    def smallest(self, pairs: t.Sequence[Pair], look: Look, level: float) -> dict[str, float | None] | None:
        """The smallest change of all rounds of the window that would count; None if none would."""
        shift = shift_of(pairs, self._ms, self._width)
        if shift is None:
            return None
        floor = max(self._ms, 0.1)
        more = max(math.expm1(min(shift.least(level / 2), 50.0)) * (look.before + floor), self._ms)
        if look.before <= 0:
            return {"difference": more, "difference_percent": None}
        more = max(more, look.before * self._percent / 100)
        return {"difference": more, "difference_percent": more / look.before * 100}

    def size(self, pairs: t.Sequence[Pair]) -> float:
        """What the guard compares: the difference of the trimmed means of the logarithms, over agents."""
        logs = [[[log_of(value, self._ms) for _second, value in points] for points in pair] for pair in pairs]
        return fmean(typical(new) - typical(old) for old, new in logs)

    def scale(self, points: Measured) -> Measured:
        return [(second, log_of(value, self._ms)) for second, value in points]

    @staticmethod
    def centre(values: t.Sequence[float]) -> float:
        return typical(values)

    def rising(self, pairs: t.Sequence[Pair]) -> bool:
        """Whether it got slower within the window before the change, too, by a line through the logarithms."""
        freedom = -1
        across = square = up = 0.0
        for old, _new in pairs:
            seconds = [float(second) for second, _value in old]
            logs = [log_of(value, self._ms) for _second, value in old]
            middle, level = fmean(seconds), fmean(logs)
            across += sum((second - middle) * (log - level) for second, log in zip(seconds, logs))
            square += sum((second - middle) ** 2 for second in seconds)
            up += sum((log - level) ** 2 for log in logs)
            freedom += len(old) - 1
        rest = up - across * across / square if square else 0.0
        if freedom < 1 or across <= 0 or rest <= 0:
            return False
        return student_tail(across / math.sqrt(square * rest / freedom), freedom) <= _RISING

    def _otherwise(self, pairs: t.Sequence[Pair]) -> float | None:
        """The chance that so many rounds are slower than those before, however much, as far as these show it.

        A level that comes and goes within the window makes noise large, and a mean says little then. What a round has
        in common with the one before it is taken from the window before, since a change makes it large in the other.
        """
        pairs = [pair for pair in pairs if len(pair[0]) >= _LEAST_TO_COUNT]
        if not pairs:
            return None
        deviations = []
        for old, _new in pairs:
            values = values_of(old)
            middle = fmean(values)
            deviations.append([value - middle for value in values])
        common = correlation_of(deviations)
        # Twice for two ways, and twice for two directions.
        news = (1 - common) / (1 + common)
        return min(1.0, 4 * min(_by_ranks(pairs, news), self._above(pairs, news)))

    def _above(self, pairs: t.Sequence[Pair], news: float) -> float:
        """By how many are slower than nearly all before, and by the thresholds."""
        counts, rounds = [0, 0], [0, 0]
        for old, new in pairs:
            values = values_of(old)
            centre = typical(values)
            usual = quantile(sorted(values), 95) or 0.0
            limit = max(usual, centre + self._ms, centre * (1 + self._percent / 100))
            for side, points in enumerate((old, new)):
                counts[side] += sum(value > limit for _second, value in points)
                rounds[side] += len(points)
        rate = expected_rate(counts[0], rounds[0], _PRIOR_ABOVE)
        return binomial_tail(int(counts[1] * news), max(round(rounds[1] * news), 1), rate)

    def slow_limit(self, values: t.Sequence[float]) -> float:
        """From which on a round is slow, for who had ``values`` before."""
        usual = quantile(sorted(values), 95) or 0.0
        return max(_SLOW * usual, usual + self._ms, 1e-9)

    def slow(self, pairs: t.Sequence[Pair]) -> Slow | None:
        """Whether many rounds are as slow as few were before, which a trimmed mean does not show."""
        counts, rounds = [0, 0], [0, 0]
        for pair in pairs:
            if len(pair[0]) >= _LEAST_FOR_SLOW:
                limit = self.slow_limit(values_of(pair[0]))
                for side, points in enumerate(pair):
                    counts[side] += sum(value >= limit for _second, value in points)
                    rounds[side] += len(points)
        if not counts[1]:
            return None
        p = binomial_tail(counts[1], rounds[1], expected_rate(counts[0], rounds[0], PRIOR_COMMON))
        return Slow(counts[0], rounds[0], counts[1], rounds[1], p)


def _by_ranks(pairs: t.Sequence[Pair], news: float) -> float:
    """By the ranks of Mann and Whitney, which are those of each agent, so that they add up."""
    above = expected = variance = 0.0
    for old, new in pairs:
        values, others = sorted(values_of(old)), values_of(new)
        above += sum((bisect_left(values, value) + bisect_right(values, value)) / 2 for value in others)
        count = len(values) * len(others)
        expected += count / 2
        variance += count * (len(values) + len(others) + 1) / 12
    deviate = (above - expected - 0.5) / math.sqrt(variance / news)
    return math.erfc(deviate / math.sqrt(2)) / 2


def comparer(metric: Metric, threshold: t.Mapping[str, float], width: int) -> Shares | Times:
    return (Shares if metric.kind is SHARE else Times)(metric, threshold, width)


@lru_cache(maxsize=4096)
def _least_count(bad: int, of_old: int, of_new: int, prior: float, level: float) -> int | None:
    """How many bad rounds of the window after would be no chance."""
    rate = expected_rate(bad, of_old, prior)
    if binomial_tail(of_new, of_new, rate) > level:
        return None
    low, high = 0, of_new
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_tail(middle, of_new, rate) <= level else (middle, high)
    return high
