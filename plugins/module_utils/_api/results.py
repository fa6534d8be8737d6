# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Reading results, whatever the version on the wire.

Apart from the client, so that a task that only creates snapshots needs no part of it.
"""

from __future__ import annotations

import typing as t

from .._core.measurements import Measurement
from .._core.windows import Window
from .client import Api


def read_results(api: Api, test_id: str, layer: str, window: Window, aid: str | None) -> t.Iterator[Measurement]:
    """The results of a layer that the test has, page by page, perhaps with some of rounds next to the window.

    :raises ThousandEyesError: not all was read.
    """
    if api.version == "v6":
        from . import v6_results as version
    else:
        from . import v7_results as version  # type: ignore[no-redef]
    return version.read_results(api.http, test_id, layer, window, aid)
