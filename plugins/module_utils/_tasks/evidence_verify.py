# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What an C(evidence_verify) task does, wherever it runs: options in, result out.

All that is in the folder may be of somebody who wants to deceive. So no name leads out of it, no link is followed, and
what people are shown has no characters that command a terminal.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import typing as t

from .._core.errors import EvidenceChanged, EvidenceUnchecked, EvidenceUntrusted, InvalidRequest
from .._core.text import shown
from .._signature import SIGNATURE, SUMS, Unusable, fingerprint_of, vouched_for
from .context import Context

SPEC: dict[str, dict[str, t.Any]] = {
    "dir": {"type": "path", "required": True},
    "signers": {"type": "path"},
}

# What each report has.
_DOCUMENT = "evidence.json"
_NEEDED = frozenset({_DOCUMENT, "evidence.html", "evidence.md"})
# Other reports, what a task is writing, and what it locks.
_BESIDE = re.compile(r"previous|incomplete|\.new-.*", re.DOTALL)
_LOCK = ".lock"
# As change_report writes it: no name that leads elsewhere.
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9._-]{0,99})")
_MOST_SUMS = 65536  # bytes, and of a signature
_MOST_DOCUMENT = 1 << 26
_MOST_NAMES = 10

_DAMAGE = (
    "It proves that nothing was damaged by accident, and no more: anyone who changes a file can change its sum. "
    "Nothing says who made the report, and when."
)
_WHO = (
    "It proves that whoever has that key made these files. It does not prove when, nor that this is the newest report "
    "of the change, nor that what was measured is right."
)


class _Found(t.NamedTuple):
    """A folder against its sums. ``sums``: their bytes; ``unnamed``: what is there and in no sum."""

    sums: bytes
    files: list[str]
    changed: list[str]
    missing: list[str]
    unnamed: list[str]
    unfinished: bool

    @property
    def differs(self) -> str:
        parts = {"Changed": self.changed, "Missing": self.missing, "Not in the sums": self.unnamed}
        return ". ".join(f"{what}: {_some(names)}" for what, names in parts.items() if names)


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """
    :raises InvalidRequest: there is no report, or C(signers) cannot be read.
    :raises EvidenceChanged: the report is not as it was written.
    :raises EvidenceUntrusted: it is not signed by one of C(signers).
    :raises EvidenceUnchecked: there is a signature, and no ssh-keygen that checks it.
    """
    folder, signers = os.path.abspath(params["dir"]), params["signers"]
    if signers and not os.path.isfile(signers):
        raise InvalidRequest(f"signers: {signers} is no file where the task runs. Nothing was checked.")
    try:
        found = _look(folder)
        signature = (
            _content(folder, SIGNATURE, _MOST_SUMS) if os.path.lexists(os.path.join(folder, SIGNATURE)) else None
        )
        evidence = {"dir": folder, "files": found.files, "signed_by": None, "fingerprint": None}
        evidence.update(_signature(found, signature, signers) if signature is not None else _unsigned(found, signers))
        evidence.update(_about(folder))
    except OSError as error:
        raise InvalidRequest(f"{shown(error.filename or folder)} cannot be read: {error.strerror or error}.") from error
    return {"changed": False, "evidence": evidence, "msg": evidence["says"]}


def _unsigned(found: _Found, signers: str | None) -> dict[str, t.Any]:
    if found.differs:
        raise _changed(found, "There is no signature.")
    if signers:
        raise EvidenceUntrusted(
            f"Not signed. The files fit their sums, but a signature by one of {signers} was asked for. {_DAMAGE}"
        )
    return {"says": "Intact, and not signed.", "proves": _DAMAGE}


def _signature(found: _Found, signature: bytes, signers: str | None) -> dict[str, t.Any]:
    try:
        fingerprint = fingerprint_of(found.sums, signature)
        vouched = vouched_for(found.sums, signature, signers) if signers and fingerprint else None
    except Unusable as error:
        if found.differs:
            raise _changed(found, f"The signature could not be checked: {error}.") from error
        raise EvidenceUnchecked(
            f"The files fit their sums, but whether the signature fits the sums could not be checked: {error}."
        ) from error
    if fingerprint is None:
        if found.differs:
            raise _changed(found, "The signature does not fit the sums either.")
        raise EvidenceChanged(
            f"The signature does not fit the sums: {SUMS} or {SIGNATURE} was changed, or the signature is for "
            "something else. The files fit the sums.",
            details=_details(found),
        )
    name = vouched.name if vouched else None
    whose = f"{name} (key {fingerprint})" if name else f"the key {fingerprint}"
    if found.differs:
        raise _changed(found, f"The sums are as {whose} signed them, so that was done later, to the files.")
    if vouched and not name:
        why = f" ssh-keygen says: {vouched.why}." if vouched.why else ""
        raise EvidenceUntrusted(f"Signed by the wrong key: {whose}, for which {signers} does not vouch.{why}")
    says = f"Intact, and signed by {whose}"
    return {
        "signed_by": name,
        "fingerprint": fingerprint,
        "says": f"{says}." if name else f"{says}, and nobody says whose that is, since no file of signers was given.",
        "proves": _WHO,
    }


