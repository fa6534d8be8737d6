# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports on real file systems. What a report is told by is sha256sum.

As a program it is a part of a test under other conditions: test_store.py FUNCTION FOLDER prints what it returns
(see support.failing_machine).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    ReportUnsigned,
    ReportUnwritable,
)
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import store as module
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.store import (
    Stored,
    folder_of,
    store,
    store_incomplete,
)
from hypothesis import example, given
from hypothesis import strategies as st
from support.report_files import replace_os
from support.killed import KILLED, die_at, end_of, in_child
from support.failing_machine import apart, bound_by_modes, main, mounted, mounted_read_only, no_file_longer_than

PAGE = 4096
NAMES = ["evidence.json", "evidence.html", "evidence.md"]
SET = [*NAMES, "SHA256SUMS"]
Files = t.Dict[str, bytes]


def files(finding: str, at: str = "2026-11-24T01:02:03Z") -> Files:
    """Some pages long, and no file like one of another finding."""
    document = {"finding": finding, "made": {"at": at}, "more": finding * 2 * PAGE}
    return {
        "evidence.json": json.dumps(document).encode(),
        "evidence.html": f"<p>{finding} {at}".encode() * PAGE,
        "evidence.md": f"# {finding} {at}".encode(),
    }


def same(old: bytes, new: bytes) -> bool:
    return bool(json.loads(old)["finding"] == json.loads(new)["finding"])


def better(old: bytes, new: bytes) -> bool:
    """A finding that ends with an exclamation mark is better than all without."""
    return json.loads(old)["finding"].endswith("!") and not json.loads(new)["finding"].endswith("!")


def put(folder: Path, finding: str, check_mode: bool = False, **when: str) -> Stored:
    return store(folder, files(finding, **when), same, better, check_mode)


def refused(folder: Path, finding: str) -> str:
    with pytest.raises(ReportUnwritable) as error:
        put(folder, finding)
    assert error.value.code == "report_unwritable"
    assert "intact" in error.value.message
    return error.value.message


