# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module of the same name, in process: see _control_node."""

from __future__ import annotations

from ansible_collections.community.thousandeyes.plugins.plugin_utils._control_node import ControlNodeAction, Work


class ActionModule(ControlNodeAction):
    module_name = "community.thousandeyes.evidence_verify"

    @staticmethod
    def work() -> Work:
        from ansible_collections.community.thousandeyes.plugins.module_utils._tasks import evidence_verify

        return Work(evidence_verify.SPEC, evidence_verify.run)
