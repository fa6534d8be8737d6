# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""A task's connection to the API, for tasks that only read."""

from __future__ import annotations

import contextlib
import typing as t

from .._api.client import Api, open_api
from .._api.pace import Pace
from .._core.connection import Connection
from .._core.errors import Forbidden, InvalidRequest, NotFound, ThousandEyesError
from .._core.names import check_id
from .context import Context


@contextlib.contextmanager
def connected(
    params: t.Mapping[str, t.Any], context: Context, pace: Pace | None = None
) -> t.Iterator[tuple[Api, str | None]]:
    """The API, and the account group that was asked for. If that is refused, the error names the others.

    ``pace``: that of the other sessions of the task, if there are any.

    :raises InvalidRequest: an option breaks a rule.
    """
    connection = Connection.from_params(params)
    aid = check_id(params["aid"], "aid") if params.get("aid") is not None else None
    api = open_api(connection, context.clock, tell=context.tell, pace=pace)
    try:
        yield api, aid
    except (Forbidden, NotFound, InvalidRequest) as error:
        if aid is not None and error.status is not None:
            error.add(_others(api, aid))
        raise
    finally:
        api.close()


def _others(api: Api, aid: str) -> str:
    try:
        groups = api.account_groups(None)
    except ThousandEyesError:
        return ""
    if aid in [group.aid for group in groups]:
        return ""
    listed = ", ".join(f"{group.aid} ({group.name})" for group in groups) or "none"
    return f"The token cannot use account group {aid}. It can use {listed}."
