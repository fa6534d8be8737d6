# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Which processes live: each holds a lock on a file of its own, which the system lifts when the process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid

from .places import check_place


class Owner:
    """This process, as one that may hold attempts. The file exists from the first need of ``name`` until ``close``."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._name: str | None = None
        self._handle = -1

    def name(self) -> str:
        if self._name is not None and not os.path.exists(self._path(self._name)):
            # Somebody has removed it, and everyone would take this process for dead.
            self.close()
        if self._name is None:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            check_place(self._folder)
            name = uuid.uuid4().hex
            draft = self._path(f".{name}")
            self._handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            # Only now, so that nobody ever finds it without its lock.
            os.rename(draft, self._path(name))
            self._name = name
            self._forget_the_dead()
        return self._name

    def lives(self, name: str) -> bool:
        """Whether the process of that name still runs."""
        if name == self._name:
            return True
        try:
            handle = os.open(self._path(name), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two who look at the same time do not take each other for the owner.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(handle)

    def _forget_the_dead(self) -> None:
        for name in os.listdir(self._folder):
            if not name.startswith(".") and not self.lives(name):
                self._forget(name)

    def _forget(self, name: str) -> None:
        # What cannot be removed does no harm.
        with contextlib.suppress(OSError):
            os.unlink(self._path(name))

    def close(self) -> None:
        if self._name is not None:
            self._forget(self._name)
            os.close(self._handle)
            self._name = None

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)
