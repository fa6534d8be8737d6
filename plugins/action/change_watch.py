# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that C(change_watch) does: it has no part that a module could do elsewhere."""

from __future__ import annotations

from ansible_collections.community.thousandeyes.plugins.plugin_utils._control_node import ControlNodeAction, Work


class ActionModule(ControlNodeAction):
    module_name = "community.thousandeyes.change_watch"
    elsewhere = False

    @staticmethod
    def work() -> Work:
        from ansible_collections.community.thousandeyes.plugins.plugin_utils._watch import task

        return Work(task.SPEC, task.run)
