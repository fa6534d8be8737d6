# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the name of each module that is imported to the file IMPORTS."""

from __future__ import annotations

import os
import sys


def note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "import":
        os.write(log, f"{arguments[0]}\n".encode())


if "IMPORTS" in os.environ:
    log = os.open(os.environ["IMPORTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.addaudithook(note)
