# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What is to happen where a call into a library takes too long, and nothing else in this process runs meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

from .._core.clock import QUIET

# Seconds between two looks.
_EVERY = 0.2


class Watch:
    """By one thread from the first need to ``close``: to start one for each call would take longer than most calls.

    ``tell`` shows progress to people.
    """

    def __init__(self, tell: t.Callable[[str], None]) -> None:
        self._tell = tell
        self._due: dict[object, tuple[float, t.Callable[[], None]]] = {}
        self._closed: threading.Event | None = None

    def over(self, ledger: str) -> t.ContextManager[None]:
        """People are told if the block takes long."""
        return self.after(QUIET, lambda: tell_of_waiting(ledger, self._tell))

    @contextlib.contextmanager
    def after(self, seconds: float, act: t.Callable[[], None]) -> t.Iterator[None]:
        """Calls ``act`` from another thread, once, if the block takes longer than that. It returns at once."""
        if self._closed is None:
            self._closed = threading.Event()
            threading.Thread(target=self._look, args=(self._closed,), daemon=True).start()
        mark = object()
        self._due[mark] = time.monotonic() + seconds, act
        try:
            yield
        finally:
            self._due.pop(mark, None)

    def _look(self, closed: threading.Event) -> None:
        while not closed.wait(_EVERY):
            for mark, (at, act) in list(self._due.items()):
                if time.monotonic() >= at:
                    self._due.pop(mark, None)
                    with contextlib.suppress(Exception):
                        act()

    def close(self) -> None:
        if self._closed is not None:
            self._closed.set()
            self._closed = None


def tell_of_waiting(ledger: str, tell: t.Callable[[str], None]) -> None:
    """Shows people what is waited for. By a thread of its own: whatever becomes of the line, nothing waits for it."""

    def show() -> None:
        with contextlib.suppress(Exception):
            tell(f"waiting for the ledger {ledger}")

    threading.Thread(target=show, daemon=True).start()
