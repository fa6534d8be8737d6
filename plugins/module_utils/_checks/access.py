# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether there is a way to the API, and whose token it is: TLS, token, clock, rate limit, account group."""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from .._api.rate_limit import rate_limit_of
from .._core.errors import Forbidden, InvalidRequest, ThousandEyesError
from .check import FAILED, OK, UNKNOWN, WARNING, Check, Fact, Finding
from .site import Site

if t.TYPE_CHECKING:
    from .._core.account_group import AccountGroup

ANSWERS = Fact("v6_answers", "yes_no", ("v6-answers",))
# Seconds by which a clock may be off without any harm.
_NEAR = 5
# The capture does not believe a clock that is further away than that.
_FAR = 60
_FEW_REQUESTS = 20


def run(site: Site) -> t.Iterator[Finding]:
    try:
        groups = _groups(site)
    except Forbidden:
        yield from _way(site)
        yield Finding(
            "account_group",
            FAILED,
            "The token may not list its account groups (403): it may lack the permission 'API access'.",
            "If all that follows fails too, give the role of the token's user that permission.",
        )
        return
    except ThousandEyesError:
        if site.answer is not None:
            yield from _connection(site)
        raise
    site.groups = groups
    yield from _way(site)
    yield from _account_group(site, groups)


def _groups(site: Site) -> list[AccountGroup]:
    try:
        return site.api.account_groups(site.aid)
    except InvalidRequest:
        # In v6 an account group that is not one of the user's is refused here: contract v6 §1.
        if site.aid is None:
            raise
        return site.api.account_groups(None)


def _way(site: Site) -> t.Iterator[Finding]:
    yield from _connection(site)
    yield Finding("token", OK, "The API takes the token.", learned=_v6_answers(site))
    yield from _clock(site)
    yield from _rate_limit(site)


def _v6_answers(site: Site) -> tuple[tuple[Fact, t.Any], ...]:
    # That of somebody else's server says nothing of the vendor's, which the file tells apart.
    return ((ANSWERS, True),) if site.api.version == "v6" else ()


def _connection(site: Site) -> t.Iterator[Finding]:
    where = f"API {site.api.version} at {site.connection.host}"
    if urlsplit(site.connection.url).scheme != "https":
        yield Finding(
            "connection",
            WARNING,
            f"{where} answers, but without TLS: who is on the way can read the token.",
            "Use https in api_url, unless this is a simulator.",
        )
    elif not site.connection.validate_certs:
        yield Finding(
            "connection",
            WARNING,
            f"{where} answers over TLS, but its certificate is not checked.",
            "Leave out validate_certs=false, and name the authority in ca_path if need be.",
        )
    else:
        yield Finding("connection", OK, f"{where} answers over TLS, with a certificate that is trusted.")


def _clock(site: Site) -> t.Iterator[Finding]:
    offset = site.api.clock_offset
    if offset is None:
        yield Finding("clock", UNKNOWN, "The API does not tell its time, so this machine's clock cannot be compared.")
        return
    seconds = round(abs(offset))
    side = "behind" if offset > 0 else "ahead of"
    if seconds <= _NEAR:
        yield Finding("clock", OK, "This machine's clock is that of the API.")
    elif seconds <= _FAR:
        yield Finding("clock", OK, f"This machine's clock is {seconds} s {side} that of the API, which does no harm.")
    else:
        yield Finding(
            "clock",
            WARNING,
            f"This machine's clock is {seconds} s {side} that of the API.",
            "Set this machine's clock, such as by NTP: windows of time and waits for the quota go by it.",
        )


def _rate_limit(site: Site) -> t.Iterator[Finding]:
    if site.answer is None:
        return
    told = rate_limit_of(site.answer.headers, site.server_now())
    if told.limit is None or told.remaining is None:
        yield Finding("rate_limit", UNKNOWN, "The API does not tell how many requests it takes in a minute.")
    elif told.remaining < _FEW_REQUESTS:
        yield Finding(
            "rate_limit",
            WARNING,
            f"Only {told.remaining} of {told.limit} requests a minute are left for the organization.",
            "Find out what else uses the API. A task waits for up to 90 seconds for its turn.",
        )
    else:
        yield Finding("rate_limit", OK, f"{told.remaining} of {told.limit} requests a minute are left.")


def _account_group(site: Site, groups: list[AccountGroup]) -> t.Iterator[Finding]:
    listed = ", ".join(f"{group.aid} ({group.name})" for group in groups) or "none"
    if site.aid is not None and site.aid not in [group.aid for group in groups]:
        site.group_is_right = None
        site.lacking["group_is_right"] = f"the token cannot use account group {site.aid}"
        yield Finding(
            "account_group",
            FAILED,
            f"Account group {site.aid} is none that the token can use.",
            f"Set aid to one that it can use: {listed}.",
        )
        return
    used = [group for group in groups if (group.aid == site.aid if site.aid else group.is_current)]
    names = sorted({group.organization_name for group in groups if group.organization_name})
    organization = f", organization {names[0]}" if len(names) == 1 else ""
    which = f"{used[0].aid} ({used[0].name}{organization})" if used else "one that the API does not name"
    if site.aid is None and len(groups) > 1:
        yield Finding(
            "account_group",
            WARNING,
            f"No aid is given, so the account group is {which}, as long as that is the default of the token's user.",
            f"Set aid, or THOUSANDEYES_AID, so that this does not depend on the user. The token can use {listed}.",
        )
    else:
        yield Finding("account_group", OK, f"The account group is {which}.")


CHECK = Check("access", run, facts=(ANSWERS,))
