#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export PYTHONPATH=$ROOT/tests

# The playbooks of the README, as they stand there.
python - "$ROOT/README.md" "$WORK" <<'PYTHON'
import pathlib, re, sys, yaml
blocks = re.findall(r"^```yaml\n(.*?)^```$", pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
# Besides, there is a file of requirements.
plays = [block for block in blocks if isinstance(yaml.safe_load(block), list)]
assert len(plays) >= 2 and len(blocks) == len(plays) + 1
for number, block in enumerate(plays):
    pathlib.Path(sys.argv[2], f"readme{number}.yml").write_text(block, encoding="utf-8")
PYTHON

for playbook in "$WORK"/readme*.yml; do
    # Or the quota that one used up would hold up the next.
    export THOUSANDEYES_LEDGER=$playbook.sqlite3
    python -c 'import sys; from simulator import Control; Control(sys.argv[1]).reset()' "$THOUSANDEYES_SIMULATOR"
    play "$playbook"
    play "$playbook"
    grep 'changed=0 .*failed=0' "$WORK/output"
done
