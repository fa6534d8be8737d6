#!/usr/bin/env bash
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
source ../setup_simulator/simulator.sh

# Names and bytes of all files of the ledger.
ledger() { find "$WORK" -name 'ledger*' -type f -exec sha256sum {} + | sort; }

play --check --diff planned.yml
grep -F '+            "view_url": null' "$WORK/output"
[ -z "$(ledger)" ]

play --diff created.yml
grep -F '+            "link_id": "wdiac"' "$WORK/output"
before=$(ledger)
[ -n "$before" ]

play --check --diff existing.yml
[ "$(ledger)" = "$before" ]
