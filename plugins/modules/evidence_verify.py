#!/usr/bin/python
# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: evidence_verify
short_description: Check whether anybody has touched the report of a change, and who signed it
version_added: 1.0.0
author:
  - community.thousandeyes contributors (@ansible-collections)
description:
  - Checks the files of a report by M(community.thousandeyes.change_report) against C(SHA256SUMS), and C(SHA256SUMS)
    against its signature. Says what that proves, and what not.
  - The task fails if a file was changed, is missing, or is in no sum, or if the signature does not fit. Reports
    in C(previous) and C(incomplete) are not looked at.
  - Nothing is asked of the API, nothing is written, and there are no options for the connection.
  - The playbook C(community.thousandeyes.verify_evidence) does no more than this. See
    R(the guide,ansible_collections.community.thousandeyes.docsite.guide_change_evidence.signature).
  - "The shortest task is C(community.thousandeyes.evidence_verify: {dir: evidence/CHG0031337})"
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
  async:
    support: full
  action:
    support: full
  facts:
    support: none
extends_documentation_fragment:
  - community.thousandeyes.attributes
options:
  dir:
    description: The folder of the report, with C(SHA256SUMS) in it.
    type: path
    required: true
  signers:
    description:
      - Who may have signed the report, as an allowed signers file of C(ssh-keygen). The task fails if none of them did.
      - If not given, a signature is only checked against the sums, and there need not be one.
    type: path
notes:
  - A signature is checked by C(ssh-keygen) of OpenSSH 8.2 or newer.
seealso:
  - module: community.thousandeyes.change_report
"""

EXAMPLES = r"""
- name: Has anybody touched the report since one of us signed it?
  community.thousandeyes.evidence_verify:
    dir: /srv/evidence/CHG0031337
    signers: /etc/thousandeyes/signers
  register: verified

- name: Say what that proves
  ansible.builtin.debug:
    msg: "{{ verified.evidence.says }} {{ verified.evidence.proves }}"
"""

RETURN = r"""
evidence:
  description: What was found, if the report is intact and signed as asked for.
  returned: success
  type: dict
  contains:
    dir:
      description: The folder of the report.
      type: str
      returned: always
      sample: /srv/evidence/CHG0031337
    files:
      description: The files that fit their sums.
      type: list
      elements: str
      returned: always
      sample: [evidence.html, evidence.json, evidence.md]
    signed_by:
      description: The name that O(signers) has for the key. V(null) if the report is not signed, or without O(signers).
      type: str
      returned: always
      sample: evidence@example.com
    fingerprint:
      description: The fingerprint of the key. V(null) if the report is not signed.
      type: str
      returned: always
      sample: SHA256:qyFT8Dz0oBH7z7v5JEUrCqnNgofCUrkcaKcW4SLaTOA
    change_id:
      description: The change, as the report says it. V(null) if it does not.
      type: str
      returned: always
      sample: CHG0031337
    made_at:
      description: When the report was made, as it says itself. Nothing proves that. V(null) if it does not say so.
      type: str
      returned: always
      sample: "2026-11-27T15:10:00Z"
    says:
      description: What was found, in a sentence.
      type: str
      returned: always
      sample: Intact, and signed by evidence@example.com (key SHA256:qyFT8Dz0oBH7z7v5JEUrCqnNgofCUrkcaKcW4SLaTOA).
    proves:
      description: What that proves, and what not.
      type: str
      returned: always
failure:
  description:
    - What went wrong, for playbooks. RV(ignore:msg) says it for people.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - V(evidence_changed), files, sums or signature were changed.
        - V(evidence_untrusted), O(signers) is given, and the report is not signed by one of them.
        - V(evidence_unchecked), there is a signature, and no C(ssh-keygen) that checks it.
        - V(invalid_request), there is no report, a file cannot be read, or an option breaks a rule.
        - V(missing_library), Python is too old where the task runs.
      type: str
      returned: always
      sample: evidence_changed
    status:
      description: Always V(null).
      type: int
      returned: always
    message:
      description: The same as RV(ignore:msg).
      type: str
      returned: always
    retry_at:
      description: Always V(null).
      type: str
      returned: always
    details:
      description: With V(evidence_changed), the files that are C(changed), C(missing) or C(unnamed) in the sums.
      type: dict
      returned: always
"""

from ansible_collections.community.thousandeyes.plugins.module_utils import _python  # noqa: F401  # pylint: disable=unused-import
from ansible_collections.community.thousandeyes.plugins.module_utils._execution import run_module
from ansible_collections.community.thousandeyes.plugins.module_utils._tasks.evidence_verify import SPEC, run


def main() -> None:
    run_module(run, SPEC)


if __name__ == "__main__":
    main()
