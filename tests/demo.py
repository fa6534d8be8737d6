# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo playbook of the installed collection twice against the simulator, and count what was created."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from simulator import TOKEN, Simulator

BUILD = Path(__file__).resolve().parent.parent / ".build" / "demo"
LEDGER = BUILD / "ledger" / "ledger.sqlite3"
CONFIG = BUILD / "ansible.cfg"

REAL_ACCOUNT = """
To run the same playbook against your account, with the collection installed (see README.md):

  export THOUSANDEYES_API_TOKEN=...   # Account Settings > Users and Roles > User API Tokens
  ansible-playbook community.thousandeyes.demo -e demo_test_id=ID_OF_A_TEST -e "demo_from='YYYY-MM-DD HH:00:00'"

The times are UTC. The snapshot is private; -e demo_is_public=true makes a link that anyone can view.
"""


def play(url: str) -> str:
    """The output, which is shown as it comes."""
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "community.thousandeyes.demo",
        "-e",
        "demo_is_public=true",
    ]
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
        "THOUSANDEYES_API_TOKEN": TOKEN,
        "THOUSANDEYES_API_URL": url,
        "THOUSANDEYES_LEDGER": str(LEDGER),
    }
    print(f"\n$ {Path(command[0]).name} {' '.join(command[1:])}", flush=True)
    output = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            output += line
    if process.returncode:
        sys.exit(process.returncode)
    return output


def main() -> int:
    shutil.rmtree(LEDGER.parent, ignore_errors=True)
    CONFIG.write_text("", encoding="utf-8")
    with Simulator() as simulator:
        play(simulator.url)
        again = play(simulator.url)
        creations = simulator.creations()
    print(f"Creations that the simulator counted in both runs: {len(creations)}")
    print(REAL_ACCOUNT, end="")
    return 0 if len(creations) == 1 and "changed=0" in again else 1


if __name__ == "__main__":
    sys.exit(main())
