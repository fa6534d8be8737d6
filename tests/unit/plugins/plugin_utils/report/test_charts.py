# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The charts, read by an XML parser."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import charts

pytest.importorskip("matplotlib", reason="matplotlib draws the charts")

Row = dict[str, Any]
MINUTES = 60
STATISTICS = {"mean": 20.0, "median": 20.0, "p5": 15.0, "q1": 18.0, "q3": 22.0, "p95": 25.0, "min": 10.0, "max": 30.0}


def entry(old: list[float | None], new: list[float | None], kind: str = "time", **other: Any) -> Row:
    """A metric with a value each ten minutes."""
    share = kind == "share"
    return {
        "metric": "loss" if share else "latency",
        "unit": "percent" if share else "ms",
        "kind": kind,
        "threshold": {"points": 1.0} if share else {"percent": 10, "ms": 5},
        "value_before": 20.0,
        "value_after": 20.0,
        **{side: {"count": 6, "missing": 0, **STATISTICS} for side in ("before", "after")},
        "series": {
            side: [[number * 10.0, value] for number, value in enumerate(values)]
            for side, values in (("before", old), ("after", new))
        },
        **other,
    }


@pytest.fixture
def paint() -> Iterator[charts.Painter]:
    with contextlib.ExitStack() as cleanup:
        painter = cleanup.enter_context(charts.painter(MINUTES, MINUTES))
        assert painter
        yield painter


