# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kill a process and all its descendants, at once and for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys


def main() -> None:
    table = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], check=True, capture_output=True, text=True).stdout
    children: dict[int, list[int]] = {}
    for parent, process in (map(int, row.split()) for row in table.splitlines()):
        children.setdefault(parent, []).append(process)
    doomed = [int(sys.argv[1])]
    for process in doomed:
        doomed += children.get(process, [])
    for process in doomed:
        os.kill(process, signal.SIGKILL)


main()
