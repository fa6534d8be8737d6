# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a task gets from where it runs, beside its options."""

from __future__ import annotations

import typing as t

from .._core.clock import Clock

# The option ledger, where what is known is in the facts alone.
IN_FACTS = "facts"


class Context(t.NamedTuple):
    """``tell`` shows progress at once, ``warn`` adds to the result.

    ``earlier``: the host's earlier snapshots of this run of ansible-playbook, and ``run`` its mark. ``kept``: the
    ledger in the host's facts. ``provenance``: who runs this, as far as is known. ``facts_lost``: why later jobs would
    not find what this task did in facts. ``slice``: how this is known to be one of several jobs that do the same, for
    a part of the hosts each.
    """

    check_mode: bool
    diff_mode: bool
    clock: Clock
    tell: t.Callable[[str], None]
    warn: t.Callable[[str], None]
    earlier: t.Sequence[t.Mapping[str, t.Any]] = ()
    run: str | None = None
    kept: t.Sequence[t.Mapping[str, t.Any]] = ()
    provenance: t.Mapping[str, str] = {}
    facts_lost: str | None = "the task does not run on the control node itself"
    slice: str | None = None
