# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""XML from outside, with document types and so entities refused."""

from __future__ import annotations

import typing as t
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat


class NotXml(ValueError):
    """It is not well-formed, or it declares a document type."""


def read_xml(content: bytes) -> Element:
    """:raises NotXml:"""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotXml(f"it is not acceptable XML ({error})") from None


def _refuse(*_declaration: t.Any) -> None:
    raise NotXml("it declares a document type")
