# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What a C(snapshot) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import contextlib
import typing as t
from datetime import datetime

from .._capture.capture import Capture, Outcome
from .._capture.policy import Policy
from .._core.clock import NEWS_EVERY
from .._core.connection import Connection
from .._core.errors import InvalidRequest, LedgerUnavailable, ThousandEyesError
from .._core.links import link_id_of
from .._core.names import check_id, check_text
from .._core.quota import MONTH, Quota
from .._core.snapshot import SnapshotRequest, planned
from .._core.windows import HOURS, Window, iso, left, resolve_window
from .._ledger.interface import Ledger
from .._ledger.location import is_postgresql
from .._options import ACCOUNT_GROUP, CONNECTION, LEDGER, QUOTA, QUOTA_WAIT
from .context import IN_FACTS, Context
from .open_ledger import ledger_of
from .outcome import IDENTITY, result_of

if t.TYPE_CHECKING:
    from .._api.client import Api
    from .._core.test_list import Listing

SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    **LEDGER,
    **QUOTA,
    **QUOTA_WAIT,
    "display_name": {"type": "str", "required": True, "aliases": ["displayName"]},
    "test_id": {"type": "str", "aliases": ["testId"]},
    "test_name": {"type": "str"},
    "tests": {"type": "list", "elements": "str"},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "hours": {"type": "int", "choices": list(HOURS)},
    "window_wait": {"type": "int", "default": 0},
    "is_public": {"type": "bool", "default": False, "aliases": ["isPublic"]},
    "format": {"type": "str", "choices": ["json", "xml"], "default": "json"},
    "force": {"type": "bool", "default": False},
    "on_unknown": {"type": "str", "choices": ["fail", "retry", "adopt"], "default": "fail"},
    "link_id": {"type": "str", "aliases": ["linkId"]},
    "visibility": {"type": "str", "choices": ["check", "accept"], "default": "check"},
}
_WHICH = ("test_id", "test_name", "tests")
RULES = {"mutually_exclusive": [_WHICH], "required_one_of": [_WHICH]}

# Characters of the name of an organization.
_LONGEST_NAME = 200
# How long the vendor keeps results: contract v6 §7. v7 does not say.
_KEPT_DAYS = 90
# Seconds that the API's clock may be behind: it refuses a window that is not over.
_SLOWEST = 5.0
_SLICED = (
    "Slices do not see what the others create, unless the ledger is postgresql://...: use that, or set the job slicing "
    "of the template to 1. Nothing was created."
)

OpenApi = t.Callable[[], "Api"]


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: this task created nothing."""
    connection = Connection.from_params(params)
    if params["format"] == "xml" and connection.version != "v6":
        raise InvalidRequest("format: xml is an answer format of API v6; v7 answers in JSON only.")
    policy = policy_of(params, connection)
    requests = _requests(params, connection, context)
    if context.slice and not is_postgresql(params["ledger"]):
        raise LedgerUnavailable(f"{context.slice}. {_SLICED}")
    in_facts = params["ledger"] == IN_FACTS
    if in_facts:
        _check_shown(requests, connection)
    ledger = ledger_of(params["ledger"], context, {connection.host: policy.quota.organization})
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(ledger.close)
        open_api = _once(connection, params["format"], context, cleanup)
        capture = Capture(ledger, open_api, context.clock, policy, context.tell, context.warn)
        outcomes = _captured(capture, requests, ledger, open_api, params, context)
        result = result_of(
            requests,
            outcomes,
            ledger,
            policy.quota,
            context,
            changed=capture.changed,
            in_facts=in_facts,
            several=params["tests"] is not None,
        )
    if result["changed"]:
        _warn_of_age(requests[0].window, context)
    return result


def nothing(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What the result of a task that did nothing has beside its failure."""
    return {} if params.get("tests") is None else {"snapshots": []}


def _once(connection: Connection, answer_format: str, context: Context, cleanup: contextlib.ExitStack) -> OpenApi:
    """One connection to the API for all of the task, from the first need on."""
    api: list[Api] = []

    def open_once() -> Api:
        if not api:
            # Here, since a task that changes nothing shall not pay for the import of an HTTP library.
            from .._api.client import open_api

            api.append(open_api(connection, context.clock, answer_format, context.tell))
            cleanup.callback(api[0].close)
        return api[0]

    return open_once


def _captured(
    capture: Capture,
    requests: list[SnapshotRequest],
    ledger: Ledger,
    open_api: OpenApi,
    params: t.Mapping[str, t.Any],
    context: Context,
) -> list[Outcome | None]:
    try:
        asked = _with_test_ids(requests, ledger, open_api, context.warn, force=params["force"])
        waits = params["window_wait"] > 0 and not context.check_mode
        if waits and any(isinstance(item, SnapshotRequest) for item in asked):
            _wait_for_the_end(requests[0].window.end, context)
        return capture.run(asked, context.check_mode)
    except LedgerUnavailable as error:
        # What fails later is an outcome.
        error.add("This task created nothing.")
        raise


