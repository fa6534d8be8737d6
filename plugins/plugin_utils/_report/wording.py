# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""The words that evidence.html, evidence.md and evidence.txt have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ...module_utils._core.metrics import JUDGED, LAYERS
from ...module_utils._core.numbers import amount, from_to, moved, number, signed_percent
from ...module_utils._core.text import shown
from ...module_utils._core.visibility import CONTRADICTED
from ...module_utils._core.windows import parse_written
from .._change.tests import NEVER_COMPARED
from .._verdict.judge import times_threshold

Row = Mapping[str, Any]

# Percent. To have seen a change as large as this is to have seen none.
_TOO_LARGE = 1000
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
        size = next((row[name] for name in ("difference_percent", "difference") if row.get(name) is not None), 0)
        return bool(row.get("left_out")), VERDICTS.index(row["verdict"]), -abs(size)

    return sorted(rows, key=place)


def reason(row: Row) -> str:
    """Why the verdict is what it is, and why it has no say if it has none."""
    left_out = row.get("left_out")
    return f"Left out: {shown(left_out)}. {row['reason']}" if left_out else str(row["reason"])


def smallest(metric: Row) -> str:
    """The smallest change that would have been called."""
    found, unit = metric["smallest"], metric["unit"]
    if found is None or (found["difference_percent"] or 0) > _TOO_LARGE:
        return "no change could be seen"
    share = "" if found["difference_percent"] is None else f", {number(found['difference_percent'])} %"
    points = "points" if unit == "percent" else unit
    return f"from {number(found['difference'])} {points}{share} on"


def chance(entry: Row) -> str:
    """p, beside the level that it was compared with."""
    if entry["p"] is None:
        return "not compared"
    found = f"= {entry['p']:.2g}" if entry["p"] else "< 1e-300"
    return f"p {found}, at {entry['level']:.1g}" if entry["level"] is not None else f"p {found}"


def least_likely(metric: Row) -> str:
    """The agent whose difference noise explains least."""
    agents = [agent for agent in metric["agents"] if agent["p"] is not None]
    if not agents:
        return amount(None, metric["unit"])
    least = min(agents, key=lambda agent: agent["p"])
    return f"{agent_of(least)}: {chance(least)}"


def where_it_is(metric: Row) -> Row:
    """The worst agent where fewer than half have the verdict of the metric, else the metric."""
    agents = [agent for agent in worst_first(metric["agents"]) if agent["verdict"] == metric["verdict"]]
    return agents[0] if agents and len(agents) * 2 < len(metric["agents"]) else metric


def in_short(metric: Row) -> str:
    """A metric in a cell: how far it moved."""
    row = where_it_is(metric)
    if metric["verdict"] == "no_data" or row["difference"] is None:
        return ""
    return moved(row["difference"], row["difference_percent"], metric["unit"])


def past(document: Row) -> str:
    """What the history was read for, and what it says nothing of."""
    read = [test for test in document["tests"] if test["history"]]
    if not read:
        if any(test["verdict"] == "degraded" for test in document["tests"]):
            return "It was read of no test, so what is degraded was not compared with earlier days."
        return "It was read of no test, since nothing would have been called degraded."
    silent = sum(not test["history"]["enough"] for test in read)
    more = f" Of {silent} of them it says nothing, since it is too short, or left out." if silent else ""
    return f"It was read of {len(read)} of {len(document['tests'])} tests.{more}"


def conclusion(document: Row) -> str:
    """The verdict, and whether anything keeps its proof: never a plain C(ok) if nothing does."""
    words = VERDICT_WORDS[document["verdict"]] + (" after the rollback" if len(episodes_of(document)) > 1 else "")
    so = "but" if document["verdict"] in ("ok", "improved") else "and"
    return f"{words}, {so} nothing is frozen" if nothing_frozen(document) else words


def frozen_tests(document: Row) -> list[Row]:
    """The tests of which both windows have a snapshot that has not expired."""
    return [test for test in document["tests"] if _is_frozen(test)]


def _is_frozen(test: Row) -> bool:
    return {"before", "after"} <= {row["phase"] for row in test["snapshots"] if _is_kept(row)}


def _is_kept(snapshot: Row) -> bool:
    return snapshot["state"] == "created" and not snapshot["expired"]


