# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local connection as another host: by its name, its home, and a record of what is run there."""

from __future__ import annotations

import os
import shlex

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = r"""
name: elsewhere
short_description: Run on this machine, as if it were another one
description:
  - The home is the folder C(elsewhere) in the folder WORK, and each command is written to C(elsewhere.log) there.
author:
  - community.thousandeyes contributors (@ansible-collections)
extends_documentation_fragment:
  - connection_pipelining
"""


class Connection(LocalConnection):
    transport = "elsewhere"

    def exec_command(self, cmd, in_data=None, sudoable=True):
        work = os.environ["WORK"]
        home = os.path.join(work, "elsewhere")
        os.makedirs(home, exist_ok=True)
        with open(os.path.join(work, "elsewhere.log"), "a", encoding="utf-8") as log:
            log.write(f"{cmd}\n")
        return super().exec_command(f"HOME={shlex.quote(home)} {cmd}", in_data=in_data, sudoable=sudoable)
