# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the module of servicenow.itsm, with those of its options and results that are used here."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.servicenow.itsm.plugins.module_utils.instance import INSTANCE, Instance


def main() -> None:
    spec = {
        "instance": INSTANCE,
        "resource": {"type": "str", "required": True},
        "sysparm_query": {"type": "str"},
        "display_value": {"type": "str", "choices": ["true", "false", "all"], "default": "false"},
        "columns": {"type": "list", "elements": "str", "default": []},
    }
    module = AnsibleModule(spec, supports_check_mode=True)
    query = {
        "sysparm_query": module.params["sysparm_query"] or "",
        "sysparm_display_value": module.params["display_value"],
        "sysparm_fields": ",".join(module.params["columns"]),
    }
    module.exit_json(changed=False, record=Instance(module).rows(f"table/{module.params['resource']}", **query))


if __name__ == "__main__":
    main()
