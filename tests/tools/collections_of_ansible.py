# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python tests/tools/collections_of_ansible.py FOLDER awx.awx ...`: collections out of the package `ansible` on PyPI.

The package is downloaded once, by pip, into .build/, and not installed. Its version is pinned beside this file.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_suffix(".txt")
CACHE = ROOT / ".build" / "cache" / "ansible"


def wheel() -> Path:
    """The package, downloaded if it is not there."""
    pin = next(line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line.startswith("ansible=="))
    folder = CACHE / pin
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        # Which Python the package asks for does not matter, since nothing of it is run here.
        options = ["--python-version", "3.13", "--dest", str(folder), "--requirement", str(REQUIREMENTS)]
        subprocess.run(command + options, check=True)
    return next(folder.glob("*.whl"))


def fill(folder: Path, names: Iterable[str]) -> Path:
    """Put collections, named like `awx.awx`, into a folder that is fit for ANSIBLE_COLLECTIONS_PATH, and return it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with zipfile.ZipFile(wheel()) as package:
            for name in names:
                prefix = f"ansible_collections/{name.replace('.', '/')}/"
                last = prefix + "MANIFEST.json"
                members = [each for each in package.namelist() if each.startswith(prefix) and each != last]
                if not members:
                    raise LookupError(f"{name} is not in {package.filename}")
                if not (folder / last).exists():
                    package.extractall(folder, [*members, last])
    return folder


if __name__ == "__main__":
    fill(Path(sys.argv[1]), sys.argv[2:])
