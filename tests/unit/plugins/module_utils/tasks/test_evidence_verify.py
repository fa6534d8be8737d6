# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of reports that are intact, changed, signed and not, with the real ssh-keygen.

The integration target evidence_verify has a report that was made by change_report.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    EvidenceChanged,
    EvidenceUnchecked,
    EvidenceUntrusted,
    InvalidRequest,
    ThousandEyesError,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import evidence_verify
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.context import Context
from support.ssh_keys import NAMESPACE, keygen, new_key, signers

DOCUMENT = {"change": {"id": "CHG1"}, "made": {"at": "2026-11-27T15:10:00Z"}}
FILES = {
    "evidence.json": json.dumps(DOCUMENT).encode(),
    "evidence.html": b"<p>ok",
    "evidence.md": b"# ok",
    # What a later version adds.
    "evidence.txt": b"ok",
}
Verify = t.Callable[..., t.Dict[str, t.Any]]


def sums_of(files: t.Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


class Report(t.NamedTuple):
    """A folder with a report in it that Alice has signed, and the keys."""

    folder: Path
    alice: Path
    bob: Path

    def sign(self, key: Path, namespace: str = NAMESPACE) -> None:
        (self.folder / "SHA256SUMS.sig").unlink(missing_ok=True)
        done = keygen("-Y", "sign", "-f", key, "-n", namespace, self.folder / "SHA256SUMS")
        assert done.returncode == 0, done.stderr

    def sum_up(self) -> None:
        """As somebody does who has changed a file."""
        names = [line.split("  ")[1] for line in (self.folder / "SHA256SUMS").read_text().splitlines()]
        there = {name: (self.folder / name).read_bytes() for name in names}
        (self.folder / "SHA256SUMS").write_bytes(sums_of(there))

    @property
    def by_alice(self) -> Path:
        return signers(self.folder.parent, **{"alice@example.com": self.alice})

    @property
    def by_bob(self) -> Path:
        return signers(self.folder.parent, **{"bob@example.com": self.bob})


@pytest.fixture
def report(tmp_path: Path) -> Report:
    made = Report(tmp_path / "CHG1", new_key(tmp_path, "alice"), new_key(tmp_path, "bob", "ecdsa"))
    made.folder.mkdir()
    for name, content in {**FILES, "SHA256SUMS": sums_of(FILES), ".lock": b""}.items():
        (made.folder / name).write_bytes(content)
    made.sign(made.alice)
    for other in ("previous", "incomplete"):
        (made.folder / other).mkdir()
        (made.folder / other / "evidence.html").write_bytes(b"another")
    return made


@pytest.fixture
def verify(report: Report, context: Context) -> Verify:
    def verify(vouched: Path | None = None, dir: Path | None = None) -> dict[str, t.Any]:
        params = {"dir": str(dir or report.folder), "signers": str(vouched) if vouched else None}
        done = evidence_verify.run(params, context)
        assert done["changed"] is False
        return t.cast(t.Dict[str, t.Any], done["evidence"])

    return verify


def refused(verify: Verify, vouched: Path | None, error: type[ThousandEyesError] = EvidenceChanged) -> str:
    with pytest.raises(error) as raised:
        verify(vouched)
    return raised.value.message


def fingerprint(key: Path) -> str:
    return keygen("-l", "-f", key).stdout.decode().split()[1]


# What is intact


def test_intact_and_signed_by_one_who_may(report: Report, verify: Verify) -> None:
    evidence = verify(report.by_alice)
    key = fingerprint(report.alice)
    assert evidence.pop("proves").startswith(
        "It proves that whoever has that key made these files. It does not prove when"
    )
    assert evidence == {
        "dir": str(report.folder),
        "files": sorted(FILES),
        "signed_by": "alice@example.com",
        "fingerprint": key,
        "change_id": "CHG1",
        "made_at": "2026-11-27T15:10:00Z",
        "says": f"Intact, and signed by alice@example.com (key {key}).",
    }


def test_intact_and_signed_by_a_key_of_which_nobody_was_asked(report: Report, verify: Verify) -> None:
    report.sign(report.bob)
    evidence = verify()
    key = fingerprint(report.bob)
    assert (evidence["signed_by"], evidence["fingerprint"]) == (None, key)
    assert evidence["says"] == (
        f"Intact, and signed by the key {key}, and nobody says whose that is, since no file of signers was given."
    )


def test_intact_and_signed_by_another(report: Report, verify: Verify) -> None:
    assert refused(verify, report.by_bob, EvidenceUntrusted) == (
        f"Signed by the wrong key: the key {fingerprint(report.alice)}, for which {report.by_bob} does not vouch. "
        "ssh-keygen says: No principal matched."
    )


def test_intact_and_not_signed(report: Report, verify: Verify) -> None:
    (report.folder / "SHA256SUMS.sig").unlink()
    evidence = verify()
    assert evidence["says"] == "Intact, and not signed."
    assert evidence["proves"].startswith("It proves that nothing was damaged by accident, and no more")
    assert (evidence["signed_by"], evidence["fingerprint"]) == (None, None)
    assert refused(verify, report.by_alice, EvidenceUntrusted).startswith("Not signed.")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ('valid-before="20200101"', "key has expired"),
        ('namespaces="git"', "not permitted for use in signature namespace"),
    ],
)
def test_one_who_may_not_any_more_or_not_for_this(report: Report, verify: Verify, options: str, says: str) -> None:
    vouched = report.by_alice
    name, key = vouched.read_text().split(" ", 1)
    vouched.write_text(f"{name} {options} {key}")
    assert says in refused(verify, vouched, EvidenceUntrusted)


