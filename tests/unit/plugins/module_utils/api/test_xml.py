# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._api.xml import NotXml, read_xml


def test_elements_and_text() -> None:
    root = read_xml('<?xml version="1.0"?><r a="1"><linkId>Z\u00fc&amp;<![CDATA[<]]></linkId></r>'.encode())
    assert root.findtext("linkId") == "Z\u00fc&<"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain",
        b"<a>",
        b"<a></b>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;&y;</a>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
        b"<a>&undeclared;</a>",
    ],
)
def test_refused(content: bytes) -> None:
    with pytest.raises(NotXml):
        read_xml(content)
