# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(test_info) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._core.errors import InvalidRequest
from .._core.names import check_id, check_text, composed, pattern_of
from .._core.test_list import TYPES, ListedTest
from .._options import ACCOUNT_GROUP, CONNECTION
from .connected import connected
from .context import Context

SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    "test_id": {"type": "str", "aliases": ["testId"]},
    "name": {"type": "str"},
    "tests": {"type": "list", "elements": "str"},
    "name_regex": {"type": "str"},
    "type": {"type": "str", "choices": list(TYPES)},
    "enabled": {"type": "bool"},
    "saved_events": {"type": "str", "choices": ["exclude", "only", "include"], "default": "exclude"},
    "tag": {"type": "str"},
    "label": {"type": "str"},
}


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: nothing was read."""
    wanted = _filter(params)
    mark = params["tag"] if params["api_version"] == "v7" else params["label"]
    with connected(params, context) as (api, aid):
        listed = api.list_tests(aid).tests
        tests = [test for test in listed if wanted(test)]
        if mark is not None:
            marked = api.tests_with(aid, mark)
            tests = [test for test in tests if test.test_id in marked]
    result: dict[str, t.Any] = {"changed": False, "tests": [test.to_dict() for test in tests]}
    if params["tests"] is not None:
        found = Counter(key for test in tests for key in _keys_of(test))
        entries = dict.fromkeys(params["tests"])
        result["not_found"] = [entry for entry in entries if found[_key(entry)] == 0]
        result["ambiguous"] = [entry for entry in entries if found[_key(entry)] > 1]
        names = [entry for entry in result["not_found"] if not entry.isdecimal()]
        result["close"] = _close(names, listed) if names else {}
    return result


def _close(names: list[str], tests: list[ListedTest]) -> dict[str, list[str]]:
    # Here, since what finds all tests shall not pay for the import.
    from .._core.test_names import close_names

    return {name: close_names(name, tests) for name in names}


def _keys_of(test: ListedTest) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("id", test.test_id), ("name", composed(test.test_name))


def _key(entry: str) -> tuple[str, str]:
    """Whether it is an id or a name, and which. :raises InvalidRequest: it is neither."""
    return ("id", check_id(entry, "tests")) if entry.isdecimal() else ("name", composed(check_text(entry, "tests")))


def _filter(params: t.Mapping[str, t.Any]) -> t.Callable[[ListedTest], bool]:
    """:raises InvalidRequest: an option breaks a rule."""
    for option, version in (("tag", "v7"), ("label", "v6")):
        if params[option] is not None and params["api_version"] != version:
            raise InvalidRequest(f"{option}: only API {version} has it.")
    if params["tag"] is not None and ":" not in params["tag"]:
        raise InvalidRequest("tag: write key:value.")
    test_id = check_id(params["test_id"], "test_id") if params["test_id"] is not None else None
    if params["tests"] == []:
        raise InvalidRequest("tests: the list is empty.")
    keys = {_key(entry) for entry in params["tests"] or []}
    regex = params["name_regex"]
    pattern = pattern_of(composed(regex) if regex else None, "name_regex")
    name, kind, enabled, saved_events = (params[option] for option in ("name", "type", "enabled", "saved_events"))

    def wanted(test: ListedTest) -> bool:
        return (
            (saved_events == "include" or test.saved_event is (saved_events == "only"))
            and (name is None or composed(test.test_name) == composed(name))
            and (test_id is None or test.test_id == test_id)
            and (not keys or not keys.isdisjoint(_keys_of(test)))
            and (kind is None or test.type == kind)
            and (enabled is None or test.enabled is enabled)
            and pattern.search(composed(test.test_name)) is not None
        )

    return wanted
