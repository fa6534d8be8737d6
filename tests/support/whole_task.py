# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot task in this process, with all of its options, and how it ended."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import ThousandEyesError
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.snapshot import SPEC, run
from simulator import TOKEN

OPTIONS = {
    **{name: option.get("default") for name, option in SPEC.items()},
    "api_token": TOKEN,
    "timeout": 1,
    "display_name": "Title",
    "test_id": "19955",
    "from": "2018-10-06T00:00:00",
    "hours": 1,
}


class End(t.NamedTuple):
    """How a task ended: the status of its snapshot, or the code of its failure and what that said."""

    code: str
    message: str
    warnings: list[str]


def is_about_age(warning: str) -> bool:
    """Whether it says that the vendor may have no results of that time: the documented example is of 2018."""
    return warning.startswith("The window begins ")


def task(ledger: str | Path, url: str, clock: Clock | None = None, **changes: t.Any) -> End:
    warnings: list[str] = []
    context = Context(False, False, clock or SystemClock(), lambda _text: None, warnings.append, [])
    try:
        result = run({**OPTIONS, "ledger": str(ledger), "api_url": url, **changes}, context)
    except ThousandEyesError as error:
        result = error.result()
    warnings = [text for text in warnings if not is_about_age(text)]
    if result.get("failed"):
        return End(result["failure"]["code"], result["msg"], warnings)
    return End(result["snapshot"]["status"], "", warnings)
