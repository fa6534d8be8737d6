#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
if ! command -v ssh-keygen; then
    # As ansible-test says of what it leaves out.
    echo "WARNING: Skipping evidence_verify, since there is no ssh-keygen here" >&2
    exit 0
fi
source ../setup_simulator/simulator.sh

cd "$WORK"
for name in alice bob; do ssh-keygen -q -t ed25519 -N '' -f "$name"; done
ssh-keygen -q -t ed25519 -N secret -f locked
echo "alice@example.com namespaces=\"thousandeyes-evidence\" $(cat alice.pub)" > signers
cd "$OLDPWD"

play report.yml
play verify.yml
examples_of evidence_verify
sed -i "s:/srv/:$WORK/:; s:/etc/thousandeyes/:$WORK/:; s:CHG0031337:CHG1:" "$WORK/examples.yml"
play examples.yml

# By the playbook, with paths as a reader gives them.
cd "$WORK"
ansible-playbook community.thousandeyes.verify_evidence -e evidence_dir=evidence/CHG1 -e evidence_signers=signers | tee output
grep 'Intact, and signed by alice@example.com (key SHA256:' output
grep 'By its own words, the report is that of CHG1, made at ' output
grep 'changed=0 .*failed=0' output
if ansible-playbook community.thousandeyes.verify_evidence > output; then exit 1; fi
grep 'Say which report to verify: -e evidence_dir=' output
ansible-playbook community.thousandeyes.verify_evidence -e "evidence_dir=$PWD/evidence/CHG1" --check | tee output
grep 'nobody says whose that is' output
echo >> evidence/CHG1/evidence.html
for more in '-e evidence_signers=signers' ''; do
    # shellcheck disable=SC2086
    if ansible-playbook community.thousandeyes.verify_evidence -e evidence_dir=evidence/CHG1 $more > output; then exit 1; fi
    grep 'Not intact. Changed: evidence.html. The sums are as ' output
done
