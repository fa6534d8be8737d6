# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence documents as change_report makes them, of measurements with a seed, for the tests of what shows them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

from ansible_collections.community.thousandeyes.plugins.module_utils._core.metrics import metrics_of
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.series import Span, Strand
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.settings import Settings
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import document as documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._change.change import Change

Row = dict[str, Any]

START, END = "2026-11-23T22:00:00+01:00", "2026-11-23T23:30:00+01:00"
NOW = datetime(2026, 12, 1, tzinfo=timezone.utc).timestamp()
CITIES = ("Berlin, Germany", "Lisbon, Portugal", "Chicago, IL", "Singapore", "São Paulo, Brazil")
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "\"'><svg onload=alert(3)>&amp;&lt;",
    "{{ 7 * 7 }} {% raw %} ${x} $\\frac{1}{2}$ {# note #}",
    "line one\nline two\r\n# heading\n- item\n\n```\ncode",
    "../../etc/passwd \\..\\windows\x00\x1b[31m\x9b",
    "safe\u202egnp.exe\u202c\u2066 \u200bhidden\ufeff",
    "| pipe | `tick` ``two`` [text](javascript:alert(4)) ![img](https://example.com/x.png) @everyone *bold* ~~x~~",
    "Wort" * 125,
    "بوابة الدفع والفوترة",
    "支払い 🛒 Überprüfung",
    " \t ",
    "]]> --> <!-- </style></title> &#64;all https://example.com/ www.example.com",
)


def strand(seed: int, agent: int, metric: str, hours: float, interval: int, change: Mapping[str, Any]) -> Strand:
    """What an agent measured. ``change``: what is different after it: C(factor), C(bad), C(gaps), C(none).

    C(until): the factor holds for so many seconds.
    """
    chance = random.Random(f"{seed} {agent} {metric}")
    level = {"latency": 20, "jitter": 2, "response_time": 180, "page_load": 1900, "resolution": 14}.get(metric, 0)
    level *= 1 + agent * 0.6
    sides = []
    for side in ("before", "after"):
        points: list[tuple[int, float | None]] = []
        for second in range(0, int(hours * 3600), interval):
            factor = change.get("factor", 1) if side == "after" and second < change.get("until", hours * 3600) else 1
            bad = change.get("bad", 0) if side == "after" else 0
            value: float | None
            if metric == "loss":
                value = chance.choice((10.0, 20.0)) if chance.random() < bad else 0.0
            elif metric == "availability":
                value = 0.0 if chance.random() < bad else 100.0
            else:
                value = level * factor * chance.lognormvariate(0, 0.06)
            if chance.random() < change.get("gaps", 0) or side in change.get("none", ()):
                value = None
            points.append((second, value))
        sides.append(points)
    return Strand(str(1000 + agent), CITIES[agent % len(CITIES)], None, *sides)


def judged(
    test_id: str,
    name: str | None,
    changes: Mapping[tuple[str, int], Mapping[str, Any]] = MappingProxyType({}),
    layers: Sequence[str] = ("network", "http-server"),
    hours: float = 1,
    agents: int = 3,
    every: Mapping[str, Any] | None = None,
    seed: int = 1,
    interval: int = 120,
    agent_name: str | None = None,
) -> Row:
    """A test. ``changes``: by metric and agent; ``every``: for all that ``changes`` does not name."""
    strands = {
        layer: {
            metric.judged: [
                strand(seed, agent, metric.judged, hours, interval, changes.get((metric.judged, agent), every or {}))
                for agent in range(agents)
            ]
            for metric in metrics_of(layer)
            if metric.judged
        }
        for layer in layers
    }
    if agent_name:
        strands = {
            layer: {metric: [each._replace(agent_name=agent_name) for each in row] for metric, row in metrics.items()}
            for layer, metrics in strands.items()
        }
    test = test_row(test_id, name, interval=interval)
    begin = int(datetime.fromisoformat(END).timestamp())
    span = Span(int(hours * 3600), int(hours * 3600), interval, begin=begin)
    return documents.judge_test(test, strands, span, Settings())


def test_row(test_id: str | None, name: str | None, state: str = "present", interval: int | None = 120) -> Row:
    return {
        "test_id": test_id,
        "test_name": name,
        "type": "http-server" if state != "gone" else None,
        "interval": interval if state != "gone" else None,
        "state": state,
        "snapshots": [],
    }


def gone(test_id: str | None, name: str | None) -> Row:
    return documents.unjudged(test_row(test_id, name, "gone"), "The test is no longer in the list of tests.")


