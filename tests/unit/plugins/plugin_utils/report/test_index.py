# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index of all reports, on real file systems, read by a parser that takes no mistakes.

As a program it is a part of a test under other conditions: test_index.py FUNCTION FOLDER prints what it returns
(see support.failing_machine).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import stat
import threading
import typing as t
from pathlib import Path
from urllib.parse import unquote_to_bytes

import html5lib
import jsonschema
import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.text import shown
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import index as module
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.index import update
from support import report_documents
from support.report_files import replace_os
from support.killed import KILLED, die_at, end_of, in_child
from support.failing_machine import apart, bound_by_modes, main, mounted_read_only

ROOT = Path(__file__).resolve().parents[5]
OWN = {"index.html", ".index.json", ".index.lock"}
END = "2026-11-23T22:30:00Z"
Row = t.Dict[str, t.Any]


def document(change_id: str, end: str = END, verdict: str = "ok", snapshots: int = 2, **other: t.Any) -> Row:
    """As much of an evidence document as the index needs."""
    rows = [
        {"state": "created", "share_date": f"2026-11-23T23:4{number}:00Z", "expires_at": f"2026-12-2{number}T00:00:00Z"}
        for number in range(snapshots)
    ]
    return {
        "change": {"id": change_id, "end": end},
        "verdict": verdict,
        "counts": {"tests": 3, "ok": 2, verdict: 2 if verdict == "ok" else 1, "left_out": 0},
        "made": {"at": "2026-11-24T00:41:07Z"},
        "tests": [{"snapshots": rows}],
        **other,
    }


def put(folder: Path, name: str, content: Row | bytes, page: bool = True) -> Path:
    """A report in the folder C(name), each file replaced at once, as ``store`` does it."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    files = {"evidence.json": content if isinstance(content, bytes) else json.dumps(content).encode()}
    if page:
        files["evidence.html"] = b"<p>"
    for file, text in files.items():
        (place / ".new").write_bytes(text)
        (place / ".new").rename(place / file)
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "reports"
    path.mkdir()
    return path


class Shown(t.NamedTuple):
    """A row of the page: its link, what its first cell says, and the others by the name of the column."""

    href: str
    name: str
    cells: dict[str, str]


def parsed(folder: Path) -> t.Any:
    text = (folder / "index.html").read_text(encoding="utf-8")
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def words(element: t.Any) -> str:
    return " ".join("".join(element.itertext()).split())


def rows(folder: Path) -> list[Shown]:
    found = []
    for row in parsed(folder).iterfind(".//tbody/tr"):
        first, *others = row
        cells = {cell.get("data-label"): words(cell) for cell in others}
        found.append(Shown(first.find("a").get("href"), words(first), cells))
    return found


def names(folder: Path) -> list[str]:
    update(folder)
    return [row.name for row in rows(folder)]


def unread(folder: Path) -> str:
    found = parsed(folder).find(".//p[@class='unread']")
    return "" if found is None else words(found)


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """The files of the index, with what tells whether they were written again."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
        if path.is_file()
    }


class Os:
    """The module's os, with functions that do something else."""

    def __init__(self, **instead: t.Callable[..., t.Any]) -> None:
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> t.Any:
        return getattr(os, name)


