# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes, said once."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode).
  diff_mode:
    description: Shows what changes in diff mode.
  idempotent:
    description: A second run with the same arguments changes nothing.
  async:
    description: Can be used with C(async).
  action:
    description: Has an action plugin, so that the work is done on the controller.
  facts:
    description: Returns C(ansible_facts).
"""

    ACTION_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.thousandeyes.thousandeyes) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.thousandeyes.thousandeyes
"""
