# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge series without an API: JSON lines in, JSON lines out, one test each, in order.

In: {"interval": 300, "before": ["2026-11-27T10:00:00Z", "2026-11-27T11:00:00Z"], "after": [...],
     "layers": {"network": {"latency": [{"agent": "1", "name": "Singapore", "rounds": [[1795773600, 171.2]]}]}}}
Rounds before "before" are the history. "exclude" are spans that the history leaves out. "settings" are optional, by the
names in plugins/plugin_utils/_verdict/settings.py. Out: the entry of the test in the evidence document.

Needs Python alone. Usage: python tests/verdict/judge.py < tests.jsonl
"""

from __future__ import annotations

import json
import sys
import types
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIELDS = {"test_id": None, "test_name": None, "type": None, "state": "present", "snapshots": []}


def _importable() -> None:
    """Make the checkout the collection, wherever it is, unless it can be imported already."""
    try:
        import ansible_collections.community.thousandeyes  # noqa: F401
    except ImportError:
        name = ""
        for part in ("ansible_collections", "community", "thousandeyes"):
            name = f"{name}.{part}".strip(".")
            module = types.ModuleType(name)
            module.__path__ = [str(ROOT)] if part == "thousandeyes" else []
            sys.modules[name] = module
    sys.path.insert(0, str(ROOT / "tests"))


def _epoch(moment: t.Any) -> float:
    from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import parse_instant

    return float(moment) if isinstance(moment, (int, float)) else parse_instant(moment, "time").timestamp()


def _window(span: t.Sequence[t.Any]) -> tuple[float, float]:
    start, end = span
    return _epoch(start), _epoch(end)


def entry_of(test: t.Mapping[str, t.Any]) -> str:
    """The line that comes out for one that went in."""
    from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.document import line_of
    from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import Settings
    from verdict.judging import judge_series

    entry = judge_series(
        test["interval"],
        _window(test["before"]),
        _window(test["after"]),
        test["layers"],
        [_window(span) for span in test.get("exclude", ())],
        Settings(**test.get("settings", {})),
    )
    fields = {name: test.get(name, default) for name, default in FIELDS.items()}
    return line_of({**fields, "interval": test["interval"], **entry})


def main() -> None:
    _importable()
    for number, line in enumerate(sys.stdin, 1):
        if line.strip():
            try:
                print(entry_of(json.loads(line)), flush=True)
            except (KeyError, TypeError, ValueError) as error:
                sys.exit(f"Line {number}: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
