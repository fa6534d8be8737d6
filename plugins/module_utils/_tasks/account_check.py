# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What an C(account_check) task does, wherever it runs: options in, result out."""

from __future__ import annotations

import re
import typing as t

from .._capture.policy import Policy
from .._checks.all import CHECKS, facts
from .._checks.check import FAILED, LEVELS, UNKNOWN, WARNING, Finding
from .._checks.explain import to_give
from .._checks.observed import VENDOR, Observed, check_place, read, write
from .._checks.runner import run_checks
from .._checks.site import Asked, Site
from .._core.connection import Connection
from .._core.errors import InvalidRequest, LedgerUnavailable, ThousandEyesError
from .._core.names import check_id, check_text
from .._core.quota import MONTH, Quota
from .._core.text import shown
from .._ledger.interface import Ledger
from .._ledger.location import is_postgresql
from .._options import ACCOUNT_GROUP, CONNECTION, LEDGER, QUOTA
from .context import IN_FACTS, Context
from .open_ledger import ledger_of

SPEC: dict[str, dict[str, t.Any]] = {
    **CONNECTION,
    **ACCOUNT_GROUP,
    **LEDGER,
    **QUOTA,
    # A check says what the API told, and when to come back, in place of waiting.
    "quota_wait": {"type": "int", "default": 0},
    "snapshot_test": {"type": "str"},
    "public": {"type": "bool", "default": False},
    "share_url": {"type": "str"},
    "observed_path": {"type": "path"},
}
ISSUES = "https://github.com/ansible-collections/community.thousandeyes/issues"
# The vendor's, as v6 tells it of a share link: contract v6 §4.
_SHARE_URL = "https://{id}.share.thousandeyes.com/view/tests/"


def run(params: t.Mapping[str, t.Any], context: Context) -> dict[str, t.Any]:
    """:raises ThousandEyesError: nothing was looked at."""
    connection = Connection.from_params(params)
    aid = check_id(params["aid"], "aid") if params["aid"] is not None else None
    asked = _asked(params, connection)
    before = _observed_before(params, connection)
    ledger = _ledger(params, connection, context)
    try:
        from .._api.client import open_api

        api = open_api(connection, context.clock, tell=context.tell)
        site = Site(
            api,
            connection,
            aid,
            context.clock,
            asked,
            ledger=ledger,
            policy=_policy(params, connection),
            check_mode=context.check_mode,
            tell=context.tell,
        )
        try:
            findings, error = run_checks(CHECKS, site)
        finally:
            api.close()
    finally:
        if ledger is not None:
            ledger.close()
    return _result(params, context, site, findings, error, before)