def nothing_frozen(document: Row) -> bool:
    """Whether there is something to freeze, and nothing of it is."""
    return bool(document["tests"]) and not frozen_tests(document)


def is_ok(test: Row) -> bool:
    """Whether nobody has to look at it."""
    return test["verdict"] in ("ok", "improved")


def frozen_words(document: Row) -> str:
    """How much is frozen, and until when."""
    found, total = frozen_tests(document), len(document["tests"])
    if not found:
        return "No test is frozen in both windows." if total else ""
    ends = [row["expires_at"] for test in found for row in test["snapshots"] if _is_kept(row)]
    known = [end for end in ends if end]
    until = f"until {utc(min(known))}" if known and len(known) == len(ends) else "until a time that is not known"
    which = "Before and after are" if total == 1 else f"Before and after of {len(found)} of {total} tests are"
    return f"{which} frozen {until}."


def worst_of(document: Row) -> Row | None:
    """The test that is worst, None if none is worse."""
    tests = [test for test in worst_first(document["tests"]) if not test.get("left_out")]
    return next((test for test in tests if not is_ok(test)), None)


def headline(document: Row) -> str:
    """The last line of a run, behind the id of the change: the verdict, and what is worst."""
    worst = worst_of(document)
    why = summary(document) if worst is None else f"{name_of(worst)}: {worst['reason']}"
    return f"{conclusion(document).capitalize()}. {shown(why)}"


def worst_metric(test: Row) -> Row | None:
    """The metric that its verdict comes from, the one that exceeds its threshold most. None if no metric has it."""
    metrics = [metric for layer in test["layers"] for metric in layer["metrics"] if not metric.get("left_out")]
    alike = [metric for metric in metrics if metric["verdict"] == test["verdict"]]
    return max(alike, key=times_threshold, default=None)


def worst_agents(document: Row, most: int = 3) -> list[str]:
    """Where the worst test is worst: the agents at which its worst metric is not ok."""
    test = worst_of(document)
    metric = worst_metric(test) if test else None
    if metric is None:
        return []
    found = [agent for agent in worst_first(metric["agents"]) if not is_ok(agent) and agent["verdict"] != "no_data"]
    return [
        f"{agent_of(agent)}: {JUDGED[metric['metric']].within} "
        f"{from_to(agent['value_before'], agent['value_after'], metric['unit'])}, {VERDICT_WORDS[agent['verdict']]}"
        for agent in found[:most]
    ]


def agent_of(agent: Row) -> str:
    return shown(agent["agent_name"] or f"agent {agent['agent_id']}")


def scope(document: Row) -> str:
    """Whether it is this test or all, and this agent or all."""
    test = worst_of(document)
    if test is None:
        return ""
    alike, total = document["counts"][test["verdict"]], document["counts"]["tests"]
    words = VERDICT_WORDS[test["verdict"]]
    tests = f"only this one of {total} tests" if alike == 1 else _all_or_some(alike, total, "tests")
    if total == 1:
        tests = "the only test"
    metric = worst_metric(test)
    if metric is None or len(metric["agents"]) < 2:
        return f"{words.capitalize()}: {tests}."
    bad = sum(agent["verdict"] == test["verdict"] for agent in metric["agents"])
    agents = (
        f"at {_all_or_some(bad, len(metric['agents']), 'agents', 'its ')}" if bad else "over all its agents together"
    )
    # Of several tests, the agents are those of the worst.
    return f"{words.capitalize()}: {tests}{f'; {name_of(test)}' if alike > 1 else ','} {agents}."


def _all_or_some(count: int, total: int, what: str, whose: str = "") -> str:
    return f"all {whose}{total} {what}" if count == total else f"{count} of {whose}{total} {what}"


def is_it_the_change(document: Row) -> str:
    """What speaks for the change as the cause of a degradation; that it is the cause is never shown."""
    test = worst_of(document)
    metric = worst_metric(test) if test else None
    if test is None or metric is None or test["verdict"] != "degraded":
        return ""
    rows = [metric, *(agent for agent in worst_first(metric["agents"]) if agent["verdict"] == "degraded")]
    minute = next((row["since_minute"] for row in rows if row["since_minute"] is not None), None)
    past = next((row["history"] for row in rows if row["history"]), None)
    return f"{_began(document, minute)} {_compared(past)}".strip()


