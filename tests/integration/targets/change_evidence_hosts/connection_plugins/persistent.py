# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that Ansible keeps open between tasks, like those to network devices, to what is not there."""

from __future__ import annotations

import os

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import NetworkConnectionBase

DOCUMENTATION = r"""
name: persistent
short_description: A persistent connection to nowhere
description:
  - Fails, and leaves the file C(connected) in the folder WORK.
options:
  persistent_command_timeout:
    description: Needed by Ansible.
    type: int
    default: 5
    vars:
      - name: ansible_command_timeout
  persistent_log_messages:
    description: Needed by Ansible.
    type: bool
    default: false
    vars:
      - name: ansible_persistent_log_messages
"""


class Connection(NetworkConnectionBase):
    transport = "persistent"
    force_persistence = True

    def get_options(self, *args, **kwargs):
        # What is asked for before such a connection is opened.
        with open(os.path.join(os.environ["WORK"], "connected"), "w", encoding="utf-8"):
            pass
        return super().get_options(*args, **kwargs)

    def _connect(self):
        raise AnsibleConnectionFailure("There is nobody.")
