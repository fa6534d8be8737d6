# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The charts, read by an XML parser."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import axes, charts
from ansible_collections.community.thousandeyes.plugins.plugin_utils._verdict.series import Span, Strand, parts_of

Row = dict[str, Any]
Point = tuple[float, float]
STATISTICS = {"mean": 20.0, "median": 20.0, "p5": 15.0, "q1": 18.0, "q3": 22.0, "p95": 25.0, "min": 10.0, "max": 30.0}
# In half pixels.
TOP, BOTTOM = 48, 308


def about(
    before: tuple[str, str] = ("20:00", "21:00"),
    change: tuple[str, str] = ("21:00", "22:00"),
    after: tuple[str, str] = ("22:00", "23:00"),
) -> Row:
    """What a document says of its windows. Where no day is given, it is one."""
    spans = {
        name: tuple(text if "T" in text else f"2026-11-23T{text}:00Z" for text in span)
        for name, span in (("before", before), ("change", change), ("after", after))
    }
    windows = {side: {"from": spans[side][0], "to": spans[side][1]} for side in ("before", "after")}
    return {"windows": windows, "change": {"start": spans["change"][0], "end": spans["change"][1]}}


def entry(old: list[float | None], new: list[float | None], metric: str = "latency", **other: Any) -> Row:
    """A metric with a value each ten minutes."""
    share = metric in ("loss", "availability")
    return {
        "metric": metric,
        "unit": "percent" if share else "ms",
        "kind": "share" if share else "time",
        "threshold": {"points": 1.0} if share else {"percent": 10, "ms": 5},
        "value_before": next((value for value in old if value is not None), None),
        "value_after": next((value for value in new if value is not None), None),
        "part": "the whole window",
        **{side: {"count": 6, "missing": 0, **STATISTICS} for side in ("before", "after")},
        "series": {
            side: [[number * 10.0, value] for number, value in enumerate(values)]
            for side, values in (("before", old), ("after", new))
        },
        **other,
    }


class Drawn(NamedTuple):
    svg: ElementTree.Element

    def paths(self, name: str) -> list[list[Point]]:
        """The points of each stroke of the paths of that class."""
        found = []
        for path in self.svg.iter("path"):
            if path.attrib["class"] == name:
                found += [points(stroke) for stroke in path.attrib["d"].split("M")[1:]]
        return found

    def stroke(self, name: str) -> list[Point]:
        (found,) = self.paths(name)
        return found

    def texts(self) -> list[str]:
        return [text.text or "" for text in self.svg.iter("text")]

    def place(self, text: str) -> str:
        (found,) = [each for each in self.svg.iter("text") if each.text == text]
        return found.get("x", "")

    def change(self) -> Point:
        """Where it begins and ends, in percent."""
        (band,) = self.svg.iter("rect")
        left, width = (float(band.attrib[name].rstrip("%")) for name in ("x", "width"))
        return left, left + width

    def description(self) -> str:
        return self.svg.findtext("desc") or ""


def points(stroke: str) -> list[Point]:
    """Those of ``10 20l5-3 5 0``, ``10 20h30`` and ``10 20H30``."""
    kind = next((letter for letter in "lhH" if letter in stroke), "l")
    first, _letter, rest = stroke.partition(kind)
    x, y = (float(number) for number in first.split())
    found = [(x, y)]
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", rest)]
    if kind == "H":
        return [*found, (numbers[0], y)]
    if kind == "h":
        return [*found, (x + numbers[0], y)]
    for across, down in zip(numbers[::2], numbers[1::2]):
        x, y = x + across, y + down
        found.append((x, y))
    return found


def drawn(row: Row, document: Row | None = None, name: str = "Shop") -> Drawn:
    return Drawn(ElementTree.fromstring(charts.Painter(document or about()).chart(row, row, name, "c1")))


def test_before_change_and_after_lie_on_one_axis() -> None:
    chart = drawn(entry([20] * 6, [30] * 6))
    # Three hours, 1000 units; each value is in the middle of its ten minutes. Level ones are one line.
    assert [x for x, _y in chart.stroke("before")] == [28, 306]
    assert [x for x, _y in chart.stroke("after")] == [694, 972]
    assert chart.change() == (33.3, 66.6)
    assert [chart.place(text) for text in ("20:00", "21:00", "22:00", "23:00")] == ["0.0%", "33.3%", "66.7%", "100.0%"]


