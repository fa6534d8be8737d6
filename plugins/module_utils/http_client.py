# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP with the API: who we are, time-outs, and every way that an answer can be bad, as our errors."""

from __future__ import annotations

import base64
import io
import json
import re
import ssl
import typing as t
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from .clock import Clock
from .connection import Connection
from .errors import (
    ApiRetired,
    Forbidden,
    InvalidRequest,
    MissingLibrary,
    NotFound,
    RateLimited,
    ThousandEyesError,
    Unauthorized,
    Unreachable,
    UnexpectedResponse,
)
from .quota import nothing_left_before, told_not_before
from .windows import iso_from

try:
    import requests
    from requests.exceptions import InvalidURL
    from urllib3.exceptions import LocationValueError
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

_LONGEST_MESSAGE = 500
# Seconds to wait before a GET is sent again, where the API does not tell; and how long that may go on in all.
_PAUSES = (1.0, 2.0, 4.0)
_PATIENCE = 90.0
# Seconds after which a kept connection is not used again.
_STALE = 10.0


class _Body(io.BytesIO):
    """A request's body that knows whether it has begun to leave: HTTP libraries connect before they read it."""

    begun = False

    def read(self, size: int | None = -1) -> bytes:
        self.begun = True
        return super().read(size)


class HttpClient:
    """One session with the API. Redirects are not followed: they would carry the credentials elsewhere."""

    def __init__(self, connection: Connection, clock: Clock, accept: str, basic: bool) -> None:
        """:raises MissingLibrary: requests is not installed."""
        if not HAS_REQUESTS:
            raise MissingLibrary("The Python library requests is not installed where this task runs; install it there.")
        self._connection = connection
        self._clock = clock
        self._not_before = 0.0
        self.clock_offset: float | None = None
        self._used_at = clock.now()
        both = base64.b64encode(f"{connection.email}:{connection.token}".encode()).decode()
        plain = [secret for secret in (both, connection.token, connection.email) if secret]
        self._secrets = [*plain, *(quote(secret, safe="") for secret in plain)]
        self._authorization = f"Basic {both}" if basic else f"Bearer {connection.token}"
        self._session = requests.Session()
        self._session.headers["Accept"] = accept
        self._session.auth = self._authorize

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, query: t.Mapping[str, str], once: bool = False) -> HttpAnswer:
        """Sent again where the reason for a failure may pass, but for ``once``: no answer, 429, 502, 503.

        :raises ThousandEyesError: anything but a 200.
        """
        give_up_at = self._clock.now() + _PATIENCE
        pauses = iter(_PAUSES)
        while True:
            try:
                return self._request("GET", path, query, None)
            except ThousandEyesError as error:
                pause = next(pauses, None) if error.passing and not once else None
                now = self._clock.now()
                if isinstance(error, RateLimited) and error.not_before is not None and not once:
                    pause = max(error.not_before - now, _PAUSES[0])
                if pause is None or now + pause > give_up_at:
                    if error.retry_at is not None:
                        error.message += f" Try again from {error.retry_at} on."
                    raise
            self._clock.sleep(pause)

    def post(self, path: str, query: t.Mapping[str, str], body: t.Mapping[str, t.Any]) -> HttpAnswer:
        """Sent once. :raises ThousandEyesError: anything but a 201; ``certain`` if it was surely not processed."""
        return self._request("POST", path, query, _Body(json.dumps(body, separators=(",", ":")).encode()))

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an auth handler, since requests replaces a plain header by what it finds in ~/.netrc.
        request.headers["Authorization"] = self._authorization
        return request

    def _request(self, method: str, path: str, query: t.Mapping[str, str], body: _Body | None) -> HttpAnswer:
        url = self._connection.url + path
        if self._clock.now() < self._not_before:
            until = iso_from(self._not_before)
            raise RateLimited(
                f"{method} {url}: not sent, since the API takes no request of this organization before {until}.",
                not_before=self._not_before,
                retry_at=until,
            )
        if self._clock.now() - self._used_at > _STALE:
            # A device in between may have forgotten the connection, and the request would be lost.
            self._session.close()
        self._used_at = self._clock.now()
        try:
            response = self._session.request(
                method,
                url,
                params=query,
                data=body,
                headers={"Content-Type": "application/json"} if body else None,
                timeout=self._connection.timeout,
                # Given per request: on the session, REQUESTS_CA_BUNDLE would win over validate_certs=false.
                verify=(self._connection.ca_path or True) if self._connection.validate_certs else False,
                allow_redirects=False,
            )
        except Exception as error:
            # Not only RequestException: some of urllib3 and of the standard library come through as they are.
            certain = body is None or not body.begun
            raise Unreachable(
                f"{method} {url}: no answer: {self._clean(_reason(error))}.",
                certain=certain,
                # Neither a wrong certificate nor a malformed address mends itself; that TLS ended too soon may.
                passing=isinstance(_innermost(error), (ssl.SSLEOFError, ssl.SSLZeroReturnError))
                or not isinstance(error, (requests.exceptions.SSLError, ValueError)),
            ) from None
        answer = HttpAnswer(response, f"{method} {url}", self._clean)
        self.clock_offset = answer.clock_offset(self._clock.now())
        if not (response.status_code == 200 if body is None else 200 <= response.status_code < 300):
            raise answer.error(self._clock.now())
        self._not_before = answer.nothing_left_before(self._clock.now())
        return answer

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
        # Not every ledger could keep the others.
        text = "".join(mark if mark.isprintable() else " " for mark in text)
        return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "..."


