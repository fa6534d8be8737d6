# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""evidence.md and evidence.txt: the conclusion of a report, short enough for a comment on a ticket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from ...module_utils._core.text import shown
from .wording import (
    METRIC_WORDS,
    VERDICT_WORDS,
    Row,
    about,
    about_links,
    conclusion,
    earlier_of,
    episode_verdict,
    episodes_of,
    expiry,
    frozen_words,
    ids_of,
    in_short,
    inferred,
    link,
    name_of,
    next_step,
    no_link,
    reason,
    seen_by,
    spans,
    summary,
    utc,
    watch_words,
    worse_tests,
    worst_agents,
    worst_first,
    worst_of,
)

# Fewer than the 4,000 characters that the comment fields of ticket systems take. They count UTF-16.
MOST = 3990
LONGEST_NAME = 60
_LONGEST_REASON = 250
_LONGEST_LINK = 300
_MOST_PROVENANCE = 6
_MOST_EARLIER = 3
# Room for the line that says how many more there are.
_RESERVE = 60


class Marks(Protocol):
    """How a kind of text marks things."""

    def strong(self, text: str) -> str:
        """What is read first."""

    def name(self, value: Any) -> str:
        """A name from outside, which is cut to ``LONGEST_NAME``."""

    def text(self, value: Any, longest: int) -> str:
        """A sentence, perhaps with names from outside in it. It means nothing but its words."""

    def link(self, url: str) -> str:
        """``url`` has neither C(<) nor C(>)."""


def to_short(document: Row, marks: Marks) -> str:
    return _Short(document, marks).whole()


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def line(value: Any) -> str:
    """What came from outside, in one line."""
    return " ".join(shown(value).split())


