# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steers the simulator in the process of the template: a module for each of the many small steps would take long."""

from __future__ import annotations

import json
import os
import urllib.request

from ansible.plugins.lookup import LookupBase

DOCUMENTATION = r"""
name: control
short_description: One request to the control side of the simulator
description:
  - Returns what the simulator answers. Fails where it refuses.
author:
  - community.thousandeyes contributors (@ansible-collections)
options:
  _terms:
    description: Method, path, and the body where there is one.
    required: true
"""


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        method, path, *body = terms
        request = urllib.request.Request(
            f"{os.environ['THOUSANDEYES_SIMULATOR']}/_control/{path}",
            method=method,
            data=json.dumps(body[0]).encode() if body else None,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=900) as answer:
            return [json.load(answer)]
