# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the module of servicenow.itsm, with those of its options and results that are used here."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.servicenow.itsm.plugins.module_utils.instance import INSTANCE, Instance


def main() -> None:
    spec = {"instance": INSTANCE, "number": {"type": "str"}, "sys_id": {"type": "str"}}
    module = AnsibleModule(spec, supports_check_mode=True)
    instance = Instance(module)
    asked = {name: module.params[name] for name in ("number", "sys_id") if module.params[name] is not None}
    records = instance.rows("table/change_request", **asked)
    for record in records:
        record["attachments"] = instance.rows("attachment", table_name="change_request", table_sys_id=record["sys_id"])
    module.exit_json(changed=False, records=records)


if __name__ == "__main__":
    main()