def read_by(run: t.Callable[[], t.Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reports that it opens."""
    opened = []

    def note(path: str | Path, *args: t.Any) -> int:
        if Path(path).name == "evidence.json":
            opened.append(Path(path).parent.name)
        return os.open(path, *args)

    with monkeypatch.context() as patched:
        replace_os(patched, Os(open=note))
        run()
    return opened


# What it tells


def test_a_row_tells_of_a_change(folder: Path) -> None:
    about = {"description": "New firmware"}
    put(folder, "CHG1", document("CHG1", verdict="degraded", about=about))
    assert update(folder) == folder / "index.html"
    assert rows(folder) == [
        Shown(
            "CHG1/evidence.html",
            "CHG1New firmware",
            {
                "Verdict": "✕ degraded",
                "Ended": "2026-11-23 22:30 UTC",
                "Tests": "1 degraded, 2 ok",
                "Snapshots": "2, made 2026-11-23 23:40 to 23:41 UTCthe first until 2026-12-20 00:00 UTC",
                "Signature": "not signed",
            },
        )
    ]
    assert "1 change, the latest first. The latest report was made 2026-11-24 00:41:07 UTC." in words(parsed(folder))
    assert not unread(folder)


def test_the_latest_change_is_first_and_those_of_one_time_are_by_their_ids(folder: Path) -> None:
    ends = {"C": END, "A": END, "old": "2025-01-01T00:00:00Z", "new": "2026-11-24T01:00:00+02:00", "B": END}
    for name, end in ends.items():
        put(folder, name, document(name, end))
    assert names(folder) == ["new", "A", "B", "C", "old"]
    assert [words(each) for each in parsed(folder).iterfind(".//main//h2")] == ["November 2026", "January 2025"]


def test_more_changes_of_a_month_than_a_table_holds(folder: Path) -> None:
    for number in range(101):
        put(folder, str(number), document(str(number)))
    assert len(names(folder)) == 101
    titles = [words(each) for each in parsed(folder).iterfind(".//main//h2")]
    assert titles == ["November 2026, part 1", "November 2026, part 2"]


def test_nothing_frozen_is_no_plain_ok(folder: Path) -> None:
    put(folder, "CHG1", document("CHG1", snapshots=0))
    update(folder)
    (row,) = rows(folder)
    assert (row.cells["Verdict"], row.cells["Snapshots"]) == ("✓ oknothing is frozen", "none")
    badge = parsed(folder).find(".//tbody//span[@class='badge ok']")
    assert badge is None


def test_only_snapshots_that_are_known_to_exist_count(folder: Path) -> None:
    made = document("CHG1", snapshots=1)
    made["tests"][0]["snapshots"].append({"state": "unknown", "share_date": None, "expires_at": None})
    made["other_snapshots"] = [{"state": "created", "share_date": None, "expires_at": None}]
    put(folder, "CHG1", made)
    update(folder)
    told = "2, made 2026-11-23 23:40 UTCthe first until 2026-12-20 00:00 UTC"
    assert [row.cells["Snapshots"] for row in rows(folder)] == [told]


def test_a_signature_that_comes_and_goes(folder: Path) -> None:
    place = put(folder, "CHG1", document("CHG1"))
    for there in (False, True, False):
        if there:
            (place / "SHA256SUMS.sig").write_bytes(b"whatever")
        else:
            (place / "SHA256SUMS.sig").unlink(missing_ok=True)
        update(folder)
        assert [row.cells["Signature"] for row in rows(folder)] == ["signed" if there else "not signed"]
    assert "nobody has checked here whether it fits" in words(parsed(folder).find(".//footer"))


def test_what_is_incomplete(folder: Path) -> None:
    """Alone, it is listed as such. Beside a report, the report is listed, with a link to it."""
    place = put(folder, "CHG1/incomplete", document("CHG1", verdict="degraded"))
    (place / "SHA256SUMS.sig").write_bytes(b"")
    put(folder, "CHG2/incomplete", document("CHG2", verdict="degraded"))
    put(folder, "CHG2", document("CHG2"))
    update(folder)
    first, second = rows(folder)
    assert (first.href, first.cells["Verdict"]) == ("CHG1/incomplete/evidence.html", "… incomplete")
    assert (second.href, second.cells["Verdict"]) == ("CHG2/evidence.html", "✓ ok")
    links = [link.get("href") for link in parsed(folder).iterfind(".//tbody//a")]
    assert links == ["CHG1/incomplete/evidence.html", "CHG2/evidence.html", "CHG2/incomplete/evidence.html"]
    put(folder, "CHG1", document("CHG1"))
    for name in ("CHG1", "CHG2"):
        shutil.rmtree(folder / name / "incomplete")
    update(folder)
    assert [row.cells["Verdict"] for row in rows(folder)] == ["✓ ok", "✓ ok"]
    assert len(list(parsed(folder).iterfind(".//tbody//a"))) == 2


def test_a_report_as_version_1_of_the_schema_has_it(folder: Path) -> None:
    old = report_documents.document([report_documents.gone("1", "Shop")])
    old["schema"] = "community.thousandeyes.evidence/1"
    for place, new in (
        (old["counts"], ("left_out", "transient", "inconclusive")),
        (old["tests"][0], ("left_out", "warnings", "history")),
        (old["method"], set(old["method"]) - {"level", "thresholds", "layers", "times", "shares"}),
    ):
        for name in new:
            del place[name]
    schema = json.loads((ROOT / "roles/change_evidence/files/evidence-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(old, schema)
    put(folder, "CHG0031337", old)
    assert names(folder) == ["CHG0031337"]
    assert rows(folder)[0].cells["Tests"] == "1 no data"


def test_a_report_of_today(folder: Path) -> None:
    for kind, make in report_documents.KINDS.items():
        put(folder, kind, make())
    assert len(names(folder)) == len(report_documents.KINDS)
    assert not unread(folder)


def test_a_report_made_by_hand_needs_little(folder: Path) -> None:
    put(folder, "mine", {"change": {"id": "mine", "end": "2026-11-23 22:30"}, "verdict": "improved"}, page=False)
    update(folder)
    (row,) = rows(folder)
    assert (row.href, row.cells["Tests"], row.cells["Snapshots"]) == ("mine/evidence.json", "none", "none")


def test_a_copy_says_in_which_folder_it_is(folder: Path) -> None:
    put(folder, "CHG1", document("CHG1"))
    put(folder, "copy", document("CHG1"))
    assert names(folder) == ["CHG1", "CHG1in the folder copy"]


def test_no_changes(folder: Path) -> None:
    assert names(folder) == []
    assert "0 changes" in words(parsed(folder))


HOSTILE = [*report_documents.HOSTILE, "x" * 5000, "\ud800", "javascript:alert(1)"]
FOLDERS = [
    *(
        "javascript:alert(1)",
        "a b",
        "a%2e%2e",
        "a#b",
        "a?b",
        "a&amp;b",
        '"><script>',
        "ä",
        "变更",
        "a\\b",
        "a\nb",
    ),
    *(os.fsdecode(b"\xff\xfe"), "safe\u202egnp.exe", "x" * 255),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text(folder: Path, name: str) -> None:
    put(folder, "CHG1", document(name, about={"description": name}))
    update(folder)
    root = parsed(folder)
    allowed = {"html", "head", "meta", "link", "title", "style", "body", "header", "main", "section", "footer"}
    allowed |= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td", "a", "bdi", "small", "span"}
    allowed |= {"fieldset", "legend", "label", "input"}
    assert {element.tag for element in root.iter()} <= allowed
    assert {name for element in root.iter() for name in element.attrib if name.startswith("on")} == set()
    told = ["".join(each.itertext()) for each in root.iterfind(".//tbody//bdi")][:2]
    assert told == [shown(name if len(name) <= 200 else f"{name[:199]}…")] * 2
    assert not set("\u202e\u2066\x1b\x9b\u200b\ufeff\ud800") & set(words(root))


@pytest.mark.parametrize("name", FOLDERS)
def test_links_lead_to_the_folders(folder: Path, name: str) -> None:
    put(folder, name, document("CHG1"))
    update(folder)
    (row,) = rows(folder)
    path = os.fsdecode(unquote_to_bytes(row.href))
    assert path == f"{name}/evidence.html" and (folder / path).is_file()
    assert not set(row.href) & set(":?#\"'<>&\\ ") and row.href.isascii()


# What is not a report


def test_what_is_no_report_is_passed_over(folder: Path, tmp_path: Path) -> None:
    put(folder, "CHG1", document("CHG1"))
    there = put(tmp_path, "there", document("THERE"))
    (folder / "link").symlink_to(there)
    (folder / "dangling").symlink_to(tmp_path / "nowhere")
    (folder / "file").write_bytes(b"")
    (folder / "empty").mkdir()
    put(folder, ".hidden", document("HIDDEN"))
    put(folder, "other/previous/x", document("OLDER"))
    (folder / "half").mkdir()
    (folder / "half" / "incomplete").symlink_to(there)
    assert names(folder) == ["CHG1"]
    assert not unread(folder)


CONTENTS = [
    b"",
    b"\xff",
    b"[]",
    b"7",
    b"{}",
    b"[" * 100_000,
    b'{"change": {"id": 7, "end": "2026-11-23T22:30:00Z"}, "verdict": "ok"}',
    b'{"change": {"id": "x", "end": "yesterday"}, "verdict": "ok"}',
    b'{"change": {"id": "x", "end": "2026-11-23T22:30:00Z"}, "verdict": ["ok"]}',
    b'{"change": {"id": "x", "end": "2026-11-23T22:30:00Z"}, "verdict": "fine"}',
    b'{"change": {"id": "x", "end": "2026-11-23T22:30:00Z"}, "verdict": "ok", "counts": {"ok": -1}}',
    b'{"change": {"id": "x", "end": "2026-11-23T22:30:00Z"}, "verdict": "ok", "counts": {"ok": 1' + b"0" * 4000 + b"}}",
    b'{"change": {"id": "x", "end": "2026-11-23T22:30:00Z"}, "verdict": "ok", "tests": [7]}',
]


@pytest.mark.parametrize("content", CONTENTS)
def test_what_cannot_be_read_as_a_report_is_named(
    folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "CHG1", document("CHG1"))
    put(folder, "bad", content)
    assert names(folder) == ["CHG1"]
    assert unread(folder).endswith(": bad.")
    # What is known of it is kept, too.
    assert read_by(lambda: update(folder), monkeypatch) == []
    assert unread(folder).endswith(": bad.")


def test_what_is_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "CHG1", document("CHG1"))
    monkeypatch.setattr(module, "_LARGEST", 1000)
    put(folder, "CHG2", document("CHG2", more="x" * 1000))
    assert names(folder) == ["CHG1"]
    assert unread(folder).endswith(": CHG2.")


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_something_else_where_a_report_should_be(folder: Path, tmp_path: Path, kind: str) -> None:
    there = put(tmp_path, "there", document("THERE"))
    path = folder / "bad" / "evidence.json"
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(there / "evidence.json" if kind == "link" else tmp_path / "nowhere")
    put(folder, "CHG1", document("CHG1"))
    assert names(folder) == ["CHG1"]
    assert unread(folder).endswith(": bad.")


def listed_apart(folder: str) -> list[t.Any]:
    return [names(Path(folder)), unread(Path(folder))]


@pytest.mark.parametrize("part", ["evidence.json", ""])
def test_what_may_not_be_read(folder: Path, part: str) -> None:
    prefix = bound_by_modes()
    put(folder, "CHG1", document("CHG1"))
    put(folder, "closed", document("CLOSED"))
    path = folder / "closed" / part
    normal = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0)
    try:
        listed, told = apart(prefix, listed_apart, folder)
    finally:
        path.chmod(normal)
    assert (listed, told.rpartition(": ")[2]) == (["CHG1"], "closed.")
    # It is not kept that it could not be read.
    assert names(folder) == ["CHG1", "CLOSEDin the folder closed"]


def test_many_that_cannot_be_read_take_little_room(folder: Path) -> None:
    for number in range(20):
        put(folder, f"bad{number:02}", b"")
    update(folder)
    assert unread(folder).endswith("bad00, bad01, bad02, bad03, bad04 and 15 more.")


# What is read and written


def test_only_what_changed_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 5,000 changes, and people are told once that all are read."""
    for number in range(5000):
        put(folder, f"CHG{number}", document(f"CHG{number}"), page=False)
    told: list[str] = []
    assert len(read_by(lambda: update(folder, told.append), monkeypatch)) == 5000
    assert told == [f"reading 5,000 reports for {folder}/index.html, each of them once"]
    assert read_by(lambda: update(folder, told.append), monkeypatch) == []
    put(folder, "CHG7", document("CHG7", verdict="degraded"))
    put(folder, "new", document("new"))
    shutil.rmtree(folder / "CHG8")
    (folder / "CHG9").rename(folder / "moved")
    assert read_by(lambda: update(folder, told.append), monkeypatch) == ["CHG7", "moved", "new"]
    found = {row.name: row.cells["Verdict"] for row in rows(folder)}
    assert len(found) == 5000
    assert found["CHG7"] == "✕ degraded" and "new" in found and "CHG8" not in found
    assert "CHG9in the folder moved" in found
    assert len(told) == 1


def test_a_report_edited_by_hand_is_read_again(folder: Path) -> None:
    place = put(folder, "CHG1", document("CHG1"))
    update(folder)
    with open(place / "evidence.json", "r+b") as file:
        file.write(json.dumps(document("CHG2")).encode())
        os.utime(file.fileno(), ns=(1, 1))
    assert names(folder) == ["CHG2in the folder CHG1"]


def test_what_is_up_to_date_is_not_written(folder: Path) -> None:
    put(folder, "CHG1", document("CHG1"))
    put(folder, "bad", b"")
    update(folder)
    before = state(folder)
    assert set(before) == OWN
    touched = folder.stat().st_mtime_ns
    update(folder)
    assert state(folder) == before
    assert folder.stat().st_mtime_ns == touched


def test_of_a_report_that_only_was_made_again_the_page_stays(folder: Path) -> None:
    put(folder, "CHG1", document("CHG1"))
    update(folder)
    before = state(folder)
    put(folder, "CHG1", document("CHG1"))
    update(folder)
    assert state(folder)["index.html"] == before["index.html"]


@pytest.mark.parametrize(("umask", "mode"), [(0, 0o640), (0o077, 0o600)])
def test_modes(folder: Path, umask: int, mode: int) -> None:
    put(folder, "CHG1", document("CHG1"))
    before = os.umask(umask)
    try:
        update(folder)
    finally:
        os.umask(before)
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("index.html", ".index.json")} == {mode}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\x00" * 100,
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"format": 1}',
        b'{"format": 1, "reports": []}',
        b'{"format": 1, "reports": {"CHG1/evidence.json": {"stamp": [1, 2, 3], "entry": {}}}}',
        lambda text: text[:-20],
        lambda text: text.replace(b'"format":1', b'"format":0'),
        lambda text: text.replace(b'"ok","end"', b'"fine","end"'),
        lambda text: text.replace(b'"change_id":"CHG1"', b'"change_id":["<script>"]'),
        lambda text: text.replace(b'"snapshots":2', b'"snapshots":-2'),
        lambda text: text.replace(b'"snapshots":2', b'"snapshots":"<script>"'),
        lambda text: text.replace(b'"end":"2', b'"end":"<'),
    ],
)
def test_what_is_kept_and_damaged_is_made_again(folder: Path, damage: t.Any) -> None:
    for name in ("CHG1", "CHG2"):
        put(folder, name, document(name))
    update(folder)
    before = {name: content for name, (_inode, _at, content) in state(folder).items()}
    kept = folder / ".index.json"
    content = damage if isinstance(damage, bytes) else damage(before[kept.name])
    assert content != before[kept.name]
    kept.write_bytes(content)
    update(folder)
    assert {name: content for name, (_inode, _at, content) in state(folder).items()} == before


