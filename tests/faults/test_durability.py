# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the ledger promises where the machine fails: by real limits, modes, mounts and damage, and seen from outside.

As a program it is one task under such conditions: test_durability.py FUNCTION ARGUMENT... prints what it returns
(see support.failing_machine).
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import typing as t
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.v7 import ApiV7
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import Boot, SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import iso_of_epoch
from simulator import Simulator
from support.whole_task import End, task
from support.failing_machine import apart, bound_by_modes, main, mounted, mounted_read_only, need, no_file_longer_than

HOUR, DAY = 3600, 86400
PAGE = 4096


def ends_of_tasks(ledger: str, url: str, *display_names: str) -> list[End]:
    return [task(ledger, url, display_name=display_name) for display_name in display_names]


@pytest.fixture
def sim(sim: Simulator) -> Simulator:
    """Without limits."""
    sim.settings(creation_limit=None, rate_limit=None)
    return sim


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger" / "ledger.sqlite3"


def test_the_intent_is_on_the_disk_before_a_request_leaves(sim: Simulator, ledger: Path, tmp_path: Path) -> None:
    """By the system calls, in their order."""
    trace = tmp_path / "trace"
    calls = "trace=write,pwrite64,fsync,fdatasync,connect,sendto,recvfrom"
    strace = need("strace", "-f", "-qq", "-y", "-o", str(trace), "-e", calls, "-e", "signal=none")
    assert apart(strace, ends_of_tasks, ledger, sim.url, "Title")[0][0] == "created"
    wal = re.escape(f"{ledger}-wal")
    kinds = {
        "w": rf"p?write(64)?\([0-9]+<{wal}>",
        "s": rf"f(data)?sync\([0-9]+<{wal}>\) += 0$",
        "f": rf"f(data)?sync\([0-9]+<{re.escape(str(ledger.parent))}>\) += 0$",
        "C": rf"connect\(.*htons\({sim.url.rpartition(':')[2]}\)",
        "S": r"sendto\(",
        "R": r"recvfrom\(",
    }
    lines = trace.read_text().splitlines()
    order = "".join(kind for line in lines for kind, call in kinds.items() if re.match(rf"[0-9]+ +{call}", line))
    # In the ledger's log: its name in the folder, the intent and its sync; the request; the outcome and its sync; then
    # the look at the list of tests, and what it told.
    assert re.fullmatch("f*w+s+f[wsf]*w+s+CS+R+w+s+S+R+w+s+", order), order


