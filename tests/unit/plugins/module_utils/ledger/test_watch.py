# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import threading

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import watch
from support.patience import HANG


def test_a_line_that_nobody_takes_is_in_the_way_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the pipe to whoever shows it is full."""
    monkeypatch.setattr(watch, "QUIET", 0.0)
    taken, cut = threading.Event(), threading.Event()
    with contextlib.closing(watch.Watch(lambda _text: taken.wait(HANG) and None)) as watching:
        with watching.over("of this test"), watching.after(0.0, cut.set):
            assert cut.wait(HANG)
    taken.set()


def test_what_fails_ends_no_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = threading.Event()

    def fail() -> None:
        raise OSError("gone")

    with contextlib.closing(watch.Watch(print)) as watching:
        with watching.after(0.0, fail), watching.after(0.0, cut.set):
            assert cut.wait(HANG)