def _compared(past: Row | None) -> str:
    """What the history says of what is degraded, which is larger than all in it."""
    if past is None:
        return "It was not compared with earlier days."
    if not past["enough"]:
        return "The history is too short, or left out, to say whether that is usual."
    return f"Nothing as large came in {number(past['hours'])} hours without this change."


def _began(document: Row, minute: float | None) -> str:
    if minute is None:
        return ""
    begin = parse_written(document["windows"]["after"]["from"], "time") + timedelta(minutes=minute)
    late = (begin - parse_written(document["change"]["end"], "time")).total_seconds() / 60
    if not minute:
        return "It was so as soon as the window after the change began."
    return f"It began about {number(late)} minutes after the end of the change."


_NOTHING = "nothing."
_NEXT = {
    "degraded": (
        "see whether it is still so. Open the snapshots of the worst test and compare before with after. If they point "
        "to the change, roll it back, and run the report again."
    ),
    "no_data": (
        "see whether the tests are still there, and they and their agents run. Then run the report again, with a "
        "window after the change in which they did."
    ),
    "transient": (
        "nothing, if such a disturbance was planned. If not, find its cause before the change is closed. It is over, "
        "and asks for no rollback."
    ),
    "inconclusive": (
        "this shows neither harm nor its absence. Watch longer: run the report again with a longer window after the "
        "change."
    ),
    "improved": _NOTHING,
    "ok": _NOTHING,
}


def next_step(document: Row) -> str:
    """What to do, behind "What next:"."""
    verdict = document["verdict"]
    if not document["tests"]:
        return "choose tests that exist, and run the report again."
    silent = [test for test in document["tests"] if test["verdict"] == "no_data" and not test.get("left_out")]
    if verdict == "no_data" and all(test["reason"].startswith(NEVER_COMPARED) for test in silent):
        return (
            "leave out the tests whose type is never compared, by change_evidence_leave_out, and run the report again."
        )
    if nothing_frozen(document) and verdict != "no_data":
        freeze = (
            "freeze both windows while the vendor has their data: run the phases before and after with the times of "
            "this change."
        )
        return f"{freeze} Then {_NEXT[verdict]}" if _NEXT[verdict] != _NOTHING else freeze
    if len(episodes_of(document)) > 1 and _NEXT[verdict] == _NOTHING:
        return "the service is well, and the change is not in place. Find out what failed before it is planned again."
    return _NEXT[verdict]


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
    tests = [test for test in worst_first(episode["tests"]) if not is_ok(test)]
    named = [f"{name_of(test)}: {VERDICT_WORDS[test['verdict']]}. {test['reason']}" for test in tests[:most]]
    return " ".join([*named, *([f"And {len(tests) - most} more."] if len(tests) > most else [])])


def watch_words(episode: Row) -> str:
    """What the watch saw, and when; empty where there was none."""
    watch = episode["watch"]
    if watch is None:
        return ""
    at = f" at {utc(watch['at'])}," if watch["at"] else ""
    looks = f"after {watch['look']} of at most {watch['looks']} looks"
    if watch["verdict"] not in VERDICT_WORDS:
        return f"The watch had found nothing{at} {looks}, and did not reach its end."
    frozen = f", and froze {watch['frozen']} snapshot{'' if watch['frozen'] == 1 else 's'}" if watch["frozen"] else ""
    return f"The watch said {VERDICT_WORDS[watch['verdict']]}{at} {looks}{frozen}."


def about(document: Row) -> list[tuple[str, str]]:
    """What people said of the change, by its title, and whether it kept to its plan."""
    told = document.get("about") or {}
    found = [
        ("What was changed", told.get("description")),
        ("Changed by", told.get("changed_by")),
        ("Approved by", told.get("approver")),
        ("Planned", _planned(told)),
        ("Actual", _actual(document, told)),
        ("The change itself", "failed" if told.get("failed") else None),
    ]
    return [(title, text) for title, text in found if text]


def about_links(document: Row) -> list[tuple[str, str]]:
    """Links that people gave, with their words."""
    told = document.get("about") or {}
    found = (("Ticket of the change", told.get("ticket_url")), ("Job of this report", told.get("job_url")))
    return [(title, url) for title, url in found if url]


def _planned(told: Row) -> str | None:
    start, end = told.get("planned_start"), told.get("planned_end")
    if start and end:
        return utc(start, end)
    return f"start {utc(start)}" if start else f"end {utc(end)}" if end else None


