# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The library requests with bounds that it lacks: an end to a whole exchange, and to what is kept of an answer."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import queue
import socket
import threading
import time
import typing as t
import warnings

from .._core.clock import QUIET

try:
    # What it has to say of the versions of other libraries would go to stderr.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import requests
        from requests.adapters import HTTPAdapter
        from requests.exceptions import InvalidURL
        from urllib3.exceptions import HTTPWarning, LocationValueError
except Exception as error:
    # An installation that does not fit together raises anything.
    WHY_MISSING: Exception | None = error
    HTTPAdapter = object  # type: ignore[assignment, misc]
else:
    WHY_MISSING = None
    # Ansible takes what a library writes to stderr for a fault of the task.
    warnings.simplefilter("ignore", HTTPWarning)

_PIECE = 64 * 1024

_T = t.TypeVar("_T")


class TooLate(Exception):
    """The time for the exchange is over."""


class Deadline:
    """Ends an exchange after ``seconds``, whatever it waits for, by shutting its connection down.

    The time-outs of urllib3 are for one wait each, and a peer that drips can cause any number of waits. ``slow`` is
    called once, from another thread, if the exchange lasts longer than QUIET.

    One thread does all of it, since threads are what an exchange costs most: it connects, and then watches. Only a
    connection that was there is watched by a new one.
    """

    def __init__(self, seconds: float, slow: t.Callable[[], None]) -> None:
        self.seconds = seconds
        begins_at = time.monotonic()
        self._ends_at = begins_at + seconds
        self._quiet_until = begins_at + QUIET
        self._slow: t.Callable[[], None] | None = slow if seconds > QUIET else None
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._over = threading.Event()
        self._is_watched = False
        self.passed = False

    def __enter__(self) -> Deadline:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        with self._lock:
            self._let_go()

    def check(self) -> None:
        """:raises TooLate:"""
        if self._left() <= 0:
            self.passed = True
        if self.passed:
            raise TooLate

    def connect(self, connect: t.Callable[[], socket.socket]) -> socket.socket:
        """What ``connect`` returns. It runs in a thread, since nothing else can leave the look-up of a name.

        :raises TooLate: it takes too long.
        """
        self.check()
        outcome: queue.SimpleQueue[socket.socket | BaseException] = queue.SimpleQueue()
        abandoned = threading.Event()
        is_watched = self._is_watched

        def work() -> None:
            try:
                connection = connect()
            except BaseException as error:
                outcome.put(error)
                return
            outcome.put(connection)
            if abandoned.is_set():
                connection.close()
            elif not is_watched:
                self._watch()

        threading.Thread(target=work, daemon=True).start()
        try:
            result = self._outcome(outcome)
        except BaseException as error:
            # The time is over, or the task was stopped.
            abandoned.set()
            if not isinstance(error, queue.Empty):
                raise
            self.passed = True
            raise TooLate from None
        if isinstance(result, BaseException):
            raise result
        self._is_watched = True
        return result

    def follow(self, connection: socket.socket) -> None:
        """From now on, the exchange is on this connection.

        A copy is kept of it: TLS takes it over, and urllib3 lets go of it before the answer is read.

        :raises TooLate:
        """
        with self._lock:
            self.check()
            self._let_go()
            self._connection = socket.socket(fileno=os.dup(connection.fileno()))
        if not self._is_watched:
            self._is_watched = True
            threading.Thread(target=self._watch, daemon=True).start()

    def _left(self) -> float:
        return max(0.0, self._ends_at - time.monotonic())

    def _outcome(self, outcome: queue.SimpleQueue[_T]) -> _T:
        """What connecting led to. :raises queue.Empty: the time is over."""
        if self._slow is not None:
            try:
                return outcome.get(timeout=max(0.0, self._quiet_until - time.monotonic()))
            except queue.Empty:
                self._tell()
        return outcome.get(timeout=self._left())

    def _watch(self) -> None:
        if self._slow is not None and not self._over.wait(max(0.0, self._quiet_until - time.monotonic())):
            self._tell()
        if self._over.wait(self._left()):
            return
        with self._lock:
            self.passed = True
            if self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)

    def _tell(self) -> None:
        slow, self._slow = self._slow, None

        def tell() -> None:
            with contextlib.suppress(Exception):
                if slow is not None:
                    slow()

        # In a thread of its own: whatever becomes of a line for people, the end must come in time.
        threading.Thread(target=tell, daemon=True).start()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Adapter(HTTPAdapter):
    """Connections that keep to the deadline of the one exchange under way, and tell the status of its answer.

    ``status``: known as soon as the first line of the answer has come, whatever becomes of the rest; before that, None.
    """

    def __init__(self) -> None:
        self.begin(Deadline(0, lambda: None))
        super().__init__()

    def begin(self, deadline: Deadline) -> Deadline:
        """A new exchange."""
        self.status: int | None = None
        self.deadline = deadline
        return deadline

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        if proxy not in self.proxy_manager:
            self._watch(super().proxy_manager_for(proxy, **kwargs))
        return self.proxy_manager[proxy]

    def _watch(self, manager: t.Any) -> None:
        manager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": self._watched(pool.ConnectionCls)})
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def _watched(self, connection_class: t.Any) -> type:
        adapter = self

        class Response(connection_class.response_class):  # type: ignore[misc]
            def begin(self) -> None:
                try:
                    super().begin()
                finally:
                    # Until its first line has come, it is a word.
                    adapter.status = self.status if isinstance(self.status, int) else None

        class Watched(connection_class):  # type: ignore[misc]
            response_class = Response

            def _new_conn(self) -> socket.socket:
                connection = adapter.deadline.connect(super()._new_conn)
                adapter.deadline.follow(connection)
                return connection

            def request(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
                if self.sock is not None:
                    adapter.deadline.follow(self.sock)
                return super().request(*args, **kwargs)

        return Watched


class RequestBody(io.BytesIO):
    """A body that knows whether it has begun to leave: HTTP libraries connect before they read it."""

    def __init__(self, content: bytes, deadline: Deadline) -> None:
        super().__init__(content)
        self._deadline = deadline
        self.begun = False

    def read(self, size: int | None = -1) -> bytes:
        self._deadline.check()
        self.begun = True
        return super().read(size)


def new_session(adapter: Adapter) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    # The only one that read_body reads.
    session.headers["Accept-Encoding"] = "gzip"
    # Even where it does not follow a redirect, requests would look where it leads, and read all of the body before.
    session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
    return session


class Body(t.NamedTuple):
    """``content`` is without compression. ``why``: why it is not all, None if it is. ``too_long``: the reason is that.

    Where it is too long, its beginning is kept.
    """

    content: bytes
    why: str | None
    too_long: bool


def read_body(response: requests.Response, limit: int) -> Body:
    """Up to ``limit`` bytes. Not by requests, which does not bound what a few compressed bytes become."""
    body = bytearray()
    why = None
    too_long = False
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    raw: t.Any = response.raw
    read = raw.read
    if encoding in ("gzip", "x-gzip"):
        read = gzip.GzipFile(fileobj=raw, mode="rb").read1
    elif encoding not in ("", "identity"):
        why = f"it is compressed by {encoding!r}, which was not asked for"
    try:
        while why is None:
            piece = read(min(_PIECE, limit + 1 - len(body)))
            body += piece
            if len(body) > limit:
                why, too_long = f"it is longer than {limit // 1024} KiB", True
                del body[_PIECE:]
            elif not piece:
                break
        # Versions of urllib3 before 2 do not notice.
        if why is None and raw.length_remaining:
            why = "it ended too soon"
    except Exception as error:
        # That of urllib3 tells only how much it read.
        parts = [part for cause in causes(error) if isinstance(part := getattr(cause, "partial", None), bytes)]
        # Some versions of Python have zeros there in place of what came.
        body += max(parts, key=len, default=b"").strip(b"\0")
        why = reason(error)
    with contextlib.suppress(Exception):
        response.close()
    return Body(bytes(body), why, too_long)


def causes(error: BaseException) -> list[BaseException]:
    """The error and those that it wraps, which requests and urllib3 do; up to one that tells of a bad address."""
    found = [error]
    while not isinstance(found[-1], (InvalidURL, LocationValueError)):
        inner = found[-1].__cause__ or found[-1].__context__ or getattr(found[-1], "reason", None)
        if not isinstance(inner, BaseException):
            break
        found.append(inner)
    return found


def reason(error: BaseException) -> str:
    error = causes(error)[-1]
    if isinstance(error, (InvalidURL, LocationValueError)):
        # It cites the address, which may be that of a proxy with its password.
        return "the address of the API, or that of a proxy in the environment, is malformed"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
