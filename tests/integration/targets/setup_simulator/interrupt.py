# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulator over, run a playbook until that has so many creations and the output has a text, and stop it.

Usage: interrupt.py HOW CREATIONS TEXT FAULT ARGUMENT... The fault is JSON, or empty; the arguments are the playbook's.

HOW is INT or TERM, sent to all of the playbook's group, TERM-alone, to its first process, or KILL, to all of its
processes. ALRM is sent to its worker, as the system does it for a task whose time is up. With LIMIT it is Ansible that
ends it, by a limit of the playbook's own, at that moment or before, and the job of the playbook is waited for. Status 0
if it ended by that; 3 if it was before.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

# Ends what hangs, and no slow machine.
PATIENCE = 900
# The words of the task, up to ansible-core 2.18 and after it, and of the job, by who notices first.
TIMED_OUT = "expected time frame|Timed out after|Timeout exceeded|ASYNC FAILED on"


def control(method: str, path: str, body: Any = None) -> Any:
    url = f"{os.environ['THOUSANDEYES_SIMULATOR']}/_control/{path}"
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def family(process: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            parent = int(re.findall(r"^PPid:\s*(\d+)$", path.read_text(), re.MULTILINE)[0])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [process]
    for each in found:
        found += children.get(each, [])
    return found


def waits_for_alarm(process: int) -> bool:
    caught = re.findall(r"^SigCgt:\s*(\S+)$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)[0]
    return bool(int(caught, 16) >> (signal.SIGALRM - 1) & 1)


def await_job(variable: bytes, end: float) -> None:
    """Until no process is left that was started with that environment variable: a job outlives its playbook."""
    while time.monotonic() < end:
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                found.append(variable in path.read_bytes().split(b"\0"))
        if not any(found):
            return
        time.sleep(0.1)
    sys.exit("The job has not ended.")


def stop(process: subprocess.Popen[bytes], how: str) -> None:
    if how == "KILL":
        for each in family(process.pid):
            os.kill(each, signal.SIGKILL)
    elif how == "ALRM":
        [worker] = [each for each in family(process.pid) if waits_for_alarm(each)]
        os.kill(worker, signal.SIGALRM)
    elif how == "TERM-alone":
        process.terminate()
    elif how != "LIMIT":
        os.killpg(process.pid, signal.Signals[f"SIG{how}"])


def main() -> None:
    how, count, text, fault, *arguments = sys.argv[1:]
    control("POST", "reset", {"creation_limit": None})
    if fault:
        control("POST", "faults", json.loads(fault))
    output = Path(os.environ["WORK"], "interrupted")
    # Ignored by what a shell starts in the background, and by all that is started there in turn.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with output.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(
            ["ansible-playbook", "-e", "@../setup_simulator/simulator.yml", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "INTERRUPTED_BY": str(os.getpid())},
        )

    def is_time() -> bool:
        return len(control("GET", "creations")) >= int(count) and text in output.read_text(encoding="utf-8")

    end = time.monotonic() + PATIENCE
    try:
        while how != "LIMIT" and not is_time():
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("It never came to that moment.")
            time.sleep(0.1)
        stop(process, how)
        status = process.wait(PATIENCE)
        if how == "LIMIT":
            await_job(f"INTERRUPTED_BY={os.getpid()}".encode(), end)
    finally:
        process.kill()
        print(output.read_text(encoding="utf-8"))
    if how in ("ALRM", "LIMIT"):
        by_that = status == 2 and re.search(TIMED_OUT, output.read_text(encoding="utf-8"))
    else:
        number = signal.Signals[f"SIG{how.partition('-')[0]}"]
        # Ansible's own status for Ctrl-C is 99.
        by_that = status in (-number, 128 + number, 99)
    if not by_that:
        sys.exit(f"It ended with {status}, and not by that.")
    if not is_time():
        sys.exit(3)


main()
