# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The tests of a report, with what was read of them and judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...module_utils._api.client import Api
from ...module_utils._core.clock import NEWS_EVERY
from ...module_utils._core.errors import ThousandEyesError
from ...module_utils._tasks.context import Context
from .._change.change import Change
from .._change.judging import Judging
from .._change.reading import read_layer, read_past
from .._change.tests import layers_of
from .._verdict.judge import wants_history
from .document import Row, judge_test, unjudged


def judged(
    tests: Sequence[Row],
    change: Change,
    judging: Judging,
    asked: Sequence[str] | None,
    api: Api,
    aid: str | None,
    context: Context,
) -> Iterator[Row]:
    """Each test with its verdict. An error of one test alone becomes its reason, and does not lose the others.

    :raises ThousandEyesError: an error that concerns more than one test.
    """
    told_at = context.clock.now()
    for number, test in enumerate(tests):
        if context.clock.now() >= told_at + NEWS_EVERY:
            told_at = context.clock.now()
            context.tell(f"{number} of {len(tests)} tests judged")
        layers, why = layers_of(test, asked)
        if not layers:
            yield unjudged(test, why, judging.left_out(test))
        else:
            try:
                yield _judged(test, layers, change, judging, api, aid)
            except ThousandEyesError as error:
                if error.spreads:
                    raise
                yield unjudged(test, error.message, judging.left_out(test))


def _judged(test: Row, layers: Sequence[str], change: Change, judging: Judging, api: Api, aid: str | None) -> Row:
    """The history is read only where something would be called worse.

    :raises ThousandEyesError: the windows, or the history, could not be read.
    """
    read = {layer: read_layer(api, test["test_id"], layer, change.compared, aid) for layer in layers}
    settings, left_out = judging.of(test), judging.left_out(test)
    span = change.span(test["interval"], settings.settle_minutes)
    row = judge_test(test, read, span, settings, None, left_out)
    worse = wants_history(row)
    if not worse or not change.compared.history(judging.reach):
        return row
    try:
        past = read_past(api, test["test_id"], worse, change.compared, aid, judging.reach)
    except ThousandEyesError as error:
        if error.spreads:
            raise
        row["warnings"].append(f"The history could not be read, so that the verdict is without it: {error.message}")
        return row
    return judge_test(test, read, span, settings, past, left_out)


def unread(tests: Sequence[Row], error: ThousandEyesError) -> Iterator[Row]:
    """The test at which reading ended, and those that come after it."""
    for number, test in enumerate(tests):
        yield unjudged(test, "It was not read, since the report failed before." if number else error.message)
