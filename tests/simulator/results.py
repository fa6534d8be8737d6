# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which measurements an answer holds, whatever the version: rounds of a range, pages of them (contract v6, v7 §7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Iterator, Mapping
from urllib.parse import urlsplit

from .entities import DNS_SERVERS, TEST_TYPES, TestConfig
from .measurements import DAY, Agent, Degradation, Measurement, measure
from .wire import ApiError, Request, epoch
from .world import World

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}


@dataclass
class Row:
    """One row of results. `server` is None but for DNS."""

    round_id: int
    agent: Agent
    server: int | None
    measurement: Measurement


@dataclass
class Series:
    """The measurements due for one layer of a test: each round has one of each agent, or of each agent and server."""

    world: World
    test: TestConfig
    layer: str
    rounds: range
    server: int | None = None
    direction: str | None = None

    def __post_init__(self) -> None:
        wanted = self.test.agents
        agents = self.world.agents.values()
        self.agents = [agent for agent in agents if wanted is None or agent.agent_id in wanted]
        servers: list[int | None] = [None]
        if self.layer == "dns-server":
            servers = [self.server] if self.server is not None else list(DNS_SERVERS)
        self.places = [(agent, server) for server in servers for agent in self.agents]

    @property
    def due(self) -> int:
        """How many there would be without gaps."""
        return len(self.rounds) * len(self.places)

    @property
    def in_order(self) -> range:
        return self.rounds if self.world.settings.results_order == "ascending" else self.rounds[::-1]

    def rows(self, first: int, stop: int) -> Iterator[Row]:
        """Those of the numbers from `first` to before `stop` that are not gaps."""
        test_id = self.test.results_of or self.test.test_id
        degradations = [row for row in self.world.degradations if row.test_id == test_id]
        rounds = self.in_order
        for number in range(first, min(stop, self.due)):
            index, place = divmod(number, len(self.places))
            agent, server = self.places[place]
            measurement = measure(
                test_id,
                agent,
                rounds[index],
                self.layer,
                str(server or self.direction or ""),
                degradations,
                self.world.settings.results_flaws,
                self.world.settings.results_noise,
                self.world.settings.results_rhythm,
            )
            if measurement is not None and not self._is_late(agent, rounds[index], degradations):
                yield Row(rounds[index], agent, server, measurement)

    def _is_late(self, agent: Agent, round_id: int, degradations: list[Degradation]) -> bool:
        """Whether the agent has not delivered a round yet that is over."""
        since = epoch(self.world.clock.now()) - round_id - self.test.interval
        test_id = self.test.results_of or self.test.test_id
        return any(
            row.late > since and row.applies(test_id, agent.agent_id, round_id, self.layer) for row in degradations
        )


def require_layer(test: TestConfig, layer: str, server: str | None) -> int | None:
    """The id of the server, if one is asked for; ApiError 404 for what the test does not measure."""
    if layer not in test.layers:
        raise ApiError(404, f"Test {test.test_id} has no results of {layer}")
    if server is None:
        return None
    if int(server) not in DNS_SERVERS:
        raise ApiError(404, f"Test {test.test_id} has no server {server}")
    return int(server)


def require_direction(test: TestConfig, wanted: str | None) -> str:
    """The direction of the measurements; ApiError 400 for one that the test does not measure (contract v7 §7)."""
    both = test.type == "agent-to-agent" and test.direction == "bidirectional"
    own = "to-target" if both or test.type != "agent-to-agent" else test.direction
    known = ("to-target", "from-target", "bidirectional") if both else (own,)
    if wanted is not None and wanted not in known:
        raise ApiError(400, f"direction is one of {', '.join(known)} for this test", "direction")
    return wanted or own


def window(request: Request) -> int | None:
    """The length of the window asked for in seconds; ApiError 400 for one that cannot be read."""
    text = request.query.get("window")
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,9})([smhdw]?)", text)
    if not match:
        raise ApiError(400, "window must be a number, and s, m, h, d or w", "window")
    return int(match[1]) * SECONDS[match[2]]


