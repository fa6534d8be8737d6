#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_SHOW_CUSTOM_STATS=1
report=$WORK/evidence/CHG1

for version in v6 v7; do
    export THOUSANDEYES_API_VERSION=$version THOUSANDEYES_LEDGER=$WORK/$version.sqlite3
    rm -rf "$WORK/evidence"
    play captures.yml

    play report.yml
    (cd "$report" && sha256sum --check SHA256SUMS)
    grep -E '"verdict": "?degraded' "$WORK/output"

    # By the playbook of the collection, without what the one above adds.
    play community.thousandeyes.change_evidence -e @change.yml -e change_evidence_phase=report
    (cd "$report" && sha256sum --check SHA256SUMS)
    grep 'changed=1 .*failed=0' "$WORK/output"

    # On another node, which has another ledger.
    THOUSANDEYES_LEDGER=$WORK/$version.elsewhere.sqlite3 play elsewhere.yml
done

unset THOUSANDEYES_API_VERSION
examples_of change_report
# They write beside their playbook.
cp examples.yml "$WORK/playbook.yml"
play "$WORK/playbook.yml"
