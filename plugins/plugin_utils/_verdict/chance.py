# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How likely it is that noise and chance alone make a difference."""

from __future__ import annotations

import math
import typing as t
from functools import lru_cache
from statistics import fmean

from .series import Measured

# Since bad rounds happen, so many of 100 are added to those seen. Rounds that fail or lose a lot are rare; rounds that
# lose a packet or two, are slow or are missing, are not.
_PRIOR_ROUNDS = 100
PRIOR_RARE, PRIOR_COMMON = 0.25, 5.0
# Fewer degrees of freedom say next to nothing about the noise.
_LEAST_FREEDOM = 4

# What one agent measured before and after.
Pair = t.Tuple[Measured, Measured]


def trimmed_mean(values: t.Sequence[float]) -> float:
    """The mean without the highest and the lowest fifth."""
    cut = _cut(len(values))
    return fmean(sorted(values)[cut : len(values) - cut])


def typical(values: t.Sequence[float]) -> float:
    """The same; of three or four, which a fifth leaves whole, the mean of the middle: one outlier is not typical."""
    return trimmed_mean(values) if not 2 < len(values) < 5 else fmean(sorted(values)[1:-1])


def _cut(count: int) -> int:
    """How many values are left out at each end."""
    return count // 5


class Shift(t.NamedTuple):
    """How far values shifted, as the difference of their mean logarithms, and how far noise alone shifts them.

    ``error``: the variance of that. ``freedom``: how well it is known.
    """

    size: float
    error: float
    freedom: int

    @property
    def p(self) -> float:
        """The chance that noise alone shifts values as much, in any direction."""
        if self.error == 0:
            return 0.0 if self.size else 1.0
        return 2 * student_tail(abs(self.size) / math.sqrt(self.error), self.freedom)

    def least(self, level: float) -> float:
        """The smallest shift that would have a chance of ``level`` at most."""
        return math.sqrt(self.error) * student_quantile(level / 2, self.freedom)


def log_of(value: float, floor: float) -> float:
    """Noise grows with the level of times, but for that of very short ones: it is below ``floor`` milliseconds."""
    return math.log(max(value, 0.0) + max(floor, 0.1))


def shift_chance(pairs: t.Sequence[Pair], floor: float) -> float | None:
    """The chance that noise alone shifts values as much, in any direction; None if too few show the noise."""
    found = shift_of(pairs, floor)
    return None if found is None else found.p


def shift_of(pairs: t.Sequence[Pair], floor: float, width: int = 1) -> Shift | None:
    """The shift over all pairs; None if too few values show the noise. ``width``: from round to round, in seconds.

    This is Yuen's t test, stratified by agent. It compares logarithms, since noise grows with the level, and adds
    ``floor`` milliseconds to the values, so that the noise of very short times does not count. What agents have in
    common, and what a round has in common with the one before, makes the noise larger than that of independent values.
    """
    shift = variance = squares = 0.0
    freedom = 0
    rounds: tuple[dict[int, list[float]], ...] = ({}, {})
    for pair in pairs:
        for points, common, sign in zip(pair, rounds, (-1, 1)):
            logs = [log_of(value, floor) for _second, value in points]
            cut = _cut(len(logs))
            kept = sorted(logs)[cut : len(logs) - cut]
            winsorized = [min(max(value, kept[0]), kept[-1]) for value in logs]
            middle = fmean(winsorized)
            shift += sign * fmean(kept) / len(pairs)
            variance += 1 / len(kept) / len(pairs) ** 2
            squares += sum((value - middle) ** 2 for value in winsorized)
            freedom += len(kept) - 1
            for (second, _value), value in zip(points, winsorized):
                common.setdefault(second // width, []).append(value - middle)
    if freedom < _LEAST_FREEDOM:
        return None
    error = squares / freedom * variance
    series = [[fmean(common[number]) for number in sorted(common)] for common in rounds]
    kept_rounds = [len(values) - 2 * _cut(len(values)) for values in series]
    squares = sum(value**2 for values in series for value in values)
    if sum(kept_rounds) - 2 >= _LEAST_FREEDOM:
        freedom = min(freedom, sum(kept_rounds) - 2)
        error = max(error, squares / (sum(kept_rounds) - 2) * sum(1 / count for count in kept_rounds))
    correlation = correlation_of(series)
    return Shift(shift, error * (1 + correlation) / (1 - correlation), freedom)


def correlation_of(series: t.Sequence[t.Sequence[float]]) -> float:
    """How much a value has in common with the one before it, 0 to 0.9. The values are deviations from their mean."""
    squares = sum(value**2 for values in series for value in values)
    neighbours = sum(one * next_one for values in series for one, next_one in zip(values, values[1:]))
    return min(max(neighbours / squares, 0.0), 0.9) if squares else 0.0


@lru_cache(maxsize=4096)
def student_quantile(chance: float, freedom: int) -> float:
    """The value that Student's t is larger than with this chance."""
    low, high = 0.0, 1.0
    while student_tail(high, freedom) > chance:
        low, high = high, high * 2
    for _step in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if student_tail(middle, freedom) > chance else (low, middle)
    return high


def student_tail(value: float, freedom: int) -> float:
    """The chance that Student's t is larger, by Abramowitz and Stegun 26.7.3 and 26.7.4."""
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


def expected_rate(bad: int, rounds: int, prior: float) -> float:
    """The share of bad rounds to expect where ``bad`` of ``rounds`` were seen. ``prior``: how many of 100 are usual."""
    return max((bad + prior) / (rounds + _PRIOR_ROUNDS), bad / rounds if rounds else 0.0)


def binomial_tail(count: int, rounds: int, rate: float) -> float:
    """The chance of ``count`` or more out of ``rounds``, each with the chance ``rate``. 1 for fewer than expected."""
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
