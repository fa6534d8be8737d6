# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running playbooks with this collection and the real awx.awx, and nothing of the user's own environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tools.collections_of_ansible import ROOT, fill

COLLECTIONS = f"{fill(ROOT / '.build' / 'collections', ['awx.awx'])}:{ROOT / '.build' / 'tree'}"
ANSIBLE = Path(sys.executable).parent


class Run(NamedTuple):
    status: int
    output: str

    @property
    def recap(self) -> dict[str, int]:
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", self.output.rsplit("PLAY RECAP", 1)[1])}

    @property
    def stats(self) -> dict[str, Any]:
        """What it handed on by set_stats. Only where ANSIBLE_SHOW_CUSTOM_STATS is set."""
        _before, _mark, shown = self.output.partition("\tRUN: ")
        return json.JSONDecoder().raw_decode(shown)[0] if shown else {}

    @property
    def message(self) -> str:
        """What the task that failed says."""
        _before, _mark, result = self.output.partition("FAILED! => ")
        return json.JSONDecoder().raw_decode(result)[0]["msg"]


def play(home: Path, playbook: str, variables: dict[str, Any], *options: str, **environment: str) -> Run:
    """Run one, with a HOME that is used for nothing else, and these variables of the environment."""
    command = [str(ANSIBLE / "ansible-playbook"), playbook, *options, "-e", json.dumps(variables)]
    own = {
        "PATH": f"{ANSIBLE}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".build" / "cache" / "pycache"),
        "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PIPELINING": "true",
    }
    done = subprocess.run(
        command,
        env=own | environment,
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout)
