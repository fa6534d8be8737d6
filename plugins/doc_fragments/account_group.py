# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options in _options.ACCOUNT_GROUP, for people."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  aid:
    description:
      - The id of the account group. If not given, E(THOUSANDEYES_AID) or E(TE_AID) is used, or else
        the one that the user logs in to. M(community.thousandeyes.account_group_info) lists all.
    type: str
    aliases: [account_group_id]
"""
