# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures by the real ssh-keygen, and what is said where it does not sign.

As a program it is a part of a test under other conditions: see support.failing_machine.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils import _signature as module
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import ReportUnsigned
from ansible_collections.community.thousandeyes.plugins.module_utils._signature import Signer
from support.failing_machine import apart, bound_by_modes, main
from support.ssh_keys import is_by, keygen, new_key, signers

CONTENT = b"What a report is made of"


def signer_of(key: Path, told: list[str] | None = None) -> Signer:
    return Signer.of(str(key), (told if told is not None else []).append)


def refused(key: Path, told: list[str] | None = None) -> str:
    with pytest.raises(ReportUnsigned) as error:
        signer_of(key, told)
    assert error.value.code == "report_unsigned"
    return error.value.message


def at_a_terminal(key: str) -> str:
    """What a terminal shows, at which nobody types, where the key is tried in a process that it controls."""
    child, terminal = pty.fork()
    if child == 0:
        os.write(1, f"refused: {refused(Path(key))}".encode())
        os._exit(0)
    shown = b""
    while b"without one." not in shown:
        shown += os.read(terminal, 1024)
    os.waitpid(child, 0)
    return shown.decode()


def refused_of(key: str) -> str:
    return refused(Path(key))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[str], None]:
    """Puts a script in the place of ssh-keygen."""
    folder = tmp_path / "bin"

    def put(script: str, name: str = "ssh-keygen") -> None:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_is_by_the_key_and_over_the_content(tmp_path: Path, kind: str) -> None:
    key, other = new_key(tmp_path, kind=kind), new_key(tmp_path, "other")
    signature = signer_of(key).sign(CONTENT)
    path = tmp_path / "signature"
    path.write_bytes(signature)
    vouched = signers(tmp_path, alice=key, bob=other)
    assert is_by("alice", vouched, CONTENT, path)
    assert not is_by("bob", vouched, CONTENT, path)
    assert signer_of(key).made(CONTENT, signature)
    assert not signer_of(key).made(CONTENT + b".", signature)
    assert not signer_of(other).made(CONTENT, signature)


@pytest.mark.parametrize("signature", [b"", b"\xff\x00", b"-----BEGIN SSH SIGNATURE-----\n"])
def test_what_is_no_signature_is_by_nobody(tmp_path: Path, signature: bytes) -> None:
    assert not signer_of(new_key(tmp_path)).made(CONTENT, signature)


