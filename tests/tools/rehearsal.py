# Copyright (c) 2026, community.thousandeyes contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rehearse the release of a version: `rehearsal.py [VERSION]`, without one of the next.

In a copy of the checkout: changelog, version, tarball, Galaxy's importer. Nothing is published, and the checkout stays
as it is. The tarball and its CHANGELOG.md are in .build/rehearsal/ afterwards. RELEASING.md says what else a release
takes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "rehearsal"
COPY = BUILD / "ansible_collections" / "community" / "thousandeyes"
VERSION = re.compile(r"\d+\.\d+\.\d+")
# What a user must get, and what concerns only those who work on the collection.
SHIPPED = {"CHANGELOG.md", "COPYING", "README.md", "changelogs/changelog.yaml", "meta/runtime.yml"}
FRAGMENTS = Path("changelogs") / "fragments"
KEPT_BACK = ("tests/", ".github/", ".ci/", ".build/", "noxfile.py", "Makefile", "changelogs/fragments/")


def run(*command: str, cwd: Path = COPY) -> str:
    """What a program of this environment, or git, prints."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which(command[0], path=path) or command[0]
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        [program, *command[1:]], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def releases(root: Path) -> dict[str, dict[str, Any]]:
    """By version, as changelog.yaml has them."""
    return yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def next_version() -> str:
    """The one that a fragment is named after, which has its summary; or else the next minor one."""
    named = [path.stem for path in (ROOT / FRAGMENTS).glob("*.yml") if VERSION.fullmatch(path.stem)]
    if named:
        return max(named, key=numbers)
    major, minor, _patch = max(map(numbers, releases(ROOT)))
    return f"{major}.{minor + 1}.0"


def files_of_the_checkout() -> list[str]:
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def copy_the_checkout(files: list[str]) -> None:
    shutil.rmtree(BUILD, ignore_errors=True)
    for name in files:
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, COPY / name)
    # antsibull-changelog asks git which files there are.
    run("git", "init", "--quiet", ".")


def set_version(version: str) -> None:
    path = COPY / "galaxy.yml"
    text, count = re.subn(r"(?m)^version: .*$", f"version: {version}", path.read_text(encoding="utf-8"))
    if count != 1:
        sys.exit("galaxy.yml has no line with the version.")
    path.write_text(text, encoding="utf-8")


def make_the_changelog(version: str) -> str:
    """Its text. All fragments are in it, and whatever is new in this version."""
    fragments = {path.name for path in (COPY / FRAGMENTS).iterdir()}
    run("antsibull-changelog", "release")
    run("antsibull-changelog", "lint")
    made = releases(COPY)
    missed = fragments - set(made[version].get("fragments", []))
    if missed:
        sys.exit(f"The changelog has not taken these fragments: {', '.join(sorted(missed))}.")
    listed = {row["name"] for release in made.values() for row in release.get("modules", [])}
    unlisted = {path.stem for path in (COPY / "plugins" / "modules").glob("*.py")} - listed
    if unlisted:
        sys.exit(f"No release lists these modules, so look at their version_added: {', '.join(sorted(unlisted))}.")
    return (COPY / "CHANGELOG.md").read_text(encoding="utf-8")


def build() -> Path:
    run("ansible-galaxy", "collection", "build", "--output-path", str(BUILD))
    (tarball,) = BUILD.glob("*.tar.gz")
    with tarfile.open(tarball) as archive:
        names = {member.name for member in archive.getmembers() if member.isfile()}
    if not names >= SHIPPED:
        sys.exit(f"The tarball lacks {', '.join(sorted(SHIPPED - names))}.")
    surplus = sorted(name for name in names if name.startswith(KEPT_BACK))
    if surplus:
        sys.exit(f"The tarball has {', '.join(surplus)}.")
    return tarball


def import_as_galaxy_does(tarball: Path) -> None:
    log = run("python", "-m", "galaxy_importer.main", tarball.name, cwd=BUILD)
    findings = re.findall(r"(?m)^(?:ERROR|WARNING|CRITICAL).*$", log)
    if findings or "Importer processing completed successfully" not in log:
        sys.exit("Galaxy's importer has findings:\n" + ("\n".join(findings) or log))


def main(version: str) -> None:
    if not VERSION.fullmatch(version):
        sys.exit(f"{version!r} is not a version such as 1.0.0.")
    if version in releases(ROOT):
        sys.exit(f"{version} is released already.")
    files = files_of_the_checkout()
    before = {name: (ROOT / name).read_bytes() for name in files}
    copy_the_checkout(files)
    set_version(version)
    changelog = make_the_changelog(version)
    tarball = build()
    import_as_galaxy_does(tarball)
    if {name: (ROOT / name).read_bytes() for name in files_of_the_checkout()} != before:
        sys.exit("The rehearsal has changed the checkout, or somebody has worked on it meanwhile.")
    shutil.copy2(COPY / "CHANGELOG.md", BUILD)
    print(
        f"{version} can be released. Its changelog has {len(changelog.splitlines())} lines. The importer found nothing."
    )
    print(f"{BUILD / 'CHANGELOG.md'}\n{tarball}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else next_version())
