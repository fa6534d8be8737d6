# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bounds in time and memory, against servers that do to a socket whatever they like."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gzip
import json
import os
import re
import socket
import ssl
import sys
import threading
import typing as t
import zlib
from pathlib import Path

import pytest
import trustme
from ansible_collections.community.thousandeyes.plugins.module_utils._api import http_client
from ansible_collections.community.thousandeyes.plugins.module_utils._api import http_transport
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import (
    MissingLibrary,
    ThousandEyesError,
    UnexpectedResponse,
    Unreachable,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._api.http_client import HttpAnswer, HttpClient
from support.patience import HANG
from support.python_apart import Poison, run_python
from support.snapshot_answers import v7_answer

PATH = "/v7/tests/19955/snapshot"
CREATED = json.dumps(v7_answer()).encode()
Play = t.Callable[[socket.socket], None]


def open_files_to(port: int) -> int:
    """How many files of this process are connections to the port."""
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    ours = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(f":{port:04X}")}
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += os.readlink(each) in ours
    return found


class Server:
    """Calls ``play`` with each connection, and keeps the heads of the requests that ``head_of`` read."""

    def __init__(self, play: t.Callable[[Server, socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self._play = play
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._peers: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.heads: list[bytes] = []
        self.connections = 0
        self.stayed = False

    def __enter__(self) -> Server:
        self._start(self._serve)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # A client that a failed test has left open shall not hide why it failed.
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        # The first of them starts the others. A socket that one closes later is no business of the next test.
        for thread in self._threads:
            thread.join(HANG)
            assert not thread.is_alive()
        assert not self.stayed

    def _start(self, work: t.Callable[..., None], *what: t.Any) -> None:
        self._threads.append(threading.Thread(target=work, args=what, daemon=True))
        self._threads[-1].start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._talk, peer)

    def _talk(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                peer = self._tls.wrap_socket(peer, server_side=True)
            self._peers.append(peer)
            with peer:
                self._play(self, peer)

    def head_of(self, peer: socket.socket) -> bytes:
        """Reads a request, with its body."""
        text = b""
        while b"\r\n\r\n" not in text:
            piece = peer.recv(65536)
            if not piece:
                raise OSError("the client has left")
            text += piece
        head, _blank, rest = text.partition(b"\r\n\r\n")
        self.heads.append(head)
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                left = int(line.partition(b":")[2]) - len(rest)
                while left > 0:
                    left -= len(peer.recv(65536))
        return head

    def drip(self, peer: socket.socket, what: bytes = b" ") -> None:
        """Until the client leaves. If it stays, the test fails."""
        for _time in range(20 * HANG):
            if self._over.wait(0.05):
                return
            peer.sendall(what)
        self.stayed = True


def head(status: int = 201, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} So", *lines, "", ""]).encode()


def sized(body: bytes, status: int = 201, *lines: str) -> bytes:
    return head(status, f"Content-Length: {len(body)}", *lines) + body


def answering(answer: bytes) -> t.Callable[[Server, socket.socket], None]:
    """Plays the answer to each request, and closes the connection behind it."""

    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(answer)

    return play


@contextlib.contextmanager
def client_of(connection: Connection, port: int, **changes: t.Any) -> t.Iterator[HttpClient]:
    told = changes.pop("tell", print)
    changed = dataclasses.replace(connection, **{"url": f"http://127.0.0.1:{port}", **changes})
    client = HttpClient(changed, SystemClock(), "application/json", changed.email is not None, told)
    try:
        yield client
    finally:
        client.close()


class Soon(http_transport.Deadline):
    """Two seconds for an exchange. No wait in it ends by itself, though the machine stands still for a moment."""

    def __init__(self, _seconds: float, slow: t.Callable[[], None]) -> None:
        super().__init__(2, slow)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "Deadline", Soon)


def post(
    connection: Connection, play: t.Callable[[Server, socket.socket], None], **changes: t.Any
) -> HttpAnswer | ThousandEyesError:
    with Server(play) as server, client_of(connection, server.port, **changes) as client:
        try:
            return client.post(PATH, {}, {"displayName": "x"})
        except ThousandEyesError as error:
            return error
        finally:
            assert len(server.heads) == 1


# What drips


def drip_of_the_body(server: Server, peer: socket.socket) -> None:
    server.head_of(peer)
    peer.sendall(head(201, "Content-Length: 1000000") + b'{"id": "wdiac"')
    server.drip(peer)


def drip_of_a_body_that_ends_with_the_connection(server: Server, peer: socket.socket) -> None:
    server.head_of(peer)
    peer.sendall(head(201) + b'{"id": "wdiac"')
    server.drip(peer)


def drip_of_chunks(server: Server, peer: socket.socket) -> None:
    server.head_of(peer)
    peer.sendall(head(201, "Transfer-Encoding: chunked") + b'e\r\n{"id": "wdiac"\r\n')
    server.drip(peer, b"1\r\n \r\n")


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("play", [drip_of_the_body, drip_of_a_body_that_ends_with_the_connection, drip_of_chunks])
def test_a_creation_whose_body_never_ends(connection: Connection, play: t.Any) -> None:
    error = post(connection, play)
    assert isinstance(error, UnexpectedResponse)
    assert (error.status, error.certain) == (201, False)
    assert "it did not come whole within 2 seconds" in error.message
    assert '"wdiac"' in error.message


@pytest.mark.usefixtures("soon")
def test_headers_that_never_end(connection: Connection) -> None:
    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(b"HTTP/1.1 201 Created\r\nX-Long: ")
        server.drip(peer)

    error = post(connection, play)
    assert isinstance(error, UnexpectedResponse)
    assert (error.status, error.certain) == (201, False)
    assert "it did not come whole within 2 seconds" in error.message


@pytest.mark.usefixtures("soon")
def test_continuations_that_never_end(connection: Connection) -> None:
    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        server.drip(peer, b"HTTP/1.1 100 Continue\r\n\r\n")

    error = post(connection, play)
    assert isinstance(error, Unreachable)
    assert not error.certain
    assert "there was no whole answer within 2 seconds" in error.message


@pytest.mark.usefixtures("soon")
def test_an_error_whose_text_never_ends(connection: Connection) -> None:
    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(head(400, "Content-Length: 1000000") + b'{"title": "No such window')
        server.drip(peer)

    error = post(connection, play)
    assert isinstance(error, ThousandEyesError)
    assert (error.code, error.certain) == ("invalid_request", True)
    assert "No such window" in error.message


@pytest.mark.usefixtures("soon")
def test_a_handshake_that_never_ends(connection: Connection) -> None:
    """A record of TLS that says that it is long."""

    def play(server: Server, peer: socket.socket) -> None:
        peer.sendall(b"\x16\x03\x03\x40\x00")
        server.drip(peer, b"\x02")

    with Server(play) as server:
        url = f"https://127.0.0.1:{server.port}"
        with client_of(connection, server.port, url=url) as client:
            with pytest.raises(Unreachable) as error:
                client.post(PATH, {}, {})
        assert server.connections == 1
    assert error.value.certain


@pytest.mark.usefixtures("soon")
def test_a_name_that_is_looked_up_for_ever(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_args: t.Any, **_more: t.Any) -> t.Any:
        over.wait()
        raise socket.gaierror("over")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with client_of(connection, 1, url="http://api.example.com") as client:
        with pytest.raises(Unreachable, match="there was no connection within 2 seconds") as error:
            client.post(PATH, {}, {})
    over.set()
    assert error.value.certain


def test_a_connection_made_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = threading.Event()
    ours, theirs = socket.socketpair()

    def connect() -> socket.socket:
        made.wait()
        return ours

    with pytest.raises(http_transport.TooLate):
        with http_transport.Deadline(0.05, made.set) as deadline:
            deadline.connect(connect)
    made.set()
    assert theirs.recv(1) == b""
    theirs.close()


def test_nothing_is_sent_when_it_is_too_late(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time runs out between the connection and the request."""
    follow = http_transport.Deadline.follow

    def late(self: http_transport.Deadline, peer: socket.socket) -> None:
        follow(self, peer)
        self._ends_at = 0.0

    monkeypatch.setattr(http_transport.Deadline, "follow", late)
    with Server(lambda server, peer: server.drip(peer, b"")) as server, client_of(connection, server.port) as client:
        with pytest.raises(Unreachable, match="no connection") as error:
            client.post(PATH, {}, {})
    assert error.value.certain


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_that_is_used_again(
    connection: Connection, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the connection is kept for each exchange, and none for longer."""
    tls, ca_path = certificates(tmp_path)

    def play(server: Server, peer: socket.socket) -> None:
        for _time in range(3):
            server.head_of(peer)
            peer.sendall(sized(b"[]", 200))
        server.head_of(peer)
        peer.sendall(head(201, "Content-Length: 1000000"))
        server.drip(peer)

    with Server(play, tls if scheme == "https" else None) as server:
        url = f"{scheme}://127.0.0.1:{server.port}"
        with client_of(connection, server.port, url=url, ca_path=ca_path) as client:
            for _time in range(3):
                client.get("/v7/tests", {})
            assert open_files_to(server.port) == 1
            # The same connection, but not as much time.
            monkeypatch.setattr(http_client, "Deadline", Soon)
            with pytest.raises(UnexpectedResponse, match="within 2 seconds"):
                client.post(PATH, {}, {})
            assert server.connections == 1


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_drips(connection: Connection, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(b"HTTP/1.1 200 Connection established\r\nX-Long: ")
        server.drip(peer)

    with Server(play) as server:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{server.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        with client_of(connection, server.port, url=f"{scheme}://api.example.com") as client:
            with pytest.raises(ThousandEyesError, match="within 2 seconds") as error:
                client.post(PATH, {}, {})
        assert len(server.heads) == 1
    # For TLS, the proxy is asked for a connection first.
    assert error.value.certain is (scheme == "https")


@pytest.mark.usefixtures("soon")
def test_a_list_that_never_ends(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_PATIENCE", 0.0)

    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(head(200) + b"[")
        server.drip(peer)

    with Server(play) as server, client_of(connection, server.port) as client:
        with pytest.raises(UnexpectedResponse, match="within 2 seconds"):
            client.get("/v7/tests", {})


@pytest.mark.usefixtures("soon")
def test_people_are_told_of_what_waits(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_transport, "QUIET", 0.2)
    told: list[str] = []
    with Server(drip_of_the_body) as server, client_of(connection, server.port, tell=told.append) as client:
        with pytest.raises(UnexpectedResponse):
            client.post(PATH, {}, {})
    longest = f"{2 * connection.timeout} seconds in all at the most"
    assert told == [f"POST http://127.0.0.1:{server.port}{PATH}: waiting for the whole answer, for {longest}"]


def test_how_long_an_exchange_may_take(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds: list[float] = []

    class Noted(http_transport.Deadline):
        def __init__(self, limit: float, slow: t.Callable[[], None]) -> None:
            seconds.append(limit)
            super().__init__(limit, slow)

    monkeypatch.setattr(http_client, "Deadline", Noted)
    # The server says that it closes the connection. Else a list that meets its end is asked for once more.
    with Server(answering(sized(CREATED, 200, "Connection: close"))) as server:
        for timeout in (30, 250, 300):
            with client_of(connection, server.port, timeout=timeout) as client:
                client.post(PATH, {}, {})
                client.get("/v7/tests", {})
    assert seconds == [60, 300, 500, 2500, 500, 3000]


# What is broken or long

COMPRESSED = gzip.compress(CREATED, mtime=0)
GZIP = "Content-Encoding: gzip"
LONG = b'{"id": "wdiac", "more": "' + b"x" * 1024 * 1024 + b'"}'


@pytest.mark.parametrize(
    "answer, why, readable",
    [
        (head(201, "Transfer-Encoding: chunked") + b"40\r\n" + CREATED[:30], "IncompleteRead", None),
        (head(200, "Content-Length: 64") + CREATED[:30], "ended too soon|IncompleteRead", True),
        (sized(COMPRESSED[:-12], 201, GZIP), "EOFError", True),
        (head(201, "Content-Length: 99", GZIP) + COMPRESSED[:-12], "EOFError|IncompleteRead", True),
        (sized(b"\x1f\x8b" + b"\xff" * 50, 202, GZIP), "BadGzipFile", False),
        (sized(CREATED, 201, "Content-Encoding: br"), "compressed by 'br'", False),
        (sized(LONG), "longer than 1024 KiB", True),
        (sized(gzip.compress(LONG), 201, GZIP), "longer than 1024 KiB", True),
        (head(201, "Transfer-Encoding: chunked") + b"soon\r\n" + CREATED, "invalid|Invalid", False),
    ],
)
def test_a_creation_whose_body_breaks(connection: Connection, answer: bytes, why: str, readable: bool | None) -> None:
    error = post(connection, answering(answer))
    assert isinstance(error, UnexpectedResponse)
    assert error.status == int(answer[9:12])
    assert not error.certain
    assert f"({error.status})" in error.message
    assert re.search(why, error.message)
    # Some versions of Python lose the part of a chunk.
    assert readable is None or ("wdiac" in error.message) is readable
    assert ("wdiac" in error.message) is not ("Nothing was in it that could be read" in error.message)
    assert len(error.message) < 700


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_an_answer(connection: Connection, status: int) -> None:
    answer = post(connection, answering(sized(b"" if status == 204 else CREATED, status)))
    assert isinstance(answer, HttpAnswer)
    assert answer.status == status
    assert answer.content == (b"" if status == 204 else CREATED)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_encodings_of_json(connection: Connection, encoding: str) -> None:
    body = '{"displayName": "Zürich 登录 🚦"}'
    answer = post(connection, answering(sized(body.encode(encoding), 201, "Content-Type: application/json")))
    assert isinstance(answer, HttpAnswer)
    assert answer.json() == json.loads(body)
    with Server(answering(sized(body.encode(encoding), 200))) as server, client_of(connection, server.port) as client:
        assert client.get("/v7/tests", {}).json() == json.loads(body)


@pytest.mark.parametrize("body", [COMPRESSED, gzip.compress(CREATED[:20]) + gzip.compress(CREATED[20:])])
def test_what_is_compressed(connection: Connection, body: bytes) -> None:
    answer = post(connection, answering(sized(body, 201, GZIP)))
    assert isinstance(answer, HttpAnswer)
    assert answer.content == CREATED


@pytest.mark.parametrize("status", [200, 201])
def test_what_makes_no_sense_is_shown_without_secrets(connection: Connection, status: int) -> None:
    page = f"<html>\r\n\x1b[2J Welcome, {connection.token} " + "x" * 1000
    answer = post(connection, answering(sized(page.encode(), status)))
    assert isinstance(answer, HttpAnswer)
    with pytest.raises(UnexpectedResponse) as error:
        answer.json()
    assert "it is not JSON. It begins: <html>  [2J Welcome, *** xxx" in error.value.message
    assert len(error.value.message) < 400
    assert (error.value.status, error.value.certain) == (status, False)


MIB = 1024 * 1024


@pytest.mark.parametrize("status, most", [(200, 64 * MIB), (201, MIB), (403, 64 * 1024)], ids=["list", "new", "error"])
@pytest.mark.parametrize("longer", [0, 1])
def test_how_long_a_body_may_be(connection: Connection, status: int, most: int, longer: int) -> None:
    """The rest of an error is not needed, but one that is cut is no JSON."""
    start = b'{"title": "No such window"'
    body = start + b" " * (most + longer - len(start) - 1) + b"}"
    with Server(answering(sized(body, status))) as server, client_of(connection, server.port) as client:
        try:
            answer = client.get("/v7/tests", {}) if status == 200 else client.post(PATH, {}, {})
            said = answer.json()["title"]
        except ThousandEyesError as error:
            said = error.message
    if status == 403:
        assert said.endswith(" 403: No such window.") is (longer == 0)
    elif longer:
        assert f"longer than {most // 1024} KiB" in said
    else:
        assert said == "No such window"
    # What is too long will be so again.
    assert len(server.heads) == 1


def test_a_list_that_breaks_is_asked_for_again(connection: Connection) -> None:
    answers = [head(200, "Content-Length: 9") + b"[", sized(b"[1]", 200)]

    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(answers[len(server.heads) - 1])

    with Server(play) as server, client_of(connection, server.port) as client:
        assert client.get("/v7/tests", {}).json() == [1]


def test_a_redirect_is_not_looked_into(connection: Connection) -> None:
    """Its body is an error's, of which little is read."""

    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(head(302, "Location: /elsewhere", "Transfer-Encoding: chunked"))
        server.drip(peer, b"10000\r\n" + b"x" * 65536 + b"\r\n")

    error = post(connection, play)
    assert isinstance(error, UnexpectedResponse)
    assert (error.status, error.certain) == (302, False)


FETCH = """
import json, sys
from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import ThousandEyesError
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import resolve_window

version, way, kind, url = sys.argv[1:]
window = resolve_window("2018-10-06T00:00:00Z", None, 1, 2e9)
wanted = SnapshotRequest(url, None, "19955", "x", window, True)
api = open_api(Connection(url, version, "secret", None, True, None, 60), SystemClock(), way)

def peak():
    # In MiB, of this program alone: what getrusage tells is also that of the process that started it.
    with open("/proc/self/status") as status:
        return int(dict(line.split(":", 1) for line in status)["VmHWM"].split()[0]) / 1024

start = peak()
try:
    if kind == "list":
        api.list_tests(None)
    else:
        api.create_snapshot(wanted)
except ThousandEyesError as error:
    print(json.dumps([error.code, error.status, error.certain, peak() - start, error.message]))
"""


def endless(status: int, *lines: str) -> t.Callable[[Server, socket.socket], None]:
    """A GiB, or less if the client has seen enough."""

    def play(server: Server, peer: socket.socket) -> None:
        server.head_of(peer)
        peer.sendall(head(status, f"Content-Length: {1 << 30}", *lines))
        for _time in range(1 << 10):
            peer.sendall(b" " * (1 << 20))

    return play


@functools.lru_cache(maxsize=None)
def bomb() -> bytes:
    """Few bytes that become 256 MiB."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * (1 << 24)) for _time in range(16)) + packer.flush()


@pytest.mark.slow
@pytest.mark.parametrize(
    "version, way, kind", [("v7", "json", "list"), ("v7", "json", "create"), ("v6", "xml", "create")]
)
@pytest.mark.parametrize("what", ["long", "bomb", "error"])
def test_memory(kind: str, version: str, way: str, what: str) -> None:
    status = 403 if what == "error" else 200 if kind == "list" else 201
    play = answering(sized(bomb(), status, GZIP)) if what == "bomb" else endless(status)
    with Server(play) as server:
        ran = run_python(FETCH, version, way, kind, f"http://127.0.0.1:{server.port}")
        assert len(server.heads) == 1
    code, told, certain, grown, message = json.loads(ran.stdout)
    assert (code, told) == ("unexpected_response" if what != "error" else code, status)
    assert certain is (what == "error")
    # A list may have 64 MiB, and nothing else more than one.
    assert grown < (100 if kind == "list" else 20)
    assert len(message) < 1000
    assert ran.stderr == ""


# TLS


def certificates(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Those of a server at 127.0.0.1, and the file of their authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return context, str(path)


@pytest.fixture
def secured(tmp_path: Path) -> t.Iterator[tuple[str, str]]:
    """The address of a server, and the file with its authority."""
    tls, ca_path = certificates(tmp_path)

    with Server(answering(sized(b"[]", 200)), tls) as server:
        yield f"https://127.0.0.1:{server.port}", ca_path


def test_an_unknown_authority(connection: Connection, secured: tuple[str, str], tmp_path: Path) -> None:
    url, ca_path = secured
    _tls, other_path = certificates(tmp_path)
    other = tmp_path / "other"
    os.rename(other_path, other)
    for path, words in ((None, "name the file with its own in ca_path"), (str(other), "not among those of ca_path")):
        with client_of(connection, 1, url=url, ca_path=path) as client:
            with pytest.raises(Unreachable, match=words) as error:
                client.get("/v7/tests", {})
        assert "tried" not in error.value.message


def test_the_authority_of_ca_path(connection: Connection, secured: tuple[str, str]) -> None:
    url, ca_path = secured
    with client_of(connection, 1, url=url, ca_path=ca_path) as client:
        assert client.get("/v7/tests", {}).json() == []


def test_no_library_warns_of_what_was_asked_for(connection: Connection, secured: tuple[str, str]) -> None:
    """In a process of its own, since pytest has filters of its own for warnings."""
    program = (
        "import sys\n"
        "from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api\n"
        "from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock\n"
        "from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection\n"
        "api = open_api(Connection(sys.argv[1], 'v7', 'secret', None, False, None, 5), SystemClock())\n"
        "try:\n    api.list_tests(None)\nexcept Exception as error:\n    print(error)\n"
    )
    ran = run_python(program, secured[0])
    assert "no list of tests" in ran.stdout
    assert ran.stderr == ""


# The library


@pytest.mark.parametrize(
    "failure, words",
    [
        (ModuleNotFoundError("No module named 'requests'", name="requests"), "No module named"),
        (AttributeError("module 'lib' has no attribute 'X509_V_FLAG_NOTIFY_POLICY'"), "X509_V_FLAG_NOTIFY"),
        (OSError("libssl.so.3: cannot open shared object file"), "libssl.so.3"),
        (ImportError("urllib3 v2 only supports OpenSSL 1.1.1+"), "OpenSSL 1.1.1"),
        (ModuleNotFoundError("No module named 'nothing_of_that_name'", name="nothing_of_that_name"), "nothing_of_that"),
    ],
)
def test_a_library_that_cannot_be_imported(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, failure: Exception, words: str
) -> None:
    names = {"__name__": http_transport.__name__, "__package__": http_transport.__package__}
    source = compile(Path(http_transport.__file__).read_text(encoding="utf-8"), "http_transport.py", "exec")
    poison = Poison(["requests"], lambda _name: failure)
    poison.take()
    try:
        exec(source, names)
    finally:
        poison.give_back()
    monkeypatch.setattr(http_client, "WHY_MISSING", names["WHY_MISSING"])
    with pytest.raises(MissingLibrary) as error:
        HttpClient(connection, SystemClock(), "application/json", basic=False)
    assert words in error.value.message
    assert sys.executable in error.value.message