def test_names_in_what_is_kept_are_text(folder: Path) -> None:
    put(folder, "CHG1", document("CHG1"))
    update(folder)
    kept = folder / ".index.json"
    kept.write_bytes(kept.read_bytes().replace(b'"change_id":"CHG1"', b'"change_id":"<script>1"'))
    assert names(folder) == ["<script>1in the folder CHG1"]


@pytest.mark.parametrize("kind", ["gone", "link", "dangling", "pipe"])
def test_something_else_where_it_is_kept(folder: Path, tmp_path: Path, kind: str) -> None:
    put(folder, "CHG1", document("CHG1"))
    update(folder)
    there = tmp_path / "there"
    there.write_bytes(b"mine")
    kept = folder / ".index.json"
    kept.unlink()
    if kind == "pipe":
        os.mkfifo(kept)
    elif kind != "gone":
        kept.symlink_to(there if kind == "link" else tmp_path / "nowhere")
    assert names(folder) == ["CHG1"]
    assert kept.is_file() and not kept.is_symlink()
    assert there.read_bytes() == b"mine" and not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("damage", [b"", lambda text: text[:-20], lambda text: text.replace(b"CHG1", b"CHG7")])
def test_a_damaged_page_is_made_again(folder: Path, damage: t.Any) -> None:
    put(folder, "CHG1", document("CHG1"))
    page = update(folder)
    before = page.read_bytes()
    page.write_bytes(damage if isinstance(damage, bytes) else damage(before))
    assert update(folder).read_bytes() == before


