# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""A private snapshot to examine: that of an earlier check, or a new one by the ordinary path."""

from __future__ import annotations

import typing as t

from .._api.rate_limit import rate_limit_of, retry_after_of
from .._api.shapes import json_of, shape_of, told_headers
from .._core.errors import (
    Forbidden,
    NotFound,
    QuotaExhausted,
    RateLimited,
    ThousandEyesError,
    Unauthorized,
    VisibilityContradicted,
)
from .._core.names import check_id
from .._core.snapshot import SnapshotRecord, SnapshotRequest
from .._core.test_names import test_id_of
from .._core.windows import iso, parse_instant
from .._ledger.interface import Known, Ledger
from .answer import SHAPE, STATUS
from .check import FAILED, OK, WARNING, Check, Fact, Finding
from .explain import explained
from .hours import last_full_hour
from .site import Made, Site

if t.TYPE_CHECKING:
    from .._api.http_client import HttpAnswer

# By it an earlier check's snapshot is found in the ledger, and by people in the web application.
TITLE = "account_check"
PERMISSION = "Create snapshot shares"
RESETS = ("none", "epoch", "seconds", "date", "past", "unclear")
LIMIT_STATUS = Fact("creation_limit_status", "status", ("creation-limit",))
LIMIT_HEADERS = Fact("creation_limit_headers", "headers", ("creation-limit",))
LIMIT_BODY = Fact("creation_limit_body", "shape", ("creation-limit", "v6-error-texts"))
LIMIT_RETRY = Fact("creation_limit_retry_after", "word", ("creation-limit",), RESETS)
LIMIT_RESET = Fact("creation_limit_reset", "word", ("creation-limit",), RESETS)
LIMIT_SECONDS = Fact("creation_limit_seconds", "seconds", ("creation-limit",))
REFUSAL_STATUS = Fact("creation_refusal_status", "status", ("creation-errors",))
REFUSAL_BODY = Fact("creation_refusal_body", "shape", ("creation-errors", "v6-error-texts"))
_WORDS = {
    "epoch": "as an instant since 1970",
    "seconds": "as seconds from now",
    "date": "as a date",
    "past": "as an instant that is over",
    "unclear": "in a form that is not known",
}
_STAYS = (
    "a private snapshot stays for good, since no API deletes one; should this API take isPublic the other way round, "
    "it comes out as a share link that anyone can view"
)


def run(site: Site) -> t.Iterator[Finding]:
    earlier = earlier_of(site, is_public=False)
    if isinstance(earlier, SnapshotRecord):
        site.made = Made(earlier, None, made_at(earlier, site.clock.now()))
        what = "of an earlier check" if earlier.display_name.startswith(TITLE) else "whose visibility is in doubt"
        yield Finding("snapshot", OK, f"The private snapshot {what} is examined, and none is made: {earlier.place}.")
        return
    try:
        request = earlier or new_request(site, is_public=False)
    except ThousandEyesError as error:
        site.lacking["made"] = "no snapshot was made"
        why = error.message.replace("test_name: ", "")
        do = "Set snapshot_test to the id or the exact name of a test that runs."
        yield Finding("snapshot", FAILED, f"No snapshot was made: {why}", do)
        return
    if site.check_mode:
        site.created = True
        site.lacking["made"] = "check mode makes no snapshot"
        also = site.asked.share_link and not isinstance(earlier_of(site, is_public=True), SnapshotRecord)
        kinds = f"a private snapshot; {_STAYS}"
        if also:
            kinds = f"a share link, which anyone who knows it can view, and {kinds}"
        yield planned(site, "snapshot", request, kinds, 2 if also else 1)
        return
    site.tell(f"making the snapshot {request.display_name!r} of test {request.test_id}: {_STAYS}")
    outcome, answer = site.take(request)
    yield from made_or_why(site, outcome, answer, request)


def made_or_why(
    site: Site, outcome: SnapshotRecord | ThousandEyesError, answer: HttpAnswer | None, request: SnapshotRequest
) -> t.Iterator[Finding]:
    """Fills in ``made``."""
    record = outcome.made if isinstance(outcome, VisibilityContradicted) else outcome
    if isinstance(record, SnapshotRecord):
        # Also one whose answer made no sense, and that was found in the list of tests.
        made_now = answer is not None and answer.status < 300
        since = site.clock.now() if made_now else made_at(record, site.clock.now())
        site.made = Made(record, answer if made_now else None, since)
        cost = f"; it took 1 of the {site.policy.quota.limit} of the quota" if made_now and site.policy else ""
        yield Finding("snapshot", OK, f"A snapshot that was asked for as private is there: {record.place}{cost}.")
        if not isinstance(t.cast(Ledger, site.ledger).find(request), Known):
            yield Finding(
                "ledger",
                FAILED,
                "The ledger has not kept the snapshot that was made, so it is not known to later tasks.",
                "Find out why the ledger cannot be written, before you run this again: it would make another one.",
            )
        return
    site.lacking["made"] = "no snapshot was made"
    if isinstance(outcome, Unauthorized):
        raise outcome
    if isinstance(outcome, ThousandEyesError):
        yield refused(site, "snapshot", outcome, answer, request)


