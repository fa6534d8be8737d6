# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""evidence.md, from the evidence document: the conclusion, short enough for a comment on a ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ...module_utils._core.text import shown
from .wording import (
    METRIC_WORDS,
    VERDICT_WORDS,
    Row,
    about,
    amount,
    change_title,
    difference,
    episode_verdict,
    episodes_of,
    expiry,
    found_by,
    link,
    local,
    name_of,
    no_link,
    reason,
    seen_by,
    summary,
    utc,
    watch_words,
    worse_tests,
    worst_first,
)

# Fewer than the 4,000 characters that the comment fields of ticket systems take. They count UTF-16.
MOST = 3990
_LONGEST_NAME = 60
_LONGEST_REASON = 200
_LONGEST_LINK = 300
_CHANGE = {"from": "start", "to": "end", "from_local": "start_local", "to_local": "end_local"}
# Room for the line that says how many more there are.
_RESERVE = 60


def to_markdown(document: Row) -> str:
    """The report as CommonMark, which can also be read as it is."""
    tests = worst_first(document["tests"])
    judged = [test for test in tests if not test["left_out"]]
    parts = [
        (title, blocks)
        for title, blocks in (
            ("Degraded", [_judged(test, "degraded") for test in judged if test["verdict"] == "degraded"]),
            ("No data", [_plain(test) for test in judged if test["verdict"] == "no_data"]),
            ("Transient", [_judged(test, "transient") for test in judged if test["verdict"] == "transient"]),
            ("Inconclusive", [_plain(test) for test in judged if test["verdict"] == "inconclusive"]),
            ("Warnings", [f"- {_text(warning, _LONGEST_REASON)}" for warning in document["warnings"]]),
            ("Snapshots", [_snapshot(row, f"{_name(test)} ") for test in tests for row in test["snapshots"]]),
            ("Other snapshots", [_snapshot(row) for row in document["other_snapshots"]]),
            ("Improved", [_judged(test, "improved") for test in judged if test["verdict"] == "improved"]),
            ("Left out", [_plain(test) for test in tests if test["left_out"]]),
        )
        if blocks
    ]
    text = "\n".join(_head(document))
    for place, (title, blocks) in enumerate(parts):
        # The first is the most important one, but half of the room is enough as long as others need the rest.
        room = MOST - _length(text)
        others = sum(_RESERVE + sum(_length(block) + 1 for block in more) for _title, more in parts[place + 1 :])
        text += _part(title, blocks, max(room // 2, room - others) if others else room)
    return f"{text}\n"


def _head(document: Row) -> Iterator[str]:
    change, windows, made = document["change"], document["windows"], document["made"]
    counts = document["counts"]
    incomplete = document["incomplete"]
    words = f"{'incomplete, ' if incomplete else ''}{VERDICT_WORDS[document['verdict']]}"
    yield f"**{words.upper()}**: change {_code(change['id'])}"
    yield ""
    yield summary(document)
    yield ""
    if incomplete:
        yield _text(incomplete, 2 * _LONGEST_REASON)
        yield ""
    found = ", ".join(f"{counts[verdict]} {words}" for verdict, words in VERDICT_WORDS.items())
    yield f"- Tests: {counts['tests']} ({found})"
    spans = (
        ("Before", windows["before"]),
        (
            change_title(document).removeprefix("The ").capitalize(),
            {end: change[name] for end, name in _CHANGE.items()},
        ),
        ("During", windows["during"]),
        ("After", windows["after"]),
    )
    for title, span in spans:
        if span:
            yield f"- {title}: {utc(span['from'], span['to'])} ({local(span['from_local'], span['to_local'])})"
    for title, text in about(document):
        yield f"- {title}: {_text(text, _LONGEST_REASON)}"
    for episode in episodes_of(document):
        words = " ".join(filter(None, (_text(worse_tests(episode, 1), _LONGEST_REASON), watch_words(episode))))
        span = f" ({utc(episode['after']['from'], episode['after']['to'])})" if episode["after"] else ""
        yield f"- After the {episode['name']}{span}: **{episode_verdict(episode)}**. {words}".rstrip()
    by = ", ".join(f"{_text(key, 20)} {_code(value)}" for key, value in list(made["by"].items())[:6])
    by = f"by {by}, " if by else ""
    yield f"- Made: {utc(made['at'])}, {by}community.thousandeyes {_code(made['collection'])}"


def _judged(test: Row, verdict: str) -> str:
    lines = [f"- {_name(test)}"]
    for layer in test["layers"]:
        for metric in layer["metrics"]:
            if metric["verdict"] == verdict:
                lines.append(f"  - {_metric(metric, verdict)}")
    return "\n".join(lines if len(lines) > 1 else [f"{lines[0]}: {_text(test['reason'], _LONGEST_REASON)}"])


def _metric(metric: Row, verdict: str) -> str:
    """The values over all agents, and those of the worst agent if not all agents have this verdict."""
    unit = metric["unit"]
    words = METRIC_WORDS.get(metric["metric"], _text(metric["metric"], 20))
    agents = [agent for agent in worst_first(metric["agents"]) if agent["verdict"] == verdict]
    text = f"{words}: {_values(metric, unit)}{_when(metric)}"
    if agents and len(agents) < len(metric["agents"]):
        name = _code(agents[0]["agent_name"] or agents[0]["agent_id"])
        text += f"; {len(agents)} of {len(metric['agents'])} agents, {name}: {_values(agents[0], unit)}"
    return text


def _values(entry: Row, unit: str) -> str:
    values = [amount(entry[f"value_{side}"], unit) for side in ("before", "after")]
    return f"{values[0]} \u2192 {values[1]} ({difference(entry, unit)})"


def _when(entry: Row) -> str:
    """In which part of the window, and from when on."""
    since = f", from minute {entry['since_minute']:.0f} on" if entry["since_minute"] else ""
    if entry["part"] == "an outage":
        return f", an outage{since}"
    # A few slow rounds do not show in the values.
    slow = f"; {_text(entry['reason'], _LONGEST_REASON)}" if "95th percentile" in entry["reason"] else ""
    return f"{since}{slow}"


def _plain(test: Row) -> str:
    return f"- {_name(test)}: {_text(reason(test), _LONGEST_REASON)}"


def _snapshot(row: Row, test: str = "") -> str:
    url = link(row)
    where = f"<{url}>" if url and len(url) <= _LONGEST_LINK and not set("<>") & set(url) else None
    if not where:
        where = "link in evidence.html" if url else no_link(row)
    more = ", ".join(filter(None, (_text(found_by(row), _LONGEST_REASON), expiry(row), seen_by(row))))
    return f"- {test}{row['phase']}, {_code(row['display_name'] or '')}: {where} ({more})"


def _part(title: str, blocks: Sequence[str], room: int) -> str:
    """As many blocks as there is room for, and how many there are more."""
    text = f"\n\n**{title} ({len(blocks)})**\n"
    for place, block in enumerate(blocks):
        left = len(blocks) - place
        more = f"\n- and {left} more, see evidence.html"
        after = f"\n- and {left - 1} more, see evidence.html" if left > 1 else ""
        if _length(text) + _length(f"\n{block}{after}") > room:
            # No title for nothing, where there is not even room to say how many.
            return f"{text}{more}" if _length(f"{text}{more}") <= room else ""
        text += f"\n{block}"
    return text


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _name(test: Row) -> str:
    number = "" if test["test_id"] is None else f" ({_text(test['test_id'], 20)})"
    return f"{_code(name_of(test))}{number}"


def _code(value: Any) -> str:
    """A name as code, where nothing but backticks has a meaning."""
    text = _cut(" ".join(shown(value).split()), _LONGEST_NAME)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _text(value: Any, longest: int) -> str:
    """A sentence, perhaps with names in it, that Markdown takes as it is: no marks, no mentions, no links."""
    text = _cut(" ".join(shown(value).split()), longest)
    text = re.sub(r"([\\`*_{}\[\]<>()#!|~&])", r"\\\1", text)
    # It may begin a line, where these make lists and underlines.
    text = re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", text)
    # Some readers make links of what looks like the name of a host.
    return re.sub(r"(?i)(@|:/|www|(?<=\w)\.(?=[^\W\d_]))", "\\1\u2060", text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"
