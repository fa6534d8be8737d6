# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measuring fairly: all contenders take turns, and medians are compared."""

from __future__ import annotations

import random
import statistics
import typing as t
from dataclasses import dataclass

SEED = 1
T = t.TypeVar("T")


@dataclass(frozen=True)
class Times:
    """What one contender took, in milliseconds."""

    values: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        """The median, and the quartiles around it."""
        # A single value has no quartiles.
        values = self.values if len(self.values) > 1 else self.values * 2
        first, _median, third = statistics.quantiles(values, n=4, method="inclusive")
        digits = 0 if self.median >= 100 else 2
        return f"{self.median:.{digits}f} ms ({first:.{digits}f} to {third:.{digits}f})"


def interleaved(contenders: t.Mapping[str, t.Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """What each contender returned in each round. In a round all run once, in an order that is the same in each run.

    One more round comes first and does not count: it warms the caches, that of bytecode among them.
    """
    order = random.Random(SEED)
    results: dict[str, list[T]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name in order.sample(list(contenders), len(contenders)):
            result = contenders[name]()
            if number:
                results[name].append(result)
    return results
