# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a ledger can do, whatever it is kept in."""

from __future__ import annotations

import typing as t

from .._core.lost import Look, LostAttempt, Others
from .._core.quota import Quota, Usage
from .._core.snapshot import SnapshotRecord, SnapshotRequest


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


class Contradicted(t.NamedTuple):
    """Nothing private may be sent to that API host, since ``record`` was to be private and is said not to be."""

    record: SnapshotRecord


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
        self, request: SnapshotRequest, quota: Quota, passable: tuple[type, ...] = ()
    ) -> Known | InFlight | Unknown | Contradicted | Full | Granted:
        """In one transaction: what is known or, if the way is free, the intent to create.

        ``passable``: the states that do not keep it from that, Known and Unknown at the most.
        """

    def stands(self, attempt: int) -> bool:
        """Whether the caller may still send the POST. Asked right before it, since the caller may have slept."""

    # With each outcome, ``clock_offset``: seconds that the server's clock is ahead, where its answer told.

    def created(self, attempt: int, record: SnapshotRecord, clock_offset: float | None = None) -> None:
        """The attempt succeeded. Once more, where more is known of the snapshot."""

    def refused(
        self, attempt: int, detail: str, not_before: float | None = None, clock_offset: float | None = None
    ) -> None:
        """The attempt surely created nothing. ``not_before``: when the server takes the next of this organization."""

    def lost(self, attempt: int, detail: str, status: int | None = None, clock_offset: float | None = None) -> None:
        """Nobody knows whether the attempt created the snapshot. ``status``: that of an answer, if there was one."""

    def settled(self, lost: LostAttempt, found: SnapshotRecord | None) -> None:
        """What became of a lost attempt: the snapshot that it created, or nothing. No effect if others were faster."""

    def last_look(self, request: SnapshotRequest, version: str) -> Look | None:
        """When the list of that API host, version and account group was last looked at for private snapshots."""

    def looked(self, request: SnapshotRequest, version: str, shown: bool | None) -> None:
        """Keeps what such a look has told."""

    def private(self, request: SnapshotRequest, version: str) -> list[SnapshotRecord]:
        """The latest private snapshots created at that API host in that version, of all account groups."""

    def contradicted(self, api_host: str) -> SnapshotRecord | None:
        """A snapshot there that was to be private and is said not to be, as long as nobody has accepted that."""

    def learned(self, record: SnapshotRecord) -> None:
        """More is known of a snapshot that the ledger knows. When it was created, and so the quota, is left as it is.

        That it is not private is kept as by ``created``.
        """

    def accept(self, api_host: str) -> None:
        """A person has settled what is contradicted there, now and for ever."""

    def close(self) -> None:
        """Attempts that this ledger object was granted and did not settle become unknown to others at once."""
