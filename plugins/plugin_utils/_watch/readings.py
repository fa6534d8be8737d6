# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What one test measured, read bit by bit while its rounds end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from ...module_utils._api.client import Api
from ...module_utils._core.measurements import Measurement
from ...module_utils._core.windows import Window
from .._change.reading import Windows, read_rows, strands_of
from .._verdict.series import Strand

# Where nothing was measured that could show how long a round is.
_USUAL_INTERVAL = 300
# An agent that has missed so many rounds is not waited for, and those rounds are not read again.
_SILENT = 3

# The agent and the server.
_Key = tuple[str, str]


class Readings:
    """The rows of each layer. A round is read once, but where an agent was late with it.

    ``interval``: None if nobody tells how long a round is.
    """

    def __init__(self, test_id: str, layers: Sequence[str], windows: Windows, interval: int | None) -> None:
        self.layers = layers
        self._test_id, self._windows, self._interval = test_id, windows, interval
        self._start, self._end = (int(instant.timestamp()) for instant in windows.after)
        self._rows: dict[str, dict[tuple[int, str, str], Measurement]] = {}
        self._next = dict.fromkeys(layers, self._start)
        # When it was read the last time, in epoch seconds.
        self.read_at = 0.0

    @property
    def interval(self) -> int:
        """Seconds from round to round: as told, or as the rounds before the change show it."""
        if self._interval is None:
            rounds = sorted({number for rows in self._rows.values() for number, _agent, _server in rows})
            steps = [later - number for number, later in zip(rounds, rounds[1:])]
            self._interval = min(steps, default=_USUAL_INTERVAL)
        return self._interval

    def read_before(self, api: Api, aid: str | None) -> None:
        """:raises ThousandEyesError: not all was read. What was, is not read again."""
        for layer in self.layers:
            if layer not in self._rows:
                rows = read_rows(api, self._test_id, layer, self._windows.before, aid)
                self._rows[layer] = {_key(row): row for row in rows}

    def read(self, api: Api, aid: str | None, now: float) -> None:
        """What is new in the window after the change.

        :raises ThousandEyesError: not all was read.
        """
        until = min(int(now), self._end)
        for layer in self.layers:
            if self._next[layer] < until:
                rows = read_rows(api, self._test_id, layer, _span(self._next[layer], until), aid)
                self._rows[layer].update((_key(row), row) for row in rows)
                self._next[layer] = max(self._next[layer], self._not_yet_whole(layer, until))
        self.read_at = now

    def strands(self) -> Mapping[str, Mapping[str, list[Strand]]]:
        return {
            layer: strands_of([rows[key] for key in sorted(rows)], layer, self._windows)
            for layer, rows in self._rows.items()
        }

    def late(self, at: float) -> list[str]:
        """The names of the agents that owe the last round that ended by then, of those that usually deliver."""
        found: dict[str, None] = {}
        for layer, rows in self._rows.items():
            last = self._last_round(layer, at)
            if last is not None:
                for agent, server in self._missing(layer, last):
                    name = next((row.agent_name for key, row in rows.items() if key[1:] == (agent, server)), None)
                    found[name or f"agent {agent}"] = None
        return list(found)

    def _last_round(self, layer: str, at: float) -> int | None:
        """The last round of the window after the change that ended by then."""
        first = next(iter(self._rows[layer]), None)
        if first is None:
            return None
        last = int(at) - self.interval
        last -= (last - first[0]) % self.interval
        return last if last >= self._start else None

    def _missing(self, layer: str, number: int) -> list[_Key]:
        """Who has not delivered a round and may yet do so."""
        rows = self._rows[layer]
        latest: dict[_Key, int] = {}
        before: Counter[_Key] = Counter()
        for round_id, agent, server in rows:
            latest[agent, server] = max(latest.get((agent, server), 0), round_id)
            before[agent, server] += round_id < self._start
        most = max(before.values(), default=0)
        for key, count in before.items():
            if count * 2 >= most:
                # It is expected from the start on.
                latest[key] = max(latest[key], self._start - self.interval)
        return [
            key
            for key, seen in latest.items()
            if (number, *key) not in rows and seen >= number - _SILENT * self.interval
        ]

    def _not_yet_whole(self, layer: str, now: int) -> int:
        """From where on to read the next time."""
        last = self._last_round(layer, now)
        if last is None:
            return self._start
        recent = range(max(last - (_SILENT - 1) * self.interval, self._start), last + 1, self.interval)
        return next((number for number in recent if self._missing(layer, number)), last + self.interval)


def _key(row: Measurement) -> tuple[int, str, str]:
    return row.round_id, row.agent_id, row.server or ""


def _span(start: int, end: int) -> Window:
    return Window(datetime.fromtimestamp(start, timezone.utc), datetime.fromtimestamp(end, timezone.utc))
