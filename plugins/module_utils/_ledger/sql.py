# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the ledgers in databases have in common: one row per snapshot identity and one per POST, and what follows."""

from __future__ import annotations

import json
import typing as t

from .._core.clock import Boot, Clock
from .._core.errors import InvalidRequest
from .._core.lost import DRIFT, LAG, LONGEST, SKEW, WRONG, Look, LostAttempt, Others, Rival
from .._core.quota import Quota, Usage
from .._core.snapshot import LIFETIME, SnapshotRecord, SnapshotRequest
from .._core.visibility import CONTRADICTED
from .._core.windows import Window, iso, parse_instant
from .interface import Contradicted, Entry, Full, Granted, InFlight, Known, Unknown

ENDED = "the process that sent it ended, or lost the ledger, before it had kept the answer"
# Columns have the names of their tables wherever two tables meet: a newer version may have added others of that name.
_ATTEMPT = ", ".join(
    f"attempt.{column}"
    for column in (
        "id",
        "outcome",
        "started_at",
        "settled_at",
        "owner",
        "detail",
        "record",
        "status",
        "clock_offset",
        "boot_id",
        "booted_at",
    )
)
_SNAPSHOT = "identity, api_host, aid, test_id, test_name, display_name, from_time, to_time, is_public"
# How many private snapshots are looked for in a list, and how far back.
_MOST_PRIVATE = 100
_LISTED_FOR = LIFETIME.total_seconds()
# Seconds after which a snapshot has expired by the ledger's own clock, too: that of a server may be wrong.
_SURELY = LIFETIME.total_seconds() - 86400.0
# Seconds by which the offset of a server's clock may be off before it is written down anew.
_SAME_OFFSET = 5.0

_T = t.TypeVar("_T")


class Database(t.Protocol):
    """A connection, in SQLite's manner: a question mark for each value."""

    def execute(self, statement: str, values: t.Sequence[t.Any] = (), /) -> t.Any:
        """Returns the cursor."""


