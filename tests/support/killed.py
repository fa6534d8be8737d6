# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of the tests that are killed at one of their steps."""

from __future__ import annotations

import os
import sys
import typing as t

# How a process ends that was killed.
KILLED = 77


def in_child(run: t.Callable[[], t.Any]) -> int:
    """The process id of one that runs this, and ends with 0 unless it fails."""
    child = os.fork()
    if child == 0:
        try:
            run()
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    return child


def end_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_at(number: int, steps: t.Sequence[str]) -> None:
    """From now on, this process is killed at its Nth step. ``steps``: the functions of C(os) that are steps."""
    count = 0

    def wrapped(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
            nonlocal count
            count += 1
            if count == number:
                os._exit(KILLED)
            return function(*args, **kwargs)

        return call

    for name in steps:
        setattr(os, name, wrapped(getattr(os, name)))
