# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Where the report of a change is, and writing it: a task leaves the old report or the new one, and no mixture.

``<dir>/<folder of the change>/`` holds ``evidence.json``, ``evidence.html``, ``evidence.md``, ``evidence.txt``,
``SHA256SUMS`` and, if it was signed, ``SHA256SUMS.sig``, in
``previous/<UTC time>/`` each report that was replaced, and in ``incomplete/`` what was read since but made no report.

Each file is replaced at once, and the sums last. So whoever reads during that, or after a process was killed there,
may find files of both reports, which do not fit the sums. The old report is whole in ``previous/`` by then, and the
next run of the task puts the rest of the new one in place.

A signature says that the process which had the key made the report. So only a report that is being written is signed,
and never what was found there: somebody may have changed that, and its sums. What is incomplete is no report, and is
not signed.

A report can hold share links, which need no account. Hence files have mode 0640 and folders 0750, or less by the umask:
the group may be allowed to read reports, others never. Only the user who made the folder of a change can replace its
report.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import itertools
import json
import os
import re
import shutil
import stat
import tempfile
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from ...module_utils._core.clock import QUIET
from ...module_utils._core.errors import InvalidRequest, ReportUnwritable
from ...module_utils._core.windows import parse_instant
from ...module_utils._signature import SIGNATURE, SUMS, Signer
from .files import write_new

_DOCUMENT = "evidence.json"
_LOCK = ".lock"
_DRAFT = ".new-"
_PREVIOUS = "previous"
_INCOMPLETE = "incomplete"

_FOLDER_MODE = 0o750
_LOCK_TIMEOUT = 60.0
# What fsync gives for a folder where the file system does not know it.
_CANNOT_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)

# No dot at the end, and no name of a device: file systems of Windows know "a." as "a", and keep no folder "CON".
_PLAIN = re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_-])?", re.ASCII)
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(\..*)?", re.IGNORECASE | re.ASCII)
# The index of all reports, beside the folders of changes.
_INDEX = re.compile(r"index\.html", re.IGNORECASE)


class Stored(NamedTuple):
    """``previous`` is where the report is that was replaced now. In check mode nothing is, so it is not known.

    ``kept``: the document of the report that is there and stays, since it is better than the new one. ``signed``: the
    report there is signed, by the key that was given, if one was.
    """

    changed: bool
    folder: Path
    previous: Path | None
    kept: bytes | None = None
    signed: bool = False


def folder_of(dir: str, change_id: str) -> Path:
    """The folder of a change, directly in ``dir``: the id, or what is readable of it, C(+) and a hash of it.

    An id is taken as it is if it has up to 100 of the characters C(A-Z a-z 0-9 . _ -), begins with a letter, a digit or
    C(_), does not end with a dot, and is neither a name of a device of Windows nor that of the index of all reports. No
    id has a C(+) then, so two ids never have the same folder. Where a file system takes two such names for the same
    since it ignores case, ``store`` refuses the second.
    """
    name = change_id
    if not _PLAIN.fullmatch(change_id) or _DEVICE.fullmatch(change_id) or _INDEX.fullmatch(change_id):
        plain = unicodedata.normalize("NFKD", change_id).encode("ascii", "ignore").decode()
        readable = re.sub("[^A-Za-z0-9_-]+", "_", plain)[:60].strip("_-") or "change"
        name = f"{readable}+{hashlib.sha256(change_id.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return Path(dir) / name


