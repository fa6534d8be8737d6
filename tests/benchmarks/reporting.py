# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the report of a large change, once, in a process of its own. Usage: reporting.py URL FOLDER."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import THRESHOLDS
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import task
from simulator import TOKEN

TESTS, HOURS, INTERVAL, LAYERS = 200, 48, 300, ("network", "http-server")
START, END = "2026-11-03T00:00:00Z", "2026-11-03T02:00:00Z"
WINDOWS = {
    "before": {"from": "2026-11-01T00:00:00Z", "to": START},
    "after": {"from": END, "to": "2026-11-05T02:00:00Z"},
}


class Cost(t.NamedTuple):
    """``work``: seconds of the processor."""

    work: float
    megabytes: float
    html_megabytes: float


def cost(url: str, folder: Path) -> Cost:
    process = subprocess.Popen([sys.executable, __file__, url, str(folder)])
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    html = folder / "CHG" / "evidence.html"
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, html.stat().st_size / 2**20)


def main(url: str, folder: str) -> None:
    options: dict[str, t.Any] = {name: option.get("default") for name, option in task.SPEC.items()}
    tests = [
        {"test_id": str(number), "test_name": f"Test {number}", "interval": INTERVAL, "layers": list(LAYERS)}
        for number in range(1, TESTS + 1)
    ]
    options.update(api_token=TOKEN, api_url=url, change_id="CHG", start=START, end=END, **WINDOWS)
    options.update(tests=tests, thresholds=THRESHOLDS, must_see={"percent": 100.0, "points": 25.0}, dir=folder)
    result = task.run(options, Context(False, False, SystemClock(), print, print, []))
    assert result["evidence"]["counts"]["tests"] == TESTS


if __name__ == "__main__":
    main(*sys.argv[1:])