def tree(folder: Path) -> Files:
    """All that is in it, and folders as such, but for the lock, which stays."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"a folder"
        for path in folder.rglob("*")
        if path.name != ".lock"
    }


def whole(folder: Path) -> Files | None:
    """The report there, if sha256sum finds that it is whole."""
    if not (folder / "SHA256SUMS").is_file():
        return None
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    if subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode:
        return None
    listed = re.findall(r"^[0-9a-f]{64}  (.+)$", (folder / "SHA256SUMS").read_text(), re.MULTILINE)
    assert listed == sorted(NAMES)
    return {name: (folder / name).read_bytes() for name in NAMES}


def kept(folder: Path) -> list[Files | None]:
    return [whole(path) for path in sorted((folder / "previous").iterdir())] if (folder / "previous").exists() else []


def nothing_else(folder: Path) -> bool:
    return {path.name for path in folder.iterdir()} <= {*SET, ".lock", "previous"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "CHG1"


# The folder of a change


@pytest.mark.parametrize("change_id", ["CHG0031337", "chg-1", "a", "_", "7.1_b-", "CONSOLE", "x" * 100, "previous"])
def test_a_plain_id_is_the_folder(change_id: str) -> None:
    assert folder_of("/reports", change_id) == Path("/reports") / change_id


HOSTILE = [
    "../../etc",
    "a/b",
    "/",
    "CON",
    "nul.json",
    "com1",
    "index.html",
    "Index.HTML",
    ".",
    "..",
    "...",
    ".lock",
    "",
    " ",
    "a.",
    "a\n",
    "a\nb",
    "a\0b",
    "x" * 101,
    "x" * 300,
    "ä",
    "a\N{COMBINING DIAERESIS}",
    "变更",
    "\ud800",
    "\ud801",
    "?",
    "{{ change }}",
    "-rf",
    "a+b",
    "~root",
    "$HOME",
    "C:\\",
]


@pytest.mark.parametrize("change_id", HOSTILE)
def test_any_other_id_gets_a_safe_folder(change_id: str) -> None:
    name = folder_of("/reports", change_id).name
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,59}\+[0-9a-f]{16}", name)


def test_what_is_readable_of_an_id_stays() -> None:
    assert folder_of("/reports", "Änderung 7/b").name.startswith("Anderung_7_b+")


IDS = st.text(max_size=8) | st.text(alphabet="aA.-_+/ \n\0ä\u0308", max_size=4) | st.sampled_from(HOSTILE)


@given(st.lists(IDS, min_size=2, unique=True))
@example(HOSTILE)
def test_two_ids_never_have_the_same_folder(ids: list[str]) -> None:
    paths = [folder_of("/reports", change_id) for change_id in ids]
    # Nor that of an id that looks like the folder of another.
    paths += [folder_of("/reports", path.name) for path in paths if path.name not in ids]
    assert len({str(path) for path in paths}) == len(paths)
    for path in paths:
        assert os.path.normpath(os.path.join("/reports", path.name)) == str(path)
        assert os.path.dirname(path) == "/reports"
    # Where case is ignored, only of ids that are folders as they are.
    other = [path.name.lower() for path, change_id in zip(paths, ids) if path.name != change_id]
    assert len(set(other)) == len(other)


@pytest.mark.parametrize("change_id", HOSTILE)
def test_a_report_of_any_id(tmp_path: Path, change_id: str) -> None:
    folder = folder_of(str(tmp_path), change_id)
    put(folder, "A")
    assert whole(folder) == files("A")
    assert list(tmp_path.iterdir()) == [folder]


# What is written


def test_the_first_report(folder: Path) -> None:
    stored = put(folder, "A")
    assert stored == Stored(True, folder, None)
    assert whole(folder) == files("A")
    assert sorted(tree(folder)) == sorted(SET)


def test_a_report_that_differs_in_nothing_that_counts(folder: Path) -> None:
    put(folder, "A")

    def stats() -> list[tuple[str, int, int]]:
        return [(str(path), path.stat().st_ino, path.stat().st_mtime_ns) for path in (folder, *folder.rglob("*"))]

    before = stats()
    assert put(folder, "A", at="2030-01-01T00:00:00Z") == Stored(False, folder, None)
    assert stats() == before


def test_a_report_that_differs(folder: Path) -> None:
    for number, finding in enumerate("ABCA"):
        stored = put(folder, finding, at=f"2026-11-24T01:02:0{number}+01:00")
        assert stored.changed
        assert whole(folder) == files(finding, at=f"2026-11-24T01:02:0{number}+01:00")
        if number:
            assert stored.previous == folder / "previous" / f"20261124T00020{number - 1}Z"
            old = files("ABCA"[number - 1], at=f"2026-11-24T01:02:0{number - 1}+01:00")
            assert whole(stored.previous) == old
    assert len(kept(folder)) == 3
    assert nothing_else(folder)


def test_reports_of_the_same_second(folder: Path) -> None:
    names = [stored.previous.name for stored in (put(folder, finding) for finding in "ABCA") if stored.previous]
    assert names == ["20261124T010203Z", "20261124T010203Z-2", "20261124T010203Z-3"]
    assert kept(folder) == [files("A"), files("B"), files("C")]
    # The same to the byte is kept once.
    assert put(folder, "B").previous == folder / "previous" / "20261124T010203Z"
    assert kept(folder) == [files("A"), files("B"), files("C")]


@pytest.mark.parametrize(
    "document", [b"", b"\xff", b"[]", b"{}", b'{"made": {"at": 7}}', b'{"made": {"at": "../x"}}', b"[" * 100_000]
)
def test_a_report_that_does_not_say_when_it_was_made(folder: Path, document: bytes) -> None:
    put(folder, "A")
    (folder / "evidence.json").write_bytes(document)
    os.utime(folder / "evidence.json", (0, 0))
    previous = put(folder, "B").previous
    assert previous == folder / "previous" / "19700101T000000Z"
    assert (previous / "evidence.json").read_bytes() == document
    assert whole(folder) == files("B")


@pytest.mark.parametrize("name", SET)
@pytest.mark.parametrize("finding", ["A", "B"])
def test_a_missing_file(folder: Path, name: str, finding: str) -> None:
    put(folder, "A")
    (folder / name).unlink()
    rest = {path.name: path.read_bytes() for path in folder.iterdir() if path.name in SET}
    stored = put(folder, finding, at="2030-01-01T00:00:00Z")
    assert stored.changed
    assert stored.previous is not None
    assert whole(folder) == files(finding, at="2030-01-01T00:00:00Z")
    assert tree(stored.previous) == rest


@pytest.mark.parametrize("name", SET)
def test_a_damaged_file_is_kept_as_it_is(folder: Path, name: str) -> None:
    put(folder, "A")
    with open(folder / name, "ab") as file:
        file.write(b"x")
    damaged = {path.name: path.read_bytes() for path in folder.iterdir() if path.name in SET}
    previous = put(folder, "A").previous
    assert previous is not None
    assert tree(previous) == damaged
    assert whole(folder) == files("A")


@pytest.mark.parametrize("finding", ["A", "B"])
def test_check_mode(folder: Path, finding: str) -> None:
    assert put(folder, "A", check_mode=True).changed
    assert not folder.parent.exists()
    put(folder, "A")
    (folder / ".new-x").mkdir()
    before = tree(folder)
    stored = put(folder, finding, check_mode=True)
    assert (stored.changed, stored.previous) == (finding == "B", None)
    assert tree(folder) == before


@pytest.mark.parametrize(("umask", "file_mode", "folder_mode"), [(0, 0o640, 0o750), (0o077, 0o600, 0o700)])
def test_modes(folder: Path, umask: int, file_mode: int, folder_mode: int) -> None:
    before = os.umask(umask)
    try:
        put(folder, "A")
        put(folder, "B")
    finally:
        os.umask(before)
    for path in (folder.parent, *folder.parent.rglob("*")):
        if path.name != ".lock":
            expected = folder_mode if path.is_dir() else file_mode
            assert stat.S_IMODE(path.stat().st_mode) == expected, path


# What fails


class Os:
    """The module's os, with a function that does something else."""

    def __init__(self, **instead: t.Callable[..., t.Any]) -> None:
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> t.Any:
        return getattr(os, name)


