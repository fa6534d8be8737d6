# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""index.html in a real browser. Its pictures are in .build/screenshots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.entry import Entry
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.index_html import Listed, Place, to_index
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.wording import VERDICTS
from browser import picture
from browser.test_report_in_browser import BACKGROUND, CONTRAST, SCREENSHOTS, SIZES, opened
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(picture.CHROMIUM is None, reason="There is no Chromium on the PATH.")

# How many rows the browser draws now.
DRAWN = """() => [...document.querySelectorAll('tbody tr')]
  .filter(row => row.checkVisibility({contentVisibilityAuto: true})).length"""

# How many rows are not left out, in sight or not.
CHOSEN = "() => [...document.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).length"


def listed(number: int, name: str, verdict: str, about: str | None = None, **place: object) -> Listed:
    end = datetime(2026, 11, 23, 22, 30) - timedelta(hours=5 * number)
    frozen = 0 if number % 10 == 3 else 9
    at = f"{end.isoformat()}Z"
    entry = Entry(
        change_id=name,
        verdict=verdict,
        end=at,
        made_at=at,
        about=about,
        counts={verdict: 1, "ok": 11} if verdict != "ok" else {"ok": 12},
        snapshots=frozen,
        frozen_from=at if frozen else None,
        frozen_to=f"{(end + timedelta(hours=1)).isoformat()}Z" if frozen else None,
        frozen_until=f"{(end + timedelta(days=30)).isoformat()}Z" if frozen else None,
    )
    return Listed(Place(f"CHG{number}", f"CHG{number}/evidence.html", **place), entry)  # type: ignore[arg-type]


def few() -> list[Listed]:
    """One of each verdict, one that is incomplete, one with a later one, and some with hostile names."""
    about = "New firmware on the edge routers of all branches"
    rows = [listed(number, f"CHG{number}", verdict, about) for number, verdict in enumerate(VERDICTS)]
    rows += [listed(10, "CHG10", "degraded", incomplete=True)]
    rows += [listed(13, "CHG13", "ok", later="CHG13/incomplete/evidence.html", signed=True)]
    return rows + [listed(20 + n, name, "degraded", name) for n, name in enumerate(report_documents.HOSTILE)]


def many(count: int = 5000) -> list[Listed]:
    """Changes of which one in fifty is degraded, and each tenth has no snapshot."""
    return [
        listed(
            number, f"CHG{31000 + number:07}", "ok" if number % 50 else "degraded", "New firmware on the edge routers"
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with picture.browser() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("indexes")
    made: dict[str, tuple[Sequence[Listed], Sequence[str]]] = {
        "empty": ([], []),
        "few": (few(), report_documents.HOSTILE[:3]),
        "some": (many(500), []),
        "many": (many(), []),
    }
    for kind, (changes, unread) in made.items():
        (folder / f"{kind}.html").write_bytes(to_index(changes, unread).encode("utf-8", "replace"))
    return {kind: folder / f"{kind}.html" for kind in made}


@pytest.mark.parametrize("kind", ["empty", "few", "many"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_without_a_complaint_or_a_request_and_is_not_wider(
    browser: Browser, pages: dict[str, Path], kind: str, size: str
) -> None:
    page, requests, complaints = opened(browser, pages[kind], size)
    for _end in range(2):
        assert page.evaluate("() => document.documentElement.scrollWidth") == SIZES[size][0]
        page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_load_state("networkidle")
    # The icon is in the page.
    assert [url for url in requests if url != "data:,"] == [pages[kind].as_uri()]
    assert complaints == []
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_of_5000_changes_those_in_sight_are_drawn(browser: Browser, pages: dict[str, Path], size: str) -> None:
    assert pages["many"].stat().st_size < 5_000_000
    page = opened(browser, pages["many"], size).page
    assert 0 < page.evaluate(DRAWN) <= 600
    # The first and the last one are there, and a link at the end can be reached by its name.
    assert page.get_by_role("link", name="CHG0031000").is_visible()
    page.get_by_role("link", name="CHG0035999").scroll_into_view_if_needed()
    assert page.get_by_role("link", name="CHG0035999").bounding_box()
    assert page.evaluate(DRAWN) <= 1200
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_one_verdict_can_be_shown_alone(browser: Browser, pages: dict[str, Path], size: str) -> None:
    page = opened(browser, pages["some"], size).page
    labels = [" ".join(text.split()) for text in page.locator(".shown label").all_text_contents()]
    assert labels == ["all 500", "not ok 10", "✕ degraded 10", "✓ ok 490", "no snapshot 50"]
    for kind, count in (("degraded", 10), ("not_ok", 10), ("unfrozen", 50), ("ok", 490), ("all", 500)):
        page.locator(f"#show-{kind}").check()
        assert page.evaluate(CHOSEN) == count
        assert page.evaluate("() => document.documentElement.scrollWidth") == SIZES[size][0]
    # No month is shown without a change.
    page.locator("#show-degraded").check()
    assert page.locator(".part:not(:has(tr.degraded))").first.is_hidden()
    assert page.locator(".part:has(tr.degraded)").first.is_visible()
    page.close()


def test_it_is_used_by_keys(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["few"]).page
    focused = "() => document.activeElement.id || document.activeElement.getAttribute('href')"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "show-all"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "show-not_ok"
    assert page.locator("tr.ok").first.is_hidden() and page.locator("tr.degraded").first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "CHG0/evidence.html"
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_text_can_be_read(browser: Browser, pages: dict[str, Path], size: str, scheme: str) -> None:
    page = opened(browser, pages["few"], size, scheme).page
    background = page.evaluate(BACKGROUND)
    assert max(background) < 64 if scheme == "dark" else min(background) > 240
    found = page.evaluate(CONTRAST)
    assert found["count"] > 50
    assert found["contrast"] >= 4.5, found["text"]
    shoot(page, f"index-{size}-{scheme}")
    page.close()


def shoot(page: Page, name: str) -> None:
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_on_a_phone_cells_have_the_whole_width(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["few"], "phone").page
    widths = page.evaluate("() => [...document.querySelectorAll('tbody th, tbody td')].map(cell => cell.offsetWidth)")
    assert len(widths) > 50 and min(widths) > 300
    label = page.evaluate(
        "() => getComputedStyle(document.querySelector('td[data-label=Verdict]'), '::before').content"
    )
    assert label == '"Verdict"'
    page.close()


def test_on_paper_all_changes_are_there(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["some"], scheme="dark").page
    page.locator("#show-degraded").check()
    page.emulate_media(media="print")
    assert min(page.evaluate(BACKGROUND)) == 255
    assert page.evaluate(DRAWN) == 500
    assert page.locator(".shown").is_hidden()
    page.close()


def test_names_are_text(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["few"]).page
    links = page.locator("tbody a bdi").all_text_contents()
    for name in (*report_documents.HOSTILE[:3], report_documents.HOSTILE[8]):
        assert name in links
    assert page.locator("script, img, svg, iframe").count() == 0
    page.close()
