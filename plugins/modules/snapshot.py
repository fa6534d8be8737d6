#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: snapshot
short_description: Make sure that a ThousandEyes snapshot exists
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Makes sure that there is a snapshot of a ThousandEyes test for a window of time, and hands its link to later tasks.
  - A snapshot that is in the O(ledger) is not created again before it expires, after 30 days. It is the same one if
    O(display_name), the test, the window, O(is_public), O(aid) and the host of O(api_url) are the same.
  - The work is done on the control node, without a connection to the host of the play. Only a task that is delegated to
    a host whose connection is not local, or uses C(async), is done there, with the ledger that is there.
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is
    C(community.thousandeyes.snapshot: {test_id: 19955, display_name: My first, to: 2026-11-27 15:00, hours: 1})"
attributes:
  check_mode:
    support: full
    details: Nothing is created, and the ledger is not written. Tests are looked up.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: Not with O(force=true) or O(ledger=none), nor after the ledger is lost.
  async:
    support: full
  action:
    support: full
  facts:
    support: full
extends_documentation_fragment:
  - community.thousandeyes.attributes
  - community.thousandeyes.attributes.action_group
  - community.thousandeyes.connection
  - community.thousandeyes.account_group
  - community.thousandeyes.ledger
  - community.thousandeyes.ledger.quota
  - community.thousandeyes.ledger.quota_wait
options:
  display_name:
    description:
      - The title of the snapshot, used as it is.
    type: str
    required: true
    aliases: [displayName]
  test_id:
    description:
      - The id of the test. Exactly one of O(test_id), O(test_name) and O(tests) is required.
    type: str
    aliases: [testId]
  test_name:
    description:
      - The exact name of the test. It is looked up in the account group, unless the ledger knows the snapshot by it.
        The task fails if no test or several tests have the name, and warns if the test is disabled.
    type: str
  tests:
    description:
      - The ids or exact names of several tests. What has only digits is an id.
      - Creates a snapshot of each, with the same title and window. If the quota does not suffice within O(quota_wait),
        the task fails before it creates any.
      - If one of them fails, the others are created all the same, and are in RV(snapshots).
    type: list
    elements: str
  from:
    description:
      - When the window starts, such as C(2026-11-27 15:00:00), in UTC, or C(2026-11-27T16:00+01:00).
      - Exactly two of O(from), O(to) and O(hours) are required.
    type: str
  to:
    description:
      - When the window ends, written as O(from). It must not be in the future, unless O(window_wait) is given. The
        window must be 1, 2, 4, 6, 12, 24 or 48 hours long.
    type: str
  hours:
    description:
      - How long the window is, instead of O(from) or O(to).
    type: int
    choices: [1, 2, 4, 6, 12, 24, 48]
  window_wait:
    description:
      - How many seconds to wait at most for a window that is not over yet, up to 31 days. If it
        ends later, the task fails at once. See RV(failure.retry_at).
    type: int
    default: 0
  is_public:
    description:
      - V(true) makes a share link, which anyone who knows it can view. Not every region allows it. V(false) makes a
        private snapshot, also called a saved event, for members of the account group.
      - The vendor's text on this field of API V(v7) says the opposite. So the task looks at what the API says of the
        snapshot, see O(visibility).
    type: bool
    default: false
    aliases: [isPublic]
  format:
    description:
      - The format of the API's answer, V(xml) for O(api_version=v6) only. The result is the same.
    type: str
    choices: [json, xml]
    default: json
  force:
    description:
      - Create a snapshot even if there is one already, or if nobody knows whether there is.
    type: bool
    default: false
  on_unknown:
    description:
      - What to do if nobody knows whether an earlier attempt, whose answer was lost, created the snapshot.
        For what a task finds out by itself, see
        R(lost answers,ansible_collections.community.thousandeyes.docsite.guide_ledger.lost).
      - V(fail) fails with C(outcome_unknown), and says where to look.
      - V(retry) creates it, possibly for the second time.
      - V(adopt) says that a person has looked, and that it exists. Not with O(ledger=facts) and O(ledger=none).
    type: str
    choices: [fail, retry, adopt]
    default: fail
  link_id:
    description:
      - The id of the link that a person found, the first part of its address, as V(wdiac) in
        C(wdiac.share.thousandeyes.com). Only with O(on_unknown=adopt), for one test.
    type: str
    aliases: [linkId]
  visibility:
    description:
      - What to do after the API has said that a private snapshot is not private, so that anyone who knows its link may
        be able to view it.
      - V(check) fails with C(visibility_contradicted). No private snapshots are created at that API host until a task
        has V(accept).
      - V(accept) says that a person has looked, see
        R(the guide,ansible_collections.community.thousandeyes.docsite.guide_troubleshooting.visibility_contradicted).
        The ledger keeps that, so one task with it is enough.
    type: str
    choices: [check, accept]
    default: check