def failing_at(number: int, names: t.Sequence[str]) -> tuple[Os, list[str]]:
    """One whose Nth call of any of these functions fails, and what was called."""
    calls: list[str] = []

    def wrapped(name: str) -> t.Callable[..., t.Any]:
        def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
            calls.append(name)
            if len(calls) == number:
                raise OSError(errno.EIO, "It fails", "there")
            return getattr(os, name)(*args, **kwargs)

        return call

    return Os(**{name: wrapped(name) for name in names}), calls


WRITING = ["open", "mkdir", "link", "replace", "rename", "fsync", "lstat", "listdir", "makedirs"]


@pytest.mark.slow
@pytest.mark.parametrize("exists", [False, True])
def test_an_error_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    failed = set()
    for number in range(1, 1000):
        folder = tmp_path / str(number) / "CHG1"
        folder.parent.mkdir()
        if exists:
            put(folder, "A")
        before = tree(folder.parent)
        fake, calls = failing_at(number, WRITING)
        with monkeypatch.context() as patched:
            replace_os(patched, fake)
            try:
                put(folder, "B")
            except ReportUnwritable as error:
                assert "It fails (there)" in error.message
                failed.add(calls[number - 1])
                # One who cannot see whose lock it is leaves it in its empty folder.
                in_doubt = {} if exists or calls[-1] != "lstat" else {"CHG1": b"a folder"}
                assert tree(folder.parent) in (before, in_doubt), (number, calls)
            else:
                assert whole(folder) == files("B"), (number, calls)
        if len(calls) < number:
            break
        put(folder, "B")
        assert whole(folder) == files("B")
        assert kept(folder) == ([files("A")] if exists else [])
        assert nothing_else(folder)
    # Without links there are copies.
    assert failed == set(WRITING) - {"link"} - (set() if exists else {"rename"})


class Stop(BaseException):
    """As a time limit of Ansible ends a task."""


@pytest.mark.parametrize("number", range(1, 5))
def test_a_task_that_is_stopped_while_it_puts_files_in_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    put(folder, "A")
    before = tree(folder)
    calls = []

    def replace(*args: t.Any) -> None:
        os.replace(*args)
        calls.append(args)
        if len(calls) == number:
            raise Stop

    with monkeypatch.context() as patched:
        replace_os(patched, Os(replace=replace))
        with pytest.raises(Stop):
            put(folder, "B")
    assert tree(folder) == before


def test_a_report_that_can_neither_be_put_in_place_nor_restored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "A")
    calls = []

    def replace(*args: t.Any) -> None:
        calls.append(args)
        if len(calls) > 1:
            raise OSError(errno.EIO, "It fails")
        os.replace(*args)

    with monkeypatch.context() as patched:
        replace_os(patched, Os(replace=replace))
        message = refused(folder, "B")
    previous = folder / "previous" / "20261124T010203Z"
    assert str(previous) in message
    assert whole(previous) == files("A")
    assert put(folder, "B").changed
    assert whole(folder) == files("B")
    assert whole(previous) == files("A")


def test_a_file_system_without_links(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_args: t.Any, **_options: t.Any) -> None:
        raise PermissionError(errno.EPERM, "No links")

    replace_os(monkeypatch, Os(link=link))
    put(folder, "A")
    put(folder, "B")
    assert (whole(folder), kept(folder)) == (files("B"), [files("A")])


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_folders(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    synced = []

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, "No such thing here")
        os.fsync(handle)
        synced.append(handle)

    replace_os(monkeypatch, Os(fsync=fsync))
    put(folder, "A")
    put(folder, "B")
    assert (whole(folder), kept(folder)) == (files("B"), [files("A")])
    assert len(synced) == 2 * len(SET)


