# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether all text came to the reports and to the API as it was written. Argument: the folder of the reports."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path

TEXT = json.loads(Path("text.json").read_text(encoding="utf-8"))
reports = [json.loads(path.read_text(encoding="utf-8")) for path in Path(sys.argv[1]).glob("*/evidence.json")]
assert sorted(report["change"]["id"] for report in reports) == sorted(TEXT["ids"]), reports
for report in reports:
    first = TEXT["ids"].index(report["change"]["id"])
    told = {name: report["about"][name] for name in ("approver", "description")}
    assert told == dict.fromkeys(told, report["change"]["id"]), report
    places = [first] if first else range(6)
    assert [test["test_name"] for test in report["tests"]] == [TEXT["names"][place] for place in places], report
    assert [test["test_id"] for test in report["tests"]] == [str(7000 + place) for place in places], report
url = f"{os.environ['THOUSANDEYES_SIMULATOR']}/_control/creations"
with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
    creations = json.load(answer)
assert sorted((row["display_name"], row["source_test_id"]) for row in creations) == [
    ("(1,2) # before", 7000),
    ("1.10 before", 7002),
], creations
