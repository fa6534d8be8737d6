# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to a creation, in place of the simulator's own: the documented example in short (contract v6 §4, v7 §4)."""

from __future__ import annotations

import typing as t

TITLE = "Snapshot created through API"


def v7_answer(**fields: t.Any) -> dict[str, t.Any]:
    return {"id": "wdiac", "testId": "58856", "sourceTestId": "19955", "displayName": TITLE, **fields}


def v6_answer(*tests: t.Mapping[str, t.Any], **fields: t.Any) -> dict[str, t.Any]:
    """With fields of its link, and the tests beside it."""
    link = {"linkId": "wdiac", "testId": 58856, "sourceTestId": 19955, "displayName": TITLE, **fields}
    return {"link": link, "test": list(tests)}
