# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The file of what was learned of the API, to be given to the project.

Nothing in it is copied from an answer as it is. Each value is of one of the kinds below, made of words that are known
here, numbers of seconds, statuses and booleans, and is checked again when the file is written.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import typing as t

from .._api.shapes import is_header, is_shape, is_whole
from .._core.errors import InvalidRequest
from .check import Fact, Finding

SCHEMA = "community.thousandeyes.observed/1"
VENDOR = "api.thousandeyes.com"
_LONGEST = 10 * 365 * 86400
_MOST_READ = 1024 * 1024


def fits(fact: Fact, value: t.Any) -> bool:
    """Whether it is a value of the fact's kind."""
    if fact.kind == "yes_no":
        return isinstance(value, bool)
    if fact.kind == "seconds":
        return is_whole(value) and 0 <= value <= _LONGEST
    if fact.kind == "status":
        return is_whole(value) and 100 <= value <= 599
    if fact.kind == "word":
        return isinstance(value, str) and value in fact.words
    if fact.kind == "headers":
        return isinstance(value, list) and all(map(is_header, value))
    return fact.kind == "shape" and is_shape(value)


class Observed(t.NamedTuple):
    """What is known, by version of the API and name of the fact. ``vendor``: of the vendor's own API."""

    vendor: bool
    known: dict[str, dict[str, t.Any]]

    def with_findings(self, version: str, findings: t.Iterable[Finding]) -> Observed:
        """What is found now counts more than what was known. What is not of its kind is left out."""
        new = {fact.name: value for finding in findings for fact, value in finding.learned if fits(fact, value)}
        return self._replace(known={**self.known, version: {**self.known.get(version, {}), **new}})

    def text(self, facts: t.Mapping[str, Fact]) -> str:
        versions = {
            version: {
                name: {"settles": facts[name].settles_of(version), "kind": facts[name].kind, "value": known[name]}
                for name in sorted(known)
                if name in facts and fits(facts[name], known[name])
            }
            for version, known in sorted(self.known.items())
        }
        return json.dumps({"schema": SCHEMA, "vendor": self.vendor, "observed": versions}, indent=2) + "\n"


def read(path: str, facts: t.Mapping[str, Fact], vendor: bool) -> Observed:
    """What an earlier check has written there of the same API. Nothing where there is no file.

    :raises InvalidRequest: there is something else.
    """
    nothing = Observed(vendor, {})
    try:
        with open(path, encoding="utf-8") as file:
            document = json.loads(file.read(_MOST_READ))
    except FileNotFoundError:
        return nothing
    except (OSError, ValueError, RecursionError) as error:
        raise _not_ours(path, str(error)) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise _not_ours(path, "it is another file")
    if document.get("vendor") is not vendor or not isinstance(document.get("observed"), dict):
        return nothing
    return Observed(
        vendor,
        {
            version: {
                name: each["value"]
                for name, each in known.items()
                if name in facts and isinstance(each, dict) and fits(facts[name], each.get("value"))
            }
            for version, known in document["observed"].items()
            if re.fullmatch("v[67]", version) and isinstance(known, dict)
        },
    )


def check_place(path: str) -> None:
    """:raises InvalidRequest: a file cannot be written there."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise InvalidRequest(f"observed_path: there is no folder {folder} that this task can write to.")


def write(path: str, text: str) -> bool:
    """Whether the file is another one now. It is whole at any time.

    :raises InvalidRequest: it cannot be written.
    """
    path = os.path.abspath(path)
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return False
    except (OSError, ValueError):
        pass
    draft = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=os.path.dirname(path), delete=False) as file:
            draft = file.name
            file.write(text)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except OSError as error:
        if draft is not None and os.path.exists(draft):
            os.unlink(draft)
        raise InvalidRequest(f"observed_path: {path} cannot be written: {error.strerror}.") from error
    return True


def _not_ours(path: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"observed_path: {path} is no file that an earlier check has written: {why}. Name another.")
