# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the report of a change, once, in a process of its own. Usage: reporting.py URL FOLDER TESTS HOURS."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import typing as t
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import THRESHOLDS
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import task
from simulator import TOKEN

INTERVAL, LAYERS = 300, ("network", "http-server")
START, END = (datetime(2026, 11, 3, hour, tzinfo=timezone.utc) for hour in (0, 2))


class Size(t.NamedTuple):
    """``hours``: of each window."""

    tests: int
    hours: int


class Cost(t.NamedTuple):
    """``work``: seconds of the processor, of all that it took."""

    seconds: float
    work: float
    megabytes: float
    html_megabytes: float


def cost(url: str, folder: Path, size: Size) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, url, str(folder), *map(str, size)])
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    html = folder / "CHG" / "evidence.html"
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, html.stat().st_size / 2**20)


def main(url: str, folder: str, size: Size) -> None:
    options: dict[str, t.Any] = {name: option.get("default") for name, option in task.SPEC.items()}
    tests = [
        {"test_id": str(number), "test_name": f"Test {number}", "interval": INTERVAL, "layers": list(LAYERS)}
        for number in range(1, size.tests + 1)
    ]
    length = timedelta(hours=size.hours)
    windows = {
        name: {"from": start.isoformat(), "to": (start + length).isoformat()}
        for name, start in (("before", START - length), ("after", END))
    }
    change = {"change_id": "CHG", "start": START.isoformat(), "end": END.isoformat()}
    options.update(api_token=TOKEN, api_url=url, **change, **windows)
    options.update(tests=tests, thresholds=THRESHOLDS, must_see={"percent": 100.0, "points": 25.0}, dir=folder)
    result = task.run(options, Context(False, False, SystemClock(), print, print, []))
    assert result["evidence"]["counts"]["tests"] == size.tests


if __name__ == "__main__":
    main(*sys.argv[1:3], Size(*map(int, sys.argv[3:])))
