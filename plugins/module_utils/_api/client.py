# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The API as the rest of the collection sees it, whatever the version on the wire."""

from __future__ import annotations

import typing as t

from .._core.account_group import AccountGroup
from .._core.clock import Clock
from .._core.connection import Connection
from .._core.created import CreatedSnapshot
from .._core.snapshot import SnapshotRequest
from .._core.test_list import Listing

if t.TYPE_CHECKING:
    from .http_client import HttpClient
    from .pace import Pace


class Api(t.Protocol):
    """What both versions can do. Every method raises ThousandEyesError."""

    version: str
    # The connection, by which results are read, too.
    http: HttpClient

    @property
    def clock_offset(self) -> float | None:
        """Seconds that the server's clock is ahead of ours, by its latest answer of any kind; None if unknown."""

    @property
    def status(self) -> int | None:
        """The status of the answer to the latest request, as soon as its first line has come; None before."""

    def create_snapshot(self, request: SnapshotRequest) -> CreatedSnapshot:
        """Sends one POST."""

    def list_tests(self, aid: str | None, once: bool = False) -> Listing:
        """All tests of the account group, saved events among them. ``once``: do not wait until it can be read."""

    def account_groups(self, aid: str | None) -> list[AccountGroup]:
        """The account groups that the user may use. ``aid`` is the current one, in v6 only."""

    def tests_with(self, aid: str | None, tag: str) -> set[str]:
        """The ids of the tests that bear a tag (C(key:value), v7), or a label (its name, v6).

        :raises NotFound: there is no such tag or label.
        """

    def tags(self, aid: str | None) -> list[str]:
        """What tests can bear, as C(tests_with) takes it: tags, or labels in v6."""

    def close(self) -> None:
        """Gives the connection back."""


def open_api(
    connection: Connection,
    clock: Clock,
    answer_format: str = "json",
    tell: t.Callable[[str], None] = lambda _text: None,
    pace: Pace | None = None,
) -> Api:
    """No connection is made yet. ``answer_format``: json, or xml for snapshots of v6.

    ``tell`` shows what is waited for. ``pace``: that of the other sessions of the task, if there are any.

    :raises MissingLibrary: requests cannot be imported.
    """
    if connection.version == "v6":
        from .v6 import ApiV6

        return ApiV6(connection, clock, answer_format, tell, pace)
    from .v7 import ApiV7

    return ApiV7(connection, clock, tell, pace)
