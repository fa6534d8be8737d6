# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server: takes requests to the versions, applies faults, keeps the log; runs in a thread of its own."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from . import control, share_host, v6, v7
from .faults import Fault
from .wire import Answer, ApiError, Request, compact
from .world import World

MAX_BODY = 256 * 1024 * 1024  # a control request may bring tens of thousands of tests
VERSIONS: dict[str, Any] = {"v6": v6, "v7": v7}


class Service:
    """Answers HTTP requests out of one scene."""

    def __init__(self) -> None:
        self.scene = control.Scene()
        self.base_url = ""

    async def respond(self, http: web.Request) -> web.StreamResponse:
        """Any request, to the API or to the control side."""
        host, port = http.transport.get_extra_info("peername")[:2] if http.transport else ("", 0)
        try:
            body = await http.read()
        except ConnectionError:  # the client has left before its request was complete
            return web.Response()
        query = dict(http.query.items())
        if http.path.startswith(control.PREFIX):
            return _response(control.handle(self.scene, http.method, http.path, query, body))
        request = Request(http.method, http.path, query, http.headers, body, host, self.base_url)
        if http.path.startswith(share_host.PREFIX):
            self.scene.shared.add(self.scene.world, request, f"{host}:{port}")
            return _response(share_host.handle(self.scene.world, request, len(self.scene.shared.rows)))
        return await self._respond_api(http, request, f"{host}:{port}")

    async def _respond_api(self, http: web.Request, request: Request, connection: str) -> web.StreamResponse:
        world = self.scene.world  # that of the request's arrival, even if a reset comes during a delay
        row = self.scene.journal.add(world, request, connection)
        fault = self.scene.faults.take(request) or Fault()
        row["fault"] = fault.name or None
        if fault.delay:
            await asyncio.sleep(fault.delay)
        answer = self._process(world, request) if fault.commit else _fabricate(world, request, fault)
        answer.headers["Date"] = format_datetime(world.clock.now(), usegmt=True)
        if fault.delay_after:
            await asyncio.sleep(fault.delay_after)
        if fault.drop:
            _drop(http, reset=fault.drop == "reset")
            return web.Response()
        if fault.raw is not None:
            row["status"] = int(fault.raw.split()[1])
            if http.transport is not None:
                http.transport.write(fault.raw.encode("latin-1"))
                http.transport.close()
            return web.Response()
        spoilt = _spoil(answer, fault)
        row["status"] = spoilt.status
        response = _response(spoilt)
        if fault.truncate is not None:
            await _send_part(http, response, spoilt.body, fault.truncate)
            return response
        try:
            await response.prepare(http)
            await response.write_eof()
        except ConnectionError:  # the client has left
            return response
        if answer.creation is not None and not fault.spoils:
            answer.creation.answered = True
        return response

    def _process(self, world: World, request: Request) -> Answer:
        """What the API does about the request: nothing here waits, so it is atomic."""
        prefix = re.match(r"/(v[0-9]+)(?=/|$)", request.path)
        version = prefix[1] if prefix else "v6"  # contract v6 §1
        path = request.path[prefix.end() :] if prefix else request.path
        if version in world.settings.retired_versions or version not in VERSIONS:
            return _retired(request, path, world.settings.retired_versions.get(version, 301))
        answer: Answer
        try:
            answer = VERSIONS[version].handle(world, request, path)
        except ApiError as exc:
            answer = VERSIONS[version].refusal(world, request, exc)
        return answer


def _fabricate(world: World, request: Request, fault: Fault) -> Answer:
    """An error in the version's own shape for a request that is not handled."""
    refusal = v7.refusal if request.path.startswith("/v7/") else v6.refusal
    return refusal(world, request, ApiError(fault.status or 500, "Injected fault"))


def _retired(request: Request, path: str, status: int) -> Answer:
    """The answer to a request to a version that is gone or never was (contract v6 §2)."""
    message = compact({"errorMessage": "This version of the API does not exist"}).encode("utf-8")
    headers = {"Location": f"{request.base_url}/v7{path}"} if status == 301 else {}
    return Answer(status, message, "application/json;charset=UTF-8", headers)


def _spoil(answer: Answer, fault: Fault) -> Answer:
    """The answer with what the fault replaces."""
    body = answer.body
    if fault.body is not None:
        body = (fault.body if isinstance(fault.body, str) else compact(fault.body)).encode("utf-8")
    return Answer(
        fault.status or answer.status,
        body,
        fault.content_type or answer.content_type,
        {**answer.headers, **fault.headers},
    )


def _response(answer: Answer) -> web.Response:
    headers = dict(answer.headers)
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=answer.status, body=answer.body, headers=headers)


async def _send_part(http: web.Request, whole: web.Response, body: bytes, count: int) -> None:
    """The headers of the whole and the first bytes of its body; then the connection is closed."""
    part = web.StreamResponse(status=whole.status, headers=whole.headers)
    part.content_length = len(body)
    try:
        await part.prepare(http)
        await part.write(body[:count])
    except ConnectionError:  # the client has left
        return
    if http.transport is not None:
        http.transport.close()


def _drop(http: web.Request, reset: bool) -> None:
    """End the connection without an answer."""
    if http.transport is None:
        return
    if reset:
        linger = struct.pack("ii", 1, 0)
        http.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        http.transport.abort()
    else:
        http.transport.close()


class Simulator(control.Control):
    """A running simulator, as a context manager; it is steered over HTTP like one in another process."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__("")
        self._address = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._ready = threading.Event()
        self._stopping: asyncio.Event
        self._failure: OSError | None = None

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(self, *_exc: Any) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and serve; OSError when the port is taken."""
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._ready.set()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        service = Service()
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_route("*", "/{path:.*}", service.respond)
        runner = web.AppRunner(application, access_log=None, keepalive_timeout=300, shutdown_timeout=0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, *self._address)
            await site.start()
        except OSError as exc:
            self._failure = exc
            await runner.cleanup()
            return
        host, port = runner.addresses[0][:2]
        self.url = service.base_url = f"http://{host}:{port}"
        self._ready.set()
        await self._stopping.wait()
        # aiohttp would wait for the handlers that a delay keeps, whose clients have long left.
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await runner.cleanup()
