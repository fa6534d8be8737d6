# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""evidence.html in a real browser. Its pictures are in .build/screenshots."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.html import to_html
from browser import picture
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(picture.CHROMIUM is None, reason="There is no Chromium on the PATH.")

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".build" / "screenshots"
SIZES = {"phone": (360, 640), "desktop": (1280, 800)}
KINDS = tuple(report_documents.KINDS)
# The least contrast of all text that is shown, as WCAG 2 computes it, and the text that has it.
CONTRAST = """() => {
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  let least = [Infinity, ""], count = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const drawn = element.namespaceURI.endsWith("svg");
    const [a, b] = [numbers(drawn ? style.fill : style.color), behind(element)].map(c => luminance(c));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    count += 1;
    if (contrast < least[0]) least = [contrast, element.outerHTML.slice(0, 200)];
  }
  return {contrast: least[0], text: least[1], count};
}"""
# Of each chart the boxes of its texts.
TEXTS = """() => [...document.querySelectorAll(".chart")].map(chart => [...chart.querySelectorAll("text")].map(text => {
  const {left, right, top, bottom} = text.getBoundingClientRect();
  return {text: text.textContent, font: getComputedStyle(text).fontSize, left, right, top, bottom};
}))"""
# Of the first chart, from where to where its parts go.
PLACES = """() => {
  const chart = document.querySelector(".chart");
  const ends = name => {
    const {left, right} = chart.querySelector(name).getBoundingClientRect();
    return [left, right];
  };
  return {
    change: ends("rect"), before: ends("path.before"), after: ends("path.after"), grid: ends("path.grid"),
    effect: getComputedStyle(chart.querySelector("path.after")).vectorEffect,
  };
}"""
CELLS = "() => [...document.querySelectorAll('td')].filter(e => e.checkVisibility()).map(e => e.offsetWidth)"
OPEN_ALL = "() => document.querySelectorAll('details').forEach(each => { each.open = true; })"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"


