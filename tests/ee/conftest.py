# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as an execution environment gets it, and what its jobs talk to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ee.jobs import ROOT
from simulator import Simulator


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
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The definition and the built collection, at the places where a checkout has them."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "tests" / "ee").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "ee" / "execution-environment.yml", folder / "tests" / "ee")
    run("ansible-galaxy", "collection", "build", ROOT, "--output-path", ".build/dist", cwd=folder, home=folder)
    return folder


@pytest.fixture(scope="session")
def context(checkout: Path) -> Path:
    """The build context."""
    definition = ["--file", "tests/ee/execution-environment.yml", "--output-filename", "Containerfile"]
    run("ansible-builder", "create", *definition, "--context", ".build/ee", cwd=checkout, home=checkout)
    return checkout / ".build" / "ee"


@pytest.fixture(scope="session")
def collections(context: Path) -> Path:
    """Where the collection is installed, in the way of the build: from the context, by its requirements."""
    folder = context.parent / "collections"
    install = ["collection", "install", "-r", "requirements.yml", "--offline", "--collections-path"]
    run("ansible-galaxy", *install, folder, cwd=context / "_build", home=context.parent)
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
