# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import time

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core import clock

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells its start")


@linux
def test_the_start_of_this_machine() -> None:
    boot = clock.SystemClock().boot()
    assert boot is not None
    with open("/proc/stat", encoding="ascii") as file:
        [since] = [float(line.split()[1]) for line in file if line.startswith("btime ")]
    assert boot.at == pytest.approx(since, abs=2)
    again = clock.SystemClock().boot()
    assert again == (boot.id, pytest.approx(boot.at, abs=1))


@linux
def test_the_start_moves_as_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = clock.SystemClock().boot()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 7200)
    after = clock.SystemClock().boot()
    assert before and after == (before.id, pytest.approx(before.at + 7200, abs=1))


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_BOOT_ID", "/nowhere")
    assert clock.SystemClock().boot() is None