def _actual(document: Row, told: Row) -> str | None:
    """When it was made, beside the plan where there is one."""
    if not _planned(told):
        return None
    start = document["change"]["start"]
    end = next((episode["end"] for episode in episodes_of(document)), document["change"]["end"])
    early = _minutes(start, told.get("planned_start"))
    late = _minutes(told.get("planned_end"), end)
    found = [f"began {number(early)} minutes before its window"] if early > 0 else []
    found += [f"ended {number(late)} minutes after its window"] if late > 0 else []
    known = {"planned_start": "not before its window", "planned_end": "not after its window"}
    kept = [words for name, words in known.items() if told.get(name)]
    return f"{utc(start, end)}, {' and '.join(found) or ('within its window' if len(kept) > 1 else kept[0])}"


def _minutes(first: str | None, last: str | None) -> float:
    """From the first to the last; 0 if one of them is not known."""
    if not first or not last:
        return 0.0
    return (parse_written(last, "time") - parse_written(first, "time")).total_seconds() / 60


def earlier_of(document: Row) -> list[tuple[str, str, str]]:
    """When each earlier report of this change was made, its verdict, and what differs."""
    change, rows = document["change"], []
    for row in document.get("earlier", ()):
        times = [f"It is of other times: {utc(row['start'], row['end'])}"] if is_apart(row, change) else []
        differs = times + [
            f"{name_of(test)} was {VERDICT_WORDS[test['was']] if test['was'] else 'not there'}, "
            f"is {VERDICT_WORDS[test['now']]}"
            for test in row["differs"]
        ]
        more = f", and {len(differs) - 5} more" if len(differs) > 5 else ""
        rows.append((row["at"], row["verdict"], f"{'; '.join(differs[:5])}{more}"))
    return rows


def is_apart(earlier: Row, change: Row) -> bool:
    """Whether the times of an earlier report have nothing in common with those of the change now.

    The end may be that of a rollback by now, so that equal times are too much to ask.
    """
    # Written so that they sort as text.
    return bool(earlier["end"] < change["start"] or change["end"] < earlier["start"])


def _tests(count: int, total: int) -> str:
    return "The only test is" if total == 1 else "Both tests are" if count == 2 else f"All {count} tests are"


def spread(statistics: Row, unit: str) -> str:
    """The range of the middle nine tenths of the values."""
    low, high = number(statistics["p5"]), amount(statistics["p95"], unit)
    return high if statistics["p5"] == statistics["p95"] else f"{low} to {high}"


def difference(entry: Row, unit: str) -> str:
    """How far it moved, in its unit; of a time, in percent as well."""
    value, percent = entry["difference"], entry["difference_percent"]
    if value is None:
        return amount(None, unit)
    text = moved(value, None, unit)
    return text if unit == "percent" or percent is None else f"{text} ({signed_percent(percent)})"


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


def spans(document: Row) -> Iterator[tuple[str, str]]:
    """The windows and the change, in order, each in UTC, and in local time where that differs."""
    windows, change = document["windows"], document["change"]
    own = {"from": change["start"], "to": change["end"]}
    own.update({"from_local": change["start_local"], "to_local": change["end_local"]})
    title = change_title(document).removeprefix("The ").capitalize()
    rows = (("Before", windows["before"]), (title, own), ("During", windows["during"]), ("After", windows["after"]))
    for name, span in rows:
        if span:
            there = f" ({local(span['from_local'], span['to_local'])})" if has_local(document) else ""
            yield name, f"{utc(span['from'], span['to'])}{there}"


def has_local(document: Row) -> bool:
    """Whether the local times say anything beside those in UTC."""
    sides = [document["change"]["start_local"], document["change"]["end_local"]]
    sides += [window["from_local"] for window in document["windows"].values() if window]
    return any(_moment(text)[1] not in ("", "+00:00") for text in sides)


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


def ids_of(snapshot: Row) -> str:
    """The ids by which one finds a snapshot, beside its title."""
    told = (("own test", "snapshot_test_id"), ("link id", "link_id"))
    return ", ".join(f"{what} {snapshot[name]}" for what, name in told if snapshot[name])


def inferred(snapshot: Row) -> str:
    """Where the link comes from, if the API did not tell it."""
    return "link inferred from its ids" if link(snapshot) and snapshot["view_url_source"] == "inferred" else ""


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