@pytest.mark.parametrize("kind", ["page", "link", "dangling", "folder", "pipe"])
def test_a_page_of_others_stays(folder: Path, tmp_path: Path, kind: str) -> None:
    put(folder, "CHG1", document("CHG1"))
    there = tmp_path / "there"
    there.write_bytes(b"<h1>mine</h1>")
    page = folder / "index.html"
    if kind == "page":
        page.write_bytes(b"<h1>mine</h1>")
    elif kind == "folder":
        page.mkdir()
    elif kind == "pipe":
        os.mkfifo(page)
    else:
        page.symlink_to(there if kind == "link" else tmp_path / "nowhere")
    before = os.lstat(page)
    with pytest.raises(OSError, match="index.html"):
        update(folder)
    assert os.path.samestat(os.lstat(page), before)
    assert there.read_bytes() == b"<h1>mine</h1>"
    assert {path.name for path in folder.iterdir()} == {"CHG1", ".index.lock", "index.html"}


def test_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        update(tmp_path / "nowhere")


# What fails, and more than one process


WRITING = ["open", "replace", "fsync", "lstat", "listdir", "scandir"]


def failing_at(number: int) -> tuple[Os, list[str]]:
    """One whose Nth call fails, and what was called."""
    calls: list[str] = []

    def wrapped(name: str) -> t.Callable[..., t.Any]:
        def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
            calls.append(name)
            if len(calls) == number:
                raise OSError(errno.EIO, "It fails", "there")
            return getattr(os, name)(*args, **kwargs)

        return call

    return Os(**{name: wrapped(name) for name in WRITING}), calls


