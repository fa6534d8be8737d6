# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check of a later capability is one file and one line: added to a copy, it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ansible_collections.community.thousandeyes.plugins.module_utils._checks.all import CHECKS
from jsonschema import Draft202012Validator
from simulator import TOKEN, Simulator

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "contract" / "observed.schema.json").read_text(encoding="utf-8"))
FILE = """
from .._core.errors import ThousandEyesError
from .check import OK, Check, Fact, Finding
from .explain import explained

READ = Fact("alerts_read", "yes_no", ("alerts-permission",))


def run(site):
    try:
        site.api.http.get("/v7/alerts", {})
    except ThousandEyesError as error:
        yield explained(error, "alerts", "list of alerts", "View alerts", ((READ, False),))
    else:
        yield Finding("alerts", OK, "Alerts can be read.", "", ((READ, True),))


CHECK = Check("alerts", run, facts=(READ,))
"""
PLAY = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "community.thousandeyes.account_check": {"observed_path": "observed.json"},
                "register": "result",
                "async": "{{ item }}",
                "poll": 1,
                "loop": [0, 60],
            },
            {"ansible.builtin.copy": {"content": "{{ result.results | to_json }}", "dest": "result.json"}},
        ],
    }
]


def test_it_runs_in_both_ways(sim: Simulator, tmp_path: Path) -> None:
    """In process, and packed as a module, which has only what is imported."""
    copy = tmp_path / "ansible_collections" / "community" / "thousandeyes"
    shutil.copytree(ROOT / "plugins", copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "meta", copy / "meta")
    shutil.copy(ROOT / "galaxy.yml", copy)
    folder = copy / "plugins" / "module_utils" / "_checks"
    (folder / "alerts.py").write_text(f"from __future__ import annotations\n{FILE}")
    text = (folder / "all.py").read_text()
    more = text.replace("from . import access,", "from . import access, alerts,").replace(
        "    tags.CHECK,\n", "    tags.CHECK,\n    alerts.CHECK,\n"
    )
    (folder / "all.py").write_text(more)
    (tmp_path / "play.yml").write_text(json.dumps(PLAY))
    subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "ANSIBLE_COLLECTIONS_PATH": str(tmp_path),
            "ANSIBLE_REMOTE_TMP": str(tmp_path / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "THOUSANDEYES_API_URL": sim.url,
            "THOUSANDEYES_API_TOKEN": TOKEN,
        },
        check=True,
        capture_output=True,
    )
    for result in json.loads((tmp_path / "result.json").read_text()):
        [found] = [finding for finding in result["findings"] if finding["name"] == "alerts"]
        assert (found["level"], found["settles"]) == ("failed", ["alerts-permission"])
    document = json.loads((tmp_path / "observed.json").read_text())
    assert document["observed"]["v7"]["alerts_read"]["value"] is False
    assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []


def test_each_file_with_a_check_is_in_the_list() -> None:
    folder = ROOT / "plugins" / "module_utils" / "_checks"
    files = {path.stem for path in folder.glob("*.py") if "\nCHECK = " in path.read_text(encoding="utf-8")}
    assert files == {check.run.__module__.rpartition(".")[2] for check in CHECKS}
    assert len({check.name for check in CHECKS}) == len(CHECKS)
