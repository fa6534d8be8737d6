# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The guard: whether a difference as large is usual at these hours, or at any, without a change."""

from __future__ import annotations

import typing as t
from bisect import bisect_left
from statistics import fmean, median

from .looks import Shares, Times
from .series import LEAST_ROUNDS, Measured, Part, Span, Strand, without_gaps

# A difference must be so many times as large as the largest of the history.
_LARGER = 1.25
# Fewer placements that do not overlap say nothing. The largest of a few says less, so the factor is larger then.
_LEAST_PLACEMENTS, _FEW_PLACEMENTS, _LARGER_OF_FEW = 3, 8, 1.5
# And so many times as large as half of them are, which is four and a half deviations of normal noise; but no more than
# so many times the largest.
_SCATTER, _MOST_SCATTER = 4.5 * 1.4826, 1.5
_STEP, _DAY, _WEEK = 1800, 86400, 7 * 86400
MOST_DAYS = 14
# Long histories are looked at in larger steps.
_MOST_PLACEMENTS = 400
# A placement has at least this share of the rounds that the windows themselves have.
_SHARE = 0.5

# The metric, agent and server of a strand.
Key = t.Tuple[str, str, t.Optional[str]]


class Past(t.NamedTuple):
    """What was measured before the window before the change; times in seconds since that window's start, so below 0.

    ``exclude``: spans of time, from and to, that are left out. ``stricter``: how many times as large a difference must
    be as without it.
    """

    points: t.Mapping[Key, Measured]
    exclude: t.Sequence[tuple[float, float]] = ()
    stricter: float = 1.0


class Usual(t.NamedTuple):
    """What the history says of a difference. ``enough``: it has enough placements to say something.

    ``stops``: it is usual. ``times``: how often it was as large, in so many ``hours``; 0 if it is within the scatter.
    ``elsewhere``: it was as large at another agent.
    """

    enough: bool
    stops: bool
    times: int
    hours: float
    largest: float | None
    elsewhere: bool = False


class _Track:
    """All that one agent measured until the change, to be cut in windows."""

    def __init__(self, points: Measured, centre: t.Callable[[t.Sequence[float]], float]) -> None:
        self.seconds = [second for second, _value in points]
        self._values = [value for _second, value in points]
        self._centre = centre
        self._known: dict[tuple[int, int], float] = {}

    def level(self, start: float, end: float, least: float) -> float | None:
        """The level of a window; None if it has fewer than ``least`` rounds."""
        first, last = bisect_left(self.seconds, start), bisect_left(self.seconds, end)
        if last - first < max(least, 1):
            return None
        if (first, last) not in self._known:
            self._known[first, last] = self._centre(self._values[first:last])
        return self._known[first, last]


