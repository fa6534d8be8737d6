# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""C(index.html) in the folder of all reports: which changes are there, from what is in their folders.

What a report says is read once, and kept in C(.index.json) with a stamp of the file: where it was changed since, it is
read again. What is kept there is only trusted to be as true as the index itself: whoever can write the one can write
the other.

More than one process may do this at once, for reports of several changes. Each does all of it under the lock, so the
last one has found what the others stored. Each file is replaced at once. Links in the folder are not followed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...module_utils._core.clock import QUIET
from ...module_utils._signature import SIGNATURE
from .entry import NO_REPORT, Entry, entry_from, entry_of
from .files import write_new
from .index_html import MARK, Listed, Place, to_index

INDEX = "index.html"
_KEPT = ".index.json"
_LOCK = ".index.lock"
_DRAFT = ".index-"
_DOCUMENT = "evidence.json"
_PAGE = "evidence.html"
_INCOMPLETE = "incomplete"

_LOCK_TIMEOUT = 60.0
# What a stamp, or how an entry is made from a report, means in this version.
_FORMAT = 1
# Bytes. No report is larger, and reading what is could end the task.
_LARGEST = 256 * 1024 * 1024
# If more reports have to be read, that takes so long that people are told.
_MANY = 100

Tell = Callable[[str], None]
# What tells a version of a file from another: when it was changed, its size and its inode.
Stamp = list[int]


class _There(NamedTuple):
    """A report that is in a folder: ``key`` is its document, as seen from the folder of all reports."""

    key: str
    stamp: Stamp
    place: Place


class _Kept(NamedTuple):
    """A report as it was read when it had this stamp. ``entry`` is None if it is no report."""

    stamp: Stamp
    entry: Entry | None


def update(folder: Path, tell: Tell = lambda _text: None) -> Path:
    """Brings the index in ``folder``, that of all reports, up to date. Returns its path.

    Nothing is written if it is so already. ``tell`` shows people what takes long.

    :raises OSError: it could not be; what is there is as it was.
    """
    with _locked(folder, tell):
        kept = _kept_in(folder)
        found, unread = _look(folder)
        known = _read_new(folder, found, kept, tell)
        listed = []
        for there in found:
            entry = known[there.key].entry if there.key in known else None
            if entry is None:
                unread.append(there.place.folder)
            else:
                listed.append(Listed(there.place, entry))
        page = to_index(listed, unread).encode("utf-8", "replace")
        _put(folder, {INDEX: page, _KEPT: _to_keep(known)})
    return folder / INDEX


@contextlib.contextmanager
def _locked(folder: Path, tell: Tell) -> Iterator[None]:
    """The system lifts the lock when the process ends, and the file stays."""
    handle = _open_lock(folder / _LOCK)
    started_at = time.monotonic()
    told = False
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            waited = time.monotonic() - started_at
            if waited >= QUIET and not told:
                told = True
                tell(f"waiting for another process that is writing {folder / INDEX}")
            if waited >= _LOCK_TIMEOUT:
                raise OSError(errno.EAGAIN, "Another process is writing it", str(folder / _LOCK))
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _open_lock(path: Path) -> int:
    flags = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        # For all users of a folder that more than one may write to.
        return os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o660)
    except OSError as error:
        # Another user's, or the file system is read-only, and there may be nothing to write.
        if error.errno not in (errno.EACCES, errno.EROFS) or not os.path.lexists(path):
            raise
        return os.open(path, os.O_RDONLY | flags)


