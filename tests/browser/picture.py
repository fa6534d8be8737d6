# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report of a change that made something worse looks like, for the README: picture.py [PICTURE.png]."""

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


if __name__ == "__main__":
    main(*sys.argv[1:])
