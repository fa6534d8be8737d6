# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: a private data folder, sent to ansible-runner on a node, and what the node sends back.

The nodes have no containers. What a container would bring is a folder of its own for each job, with an empty HOME, and
an environment that has nothing of the tests'.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import typing as t
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import ansible_runner
import psutil
import yaml
from awx.credential_rules import environment
from support.patience import HANG

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).with_name("project")
INJECTORS = yaml.safe_load((ROOT / "playbooks" / "vars" / "awx_credential_injectors.yml").read_text(encoding="utf-8"))
# Where people find the controller: its setting *Base URL of the service*.
URL = "https://awx.example.com"
REVISION = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"


class _Unsafe(yaml.SafeDumper):
    """AWX marks all text of extra variables so, lest Ansible takes it for a template."""

    def represent_data(self, data: t.Any) -> yaml.Node:
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


@dataclass
class Host:
    """A host of the inventory, in the database of AWX. Facts that were never stored are none."""

    variables: dict[str, t.Any] = field(default_factory=lambda: {"ansible_connection": "local"})
    facts: dict[str, t.Any] | None = None


@dataclass
class Job:
    """``folder`` has the private data in it, on the controller and on the node, and HOME."""

    number: int
    folder: Path
    status: str = "pending"
    events: list[dict[str, t.Any]] = field(default_factory=list)
    # What ansible-runner itself says of the environment. AWX keeps it with the secrets of credentials starred out.
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def artifacts(self) -> dict[str, t.Any]:
        """What set_stats left."""
        for event in self.events:
            if event["event"] == "playbook_on_stats":
                return t.cast(dict[str, t.Any], event["event_data"].get("artifact_data", {}))
        return {}

    @property
    def output(self) -> str:
        return "\n".join(event["stdout"] for event in self.events if event.get("stdout"))

    def results(self, action: str) -> list[dict[str, t.Any]]:
        """Those of the tasks with that action."""
        kinds = ("runner_on_ok", "runner_on_failed", "runner_item_on_ok", "runner_item_on_failed")
        return [
            event["event_data"]["res"]
            for event in self.events
            if event["event"] in kinds and event["event_data"].get("resolved_action") == action
        ]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def on_node(self) -> Path:
        return self.folder / "node"

    @property
    def on_controller(self) -> Path:
        return self.folder / "controller"


