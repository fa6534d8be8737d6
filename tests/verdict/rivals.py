# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else could judge the same draws: the mean, Kayenta's published rule, Welch, Mann and Whitney, limits alone.

Each says whether a test got worse, over all agents and at each, in any metric, as the judge of the collection does.
"""

from __future__ import annotations

import typing as t
import warnings

import numpy as np
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import JUDGED, SHARE, THRESHOLDS
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import LEVEL
from scipy import stats

from verdict.series import Made

Numbers = t.Any


def rivals(test: Made) -> dict[str, bool]:
    """For each rival whether it calls the test worse."""
    found = dict.fromkeys(RIVALS, False)
    before, after = (test.rounds_in(span) for span in (test.before, test.after))
    total = sum(len(rows) + 1 for metrics in test.values.values() for rows in metrics.values())
    with warnings.catch_warnings():
        # SciPy warns that it cannot say much about values that are all alike.
        warnings.simplefilter("ignore")
        for metrics in test.values.values():
            for name, rows in metrics.items():
                pairs = [(row[before], row[after]) for row in rows]
                pairs.append((rows[:, before].ravel(), rows[:, after].ravel()))
                for old, new in pairs:
                    old, new = old[~np.isnan(old)], new[~np.isnan(new)]
                    if len(old) > 1 and len(new) > 1:
                        for rival, rule in RIVALS.items():
                            found[rival] = found[rival] or rule(name, old, new, LEVEL / total)
    return found


def _worse(name: str) -> int:
    return JUDGED[name].worse


def _mean(name: str, old: Numbers, new: Numbers, level: float) -> bool:
    """The mean is worse by 15 %; of shares, by 15 % of what was lost or failed, or by anything where nothing was."""
    was, is_now = old.mean(), new.mean()
    if _worse(name) < 0:
        was, is_now = 100 - was, 100 - is_now
    return bool(is_now > was * 1.15 and is_now > was)


def _kayenta(name: str, old: Numbers, new: Numbers, level: float) -> bool:
    """All of the 98 % interval of the shift, by Mann and Whitney, is above a quarter of its estimate."""
    if _worse(name) < 0:
        old, new = 100 - old, 100 - new
    if old.min() == old.max() and new.min() == new.max() and old[0] == new[0]:
        return False
    shifts = np.sort(np.subtract.outer(new, old).ravel())
    count = len(old) * len(new)
    deviation = np.sqrt(count * (len(old) + len(new) + 1) / 12)
    low = int(np.floor(count / 2 - stats.norm.ppf(0.99) * deviation))
    bound = shifts[max(low, 0)]
    return bool(bound > 0.25 * abs(np.median(shifts)) and bound > 0)


def _welch(name: str, old: Numbers, new: Numbers, level: float) -> bool:
    side = "greater" if _worse(name) > 0 else "less"
    return bool(stats.ttest_ind(new, old, equal_var=False, alternative=side).pvalue < 0.01)


def _mann_whitney(name: str, old: Numbers, new: Numbers, level: float) -> bool:
    side = "greater" if _worse(name) > 0 else "less"
    return _limits(name, old, new, level) and bool(stats.mannwhitneyu(new, old, alternative=side).pvalue < level)


def _limits(name: str, old: Numbers, new: Numbers, level: float) -> bool:
    """The means differ by our thresholds."""
    worse = (new.mean() - old.mean()) * _worse(name)
    if JUDGED[name].kind is SHARE:
        return bool(worse >= THRESHOLDS[f"{name}_points"])
    return bool(worse >= THRESHOLDS[f"{name}_ms"] and worse >= old.mean() * THRESHOLDS[f"{name}_percent"] / 100)


RIVALS: dict[str, t.Callable[[str, Numbers, Numbers, float], bool]] = {
    "mean +15 %": _mean,
    "Kayenta": _kayenta,
    "Welch .01": _welch,
    "Mann-Whitney": _mann_whitney,
    "thresholds": _limits,
}