def test_values_are_where_the_axis_says() -> None:
    chart = drawn(entry([50, 100, 150, 200, 50, 50], [300] * 6, value_before=100.0))
    heights = {mark.label: BOTTOM - mark.place * (BOTTOM - TOP) for mark in axes.ValueAxis(0, 324).marks()}
    assert list(heights) == ["0", "100", "200", "300"]
    before = chart.stroke("before")
    assert before[1][1] == pytest.approx(heights["100"], abs=0.5)
    assert before[3][1] == pytest.approx(heights["200"], abs=0.5)
    assert chart.stroke("after")[0][1] == pytest.approx(heights["300"], abs=0.5)
    assert chart.paths("grid") == [[(0, round(height)), (1000, round(height))] for height in heights.values()]
    # The text of a mark stands at its line.
    assert [float(text.attrib["y"]) for text in chart.svg.iter("text") if text.text in heights] == [
        pytest.approx(height / 2 + 4, abs=0.6) for height in heights.values()
    ]
    assert "ms" in chart.texts()


def test_what_is_compared_is_drawn_and_told() -> None:
    chart = drawn(entry([20] * 6, [30] * 6, value_before=21.0, value_after=31.5, part="its last quarter"))
    old, new = chart.paths("level")
    assert [x for x, _y in old] == [0, 333] and [x for x, _y in new] == [917, 1000]
    assert old[0][1] < chart.stroke("before")[0][1] and new[0][1] < chart.stroke("after")[0][1]
    assert {"before 21 ms", "change", "after 31.5 ms"} < set(chart.texts())
    assert "Before the change 21 ms, after it 31.5 ms; the limit is 26 ms." in chart.description()
    assert "15 to 25 ms before, 15 to 25 ms after" in chart.description()
    assert chart.svg.findtext("title") == "Latency of Shop"
    assert chart.svg.attrib["role"] == "img"
    assert chart.svg.attrib["aria-labelledby"] == chart.svg.find("title").attrib["id"]  # type: ignore[union-attr]
    assert chart.svg.attrib["aria-describedby"] == chart.svg.find("desc").attrib["id"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "part, begin",
    [(None, 667), ("the whole window", 667), ("its last half", 833), ("its last quarter", 917), ("an outage", None)],
)
def test_the_level_of_the_part_that_the_verdict_is_about(part: str | None, begin: int | None) -> None:
    """The document does not tell when an outage ended."""
    levels = drawn(entry([20] * 6, [30] * 6, part=part)).paths("level")
    assert [level[0][0] for level in levels] == [0, *([] if begin is None else [begin])]


def test_the_parts_are_called_as_the_judge_calls_them() -> None:
    points = [(second, 1.0) for second in range(0, 7200, 60)]
    parts = parts_of(Span(7200, 7200, 60), [Strand("1", None, None, points, points)])
    assert [part.name for part in parts[1:]] == list(charts._LATE)
    assert [part.start / 7200 for part in parts[1:]] == list(charts._LATE.values())


@pytest.mark.parametrize(
    "metric, value, threshold, expected",
    [
        ("latency", 100.0, {"percent": 10, "ms": 5}, "110 ms"),
        ("latency", 20.0, {"percent": 10, "ms": 5}, "25 ms"),
        ("loss", 0.5, {"points": 1.0}, "1.5 %"),
        ("availability", 100.0, {"points": 1.0}, "99 %"),
    ],
)
def test_the_threshold_is_where_degraded_begins(metric: str, value: float, threshold: Row, expected: str) -> None:
    chart = drawn(entry([value] * 6, [value] * 6, metric, threshold=threshold))
    assert f"the limit is {expected}." in chart.description()
    line, after = chart.stroke("limit"), chart.stroke("after")
    # Over the window after, on the bad side.
    assert [x for x, _y in line] == [667, 1000]
    assert line[0][1] > after[0][1] if metric == "availability" else line[0][1] < after[0][1]


