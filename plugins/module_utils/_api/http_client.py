# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""HTTP with the API: credentials, time-outs, and every way in which an answer can be bad, as an error of ours."""

from __future__ import annotations

import base64
import json
import re
import ssl
import typing as t
from datetime import timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from .._core.clock import QUIET, Clock
from .._core.connection import LONGEST_POST, Connection
from .._core.errors import (
    ApiRetired,
    Forbidden,
    InvalidRequest,
    MissingLibrary,
    NotFound,
    RateLimited,
    ThousandEyesError,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from .._core.libraries import unusable
from .._core.windows import iso_from
from .http_transport import (
    WHY_MISSING,
    Adapter,
    Deadline,
    RequestBody,
    TooLate,
    causes,
    new_session,
    read_body,
    reason,
)
from .pace import Pace
from .rate_limit import Left, left_by, told_not_before

if t.TYPE_CHECKING:
    import requests

_LONGEST_MESSAGE = 500
_LONGEST_EXCERPT = 200
# Bytes of a body that are kept: of a test list or a page of results, of the answer to a POST, of the text of an error.
_MOST_READ = 64 * 1024 * 1024
_MOST_ANSWERED = 1024 * 1024
_MOST_EXPLAINED = 64 * 1024
# Seconds to wait before a GET is sent again, where the API does not tell: twice as long each time.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 16.0
# Seconds that one GET may be repeated for.
_PATIENCE = 90.0
# Seconds after which a kept connection is not used again.
_STALE = 10.0
# The numbers of OpenSSL for an unknown authority, which signed a certificate.
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)


