# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.community.thousandeyes.plugins.plugin_utils._control_node import _without
from hypothesis import given
from hypothesis import strategies as st

# Few characters, so that secrets do occur; among them what JSON writes in another way.
TEXT = st.text(alphabet='ab1"\\\n/é中😀', max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 200) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(secrets=st.sets(TEXT.filter(bool), max_size=2), result=st.dictionaries(TEXT, VALUES, max_size=4))
def test_secrets_are_removed_as_ansible_does_it(secrets: set[str], result: dict[str, t.Any]) -> None:
    assert _without(secrets, result) == remove_values(result, secrets)
