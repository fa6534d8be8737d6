# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The tests of a change, as a task is given them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.metrics import LAYERS
from ...module_utils._core.names import check_id

Row = dict[str, Any]
# Behind this, the type of the test.
NEVER_COMPARED = "It has no results that can be compared"


def tests_of(given: Sequence[Any]) -> list[Row]:
    """The tests that a task is given, in their order, each once. They have no verdict yet.

    :raises InvalidRequest: there are none, or they are none of test_info.
    """
    if not given:
        raise InvalidRequest("tests: the list is empty.")
    tests: dict[tuple[Any, ...], Row] = {}
    for fields in given:
        if not isinstance(fields, dict) or "test_id" not in fields:
            raise InvalidRequest("tests: give them as community.thousandeyes.test_info returns them.")
        gone, interval, layers = fields.get("gone") is True, fields.get("interval"), fields.get("layers")
        # Only the name may be known of one that is gone.
        unknown = gone and fields["test_id"] is None
        test = {
            "test_id": None if unknown else check_id(str(fields["test_id"]), "tests"),
            "test_name": fields.get("test_name"),
            "type": fields.get("type"),
            "interval": interval if isinstance(interval, int) and interval > 0 else None,
            "state": "gone" if gone else "disabled" if fields.get("enabled") is False else "present",
            "layers": layers if isinstance(layers, list) else None,
        }
        tests.setdefault((test["test_id"], unknown and test["test_name"]), test)
    return list(tests.values())


def layers_of(test: Row, asked: Sequence[str] | None) -> tuple[list[str], str]:
    """Which layers of a test to read, and if none, why there is nothing to compare."""
    has = test["layers"]
    layers = [layer for layer in LAYERS if layer in (has if has is not None else asked or ())]
    layers = [layer for layer in layers if asked is None or layer in asked]
    if test["state"] == "gone":
        return [], "The test is no longer in the list of tests."
    if layers:
        return layers, ""
    if has is None:
        return [], "The API does not tell which results the test has; say which layers to read."
    return [], f"{NEVER_COMPARED} ({test['type']})."
