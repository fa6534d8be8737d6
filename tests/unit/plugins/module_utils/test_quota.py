# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota, Usage
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_800_000_000.0


@given(
    limit=st.integers(1, 7),
    window=st.integers(1, 600),
    gaps=st.lists(st.floats(0, 700), max_size=60),
)
def test_never_above_the_limit_and_never_idle(limit: int, window: int, gaps: list[float]) -> None:
    """Someone who sends as soon as told, after doing nothing for each of the gaps."""
    quota = Quota("org", limit, window)
    now, sent = NOW, []
    for gap in gaps:
        now += gap
        at = quota.next_at(Usage(sent), now)
        assert at >= now
        in_window = [earlier for earlier in sent if earlier > at - window]
        assert len(in_window) < limit
        if at > now:
            # An instant sooner, the window would have been full.
            assert len([earlier for earlier in sent if earlier > at - window - 0.001]) >= limit
        sent.append(at)
        now = at


def test_the_api_is_believed_over_the_count() -> None:
    quota = Quota("org", 2, 300)
    assert quota.next_at(Usage([], NOW + 40), NOW) == NOW + 40
    assert quota.next_at(Usage([NOW, NOW], NOW + 40), NOW) == NOW + 300
    assert quota.plan(Usage([NOW], NOW + 40), 3, NOW) == [NOW + 40, NOW + 300, NOW + 340]