def test_a_file_system_that_ignores_case(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "A")
    before = tree(folder)

    def listdir(path: Path) -> list[str]:
        """As if the folder had been made by another name."""
        return [name.replace("CHG1", "chg1") for name in os.listdir(path)]

    with monkeypatch.context() as patched:
        replace_os(patched, Os(listdir=listdir))
        assert "ignores case" in refused(folder, "B")
    assert tree(folder) == before


@pytest.mark.parametrize("exists", [False, True])
def test_no_room_for_a_file(folder: Path, exists: bool) -> None:
    if exists:
        put(folder, "A")
    before = tree(folder.parent)
    lengths = [len(content) for content in files("B").values()]
    limits = sorted({0, 1, *lengths, *(length - 1 for length in lengths)})
    for limit in limits[:-1]:
        with no_file_longer_than(limit):
            assert "too large" in refused(folder, "B")
        assert tree(folder.parent) == before
    with no_file_longer_than(limits[-1]):
        put(folder, "B")
    assert whole(folder) == files("B")


def with_less_and_less_taken(disk: str) -> list[str]:
    """How often a disk that is nearly full has no room, for the first report and for the second.

    What takes up all of it is given back one part at a time: by ``disk``, pages or files.
    """
    root, folder = Path(disk), Path(disk) / "reports" / "CHG1"
    folder.parent.mkdir()
    story = []
    for finding in "AB":
        parts = []
        while True:
            part = root / f"{len(parts)}{disk.rpartition('/')[2]}"
            try:
                # A page too where pages are short, and only a name where names are.
                part.write_bytes(b"x" * PAGE if disk.endswith("pages") else b"")
            except OSError:
                with contextlib.suppress(FileNotFoundError):
                    part.unlink()
                break
            parts.append(part)
        before = tree(root)
        for part in parts:
            try:
                put(folder, finding)
            except ReportUnwritable as error:
                assert "cannot be written" in error.message
                assert "No space left" in error.message
                assert tree(root) == before
                story.append(f"no {finding}")
                before.pop(part.name)
                part.unlink()
            else:
                story.append(finding)
                break
        assert whole(folder) == files(finding)
        for part in parts:
            part.unlink(missing_ok=True)
    assert kept(folder) == [files("A")]
    assert nothing_else(folder)
    return story


@pytest.mark.slow
@pytest.mark.parametrize(("short", "options"), [("pages", "size=1m"), ("names", "nr_inodes=60")])
def test_a_full_disk(tmp_path: Path, short: str, options: str) -> None:
    disk = tmp_path / short
    disk.mkdir()
    story = apart(mounted(f'mount -t tmpfs -o {options} none "$0"', disk), with_less_and_less_taken, disk)
    assert [step for number, step in enumerate(story) if story.index(step) == number] == ["no A", "A", "no B", "B"]
    # There was some room for a part of it in between.
    assert story.count("no A") > 4
    assert story.count("no B") > 4


def message_of(folder: str) -> str:
    """What is said of a second report: why it could not be written, or that it was."""
    try:
        put(Path(folder), "B")
    except ReportUnwritable as error:
        return error.message
    return "written"


def changed_by_the_same(folder: str) -> bool:
    return put(Path(folder), "A").changed


@pytest.mark.slow
@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_file_system(folder: Path, exists: bool) -> None:
    if exists:
        put(folder, "A")
    before = tree(folder.parents[1])
    read_only = mounted_read_only(folder.parents[1])
    assert "Read-only file system" in apart(read_only, message_of, folder)
    if exists:
        assert apart(read_only, changed_by_the_same, folder) is False
    assert tree(folder.parents[1]) == before


@pytest.mark.slow
@pytest.mark.parametrize(("part", "mode"), [("", 0o500), ("", 0), ("..", 0), ("evidence.md", 0)])
def test_modes_that_forbid_it(folder: Path, part: str, mode: int) -> None:
    prefix = bound_by_modes()
    put(folder, "A")
    before = tree(folder.parent)
    closed = Path(os.path.normpath(folder / part))
    normal = closed.stat().st_mode
    closed.chmod(mode)
    try:
        message = apart(prefix, message_of, folder)
    finally:
        closed.chmod(normal)
    assert "Permission denied" in message
    assert tree(folder.parent) == before


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"mine")
    assert str(folder) in refused(folder, "A")
    assert folder.read_bytes() == b"mine"
    assert str(folder) in refused(folder / "CHG2", "A")