def test_without_a_value_before_there_is_no_threshold() -> None:
    nothing = {"count": 0, "missing": 6, **dict.fromkeys(STATISTICS)}
    chart = drawn(entry([None] * 6, [20] * 6, before=nothing))
    assert not chart.paths("limit") and not chart.paths("before")
    assert len(chart.paths("level")) == 1
    assert "before \u2013" in chart.texts()
    assert "none before, 15 to 25 ms after" in chart.description()


def test_a_gap_interrupts_the_line_and_is_marked_above_it() -> None:
    chart = drawn(entry([20, 21, None, None, 20, 21], [30] * 6))
    assert [[x for x, _y in stroke] for stroke in chart.paths("before")] == [[28, 83], [250, 306]]
    mark = chart.stroke("before gap")
    assert [x for x, _y in mark] == [111, 222]
    assert mark[0][1] < TOP
    assert not chart.paths("after gap")
    assert "gaps where nothing was measured" in chart.description()
    assert "gap" not in drawn(entry([20] * 6, [30] * 6)).description()


def test_gaps_at_both_ends() -> None:
    chart = drawn(entry([None, 20, 21, 20, 21, None], [None] * 6))
    assert [[x for x, _y in mark] for mark in chart.paths("before gap")] == [[0, 56], [278, 333]]
    assert [[x for x, _y in mark] for mark in chart.paths("after gap")] == [[667, 1000]]
    assert not chart.paths("after") and "after \u2013" in chart.texts()


def test_a_value_between_gaps_is_a_dot() -> None:
    chart = drawn(entry([20, None, 22, None, 20, 20], [None, None, None, None, None, 30]))
    assert [stroke[0][0] for stroke in chart.paths("before dot")] == [28, 139]
    assert all(stroke[0] == stroke[1] for stroke in chart.paths("before dot"))
    assert [len(stroke) for stroke in chart.paths("before")] == [2]
    assert len(chart.paths("after dot")) == 1 and not chart.paths("after")


def test_one_round_only_is_a_dot() -> None:
    chart = drawn(entry([20], [30]))
    assert [stroke[0][0] for stroke in chart.paths("before dot") + chart.paths("after dot")] == [167, 833]
    assert not chart.paths("before") and not chart.paths("after")


@pytest.mark.parametrize("metric, value", [("latency", 20.0), ("loss", 5.0), ("availability", 90.0), ("latency", 1e6)])
def test_where_all_values_are_equal_the_line_is_flat_and_in_the_middle(metric: str, value: float) -> None:
    chart = drawn(entry([value] * 6, [value] * 6, metric))
    for side in ("before", "after"):
        assert {y for _x, y in chart.stroke(side)} == {(TOP + BOTTOM) / 2}


@pytest.mark.parametrize(
    "metric, value, y", [("loss", 0.0, BOTTOM), ("availability", 100.0, TOP), ("latency", 0.0, BOTTOM)]
)
def test_what_is_as_good_as_can_be_lies_at_the_end_of_the_axis(metric: str, value: float, y: float) -> None:
    assert {y for _x, y in drawn(entry([value] * 6, [value] * 6, metric)).stroke("after")} == {y}


@pytest.mark.parametrize(
    "metric, course, others, low, high",
    [
        ("latency", [300.0, 310.0], [330.0], 0, 356.4),
        ("latency", [], [], 0, 1),
        ("loss", [0.0, 0.3], [1.0], 0, 2),
        ("loss", [0.0, 50.0], [1.0], 0, 54),
        ("loss", [0.0, 99.0], [1.0], 0, 100),
        ("availability", [100.0, 99.9], [99.0], 98, 100),
        ("availability", [100.0, 90.0], [99.0], 89.2, 100),
        ("availability", [100.0, 40.0], [99.0], 0, 100),
        ("availability", [0.0, 0.0], [], 0, 100),
    ],
)
def test_the_axis_of_values(metric: str, course: list[float], others: list[float], low: float, high: float) -> None:
    row = {"metric": metric, "kind": "time" if metric == "latency" else "share"}
    assert axes.value_axis(row, course, others) == pytest.approx((low, high))