def _changed(found: _Found, signature: str) -> EvidenceChanged:
    unfinished = " A task is writing there, or was killed while it did: run it again." if found.unfinished else ""
    return EvidenceChanged(f"Not intact. {found.differs}. {signature}{unfinished}", details=_details(found))


def _details(found: _Found) -> dict[str, t.Any]:
    names = {"changed": found.changed, "missing": found.missing, "unnamed": found.unnamed}
    return {what: [shown(name) for name in each] for what, each in names.items()}


def _look(folder: str) -> _Found:
    """:raises InvalidRequest: there is no report. :raises EvidenceChanged: the sums are none."""
    if not os.path.lexists(os.path.join(folder, SUMS)):
        if os.path.lexists(os.path.join(folder, _DOCUMENT)):
            raise EvidenceChanged(f"Not intact. {SUMS} is missing, so that nothing else could be checked.")
        raise InvalidRequest(_no_report(folder))
    content = _content(folder, SUMS, _MOST_SUMS)
    sums = _sums_in(content)
    there = sorted(os.listdir(folder))
    changed = [name for name in there if name in sums and _sum_of(folder, name) != sums[name]]
    return _Found(
        content,
        sorted(sums),
        changed,
        sorted({*sums, *_NEEDED} - set(there)),
        [name for name in there if name not in {*sums, SUMS, SIGNATURE} and not _is_beside(folder, name)],
        any(name.startswith(".new-") for name in there),
    )


def _no_report(folder: str) -> str:
    """Why there is none, and where there may be one."""
    if not os.path.isdir(folder):
        return f"There is no folder {folder} where the task runs. Nothing was checked."
    within = sorted(name for name in os.listdir(folder) if os.path.lexists(os.path.join(folder, name, SUMS)))
    hint = f" It holds the reports of {len(within)} changes: give one, such as {folder}/{within[0]}." if within else ""
    return f"There is no report in {folder}: it has no {SUMS}.{hint}"


def _sums_in(content: bytes) -> dict[str, str]:
    """:raises EvidenceChanged: they are not as change_report writes them."""
    lines = [_LINE.fullmatch(line) for line in content.decode("ascii", "replace").split("\n")[:-1]]
    sums = {line[2]: line[1] for line in lines if line}
    written = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    if not sums or written.encode() != content or {SUMS, SIGNATURE} & set(sums):
        raise EvidenceChanged(
            f"Not intact. {SUMS} is not as change_report writes it, so nothing else could be checked."
        )
    return sums


def _is_beside(folder: str, name: str) -> bool:
    """Whether it belongs there, and is not a part of the report."""
    found = os.lstat(os.path.join(folder, name))
    if name == _LOCK:
        return stat.S_ISREG(found.st_mode) and found.st_size == 0
    return stat.S_ISDIR(found.st_mode) and _BESIDE.fullmatch(name) is not None


@contextlib.contextmanager
def _opened(folder: str, name: str) -> t.Iterator[t.BinaryIO | None]:
    """A file directly in the folder. None if it is something else, such as a link."""
    path = os.path.join(folder, name)
    if not stat.S_ISREG(os.lstat(path).st_mode):
        yield None
        return
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        yield file


def _content(folder: str, name: str, most: int) -> bytes:
    """All of it. Empty if it is no file, or longer than ``most`` bytes."""
    with _opened(folder, name) as file:
        content = file.read(most + 1) if file else b""
    return content if len(content) <= most else b""


def _sum_of(folder: str, name: str) -> str | None:
    digest = hashlib.sha256()
    with _opened(folder, name) as file:
        if file is None:
            return None
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _about(folder: str) -> dict[str, t.Any]:
    """What the report says of itself."""
    try:
        document = json.loads(_content(folder, _DOCUMENT, _MOST_DOCUMENT) or b"{}")
        values = document["change"]["id"], document["made"]["at"]
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        values = None, None
    change_id, made_at = (shown(value)[:200] if isinstance(value, str) else None for value in values)
    return {"change_id": change_id, "made_at": made_at}


def _some(names: t.Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(shown(name) for name in names[:_MOST_NAMES]) + more