def test_a_link_where_the_folder_should_be(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    folder.parent.mkdir()
    folder.symlink_to(there)
    assert str(folder) in refused(folder, "A")
    assert tree(there) == {}


@pytest.mark.parametrize("name", [*SET, "previous", ".lock"])
@pytest.mark.parametrize("kind", ["folder", "link", "dangling", "pipe"])
def test_something_else_where_a_file_should_be(folder: Path, tmp_path: Path, name: str, kind: str) -> None:
    put(folder, "A")
    there = tmp_path / "there"
    there.write_bytes(b"mine")
    path = folder / name
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(there)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    else:
        os.mkfifo(path)
    before = {path.name for path in folder.iterdir()}
    if (name, kind) in [("previous", "folder"), (".lock", "pipe")]:
        assert put(folder, "B").changed
    else:
        refused(folder, "B")
        assert {path.name for path in folder.iterdir()} == before
    assert there.read_bytes() == b"mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_link_in_the_temporary_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "A")
    before = tree(folder)
    there = tmp_path / "there"
    there.write_bytes(b"mine")

    def mkdtemp(**where: t.Any) -> str:
        made = tempfile.mkdtemp(**where)
        (Path(made) / "evidence.md").symlink_to(there)
        return made

    monkeypatch.setattr(module, "tempfile", SimpleNamespace(mkdtemp=mkdtemp))
    assert "File exists" in refused(folder, "B")
    assert tree(folder) == before
    assert there.read_bytes() == b"mine"


def test_links_at_temporary_names_are_removed_and_not_followed(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "SHA256SUMS").write_bytes(b"mine")
    put(folder, "A")
    (folder / ".new-link").symlink_to(there)
    (folder / ".new-file").write_bytes(b"")
    put(folder, "B")
    assert tree(there) == {"SHA256SUMS": b"mine"}
    assert nothing_else(folder)


def test_what_is_put_in_place_is_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "A")
    done: list[str] = []

    def name(path: str | Path) -> str:
        """As seen from the folder, whatever the temporary one is called."""
        return re.sub(r"^\.new-[^/]+", "new", os.path.relpath(path, folder))

    def fsync(handle: int) -> None:
        done.append(f"sync {name(os.readlink(f'/proc/self/fd/{handle}'))}")
        os.fsync(handle)

    def move(old: Path, new: Path) -> None:
        done.append(f"{name(old)} to {name(new)}")
        os.rename(old, new)

    replace_os(monkeypatch, Os(fsync=fsync, replace=move, rename=move))
    put(folder, "B")
    kept_in = "previous/20261124T010203Z"
    first, keep, last = done.index("new/evidence.json to evidence.json"), done.index(f"new/previous to {kept_in}"), -2
    assert set(done[:keep]) == {*(f"sync new/{name}" for name in SET), "sync new", "sync new/previous", "sync ."}
    assert done[keep + 1 : first] == ["sync previous"]
    assert done[first:last] == [*(f"new/{name} to {name}" for name in NAMES), "sync ."]
    assert done[last:] == ["new/SHA256SUMS to SHA256SUMS", "sync ."]


# What stays, and what is incomplete


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_better_report_stays(folder: Path, check_mode: bool) -> None:
    put(folder, "A!")
    before = tree(folder)
    assert put(folder, "B", check_mode) == Stored(False, folder, None, files("A!")["evidence.json"])
    assert tree(folder) == before
    assert put(folder, "B!").changed
    assert (whole(folder), kept(folder)) == (files("B!"), [files("A!")])


def test_a_better_report_that_is_not_whole_does_not_stay(folder: Path) -> None:
    put(folder, "A!")
    (folder / "evidence.md").unlink()
    assert put(folder, "B").changed
    assert whole(folder) == files("B")


@pytest.mark.parametrize("exists", [False, True])
def test_what_is_incomplete_is_beside_the_report_until_there_is_one(folder: Path, exists: bool) -> None:
    if exists:
        put(folder, "A")
    for finding in "BC":
        assert store_incomplete(folder, files(finding)) == folder / "incomplete"
        assert whole(folder / "incomplete") == files(finding)
        assert whole(folder) == (files("A") if exists else None)
        assert {path.name for path in folder.iterdir()} == {".lock", "incomplete", *(SET if exists else [])}
    assert put(folder, "A").changed == (not exists)
    assert whole(folder) == files("A")
    assert nothing_else(folder)


