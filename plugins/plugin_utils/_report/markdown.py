# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""evidence.md, as CommonMark, which can also be read as it is."""

from __future__ import annotations

import re
from typing import Any

from .short import LONGEST_NAME, cut, line, to_short
from .wording import Row


def to_markdown(document: Row) -> str:
    return to_short(document, _Markdown())


class _Markdown:
    def strong(self, text: str) -> str:
        return f"**{text}**"

    def name(self, value: Any) -> str:
        """As code, where nothing but backticks has a meaning."""
        text = cut(line(value), LONGEST_NAME)
        fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
        pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def text(self, value: Any, longest: int) -> str:
        """No marks, no mentions, no links."""
        text = cut(line(value), longest)
        text = re.sub(r"([\\`*_{}\[\]<>()#!|~&])", r"\\\1", text)
        # It may begin a line, where these make lists and underlines.
        text = re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", text)
        # Some readers make links of what looks like the name of a host.
        return re.sub(r"(?i)(@|:/|www|(?<=\w)\.(?=[^\W\d_]))", "\\1\u2060", text)

    def link(self, url: str) -> str:
        return f"<{url}>"
