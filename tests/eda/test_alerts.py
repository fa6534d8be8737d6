# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts of ThousandEyes, sent to a real ansible-rulebook. What came of them is read from the simulator of the API."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from ansible_rulebook.validators import Validate
from support.guides import examples
from support.patience import HANG, wait_until
from simulator import TOKEN, Simulator

ROOT = Path(__file__).resolve().parents[2]
RULEBOOK = ROOT / "extensions" / "eda" / "rulebooks" / "thousandeyes_alerts.yml"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_event_driven.rst"
(HEADER,) = re.findall("``([^`]+: [^`]*<token>)``", GUIDE.read_text(encoding="utf-8"))
PROGRAMS = Path(sys.executable).parent
WEBHOOK_TOKEN = "te-webhook-token"
# The answer to an alert of no test. Actions are run one after the other, so it tells that those before it are done.
FENCE = "An alert came without alert.testId"
# What the playbook says in place of taking a snapshot.
ENOUGH = "At least half of it is in https://"

needs_java = pytest.mark.skipif(
    shutil.which("java") is None and "JAVA_HOME" not in os.environ,
    reason="ansible-rulebook needs Java, which is not here",
)


def hour_before(start: datetime) -> tuple[str, str]:
    return (start - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), start.strftime("%Y-%m-%dT%H:%M:%SZ")


START = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(minutes=3)


def classic(**fields: Any) -> dict[str, Any]:
    """Shaped as the vendor's example of a classic webhook, and with what was added to them in 2021."""
    agent = {
        "dateStart": f"{START:%Y-%m-%d %H:%M:%S}",
        "active": 1,
        "metricsAtStart": "Page load: Incomplete",
        "metricsAtEnd": "",
        "agentId": 108,
        "agentName": "Boston, MA",
        "permalink": "https://app.thousandeyes.com/alerts/list?__a=75&alertId=35541&agentId=108",
    }
    alert = {
        "severity": "Major",
        "ruleId": 173,
        "ruleAid": 75,
        "ruleName": "Default Page Load Alert Rule",
        "ruleExpression": "Response Code ≥ 400",
        "alertId": 35541,
        "testId": 19955,
        "testName": "Web shop",
        "testLabels": [],
        "testTargetsDescription": ["https://shop.example.com/"],
        "dateStart": f"{START:%Y-%m-%d %H:%M:%S}",
        "dateStartZoned": f"{START:%Y-%m-%d %H:%M:%S} UTC",
        "violationCount": 1,
        "agents": [agent],
        "type": "HTTP Server",
        "apiLinks": [{"rel": "related", "href": "https://api.thousandeyes.com/v4/tests/19955"}],
    }
    return {"eventType": "ALERT_NOTIFICATION_TRIGGER", "eventId": "49-35541", "alert": {**alert, **fields}}


class Listener:
    """An ansible-rulebook that runs, and what it wrote so far."""

    def __init__(self, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}/thousandeyes"
        self.log = log

    def post(self, payload: Any, token: str | None = WEBHOOK_TOKEN, header: str = HEADER) -> int:
        name, value = header.split(": ")
        headers = {name: value.replace("<token>", token)} if token else {}
        headers["Content-Type"] = "application/json"
        return requests.post(self.url, data=json.dumps(payload), headers=headers, timeout=HANG).status_code

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def settle(self) -> None:
        """Wait until all that was posted is dealt with."""
        before = self.output().count(FENCE)
        assert self.post({"eventType": "ALERT_NOTIFICATION_TRIGGER", "agentAlert": {}}) == 200
        wait_until(lambda: self.output().count(FENCE) > before, self.output)

    def recaps(self) -> int:
        return self.output().count("PLAY RECAP")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture(autouse=True)
def fresh_simulator(simulator: Simulator) -> None:
    simulator.reset()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an inventory that knows the time zone of New York."""
    folder = tmp_path_factory.mktemp("home")
    host = {"ansible_connection": "local", "thousandeyes_alert_zones": {"EST": "-05:00", "EDT": "-04:00"}}
    (folder / "inventory.yml").write_text(yaml.dump({"all": {"hosts": {"localhost": host}}}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(simulator: Simulator, home: Path) -> dict[str, str]:
    """Nothing of the user's own set-up, and of the collection what is checked out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("THOUSANDEYES_", "TE_", "EDA_"))}
    return {
        **kept,
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
        "THOUSANDEYES_API_TOKEN": TOKEN,
        "THOUSANDEYES_API_URL": simulator.url,
        "THOUSANDEYES_WEBHOOK_TOKEN": WEBHOOK_TOKEN,
        "no_proxy": "127.0.0.1",
    }


