# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The tests of a report: as they are given, and with what was read of them and judged."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from ...module_utils._api.client import Api
from ...module_utils._api.side_by_side import read_side_by_side
from ...module_utils._core.clock import NEWS_EVERY
from ...module_utils._core.errors import InvalidRequest, ThousandEyesError
from ...module_utils._core.metrics import LAYERS
from ...module_utils._core.names import check_id
from ...module_utils._core.windows import Window
from ...module_utils._tasks.context import Context
from .._verdict.guard import Past
from .._verdict.judge import wants_history
from .._verdict.series import Strand
from .change import Change
from .document import Row, judge_test, unjudged
from .judging import Judging
from .reading import Points, past_of, read_layer, read_past

_Found = TypeVar("_Found")
# By layer and metric.
_Strands = Mapping[str, Mapping[str, list[Strand]]]


def tests_of(given: Sequence[Any]) -> list[Row]:
    """The tests that a task is given, in their order, each once. They have no verdict yet.

    :raises InvalidRequest: there are none, or they are none of test_info.
    """
    if not given:
        raise InvalidRequest("tests: the list is empty.")
    tests: dict[tuple[Any, ...], Row] = {}
    for fields in given:
        if not isinstance(fields, dict) or "test_id" not in fields:
            raise InvalidRequest("tests: give them as community.thousandeyes.test_info returns them.")
        gone, interval, layers = fields.get("gone") is True, fields.get("interval"), fields.get("layers")
        # Only the name may be known of one that is gone.
        unknown = gone and fields["test_id"] is None
        test = {
            "test_id": None if unknown else check_id(str(fields["test_id"]), "tests"),
            "test_name": fields.get("test_name"),
            "type": fields.get("type"),
            "interval": interval if isinstance(interval, int) and interval > 0 else None,
            "state": "gone" if gone else "disabled" if fields.get("enabled") is False else "present",
            "layers": layers if isinstance(layers, list) else None,
        }
        tests.setdefault((test["test_id"], unknown and test["test_name"]), test)
    return list(tests.values())


class Reader(NamedTuple):
    """How the tests of a report are read. ``open_session``: a session of the API that shares its pace with the others.

    ``asked``: the layers, where the user chose any.
    """

    open_session: Callable[[], Api]
    aid: str | None
    change: Change
    judging: Judging
    asked: Sequence[str] | None


class _Doubt(NamedTuple):
    """A test at this place of the report that would be called worse in these layers, but for the history."""

    place: int
    test: Row
    strands: _Strands
    layers: Sequence[str]


def judge_all(tests: Sequence[Row], reader: Reader, context: Context, rows: list[Row]) -> None:
    """Appends each test with its verdict to ``rows``. An error of one test alone becomes its reason.

    The windows of all tests are read first, and then the history of those that would be called worse.

    :raises ThousandEyesError: an error that concerns more than one test; what was judged before it is in ``rows``.
    """
    doubts: list[_Doubt] = []
    reading = _read(reader, [(test, layer) for test in tests for layer in _layers(test, reader.asked)], _read_layer)
    told_at = context.clock.now()
    for number, test in enumerate(tests):
        if context.clock.now() >= told_at + NEWS_EVERY:
            told_at = context.clock.now()
            context.tell(f"{number} of {len(tests)} tests judged")
        layers = _layers(test, reader.asked)
        read, failed = _taken(reading, len(layers))
        if failed is not None:
            rows.append(unjudged(test, failed.message, reader.judging.left_out(test)))
            continue
        strands = dict(zip(layers, read))
        rows.append(_judged(test, strands, reader))
        worse = wants_history(rows[-1])
        if worse and reader.change.compared.history(reader.judging.reach):
            doubts.append(_Doubt(number, test, strands, worse))
    _settle(doubts, reader, rows)


def _taken(reading: Iterator[_Found | ThousandEyesError], count: int) -> tuple[list[_Found], ThousandEyesError | None]:
    """The next so many, and the first error among them."""
    found = list(itertools.islice(reading, count))
    failed = [each for each in found if isinstance(each, ThousandEyesError)]
    return [each for each in found if not isinstance(each, ThousandEyesError)], failed[0] if failed else None


def _layers(test: Row, asked: Sequence[str] | None) -> list[str]:
    """The layers to read of a test: those that it has, or, where the API does not tell, those that were asked for."""
    if test["state"] == "gone":
        return []
    has = test["layers"] if test["layers"] is not None else asked or ()
    return [layer for layer in LAYERS if layer in has and (asked is None or layer in asked)]


def _read(
    reader: Reader, items: Sequence[tuple[Row, Any]], read: Callable[[Api, Reader, str, Any], _Found]
) -> Iterator[_Found | ThousandEyesError]:
    """What there is of each test, or why there is nothing, if that concerns this test alone."""

    def one(api: Api, item: tuple[Row, Any]) -> _Found | ThousandEyesError:
        test, what = item
        try:
            return read(api, reader, test["test_id"], what)
        except ThousandEyesError as error:
            if error.spreads:
                raise
            return error

    return read_side_by_side(reader.open_session, one, items)


def _read_layer(api: Api, reader: Reader, test_id: str, layer: str) -> dict[str, list[Strand]]:
    return read_layer(api, test_id, layer, reader.change.compared, reader.aid)


def _read_past(api: Api, reader: Reader, test_id: str, part: tuple[str, Window]) -> Points:
    layer, span = part
    return read_past(api, test_id, layer, span, reader.change.compared, reader.aid)


def _judged(test: Row, strands: _Strands, reader: Reader, past: Past | None = None) -> Row:
    judging = reader.judging
    left_out = judging.left_out(test)
    if test["state"] == "gone":
        return unjudged(test, "The test is no longer in the list of tests.", left_out)
    if strands:
        settings = judging.of(test)
        span = reader.change.span(test["interval"], settings.settle_minutes)
        return judge_test(test, strands, span, settings, past, left_out)
    if test["layers"] is None and reader.asked is None:
        return unjudged(test, "The API does not tell which results the test has; say which layers to read.", left_out)
    return unjudged(test, f"It has no results that can be compared ({test['type']}).", left_out)


def _settle(doubts: Sequence[_Doubt], reader: Reader, rows: list[Row]) -> None:
    """Judges these tests again, by their history. Without it, the verdict stays, with a warning."""
    change, reach = reader.change.compared, reader.judging.reach
    parts = {doubt.place: list(itertools.product(doubt.layers, change.history(reach))) for doubt in doubts}
    reading = _read(reader, [(doubt.test, part) for doubt in doubts for part in parts[doubt.place]], _read_past)
    settled = 0
    try:
        for doubt in doubts:
            read, failed = _taken(reading, len(parts[doubt.place]))
            if failed is not None:
                rows[doubt.place]["warnings"].append(_without_history(failed))
            else:
                rows[doubt.place] = _judged(doubt.test, doubt.strands, reader, past_of(read, change, reach))
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
