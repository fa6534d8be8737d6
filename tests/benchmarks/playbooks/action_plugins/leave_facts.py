# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that an action can do that leaves facts which later tasks and jobs find: it takes them and returns them."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        record = {name: str(value) for name, value in self._task.args["record"].items()}
        earlier = [dict(each) for each in (task_vars or {}).get("records", [])]
        records = [*earlier, *({**record, "test_id": str(number)} for number in self._task.args["test_ids"])]
        return {"changed": False, "snapshot": records[-1], "ansible_facts": {"records": records}}
