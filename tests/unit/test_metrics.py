# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that repeats what _core/metrics.py says of a metric, in YAML, JSON and Markdown, against it."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.thousandeyes.plugins.module_utils._api import fields
from ansible_collections.community.thousandeyes.plugins.module_utils._core.measurements import Measurement
from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import (
    JUDGED,
    LAYERS,
    METRICS,
    SHARE,
    THRESHOLDS,
    TIME,
    Kind,
    Metric,
    metrics_of,
)
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.method import SHARES_METHOD

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "change_evidence"
PREFIX = "change_evidence_"
UNITS = {"points": "percentage points", "percent": "percent", "ms": "milliseconds"}
# By the name of its option: the metric and the unit.
OPTIONS = {f"{name}_{unit}": (metric, unit) for name, metric in JUDGED.items() for unit in metric.thresholds}
KINDS = (SHARE, TIME)


def documented(module: str, part: str) -> t.Any:
    plugin = importlib.import_module(f"ansible_collections.community.thousandeyes.plugins.modules.{module}")
    return yaml.safe_load(getattr(plugin, part))


def judging_options() -> t.Any:
    name = "ansible_collections.community.thousandeyes.plugins.doc_fragments.judging"
    return yaml.safe_load(importlib.import_module(name).ModuleDocFragment.DOCUMENTATION)["options"]


def sentence(metric: Metric, unit: str) -> str:
    return f"{metric.words[0].upper()}{metric.words[1:]}, in {UNITS[unit]}."


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.layer}-{metric.name}")
def test_a_row_is_whole(metric: Metric) -> None:
    assert metric.layer in LAYERS
    assert metric.kind in KINDS
    # More time is never better.
    assert metric.worse == 1 or (metric.worse == -1 and metric.kind is SHARE)
    assert bool(metric.judged) == bool(metric.title) == bool(metric.thresholds)
    assert not metric.judged or tuple(metric.thresholds) == metric.kind.limits
    assert not metric.binary or metric.kind is SHARE
    # Names of what a row of results has besides would hide it.
    assert metric.name not in (*Measurement._fields, "round")
    assert {other.words for other in METRICS if other.name == metric.name} == {metric.words}


def test_no_row_hides_another() -> None:
    assert len({(metric.layer, metric.name) for metric in METRICS}) == len(METRICS)
    assert len([metric for metric in METRICS if metric.judged]) == len(JUDGED)
    assert [metric for layer in LAYERS for metric in metrics_of(layer)] == list(METRICS)


def test_the_vendor_has_a_name_for_each() -> None:
    assert list(fields.LAYERS) == list(LAYERS)
    for name, layer in fields.LAYERS.items():
        assert sorted(layer.fields) == sorted(metric.name for metric in metrics_of(name))
        assert len(set(layer.fields.values())) == len(layer.fields)


def test_results_are_documented() -> None:
    result = documented("test_result_info", "RETURN")["results"]["contains"]
    rows = {name: row for name, row in result["rows"]["contains"].items() if name not in ("round", "round_id")}
    others = {"agent_id", "agent_name", "country", "server", "error"}
    assert set(rows) == {*others, *(metric.name for metric in METRICS)}
    for metric in METRICS:
        row = rows[metric.name]
        described = row["description"] if isinstance(row["description"], str) else row["description"][0]
        assert described.startswith(sentence(metric, metric.kind.unit)), metric.name
        layers = [other.layer for other in METRICS if other.name == metric.name]
        assert row["returned"] == "layer " + " or ".join(f"V({layer})" for layer in layers)


def test_thresholds_are_documented() -> None:
    documented_as = judging_options()["thresholds"]["suboptions"]
    assert documented_as == {
        name: {"description": sentence(metric, unit), "type": "float", "default": metric.thresholds[unit]}
        for name, (metric, unit) in OPTIONS.items()
    }


def test_the_role_has_the_thresholds() -> None:
    spec = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    endings = tuple(f"_{unit}" for unit in UNITS)
    options = spec["argument_specs"]["main"]["options"]
    assert {name: option for name, option in options.items() if name.endswith(endings)} == {
        PREFIX + name: {
            "description": [
                f"How many {UNITS[unit]} more or less are a difference, in {metric.words}.",
                *([f"O({PREFIX}{metric.judged}_ms) must be reached as well."] if unit == "percent" else []),
            ],
            "type": "float",
            "default": metric.thresholds[unit],
        }
        for name, (metric, unit) in OPTIONS.items()
    }
    assert {name: value for name, value in defaults.items() if name.endswith(endings)} == {
        PREFIX + name: value for name, value in THRESHOLDS.items()
    }
    inner = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    assert inner["__change_evidence_thresholds"] == {name: f"{{{{ {PREFIX}{name} }}}}" for name in THRESHOLDS}
    for phase in ("report", "watch"):
        tasks = (ROLE / "tasks" / f"{phase}.yml").read_text(encoding="utf-8")
        assert 'thresholds: "{{ __change_evidence_thresholds }}"' in tasks