seealso:
  - name: ThousandEyes API, Create test snapshot
    description: The vendor's reference.
    link: https://developer.cisco.com/docs/thousandeyes/create-test-snapshot/
"""

EXAMPLES = r"""
- name: Create a snapshot of the hour before a change, for members of the account group
  community.thousandeyes.snapshot:
    api_token: "{{ thousandeyes_token }}"
    test_id: 19955
    display_name: CHG0031337 before
    to: "2026-11-27T01:00:00Z"
    hours: 1
  register: before

- name: Use the link in a later task
  ansible.builtin.debug:
    msg: "Before the change: {{ before.snapshot.view_url }}"

- name: In the words of the API's reference
  community.thousandeyes.snapshot:
    api_token: "{{ thousandeyes_token }}"
    testId: 19955
    displayName: Snapshot created through API
    from: "2026-11-27T00:00:00"
    to: "2026-11-27T01:00:00"
    isPublic: true
  register: result

- name: Show where it is, and until when
  ansible.builtin.debug:
    msg: "{{ result.snapshot.linkId }}: {{ result.snapshot.viewUrl }} until {{ result.snapshot.expires_at }}"

- name: By the name of the test, in another account group, with an offset from UTC, as soon as the two hours are over
  community.thousandeyes.snapshot:
    api_token: "{{ thousandeyes_token }}"
    aid: 1234
    test_name: "{{ thousandeyes_test }}"
    display_name: CHG0031337 after
    from: "2026-11-27T01:00:00+01:00"
    hours: 2
    window_wait: 7200

- name: Say the connection once for all tasks of a block
  module_defaults:
    group/community.thousandeyes.thousandeyes:
      api_token: "{{ thousandeyes_token }}"
      timeout: 60
  block:
    - name: One snapshot for each test
      community.thousandeyes.snapshot:
        tests: [19955, 817, Checkout]
        display_name: CHG0031337 before
        to: "2026-11-27 01:00:00"
        hours: 1
        quota_wait: 3600

    - name: All links of this run so far
      ansible.builtin.debug:
        msg: "{{ ansible_facts.thousandeyes_snapshots | map(attribute='view_url') }}"
"""

RETURN = r"""
msg:
  description: What the task did, in a line for people; if it failed, why, as in RV(failure.message).
  returned: always
  type: str
  sample: "Created: 'CHG0031337 before' of test 19955, https://wdiac.share.thousandeyes.com/view/tests/"
