# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What an answer of the API is made of, with nothing in it of whose account it is.

A name, of a header or a field, is told only if each of its words is one that the API, HTTP, or anything like them uses
for all customers. All others are counted. Of a value only its form is told.
"""

from __future__ import annotations

import json
import re
import typing as t

_HEADER_WORDS = frozenset(
    """accept access age allow alt api app cache cdn connection content control cookie cors count create creation
    creations credentials cross dashboard date day disposition encoding error etag expires expose frame headers hour id
    instant keep alive language last length limit link location methods minute modified month opener options
    organization origin per permissions permitted policies policy pragma protection quota ranges rate ratelimit referrer
    remaining report request requests reset resource response retry after runtime security server service set share
    shares snapshot snapshots status strict test tests time timing to trace transfer transport type upgrade used user
    vary version via warning window www authenticate x xss domain second seconds""".split()
)
_FIELD_WORDS = frozenset(
    """a access account accounts action active agent agents aid alert alerts anonymous api app app attempt available
    bandwidth bgp bin body boolean built by category certificate changed code connection content count country create
    created creation current custom dashboard data date default delete deleted description detail details direction
    display dns domain duration email enabled end error errors event events expand expiration expire expired expires
    expiry extra field fields first flag frequency from granted group groups headers href http icon id ids in info
    instance integer interval invalid is key kind label labels last layer length level limit link links list live login
    message method metric mode modified monitor monitors mtu name network new next number of on organization origin
    original owner page pages params parent password path permalink permanent permission permissions port previous
    private probe protocol public query read reason ref rel remaining request requests reset resource response result
    results role round rounds run saved schema security self server servers service set share shared shares short size
    snapshot snapshots source ssl start state status string suppressed svc system tag tags target targets test tests
    text time timestamp timezone title to token total trace transaction type uid until update updated uri url user users
    uuid value values version view views visibility web when window with xml yes no zone
    measurements mtu""".split()
)
_LONGEST_NAME = 60
_DEEPEST = 5
_MOST_ROWS = 50
OTHERS = "(others)"
# The forms of a value.
FORMS = (
    "absent",
    "address of a page",
    "date and time, no zone",
    "date and time, UTC",
    "empty text",
    "fraction",
    "null",
    "text",
    "too deep",
    "true",
    "false",
    "whole number",
    "whole number as text",
    "zero",
    "one",
)
# What the contract has in an answer to a creation: v7 §4, v6 §4.
_ROUNDS = ("startRoundId", "endRoundId", "roundId", "shareDate", "sourceTestId", "testId", "uid", "displayName")
_DOCUMENTED = {
    "v7": ("id", *_ROUNDS, "test", "_links", "_links.appLink", "test.savedEvent"),
    "v6": ("link", "link.linkId", "link.viewUrl", *(f"link.{name}" for name in _ROUNDS), "test"),
}
_KNOWN = {
    "v7": {"extraParams", "_links.self"},
    "v6": {"link.extraParams"},
}


class CreationAnswer(t.NamedTuple):
    """What the answer to a creation ``lacks`` of the documented fields, and has ``besides``; for people here."""

    lacks: list[str]
    besides: list[str]


def creation_answer(version: str, content: bytes) -> CreationAnswer:
    """Nothing of it where it cannot be read."""
    fields = _fields_of(json_of(content), 2)
    documented = set(_DOCUMENTED[version])
    # What is in the test are the fields of a test of its type.
    others = {name for name in fields if not name.startswith("test.")} - documented - _KNOWN[version]
    return CreationAnswer(sorted(documented - set(fields)), sorted(others))


def json_of(content: bytes) -> t.Any:
    """None for what is not JSON."""
    try:
        return json.loads(content)
    except (RecursionError, ValueError):
        return None


def _fields_of(value: t.Any, depth: int, prefix: str = "") -> list[str]:
    found = []
    for name, item in value.items() if isinstance(value, dict) else ():
        found.append(f"{prefix}{name}")
        if depth > 1:
            found += _fields_of(item, depth - 1, f"{prefix}{name}.")
    return found


def told_headers(headers: t.Iterable[str]) -> list[str]:
    """The names, in lower case, that tell nothing of whose answer it is."""
    return sorted({name.lower() for name in headers if is_header(name.lower())})


def is_header(name: t.Any) -> bool:
    return isinstance(name, str) and len(name) <= _LONGEST_NAME and set(name.split("-")) <= _HEADER_WORDS


def is_field(name: t.Any) -> bool:
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not re.fullmatch(r"_?[A-Za-z]+(_[A-Za-z]+)*", name):
        return False
    return {word.lower() for word in re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)} <= _FIELD_WORDS


def shape_of(value: t.Any, depth: int = 0) -> t.Any:
    """The form of a value: of an object that of each field, of a list that of all items, else a text of FORMS.

    Several forms are joined by " or ". OTHERS stands for the fields whose names are not told, and has their number.
    """
    if depth > _DEEPEST:
        return "too deep"
    if isinstance(value, dict):
        told = {name: shape_of(value[name], depth + 1) for name in sorted(filter(is_field, value))}
        return {**told, OTHERS: len(value) - len(told)} if len(told) < len(value) else told
    if isinstance(value, list):
        return [_joined([shape_of(item, depth + 1) for item in value[:_MOST_ROWS]])] if value else []
    return _form_of(value)


def _joined(shapes: t.Sequence[t.Any]) -> t.Any:
    """One for all of them. Where they differ in kind, objects count, then lists."""
    objects = [shape for shape in shapes if isinstance(shape, dict)]
    if objects:
        names = sorted({name for shape in objects for name in shape} - {OTHERS})
        told = {name: _joined([shape.get(name, "absent") for shape in objects]) for name in names}
        others = max(shape.get(OTHERS, 0) for shape in objects)
        return {**told, OTHERS: others} if others else told
    lists = [shape[0] for shape in shapes if isinstance(shape, list) and shape]
    if lists:
        return [_joined(lists)]
    if any(isinstance(shape, list) for shape in shapes):
        return []
    return " or ".join(sorted({form for shape in shapes for form in shape.split(" or ")}))


def _form_of(value: t.Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return {0: "zero", 1: "one"}.get(value, "whole number")
    if isinstance(value, float):
        return "fraction"
    text = str(value)
    if not text.strip():
        return "empty text"
    for form, pattern in (
        ("whole number as text", "[0-9]+"),
        ("date and time, UTC", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
        ("date and time, no zone", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"),
        ("address of a page", r"https?://\S+"),
    ):
        if re.fullmatch(pattern, text, re.ASCII):
            return form
    return "text"


def is_shape(value: t.Any, depth: int = 0) -> bool:
    """Whether it is one that ``shape_of`` can make."""
    if isinstance(value, str):
        return set(value.split(" or ")) <= set(FORMS)
    if depth > _DEEPEST + 1:
        return False
    if isinstance(value, list):
        return len(value) <= 1 and all(is_shape(item, depth + 1) for item in value)
    return isinstance(value, dict) and all(
        is_whole(item) and item > 0 if name == OTHERS else is_field(name) and is_shape(item, depth + 1)
        for name, item in value.items()
    )


def is_whole(value: t.Any) -> bool:
    """Whether it is a whole number, which a boolean is none."""
    return isinstance(value, int) and not isinstance(value, bool)
