# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks for tickets, run for real against stand-ins for ServiceNow and Jira.

Those for Jira are run with the real community.general. No package index has servicenow.itsm: it is used where
`ansible-galaxy collection install -p .build/collections servicenow.itsm` has put it, and beside it, always, modules of
these tests that take the same options and give the same results.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from awx.playing import Run, play
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.markdown import to_markdown
from tickets.jira import Jira
from tickets.servicenow import ServiceNow
from tickets.stand_in import PASSWORD, USER, File, StandIn, Ticket
from tools.collections_of_ansible import ROOT, fill

INSTALLED = fill(ROOT / ".build" / "collections", ["community.general"])
OWN = ROOT / ".build" / "tree"
IMITATED = ROOT / "tests" / "tickets" / "collections"
REAL = INSTALLED / "ansible_collections" / "servicenow" / "itsm"


def report(folder: Path, *, change_id: str = "CHG0031337", text: str = "", **more: str) -> dict[str, bytes]:
    """Write a report as the role does, and return its files. ``text`` is for `evidence.txt`."""
    document = report_documents.one_degraded()
    document["change"]["id"] = change_id
    files = {
        "evidence.html": f"<!DOCTYPE html><title>{change_id}</title>",
        "evidence.json": json.dumps(document),
        "evidence.md": to_markdown(document),
        **({"evidence.txt": text} if text else {}),
        **more,
    }
    folder.mkdir(parents=True, exist_ok=True)
    content = {name: value.encode() for name, value in files.items()}
    sums = "".join(
        f"{hashlib.sha256(each).hexdigest()}  {name}\n"
        for name, each in sorted(content.items())
        if name != "SHA256SUMS.sig"
    )
    content["SHA256SUMS"] = sums.encode()
    for name, each in content.items():
        (folder / name).write_bytes(each)
    return content


def marked(name: str, content: bytes) -> str:
    stem, dot, extension = name.partition(".")
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}{dot}{extension}"


def mark(files: dict[str, bytes]) -> str:
    return f"evidence.json: SHA-256 {hashlib.sha256(files['evidence.json']).hexdigest()}"


@dataclass
class Bench:
    """A playbook, what it speaks to, and a report."""

    playbook: str
    server: StandIn
    ticket: Ticket
    home: Path
    environment: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.home / "evidence" / self.ticket.key

    def write(self, **options: Any) -> dict[str, bytes]:
        self.files = report(self.folder, change_id=self.ticket.key, **options)
        return self.files

    def run(self, *options: str, variables: dict[str, Any] | None = None, **environment: str) -> Run:
        given = {"evidence_dir": str(self.folder)} if variables is None else variables
        return play(self.home, self.playbook, given, *options, **{**self.environment, **environment})

    def leave_out(self, name: str) -> None:
        """Attach all of the report but this file."""
        self.ticket.files = [
            File(key, "", content) for key, content in self.expected.items() if key != marked(name, self.files[name])
        ]

    @property
    def attached(self) -> dict[str, bytes]:
        return {file.name: file.content for file in self.ticket.files}

    @property
    def expected(self) -> dict[str, bytes]:
        return {marked(name, content): content for name, content in self.files.items()}


def last_message(run: Run) -> str:
    """What the last task that failed says. One that is rescued says why, and the next what to do."""
    return run._replace(output="FAILED! => " + run.output.rpartition("FAILED! => ")[2]).message


KINDS: dict[str, tuple[str, type[StandIn], str]] = {
    "servicenow": ("community.thousandeyes.servicenow_change", ServiceNow, "CHG0031337"),
    "jira": ("community.thousandeyes.jira_issue", Jira, "NET-42"),
}


def bench_of(kind: str, home: Path, collections: list[Path]) -> Iterator[Bench]:
    playbook, server_class, key = KINDS[kind]
    environment = {"ANSIBLE_COLLECTIONS_PATH": ":".join(str(path) for path in collections)}
    with server_class() as server:
        server.tickets = [Ticket("OTHER-1"), Ticket(key, ["Please send the evidence."])]
        names = {
            "servicenow": ("SN_HOST", "SN_USERNAME", "SN_PASSWORD"),
            "jira": ("JIRA_URI", "JIRA_USERNAME", "JIRA_PASSWORD"),
        }
        environment |= dict(zip(names[kind], (server.url, USER, PASSWORD)))
        bench = Bench(playbook, server, server.tickets[1], home, environment)
        bench.write()
        yield bench
        assert server.tickets[0] == Ticket("OTHER-1", fields=server.tickets[0].fields), "another ticket was changed"


@pytest.fixture(params=["imitated", "real"])
def servicenow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """With modules of the tests, and with the real ones where they are."""
    if request.param == "real" and not REAL.is_dir():
        pytest.skip("there is no servicenow.itsm in .build/collections, and no package index has it")
    yield from bench_of("servicenow", tmp_path, [IMITATED if request.param == "imitated" else INSTALLED, OWN])


@pytest.fixture
def jira(tmp_path: Path) -> Iterator[Bench]:
    yield from bench_of("jira", tmp_path, [INSTALLED, OWN])


@pytest.fixture(params=["servicenow imitated", "servicenow real", "jira"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Of both, for what is the same."""
    kind, _space, modules = request.param.partition(" ")
    if modules == "real" and not REAL.is_dir():
        pytest.skip("there is no servicenow.itsm in .build/collections, and no package index has it")
    yield from bench_of(kind, tmp_path, [IMITATED if modules == "imitated" else INSTALLED, OWN])