class SqlLedger:
    """The state of a snapshot is that of its latest attempt that was not refused. A subclass knows the database."""

    # SQLite keeps to this order of tables, PostgreSQL finds one itself.
    _JOIN = "JOIN"
    # What makes a statement that inserts a row tell the row's id.
    _RETURNING = ""
    # Whether nothing of an attempt is under way any more where its owner does not live.
    _DEAD_IS_OVER = True
    # Seconds by which the ledger's clock is ahead of this machine's. All times in rows are of the ledger's.
    _ahead = 0.0

    def __init__(self, clock: Clock, provenance: t.Mapping[str, str] | None = None) -> None:
        self._clock = clock
        self._made_by = json.dumps(dict(provenance), sort_keys=True) if provenance else None

    def _read(self, work: t.Callable[[Database], _T], nothing: _T) -> _T:
        """What the work returns, or ``nothing`` where there is no ledger yet."""
        raise NotImplementedError

    def _write(self, work: t.Callable[[Database], _T], keeping: bool = False) -> _T:
        """Does the work in a transaction that is durable then. ``keeping``: it keeps what happened already."""
        raise NotImplementedError

    def _me(self, database: Database) -> str:
        """The name of this process, by which others find out whether it lives."""
        raise NotImplementedError

    def _lives(self, database: Database, owner: str) -> bool:
        raise NotImplementedError

    def _latest_end(self, started_at: float) -> float:
        """The latest that an attempt can have ended, or will, whose owner does not live."""
        raise NotImplementedError

    def _inserted(self, cursor: t.Any) -> int:
        """The id of the row, which is there."""
        raise NotImplementedError

    def find(self, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        return self._read(lambda database: self._state(database, request), None)

    def find_test(self, request: SnapshotRequest) -> str | None:
        rows: list[tuple[str]] = self._read(
            lambda database: database.execute(
                "SELECT test_id FROM snapshot WHERE display_name = ? AND test_name = ? AND api_host = ? AND aid = ?"
                " AND from_time = ? AND to_time = ? AND is_public = ?",
                (
                    request.display_name,
                    request.test_name,
                    request.api_host,
                    request.aid or "",
                    iso(request.window.start),
                    iso(request.window.end),
                    request.is_public,
                ),
            ).fetchall(),
            [],
        )
        return rows[0][0] if len(rows) == 1 else None

    def history(self) -> list[Entry]:
        def work(database: Database) -> list[Entry]:
            rows = database.execute(
                "SELECT snapshot.api_host, snapshot.aid, snapshot.test_id, snapshot.display_name, snapshot.from_time,"
                " snapshot.to_time, snapshot.is_public, snapshot.test_name, "
                "EXISTS (SELECT 1 FROM attempt AS later WHERE later.identity = snapshot.identity"
                " AND later.id > attempt.id AND later.outcome != 'refused'), "
                f"attempt.made_by, {_ATTEMPT} FROM attempt JOIN snapshot ON snapshot.identity = attempt.identity"
                " WHERE attempt.outcome != 'refused' ORDER BY attempt.id"
            )
            return [
                Entry(
                    request=_read_request(row[:8]),
                    state=self._standing(database, row[10:]),
                    superseded=bool(row[8]),
                    made_by=json.loads(row[9] or "{}"),
                )
                for row in rows
            ]

        return self._read(work, [])

    def usage(self, quota: Quota) -> Usage:
        return self._read(lambda database: self._usage(database, quota), Usage())

    def claim(
        self, request: SnapshotRequest, quota: Quota, passable: tuple[type, ...] = ()
    ) -> Known | InFlight | Unknown | Contradicted | Full | Granted:
        def work(database: Database) -> Known | InFlight | Unknown | Contradicted | Full | Granted:
            self._settle_dead(database)
            # What seems to be settled yet, since the clock was set back, counts from now on and not again later.
            database.execute("UPDATE attempt SET settled_at = ? WHERE settled_at > ?", (self._now(), self._now()))
            state = self._state(database, request)
            if state is not None and not isinstance(state, passable):
                return state
            contradicted = None if request.is_public else self._contradicted(database, request.api_host)
            if contradicted:
                return Contradicted(contradicted)
            usage, now = self._usage(database, quota), self._clock.now()
            free_at = quota.next_at(usage, now)
            if free_at > now:
                return Full(free_at, told=free_at == usage.not_before)
            return Granted(self._intend(database, request, quota.organization, self._me(database), self._now()))

        return self._write(work)

    def stands(self, attempt: int) -> bool:
        return True

    def created(self, attempt: int, record: SnapshotRecord, clock_offset: float | None = None) -> None:
        def work(database: Database) -> None:
            kept_as = self._end(database, attempt, "created", None, record, clock_offset=clock_offset)
            _keep_contradiction(database, kept_as, record)

        self._write(work, keeping=True)

    def refused(
        self, attempt: int, detail: str, not_before: float | None = None, clock_offset: float | None = None
    ) -> None:
        def work(database: Database) -> None:
            kept_as = self._end(database, attempt, "refused", detail, clock_offset=clock_offset)
            if not_before is not None:
                self._keep_told(database, kept_as, not_before)

        self._write(work, keeping=True)

    def lost(self, attempt: int, detail: str, status: int | None = None, clock_offset: float | None = None) -> None:
        def work(database: Database) -> None:
            kept_as = self._end(database, attempt, "unknown", detail, clock_offset=clock_offset)
            boot_id, booted_at = self._boot()
            check_taken(
                database.execute(
                    # Somebody may have set the clock while the request was under way.
                    "UPDATE attempt SET status = ?, boot_id = ?, booted_at = ? WHERE id = ?",
                    (status, boot_id, booted_at, kept_as),
                )
            )

        self._write(work, keeping=True)

    def settled(self, lost: LostAttempt, found: SnapshotRecord | None) -> None:
        def work(database: Database) -> None:
            self._settle_dead(database)
            row = database.execute("SELECT outcome, owner FROM attempt WHERE id = ?", (lost.attempt,)).fetchone()
            if row is None:
                return
            outcome, owner = row
            # It may yet be sent, unless it is known to be over.
            dead = outcome == "in_flight" and (found is not None or lost.over) and not self._lives(database, owner)
            # Others may have concluded from an earlier list that there is nothing.
            if outcome == "unknown" or dead or (found is not None and outcome == "refused"):
                outcome = "refused" if found is None else "created"
                self._settle(database, lost.attempt, outcome, lost.detail, found, at=lost.ended_at + self._ahead)

        self._write(work)

    def others(self, request: SnapshotRequest, lost: LostAttempt) -> Others:
        other = "id, identity, outcome, owner, started_at, record"

        def work(database: Database) -> Others:
            rows = database.execute(
                # Each part by an index of its own, and from the attempts to the snapshots: a ledger may be long.
                f"WITH other AS (SELECT {other} FROM attempt WHERE outcome = 'in_flight'"
                f" UNION ALL SELECT {other} FROM attempt WHERE outcome = 'unknown'"
                f" UNION ALL SELECT {other} FROM attempt WHERE outcome = 'created' AND settled_at >= ?)"
                " SELECT snapshot.test_id, snapshot.display_name, other.outcome, other.owner, other.started_at,"
                f" other.record FROM other {self._JOIN} snapshot ON snapshot.identity = other.identity"
                " WHERE snapshot.api_host = ? AND NOT snapshot.is_public AND other.id != ?",
                (
                    min(lost.started_at + self._ahead - SKEW - WRONG, self._now() - _LISTED_FOR),
                    request.api_host,
                    lost.attempt,
                ),
            ).fetchall()
            taken: set[str] = set()
            rivals: list[Rival] = []
            for test_id, display_name, outcome, owner, kept_at, record in rows:
                snapshot_test_id = _read_record(record).snapshot_test_id if outcome == "created" else None
                started_at = kept_at - self._ahead
                if snapshot_test_id is not None:
                    taken.add(snapshot_test_id)
                elif lost.started_at - LONGEST - LAG - SKEW <= started_at <= lost.ended_at + LAG + SKEW:
                    living = outcome == "in_flight" and self._lives(database, owner)
                    rivals.append(Rival(test_id, display_name, living))
            return Others(taken, rivals)

        return self._read(work, Others())

    def last_look(self, request: SnapshotRequest, version: str) -> Look | None:
        def work(database: Database) -> Look | None:
            row = database.execute(
                "SELECT looked_at, shown FROM listing WHERE api_host = ? AND aid = ? AND api_version = ?",
                (request.api_host, request.aid or "", version),
            ).fetchone()
            return None if row is None else Look(row[0] - self._ahead, None if row[1] is None else bool(row[1]))

        return self._read(work, None)

    def looked(self, request: SnapshotRequest, version: str, shown: bool | None) -> None:
        self._write(
            lambda database: database.execute(
                "INSERT INTO listing (api_host, aid, api_version, looked_at, shown) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (api_host, aid, api_version)"
                " DO UPDATE SET looked_at = excluded.looked_at, shown = excluded.shown",
                (request.api_host, request.aid or "", version, self._now(), shown),
            ),
            keeping=True,
        )

    def private(self, request: SnapshotRequest, version: str) -> list[SnapshotRecord]:
        def work(database: Database) -> list[SnapshotRecord]:
            rows = database.execute(
                f"SELECT attempt.record FROM attempt {self._JOIN} snapshot ON snapshot.identity = attempt.identity"
                " WHERE attempt.settled_at >= ? AND attempt.outcome = 'created' AND snapshot.api_host = ?"
                " AND NOT snapshot.is_public ORDER BY attempt.settled_at DESC LIMIT ?",
                (self._now() - _LISTED_FOR, request.api_host, _MOST_PRIVATE),
            ).fetchall()
            # Those that were adopted were found in the list, so they prove nothing of it.
            records = [_read_record(record) for (record,) in rows]
            return [record for record in records if record.status != "adopted" and record.api_version == version]

        return self._read(work, [])

    def contradicted(self, api_host: str) -> SnapshotRecord | None:
        return self._read(lambda database: self._contradicted(database, api_host), None)

    def learned(self, record: SnapshotRecord) -> None:
        def work(database: Database) -> None:
            row = database.execute(
                "SELECT id FROM attempt WHERE identity = ? AND outcome = 'created' ORDER BY id DESC LIMIT 1",
                (record.request.identity,),
            ).fetchone()
            if row is not None:
                check_taken(
                    database.execute(
                        "UPDATE attempt SET record = ? WHERE id = ?", (json.dumps(record.to_dict()), row[0])
                    )
                )
                _keep_contradiction(database, row[0], record)

        self._write(work, keeping=True)

    def accept(self, api_host: str) -> None:
        if self.contradicted(api_host):
            self._write(
                lambda database: check_taken(
                    database.execute("UPDATE api SET accepted_at = ? WHERE host = ?", (self._now(), api_host))
                )
            )

    def _contradicted(self, database: Database, api_host: str) -> SnapshotRecord | None:
        row = database.execute(
            "SELECT attempt.record FROM api JOIN attempt ON attempt.id = api.contradicted_by"
            " WHERE api.host = ? AND api.accepted_at IS NULL",
            (api_host,),
        ).fetchone()
        return None if row is None or row[0] is None else _read_record(row[0])

    def _now(self) -> float:
        """By the ledger's clock."""
        return self._clock.now() + self._ahead

    def _intend(
        self, database: Database, request: SnapshotRequest, organization: str, owner: str, started_at: float
    ) -> int:
        """Writes the intent to create."""
        check_taken(
            database.execute(
                f"INSERT INTO snapshot ({_SNAPSHOT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (identity) DO UPDATE SET test_name = coalesce(excluded.test_name, snapshot.test_name)",
                (
                    request.identity,
                    request.api_host,
                    request.aid or "",
                    request.test_id,
                    request.test_name,
                    request.display_name,
                    iso(request.window.start),
                    iso(request.window.end),
                    request.is_public,
                ),
            )
        )
        # Where the clocks of this machine and the ledger differ, one is wrong, maybe since the server was last asked.
        known = database.execute("SELECT clock_offset FROM api WHERE host = ?", (request.api_host,)).fetchone()
        clock_offset = known[0] if known and abs(self._ahead) <= DRIFT else None
        intent = database.execute(
            "INSERT INTO attempt (identity, organization, owner, outcome, started_at, made_by, clock_offset, boot_id,"
            " booted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" + self._RETURNING,
            (
                request.identity,
                organization,
                owner,
                "in_flight",
                started_at,
                self._made_by,
                clock_offset,
                *self._boot(),
            ),
        )
        check_taken(intent)
        return self._inserted(intent)

    def _boot(self) -> tuple[str | None, float | None]:
        """The columns for the start of this machine."""
        boot = self._clock.boot()
        return (None, None) if boot is None else (boot.id, boot.at + self._ahead)

    def _end(
        self,
        database: Database,
        attempt: int,
        outcome: str,
        detail: str | None,
        record: SnapshotRecord | None = None,
        clock_offset: float | None = None,
    ) -> int:
        """What became of an attempt of this process. Returns the id by which the ledger keeps it."""
        self._settle(database, attempt, outcome, detail, record)
        if clock_offset is not None:
            database.execute(
                "INSERT INTO api (host, clock_offset)"
                " SELECT snapshot.api_host, ? FROM attempt JOIN snapshot ON snapshot.identity = attempt.identity"
                " WHERE attempt.id = ?"
                " ON CONFLICT (host) DO UPDATE SET clock_offset = excluded.clock_offset"
                " WHERE api.clock_offset IS NULL OR abs(api.clock_offset - excluded.clock_offset) > ?",
                (clock_offset - self._ahead, attempt, _SAME_OFFSET),
            )
        return attempt

    def _settle(
        self,
        database: Database,
        attempt: int,
        outcome: str,
        detail: str | None,
        record: SnapshotRecord | None = None,
        at: float | None = None,
    ) -> None:
        settled = database.execute(
            # What somebody found in the meantime is not lost again.
            "UPDATE attempt SET outcome = ?, settled_at = ?, detail = ?, record = ? WHERE id = ?"
            + ("" if outcome == "created" else " AND outcome != 'created'"),
            (
                outcome,
                self._now() if at is None else at,
                detail,
                None if record is None else json.dumps(record.to_dict()),
                attempt,
            ),
        )
        if outcome != "created" and settled.rowcount == 0:
            now_is = database.execute("SELECT outcome FROM attempt WHERE id = ?", (attempt,)).fetchone()
            if now_is == ("created",):
                return
        check_taken(settled)

    def _keep_told(self, database: Database, attempt: int, not_before: float) -> None:
        """Never sooner than told before, but for what seems to be told later: the clock was set back since."""
        row = database.execute(
            "SELECT attempt.organization, told.not_before FROM attempt LEFT JOIN organization AS told"
            " ON told.name = attempt.organization AND told.told_at <= ? WHERE attempt.id = ?",
            (self._now(), attempt),
        ).fetchone()
        if row is not None:
            organization, told_before = row
            check_taken(
                database.execute(
                    "INSERT INTO organization (name, told_at, not_before) VALUES (?, ?, ?) ON CONFLICT (name)"
                    " DO UPDATE SET told_at = excluded.told_at, not_before = excluded.not_before",
                    (organization, self._now(), max(not_before + self._ahead, told_before or 0.0)),
                )
            )

    def _settle_dead(self, database: Database) -> None:
        """What a process left in flight when it ended is unknown from now on."""
        for attempt, owner, started_at in database.execute(
            "SELECT id, owner, started_at FROM attempt WHERE outcome = 'in_flight'"
        ).fetchall():
            ended_at = self._latest_end(started_at)
            if ended_at <= self._now() and not self._lives(database, owner):
                self._settle(database, attempt, "unknown", ENDED, at=ended_at)

    def _state(self, database: Database, request: SnapshotRequest) -> Known | InFlight | Unknown | None:
        row = database.execute(
            f"SELECT {_ATTEMPT} FROM attempt WHERE identity = ? AND outcome != 'refused' ORDER BY id DESC LIMIT 1",
            (request.identity,),
        ).fetchone()
        state = None if row is None else self._standing(database, row)
        if isinstance(state, Known) and state.record.expired(self._clock.now()) and row[3] <= self._now() - _SURELY:
            return None
        if isinstance(state, Unknown) and row[1] == "in_flight":
            # Its owner is dead, but may have kept the outcome since the row was read.
            now_is = database.execute("SELECT outcome FROM attempt WHERE id = ?", (row[0],)).fetchone()
            if now_is != ("in_flight",):
                return self._state(database, request)
        return state

    def _standing(self, database: Database, row: tuple[t.Any, ...]) -> Known | InFlight | Unknown:
        """What the columns of an attempt mean."""
        attempt, outcome, started_at, settled_at, owner, detail, record, status, clock_offset, boot_id, booted_at = row
        if outcome == "created":
            return Known(_read_record(record).as_known())
        if outcome == "in_flight" and self._lives(database, owner):
            return InFlight()
        ended_at = self._latest_end(started_at) if settled_at is None else settled_at
        return Unknown(
            LostAttempt(
                attempt,
                started_at - self._ahead,
                ended_at - self._ahead,
                detail or ENDED,
                status,
                None if clock_offset is None else clock_offset + self._ahead,
                None if boot_id is None else Boot(boot_id, booted_at - self._ahead),
                over=self._DEAD_IS_OVER or (outcome == "unknown" and detail != ENDED),
            )
        )

    def _usage(self, database: Database, quota: Quota) -> Usage:
        """An attempt under way counts as of now or its latest end, since the server may count it as late as that."""
        now = self._now()
        settled = database.execute(
            "SELECT settled_at FROM attempt WHERE organization = ? AND settled_at > ? AND outcome != 'refused'",
            (quota.organization, now - quota.window),
        ).fetchall()
        in_flight = database.execute(
            "SELECT owner, started_at FROM attempt WHERE organization = ? AND outcome = 'in_flight'",
            (quota.organization,),
        ).fetchall()
        told = database.execute(
            # Not what seems to be told yet: the clock was set back since.
            "SELECT not_before FROM organization WHERE name = ? AND told_at <= ?",
            (quota.organization, now),
        ).fetchone()
        ends = [at for (at,) in settled]
        ends += [
            now if self._lives(database, owner) else self._latest_end(started_at) for owner, started_at in in_flight
        ]
        return Usage(
            counted=[min(at, now) - self._ahead for at in ends], not_before=told[0] - self._ahead if told else 0.0
        )


def check_taken(written: t.Any) -> None:
    """``written``: the cursor of a statement that writes one row. :raises ValueError: the database has swallowed it."""
    if written.rowcount != 1:
        raise ValueError("the database did not take what was written, as a trigger, rule or policy of it can do")


def _keep_contradiction(database: Database, attempt: int, record: SnapshotRecord) -> None:
    """If there is one: nothing private is sent to that API host from now on."""
    if record.visibility == CONTRADICTED and not record.is_public:
        check_taken(
            database.execute(
                "INSERT INTO api (host, contradicted_by) VALUES (?, ?)"
                " ON CONFLICT (host) DO UPDATE SET contradicted_by = excluded.contradicted_by",
                (record.api_host, attempt),
            )
        )


def _read_request(columns: tuple[t.Any, ...]) -> SnapshotRequest:
    """:raises ValueError: it is damaged."""
    api_host, aid, test_id, display_name, start, end, is_public, test_name = columns
    try:
        window = Window(parse_instant(start, "from"), parse_instant(end, "to"))
    except (InvalidRequest, TypeError) as error:
        raise ValueError("a window in it is damaged") from error
    return SnapshotRequest(api_host, aid or None, test_id, display_name, window, bool(is_public), test_name)


def _read_record(text: str) -> SnapshotRecord:
    """:raises ValueError: it is damaged."""
    try:
        record = SnapshotRecord.from_dict(json.loads(text))
        # Raises where its end cannot be read.
        record.expired(0)
    except (AttributeError, InvalidRequest, KeyError, TypeError) as error:
        raise ValueError("a record in it is damaged") from error
    return record
