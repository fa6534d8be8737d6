# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The password of a ledger is in nothing that Ansible shows, however much it is asked to tell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from support.postgresql_server import PASSWORD, Server
from simulator import TOKEN, Simulator

HOSTS = Path(__file__).parents[1] / "integration" / "targets" / "setup_simulator"
PLAYBOOK = """
- hosts: here
  gather_facts: false
  vars:
    ledger: "{{ lookup('ansible.builtin.env', 'LEDGER') }}"
  tasks:
    - community.thousandeyes.snapshot:
        test_id: 19955
        display_name: Title
        from: "2018-10-06T00:00:00"
        hours: 1
        ledger: "{{ ledger }}"
      delegate_to: "{{ item }}"
      loop: [here, there]
      ignore_errors: true
    - community.thousandeyes.snapshot_info:
        ledger: "{{ ledger }}"
        test_id: "{{ bad | default(omit) }}"
      delegate_to: "{{ item }}"
      loop: [here, there]
      ignore_errors: true
    - community.thousandeyes.snapshot_info:
        ledger: "{{ ledger }}"
        nonsense: 1
      delegate_to: "{{ item }}"
      loop: [here, there]
      ignore_errors: true
"""
WRONG = "b4d/p@ss w%rd"


@pytest.fixture(params=["postgresql"])
def server(postgresql: Server) -> Server:
    return postgresql


@pytest.mark.parametrize("how", ["right", "wrong", "malformed"])
def test_no_output_has_the_password(tmp_path: Path, location: str, how: str) -> None:
    right, wrong = quote(PASSWORD, safe=""), quote(WRONG, safe="")
    url = {
        "right": location,
        "wrong": location.replace(right, wrong),
        "malformed": location.replace(right, WRONG),
    }[how]
    (tmp_path / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    with Simulator() as sim:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                *("-vvvv", "--diff", "-i", HOSTS / "elsewhere.yml"),
                tmp_path / "playbook.yml",
            ],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TE_"))},
                "HOME": str(tmp_path),
                "WORK": str(tmp_path),
                "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
                "ANSIBLE_CONNECTION_PLUGINS": str(HOSTS / "connection_plugins"),
                "ANSIBLE_REMOTE_TMP": str(tmp_path / "tmp"),
                "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
                "THOUSANDEYES_API_TOKEN": TOKEN,
                "THOUSANDEYES_API_URL": sim.url,
                "LEDGER": url,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr + (tmp_path / "log").read_text(encoding="utf-8")
        assert len(sim.creations()) == (how == "right"), output
    assert "Unsupported parameters" in output
    assert {"right": "existing", "wrong": "authentication failed", "malformed": "ledger: "}[how] in output, output
    for secret in {"right": (PASSWORD, right), "wrong": (WRONG, wrong), "malformed": (WRONG,)}[how]:
        assert secret not in output, [line for line in output.splitlines() if secret in line]