def store(
    folder: Path,
    files: Mapping[str, bytes],
    same: Callable[[bytes, bytes], bool],
    better: Callable[[bytes, bytes], bool],
    check_mode: bool,
    tell: Callable[[str], None] = lambda _text: None,
    signer: Signer | None = None,
) -> Stored:
    """Puts a report in place, and keeps the one that was there. An incomplete one is removed then.

    Nothing is written if the report there is whole and, by its C(evidence.json), the ``same`` as the new one and, if
    there is a ``signer``, signed by it; or if it is ``better``. Both are called with the document there and the new
    one. ``tell`` shows people what is waited for.

    :raises ReportUnwritable: the report that was there is as it was.
    :raises ReportUnsigned: the same.
    """
    report = {**files, SUMS: _sums(files)}

    def staying() -> Stored | None:
        """The report there, if it stays."""
        there = _read(folder, report)
        if not _whole(there):
            return None
        signed = _signed(there, signer)
        documents = there[_DOCUMENT], report[_DOCUMENT]
        if same(*documents):
            return Stored(False, folder, None, signed=signed) if signed or signer is None else None
        return Stored(False, folder, None, there[_DOCUMENT], signed) if better(*documents) else None

    with _explained(folder):
        if check_mode:
            return staying() or Stored(True, folder, None, signed=signer is not None)
        # What is left there may be of a process that runs, and is only touched under the lock.
        left = _drafts(folder) or os.path.lexists(folder / _INCOMPLETE)
        if not left and (found := staying()):
            return found
        os.makedirs(folder.parent, _FOLDER_MODE, exist_ok=True)
        with _locked(folder, tell):
            _recover(folder, report)
            stored = staying() or _replaced(folder, report, signer)
            if stored.kept is None:
                # The report is in place, whatever comes of this.
                with contextlib.suppress(OSError):
                    _remove_incomplete(folder)
            return stored


def current(folder: Path) -> bytes | None:
    """The document of the report that is there, if it is as its sums say."""
    with contextlib.suppress(OSError):
        there = _read(folder, [_DOCUMENT, SUMS])
        line = _sums({_DOCUMENT: there[_DOCUMENT]}) if _DOCUMENT in there else b""
        if line and line in there.get(SUMS, b"").splitlines(keepends=True):
            return there[_DOCUMENT]
    return None


def altered(folder: Path) -> list[str]:
    """The files of a report that was kept which are not as its sums say; none if it cannot be read."""
    try:
        there = _read(folder, [name for name in os.listdir(folder) if name != SIGNATURE])
    except OSError:
        return []
    lines = there.pop(SUMS, b"").decode("ascii", "replace").splitlines()
    sums = {name: total for total, _blank, name in (line.partition("  ") for line in lines)}
    there.pop(SIGNATURE, None)
    fit = {name for name, content in there.items() if sums.get(name) == hashlib.sha256(content).hexdigest()}
    return sorted({*there, *sums} - fit)


def store_incomplete(
    folder: Path, files: Mapping[str, bytes], tell: Callable[[str], None] = lambda _text: None
) -> Path:
    """Puts an incomplete report beside the report that is there, in place of an earlier one. Returns its folder.

    :raises ReportUnwritable: it could not be written.
    """
    report = {**files, SUMS: _sums(files)}
    with _explained(folder):
        os.makedirs(folder.parent, _FOLDER_MODE, exist_ok=True)
        with _locked(folder, tell):
            _recover(folder, report)
            draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder))
            try:
                new = draft / _INCOMPLETE
                os.mkdir(new, _FOLDER_MODE)
                for name, content in report.items():
                    write_new(new / name, content)
                _sync(new)
                _remove_incomplete(folder)
                os.rename(new, folder / _INCOMPLETE)
                _sync(folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return folder / _INCOMPLETE


def _remove_incomplete(folder: Path) -> None:
    """Writes under another name first, so that the file is whole when it has its own."""
    if os.path.lexists(folder / _INCOMPLETE):
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder))
        try:
            os.rename(folder / _INCOMPLETE, draft / _INCOMPLETE)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReportUnwritable(
            f"The report cannot be written to {folder}: {error.strerror or error} ({error.filename or folder}). "
            "If there was one before, it is intact."
        ) from error