class Guard:
    """Looks at the differences of one metric of one test. ``compare`` says what of a window is compared."""

    def __init__(
        self, past: Past, metric: str, strands: t.Sequence[Strand], span: Span, compare: Shares | Times
    ) -> None:
        self._span, self._compare, self._metric, self._past = span, compare, metric, past
        self._strands = strands
        self._tracks: dict[tuple[str, str | None], _Track] = {}
        for strand in strands:
            points = self._until(strand)
            self._tracks[strand.agent_id, strand.server] = _Track(compare.scale(points), compare.centre)

    def _until(self, strand: Strand) -> Measured:
        """What an agent measured before the change, without what is left out."""
        old = self._past.points.get((self._metric, strand.agent_id, strand.server), [])
        points = sorted([(second, value) for second, value in old if -MOST_DAYS * _DAY <= second < 0])
        return points + without_gaps(strand.before)

    def course(self, strand: Strand) -> Measured:
        """What one agent measured before the window before the change, as far as it counts."""
        old = self._past.points.get((self._metric, strand.agent_id, strand.server), [])
        spans = self._past.exclude
        return [point for point in old if not any(first <= point[0] < last for first, last in spans)]

    def shift(self, strands: t.Sequence[Strand], part: Part, size: float) -> Usual:
        """Whether a difference of ``size`` in this part of the window is usual.

        Loss at one agent must be larger than at any other, too: its bursts are rare, and one agent has seen few.
        """
        usual = self._usual([self._track(strand) for strand in strands], strands, part, size)
        if not isinstance(self._compare, Shares) or len(strands) > 1 or usual.stops or not usual.enough:
            return usual
        (own,) = strands
        if self._past.stricter > 1:
            # A burst that goes on has no end yet that its length could be told by. Its level can be usual.
            short = self._usual([self._track(own)], strands, self._shortest(), size)
            if short.stops:
                return short
        for strand in self._strands:
            other = self._usual([self._track(strand)], strands, part, size, larger=1.0)
            if strand is not own and other.stops:
                return other._replace(elsewhere=True)
        return usual

    def _shortest(self) -> Part:
        length = LEAST_ROUNDS * (self._span.interval or 1)
        return Part("its last rounds", max(self._span.after - length, 0), self._span.after)

    def _track(self, strand: Strand) -> _Track:
        return self._tracks[strand.agent_id, strand.server]

    def slow(self, strands: t.Sequence[Strand], part: Part) -> Usual:
        """Whether as many slow rounds are usual, by what was slow in the whole history."""
        compare = t.cast(Times, self._compare)
        tracks, after = [], []
        for strand in strands:
            points = self._until(strand)
            limit = compare.slow_limit([value for _second, value in points])
            slow = [(second, float(value >= limit)) for second, value in points]
            tracks.append(_Track(slow, fmean))
            after += [float(value >= limit) for _second, value in part.of(without_gaps(strand.after))]
        return self._usual(tracks, strands, part, fmean(after) if after else 0.0, only_after=True)

    def _usual(
        self,
        tracks: t.Sequence[_Track],
        strands: t.Sequence[Strand],
        part: Part,
        size: float,
        only_after: bool = False,
        larger: float | None = None,
    ) -> Usual:
        length = self._span.before + self._span.gap + self._span.after
        least = [
            (_SHARE * len(without_gaps(strand.before)), _SHARE * len(part.of(without_gaps(strand.after))))
            for strand in strands
        ]
        found: list[tuple[int, float]] = []
        for shift in self._shifts(tracks, part):
            sizes = self._sizes(tracks, least, part, shift, only_after)
            if len(sizes) * 2 >= len(tracks) and sizes:
                found.append((shift, abs(fmean(sizes))))
        largest = max((each for _shift, each in found), default=None)
        placements = _apart([shift for shift, _size in found], length)
        enough = placements >= _LEAST_PLACEMENTS
        larger = larger or (_LARGER if placements >= _FEW_PLACEMENTS else _LARGER_OF_FEW) * self._past.stricter
        alike = [shift for shift, each in found if each * larger >= abs(size)]
        # A smooth day has much scatter and a small largest, which says more.
        scatter = min(_SCATTER * median(each for _shift, each in found), _MOST_SCATTER * largest) if largest else 0.0
        stops = enough and (bool(alike) or abs(size) <= scatter)
        return Usual(enough, stops, _apart(alike, length), self._hours(tracks), largest)

    def _sizes(
        self,
        tracks: t.Sequence[_Track],
        least: t.Sequence[tuple[float, float]],
        part: Part,
        shift: int,
        only_after: bool,
    ) -> list[float]:
        begin = self._span.before + self._span.gap - shift
        sizes = []
        for track, (least_before, least_after) in zip(tracks, least):
            is_now = track.level(begin + part.start, begin + part.end, least_after)
            was = track.level(-shift, self._span.before - shift, least_before)
            if is_now is not None and was is not None:
                sizes.append(is_now if only_after else is_now - was)
        return sizes

    def _shifts(self, tracks: t.Sequence[_Track], part: Part) -> list[int]:
        """How far back the windows are moved: to each half hour, and each day, that has measurements and no change."""
        span = self._span
        earliest = min((track.seconds[0] for track in tracks if track.seconds), default=0)
        nearest = span.gap + span.after
        width = span.interval or 1
        step = max(min(_STEP, int(part.end - part.start)), (-earliest - nearest) // _MOST_PLACEMENTS, width)
        step = step // width * width
        shifts = {*range(-(-nearest // step) * step, -earliest + 1, step), *range(_DAY, -earliest + 1, _DAY)}
        return sorted(shift for shift in shifts if shift >= nearest and not self._left_out(part, shift))

    def _left_out(self, part: Part, shift: int) -> bool:
        span = self._span
        begin = span.before + span.gap - shift
        windows = ((-shift, span.before - shift), (begin + part.start, begin + part.end))
        return any(start < last and first < end for start, end in windows for first, last in self._past.exclude)

    @staticmethod
    def _hours(tracks: t.Sequence[_Track]) -> float:
        return float(len({second // 3600 for track in tracks for second in track.seconds}))


def _apart(shifts: t.Sequence[int], length: int) -> int:
    """How many of these placements do not overlap."""
    count, last = 0, None
    for shift in sorted(shifts):
        if last is None or shift - last >= length:
            count, last = count + 1, shift
    return count
