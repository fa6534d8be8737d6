# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether tags can be read, or in v6 labels."""

from __future__ import annotations

import typing as t

from .._core.errors import ThousandEyesError
from .check import OK, Check, Finding
from .explain import STOPPING, explained
from .site import Site

_NAMES = {"v7": ("tags", "View tags"), "v6": ("labels", "View tests")}


def run(site: Site) -> t.Iterator[Finding]:
    what, permission = _NAMES[site.api.version]
    try:
        found = site.api.tags(site.aid)
    except STOPPING:
        raise
    except ThousandEyesError as error:
        finding = explained(error, "tags", f"list of {what}", permission)
        yield finding._replace(do=f"{finding.do} Without it, tests can be chosen by id and name only.")
        return
    yield Finding("tags", OK, f"The list of {what} can be read: there are {len(found)}.")


CHECK = Check("tags", run, needs=("group_is_right",))
