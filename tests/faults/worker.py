# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One worker of the randomized run: captures random snapshots until it is killed, and keeps a history.

Usage: worker.py LEDGER URL HISTORY SEED. The history has two lines for each capture: what is asked for, and its end.
Or worker.py LEDGER URL: it captures what the lines that it reads ask for, and prints the ends.
"""

from __future__ import annotations

import json
import random
import sys
import time
import typing as t
from datetime import datetime, timedelta, timezone

from ansible_collections.community.thousandeyes.plugins.module_utils._api.client import open_api
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.capture import Capture
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.policy import Policy
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import SystemClock
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import Connection
from ansible_collections.community.thousandeyes.plugins.module_utils._core.errors import ThousandEyesError
from ansible_collections.community.thousandeyes.plugins.module_utils._ledger.select import open_ledger
from ansible_collections.community.thousandeyes.plugins.module_utils._core.quota import Quota
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.windows import Window
from simulator import TOKEN

TESTS = ("19955", "817", "20001", "20002", "20003", "20004", "20005", "20006", "20007", "20008")
START = datetime(2018, 10, 6, tzinfo=timezone.utc)
TIMEOUT = 2
# In seconds. Short enough to wait for, and longer than any delay that the run injects is longer than the time-out.
LAG = 2.0
# As short, and longer than any request is under way.
LONGEST = 12.0


def settle_soon() -> None:
    """What is in doubt is settled in seconds, not in minutes: wherever these numbers have come to by now."""
    modules = [module for name, module in sys.modules.items() if ".thousandeyes.plugins.module_utils." in name]
    for constant, seconds in (("LAG", LAG), ("LONGEST", LONGEST)):
        having = [module for module in modules if hasattr(module, constant)]
        # If there is none by that name any more, the run would wait for minutes.
        assert having, constant
        for module in having:
            setattr(module, constant, seconds)


def capture(location: str, url: str, test_id: str, display_name: str, is_public: bool) -> dict[str, t.Any]:
    """How it ended."""
    request = SnapshotRequest(
        api_host=url.partition("//")[2],
        aid=None,
        test_id=test_id,
        display_name=display_name,
        window=Window(START, START + timedelta(hours=1)),
        is_public=is_public,
    )
    clock = SystemClock()
    ledger = open_ledger(location, clock)
    api = open_api(Connection(url, "v7", TOKEN, None, True, None, TIMEOUT), clock)
    policy = Policy(Quota("org", 100_000, 1), quota_wait=5, force=False, retry_unknown=False)
    try:
        record = Capture(ledger, lambda: api, clock, policy, _quiet, _quiet).ensuring.ensure(request)
        return {"end": record.status, "snapshot_test_id": record.snapshot_test_id}
    except ThousandEyesError as error:
        return {"end": error.code, "message": error.message}
    finally:
        api.close()
        ledger.close()


def _quiet(_text: str) -> None:
    pass


def at_random(location: str, url: str, history: t.TextIO, choice: random.Random) -> None:
    while True:
        # All workers want the same few snapshots, and soon others.
        title = f"title {int(time.time()) + choice.randrange(3)}"
        asked = (choice.choice(TESTS), title, choice.random() < 0.3)
        print(json.dumps(asked), file=history, flush=True)
        print(json.dumps(capture(location, url, *asked)), file=history, flush=True)


def main() -> None:
    settle_soon()
    location, url, *more = sys.argv[1:]
    if more:
        path, seed = more
        with open(path, "w", encoding="utf-8") as history:
            at_random(location, url, history, random.Random(int(seed)))
    for line in sys.stdin:
        print(json.dumps(capture(location, url, *json.loads(line))))


if __name__ == "__main__":
    main()
