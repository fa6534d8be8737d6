# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of options.LEDGER and options.QUOTA, for people."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ledger:
    description:
      - Where it is kept which snapshots exist and which were attempted. Without it, there is no way to know, since the
        API can neither list share links nor recognize a repeated request.
      - The path of a file, absolute or from C(~) or a variable like C($HOME), on a file system of the machine itself.
        It and its folder are created when the first snapshot is, readable by their owner only, since who knows a share
        link can view it.
      - V(none) keeps nothing, so every task creates a snapshot.
      - If not given, E(THOUSANDEYES_LEDGER) is used.
    type: str
    default: ~/.ansible/thousandeyes/ledger.sqlite3
"""

    QUOTA = r"""
options:
  organization:
    description:
      - Whose creation quota is used; any name. For a ledger that serves several organizations.
      - If not given, it is the host of O(api_url).
    type: str
  quota_limit:
    description:
      - How many snapshots the organization may create within O(quota_window).
      - The ledger knows of those that were created with it. Where others use up the quota, the API answers 429, and
        the task waits as it is told.
    type: int
    default: 5
  quota_window:
    description:
      - The time for which O(quota_limit) holds, in seconds.
    type: int
    default: 300
  quota_wait:
    description:
      - Longest time to wait for the quota in all, in seconds. V(0) never waits.
      - Where it is too short, the task fails at once, with the time from which it would succeed.
    type: int
    default: 900
"""