def pages_of(folder: Path) -> tuple[bytes, bytes]:
    """Brings up to date that there is one change, and gives the page, and that of two, of which one is put there."""
    put(folder, "CHG1", document("CHG1"))
    old = update(folder).read_bytes()
    put(folder, "CHG2", document("CHG2"))
    other = folder.with_name("other")
    shutil.copytree(folder, other)
    new = update(other).read_bytes()
    shutil.rmtree(other)
    return old, new


def test_a_failure_at_any_step(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is the old one or whole, and the next run makes it right."""
    failed = 0
    for number in range(1, 1000):
        old, new = pages_of(folder)
        fake, calls = failing_at(number)
        with monkeypatch.context() as patched:
            replace_os(patched, fake)
            try:
                update(folder)
            except OSError:
                failed += 1
        page = (folder / "index.html").read_bytes()
        # A report that could not be read, by that, is not listed.
        assert page in (old, new) or "could not be read" in unread(folder), number
        assert {path.name for path in folder.iterdir()} == {"CHG1", "CHG2", *OWN}, number
        assert update(folder).read_bytes() == new, number
        shutil.rmtree(folder)
        folder.mkdir()
        if len(calls) < number:
            assert failed > 8
            break


def killed_at(number: int, folder: Path) -> None:
    """This process is killed at its Nth step of bringing it up to date."""
    die_at(number, [*WRITING, "mkdir", "unlink", "rmdir", "close"])
    update(folder)


def test_a_process_killed_at_any_step(tmp_path: Path) -> None:
    seen = set()
    for number in range(1, 1000):
        folder = tmp_path / str(number)
        folder.mkdir()
        old, new = pages_of(folder)
        end = end_of(in_child(lambda folder=folder, number=number: killed_at(number, folder)))
        page = (folder / "index.html").read_bytes()
        assert page in (old, new), number
        seen.add((end, page == new))
        # Nothing waits for the one that is gone, and nothing is left of it.
        put(folder, "CHG3", document("CHG3"))
        assert names(folder) == ["CHG1", "CHG2", "CHG3"], number
        assert {path.name for path in folder.iterdir()} == {"CHG1", "CHG2", "CHG3", *OWN}, number
        if end == 0:
            break
    assert seen == {(KILLED, False), (KILLED, True), (0, True)}


def add_some(folder: Path, who: int) -> None:
    for number in range(5):
        put(folder, f"CHG{who}.{number}", document(f"CHG{who}.{number}"))
        update(folder)
        assert f"CHG{who}.{number}" in [row.name for row in rows(folder)]


def all_of(folder: Path) -> bool:
    return sorted(row.name for row in rows(folder)) == [f"CHG{who}.{number}" for who in range(4) for number in range(5)]


def test_many_processes_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finds its own change in the page when it has done, and after the last one all are there."""
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", 3600.0)
    children = [in_child(lambda who=who: add_some(folder, who)) for who in range(4)]
    assert [end_of(child) for child in children] == [0] * 4
    assert all_of(folder)
    assert {path.name for path in folder.iterdir() if not path.name.startswith("CHG")} == OWN


def test_many_threads_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", 3600.0)
    done = []

    def run(who: int) -> None:
        add_some(folder, who)
        done.append(who)

    threads = [threading.Thread(target=run, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1, 2, 3]
    assert all_of(folder)


def test_another_process_that_writes_it_is_waited_for_and_told_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "CHG1", document("CHG1"))
    update(folder)
    before = state(folder)
    (folder / ".index-other").mkdir()
    put(folder, "CHG2", document("CHG2"))
    monkeypatch.setattr(module, "QUIET", 0.1)
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", 0.5)
    told: list[str] = []
    with open(folder / ".index.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="Another process"):
            update(folder, told.append)
    assert told == [f"waiting for another process that is writing {folder}/index.html"]
    # What the other has begun is its own.
    assert state(folder) == before and (folder / ".index-other").exists()
    assert names(folder) == ["CHG1", "CHG2"]
    assert not (folder / ".index-other").exists()


def test_a_change_that_is_stored_while_one_waits_is_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "CHG1", document("CHG1"))

    def flock(handle: int, how: int) -> None:
        put(folder, "CHG2", document("CHG2"))
        fcntl.flock(handle, how)

    monkeypatch.setattr(module, "fcntl", type("Fcntl", (), {**vars(fcntl), "flock": staticmethod(flock)}))
    assert names(folder) == ["CHG1", "CHG2"]


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_something_else_where_the_lock_should_be(folder: Path, tmp_path: Path, kind: str) -> None:
    lock = folder / ".index.lock"
    if kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match=".index.lock"):
        update(folder)
    assert not (tmp_path / "nowhere").exists()