def test_one_of_several_names(report: Report, verify: Verify) -> None:
    vouched = report.by_alice
    lines = [report.by_bob.read_text(), "# the team\n", report.by_alice.read_text().replace("alice@", "*@")]
    vouched.write_text("".join(lines))
    assert verify(vouched)["signed_by"] == "*@example.com"


def test_a_link_to_the_folder_and_a_task_that_was_killed(report: Report, verify: Verify, tmp_path: Path) -> None:
    (report.folder / ".new-abc").mkdir()
    (tmp_path / "link").symlink_to(report.folder)
    assert verify(report.by_alice, tmp_path / "link")["signed_by"] == "alice@example.com"


# What was changed


def beginning(value: bytes | None) -> str:
    """A name for a case, since pytest puts all of it into the environment."""
    return repr(value[-30:] if value else value)


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


SEALED = "The sums are as alice@example.com (key SHA256:"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_each_file_that_was_changed_or_removed(report: Report, verify: Verify, name: str, how: str) -> None:
    if how == "changed":
        damaged(report.folder / name)
    else:
        (report.folder / name).unlink()
    message = refused(verify, report.by_alice)
    assert message.startswith(f"Not intact. {how.capitalize()}: {name}. {SEALED}")
    assert message.endswith("signed them, so that was done later, to the files.")
    assert refused(verify, None).startswith(f"Not intact. {how.capitalize()}: {name}. The sums are as the key SHA256:")
    # By somebody who takes the signature away, too.
    (report.folder / "SHA256SUMS.sig").unlink()
    assert refused(verify, None) == f"Not intact. {how.capitalize()}: {name}. There is no signature."


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_changed_with_its_sum(report: Report, verify: Verify, name: str) -> None:
    damaged(report.folder / name)
    report.sum_up()
    for vouched in (report.by_alice, None):
        assert refused(verify, vouched) == (
            "The signature does not fit the sums: SHA256SUMS or SHA256SUMS.sig was changed, or the signature is for "
            "something else. The files fit the sums."
        )
    # Signed anew, it is somebody else's.
    report.sign(report.bob)
    assert "Signed by the wrong key" in refused(verify, report.by_alice, EvidenceUntrusted)


def test_a_file_that_was_changed_with_the_sum_of_another(report: Report, verify: Verify) -> None:
    damaged(report.folder / "evidence.md")
    report.sum_up()
    damaged(report.folder / "evidence.html")
    assert refused(verify, None) == "Not intact. Changed: evidence.html. The signature does not fit the sums either."


@pytest.mark.parametrize(
    "signature", [b"", b"\xff\x00", b"-----BEGIN SSH SIGNATURE-----\n", b"x" * 100_000, None], ids=beginning
)
def test_a_signature_that_was_changed(report: Report, verify: Verify, signature: bytes | None) -> None:
    path = report.folder / "SHA256SUMS.sig"
    if signature is None:
        # One letter of the signature itself, which ends there.
        text = path.read_text()
        signature = f"{text[:-60]}{'B' if text[-60] == 'A' else 'A'}{text[-59:]}".encode()
    path.write_bytes(signature)
    for vouched in (report.by_alice, None):
        assert refused(verify, vouched).startswith("The signature does not fit the sums")


