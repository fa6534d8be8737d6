# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(test_result_info) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import typing as t

from .._api.results import read_results
from .._core.account_group import called
from .._core.errors import InvalidRequest, NotFound
from .._core.measurements import Measurement, distinct, summary
from .._core.metrics import LAYERS
from .._core.names import check_id, check_text
from .._core.test_list import ListedTest
from .._core.test_names import test_id_of
from .._core.windows import Window, iso, resolve_span
from .._options import ACCOUNT_GROUP, CONNECTION
from .connected import connected
from .context import Context

SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    "test_id": {"type": "str", "aliases": ["testId"]},
    "test_name": {"type": "str"},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "hours": {"type": "int"},
    "layers": {"type": "list", "elements": "str", "choices": list(LAYERS)},
    "rows": {"type": "bool", "default": True},
}
_WHICH = ("test_id", "test_name")
RULES = {"mutually_exclusive": [_WHICH], "required_one_of": [_WHICH]}


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: nothing, or not all, was read."""
    window = resolve_span(params["from"], params["to"], params["hours"], context.clock.now())
    if params["layers"] == []:
        raise InvalidRequest("layers: the list is empty.")
    test_id = check_id(params["test_id"], "test_id") if params["test_id"] is not None else None
    name = check_text(params["test_name"], "test_name") if params["test_name"] is not None else ""
    with connected(params, context) as (api, aid):
        tests = api.list_tests(aid).tests
        test = _find(tests, test_id or test_id_of(name, tests, aid), aid)
        results = [
            _result(layer, read_results(api, test.test_id, layer, window, aid), window, with_rows=params["rows"])
            for layer in _layers(test, params["layers"])
        ]
    return {
        "changed": False,
        "test": test.to_dict(),
        "window": {"from": iso(window.start), "to": iso(window.end)},
        "results": results,
    }


def _find(tests: t.Iterable[ListedTest], test_id: str, aid: str | None) -> ListedTest:
    """:raises NotFound: there is no such test."""
    for test in tests:
        if test.test_id == test_id:
            return test
    raise NotFound(f"test_id: there is no test {test_id} in {called(aid)} that this token can see.")


def _layers(test: ListedTest, asked: t.Sequence[str] | None) -> list[str]:
    """In the order of the documentation. :raises InvalidRequest: the test does not have one that is asked for."""
    has = test.details().layers
    if has is None:
        if asked is None:
            raise InvalidRequest(
                f"layers: the API does not tell which ones test {test.test_id} has; say which to read."
            )
        return [layer for layer in LAYERS if layer in asked]
    lacking = [layer for layer in asked or [] if layer not in has]
    if lacking:
        raise InvalidRequest(
            f"layers: test {test.test_id} ({test.test_name!r}, {test.type}) has no {', '.join(lacking)}. "
            f"It has {', '.join(has) or 'none that can be read'}."
        )
    return [layer for layer in has if asked is None or layer in asked]


def _result(layer: str, found: t.Iterable[Measurement], window: Window, *, with_rows: bool) -> dict[str, t.Any]:
    rows = distinct(found, window.start.timestamp(), window.end.timestamp())
    result: dict[str, t.Any] = {"layer": layer, "summary": summary(layer, rows)}
    if with_rows:
        result["rows"] = [row.to_dict() for row in rows]
    return result
