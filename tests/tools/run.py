# Copyright (c) 2026, community.thousandeyes contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run all sessions of the noxfile, then say what was run, and what was not and why."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / ".build" / "report.json"


def blocks_of(output: list[str]) -> dict[str, tuple[str, list[str]]]:
    """How each session ended and what it printed; nox prints it at its end, below a line with its name."""
    blocks: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    for line in output:
        if found := re.fullmatch(r"=+ \S (\S.*): (\w+)(?:, .*)? =+", line):
            blocks[found[1]] = (found[2], lines := [])
        lines.append(line)
    return blocks


def left_out(lines: list[str]) -> list[str]:
    """The reasons why tests of a session were not run, as pytest and ansible-test tell them."""
    found = [re.fullmatch(r"SKIPPED \[\d+\] [^:]+(?::\d+)?: (.*)|WARNING: (Skipping .*)", line) for line in lines]
    return sorted({match[1] or match[2] for match in found if match})


def telling(lines: list[str]) -> list[str]:
    """What says best what failed: the findings, and the names below the last line of ansible-test; or else the end."""
    found = [line for line in lines if line.startswith(("FAILED tests", "ERROR"))][-5:]
    marks = [number for number, line in enumerate(lines) if line.startswith("FATAL:")]
    return found + (lines[marks[-1] :] if marks else []) or lines[-5:]


def main() -> int:
    REPORT.unlink(missing_ok=True)
    # One more than there are processors, since many tests wait most of the time.
    at_once = str((os.cpu_count() or 1) + 1)
    options = ["--parallel", at_once, "--allow-parallel", "--report", str(REPORT)]
    output: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "nox", *options],
        cwd=ROOT,
        env={**os.environ, "CI": "true"},  # or the session formatters would change what it should only check
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as nox:
        for line in nox.stdout or ():
            print(line, end="", flush=True)
            output.append(line.rstrip())
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

    blocks = blocks_of(output)
    reasons: dict[str, list[str]] = {}
    for name, (_status, lines) in blocks.items():
        for reason in left_out(lines):
            reasons.setdefault(reason, []).append(name)
    print("\nLeft out" if reasons else "\nNothing was left out in these.")
    for reason, names in sorted(reasons.items()):
        print(f"{reason[:200]}: {', '.join(sorted(names))}")

    counts = Counter(session["result"] for session in sessions)
    failed = len(sessions) - counts["success"] - counts["skipped"]
    # Where only the end of the output is kept, it still says what failed.
    for name, (status, lines) in blocks.items():
        if status in ("failed", "aborted"):
            print(f"\nFailed: {name}")
            print("\n".join(line[:200] for line in telling(lines)))
    print(f"\nsessions: {counts['success']} passed, {failed} failed, {counts['skipped']} skipped")
    return nox.returncode


if __name__ == "__main__":
    sys.exit(main())