@contextlib.contextmanager
def listening(environment: dict[str, str], home: Path) -> Iterator[Listener]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / f"output-{port}"
    variables = home / f"variables-{port}.yml"
    variables.write_text(f"webhook_port: {port}\n", encoding="utf-8")
    command = [str(PROGRAMS / "ansible-rulebook"), "-r", "community.thousandeyes.thousandeyes_alerts"]
    command += ["-i", "inventory.yml", "--vars", str(variables), "--env-vars", "THOUSANDEYES_WEBHOOK_TOKEN"]
    listener = Listener(port, log)
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=home, stdout=output, stderr=subprocess.STDOUT)
    try:

        def answers() -> bool:
            assert process.poll() is None, listener.output()
            with contextlib.suppress(requests.ConnectionError):
                requests.get(listener.url, timeout=HANG)
                return True
            return False

        wait_until(answers, listener.output)
        yield listener
    finally:
        process.terminate()
        try:
            process.wait(HANG)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def listener(environment: dict[str, str], home: Path) -> Iterator[Listener]:
    with listening(environment, home) as running:
        yield running


@pytest.fixture(autouse=True)
def own_ledger(home: Path) -> None:
    """Each test has a quota of its own, too."""
    shutil.rmtree(home / ".ansible" / "thousandeyes", ignore_errors=True)


def captured(simulator: Simulator) -> list[tuple[int, str, str, str, bool]]:
    rows = simulator.creations()
    return [(row["source_test_id"], row["display_name"], row["from"], row["to"], row["is_public"]) for row in rows]


def block(language: str, start: str) -> str:
    """The example in the guide that starts so."""
    found = [each.text for each in examples(GUIDE) if each.language == language and each.text.startswith(start)]
    (text,) = found
    return text


def test_rulebook_and_the_variant_of_the_guide_fit_the_schema() -> None:
    rulebook = yaml.safe_load(RULEBOOK.read_text(encoding="utf-8"))
    Validate.rulebook(rulebook)
    rule = rulebook[0]["rules"][0]
    (here,) = rule["action"].values()
    rule["action"] = yaml.safe_load(block("yaml", "run_job_template:"))
    Validate.rulebook(rulebook)
    (there,) = rule["action"].values()
    assert there["job_args"]["extra_vars"] == here["extra_vars"]
    assert there["include_events"] is False, "the event would be among the variables of the job"


def test_the_service_of_the_guide_leaves_neither_files_nor_processes() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(block("ini", "[Unit]").replace("\\\n", " "))
    service = unit["Service"]
    assert (service["PrivateTmp"], service["KillMode"]) == ("yes", "control-group")
    (by_hand,) = [line for line in block("shell", "export ").splitlines() if line.startswith("ansible-rulebook ")]
    program, *arguments = service["ExecStart"].split()
    assert [Path(program).name, *arguments] == by_hand.split()
    assert str(Path(program).parent) in service["Environment"].removeprefix("PATH=").split(":")
    assert "TOKEN=" not in service["Environment"]


@needs_java
def test_an_alert_has_one_snapshot_however_often_it_comes(listener: Listener, simulator: Simulator) -> None:
    assert listener.post(classic()) == 200
    listener.settle()
    expected = [(19955, "Alert 35541: Default Page Load Alert Rule", *hour_before(START), False)]
    assert captured(simulator) == expected
    assert [listener.post(classic()), listener.post(classic(alertId=35542))] == [200, 200]
    listener.settle()
    assert listener.output().count(ENOUGH) == 2, "the same again, and another rule's at the same time"
    assert captured(simulator) == expected


@needs_java
def test_an_alert_does_not_count_on_one_that_failed(listener: Listener, simulator: Simulator) -> None:
    simulator.fault(match={"method": "POST"}, status=403)
    assert [listener.post(classic(alertId=1)), listener.post(classic(alertId=2))] == [200, 200]
    listener.settle()
    assert [row["status"] for row in simulator.requests("POST")] == [403, 201]
    assert [row[1][:7] for row in captured(simulator)] == ["Alert 2"]


