#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: account_group_info
short_description: List the account groups of a ThousandEyes user
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Lists the account groups that the user may use, in the order of the API.
  - The work is done on the control node, in the process that runs the task, unless the task is delegated to a host
    whose connection is not local, or uses C(async).
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is
    C(community.thousandeyes.account_group_info:)"
attributes:
  check_mode:
    support: full
    details: It only reads.
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: full
  async:
    support: full
  action:
    support: full
  facts:
    support: none
extends_documentation_fragment:
  - community.thousandeyes.attributes
  - community.thousandeyes.attributes.action_group
  - community.thousandeyes.connection
options:
  aid:
    description:
      - The id of the account group that is taken for the current one, with O(api_version=v6) only.
      - It is there for V(v7) too, so that it can be set for all modules of the action group.
      - If not given, E(THOUSANDEYES_AID) or E(TE_AID) is used.
    type: str
    aliases: [account_group_id]
seealso:
  - module: community.thousandeyes.test_info
"""

EXAMPLES = r"""
- name: Which account groups are there?
  community.thousandeyes.account_group_info:
    api_token: "{{ thousandeyes_token }}"
  register: result

- name: Show their names and ids
  ansible.builtin.debug:
    msg: "{{ result.account_groups | items2dict(key_name='name', value_name='aid') }}"
"""

RETURN = r"""
account_groups:
  description:
    - The account groups.
  returned: success
  type: list
  elements: dict
  contains:
    aid:
      description: The id, for the option O(ignore:aid) of other modules.
      type: str
      returned: always
      sample: "1234"
    name:
      description: The name.
      type: str
      returned: always
      sample: Account A
    organization_id:
      description: The id of its organization. V(null) with API V(v6), which does not return it.
      type: str
      returned: always
      sample: "12345"
    organization_name:
      description: >-
        The name of its organization. V(null) where the API does not return it, as V(v6) for members of only one
        organization.
      type: str
      returned: always
      sample: Sandbox Inc.
    is_current:
      description: Whether requests that name no account group use this one.
      type: bool
      returned: always
      sample: true
    is_default:
      description: Whether the user logs in to this one.
      type: bool
      returned: always
      sample: true
failure:
  description:
    - What went wrong, for playbooks. RV(ignore:msg) says it for people.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(invalid_request), an option breaks a rule or the API refused the request as invalid.
        - V(unauthorized), the token is refused. Do not repeat it, since the vendor locks accounts out.
        - V(forbidden), the user lacks a permission, or the account group is not one of the user's.
        - V(not_found), there is no such thing in the account group.
        - V(rate_limited), the API answered 429, and the wait that it asks for is too long.
        - V(unreachable), the API gave no answer.
        - V(unexpected_response), the API's answer is not a documented one.
        - V(api_retired), the API says that its version is gone.
        - V(missing_library), a Python library that the task needs, such as C(requests), is missing or broken where it
          runs, or Python is too old there.
      type: str
      returned: always
      sample: unauthorized
    status:
      description: The HTTP status, or V(null) where there was no answer.
      type: int
      returned: always
      sample: 401
    message:
      description: The same as RV(ignore:msg).
      type: str
      returned: always
    retry_at:
      description: From when on the task may succeed, or V(null) where that is not a matter of time.
      type: str
      returned: always
      sample: "2026-11-28T03:07:01Z"
    details:
      description: More on some failures.
      type: dict
      returned: always
"""

from ansible_collections.community.thousandeyes.plugins.module_utils import _python  # noqa: F401  # pylint: disable=unused-import
from ansible_collections.community.thousandeyes.plugins.module_utils._execution import run_module
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.account_group_info import SPEC, run


def main() -> None:
    run_module(run, SPEC)


if __name__ == "__main__":
    main()