def test_what_is_incomplete_stays_beside_a_better_report(folder: Path) -> None:
    put(folder, "A!")
    store_incomplete(folder, files("B"))
    assert put(folder, "B").kept is not None
    assert whole(folder / "incomplete") == files("B")


def test_something_else_where_the_incomplete_is_put(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "evidence.md").write_bytes(b"mine")
    folder.mkdir(parents=True)
    (folder / "incomplete").symlink_to(there)
    store_incomplete(folder, files("A"))
    assert whole(folder / "incomplete") == files("A")
    shutil.rmtree(folder / "incomplete")
    (folder / "incomplete").symlink_to(there)
    put(folder, "B")
    assert nothing_else(folder)
    assert tree(there) == {"evidence.md": b"mine"}


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_a_report_outlives_each_step_of_what_is_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    for number in range(1, 1000):
        folder = tmp_path / str(number) / "CHG1"
        put(folder, "A")
        store_incomplete(folder, files("B"))
        if killed:

            def run(folder: Path = folder, number: int = number) -> None:
                die_at(number, STEPS)
                store_incomplete(folder, files("C"))

            done = end_of(in_child(run)) == 0
        else:
            fake, calls = failing_at(number, WRITING)
            with monkeypatch.context() as patched:
                replace_os(patched, fake)
                with contextlib.suppress(ReportUnwritable):
                    store_incomplete(folder, files("C"))
            done = len(calls) < number
        assert whole(folder) == files("A"), number
        # It is moved away before the new one is put there, so it may be lost.
        there = whole(folder / "incomplete") if (folder / "incomplete").exists() else None
        assert there in (None, files("B"), files("C")), number
        assert not put(folder, "A").changed
        assert nothing_else(folder), number
        if done:
            assert there == files("C")
            break


# More than one process, and what one leaves that is killed


STEPS = [*WRITING, "unlink", "rmdir", "close"]


def put_and_die(folder: Path, finding: str, number: int) -> None:
    die_at(number, STEPS)
    put(folder, finding)


@pytest.mark.slow
@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("then", ["B", "C"])
def test_a_process_killed_at_any_step(tmp_path: Path, exists: bool, then: str) -> None:
    seen = set()
    for number in range(1, 1000):
        folder = tmp_path / str(number) / "CHG1"
        if exists:
            put(folder, "A")
        end = end_of(in_child(lambda folder=folder, number=number: put_and_die(folder, "B", number)))
        there = whole(folder) if folder.exists() else None
        # The old report is told by its sums, there or among the previous ones.
        assert there == files("B") or not exists or files("A") in [there, *kept(folder)], number
        if folder.exists():
            seen.add("".join(finding for finding in "AB" if there == files(finding)))
        put(folder, then)
        assert whole(folder) == files(then), number
        older = [
            {"A": files("A"), "B": files("B")}[finding] for finding in ("AB" if exists else "B") if finding != then
        ]
        # Not twice, nothing that is mixed, and what had begun to replace the old one is finished.
        assert kept(folder) in (older, older[:exists]), number
        assert nothing_else(folder), number
        if end == 0:
            break
        assert end == KILLED
    assert seen == ({"", "A", "B"} if exists else {"", "B"})


@pytest.mark.parametrize("lost", [["evidence.json"], ["evidence.json", "evidence.html"]])
def test_a_report_that_was_begun_and_cannot_be_finished(folder: Path, tmp_path: Path, lost: list[str]) -> None:
    put(folder, "A")
    put(tmp_path / "other", "B")
    for name in lost:
        (tmp_path / "other" / name).unlink()
    (tmp_path / "other").rename(folder / ".new-other")
    assert not put(folder, "A").changed
    assert whole(folder) == files("A")
    assert nothing_else(folder)


@pytest.mark.parametrize("exists", [False, True])
def test_many_processes_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", 3600.0)
    if exists:
        put(folder, "0")
    findings = [f"{process} {number}" for process in range(4) for number in range(5)]

    def work(process: int) -> None:
        for number in range(5):
            put(folder, f"{process} {number}")

    children = [in_child(lambda process=process: work(process)) for process in range(4)]
    assert [end_of(child) for child in children] == [0] * 4
    reports = [whole(folder), *kept(folder)]
    assert None not in reports
    found = [json.loads(report["evidence.json"])["finding"] for report in reports if report]
    assert sorted(found) == sorted([*findings, *(["0"] if exists else [])])
    assert all(report == files(finding) for report, finding in zip(reports, found))
    assert nothing_else(folder)


