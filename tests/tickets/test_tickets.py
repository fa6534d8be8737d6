# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What servicenow_change.yml and jira_issue.yml add to a ticket, as the stand-ins have it: conftest.py."""

from __future__ import annotations

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from support.guides import ROOT, examples
from support.report_documents import HOSTILE
from tickets.conftest import OWN, Bench, last_message, mark, marked, report
from tickets.jira import TOKEN
from tickets.servicenow import LONGEST_NOTE, ServiceNow
from tickets.stand_in import PASSWORD, Ticket

FIRST = "Please send the evidence."
MARKUP = "Degraded: {{ 1 + 1 }} {% raw %} [code]<b>x</b>[/Code] {noformat} {NoFormat:title=x}"
TEXT = "\n".join([MARKUP, *HOSTILE, *400 * ["line of it"]])


def fields(ticket: Ticket) -> dict[str, object]:
    return {name: value for name, value in ticket.fields.items() if name != "sys_id"}


def test_story_of_a_ticket(bench: Bench) -> None:
    signature = {"SHA256SUMS.sig": "-----BEGIN SSH SIGNATURE-----\n"}
    before = bench.write(text=TEXT, **{"evidence.html": "x" * 200_000, **signature})
    server, ticket = bench.server, bench.ticket
    asked = bench.run("--check")
    assert (asked.status, asked.recap["changed"], server.writes) == (0, 1, [])
    assert all(name in asked.output for name in bench.expected)

    # The first run adds all that is taken, tells what is not, and keeps the password to itself.
    server.largest = 100_000
    # Nor may its user read what it writes. What is attached tells it enough.
    server.may -= {"read notes", "read entries"}
    large = marked("evidence.html", before["evidence.html"])
    run = bench.run("-vvv")
    assert run.status != 0 and PASSWORD not in run.output
    added, _sentence, not_added = last_message(run).partition("Not added: ")
    assert re.search(rf"{large}: .*size", not_added) and large not in added
    assert all(name in added for name in bench.expected if name != large)
    first, note = ticket.notes
    # What would be markup there is not.
    assert "[code]" not in note if isinstance(server, ServiceNow) else note.lower().count("{noformat") == 2
    assert first == FIRST and note.count(mark(before)) == 1 and "{{ 1 + 1 }} {% raw %}" in note
    assert len(note) < LONGEST_NOTE and f"line of it\n(shortened)\n\n{mark(before)}" in note
    assert bench.attached == {name: content for name, content in bench.expected.items() if name != large}

    # The second adds what the ticket lacks.
    server.largest = 1_000_000
    # From an earlier job of a workflow.
    run = bench.run(variables={"thousandeyes_evidence": {"dir": str(bench.folder), "change_id": ticket.key}})
    assert run.status == 0, run.output
    assert bench.attached == bench.expected and len(ticket.files) == 6 and ticket.notes == [first, note]
    assert len(server.writes) == 8 and fields(ticket) == {"state": "implement"}

    # The third adds nothing.
    journal = len(server.journal)
    run = bench.run()
    assert (run.status, run.recap["changed"]) == (0, 0), run.output
    assert {each.method for each in server.journal[journal:]} == {"GET"}

    # A new report of the change adds its new files and one note, and leaves what is there.
    old = bench.attached
    after = bench.write(text=TEXT, **{"evidence.html": "again", "evidence.json": other(before)}, **signature)
    run = bench.run()
    assert run.status == 0, run.output
    assert bench.attached == {**old, **bench.expected} and len(ticket.files) == 6 + 3
    assert ticket.notes[:2] == [first, note] and len(ticket.notes) == 3 and mark(after) in ticket.notes[2]
    assert {each.method for each in server.journal} <= {"GET", "POST", "PATCH"}
    assert all(set(each.body) == {"work_notes"} for each in server.journal if each.method == "PATCH")


def other(files: dict[str, bytes]) -> str:
    """The document of another report of the same change."""
    return json.dumps({**json.loads(files["evidence.json"]), "another": True})


def ended_before_the_last_file(bench: Bench) -> None:
    """As a run leaves a ticket that was ended then."""
    bench.leave_out("evidence.json")
    bench.ticket.notes.append(f"It is degraded.\n\n{mark(bench.files)}")


@pytest.mark.parametrize("hidden", ["read notes", "read entries"])
def test_work_note_is_found_wherever_it_can_be_read(servicenow: Bench, hidden: str) -> None:
    ended_before_the_last_file(servicenow)
    servicenow.server.may.remove(hidden)
    run = servicenow.run()
    assert run.status == 0, run.output
    assert len(servicenow.ticket.notes) == 2
    assert servicenow.attached == servicenow.expected


def test_comment_is_found_among_many_others(jira: Bench) -> None:
    many = [f"comment {number}" for number in range(120)]
    jira.ticket.notes += many[:60]
    ended_before_the_last_file(jira)
    jira.ticket.notes += many[60:]
    run = jira.run(JIRA_USERNAME="", JIRA_PASSWORD="", JIRA_TOKEN=TOKEN)
    assert run.status == 0, run.output
    assert len(jira.ticket.notes) == 122
    assert jira.attached == jira.expected
    assert TOKEN not in run.output


