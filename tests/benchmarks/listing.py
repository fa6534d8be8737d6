# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a long list of tests: bare, and by a task that looks for a few of them.

As a program it does so once, for its peak memory. Usage: listing.py bare|task URL.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import requests
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import test_info
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import TOKEN

FEW = "^Test 1999[0-9]$"


def bare(url: str) -> float:
    """Milliseconds for nothing but the transfer and the parsing."""
    start = time.perf_counter()
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/hal+json"}
    tests = requests.get(f"{url}/v7/tests", headers=headers, timeout=30).json()["tests"]
    milliseconds = (time.perf_counter() - start) * 1000
    assert tests
    return milliseconds


def task(url: str) -> float:
    """Milliseconds for a task."""
    options = {name: option.get("default") for name, option in test_info.SPEC.items()}
    options.update(api_token=TOKEN, api_url=url, name_regex=FEW)
    start = time.perf_counter()
    result = test_info.run(options, Context(False, False, SystemClock(), print, print, []))
    milliseconds = (time.perf_counter() - start) * 1000
    assert len(result["tests"]) == 10
    return milliseconds


def peak(what: str, url: str) -> float:
    """Megabytes of a process that does it once."""
    process = subprocess.Popen([sys.executable, __file__, what, url])
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    {"bare": bare, "task": task}[sys.argv[1]](sys.argv[2])
