# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the module of servicenow.itsm, with those of its options and results that are used here."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.servicenow.itsm.plugins.module_utils.instance import INSTANCE, Instance


def main() -> None:
    spec = {
        "instance": INSTANCE,
        "table_name": {"type": "str", "required": True},
        "table_sys_id": {"type": "str", "required": True},
        "attachments": {
            "type": "list",
            "elements": "dict",
            "options": {"path": {"type": "path", "required": True}, "name": {"type": "str"}, "type": {"type": "str"}},
        },
    }
    module = AnsibleModule(spec, supports_check_mode=True)
    instance = Instance(module)
    where = {"table_name": module.params["table_name"], "table_sys_id": module.params["table_sys_id"]}
    there = {row["file_name"]: row for row in instance.rows("attachment", **where)}
    changed, records = False, []
    for each in module.params["attachments"] or []:
        name = each["name"] or os.path.basename(each["path"])
        old, sha256 = there.get(name), module.sha256(each["path"])
        if old and old["hash"] == sha256:
            records.append(old)
            continue
        if old:
            module.fail_json(msg=f"{name} would take the place of another file, which is never meant here.")
        changed = True
        if not module.check_mode:
            content = Path(each["path"]).read_bytes()
            records.append(instance.upload({**where, "file_name": name}, content, str(each["type"])))
    module.exit_json(changed=changed, records=records)


if __name__ == "__main__":
    main()