def test_a_signature_for_something_else(report: Report, verify: Verify) -> None:
    report.sign(report.alice, "git")
    assert refused(verify, report.by_alice).startswith("The signature does not fit the sums")


@pytest.mark.parametrize(
    "sums",
    [
        b"",
        b"\xff\n",
        b"\n",
        sums_of(FILES)[:-1],
        sums_of(FILES) + b"\n",
        sums_of(FILES).replace(b"\n", b"\r\n"),
        sums_of(FILES).upper(),
        sums_of(FILES) + sums_of(FILES),
        sums_of(FILES) + b"# a remark\n",
        sums_of({**FILES, "../secret": b"secret"}),
        sums_of({**FILES, "/etc/passwd": b""}),
        sums_of({**FILES, "previous/evidence.html": b"another"}),
        sums_of({**FILES, "..": b""}),
        sums_of({**FILES, ".lock": b""}),
        sums_of({**FILES, "SHA256SUMS.sig": b""}),
        sums_of({**FILES, "SHA256SUMS": b""}),
        sums_of({**FILES, "{{ 1 }}": b""}),
        sums_of({f"a{number}": b"" for number in range(2000)}),
    ],
    ids=beginning,
)
@pytest.mark.parametrize("is_signed", [True, False])
def test_sums_that_change_report_does_not_write(
    report: Report, verify: Verify, tmp_path: Path, sums: bytes, is_signed: bool
) -> None:
    """Even if they fit: nobody has a reason to sign such."""
    (tmp_path / "secret").write_bytes(b"secret")
    (report.folder / "SHA256SUMS").write_bytes(sums)
    if is_signed:
        report.sign(report.alice)
    assert "SHA256SUMS is not as change_report writes it" in refused(verify, report.by_alice if is_signed else None)


@pytest.mark.parametrize("needed", ["evidence.json", "evidence.html", "evidence.md"])
def test_a_file_that_was_removed_with_its_sum(report: Report, verify: Verify, needed: str) -> None:
    (report.folder / "SHA256SUMS.sig").unlink()
    (report.folder / needed).unlink()
    rest = {name: content for name, content in FILES.items() if name != needed}
    (report.folder / "SHA256SUMS").write_bytes(sums_of(rest))
    assert refused(verify, None) == f"Not intact. Missing: {needed}. There is no signature."


HOSTILE = {
    "evidence.htm": "evidence.htm",
    ".hidden": ".hidden",
    ".lock": ".lock",
    ".new-file": ".new-file",
    "x\n\x1b[2Jy": "x\\n\\u001b[2Jy",
    "evidence\u202elmth.exe": "evidence\\u202elmth.exe",
    "{{ lookup('env', 'HOME') }}": "{{ lookup('env', 'HOME') }}",
    "\udcff": "\\udcff",
    "z" * 200: "z" * 200,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_no_sum_is_of(report: Report, verify: Verify, name: str) -> None:
    (report.folder / name).write_bytes(b"more")
    with pytest.raises(EvidenceChanged) as raised:
        verify(report.by_alice)
    assert raised.value.message.startswith(f"Not intact. Not in the sums: {HOSTILE[name]}. {SEALED}")
    assert raised.value.details == {"changed": [], "missing": [], "unnamed": [HOSTILE[name]]}


def test_many_files_that_no_sum_is_of(report: Report, verify: Verify) -> None:
    for number in range(12):
        (report.folder / f"x{number:02}").mkdir()
    assert "x08, x09 and 2 more. The sums" in refused(verify, report.by_alice)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *itertools.product([*FILES, "SHA256SUMS", "SHA256SUMS.sig", ".lock"], ["folder", "link", "dangling", "pipe"]),
        *itertools.product(["previous", ".new-x"], ["link", "dangling", "pipe"]),
    ],
)
def test_something_else_in_place_of_a_file(
    report: Report, verify: Verify, tmp_path: Path, name: str, kind: str
) -> None:
    """Nothing outside of the folder is read, even if it is the same."""
    path = report.folder / name
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.rename(tmp_path / "same")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / ("same" if kind == "link" else "nowhere"))
    message = refused(verify, report.by_alice)
    assert name in message