def refused(
    site: Site, name: str, error: ThousandEyesError, answer: HttpAnswer | None, request: SnapshotRequest
) -> Finding:
    """Why a snapshot was not made."""
    kind = "share link" if request.is_public else "private snapshot"
    if isinstance(error, RateLimited) and answer is not None and answer.status == 429:
        return _limited(site, name, error, answer)
    learned: tuple[tuple[Fact, t.Any], ...] = ()
    if answer is not None:
        kinds = (REFUSAL_STATUS, REFUSAL_BODY) if answer.status >= 300 else (STATUS, SHAPE)
        learned = ((kinds[0], answer.status), (kinds[1], shape_of(json_of(answer.content))))
    if isinstance(error, Forbidden):
        finding = explained(error, name, f"new {kind}", PERMISSION, learned)
        if request.is_public:
            finding = finding._replace(do=f"{finding.do} Or share links are switched off in your region.")
        return finding
    if isinstance(error, (QuotaExhausted, RateLimited)):
        return Finding(
            name, WARNING, f"No {kind} was made: {error.message}", f"Run this again from {error.retry_at} on."
        )
    advice = ""
    if isinstance(error, NotFound):
        advice = f"Give the id of a test that {site.group} has and that is no Endpoint Agent test."
    return Finding(name, FAILED, f"There is no new {kind}: {error.message}", advice, learned)


def _limited(site: Site, name: str, error: RateLimited, answer: HttpAnswer) -> Finding:
    now = site.server_now()
    retry, retry_in = retry_after_of(answer.headers, now)
    told = rate_limit_of(answer.headers, now)
    # The reset of a limit that has something left is that of requests, not of creations.
    reset, reset_in = (told.reset, told.seconds) if told.remaining in (None, 0) else ("none", None)
    learned: list[tuple[Fact, t.Any]] = [
        (LIMIT_STATUS, answer.status),
        (LIMIT_HEADERS, told_headers(answer.headers)),
        (LIMIT_BODY, shape_of(json_of(answer.content))),
        (LIMIT_RETRY, retry),
        (LIMIT_RESET, reset),
    ]
    soonest = retry_in if retry_in is not None else reset_in
    if soonest is not None:
        learned.append((LIMIT_SECONDS, round(soonest)))
    headers = [("Retry-After", retry), ("X-Organization-Rate-Limit-Reset", reset)]
    words = [f"{header} tells when it takes the next {_WORDS[word]}" for header, word in headers if word != "none"]
    how = " and ".join(words) or "no header tells when it takes the next"
    return Finding(
        name,
        WARNING,
        f"The API makes no snapshot now, by the limit of creations (429): {how}.",
        f"Run this again from {error.retry_at} on{'' if words else ', by our own count'}.",
        tuple(learned),
    )


def earlier_of(site: Site, *, is_public: bool) -> SnapshotRecord | SnapshotRequest | None:
    """What an earlier check has made, whatever its hour; one that was asked for, if nobody knows what became of it.

    Else, of private ones, that because of which nothing private is sent to this API any more.
    """
    ledger = t.cast(t.Any, site.ledger)
    wanted = _test_id(site)
    found = None
    for entry in ledger.history():
        request = entry.request
        same = (request.api_host, request.aid, request.is_public) == (site.connection.host, site.aid, is_public)
        ours = request.test_id == wanted and request.display_name.startswith(f"{TITLE} ")
        if same and ours and not entry.superseded:
            found = entry
    if found is not None and not isinstance(found.state, Known):
        return t.cast(SnapshotRequest, found.request)
    if found is not None and _is_there(site, found.state.record):
        return t.cast(SnapshotRecord, found.state.record)
    doubtful = None if is_public else ledger.contradicted(site.connection.host)
    return doubtful if doubtful is not None and doubtful.aid == site.aid else None


def _test_id(site: Site) -> str | None:
    try:
        return new_request(site, is_public=False).test_id
    except ThousandEyesError:
        return None


def _is_there(site: Site, record: SnapshotRecord) -> bool:
    """Not after it should have expired, unless the list still shows it."""
    shown = {test.test_id for test in site.tests or ()}
    return not record.expired(site.clock.now()) or record.snapshot_test_id in shown


def made_at(record: SnapshotRecord, now: float) -> float:
    return min(parse_instant(record.share_date or "", "share_date").timestamp(), now)


def new_request(site: Site, *, is_public: bool) -> SnapshotRequest:
    """:raises ThousandEyesError: there is no such test."""
    asked = site.asked.snapshot_test or ""
    window = last_full_hour(site.clock.now(), site.server_now())
    return SnapshotRequest(
        api_host=site.connection.host,
        aid=site.aid,
        test_id=check_id(asked, "snapshot_test")
        if asked.isdecimal()
        else test_id_of(asked, site.tests or [], site.aid),
        display_name=f"{TITLE} {iso(window.start)}",
        window=window,
        is_public=is_public,
    )


def planned(site: Site, name: str, request: SnapshotRequest, kinds: str, count: int) -> Finding:
    """What ``count`` creations would cost, and what they are."""
    ledger, policy = t.cast(t.Any, site.ledger), t.cast(t.Any, site.policy)
    usage = ledger.usage(policy.quota)
    used = len(policy.quota.recent(usage, site.clock.now())) if usage else 0
    return Finding(
        name,
        WARNING,
        f"Without check mode, this takes {count} of the {policy.quota.limit} creations in {policy.quota.window} s of "
        f"the quota, of which {used} are used, and makes of test {request.test_id} {kinds}.",
        "Run this without check mode if that is all right.",
    )


CHECK = Check(
    "snapshot",
    run,
    facts=(
        LIMIT_STATUS,
        LIMIT_HEADERS,
        LIMIT_BODY,
        LIMIT_RETRY,
        LIMIT_RESET,
        LIMIT_SECONDS,
        REFUSAL_STATUS,
        REFUSAL_BODY,
        STATUS,
        SHAPE,
    ),
    needs=("group_is_right", "ledger"),
)
