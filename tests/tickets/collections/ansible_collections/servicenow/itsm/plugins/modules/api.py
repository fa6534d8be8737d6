# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the module of servicenow.itsm, with those of its options and results that are used here."""

from __future__ import annotations

import json

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.servicenow.itsm.plugins.module_utils.instance import INSTANCE, Instance


def main() -> None:
    spec = {
        "instance": INSTANCE,
        "resource": {"type": "str", "required": True},
        "action": {"type": "str", "required": True, "choices": ["patch"]},
        "sys_id": {"type": "str", "required": True},
        "data": {"type": "dict", "default": {}},
    }
    module = AnsibleModule(spec, supports_check_mode=True)
    table, instance = f"table/{module.params['resource']}", Instance(module)
    (old,) = instance.rows(table, sys_id=module.params["sys_id"]) or [None]
    if old is None:
        module.exit_json(changed=False, record=None)
    new = {**old, **module.params["data"]}
    if not module.check_mode:
        data = json.dumps(module.params["data"])
        new = instance.ask("PATCH", f"{table}/{module.params['sys_id']}", {}, data, "application/json")
    module.exit_json(changed=True, record=new)


if __name__ == "__main__":
    main()
