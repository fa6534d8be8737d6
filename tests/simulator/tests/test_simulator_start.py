# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulator is started: as a command, around another command, from Python."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests
from support.patience import HANG

from simulator import TOKEN, Simulator

PROGRAM = [sys.executable, str(Path(__file__).resolve().parents[2] / "simulator")]
HOUR = timedelta(hours=1)
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def start(tmp_path):
    """Starts the program from a foreign folder, without help from PYTHONPATH."""
    processes = []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*arguments: str) -> subprocess.Popen:
        processes.append(
            subprocess.Popen(
                [*PROGRAM, *arguments],
                cwd=tmp_path,
                env=environment,
                text=True,
                start_new_session=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return processes[-1]

    yield run
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_serves_until_a_signal(start, number):
    process = start("--port", "0")
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    assert requests.get(f"{url}/v7/account-groups", headers=HEADERS, timeout=HANG).status_code == 200
    process.send_signal(number)
    more, help_text = process.communicate(timeout=HANG)
    assert more == ""
    assert f"export THOUSANDEYES_API_URL={url} " in help_text
    assert process.returncode == 0


def test_it_lists_its_tests_and_a_line_degrades_one(start):
    process = start()
    url = process.stdout.readline().strip()
    told = list(iter(lambda: process.stderr.readline().rstrip("\n"), "Ctrl-C stops it."))
    rows = [line.split(None, 2) for line in told if re.match(r"  \d+ ", line)]
    listed = requests.get(f"{url}/v7/tests", headers=HEADERS, timeout=HANG).json()["tests"]
    assert rows == [[test["testId"], test["type"], test["testName"]] for test in listed if not test["savedEvent"]]

    (command,) = (line for line in told if line.startswith("  curl "))
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    before = mean_response_time(url, rows[0][0])
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert mean_response_time(url, rows[0][0]) > 1.3 * before


def mean_response_time(url: str, test_id: str) -> float:
    """Those of the last hour, in milliseconds. The rounds that are still under way are not in it."""
    now = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(minutes=5)
    hour = {f"{name}Date": f"{time:%Y-%m-%dT%H:%M:%SZ}" for name, time in (("start", now - HOUR), ("end", now))}
    answer = requests.get(f"{url}/v7/test-results/{test_id}/http-server", hour, headers=HEADERS, timeout=HANG).json()
    measured = [row["responseTime"] for row in answer["results"] if "responseTime" in row]
    assert len(measured) > 20
    return sum(measured) / len(measured)


def test_a_command_runs_with_the_address_and_gives_its_status(start):
    script = (
        "import http.client, os, sys\n"
        "server = http.client.HTTPConnection(os.environ['THOUSANDEYES_SIMULATOR'].removeprefix('http://'))\n"
        "server.request('GET', '/v6/status.json')\n"
        "print(sys.argv[1:], sys.stdin.read(), server.getresponse().status)\n"
        "print('THOUSANDEYES_API_URL' in os.environ, file=sys.stderr)\n"
        "sys.exit(7)"
    )
    process = start("--port", "0", "--", sys.executable, "-c", script, "--port", "--", "x")
    out, err = process.communicate("from standard input", timeout=HANG)
    assert out == "['--port', '--', 'x'] from standard input 200\n"
    assert err.strip() == "False"
    assert process.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_passed_on_to_the_command(start, number):
    script = (
        f"import signal, sys\nsignal.signal({int(number)}, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\nsignal.pause()"
    )
    process = start("--", sys.executable, "-c", script)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.communicate(timeout=HANG)
    assert process.returncode == 9


def test_a_command_that_a_signal_ended(start):
    process = start("--", sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    process.communicate(timeout=HANG)
    assert process.returncode == 128 + signal.SIGKILL


def test_a_command_that_there_is_not(start):
    process = start("--", "/nonexistent/command")
    _out, err = process.communicate(timeout=HANG)
    assert process.returncode == 127
    assert "/nonexistent/command" in err and "Traceback" not in err


def test_a_taken_port_is_an_error():
    with Simulator() as first:
        with pytest.raises(OSError):
            Simulator(port=int(first.url.rpartition(":")[2])).start()


def test_two_simulators_are_two_worlds():
    with Simulator() as first, Simulator() as second:
        first.add_test(name="Only here", test_id=1)
        for sim, found in ((first, 200), (second, 404)):
            assert requests.get(f"{sim.url}/v7/tests/http-server/1", headers=HEADERS, timeout=HANG).status_code == found
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(first.url, timeout=HANG)
