#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

export ANSIBLE_SHOW_CUSTOM_STATS=1
report=$WORK/evidence/CHG1

# The role knows nothing of versions of the API, so each is enough with one ansible-core.
export THOUSANDEYES_API_VERSION=v6
if core_before 2.19; then THOUSANDEYES_API_VERSION=v7; fi
play captures.yml

play report.yml
(cd "$report" && sha256sum --check SHA256SUMS)
grep -E '"verdict": "?degraded' "$WORK/output"

# By the playbook of the collection, without what the one above adds; in an AWX whose address is the placeholder.
AWX_HOST=https://towerhost play community.thousandeyes.change_evidence -e @change.yml -e change_evidence_phase=report \
  -e awx_job_id=7
! grep -F towerhost "$report/evidence.json" || exit 1
(cd "$report" && sha256sum --check SHA256SUMS)
grep 'changed=1 .*failed=0' "$WORK/output"

# A second change, beside the first; in an AWX that knows its address.
AWX_HOST=https://awx.example.com/ play community.thousandeyes.change_evidence -e @change.yml \
  -e change_evidence_phase=report -e change_evidence_id=CHG2 -e awx_job_id=8
grep -F '"job_url":"https://awx.example.com/#/jobs/playbook/8"' "$WORK/evidence/CHG2/evidence.json"
for change in CHG1 CHG2; do
  grep -c "href=\"$change/evidence.html\"" "$WORK/evidence/index.html"
done

# On another node, which has another ledger.
THOUSANDEYES_LEDGER=$WORK/elsewhere.sqlite3 play elsewhere.yml

unset THOUSANDEYES_API_VERSION
examples_of change_report
# They write beside their playbook.
cp examples.yml "$WORK/playbook.yml"
play "$WORK/playbook.yml"