def _sums(files: Mapping[str, bytes]) -> bytes:
    """The checksums as sha256sum writes and checks them."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def _replaced(folder: Path, report: Mapping[str, bytes], signer: Signer | None) -> Stored:
    """Puts the report in place, signed if there is a key for it."""
    signature = {} if signer is None else {SIGNATURE: signer.sign(report[SUMS])}
    previous = _replace(folder, dict(sorted({**report, **signature}.items(), key=_order)))
    return Stored(True, folder, previous, signed=signer is not None)


def _order(file: tuple[str, bytes]) -> tuple[bool, bool]:
    """In which order files are put in place: first those that the sums are of, then the signature, then the sums."""
    return file[0] == SUMS, file[0] == SIGNATURE


def _signed(there: Mapping[str, bytes], signer: Signer | None) -> bool:
    """Whether the report is signed, by this key if there is one."""
    if SIGNATURE not in there or signer is None:
        return SIGNATURE in there
    return signer.made(there[SUMS], there[SIGNATURE])


def _whole(there: Mapping[str, bytes]) -> bool:
    """Whether the files are exactly those that their sums name. There may be a signature, too.

    Reports of earlier versions have fewer files, and are as whole.
    """
    files = {name: content for name, content in there.items() if name not in (SUMS, SIGNATURE)}
    return _DOCUMENT in files and there.get(SUMS) == _sums(files)


def _read(folder: Path, names: Collection[str]) -> dict[str, bytes]:
    """The files that are there, and the signature, in the order in which they are put in place."""
    there = {}
    for name in {**dict.fromkeys(names), SIGNATURE: None}:
        path = folder / name
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise OSError(errno.EINVAL, "There is something else than a file", str(path))
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                there[name] = file.read()
    return dict(sorted(there.items(), key=_order))


def _copy(path: Path, content: bytes, to: Path) -> None:
    """Links ``to`` to the file, or writes ``content`` there: a link needs no room, but some file systems have none."""
    try:
        os.link(path, to, follow_symlinks=False)
    except OSError:
        write_new(to, content)


def _sync(folder: Path) -> None:
    """Brings the names in the folder to the disk, if the file system can do that: many shared ones cannot."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(folder: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Makes the folder if there is none. The system lifts the lock when the process ends, and the file stays.

    A folder in which nothing else was put is removed again.
    """
    path = folder / _LOCK
    started_at = time.monotonic()
    told = False
    with contextlib.ExitStack() as on_exit:
        while True:
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, _FOLDER_MODE)
                on_exit.callback(_remove_empty, folder)
                _sync(folder.parent)
            with contextlib.suppress(FileNotFoundError, BlockingIOError):
                if not stat.S_ISDIR(os.lstat(folder).st_mode):
                    raise OSError(errno.ENOTDIR, "There is something else than a folder", str(folder))
                # For all users of a folder that more than one may write to.
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o660)
                on_exit.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Not one of a folder that its holder has removed since it was opened.
                if os.path.samestat(os.fstat(handle), os.lstat(path)):
                    break
            on_exit.close()
            waited = time.monotonic() - started_at
            if waited >= QUIET and not told:
                told = True
                tell(f"waiting for another process that is writing the report in {folder}")
            if waited >= _LOCK_TIMEOUT:
                raise OSError(errno.EAGAIN, "Another process is writing it", str(path))
            time.sleep(0.05)
        try:
            if folder.name not in os.listdir(folder.parent):
                text = "This file system ignores case, and the folder is that of a change whose id differs in case"
                raise OSError(errno.EEXIST, text, str(folder))
            yield
        finally:
            with contextlib.suppress(OSError):
                if os.listdir(folder) == [_LOCK]:
                    os.unlink(path)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def _drafts(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return [folder / name for name in os.listdir(folder) if name.startswith(_DRAFT)]
    return []


def _recover(folder: Path, names: Collection[str]) -> None:
    """Finishes what was killed while it put its files in place, and removes what was killed before."""
    for draft in _drafts(folder):
        if not stat.S_ISDIR(os.lstat(draft).st_mode):
            os.unlink(draft)
            continue
        new = _read(draft, names)
        # The sums are written last and put in place last.
        if SUMS in new and set(names) - set(new) and _whole({**_read(folder, names), **new}):
            _put(draft, new, folder)
        shutil.rmtree(draft, ignore_errors=True)


def _put(draft: Path, names: Collection[str], folder: Path) -> None:
    """Puts the files of the draft in place. ``names`` ends with the sums. A signature that is empty is none."""
    for name in names:
        if name == SUMS:
            _remove_if_empty(folder / SIGNATURE)
            _sync(folder)
        os.replace(draft / name, folder / name)
    _sync(folder)


def _remove_if_empty(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if os.lstat(path).st_size == 0:
            os.unlink(path)


def _replace(folder: Path, report: Mapping[str, bytes]) -> Path | None:
    """Puts the report in place. Returns the folder in which the old report is kept, if there was one."""
    old = _read(folder, report)
    if SIGNATURE in old and SIGNATURE not in report:
        # It must not outlive what it is of. A process that finishes this one finds so in the draft.
        report = dict(sorted({**report, SIGNATURE: b""}.items(), key=_order))
    previous = _place_for(folder, old) if old else None
    keep = previous is not None and not os.path.lexists(previous)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder))
    try:
        for name, content in report.items():
            write_new(draft / name, content)
        _sync(draft)
        try:
            if previous is not None and keep:
                _keep(folder, old, draft, previous)
            _put(draft, report, folder)
        except BaseException:
            _restore(folder, report, old, previous, draft)
            if previous is not None and keep:
                shutil.rmtree(previous, ignore_errors=True)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        _remove_empty(folder / _PREVIOUS)
    return previous


def _place_for(folder: Path, old: Mapping[str, bytes]) -> Path:
    """A folder that is free, or one where a process that was killed then kept exactly this."""
    made_at = _made_at(folder, old)
    for number in itertools.count(1):
        place = folder / _PREVIOUS / (made_at if number == 1 else f"{made_at}-{number}")
        if not os.path.lexists(place) or _read(place, old) == old:
            return place
    raise AssertionError


def _keep(folder: Path, old: Mapping[str, bytes], draft: Path, place: Path) -> None:
    """Keeps what is there, though it may not be whole: somebody may need it."""
    kept = draft / _PREVIOUS
    os.mkdir(kept, _FOLDER_MODE)
    for name, content in old.items():
        _copy(folder / name, content, kept / name)
    _sync(kept)
    with contextlib.suppress(FileExistsError):
        os.mkdir(place.parent, _FOLDER_MODE)
        _sync(folder)
    os.rename(kept, place)
    _sync(place.parent)


def _made_at(folder: Path, old: Mapping[str, bytes]) -> str:
    """The time of a report, as it says itself, or else that of its files."""
    try:
        moment = parse_instant(json.loads(old[_DOCUMENT])["made"]["at"], "made")
    except (AttributeError, InvalidRequest, KeyError, RecursionError, TypeError, ValueError):
        moment = datetime.fromtimestamp(os.stat(folder / next(iter(old))).st_mtime, timezone.utc)
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _restore(
    folder: Path, names: Collection[str], old: Mapping[str, bytes], previous: Path | None, draft: Path
) -> None:
    """Puts the old report back, if files of it were replaced."""
    try:
        for name in names:
            if os.path.lexists(draft / name):
                continue
            if previous is None or name not in old:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(folder / name)
            else:
                back = draft / f"old-{name}"
                _copy(previous / name, old[name], back)
                os.replace(back, folder / name)
        _sync(folder)
    except OSError as error:
        where = "There was none before" if previous is None else f"The one before is intact in {previous}"
        raise ReportUnwritable(
            f"The report in {folder} could only be written in part: {error.strerror or error}. {where}."
        ) from error
