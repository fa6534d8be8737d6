#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: account_check
short_description: Find out what a ThousandEyes account can do, and what its API does
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Says line by line what works and what to do about the rest. Run it first with a new token, since nobody has run
    this collection against the vendor's servers yet.
  - By default it only reads. It looks at TLS, token, clock, rate limit, organization and account group, and whether the
    list of tests, tags or labels, and the results of one test can be read. It names each permission that is missing.
  - A token with few permissions is enough. The first answer 401 ends the check, since repeated failures lock the
    account out. Only O(api_url) is asked.
  - With O(snapshot_test), it makes one private snapshot, or examines that of an earlier check, and finds out what the
    vendor's documents do not say.
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is C(community.thousandeyes.account_check:)"
attributes:
  check_mode:
    support: full
    details: It reads, writes neither ledger nor O(observed_path), and says what a snapshot would cost.
  diff_mode:
    support: N/A
    details: There is no state to compare.
  idempotent:
    support: partial
    details: A second run makes no snapshot. It may write more into O(observed_path).
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
  - community.thousandeyes.ledger
  - community.thousandeyes.ledger.quota
  - community.thousandeyes.ledger.quota_wait
options:
  snapshot_test:
    description:
      - The id or the exact name of a test, to make a private snapshot of its last full hour.
      - B(This snapshot stays.) No API deletes a private snapshot. And if this API takes the field C(isPublic) the other
        way round, which is not likely but not known, the snapshot is a share link, which anyone who knows it can view.
        So choose a test whose results are no secret. The task says so before it makes the snapshot.
      - The snapshot is made as by M(community.thousandeyes.snapshot), so once, within the quota, and recorded in
        O(ledger). A later run examines this snapshot, even if its visibility is contradicted.
      - The task reads the list of tests for up to two minutes, until it shows the snapshot.
      - O(ledger) keeps what later tasks need, which is whether the list shows private snapshots, and whether they are
        private. If the API's answer says that they are not, but both the list of tests and the share host prove that
        they are, that is settled, as with O(community.thousandeyes.snapshot#module:visibility=accept).
    type: str
  public:
    description:
      - Whether to make a share link, too, of the same test and hour. B(Anyone who knows it can view it), for 30 days.
      - With it, what the share host shows of the private snapshot can be compared, which proves that it is private.
    type: bool
    default: false
  share_url:
    description:
      - The address of a share link, with C({id}) in place of its id. It is asked without credentials for the ids of the
        snapshots of this check, and for two ids that nobody has.
      - If not given, it is C(https://{id}.share.thousandeyes.com/view/tests/) where O(api_url) is below
        C(thousandeyes.com). Else no such host is asked.
    type: str
  observed_path:
    description:
      - A file to write what was learned of the API into, in JSON, for the project. Its folder must exist.
      - There are forms, statuses, names of headers and fields, booleans and durations in it, and no token, name, id or
        address. Names of headers and fields that are not common ones are counted and not named.
        What an earlier check has written stays, unless this check learns it again.
      - C(docs/contract/observed.schema.json) of the collection is its JSON Schema. Please look at it and attach it to
        an issue at U(https://github.com/ansible-collections/community.thousandeyes/issues).
    type: path
  quota_wait:
    description:
      - Longest time to wait for the quota in all, in seconds. V(0) never waits, and says when to run this again.
    type: int
    default: 0
seealso:
  - module: community.thousandeyes.snapshot
  - module: community.thousandeyes.account_group_info
"""

EXAMPLES = r"""
- name: Is all well with the account?
  community.thousandeyes.account_check:
    api_token: "{{ thousandeyes_token }}"
  register: result

- name: Show a line for each thing, and what to do next
  ansible.builtin.debug:
    msg: "{{ result.lines + [result.next] }}"

- name: What would a snapshot cost?
  community.thousandeyes.account_check:
    api_token: "{{ thousandeyes_token }}"
    snapshot_test: "{{ thousandeyes_test }}"
  check_mode: true
  register: planned

- name: How does this API make snapshots?
  community.thousandeyes.account_check:
    api_token: "{{ thousandeyes_token }}"
    snapshot_test: "{{ thousandeyes_test }}"
    observed_path: "{{ folder }}/observed.json"
  register: learned
"""

RETURN = r"""
findings:
  description:
    - What was found, in the order in which it was looked at.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: What it is about, as a word that does not change.
      type: str
      returned: always
      sample: tests
    level:
      description:
        - V(ok); V(unknown), which cannot be found out; V(warning); or V(failed).
      type: str
      returned: always
      sample: failed
    says:
      description: One sentence for people. Names and ids of the account may be in it.
      type: str
      returned: always
      sample: 'The token may not do this (403), so there is no list of tests: it lacks the permission ''View tests''.'
    do:
      description: What to do about it. Empty where there is nothing to do.
      type: str
      returned: always
    permission:
      description: The permission that is missing. Empty where none is, as far as is known.
      type: str
      returned: always
      sample: View tests
    settles:
      description: Which of the unknowns in C(docs/contract) of the collection this helps to settle.
      type: list
      elements: str
      returned: always
      sample: [listing]
lines:
  description:
    - Level, name, sentence and what to do of each finding, as one line.
  returned: always
  type: list
  elements: str
counts:
  description:
    - How many findings there are of each level.
  returned: where anything was looked at
  type: dict
  sample: {ok: 9, unknown: 0, warning: 1, failed: 0}
next:
  description:
    - What to do next, for people.
  returned: where anything was looked at
  type: str
failure:
  description:
    - Why the check ended early, or could not begin, for playbooks. The task does not fail because of what it finds.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(invalid_request), an option breaks a rule.
        - V(unauthorized), the token is refused. Do not repeat it, since the vendor locks accounts out.
        - V(rate_limited), the API takes no more requests now.
        - V(unreachable), the API gave no answer.
        - V(api_retired), the API says that its version is gone.
        - V(ledger_unavailable), the ledger cannot be read or written.
        - V(missing_library), a Python library that the task needs, such as C(requests) or C(psycopg), is missing or
          broken where it runs, or Python is too old there.
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
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.account_check import SPEC, nothing, run


def main() -> None:
    run_module(run, SPEC, nothing=nothing)


if __name__ == "__main__":
    main()
