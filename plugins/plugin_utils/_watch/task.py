# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(change_watch) task does: options in, result out. It looks while rounds end, and freezes what is degraded."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...module_utils._api.client import Api, open_api
from ...module_utils._api.pace import HalfPace
from ...module_utils._core.clock import NEWS_EVERY
from ...module_utils._core.connection import Connection
from ...module_utils._core.errors import InvalidRequest, ThousandEyesError
from ...module_utils._core.windows import iso_of_epoch
from ...module_utils._options import ACCOUNT_GROUP, CONNECTION, LEDGER, QUOTA
from ...module_utils._tasks.connected import connected
from ...module_utils._tasks.context import Context
from .._change.change import Change
from .._change.judging import Judging
from .._change.options import CHANGE, JUDGING
from .._change.tests import tests_of
from .._verdict.early import WATCHING
from .._verdict.verdicts import DEGRADED, worst
from .freezing import Freezing, Frozen
from .looking import Reached, Watch
from .watched import Watched

SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    **CHANGE,
    **JUDGING,
    "dir": {"type": "path"},
    "watch_minutes": {"type": "int", "default": 120},
    "freeze": {"type": "bool", "default": True},
    **LEDGER,
    **QUOTA,
}

_MOST_MINUTES = 7 * 24 * 60


class _Asked(NamedTuple):
    """The options, checked. ``freezing``: None if nothing is to be frozen."""

    change: Change
    tests: Sequence[Watched]
    freezing: Freezing | None
    minutes: int

    @classmethod
    def from_params(cls, params: Mapping[str, Any], context: Context) -> _Asked:
        """:raises InvalidRequest: an option breaks a rule."""
        minutes = params["watch_minutes"]
        if not 0 <= minutes <= _MOST_MINUTES:
            raise InvalidRequest(f"watch_minutes: {minutes} is not in 0 to {_MOST_MINUTES}.")
        # The window after it is yet to come.
        change = Change.from_params(params, math.inf)
        reports = None if params["dir"] is None else Path(os.path.abspath(params["dir"]))
        judging = Judging.from_params(params, change.compared, reports)
        tests = [Watched(test, change, judging, params["layers"], context.warn) for test in tests_of(params["tests"])]
        return cls(change, tests, Freezing(params, change) if params["freeze"] else None, minutes)


def run(params: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """:raises ThousandEyesError: it could not watch, or not go on."""
    asked = _Asked.from_params(params, context)
    pace = HalfPace()
    until = context.clock.now() + asked.minutes * 60
    connection = Connection.from_params(params)

    tell = _calmly(context)

    def open_session() -> Api:
        return open_api(connection, context.clock, tell=tell, pace=pace)

    with connected(params, context, pace) as (api, aid):
        watch = Watch(asked.tests, api, open_session, aid, pace, context, until)
        try:
            reached = watch.run()
        except ThousandEyesError as error:
            error.add(
                "No snapshot was taken. Repeat the task once that is mended: it makes up the looks that are past."
            )
            raise
    frozen = _frozen(asked, watch, reached, context)
    told = _told(asked, watch, reached, frozen, context.check_mode)
    return {
        "changed": frozen.changed,
        "watch": told,
        "ansible_facts": {**frozen.facts, "thousandeyes_watch": told},
    }


def _calmly(context: Context) -> Callable[[str], None]:
    """Tells people no more than once a minute, since all sessions wait for the same."""
    told_at = -math.inf

    def tell(text: str) -> None:
        nonlocal told_at
        now = context.clock.now()
        if now >= told_at + NEWS_EVERY:
            told_at = now
            context.tell(text)

    return tell


def _frozen(asked: _Asked, watch: Watch, reached: Reached, context: Context) -> Frozen:
    if asked.freezing is None or reached.at is None or context.check_mode:
        return Frozen([], [], {}, False)
    return asked.freezing.freeze(watch.degraded, reached.at, context)


def _told(asked: _Asked, watch: Watch, reached: Reached, frozen: Frozen, check_mode: bool) -> dict[str, Any]:
    told = {
        "change_id": asked.change.change_id,
        "verdict": _verdict(watch, reached),
        "finished": reached.finished,
        "look": reached.number,
        "looks": len(watch.looks),
        "at": None if reached.at is None else iso_of_epoch(reached.at),
        "tests": [test.to_dict() for test in asked.tests],
        "frozen": frozen.snapshots,
        "not_frozen": frozen.not_frozen,
        "retry_at": None if reached.next_at is None else iso_of_epoch(reached.next_at),
    }
    if check_mode:
        told["plan"] = [iso_of_epoch(at) for at in watch.looks]
        told["requests"] = watch.requests_in_all
    return told


def _verdict(watch: Watch, reached: Reached) -> str:
    verdicts = [test.standing.verdict for test in watch.tests if test.left_out is None]
    if DEGRADED in verdicts:
        return DEGRADED
    return worst(verdicts) if reached.finished else WATCHING
