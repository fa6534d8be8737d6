# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH keys, and what the real ssh-keygen says of signatures. Without one, the tests that need it are skipped."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

NAMESPACE = "thousandeyes-evidence"


def keygen(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen here")
    command = ["ssh-keygen", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def new_key(folder: Path, name: str = "key", kind: str = "ed25519", passphrase: str = "") -> Path:
    """The private key. Its public half is beside it, with the suffix .pub."""
    made = keygen("-q", "-t", kind, "-N", passphrase, "-C", name, "-f", folder / name)
    assert made.returncode == 0, made.stderr
    return folder / name


def signers(folder: Path, **keys: Path) -> Path:
    """A file that vouches for keys, by names."""
    path = folder / "signers"
    public = {name: key.with_name(f"{key.name}.pub").read_text(encoding="utf-8") for name, key in keys.items()}
    path.write_text("".join(f"{name} {key}" for name, key in public.items()), encoding="utf-8")
    return path


def is_by(name: str, vouched: Path, content: bytes, signature: Path) -> bool:
    """Whether it is a signature of the content by one that the file vouches for by this name."""
    check = ["-Y", "verify", "-f", vouched, "-I", name, "-n", NAMESPACE, "-s", signature]
    return keygen(*check, stdin=content).returncode == 0