def snapshot(phase: str, window: Row, number: int, **other: Any) -> Row:
    return {
        "phase": phase,
        "display_name": f"CHG0031337 {phase}",
        "from": window["from"],
        "to": window["to"],
        "is_public": False,
        "link_id": f"zPzE{number:04}",
        "snapshot_test_id": str(number),
        "view_url": f"https://app.thousandeyes.com/view/tests/?__a=75&testId={number}",
        "view_url_source": "inferred",
        "visibility": "confirmed",
        "app_url": None,
        "share_date": "2026-11-23T23:40:00Z",
        "expires_at": "2026-12-23T23:40:00Z",
        "expired": False,
        "state": "created",
        **other,
    }


def document(tests: Sequence[Row], hours: float = 1, change_id: str = "CHG0031337", **other: Any) -> Row:
    length = timedelta(hours=hours)
    start, end = datetime.fromisoformat(START), datetime.fromisoformat(END)
    spans = {"before": (start - length, start), "during": None, "after": (end, end + length)}
    params = {phase: span and {"from": str(span[0]), "to": str(span[1])} for phase, span in spans.items()}
    names = {"change_id": change_id, "start": START, "end": END, "timezone": "Europe/Berlin"}
    change = Change.from_params({**params, **names}, NOW)
    windows = change.windows_as_dict()
    made: Row = {
        "schema": documents.SCHEMA,
        "change": change.to_dict(),
        "verdict": documents.verdict_of(tests),
        "counts": documents.counts(tests),
        "windows": windows,
        "made": {
            "at": "2026-11-24T00:41:07Z",
            "by": {"playbook": "change_evidence.yml", "user": "netops", "job": "4711", "host": "ee-7f9c"},
            "collection": "0.1.0",
            "api_version": "v7",
            "api_url": "https://api.thousandeyes.com",
            "aid": "1234",
        },
        "method": documents.method(Settings(), None),
        "incomplete": None,
        "warnings": [],
        "other_snapshots": [],
        "tests": list(tests),
        **other,
    }
    for number, test in enumerate(made["tests"]):
        if not test["snapshots"] and test["state"] != "gone":
            test["snapshots"] = [
                snapshot(phase, windows[phase], number * 2 + place) for place, phase in enumerate(("before", "after"))
            ]
    return json.loads(documents.to_json(made))


def clean() -> Row:
    return document([judged("19955", "Checkout page"), judged("817", "DNS of the shop", layers=("dns-server",))])


def one_degraded() -> Row:
    """One test of three is slower at two agents; one agent of another has gaps; the third is as it was."""
    slower = {("response_time", agent): {"factor": 1.4} for agent in range(3)}
    tests = [
        judged("19955", "Login", seed=3),
        judged("817", "Checkout page", slower, seed=4),
        judged("2203", "Product search", every={"gaps": 0.15}, seed=5),
    ]
    return document(tests)


def one_agent() -> Row:
    return document([judged("817", "Checkout page", {("loss", 1): {"bad": 0.5}})])


def improved() -> Row:
    return document([judged("817", "Checkout page", every={"factor": 0.6})])


def transient() -> Row:
    changes = {("latency", agent): {"factor": 3, "until": 1500} for agent in range(3)}
    return document([judged("817", "Checkout page", changes), judged("19955", "Login", seed=2)])


def inconclusive() -> Row:
    """A few requests failed at one agent, which noise may explain."""
    changes = {("availability", 1): {"bad": 0.2}}
    return document([judged("817", "Checkout page", changes, interval=300, seed=3), judged("19955", "Login", seed=2)])


def unfrozen() -> Row:
    """All is well, and nothing keeps the proof of it."""
    found = document([judged("817", "Checkout page"), judged("19955", "Login", seed=2)])
    for test in found["tests"]:
        test["snapshots"] = []
    return found


def no_data() -> Row:
    return document(
        [
            judged("817", "Nothing after", every={"none": ("after",)}),
            gone("4", None),
            gone("5", "Old"),
            gone(None, "Older"),
        ]
    )


def gaps() -> Row:
    return document([judged("817", "Gaps", every={"gaps": 0.4}, hours=2)], hours=2)


