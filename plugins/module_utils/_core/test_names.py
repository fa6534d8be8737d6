# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""From the name of a test to its id."""

from __future__ import annotations

import difflib
import typing as t

from .account_group import called
from .errors import InvalidRequest, NotFound
from .names import composed

if t.TYPE_CHECKING:
    from .test_list import ListedTest


def close_names(name: str, tests: t.Iterable[ListedTest]) -> list[str]:
    """The names of up to five tests that may have been meant, sorted."""
    return sorted(difflib.get_close_matches(name, {test.test_name for test in tests if not test.saved_event}, n=5))


def test_id_of(name: str, tests: t.Sequence[ListedTest], aid: str | None) -> str:
    """Saved events are passed over: they may bear the name of the test that they were made from.

    :raises NotFound: no test bears exactly that name.
    :raises InvalidRequest: several do.
    """
    candidates = [test for test in tests if not test.saved_event]
    found = [test for test in candidates if composed(test.test_name) == composed(name)]
    if len(found) == 1:
        return found[0].test_id
    group = called(aid)
    if found:
        listed = ", ".join(f"{test.test_id} ({test.type})" for test in found)
        raise InvalidRequest(
            f"test_name: {len(found)} tests in {group} are named {name!r}: {listed}. Give test_id instead."
        )
    if not candidates:
        raise NotFound(f"test_name: there is no test {name!r}, since {group} has none that this token can see.")
    close = close_names(name, candidates)
    hint = f" Close to it: {', '.join(map(repr, close))}." if close else ""
    raise NotFound(f"test_name: none of the {len(candidates)} tests in {group} is named {name!r}.{hint}")
