# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python runs this at its start where it is on PYTHONPATH: the process kills itself at the point that CRASH_AT names.

Just before, it says so in the file CRASH_MARKER. Without CRASH_AT, only the waits are shortened.
"""

from __future__ import annotations

import builtins
import functools
import os
import select
import signal
import sys
import typing as t

UTILS = "ansible_collections.community.thousandeyes.plugins.module_utils"
LEDGER = (
    (f"{UTILS}._ledger.postgresql", "PostgresqlLedger")
    if "://" in os.environ["THOUSANDEYES_LEDGER"]
    else (f"{UTILS}._ledger.sqlite", "SqliteLedger")
)
# Where each point is: module, class, method, and on which side of it.
POINTS = {
    "before_intent": (*LEDGER, "claim", "before"),
    "after_intent": (*LEDGER, "claim", "after"),
    "after_send": ("http.client", "HTTPConnection", "getresponse", "before"),
    "after_answer": (f"{UTILS}._api.http_client", "HttpClient", "post", "after"),
    "before_completion": (*LEDGER, "created", "before"),
    "after_completion": (*LEDGER, "created", "after"),
}
POINT = os.environ.get("CRASH_AT", "")
# Seconds, in place of a minute and of ten.
LAG = 0.5
LONGEST = 5.0


def die() -> None:
    with open(os.environ["CRASH_MARKER"], "w", encoding="utf-8") as marker:
        marker.write(f"{POINT} {os.path.basename(sys.argv[0])}")
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(method: t.Callable[..., t.Any], side: str) -> t.Callable[..., t.Any]:
    @functools.wraps(method)
    def wrapper(self: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        if POINT == "after_send":
            # Where the answer waits to be read, the server has done its part.
            select.select([self.sock], [], [])
        if side == "after":
            method(self, *args, **kwargs)
        die()

    return wrapper


def arm(module: t.Any) -> bool:
    """Whether the module was loaded far enough."""
    _name, owner, method, side = POINTS[POINT]
    found = getattr(module, owner, None)
    if found:
        setattr(found, method, deadly(getattr(found, method), side))
    return found is not None


def shorten(lost: t.Any) -> bool:
    """Whether the module was loaded far enough."""
    loaded = hasattr(lost, "LONGEST")
    if loaded:
        lost.LAG = LAG
        lost.LONGEST = LONGEST
    return loaded


due: dict[str, t.Callable[[t.Any], bool]] = {f"{UTILS}._core.lost": shorten}
if POINT:
    due[POINTS[POINT][0]] = arm
real_import = builtins.__import__


def import_and_patch(*args: t.Any, **kwargs: t.Any) -> t.Any:
    imported = real_import(*args, **kwargs)
    for name in due.keys() & sys.modules.keys():
        if due[name](sys.modules[name]):
            del due[name]
    return imported


# Not a finder in sys.meta_path, since Ansible puts its own before all others.
builtins.__import__ = import_and_patch
