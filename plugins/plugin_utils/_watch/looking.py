# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Looking at all tests in turn, when their rounds end: what is past at once, and the rest as time goes on.

What a look sees follows from the rounds that ended before it, so whoever makes it up later sees the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ...module_utils._api.client import Api
from ...module_utils._api.pace import Pace
from ...module_utils._api.side_by_side import read_side_by_side
from ...module_utils._core.errors import ThousandEyesError
from ...module_utils._core.windows import iso_of_epoch, left
from ...module_utils._tasks.context import Context
from .._verdict.verdicts import DEGRADED
from .watched import GRACE, Watched

# Seconds after which a watch says that it goes on.
_NEWS_EVERY = 600
# Seconds between questions for rounds that are late.
_AGAIN = 30
# Seconds after which a failure is tried again where no look is due before.
_LATER = 60
# The server's clock is told by whole seconds.
_SAME_TIME = 2.0
# Half of what the API takes in a minute, by its documents.
_A_MINUTE = 120
_MOST_NAMED = 5


class Reached(NamedTuple):
    """How far it came: the ``number`` of the last look, and when that was; the next one, if there is one.

    ``finished``: nothing is left to look at, or something is degraded.
    """

    number: int
    at: int | None
    next_at: int | None
    finished: bool


class Watch:
    """``until``: it ends by then at the latest, in epoch seconds by our clock; it waits for nothing if that is over.

    Tests are read by sessions side by side, which share ``pace``; histories by ``api``.
    """

    def __init__(
        self,
        tests: Sequence[Watched],
        api: Api,
        open_session: Callable[[], Api],
        aid: str | None,
        pace: Pace,
        context: Context,
        until: float,
    ) -> None:
        self.tests = tests
        self.looks: list[int] = []
        self._watched = [test for test in tests if test.layers]
        self._api, self._open_session, self._aid, self._pace = api, open_session, aid, pace
        self._context, self._until = context, until
        # Seconds that the server's clock is ahead.
        self._ahead = 0.0
        self._told_at = context.clock.now()
        self._told: object = None
        self._told_late: set[str] = set()
        # So many seconds after a round, the last one was delivered by all.
        self._lag = 0.0

    def now(self) -> float:
        """By the server's clock, as far as it is known."""
        return self._context.clock.now() + (self._ahead if abs(self._ahead) >= _SAME_TIME else 0.0)

    @property
    def requests(self) -> int:
        """How many requests a look at all tests takes, if each layer has one page of results."""
        return sum(len(test.layers) for test in self._watched)

    @property
    def requests_in_all(self) -> int:
        """How many a whole watch takes that begins now: the windows before, what is past, and each look to come."""
        ahead = [at for at in self.looks if at > self.now()]
        past = len(ahead) < len(self.looks)
        return self.requests * (1 + past) + sum(
            len(test.layers) for test in self._watched for at in ahead if at in test.looks
        )

    @property
    def degraded(self) -> list[Watched]:
        """The tests that are, and have a say; the worst first."""
        found = [test for test in self.tests if test.standing.verdict == DEGRADED and test.left_out is None]
        return sorted(found, key=lambda test: -test.standing.times)

    def run(self) -> Reached:
        """:raises ThousandEyesError: it cannot go on, such as with a token that is refused."""
        again = self._prepare()
        if again is not None:
            return Reached(0, None, again, False)
        self._tell_plan()
        reached = None
        for number, at in enumerate(self.looks, 1):
            if not self._wait_until(at + self._lag) or not self._look(number, at):
                return Reached(number - 1, reached, at, False)
            reached = at
            self._tell_look(number, at)
            if self.degraded:
                return Reached(number, at, None, True)
        return Reached(len(self.looks), reached, None, True)

    def _prepare(self) -> int | None:
        """Reads the windows before the change, and so knows the looks. When to try again, if it could not."""
        started = max((int(test.before_ends) for test in self._watched), default=0)
        waiting = list(self._watched)
        refused: list[ThousandEyesError] = []
        while self._wait_until(started) and waiting:
            self._pace.renew()
            try:
                for test, error in self._ask(list(waiting), lambda test, api: test.prepare(api, self._aid)):
                    waiting.remove(test)
                    if error is not None:
                        test.refused(error)
                        refused.append(error)
            except ThousandEyesError as error:
                if not error.passing:
                    raise
                started = int(self.now()) + _LATER
                self._context.tell(f"{error.message} Trying again at {iso_of_epoch(started)}")
        if refused and len(refused) == len(self._watched):
            raise refused[0]
        self.looks = sorted({at for test in self._watched for at in test.looks})
        return started if waiting else None

    def _ask(
        self, tests: Sequence[Watched], ask: Callable[[Watched, Api], None]
    ) -> Iterator[tuple[Watched, ThousandEyesError | None]]:
        """Each test in turn, with the error that concerns it alone.

        :raises ThousandEyesError: an error that concerns more than one test.
        """

        def one(api: Api, test: Watched) -> ThousandEyesError | None:
            try:
                ask(test, api)
            except ThousandEyesError as error:
                if error.spreads:
                    raise
                return error
            finally:
                self._ahead = self._ahead if api.clock_offset is None else api.clock_offset
            return None

        return zip(tests, read_side_by_side(self._open_session, one, tests))

    def _look(self, number: int, at: int) -> bool:
        """Whether the look could be made. A failure that passes is waited for until the next one is due."""
        due = [test for test in self._watched if test.due(at)]
        while True:
            self._pace.renew()
            try:
                self._read(due, at)
                self._wait_for_late(number, due, at)
                for test in due:
                    if test.due(at):
                        test.look(at, self._api, self._aid)
                return True
            except ThousandEyesError as error:
                if not error.passing:
                    raise
                again = next((look for look in self.looks if look > self.now()), int(self.now()) + _LATER)
                self._context.tell(f"look {number}: {error.message} Looking again at {iso_of_epoch(again)}")
                if not self._wait_until(again):
                    self._context.warn(f"Look {number} could not be made: {error.message}")
                    return False

    def _read(self, tests: Sequence[Watched], at: int) -> None:
        now = self.now()
        tests = [test for test in tests if test.lacks(at)]
        for test, error in self._ask(tests, lambda test, api: test.read(api, self._aid, now)):
            if error is not None:
                test.refused(error, at)

    def _wait_for_late(self, number: int, due: Sequence[Watched], at: int) -> None:
        """Until each agent has delivered the round that ended with this look, but no longer than that may take."""
        names: set[str] = set()
        waited = 0.0
        while self.now() < at + GRACE and not self._context.check_mode:
            late = {test: test.late(at) for test in due}
            late = {test: agents for test, agents in late.items() if agents}
            names = {f"{agent} ({test.name})" for test, agents in late.items() for agent in agents}
            if not names:
                # The next look begins when rounds can be expected to be there.
                self._lag = self._lag + waited if waited else max(self._lag - _AGAIN, 0.0)
                break
            if not names <= self._told_late:
                until = iso_of_epoch(at + GRACE)
                self._tell(f"look {number}: waiting until {until} for rounds of {_some(sorted(names))}")
            self._told_late |= names
            pause = min(_AGAIN, at + GRACE - self.now())
            self._context.clock.sleep(pause)
            waited += pause
            self._read(list(late), at)
        self._told_late &= names

    def _wait_until(self, at: float) -> bool:
        """Whether it came to that instant. It does not wait if its time is over before."""
        while (seconds := at - self.now()) > 0:
            if self._context.check_mode or self._context.clock.now() + seconds > self._until:
                return False
            quiet = max(self._told_at + _NEWS_EVERY - self._context.clock.now(), 1.0)
            self._context.clock.sleep(min(seconds, quiet))
            if self._context.clock.now() >= self._told_at + _NEWS_EVERY and at > self.now():
                self._tell(f"{self._found() or 'nothing is degraded so far'}; {_next(at)}")
        return True

    def _tell_plan(self) -> None:
        ahead = [at for at in self.looks if at > self.now()]
        if not ahead:
            return
        count = len(self._watched)
        text = f"{count} test{'' if count == 1 else 's'}, {len(self.looks)} looks until {iso_of_epoch(self.looks[-1])}"
        text += f", {len(self.looks) - len(ahead)} of them past; {_next(ahead[0])}"
        if self.requests > _A_MINUTE:
            takes = left(self.requests * 60 / _A_MINUTE)
            text += f"; a look takes {self.requests} requests, and so about {takes}"
        self._tell(text)

    def _tell_look(self, number: int, at: int) -> None:
        """Where something changed, or nothing was told for long."""
        stands = [(test.standing.verdict, test.standing.suspected) for test in self.tests]
        later = next((look for look in self.looks if look > at), None)
        if stands == self._told and self._context.clock.now() < self._told_at + _NEWS_EVERY and later is not None:
            return
        if self._told is None and not self._found() and at + GRACE < self.now() and later is not None:
            # It is past, and nothing was found.
            self._told = stands
            return
        self._told = stands
        ending = "" if self.degraded or later is None else f"; {_next(later)}"
        found = self._found() or "nothing is degraded"
        self._tell(f"look {number} of {len(self.looks)}, {iso_of_epoch(at)}: {found}{ending}")

    def _found(self) -> str:
        """What is degraded, or may be: what, where, since when."""
        parts = [f"{test.name} is degraded: {test.standing.reason}" for test in self.degraded]
        parts += [f"{test.name}: {test.standing.reason}" for test in self.tests if test.standing.suspected]
        return _some(parts, " ")

    def _tell(self, text: str) -> None:
        self._told_at = self._context.clock.now()
        self._context.tell(text)


def _next(at: float) -> str:
    return f"next look at {iso_of_epoch(at)}"


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return between.join(names[:_MOST_NAMED]) + more
