# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Whether the private snapshot is private, from all that was seen of it; and the ledger is told."""

from __future__ import annotations

import typing as t

from .._api.answers import flag_of
from .._api.shapes import json_of
from .._core.visibility import CONFIRMED, CONTRADICTED
from .._ledger.interface import Ledger
from .check import FAILED, OK, UNKNOWN, WARNING, Check, Fact, Finding
from .site import Made, Site

FLAG = Fact("saved_event_in_answer", "word", ("is-public", "private-answer"), ("true", "false", "absent"))
VERDICT = Fact("false_is_private", "yes_no", ("is-public",))


def run(site: Site) -> t.Iterator[Finding]:
    made = t.cast(Made, site.made)
    learned: tuple[tuple[Fact, t.Any], ...] = ()
    if made.answer is not None:
        flag = {True: "true", False: "false", None: "absent"}[_flag(site, made)]
        site.evidence["answer"] = flag
        learned = ((FLAG, flag),)
    elif made.record.visibility == CONTRADICTED:
        site.evidence["answer"] = "false"
    listed = site.listed.told_saved_event if site.listed else None
    yield _verdict(site, made, listed, learned)


def _flag(site: Site, made: Made) -> bool | None:
    """What the answer says of savedEvent: in v6, of a test beside the link."""
    fields = json_of(made.answer.content) if made.answer else None
    tests = fields.get("test") if isinstance(fields, dict) else None
    for test in tests if isinstance(tests, list) else [tests]:
        if isinstance(test, dict) and flag_of(test.get("savedEvent")) is not None:
            return flag_of(test.get("savedEvent"))
    return None


def _verdict(site: Site, made: Made, listed: bool | None, learned: tuple[tuple[Fact, t.Any], ...]) -> Finding:
    answer, share_host = site.evidence.get("answer"), site.evidence.get("share_host")
    against = [
        *(["the answer calls it no saved event"] if answer == "false" else []),
        *(["the list of tests calls it no saved event"] if listed is False else []),
        *(["the share host shows it to anyone"] if share_host == "shown" else []),
    ]
    proof = share_host in ("known", "not_shown")
    in_favour = [
        *(["the answer calls it a saved event"] if answer == "true" else []),
        *(["the list of tests calls it a saved event"] if listed else []),
        *(["the share host does not show it"] if proof else []),
    ]
    if against and listed and proof:
        settled = _settle(site, made)
        text = f"The snapshot is private: {' and '.join(in_favour)}, although {against[0]}.{settled}"
        return Finding("visibility", WARNING, text, "Tell the project.", (*learned, (VERDICT, True)))
    if against:
        return _contradicted(site, made, against, in_favour, learned)
    if in_favour:
        _learn(site, made, CONFIRMED)
        told = ((VERDICT, True),) if listed or proof else ()
        alone = "" if told else " Nothing else could confirm it."
        text = f"The snapshot is private: {' and '.join(in_favour)}.{alone}"
        return Finding("visibility", OK, text, "", (*learned, *told))
    return Finding(
        "visibility",
        UNKNOWN,
        "Nothing tells whether the snapshot is private: neither the answer, nor the list of tests, nor the share host.",
        f"Open {made.record.view_url or 'it'} where nobody is logged in, and look at it in the web application, under "
        "Manage > Sharing, before you make others.",
        learned,
    )


def _contradicted(
    site: Site,
    made: Made,
    against: list[str],
    in_favour: list[str],
    learned: tuple[tuple[Fact, t.Any], ...],
) -> Finding:
    _learn(site, made, CONTRADICTED)
    is_shown = site.evidence.get("share_host") == "shown"
    how = "may be public" if not is_shown else "can be viewed by anyone" if in_favour else "IS PUBLIC"
    text = f"The snapshot that was asked for as private {how}: {' and '.join(against)}"
    text += f", although {' and '.join(in_favour)}." if in_favour else "."
    link, template = made.record.link_id, site.asked.share_url
    page = template.replace("{id}", link) if link and template else made.record.view_url or "it"
    do = (
        f"Open {page} where nobody is logged in. If it shows anything, remove the snapshot in the web application, "
        "under Manage > Sharing, and make no other. Then this API may take isPublic the other way round, for which the "
        "option visibility of community.thousandeyes.snapshot says what to do. Tell the project."
    )
    told = ((VERDICT, False),) if is_shown and not in_favour else ()
    return Finding("visibility", FAILED, text, do, (*learned, *told))


def _learn(site: Site, made: Made, visibility: str) -> None:
    if made.record.visibility != visibility and not site.check_mode:
        status = "created" if made.record.status == "existing" else made.record.status
        t.cast(Ledger, site.ledger).learned(made.record._replace(visibility=visibility, status=status))


def _settle(site: Site, made: Made) -> str:
    """What the answer contradicted is settled where two other witnesses agree."""
    if site.check_mode:
        return ""
    ledger = t.cast(Ledger, site.ledger)
    was_open = ledger.contradicted(made.record.api_host) is not None
    _learn(site, made, CONFIRMED)
    ledger.accept(made.record.api_host)
    return " The ledger keeps that this is settled, so private snapshots are created again." if was_open else ""


CHECK = Check("visibility", run, needs=("made",), facts=(FLAG, VERDICT))
