# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""evidence.json as text."""

from __future__ import annotations

import json

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.document import to_json


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_it_is_read_as_it_was_written_and_always_the_same(kind: str) -> None:
    document = report_documents.KINDS[kind]()
    text = to_json(document)
    assert json.loads(text) == document
    assert to_json(dict(reversed(list(document.items())))) == text


def test_each_agent_has_a_line() -> None:
    document = report_documents.KINDS["one_degraded"]()
    text = to_json(document).decode()
    assert text.endswith("}\n")
    agents = [
        agent
        for test in document["tests"]
        for layer in test["layers"]
        for metric in layer["metrics"]
        for agent in metric["agents"]
    ]
    lines = [line.strip() for line in text.splitlines()]
    found = [json.JSONDecoder().raw_decode(line)[0] for line in lines if line.startswith('{"')]
    assert sorted(map(str, found)) == sorted(map(str, (dict(sorted(agent.items())) for agent in agents)))
    # Few lines besides, of metrics and tests, and none of a number.
    assert len(lines) < len(agents) + 20 * 21 + 12 * 3 + 20