snapshot:
  description:
    - The snapshot, where the task is about one test, asked for by O(test_id) or O(test_name).
    - It is returned if the snapshot exists, or would be created in check mode. A failed task returns it only with
      C(visibility_contradicted), where a C(rescue) finds it in C(ansible_failed_result.snapshot).
  returned: with O(test_id) or O(test_name), if there is one
  type: dict
  contains: &record
    display_name:
      description: The title.
      type: str
      returned: always
      sample: Snapshot created through API
    test_id:
      description: The id of the test.
      type: str
      returned: always
      sample: "19955"
    test_name:
      description: The name of the test, or V(null) if it was asked for by its id.
      type: str
      returned: always
      sample: Checkout page
    from:
      description: When the window starts, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-11-27T00:00:00Z"
    to:
      description: When the window ends, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-11-27T01:00:00Z"
    hours:
      description: How long the window is.
      type: int
      returned: always
      sample: 1
    is_public:
      description: Whether it was asked for as a share link.
      type: bool
      returned: always
      sample: true
    aid:
      description: The account group as given, or V(null).
      type: str
      returned: always
      sample: "1234"
    api_host:
      description: Host, and port and path where there are any, of O(api_url).
      type: str
      returned: always
      sample: api.thousandeyes.com
    status:
      description: >-
        V(created) by this task; V(existing) since an earlier one; V(adopted) if it was found in the list of tests, or
        by a person, after its answer was lost; V(planned) in check mode, where it does not exist.
      type: str
      returned: always
      sample: created
    link_id:
      description: >-
        The id of the link, or V(null) where it is not known, as for a snapshot that was found in the list of tests.
        V(null) while planned, like all that follow.
      type: str
      returned: always
      sample: wdiac
    view_url:
      description:
        - The link to the snapshot. For a share link, the address that anyone can view. V(v6) returns it. V(v7) does
          not, so it is made from RV(snapshot.link_id), as V(v6) shows it.
        - For a private snapshot, a page of the web application, after a log-in. With V(v6), it is the address that the
          API returned, or else made from RV(snapshot.link_id). With V(v7), and if a lost one was found in the list of
          tests, it is RV(snapshot.app_url) if RV(snapshot.snapshot_test_id) is in that. Else it is made from that
          id and, as far as they are known, the round and the account group.
        - V(null) where the API returned neither the id of the snapshot's own test nor that of a share link.
      type: str
      returned: always
      sample: https://wdiac.share.thousandeyes.com/view/tests/
    app_url:
      description: >-
        The test in the web application, as V(v7) returned it, or V(null) without one. It may be the test that
        the snapshot was taken of, so it is no evidence.
      type: str
      returned: always
      sample: https://app.thousandeyes.com/view/tests/?testId=19955&__a=75
    snapshot_test_id:
      description: The id of the snapshot's own test, which is not the test that it was taken of.
      type: str
      returned: always
      sample: "58856"
    start_round_id:
      description: The first round, in seconds since 1970.
      type: str
      returned: always
      sample: "1795737600"
    end_round_id:
      description: The last round, in seconds since 1970.
      type: str
      returned: always
      sample: "1795741200"
    round_id:
      description: The selected round, in seconds since 1970.
      type: str
      returned: always
      sample: "1795737600"
    share_date:
      description: When the snapshot was created.
      type: str
      returned: always
      sample: "2026-11-28T03:02:01Z"
    expires_at:
      description:
        - 30 days after RV(snapshot.share_date), when the snapshot expires.
        - Private snapshots may not expire. The API's reference says that they do, other documents do not.
      type: str
      returned: always
      sample: "2026-12-28T03:02:01Z"
    uid:
      description: The id of the user who created it.
      type: str
      returned: always
      sample: "5784"
    api_version:
      description: The version of the API that created it.
      type: str
      returned: always
      sample: v7
    view_url_source:
      description: >-
        V(answer) if the API returned RV(snapshot.view_url); V(inferred) if it was made from ids; V(null) where there is
        no link.
      type: str
      returned: always
      sample: inferred
    visibility:
      description:
        - What is known of who can view it.
        - V(confirmed) if the API's answer or the list of tests says that it is what was asked for; V(inferred) if they
          said so of another private snapshot at that API host, in the same version; V(contradicted) if they say that
          it is the opposite, see O(visibility); V(unknown) if they say nothing.
        - V(null) while planned.
      type: str
      returned: always
      sample: confirmed
    linkId:
      description: The same as RV(snapshot.link_id).
      type: str
      returned: always
      sample: wdiac
    viewUrl:
      description: The same as RV(snapshot.view_url).
      type: str
      returned: always
      sample: https://wdiac.share.thousandeyes.com/view/tests/
snapshots:
  description:
    - The snapshots that exist, in the order asked, where the task is about O(tests). Those that do not are in
      RV(failure.details).
  returned: with O(tests), whether the task failed or not
  type: list
  elements: dict
  contains: *record
