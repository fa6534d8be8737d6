# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user might script: create the snapshots of tests 1 to N, with no checks and no memory.

Usage: create_all.py N TITLE.
"""

from __future__ import annotations

import os
import sys

import requests


def main() -> None:
    url = os.environ["THOUSANDEYES_API_URL"]
    body = {
        "displayName": sys.argv[2],
        "startDate": "2018-10-06T00:00:00Z",
        "endDate": "2018-10-06T01:00:00Z",
        "isPublic": False,
    }
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {os.environ['THOUSANDEYES_API_TOKEN']}"
        for test_id in range(1, int(sys.argv[1]) + 1):
            response = session.post(f"{url}/v7/tests/{test_id}/snapshot", json=body, timeout=30)
            response.raise_for_status()
            print(response.json()["id"])


if __name__ == "__main__":
    main()