def test_the_readme_of_the_role_says_so() -> None:
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| `{PREFIX}(\w+_(?:{'|'.join(UNITS)}))` \| `(\S+)` \| (.+) \|$", readme, re.MULTILINE)
    assert {name: (default, text.lower()) for name, default, text in rows} == {
        name: (
            str(metric.thresholds[unit]),
            "and in milliseconds" if unit == "ms" else f"{metric.title}, in {UNITS[unit]}".lower(),
        )
        for name, (metric, unit) in OPTIONS.items()
    }
    [layers] = re.findall(rf"^\| `{PREFIX}layers` .*$", readme, re.MULTILINE)
    assert re.findall(r"`([a-z-]+)`", layers) == list(LAYERS)


SCHEMA = json.loads((ROLE / "files" / "evidence.schema.json").read_text(encoding="utf-8"))


def test_the_schema_has_the_thresholds() -> None:
    thresholds = SCHEMA["properties"]["method"]["properties"]["thresholds"]
    assert sorted(thresholds["required"]) == sorted(THRESHOLDS)
    assert thresholds["properties"] == {
        name: {
            "type": "number",
            "minimum": 0,
            "description": f"{metric.title}, in {UNITS[unit]}{' of the value before' * (unit == 'percent')}.",
        }
        for name, (metric, unit) in OPTIONS.items()
    }


def test_the_schema_has_layers_and_metrics() -> None:
    assert SCHEMA["$defs"]["layer"]["enum"] == list(LAYERS)
    properties = SCHEMA["$defs"]["metric"]["properties"]
    assert properties["metric"]["enum"] == list(JUDGED)
    assert properties["unit"]["enum"] == [kind.unit for kind in KINDS]
    assert properties["kind"]["enum"] == [kind.name for kind in KINDS]
    falling = " and ".join(name for name, metric in JUDGED.items() if metric.worse < 0)
    assert (
        f"A worsening of {falling} is negative, that of all others positive." in properties["difference"]["description"]
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_schema_has_the_kinds(kind: Kind) -> None:
    properties = SCHEMA["$defs"]["metric"]["oneOf"][KINDS.index(kind)]["properties"]
    assert properties["metric"]["enum"] == [name for name, metric in JUDGED.items() if metric.kind is kind]
    assert properties["unit"]["const"] == kind.unit
    assert properties["kind"]["const"] == kind.name
    assert properties["threshold"]["required"] == list(kind.limits)


def test_the_method_names_all_shares() -> None:
    shares = " and ".join(name for name, metric in JUDGED.items() if metric.kind is SHARE)
    assert SHARES_METHOD.lower().startswith(f"{shares} are compared by their means")


# A metric of a layer that is read already: its row, and the vendor's name of it.
NEW = {
    "_core/metrics.py": (
        '    Metric("http-server", "total_time", ',
        '    Metric("http-server", "redirect_time", TIME, "the time of redirects", judged="redirect",'
        ' title="Redirects", thresholds={"percent": 12.5, "ms": 7.0}),\n',
    ),
    "_api/fields.py": ('            "total_time": ', '            "redirect_time": "redirectTime",\n'),
}
USE = """
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.module_utils._api.fields import measured
from ansible_collections.community.thousandeyes.plugins.module_utils._core.measurements import Measurement, summary
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.html import to_html
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.task import SPEC

values = measured("http-server", {"redirectTime": 21.5})
assert values["redirect_time"] == 21.5
row = Measurement(0, "1", None, None, None, None, values)
assert row.to_dict()["redirect_time"] == 21.5
assert summary("http-server", [row])["overall"]["redirect_time"]["mean"] == 21.5
options = SPEC["thresholds"]["options"]
assert (options["redirect_percent"]["default"], options["redirect_ms"]["default"]) == (12.5, 7.0)
document = report_documents.clean()
[found] = [
    metric
    for layer in document["tests"][0]["layers"]
    for metric in layer["metrics"]
    if metric["metric"] == "redirect"
]
assert (found["verdict"], found["unit"], found["threshold"]) == ("ok", "ms", {"percent": 12.5, "ms": 7.0})
page = to_html(document)
assert "Redirects at each agent" in page and "12.5 % and 7 ms" in page
"""


def test_a_new_metric_takes_two_files(tmp_path: Path) -> None:
    """Then it is read, summed up, an option, judged and shown. What is not code fails in this file until it follows."""
    plugins = tmp_path / "ansible_collections" / "community" / "thousandeyes" / "plugins"
    shutil.copytree(ROOT / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (before, line) in NEW.items():
        path = plugins / "module_utils" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1
        path.write_text(text.replace(before, line + before), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", USE],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT / "tests")))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