class Opened(NamedTuple):
    page: Page
    requests: list[str]
    complaints: list[str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with picture.browser() as started:
        yield started


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = {kind: folder / f"{kind}.html" for kind in KINDS}
    for kind, path in paths.items():
        path.write_text(to_html(report_documents.KINDS[kind]()), encoding="utf-8")
    return paths


def opened(browser: Browser, path: Path, size: str = "desktop", scheme: str = "light") -> Opened:
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        is_mobile=size == "phone",
    )
    found = Opened(page, [], [])
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("console", lambda message: found.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("dialog", lambda dialog: found.complaints.append(f"dialog: {dialog.message}"))
    page.goto(path.as_uri(), wait_until="load")
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_without_a_complaint_or_a_request(
    browser: Browser, reports: dict[str, Path], kind: str, size: str
) -> None:
    page, requests, complaints = opened(browser, reports[kind], size)
    page.evaluate(OPEN_ALL)
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    # The icon is in the page.
    assert [url for url in requests if url != "data:,"] == [reports[kind].as_uri()]
    assert complaints == []
    page.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_the_verdict_is_on_the_first_screen_and_nothing_is_wider(
    browser: Browser, reports: dict[str, Path], kind: str, size: str
) -> None:
    page = opened(browser, reports[kind], size).page
    width, height = SIZES[size]
    verdict = page.locator("#verdict strong")
    box = verdict.bounding_box()
    assert verdict.is_visible() and box
    assert 0 <= box["x"] and box["x"] + box["width"] <= width
    assert 0 <= box["y"] and box["y"] + box["height"] <= height
    assert page.evaluate("() => document.documentElement.clientWidth") == width
    for command in ("() => {}", OPEN_ALL):
        page.evaluate(command)
        assert page.evaluate("() => document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_first_chart_is_on_the_first_screen(browser: Browser, reports: dict[str, Path], size: str) -> None:
    page = opened(browser, reports["one_degraded"], size).page
    box = page.locator(".chart").first.bounding_box()
    width, height = SIZES[size]
    assert box and box["y"] + box["height"] <= height and box["x"] + box["width"] <= width
    page.close()


@pytest.mark.parametrize("kind", ["one_degraded", "gaps"])
@pytest.mark.parametrize("size", SIZES)
def test_the_text_of_a_chart_can_be_read_at_any_width(
    browser: Browser, reports: dict[str, Path], kind: str, size: str
) -> None:
    """It keeps its size, stays in the page, and no text lies on another."""
    page = opened(browser, reports[kind], size).page
    page.evaluate(OPEN_ALL)
    drawings = page.evaluate(TEXTS)
    assert drawings
    for texts in drawings:
        assert {text["font"] for text in texts} == {"12px"}
        for number, one in enumerate(texts):
            assert 10 <= one["bottom"] - one["top"] <= 20
            assert 0 <= one["left"] and one["right"] <= SIZES[size][0]
            assert not [other["text"] for other in texts[:number] if overlap(one, other)], one["text"]
    page.close()


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    # Boxes have room for accents and descenders that numbers lack.
    return across > 0 and down > 4


@pytest.mark.parametrize("size", SIZES)
def test_lines_of_charts_keep_their_places_and_width(browser: Browser, reports: dict[str, Path], size: str) -> None:
    """The lines are stretched to the width, and so are the change and the times, which are in percent."""
    page = opened(browser, reports["one_degraded"], size).page
    found = page.evaluate(PLACES)
    left, right = found["change"]
    assert found["before"][1] == pytest.approx(left, abs=6) and found["before"][1] <= left + 1
    assert found["after"][0] == pytest.approx(right, abs=6) and found["after"][0] >= right - 1
    assert found["grid"] == pytest.approx([found["before"][0], found["after"][1]], abs=6)
    assert found["effect"] == "non-scaling-stroke"
    page.close()


def test_on_a_phone_cells_have_the_whole_width(browser: Browser, reports: dict[str, Path]) -> None:
    page = opened(browser, reports["one_degraded"], "phone").page
    page.evaluate(OPEN_ALL)
    widths = page.evaluate(CELLS)
    assert len(widths) > 100 and min(widths) > 300
    # What the head of the table says on wide screens.
    label = page.evaluate("() => getComputedStyle(document.querySelector('td[data-label=After]'), '::before').content")
    assert label == '"After"'
    page.close()


@pytest.mark.parametrize("kind", ["one_degraded", "improved", "no_data", "hostile"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(browser: Browser, reports: dict[str, Path], kind: str, scheme: str) -> None:
    page = opened(browser, reports[kind], scheme=scheme).page
    background = page.evaluate(BACKGROUND)
    assert max(background) < 64 if scheme == "dark" else min(background) > 240
    page.evaluate(OPEN_ALL)
    found = page.evaluate(CONTRAST)
    assert found["count"] > 50
    assert found["contrast"] >= 4.5, found["text"]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_of_charts_are_seen(browser: Browser, reports: dict[str, Path], scheme: str) -> None:
    """WCAG wants a contrast of 3 for graphics."""
    page = opened(browser, reports["gaps"], scheme=scheme).page
    page.evaluate(OPEN_ALL)
    colours = page.evaluate(
        """() => ["before", "after", "limit"].map(name => {
          const path = document.querySelector(`.chart path.${name}`);
          return getComputedStyle(path).stroke.match(/[0-9]+/g).map(Number);
        })"""
    )
    behind = luminance(page.evaluate(BACKGROUND))
    before, after, limit = map(luminance, colours)
    assert all(contrast(colour, behind) >= 3 for colour in (before, after, limit))
    # Without colours, they still differ in brightness.
    assert contrast(before, after) >= 1.25
    page.close()


def luminance(colour: list[int]) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722)))


def contrast(first: float, second: float) -> float:
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def test_on_paper(browser: Browser, reports: dict[str, Path]) -> None:
    page = opened(browser, reports["one_degraded"], scheme="dark").page
    page.emulate_media(media="print")
    assert min(page.evaluate(BACKGROUND)) == 255
    # What is open is printed: the agents of what is not ok. What is closed, and all charts of agents, are not.
    assert page.locator("section.not-ok details[open] td").first.is_visible()
    assert not page.locator("details:not([open]) td, details figure").first.is_visible()
    assert not page.locator("section.is-ok").first.is_visible()
    assert page.evaluate(CONTRAST)["contrast"] >= 4.5
    page.emulate_media(media=None)
    printed = page.pdf(format="A4", path=SCREENSHOTS / "evidence.pdf")
    assert printed.startswith(b"%PDF-") and printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 1
    page.close()


def test_a_page_of_many_tests_draws_what_is_in_sight_and_prints_all(browser: Browser, tmp_path: Path) -> None:
    worse = {("response_time", agent): {"factor": 1.4} for agent in range(3)}
    made = report_documents.document([report_documents.judged("1", "Shop", worse)])
    made["tests"] = [{**made["tests"][0], "test_name": f"Test {number}"} for number in range(60)]
    path = tmp_path / "many.html"
    path.write_text(to_html(made), encoding="utf-8")
    page = opened(browser, path).page
    seen = "number => document.querySelector(`#test-${number} .chart`).checkVisibility({contentVisibilityAuto: true})"
    assert not page.evaluate(seen, 55)
    page.get_by_role("link", name="Test 54", exact=True).first.click()
    page.wait_for_function(seen, arg=55)
    box = page.locator("#test-55").bounding_box()
    assert box and abs(box["y"]) < 5
    page.emulate_media(media="print")
    page.wait_for_function(seen, arg=30)
    page.close()


def test_names_are_text(browser: Browser, reports: dict[str, Path]) -> None:
    page = opened(browser, reports["hostile"]).page
    headings = page.locator("section.test h3").all_text_contents()
    for name in (*report_documents.HOSTILE[:3], report_documents.HOSTILE[8]):
        assert name in headings
    assert page.locator("script, img, iframe").count() == 0
    page.close()


def test_links_lead_to_the_tests(browser: Browser, reports: dict[str, Path]) -> None:
    page = opened(browser, reports["one_degraded"]).page
    page.get_by_role("link", name="Login").click()
    section = page.locator("section.test", has=page.get_by_role("heading", name="Login"))
    box = section.bounding_box()
    assert box and abs(box["y"]) < 5
    page.close()


def test_only_what_is_not_ok_can_be_shown(browser: Browser, reports: dict[str, Path]) -> None:
    page = opened(browser, reports["one_degraded"]).page
    shown = page.locator(".tests tbody tr:visible, section.test:visible")
    assert shown.count() == 6
    page.get_by_label("only the 1 that is not ok").focus()
    page.keyboard.press("Space")
    assert shown.count() == 2
    page.keyboard.press("ArrowLeft")
    assert shown.count() == 6
    page.close()


@pytest.mark.parametrize(("kind", "bad"), [("one_degraded", 1), ("one_agent", 1), ("rolled_back", 0), ("clean", 0)])
def test_print_has_two_pages_and_one_for_each_test_that_is_not_ok(
    browser: Browser, reports: dict[str, Path], kind: str, bad: int
) -> None:
    page = opened(browser, reports[kind]).page
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2 + bad
    page.close()


def test_an_ok_without_snapshots_is_not_green(browser: Browser, reports: dict[str, Path]) -> None:
    colours = {}
    for kind in ("clean", "unfrozen"):
        page = opened(browser, reports[kind]).page
        verdict = page.locator("#verdict strong")
        colours[kind] = verdict.evaluate("e => getComputedStyle(e).color"), verdict.inner_text()
        page.close()
    assert colours["clean"][1].endswith("Ok") and colours["unfrozen"][1].endswith("Ok, but nothing is frozen")
    assert colours["clean"][0] != colours["unfrozen"][0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pictures(browser: Browser, reports: dict[str, Path], size: str, scheme: str) -> None:
    page = opened(browser, reports["one_degraded"], size, scheme).page
    path = SCREENSHOTS / f"evidence-{size}-{scheme}.png"
    page.screenshot(path=path, full_page=True)
    assert path.read_bytes().startswith(b"\x89PNG")
    page.close()


def test_the_picture_of_the_readme(tmp_path: Path) -> None:
    path = tmp_path / "images" / "evidence.png"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    # In a process of its own, since the browser of the other tests has its event loop in this one.
    subprocess.run([sys.executable, picture.__file__, str(path)], check=True, env=environment)
    assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size < picture.LARGEST
