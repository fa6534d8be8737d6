# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What the share host shows to anyone, without credentials, of a private snapshot and of a share link.

The same is asked for ids that nobody has. Only a difference tells something: a page may answer alike whatever its id.
"""

from __future__ import annotations

import typing as t

from .._api.share_host import Page, ask, nobodys_id
from .._core.errors import ThousandEyesError
from .check import FAILED, OK, UNKNOWN, Check, Fact, Finding
from .site import Made, Site

ANSWERS = ("shown", "known", "alike", "differs_by_itself", "unreachable")
PRIVATE = Fact("share_host_private", "word", ("is-public", "share-host"), ANSWERS)
PUBLIC = Fact("share_host_public", "word", ("share-link", "share-host"), ANSWERS)


def run(site: Site) -> t.Iterator[Finding]:
    template = site.asked.share_url
    private, shared = t.cast(Made, site.made).record.link_id, site.shared.record.link_id if site.shared else None
    if template is None:
        yield Finding(
            "share_host",
            UNKNOWN,
            f"It cannot be told what anyone can view, since the share host of {site.connection.host} is not known.",
            "If you know it, give the address of its share links in share_url.",
        )
        return
    try:
        nobodys = [ask(site.connection, template, nobodys_id()) for _number in range(2)]
        found = {
            name: _compared(ask(site.connection, template, link_id), nobodys)
            for name, link_id in (("private", private), ("shared", shared))
            if link_id is not None
        }
    except ThousandEyesError as error:
        learned = ((PRIVATE, "unreachable"), *(((PUBLIC, "unreachable"),) if shared else ()))
        text = f"It cannot be told what anyone can view, since the share host cannot be reached: {error.message}."
        yield Finding("share_host", UNKNOWN, text, "Run this again where share links can be opened.", learned)
        return
    if "shared" in found:
        yield _of_shared(found["shared"])
    if "private" in found:
        site.evidence["share_host"] = found["private"]
        tells_apart = found.get("shared") == "shown"
        if tells_apart and found["private"] in ("alike", "known"):
            site.evidence["share_host"] = "not_shown"
        yield _of_private(found["private"], tells_apart)
    else:
        yield Finding(
            "share_host", UNKNOWN, "It cannot be told what anyone can view, since no id of a link is known.", ""
        )


def _compared(page: Page, nobodys: t.Sequence[Page]) -> str:
    """A word of ANSWERS. What differs between ids that nobody has differs by itself, and is not looked at."""
    first, second = nobodys
    steady = [field for field in Page._fields if getattr(first, field) == getattr(second, field)]
    if "status" not in steady:
        return "differs_by_itself"
    if all(getattr(page, field) == getattr(first, field) for field in steady):
        return "alike" if len(steady) == len(Page._fields) else "differs_by_itself"
    return "shown" if 200 <= page.status < 300 else "known"


def _of_private(word: str, tells_apart: bool) -> Finding:
    learned = ((PRIVATE, word),)
    if word == "shown":
        return Finding(
            "share_host",
            FAILED,
            "Without credentials, the share host shows something for the private snapshot that it does not show for an "
            "id that nobody has.",
            "",
            learned,
        )
    if word == "known":
        text = "Without credentials, the share host knows the private snapshot, but does not show it."
        return Finding("share_host", OK, text, "", learned)
    if word == "alike" and tells_apart:
        text = "Without credentials, the share host shows the share link, and nothing of the private snapshot."
        return Finding("share_host", OK, text, "", learned)
    why = "differently each time" if word == "differs_by_itself" else "as for an id that nobody has"
    return Finding(
        "share_host",
        UNKNOWN,
        f"It cannot be told what anyone can view: the share host answers for the private snapshot {why}.",
        "With public=true, this compares it with a share link, which anyone who knows it can view.",
        learned,
    )


def _of_shared(word: str) -> Finding:
    learned = ((PUBLIC, word),)
    if word == "shown":
        return Finding("share_page", OK, "The share link opens without credentials.", "", learned)
    return Finding(
        "share_page",
        UNKNOWN,
        "It cannot be told whether the share link opens: the share host does not answer for it otherwise than for an "
        "id that nobody has.",
        "Open the link in a browser where nobody is logged in, and tell the project what it shows.",
        learned,
    )


CHECK = Check("share_host", run, needs=("made",), facts=(PRIVATE, PUBLIC))
