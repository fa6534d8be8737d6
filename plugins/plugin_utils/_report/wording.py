# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The words that evidence.html and evidence.md have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils._core.metrics import JUDGED, LAYERS
from ...module_utils._core.text import shown
from ...module_utils._core.visibility import CONTRADICTED
from ...module_utils._core.windows import parse_written

Row = Mapping[str, Any]

# The worst first.
VERDICTS = ("degraded", "no_data", "transient", "inconclusive", "improved", "ok")
VERDICT_WORDS = {verdict: verdict.replace("_", " ") for verdict in VERDICTS}
VERDICT_SIGNS = {
    "degraded": "\u2715",
    "no_data": "?",
    "transient": "\u21ba",
    "inconclusive": "\u2248",
    "improved": "\u2191",
    "ok": "\u2713",
}
# Those in which something changed, or may have.
MOVED = ("degraded", "transient", "inconclusive", "improved")
LAYER_WORDS = {name: layer.title for name, layer in LAYERS.items()}
METRIC_WORDS = {name: metric.title for name, metric in JUDGED.items()}
STATE_WORDS = {"disabled": "disabled", "gone": "not in the list of tests"}


def name_of(test: Row) -> str:
    return shown(test["test_name"] or f"test {test['test_id']}")


def worst_first(rows: Sequence[Row]) -> list[Row]:
    """Tests, or agents of a metric, by verdict; within a verdict, the largest differences first. Left out, at last."""

    def place(row: Row) -> tuple[bool, int, float]:
        return bool(row.get("left_out")), VERDICTS.index(row["verdict"]), -abs(row.get("difference") or 0)

    return sorted(rows, key=place)


def reason(row: Row) -> str:
    """Why the verdict is what it is, and why it has no say if it has none."""
    left_out = row.get("left_out")
    return f"Left out: {shown(left_out)}. {row['reason']}" if left_out else str(row["reason"])


def smallest(metric: Row) -> str:
    """The smallest change that would have been called."""
    found, unit = metric["smallest"], metric["unit"]
    if found is None:
        return "no change could be seen"
    share = "" if found["difference_percent"] is None else f", {number(found['difference_percent'])} %"
    points = "points" if unit == "percent" else unit
    return f"from {number(found['difference'])} {points}{share} on"


def chance(entry: Row) -> str:
    """p, beside the level that it was compared with."""
    found = "< 0.0001" if entry["p"] < 0.0001 else f"= {entry['p']:.2g}"
    return f"p {found}, at {entry['level']:.1g}" if entry["level"] is not None else f"p {found}"


def past(document: Row) -> str:
    """What the history was read for, and what it says nothing of."""
    read = [test for test in document["tests"] if test["history"]]
    if not read:
        return "It was read of no test, since nothing would have been called worse."
    silent = sum(not test["history"]["enough"] for test in read)
    more = f" Of {silent} of them it says nothing, since it is too short, or left out." if silent else ""
    return f"It was read of {len(read)} of {len(document['tests'])} tests.{more}"


def summary(document: Row) -> str:
    """Why the verdict is what it is, in one sentence; and what was so before a rollback, in another one."""
    earlier = [
        f" That is after the rollback; after the {episode['name']} itself: {episode_verdict(episode)}."
        for episode in episodes_of(document)[:-1]
    ]
    return "".join([_summary(document), *earlier])


def _summary(document: Row) -> str:
    counts, verdict = document["counts"], document["verdict"]
    total = counts["tests"]
    if not total:
        return "There is no test to compare."
    if counts[verdict] == total:
        whole = {
            "degraded": "degraded after the change; the cause is not shown",
            "no_data": "without enough results to compare",
            "transient": "worse for a while, and as before at the end",
            "inconclusive": "inconclusive: noise or the history may explain what differs, or little could be seen",
            "improved": "better after the change",
            "ok": "ok: no significant degradation",
        }[verdict]
        return f"{_tests(total, total)} {whole}."
    parts = {
        "degraded": "degraded after the change",
        "no_data": "could not be compared",
        "transient": "worse for a while",
        "inconclusive": "inconclusive",
        "improved": "better",
        "ok": "ok",
    }
    found = [f"{counts[each]} {parts[each]}" for each in VERDICTS if counts[each]]
    return f"Of {total} tests: {', '.join(found)}."


def episodes_of(document: Row) -> Sequence[Row]:
    """What was so after the change, and after its rollback, where the report tells them apart."""
    found: Sequence[Row] = document.get("episodes", [])
    return found


def change_title(document: Row) -> str:
    """What lies between the windows before and after."""
    return "The change and its rollback" if len(episodes_of(document)) > 1 else "The change"


def episode_verdict(episode: Row) -> str:
    """The verdict in words, also where nothing was judged."""
    verdict = episode["verdict"]
    return VERDICT_WORDS[verdict] if verdict else "not judged, since no time was left between it and the rollback"


def worse_tests(episode: Row, most: int = 3) -> str:
    """The tests that are not ok in an episode, the worst first: ``most`` with their reasons, and how many more."""
    tests = [test for test in worst_first(episode["tests"]) if test["verdict"] not in ("ok", "improved")]
    named = [f"{name_of(test)}: {VERDICT_WORDS[test['verdict']]}, {test['reason']}" for test in tests[:most]]
    return " ".join([*named, *([f"And {len(tests) - most} more."] if len(tests) > most else [])])