def span(
    world: World,
    request: Request,
    start_name: str,
    end_name: str,
    parse_date: Callable[[Mapping[str, Any], str], datetime],
) -> tuple[int, int] | None:
    """The range asked for, if any; ApiError 400 for window and dates together, and for an end without a start."""
    length = window(request)
    now = epoch(world.clock.now())
    if length is not None:
        for name in (start_name, end_name):
            if name in request.query:
                raise ApiError(400, f"window and {name} exclude each other", name)
        return max(now - length, 0), now
    if start_name not in request.query:
        if end_name in request.query:  # of v7 UNK
            raise ApiError(400, f"{end_name} needs {start_name}", end_name)
        return None
    start = max(epoch(parse_date(request.query, start_name)), 0)
    end = epoch(parse_date(request.query, end_name)) if end_name in request.query else now
    if end_name in request.query and end < start:
        raise ApiError(400, f"{end_name} must not be before {start_name}", end_name)
    return start, end


def require_readable(world: World, test: TestConfig) -> None:
    """ApiError 404 for a saved event whose results cannot be read by its own id."""
    if test.results_of is not None and not world.settings.saved_event_results:
        raise ApiError(404, f"Test {test.test_id} has no results")


def rounds(world: World, test: TestConfig, span: tuple[int, int] | None, before: bool = False) -> range:
    """The rounds of a test in a range, both ends included, or the last one without a range.

    A round is there once it is over (UNK). A saved event has those of its window, a disabled test those before it was
    modified. With `before` the round that precedes the range is there as well.
    """
    interval = test.interval
    now = epoch(world.clock.now())
    first, last = epoch(test.created), now - interval
    days = world.settings.results_retention_days
    if test.results_from is not None and test.results_to is not None:
        first, last = epoch(test.results_from), min(epoch(test.results_to), last)
    else:
        if not test.enabled:
            last = min(last, epoch(test.modified) - interval)
        if days is not None:
            first = max(first, int(now - days * DAY))
    if span is None:
        last -= last % interval
        return range(last, last + 1 if last >= first else last, interval)
    start = -(-span[0] // interval) * interval - (interval if before else 0)
    start = max(start, -(-first // interval) * interval)
    return range(start, max(min(span[1], last) + 1, start), interval)


def next_page(world: World, number: int, pages: int) -> int | None:
    """The number of the page that follows one, the first being 0; a setting leads in a circle for ever."""
    circle = int(world.settings.repeat_cursor)
    if circle and pages > 1:
        return 1 + number % min(circle, pages - 1)
    return number + 1 if number + 1 < pages else None


def target_host(test: TestConfig) -> str:
    """The `server` of network results: host and port."""
    if TEST_TYPES[test.type][0] == "url":
        url = urlsplit(test.target)
        return f"{url.hostname}:{url.port or {'https': 443, 'ftp': 21}.get(url.scheme, 80)}"
    if test.type == "dns-server":
        return f"{next(iter(DNS_SERVERS.values()))}:53"
    return test.target if ":" in test.target else f"{test.target}:49153"


def target_ip(test: TestConfig) -> str:
    return f"203.0.113.{(test.results_of or test.test_id) % 254 + 1}"


def tls(test: TestConfig, measurement: Measurement) -> dict[str, str]:
    """The fields that say how an HTTP server was spoken to, where it was: by https, and not failed before."""
    failed_before = measurement.error is not None and measurement.error[0] in ("DNS", "Connect", "SSL")
    if not test.target.startswith("https:") or failed_before:
        return {}
    return {"sslVersion": "TLSv1.3", "sslCipher": "TLS_AES_256_GCM_SHA384"}


def http_headers(test: TestConfig) -> dict[str, str]:
    """Those of a request and its response, on demand."""
    host = target_host(test).partition(":")[0]
    return {
        "requestHeaders": f"GET / HTTP/1.1\r\nHost: {host}\r\nX-ThousandEyes-Agent: yes\r\n",
        "responseHeaders": "HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=UTF-8\r\n",
    }
