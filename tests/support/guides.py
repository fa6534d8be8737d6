# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the guides: `python guides.py FOLDER` makes of each guide a folder for a shell to run.

An example with a caption is a file of that name. What is written for a shell is run, in the order of the guide, in the
folder with the files. So a playbook is run if a command of its guide names it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("guide_*.rst"))
# What is only checked for its syntax here, by guide and caption or first line, and why.
NOT_RUN = {
    "first_evidence: ansible-galaxy collection install community.thousandeyes": "needs Galaxy and GitHub",
    "first_evidence: requirements.yml": "needs Galaxy",
    "first_evidence: ansible-galaxy collection install -r requirements.yml": "needs Galaxy",
    "first_evidence: pip install requests           # always": "changes the environment of the tests",
    "ledger: export PGPASSFILE=~/.pgpass": "needs db.example.com; test_guides.py connects with the options of this URL",
    "execution_environment: execution-environment.yml": "tests/ee builds from it",
    "execution_environment: galaxy-from-git.yml": "needs GitHub",
    "execution_environment: ansible-builder create --file execution-environment.yml --context context "
    "--output-filename Containerfile": "tests/ee runs it",
    "execution_environment: podman build --tag registry.example.com/network/thousandeyes-ee context": "needs podman",
    "execution_environment: export THOUSANDEYES_API_TOKEN THOUSANDEYES_LEDGER=/ledger/ledger.sqlite3": "needs podman",
    "awx: change_evidence.yml": "tests/awx plays it",
    "awx: collections/requirements.yml": "needs AWX and Git",
    "awx: my_awx.yml": "tests/awx sets up a stand-in for AWX with such variables",
    "awx: export CONTROLLER_HOST=https://awx.example.com CONTROLLER_OAUTH_TOKEN=...": "as above",
    "awx: ansible_connection: local": "tests/awx compares it",
    "awx: awx_setup_questions:": "tests/awx sets up such a question",
    "awx: ssh-keygen -q -t ed25519 -N '' -C evidence@example.com -f evidence_key": "tests/awx sets it up",
    "awx: later.yml": "needs AWX; its stand-in has no schedules",
    "awx: answers.yml": "as above",
    """awx: ansible-playbook later.yml -e @answers.yml -e "template='ThousandEyes after' """
    """retry_at=2026-11-23T23:30:00Z\"""": "as above",
    "awx: ansible-playbook community.thousandeyes.awx_setup -e @my_awx.yml -e awx_setup_state=absent": "as above",
    "event_driven: inventory.yml": "tests/eda has such an inventory",
    "event_driven: export THOUSANDEYES_API_TOKEN=...": "needs Java; tests/eda starts it",
    "event_driven: /etc/systemd/system/thousandeyes-alerts.service": "tests/eda checks it",
    "event_driven: {": "tests/eda sends it",
    "event_driven: localhost:": "tests/eda has such an inventory",
    "event_driven: run_job_template:": "tests/eda checks it by the schema",
    "tickets: ansible-galaxy collection install servicenow.itsm": "needs Galaxy; tests/tickets runs the playbook",
    "tickets: ansible-galaxy collection install community.general": "as above",
    "tickets: check.sh": "tests/tickets runs it on what is attached",
    "tickets: env:": "needs AWX",
    "tickets: ticket.yml": "needs AWX; tests/tickets hands on what it needs",
    "tickets: change_evidence.yml": "tests/tickets plays it after a report",
    "upgrade: ansible-galaxy collection install community.thousandeyes --upgrade": "needs Galaxy",
}


@dataclass
class Example:
    guide: str
    language: str
    caption: str
    text: str

    @property
    def key(self) -> str:
        return f"{self.guide}: {self.caption or self.text.splitlines()[0]}"

    @property
    def is_run(self) -> bool:
        return self.key not in NOT_RUN


def examples(path: Path) -> list[Example]:
    """Those of a guide, in their order."""
    found, lines = [], path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        start = re.fullmatch(r"( *)\.\. code-block:: (\w+)", line)
        if start is None:
            continue
        inside = start[1] + "   "
        block = []
        for each in lines[number + 1 :]:
            if each and not each.startswith(inside):
                break
            block.append(each[len(inside) :])
        caption = re.fullmatch(":caption: (.+)", block[0])
        text = "\n".join(block[1:] if caption else block).strip("\n") + "\n"
        found.append(Example(path.stem.removeprefix("guide_"), start[2], caption[1] if caption else "", text))
    return found


def write(path: Path, folder: Path) -> bool:
    """The files of a guide, and what a shell runs as guide.sh; False where it runs nothing."""
    run = [each for each in examples(path) if each.is_run]
    commands = [each.text for each in run if each.language == "shell"]
    if not commands:
        return False
    folder.mkdir(parents=True)
    for each in run:
        if each.caption:
            (folder / each.caption).write_text(each.text, encoding="utf-8")
    (folder / "guide.sh").write_text("".join(commands), encoding="utf-8")
    return True


if __name__ == "__main__":
    for guide in GUIDES:
        if write(guide, Path(sys.argv[1]) / guide.stem):
            print(guide.stem)