def _look(folder: Path) -> tuple[list[_There], list[str]]:
    """The reports in the folder, and the folders of which it is not known whether they hold one."""
    found, unread = [], []
    with os.scandir(folder) as entries:
        names = sorted(each.name for each in entries if each.is_dir(follow_symlinks=False))
    for name in names:
        # No folder of a change begins with a dot.
        if name.startswith("."):
            continue
        try:
            there = _look_into(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(name)
        else:
            found += [there] if there else []
    return found, unread


def _look_into(folder: Path, name: str) -> _There | None:
    """The report in the folder of a change, or else what is incomplete there. None if it holds neither."""
    names, inner = _names_in(folder / name), {}
    if names.get(_INCOMPLETE) == "folder":
        inner = _names_in(folder / name / _INCOMPLETE)
    incomplete = _DOCUMENT not in names
    if incomplete and _DOCUMENT not in inner:
        return None
    path, files = (f"{name}/{_INCOMPLETE}", inner) if incomplete else (name, names)
    key = f"{path}/{_DOCUMENT}"
    place = Place(
        folder=name,
        page=f"{path}/{_PAGE}" if files.get(_PAGE) == "file" else key,
        incomplete=incomplete,
        later=f"{name}/{_INCOMPLETE}/{_PAGE}" if not incomplete and inner.get(_PAGE) == "file" else None,
        signed=files.get(SIGNATURE) == "file",
    )
    return _There(key, _stamp(os.lstat(folder / key)), place)


def _names_in(folder: Path) -> dict[str, str]:
    """What is in the folder: C(file), C(folder) or C(else), by name."""
    with os.scandir(folder) as entries:
        return {
            each.name: "file"
            if each.is_file(follow_symlinks=False)
            else "folder"
            if each.is_dir(follow_symlinks=False)
            else "else"
            for each in entries
        }


def _stamp(found: os.stat_result) -> Stamp:
    return [found.st_mtime_ns, found.st_size, found.st_ino]


def _read_new(folder: Path, found: list[_There], kept: Mapping[str, _Kept], tell: Tell) -> dict[str, _Kept]:
    """What the reports say, by their keys, without those that may not be read: these are tried again next time."""
    known = {there.key: kept[there.key] for there in found if _is_known(there, kept)}
    new = [there.key for there in found if there.key not in known]
    if len(new) > _MANY:
        tell(f"reading {len(new):,} reports for {folder / INDEX}, each of them once")
    for key in new:
        with contextlib.suppress(OSError):
            known[key] = _read(folder / key)
    return known


def _is_known(there: _There, kept: Mapping[str, _Kept]) -> bool:
    return there.key in kept and kept[there.key].stamp == there.stamp


def _read(path: Path) -> _Kept:
    """:raises OSError: it cannot be read, or is no file."""
    with _opened(path) as file:
        stamp = _stamp(os.fstat(file.fileno()))
        try:
            if stamp[1] > _LARGEST:
                raise ValueError(stamp[1])
            return _Kept(stamp, entry_of(json.loads(file.read())))
        except NO_REPORT:
            return _Kept(stamp, None)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """:raises OSError: it cannot be opened, or is no file."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "There is something else than a file", str(path))
    with open(handle, "rb") as file:
        yield file


def _kept_in(folder: Path) -> dict[str, _Kept]:
    """What an earlier index kept. All is read anew if that cannot be read, or is not what this version writes."""
    try:
        with _opened(folder / _KEPT) as file:
            fields = json.loads(file.read(_LARGEST))
        if fields["format"] != _FORMAT:
            return {}
        return {key: _Kept(*_kept_from(row)) for key, row in fields["reports"].items()}
    except (OSError, *NO_REPORT):
        return {}


def _kept_from(row: Any) -> tuple[Stamp, Entry | None]:
    return row["stamp"], None if row["entry"] is None else entry_from(row["entry"])


def _to_keep(known: Mapping[str, _Kept]) -> bytes:
    rows = {
        key: {"stamp": kept.stamp, "entry": kept.entry and kept.entry._asdict()} for key, kept in sorted(known.items())
    }
    return json.dumps({"format": _FORMAT, "reports": rows}, separators=(",", ":")).encode()


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replaces those that differ, each at once.

    :raises OSError: as ``update``, or there is a page that is no index.
    """
    for name in os.listdir(folder):
        if name.startswith(_DRAFT):
            # Of a process that was killed, since this one has the lock.
            shutil.rmtree(folder / name, ignore_errors=True)
    page = _content(folder / INDEX)
    if page and MARK not in page:
        raise OSError(errno.EEXIST, "There is a page that is no index of reports", str(folder / INDEX))
    there = {INDEX: page}
    with contextlib.suppress(OSError):
        there[_KEPT] = _content(folder / _KEPT)
    new = {name: content for name, content in files.items() if there.get(name) != content}
    if new:
        _replace(folder, new)


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder))
    try:
        for name, content in files.items():
            write_new(draft / name, content)
            os.replace(draft / name, folder / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _content(path: Path) -> bytes | None:
    """None if there is nothing."""
    try:
        with _opened(path) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
