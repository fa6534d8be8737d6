# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several processes that want the same snapshots at the same time."""

from __future__ import annotations

import multiprocessing
import time
import typing as t

from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from in_process import capture

START_TIMEOUT = 60


def run(url: str, ledger: str, title: str, processes: int, number_of_tests: int) -> float:
    """The seconds from the start of all to the end of the last."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes + 1)
    racers = [
        context.Process(target=_racer, args=(ready, url, ledger, title, number_of_tests))
        for _number in range(processes)
    ]
    for racer in racers:
        racer.start()
    ready.wait(START_TIMEOUT)
    start = time.perf_counter()
    for racer in racers:
        racer.join()
    seconds = time.perf_counter() - start
    if any(racer.exitcode for racer in racers):
        raise RuntimeError("a process failed")
    return seconds


def _racer(ready: t.Any, url: str, ledger: str, title: str, number_of_tests: int) -> None:
    ready.wait(START_TIMEOUT)
    capture(url, ledger, SystemClock(), number_of_tests, display_name=title, quota_limit=1_000_000)
