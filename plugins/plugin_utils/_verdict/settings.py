# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a user can set of the judge. The measured figures are for the defaults."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ...module_utils._core.metrics import THRESHOLDS

# About the chance that a test in which nothing changed is called degraded or improved, over all its comparisons.
LEVEL = 0.001


class LeaveOut(t.NamedTuple):
    """What is known to be noisy, and so has no say in the verdict: an agent, by name or id, or a metric, or both."""

    agent: str | None
    metric: str | None
    reason: str

    def fits(self, metric: str, names: t.Collection[str | None]) -> bool:
        return self.metric in (None, metric) and (self.agent is None or self.agent in names)


@dataclass(frozen=True)
class Settings:
    """``thresholds``: by the names of the options.

    ``outage_minutes``: failures for so long are an outage, if at ``outage_share`` of the agents; at one agent, if three
    times as long. ``settle_minutes``: what happens so soon after the change is told, and not judged.
    ``must_see_percent``, ``must_see_points``: a test that could not show a change of times, or of shares, as large as
    that is inconclusive.
    """

    thresholds: t.Mapping[str, float] = field(default_factory=lambda: dict(THRESHOLDS))
    outage_minutes: float = 5.0
    outage_share: float = 0.5
    settle_minutes: float = 5.0
    must_see_percent: float = 100.0
    must_see_points: float = 25.0
    leave_out: tuple[LeaveOut, ...] = ()

    def left_out(self, metric: str, names: t.Collection[str | None]) -> str | None:
        """Why an agent with these names, or with none the whole metric, has no say."""
        return next((row.reason for row in self.leave_out if row.fits(metric, names)), None)
