# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Signatures with an SSH key over the sums of a report, made and checked by ssh-keygen, a program of OpenSSH.

It never asks for anything: it has no terminal, its standard input is empty or what is checked, and its time is limited.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import typing as t

from ._core.clock import QUIET
from ._core.errors import ReportUnsigned
from ._core.text import shown

# The files, beside those of the report.
SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"

# What a signature is for. One that was made for something else is not taken for one of a report.
_NAMESPACE = "thousandeyes-evidence"
# Seconds. A key on a hardware token waits for a touch.
_TIMEOUT = 30.0
# What a key is tried with.
_PROBE = b"Whether this key can sign the evidence of a change.\n"
# What would make ssh-keygen show a dialog.
_DIALOGS = ("DISPLAY", "WAYLAND_DISPLAY", "SSH_ASKPASS")
_MOST_WORDS = 400
_MOST_KEY = 65536  # bytes


class Unusable(Exception):
    """Why ssh-keygen gave no answer, as a part of a sentence."""


class Signer(t.NamedTuple):
    """A key that signs. ``fingerprint`` is that of its public half. ``tell`` shows people what is waited for."""

    key: str
    fingerprint: str
    tell: t.Callable[[str], None]

    @classmethod
    def of(cls, key: str, tell: t.Callable[[str], None]) -> Signer:
        """Looks for ssh-keygen, and signs a text with the key.

        ``key`` is the file of a private key, or of a public one whose private half an ssh-agent holds.

        :raises ReportUnsigned: it cannot sign.
        """
        key = os.path.abspath(key)
        with _signing(key):
            _program()
            _check_file(key)
            untried = cls(key, "", tell)
            fingerprint = fingerprint_of(_PROBE, untried.sign(_PROBE))
            if fingerprint is None:
                raise Unusable("ssh-keygen does not know its own signature again")
        return untried._replace(fingerprint=fingerprint)

    def sign(self, content: bytes) -> bytes:
        """:raises ReportUnsigned: the key does not sign (any more)."""
        with _signing(self.key), _folder(content=content) as folder:
            path, key = os.path.join(folder, "content"), _private_copy(self.key, folder)
            status, said = _run(folder, ["sign", "-f", key, "-n", _NAMESPACE, path], os.devnull, self._wait_for)
            said = said.replace(key, self.key)
            with contextlib.suppress(FileNotFoundError), open(f"{path}.sig", "rb") as file:
                signature = file.read()
                if status == 0 and signature:
                    return signature
            raise Unusable(_refusal(said))

    def made(self, content: bytes, signature: bytes) -> bool:
        """Whether the signature is over this content, and by this key.

        :raises ReportUnsigned: ssh-keygen gave no answer.
        """
        with _signing(self.key):
            return fingerprint_of(content, signature) == self.fingerprint

    def _wait_for(self) -> None:
        self.tell(f"waiting for the key {self.key} to sign: one on a token must be touched")


class Vouched(t.NamedTuple):
    """``name``: whose signature it is. None if nobody vouches for it, and ``why``, where ssh-keygen says that."""

    name: str | None
    why: str = ""


def fingerprint_of(content: bytes, signature: bytes) -> str | None:
    """The fingerprint of the key that made the signature. None if it does not fit the content.

    :raises Unusable: ssh-keygen gave no answer.
    """
    with _folder(content=content, signature=signature) as folder:
        paths = [os.path.join(folder, name) for name in ("content", "signature")]
        check = ["check-novalidate", "-n", _NAMESPACE, "-s", paths[1]]
        status, said = _run(folder, check, paths[0])
    found = re.search(r"^Good .* key (SHA256:\S+)$", said, re.MULTILINE)
    if found and status == 0:
        return found[1]
    if "Could not verify signature" not in said:
        raise Unusable(_refusal(said, ""))
    return None


def vouched_for(content: bytes, signature: bytes, signers: str) -> Vouched:
    """Whose signature it is, by a file as ssh-keygen calls an allowed signers file.

    :raises Unusable: ssh-keygen gave no answer, or the file cannot be read.
    """
    signers = os.path.abspath(signers)
    _check_file(signers)
    with _folder(content=content, signature=signature) as folder:
        paths = [os.path.join(folder, name) for name in ("content", "signature")]
        by = ["-f", signers, "-s", paths[1]]
        _status, said = _run(folder, ["find-principals", *by], os.devnull)
        if "nsupported operation" in said or _unknown_option(said):
            raise Unusable(_too_old("8.2", "cannot tell whose a signature is"))
        # Newer ones print a line for each, older ones what is in the file.
        names = re.split("[,\n]", _output(folder))
        for name in filter(None, map(str.strip, names)):
            status, said = _run(folder, ["verify", *by, "-I", name, "-n", _NAMESPACE], paths[0])
            if status == 0:
                return Vouched(shown(name))
    return Vouched(None, _words(said.replace("Could not verify signature.", "").replace(signers, "")))


