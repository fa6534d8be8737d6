# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What an C(account_group_info) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import typing as t

from .._options import ACCOUNT_GROUP, CONNECTION
from .connected import connected
from .context import Context

SPEC: dict[str, dict[str, t.Any]] = {**CONNECTION, **ACCOUNT_GROUP}


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: nothing was read."""
    with connected(params, context) as (api, aid):
        groups = api.account_groups(aid)
    return {"changed": False, "account_groups": [group._asdict() for group in groups]}
