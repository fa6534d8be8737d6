# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the results of two windows say of one metric: verdicts, and why."""

from __future__ import annotations

import typing as t
from statistics import fmean

from ...module_utils._core.metrics import JUDGED, SHARE, TIME
from .guard import Guard, Past, Usual
from .looks import Look, Slow, comparer
from .outages import Outage, outages
from .presence import Failed, Presence, Present
from .series import (
    OUTAGE,
    Measured,
    Part,
    Span,
    Strand,
    course_of,
    parts_of,
    statistics_of,
    usual_of,
    values_of,
    without_gaps,
)
from .settings import Settings
from .words import combined_reason, reason_of

DEGRADED, NO_DATA, TRANSIENT, INCONCLUSIVE, IMPROVED, OK = (
    "degraded",
    "no_data",
    "transient",
    "inconclusive",
    "improved",
    "ok",
)
# What was seen outranks what could not be seen.
WEIGHT = (DEGRADED, NO_DATA, TRANSIENT, INCONCLUSIVE, IMPROVED, OK)

# The shares of the level at which a difference is looked at in the whole window, and in each of its last parts.
_WHOLE, _LATE = 0.5, 0.25
# From so many times the level on, a difference is plain noise; below it, nobody knows.
_DOUBTFUL = 20
# The document has the course of so many agents, those that differ most, beside that of all.
_MOST_SERIES = 4


class Found(t.NamedTuple):
    """One way in which it is worse, in one part of the window. ``usual``: what the history says of it."""

    part: Part
    look: Look
    slow: Slow | None = None
    outage: Outage | None = None
    recovered: bool = False
    usual: Usual | None = None

    @property
    def stopped(self) -> bool:
        return self.usual is not None and self.usual.stops


class Comparison(t.NamedTuple):
    """``missing``: something was not measured, which no other comparison makes up for.

    ``besides``: the verdict does not come from the difference, so the reason of an agent explains more.
    ``ending``: of the reason, where that is about measurements.
    """

    verdict: str
    reason: str
    missing: bool = False
    besides: bool = False
    value_before: float | None = None
    value_after: float | None = None
    difference: float | None = None
    difference_percent: float | None = None
    p: float | None = None
    level: float | None = None
    part: str | None = None
    since_minute: float | None = None
    usual: Usual | None = None
    dropped: bool = False
    ending: str = ""

    def to_dict(self) -> dict[str, t.Any]:
        fields = self._asdict()
        for name in ("missing", "besides", "dropped", "ending"):
            del fields[name]
        usual = fields.pop("usual")
        fields["history"] = None if usual is None else usual._asdict()
        return fields


class Scene:
    """What all comparisons of one metric share. ``level``: the chance of a false alarm in each of them."""

    def __init__(
        self,
        metric: str,
        strands: t.Sequence[Strand],
        span: Span,
        settings: Settings,
        level: float,
        failed: Failed,
        past: Past | None,
    ) -> None:
        self.row = JUDGED[metric]
        self.threshold = {unit: settings.thresholds[f"{metric}_{unit}"] for unit in self.row.thresholds}
        self.span, self.settings = span, settings
        self.given, self.level, self.late_level = level, level * _WHOLE, level * _LATE
        self.width = span.interval or _spacing(strands)
        self.compare = comparer(self.row, self.threshold, self.width)
        self.present = Present(span, self.width, failed, level)
        self.parts = parts_of(span, strands)
        self.whole = Part("the whole window", 0, span.after)
        self._past, self._metric, self._strands = past, metric, strands
        self._guard: Guard | None = None

    def level_of(self, part: Part) -> float:
        return self.late_level if part in self.parts[1:] else self.level

    @property
    def guard(self) -> Guard | None:
        if self._past is not None and self._guard is None:
            self._guard = Guard(self._past, self._metric, self._strands, self.span, self.compare)
        return self._guard


def _spacing(strands: t.Sequence[Strand]) -> int:
    """The time from round to round, where nobody tells it."""
    steps = [
        later - second
        for strand in strands
        for points in (strand.before, strand.after)
        for (second, _value), (later, _next) in zip(points, points[1:])
    ]
    return max(min(steps, default=1), 1)


def comparisons(strands: t.Sequence[Strand]) -> int:
    """How many comparisons a metric takes: one for each agent, and one for all of them together."""
    return len(strands) + 1


def worst(verdicts: t.Iterable[str]) -> str:
    """The worst of several verdicts; no data if there is none."""
    found = set(verdicts)
    return next((verdict for verdict in WEIGHT if verdict in found), NO_DATA)


