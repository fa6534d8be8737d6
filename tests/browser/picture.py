# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reports look like: picture.py [PICTURE.png] for the README, picture.py screenshots FOLDER for all states."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from support import report_documents
from ansible_collections.community.thousandeyes.plugins.plugin_utils._report.html import to_html
from playwright.sync_api import Browser, sync_playwright

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "evidence.png"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LARGEST = 300_000
# Nothing of its own to fetch, and nothing that a container lacks.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Without a window, and with a new profile."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, headless=True)
        try:
            yield started
        finally:
            started.close()


def main(picture: str = str(PICTURE)) -> None:
    with browser() as started:
        page = started.new_page(viewport={"width": 1200, "height": 900}, color_scheme="light")
        page.set_content(to_html(report_documents.one_degraded()))
        Path(picture).parent.mkdir(parents=True, exist_ok=True)
        size = len(page.screenshot(path=picture))
    if size >= LARGEST:
        sys.exit(f"{picture} has {size} bytes, which is too large for a README.")
    print(f"{picture}: {size} bytes")


def screenshots(folder: str) -> None:
    """Each state of a report on a desktop, on a phone, in the dark, and as it is printed."""
    to = Path(folder)
    to.mkdir(parents=True, exist_ok=True)
    with browser() as started:
        for kind, made in report_documents.KINDS.items():
            page = started.new_page()
            page.set_content(to_html(made()))
            for name, width, scheme in (("desktop", 1200, "light"), ("phone", 390, "light"), ("dark", 1200, "dark")):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.screenshot(path=to / f"{kind}-{name}.png", full_page=True)
            page.pdf(path=to / f"{kind}-print.pdf", format="A4")
            page.close()
    print(f"The pictures of {len(report_documents.KINDS)} reports are in {to}.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["screenshots"]:
        screenshots(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