@contextlib.contextmanager
def _signing(key: str) -> t.Iterator[None]:
    try:
        yield
    except Unusable as error:
        raise ReportUnsigned(f"The report cannot be signed with {key}: {error}.") from error


@contextlib.contextmanager
def _folder(**files: bytes) -> t.Iterator[str]:
    """A temporary folder with these files, which only this user can read."""
    try:
        with tempfile.TemporaryDirectory(prefix="thousandeyes-") as folder:
            for name, content in files.items():
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
            yield folder
    except OSError as error:
        raise Unusable(f"{error.strerror or error} ({error.filename})") from error


def _private_copy(key: str, folder: str) -> str:
    """A copy of a private key that its group can read, and nobody else. Other keys stay where they are.

    AWX and Kubernetes let the group of a key file read it, since a job may run as any user of that group. ssh-keygen
    refuses such a key.
    """
    mode = os.stat(key).st_mode
    if not mode & 0o070 or mode & 0o007:
        return key
    with open(key, "rb") as file:
        content = file.read(_MOST_KEY)
    if b"PRIVATE KEY-----" not in content:
        return key
    copy = os.path.join(folder, "key")
    with open(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return copy


def _program() -> str:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise Unusable("there is no ssh-keygen where this task runs; install OpenSSH 8.2 or newer there")
    return program


class _Group(subprocess.Popen[bytes]):
    """A process in a session of its own, which ends with all that it has started."""

    def __exit__(self, *error: t.Any) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        super().__exit__(*error)


def _run(folder: str, arguments: list[str], stdin: str, waits: t.Callable[[], None] = lambda: None) -> tuple[int, str]:
    """The status, and all that ssh-keygen said. ``waits`` is called once, if it takes long."""
    environment = {name: value for name, value in os.environ.items() if name not in _DIALOGS}
    environment.update(LC_ALL="C", SSH_ASKPASS_REQUIRE="never")
    # What it says goes to files: a program that it has started may outlive it, and would hold a pipe open.
    out, err = (os.path.join(folder, name) for name in ("out", "err"))
    with open(stdin, "rb") as source, open(out, "wb") as to_out, open(err, "wb") as to_err:
        command = [_program(), "-Y", *arguments]
        # No terminal to ask for a passphrase at.
        with _Group(
            command, stdin=source, stdout=to_out, stderr=to_err, env=environment, start_new_session=True
        ) as process:
            status = _end_of(process, waits)
    return status, _output(folder) + _output(folder, "err")


def _end_of(process: _Group, waits: t.Callable[[], None]) -> int:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(QUIET)
    waits()
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(_TIMEOUT - QUIET)
    raise Unusable(
        f"ssh-keygen did not end in {_TIMEOUT:.0f} seconds; if the key is on a token, touch that in time, else see "
        "whether the ssh-agent answers"
    )


def _output(folder: str, name: str = "out") -> str:
    with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
        return file.read()


_KEY = (
    "It takes a private key of OpenSSH, complete with its last line end, or a public one whose private half an "
    "ssh-agent holds that SSH_AUTH_SOCK names"
)


def _refusal(said: str, hint: str = _KEY) -> str:
    """Why ssh-keygen did not do it, and what to do."""
    if _unknown_option(said):
        return _too_old("8.1", "cannot sign")
    words = _words(said)
    if "passphrase" in words:
        hint = "If it has a passphrase, load it into an ssh-agent, or take a key without one"
    elif "too open" in words:
        hint = "Let only its owner read it: chmod 600"
    return f"{words or 'ssh-keygen does not say why'}. {hint}".rstrip(". ")


def _unknown_option(said: str) -> bool:
    return re.search(r"(unknown|illegal|invalid|unrecognized) option", said) is not None


def _words(said: str) -> str:
    """What it said, without what it prompts for, and the frame around a warning."""
    lines = [re.sub(r"^Enter passphrase.*?: ", "", line).strip("@ \t\r.") for line in said.splitlines()]
    return shown("; ".join(line for line in lines if line and not line.startswith("Signing "))[:_MOST_WORDS])


def _too_old(needed: str, cannot: str) -> str:
    """ssh-keygen does not tell its version, but the ssh beside it does."""
    program = _program()
    version = "of a version that cannot be told"
    command = [os.path.join(os.path.dirname(program), "ssh"), "-V"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        with _Group(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            told, _nothing = process.communicate(timeout=_TIMEOUT)
        if found := re.search(rb"OpenSSH_[\w.]+", told):
            version = found[0].decode()
    return f"{program} ({version}) {cannot}; it takes OpenSSH {needed} or newer"


def _check_file(path: str) -> None:
    """:raises Unusable: it is no file that can be read."""
    try:
        # First, since a pipe would be waited for.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unusable(f"{path} is no file")
        with open(path, "rb"):
            pass
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from error