class _Short:
    def __init__(self, document: Row, marks: Marks) -> None:
        self._document, self._marks = document, marks
        self._tests = worst_first(document["tests"])

    def whole(self) -> str:
        """What leads, as much of the parts as there is room for, and the facts."""
        text, facts = "\n".join(self._lead()), "\n".join(["", "", *self._facts()])
        most = MOST - _length(facts)
        parts = [(title, blocks) for title, blocks in self._parts() if blocks]
        for place, (title, blocks) in enumerate(parts):
            # An equal share of the room is enough as long as the others need the rest.
            room = most - _length(text)
            others = sum(_RESERVE + sum(_length(block) + 1 for block in more) for _title, more in parts[place + 1 :])
            text += self._part(title, blocks, max(room // (len(parts) - place), room - others))
        return f"{text}{facts}\n"

    def _lead(self) -> Iterator[str]:
        document, marks = self._document, self._marks
        words = f"{'incomplete, ' if document['incomplete'] else ''}{conclusion(document)}"
        yield f"{marks.strong(words.upper())}: change {marks.name(document['change']['id'])}"
        worst = worst_of(document)
        if worst is not None:
            yield ""
            yield f"{marks.name(name_of(worst))}: {marks.text(worst['reason'], 2 * _LONGEST_REASON)}"
        yield ""
        yield f"{summary(document)} {frozen_words(document)}"
        yield ""
        yield f"What next: {next_step(document)}"
        if document["incomplete"]:
            yield ""
            yield marks.text(document["incomplete"], 2 * _LONGEST_REASON)

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        document, tests = self._document, self._tests
        judged = [test for test in tests if not test["left_out"]]
        yield "Warnings", [f"- {self._sentence(warning)}" for warning in document["warnings"]]
        yield "Snapshots", [self._snapshot(row, name_of(test)) for test in tests for row in test["snapshots"]]
        yield "Other snapshots", [self._snapshot(row) for row in document["other_snapshots"]]
        yield "Worst agents", [f"- {self._sentence(text)}" for text in worst_agents(document)]
        for verdict in ("degraded", "no_data", "transient", "inconclusive", "improved"):
            title = VERDICT_WORDS[verdict].capitalize()
            yield title, [self._judged(test) for test in judged if test["verdict"] == verdict]
        yield "Ok", [self._figures(test) for test in judged if test["verdict"] == "ok"]
        yield "Left out", [self._judged(test) for test in tests if test["left_out"]]

    def _facts(self) -> Iterator[str]:
        document, marks = self._document, self._marks
        for title, span in spans(document):
            yield f"- {title}: {span}"
        for title, text in about(document):
            yield f"- {title}: {self._sentence(text)}"
        for title, url in about_links(document):
            if len(url) <= _LONGEST_LINK and not set("<>") & set(url):
                yield f"- {title}: {marks.link(url)}"
        for at, verdict, differs in earlier_of(document)[:_MOST_EARLIER]:
            yield f"- Report of {utc(at)}: {VERDICT_WORDS[verdict]}. {self._sentence(differs)}".rstrip()
        for episode in episodes_of(document):
            words = " ".join(filter(None, (self._sentence(worse_tests(episode, 1)), watch_words(episode))))
            span = f" ({utc(episode['after']['from'], episode['after']['to'])})" if episode["after"] else ""
            yield f"- After the {episode['name']}{span}: {marks.strong(episode_verdict(episode))}. {words}".rstrip()
        made = document["made"]
        by = [f"{marks.text(key, 20)} {marks.name(value)}" for key, value in list(made["by"].items())]
        version = f"community.thousandeyes {marks.name(made['collection'])}"
        yield f"- Made: {', '.join([utc(made['at']), *by[:_MOST_PROVENANCE], version])}"

    def _sentence(self, text: str) -> str:
        return self._marks.text(text, _LONGEST_REASON)

    def _judged(self, test: Row) -> str:
        """A test with all its metrics that have its verdict, or with its own reason if no metric explains that."""
        number = "" if test["test_id"] is None else f" ({self._marks.text(test['test_id'], 20)})"
        name = f"- {self._marks.name(name_of(test))}{number}"
        metrics = [metric for layer in test["layers"] for metric in layer["metrics"]]
        reasons = [metric["reason"] for metric in metrics if metric["verdict"] == test["verdict"]]
        if test["left_out"] or test["verdict"] == "no_data" or not reasons:
            return f"{name}: {self._sentence(reason(test))}"
        return "\n".join([name, *(f"  - {self._sentence(text)}" for text in reasons)])

    def _figures(self, test: Row) -> str:
        """A test that is ok, with how far each metric moved."""
        metrics = [metric for layer in test["layers"] for metric in layer["metrics"]]
        told = [f"{METRIC_WORDS[metric['metric']]} {in_short(metric)}" for metric in metrics if in_short(metric)]
        return f"- {self._marks.name(name_of(test))}: {', '.join(told)}"

    def _snapshot(self, row: Row, test: str | None = None) -> str:
        url = link(row)
        linked = url is not None and len(url) <= _LONGEST_LINK and not set("<>") & set(url)
        where = self._marks.link(url) if url and linked else "link in evidence.html" if url else no_link(row)
        notes = (ids_of(row), inferred(row) if linked else "", expiry(row), seen_by(row))
        more = ", ".join(self._sentence(note) for note in notes if note)
        of = f"{self._marks.name(test)}, {row['phase']}" if test else f"{row['phase']}, {self._marks.name(_title(row))}"
        return f"- {of}: {where} ({more})"

    def _part(self, title: str, blocks: Sequence[str], room: int) -> str:
        """As many blocks as there is room for, and how many there are more."""
        text = f"\n\n{self._marks.strong(f'{title} ({len(blocks)})')}\n"
        for place, block in enumerate(blocks):
            left = len(blocks) - place
            more = f"\n- and {left} more, see evidence.html"
            after = f"\n- and {left - 1} more, see evidence.html" if left > 1 else ""
            if _length(text) + _length(f"\n{block}{after}") > room:
                # No title for nothing, where there is not even room to say how many.
                return f"{text}{more}" if _length(f"{text}{more}") <= room else ""
            text += f"\n{block}"
        return text


def _title(row: Row) -> str:
    return str(row["display_name"] or "")


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
