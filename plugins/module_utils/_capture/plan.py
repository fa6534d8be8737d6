# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether all creations of a task fit into the quota and into its patience, before the first one."""

from __future__ import annotations

import typing as t

from .._core.errors import QuotaExhausted, RateLimited, ThousandEyesError
from .._core.quota import Quota, Usage
from .._core.windows import iso_from
from .._ledger.interface import Full
from .policy import Policy

_NOTHING = "This task created nothing."


def check_plan(usage: Usage, policy: Policy, count: int, total: int, now: float, tell: t.Callable[[str], None]) -> None:
    """Shows people what is to come, where ``count`` of ``total`` snapshots are to be created, which is more than none.

    :raises QuotaExhausted: the last one would go out too late. It tells from when on they fit.
    :raises RateLimited: the API told to wait for longer.
    """
    quota, quota_wait = policy.quota, policy.quota_wait
    if usage.not_before - now > quota_wait:
        raise exhausted(Full(usage.not_before, told=True), quota, quota_wait, _NOTHING)
    plan = quota.plan(usage, count, now)
    done_at = iso_from(plan[-1])
    if plan[-1] - now > quota_wait:
        raise _too_many(usage, quota, count, total, quota_wait, now, done_at)
    if plan[-1] > now and total > 1:
        at_once = sum(at <= now for at in plan)
        creating = f"creating {count}" if count == total else f"creating {count} of {total}"
        # Beforehand, since newer ansible-cores end a task at Ctrl-C without a chance to say anything.
        stopped = (
            "" if policy.forgets else ". If this is stopped, run it again: what exists by then is not created again"
        )
        tell(f"{creating}: {at_once} now, the rest as the quota frees up, done about {done_at}{stopped}")


def _too_many(
    usage: Usage, quota: Quota, count: int, total: int, quota_wait: int, now: float, done_at: str
) -> QuotaExhausted:
    fits_from = quota.fits_from(usage, count, now, quota_wait)
    least = quota.plan(Usage(), count, now)[-1] - now
    advice = (
        f"Try again from {iso_from(fits_from)} on."
        if fits_from is not None
        else f"It needs a quota_wait of {least:.0f} seconds."
    )
    return QuotaExhausted(
        f"{count} of {total} snapshots must be created. The quota of {quota.organization}, {quota.limit} creations in "
        f"{quota.window} seconds, lets the last one through at {done_at}, and quota_wait is {quota_wait} seconds. "
        f"{_NOTHING} {advice}",
        retry_at=None if fits_from is None else iso_from(fits_from),
        details={"to_create": count, "needs_none": total - count, "done_at": done_at},
    )


def exhausted(full: Full, quota: Quota, quota_wait: int, nothing_made: str) -> ThousandEyesError:
    """The error for a quota that is used up for longer than the task may wait."""
    until = iso_from(full.until)
    rest = f"until {until}, and quota_wait is {quota_wait} seconds. {nothing_made} Try again then."
    if full.told:
        return RateLimited(
            f"The API answered 429: it accepts no new snapshots for {quota.organization} {rest}", retry_at=until
        )
    return QuotaExhausted(
        f"The quota of {quota.organization}, {quota.limit} creations in {quota.window} seconds, is used up {rest}",
        retry_at=until,
    )
