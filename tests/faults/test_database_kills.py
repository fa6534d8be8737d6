# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database of a ledger is killed at each step of a creation. It comes back at once, or after the task, or its
standby takes over."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import typing as t
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core import lost as evidence
from ansible_collections.community.thousandeyes.plugins.module_utils._api.v7 import ApiV7
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.waiting import Waiting
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import postgresql as postgresql_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger import sql as sql_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.sql import SqlLedger
from support.patience import HANG
from support.postgresql_server import PASSWORD, Proxy, Server, missing
from simulator import Simulator
from support.whole_task import End, task

Ledger = postgresql_ledger.PostgresqlLedger
# Of a task whose database does not come back: owner and method, the side of it, and whether a request was sent.
STEPS = [
    (Ledger, "find", "before", False),
    (Ledger, "claim", "before", False),
    (Ledger, "_intend", "before", False),
    (Ledger, "_intend", "after", False),
    (Ledger, "claim", "after", False),
    (ApiV7, "create_snapshot", "after", True),
    (Ledger, "created", "before", True),
    (SqlLedger, "_end", "after", True),
    (Ledger, "created", "after", True),
]
IDS = [f"{side}-{method.strip('_')}" for _owner, method, side, _sent in STEPS]


@pytest.fixture(params=["postgresql"])
def server(postgresql: Server) -> Server:
    """Only this ledger has a database that can be killed."""
    return postgresql


@pytest.fixture
def sim() -> t.Iterator[Simulator]:
    with Simulator() as running:
        running.settings(rate_limit=None)
        yield running


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "LAG", 0.5)
    for module in (evidence, sql_ledger, postgresql_ledger):
        monkeypatch.setattr(module, "LONGEST", 4.0)


