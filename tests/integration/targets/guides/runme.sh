#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -euxo pipefail
source ../setup_simulator/simulator.sh

export PYTHONPATH=$ROOT/tests
token=$THOUSANDEYES_API_TOKEN
# A reader types it.
unset THOUSANDEYES_API_TOKEN

# The examples of the guides, as a reader runs them.
guides=$(python "$ROOT/tests/support/guides.py" "$WORK/guides")
[ -n "$guides" ]
for guide in $guides; do
    python -c 'import sys; from simulator import Control; Control(sys.argv[1]).reset(creation_limit=10)' "$THOUSANDEYES_SIMULATOR"
    cd "$WORK/guides/$guide"
    export THOUSANDEYES_LEDGER=$PWD/ledger.sqlite3
    if grep -q '^read -rs THOUSANDEYES_API_TOKEN$' guide.sh; then
        bash -eux guide.sh <<< "$token" 2>&1 | tee output
    else
        THOUSANDEYES_API_TOKEN=$token bash -eux guide.sh 2>&1 | tee output
    fi
    cd "$OLDPWD"
done

# What the guides say of it.
cd "$WORK/guides"
sed -n '/^+ ansible-playbook first.yml$/,/^+ ansible-playbook several.yml$/p' guide_first_evidence/output > twice
[ "$(grep -c 'changed=1 .*failed=0' twice)" = 1 ]
[ "$(grep -c 'changed=0 .*failed=0' twice)" = 1 ]
[ -s guide_change_evidence/evidence/CHG0031337/evidence.html ]
(cd guide_change_evidence/evidence/CHG0031337 && sha256sum --check SHA256SUMS)
[ -s guide_change_evidence/evidence/CHG0031338/evidence.md ]
grep 'rescued=1' guide_ledger/output
