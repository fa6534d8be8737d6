# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The snapshots that a report links to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.links import belonging, link_id_of, number_of
from ...module_utils._core.windows import iso, parse_instant
from .._change.change import FROZEN, Change
from .document import Row

_FIELDS = (
    *("display_name", "from", "to", "is_public", "link_id", "snapshot_test_id", "view_url", "app_url"),
    *("share_date", "expires_at", "state"),
)


class Snapshots:
    """The snapshots of the windows of a change, as ``snapshot_info`` found them.

    ``others``: saved events with a title that the role gives, whose tests are not known. ``not_shown``: how many links
    and ids of links do not belong to the API, and so are left out. ``planned``: tests and phases of those that tasks in
    check mode would have created.
    """

    def __init__(
        self, found: Sequence[Row], change: Change, api_host: str, now: float, earlier: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """``earlier``: the records that tasks of this run left.

        :raises InvalidRequest: a row is not that of a snapshot.
        """
        phases = {(iso(window.start), iso(window.end)): phase for phase, window in change.windows.items()}
        self.planned = {
            (str(record["test_id"]), phases.get((record["from"], record["to"])))
            for record in earlier
            if record["status"] == "planned"
        }
        titles = {f"{change.change_id} {phase}": phase for phase in (*change.windows, FROZEN)}
        self._by_test: dict[str, list[Row]] = {}
        self.others: list[Row] = []
        self.not_shown = 0
        for fields in found:
            if not isinstance(fields, dict) or not {*_FIELDS, "api_host", "superseded", "test_id"} <= set(fields):
                raise InvalidRequest("snapshots: give them as community.thousandeyes.snapshot_info returns them.")
            if fields["superseded"] or fields["api_host"] != api_host:
                continue
            expires_at = fields["expires_at"]
            row = {name: fields[name] for name in _FIELDS}
            # Earlier versions returned rows without these.
            row["view_url_source"] = fields.get("view_url_source")
            row["visibility"] = fields.get("visibility")
            row["expired"] = expires_at and parse_instant(expires_at, "expires_at").timestamp() <= now
            if fields["test_id"] is None:
                if fields["display_name"] in titles:
                    row["phase"] = titles[fields["display_name"]]
                    self.others.append(self._checked(row, api_host))
                continue
            phase = phases.get((fields["from"], fields["to"]))
            if fields["display_name"] == f"{change.change_id} {FROZEN}":
                phase = FROZEN
            if phase is not None:
                row["phase"] = phase
                self._by_test.setdefault(str(fields["test_id"]), []).append(self._checked(row, api_host))

    def _checked(self, row: Row, api_host: str) -> Row:
        """The row without links that do not belong to the API, since rows may come from anywhere."""
        shown: Row = {name: belonging(row[name], api_host) for name in ("view_url", "app_url")}
        shown["link_id"] = link_id_of(row["link_id"])
        self.not_shown += sum(shown[name] != row[name] for name in shown)
        shown["snapshot_test_id"] = number_of(row["snapshot_test_id"])
        shown["view_url_source"] = row["view_url_source"] if shown["view_url"] else None
        return {**row, **shown}

    def of(self, test_id: str) -> list[Row]:
        """The snapshots of a test, in the order of the windows."""
        found = self._by_test.get(test_id, [])
        return sorted(found, key=lambda row: (row["from"], row["display_name"], row["share_date"] or ""))
