# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The tables of the ledger in PostgreSQL: made, brought up to date, and checked for what may change what is known."""

from __future__ import annotations

import typing as t

from .sql import Database, check_taken

SCHEMA = "thousandeyes_ledger"
# The number of an advisory lock, under which one process creates or upgrades the schema: "TEsl" in ASCII.
_CREATION = 0x5445736C

# From each version of the schema to the next. A released step is never changed, and one only adds: a process of an
# older version still keeps an outcome after it. As in SQLite but for the types. ``least`` in the table ledger is the
# oldest version of the schema whose code may use this one: it does nothing wrong though it knows nothing of the rest.
LEAST = 3
STEPS = (
    """
CREATE TABLE ledger (version integer NOT NULL);
INSERT INTO ledger (version) VALUES (0);
CREATE TABLE snapshot (
    identity text PRIMARY KEY,
    api_host text NOT NULL,
    aid text NOT NULL,
    test_id text NOT NULL,
    test_name text,
    display_name text NOT NULL,
    from_time text NOT NULL,
    to_time text NOT NULL,
    is_public boolean NOT NULL
);
CREATE INDEX snapshot_by_title ON snapshot USING hash (display_name);
CREATE TABLE attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identity text NOT NULL REFERENCES snapshot (identity),
    organization text NOT NULL,
    owner text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('in_flight', 'created', 'refused', 'unknown')),
    started_at double precision NOT NULL,
    settled_at double precision,
    detail text,
    record text,
    made_by text
);
CREATE INDEX attempt_by_identity ON attempt (identity);
CREATE INDEX attempt_by_time ON attempt (settled_at);
CREATE INDEX attempt_in_flight ON attempt (started_at) WHERE outcome = 'in_flight';
CREATE INDEX attempt_unknown ON attempt (started_at) WHERE outcome = 'unknown';
CREATE TABLE organization (
    name text PRIMARY KEY,
    told_at double precision NOT NULL,
    not_before double precision NOT NULL
);
""",
    "ALTER TABLE ledger ADD COLUMN least integer NOT NULL DEFAULT 1",
    """
ALTER TABLE attempt ADD COLUMN status integer;
ALTER TABLE attempt ADD COLUMN clock_offset double precision;
ALTER TABLE attempt ADD COLUMN boot_id text;
ALTER TABLE attempt ADD COLUMN booted_at double precision;
CREATE TABLE api (
    host text PRIMARY KEY,
    clock_offset double precision,
    contradicted_by bigint,
    accepted_at double precision
);
CREATE TABLE listing (
    api_host text NOT NULL,
    aid text NOT NULL,
    api_version text NOT NULL,
    looked_at double precision NOT NULL,
    shown boolean,
    PRIMARY KEY (api_host, aid, api_version)
);
""",
)


# Who may do something with attempts may do the same with the tables of a later step.
_RIGHTS = f"""
DO $$
DECLARE
    had record;
BEGIN
    FOR had IN
        SELECT DISTINCT privilege_type,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS who
        FROM pg_catalog.pg_class, aclexplode(relacl)
        WHERE oid = '{SCHEMA}.attempt'::regclass AND grantee != relowner
            AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE')
    LOOP
        EXECUTE format('GRANT %s ON ALL TABLES IN SCHEMA {SCHEMA} TO %s', had.privilege_type, had.who);
    END LOOP;
END $$
"""


class Session(Database, t.Protocol):
    """A connection."""

    def execute_script(self, statements: str) -> None:
        """Several statements, without values."""

    def transaction(self) -> t.ContextManager[t.Any]:
        """All that is done in it is done, or nothing."""


def version(session: Session, lock: str = "") -> int | None:
    """The schema's; None where there is none. Whether there is one is no secret, so a lack of rights is an error."""
    there = session.execute(
        "SELECT 1 FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace"
        " WHERE nspname = ? AND relname = 'ledger'",
        (SCHEMA,),
    ).fetchone()
    if there is None:
        return None
    row = session.execute(f"SELECT version FROM {SCHEMA}.ledger{lock}").fetchone()
    if row is None:
        raise ValueError("it has no version")
    return t.cast(int, row[0])


def check_compatible(session: Session, row: tuple[t.Any, ...] | None) -> None:
    """``row`` has the version. :raises ValueError: a newer version of this collection wrote it, for newer ones only."""
    if row is None:
        raise ValueError("it has no version")
    if row[0] > len(STEPS):
        [least] = session.execute(f"SELECT least FROM {SCHEMA}.ledger").fetchone()
        if least > len(STEPS):
            raise ValueError(
                f"a newer version of this collection wrote it (schema {row[0]}, for those that know {least}; known is "
                f"{len(STEPS)})"
            )


def check_plain(session: Session) -> None:
    """:raises ValueError: a table does, or hides, something of its own."""
    names = session.execute(
        "SELECT relname FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space"
        " ON space.oid = relnamespace WHERE nspname = ?"
        " AND relname IN ('ledger', 'snapshot', 'attempt', 'organization', 'api', 'listing')"
        " AND (relkind != 'r' OR relrowsecurity"
        " OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite WHERE ev_class = class.oid)"
        " OR EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = class.oid)"
        " OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = class.oid AND NOT tgisinternal))"
        " ORDER BY relname",
        (SCHEMA,),
    ).fetchall()
    if names:
        raise ValueError(
            f"{', '.join(f'{SCHEMA}.{name}' for (name,) in names)} must be a plain table, without triggers, rules, "
            "row-level security and heirs, which may hide or change what is known, and run as the role of the task"
        )


def upgrade(session: Session) -> None:
    """All or nothing, and once if several start together."""
    with session.transaction():
        session.execute("SELECT pg_advisory_xact_lock(?)", (_CREATION,))
        known = version(session, " FOR UPDATE")
        if known is None:
            there = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?"
            if session.execute(there, (SCHEMA,)).fetchone() is None:
                session.execute(f"CREATE SCHEMA {SCHEMA}")
        else:
            check_compatible(session, (known,))
        if (known or 0) < len(STEPS):
            for step in STEPS[known or 0 :]:
                session.execute_script(step)
            session.execute_script(_RIGHTS)
            check_taken(session.execute("UPDATE ledger SET version = ?, least = ?", (len(STEPS), LEAST)))
