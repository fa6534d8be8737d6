# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long tests wait for what is sure to come. It only ends what hangs: no test may fail because a machine is slow."""

from __future__ import annotations

import time
import typing as t

HANG = 900


def wait_until(
    condition: t.Callable[[], object], why: t.Callable[[], object] = lambda: "", every: float = 0.01
) -> None:
    """AssertionError with what `why` tells if it hangs."""
    give_up_at = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < give_up_at, why()
        time.sleep(every)
