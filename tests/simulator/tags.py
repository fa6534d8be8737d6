# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of v7 and labels of v6. Whether the one are shown as the other is UNK: here they are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .wire import UTC

SAVED_EVENTS = -9  # the id of the built-in label, v6 documents "List labels by type"
OBJECT_TYPES = ("test", "dashboard", "endpoint-test", "v-agent", "connected-devices-test", "endpoint-agent")


@dataclass
class Tag:
    """`assignments`: the ids of objects of the type; a dynamic tag shows none."""

    tag_id: str
    key: str
    value: str
    aid: int = 75
    object_type: str = "test"
    type: str = "static"
    assignments: list[int] = field(default_factory=list)
    color: str = "#FF0000"
    description: str | None = None
    built_in: bool = False
    legacy_id: int | None = None
    created: datetime = datetime(2022, 3, 1, 23, 31, 11, tzinfo=UTC)
    modified: datetime | None = None

    def __post_init__(self) -> None:
        if self.object_type not in OBJECT_TYPES:
            raise ValueError(f"object_type is one of {', '.join(OBJECT_TYPES)}")
        if self.type not in ("static", "dynamic"):
            raise ValueError("type is static or dynamic")


@dataclass
class Label:
    """A v6 label of type `tests`, and the ids of those that bear it."""

    group_id: int
    name: str
    aid: int = 75
    tests: list[int] = field(default_factory=list)
    built_in: bool = False
