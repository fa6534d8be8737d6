#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: snapshot_info
short_description: List the ThousandEyes snapshots that are known
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Lists the snapshots that O(ledger) knows and that fit all the options given, in the order in which they were
    requested. They include those of all API hosts and account groups, and those that have expired.
  - The API itself can list private snapshots, which it calls saved events, but no share links. With
    O(saved_events=true), the list of the API is read too.
  - Without O(saved_events=true) nothing is sent, and no token is needed.
  - The work is done on the control node, in the process that runs the task, unless the task is delegated to a host
    whose connection is not local, or uses C(async). The ledger is that of this host, too.
  - If RV(snapshots[].state) is V(unknown), a person must look whether the snapshot exists. See
    R(the guide to failures,ansible_collections.community.thousandeyes.docsite.guide_troubleshooting.outcome_unknown).
  - "The shortest task is
    C(community.thousandeyes.snapshot_info: {display_name_regex: ^CHG0031337})"
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
  - community.thousandeyes.ledger
options:
  api_token:
    description:
      - The token of the ThousandEyes user. Needed with O(saved_events=true) only.
      - If not given, E(THOUSANDEYES_API_TOKEN) or E(TE_TOKEN) is used.
    type: str
    required: false
    aliases: [auth_token]
  display_name:
    description:
      - The exact title.
    type: str
    aliases: [displayName]
  display_name_regex:
    description:
      - A Python regular expression that is found somewhere in the title.
    type: str
  test_id:
    description:
      - The id of the test. The list of the API does not say which test a private snapshot was made of.
    type: str
    aliases: [testId]
  from:
    description:
      - Only snapshots whose window ends after this, written as in M(community.thousandeyes.snapshot).
      - The list of the API does not have the window of a private snapshot. A snapshot that only the list knows is left
        out.
    type: str
  to:
    description:
      - Only snapshots whose window starts before this.
    type: str
  is_public:
    description:
      - Whether a share link was requested.
    type: bool
    aliases: [isPublic]
  expired:
    description:
      - Whether the snapshot has expired, 30 days after its creation. If not given, both.
    type: bool
  expires_within:
    description:
      - Only those that expire within this number of days, and have not yet.
    type: int
  state:
    description:
      - Only those whose RV(snapshots[].state) is one of these. If not given, all.
    type: list
    elements: str
    choices: [created, unknown, in_flight]
  saved_events:
    description:
      - Whether to read the private snapshots of the account group O(aid) from the API as well.
      - O(aid) does not restrict what is listed from O(ledger).
    type: bool
    default: false
seealso:
  - module: community.thousandeyes.snapshot
"""

EXAMPLES = r"""
- name: Which evidence is there of a change, and until when?
  community.thousandeyes.snapshot_info:
    display_name_regex: ^CHG0031337
  register: result

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.display_name }}: {{ item.view_url }} until {{ item.expires_at }}"
  loop: "{{ result.snapshots }}"
  loop_control:
    label: "{{ item.test_id }}"

- name: Which links die within a week?
  community.thousandeyes.snapshot_info:
    is_public: true
    expires_within: 7

- name: For which must somebody look whether they exist?
  community.thousandeyes.snapshot_info:
    state: [unknown]

- name: All private snapshots of the account group, whoever made them
  community.thousandeyes.snapshot_info:
    api_token: "{{ thousandeyes_token }}"
    is_public: false
    saved_events: true
"""

RETURN = r"""
snapshots:
  description:
    - The snapshots that fit.
  returned: success
  type: list
  elements: dict
  contains:
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
        V(existing); V(adopted) if it was found, or a person found it, after its answer was lost; V(null) where
        RV(snapshots[].state) is not V(created), and where only the list of tests knows it.
      type: str
      returned: always
      sample: existing
    link_id:
      description: >-
        The id of the link, or V(null) where it is not known, as for a snapshot that was found in the list of tests.
        V(null) where RV(snapshots[].state) is not V(created), like all that follow of the API.
      type: str
      returned: always
      sample: wdiac
    view_url:
      description:
        - The link to the snapshot. For a share link, the address that anyone can view. V(v6) returns it. V(v7) does
          not, so it is made from RV(snapshots[].link_id), as V(v6) shows it.
        - For a private snapshot, a page of the web application, after a log-in. With V(v6), it is the address that the
          API returned, if any. With V(v7), it is RV(snapshots[].app_url) if RV(snapshots[].snapshot_test_id) is in
          that. Else it is made from that id and, as far as they are known, the round and the account group.
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
        - 30 days after RV(snapshots[].share_date), when the snapshot expires.
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
        V(answer) if the API returned RV(snapshots[].view_url); V(inferred) if it was made from ids; V(null) without
        a link.
      type: str
      returned: always
      sample: inferred
    visibility:
      description: >-
        What is known of who can view it, as M(community.thousandeyes.snapshot) describes it. V(null) where nothing was
        created, or only the list of tests knows the snapshot.
      type: str
      returned: always
      sample: confirmed
    linkId:
      description: The same as RV(snapshots[].link_id).
      type: str
      returned: always
      sample: wdiac
    viewUrl:
      description: The same as RV(snapshots[].view_url).
      type: str
      returned: always
      sample: https://wdiac.share.thousandeyes.com/view/tests/
    state:
      description: >-
        V(created); V(unknown) if its answer was lost and nobody knows whether it exists; V(in_flight) if a process is
        creating it at the moment.
      type: str
      returned: always
      sample: created
    expired:
      description: Whether it has expired. V(null) where that is not known.
      type: bool
      returned: always
      sample: false
    requested_at:
      description: When it was asked for, if RV(snapshots[].state) is V(unknown), else V(null).
      type: str
      returned: always
      sample: "2026-11-28T03:02:01Z"
    detail:
      description: What became of that request, or V(null).
      type: str
      returned: always
      sample: the process that sent it ended, or lost the ledger, before it had kept the answer
    superseded:
      description: >-
        Whether there was a later attempt for the same snapshot, after this one was lost, was passed over by C(force),
        or had expired.
      type: bool
      returned: always
      sample: false
    made_by:
      description: >-
        Who ran the task that asked for it, as far as is known. Always C(user), C(node) and C(playbook); in AWX also
        C(job_id), C(job_template), C(launched_by) and others. Empty for what only the list of saved events knows, in
        C(facts), and for what older versions of the collection created.
      type: dict
      returned: always
      sample:
        job_id: "3116"
        job_template: Evidence before
        launched_by: joe
        node: awx-job-3116
        playbook: change_evidence.yml
        user: runner
    in_ledger:
      description: Whether the ledger knows it. If not, most of its fields are V(null).
      type: bool
      returned: always
      sample: true
    listed:
      description: >-
        Whether the list of tests has it. A snapshot and a task that name no account group are taken to mean the same
        one. V(null) where nobody asked; where it need not be in that list, as a share link or one of another account
        group; and where it is not known, as for one that a person found.
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
        - V(ledger_unavailable), the ledger cannot be read.
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
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.snapshot_info import SPEC, run


def main() -> None:
    run_module(run, SPEC)


if __name__ == "__main__":
    main()
