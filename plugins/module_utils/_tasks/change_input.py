# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(change_input) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import os
import typing as t

from .._core.change_times import Times
from .._core.change_windows import NEEDS
from .._core.errors import InvalidRequest
from .._core.windows import HOURS
from .._signature import Signer
from .context import Context

SPEC: dict[str, dict[str, t.Any]] = {
    "start": {"type": "str", "required": True},
    "end": {"type": "str"},
    "actual_start": {"type": "str"},
    "actual_end": {"type": "str"},
    "rollback_start": {"type": "str"},
    "rollback_end": {"type": "str"},
    "hours": {"type": "int", "choices": list(HOURS), "default": 1},
    "windows": {"type": "list", "elements": "str", "choices": list(NEEDS), "required": True},
    "given": {"type": "list", "elements": "str", "default": []},
    "known": {"type": "list", "elements": "str", "default": []},
    "sign_key": {"type": "path"},
}


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """
    :raises InvalidRequest: a name is not known, or there is no such change or window.
    :raises ReportUnsigned: the key does not sign.
    """
    unknown = sorted(set(params["given"]) - set(params["known"]))
    if unknown:
        raise InvalidRequest(_unknown(unknown, params["known"]))
    times = Times.from_params(params)
    windows = {which: times.window(which, params["hours"]) for which in params["windows"]}
    if params["sign_key"]:
        Signer.of(params["sign_key"], context.tell)
    return {
        "changed": False,
        "windows": windows,
        "change": times.to_dict(),
        "episodes": times.episodes(params["hours"]),
        "before_moved": times.before_moved(params["hours"]),
    }


def _unknown(unknown: t.Sequence[str], known: t.Sequence[str]) -> str:
    # Here, since it is seldom needed.
    import difflib

    # What all names begin with would make them all alike.
    start = len(os.path.commonprefix([*unknown, *known]))
    rests = {name[start:]: name for name in known}
    said = []
    for name in unknown:
        close = difflib.get_close_matches(name[start:], rests, n=1)
        said.append(f"Unknown variable {name}{f', did you mean {rests[close[0]]}?' if close else '.'}")
    return f"{' '.join(said)} Correct the name, or begin one of your own in another way. Nothing was created."
