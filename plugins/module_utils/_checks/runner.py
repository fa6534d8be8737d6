# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Running the checks, one after the other, up to what would make the rest pointless or harmful."""

from __future__ import annotations

import typing as t

from .._core.errors import ThousandEyesError
from .check import FAILED, UNKNOWN, Check, Finding
from .explain import STOPPING, explained
from .site import Site

# What only a snapshot fills in. Where none was asked for, nothing is said of what needs it.
_OF_SNAPSHOTS = {"ledger", "made"}


def run_checks(checks: t.Sequence[Check], site: Site) -> tuple[list[Finding], ThousandEyesError | None]:
    """What they find, and the error that ended them, if one did."""
    findings: list[Finding] = []
    left_out: dict[str, list[str]] = {}
    wanted = [check for check in checks if site.ledger is not None or _OF_SNAPSHOTS.isdisjoint(check.needs)]
    for number, check in enumerate(wanted):
        lacks = next((need for need in check.needs if getattr(site, need) is None), None)
        if lacks is not None:
            left_out.setdefault(site.lacking.get(lacks, f"{lacks} is not known"), []).append(check.name)
            continue
        try:
            # Each at once: what was found before an error counts.
            for finding in check.run(site):
                findings.append(finding)
        except STOPPING as error:
            findings.append(explained(error, check.name, "answer", "API access"))
            left_out.setdefault("of that", []).extend(other.name for other in wanted[number + 1 :])
            return [*findings, *_not_looked_at(left_out)], error
        except ThousandEyesError as error:
            findings.append(Finding(check.name, FAILED, f"This check failed: {error.message}", "Run it again."))
    return [*findings, *_not_looked_at(left_out)], None


def _not_looked_at(left_out: t.Mapping[str, t.Sequence[str]]) -> list[Finding]:
    return [
        Finding("rest", UNKNOWN, f"Not looked at, because {why}: {', '.join(names)}.")
        for why, names in left_out.items()
        if names
    ]
