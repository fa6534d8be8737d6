# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real PostgreSQL server for tests, with a folder of its own, that they may restart and kill."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import typing as t
from urllib.parse import quote

import pytest
from support.patience import HANG, wait_until

# Hard to write into a URL, and found nowhere else.
PASSWORD = "s3cret/of @te%"
DATABASE = "ledgers"
_OWNER = "team"


def missing() -> str | None:
    """Why there can be no server here."""
    try:
        import psycopg  # noqa: F401  # pylint: disable=unused-import
    except ImportError as error:
        return f"there is no psycopg here: {error}"
    if _binaries() is None:
        return "there is no PostgreSQL server here"
    if os.geteuid() == 0 and (_user() is None or shutil.which("setpriv") is None):
        return "a PostgreSQL server does not run as root, and there is no other user for it here"
    return None


def _binaries() -> str | None:
    found = shutil.which("postgres")
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda folder: int(folder.split("/")[-2]))
    places = [os.path.dirname(found)] if found else []
    places += [folder for folder in folders if os.access(os.path.join(folder, "initdb"), os.X_OK)]
    return places[-1] if places else None


def _user() -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return None


def started() -> t.Iterator[Server]:
    """For a fixture."""
    why = missing()
    if why:
        pytest.skip(why)
    with Server() as running:
        yield running


class Server:
    """Started by ``with``. Roles: postgres, who may do all, by the socket; and team, by TCP and its password.

    ``standby_of``: it follows that one, which waits for it with each commit. ``certificate``: for TLS, with its key.
    """

    def __init__(
        self, standby_of: Server | None = None, certificate: tuple[bytes, bytes] | None = None, **settings: str
    ) -> None:
        self._primary = standby_of
        self._certificate = certificate
        self._folder = tempfile.mkdtemp(prefix="pg-")
        self._data = os.path.join(self._folder, "data")
        self._prefix: list[str] = []
        user = _user()
        if os.geteuid() == 0 and user is not None:
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._settings = {
            "fsync": "on",
            # What nobody waits for does not reach the disk by itself either, while a slow machine does other things.
            "synchronous_commit": "off",
            "wal_writer_delay": "10s",
            "shared_buffers": "16MB",
            **settings,
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        if self._primary:
            self._follow(self._primary)
            return self
        command = ["initdb", "-D", self._data, "-U", "postgres", "-A", "scram-sha-256", "--auth-local=trust"]
        self._run(*command, "-E", "UTF8", "--locale=C", "-N")
        if self._certificate:
            for name, content in zip(("server.crt", "server.key"), self._certificate):
                self._write(name, content)
            self._settings["ssl"] = "on"
        self.start()
        self.sql(f"CREATE ROLE {_OWNER} LOGIN PASSWORD '{PASSWORD}'")
        self.sql(f"CREATE DATABASE {DATABASE} OWNER {_OWNER}")
        return self

    def _follow(self, primary: Server) -> None:
        where = ["-h", primary._folder, "-p", str(primary.port), "-U", "postgres"]
        self._run("pg_basebackup", *where, "-D", self._data, "-R", "-X", "stream", "-c", "fast")
        self.start()
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("SELECT pg_reload_conf()")
        wait_until(lambda: primary.sql("SELECT sync_state FROM pg_stat_replication") == [("sync",)], self.log)

    def __exit__(self, *_why: object) -> None:
        if self._process is not None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self._folder, **self._settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(os.path.join(self._folder, "log"), "ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", self._data, "-p", str(self.port), *options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, self.log, every=0.05)

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, self.log()
        with contextlib.suppress(OSError):
            self.sql("SELECT 1")
            return True
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it in order, SIGQUIT at once; each cuts all connections."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait()
        self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def promote(self) -> None:
        """A standby becomes one that can be written to."""
        self.sql(f"SELECT pg_promote(true, {HANG})")

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[t.Any, ...]]:
        """As postgres. :raises OSError: there is no connection."""
        import psycopg

        try:
            connection = psycopg.connect(
                host=self._folder, port=self.port, user="postgres", dbname=database, autocommit=True
            )
        except psycopg.OperationalError as error:
            raise OSError(str(error)) from error
        with contextlib.closing(connection):
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def empty_database(self) -> str:
        """The URL of the database of team, which has no ledger any more: much faster than another one."""
        self.sql("DROP SCHEMA IF EXISTS thousandeyes_ledger CASCADE", DATABASE)
        return self.url(DATABASE)

    def url(self, database: str = DATABASE, user: str = _OWNER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def log(self) -> str:
        with open(os.path.join(self._folder, "log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def _run(self, *command: str) -> None:
        subprocess.run(self._command(*command), check=True, capture_output=True)

    def _write(self, name: str, content: bytes) -> None:
        """Into the folder of the data, as PostgreSQL wants keys."""
        path = os.path.join(self._data, name)
        with open(path, "wb") as file:
            os.chmod(path, 0o600)
            os.chown(path, os.stat(self._data).st_uid, os.stat(self._data).st_gid)
            file.write(content)

    def _command(self, name: str, *arguments: str) -> list[str]:
        binaries = _binaries()
        assert binaries is not None
        return [*self._prefix, os.path.join(binaries, name), *arguments]


class Proxy:
    """Started by ``with``, between clients and a server. It always takes what clients send, so TCP sees no fault.

    ``deaf``: what gets lost from now on, "requests" on their way to the server, or the "answers" of it. ``refusal``:
    what new connections are told before they are ended.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.deaf: t.Literal["", "requests", "answers"] = ""
        self.refusal = ""
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_why: object) -> None:
        for end in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def url(self) -> str:
        return self._server.url().replace(f":{self._server.port}/", f":{self._port}/")

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                self._sockets.append(client)
                if self.refusal:
                    threading.Thread(target=self._refuse, args=(client,), daemon=True).start()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server.port))
                self._sockets.append(server)
                for ends in ((client, server, "requests"), (server, client, "answers")):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, what: str) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                if self.deaf != what:
                    sink.sendall(content)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _refuse(self, client: socket.socket) -> None:
        """In the protocol's words: the first request may be one for TLS or GSS, of 8 bytes."""
        with contextlib.suppress(OSError), client:
            while len(client.recv(65536)) == 8:
                client.sendall(b"N")
            fields = f"SFATAL\0VFATAL\0C53300\0M{self.refusal}\0\0".encode()
            client.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
