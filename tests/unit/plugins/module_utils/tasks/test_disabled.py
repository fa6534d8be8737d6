# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A test that is disabled may have measured nothing, which people are told where it costs no request."""

from __future__ import annotations

import typing as t

import pytest
from simulator import Simulator

Take = t.Callable[..., t.Dict[str, t.Any]]
WARNING = "Test 'Switched off' (20030) is disabled. Where it did not run in the window, its snapshot shows nothing.\n"


@pytest.mark.parametrize("check_mode", [True, False])
def test_by_name(take: Take, sim: Simulator, capsys: pytest.CaptureFixture[str], check_mode: bool) -> None:
    assert take(check_mode, test_id=None, test_name="Switched off")["changed"]
    assert capsys.readouterr().out == WARNING


def test_by_id_beside_one_by_name(take: Take, sim: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    take(tests=["20030", "Web shop", "Nope"])
    assert capsys.readouterr().out == WARNING


def test_by_id_the_list_is_not_read(take: Take, sim: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    take(test_id="20030")
    assert capsys.readouterr().out == ""
    assert [request["method"] for request in sim.requests()] == ["POST"]
