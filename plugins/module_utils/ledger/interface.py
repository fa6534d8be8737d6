# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a ledger can do, whatever it is kept in."""

from __future__ import annotations

import typing as t

from ..evidence import LostAttempt, Others
from ..quota import Quota, Usage
from ..snapshot import SnapshotRecord, SnapshotRequest


class Known(t.NamedTuple):
    """The snapshot exists."""

    record: SnapshotRecord


class Granted(t.NamedTuple):
    """The intent is durably written: the caller, and nobody else, sends the POST now and then settles ``attempt``."""

    attempt: int


class InFlight:
    """Another process that lives has a POST for this identity under way."""


class Unknown(t.NamedTuple):
    """An attempt had no answer that settles it."""

    lost: LostAttempt


class Full(t.NamedTuple):
    """There is no room until ``until`` (epoch seconds): the quota is used up, or the API ``told`` so in a 429."""

    until: float
    told: bool = False


class Entry(t.NamedTuple):
    """An attempt that may have created a snapshot. ``superseded``: there was a later one for the same snapshot.

    ``made_by``: who ran the task, as far as is known.
    """

    request: SnapshotRequest
    state: Known | InFlight | Unknown
    superseded: bool
    made_by: dict[str, str]


class Ledger(t.Protocol):
    """Every method raises LedgerUnavailable where the ledger cannot be read, or durably written."""

    def find(self, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        """What is known. Writes nothing. None: never created, or expired."""

    def find_test(self, request: SnapshotRequest) -> str | None:
        """The id of the test, where there was an attempt that differs from ``request`` in nothing but that."""

    def history(self) -> list[Entry]:
        """In order, those of expired ones too."""

    def usage(self, quota: Quota) -> Usage | None:
        """What the organization has used of its quota; None where this is not kept."""

    def others(self, request: SnapshotRequest, lost: LostAttempt) -> Others:
        """What attempts for other snapshots on that API host may have created about the time of ``lost``."""

    def claim(
        self, request: SnapshotRequest, quota: Quota, *, force: bool, retry_unknown: bool
    ) -> Known | InFlight | Unknown | Full | Granted:
        """In one transaction: what is known or, if the way is free, the intent to create.

        ``force`` passes over what is known or unknown, ``retry_unknown`` over what is unknown.
        """

    def stands(self, attempt: int) -> bool:
        """Whether the caller may still send the POST. Asked right before it, since the caller may have slept."""

    def created(self, attempt: int, record: SnapshotRecord) -> None:
        """The attempt succeeded."""

    def refused(self, attempt: int, detail: str, not_before: float | None = None) -> None:
        """The attempt surely created nothing. ``not_before``: when the server takes the next of this organization."""

    def lost(self, attempt: int, detail: str) -> None:
        """Nobody knows whether the attempt created the snapshot."""

    def settled(self, lost: LostAttempt, found: SnapshotRecord | None) -> None:
        """What became of a lost attempt: the snapshot that it created, or nothing. No effect if others were faster."""

    def close(self) -> None:
        """Attempts that this ledger object was granted and did not settle become unknown to others at once."""
