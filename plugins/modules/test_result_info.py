#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: test_result_info
short_description: Read what a ThousandEyes test measured
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Reads what the agents of a test measured in a window of time, and sums it up for each agent and over all agents.
  - What was not measured is V(null), and never 0. If there are no results at all, as for a time before the test
    existed, after it was disabled, or that the API keeps no longer, the lists are empty and the task succeeds.
  - If reading fails in the middle, the task fails and returns nothing of what it read.
  - The work is done on the control node, in the process that runs the task, unless the task is delegated to a host
    whose connection is not local, or uses C(async).
  - "The shortest task, with the token in E(THOUSANDEYES_API_TOKEN), is
    C(community.thousandeyes.test_result_info: {test_id: 19955, to: 2026-11-27 15:00, hours: 1})"
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
      - The id of the test, or of the own test of a private snapshot, which has the results of its window.
      - Exactly one of O(test_id) and O(test_name) is required.
    type: str
    aliases: [testId]
  test_name:
    description:
      - The exact name of the test. It is looked up in the account group.
      - The task fails if no test or several tests have the name. Private snapshots do not count.
    type: str
  from:
    description:
      - When the window starts, such as C(2026-11-27 15:00:00), in UTC, or C(2026-11-27T16:00+01:00).
      - Results are of rounds. A round is in the window if it starts in it, and also if it starts just when the window
        ends. Other rounds that the API may return are dropped.
      - Exactly two of O(from), O(to) and O(hours) are required.
    type: str
  to:
    description:
      - When the window ends, written as O(from). It must be after O(from) and not in the future.
      - Unlike that of a snapshot, the window can have any length.
    type: str
  hours:
    description:
      - How long the window is, instead of O(from) or O(to). At least V(1).
    type: int
  layers:
    description:
      - The layers of results to read. If not given, all of these that the test has. They are in RV(test.layers).
      - The task fails if the test does not have a layer that is given.
    type: list
    elements: str
    choices: [network, http-server, page-load, dns-server]
  rows:
    description:
      - Whether to return RV(results[].rows). There is one for each agent and round, so there can be many.
    type: bool
    default: true
notes:
  - One request is made for the list of tests, and one for each page of each layer. The API allows 240 requests a minute
    for an organization. If a page is refused for that reason, the task waits for up to 90 seconds.
seealso:
  - module: community.thousandeyes.test_info
  - module: community.thousandeyes.snapshot
"""

EXAMPLES = r"""
- name: What was measured in the hour before a change?
  community.thousandeyes.test_result_info:
    api_token: "{{ thousandeyes_token }}"
    test_id: 19955
    to: "2026-11-27T01:00:00Z"
    hours: 1
  register: before

- name: Show the rounds that failed
  ansible.builtin.debug:
    msg: "{{ item.round }} {{ item.agent_name }}: {{ item.error }}"
  loop: "{{ before.results | map(attribute='rows') | flatten | selectattr('error') }}"
  loop_control:
    label: "{{ item.round }}"

- name: And in the hour after it? Only the web layer, and only the summary
  community.thousandeyes.test_result_info:
    api_token: "{{ thousandeyes_token }}"
    test_name: Web shop
    from: "2026-11-27T02:00:00+01:00"
    hours: 1
    layers: [http-server]
    rows: false
  register: after

- name: Stop if the web shop is less available than 99 percent, or was not measured
  ansible.builtin.assert:
    that:
      - web.availability.count > 0
      - web.availability.mean >= 99
    fail_msg: "{{ web.availability.mean }} percent of {{ web.availability.count }} measurements had no error"
  vars:
    web: "{{ after.results[0].summary.overall }}"

- name: Show the slowest agents first
  ansible.builtin.debug:
    msg: >-
      {{ after.results[0].summary.agents | rejectattr('metrics.response_time.p95', 'none')
      | sort(attribute='metrics.response_time.p95', reverse=true) | map(attribute='agent_name') }}
"""

RETURN = r"""
test:
  description:
    - The test. What the API does not return is V(null).
  returned: success
  type: dict
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
      description: The type, as in API V(v7).
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
      description: From the start of one round to that of the next, in seconds.
      type: int
      returned: always
      sample: 300
    description:
      description: The description.
      type: str
      returned: always
    created_by:
      description: Who created it.
      type: str
      returned: always
      sample: Operator (operator@example.com)
    created_date:
      description: When it was created, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-02-10T09:33:12Z"
    modified_by:
      description: Who changed it last.
      type: str
      returned: always
      sample: Operator (operator@example.com)
    modified_date:
      description: When it was changed last, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-09-14T11:02:21Z"
    layers:
      description: The layers of its results that can be read.
      type: list
      elements: str
      returned: always
      sample: [network, http-server]
window:
  description:
    - The window that was read.
  returned: success
  type: dict
  contains:
    from:
      description: When it starts, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-11-27T00:00:00Z"
    to:
      description: When it ends, as ISO 8601 in UTC.
      type: str
      returned: always
      sample: "2026-11-27T01:00:00Z"
