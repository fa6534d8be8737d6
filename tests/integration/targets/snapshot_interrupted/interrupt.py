# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook until the simulator has made some snapshots and the output has a text; then stop it by a signal.

Usage: interrupt.py INT|TERM group|alone CREATIONS TEXT ARGUMENT... Status 0 if the signal ended it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

# Ends what hangs, and no slow machine.
PATIENCE = 900


def creations() -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{os.environ['THOUSANDEYES_SIMULATOR']}/_control/creations", timeout=PATIENCE) as answer:
        return len(json.load(answer))


def main() -> None:
    name, whom, count, text, *arguments = sys.argv[1:]
    number = signal.Signals[f"SIG{name}"]
    output = os.path.join(os.environ["WORK"], "interrupted")
    # Ignored by what a shell starts in the background, and by all that is started there in turn.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(output, "w", encoding="utf-8") as sink:
        process = subprocess.Popen(
            ["ansible-playbook", "-e", "@../setup_simulator/simulator.yml", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    end = time.monotonic() + PATIENCE
    try:
        while True:
            with open(output, encoding="utf-8") as lines:
                if creations() >= int(count) and text in lines.read():
                    break
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("It never came to that moment.")
            time.sleep(0.1)
        if whom == "group":
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        status = process.wait(PATIENCE)
    finally:
        process.kill()
        with open(output, encoding="utf-8") as lines:
            print(lines.read())
    # Ansible's own status for Ctrl-C is 99.
    if status not in (-number, 128 + number, 99):
        sys.exit(f"It ended with {status}.")


main()
