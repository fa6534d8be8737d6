# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The words in which a verdict says why: how much, from when on, how often, and where it is worst."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ...module_utils._core.metrics import SHARE
from ...module_utils._core.numbers import amount, from_to, moved, number
from .series import OUTAGE, Measured, Span, Strand, values_of

if t.TYPE_CHECKING:
    from .looks import Look
    from .outages import Outage
    from .verdicts import Comparison, Found, Scene


def reason_of(
    found: Comparison,
    why: Found | None,
    look: Look,
    scene: Scene,
    pairs: t.Sequence[tuple[Measured, Measured]],
) -> tuple[str, str]:
    """Why one comparison has its verdict, and the end of that: where it is worst can be told between the two."""
    if why is not None and why.outage is not None:
        return _outage(why, scene, len(pairs))
    if why is not None and why.slow is not None:
        slow = why.slow
        words = (
            f"{slow.after} of {slow.of_after} measurements took more than twice the 95th percentile before, and "
            f"{slow.before} of {slow.of_before} before"
        )
        return words, _ending(why)
    words = _went(found, scene)
    if why is not None:
        before = " (it was rising before the change, too)" if scene.compare.rising(pairs) else ""
        # What was worse for a part of the window was so by more.
        words += " on average over the window" if why.recovered else ""
        return f"{words}{before}{_counts(why, scene, pairs)}", f"{_when(found, why, scene)}{_ending(why)}"
    if found.verdict == "improved":
        return words, "."
    if not look.difference:
        return f"{scene.row.title} stayed at {amount(look.before, scene.row.kind.unit)}", "."
    if not look.large:
        return f"{words}, by less than {_limits(look, scene)}", "."
    if found.verdict == "inconclusive":
        return words, ". Noise may explain it."
    return f"{words}, within the noise", "."


def combined_reason(
    whole: Comparison | None,
    found: t.Sequence[tuple[Strand, Comparison]],
    agents: t.Sequence[tuple[Strand, Comparison]],
    scene: Scene,
) -> str:
    """Why a metric has its verdict: over all agents, or at the worst of them."""
    worst = sorted(found, key=lambda row: (row[1].part != OUTAGE, -_size(row[1])))
    # That nothing gets through at an agent says more than a mean.
    explained = whole is None or whole.besides or (worst and worst[0][1].part == OUTAGE != whole.part)
    # A mean over agents of which one is worse is what no agent measured.
    only_there = len(worst) == 1 and len(agents) > 1 and len(_alike(agents, scene)) == 1
    explained = explained or only_there
    if whole is not None and not (explained and worst):
        at = _at(whole, worst, agents, scene)
        return f"{whole.reason.removesuffix(whole.ending)}, {at}{whole.ending}" if at and whole.ending else whole.reason
    strand, own = worst[0]
    more = f" Likewise {len(worst) - 1} more of {len(agents)} agents." if len(worst) > 1 else ""
    if only_there:
        more = f" Only there, of {len(agents)} agents."
    return f"{_at_agent(strand, own.reason, scene)}{more}"


def _at_agent(strand: Strand, reason: str, scene: Scene) -> str:
    title = scene.row.title
    if reason.startswith(title):
        return f"{title} at {strand.label}{reason[len(title) :]}"
    return f"{strand.label}: {reason[:1].lower()}{reason[1:]}"


def _size(found: Comparison) -> float:
    return abs(found.difference_percent if found.difference_percent is not None else found.difference or 0.0)


def _at(
    whole: Comparison,
    worst: t.Sequence[tuple[Strand, Comparison]],
    agents: t.Sequence[tuple[Strand, Comparison]],
    scene: Scene,
) -> str:
    """At how many agents, and where it is worst."""
    if len(agents) < 2 or whole.missing or whole.part == OUTAGE:
        return ""
    alike = _alike(agents, scene)
    rows = sorted(worst or alike, key=lambda row: -_size(row[1]))
    if not rows:
        return ""
    strand, own = rows[0]
    values = from_to(own.value_before or 0.0, own.value_after or 0.0, scene.row.kind.unit)
    if max(len(alike), len(worst)) == 1:
        return f"only at {strand.label} ({values}), one of {len(agents)} agents"
    return f"{at_agents(max(len(alike), len(worst)), len(agents))}, worst at {strand.label} ({values})"


