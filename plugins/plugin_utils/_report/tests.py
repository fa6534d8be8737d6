# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The tests of a report, with what was read of them and judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...module_utils._core.clock import NEWS_EVERY
from ...module_utils._core.errors import ThousandEyesError
from ...module_utils._tasks.context import Context
from .._change.change import Change
from .._change.judging import Judging
from .._change.reader import Reader, Strands
from .._change.tests import layers_of
from .._verdict.guard import Past
from .._verdict.judge import wants_history
from .document import Row, judge_test, unjudged


class Question(NamedTuple):
    """What a report asks of its tests. ``layers``: those to compare, where the user chose any."""

    change: Change
    judging: Judging
    layers: Sequence[str] | None

    def judged(self, test: Row, strands: Strands, past: Past | None = None) -> Row:
        settings = self.judging.of(test)
        span = self.change.span(test["interval"], settings.settle_minutes)
        return judge_test(test, strands, span, settings, past, self.judging.left_out(test))

    def unjudged(self, test: Row, why: str) -> Row:
        return unjudged(test, why, self.judging.left_out(test))


class _Doubt(NamedTuple):
    """A test at this place of the report that would be called worse in these layers, but for the history."""

    place: int
    test: Row
    strands: Strands
    layers: Sequence[str]


def judge_all(tests: Sequence[Row], question: Question, reader: Reader, context: Context, rows: list[Row]) -> None:
    """Appends each test with its verdict to ``rows``. An error of one test alone becomes its reason.

    The windows of all tests are read first, and then the history of those that would be called worse.

    :raises ThousandEyesError: an error that concerns more than one test; what was judged before it is in ``rows``.
    """
    doubts: list[_Doubt] = []
    to_read = [layers_of(test, question.layers) for test in tests]
    reading = reader.strands([(test["test_id"], layers) for test, (layers, _why) in zip(tests, to_read)])
    told_at = context.clock.now()
    for place, (test, (layers, why), found) in enumerate(zip(tests, to_read, reading)):
        if context.clock.now() >= told_at + NEWS_EVERY:
            told_at = context.clock.now()
            context.tell(f"{place} of {len(tests)} tests judged")
        if isinstance(found, ThousandEyesError):
            rows.append(question.unjudged(test, found.message))
        elif not layers:
            rows.append(question.unjudged(test, why))
        else:
            rows.append(question.judged(test, found))
            worse = wants_history(rows[-1])
            if worse and reader.windows.history(question.judging.reach):
                doubts.append(_Doubt(place, test, found, worse))
    _settle(doubts, question, reader, rows)


def _settle(doubts: Sequence[_Doubt], question: Question, reader: Reader, rows: list[Row]) -> None:
    """Judges these tests again, by their history. Without it, the verdict stays, with a warning."""
    reading = reader.pasts([(doubt.test["test_id"], doubt.layers) for doubt in doubts], question.judging.reach)
    settled = 0
    try:
        for doubt, past in zip(doubts, reading):
            if isinstance(past, ThousandEyesError):
                rows[doubt.place]["warnings"].append(_without_history(past))
            else:
                rows[doubt.place] = question.judged(doubt.test, doubt.strands, past)
            settled += 1
    except ThousandEyesError as error:
        for doubt in doubts[settled:]:
            rows[doubt.place]["warnings"].append(_without_history(error))
        raise


def _without_history(error: ThousandEyesError) -> str:
    return f"The history could not be read, so that the verdict is without it: {error.message}"


def unread(tests: Sequence[Row], error: ThousandEyesError) -> Iterator[Row]:
    """The test at which reading ended, and those that come after it."""
    for number, test in enumerate(tests):
        yield unjudged(test, "It was not read, since the report failed before." if number else error.message)
