#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: change_report
short_description: Compare what ThousandEyes tests measured before and after a change, and write a report
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Reads what tests measured in a window before and in one after a change, compares that by test, metric and agent,
    judges the differences, and writes a report as HTML, JSON and Markdown.
  - The role P(community.thousandeyes.change_evidence#role) does this and all that comes before it.
  - A difference counts if it reaches the thresholds and is unlikely to be noise. The worst verdict counts, in the order
    V(degraded), V(no_data), V(transient), V(inconclusive), V(improved), V(ok). If one agent is V(degraded), so is the
    test. See R(how the verdict judges,ansible_collections.community.thousandeyes.docsite.guide_verdict).
  - V(degraded) does not say that the change is the cause. What is over at the end of the window is V(transient). What
    is usual without the change, or may be noise, is V(inconclusive). So is a test that could not have shown a large
    change.
  - The verdict is V(no_data) if nothing was measured after the change, an agent fell silent, much more is missing than
    before, or fewer than half of the agents can be compared. What was not measured is never V(ok).
  - The report is written to a folder named after the change, on the control node. The one before is kept in
    C(previous). If nothing but the time of the report differs, nothing is written.
  - If the API refuses the results of one test, that test is V(no_data). If reading fails in any other way, the task
    fails, the report stays as it was, and what was read goes to C(incomplete).
  - A report is never replaced by one with less data, such as after 90 days. The task warns, and writes what it could
    read to C(incomplete). It fails if a test is V(degraded) there, and not in the report.
  - C(index.html) in O(dir) lists all changes. All files name share links, so they are for owner and group only.
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is
    C(community.thousandeyes.change_report: {change_id: CHG0031337, start: 2026-11-27 13:00, end: 2026-11-27 14:00,
    dir: evidence, before: {from: 2026-11-27 12:00, to: 2026-11-27 13:00},
    after: {from: 2026-11-27 14:00, to: 2026-11-27 15:00},
    tests: [{test_id: 19955}]})"
attributes:
  check_mode:
    support: full
    details: It reads and judges, and writes nothing.
  diff_mode:
    support: full
    details: It shows how C(evidence.md) changes.
  idempotent:
    support: full
  async:
    support: none
  action:
    support: full
  facts:
    support: full
extends_documentation_fragment:
  - community.thousandeyes.attributes
  - community.thousandeyes.attributes.action_group
  - community.thousandeyes.connection
  - community.thousandeyes.account_group
  - community.thousandeyes.judging
options:
  change_id:
    description:
      - The name of the change, such as its ticket. The folder is named after it, or after a part of it and a hash.
    type: str
    required: true
  start:
    description:
      - When the change started, written as for O(community.thousandeyes.snapshot#module:from). An offset is
        taken for that of the local time, which the report shows beside UTC.
    type: str
    required: true
  end:
    description:
      - When the change ended, written as O(start).
    type: str
    required: true
  before:
    description:
      - The window before the change, with C(from) and C(to), as P(community.thousandeyes.window#filter) returns it.
        What else it returns is ignored.
    type: dict
    required: true
  during:
    description:
      - The window that covers the change. The report names its snapshots. It is not compared.
    type: dict
  after:
    description:
      - The window after the change. It must be over.
    type: dict
    required: true
  tests:
    description:
      - The tests, as M(community.thousandeyes.test_info) returns them in
        RV(community.thousandeyes.test_info#module:tests).
      - Each must have C(test_id). C(test_name), C(type), C(enabled), C(interval) and C(layers) are used, too. With
        C(gone=true), it is a test that does not exist any more; its verdict is V(no_data).
    type: list
    elements: dict
    required: true
  snapshots:
    description:
      - The snapshots that the report names, as M(community.thousandeyes.snapshot_info) returns them in
        RV(community.thousandeyes.snapshot_info#module:snapshots). Those of other tests and other windows are ignored.
    type: list
    elements: dict
    default: []
  about:
    description:
      - What the report also shows of the change, out of C(description), C(changed_by), C(approver), C(failed),
        C(planned_start), C(planned_end), C(ticket_url) and C(job_url). It does not alter the verdict.
    type: dict
    default: {}
  episodes:
    description:
      - If the change was rolled back, what to compare with O(before) for the change and for the rollback, as
        RV(community.thousandeyes.change_input#module:episodes). The last one must have the window O(after).
    type: list
    elements: dict
    default: []
  watches:
    description:
      - What watches found, each as RV(community.thousandeyes.change_watch#module:watch), perhaps with C(episode), the
        name of the one in O(episodes) that it is of.
    type: list
    elements: dict
    default: []
  dir:
    description:
      - Where the folder of the change is made.
    type: path
    required: true
  sign_key:
    description:
      - The private SSH key that
        R(signs,ansible_collections.community.thousandeyes.docsite.guide_change_evidence.signature)
        C(SHA256SUMS), without a passphrase, or the public half of one in an ssh-agent.
    type: path
  timezone:
    description:
      - The time zone of the local times, such as V(Europe/Berlin). If not given, the offsets in O(start) and O(end)
        are used.
    type: str
  review_date:
    description:
      - When somebody will look at the snapshots, written as O(start). The report warns of those that expire before.
    type: str
notes:
  - The API allows 240 requests a minute for an organization. One that is refused for that reason is repeated for up to
    90 seconds.
  - For a test that would be called V(degraded) or V(transient), each page of the history is one more request.
seealso:
  - module: community.thousandeyes.snapshot
  - module: community.thousandeyes.test_result_info
"""

EXAMPLES = r"""
- name: Find the tests
  community.thousandeyes.test_info:
    api_token: "{{ thousandeyes_token }}"
    name_regex: (?i)shop
    enabled: true
  register: found

- name: Find the snapshots
  community.thousandeyes.snapshot_info:
    display_name_regex: ^CHG0031337
  register: kept

- name: Was it worse after the change?
  community.thousandeyes.change_report:
    api_token: "{{ thousandeyes_token }}"
    change_id: CHG0031337
    start: "{{ change.start }}"
    end: "{{ change.end }}"
    before: "{{ change | community.thousandeyes.window('before') }}"
    after: "{{ change | community.thousandeyes.window('after') }}"
    tests: "{{ found.tests }}"
    snapshots: "{{ kept.snapshots }}"
    thresholds:
      latency_percent: 20
    dir: "{{ playbook_dir }}/evidence"
  register: report
  vars:
    change:
      start: "2026-11-27T02:00:00+01:00"
      end: "2026-11-27T03:30:00+01:00"

- name: Stop if a test is degraded
  ansible.builtin.assert:
    that: report.evidence.verdict != 'degraded'
    fail_msg: "See {{ report.evidence.html }}"
"""

RETURN = r"""
evidence:
  description:
    - What the report says, in short.
    - Also set as the fact C(thousandeyes_evidence) of the host.
  returned: success
  type: dict
  contains:
    change_id:
      description: The change.
      type: str
      returned: always
      sample: CHG0031337
    verdict:
      description:
        - The worst of all tests, in the order V(degraded), V(no_data), V(transient), V(inconclusive), V(improved),
          V(ok). Tests that are left out have no say.
      type: str
      returned: always
      sample: degraded
    conclusion:
      description: The verdict in words, and whether nothing is frozen.
      type: str
      returned: always
      sample: ok, but nothing is frozen
    headline:
      description: The verdict, and what is worst, where and since when, in a line.
      type: str
      returned: always
      sample: >-
        Degraded. Web shop: Response time rose from 415 to 565 ms (+36 %), at all 5 agents, worst at Singapore (390 to
        560 ms), since 22:40 UTC.
    frozen:
      description: Of how many tests both windows, before and after, have a snapshot that has not expired.
      type: int
      returned: always
      sample: 3
    counts:
      description: How many C(tests) there are, how many have each verdict, and how many more are C(left_out).
      type: dict
      returned: always
      sample: {tests: 3, left_out: 0, degraded: 1, no_data: 0, transient: 0, inconclusive: 0, improved: 0, ok: 2}
    windows:
      description:
        - The windows C(before), C(during) and C(after), each with C(from) and C(to) in UTC, C(from_local) and
          C(to_local), and C(hours). C(during) is V(null) if it was not given.
      type: dict
      returned: always
    episodes:
      description:
        - If the change was watched or rolled back, what was so after the change and after the rollback, else empty.
        - Each has C(name), C(end), C(after), C(verdict), C(counts), C(tests), and C(watch), what the watch of it found.
      type: list
      elements: dict
      returned: always
      sample: []
    warnings:
      description: What a reader of the report must know.
      type: list
      elements: str
      returned: always
      sample: ["2 of 6 snapshots expire before the review on 2027-01-15T00:00:00Z, the first on 2026-12-23T23:40:00Z."]
    tests:
      description: The tests, in the order given.
      type: list
      elements: dict
      returned: always
      contains:
        test_id:
          description: The id.
          type: str
          returned: always
          sample: "19955"
        test_name:
          description: The name, or V(null) where it is not known.
          type: str
          returned: always
          sample: Web shop
        state:
          description: V(present), V(disabled) or V(gone).
          type: str
          returned: always
          sample: present
        verdict:
          description: V(degraded), V(no_data), V(transient), V(inconclusive), V(improved) or V(ok).
          type: str
          returned: always
          sample: degraded
        reason:
          description: Why, in a sentence.
          type: str
          returned: always
          sample: "Response time rose from 182 to 262 ms (+44 %), since 22:40 UTC."
    links:
      description:
        - The snapshots of the windows, for each test in the order of the windows.
        - Besides what is described here, each has C(display_name), C(from), C(to), C(link_id), C(snapshot_test_id),
          C(view_url_source), C(visibility), C(app_url), C(share_date) and C(state), as in
          RV(community.thousandeyes.snapshot_info#module:snapshots).
      type: list
      elements: dict
      returned: always
      contains:
        test_id:
          description: The id of the test.
          type: str
          returned: always
          sample: "19955"
        test_name:
          description: The name of the test, or V(null) where it is not known.
          type: str
          returned: always
          sample: Web shop
        phase:
          description: V(before), V(during) or V(after).
          type: str
          returned: always
          sample: before
        view_url:
          description: The link to it, or V(null) where none is known, or where it does not belong to the API.
          type: str
          returned: always
          sample: https://wdiac.share.thousandeyes.com/view/tests/
        is_public:
          description: Whether anyone who has the link can view it.
          type: bool
          returned: always
          sample: false
        expires_at:
          description: When it expires, as ISO 8601 in UTC.
          type: str
          returned: always
          sample: "2026-12-23T23:40:00Z"
        expired:
          description: Whether it has.
          type: bool
          returned: always
          sample: false
    dir:
      description: The folder of the report.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337
    html:
      description: The report for people, one file that loads nothing from elsewhere.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/evidence.html
    json:
      description:
        - The report for programs, with all statistics. Its schema is C(files/evidence.schema.json) of the role
          P(community.thousandeyes.change_evidence#role).
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/evidence.json
    text:
      description:
        - The same as RV(evidence.markdown) without any marks, for work notes that render nothing.
        - V(null) if a report of an earlier version stays, which has none.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/evidence.txt
    markdown:
      description: The report as a comment on a ticket, of less than 4000 characters.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/evidence.md
    sha256sums:
      description: The checksums of the files.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/SHA256SUMS
    index:
      description:
        - The page of all changes with a report in O(dir). It says of each when the change ended, the verdict, how many
          tests have which verdict, how many snapshots there are, and whether a signature is there, but not whether that
          is right. In check mode, it is not written.
        - V(null) if it could not be brought up to date. The task warns then, and does not fail.
        - If nothing but this page is written, the task has not changed anything. So what depends on a new report, such
          as a comment on a ticket, is not done again.
      type: str
      returned: always
      sample: /srv/evidence/index.html
    signature:
      description:
        - The signature over C(SHA256SUMS). V(null) if there is none, or if O(sign_key) is given and it is by another
          key.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/SHA256SUMS.sig
    previous:
      description: Where the report was kept that this one replaced, or V(null).
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/previous/20261127T033000Z
    incomplete:
      description:
        - If an earlier report stays, the folder with what could be read now. All other values are those of the report
          that stays.
        - V(null) if no earlier report stays, and in check mode.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337/incomplete
ansible_facts:
  description: Facts of the host, for later tasks.
  returned: success
  type: dict
  contains:
    thousandeyes_evidence:
      description: The same as RV(evidence).
      returned: always
      type: dict
failure:
  description:
    - What went wrong, for playbooks. RV(ignore:msg) says it for people.
    - If the API refuses the results of one test, the task does not fail. The test is V(no_data).
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(invalid_request), an option breaks a rule.
        - V(unauthorized), the token is refused. Do not repeat it, since the vendor locks accounts out.
        - V(rate_limited), the API answered 429, and the wait that it asks for is too long.
        - V(unreachable), the API gave no answer.
        - V(unexpected_response), the API's answer is not a documented one, such as one with the status 504.
        - V(report_kept), the report there stays, since it knows more. But what could be read now makes a test
          V(degraded) that is not V(degraded) in that report. Compare the two.
        - V(api_retired), the API says that its version is gone.
        - V(missing_library), a Python library that the task needs, such as C(requests), is missing or broken where it
          runs, or Python is too old there.
        - V(report_unwritable), the files cannot be written. Those of an earlier report are as they were.
        - V(report_unsigned), O(sign_key) does not sign, or C(ssh-keygen) is missing or too old. The same.
      type: str
      returned: always
      sample: report_unwritable
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
      description:
        - More on some failures.
        - Where something was read, C(incomplete) is the folder where that is. With V(report_kept), C(dir) is that of
          the report.
      type: dict
      returned: always
"""