@needs_java
def test_the_custom_webhook_of_the_guide(listener: Listener, simulator: Simulator) -> None:
    values = {
        "type.id": "2",
        "alert.id": "e9c3bf02-a48c-4aa8-9e5f-898800d6f569",
        "alert.rule.account.id": "75",
        "alert.test.id": "20002",
        "alert.firstSeen.epochSecond": str(int(START.timestamp())),
    }
    body = block("json", "{\n")
    triggered = json.loads(re.sub(r"{{(.*?)}}", lambda match: values[match[1]], body))
    cleared = json.loads(re.sub(r"{{(.*?)}}", lambda match: {**values, "type.id": "1"}[match[1]], body))
    assert [listener.post(cleared), listener.post(triggered)] == [200, 200]
    listener.settle()
    assert listener.post(classic(testId=20002)) == 200
    listener.settle()
    assert captured(simulator) == [(20002, f"Alert {values['alert.id']}", *hour_before(START), False)]


@needs_java
def test_what_is_no_triggered_alert_is_passed_over(listener: Listener, simulator: Simulator) -> None:
    plays = listener.recaps()
    cleared = {**classic(testId=817), "eventType": "ALERT_NOTIFICATION_CLEAR"}
    for payload in (
        cleared,
        {"eventType": "WEBHOOK_TEST", "eventId": "1415733887743"},
        {"eventType": "ALERT_NOTIFICATION_TRIGGER", "alert": [1]},
        {"eventType": {"ALERT_NOTIFICATION_TRIGGER": 1}, "alert": {"testId": 817}},
        [classic(testId=817)],
        "ALERT_NOTIFICATION_TRIGGER",
        None,
    ):
        assert listener.post(payload) == 200
    listener.settle()
    assert (captured(simulator), listener.recaps()) == ([], plays)


@needs_java
@pytest.mark.parametrize(
    ("token", "header"),
    [
        ("te-another-token", HEADER),
        ("", HEADER),
        (None, HEADER),
        (WEBHOOK_TOKEN, "Authorization: <token>"),
        (WEBHOOK_TOKEN, "Authorization: Token <token>"),
        (WEBHOOK_TOKEN, "X-Auth-Token: <token>"),
    ],
)
def test_without_the_token_nothing_is_heard(
    listener: Listener, simulator: Simulator, token: str | None, header: str
) -> None:
    plays = listener.recaps()
    assert listener.post(classic(testId=817), token, header) == 401
    listener.settle()
    assert (captured(simulator), listener.recaps()) == ([], plays)