def judge_metric(
    metric: str,
    strands: t.Sequence[Strand],
    span: Span,
    settings: Settings,
    level: float,
    failed: Failed | None = None,
    past: Past | None = None,
) -> dict[str, t.Any]:
    """The entry of a metric in the evidence document, and ``of_all``, the verdict on all agents together alone.

    ``level``: the chance of a false alarm in each comparison.
    ``failed``: the rounds of the layer in which nothing got through. ``past``: the history, once it was read.
    """
    scene = Scene(metric, strands, span, settings, level, failed or {}, past)
    presences = [scene.present.look(strand) for strand in strands]
    reasons = [settings.left_out(metric, (strand.agent_id, strand.agent_name)) for strand in strands]
    counted = [row for row, why in zip(presences, reasons) if why is None]
    remaining = [row.strand for row in counted if row.dropped is None and row.silent is None]
    down = _outages(scene, remaining)
    agents = [_agent(row, scene, down) for row in presences]
    whole = _whole(counted, remaining, scene, down)
    judged = [(row.strand, found) for row, found, why in zip(presences, agents, reasons) if why is None]
    verdict, reason = _combined(whole, judged, scene)
    entry = _entry(metric, scene, whole, list(zip(presences, agents, reasons)))
    entry["of_all"], entry["verdict"], entry["reason"] = whole.verdict, verdict, reason
    entry["smallest"] = _smallest(scene, remaining)
    entry["left_out"] = settings.left_out(metric, (None,)) if not strands else _metric_left_out(settings, metric)
    return entry


def _metric_left_out(settings: Settings, metric: str) -> str | None:
    return next((row.reason for row in settings.leave_out if row.agent is None and row.metric == metric), None)


def _entry(
    metric: str, scene: Scene, whole: Comparison, agents: t.Sequence[tuple[Presence, Comparison, str | None]]
) -> dict[str, t.Any]:
    row, span = scene.row, scene.span
    # By number where they differ alike.
    changed = sorted(
        (-abs(found.difference or 0.0), number)
        for number, (_presence, found, _why) in enumerate(agents)
        if found.verdict not in (OK, NO_DATA)
    )
    with_series = {number for _difference, number in changed[:_MOST_SERIES]}
    strands = [presence.strand for presence, _found, _why in agents]
    return {
        "metric": metric,
        "unit": row.kind.unit,
        "kind": row.kind.name,
        "threshold": dict(scene.threshold),
        **whole.to_dict(),
        **statistics_of(strands, span),
        "series": course_of(strands, span, row.kind),
        "usual_range": _usual_range(strands, scene),
        "agents": [
            {
                "agent_id": presence.strand.agent_id,
                "agent_name": presence.strand.agent_name,
                "server": presence.strand.server,
                **found.to_dict(),
                "dropped": presence.dropped,
                "left_out": why,
                **statistics_of([presence.strand], span),
                "series": course_of([presence.strand], span, row.kind) if number in with_series else None,
                "usual_range": _usual_range([presence.strand], scene) if number in with_series else None,
            }
            for number, (presence, found, why) in enumerate(agents)
        ],
    }


def _usual_range(strands: t.Sequence[Strand], scene: Scene) -> dict[str, float] | None:
    """Where the values usually are; None where no history was read."""
    if scene.guard is None:
        return None
    return usual_of([scene.guard.course(strand) for strand in strands], scene.width, scene.row.kind)


def _outages(scene: Scene, strands: t.Sequence[Strand]) -> list[tuple[tuple[Strand, ...], Outage]]:
    if scene.row.kind is not SHARE:
        return []
    found = outages(scene.row, [_pair(strand) for strand in strands], scene.width, scene.settings)
    return [(tuple(strands[number] for number in outage.agents), outage) for outage in found]


def _pair(strand: Strand) -> tuple[Measured, Measured]:
    return without_gaps(strand.before), without_gaps(strand.after)


Down = t.Sequence[t.Tuple[t.Tuple[Strand, ...], Outage]]


def _agent(presence: Presence, scene: Scene, down: Down) -> Comparison:
    if presence.dropped:
        return Comparison(NO_DATA, presence.dropped, dropped=True)
    if presence.silent:
        return Comparison(NO_DATA, presence.silent, missing=True)
    own = [outage for strands, outage in down if strands == (presence.strand,)]
    return _judge([presence.strand], scene, own)


