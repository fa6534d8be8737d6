#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: change_watch
short_description: Watch ThousandEyes tests after a change, and create snapshots of what is degraded
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Looks at what tests measure after a change while the window after the change is still going on, and ends as soon as
    something is degraded. Then it creates snapshots of that, so that there is evidence of a change that failed.
  - The looks are fixed beforehand, from O(after), O(settle_minutes) and the interval of a test. The first is when three
    rounds after the settle time have ended, and the last when the window ends. There are 48 at most, closer together at
    the start.
  - A test is V(degraded) early if the same metric and agent is worse at two looks in a row, and the history says that
    this is not usual. Nothing is called V(ok) or V(improved) before the window ends. The last look judges the whole
    window, as M(community.thousandeyes.change_report) does. False alarms are no more
    likely than in a report. See
    R(how the verdict judges,ansible_collections.community.thousandeyes.docsite.guide_verdict).
  - A look sees the rounds that ended before it, and no others. So a task that was stopped can be repeated, on another
    node, too. It makes up for the looks it missed, and reaches the same verdict.
  - Agents that have not delivered a round are waited for until 2 minutes after its end. If the API cannot be reached
    for a while, or answers 429 or 503, the look is made when the next one is due.
  - If the API refuses the results of one test, with a status such as 403 or 404, that test is V(no_data). If it
    refuses those of all, or the token, the task fails.
  - The task never fails because of a verdict. It only warns if a snapshot could not be created.
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is
    C(community.thousandeyes.change_watch: {change_id: CHG0031337, start: 2026-11-27 13:00, end: 2026-11-27 14:00,
    before: {from: 2026-11-27 12:00, to: 2026-11-27 13:00},
    after: {from: 2026-11-27 14:00, to: 2026-11-27 15:00},
    tests: [{test_id: 19955}], layers: [network]})"
attributes:
  check_mode:
    support: full
    details:
      - It makes the looks that are past, waits for nothing, and creates no snapshots. RV(watch.plan) has all looks, and
        RV(watch.requests) says how many requests a watch takes.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: A snapshot of a test with this title, of the time after the change, is not created again.
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
  - community.thousandeyes.ledger
  - community.thousandeyes.ledger.quota