@pytest.mark.parametrize("is_public", [False, True])
@pytest.mark.parametrize("exists", [False, True])
def test_no_more_room_at_any_point(sim: Simulator, tmp_path: Path, exists: bool, is_public: bool) -> None:
    seen = set()
    for size in range(0, 20 * PAGE, PAGE // 2):
        sim.reset()
        path = tmp_path / str(size) / "ledger.sqlite3"
        if exists:
            assert task(path, sim.url, display_name="Before").code == "created"
        with no_file_longer_than(size):
            first = task(path, sim.url, is_public=is_public)
        posts = len(sim.requests("POST")) - exists
        second = task(path, sim.url, is_public=is_public)
        story = (first.code, bool(first.warnings), posts, second.code)
        seen.add(story)
        lost = "outcome_unknown" if is_public else "adopted"
        assert story in {
            ("ledger_unavailable", False, 0, "created"),
            ("created", True, 1, lost),
            ("created", False, 1, "existing"),
        }, (size, first, second)
        assert len(sim.creations()) == 1 + exists, size
    # A new file is written in one go, and is larger than what is written to it next.
    assert len(seen) == (3 if exists else 2), seen


class NoPatience(SystemClock):
    def sleep(self, seconds: float) -> None:
        raise AssertionError("There is nothing to wait for.")


@pytest.mark.parametrize(("status", "code"), [(403, "forbidden"), (429, "rate_limited"), (500, "outcome_unknown")])
def test_an_outcome_that_cannot_be_kept_is_told_at_once(
    sim: Simulator, ledger: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    create_snapshot = ApiV7.create_snapshot
    sim.fault(status=status)
    with contextlib.ExitStack() as limit:

        def create_without_room(*arguments: t.Any) -> t.Any:
            limit.enter_context(no_file_longer_than(0))
            return create_snapshot(*arguments)

        monkeypatch.setattr(ApiV7, "create_snapshot", create_without_room)
        end = task(ledger, sim.url, NoPatience(), is_public=True, quota_wait=0)
    assert end.code == code
    assert [str(ledger) in warning for warning in end.warnings] == [True]
    assert len(sim.requests("POST")) == 1


def on_a_full_disk(folder: str, url: str, since: str) -> list[End]:
    """Of a task that has no room since then, and of the same one with room."""
    ledger, ballast = Path(folder) / "ledger.sqlite3", Path(folder) / "ballast"
    create_snapshot = ApiV7.create_snapshot

    def fill() -> None:
        with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * PAGE):
                pass

    def create_and_fill(*arguments: t.Any) -> t.Any:
        answer = create_snapshot(*arguments)
        fill()
        return answer

    if since != "ever":
        assert task(ledger, url, display_name="Before").code == "created"
    if since == "the answer":
        ApiV7.create_snapshot = create_and_fill  # type: ignore[method-assign]
    else:
        fill()
    first = task(ledger, url)
    ballast.unlink()
    return [first, task(ledger, url)]


@pytest.mark.parametrize(
    ("since", "first", "second", "requests"),
    [
        ("ever", "ledger_unavailable", "created", ["POST", "GET"]),
        ("the last task", "ledger_unavailable", "created", ["POST", "GET", "POST"]),
        ("the answer", "created", "adopted", ["POST", "GET", "POST", "GET"]),
    ],
)
def test_a_full_disk(sim: Simulator, tmp_path: Path, since: str, first: str, second: str, requests: list[str]) -> None:
    disk = mounted('mount -t tmpfs -o size=256k none "$0"', tmp_path)
    ends = apart(disk, on_a_full_disk, tmp_path, sim.url, since)
    assert [code for code, _message, _warnings in ends] == [first, second], ends
    assert [row["method"] for row in sim.requests()] == requests
    assert len(sim.creations()) == requests.count("POST")
    if first == "created":
        assert any("could not be kept" in warning for warning in ends[0][2])


def check_unwritable(sim: Simulator, ledger: Path, prefix: list[str], known: str | None) -> None:
    """``known``: the end of a task for a snapshot that the ledger knows, if there is a ledger."""
    expected = {"Before": known, "Title": "ledger_unavailable"} if known else {"Title": "ledger_unavailable"}
    ends = apart(prefix, ends_of_tasks, ledger, sim.url, *expected)
    assert [code for code, _message, _warnings in ends] == list(expected.values()), ends
    assert str(ledger) in ends[-1][1]
    assert len(sim.requests("POST")) == bool(known)


# To read, SQLite too needs a folder that can be written to.
@pytest.mark.parametrize("known", ["ledger_unavailable", None])
def test_a_read_only_file_system(sim: Simulator, ledger: Path, known: str | None) -> None:
    if known:
        assert task(ledger, sim.url, display_name="Before").code == "created"
    read_only = mounted_read_only(ledger.parents[1])
    check_unwritable(sim, ledger, read_only, known)
    assert task(ledger, sim.url).code == "created"


@pytest.mark.parametrize(
    ("part", "mode", "known"),
    [
        ("", 0o400, "existing"),
        ("", 0o000, "ledger_unavailable"),
        ("..", 0o500, "ledger_unavailable"),
        ("..", 0o000, "ledger_unavailable"),
        ("..", 0o500, None),
        ("../..", 0o500, None),
    ],
)
def test_modes_that_forbid_to_write(sim: Simulator, ledger: Path, part: str, mode: int, known: str | None) -> None:
    prefix = bound_by_modes()
    if known:
        assert task(ledger, sim.url, display_name="Before").code == "created"
    elif part == "..":
        ledger.parent.mkdir()
    closed = Path(os.path.normpath(ledger / part))
    before = closed.stat().st_mode
    closed.chmod(mode)
    try:
        check_unwritable(sim, ledger, prefix, known)
    finally:
        closed.chmod(before)
    assert task(ledger, sim.url).code == "created"


class JumpingClock:
    """The client's time. The simulator's goes on with sleep only."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._now = datetime(2026, 11, 23, 12, tzinfo=timezone.utc).timestamp()
        self._booted_at = self._now - 86400.0
        self.slept = 0.0
        sim.set_clock(iso_of_epoch(self._now))

    def now(self) -> float:
        return self._now

    def boot(self) -> Boot:
        return Boot("this one", self._booted_at)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self._now += seconds
        self._sim.advance(seconds)

    def jump(self, seconds: float) -> None:
        self._now += seconds
        self._booted_at += seconds


@pytest.fixture
def clock(sim: Simulator) -> JumpingClock:
    return JumpingClock(sim)


@pytest.fixture
def jump_before_the_answer(clock: JumpingClock, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[float], None]:
    create_snapshot = ApiV7.create_snapshot

    def prepare(seconds: float) -> None:
        def create_and_jump(*arguments: t.Any) -> t.Any:
            try:
                return create_snapshot(*arguments)
            finally:
                clock.jump(seconds)

        monkeypatch.setattr(ApiV7, "create_snapshot", create_and_jump)

    return prepare


jumps = pytest.mark.parametrize("jump", [-DAY, -HOUR, -200, 200, HOUR, DAY])


@jumps
@pytest.mark.parametrize("is_public", [False, True])
def test_a_clock_that_jumps_between_runs(
    sim: Simulator, clock: JumpingClock, ledger: Path, is_public: bool, jump: float
) -> None:
    assert task(ledger, sim.url, clock, is_public=is_public).code == "created"
    clock.jump(jump)
    assert task(ledger, sim.url, clock, is_public=is_public).code == "existing"
    assert len(sim.requests("POST")) == 1


@jumps
@pytest.mark.parametrize("is_public", [False, True])
def test_a_clock_that_jumps_before_the_answer(
    sim: Simulator,
    clock: JumpingClock,
    ledger: Path,
    jump_before_the_answer: t.Callable[[float], None],
    is_public: bool,
    jump: float,
) -> None:
    jump_before_the_answer(jump)
    assert task(ledger, sim.url, clock, is_public=is_public).code == "created"
    assert task(ledger, sim.url, clock, is_public=is_public).code == "existing"
    assert len(sim.requests("POST")) == 1


@jumps
def test_a_clock_that_jumps_while_an_answer_is_lost(
    sim: Simulator,
    clock: JumpingClock,
    ledger: Path,
    jump_before_the_answer: t.Callable[[float], None],
    jump: float,
) -> None:
    jump_before_the_answer(jump)
    sim.fault(drop="close", commit=True)
    end = task(ledger, sim.url, clock)
    assert len(sim.creations()) == 1
    assert end.code in ("adopted", "outcome_unknown")
    assert clock.slept <= 120


@jumps
def test_a_clock_that_jumps_after_an_answer_was_lost(
    sim: Simulator, clock: JumpingClock, ledger: Path, jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: t.Any) -> t.NoReturn:
        raise KeyboardInterrupt

    sim.fault(drop="close", commit=True)
    with monkeypatch.context() as stopped:
        stopped.setattr(ApiV7, "list_tests", stop)
        with pytest.raises(KeyboardInterrupt):
            task(ledger, sim.url, clock)
    clock.jump(jump)
    end = task(ledger, sim.url, clock)
    assert len(sim.creations()) == 1
    assert end.code in ("adopted", "outcome_unknown")
    assert clock.slept <= 120


# A clock that was set forward only makes for a request too early, which the API refuses.
set_back = pytest.mark.parametrize("jump", [-DAY, -HOUR, -200])


@set_back
def test_a_clock_that_is_set_back_is_not_waited_for(
    sim: Simulator, clock: JumpingClock, ledger: Path, jump: float
) -> None:
    sim.settings(creation_limit=2, creation_window=300)
    quota = {"quota_limit": 2, "quota_window": 300, "quota_wait": 2 * DAY}
    for number in range(2):
        assert task(ledger, sim.url, clock, display_name=str(number), **quota).code == "created"
    clock.jump(jump)
    assert task(ledger, sim.url, clock, display_name="2", **quota).code == "created"
    assert clock.slept <= 300
    assert len(sim.creations()) == 3


@set_back
def test_a_clock_that_is_set_back_does_not_prolong_the_doubt_about_a_share_link(
    sim: Simulator, clock: JumpingClock, ledger: Path, jump: float
) -> None:
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    assert task(ledger, sim.url, clock, is_public=True).code == "outcome_unknown"
    clock.jump(jump)
    assert task(ledger, sim.url, clock, is_public=True).code == "outcome_unknown"
    assert clock.slept == 0
    assert len(sim.creations()) == 1


@set_back
def test_a_clock_that_is_set_back_does_not_prolong_what_the_api_told(
    sim: Simulator, clock: JumpingClock, ledger: Path, jump: float
) -> None:
    sim.fault(status=429, headers={"Retry-After": "120"})
    assert task(ledger, sim.url, clock, quota_wait=0).code == "rate_limited"
    clock.jump(jump)
    assert task(ledger, sim.url, clock, quota_wait=2 * DAY).code == "created"
    assert clock.slept <= 300


def overwrite(path: Path, start: int, length: int, content: bytes = b"\xff") -> None:
    damaged = bytearray(path.read_bytes())
    damaged[start : start + length] = content * len(damaged[start : start + length])
    path.write_bytes(damaged)


@pytest.mark.parametrize("part", ["header", "half", "nothing"])
def test_a_damaged_ledger_is_kept_and_nothing_sent(sim: Simulator, ledger: Path, part: str) -> None:
    assert task(ledger, sim.url).code == "created"
    if part == "header":
        overwrite(ledger, 0, 100)
    else:
        os.truncate(ledger, ledger.stat().st_size // 2 if part == "half" else 0)
    damaged = ledger.read_bytes()
    for title in ("Title", "Another"):
        end = task(ledger, sim.url, display_name=title)
        assert (end.code, str(ledger) in end.message) == ("ledger_unavailable", True)
    assert ledger.read_bytes() == damaged
    assert len(sim.requests("POST")) == 1


def test_damage_to_any_page(sim: Simulator, ledger: Path) -> None:
    """What is known is known or the ledger unusable, but never created again."""
    assert task(ledger, sim.url).code == "created"
    sound = ledger.read_bytes()
    ends = []
    for start in range(0, len(sound), PAGE):
        ledger.write_bytes(sound)
        overwrite(ledger, start, PAGE)
        damaged = ledger.read_bytes()
        ends.append(task(ledger, sim.url).code)
        assert ledger.read_bytes() == damaged
    assert set(ends) == {"existing", "ledger_unavailable"}
    assert len(sim.requests("POST")) == 1


@pytest.mark.parametrize("change", ["record = NULL", "record = '[]'", "record = '{}'"])
def test_a_damaged_row(sim: Simulator, ledger: Path, change: str) -> None:
    assert task(ledger, sim.url).code == "created"
    with contextlib.closing(sqlite3.connect(ledger)) as database:
        database.execute(f"UPDATE attempt SET {change}")
        database.commit()
    assert task(ledger, sim.url).code == "ledger_unavailable"
    assert len(sim.requests("POST")) == 1


@pytest.mark.parametrize("content", [b"\xff", b"\0"])
def test_a_log_that_is_damaged_leaves_what_the_ledger_had(sim: Simulator, ledger: Path, content: bytes) -> None:
    assert task(ledger, sim.url).code == "created"
    Path(f"{ledger}-wal").write_bytes(content * 10 * PAGE)
    assert task(ledger, sim.url).code == "existing"
    assert task(ledger, sim.url, display_name="Another").code == "created"
    assert task(ledger, sim.url, display_name="Another").code == "existing"
    assert len(sim.requests("POST")) == 2


if __name__ == "__main__":
    main(globals())