def nothing(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What the result of a task that did nothing has beside its failure."""
    return {"findings": [], "lines": []}


def _result(
    params: t.Mapping[str, t.Any],
    context: Context,
    site: Site,
    findings: list[Finding],
    error: ThousandEyesError | None,
    before: Observed | None,
) -> dict[str, t.Any]:
    changed = site.created
    # A file in which nothing is to be found helps nobody.
    if before is not None and not context.check_mode and (before.known or any(each.learned for each in findings)):
        text = before.with_findings(site.api.version, findings).text(facts())
        changed = write(params["observed_path"], text) or changed
    levels = [finding.level for finding in findings]
    result: dict[str, t.Any] = {
        "changed": changed,
        "findings": [finding.to_dict(site.api.version) for finding in findings],
        "lines": [line_of(finding) for finding in findings],
        "counts": {level: levels.count(level) for level in LEVELS},
        "next": _next(params, findings, check_mode=context.check_mode),
    }
    result["msg"] = result["next"]
    if error is not None:
        failure = error.failure()
        return {**result, "failed": True, "msg": error.message, "failure": failure}
    return result


def line_of(finding: Finding) -> str:
    """For people, on one line."""
    text = f"{finding.level.upper():<8} {finding.name}: {finding.says}"
    return shown(f"{text} -> {finding.do}" if finding.do else text)


def _next(params: t.Mapping[str, t.Any], findings: t.Sequence[Finding], *, check_mode: bool) -> str:
    """What to do next: the worst first, then what there is to give to the project."""
    urgent = _urgent(findings)
    missing = dict.fromkeys(finding.permission for finding in findings if finding.permission)
    steps = [f"{urgent.do} ({urgent.name})"] if urgent else []
    if urgent and urgent.permission and len(missing) > 1:
        steps = [to_give(list(missing))]
    learned = not check_mode and any(finding.learned for finding in findings)
    path = params["observed_path"]
    if learned and path:
        steps.append(
            f"Look at {path}, which has no token, name, id or address in it, and attach it to an issue at {ISSUES}."
        )
    elif learned:
        steps.append(
            "Run this again with observed_path, which makes nothing anew, and attach the file that it writes to an "
            f"issue at {ISSUES}."
        )
    elif not urgent and params["snapshot_test"] is None:
        steps.append(
            "All that was asked of the API works. Name a test in snapshot_test to find out how this API makes "
            "snapshots. Do so in check mode first, which makes none. Without it, one private snapshot is made, which "
            "no API can delete."
        )
    if not urgent and params["snapshot_test"] is not None and not check_mode:
        steps.append("Snapshots can be made now.")
    return shown(f"Next: {' Then: '.join(steps)}")


def _urgent(findings: t.Sequence[Finding]) -> Finding | None:
    """What is to be done before all else: about what may be public, what failed, what kept a snapshot from being made.

    That nobody knows whether it is private counts as much.
    """
    ranks: dict[tuple[str, str], int] = {
        ("visibility", FAILED): 0,
        ("visibility", UNKNOWN): 2,
        ("snapshot", WARNING): 3,
        ("share_link", WARNING): 3,
    }
    ranked = [
        (ranks.get((finding.name, finding.level), 1 if finding.level == FAILED else 9), number)
        for number, finding in enumerate(findings)
        if finding.do
    ]
    rank, number = min(ranked, default=(9, 0))
    return findings[number] if rank < 9 else None


def _asked(params: t.Mapping[str, t.Any], connection: Connection) -> Asked:
    test, share_url = params["snapshot_test"], params["share_url"]
    if params["public"] and test is None:
        raise InvalidRequest("public: it is for snapshot_test, the test that a share link is made of.")
    if test is not None:
        check_text(test, "snapshot_test")
        if test.isdecimal():
            check_id(test, "snapshot_test")
    if share_url is not None and (share_url.count("{id}") != 1 or not re.match("https?://[^/]", share_url)):
        raise InvalidRequest(
            "share_url: give an address with {id} in it, such as https://{id}.share.thousandeyes.com/."
        )
    if share_url is None and (connection.host == VENDOR or connection.host.endswith(".thousandeyes.com")):
        share_url = _SHARE_URL
    return Asked(test, bool(params["public"]), share_url)


def _observed_before(params: t.Mapping[str, t.Any], connection: Connection) -> Observed | None:
    path = params["observed_path"]
    if path is None:
        return None
    check_place(path)
    return read(path, facts(), connection.host == VENDOR)


def _ledger(params: t.Mapping[str, t.Any], connection: Connection, context: Context) -> Ledger | None:
    """Only for a snapshot: all else does without."""
    if params["snapshot_test"] is None:
        return None
    location = params["ledger"]
    if location in (IN_FACTS, "none"):
        raise InvalidRequest(
            f"ledger: {location} cannot keep what this check makes, so each run would make another snapshot, which "
            "nobody can delete. Give a path or postgresql://..."
        )
    if context.slice and not is_postgresql(location):
        raise LedgerUnavailable(f"{context.slice}. Slices do not see what the others create: use postgresql://...")
    return ledger_of(location, context)


def _policy(params: t.Mapping[str, t.Any], connection: Connection) -> Policy:
    for option, least, most in (("quota_limit", 1, 10000), ("quota_window", 1, MONTH), ("quota_wait", 0, MONTH)):
        if not least <= params[option] <= most:
            raise InvalidRequest(f"{option}: {params[option]} is not in {least} to {most}.")
    organization = check_text(params["organization"], "organization") if params["organization"] else connection.host
    quota = Quota(organization, params["quota_limit"], params["quota_window"])
    return Policy(quota=quota, quota_wait=params["quota_wait"], force=False, retry_unknown=False)
