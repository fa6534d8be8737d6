# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""evidence.html, read by a parser that takes no mistakes. What a browser makes of it is tested in tests/browser."""

from __future__ import annotations

import copy
import functools
import re
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import html

Element = ElementTree.Element
NAMES = {
    report_documents.HOSTILE[3]: "line one\\nline two\\r\\n# heading\\n- item\\n\\n```\\ncode",
    report_documents.HOSTILE[4]: "../../etc/passwd \\..\\windows\\u0000\\u001b[31m\\u009b",
    report_documents.HOSTILE[5]: "safe\\u202egnp.exe\\u202c\\u2066 \\u200bhidden\\ufeff",
    report_documents.HOSTILE[10]: " \\t ",
}


@functools.cache
def document(kind: str) -> dict[str, Any]:
    return report_documents.KINDS[kind]()


@functools.cache
def page(kind: str) -> Element:
    return parsed(html.to_html(document(kind)))


def parsed(text: str) -> Element:
    """:raises html5lib.html5parser.ParseError: it is not valid."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def words_of(element: Element) -> str:
    return " ".join(text_of(element).split())


def one(element: Element, path: str) -> Element:
    (found,) = element.iterfind(path)
    return found


def sections(kind: str) -> list[Element]:
    return page(kind).findall(".//section[@class]")


def charts(element: Element) -> list[Element]:
    return [each for each in element.iter() if tag(each) == "svg" and each.get("class") == "chart"]


def tag(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_nothing_is_loaded_or_run(kind: str) -> None:
    for element in page(kind).iter():
        if element.tag is ElementTree.Comment:
            continue
        assert tag(element) not in {"script", "img", "image", "iframe", "object", "embed", "form", "base", "video"}
        for name, value in element.attrib.items():
            name = str(name).rsplit("}", 1)[-1]
            assert not name.startswith("on") and name not in {"src", "srcset", "action"}
            if name == "href":
                assert value.startswith(("https://", "#")) or (tag(element), value) == ("link", "data:,")
            assert "url(" not in value
    style = text_of(one(page(kind), ".//style"))
    assert "url(" not in style and "@import" not in style
    policy = one(page(kind), ".//meta[@http-equiv='Content-Security-Policy']").attrib["content"]
    assert policy.startswith("default-src 'none';") and "http" not in policy


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_structure(kind: str) -> None:
    root = page(kind)
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    targets = [element.attrib["href"][1:] for element in root.iter() if element.get("href", "").startswith("#")]
    assert set(targets) <= set(ids)
    levels = [int(tag(element)[1]) for element in root.iter() if re.fullmatch("h[1-6]", tag(element))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:]))
    for table in root.iter("table"):
        heads = [text_of(cell).partition(" (")[0] for cell in table.findall("thead/tr/th")]
        assert all(cell.get("scope") == "col" for cell in table.findall("thead/tr/th"))
        for row in table.findall("tbody/tr"):
            first, *others = list(row)
            assert (first.tag, first.get("scope")) == ("th", "row")
            # On a phone these say what the head of the table says.
            assert [cell.get("data-label") for cell in others] == heads[1:]
    for drawing in charts(root):
        assert drawing.get("role") == "img"
        assert {drawing.get("aria-labelledby"), drawing.get("aria-describedby")} < set(ids)


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_the_verdict_comes_first(kind: str) -> None:
    header = one(page(kind), ".//header")
    assert list(one(page(kind), "body"))[0] is header
    word = document(kind)["verdict"].replace("_", " ").capitalize()
    assert text_of(one(header, "*[@id='verdict']/strong")).split(" ", 1)[1].startswith(word)
    assert word.lower() in text_of(one(page(kind), ".//title"))


@pytest.mark.parametrize(
    "kind, sentence",
    [
        ("clean", "Both tests are ok: no significant degradation."),
        ("one_degraded", "Of 3 tests: 1 degraded after the change, 2 ok."),
        ("improved", "The only test is better after the change."),
        ("no_data", "All 4 tests are without enough results to compare."),
        ("empty", "There is no test to compare."),
    ],
)
def test_the_verdict_has_a_reason(kind: str, sentence: str) -> None:
    verdict = one(page(kind), ".//*[@id='verdict']")
    assert sentence in words_of(verdict)
    if kind == "one_degraded":
        assert "Checkout page: Response time rose from 291 to 404 ms (+39 %)" in words_of(verdict)


def test_the_worst_test_comes_first() -> None:
    order = [words_of(name) for name in page("one_degraded").findall(".//table[@class='tests']/tbody/tr/th/a")]
    assert order == ["Checkout page", "Login", "Product search"]
    assert [words_of(one(section, "h3")) for section in sections("one_degraded")][0] == "Checkout page"


def test_names_are_text() -> None:
    tests = document("hostile")["tests"]
    expected = [NAMES.get(test["test_name"], test["test_name"]) for test in tests]
    assert [text_of(one(section, "h3")) for section in sections("hostile")] == expected
    assert [
        text_of(one(row, "th/a")) for row in page("hostile").findall(".//table[@class='tests']/tbody/tr")
    ] == expected
    assert text_of(one(page("hostile"), ".//h1")) == report_documents.HOSTILE[6]
    warnings = [text_of(item) for item in one(page("hostile"), ".//ul[@class='warnings']")]
    assert warnings == [NAMES.get(name, name) for name in report_documents.HOSTILE]
    for section, name in zip(sections("hostile"), expected[:-1]):
        agents = [text_of(one(row, "th")) for row in section.findall(".//details[@open]/table/tbody/tr")]
        assert agents and set(agents) == {name}
    whole = text_of(page("hostile"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", whole)


def test_a_test_without_a_name_has_its_id() -> None:
    assert [words_of(one(section, "h3")) for section in sections("no_data")] == [
        "Nothing after",
        "test 4",
        "Old",
        "Older",
    ]
    assert "Test whose id is not known, not in the list of tests" in words_of(sections("no_data")[3])


def test_links() -> None:
    rows = one(sections("hostile")[0], "table[1]/tbody").findall("tr")
    links = [[link.attrib["href"] for link in row.iter("a")] for row in rows]
    view = "https://app.thousandeyes.com/view/tests/?__a=75&testId="
    assert links == [[], [], ['https://example.com/"onclick="alert(6)'], [f"{view}4"], [f"{view}5"], [], []]
    texts = [words_of(row) for row in rows]
    assert "javascript:alert(5)" not in texts[0] and "no link: the API told none that can be shown" in texts[0]
    assert "expired 2026-11-20 00:00 UTC" in texts[3]
    assert "expires 2026-12-23 23:40 UTC" in texts[4] and "anyone with the link can view it" in texts[4]
    assert [number for number, text in enumerate(texts) if "anyone" in text] == [4]
    assert "had no answer that settles it" in texts[5] and "expiry not known" in texts[5]
    assert "was being created" in texts[6]
    assert all(link.get("rel") == "noopener noreferrer" for row in rows for link in row.iter("a"))


def test_other_snapshots() -> None:
    row = {
        **report_documents.snapshot("before", {"from": None, "to": None}, 7),
        **{"is_public": None, "expires_at": None, "expired": None},
    }
    root = parsed(html.to_html({**document("empty"), "other_snapshots": [row]}))
    (table,) = [
        table for table in root.iter("table") if any("testId=7" in link.get("href", "") for link in table.iter("a"))
    ]
    assert "not known" in words_of(table) and "expiry not known" in words_of(table)


@pytest.mark.parametrize("kind", ["one_degraded", "one_agent", "improved", "no_data", "clean"])
def test_all_metrics_and_agents_are_there(kind: str) -> None:
    tests = {test["test_name"] or f"test {test['test_id']}": test for test in document(kind)["tests"]}
    for section in sections(kind):
        test = tests[words_of(one(section, "h3"))]
        metrics = [metric for layer in test["layers"] for metric in layer["metrics"]]
        rows = [row for row in section.findall("table/tbody/tr") if row.find("td[@data-label='Threshold']") is not None]
        assert len(rows) == len(metrics)
        for row, metric in zip(rows, metrics):
            check_row(row, metric)
        details = [each for each in section.findall("details") if each.get("class") not in ("charts", "statistics")]
        assert len(details) == len(metrics)
        for each, metric in zip(details, metrics):
            agents = metric["agents"]
            assert ("open" in each.attrib) == any(agent["verdict"] != "ok" for agent in agents)
            by_name = {agent["agent_name"]: agent for agent in agents}
            found = each.findall("table/tbody/tr")
            assert len(found) == len(agents)
            for row in found:
                check_row(row, by_name[words_of(one(row, "th"))])


def check_row(row: Element, entry: dict[str, Any]) -> None:
    cells = {cell.attrib["data-label"]: words_of(cell) for cell in row.findall("td")}
    assert cells["Verdict"].split(" ", 1)[1].startswith(f"{entry['verdict'].replace('_', ' ')}")
    assert cells["Verdict"].endswith(entry["reason"])
    for label, value in (
        ("Before", entry["value_before"]),
        ("After", entry["value_after"]),
        ("Difference", entry["difference"]),
    ):
        if value is None:
            assert cells[label].startswith("–")
        else:
            number = re.match(r"[+-]?[\d,.]+", cells[label])
            assert number
            shown = float(number[0].replace(",", ""))
            assert shown == pytest.approx(value, rel=0.01, abs=0.0051)
    assert (
        f"{entry['before']['count']} value" in cells["Before"] and f"{entry['after']['count']} value" in cells["After"]
    )


def test_charts_of_what_changed_are_in_sight() -> None:
    section = sections("one_degraded")[0]
    seen = [words_of(one(figure, "p/strong")) for figure in section.findall("figure")]
    assert seen == ["Response time"]
    hidden = [words_of(one(each, "p/strong")) for each in section.findall("details[@class='charts']/figure")]
    assert hidden == ["Packet loss", "Latency", "Jitter", "Availability"]
    assert not any("open" in each.attrib for each in section.findall("details[@class='charts']"))
    # Those of the agents are next to their table.
    agents = [words_of(one(each, "p")) for each in section.findall("details[@open]/figure")]
    assert agents == [f"Response time at {city}" for city in ("Berlin, Germany", "Lisbon, Portugal", "Chicago, IL")]
    for figure in section.iter("figure"):
        assert len(charts(figure)) == 1
        assert "limit" in words_of(one(figure, "figcaption"))


def test_the_first_chart_is_of_what_is_worst_and_beside_the_verdict() -> None:
    (figure,) = page("one_degraded").findall("body/header/figure")
    assert words_of(one(figure, "p")) == "Response time of Checkout page over all agents"
    assert len(charts(figure)) == 1
    # One of three agents lost packets.
    (figure,) = page("one_agent").findall("body/header/figure")
    assert words_of(one(figure, "p")) == "Packet loss of Checkout page at Lisbon, Portugal"
    assert "Packet loss of Checkout page from Lisbon, Portugal" in text_of(charts(figure)[0])


@pytest.mark.parametrize("kind", ["clean", "improved", "no_data", "gaps", "empty"])
def test_where_nothing_is_worse_no_chart_is_beside_the_verdict(kind: str) -> None:
    assert not page(kind).findall("body/header/figure")


@pytest.mark.parametrize(
    "slower, sentence, title",
    [
        ({"latency": 1.5, "response_time": 3}, "Shop: Response time rose", "Response time of Shop"),
        ({"latency": 3, "response_time": 1.5}, "Shop: Latency rose", "Latency of Shop"),
    ],
)
def test_the_first_chart_is_of_the_metric_that_the_sentence_names(
    slower: dict[str, float], sentence: str, title: str
) -> None:
    changes = {(metric, agent): {"factor": factor} for metric, factor in slower.items() for agent in range(3)}
    root = parsed(html.to_html(report_documents.document([report_documents.judged("1", "Shop", changes)])))
    assert sentence in words_of(one(root, ".//*[@id='verdict']"))
    assert words_of(one(root, "body/header/figure/p")).startswith(title)


def test_what_has_no_say_has_no_first_chart() -> None:
    changes = {(metric, agent): {"factor": 3} for metric in ("latency", "response_time") for agent in range(3)}
    made = report_documents.document([report_documents.judged("1", "Shop", changes)])
    layer = made["tests"][0]["layers"][1]
    (metric,) = [each for each in layer["metrics"] if each["metric"] == "response_time"]
    metric["left_out"] = "It is known."
    assert words_of(one(parsed(html.to_html(made)), "body/header/figure/p")).startswith("Latency of Shop")
    made["tests"][0]["left_out"] = "It is known."
    assert not parsed(html.to_html(made)).findall("body/header/figure")


def test_gaps_are_explained_where_there_are_some() -> None:
    assert "not measured" in words_of(next(page("gaps").iter("figcaption")))
    assert "not measured" not in words_of(next(page("clean").iter("figcaption")))


def test_an_axis_that_does_not_start_at_0_says_so() -> None:
    legends = {
        words_of(one(figure, "p/strong")): words_of(one(figure, "figcaption"))
        for figure in page("clean").iter("figure")
    }
    assert "axis from 98 % on, not from 0" in legends["Availability"]
    assert [name for name, legend in legends.items() if "axis" in legend] == ["Availability"]
    assert {"Packet loss", "Latency"} < set(legends)


def test_too_many_charts_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = page("one_degraded")
    monkeypatch.setattr(html, "MOST_CHARTS", 16)
    root = parsed(html.to_html(document("one_degraded")))
    figures = [words_of(one(figure, "p")) for figure in root.iterfind(".//section//figure")]
    # Three tests of five metrics, and what is left for the agents.
    assert len(figures) == 16
    assert [text for text in figures if " at " in text] == ["Response time at Berlin, Germany"]
    assert "2 charts were left out" in words_of(one(root, ".//footer"))
    assert "left out" not in words_of(whole)


def test_of_many_tests_only_what_is_not_ok_has_charts_and_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    few = parsed(html.to_html(document("one_degraded")))
    monkeypatch.setattr(html, "MANY_TESTS", 2)
    many = parsed(html.to_html(document("one_degraded")))
    drawn = [[words_of(one(figure, "p")) for figure in root.iterfind(".//section//figure")] for root in (few, many)]
    assert drawn[1] == ["Response time over all agents"]
    summaries = {words_of(one(each, "summary")) for each in many.iter("details") if each.get("class") != "statistics"}
    assert summaries == {"Response time at each agent (3, 3 not ok)"}
    assert "There are many tests" in words_of(many)
    assert "There are many tests" not in words_of(few)
    # Nothing but agents and charts is missing: each metric has its row.
    rows = [[words_of(row) for row in root.iter("tr") if row.find("th") is not None] for root in (few, many)]
    metrics = [[text for text in each if text.startswith(("Loss", "Latency", "Jitter", "Resp"))] for each in rows]
    assert metrics[0] == metrics[1]


def test_of_many_tests_a_layer_has_one_chart_and_a_metric_three_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MANY_TESTS", 0)
    changes: dict[tuple[str, int], dict[str, Any]] = {
        **{("latency", agent): {"factor": 1.5 + agent / 10} for agent in range(5)},
        **{("jitter", agent): {"factor": 9} for agent in range(5)},
        **{("response_time", agent): {"none": ("after",)} for agent in range(5)},
    }
    root = parsed(html.to_html(report_documents.document([report_documents.judged("1", "Shop", changes, agents=5)])))
    section = one(root, ".//section")
    assert [words_of(one(figure, "p")) for figure in section.findall("figure")] == ["Jitter over all agents"]
    assert [words_of(one(each, "p")) for each in section.findall("details/figure")] == ["Response time over all agents"]
    agents = {
        words_of(one(each, "summary")): [words_of(one(row, "th")) for row in each.findall("table/tbody/tr")]
        for each in section.findall("details[table]")
        if each.get("class") != "statistics"
    }
    assert agents["Latency at each agent (5, 5 not ok)"] == ["São Paulo, Brazil", "Singapore", "Chicago, IL"]
    assert {len(each) for each in agents.values()} == {3}


def test_a_page_of_two_hundred_tests_that_are_all_worse_can_be_opened() -> None:
    worse = {"factor": 2, "bad": 0.5}
    test = report_documents.judged("1", "Shop", every=worse, hours=48, interval=900, agents=5)
    made = report_documents.document([test], 48)
    made["tests"] = [{**made["tests"][0], "test_name": f"Test {number}"} for number in range(200)]
    page = html.to_html(made)
    assert len(page.encode()) < 5_000_000
    # The worst, and that of each layer.
    assert page.count('<svg class="chart"') == 1 + 2 * 200


@pytest.mark.parametrize("count", [50, 51])
def test_more_than_fifty_tests_are_many(count: int) -> None:
    tests = [report_documents.judged(str(n), f"Test {n}", layers=("dns-server",), agents=1) for n in range(count)]
    root = parsed(html.to_html(report_documents.document(tests)))
    assert ("There are many tests" in words_of(root)) is (count == 51)
    assert len(charts(root)) == (count if count == 50 else 0)


def test_of_many_agents_the_worst_have_charts() -> None:
    worse = {("latency", agent): {"factor": 1.5 + agent / 10} for agent in range(5)}
    root = parsed(html.to_html(report_documents.document([report_documents.judged("1", "Shop", worse, agents=5)])))
    (details,) = [each for each in root.iter("details") if "open" in each.attrib]
    cities = report_documents.CITIES[:0:-1]
    assert [words_of(one(each, "p")) for each in details.findall("figure")] == [f"Latency at {city}" for city in cities]
    assert "the 4 agents with the largest differences, out of 5" in words_of(details)


def test_windows_in_utc_and_local_time() -> None:
    made = copy.deepcopy(document("clean"))
    made["windows"]["during"] = {
        "from": "2026-10-24T22:00:00Z",
        "to": "2026-10-25T04:00:30Z",
        "hours": 6,
        "from_local": "2026-10-25T00:00:00+02:00",
        "to_local": "2026-10-25T05:00:30+01:00",
    }
    rows = [words_of(row) for row in one(parsed(html.to_html(made)), ".//main/table[2]/tbody").findall("tr")]
    assert rows == [
        "Before 1 h2026-11-23 20:00 to 21:00 UTC2026-11-23 21:00 to 22:00 +01:00",
        "The change2026-11-23 21:00 to 22:30 UTC2026-11-23 22:00 to 23:30 +01:00",
        # The offset changes in between.
        "During 6 h2026-10-24 22:00 to 2026-10-25 04:00:30 UTC2026-10-25 00:00 +02:00 to 2026-10-25 05:00:30 +01:00",
        "After 1 h2026-11-23 22:30 to 23:30 UTC2026-11-23 23:30 to 2026-11-24 00:30 +01:00",
    ]


def test_who_how_and_by_what() -> None:
    footer = words_of(one(page("clean"), ".//footer"))
    method = document("clean")["method"]
    for text in (
        method["times"],
        method["shares"],
        "change_evidence.yml",
        "4711",
        "community.thousandeyes 0.1.0",
        "v7, https://api.thousandeyes.com, account group 1234",
        "2026-11-24 00:41:07 UTC",
        f"{method['thresholds']['jitter_percent']:g} % and {method['thresholds']['jitter_ms']:g} ms",
        "1 percentage point",
    ):
        assert text in footer


def test_the_same_document_gives_the_same_page() -> None:
    first = html.to_html(report_documents.one_degraded())
    assert html.to_html(report_documents.one_degraded()) == first


def test_an_earlier_report_of_other_times_says_so() -> None:
    made = document("rolled_back")
    assert "of other times" not in text_of(page("rolled_back"))
    made["earlier"][0].update(start="2026-08-01T13:00:00Z", end="2026-08-01T14:30:00Z")
    assert "It is of other times: 2026-08-01 13:00 to 14:30 UTC; Checkout page was degraded" in text_of(
        parsed(html.to_html(made))
    )


def test_what_was_seen_after_the_change_and_after_its_rollback() -> None:
    rows = page("rolled_back").findall(".//table[@class='episodes']/tbody/tr")
    assert [text_of(one(row, "th")).partition(" from ")[0] for row in rows] == ["The change", "The rollback"]
    assert ["degraded" in text_of(row) for row in rows] == [True, False]
    assert "The watch said degraded at" in text_of(rows[0])
    whole = text_of(page("rolled_back"))
    for told in ("New firmware on the edge routers", "Ada", "The change itself", "The change and its rollback"):
        assert told in whole
    assert page("clean").find(".//table[@class='episodes']") is None
