# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""evidence.txt, for work notes that render nothing."""

from __future__ import annotations

from typing import Any

from .short import LONGEST_NAME, cut, line, to_short
from .wording import Row


def to_plain(document: Row) -> str:
    return to_short(document, _Plain())


class _Plain:
    def strong(self, text: str) -> str:
        return text

    def name(self, value: Any) -> str:
        return self.text(value, LONGEST_NAME)

    def text(self, value: Any, longest: int) -> str:
        """ServiceNow renders HTML between C([code]) and C([/code])."""
        return cut(line(value).replace("[", "[\u2060"), longest)

    def link(self, url: str) -> str:
        return url
