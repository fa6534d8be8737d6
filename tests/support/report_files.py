# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the files of reports, and of their index, share."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import files, index, store


def replace_os(patched: pytest.MonkeyPatch, fake: Any) -> None:
    """Gives all that writes reports this in place of the module C(os)."""
    for module in (files, index, store):
        patched.setattr(module, "os", fake)
