# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python tests/simulator --port 0 [-- COMMAND ...]`: serve until a signal, or for as long as a command runs."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from simulator.seed import DEFAULT_AID, TOKEN  # noqa: E402  pylint: disable=wrong-import-position
from simulator.server import Simulator  # noqa: E402  pylint: disable=wrong-import-position


def main(arguments: list[str]) -> int:
    """Exit status: that of the command, 128 + n where signal n ended it, else 0."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0, the default, for a free one")
    options = parser.parse_args(arguments[:split])
    command = arguments[split + 1 :]
    simulator = Simulator(options.host, options.port)
    if command:
        with simulator:
            return run(command, simulator.url)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    with simulator:
        print(simulator.url, flush=True)
        print(help_text(simulator), file=sys.stderr, flush=True)
        stop.wait()
    return 0


def help_text(simulator: Simulator) -> str:
    """How to use it, which tests it has, and how one of them gets worse."""
    tests = simulator.world()["tests"]
    shown = [test for test in tests if test["aid"] == DEFAULT_AID and not test["saved_event"]]
    since = (datetime.now(timezone.utc) - timedelta(minutes=65)).replace(second=0, microsecond=0)
    worse = {
        "test_id": shown[0]["test_id"],
        "start": since.isoformat(),
        "end": (since + timedelta(days=1)).isoformat(),
        "factor": {"responseTime": 1.5},
    }
    return "\n".join(
        [
            "Its tests:",
            *(f"  {test['test_id']:<16}  {test['type']:16}  {test['name']}" for test in shown),
            "",
            "Use it in another terminal:",
            f"  export THOUSANDEYES_API_URL={simulator.url} THOUSANDEYES_API_TOKEN={TOKEN}",
            "  export THOUSANDEYES_LEDGER=/tmp/simulator.sqlite3  # so that yours stays free of its snapshots",
            "",
            f"Slow down {shown[0]['name']} from {since:%Y-%m-%dT%H:%MZ} on, as a change at that time may do:",
            f"  curl -sS {simulator.url}/_control/degradations -d {shlex.quote(json.dumps(worse))}",
            "",
            "Ctrl-C stops it.",
        ]
    )


def run(command: list[str], url: str) -> int:
    """Run a command with the address in THOUSANDEYES_SIMULATOR; signals are passed on to it."""
    early: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def forward(number: int, _frame: object) -> None:
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    try:
        process = subprocess.Popen(command, env={**os.environ, "THOUSANDEYES_SIMULATOR": url})
    except OSError as exc:
        print(f"simulator: {exc}", file=sys.stderr)
        return 127
    for missed in early:
        process.send_signal(missed)
    status = process.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
