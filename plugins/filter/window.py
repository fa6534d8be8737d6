# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: window
short_description: Find the window of time before, after or around a change
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Turns the start and the end of a change into C(from) and C(to) of a window that snapshots can have, the smallest
    one unless O(hours) asks for more.
  - Fails with the reason if there is no such window, or if the change is not described in this way.
  - The filter does not look at the clock. If the window is not over yet,
    M(community.thousandeyes.snapshot) fails and says when it will be.
positional: _input, which, hours
options:
  _input:
    description:
      - The change.
      - Times are written as for O(community.thousandeyes.snapshot#module:from). What YAML makes of a time is fine too,
        and so is what C(now) returns with C(utc=true).
      - They are in UTC unless there is an offset. Seconds may be left out, and a fraction of a second is dropped.
    type: dict
    required: true
    suboptions:
      start:
        description:
          - When the change starts.
          - Required for O(which=before) and O(which=covering).
        type: str
      end:
        description:
          - When the change ends, not before O(_input.start).
          - Required for O(which=after) and O(which=covering).
        type: str
  which:
    description:
      - V(before) ends when the change starts.
      - V(after) begins when the change ends.
      - V(covering) has all of the change in it, which may be 48 hours long at most, and ends when the change ends. If
        it is longer than the change, it starts before the change, since it must not end in the future. So the snapshot
        can be taken as soon as the change has ended.
    type: str
    choices: [before, after, covering]
    required: true
  hours:
    description:
      - How long the window is. For O(which=covering), how long it is at least.
    type: int
    choices: [1, 2, 4, 6, 12, 24, 48]
    default: 1
seealso:
  - module: community.thousandeyes.snapshot
"""

EXAMPLES = r"""
- name: Keep what was measured before, during and after a change
  community.thousandeyes.snapshot:
    test_id: 19955
    display_name: CHG0031337 {{ item }}
    from: "{{ window.from }}"
    to: "{{ window.to }}"
  loop: [before, covering, after]
  vars:
    change:
      start: "2026-11-27T01:30:00+01:00"
      end: "2026-11-27T03:00:00+01:00"
    window: "{{ change | community.thousandeyes.window(item) }}"

# before   2026-11-26T23:30:00Z to 2026-11-27T00:30:00Z
# covering 2026-11-27T00:00:00Z to 2026-11-27T02:00:00Z, with 1800 seconds before the change
# after    2026-11-27T02:00:00Z to 2026-11-27T03:00:00Z

- name: Note when the change starts
  ansible.builtin.set_fact:
    change_start: "{{ now(utc=true) }}"

- name: Make the change
  ansible.builtin.debug:
    msg: This is where the work is done

- name: Note when it is done
  ansible.builtin.set_fact:
    change: {start: "{{ change_start }}", end: "{{ now(utc=true) }}"}

- name: Keep at least four hours up to the end of the change
  community.thousandeyes.snapshot:
    test_id: 19955
    display_name: CHG0031338
    from: "{{ window.from }}"
    to: "{{ window.to }}"
  vars:
    window: "{{ change | community.thousandeyes.window('covering', hours=4) }}"

- name: Show how long it was measured before the change
  ansible.builtin.debug:
    msg: "{{ (change | community.thousandeyes.window('covering', hours=4)).padding_before }} seconds"
"""

RETURN = r"""
_value:
  description: The window.
  type: dict
  contains:
    from:
      description: When the window starts, as ISO 8601 in UTC.
      type: str
      sample: "2026-11-27T00:00:00Z"
    to:
      description: When the window ends, as ISO 8601 in UTC.
      type: str
      sample: "2026-11-27T02:00:00Z"
    hours:
      description: How long the window is.
      type: int
      sample: 2
    padding_before:
      description: How many seconds of it are before the change. V(0) unless O(which=covering).
      type: int
      sample: 1800
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.community.thousandeyes.plugins.module_utils._core.change_windows import window_of_change
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import InvalidRequest


def window(change: object, which: object, hours: object = 1) -> dict[str, t.Any]:
    try:
        return window_of_change(change, which, hours)
    except InvalidRequest as error:
        raise AnsibleFilterError(f"window: {error.message}") from error


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"window": window}
