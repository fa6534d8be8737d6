# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading many tests side by side: their windows, and their history."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from ...module_utils._api.client import Api
from ...module_utils._api.side_by_side import read_side_by_side
from ...module_utils._core.errors import ThousandEyesError
from ...module_utils._core.windows import Window
from .._verdict.guard import Past
from .._verdict.series import Strand
from .reading import Points, Reach, Windows, past_of, read_layer, read_past

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")
# What was measured of a test, by layer and metric.
Strands = dict[str, dict[str, list[Strand]]]


class Reader(NamedTuple):
    """``open_session``: one that shares its pace with the others."""

    open_session: Callable[[], Api]
    aid: str | None
    windows: Windows

    def strands(self, tests: Sequence[tuple[str, Sequence[str]]]) -> Iterator[Strands | ThousandEyesError]:
        """What each test measured in the windows: ``tests`` are ids and the layers to read.

        An error that concerns one test alone takes its place.

        :raises ThousandEyesError: an error that concerns more than one test.
        """

        def read(api: Api, item: tuple[str, str]) -> dict[str, list[Strand]]:
            test_id, layer = item
            return read_layer(api, test_id, layer, self.windows, self.aid)

        reading = self._read(read, [(test_id, layer) for test_id, layers in tests for layer in layers])
        for _test_id, layers in tests:
            found = _next(reading, len(layers))
            yield found if isinstance(found, ThousandEyesError) else dict(zip(layers, found))

    def pasts(self, tests: Sequence[tuple[str, Sequence[str]]], reach: Reach) -> Iterator[Past | ThousandEyesError]:
        """The history of each test in these layers, as ``strands`` does it for the windows."""
        spans = self.windows.history(reach)

        def read(api: Api, item: tuple[str, str, Window]) -> Points:
            test_id, layer, span = item
            return read_past(api, test_id, layer, span, self.windows, self.aid)

        reading = self._read(
            read, [(test_id, *part) for test_id, own in tests for part in itertools.product(own, spans)]
        )
        for _test_id, layers in tests:
            found = _next(reading, len(layers) * len(spans))
            yield found if isinstance(found, ThousandEyesError) else past_of(found, self.windows, reach)

    def _read(
        self, read: Callable[[Api, _Item], _Found], items: Sequence[_Item]
    ) -> Iterator[_Found | ThousandEyesError]:
        def one(api: Api, item: _Item) -> _Found | ThousandEyesError:
            try:
                return read(api, item)
            except ThousandEyesError as error:
                if error.spreads:
                    raise
                return error

        return read_side_by_side(self.open_session, one, items)


def _next(reading: Iterator[_Found | ThousandEyesError], count: int) -> list[_Found] | ThousandEyesError:
    """The next so many, or the first error among them."""
    found: list[_Found] = []
    failed: ThousandEyesError | None = None
    for each in itertools.islice(reading, count):
        if isinstance(each, ThousandEyesError):
            failed = failed or each
        else:
            found.append(each)
    return failed or found
