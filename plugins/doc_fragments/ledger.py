# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options in _options.LEDGER, _options.QUOTA and _options.QUOTA_WAIT, for people."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ledger:
    description:
      - Where the collection records which snapshots exist or were attempted. The path of a file; or, for several nodes,
        C(postgresql://user@host/database); V(facts), which promises less; V(none), with which every task creates.
      - Which one to take, and how to set it up, says
        R(the guide to ledgers,ansible_collections.community.thousandeyes.docsite.guide_ledger),
        C(docs/docsite/rst/guide_ledger.rst).
      - If not given, E(THOUSANDEYES_LEDGER) is used. C(ANSIBLE_HOME) moves the default.
    type: str
    default: ~/.ansible/thousandeyes/ledger.sqlite3
"""

    QUOTA = r"""
options:
  organization:
    description:
      - Whose creation quota is used; any name, for a ledger of several organizations. If not given, it is the host of
        O(api_url).
    type: str
  quota_limit:
    description:
      - How many snapshots the organization may create within O(quota_window). Snapshots by others are noticed when the
        API refuses.
    type: int
    default: 5
  quota_window:
    description:
      - The time for which O(quota_limit) holds, in seconds.
    type: int
    default: 300
"""

    QUOTA_WAIT = r"""
options:
  quota_wait:
    description:
      - Longest time to wait for the quota in all, in seconds. If it is too short, the task fails at once, and says from
        when on it would succeed.
    type: int
    default: 900
"""
