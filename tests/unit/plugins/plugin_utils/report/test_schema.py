# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published JSON Schema, against the documents that the code makes."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.document import SCHEMA
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[5]
TEXT = (ROOT / "roles" / "change_evidence" / "files" / "evidence.schema.json").read_text(encoding="utf-8")
PUBLISHED = json.loads(TEXT)
VALIDATOR = Draft202012Validator(PUBLISHED, format_checker=Draft202012Validator.FORMAT_CHECKER)


@functools.cache
def document(kind: str) -> dict[str, Any]:
    return report_documents.KINDS[kind]()


def schemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for each in part.values():
            yield from schemas(each)
    elif isinstance(part, list):
        for each in part:
            yield from schemas(each)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(PUBLISHED)
    assert "date-time" in VALIDATOR.format_checker.checkers, "times would not be checked"
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA


def test_it_is_strict() -> None:
    for part in schemas(PUBLISHED):
        if part.get("type") == "object" and "properties" in part:
            assert part["additionalProperties"] is False
            optional = {"about", "earlier", "episodes"} if part is PUBLISHED else set()
            assert sorted(part["required"]) == sorted(set(part["properties"]) - optional)


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_documents_fit(kind: str) -> None:
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document(kind))] == []


def test_a_long_window_fits() -> None:
    VALIDATOR.validate(report_documents.many(tests=2))


@pytest.mark.parametrize(
    "path, value",
    [
        (["verdict"], "good"),
        (["more"], 1),
        (["schema"], "community.thousandeyes.evidence/3"),
        (["change", "start"], "2026-11-23 22:00:00"),
        (["change", "start"], "2026-11-23T22:00:00+01:00"),
        (["change", "start"], "2026-13-23T22:00:00Z"),
        (["counts", "ok"], -1),
        (["windows", "before"], None),
        (["made", "by"], {"job": 1}),
        (["tests", 0, "test_id"], 817),
        (["tests", 0, "more"], None),
        (["tests", 0, "snapshots", 0, "state"], "lost"),
        (["tests", 0, "snapshots", 0, "expires_at"], "soon"),
        (["tests", 0, "layers", 0, "metrics", 0, "unit"], "ms"),
        (["tests", 0, "layers", 0, "metrics", 0, "threshold"], {"percent": 1, "ms": 1}),
        (["tests", 0, "layers", 0, "metrics", 0, "difference_percent"], 1.0),
        (["tests", 0, "layers", 0, "metrics", 0, "before", "p5"], "0"),
        (["tests", 0, "layers", 0, "metrics", 0, "series", "before", 0], [0]),
        (["tests", 0, "layers", 0, "metrics", 0, "series", "before", 0], [0, 1, 2]),
        (["tests", 0, "layers", 0, "metrics", 0, "agents", 0, "series"], {}),
        (["tests", 0, "layers", 0, "metrics", 0, "agents", 0, "p"], 2),
    ],
)
def test_others_do_not_fit(path: list[str | int], value: object) -> None:
    made: Any = copy.deepcopy(document("clean"))
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(made)


def test_no_field_may_be_left_out() -> None:
    made = document("clean")
    for name in made:
        assert not VALIDATOR.is_valid({key: value for key, value in made.items() if key != name})
