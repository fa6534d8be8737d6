# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options in _change/options.JUDGING, for people."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  layers:
    description:
      - The layers to compare. If not given, all of these that a test has.
    type: list
    elements: str
    choices: [network, http-server, page-load, dns-server]
  thresholds:
    description:
      - What a difference must reach to be called V(degraded) or V(improved).
      - A difference of times must reach both, the percentage and the milliseconds.
    type: dict
    suboptions:
      loss_points:
        description: The share of packets lost, in percentage points.
        type: float
        default: 1.0
      availability_points:
        description: The share of HTTP requests without an error, in percentage points.
        type: float
        default: 1.0
      latency_percent:
        description: The mean round trip of packets, in percent.
        type: float
        default: 10.0
      latency_ms:
        description: The mean round trip of packets, in milliseconds.
        type: float
        default: 5.0
      jitter_percent:
        description: The standard deviation of the round trip, in percent.
        type: float
        default: 50.0
      jitter_ms:
        description: The standard deviation of the round trip, in milliseconds.
        type: float
        default: 2.0
      response_time_percent:
        description: The time to the first byte of an HTTP response, in percent.
        type: float
        default: 15.0
      response_time_ms:
        description: The time to the first byte of an HTTP response, in milliseconds.
        type: float
        default: 20.0
      page_load_percent:
        description: The time until a page is loaded, in percent.
        type: float
        default: 15.0
      page_load_ms:
        description: The time until a page is loaded, in milliseconds.
        type: float
        default: 100.0
      resolution_percent:
        description: The time to the answer of a DNS server, in percent.
        type: float
        default: 15.0
      resolution_ms:
        description: The time to the answer of a DNS server, in milliseconds.
        type: float
        default: 3.0
  test_thresholds:
    description:
      - Thresholds of single tests, in place of those in O(thresholds). What is not given is as it is there.
    type: list
    elements: dict
    default: []
    suboptions:
      test:
        description: The id or the name of the test.
        type: str
        required: true
      loss_points:
        description: As O(thresholds.loss_points), for this test.
        type: float
      availability_points:
        description: As O(thresholds.availability_points), for this test.
        type: float
      latency_percent:
        description: As O(thresholds.latency_percent), for this test.
        type: float
      latency_ms:
        description: As O(thresholds.latency_ms), for this test.
        type: float
      jitter_percent:
        description: As O(thresholds.jitter_percent), for this test.
        type: float
      jitter_ms:
        description: As O(thresholds.jitter_ms), for this test.
        type: float
      response_time_percent:
        description: As O(thresholds.response_time_percent), for this test.
        type: float
      response_time_ms:
        description: As O(thresholds.response_time_ms), for this test.
        type: float
      page_load_percent:
        description: As O(thresholds.page_load_percent), for this test.
        type: float
      page_load_ms:
        description: As O(thresholds.page_load_ms), for this test.
        type: float
      resolution_percent:
        description: As O(thresholds.resolution_percent), for this test.
        type: float
      resolution_ms:
        description: As O(thresholds.resolution_ms), for this test.
        type: float
  outage_minutes:
    description:
      - Minutes without any success that count as an outage, at O(outage_share) of the agents. For one agent, three
        times as long. Failed rounds in a row are counted.
      - A single round is an outage only if all agents fail in it.
    type: float
    default: 5.0
  outage_share:
    description:
      - The share of the agents that must be affected by an outage, 0 to 1.
    type: float
    default: 0.5
  settle_minutes:
    description:
      - Minutes after O(end) that are reported, not judged. What happens in them is V(transient) at most.
    type: float
    default: 5.0
  must_see:
    description:
      - The size of change that a test must be able to show. If none of its metrics can, for too few rounds or too much
        noise, the test is V(inconclusive).
    type: dict
    suboptions:
      percent:
        description: How much longer times are, in percent.
        type: float
        default: 100.0
      points:
        description: How much more is lost or fails, in percentage points.
        type: float
        default: 25.0
  history_hours:
    description:
      - Hours before the start of O(before) that the history covers, at least. It always covers three times the time
        from the start of O(before) to the end of O(after), and the same hours a week earlier.
      - It is read only for tests that would be called V(degraded) or V(transient).
    type: float
    default: 48.0
  history_days:
    description:
      - Days that the history goes back, at most, up to 14. V(0) reads none.
    type: float
    default: 14.0
  history_exclude:
    description:
      - Spans of time that the history leaves out, such as incidents, and changes that have no report in O(dir).
      - Changes that have a report, and earlier attempts of this change, are always left out.
    type: list
    elements: dict
    default: []
    suboptions:
      from:
        description: The start of the span, written as O(start).
        type: str
        required: true
      to:
        description: The end of the span.
        type: str
        required: true
  leave_out:
    description:
      - Tests, agents and metrics that are known to be noisy. They are in the report, with the reason, and the verdict
        ignores them.
      - Each entry names a test, an agent or a metric. If it names several of these, all of them must fit.
    type: list
    elements: dict
    default: []
    suboptions:
      test:
        description: The id or the name of a test.
        type: str
      agent:
        description: The id or the name of an agent.
        type: str
      metric:
        description: A metric.
        type: str
        choices: [loss, latency, jitter, availability, response_time, page_load, resolution]
      reason:
        description: Why, as the report shows it.
        type: str
        required: true
"""