def _alike(agents: t.Sequence[tuple[Strand, Comparison]], scene: Scene) -> list[tuple[Strand, Comparison]]:
    """The agents that are worse by the threshold, whatever noise may explain."""
    return [
        (strand, own)
        for strand, own in agents
        if own.difference is not None and own.difference * scene.row.worse > 0 and _reaches(own, scene)
    ]


def at_agents(count: int, total: int) -> str:
    return f"at all {total} agents" if count == total else f"at {count} of {total} agents"


def _reaches(found: Comparison, scene: Scene) -> bool:
    change, threshold = abs(found.difference or 0.0), scene.threshold
    if scene.row.kind is SHARE:
        return change >= threshold["points"]
    percent = found.difference_percent
    return change >= threshold["ms"] and (percent is None or abs(percent) >= threshold["percent"])


def _went(found: Comparison, scene: Scene) -> str:
    was, is_now, unit = found.value_before or 0.0, found.value_after or 0.0, scene.row.kind.unit
    verb = "rose" if is_now > was else "fell"
    words = f"{scene.row.title} {verb} from {from_to(was, is_now, unit)}"
    # The two values of a share say how far it moved.
    return words if scene.row.kind is SHARE else f"{words} ({moved(is_now - was, found.difference_percent, unit)})"


def _limits(look: Look, scene: Scene) -> str:
    """The thresholds that were not reached."""
    threshold = scene.threshold
    if scene.row.kind is SHARE:
        points = threshold["points"]
        return f"{number(points)} point{'' if points == 1 else 's'}"
    missed = []
    if look.percent is not None and abs(look.percent) < threshold["percent"]:
        missed.append(f"{number(threshold['percent'])} %")
    if abs(look.difference) < threshold["ms"]:
        missed.append(f"{number(threshold['ms'])} ms")
    return " and ".join(missed)


def _counts(why: Found, scene: Scene, pairs: t.Sequence[tuple[Measured, Measured]]) -> str:
    """How many measurements a share comes from."""
    if scene.row.kind is not SHARE:
        return ""
    values = [value for _old, new in pairs for value in values_of(why.part.of(new))]
    best = 0.0 if scene.row.worse > 0 else scene.row.kind.most
    last = "last " if why.part in scene.parts[1:] else ""
    what = "rounds" if len(pairs) == 1 else "measurements"
    return f", in {sum(value != best for value in values)} of the {last}{len(values)} {what}"


def _when(found: Comparison, why: Found, scene: Scene) -> str:
    if why.recovered:
        return ""
    since = found.since_minute or 0.0
    # It may have begun during the change.
    begun = "since" if since * 60 > scene.span.origin else "already so at"
    return f", {begun} {clock(scene.span, since)}"


def clock(span: Span, minute: float) -> str:
    """``22:40 UTC``, with the day if that is another one than that on which the window after the change begins."""
    begin, moment = (datetime.fromtimestamp(each, timezone.utc) for each in (span.begin, span.begin + minute * 60))
    return f"{moment:%H:%M} UTC" if moment.date() == begin.date() else f"{moment:%Y-%m-%d %H:%M} UTC"


def _outage(why: Found, scene: Scene, agents: int) -> tuple[str, str]:
    outage = t.cast("Outage", why.outage)
    start = clock(scene.span, (outage.start + scene.span.origin) / 60)
    minutes = f"{outage.seconds / 60:.0f} min"
    rounds = f"{outage.rounds} round{'' if outage.rounds == 1 else 's'}"
    at = f" {at_agents(len(outage.agents), agents)}" if len(outage.agents) > 1 else ""
    if outage.holds:
        return f"Nothing got through{at} since {start}, until the end ({minutes}, {rounds})", "."
    return f"Nothing got through{at} for {minutes} ({rounds}), from {start} on", ". Then it recovered."


def _ending(why: Found) -> str:
    if why.stopped and why.usual is not None:
        hours = f"in {why.usual.hours:.0f} hours without this change"
        if not why.usual.times:
            return f". That is within the usual scatter {hours}."
        times = f"{why.usual.times} time{'' if why.usual.times == 1 else 's'}"
        where = " at another agent" if why.usual.elsewhere else ""
        return f". A difference as large came {times}{where} {hours}."
    return ". Then it recovered." if why.recovered else "."
