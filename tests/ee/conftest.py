# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as an execution environment gets it, and what its jobs talk to."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ee.jobs import ROOT
from simulator import Simulator
from support.guides import examples

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_execution_environment.rst"


def run(*command: str | Path, cwd: Path, home: Path) -> str:
    """A program of the environment that the tests run in."""
    program, *arguments = map(str, command)
    path = str(Path(sys.executable).with_name(program))
    # Nothing of the user's: neither an ansible.cfg nor collections.
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run([path, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build context, by the definition and the command of the guide."""
    folder = tmp_path_factory.mktemp("reader")
    written = {each.caption: each.text for each in examples(GUIDE)}
    (folder / "execution-environment.yml").write_text(written["execution-environment.yml"], encoding="utf-8")
    (command,) = [each.text for each in examples(GUIDE) if each.text.startswith("ansible-builder create ")]
    run(*shlex.split(command), cwd=folder, home=folder)
    return folder / "context"


@pytest.fixture(scope="session")
def collections(context: Path) -> Path:
    """Where the collection is installed, in the way of the build: by the requirements in the context.

    In place of the collection of that name on Galaxy, it is the one of the checkout.
    """
    folder = context.parent / "collections"
    run("ansible-galaxy", "collection", "build", ROOT, "--output-path", ".", cwd=context.parent, home=context.parent)
    (tarball,) = context.parent.glob("community-thousandeyes-*.tar.gz")
    wanted = (context / "_build" / "requirements.yml").read_text(encoding="utf-8")
    assert wanted.count("community.thousandeyes") == 1
    (context.parent / "requirements.yml").write_text(wanted.replace("community.thousandeyes", str(tarball)))
    install = ["collection", "install", "-r", "requirements.yml", "--offline", "--collections-path"]
    run("ansible-galaxy", *install, folder, cwd=context.parent, home=context.parent)
    return folder


@pytest.fixture(scope="session")
def introspected(collections: Path) -> dict[str, list[str]]:
    """What it asks for. There is no other collection."""
    output = run("ansible-builder", "introspect", collections, cwd=collections, home=collections)
    found = yaml.safe_load(output.partition("---\n")[2])
    of_us = "  # from collection community.thousandeyes"
    assert all(line.endswith(of_us) for lines in found.values() for line in lines)
    return {kind: [line[: -len(of_us)] for line in lines] for kind, lines in found.items()}


@pytest.fixture(scope="module")
def sim() -> t.Iterator[Simulator]:
    with Simulator() as running:
        yield running