@needs_java
def test_text_of_an_alert_is_never_evaluated(listener: Listener, simulator: Simulator, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    template = f"{{{{ lookup('ansible.builtin.pipe', 'touch {canary}') }}}}"
    listener.post(classic(**dict.fromkeys(classic()["alert"], template)))
    listener.post(classic(testId=20005, ruleName=template, testName=template, agents=[{"agentName": template}]))
    listener.settle()
    assert template[:60] in listener.output(), "the refusal of the first"
    assert captured(simulator) == [(20005, f"Alert 35541: {template}"[:111], *hour_before(START), False)]
    assert not canary.exists()


Program = Callable[..., str]


@pytest.fixture
def program(environment: dict[str, str], home: Path) -> Program:
    """Runs one of Ansible's programs to its end, and returns its output."""

    def run(*command: str, inventory: str = "inventory.yml", **variables: str) -> str:
        done = subprocess.run(
            [str(PROGRAMS / command[0]), "-i", inventory, *command[1:]],
            env={**environment, **variables},
            cwd=home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout

    return run


PLAYBOOK = "community.thousandeyes.capture_alert"
Playbook = Callable[..., str]


def encoded(alert: Any) -> dict[str, str]:
    return {"thousandeyes_alert": urllib.parse.quote(alert if isinstance(alert, str) else json.dumps(alert))}


@pytest.fixture
def playbook(program: Program, home: Path) -> Playbook:
    """Runs the playbook alone, as the rulebook would, and returns its output."""

    def run(alert: Any, *options: str, **environment: str) -> str:
        variables = home / "alert.json"
        variables.write_text(json.dumps(encoded(alert)), encoding="utf-8")
        return program("ansible-playbook", "-e", f"@{variables}", *options, PLAYBOOK, **environment)

    return run


AtOnce = Callable[[list[Any]], list[str]]


@pytest.fixture
def at_once(program: Program, home: Path) -> AtOnce:
    """Runs the playbook for several alerts, and returns what it said of each at last.

    In an inventory where localhost is a group, each of its hosts has an alert. All go through a task before the next.
    """

    def run(alerts: list[Any]) -> list[str]:
        inventory = yaml.safe_load((home / "inventory.yml").read_text(encoding="utf-8"))
        variables = inventory["all"]["hosts"]["localhost"]
        hosts = {f"alert{number}": encoded(alert) for number, alert in enumerate(alerts)}
        path = home / "alerts.yml"
        path.write_text(yaml.dump({"localhost": {"hosts": hosts, "vars": variables}}), encoding="utf-8")
        output = program("ansible-playbook", PLAYBOOK, inventory=str(path))
        said = {}
        for found in re.finditer(r"^(?:ok|fatal): \[(alert\d+)\](?:: FAILED!)? => ", output, re.MULTILINE):
            said[found[1]] = str(json.JSONDecoder().raw_decode(output, found.end())[0].get("msg"))
        assert sorted(said) == sorted(hosts), output
        return [said[host] for host in hosts]

    return run


INCOMPLETE = [
    {"testId": None},
    {"testId": "19955 "},
    {"testId": "1995५"},
    {"testId": -19955},
    {"alertId": None},
    {"alertId": "../35541"},
    {"ruleAid": "75&"},
    {"dateStartZoned": None},
    {"dateStartZoned": "2021-10-19 17:42:00 PST"},
    {"dateStartZoned": "2021-10-19 17:42:00 UTC\n"},
    {"dateStartZoned": 1634665320000},
]
IMPOSSIBLE = [
    "2021-13-19 17:42:00 UTC",
    "2021-02-30 17:42:00 UTC",
    "0000-01-01 00:00:00 UTC",
    "1000000000",
    "0000000000",
]
NO_ALERTS = ['{"testId": 1', "", "[1]", "7", 100_000 * "["]


def test_what_is_no_alert_that_can_be_kept_is_refused_in_a_sentence(at_once: AtOnce, simulator: Simulator) -> None:
    incomplete = [classic(**fields)["alert"] for fields in INCOMPLETE]
    impossible = [classic(dateStartZoned=start)["alert"] for start in IMPOSSIBLE]
    said = at_once([*incomplete, *impossible, *NO_ALERTS])
    assert simulator.requests() == []
    for fields in INCOMPLETE:
        assert said.pop(0).startswith("No snapshot is taken. An alert needs testId"), fields
    for start in IMPOSSIBLE:
        told = said.pop(0)
        assert told.startswith("No snapshot is taken. The start of the alert, ") and "is no time since 20" in told, (
            start
        )
    assert said == ["No snapshot is taken. thousandeyes_alert is not the percent-encoded JSON of an alert."] * len(
        NO_ALERTS
    )


def test_what_an_alert_says_is_kept_as_it_was_meant(at_once: AtOnce, simulator: Simulator) -> None:
    # The first is no character, the next two are one, and the last is text after a backslash.
    halves = r"R\ud800ule \ud83d\ude00 \\ud800"
    there = START.astimezone(timezone(timedelta(hours=-4)))
    at_once(
        [
            classic(ruleName=json.loads(f'"{halves}"'))["alert"],
            classic(testId=817, ruleName="Über \r\n\x1b[31m\u202e" + 300 * "x", alertId=64 * "9")["alert"],
            # This time zone is one of the inventory.
            classic(testId=20002, dateStartZoned=f"{there:%Y-%m-%d %H:%M:%S} EDT")["alert"],
        ]
    )
    kept = {row[0]: row for row in captured(simulator)}
    assert kept[19955][1] == "Alert 35541: Rule \N{GRINNING FACE} \\ud800"
    assert kept[817][1] == f"Alert {64 * '9'}: Über [31m " + 88 * "x"
    assert [row[2:4] for row in kept.values()] == [hour_before(START)] * 3


def at(start: datetime, **fields: Any) -> dict[str, Any]:
    return classic(dateStartZoned=f"{start:%Y-%m-%d %H:%M:%S} UTC", **fields)["alert"]


def no_failure(output: str) -> bool:
    return re.search(r"localhost +: .* failed=0 ", output) is not None


def test_half_of_the_hour_is_enough(at_once: AtOnce, simulator: Simulator) -> None:
    first = START - timedelta(minutes=31)
    there = first.astimezone(timezone(timedelta(hours=-4)))
    [place] = at_once([at(first, alertId=1)])
    assert place.startswith("https://")
    simulator.clear_requests()
    half = [
        at(first, alertId=2),
        at(first + timedelta(minutes=30), alertId=3),
        # This time zone is one of the inventory.
        classic(dateStartZoned=f"{there:%Y-%m-%d %H:%M:%S} EDT", alertId=4)["alert"],
    ]
    assert at_once(half) == [f"At least half of it is in {place}"] * len(half)
    assert simulator.requests() == []
    at_once([at(first + timedelta(minutes=30, seconds=1), alertId=5), at(first - timedelta(seconds=1), alertId=6)])
    assert sorted(row[1][:7] for row in captured(simulator)) == ["Alert 1", "Alert 5", "Alert 6"]


OTHER = {"test_id": 19955, "aid": 75, "display_name": "Alert 1: Rule", "is_public": False}
UNLIKE = [
    {"display_name": "Alert 1, by hand"},
    {"display_name": "CHG0031337 Alert 1: Rule"},
    {"test_id": 817},
    {"aid": None},
    {"is_public": True},
]
# They have a quota of their own.
OTHERS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.thousandeyes.snapshot:
        test_id: "{{ item.test_id }}"
        aid: "{{ item.aid or omit }}"
        display_name: "{{ item.display_name }}"
        is_public: "{{ item.is_public }}"
        from: "{{ from }}"
        hours: 1
        organization: Other Ltd.
      loop: "{{ others }}"
"""


@pytest.mark.parametrize(("others", "alike"), [([{"display_name": "Alert 1"}], True), (UNLIKE, False)])
def test_of_which_snapshots_half_is_enough(
    playbook: Playbook, program: Program, simulator: Simulator, home: Path, others: list[dict[str, Any]], alike: bool
) -> None:
    (home / "others.yml").write_text(OTHERS, encoding="utf-8")
    given = json.dumps({"others": [{**OTHER, **other} for other in others], "from": hour_before(START)[0]})
    simulator.settings(creation_limit=None)
    output = program("ansible-playbook", "-e", given, "others.yml")
    assert len(simulator.creations()) == len(others), output
    assert (ENOUGH in playbook(at(START))) == alike
    assert len(simulator.creations()) == len(others) + (not alike)


@pytest.mark.parametrize(
    "lost",
    [
        "record = json_set(record, '$.expires_at', '2018-11-18T03:02:01Z')",
        "record = NULL, outcome = 'unknown'",
    ],
)
def test_a_snapshot_that_may_not_exist_is_not_enough(
    playbook: Playbook, simulator: Simulator, home: Path, lost: str
) -> None:
    playbook(at(START, alertId=1))
    with contextlib.closing(sqlite3.connect(home / ".ansible" / "thousandeyes" / "ledger.sqlite3")) as ledger:
        assert ledger.execute(f"UPDATE attempt SET {lost}").rowcount == 1
        ledger.commit()
    assert no_failure(playbook(at(START, alertId=2)))
    assert [row[1][:7] for row in captured(simulator)] == ["Alert 1", "Alert 2"]


def test_half_of_the_hour_in_the_account_group_of_the_environment(playbook: Playbook, simulator: Simulator) -> None:
    for alert_id in (1, 2):
        output = playbook(at(START, alertId=alert_id, ruleAid=None), THOUSANDEYES_AID="75")
    assert ENOUGH in output
    assert len(simulator.creations()) == 1


def test_check_mode(playbook: Playbook, simulator: Simulator) -> None:
    assert no_failure(playbook(at(START), "--check"))
    assert captured(simulator) == []
    playbook(at(START))
    assert ENOUGH in playbook(at(START), "--check")
