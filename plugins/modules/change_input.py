#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: change_input
short_description: Check the variables of a change, and find its windows
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Turns the start and the end of a change into windows of time that snapshots can have, as the filter
    P(community.thousandeyes.window#filter) does. If there is no such window, the task fails with a sentence and a code.
  - Finds variables whose names are not known, and says which may be meant.
  - The role P(community.thousandeyes.change_evidence#role) begins with it.
  - It sends nothing to the API, so it has no options for the connection.
  - "The shortest task is
    C(community.thousandeyes.change_input: {start: 2026-11-27 14:00, windows: [before]})"
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
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
options:
  start:
    description: When the change starts, written as O(community.thousandeyes.snapshot#module:from).
    type: str
    required: true
  end:
    description: When the change ends, not before O(start). Required for V(after) and V(covering).
    type: str
  actual_start:
    description:
      - When the change really started, in place of O(start).
      - V(before) still ends at O(start). If the change started early, or more than O(hours) late, it ends at the actual
        start instead.
    type: str
  actual_end:
    description: When the change really ended, in place of O(end).
    type: str
  rollback_start:
    description: When the rollback began. If not given, O(rollback_end).
    type: str
  rollback_end:
    description: When the rollback ended. V(after) begins then, and V(covering) ends then.
    type: str
  hours:
    description:
      - How long the windows V(before) and V(after) are. V(covering) is the smallest that has all of the change in it.
    type: int
    choices: [1, 2, 4, 6, 12, 24, 48]
    default: 1
  windows:
    description: Which windows to find, see P(community.thousandeyes.window#filter).
    type: list
    elements: str
    choices: [before, after, covering]
    required: true
  given:
    description:
      - Names of variables that are set. The task fails if one is not among O(known).
      - C(query('ansible.builtin.varnames', '^change_evidence_')) finds those that begin alike.
    type: list
    elements: str
    default: []
  known:
    description: The names that variables may have.
    type: list
    elements: str
    default: []
  sign_key:
    description:
      - The key for the report, as O(community.thousandeyes.change_report#module:sign_key). The task tries the key, so
        that the role fails at once if the key does not sign.
    type: path
seealso:
  - plugin: community.thousandeyes.window
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Find the windows of a change, and variables that are misspelt
  community.thousandeyes.change_input:
    start: "2026-11-27T14:00:00+01:00"
    end: "2026-11-27T15:30:00+01:00"
    windows: [before, after]
    given: "{{ query('ansible.builtin.varnames', '^my_change_') }}"
    known: [my_change_id, my_change_tests]
  register: change

- name: Create a snapshot of the window before
  community.thousandeyes.snapshot:
    test_id: 19955
    display_name: CHG0031337 before
    from: "{{ change.windows.before.from }}"
    to: "{{ change.windows.before.to }}"
"""

RETURN = r"""
windows:
  description: For each of O(windows), what the filter P(community.thousandeyes.window#filter) returns.
  returned: success
  type: dict
  sample:
    before:
      from: "2026-11-27T12:00:00Z"
      to: "2026-11-27T13:00:00Z"
      hours: 1
      padding_before: 0
change:
  description:
    - C(start) and C(end), as they count, and written as they were given. With O(rollback_end), C(end) is that time.
    - C(planned_start) and C(planned_end), if the actual ones were taken in their place, else V(null).
  returned: success
  type: dict
  sample:
    start: "2026-11-27T14:10:00+01:00"
    end: "2026-11-27T15:30:00+01:00"
    planned_start: "2026-11-27T14:00:00+01:00"
    planned_end: null
episodes:
  description:
    - What to judge by itself; empty without O(rollback_end). C(name) is V(change) or V(rollback). C(after) has C(from)
      and C(to).
    - C(after) of the change ends when the rollback began. It is V(null) if the rollback began when the change ended.
  returned: success
  type: list
  elements: dict
  sample:
    - name: change
      end: "2026-11-27T15:30:00+01:00"
      after: {from: "2026-11-27T14:30:00Z", to: "2026-11-27T14:50:00Z"}
    - name: rollback
      end: "2026-11-27T16:00:00+01:00"
      after: {from: "2026-11-27T15:00:00Z", to: "2026-11-27T16:00:00Z"}
before_moved:
  description: Whether V(before) ends at O(actual_start), and not at O(start).
  returned: success
  type: bool
  sample: false
failure:
  description:
    - What went wrong, for playbooks. RV(ignore:msg) says it for people.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(invalid_request), a variable is not known, an option breaks a rule, or there is no such window.
        - V(missing_library), Python is too old where the task runs.
        - V(report_unsigned), O(sign_key) does not sign, or C(ssh-keygen) is missing or too old.
      type: str
      returned: always
      sample: invalid_request
    status:
      description: Always V(null).
      type: int
      returned: always
    message:
      description: The same as RV(ignore:msg).
      type: str
      returned: always
    retry_at:
      description: Always V(null).
      type: str
      returned: always
    details:
      description: Always empty.
      type: dict
      returned: always
"""

from ansible_collections.community.thousandeyes.plugins.module_utils import _python  # noqa: F401  # pylint: disable=unused-import
from ansible_collections.community.thousandeyes.plugins.module_utils._execution import run_module
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.change_input import SPEC, run


def main() -> None:
    run_module(run, SPEC)


if __name__ == "__main__":
    main()
