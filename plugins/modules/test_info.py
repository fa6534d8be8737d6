#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: test_info
short_description: Find ThousandEyes tests
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Finds the tests of an account group that fit all the options given, in the order of the API.
  - If none fits, the list is empty and the task succeeds.
  - The work is done on the control node, in the process that runs the task, unless the task is delegated to a host
    whose connection is not local, or uses C(async).
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is
    C(community.thousandeyes.test_info: {name_regex: shop})"
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
  - community.thousandeyes.account_group
options:
  test_id:
    description:
      - The id of the test.
    type: str
    aliases: [testId]
  name:
    description:
      - The exact name. Names need not be unique. How Unicode writes accented characters does not matter.
    type: str
  tests:
    description:
      - The ids or exact names of several tests. What has only digits is an id.
      - Missing tests are not a failure; they are listed in RV(not_found). If several tests have a name, all are found,
        and the name is listed in RV(ambiguous).
    type: list
    elements: str
  name_regex:
    description:
      - A Python regular expression that is found somewhere in the name.
    type: str
  type:
    description:
      - The type of the test, as in API V(v7). What is V(dnssec) there is C(dns-dnssec) in V(v6).
    type: str
    choices:
      - agent-to-agent
      - agent-to-server
      - api
      - bgp
      - dns-server
      - dns-trace
      - dnssec
      - ftp-server
      - http-server
      - page-load
      - sip-server
      - voice
      - web-transactions
  enabled:
    description:
      - Whether the test runs.
    type: bool
  saved_events:
    description:
      - What to do with private snapshots, which the API calls saved events and lists among the tests.
    type: str
    choices: [exclude, only, include]
    default: exclude
  tag:
    description:
      - A tag that is assigned to the test, as C(key:value). Only with O(api_version=v7). The task fails if there is no
        such tag.
    type: str
  label:
    description:
      - A label of the test. Only with O(api_version=v6). The task fails if there is no such label.
    type: str
seealso:
  - module: community.thousandeyes.snapshot
  - module: community.thousandeyes.test_result_info
"""

EXAMPLES = r"""
- name: Find all that runs of the web shop
  community.thousandeyes.test_info:
    api_token: "{{ thousandeyes_token }}"
    name_regex: "(?i)shop|checkout"
    enabled: true
  register: result

- name: Create snapshots of the hour before the change
  community.thousandeyes.snapshot:
    api_token: "{{ thousandeyes_token }}"
    tests: "{{ result.tests | map(attribute='test_id') }}"
    display_name: CHG0031337 before
    to: "2026-11-27T01:00:00Z"
    hours: 1

- name: Which of these are there, and run?
  community.thousandeyes.test_info:
    api_token: "{{ thousandeyes_token }}"
    tests: [19955, 817, Checkout]
    enabled: true
  register: wanted
  failed_when: wanted is failed or wanted.not_found + wanted.ambiguous != []

- name: Which private snapshots are there?
  community.thousandeyes.test_info:
    api_token: "{{ thousandeyes_token }}"
    saved_events: only

- name: Which tests have a tag?
  community.thousandeyes.test_info:
    api_token: "{{ thousandeyes_token }}"
    tag: "{{ thousandeyes_tag }}"
"""

RETURN = r"""
tests:
  description:
    - The tests that fit. What the API does not return is V(null).
  returned: success
  type: list
  elements: dict
  contains:
    test_id:
      description: The id.
      type: str
      returned: always
      sample: "19955"
    test_name:
      description: The name.
      type: str
      returned: always
      sample: Web shop
    type:
      description: The type, see O(type).
      type: str
      returned: always
      sample: http-server
    enabled:
      description: Whether it runs.
      type: bool
      returned: always
      sample: true
    saved_event:
      description: Whether it is a private snapshot, which the API calls a saved event.
      type: bool
      returned: always
      sample: false
    live_share:
      description: Whether it is shared with this account group by another one.
      type: bool
      returned: always
      sample: false
    alerts_enabled:
      description: Whether alerts are enabled.
      type: bool
      returned: always
      sample: true
    interval:
      description: >-
        From the start of one round to that of the next, in seconds. V(null) where the API does not return it, as for
        tests of BGP.
      type: int
      returned: always
      sample: 300
    description:
      description: The description.
      type: str
      returned: always
    created_by:
      description: Who created it. Ansible hides O(api_email) in it.
      type: str
      returned: always
      sample: Operator (operator@example.com)
    created_date:
      description: When it was created, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-02-10T09:33:12Z"
    modified_by:
      description: Who changed it last. Ansible hides O(api_email) in it.
      type: str
      returned: always
      sample: Operator (operator@example.com)
    modified_date:
      description: When it was changed last, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-09-14T11:02:21Z"
    layers:
      description: >-
        The layers of its results that M(community.thousandeyes.test_result_info) can read. V(null) if the API does not
        return them.
      type: list
      elements: str
      returned: always
      sample: [network, http-server]
not_found:
  description: What O(tests) names, but RV(tests) does not have.
  returned: success and O(tests) is given
  type: list
  elements: str
  sample: []
ambiguous:
  description: The names in O(tests) that several of RV(tests) have.
  returned: success and O(tests) is given
  type: list
  elements: str
  sample: []
close:
  description: For each name in RV(not_found) the names of tests that are close to it.
  returned: success and O(tests) is given
  type: dict
  sample: {"Web shoop": ["Web shop"]}
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
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.test_info import SPEC, run


def main() -> None:
    run_module(run, SPEC)


if __name__ == "__main__":
    main()