def _whole(counted: t.Sequence[Presence], remaining: t.Sequence[Strand], scene: Scene, down: Down) -> Comparison:
    """All agents that can be compared, if these are at least half."""
    if not remaining:
        reasons = {row.dropped or row.silent or "" for row in counted}
        why = reasons.pop() if len(reasons) == 1 else "No agent measured in both windows."
        if not counted:
            why = "Nothing was measured in either window."
        return Comparison(NO_DATA, why, missing=True)
    if len(remaining) * 2 < len(counted):
        dropped = len(counted) - len(remaining)
        return Comparison(NO_DATA, f"{dropped} of {len(counted)} agents cannot be compared.", missing=True)
    return _judge(remaining, scene, [outage for strands, outage in down if len(strands) > 1])


def _judge(strands: t.Sequence[Strand], scene: Scene, down: t.Sequence[Outage]) -> Comparison:
    """Compares what these strands measured, if that is enough."""
    pairs = [_without(_pair(strand), [row for row in down if not row.holds]) for strand in strands]
    # What is judged may lack the first minutes, but not everything.
    settled = _cut(pairs, scene.parts[0])
    if not all(pair[1] for pair in settled):
        settled = pairs
    look = scene.compare(settled)
    found = _guarded(_found(strands, pairs, settled, look, scene, down), strands, pairs, scene)
    verdict, worst_found = _verdict(found, settled, look, scene)
    why = "" if verdict in (DEGRADED, TRANSIENT) else scene.present.many_missing(strands)
    base = _numbers(look, scene.level)
    if why:
        return base._replace(verdict=NO_DATA, reason=why, missing=True, besides=True)
    if verdict == NO_DATA:
        old, new = (sum(len(pair[side]) for pair in settled) for side in (0, 1))
        return base._replace(verdict=NO_DATA, reason=f"Only {old} measured before and {new} after, too few to judge.")
    if worst_found is not None:
        base = _numbers(worst_found.look, scene.level_of(worst_found.part))._replace(
            part=worst_found.part.name,
            usual=worst_found.usual,
            since_minute=_since(worst_found, strands, scene),
            besides=worst_found.slow is not None,
        )
    base = base._replace(verdict=verdict)
    body, ending = reason_of(base, worst_found, look, scene, pairs)
    return base._replace(reason=body + ending, ending=ending)


def _without(pair: tuple[Measured, Measured], over: t.Sequence[Outage]) -> tuple[Measured, Measured]:
    """Without the rounds of outages that are over: these are told by their length, and the rest is compared."""
    old, new = pair
    for outage in over:
        new = [point for point in new if not outage.start <= point[0] < outage.start + outage.seconds]
    return (old, new) if new else pair


def _cut(pairs: t.Sequence[tuple[Measured, Measured]], part: Part) -> list[tuple[Measured, Measured]]:
    return [(old, part.of(new)) for old, new in pairs]


def _numbers(look: Look, level: float) -> Comparison:
    p = None if look.p is None else min(look.p, look.least_p)
    return Comparison(OK, "", False, False, look.before, look.after, look.difference, look.percent, p, level)


def _found(
    strands: t.Sequence[Strand],
    pairs: t.Sequence[tuple[Measured, Measured]],
    settled: t.Sequence[tuple[Measured, Measured]],
    first: Look,
    scene: Scene,
    down: t.Sequence[Outage],
) -> list[Found]:
    """All ways in which it is worse, without a look at the history."""
    everything = scene.compare([_pair(strand) for strand in strands], lately=True) if down else first
    found = [_of_outage(outage, everything, scene) for outage in down]
    late: list[Look] = []
    for part in scene.parts[1:]:
        cut = _cut(pairs, part)
        if all(new for _old, new in cut):
            look = scene.compare(cut, lately=True)
            late.append(look)
            found += _worse(part, look, cut, scene)
    whole = _worse(scene.parts[0], first, settled, scene)
    if not whole and not found and scene.span.settle:
        # What is over by now is told, even if it was at the very start.
        opening = scene.compare(pairs, lately=True)
        whole = [row for row in _worse(scene.whole, opening, pairs, scene) if _is_over(row, late, pairs, scene)]
    lasting = any(not row.recovered for row in found)
    for row in whole:
        found.append(row._replace(recovered=not lasting and _is_over(row, late, pairs, scene)))
    return found


def _worse(part: Part, look: Look, pairs: t.Sequence[tuple[Measured, Measured]], scene: Scene) -> list[Found]:
    found = []
    level = scene.level_of(part)
    if look.mostly and look.worse > 0 and look.least_p <= level:
        found.append(Found(part, look))
    slow = scene.compare.slow(pairs)
    if slow is not None and slow.p <= level:
        found.append(Found(part, look, slow=slow))
    return found