def test_an_axis_that_does_not_start_at_0_is_told() -> None:
    chart = drawn(entry([100] * 6, [100, 90, 100, 100, 100, 100], "availability"))
    assert "The axis starts at 89.2 %, not at 0." in chart.description()
    for metric in ("latency", "loss"):
        assert "axis" not in drawn(entry([10] * 6, [10.5] * 6, metric)).description()


@pytest.mark.parametrize(
    "low, high, expected",
    [
        (0, 1, ["0", "0.25", "0.5", "0.75", "1"]),
        (0, 0.09, ["0", "0.025", "0.05", "0.075"]),
        (0, 2, ["0", "0.5", "1", "1.5", "2"]),
        (0, 437, ["0", "200", "400"]),
        (0, 12345, ["0", "5,000", "10,000"]),
        (0, 2e6, ["0", "500,000", "1,000,000", "1,500,000", "2,000,000"]),
        (97.84, 100, ["98", "99", "100"]),
        (89.2, 100, ["90", "95", "100"]),
    ],
)
def test_the_marks_of_values_are_round(low: float, high: float, expected: list[str]) -> None:
    marks = list(axes.ValueAxis(low, high).marks())
    assert [mark.label for mark in marks] == expected
    assert all(0 <= mark.place <= 1 + 1e-9 for mark in marks)


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("20:00 21:00", "22:00 23:00", "20:00 21:00 22:00 23:00"),
        ("20:10 20:20", "20:21 20:31", "20:10 20:15 20:20 20:25 20:30"),
        ("21:00 22:00", "22:30 23:30", "21:00 21:30 22:00 22:30 23:00 23:30"),
        ("23:00 23:30", "23:40 2026-11-24T00:10:00Z", "23:00 23:15 23:30 23:45 24 Nov"),
        ("2026-11-21T21:00:00Z 21:00", "22:30 2026-11-25T22:30:00Z", "22 Nov|23 Nov|24 Nov|25 Nov"),
        ("2026-12-20T00:00:00Z 2027-01-03T00:00:00Z", "2027-01-03T00:00:00Z 2027-01-10T00:00:00Z", None),
    ],
)
def test_the_times_are_those_of_the_clock(before: str, after: str, expected: str | None) -> None:
    old, new = before.split(), after.split()
    axis = axes.TimeAxis(about((old[0], old[1]), (old[1], new[0]), (new[0], new[1])))
    marks = list(axis.marks())
    assert len(marks) <= 6
    assert all(0 <= mark.place <= axes.ACROSS for mark in marks)
    labels = [mark.label for mark in marks]
    if expected is None:
        # Several days from one to the next.
        assert "Jan" in labels[-1] and len(labels) >= 4
    else:
        assert labels == re.findall(r"\d+ \w{3}|\d+:\d+", expected.replace("|", " "))


def test_a_time_between_the_windows_that_is_too_long_is_drawn_shorter_and_said() -> None:
    days = about(("2026-11-16T20:00:00Z", "2026-11-16T21:00:00Z"), ("20:00", "22:00"), ("22:00", "23:00"))
    axis = axes.TimeAxis(days)
    assert axis.cut
    assert [axis.place(minute) for minute in (0, 60, axis.starts["after"], axis.ends["after"])] == [
        pytest.approx(place) for place in (0, 1000 / 3, 2000 / 3, 1000)
    ]
    # The change is at the end of what is between; no mark lies there.
    assert axis.change == (pytest.approx(2000 / 3 - 1000 / 3 * 2 / 169, abs=0.01), pytest.approx(2000 / 3))
    assert not [mark for mark in axis.marks() if 334 < mark.place < 666]
    chart = drawn(entry([20] * 6, [30] * 6), days)
    assert {"not to", "scale"} < set(chart.texts())
    assert {(left[0], right[0]) for left, right in chart.paths("grid")} == {(0, 333), (667, 1000)}
    assert not axes.TimeAxis(about()).cut
    assert "scale" not in drawn(entry([20] * 6, [30] * 6)).texts()