class HttpClient:
    """One session with the API. Redirects are not followed: they would carry the credentials elsewhere.

    ``clock_offset``: seconds that the server's clock is ahead of ours, by the Date of the latest answer of any kind;
    None as long as there was no usable one. ``tell`` shows people what is waited for. ``watch`` is called with each
    answer whose headers have come, that of an error too.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        accept: str,
        basic: bool,
        tell: t.Callable[[str], None] = lambda _text: None,
        pace: Pace | None = None,
    ) -> None:
        """``pace``: that of the other sessions of the task, if there are any.

        :raises MissingLibrary: requests cannot be imported.
        """
        if WHY_MISSING is not None:
            raise MissingLibrary(unusable(WHY_MISSING, "requests"))
        self._connection = connection
        self._clock = clock
        self._tell = tell
        self._pace = pace or Pace()
        self._used_at = clock.now()
        self.clock_offset: float | None = None
        self.watch: t.Callable[[HttpAnswer], None] = lambda _answer: None
        plain = [connection.token]
        self._authorization = f"Bearer {connection.token}"
        if basic:
            both = base64.b64encode(f"{connection.email}:{connection.token}".encode()).decode()
            self._authorization = f"Basic {both}"
            plain = [both, connection.token, connection.email or both]
        self._secrets = [*plain, *(quote(secret, safe="") for secret in plain)]
        self._adapter = Adapter()
        self._session = new_session(self._adapter)
        self._session.headers["Accept"] = accept
        self._session.auth = self._authorize

    def close(self) -> None:
        self._session.close()

    @property
    def status(self) -> int | None:
        """The status of the answer to the latest request, as soon as its first line has come; None before."""
        return self._adapter.status

    def get(self, path: str, query: t.Mapping[str, str], once: bool = False) -> HttpAnswer:
        """An answer in JSON. Sent again where the reason for a failure may pass, but for ``once``.

        That is: no answer, one that cannot be read, 408, 429, and every 5xx. The answer comes within ten times the
        time-out.

        :raises ThousandEyesError: anything but a 200 with JSON.
        """
        patience = 0.0 if once else min(_PATIENCE, self._pace.patience)
        pause, spent, tries = _FIRST_PAUSE, 0.0, 0
        told = False
        while True:
            began = self._clock.now()
            tries += 1
            try:
                answer = self._request("GET", path, query, None)
                answer.json()
                return answer
            except ThousandEyesError as error:
                now = self._clock.now()
                took, wait = max(0.0, now - began), pause
                if isinstance(error, RateLimited) and error.not_before is not None:
                    wait = max(error.not_before - now, _FIRST_PAUSE)
                    self._pace.hold(error.not_before)
                spent += took
                if not error.passing or spent + wait > patience:
                    self._pace.spend(took)
                    if tries > 1:
                        error.add(f"It was tried {tries} times.")
                    if error.retry_at is not None:
                        error.add(f"Try again from {error.retry_at} on.")
                    raise
                # The next try may take as long.
                if spent + wait + took >= QUIET and not told:
                    told = True
                    self._tell(f"{error.message} Trying again at {iso_from(now + wait)}")
                # A request that was not sent, to keep to the limit of the API, has not failed.
                if not isinstance(error, RateLimited) or error.status is not None:
                    self._pace.spend(took + wait)
            self._clock.sleep(wait)
            spent += wait
            pause = min(2 * pause, _LONGEST_PAUSE)

    def post(self, path: str, query: t.Mapping[str, str], body: t.Mapping[str, t.Any]) -> HttpAnswer:
        """The whole answer with a 2xx, whichever that is. Sent once.

        It comes within twice the time-out, and within LONGEST_POST.

        :raises ThousandEyesError: any other status, or no whole answer; ``certain`` if it was surely not processed.
            After a 2xx it never is, and the error has the status.
        """
        return self._request("POST", path, query, json.dumps(body, separators=(",", ":")).encode())

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an auth handler, since requests replaces a plain header by what it finds in ~/.netrc.
        request.headers["Authorization"] = self._authorization
        return request

    def _request(self, method: str, path: str, query: t.Mapping[str, str], content: bytes | None) -> HttpAnswer:
        url = self._connection.url + path
        what = f"{method} {url}"
        self._begin(what)
        left = None
        try:
            answer = self._exchange(method, url, query, content, what)
            left = answer.left(self._clock.now())
            return answer
        finally:
            self._pace.end(left)

    def _exchange(
        self, method: str, url: str, query: t.Mapping[str, str], content: bytes | None, what: str
    ) -> HttpAnswer:
        if self._clock.now() - self._used_at > _STALE:
            # A device in between may have forgotten the connection, and the request would be lost.
            self._session.close()
        self._used_at = self._clock.now()
        timeout = self._connection.timeout
        seconds = 10 * timeout if content is None else min(2 * timeout, LONGEST_POST)

        def slow() -> None:
            self._tell(f"{what}: waiting for the whole answer, for {seconds:g} seconds in all at the most")

        deadline = self._adapter.begin(Deadline(seconds, slow))
        body = None if content is None else RequestBody(content, deadline)
        try:
            with deadline:
                response = self._send(method, url, query, body)
                received = read_body(response, _most(response.status_code, body))
        except Exception as error:
            # Not only RequestException: some of urllib3 and of the standard library come through as they are.
            raise self._broken(what, error, body, deadline) from None
        if deadline.passed:
            # Also where it seems whole: what has no length ends with the connection, whoever ends that.
            received = received._replace(why=_too_late(deadline))
        now = self._clock.now()
        answer = HttpAnswer(response.status_code, response.headers, received.content, what, self._clean)
        offset = answer.clock_offset(now)
        self.clock_offset = self.clock_offset if offset is None else offset
        self.watch(answer)
        if not _is_wanted(answer.status, body):
            raise answer.error(now)
        if received.why is not None:
            raise answer.incomplete(received.why, passing=not received.too_long)
        return answer

    def _begin(self, what: str) -> None:
        """:raises RateLimited: an earlier answer told that this request would be one too many."""
        not_before = self._pace.begin(self._clock.now())
        if not_before is not None:
            until = iso_from(not_before)
            raise RateLimited(
                f"{what}: not sent before {until}, since {self._pace.why}.",
                not_before=not_before,
                retry_at=until,
            )

    def _send(self, method: str, url: str, query: t.Mapping[str, str], body: RequestBody | None) -> requests.Response:
        """The answer up to its headers."""
        return self._session.request(
            method,
            url,
            params=query,
            data=body,
            headers={"Content-Type": "application/json"} if body else None,
            timeout=self._connection.timeout,
            # Given per request: on the session, REQUESTS_CA_BUNDLE would win over validate_certs=false.
            verify=(self._connection.ca_path or True) if self._connection.validate_certs else False,
            allow_redirects=False,
            stream=True,
        )

    def _broken(
        self, what: str, error: Exception, body: RequestBody | None, deadline: Deadline
    ) -> UnexpectedResponse | Unreachable:
        """Why there is no answer, or none that has all of its headers."""
        if body is not None and self.status is not None and _is_wanted(self.status, body):
            why = _too_late(deadline) if deadline.passed else reason(error)
            return HttpAnswer(self.status, {}, b"", what, self._clean).incomplete(why, passing=False)
        certain = body is None or not body.begun
        if deadline.passed or isinstance(error, TooLate):
            lacking = "no whole answer" if body is None or body.begun else "no connection"
            text = f"{what}: there was {lacking} within {deadline.seconds:g} seconds."
            return Unreachable(text, certain=certain, passing=True)
        inner = causes(error)[-1]
        return Unreachable(
            f"{what}: no answer: {self._clean(reason(error))}.{self._advice(inner)}",
            certain=certain,
            # Neither a wrong certificate nor a malformed address mends itself; that TLS ended too soon may.
            passing=isinstance(inner, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
            or not (isinstance(error, ValueError) or isinstance(inner, ssl.SSLError)),
        )

    def _advice(self, error: BaseException) -> str:
        if not isinstance(error, ssl.SSLCertVerificationError) or error.verify_code not in _UNKNOWN_AUTHORITY:
            return ""
        if self._connection.ca_path is not None:
            return " The authority that signed the certificate is not among those of ca_path."
        return " If you know the authority that signed the certificate, name the file with its own in ca_path."

    def _clean(self, text: str, longest: int = _LONGEST_MESSAGE) -> str:
        for secret in self._secrets:
            text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
        # Not every ledger could keep the others.
        text = "".join(mark if mark.isprintable() else " " for mark in text)
        return text if len(text) <= longest else text[:longest] + "..."


class HttpAnswer:
    """An answer: all of its body, or of one with an error what is needed to explain it."""

    def __init__(
        self,
        status: int,
        headers: t.Mapping[str, str],
        content: bytes,
        what: str,
        clean: t.Callable[..., str],
    ) -> None:
        self.status = status
        self.content = content
        self.headers = headers
        self._what = what
        self._clean = clean
        self._read: tuple[t.Any] | None = None

    def is_of(self, method: str) -> bool:
        """Whether it answers a request of that method."""
        return self._what.startswith(f"{method} ")

    def clock_offset(self, now: float) -> float | None:
        """Seconds that the server's clock is ahead of ``now``, by its Date header; None without a usable one."""
        try:
            date = parsedate_to_datetime(self.headers["Date"])
            return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp() - now
        except (KeyError, OverflowError, TypeError, ValueError):
            return None

    def left(self, now: float) -> Left | None:
        """How many requests remain by this answer, until an instant by our clock."""
        offset = self.clock_offset(now) or 0.0
        told = left_by(self.headers, now + offset)
        return None if told is None else told._replace(reset_at=told.reset_at - offset)

    def json(self) -> t.Any:
        """In UTF-8, UTF-16 or UTF-32, with a byte order mark or without.

        :raises UnexpectedResponse: it is not JSON.
        """
        if self._read is None:
            try:
                self._read = (json.loads(self.content),)
            except (RecursionError, ValueError):
                raise self._unexpected("makes no sense: it is not JSON", passing=True) from None
        return self._read[0]

    def nonsense(self, why: str) -> UnexpectedResponse:
        """What can be read, but is no answer to the request."""
        return self._unexpected(f"makes no sense: {why}", passing=False)

    def incomplete(self, why: str, *, passing: bool) -> UnexpectedResponse:
        return self._unexpected(f"could not be read whole: {why}", passing=passing)

    def _unexpected(self, what: str, *, passing: bool) -> UnexpectedResponse:
        begins = self._clean(_text_of(self.content[:_MOST_EXPLAINED]), _LONGEST_EXCERPT)
        return UnexpectedResponse(
            f"{self._what}: the answer ({self.status}) {self._clean(what)}. "
            + (f"It begins: {begins}" if begins else "Nothing was in it that could be read."),
            status=self.status,
            passing=passing,
        )

    def error(self, now: float) -> ThousandEyesError:
        """What the status says, with the server's own words. Statuses: contract v6 §2, v7 §2."""
        status = self.status
        said = self._clean(_words_of(self.content)).rstrip(".") or "no reason given"
        message = f"{self._what}: the API answered {status}: {said}."
        if status in (301, 410):
            return ApiRetired(f"{message} This version of the API is gone, or api_url is wrong.", status=status)
        if status in (400, 406, 415, 422):
            return InvalidRequest(message, status=status)
        if status == 401:
            return Unauthorized(
                f"{message} Check the token before trying again: repeated failures lock the account out.", status=status
            )
        if status in (403, 404, 407) and self._is_foreign():
            return UnexpectedResponse(
                f"{message} This is not an answer of the API, which gives its reasons in JSON, but of something in "
                "between, such as a proxy. Check api_url, and the proxies in the environment.",
                status=status,
                certain=True,
                foreign=True,
            )
        if status == 403:
            return Forbidden(message, status=status)
        if status == 404:
            return NotFound(message, status=status)
        if status == 429:
            not_before = self._told_not_before(now)
            return RateLimited(
                message, status=status, not_before=not_before, retry_at=iso_from(not_before) if not_before else None
            )
        # 302, 303 and 408 may follow a request that was processed; so may every 5xx.
        certain = status in (307, 308) or (400 <= status < 500 and status != 408)
        return UnexpectedResponse(
            message,
            status=status,
            certain=certain,
            passing=status == 408 or status >= 500,
            foreign=status < 400 or self._is_foreign(),
        )

    def _told_not_before(self, now: float) -> float | None:
        """By our clock. The server's instants are by its own."""
        offset = self.clock_offset(now) or 0.0
        told = told_not_before(self.headers, now + offset)
        return None if told is None else told - offset

    def _is_foreign(self) -> bool:
        """Whether a refusal is not in a format of the API. XML is one of v6 (contract v6 §1)."""
        kind = self.headers.get("Content-Type", "").lower()
        if not self.content.strip() or ("xml" in kind and "html" not in kind):
            return False
        try:
            return not isinstance(json.loads(self.content), dict)
        except (RecursionError, ValueError):
            return True


def _is_wanted(status: int, body: RequestBody | None) -> bool:
    """Whether an answer of this status is what was asked for; after a POST, every 2xx is."""
    return status == 200 if body is None else 200 <= status < 300


def _most(status: int, body: RequestBody | None) -> int:
    """How many bytes of an answer are read."""
    if not _is_wanted(status, body):
        return _MOST_EXPLAINED
    return _MOST_READ if body is None else _MOST_ANSWERED


def _too_late(deadline: Deadline) -> str:
    return f"it did not come whole within {deadline.seconds:g} seconds"


def _text_of(content: bytes) -> str:
    """On one line."""
    return " ".join(content.decode(json.detect_encoding(content), "replace").split())


def _words_of(content: bytes) -> str:
    """The server's reason out of any error body that was documented or seen: contract v6 §2, v7 §2."""
    try:
        body = json.loads(content)
    except (RecursionError, ValueError):
        return _text_of(content)
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
