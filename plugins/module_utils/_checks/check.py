# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a check is, and what it finds."""

from __future__ import annotations

import typing as t

from .._core.text import shown

if t.TYPE_CHECKING:
    from .site import Site

OK = "ok"
WARNING = "warning"
FAILED = "failed"
# It was looked at, and does not tell.
UNKNOWN = "unknown"
LEVELS = (OK, UNKNOWN, WARNING, FAILED)


class Fact(t.NamedTuple):
    """Something of the API that the project does not know, and that an account can tell.

    ``settles``: the ids of the unknowns in docs/contract. ``kind`` is a word of observed.py; ``words`` are all that a
    fact of the kind C(word) can be.
    """

    name: str
    kind: str
    settles: tuple[str, ...]
    words: tuple[str, ...] = ()

    def settles_of(self, version: str) -> list[str]:
        """Those that it tells something about in that version of the API. The ids of those of v6 alone begin so."""
        return [unknown for unknown in self.settles if version == "v6" or not unknown.startswith("v6-")]


class Finding(t.NamedTuple):
    """``says``: one sentence for people. ``do``: what to do about it, or nothing. ``learned``: facts and their values.

    ``permission``: the one that is missing, if one is. But for what was learned, all is for those who ran the check:
    names and ids of theirs may be in it, so it is never published.
    """

    name: str
    level: str
    says: str
    do: str = ""
    learned: tuple[tuple[Fact, t.Any], ...] = ()
    permission: str = ""

    def to_dict(self, version: str) -> dict[str, t.Any]:
        """As the result shows it. ``version`` is that of the API."""
        return {
            "name": self.name,
            "level": self.level,
            "says": shown(self.says),
            "do": shown(self.do),
            "permission": self.permission,
            "settles": sorted({unknown for fact, _value in self.learned for unknown in fact.settles_of(version)}),
        }


class Check(t.NamedTuple):
    """``run`` yields findings, and may raise ThousandEyesError.

    ``needs``: the fields of the site that earlier checks must have filled in, or this one is left out. ``facts``: all
    that it can learn.
    """

    name: str
    run: t.Callable[[Site], t.Iterator[Finding]]
    needs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