def test_a_signature_for_something_else_is_not_taken(tmp_path: Path) -> None:
    key = new_key(tmp_path)
    (tmp_path / "content").write_bytes(CONTENT)
    assert keygen("-Y", "sign", "-f", key, "-n", "git", tmp_path / "content").returncode == 0
    assert not signer_of(key).made(CONTENT, (tmp_path / "content.sig").read_bytes())


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr(module.tempfile, "tempdir", str(place))
    signer = signer_of(new_key(tmp_path))
    assert signer.made(CONTENT, signer.sign(CONTENT))
    assert list(place.iterdir()) == []


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Path]:
    """The public half of a key with a passphrase, which an agent holds."""
    key = new_key(tmp_path, "held", passphrase="secret")
    socket = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE) as running:
        assert running.stdout and running.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        (tmp_path / "say").write_text("#!/bin/sh\necho secret\n", encoding="utf-8")
        (tmp_path / "say").chmod(0o700)
        asking = {**os.environ, "SSH_ASKPASS": str(tmp_path / "say"), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": "none"}
        subprocess.run(["ssh-add", str(key)], env=asking, check=True, capture_output=True, start_new_session=True)
        key.unlink()
        yield key.with_name("held.pub")
        running.terminate()


def test_a_public_key_whose_private_half_an_agent_holds(agent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = signer_of(agent)
    assert signer.made(CONTENT, signer.sign(CONTENT))
    monkeypatch.delenv("SSH_AUTH_SOCK")
    with pytest.raises(ReportUnsigned, match="SSH_AUTH_SOCK"):
        signer.sign(CONTENT)
    assert "No private key found" in refused(agent)


def test_without_ssh_keygen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "there is no ssh-keygen" in refused(key)


@pytest.mark.parametrize("words", ["unknown option -- Y", "illegal option -- Y", "invalid option -- 'Y'"])
def test_one_that_cannot_sign_is_told_with_its_version(
    tmp_path: Path, program: t.Callable[..., None], words: str
) -> None:
    key = new_key(tmp_path)
    program(f'echo "ssh-keygen: {words}" >&2; echo "usage: ssh-keygen [-q]" >&2; exit 1')
    program("echo 'OpenSSH_8.0p1, OpenSSL 1.1.1k' >&2", "ssh")
    assert f"{tmp_path}/bin/ssh-keygen (OpenSSH_8.0p1) cannot sign; it takes OpenSSH 8.1 or newer." in refused(key)
    program("exit 1", "ssh")
    assert "(of a version that cannot be told)" in refused(key)
    (tmp_path / "bin" / "ssh").unlink()
    assert "(of a version that cannot be told)" in refused(key)


def test_one_that_signs_and_does_not_check(tmp_path: Path, program: t.Callable[..., None]) -> None:
    key = new_key(tmp_path)
    program('echo "Could not verify signature."; [ "$2" = sign ] && eval "echo x > \\"\\${$#}.sig\\""')
    assert "does not know its own signature again" in refused(key)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither at a terminal, nor by a dialog."""
    key = new_key(tmp_path, passphrase="secret")
    asked = tmp_path / "asked"
    (tmp_path / "ask").write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n", encoding="utf-8")
    (tmp_path / "ask").chmod(0o700)
    for name, value in {"SSH_ASKPASS": str(tmp_path / "ask"), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}.items():
        monkeypatch.setenv(name, value)
    shown = apart([], at_a_terminal, key)
    assert shown.startswith("refused: ")
    assert "If it has a passphrase, load it into an ssh-agent" in shown
    assert not asked.exists()


def test_a_passphrase_is_not_taken_from_what_is_signed(tmp_path: Path) -> None:
    """As ssh-keygen does, if what it signs comes from its standard input."""
    key = new_key(tmp_path, passphrase="secret")
    signer = Signer(str(key), "", lambda _text: None)
    with pytest.raises(ReportUnsigned, match="passphrase"):
        signer.sign(b"secret\n")


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    key = new_key(tmp_path)
    key.chmod(0o644)
    message = refused(key)
    assert "too open" in message and message.endswith("Let only its owner read it: chmod 600.")
    assert "@" not in message


@pytest.mark.parametrize("mode", [0o640, 0o660, 0o440])
def test_a_key_that_only_its_group_can_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    """As AWX and Kubernetes give it to a job. The key stays as it is, and there is no copy of it left."""
    key, place = new_key(tmp_path), tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr(module.tempfile, "tempdir", str(place))
    key.chmod(mode)
    signer = signer_of(key)
    assert signer.made(CONTENT, signer.sign(CONTENT))
    assert key.stat().st_mode & 0o777 == mode
    assert list(place.iterdir()) == []


def test_a_public_key_that_only_its_group_can_read_too(agent: Path) -> None:
    agent.chmod(0o640)
    signer = signer_of(agent)
    assert signer.made(CONTENT, signer.sign(CONTENT))


def test_a_group_that_can_read_a_key_with_a_passphrase(tmp_path: Path) -> None:
    key = new_key(tmp_path, passphrase="secret")
    key.chmod(0o640)
    assert f'Load key "{key}"' in refused(key)


def test_what_is_no_key(tmp_path: Path) -> None:
    new_key(tmp_path)
    (tmp_path / "junk").write_bytes(b"junk")
    (tmp_path / "junk").chmod(0o600)
    assert "It takes a private key of OpenSSH" in refused(tmp_path / "junk")
    assert "No such file or directory" in refused(tmp_path / "none")
    assert "is no file" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "is no file" in refused(tmp_path / "pipe")


def test_a_key_that_may_not_be_read(tmp_path: Path) -> None:
    prefix = bound_by_modes()
    key = new_key(tmp_path)
    key.chmod(0)
    assert "Permission denied" in apart(prefix, refused_of, key)


def test_one_that_gives_no_answer_is_ended_with_what_it_started(
    tmp_path: Path, program: t.Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a key on a token that nobody touches. What it started holds the pipe open until it ends, too."""
    key = new_key(tmp_path)
    os.mkfifo(tmp_path / "life")
    program(f"exec 3> {tmp_path}/life\n(while :; do sleep 60; done) &\nwait")
    monkeypatch.setattr(module, "QUIET", 0.2)
    monkeypatch.setattr(module, "_TIMEOUT", 0.4)
    told: list[str] = []
    life = os.open(tmp_path / "life", os.O_RDONLY | os.O_NONBLOCK)
    message = refused(key, told)
    assert "if the key is on a token, touch that in time" in message
    assert [re.sub(r"\S+/", "", text) for text in told] == [
        "waiting for the key key to sign: one on a token must be touched"
    ]
    os.set_blocking(life, True)
    assert os.read(life, 1) == b""
    os.close(life)


def test_no_place_for_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key(tmp_path)
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert "No such file or directory" in refused(key)


if __name__ == "__main__":
    main(globals())
