# Copyright (c) 2026, community.thousandeyes contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run all sessions of the noxfile, then say what was run, and what was not and why."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / ".build" / "report.json"


def main() -> int:
    REPORT.unlink(missing_ok=True)
    options = ["--parallel", "auto", "--allow-parallel", "--report", str(REPORT)]
    status = subprocess.call([sys.executable, "-m", "nox", *options], cwd=ROOT)
    sessions = json.loads(REPORT.read_text(encoding="utf-8"))["sessions"]

    print("\nSession                  Result   Seconds")
    tested: dict[str, list[str]] = {}
    for session in sessions:
        name = session["signatures"][-1]
        print(f"{name:24} {session['result']:8} {session['duration']:7.0f}  {session['reason'] or ''}".rstrip())
        # unit(2.21-py3.13) has a core, unit_target-3.9 has none.
        if found := re.fullmatch(r"(\w+)(?:\((.*)-py|-)(3\.\d+)\)?", name):
            what = tested.setdefault(
                f"{'ansible-core ' + found[2] if found[2] else 'no ansible-core':18}Python {found[3]:6}", []
            )
            what += [] if session["result"] == "skipped" else [found[1]]

    print("\nRun")
    for where, what in sorted(tested.items()):
        print(where + (", ".join(what) or "NOTHING: this Python is not here"))

    counts = Counter(session["result"] for session in sessions)
    failed = len(sessions) - counts["success"] - counts["skipped"]
    print(f"\nsessions: {counts['success']} passed, {failed} failed, {counts['skipped']} skipped")
    return status


if __name__ == "__main__":
    sys.exit(main())