quota:
  description:
    - The creation quota of the organization after the task.
  returned: success, and where the task failed for some or all of its snapshots
  type: dict
  contains:
    limit:
      description: The same as O(quota_limit).
      type: int
      returned: always
      sample: 5
    window:
      description: The same as O(quota_window), in seconds.
      type: int
      returned: always
      sample: 300
    used:
      description: How many creations of the window the ledger knows. V(null) with O(ledger=none).
      type: int
      returned: always
      sample: 1
    next_at:
      description: From when on there is room for the next one. V(null) with O(ledger=none).
      type: str
      returned: always
      sample: "2026-11-28T03:02:02Z"
ansible_facts:
  description:
    - Facts of the host of the task. With C(delegate_facts), what the delegated host knew of earlier snapshots is
      replaced.
    - A persistent cache of facts keeps them, with the links, for all who can read it;
      the files of C(jsonfile) can be read by all users of the machine.
    - A task that failed or was skipped leaves them as they were, and a cache may have them of an earlier run of
      C(ansible-playbook). So what a later task does should follow from the registered result.
  returned: where there is a snapshot; but Ansible does not keep them of a task that failed
  type: dict
  contains:
    thousandeyes_snapshots:
      description: >-
        The snapshots of all tasks for this host in this run of C(ansible-playbook) so far, one record each, as in
        RV(snapshot), whatever plays and playbooks the run has. Those of earlier runs are not among them.
      type: list
      elements: dict
      returned: always
    thousandeyes_snapshot:
      description: The last one.
      type: dict
      returned: always
    thousandeyes_run:
      description: The run whose snapshots these are, so that the next run does not take them for its own.
      type: str
      returned: always
    thousandeyes_ledger:
      description: >-
        The ledger: the snapshots of this and of earlier runs, but neither planned nor expired ones. Leave it as it is.
      type: list
      elements: dict
      returned: with O(ledger=facts)
failure:
  description:
    - What went wrong, for playbooks. RV(msg) says it for people.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(invalid_request), an option breaks a rule or the API refused the request as invalid.
        - V(unauthorized), the token is refused. Do not repeat it, since the vendor locks accounts out.
        - V(forbidden), the user lacks a permission, or public snapshots are not allowed in the region.
        - V(not_found), there is no such test in the account group.
        - V(quota_exhausted), the creation quota has no room within O(quota_wait), as far as the ledger knows.
        - V(rate_limited), the API answered 429 to this or an earlier task, and the wait that it asked for is longer
          than O(quota_wait).
        - V(outcome_unknown), the snapshot may exist or not, see O(on_unknown).
        - V(visibility_contradicted), the API says that a private snapshot is not private, see O(visibility). If it is
          the one that was asked for, it is in RV(snapshot) or RV(snapshots).
        - V(unreachable), the API gave no answer, and no snapshot was asked for.
        - V(unexpected_response), the API's answer is not a documented one.
        - V(api_retired), the API says that its version is gone.
        - V(ledger_unavailable), the ledger cannot be read or written, and no snapshot was asked for.
        - V(missing_library), a Python library that the task needs, such as C(requests) or C(psycopg), is missing or
          broken where it runs, or Python is too old there.
        - With O(tests), it is the code of the first failure.
      type: str
      returned: always
      sample: quota_exhausted
    status:
      description: The HTTP status, or V(null) where there was no answer.
      type: int
      returned: always
      sample: 403
    message:
      description: The same as RV(msg).
      type: str
      returned: always
    retry_at:
      description: From when on the task may succeed, or V(null) where that is not a matter of time.
      type: str
      returned: always
      sample: "2026-11-28T03:07:01Z"
    details:
      description: >-
        More on some failures. With O(tests), C(failures) has such a dictionary for each that failed, with the C(test),
        and C(not_tried) the tests that were left out since they would have failed too.
      type: dict
      returned: always
"""

from ansible_collections.community.thousandeyes.plugins.module_utils import _python  # noqa: F401  # pylint: disable=unused-import
from ansible_collections.community.thousandeyes.plugins.module_utils._execution import run_module
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.snapshot import RULES, SPEC, nothing, run


def main() -> None:
    run_module(run, SPEC, RULES, nothing)


if __name__ == "__main__":
    main()
