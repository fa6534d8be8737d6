# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder makes of the collection, and of the example in the guide. No image is built."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from bindep.depends import Depends


def test_what_the_collection_needs(introspected: dict[str, list[str]]) -> None:
    assert introspected == {
        "python": ["requests", "psycopg>=3.1", "tzdata"],
        "system": [
            "libpq [platform:redhat]",
            "libpq5 [platform:dpkg platform:suse]",
            "openssh [platform:redhat]",
            "openssh-client [platform:dpkg]",
            "openssh-common [platform:suse]",
        ],
    }


@pytest.mark.parametrize(
    ("atoms", "packages"),
    [
        (["centos", "redhat", "rpm"], ["libpq", "openssh"]),
        (["opensuse", "suse", "rpm"], ["libpq5", "openssh-common"]),
        (["debian", "dpkg"], ["libpq5", "openssh-client"]),
    ],
)
def test_the_packages_of_a_system(introspected: dict[str, list[str]], atoms: list[str], packages: list[str]) -> None:
    depends = Depends("\n".join(introspected["system"]) + "\n")
    assert [rule[0] for rule in depends.active_rules([f"platform:{atom}" for atom in atoms])] == packages


def test_the_driver_is_that_of_the_image() -> None:
    """These tests run with what the collection asks for: psycopg without a library of its own."""
    psycopg = pytest.importorskip("psycopg", reason="there is no libpq here", exc_type=ImportError)
    assert psycopg.pq.__impl__ == "python"


def test_the_build_context(context: Path) -> None:
    lines = (context / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert {line.partition("=")[0]: line.partition("=")[2] for line in lines if '="' in line}.items() >= {
        "ARG EE_BASE_IMAGE": '"quay.io/centos/centos:stream9"',
        "ARG PYCMD": '"/usr/bin/python3.12"',
        "ARG PYPKG": '"python3.12"',
        "ARG ANSIBLE_INSTALL_REFS": '"ansible-core~=2.21.0 ansible-runner"',
    }.items()
    # From there, what follows is installed, as the fixture collections does it.
    step = lines.index("WORKDIR /build")
    assert lines[step - 1] == "COPY _build /build"
    assert any("ansible-galaxy collection install" in line and "-r requirements.yml" in line for line in lines[step:])

    galaxy = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    # By its name alone, so no new release asks for a new example.
    assert galaxy["collections"] == [{"name": "community.thousandeyes"}]