class HttpAnswer:
    """An answer that came whole."""

    def __init__(self, response: requests.Response, what: str, clean: t.Callable[[str], str]) -> None:
        self._response = response
        self._what = what
        self._clean = clean

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def content(self) -> bytes:
        return self._response.content

    def clock_offset(self, now: float) -> float:
        """Seconds that the server's clock is ahead of ``now``, by its Date header; 0 without one."""
        try:
            return parsedate_to_datetime(self._response.headers["Date"]).timestamp() - now
        except (KeyError, OverflowError, TypeError, ValueError):
            return 0.0

    def nothing_left_before(self, now: float) -> float:
        """The instant (epoch seconds) before which, by this answer, the API would refuse the next request."""
        offset = self.clock_offset(now)
        told = nothing_left_before(self._response.headers, now + offset)
        return 0.0 if told is None else told - offset

    def json(self) -> t.Any:
        """:raises UnexpectedResponse: it is not JSON."""
        try:
            return self._response.json()
        except (RecursionError, ValueError):
            raise self.nonsense("it is not JSON") from None

    def nonsense(self, why: str) -> UnexpectedResponse:
        return UnexpectedResponse(
            f"{self._what}: the answer ({self._response.status_code}) makes no sense: {why}.",
            status=self._response.status_code,
        )

    def error(self, now: float) -> ThousandEyesError:
        """What the status says, with the server's own words. Statuses: contract v6 §2, v7 §2."""
        status = self._response.status_code
        said = self._clean(_words_of(self._response)).rstrip(".") or "no reason given"
        message = f"{self._what}: the API answered {status}: {said}."
        if status in (301, 410):
            return ApiRetired(f"{message} This version of the API is gone, or api_url is wrong.", status=status)
        if status in (400, 406, 415, 422):
            return InvalidRequest(message, status=status)
        if status == 401:
            return Unauthorized(
                f"{message} Check the token before trying again: repeated failures lock the account out.", status=status
            )
        if status == 403:
            return Forbidden(message, status=status)
        if status == 404:
            return NotFound(message, status=status)
        if status == 429:
            # The server's instants are by its own clock.
            offset = self.clock_offset(now)
            told = told_not_before(self._response.headers, now + offset)
            not_before = None if told is None else told - offset
            return RateLimited(
                message, status=status, not_before=not_before, retry_at=iso_from(not_before) if not_before else None
            )
        # 302, 303 and 408 may follow a request that was processed; so may every 5xx.
        certain = status in (307, 308) or (400 <= status < 500 and status != 408)
        return UnexpectedResponse(message, status=status, certain=certain, passing=status in (502, 503))


def _innermost(error: BaseException) -> BaseException:
    """The cause that the outer errors of requests and urllib3 only wrap; or the one that tells of a bad address."""
    while not isinstance(error, (InvalidURL, LocationValueError)):
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def _reason(error: BaseException) -> str:
    error = _innermost(error)
    if isinstance(error, (InvalidURL, LocationValueError)):
        # It cites the address, which may be that of a proxy with its password.
        return "the address of the API, or that of a proxy in the environment, is malformed"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _words_of(response: requests.Response) -> str:
    """The server's reason out of any error body that was documented or seen: contract v6 §2, v7 §2."""
    try:
        body = response.json()
    except (RecursionError, ValueError):
        return " ".join(response.text.split())
    if not isinstance(body, dict):
        return json.dumps(body)
    words = [body[name] for name in ("errorMessage", "error", "error_description", "title", "detail") if body.get(name)]
    errors = body.get("errors") or []
    for item in errors if isinstance(errors, list) else [errors]:
        words.append(
            " ".join(str(item[name]) for name in ("field", "message", "code") if item.get(name))
            if isinstance(item, dict)
            else item
        )
    return " ".join("; ".join(str(word) for word in words).split()) or json.dumps(body)