class Controller:
    """One inventory, one project, one credential. ``inputs`` are those of the credential."""

    def __init__(self, folder: Path, collections: Path, inputs: t.Mapping[str, str]) -> None:
        self._folder = folder
        self._collections = collections
        self.inputs = dict(inputs)
        self.hosts = {"localhost": Host()}
        self._numbers = itertools.count(101)

    def launch(
        self, template: str, playbook: str, *, fact_storage: bool = False, verbosity: int = 0, **extra_vars: t.Any
    ) -> Job:
        """Run a job to its end. All files of it are kept, for tests to look at."""
        job = self.prepare(template, playbook, fact_storage=fact_storage, verbosity=verbosity, **extra_vars)
        with Node(job) as node:
            node.wait()
        self.finish(job)
        return job

    def prepare(
        self, template: str, playbook: str, *, fact_storage: bool = False, verbosity: int = 0, **extra_vars: t.Any
    ) -> Job:
        """Write what the node is sent."""
        number = next(self._numbers)
        job = Job(number, self._folder / f"job-{number}")
        private = job.on_controller
        for folder in (job.home, job.on_node, private / "env", private / "inventory", private / "project"):
            folder.mkdir(parents=True, mode=0o700)
        for path in PROJECT.iterdir():
            (private / "project" / path.name).write_bytes(path.read_bytes())
        self._write_inventory(private / "inventory" / "hosts")
        variables = {**extra_vars, **_meta_variables(number, template)}
        parts = [yaml.dump({name: value}, Dumper=_Unsafe) for name, value in variables.items()]
        (private / "env" / "extravars").write_text("".join(parts), encoding="utf-8")
        options = ["-u", "root", *(["-" + "v" * verbosity] if verbosity else [])]
        (private / "env" / "cmdline").write_text(" ".join(options), encoding="utf-8")
        settings = {"job_timeout": 0, "suppress_ansible_output": True, "suppress_output_file": False}
        (private / "env" / "settings").write_text(json.dumps(settings), encoding="utf-8")
        if fact_storage:
            self._start_fact_cache(private / "artifacts" / str(number))
        variables_of_job = {
            "ANSIBLE_COLLECTIONS_PATH": f"{job.on_node}/requirements_collections:{self._collections}",
            "ANSIBLE_FACT_CACHE_TIMEOUT": "0",
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "AWX_HOST": URL,
            "AWX_PRIVATE_DATA_DIR": str(private),
            "INVENTORY_ID": "1",
            "JOB_ID": str(number),
            "PROJECT_REVISION": REVISION,
            **environment(INJECTORS, self.inputs),
        }
        with open(job.folder / "sent", "wb") as sent:
            ansible_runner.interface.run(
                streamer="transmit",
                _output=sent,
                private_data_dir=str(private),
                ident=str(number),
                playbook=playbook,
                inventory=str(private / "inventory" / "hosts"),
                envvars=variables_of_job,
                suppress_env_files=True,
                fact_cache_type="jsonfile" if fact_storage else "",
            )
        return job

    def finish(self, job: Job) -> None:
        """Take what the node sent back, of which the end may be missing."""
        artifacts = job.on_controller / "artifacts" / str(job.number)
        stored = (artifacts / "host_cache_summary.json").exists()
        # What the node deleted must be seen to be missing.
        shutil.rmtree(artifacts, ignore_errors=True)
        received = (job.folder / "received").read_bytes()

        def on_status(data: dict[str, t.Any], runner_config: t.Any) -> None:
            job.environment.update(data.get("env", {}))

        def on_event(event: dict[str, t.Any]) -> bool:
            job.events.append(event)
            return True

        try:
            result = ansible_runner.interface.run(
                streamer="process",
                _input=io.BytesIO(received),
                private_data_dir=str(job.on_controller),
                ident=str(job.number),
                event_handler=on_event,
                status_handler=on_status,
                quiet=True,
            )
        except zipfile.BadZipFile:
            job.status = "error"
        else:
            job.status = result.status
        if stored:
            self._finish_fact_cache(artifacts)

    def _write_inventory(self, path: Path) -> None:
        inventory = {
            "all": {"hosts": list(self.hosts)},
            "_meta": {"hostvars": {name: host.variables for name, host in self.hosts.items()}},
        }
        path.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(inventory)!r})\n", encoding="utf-8")
        path.chmod(0o700)

    def _start_fact_cache(self, artifacts: Path) -> None:
        """A file for each host that has facts, and then one that tells the time and which files there were."""
        folder = artifacts / "fact_cache"
        folder.mkdir(parents=True, mode=0o700)
        for name, host in self.hosts.items():
            if host.facts is not None:
                path = folder / name
                path.write_text(json.dumps(host.facts), encoding="utf-8")
                earlier = path.stat().st_mtime - 2
                os.utime(path, (earlier, earlier))
        written = {name: host.facts is not None for name, host in self.hosts.items()}
        (artifacts / "host_cache_summary.json").write_text(json.dumps({"hosts_cached": written}), encoding="utf-8")

    def _finish_fact_cache(self, artifacts: Path) -> None:
        """The facts of a host whose file is newer, or none for one whose file is gone."""
        summary = artifacts / "host_cache_summary.json"
        if not summary.exists():
            return
        for name, written in json.loads(summary.read_text(encoding="utf-8"))["hosts_cached"].items():
            path = artifacts / "fact_cache" / name
            if not path.exists():
                if written:
                    self.hosts[name].facts = {}
            elif path.stat().st_mtime >= summary.stat().st_mtime:
                self.hosts[name].facts = json.loads(path.read_text(encoding="utf-8"))


class Node:
    """ansible-runner with a job, on a node. ``with`` starts it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Node:
        binaries = str(Path(sys.executable).parent)
        of_node = {"HOME": str(self._job.home), "LANG": "C.UTF-8", "PATH": f"{binaries}:/usr/bin:/bin"}
        command = [os.path.join(binaries, "ansible-runner"), "worker", "--private-data-dir", str(self._job.on_node)]
        folder = self._job.folder
        with open(folder / "sent", "rb") as sent, open(folder / "received", "wb") as received:
            self._process = subprocess.Popen(command, stdin=sent, stdout=received, env=of_node, cwd=folder)
        return self

    def __exit__(self, *_why: object) -> None:
        self.kill()

    def wait(self) -> None:
        assert self._process is not None
        self._process.wait(HANG)

    def kill(self) -> None:
        """With all that it started: it is known by its HOME."""
        assert self._process is not None
        while doomed := [process for process in psutil.process_iter() if self._is_mine(process)]:
            for process in doomed:
                process.kill()
            psutil.wait_procs(doomed, timeout=5)
        self._process.wait()

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return bool(process.environ().get("HOME") == str(self._job.home))
        except psutil.Error:
            return False


def _meta_variables(number: int, template: str) -> dict[str, t.Any]:
    variables = {
        "job_id": number,
        "job_launch_type": "workflow",
        "job_template_id": 7,
        "job_template_name": template,
        "inventory_id": 1,
        "inventory_name": "ThousandEyes",
        "project_revision": REVISION,
        "user_id": 3,
        "user_name": "ada",
        "user_email": "ada@example.com",
        "workflow_job_id": 90,
        "workflow_job_name": "ThousandEyes change",
    }
    return {f"{prefix}_{name}": value for name, value in variables.items() for prefix in ("awx", "tower")}
