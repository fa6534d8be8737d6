# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What there is to tell of a change beside its measurements: its plan, its approver, its rollback and its watches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ansible.module_utils.parsing.convert_bool import boolean

from ...module_utils._core.change_times import CHANGE, ROLLBACK
from ...module_utils._core.errors import InvalidRequest
from ...module_utils._core.windows import Window, iso, parse_instant, parse_written
from .._change.change import Change
from .._verdict.early import WATCHING
from .._verdict.verdicts import WEIGHT
from .document import Row, counts, verdict_of

OPTIONS: dict[str, dict[str, Any]] = {
    "about": {"type": "dict", "default": {}},
    "episodes": {"type": "list", "elements": "dict", "default": []},
    "watches": {"type": "list", "elements": "dict", "default": []},
}

_WORDS = ("description", "changed_by", "approver")
_LINKS = ("ticket_url", "job_url")
_PLANNED = ("planned_start", "planned_end")
_ABOUT = (*_WORDS, *_LINKS, *_PLANNED, "failed")
_LINK = re.compile(r"https?://[!-~]+")
_OF_A_TEST = ("test_id", "test_name", "verdict", "reason")


class Episode(NamedTuple):
    """What was so from ``end`` on. ``after``: the span that is judged, if there is any. ``watch``: what that found."""

    name: str
    end: datetime
    after: Window | None
    watch: Row | None

    def of(self, change: Change) -> Change:
        """The change as if this had been its end. Only where there is a span to judge."""
        if self.after is None:
            raise ValueError(f"{self.name} has no span of its own")
        return change._replace(end=self.end, windows={**change.windows, "after": self.after})

    def to_dict(self, rows: Sequence[Row] | None) -> Row:
        """``rows``: the tests with their verdicts, None where there are none."""
        return {
            "name": self.name,
            "end": iso(self.end),
            "end_local": self.end.isoformat(),
            "after": self.after and {"from": iso(self.after.start), "to": iso(self.after.end)},
            "verdict": None if rows is None else verdict_of(rows),
            "counts": None if rows is None else counts(rows),
            "tests": [{name: row[name] for name in _OF_A_TEST} for row in rows or ()],
            "watch": self.watch,
        }


class Story(NamedTuple):
    """``about``: the part of the document. ``episodes``: none, or the last is what the report is about."""

    about: Row
    episodes: list[Episode]

    @classmethod
    def from_params(cls, params: Mapping[str, Any], change: Change) -> Story:
        """:raises InvalidRequest: an option breaks a rule."""
        watches = dict(_watch(fields, change) for fields in params["watches"])
        given = [_episode(fields, change, watches) for fields in params["episodes"]]
        if not given and CHANGE in watches:
            given = [Episode(CHANGE, change.end, change.windows["after"], watches[CHANGE])]
        if given and given[-1].after != change.windows["after"]:
            raise InvalidRequest("episodes: the last one must have the window that is given as after.")
        return cls(_about(params["about"]), given)

    @property
    def earlier(self) -> list[Episode]:
        """Those with a span of their own, to judge beside the window after the change."""
        return [episode for episode in self.episodes[:-1] if episode.after is not None]

    def to_dict(self, rows: Sequence[Row], judged: Mapping[str, Sequence[Row]]) -> Row:
        """The optional parts of the document. ``rows``: of the report; ``judged``: of the earlier episodes by name.

        A part that tells nothing is left out, so that reports without it stay as they are.
        """
        parts: Row = {"about": self.about} if any(self.about.values()) else {}
        if self.episodes:
            earlier = [episode.to_dict(judged.get(episode.name)) for episode in self.episodes[:-1]]
            parts["episodes"] = [*earlier, self.episodes[-1].to_dict(rows)]
        return parts


def _about(told: Mapping[str, Any]) -> Row:
    unknown = ", ".join(sorted(set(map(str, told)) - set(_ABOUT)))
    if unknown:
        raise InvalidRequest(f"about: {unknown} is not known; it has {', '.join(_ABOUT)}.")
    words = {name: str(told.get(name) or "") or None for name in (*_WORDS, *_LINKS)}
    for name in _LINKS:
        if words[name] and not _LINK.fullmatch(words[name] or ""):
            raise InvalidRequest(f"about: {name} is no link: {words[name]!r}. Write one that begins with https://.")
    times = {name: told.get(name) for name in _PLANNED}
    planned = {name: iso(parse_instant(str(time), name)) if time else None for name, time in times.items()}
    return {**words, **planned, "failed": boolean(told.get("failed") or False)}


def _episode(fields: Row, change: Change, watches: Mapping[str, Row]) -> Episode:
    name, span = fields.get("name"), fields.get("after")
    if name not in (CHANGE, ROLLBACK) or "end" not in fields or (span and not {"from", "to"} <= set(span)):
        raise InvalidRequest("episodes: give them as community.thousandeyes.change_input returns them.")
    end = parse_written(str(fields["end"]), "episodes")
    after = Window(*(parse_instant(str(span[side]), "episodes") for side in ("from", "to"))) if span else None
    if after and after.start >= after.end:
        raise InvalidRequest(f"episodes: the span of the {name} does not go forward in time.")
    local = end.astimezone(change.end.tzinfo) if change.timezone else end
    return Episode(name, local, after, watches.get(name))


def _watch(fields: object, change: Change) -> tuple[str, Row]:
    """By the name of its episode, which is empty if it is of another change.

    Another job may have handed it on, so it is checked.
    """
    try:
        if not isinstance(fields, Mapping):
            raise TypeError
        watch = {
            "verdict": _known(fields["verdict"]),
            "finished": fields["finished"] is True,
            "look": int(fields["look"]),
            "looks": int(fields["looks"]),
            "at": None if fields["at"] is None else iso(parse_instant(str(fields["at"]), "watches")),
            "tests": [_of_watch(test) for test in fields["tests"]],
            "frozen": len(fields.get("frozen") or ()),
        }
        of_this = fields["change_id"] == change.change_id
    except (KeyError, TypeError, ValueError):
        raise InvalidRequest("watches: give them as community.thousandeyes.change_watch returns them.") from None
    return str(fields.get("episode") or CHANGE) if of_this else "", watch


def _known(verdict: object) -> str:
    if verdict not in (*WEIGHT, WATCHING):
        raise ValueError(verdict)
    return str(verdict)


def _of_watch(test: Mapping[str, Any]) -> Row:
    told = {name: None if test.get(name) is None else str(test[name]) for name in ("test_id", "test_name", "reason")}
    since = test.get("since")
    return {
        **told,
        "verdict": _known(test["verdict"]),
        "since": None if since is None else iso(parse_instant(str(since), "watches")),
    }