@pytest.mark.parametrize(
    "change, left, right",
    [
        (("21:10", "21:40"), 38.9, 55.5),
        # Without a length, it is still seen.
        (("21:00", "21:00"), 33.3, 33.6),
        # Between windows that touch, at the end of the axis, and outside of it.
        (("20:30", "22:30"), 16.7, 83.4),
        (("23:00", "23:00"), 99.7, 100.0),
        (("19:00", "19:30"), 0.0, 0.3),
    ],
)
def test_the_change_is_where_it_was(change: tuple[str, str], left: float, right: float) -> None:
    assert drawn(entry([20] * 6, [30] * 6), about(change=change)).change() == pytest.approx((left, right), abs=0.11)


def test_windows_that_touch() -> None:
    chart = drawn(entry([20] * 6, [30] * 6), about(change=("21:00", "21:00"), after=("21:00", "22:00")))
    assert [x for x, _y in chart.stroke("before")] == [42, 458]
    assert [x for x, _y in chart.stroke("after")] == [542, 958]


def test_the_change_has_its_name_in_it_or_above_it() -> None:
    for change, y in (("21:00", "22:00"), "38"), (("21:25", "21:35"), "11"):
        chart = drawn(entry([20] * 6, [30] * 6), about(change=change))
        (name,) = [text for text in chart.svg.iter("text") if text.text == "change"]
        assert name.attrib["y"] == y
        assert float(name.attrib["x"].rstrip("%")) == pytest.approx(sum(chart.change()) / 2, abs=0.1)


def test_the_word_change_gives_way_to_the_values() -> None:
    at_the_side = about(("20:00", "20:10"), ("20:10", "20:20"), ("20:20", "23:00"))
    row = entry([20], [30] * 16)
    texts = drawn(row, at_the_side).texts()
    assert "change" not in texts and {"before 20 ms", "after 30 ms"} <= set(texts)


@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_what_is_drawn_is_xml_that_fits_into_a_page(kind: str) -> None:
    document = report_documents.KINDS[kind]()
    painter = charts.Painter(document)
    ids: list[str] = []
    metrics = [metric for test in document["tests"] for layer in test["layers"] for metric in layer["metrics"]]
    for number, metric in enumerate(metrics):
        text = painter.chart(metric, metric, report_documents.HOSTILE[0], f"c{number}")
        svg = ElementTree.fromstring(text)
        assert report_documents.HOSTILE[0] in (svg.findtext("title") or "")
        ids += [element.attrib["id"] for element in svg.iter() if "id" in element.attrib]
        for element in svg.iter():
            assert element.tag in {"svg", "path", "text", "rect", "title", "desc"}
            assert not set(element.attrib) & {"style", "href", "onload", "onclick"}
        assert not re.search(r"http|url\(|<!|<\?|nan|inf|None", re.sub("<title.*</title>", "", text))
        assert not re.search(r"\be[+-]?\d", text)
    assert len(ids) == len(set(ids)) == 2 * len(metrics)


@pytest.mark.parametrize("name", report_documents.HOSTILE)
def test_a_name_is_text(name: str) -> None:
    clean = "".join(letter for letter in name if letter >= " " or letter in "\t\n")
    svg = drawn(entry([20] * 6, [30] * 6), name=clean).svg
    assert svg.findtext("title") == f"Latency of {clean}"
    assert len(list(svg.iter("svg"))) == 2 and not list(svg.iter("script"))


def test_the_same_values_give_the_same_bytes() -> None:
    document = report_documents.one_agent()
    metrics = [metric for layer in document["tests"][0]["layers"] for metric in layer["metrics"]]
    made = []
    for order in (metrics, metrics[::-1]):
        painter = charts.Painter(document)
        made.append({metric["metric"]: painter.chart(metric, metric, "Shop", "c1") for metric in order})
    assert made[0] == made[1]


def test_a_chart_is_small() -> None:
    """A report of many tests has hundreds of them."""
    test = report_documents.judged("1", "Shop", every={"factor": 2}, hours=48, interval=300)
    document = report_documents.document([test], hours=48)
    painter = charts.Painter(document)
    for layer in document["tests"][0]["layers"]:
        for metric in layer["metrics"]:
            assert len(metric["series"]["before"]) == 120
            assert len(painter.chart(metric, metric, "Shop", "c1")) < 3000
