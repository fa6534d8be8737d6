# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Snapshots of what is degraded, while it is. A snapshot task makes them, which keeps the promise of one POST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from ...module_utils._core.connection import Connection
from ...module_utils._core.errors import ThousandEyesError
from ...module_utils._core.names import check_id, check_text
from ...module_utils._core.windows import HOURS, Window, iso
from ...module_utils._tasks import snapshot
from ...module_utils._tasks.context import Context
from ...module_utils._tasks.open_ledger import ledger_of
from .._change.change import FROZEN, Change
from .watched import Watched

# Seconds after which no more is begun.
_LONGEST = 60
# What may be so of one snapshot, and not of the next.
_OF_ONE = ("invalid_request", "forbidden", "not_found", "outcome_unknown")


class Frozen(NamedTuple):
    """``not_frozen``: the tests without a snapshot, with why. ``facts``: those of the last snapshot task."""

    snapshots: list[dict[str, Any]]
    not_frozen: list[dict[str, Any]]
    facts: dict[str, Any]
    changed: bool


class Freezing:
    """What snapshots of this change are like."""

    def __init__(self, params: Mapping[str, Any], change: Change) -> None:
        """:raises InvalidRequest: an option breaks a rule."""
        defaults = {name: option.get("default") for name, option in snapshot.SPEC.items()}
        given = {name: params[name] for name in snapshot.SPEC if name in params and name != "tests"}
        self._change = change
        self._title = check_text(f"{change.change_id} {FROZEN}", "change_id")
        self._params = {**defaults, **given, "display_name": self._title, "quota_wait": 0, "window_wait": _LONGEST}
        self._host = Connection.from_params(params).host
        self._aid = check_id(params["aid"], "aid") if params["aid"] is not None else None
        snapshot.policy_of(self._params, Connection.from_params(params))

    def freeze(self, tests: Sequence[Watched], at: int, context: Context) -> Frozen:
        """Snapshots of as many of these as can be within a minute, in their order. ``at``: the look that called them.

        What fails is a warning.
        """
        result = Frozen([], [], {}, False)
        try:
            known = self._known(context) if tests else {}
        except ThousandEyesError as error:
            context.warn(f"No snapshots of what is degraded: {error.message}")
            return result._replace(not_frozen=[_not_frozen(test, error.message) for test in tests])
        until = context.clock.now() + _LONGEST
        stopped: dict[str, Any] | None = None
        for test in tests:
            if stopped is None and context.clock.now() > until:
                stopped = {"message": "It took longer than a minute.", "retry_at": None}
            if stopped is not None:
                result.not_frozen.append(_not_frozen(test, **_why(stopped)))
                continue
            one = self._one(test, known.get(test.test["test_id"]) or self._window(test, at, context), context)
            facts = {**result.facts, **one.get("ansible_facts", {})}
            result = result._replace(facts=facts, changed=result.changed or one["changed"])
            context = _with_facts(context, facts)
            if "snapshot" in one:
                result.snapshots.append(one["snapshot"])
            if one.get("failed"):
                failure = one["failure"]
                context.warn(f"No snapshot of {test.name}, which is degraded: {failure['message']}")
                if "snapshot" not in one:
                    result.not_frozen.append(_not_frozen(test, **_why(failure)))
                stopped = None if failure["code"] in _OF_ONE else failure
        return result

    def _one(self, test: Watched, window: Window, context: Context) -> dict[str, Any]:
        """The result of a snapshot task."""
        params = {**self._params, "test_id": test.test["test_id"], "from": iso(window.start), "to": iso(window.end)}
        try:
            return snapshot.run(params, context)
        except ThousandEyesError as error:
            return error.result()

    def _known(self, context: Context) -> dict[str, Window]:
        """By test, the windows of snapshots of this title that were asked for since the change.

        :raises ThousandEyesError: the ledger does not tell.
        """
        since = self._change.end
        organizations = {self._host: self._params["organization"] or self._host}
        with closing(ledger_of(self._params["ledger"], context, organizations)) as ledger:
            asked = [entry.request for entry in ledger.history() if not entry.superseded]
        return {
            request.test_id: request.window
            for request in asked
            if (request.api_host, request.aid, request.display_name) == (self._host, self._aid, self._title)
            and request.window.end > since
            and not request.is_public
        }

    def _window(self, test: Watched, at: int, context: Context) -> Window:
        """The smallest that the API takes that has all of the change, and ends with the last round of the look.

        Where our clock is behind, it ends with the last round that is over by that: no other can be asked for.
        """
        latest = min(at, int(context.clock.now()) + _LONGEST)
        end = datetime.fromtimestamp(latest - latest % test.interval, timezone.utc)
        hours = next((count for count in HOURS if end - timedelta(hours=count) <= self._change.start), HOURS[-1])
        return Window(end - timedelta(hours=hours), end)


def _why(failure: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": failure["message"], "retry_at": failure["retry_at"]}


def _not_frozen(test: Watched, reason: str, retry_at: str | None = None) -> dict[str, Any]:
    return {
        "test_id": test.test["test_id"],
        "test_name": test.test["test_name"],
        "reason": reason,
        "retry_at": retry_at,
    }


def _with_facts(context: Context, facts: Mapping[str, Any]) -> Context:
    """For the next snapshot task, which must know what this one made."""
    earlier = facts.get("thousandeyes_snapshots", context.earlier)
    return context._replace(earlier=earlier, kept=facts.get("thousandeyes_ledger", context.kept))