def parsed(text: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<both>{text}</both>"))


def lines(drawing: ElementTree.Element, colour: str) -> list[list[tuple[float, float]]]:
    """The points of each stroke of that colour."""
    found = []
    for path in drawing.iter("path"):
        if f"stroke:var(--{colour})" in path.get("style", "") and "h" not in path.get("d", "").lower():
            for stroke in path.attrib["d"].split("M")[1:]:
                numbers = [float(number) for number in re.findall(r"-?[\d.]+", stroke)]
                found.append(list(zip(numbers[::2], numbers[1::2])))
    return found


def marks(drawing: ElementTree.Element, colour: str) -> list[tuple[float, float]]:
    return [
        (float(use.attrib["x"]), float(use.attrib["y"]))
        for use in drawing.iter("use")
        if f"stroke:var(--{colour})" in use.get("style", "")
    ]


def texts(drawing: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in drawing.iter("text")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", report_documents.KINDS)
def test_what_is_drawn_is_xml_that_fits_into_a_page(kind: str) -> None:
    ids: list[str] = []
    with charts.painter(120, 120) as paint:
        assert paint
        for number, metric in enumerate(
            metric
            for test in report_documents.KINDS[kind]()["tests"]
            for layer in test["layers"]
            for metric in layer["metrics"]
        ):
            text = paint.chart(metric, metric, report_documents.HOSTILE[0], f"c{number}")
            for drawing in parsed(text):
                assert drawing.tag == "svg" and drawing.get("role") == "img"
                assert report_documents.HOSTILE[0] in drawing.attrib["aria-label"]
                own = [element.attrib["id"] for element in drawing.iter() if "id" in element.attrib]
                ids += own
                for element in drawing.iter():
                    assert element.tag in {"svg", "g", "path", "text", "use", "defs"}
                    assert element.get("href", f"#{(own or [''])[0]}")[1:] in [*own, ""]
                    assert not set(element.attrib) & {"clip-path", "onload", "onclick"}
            assert not re.search(r"http|url\(|<!|<\?|font-family|(stroke|fill):#|nan", text)
    assert len(ids) == len(set(ids))


def test_both_windows_lie_on_one_axis(paint: charts.Painter) -> None:
    drawing = parsed(paint.chart(*[entry([20, 20, 20, 20, 20, 20], [30, 30, 30, 30, 30, 30])] * 2, "Shop", "c1"))[0]
    (before,), (after,) = lines(drawing, "before"), lines(drawing, "after")
    assert [x for x, _y in before] == [x for x, _y in after]
    # SVG counts downwards.
    assert min(y for _x, y in before) > max(y for _x, y in after)
    assert "minutes since the start of the window" in texts(drawing) and "ms" in texts(drawing)
    assert {"0", "10", "60"} <= set(texts(drawing))


def test_a_long_window_is_in_hours() -> None:
    with charts.painter(2880, 2880) as paint:
        assert paint
        drawing = parsed(paint.chart(*[entry([20, 20], [20, 20])] * 2, "Shop", "c1"))[0]
    assert "hours since the start of the window" in texts(drawing) and "48" in texts(drawing)


def test_a_gap_interrupts_the_line_and_is_marked_above_it(paint: charts.Painter) -> None:
    drawing = parsed(paint.chart(*[entry([20, 21, None, None, 20, 21], [30] * 6)] * 2, "Shop", "c1"))[0]
    top = min(y for stroke in lines(drawing, "after") for _x, y in stroke)
    strokes = lines(drawing, "before")
    values = [stroke for stroke in strokes if stroke[0][1] > top]
    bars = [stroke for stroke in strokes if stroke[0][1] < top]
    assert [len(stroke) for stroke in values] == [2, 2]
    step = values[0][1][0] - values[0][0][0]
    assert bars[0][0][0] == pytest.approx(values[0][-1][0] + step, abs=0.2)
    assert bars[-1][-1][0] == values[1][0][0]


def test_a_point_between_gaps_is_seen(paint: charts.Painter) -> None:
    all_there = entry([20] * 6, [30] * 6)
    alone = entry([20, None, 22, None, 20, 20], [None, None, None, None, None, 30])
    drawing = parsed(paint.chart(all_there, all_there, "Shop", "c1"))[0]
    assert marks(drawing, "before") == marks(drawing, "after") == []
    drawing = parsed(paint.chart(alone, alone, "Shop", "c1"))[0]
    assert len(marks(drawing, "before")) == 2 and len(marks(drawing, "after")) == 1


@pytest.mark.parametrize(
    "metric, value, threshold, expected",
    [
        ("latency", 100.0, {"percent": 10, "ms": 5}, "110 ms"),
        ("latency", 20.0, {"percent": 10, "ms": 5}, "25 ms"),
        ("loss", 0.5, {"points": 1.0}, "1.5 %"),
        ("availability", 100.0, {"points": 1.0}, "99 %"),
    ],
)
def test_the_threshold_is_where_degraded_begins(
    paint: charts.Painter, metric: str, value: float, threshold: Row, expected: str
) -> None:
    kind = "time" if metric == "latency" else "share"
    row = entry([value] * 6, [value] * 6, kind, metric=metric, value_before=value, threshold=threshold)
    drawing = parsed(paint.chart(row, row, "Shop", "c1"))[0]
    assert f"degraded from {expected}" in drawing.attrib["aria-label"]
    ((line,), (before,)) = lines(drawing, "limit"), lines(drawing, "before")
    assert line[0][1] == line[1][1]
    if metric == "availability":
        assert line[0][1] > before[0][1]
    else:
        assert line[0][1] < before[0][1]


def test_without_a_value_before_there_is_no_threshold(paint: charts.Painter) -> None:
    nothing = {"count": 0, "missing": 6, **dict.fromkeys(STATISTICS)}
    row = entry([None] * 6, [20] * 6, value_before=None, before=nothing)
    times, spread = parsed(paint.chart(row, row, "Shop", "c1"))
    assert not lines(times, "limit") and not lines(spread, "limit")
    assert "no values" in texts(spread)


def test_the_distribution_shows_the_percentiles(paint: charts.Painter) -> None:
    after = {"count": 6, "missing": 0, **{name: value + 10 for name, value in STATISTICS.items()}}
    row = entry([20] * 6, [30] * 6, value_after=30.0, after=after)
    spread = parsed(paint.chart(row, row, "Shop", "c1"))[1]
    ranges = {
        side: [
            stroke[0][0]
            for stroke in lines(spread, side)
            if len(stroke) == 2 and stroke[0][1] == stroke[1][1]
            for stroke in ([stroke[0]], [stroke[1]])
        ]
        for side in ("before", "after")
    }
    (first, last), (first_after, last_after) = ranges["before"], ranges["after"]
    assert first < last and last_after - first_after == pytest.approx(last - first, abs=0.2)
    # 10 ms further, as wide as 5 to 95 percent.
    assert first_after == pytest.approx(last, abs=0.2)
    assert {"before", "after", "ms"} <= set(texts(spread))


def test_the_same_values_give_the_same_bytes() -> None:
    document = report_documents.one_agent()
    metrics = [metric for layer in document["tests"][0]["layers"] for metric in layer["metrics"]]
    drawn = []
    for order in (metrics, metrics[::-1]):
        with charts.painter(60, 60) as paint:
            assert paint
            drawn.append({metric["metric"]: paint.chart(metric, metric, "Shop", "c1") for metric in order})
    assert drawn[0] == drawn[1]


PROGRAM = """
import sys
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report import charts, html
assert not [name for name in sys.modules if name.startswith("matplotlib")], "loaded too early"
print(charts.available())
print(charts.why_not())
"""


def in_process(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(tmp_path / "path"), *(each for each in sys.path if each)])
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["", "nonsense"])
def test_matplotlib_leaves_no_trace(tmp_path: Path, backend: str) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    result = in_process(tmp_path, HOME=str(home), TMPDIR=str(temporary), MPLBACKEND=backend)
    assert (result.stdout, result.stderr) == ("True\nNone\n", "")
    assert not list(home.iterdir()) and not list(temporary.iterdir())


@pytest.mark.parametrize("fault", ["raise ImportError", "raise ValueError('built for another numpy')"])
def test_without_matplotlib_there_are_no_charts(tmp_path: Path, fault: str) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "matplotlib.py").write_text(fault, encoding="utf-8")
    result = in_process(tmp_path, HOME=str(tmp_path))
    assert result.stdout.startswith("False\nThe Python library matplotlib is missing or broken") and not result.stderr
    kind, *text = re.findall("[A-Za-z]*Error|built for.*numpy", fault)
    assert f"{kind}{''.join(f': {each}' for each in text)}. " in result.stdout and sys.executable in result.stdout
