# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading by several sessions at the same time."""

from __future__ import annotations

import itertools
import queue
import threading
import typing as t
from collections import deque
from concurrent.futures import Future

from .client import Api

# Sessions at the same time.
MOST = 8

_Item = t.TypeVar("_Item")
_Result = t.TypeVar("_Result")


def read_side_by_side(
    open_session: t.Callable[[], Api],
    read: t.Callable[[Api, _Item], _Result],
    items: t.Iterable[_Item],
    most: int = MOST,
) -> t.Iterator[_Result]:
    """What ``read`` returns for each item, in the order of the items, by up to ``most`` sessions.

    No more is read ahead than twice as many items. ``read`` is called in threads.

    :raises ThousandEyesError: the first item, in their order, for which ``read`` raised it. By then, no more is begun.
    """
    waiting = iter(items)
    work: queue.SimpleQueue[tuple[Future[_Result], _Item] | None] = queue.SimpleQueue()
    under_way: deque[Future[_Result]] = deque()
    stopped = threading.Event()

    def ask_for(count: int) -> None:
        for item in itertools.islice(waiting, count):
            under_way.append(Future())
            work.put((under_way[-1], item))

    ask_for(2 * most)
    threads = min(most, len(under_way))
    for _number in range(threads):
        # Not by an executor: a process that is to end would wait for its threads.
        arguments = (open_session, read, work, stopped)
        threading.Thread(target=_session, args=arguments, name="read_side_by_side", daemon=True).start()
    try:
        while under_way:
            yield under_way.popleft().result()
            ask_for(1)
    finally:
        stopped.set()
        for _number in range(threads):
            work.put(None)


def _session(
    open_session: t.Callable[[], Api],
    read: t.Callable[[Api, _Item], _Result],
    work: queue.SimpleQueue[tuple[Future[_Result], _Item] | None],
    stopped: threading.Event,
) -> None:
    api: Api | None = None
    try:
        while not stopped.is_set():
            # What is taken is done: all before an item that fails are waited for.
            job = work.get()
            if job is None:
                return
            future, item = job
            try:
                api = api or open_session()
                future.set_result(read(api, item))
            except BaseException as error:
                # Whoever waits for it raises it.
                stopped.set()
                future.set_exception(error)
    finally:
        if api is not None:
            api.close()
