# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release. Do not import it from elsewhere.

"""What can go wrong, as one exception family. The code of each is part of the interface: playbooks test it."""

from __future__ import annotations

import typing as t


class ThousandEyesError(Exception):
    """A failure that a task reports as C(msg) and C(failure).

    ``certain`` says whether it is certain that the API created nothing: where it is not, a POST must not be sent again.
    ``passing`` says whether the same request may succeed a little later. ``spreads`` says whether others in the same
    task would run into it too: it is not about the one test or snapshot.
    """

    code: str
    certain = True
    passing = False
    spreads = True

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_at: str | None = None,
        details: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_at = retry_at
        self.details = details or {}

    def add(self, sentence: str) -> None:
        """What somebody knows who sees it on its way up."""
        self.message = f"{self.message} {sentence}".rstrip()

    def failure(self) -> dict[str, t.Any]:
        """The C(failure) of a task's result."""
        return {
            "code": self.code,
            "status": self.status,
            "message": self.message,
            "retry_at": self.retry_at,
            "details": self.details,
        }

    def result(self) -> dict[str, t.Any]:
        """The result of a task that failed with this and did nothing."""
        return {"failed": True, "changed": False, "msg": self.message, "failure": self.failure()}


class InvalidRequest(ThousandEyesError):
    """An option breaks a rule, found before any request; or the API refused the request as invalid."""

    code = "invalid_request"
    spreads = False


class MissingLibrary(ThousandEyesError):
    """A Python library that the task needs is missing or broken where it runs, or Python is too old there."""

    code = "missing_library"


class Unauthorized(ThousandEyesError):
    code = "unauthorized"


class Forbidden(ThousandEyesError):
    code = "forbidden"
    spreads = False


class NotFound(ThousandEyesError):
    code = "not_found"
    spreads = False


class ApiRetired(ThousandEyesError):
    """The server says that this version of the API is gone."""

    code = "api_retired"


class QuotaExhausted(ThousandEyesError):
    """The creation quota, as the ledger knows it, has no room within the time that the task may wait."""

    code = "quota_exhausted"


class RateLimited(ThousandEyesError):
    """The API answered 429. ``not_before`` is when it may be asked again (epoch seconds), where the answer tells."""

    code = "rate_limited"
    passing = True

    def __init__(self, message: str, *, not_before: float | None = None, **kwargs: t.Any) -> None:
        super().__init__(message, **kwargs)
        self.not_before = not_before


class Unreachable(ThousandEyesError):
    """No answer. ``certain`` where the request's body had not begun to leave."""

    code = "unreachable"

    def __init__(self, message: str, *, certain: bool, passing: bool) -> None:
        super().__init__(message)
        self.certain = certain
        self.passing = passing


class UnexpectedResponse(ThousandEyesError):
    """An answer that the contract does not know. Whether the request was processed is not known, unless said.

    ``foreign``: it is not one of the API, but of something in between.
    """

    code = "unexpected_response"

    def __init__(
        self, message: str, *, certain: bool = False, passing: bool = False, foreign: bool = False, **kwargs: t.Any
    ) -> None:
        super().__init__(message, **kwargs)
        self.certain = certain
        self.passing = passing
        self.spreads = passing or foreign


class OutcomeUnknown(ThousandEyesError):
    """An earlier or this attempt to create the snapshot had no answer that settles it, so it may exist."""

    code = "outcome_unknown"
    spreads = False


class VisibilityContradicted(ThousandEyesError):
    """The API says of a private snapshot that it is not private. ``made``: its record, where this task asked for it."""

    code = "visibility_contradicted"

    def __init__(self, message: str, *, made: t.Any = None, **kwargs: t.Any) -> None:
        super().__init__(message, **kwargs)
        self.made = made


class LedgerUnavailable(ThousandEyesError):
    """The ledger cannot be read or durably written."""

    code = "ledger_unavailable"


class ReportUnwritable(ThousandEyesError):
    """The report of a change cannot be read or durably written."""

    code = "report_unwritable"


class ReportKept(ThousandEyesError):
    """The report that is there knows more than a new one would, and the new one found what that one does not say."""

    code = "report_kept"


class ReportUnsigned(ThousandEyesError):
    """The report of a change cannot be signed as it was asked for."""

    code = "report_unsigned"


class EvidenceChanged(ThousandEyesError):
    """The files of a report are not those that were written, by their sums or by the signature over these."""

    code = "evidence_changed"


class EvidenceUntrusted(ThousandEyesError):
    """A report is not signed by any of those who may have signed it."""

    code = "evidence_untrusted"


class EvidenceUnchecked(ThousandEyesError):
    """Whether the signature of a report fits cannot be found out here."""

    code = "evidence_unchecked"