def _is_over(found: Found, late: t.Sequence[Look], pairs: t.Sequence[tuple[Measured, Measured]], scene: Scene) -> bool:
    """Whether the end of the window is like before: the last parts show less than half of the difference."""
    if not late:
        return False
    if found.slow is not None:
        rate = found.slow.after / found.slow.of_after
        slows = [scene.compare.slow(_cut(pairs, part)) for part in scene.parts[1:]]
        return all(slow is None or slow.after / slow.of_after < rate / 2 for slow in slows)
    return all(look.worse < found.look.worse / 2 for look in late)


def _of_outage(outage: Outage, look: Look, scene: Scene) -> Found:
    end = scene.span.after if outage.holds else outage.start + outage.seconds
    return Found(Part(OUTAGE, outage.start, end), look, outage=outage, recovered=not outage.holds)


def _guarded(
    found: list[Found], strands: t.Sequence[Strand], pairs: t.Sequence[tuple[Measured, Measured]], scene: Scene
) -> list[Found]:
    """With what the history says of each. An outage is never usual."""
    guard = scene.guard
    if guard is None:
        return found
    rows = []
    for row in found:
        if row.outage is None:
            if row.slow is not None:
                usual = guard.slow(strands, row.part)
            else:
                usual = guard.shift(strands, row.part, scene.compare.size(_cut(pairs, row.part)))
            row = row._replace(usual=usual)
        rows.append(row)
    return rows


def _verdict(
    found: t.Sequence[Found], settled: t.Sequence[tuple[Measured, Measured]], look: Look, scene: Scene
) -> tuple[str, Found | None]:
    """The verdict, and the way in which it is worse that says most."""
    standing = [row for row in found if not row.stopped]
    for verdict, rows in (
        (DEGRADED, [row for row in standing if not row.recovered]),
        (TRANSIENT, [row for row in standing if row.recovered]),
        (INCONCLUSIVE, found),
    ):
        if rows:
            return verdict, min(rows, key=lambda row: (row.outage is None, row.slow is not None, -row.look.worse))
    if not scene.compare.enough(settled, look, scene.given):
        return NO_DATA, None
    if look.large and look.worse < 0 and (look.p or 0.0) <= scene.level:
        return IMPROVED, None
    if look.mostly and look.worse > 0 and look.least_p <= scene.given * _DOUBTFUL:
        return INCONCLUSIVE, None
    return OK, None


def _since(found: Found, strands: t.Sequence[Strand], scene: Scene) -> float | None:
    """From which minute after the change on it is worse, as far as that can be told."""
    origin = scene.span.origin
    if found.outage is not None:
        return (found.outage.start + origin) / 60
    sums: dict[int, list[float]] = {}
    for strand in strands:
        old, new = _pair(strand)
        if old and new:
            centre = fmean(values_of(old))
            for second, value in new:
                scaled = (value - centre) / (centre or 1.0) if scene.row.kind is TIME else value - centre
                sums.setdefault(second // scene.width, []).append(scaled * scene.row.worse)
    numbers = sorted(sums)
    means = [fmean(sums[number]) for number in numbers]
    total = sum(means)
    best, where, running = 0.0, 0, 0.0
    for place in range(1, len(means)):
        running += means[place - 1]
        count = len(means)
        step = (total - running) / (count - place) - running / place
        score = step * step * place * (count - place) / count if step > 0 else 0.0
        if score > best and running / place < (total - running) / (count - place) / 2:
            best, where = score, place
    return (numbers[where] * scene.width + origin) / 60 if where else 0.0


def _combined(whole: Comparison, agents: t.Sequence[tuple[Strand, Comparison]], scene: Scene) -> tuple[str, str]:
    """The verdict, and why: an agent that is worse off, or measured nothing, is not lost among the others."""
    for verdict in (DEGRADED, NO_DATA, TRANSIENT, INCONCLUSIVE):
        if whole.verdict == verdict and whole.missing and verdict == NO_DATA:
            return verdict, whole.reason
        found = [
            (strand, own) for strand, own in agents if own.verdict == verdict and (own.missing or verdict != NO_DATA)
        ]
        if whole.verdict == verdict or found:
            return verdict, combined_reason(whole if whole.verdict == verdict else None, found, agents, scene)
    return whole.verdict, whole.reason


def _smallest(scene: Scene, strands: t.Sequence[Strand]) -> dict[str, t.Any] | None:
    """The smallest change over all agents that would have been called; None if none would."""
    pairs = [_pair(strand) for strand in strands]
    cut = _cut(pairs, scene.parts[0])
    pairs = [pair for pair in (cut if all(new for _old, new in cut) else pairs) if pair[0] and pair[1]]
    if not pairs:
        return None
    return scene.compare.smallest(pairs, scene.compare(pairs, lately=True), scene.level)