results:
  description:
    - The results of each layer that was read, in the order V(network), V(http-server), V(page-load), V(dns-server).
    - The list is empty if the test has none of these.
  returned: success
  type: list
  elements: dict
  contains:
    layer:
      description: The layer.
      type: str
      returned: always
      sample: http-server
    rows:
      description:
        - What each agent measured in each round, sorted by the round, then by the id of the agent, then by the server.
        - Each row has all metrics of its layer. A metric without a number in the API's answer is V(null).
      returned: with O(rows=true)
      type: list
      elements: dict
      contains:
        agent_id:
          description: The id of the agent.
          type: str
          returned: always
          sample: "12"
        agent_name:
          description: The name of the agent, or V(null).
          type: str
          returned: always
          sample: London
        country:
          description: The code of the country of the agent, or V(null).
          type: str
          returned: always
          sample: GB
        round:
          description: When the round started, as ISO 8601 in UTC.
          type: str
          returned: always
          sample: "2026-11-27T00:05:00Z"
        round_id:
          description: When the round started, in seconds since 1970.
          type: str
          returned: always
          sample: "1795737900"
        server:
          description:
            - What was measured, if the API returns it, or V(null).
            - The host and port in the layer V(network), and the DNS server in V(dns-server), where an agent has a row
              for each server.
          type: str
          returned: always
          sample: shop.example.com:443
        error:
          description:
            - The kind of error and its details as the API returns them, or V(null) without an error.
            - It also names values that make no sense and hence are missing, a loss that is not 0 to 100 percent and
              negative times.
          type: str
          returned: always
          sample: "Connect: Connection timed out"
        loss:
          description: The share of packets lost, in percent.
          type: float
          returned: layer V(network)
          sample: 0.0
        latency_min:
          description: The shortest round trip of packets, in milliseconds.
          type: float
          returned: layer V(network)
          sample: 13.2
        latency_avg:
          description: The mean round trip of packets, in milliseconds.
          type: float
          returned: layer V(network)
          sample: 14.1
        latency_max:
          description: The longest round trip of packets, in milliseconds.
          type: float
          returned: layer V(network)
          sample: 15.9
        jitter:
          description: The standard deviation of the round trip, in milliseconds.
          type: float
          returned: layer V(network)
          sample: 0.38
        response_time:
          description: The time to the first byte of an HTTP response, in milliseconds.
          type: float
          returned: layer V(http-server) or V(page-load)
          sample: 187
        total_time:
          description: The time to the last byte of an HTTP response, in milliseconds.
          type: float
          returned: layer V(http-server)
          sample: 203
        connect_time:
          description: The time to connect, in milliseconds.
          type: float
          returned: layer V(http-server)
          sample: 33
        dns_time:
          description: The time to resolve the name, in milliseconds.
          type: float
          returned: layer V(http-server)
          sample: 9
        ssl_time:
          description: The time of the TLS handshake, in milliseconds.
          type: float
          returned: layer V(http-server)
          sample: 41
        availability:
          description:
            - The share of HTTP requests without an error, in percent. A measurement has V(100) if it had no error, and
              V(0) if it had one, so a mean is the share.
            - The API has no such field. This is whether C(errorType) is C(None), in whatever case. It is V(null) where
              there is no C(errorType).
          type: float
          returned: layer V(http-server)
          sample: 100
        dom_load_time:
          description: The time until the document is loaded, in milliseconds.
          type: float
          returned: layer V(page-load)
          sample: 870
        page_load_time:
          description: The time until a page is loaded, in milliseconds.
          type: float
          returned: layer V(page-load)
          sample: 1320
        resolution_time:
          description: The time to the answer of a DNS server, in milliseconds.
          type: float
          returned: layer V(dns-server)
          sample: 21
    summary:
      description:
        - The same rows in few numbers, whether or not they are returned.
      returned: always
      type: dict
      contains:
        overall:
          description:
            - Over the rows of all agents. Each row counts the same. For each metric of the layer, under its name in
              RV(results[].rows) and in the unit there, it has the numbers that are described here for C(loss).
          returned: always
          type: dict
          contains:
            loss: &statistics
              description:
                - All but the counts are V(null) where there is no value.
              returned: layer V(network)
              type: dict
              contains:
                count:
                  description: The number of values.
                  type: int
                  returned: always
                  sample: 59
                missing:
                  description:
                    - The number of values that are missing. That is the number of rows that have V(null), and of rows
                      that there are not.
                    - There should be a row of each agent in each round, and in the layer V(dns-server) of each agent
                      and each of its servers. Only those count that have a row in the window, and only rounds that have
                      one of any of them.
                    - So a round in which no agent measured anything does not count, nor an agent that measured
                      nothing in the whole window.
                  type: int
                  returned: always
                  sample: 1
                mean:
                  description: The arithmetic mean.
                  type: float
                  returned: always
                  sample: 0.23
                median:
                  description: >-
                    The value in the middle of the sorted values, or the mean of the two in the middle.
                  type: float
                  returned: always
                  sample: 0.0
                p95:
                  description:
                    - The 95th percentile, by linear interpolation between the sorted values. If there are C(n), it is
                      at the rank C(0.95 * n - 0.95), the smallest having rank 0.
                    - This is what spreadsheets call C(PERCENTILE.INC), and Python's C(statistics.quantiles) the method
                      C(inclusive).
                  type: float
                  returned: always
                  sample: 2.0
                min:
                  description: The smallest value.
                  type: float
                  returned: always
                  sample: 0.0
                max:
                  description: The largest value.
                  type: float
                  returned: always
                  sample: 4.0
        agents:
          description:
            - The same for each agent that has a row in the window, sorted by the id.
          returned: always
          type: list
          elements: dict
          contains:
            agent_id:
              description: The id of the agent.
              type: str
              returned: always
              sample: "12"
            agent_name:
              description: The name of the agent in its last row, or V(null).
              type: str
              returned: always
              sample: London
            metrics:
              description: Like RV(results[].summary.overall), over the rows of this agent.
              returned: always
              type: dict
              contains:
                loss: *statistics
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
        - V(not_found), there is no such test in the account group.
        - V(rate_limited), the API answered 429, and the wait that it asks for is too long.
        - V(unreachable), the API gave no answer.
        - V(unexpected_response), the API's answer is not a documented one, or its pages lead in a circle or nowhere.
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
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.test_result_info import RULES, SPEC, run


def main() -> None:
    run_module(run, SPEC, RULES)


if __name__ == "__main__":
    main()