def test_a_report_that_another_process_writes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "A")
    draft = folder / ".new-other"
    draft.mkdir()
    before = tree(folder)
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", 0.0)
    with open(folder / ".lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another process" in refused(folder, "B")
        # What it has begun is its own.
        assert tree(folder) == before
    put(folder, "B")
    assert nothing_else(folder)


def test_people_are_told_of_another_process_that_writes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, however long it takes."""
    put(folder, "A")
    monkeypatch.setattr(module, "QUIET", 0.1)
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", 0.5)
    told: list[str] = []
    with open(folder / ".lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ReportUnwritable, match="Another process"):
            store_incomplete(folder, files("B"), told.append)
    assert told == [f"waiting for another process that is writing the report in {folder}"]


def test_a_folder_that_its_maker_removes_after_it_failed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock on what is no longer there is worth nothing."""
    locks = []

    def flock(handle: int, how: int) -> None:
        if not locks:
            (folder / ".lock").unlink()
            folder.rmdir()
        fcntl.flock(handle, how)
        locks.append(os.fstat(handle).st_ino)

    monkeypatch.setattr(module, "fcntl", SimpleNamespace(**{**vars(fcntl), "flock": flock}))
    put(folder, "A")
    assert whole(folder) == files("A")
    assert len(locks) == 2
    assert (folder / ".lock").stat().st_ino == locks[-1]


# Signatures


class Key:
    """It signs at once, and differently each time, as some kinds of keys do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0

    def _of(self, sums: bytes) -> bytes:
        return f"{self.name} signed {hashlib.sha256(sums).hexdigest()}".encode()

    def sign(self, sums: bytes) -> bytes:
        self.count += 1
        return self._of(sums) + b", number %d" % self.count

    def made(self, sums: bytes, signature: bytes) -> bool:
        return signature.startswith(self._of(sums) + b",")


class NoKey(Key):
    def sign(self, sums: bytes) -> bytes:
        raise ReportUnsigned("The agent is gone.")


SIGNATURE = "SHA256SUMS.sig"


def signed(folder: Path, finding: str, key: Key | None, check_mode: bool = False, **when: str) -> Stored:
    return store(folder, files(finding, **when), same, better, check_mode, signer=t.cast(t.Any, key))


def by(folder: Path, *keys: Key) -> str | None:
    """Whose signature is over the sums there. None if there is none."""
    if not (folder / SIGNATURE).exists():
        return None
    contents = [(folder / name).read_bytes() for name in ("SHA256SUMS", SIGNATURE)]
    return next((key.name for key in keys if key.made(*contents)), "nobody")


ALICE, BOB = Key("Alice"), Key("Bob")


def test_a_signed_report(folder: Path) -> None:
    assert signed(folder, "A", ALICE) == Stored(True, folder, None, signed=True)
    assert whole(folder) == files("A")
    assert by(folder, ALICE, BOB) == "Alice"
    assert {path.name for path in folder.iterdir()} == {*SET, SIGNATURE, ".lock"}
    assert stat.S_IMODE((folder / SIGNATURE).stat().st_mode) == 0o640


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_the_key_has_signed_stays(folder: Path, check_mode: bool) -> None:
    signed(folder, "A", ALICE)
    before = tree(folder)
    assert signed(folder, "A", ALICE, check_mode, at="2030-01-01T00:00:00Z") == Stored(False, folder, None, signed=True)
    # A task without a key takes no signature away.
    assert signed(folder, "A", None, check_mode) == Stored(False, folder, None, signed=True)
    assert tree(folder) == before


@pytest.mark.parametrize("of", ["nobody", "Bob", "something else", "nothing"])
def test_what_the_key_has_not_signed_is_made_anew(folder: Path, of: str) -> None:
    """And not signed as it is there: somebody may have changed a file and its sum, as here."""
    signed(folder, "A", None if of == "nobody" else ALICE)
    (folder / "evidence.html").write_bytes(b"changed")
    sums = module._sums({name: (folder / name).read_bytes() for name in NAMES})
    (folder / "SHA256SUMS").write_bytes(sums)
    if of == "Bob":
        (folder / SIGNATURE).write_bytes(BOB.sign(sums))
    elif of == "nothing":
        (folder / SIGNATURE).write_bytes(b"")
    before = tree(folder)
    assert signed(folder, "A", ALICE, check_mode=True) == Stored(True, folder, None, signed=True)
    assert tree(folder) == before
    stored = signed(folder, "A", ALICE, at="2030-01-01T00:00:00Z")
    assert (stored.changed, stored.signed) == (True, True)
    assert whole(folder) == files("A", at="2030-01-01T00:00:00Z")
    assert by(folder, ALICE, BOB) == "Alice"
    assert stored.previous is not None
    assert tree(stored.previous) == before


@pytest.mark.parametrize("then", [ALICE, BOB, None])
def test_a_report_is_kept_with_its_signature(folder: Path, then: Key | None) -> None:
    signed(folder, "A", ALICE)
    before = tree(folder)
    previous = signed(folder, "B", then).previous
    assert previous is not None
    assert tree(previous) == before
    assert whole(folder) == files("B")
    assert by(folder, ALICE, BOB) == (then.name if then else None)


def test_a_better_report_stays_as_it_is_signed_or_not(folder: Path) -> None:
    put(folder, "A!")
    before = tree(folder)
    assert signed(folder, "B", ALICE) == Stored(False, folder, None, files("A!")["evidence.json"])
    assert tree(folder) == before
    assert signed(folder, "B!", ALICE).changed
    assert signed(folder, "C", ALICE) == Stored(False, folder, None, files("B!")["evidence.json"], signed=True)
    assert not signed(folder, "C", BOB).signed
    assert by(folder, ALICE, BOB) == "Alice"


@pytest.mark.parametrize("exists", [False, True])
def test_a_key_that_does_not_sign_any_more(folder: Path, exists: bool) -> None:
    folder.parent.mkdir()
    if exists:
        signed(folder, "A", ALICE)
    before = tree(folder.parent)
    with pytest.raises(ReportUnsigned):
        signed(folder, "B", NoKey("Alice"))
    assert tree(folder.parent) == before


def test_what_is_incomplete_is_not_signed(folder: Path) -> None:
    signed(folder, "A", ALICE)
    store_incomplete(folder, files("B"))
    assert by(folder / "incomplete", ALICE) is None
    assert by(folder, ALICE) == "Alice"


@pytest.mark.parametrize("key", [ALICE, None])
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_something_else_where_the_signature_should_be(folder: Path, tmp_path: Path, kind: str, key: Key | None) -> None:
    put(folder, "A")
    (tmp_path / "there").write_bytes(b"mine")
    if kind == "folder":
        (folder / SIGNATURE).mkdir()
    else:
        (folder / SIGNATURE).symlink_to(tmp_path / "there")
    with pytest.raises(ReportUnwritable):
        signed(folder, "B", key)
    assert whole(folder) == files("A")
    assert (tmp_path / "there").read_bytes() == b"mine"


KEYS = [(ALICE, ALICE), (ALICE, None), (None, ALICE), (ALICE, BOB)]


def is_as(folder: Path, finding: str, key: Key | None) -> bool:
    """As ``whole`` says it, but without a process: this is asked often."""
    expected = {**files(finding), "SHA256SUMS": module._sums(files(finding))}
    there = {name: (folder / name).read_bytes() for name in SET if (folder / name).exists()}
    return there == expected and by(folder, ALICE, BOB) == (key.name if key else None)


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), KEYS)
@pytest.mark.parametrize("then", ["B", "C"])
def test_a_process_killed_at_any_step_leaves_no_signature_of_something_else(
    tmp_path: Path, old: Key | None, new: Key | None, then: str
) -> None:
    """Whoever reads before the next run may find a mixture, whose files do not fit the sums."""
    for number in range(1, 1000):
        folder = tmp_path / str(number) / "CHG1"
        signed(folder, "A", old)

        def work(folder: Path = folder, number: int = number) -> None:
            die_at(number, STEPS)
            signed(folder, "B", new)

        end = end_of(in_child(work))
        reports = [folder, *folder.glob("previous/*")]
        assert is_as(folder, "B", new) or any(is_as(each, "A", old) for each in reports), number
        # What was begun is finished or undone first, whoever comes next.
        signed(folder, then, new)
        assert is_as(folder, then, new), number
        for each in folder.glob("previous/*"):
            assert is_as(each, "A", old) or is_as(each, "B", new), (number, each)
        assert {path.name for path in folder.iterdir()} <= {*SET, SIGNATURE, ".lock", "previous"}
        if end == 0:
            break
        assert end == KILLED


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), KEYS)
def test_an_error_at_any_step_restores_the_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: Key | None, new: Key | None
) -> None:
    for number in range(1, 1000):
        folder = tmp_path / str(number) / "CHG1"
        signed(folder, "A", old)
        before = tree(folder)
        fake, calls = failing_at(number, WRITING)
        with monkeypatch.context() as patched:
            replace_os(patched, fake)
            try:
                signed(folder, "B", new)
            except ReportUnwritable:
                assert tree(folder) == before, (number, calls)
            else:
                assert is_as(folder, "B", new), (number, calls)
        if len(calls) < number:
            break


if __name__ == "__main__":
    main(globals())
