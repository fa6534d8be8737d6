# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On what the measurement was made. Linux only."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def describe(folder: Path) -> dict[str, str]:
    """``folder``: where the ledgers are."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    collection = re.search(r"^version: (.*)", (ROOT / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
    return {
        "CPU": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "Memory": f"{memory:.1f} GiB",
        "Kernel": f"{platform.system()} {platform.release()}",
        "File system of the ledgers": _file_system(folder),
        "ansible-core": version("ansible-core"),
        "Python": platform.python_version(),
        "requests": version("requests"),
        "SQLite": sqlite3.sqlite_version,
        "psycopg": version("psycopg"),
        "community.thousandeyes": collection[1] if collection else "unknown",
    }


def _file_system(folder: Path) -> str:
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    kinds = {Path(mount[1]): mount[2] for mount in mounts}
    return next(kinds[place] for place in folder.parents if place in kinds)