def hostile() -> Row:
    changes = {("loss", 0): {"bad": 0.5}, ("latency", 0): {"factor": 2}}
    tests = [judged(str(n), name, changes, agents=1, agent_name=name, seed=n) for n, name in enumerate(HOSTILE, 1)]
    tests += [gone("99", HOSTILE[0])]
    found = document(tests, change_id=HOSTILE[6], warnings=list(HOSTILE))
    found["made"]["by"] = {"playbook": HOSTILE[0], "job": HOSTILE[3]}
    planned = dict.fromkeys(("planned_start", "planned_end", "ticket_url", "job_url"))
    found["about"] = {
        "description": HOSTILE[0],
        "changed_by": HOSTILE[1],
        "approver": HOSTILE[3],
        "failed": True,
        **planned,
    }
    named = [{"test_id": str(n), "test_name": name, "reason": name} for n, name in enumerate(HOSTILE[:3], 1)]
    found["episodes"] = [episode("change", -40, "degraded", named), episode("rollback", 0, "degraded", named)]
    window = found["windows"]["before"]
    found["tests"][0]["snapshots"] = [
        snapshot("before", window, 1, view_url="javascript:alert(5)", display_name=HOSTILE[0]),
        snapshot("after", window, 2, view_url="http://example.com/", display_name=HOSTILE[3]),
        snapshot("after", window, 3, view_url='https://example.com/"onclick="alert(6)'),
        snapshot("after", window, 4, expired=True, expires_at="2026-11-20T00:00:00Z"),
        snapshot("after", window, 5, is_public=True),
        snapshot("after", window, 6, view_url=None, link_id=None, expires_at=None, share_date=None, state="unknown"),
        snapshot("during", window, 7, view_url=None, link_id=None, expires_at=None, share_date=None, state="in_flight"),
    ]
    return found


def episode(name: str, minutes: int, verdict: str, tests: Sequence[Row], **watch: Any) -> Row:
    """What was so from so many minutes after the change on, with a watch that saw the same."""
    end = datetime.fromisoformat(END) + timedelta(minutes=minutes)
    until = end + timedelta(minutes=25 if name == "change" else 60)
    told = [
        {field: test[field] for field in ("test_id", "test_name", "reason")} | {"verdict": verdict} for test in tests
    ]
    at = until.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"
    seen = {"verdict": verdict, "finished": True, "look": 5, "looks": 28, "at": at, "frozen": 1}
    return {
        "name": name,
        "end": f"{end.astimezone(timezone.utc).replace(tzinfo=None).isoformat()}Z",
        "end_local": end.isoformat(),
        "after": {"from": f"{end.astimezone(timezone.utc).replace(tzinfo=None).isoformat()}Z", "to": at},
        "verdict": verdict,
        "counts": documents.counts([{"verdict": verdict, "left_out": None} for _test in tests]),
        "tests": told,
        "watch": {**seen, "tests": [{**test, "since": None} for test in told], **watch},
    }


def rolled_back() -> Row:
    """A change that made a test worse, was seen within minutes, and was rolled back."""
    test = judged("817", "Checkout page", seed=4)
    about = {
        "description": "New firmware on the edge routers",
        "changed_by": "Grace",
        "approver": "Ada",
        "ticket_url": "https://tickets.example.com/CHG0031337",
        "job_url": "https://awx.example.com/#/jobs/playbook/4711/output",
        "planned_start": "2026-11-23T20:30:00Z",
        "planned_end": None,
        "failed": True,
    }
    episodes = [
        episode("change", -40, "degraded", one_degraded()["tests"][1:2]),
        episode("rollback", 0, "ok", [test], frozen=0),
    ]
    was = [{"test_id": "817", "test_name": "Checkout page", "was": "degraded", "now": "ok"}]
    times = {"start": "2026-11-23T21:00:00Z", "end": "2026-11-23T21:50:00Z"}
    earlier = [{"at": "2026-11-23T22:20:00Z", "verdict": "degraded", **times, "differs": was}]
    return document([test], about=about, episodes=episodes, earlier=earlier)


def empty() -> Row:
    return document([])


def many(tests: int = 200, hours: float = 48, agents: int = 3, name: str = "Test {}", bad: bool = False) -> Row:
    every = {"factor": 2, "bad": 0.5} if bad else {}
    return document(
        [
            judged(str(n), name.format(n), every=every, hours=hours, agents=agents, seed=n, interval=900)
            for n in range(tests)
        ],
        hours,
    )


KINDS = {
    function.__name__: function
    for function in (
        *(clean, one_degraded, one_agent, improved, transient, inconclusive, unfrozen),
        *(no_data, gaps, rolled_back, hostile, empty),
    )
}