def policy_of(params: t.Mapping[str, t.Any], connection: Connection) -> Policy:
    """:raises InvalidRequest: an option breaks a rule."""
    for option, least, most in (
        ("quota_limit", 1, 1_000_000),
        ("quota_window", 1, MONTH),
        ("quota_wait", 0, MONTH),
        ("window_wait", 0, MONTH),
    ):
        if not least <= params[option] <= most:
            raise InvalidRequest(f"{option}: {params[option]} is not in {least} to {most}.")
    forgets = params["ledger"] in (IN_FACTS, "none")
    if forgets and params["on_unknown"] == "adopt":
        raise InvalidRequest(
            f"on_unknown: the ledger {params['ledger']} does not keep what is unknown, so there is nothing to adopt. "
            "Nothing was created. Do not run the task again for a snapshot that exists: it would be created again."
        )
    organization = check_text(params["organization"], "organization") if params["organization"] else connection.host
    if len(organization) > _LONGEST_NAME:
        raise InvalidRequest(f"organization: it has more than {_LONGEST_NAME} characters.")
    return Policy(
        quota=Quota(organization, params["quota_limit"], params["quota_window"]),
        quota_wait=params["quota_wait"],
        force=params["force"],
        retry_unknown=params["on_unknown"] == "retry",
        adopt_unknown=params["on_unknown"] == "adopt",
        link_id=_link_id(params),
        accept_visibility=params["visibility"] == "accept",
        forgets=forgets,
    )


def _link_id(params: t.Mapping[str, t.Any]) -> str | None:
    link_id: str | None = params["link_id"]
    if link_id is not None:
        if params["on_unknown"] != "adopt" or (params["tests"] and len(params["tests"]) > 1):
            raise InvalidRequest("link_id: it is for on_unknown=adopt, and for one test.")
        if link_id_of(link_id) is None:
            raise InvalidRequest(f"link_id: {link_id!r} is not an id, such as wdiac in wdiac.share.thousandeyes.com.")
    return link_id


def _requests(params: t.Mapping[str, t.Any], connection: Connection, context: Context) -> list[SnapshotRequest]:
    """With an empty test id where the test is asked for by name."""
    aid = params["aid"]
    common = SnapshotRequest(
        api_host=connection.host,
        aid=check_id(aid, "aid") if aid is not None else None,
        test_id="",
        display_name=check_text(params["display_name"], "display_name"),
        window=resolve_window(
            params["from"], params["to"], params["hours"], context.clock.now(), params["window_wait"]
        ),
        is_public=params["is_public"],
    )
    if params["test_id"] is not None:
        return [common.for_test(check_id(params["test_id"], "test_id"))]
    if params["test_name"] is not None:
        return [_named(common, params["test_name"], "test_name")]
    if not params["tests"]:
        raise InvalidRequest("tests: the list is empty.")
    return [
        common.for_test(check_id(test, "tests")) if test.isdecimal() else _named(common, test, "tests")
        for test in params["tests"]
    ]


def _named(common: SnapshotRequest, name: str, option: str) -> SnapshotRequest:
    return common._replace(test_name=check_text(name, option))


def _check_shown(requests: list[SnapshotRequest], connection: Connection) -> None:
    """What a snapshot is known by must be in the facts as it is, and the token in it would be hidden.

    :raises InvalidRequest: there is one.
    """
    for fields in (planned(request).to_dict() for request in requests):
        for name in (*IDENTITY, "test_name"):
            if isinstance(fields[name], str) and connection.token in fields[name]:
                raise InvalidRequest(
                    f"ledger: facts cannot keep a snapshot with the value of api_token in its {name}: it is hidden in "
                    "all that a task returns, so later jobs would create the snapshot again. Nothing was created. "
                    f"Leave it out of the {name}, or use another ledger."
                )


def _with_test_ids(
    requests: list[SnapshotRequest], ledger: Ledger, open_api: OpenApi, warn: t.Callable[[str], None], *, force: bool
) -> list[SnapshotRequest | ThousandEyesError | None]:
    """The requests with the ids of their tests, or why there is none. The list is read once at most.

    None: not looked up, since what failed before would again.
    """
    asked: list[SnapshotRequest | ThousandEyesError | None] = []
    listing: Listing | None = None
    failed = False
    for request in requests:
        test_id = request.test_id or (None if force else _known_test_id(request, ledger))
        if test_id is not None:
            asked.append(request.for_test(test_id))
        elif failed:
            asked.append(None)
        else:
            from .._core.test_names import test_id_of

            try:
                if listing is None:
                    listing = open_api().list_tests(request.aid)
                asked.append(request.for_test(test_id_of(request.test_name or "", listing.tests, request.aid)))
            except ThousandEyesError as error:
                error.add("This task created nothing for it.")
                asked.append(error)
                failed = listing is None
    if listing is not None:
        _warn_of_disabled(asked, listing, warn)
    return asked


def _warn_of_disabled(asked: t.Iterable[object], listing: Listing, warn: t.Callable[[str], None]) -> None:
    """Only where the list was read anyway: it is not worth a request."""
    wanted = {item.test_id for item in asked if isinstance(item, SnapshotRequest)}
    for test in listing.tests:
        if test.test_id in wanted and test.enabled is False:
            warn(
                f"Test {test.test_name!r} ({test.test_id}) is disabled. Where it did not run in the window, its "
                "snapshot shows nothing."
            )


def _warn_of_age(window: Window, context: Context) -> None:
    days = (context.clock.now() - window.start.timestamp()) / 86400
    if days > _KEPT_DAYS:
        context.warn(
            f"The window begins {days:.0f} days ago. The vendor keeps results for {_KEPT_DAYS} days, so the snapshot "
            "may show nothing."
        )


def _known_test_id(request: SnapshotRequest, ledger: Ledger) -> str | None:
    """For a snapshot that is known, the test need not be looked up, even if it has another name by now."""
    test_id = ledger.find_test(request)
    return None if test_id is None or ledger.find(request.for_test(test_id)) is None else test_id


def _wait_for_the_end(end: datetime, context: Context) -> None:
    until = end.timestamp() + _SLOWEST
    while True:
        seconds = until - context.clock.now()
        if seconds <= 0:
            return
        context.tell(f"waiting for the end of the window at {iso(end)}, {left(seconds)} left")
        context.clock.sleep(min(seconds, NEWS_EVERY))
