# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes on a machine that fails: full disks, mounts that only they see, and modes of files that bind them."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import resource
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest


def need(*prefix: str) -> list[str]:
    """The prefix. Skips the test where it is missing or not permitted."""
    if shutil.which(prefix[0]) is None:
        pytest.skip(f"there is no {prefix[0]} here")
    tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"{prefix[0]} is not permitted here: {tried.stderr.strip()}")
    return list(prefix)


def mounted(how: str, folder: Path) -> list[str]:
    """A prefix for a process that alone sees a mount on a folder."""
    return need("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", f'{how}; exec "$@"', str(folder))


def mounted_read_only(folder: Path) -> list[str]:
    """A prefix for a process that cannot write there."""
    return mounted('mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"', folder)


def bound_by_modes() -> list[str]:
    """A prefix for a process that modes of files stop, which they do not for root."""
    return need("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else []


@contextlib.contextmanager
def no_file_longer_than(size: int) -> t.Iterator[None]:
    """In bytes, for this process."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def apart(prefix: t.Sequence[str], function: t.Callable[..., t.Any], *arguments: str | Path) -> t.Any:
    """What a function returns in a process of its own, behind what a prefix does to it. Its file ends with main()."""
    done = subprocess.run(
        [*prefix, sys.executable, inspect.getfile(function), function.__name__, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main(functions: t.Mapping[str, t.Any]) -> None:
    """The other end of ``apart``, for a file's globals()."""
    print(json.dumps(functions[sys.argv[1]](*sys.argv[2:])))
