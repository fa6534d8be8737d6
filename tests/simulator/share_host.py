# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the host of share links, at /_share/<link id>/view/tests/. How the real one answers is UNK.

By the setting share_host it shows the snapshots that are public (open), nothing at all in a page that is the same for
all ids (alike), a log-in for those that are private (login), or private ones as well (all). The pages of noisy, which
shows nothing either, differ from request to request.
"""

from __future__ import annotations

import re

from .wire import Answer, Request
from .world import World

PREFIX = "/_share/"
HTML = "text/html;charset=UTF-8"
NOTHING = "<html><title>ThousandEyes</title><p>There is no such snapshot.</p></html>"


def handle(world: World, request: Request, number: int) -> Answer:
    """Answers the ``number``-th request. It knows no credentials."""
    match = re.fullmatch(rf"{PREFIX}([A-Za-z0-9-]+)/view/tests/", request.path)
    found = [creation for creation in world.creations if match and creation.link_id == match[1]]
    style = world.settings.share_host
    if style == "noisy":
        return _page(200, f"<html><p>{'x' * (number % 7)} nonce {number}</p></html>")
    if style == "alike":
        return _page(200, "<html><title>ThousandEyes</title><script src='app.js'></script></html>")
    if found and (found[0].is_public or style == "all"):
        return _page(200, f"<html><title>{found[0].display_name}</title></html>")
    if found and style == "login":
        return Answer(302, b"", HTML, {"Location": "https://app.thousandeyes.com/login"})
    return _page(404, NOTHING)


def _page(status: int, text: str) -> Answer:
    return Answer(status, text.encode("utf-8"), HTML)
