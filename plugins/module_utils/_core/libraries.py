# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Python libraries that may be missing, or there and broken."""

from __future__ import annotations

import contextlib
import platform
import sys
import traceback
import typing as t

from .errors import MissingLibrary


@contextlib.contextmanager
def importing() -> t.Iterator[None]:
    """For an import that may fail, in whatever way. :raises MissingLibrary: it did."""
    try:
        yield
    except Exception as error:
        raise MissingLibrary(f"{unusable(error)} Nothing was created.") from error


def unusable(error: Exception, library: str | None = None) -> str:
    """Which library cannot be used, why, and by which Python, in sentences. ``error``: what its import raised.

    Where ``library`` is not given, the error tells which.
    """
    why = " ".join(str(error).split()).rstrip(".")
    python = f"{sys.executable} (Python {platform.python_version()})"
    return (
        f"The Python library {library or _name(error)} is missing or broken where this task runs, in {python}: "
        f"{type(error).__name__}{f': {why}' if why else ''}. Install or mend it there."
    )


def _name(error: Exception) -> str:
    """The first module outside of this collection that was being loaded, else the one that was not found."""
    for frame, _line in traceback.walk_tb(error.__traceback__):
        top = str(frame.f_globals.get("__name__")).partition(".")[0]
        if "importlib" not in top and top not in ("ansible", "ansible_collections"):
            return top
    return getattr(error, "name", None) or "that it needs"