def once(owner: t.Any, method: str, side: str, happens: t.Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Something happens with the first call of a method."""
    real = getattr(owner, method)
    calls: list[None] = []

    @functools.wraps(real)
    def wrapper(*args: t.Any, **kwargs: t.Any) -> t.Any:
        calls.append(None)
        if len(calls) == 1 and side == "before":
            happens()
        result = real(*args, **kwargs)
        if len(calls) == 1 and side == "after":
            happens()
        return result

    patch.setattr(owner, method, wrapper)


@pytest.mark.parametrize("is_public", [False, True], ids=["private", "public"])
@pytest.mark.parametrize(("owner", "method", "side", "sent"), STEPS, ids=IDS)
def test_a_database_that_comes_back_at_once(
    location: str, server: Server, sim: Simulator, owner: t.Any, method: str, side: str, sent: bool, is_public: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        once(owner, method, side, lambda: server.restart(signal.SIGQUIT), patch)
        assert task(location, sim.url, is_public=is_public) == End("created", "", [])
    assert task(location, sim.url, is_public=is_public) == End("existing", "", [])
    assert len(sim.requests("POST")) == 1


def learn(location: str, sim: Simulator) -> None:
    """Afterwards it is known that the list shows private snapshots. The simulator has one creation of that."""
    assert task(location, sim.url, display_name="shown").code == "created"
    sim.clear_requests()


@pytest.mark.parametrize("is_public", [False, True], ids=["private", "public"])
@pytest.mark.parametrize(("owner", "method", "side", "sent"), STEPS, ids=IDS)
def test_a_database_that_stays_away(
    location: str, server: Server, sim: Simulator, owner: t.Any, method: str, side: str, sent: bool, is_public: bool
) -> None:
    learn(location, sim)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgresql_ledger, "_PATIENCE", 0.5)
        once(owner, method, side, lambda: server.stop(signal.SIGQUIT), patch)
        try:
            first = task(location, sim.url, is_public=is_public)
        finally:
            server.start()
    assert first.code == ("created" if sent else "ledger_unavailable"), first
    assert len(sim.creations()) - 1 == sent
    assert first.warnings or not sent
    second = task(location, sim.url, is_public=is_public)
    kept, intended = ((method, side) == (each, "after") for each in ("created", "claim"))
    found = "outcome_unknown" if is_public else "adopted"
    # Of an intent nobody can tell whether it was sent, but by the list.
    unknown = intended and is_public
    assert second.code == ("existing" if kept else found if sent or unknown else "created"), (first, second)
    assert len(sim.creations()) - 1 == (not unknown)
    assert PASSWORD not in str((first, second))


def cut(server: Server) -> None:
    server.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'team'")


@pytest.mark.parametrize("is_public", [False, True], ids=["private", "public"])
def test_a_node_that_sleeps_between_intent_and_request(
    location: str, server: Server, sim: Simulator, is_public: bool
) -> None:
    """The database takes it for dead, and so does another node, which goes on."""
    others: list[End] = []

    def sleep_on() -> None:
        cut(server)
        others.append(task(location, sim.url, is_public=is_public, on_unknown="retry"))

    with pytest.MonkeyPatch.context() as patch:
        once(Ledger, "claim", "after", sleep_on, patch)
        assert task(location, sim.url, is_public=is_public) == End("existing", "", [])
    assert [other.code for other in others] == ["created"]
    assert len(sim.creations()) == 1


def test_a_share_link_whose_node_lives_is_not_created_again(
    location: str, server: Server, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was restarted while the request was under way, and does not know that it is."""
    # However long the restart takes, it is not over yet.
    for module in (evidence, sql_ledger, postgresql_ledger):
        monkeypatch.setattr(module, "LONGEST", HANG)
    others: list[End] = []
    looks = threading.Event()
    monkeypatch.setattr(Waiting, "_say", lambda _self, text, key="": text.startswith("looking") and looks.set())
    other = threading.Thread(
        target=lambda: others.append(task(location, sim.url, is_public=True, on_unknown="retry")), daemon=True
    )

    def restart() -> None:
        server.restart(signal.SIGQUIT)
        other.start()
        assert looks.wait(HANG)

    once(ApiV7, "create_snapshot", "before", restart, monkeypatch)
    assert task(location, sim.url, is_public=True) == End("created", "", [])
    other.join()
    assert others == [End("existing", "", [])]
    assert len(sim.creations()) == 1


@pytest.mark.parametrize(("away", "code"), [("restart", "adopted"), ("stop", "outcome_unknown")])
def test_a_database_that_goes_after_an_answer_was_lost(
    location: str, server: Server, sim: Simulator, monkeypatch: pytest.MonkeyPatch, away: str, code: str
) -> None:
    """That a request was sent matters more than that the ledger is away."""
    monkeypatch.setattr(postgresql_ledger, "_PATIENCE", 0.5)
    sim.fault(match={"method": "POST"}, drop="reset", commit=True)
    once(Ledger, "lost", "after", lambda: getattr(server, away)(signal.SIGQUIT), monkeypatch)
    try:
        end = task(location, sim.url)
    finally:
        if away == "stop":
            server.start()
    assert end.code == code, end
    assert code == "adopted" or "cannot be read" in end.message and "on_unknown=adopt" in end.message
    assert len(sim.creations()) == 1


@pytest.fixture
def pair() -> t.Iterator[tuple[Server, Server]]:
    """A server, and a synchronous standby of it."""
    if why := missing():
        pytest.skip(why)
    with contextlib.ExitStack() as stack:
        primary = stack.enter_context(Server())
        yield primary, stack.enter_context(Server(standby_of=primary))


# Every other step, since each needs two servers of its own.
@pytest.mark.parametrize(("owner", "method", "side", "sent"), STEPS[1::2], ids=IDS[1::2])
def test_a_standby_takes_over(
    pair: tuple[Server, Server], sim: Simulator, owner: t.Any, method: str, side: str, sent: bool
) -> None:
    primary, standby = pair
    # Of these, libpq takes the one that can be written to.
    location = primary.url().replace(f":{primary.port}/", f":{primary.port},127.0.0.1:{standby.port}/")

    def fail_over() -> None:
        primary.stop(signal.SIGQUIT)
        standby.promote()

    with pytest.MonkeyPatch.context() as patch:
        once(owner, method, side, fail_over, patch)
        assert task(location, sim.url) == End("created", "", [])
    assert task(location, sim.url) == End("existing", "", [])
    assert len(sim.requests("POST")) == 1


# What is to be short only from the moment that nobody answers any more: a machine may be slow.
SILENT_SECONDS = 0.5


@pytest.mark.parametrize(("is_public", "lost"), [(False, "requests"), (True, "answers")])
@pytest.mark.parametrize(("owner", "method", "side", "sent"), STEPS, ids=IDS)
def test_a_database_that_falls_silent(
    location: str,
    server: Server,
    sim: Simulator,
    owner: t.Any,
    method: str,
    side: str,
    sent: bool,
    is_public: bool,
    lost: t.Any,
) -> None:
    """It takes what is sent and answers nothing, so TCP sees no fault. What was answered is told all the same."""
    learn(location, sim)
    with Proxy(server) as proxy, pytest.MonkeyPatch.context() as patch:

        def fall_silent() -> None:
            patch.setattr(postgresql_ledger, "_LONGEST_STATEMENT", SILENT_SECONDS)
            proxy.deaf = lost

        patch.setattr(postgresql_ledger, "_PATIENCE", 0.5)
        once(owner, method, side, fall_silent, patch)
        first = task(proxy.url(), sim.url, is_public=is_public)
    assert first.code == ("created" if sent else "ledger_unavailable"), first
    assert len(sim.creations()) - 1 == sent
    assert f"within {SILENT_SECONDS:.0f} seconds" in (" ".join(first.warnings) if sent else first.message), first
    second = task(location, sim.url, is_public=is_public)
    assert len(sim.creations()) - 1 <= 1
    if sent or not is_public:
        # The outcome may be kept although nobody was told so.
        assert second.code in ("existing", "adopted", "created", "outcome_unknown"), second
        assert len(sim.creations()) - 1 == 1


def test_a_standby_that_does_not_answer(
    pair: tuple[Server, Server], sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit waits for it without end. That is not taken for done, and nothing is sent."""
    primary, standby = pair
    assert task(primary.url(), sim.url, display_name="Before").code == "created"
    standby.stop(signal.SIGQUIT)
    with monkeypatch.context() as patch:
        # The commit is next.
        once(
            Ledger,
            "_intend",
            "after",
            lambda: patch.setattr(postgresql_ledger, "_LONGEST_STATEMENT", SILENT_SECONDS),
            patch,
        )
        first = task(primary.url(), sim.url)
    assert first.code == "ledger_unavailable"
    assert f"did not answer within {SILENT_SECONDS:.0f} seconds" in first.message
    assert len(sim.creations()) == 1
    standby.start()
    assert task(primary.url(), sim.url).code == "created"
    assert len(sim.creations()) == 2


def run_many(location: str, url: str, home: str, ready: t.Any, ends: t.Any) -> None:
    os.environ["HOME"] = home
    ready.wait()
    for number in range(5):
        ends.put((number, task(location, url, display_name=f"Title {number}", quota_limit=3, quota_window=4).code))


def test_eight_nodes_that_start_together(location: str, sim: Simulator, tmp_path: Path) -> None:
    """One creation of each snapshot, by whoever is first, and one quota for all. There is no schema yet."""
    sim.settings(creation_limit=3, creation_window=4)
    context = multiprocessing.get_context("fork")
    ready, ends = context.Barrier(8), context.Queue()
    nodes = [
        context.Process(target=run_many, args=(location, sim.url, str(tmp_path / str(number)), ready, ends))
        for number in range(8)
    ]
    for node in nodes:
        node.start()
    seen = Counter(ends.get(timeout=HANG) for _end in range(8 * 5))
    for node in nodes:
        node.join()
    assert seen == {(number, code): count for number in range(5) for code, count in (("created", 1), ("existing", 7))}
    assert [row["status"] for row in sim.requests("POST")] == [201] * 5


def test_a_killed_node_is_taken_over_from(location: str, sim: Simulator) -> None:
    """Where the kill was before the request left, nobody creates it before that is sure."""
    learn(location, sim)
    code = f"import os, faults.test_database_kills as kills; kills.create_and_die({location!r}, {sim.url!r})"
    died = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert task(location, sim.url).code == "created"
    assert [row["method"] for row in sim.requests()][-2:] == ["GET", "POST"]
    assert len(sim.creations()) - 1 == 1


def create_and_die(location: str, url: str) -> None:
    """A node that is killed with an intent and no request."""
    patch = pytest.MonkeyPatch()
    once(ApiV7, "create_snapshot", "before", lambda: os.kill(os.getpid(), signal.SIGKILL), patch)
    task(location, url)