def error_of(folder: str) -> str:
    """What is said where it is brought up to date; nothing if it is."""
    try:
        update(Path(folder))
    except OSError as error:
        return str(error.strerror)
    return ""


@pytest.mark.slow
def test_a_read_only_file_system(folder: Path) -> None:
    """There is nothing to complain of while nothing has to be written."""
    put(folder, "CHG1", document("CHG1"))
    update(folder)
    assert apart(mounted_read_only(folder), error_of, folder) == ""
    put(folder, "CHG2", document("CHG2"))
    before = state(folder)
    assert apart(mounted_read_only(folder), error_of, folder) == "Read-only file system"
    assert state(folder) == before


@pytest.mark.slow
def test_a_folder_that_may_not_be_written_to(folder: Path) -> None:
    prefix = bound_by_modes()
    put(folder, "CHG1", document("CHG1"))
    folder.chmod(0o500)
    try:
        assert apart(prefix, error_of, folder) == "Permission denied"
    finally:
        folder.chmod(0o750)
    assert [path.name for path in folder.iterdir()] == ["CHG1"]


@pytest.mark.slow
def test_a_lock_of_another_user_that_may_only_be_read_is_one(folder: Path) -> None:
    prefix = bound_by_modes()
    put(folder, "CHG1", document("CHG1"))
    (folder / ".index.lock").touch(0o440)
    assert apart(prefix, error_of, folder) == ""
    assert [row.name for row in rows(folder)] == ["CHG1"]


if __name__ == "__main__":
    main(globals())