def test_a_task_that_was_killed_while_it_wrote(report: Report, verify: Verify) -> None:
    damaged(report.folder / "evidence.json")
    (report.folder / ".new-abc").mkdir()
    assert refused(verify, None).endswith("A task is writing there, or was killed while it did: run it again.")


# What cannot be checked


@pytest.mark.parametrize("vouched", [True, False])
def test_without_ssh_keygen(
    report: Report, verify: Verify, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, vouched: bool
) -> None:
    signed_by = report.by_alice if vouched else None
    monkeypatch.setenv("PATH", str(tmp_path))
    message = refused(verify, signed_by, EvidenceUnchecked)
    assert "The files fit their sums" in message and "there is no ssh-keygen" in message
    damaged(report.folder / "evidence.md")
    assert "The signature could not be checked: there is no ssh-keygen" in refused(verify, signed_by)
    (report.folder / "SHA256SUMS.sig").unlink()
    (report.folder / "evidence.md").write_bytes(FILES["evidence.md"])
    assert verify()["says"] == "Intact, and not signed."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("unknown option -- Y", "cannot sign; it takes OpenSSH 8.1 or newer"),
        ("Segmentation fault", "could not be checked: Segmentation fault"),
    ],
)
def test_an_ssh_keygen_that_checks_nothing(
    report: Report, verify: Verify, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, says: str
) -> None:
    fake = tmp_path / "ssh-keygen"
    fake.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert says in refused(verify, None, EvidenceUnchecked)


def test_an_ssh_keygen_that_does_not_know_whose_a_signature_is(
    report: Report, verify: Verify, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As that of OpenSSH 8.1."""
    vouched, real = report.by_alice, shutil.which("ssh-keygen")
    fake = tmp_path / "ssh-keygen"
    refusal = 'echo "Unsupported operation for -Y: \\"$2\\"" >&2; exit 255'
    fake.write_text(f'#!/bin/sh\ncase "$2" in find-principals) {refusal};; esac\nexec {real} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert "it takes OpenSSH 8.2 or newer" in refused(verify, vouched, EvidenceUnchecked)
    assert verify()["signed_by"] is None


def test_a_report_without_its_sums(report: Report, verify: Verify) -> None:
    (report.folder / "SHA256SUMS").unlink()
    with pytest.raises(EvidenceChanged, match="^Not intact. SHA256SUMS is missing"):
        verify()


def test_no_report_and_no_signers(report: Report, verify: Verify, tmp_path: Path) -> None:
    assert "is no file" in refused(verify, tmp_path / "none", InvalidRequest)
    (tmp_path / "junk").write_bytes(b"\xff junk\n")
    assert "does not vouch" in refused(verify, tmp_path / "junk", EvidenceUntrusted)
    for folder, says in (
        (tmp_path / "CHG1" / "before", "There is no folder"),
        (report.alice, "There is no folder"),
        (tmp_path, f"There is no report in .*It holds the reports of 1 changes: give one, such as {tmp_path}/CHG1[.]$"),
    ):
        with pytest.raises(InvalidRequest, match=says):
            verify(None, folder)


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"change": {"id": 7}, "made": {"at": []}}', b'{"change": "x", "made": 1}'],
)
def test_a_report_that_does_not_say_what_it_is(report: Report, verify: Verify, document: bytes) -> None:
    (report.folder / "evidence.json").write_bytes(document)
    report.sum_up()
    report.sign(report.alice)
    evidence = verify(report.by_alice)
    assert (evidence["change_id"], evidence["made_at"]) == (None, None)


def test_what_a_report_says_commands_no_terminal(report: Report, verify: Verify) -> None:
    text = json.dumps({"change": {"id": "\x1b[2J" + "x" * 300}, "made": {"at": "\u202e"}})
    (report.folder / "evidence.json").write_text(text)
    report.sum_up()
    report.sign(report.alice)
    evidence = verify(report.by_alice)
    assert evidence["change_id"] == "\\u001b[2J" + "x" * 191
    assert evidence["made_at"] == "\\u202e"
