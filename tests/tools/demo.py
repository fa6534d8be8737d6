# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change that makes one of three tests worse, and is rolled back: its evidence by the installed collection.

The API is the simulator. All of it is past, so the looks of a watch are made up at once, and nothing is waited for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator import TOKEN, Simulator  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "demo"
STATE = BUILD / "state"
CONFIG = BUILD / "ansible.cfg"
WATCHES = STATE / "watches"
REPORT = BUILD / "evidence" / "CHG0031337"
SHOP, VPN, RESOLVER = 19955, 20002, 20005

REAL_ACCOUNT = """
To do the same for a change of yours, with the collection installed (see README.md):

  export THOUSANDEYES_API_TOKEN=...   # Account Settings > Users and Roles > User API Tokens
  ansible-playbook community.thousandeyes.change_evidence -e change_evidence_phase=before \\
    -e change_evidence_id=CHG0031337 -e change_evidence_start='2026-11-23T22:00:00+01:00' \\
    -e change_evidence_end='2026-11-23T23:30:00+01:00' -e change_evidence_dir=~/evidence \\
    -e '{"change_evidence_tests": ["ID or name of a test"]}'

and then with the phases watch, after and report. The snapshots are private.
"""


def play(url: str, phase: str, change: dict[str, str], fails: bool = False) -> str:
    """The output, which is shown as it comes. ``fails``: whether it must."""
    handed_on: dict[str, object] = {}
    for path in WATCHES.iterdir():
        handed_on |= json.loads(path.read_text(encoding="utf-8"))
    variables = {
        "change_evidence_phase": phase,
        "change_evidence_id": REPORT.name,
        "change_evidence_tests": [SHOP, VPN, RESOLVER],
        "change_evidence_dir": str(REPORT.parent),
        "change_evidence_fail_on": "degraded",
        "demo_watches": str(WATCHES),
        # So that the report has what both watches found, as in a workflow.
        **handed_on,
        **{f"change_evidence_{name}": value for name, value in change.items()},
    }
    playbook = Path(__file__).with_name("demo.yml")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), "-e", json.dumps(variables)]
    # Nothing of the user's own set-up: the demo shows the collection, against an API that no proxy knows.
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("THOUSANDEYES_", "TE_", "ANSIBLE_"))
    }
    environment = {
        **kept,
        "ANSIBLE_CONFIG": str(CONFIG),
        "no_proxy": "127.0.0.1",
        "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "THOUSANDEYES_API_TOKEN": TOKEN,
        "THOUSANDEYES_API_URL": url,
        "THOUSANDEYES_LEDGER": str(STATE / "ledger.sqlite3"),
    }
    say(phase)
    output = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            output += line
    if (process.returncode != 0) != fails:
        sys.exit(process.returncode or 1)
    return output


def main() -> int:
    for folder in (STATE, REPORT.parent):
        shutil.rmtree(folder, ignore_errors=True)
    WATCHES.mkdir(parents=True)
    CONFIG.write_text("", encoding="utf-8")
    done = datetime.now(timezone(timedelta(hours=1))).replace(second=0, microsecond=0) - timedelta(minutes=65)
    rollback, end, start = (done - timedelta(minutes=minutes) for minutes in (5, 50, 80))
    change = {"start": start.isoformat(), "end": end.isoformat(), "description": "New firmware on the edge routers"}
    rolled_back = {**change, "rollback_start": rollback.isoformat(), "rollback_end": done.isoformat()}
    with Simulator() as simulator:
        simulator.settings(creation_limit=10, results_rhythm=0, results_flaws=0)
        play(simulator.url, "before", change)
        say(f"{start:%H:%M} to {end:%H:%M}, the change: from then on the web shop is slow, most of all to Singapore")
        worse = (SHOP, start.isoformat(), done.isoformat())
        simulator.degrade(*worse, factor={"responseTime": 1.25})
        simulator.degrade(*worse, factor={"responseTime": 1.5}, agents=[3])
        play(simulator.url, "watch", change, fails=True)
        say(f"{rollback:%H:%M} to {done:%H:%M}, the rollback: the web shop is as it was")
        play(simulator.url, "watch", rolled_back)
        phases = ("after", "report")
        for phase in phases:
            play(simulator.url, phase, rolled_back)
        say("the same once more, which creates nothing")
        again = "".join(play(simulator.url, phase, rolled_back) for phase in phases)
        creations = simulator.creations()
    print(f"Snapshots that the simulator counted in all runs: {len(creations)}\n")
    print((REPORT / "evidence.txt").read_text(encoding="utf-8"))
    print(REAL_ACCOUNT)
    print(f"Now look at the report: {(REPORT / 'evidence.html').as_uri()}")
    report = json.loads((REPORT / "evidence.json").read_text(encoding="utf-8"))
    seen = [(episode["name"], episode["verdict"], episode["watch"]["verdict"]) for episode in report["episodes"]]
    expected = [("change", "degraded", "degraded"), ("rollback", "ok", "ok")]
    # Three tests before and after, and the one that the watch froze.
    return 0 if len(creations) == 7 and again.count("changed=0") == 2 and seen == expected else 1


def say(what: str) -> None:
    print(f"\n=== {what} ===", flush=True)


if __name__ == "__main__":
    sys.exit(main())
