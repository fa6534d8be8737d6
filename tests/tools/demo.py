# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change that makes one of three tests worse: its evidence by the installed collection, against the simulator."""

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
REPORT = BUILD / "evidence" / "CHG0031337"
SHOP, VPN, RESOLVER = 19955, 20002, 20005

REAL_ACCOUNT = """
To do the same for a change of yours, with the collection installed (see README.md):

  export THOUSANDEYES_API_TOKEN=...   # Account Settings > Users and Roles > User API Tokens
  ansible-playbook community.thousandeyes.change_evidence -e change_evidence_phase=before \\
    -e change_evidence_id=CHG0031337 -e change_evidence_start='2026-11-23T22:00:00+01:00' \\
    -e change_evidence_end='2026-11-23T23:30:00+01:00' -e change_evidence_dir=~/evidence \\
    -e '{"change_evidence_tests": ["ID or name of a test"]}'

and then with the phases after and report. The snapshots are private.
"""


def play(url: str, phase: str, start: datetime, end: datetime) -> str:
    """The output, which is shown as it comes."""
    variables = {
        "change_evidence_phase": phase,
        "change_evidence_id": REPORT.name,
        "change_evidence_start": start.isoformat(),
        "change_evidence_end": end.isoformat(),
        "change_evidence_tests": [SHOP, VPN, RESOLVER],
        "change_evidence_dir": str(REPORT.parent),
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
    print(f"\n=== {phase} ===", flush=True)
    output = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            output += line
    if process.returncode:
        sys.exit(process.returncode)
    return output


def main() -> int:
    for folder in (STATE, REPORT.parent):
        shutil.rmtree(folder, ignore_errors=True)
    CONFIG.write_text("", encoding="utf-8")
    end = datetime.now(timezone(timedelta(hours=1))).replace(second=0, microsecond=0) - timedelta(minutes=65)
    start = end - timedelta(minutes=90)
    with Simulator() as simulator:
        simulator.settings(creation_limit=10, results_rhythm=0, results_flaws=0)
        play(simulator.url, "before", start, end)
        print("\n=== the change: the web shop answers more slowly from then on, most of all to Singapore ===")
        later = datetime.now(timezone.utc) + timedelta(hours=1)
        simulator.degrade(SHOP, start.isoformat(), later.isoformat(), factor={"responseTime": 1.25})
        simulator.degrade(SHOP, start.isoformat(), later.isoformat(), factor={"responseTime": 1.5}, agents=[3])
        play(simulator.url, "after", start, end)
        play(simulator.url, "report", start, end)
        again = play(simulator.url, "after", start, end) + play(simulator.url, "report", start, end)
        creations = simulator.creations()
    print(f"Snapshots that the simulator counted in all runs: {len(creations)}\n")
    print((REPORT / "evidence.md").read_text(encoding="utf-8"))
    print("The report:", *sorted(str(path) for path in REPORT.glob("[!.]*") if path.is_file()), sep="\n  ")
    print(REAL_ACCOUNT, end="")
    verdicts = {
        int(test["test_id"]): test["verdict"]
        for test in json.loads((REPORT / "evidence.json").read_text(encoding="utf-8"))["tests"]
    }
    expected = {SHOP: "degraded", VPN: "ok", RESOLVER: "ok"}
    return 0 if len(creations) == 6 and again.count("changed=0") == 2 and verdicts == expected else 1


if __name__ == "__main__":
    sys.exit(main())
