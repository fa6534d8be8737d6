# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""Making the drawings of matplotlib small, and fit for the inside of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

# What stands for a colour in a drawing, and the colour's name in the page.
COLOURS = {
    "#010101": "var(--before)",
    "#010102": "var(--after)",
    "#010103": "var(--limit)",
    "#010104": "var(--grid)",
    "#010105": "var(--text)",
    "#010106": "var(--page)",
}
_SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"


def inline(drawing: str, label: str, ident: str, kind: str) -> str:
    """The drawing as an element of a page: small, and with ids that start with ``ident``. ``label`` says what it shows.

    It loses matplotlib's style sheet, which would apply to the whole page, and its clipping, since nothing is drawn
    outside of the axes.
    """
    root = ElementTree.fromstring(drawing)
    used = {element.get(_HREF, "#")[1:] for element in root.iter()}
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        element.tail = None
        element.text = element.text if element.tag == "text" else None
        given, element.attrib = element.attrib, {}
        for name, value in given.items():
            if name == "id" and value in used:
                element.set("id", f"{ident}-{value}")
            elif name == _HREF:
                element.set("href", f"#{ident}-{value[1:]}")
            elif name == "style":
                element.set("style", _in_page(value))
            elif name in ("d", "x", "y"):
                element.set(name, _short(value))
            elif name == "transform" and not value.startswith("rotate(-0 "):
                element.set(name, _short(value))
            elif name == "viewBox":
                element.attrib = {"class": kind, name: value, "role": "img", "aria-label": label}
    root[:] = _slim(root)
    return ElementTree.tostring(root, encoding="unicode")


def _slim(parent: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The children, without what is not drawn; the children of a group without attributes take its place."""
    for child in parent:
        if child.tag == "g" and not child.attrib:
            yield from _slim(child)
        elif child.tag not in ("style", "metadata", "clipPath"):
            child[:] = _slim(child)
            if child.tag != "defs" or len(child):
                yield child


def _in_page(style: str) -> str:
    """The style with the colours of the page, and without fonts, which the page sets."""
    properties = dict(part.split(": ", 1) for part in style.split("; ") if ": " in part)
    return ";".join(
        f"{name}:{COLOURS.get(value, value)}" for name, value in properties.items() if not name.startswith("font")
    )


def _short(text: str) -> str:
    """The numbers in the text with one decimal, which shifts nothing by more than a quarter of a millimetre."""
    numbers = re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    return " ".join(numbers.split())
