# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the answer to a creation is made of, and which links it bears."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

from .._api.shapes import creation_answer, json_of, shape_of, told_headers
from .._core.windows import parse_instant
from .check import OK, WARNING, Check, Fact, Finding
from .site import Made, Site

if t.TYPE_CHECKING:
    from .._api.http_client import HttpAnswer

STATUS = Fact("creation_status", "status", ("creation-answer",))
HEADERS = Fact("creation_headers", "headers", ("creation-headers",))
SHAPE = Fact("creation_answer", "shape", ("creation-answer", "private-answer"))
SHARE_DATE = Fact("share_date", "word", ("share-date",), ("now", "another_day", "absent"))
APP_LINK = Fact("app_link", "word", ("app-link",), ("own", "source", "neither", "absent", "elsewhere"))
_DAY = 86400.0
_LINKS = {
    "own": ("appLink bears the snapshot's own test, so it opens the snapshot.", OK),
    "source": ("appLink leads to the source test, so the link to the snapshot is inferred from its own test.", WARNING),
    "neither": ("appLink bears neither the snapshot's own test nor its source.", WARNING),
    "absent": ("The answer has no appLink, so the link to the snapshot is inferred from its own test.", WARNING),
    "elsewhere": ("appLink leads to a host that does not belong to the API, so it is not shown.", WARNING),
}


def run(site: Site) -> t.Iterator[Finding]:
    made = t.cast(Made, site.made)
    if made.answer is not None:
        yield from _answer(site, made.answer)
        yield _headers(made.answer)
        yield _share_date(site, made.answer)
    if made.record.api_version == "v7" and made.record.status != "adopted":
        yield _app_link(made)
    elif made.record.api_version == "v6":
        told = made.record.view_url_source == "answer"
        yield Finding(
            "link",
            OK if told else WARNING,
            "The answer bears viewUrl." if told else "The answer bears no viewUrl, so the link is inferred.",
            "" if told else f"Open {made.record.view_url} and tell the project whether it shows the snapshot.",
        )


def _answer(site: Site, answer: HttpAnswer) -> t.Iterator[Finding]:
    found = creation_answer(site.api.version, answer.content)
    parts = [f"the status is {answer.status}"] if answer.status != 201 else []
    parts += [f"it lacks {', '.join(found.lacks)}"] if found.lacks else []
    parts += [f"it has {', '.join(found.besides)} besides"] if found.besides else []
    learned = ((STATUS, answer.status), (SHAPE, shape_of(json_of(answer.content))))
    if parts:
        text = f"The answer to the creation is not as documented: {'; '.join(parts)}."
        yield Finding("answer", WARNING, text, "Give the project the file of observed_path.", learned)
    else:
        yield Finding("answer", OK, "The answer to the creation is as documented.", "", learned)


def _headers(answer: HttpAnswer) -> Finding:
    limits = sorted(name for name in answer.headers if "limit" in name.lower() or name.lower() == "retry-after")
    told = ", ".join(limits) or "none"
    return Finding(
        "headers",
        OK,
        f"The headers of the answer to the creation that tell of a limit: {told}.",
        learned=((HEADERS, told_headers(answer.headers)),),
    )


def _share_date(site: Site, answer: HttpAnswer) -> Finding:
    fields = json_of(answer.content)
    fields = fields.get("link") if isinstance(fields, dict) and site.api.version == "v6" else fields
    text = fields.get("shareDate") if isinstance(fields, dict) else None
    try:
        shared_at = parse_instant(str(text), "shareDate").timestamp()
    except Exception:
        return Finding(
            "share_date",
            WARNING,
            "The answer tells no time of the creation in shareDate, so the expiry is counted from now.",
            learned=((SHARE_DATE, "absent"),),
        )
    if abs(shared_at - site.server_now()) <= _DAY:
        return Finding("share_date", OK, "shareDate is the time of the creation.", learned=((SHARE_DATE, "now"),))
    return Finding(
        "share_date",
        WARNING,
        f"shareDate is {text}, which is another day than today, so the expiry is counted from now.",
        learned=((SHARE_DATE, "another_day"),),
    )


def _app_link(made: Made) -> Finding:
    record = made.record
    told = parse_qs(urlsplit(record.app_url or "").query).get("testId", [])
    if record.app_url is None:
        fields = json_of(made.answer.content) if made.answer else {}
        links = fields.get("_links") if isinstance(fields, dict) else None
        kind = "elsewhere" if isinstance(links, dict) and links.get("appLink") else "absent"
    else:
        kinds = {record.snapshot_test_id: "own", record.test_id: "source"}
        kind = kinds.get(told[0], "neither") if len(told) == 1 else "neither"
    text, level = _LINKS[kind]
    do = ""
    if level != OK and record.view_url:
        do = f"Open {record.view_url} and tell the project whether it shows the snapshot."
    return Finding("link", level, text, do, ((APP_LINK, kind),))


CHECK = Check("answer", run, needs=("made",), facts=(STATUS, HEADERS, SHAPE, SHARE_DATE, APP_LINK))