def test_without_the_right_to_say_something(bench: Bench) -> None:
    bench.server.may -= {"write", "comment"}
    bench.leave_out("evidence.json")
    run = bench.run()
    assert run.status != 0
    document = marked("evidence.json", bench.files["evidence.json"])
    assert re.search(rf"Not added: the (work note|comment): .+; {document}: it follows the ", last_message(run))
    assert document not in bench.attached and bench.ticket.notes == [FIRST]


def refused(bench: Bench, *words: str, **environment: str) -> None:
    run = bench.run(**environment)
    assert run.status != 0
    assert "Nothing was added." in last_message(run), run.output
    assert all(word in last_message(run) for word in words), last_message(run)
    assert bench.server.writes == []
    assert "Traceback" not in run.output


def test_ticket_that_is_not_there(bench: Bench) -> None:
    bench.server.tickets.remove(bench.ticket)
    refused(bench, bench.ticket.key)


def test_ticket_that_is_there_twice(servicenow: Bench) -> None:
    servicenow.server.tickets.append(Ticket(servicenow.ticket.key, fields={"sys_id": "0" * 32}))
    refused(servicenow, "2 change requests")


def test_wrong_password(bench: Bench) -> None:
    refused(
        bench,
        "401" if "servicenow" in bench.playbook else "permission",
        SN_PASSWORD="wrong-1024",
        JIRA_PASSWORD="wrong-1024",
    )
    # A second try could lock the user out.
    assert bench.server.refused_logins == 1


def test_collection_that_is_not_installed(bench: Bench) -> None:
    needed = "servicenow.itsm" if "servicenow" in bench.playbook else "community.general"
    refused(bench, f"It takes the collection {needed}", ANSIBLE_COLLECTIONS_PATH=str(OWN))


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("evidence.html", b"changed", "evidence.html should be otherwise"), ("SHA256SUMS", None, "lacks SHA256SUMS")],
)
def test_report_that_is_not_whole(jira: Bench, name: str, content: bytes | None, word: str) -> None:
    path = jira.folder / name
    path.unlink()
    if content:
        path.write_bytes(content)
    refused(jira, word)
    assert jira.server.journal == []


def test_change_that_is_no_ticket(jira: Bench) -> None:
    document = json.loads(jira.files["evidence.json"])
    document["change"]["id"] = "NET-42/../../x?{{ 1 }}"
    jira.write(**{"evidence.json": json.dumps(document)})
    refused(jira, "NET-42/../../x?{{ 1 }}", "cannot be the name of a ticket")


def test_runs_at_the_same_time_lose_nothing(jira: Bench) -> None:
    jira.leave_out("evidence.json")
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda _each: jira.run(), range(2)))
    assert [run.status for run in runs] == [0, 0], runs
    assert jira.attached == jira.expected and len(jira.ticket.notes) in (2, 3)
    last = len(jira.server.journal)
    assert jira.run().recap["changed"] == 0
    assert [each for each in jira.server.journal[last:] if each.method != "GET"] == []


GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_tickets.rst"
EXAMPLES = {example.caption: example.text for example in examples(GUIDE) if example.caption}
VARIABLES = yaml.safe_load((ROOT / "playbooks" / "vars" / "tickets.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("phase", ["before", "report"])
def test_ticket_is_the_last_thing_of_a_report_in_the_same_run(jira: Bench, phase: str) -> None:
    """As a change without a report has none, and one with it has it as a fact."""
    first = "ansible.builtin.import_playbook: community.thousandeyes.change_evidence"
    (jira.home / "first.yml").write_text(
        json.dumps(
            [
                {
                    "hosts": "localhost",
                    "gather_facts": False,
                    "tasks": [
                        {
                            "ansible.builtin.set_fact": {
                                "thousandeyes_evidence": {"dir": str(jira.folder)},
                                "cacheable": True,
                            },
                            "when": "change_evidence_phase == 'report'",
                        }
                    ],
                }
            ]
        ),
        encoding="utf-8",
    )
    text = EXAMPLES["change_evidence.yml"]
    assert first in text
    path = jira.home / "change_evidence.yml"
    path.write_text(text.replace(first, "ansible.builtin.import_playbook: first.yml"), encoding="utf-8")
    jira.playbook = str(path)
    run = jira.run("--check", variables={"change_evidence_phase": phase})
    assert run.status == 0, run.output
    assert ("NET-42 would get" in run.output) == (phase == "report")
    assert (jira.server.journal == []) == (phase == "before")


def test_files_of_a_ticket_can_be_checked(tmp_path: Path) -> None:
    files = report(tmp_path / "evidence", text="It is fine.", **{"SHA256SUMS.sig": "signature"})
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for name, content in files.items():
        (downloads / marked(name, content)).write_bytes(content)
    command = ["bash", "-ec", EXAMPLES["check.sh"]]
    assert subprocess.run(command, cwd=downloads, check=False).returncode == 0
    assert sorted(path.name for path in downloads.iterdir()) == sorted(files)
    (downloads / "evidence.json").write_bytes(b"changed")
    assert subprocess.run(command, cwd=downloads, check=False).returncode != 0


def test_guide_names_the_variables() -> None:
    told = re.findall(r"^   \* - ``(\w+)``$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [name for name in VARIABLES if not name.startswith("__")]
