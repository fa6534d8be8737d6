# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""How the files of reports, and of their index, are made."""

from __future__ import annotations

import os
from pathlib import Path

# The group may be allowed to read reports, others never.
FILE_MODE = 0o640


def write_new(path: Path, content: bytes) -> None:
    """Makes a new file, which is on the disk when this returns.

    :raises OSError: it could not be made, or there is one.
    """
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
