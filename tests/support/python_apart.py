# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs in a process of their own, with the modules of this one, and libraries that cannot be imported."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import ansible_collections


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the program wrote. :raises subprocess.CalledProcessError: it failed."""
    # ansible_collections is a namespace, whose first place may be any.
    places = [str(Path(place).parent) for place in ansible_collections.__path__]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*places, *sys.path])}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


class Poison:
    """Makes the import of these libraries fail, also of what is imported already. ``tried``: what was asked for."""

    def __init__(self, names: t.Collection[str], failure: t.Callable[[str], Exception]) -> None:
        self._names = names
        self._failure = failure
        self._taken: dict[str, t.Any] = {}
        self.tried: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if self._is_poisoned(name):
            self.tried.append(name)
            raise self._failure(name)

    def take(self) -> None:
        self._taken = {name: sys.modules.pop(name) for name in list(sys.modules) if self._is_poisoned(name)}
        sys.meta_path.insert(0, t.cast(t.Any, self))

    def give_back(self) -> None:
        sys.meta_path.remove(t.cast(t.Any, self))
        sys.modules.update(self._taken)

    def _is_poisoned(self, name: str) -> bool:
        return name.partition(".")[0] in self._names
