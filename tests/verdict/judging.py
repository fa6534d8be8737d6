# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Series of a test, as a program has them, through the judge of the collection."""

from __future__ import annotations

import typing as t
from bisect import bisect_left

from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.guard import Past
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.judge import judge, wants_history
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.series import Span, Strand
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import Settings

Window = t.Tuple[float, float]
_SETTINGS = Settings()


class Series(t.NamedTuple):
    """``past``: None where there was nothing before the window before."""

    strands: dict[str, dict[str, list[Strand]]]
    span: Span
    past: Past | None


def judge_series(
    interval: int,
    before: Window,
    after: Window,
    layers: t.Mapping[str, t.Mapping[str, t.Sequence[t.Mapping[str, t.Any]]]],
    exclude: t.Sequence[Window] = (),
    settings: Settings = _SETTINGS,
) -> dict[str, t.Any]:
    """The verdict on one test. Times are in epoch seconds; rounds before ``before`` are the history."""
    strands, span, past = series_of(interval, before, after, layers, exclude, settings)
    entry = judge(strands, span, settings)
    if past and wants_history(entry):
        entry = judge(strands, span, settings, past)
    return entry


def series_of(
    interval: int,
    before: Window,
    after: Window,
    layers: t.Mapping[str, t.Mapping[str, t.Sequence[t.Mapping[str, t.Any]]]],
    exclude: t.Sequence[Window] = (),
    settings: Settings = _SETTINGS,
) -> Series:
    """As the judge takes it."""
    gap = int(after[0] - before[1])
    settle = int(settings.settle_minutes * 60)
    span = Span(int(before[1] - before[0]), int(after[1] - after[0]), interval, gap, settle)
    strands: dict[str, dict[str, list[Strand]]] = {}
    past: dict[tuple[str, str, str | None], list[tuple[int, float]]] = {}
    for layer, metrics in layers.items():
        strands[layer] = {}
        for metric, agents in metrics.items():
            strands[layer][metric] = []
            for agent in agents:
                rounds = sorted(agent["rounds"], key=lambda row: row[0])
                seconds = [row[0] for row in rounds]
                sides = []
                for start, end in (before, after):
                    first, last = bisect_left(seconds, start), bisect_left(seconds, end)
                    sides.append([(int(second - start), value) for second, value in rounds[first:last]])
                server = agent.get("server")
                strands[layer][metric].append(Strand(str(agent["agent"]), agent.get("name"), server, *sides))
                old = rounds[: bisect_left(seconds, before[0])]
                if old:
                    key = (metric, str(agent["agent"]), server)
                    past[key] = [(int(second - before[0]), value) for second, value in old if value is not None]
    spans = [(start - before[0], end - before[0]) for start, end in exclude]
    return Series(strands, span, Past(past, spans) if past else None)