options:
  change_id:
    description:
      - The name of the change, such as the number of its ticket. Snapshots are titled with it, and C(degraded).
    type: str
    required: true
  start:
    description:
      - When the change started, written as for O(community.thousandeyes.snapshot#module:from).
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
    type: dict
    required: true
  after:
    description:
      - The window after the change, in which the task looks. It need not be over.
    type: dict
    required: true
  tests:
    description:
      - The tests, as M(community.thousandeyes.test_info) returns them in
        RV(community.thousandeyes.test_info#module:tests), and as O(community.thousandeyes.change_report#module:tests)
        takes them.
    type: list
    elements: dict
    required: true
  dir:
    description:
      - Where M(community.thousandeyes.change_report) writes. The history leaves out the changes that have a report
        there. Nothing is written.
    type: path
  watch_minutes:
    description:
      - How long the task may wait, in minutes. Then it ends with RV(watch.finished=false), and goes on from there when
        it is repeated. It ends at once if the next look is later. With V(0) it makes only the looks that are past.
    type: int
    default: 120
  freeze:
    description:
      - Create snapshots of the tests that are degraded, the worst first, as many as the quota allows at once and as fit
        into a minute. They end with the last round of the look that called the test degraded, and are the smallest
        that cover the change, as far as possible.
    type: bool
    default: true
notes:
  - No more than half of the requests that the API still takes in a minute are used. With many tests, a look takes the
    longer for that; 200 tests of two layers take about 3.4 minutes.
  - A look takes one request for each layer of each test. For what would be called V(degraded), each page of the history
    is one more.
seealso:
  - module: community.thousandeyes.change_report
  - module: community.thousandeyes.snapshot
"""

EXAMPLES = r"""
- name: Find the tests
  community.thousandeyes.test_info:
    api_token: "{{ thousandeyes_token }}"
    name_regex: (?i)shop
    enabled: true
  register: found

- name: Is it worse after the change?
  community.thousandeyes.change_watch:
    api_token: "{{ thousandeyes_token }}"
    change_id: CHG0031337
    start: "{{ change.start }}"
    end: "{{ change.end }}"
    before: "{{ change | community.thousandeyes.window('before') }}"
    after: "{{ change | community.thousandeyes.window('after') }}"
    tests: "{{ found.tests }}"
  register: watched
  vars:
    change:
      start: "2026-11-27T02:00:00+01:00"
      end: "2026-11-27T03:30:00+01:00"

- name: Stop if a test is degraded
  ansible.builtin.assert:
    that: watched.watch.verdict != 'degraded'
    fail_msg: "{{ watched.watch.tests | map(attribute='reason') | join(' ') }}"
"""

RETURN = r"""
watch:
  description:
    - How the tests stand after the last look.
    - Also set as the fact C(thousandeyes_watch) of the host.
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
        - V(degraded) as soon as a test is, and V(watching) as long as there are looks to come.
        - After the last look it is the worst of all tests, in the order V(degraded), V(no_data), V(transient),
          V(inconclusive), V(improved), V(ok). Tests that are left out have no say.
      type: str
      returned: always
      sample: degraded
    finished:
      description: Whether a test is degraded, or the last look was made. Else it goes on when the task is repeated.
      type: bool
      returned: always
      sample: true
    look:
      description: The number of the last look that was made, or V(0).
      type: int
      returned: always
      sample: 2
    looks:
      description: How many there are.
      type: int
      returned: always
      sample: 9
    at:
      description: When the last look was due. It has seen the rounds that ended until then. V(null) if there was none.
      type: str
      returned: always
      sample: "2026-11-27T02:55:00Z"
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
        verdict:
          description: As RV(watch.verdict), for the test.
          type: str
          returned: always
          sample: degraded
        reason:
          description: Why, in a sentence. Times are in UTC.
          type: str
          returned: always
          sample: "Response time rose from 182 to 262 ms (+44 %), since 22:40 UTC."
        since:
          description: Since when it is degraded, as far as that is known; else V(null).
          type: str
          returned: always
          sample: "2026-11-27T02:40:00Z"
    frozen:
      description:
        - The snapshots of what is degraded, each as in RV(community.thousandeyes.snapshot#module:snapshot). Those that
          existed are among them.
      type: list
      elements: dict
      returned: always
    not_frozen:
      description: The tests that are degraded and of which there is no snapshot.
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
        reason:
          description: Why, in a sentence.
          type: str
          returned: always
        retry_at:
          description: From when on a snapshot can be taken, or V(null) where that is not a matter of time.
          type: str
          returned: always
          sample: "2026-11-27T03:01:00Z"
    retry_at:
      description: When the next look is, and so when to repeat the task; V(null) if it is finished.
      type: str
      returned: always
      sample: "2026-11-27T03:00:00Z"
    plan:
      description: When all looks are.
      type: list
      elements: str
      returned: in check mode
      sample: ["2026-11-27T02:50:00Z", "2026-11-27T02:55:00Z"]
    requests:
      description: How many requests a watch takes from now on, without histories, with one page of results a layer.
      type: int
      returned: in check mode
      sample: 22
ansible_facts:
  description:
    - Facts of the host, for later tasks. If a snapshot was taken, the facts of M(community.thousandeyes.snapshot) are
      set, too.
  returned: success
  type: dict
  contains:
    thousandeyes_watch:
      description: The same as RV(watch).
      returned: always
      type: dict
failure:
  description:
    - What went wrong, for playbooks. RV(ignore:msg) says it for people.
    - No verdict is a failure, and neither is a snapshot that could not be taken.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(invalid_request), an option breaks a rule, or the API refuses the results of all tests.
        - V(unauthorized), the token is refused. Do not repeat it, since the vendor locks accounts out.
        - V(forbidden), the token may not read the results of any test.
        - V(not_found), none of the tests exists.
        - V(rate_limited), the API answered 429 to another question, and the wait that it asks for is too long.
        - V(unreachable), the API gave no answer, for a reason that does not pass.
        - V(unexpected_response), the API's answer is not a documented one, such as one of a proxy.
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
