# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The version of this collection, as its metadata tells it."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

_ROOT = Path(__file__).parents[3]


def release() -> str:
    """The version of the installed collection, or of the checkout that is used as one."""
    manifest = _ROOT / "MANIFEST.json"
    if manifest.exists():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load((_ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
