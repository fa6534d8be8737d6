# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task's work without Ansible around it."""

from __future__ import annotations

import typing as t

from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import Clock
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from simulator import TOKEN


def capture(url: str, ledger: str, clock: Clock, number_of_tests: int, **options: t.Any) -> None:
    """A task for tests 1 to N, which must succeed without a warning."""
    warnings: list[str] = []
    defaults = {name: option.get("default") for name, option in snapshot.SPEC.items()}
    result = snapshot.run(
        {
            **defaults,
            "api_token": TOKEN,
            "api_url": url,
            "ledger": ledger,
            "tests": [str(number) for number in range(1, number_of_tests + 1)],
            "from": "2018-10-06T00:00:00Z",
            "hours": 1,
            **options,
        },
        Context(False, False, clock, tell=lambda _text: None, warn=warnings.append, earlier=[]),
    )
    if result.get("failed") or warnings:
        raise RuntimeError(result.get("msg", warnings))
