# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options in _options.CONNECTION, for people."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_token:
    description:
      - The token of the ThousandEyes user, from Account Settings > Users and Roles > User API Tokens. If
        not given, E(THOUSANDEYES_API_TOKEN) or E(TE_TOKEN) is used.
    type: str
    required: true
    aliases: [auth_token]
  api_email:
    description:
      - The e-mail address of the ThousandEyes user. With it, API V(v6) is used with HTTP Basic authentication; without
        it, and always with V(v7), O(api_token) is a Bearer token.
      - If not given, E(THOUSANDEYES_API_EMAIL) is used.
    type: str
  api_url:
    description:
      - The address of the API. A version at its end must be O(api_version).
      - If not given, E(THOUSANDEYES_API_URL), E(TE_BASE_URL) or E(TE_API_ENDPOINT) is used.
    type: str
    default: https://api.thousandeyes.com
  api_version:
    description:
      - The version of the API to use. The vendor stopped supporting V(v6) on 2025-05-27.
      - If not given, E(THOUSANDEYES_API_VERSION) is used.
    type: str
    choices: [v6, v7]
    default: v7
  validate_certs:
    description:
      - Whether to check the certificate of the API.
    type: bool
    default: true
  ca_path:
    description:
      - File or folder with the certificates of the authorities to trust, instead of those of the Python library
        requests. Ignored with O(validate_certs=false).
    type: path
  timeout:
    description:
      - Longest time to wait for the connection, and then for each part of the answer, in seconds. 300 at the most.
      - A request that creates ends within twice that time and 500 seconds, one that reads within ten times that time.
    type: int
    default: 30
requirements:
  - requests (where the task runs)
"""