def watch_words(episode: Row) -> str:
    """What the watch saw, and when; empty where there was none."""
    watch = episode["watch"]
    if watch is None:
        return ""
    at = f", {utc(watch['at'])}" if watch["at"] else ""
    seen = VERDICT_WORDS.get(watch["verdict"], "nothing yet, and it did not reach the end")
    frozen = f", {watch['frozen']} snapshot{'' if watch['frozen'] == 1 else 's'} frozen" if watch["frozen"] else ""
    return f"Watched: {seen} at look {watch['look']} of {watch['looks']}{at}{frozen}."


def about(document: Row) -> list[tuple[str, str]]:
    """What people said of the change, by its title."""
    told = document.get("about")
    if not told:
        return []
    planned = [f"{side} {utc(told[f'planned_{side}'])}" for side in ("start", "end") if told[f"planned_{side}"]]
    found = [
        ("Description", told["description"]),
        ("Approver", told["approver"]),
        ("Planned", f"{', '.join(planned)}; the actual times count" if planned else None),
        ("The change itself", "failed" if told["failed"] else None),
    ]
    return [(title, text) for title, text in found if text]


def _tests(count: int, total: int) -> str:
    return "The only test is" if total == 1 else f"All {count} tests are"


def number(value: float) -> str:
    """The number with as many decimals as one would say."""
    size = abs(value)
    text = f"{value:,.{0 if size >= 1000 else 1 if size >= 10 else 2}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "\u2212")


def amount(value: float | None, unit: str) -> str:
    if value is None:
        return "\u2013"
    return f"{number(value)} {'%' if unit == 'percent' else unit}"


def spread(statistics: Row, unit: str) -> str:
    """The range of the middle nine tenths of the values."""
    low, high = number(statistics["p5"]), amount(statistics["p95"], unit)
    return high if statistics["p5"] == statistics["p95"] else f"{low} to {high}"


def difference(entry: Row, unit: str) -> str:
    value, percent = entry["difference"], entry["difference_percent"]
    if value is None:
        return "\u2013"
    text = f"{_sign(value)} {_points(value) if unit == 'percent' else unit}"
    return text if percent is None else f"{text}, {_sign(percent)} %"


def _sign(value: float) -> str:
    text = number(value)
    return f"+{text}" if value > 0 and text != "0" else text


def _points(value: float) -> str:
    return "point" if abs(value) == 1 else "points"


def threshold(metric: Row) -> str:
    limits = metric["threshold"]
    if metric["kind"] == "share":
        return f"{number(limits['points'])} {_points(limits['points'])}"
    return f"{number(limits['percent'])} % and {number(limits['ms'])} ms"


def limit(metric: Row, entry: Row) -> float | None:
    """The value from which on ``entry``, the metric or an agent of it, counts as degraded."""
    value: float | None = entry["value_before"]
    limits: Mapping[str, float] = metric["threshold"]
    if value is None:
        return None
    if metric["kind"] == "time":
        return max(value * (1 + limits["percent"] / 100), value + limits["ms"])
    return value + JUDGED[metric["metric"]].worse * limits["points"]


def utc(first: str, last: str | None = None) -> str:
    """``2026-11-23 21:00 to 22:00 UTC``, from ISO 8601 UTC."""
    moments = [_moment(text)[0] for text in (first, last) if text]
    return f"{_span(moments)} UTC"


def local(first: str, last: str) -> str:
    """The same with offsets, or with one offset if both are equal."""
    (start, start_offset), (end, end_offset) = _moment(first), _moment(last)
    if start_offset == end_offset:
        return f"{_span([start, end])} {start_offset}"
    return f"{start} {start_offset} to {end} {end_offset}"


def _moment(text: str) -> tuple[str, str]:
    parsed = parse_written(text, "time")
    clock = parsed.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    offset = f"{parsed:%z}"
    return clock, f"{offset[:3]}:{offset[3:5]}" if offset else ""


def _span(moments: Sequence[str]) -> str:
    if len(moments) == 2 and moments[0][:10] == moments[1][:10]:
        return f"{moments[0]} to {moments[1][11:]}"
    return " to ".join(moments)


def expiry(snapshot: Row) -> str:
    """When the link of a snapshot expires."""
    if snapshot["expires_at"] is None:
        return "expiry not known"
    return f"{'expired' if snapshot['expired'] else 'expires'} {utc(snapshot['expires_at'])}"


def found_by(snapshot: Row) -> str:
    """The ids by which one finds a snapshot, beside its title."""
    told = (("own test", "snapshot_test_id"), ("link id", "link_id"))
    ids = [f"{what} {snapshot[name]}" for what, name in told if snapshot[name]]
    if link(snapshot) and snapshot["view_url_source"] == "inferred":
        ids.append("link inferred from its ids")
    return ", ".join(ids)


def no_link(snapshot: Row) -> str:
    """Why there is no link."""
    if snapshot["state"] == "in_flight":
        return "no link yet: the snapshot was being created"
    if snapshot["state"] == "unknown":
        return "no link: the request had no answer that settles it, so it is not known whether the snapshot exists"
    return "no link: the API told none that can be shown"


def seen_by(snapshot: Row) -> str:
    """Who can view the snapshot, if anyone with the link can, or if the API did not do as it was asked."""
    if snapshot["visibility"] == CONTRADICTED:
        return (
            "asked for as a share link, but the API says that it is private"
            if snapshot["is_public"]
            else "asked for as private, but anyone with the link may be able to view it"
        )
    return "anyone with the link can view it" if snapshot["is_public"] and snapshot["state"] == "created" else ""


def link(snapshot: Row, name: str = "view_url") -> str | None:
    """The link in the field ``name``, if it is one that may be followed."""
    url = snapshot[name]
    return url if isinstance(url, str) and re.fullmatch(r"https://[!-~]+", url) else None
