# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A window of which the vendor has no results any more, such as one of the wrong year: people are told."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import snapshot
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context

Take = t.Callable[..., t.Dict[str, t.Any]]
# The tests' clock stands at noon of 23 November 2026.
OLD, YOUNG = "2026-08-25 11:00", "2026-08-25 13:00"


@pytest.mark.parametrize("check_mode", [True, False])
def test_it_is_told_when_it_is_created(take: Take, monkeypatch: pytest.MonkeyPatch, check_mode: bool) -> None:
    warnings: list[str] = []
    run = snapshot.run

    def listening(params: dict[str, t.Any], context: Context) -> dict[str, t.Any]:
        return run(params, context._replace(warn=warnings.append))

    monkeypatch.setattr(snapshot, "run", listening)
    take(check_mode, **{"from": OLD})
    assert warnings == [
        "The window begins 90 days ago. The vendor keeps results for 90 days, so the snapshot may show nothing."
    ]
    # What is there is not created again, and what is young enough is not told of.
    if not check_mode:
        take(**{"from": OLD})
    take(check_mode, **{"from": YOUNG})
    assert len(warnings) == 1
