# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulated API behaves where its documents are silent, or where a test wants it otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Settings:
    """How the simulated API behaves where its documents are silent, or where a test wants it otherwise.

    creation_limit, creation_window: snapshots per organization per seconds; a limit of None is none.
    rate_limit: requests per organization and minute; None is none.
    creation_limit_headers: what the 429 of the creation limit tells (UNK, contract v7 §3): none,
        retry-after-seconds, retry-after-date, reset-epoch, reset-seconds, reset-past.
    error_style: v7 error bodies, documented or observed (contract v7 §2).
    v6_error_style: errorMessage, error, errors or text (contract v6 §2).
    public_snapshots: False answers 403 to public ones (contract v7 §4).
    saved_event_name: title or source, which testName a saved event bears (UNK).
    saved_event_lag: seconds until a saved event is in the lists; UNK.
    saved_event_told: everywhere, list, answer or nowhere, where a test bears savedEvent: in the lists, and in the
        answer to a creation. UNK, no field of an answer is required (contract v7 §4).
    saved_event_days: after how many days a saved event of the API is gone; None is never. UNK (contract v7 §4).
    saved_event_results: whether the results of a saved event can be read by its own id; UNK.
    share_date_age: seconds that the shareDate of an answer is old (UNK; the documented example has an old one).
    share_host: what the stand-in of the share host shows without credentials, see share_host.py: open, alike, login,
        all or noisy; UNK.
    invert_is_public: v7 takes isPublic as its text literally says, true for a saved event (contract v7 §4).
    v6_private_answer: link (as for a share link, with `test` filled) or bare (neither linkId nor viewUrl); UNK.
    app_link: own, source or none, the test whose id the appLink of a v7 snapshot bears; none leaves it out. UNK, in
        the document's example it is the id of the self link (contract v7 §4).
    app_link_host, app_link_aid: its host, and whether it bears the account group as `__a`.
    retired_versions: version to status, 301 or 410.
    locked_out_after: 401s from one address within a minute after which it gets 429 (contract v6 §1).
    results_page_size: how many measurements are due on a page of results; gaps make it shorter, perhaps empty.
    results_round_before: v7 adds the round before the range, as its document says that it might.
    results_missing: absent or null, what stands for a number that was not measured (contract v7 §7).
    results_error_none: the errorType of a success: None, none or NONE.
    results_order: ascending or descending rounds; UNK.
    results_flaws: how much goes wrong by itself, see measurements.py: 1 as usual, 0 nothing.
    results_noise, results_rhythm: how much measurements scatter, and how much they rise and fall with the time of day:
        1 as usual, 0 not at all.
    results_retention_days: results older than that are gone, but for those of saved events; None is for ever.
    repeat_cursor: how many pages there are after the first before the next link leads back to the second, for ever;
        0 for links that end.
    v6_groups_in: detail or list (as well), where a test shows its labels; UNK, contract v6 §5.
    """

    creation_limit: int | None = 5
    creation_window: float = 300
    rate_limit: int | None = 240
    creation_limit_headers: str = "none"
    error_style: str = "documented"
    v6_error_style: str = "errorMessage"
    public_snapshots: bool = True
    saved_event_name: str = "title"
    saved_event_lag: float = 0
    saved_event_told: str = "everywhere"
    saved_event_days: float | None = 30
    saved_event_results: bool = True
    share_date_age: float = 0
    share_host: str = "open"
    invert_is_public: bool = False
    v6_private_answer: str = "link"
    app_link: str = "source"
    app_link_host: str = "app.thousandeyes.com"
    app_link_aid: bool = True
    retired_versions: dict[str, int] = field(default_factory=dict)
    locked_out_after: int | None = None
    results_page_size: int = 500
    results_round_before: bool = True
    results_missing: str = "absent"
    results_error_none: str = "None"
    results_order: str = "ascending"
    results_flaws: float = 1
    results_noise: float = 1
    results_rhythm: float = 1
    results_retention_days: float | None = None
    repeat_cursor: int = 0
    v6_groups_in: str = "detail"

    CHOICES = {
        "creation_limit_headers": (
            "none",
            "retry-after-seconds",
            "retry-after-date",
            "reset-epoch",
            "reset-seconds",
            "reset-past",
        ),
        "error_style": ("documented", "observed"),
        "v6_error_style": ("errorMessage", "error", "errors", "text"),
        "saved_event_name": ("title", "source"),
        "saved_event_told": ("everywhere", "list", "answer", "nowhere"),
        "share_host": ("open", "alike", "login", "all", "noisy"),
        "v6_private_answer": ("link", "bare"),
        "app_link": ("own", "source", "none"),
        "results_missing": ("absent", "null"),
        "results_error_none": ("None", "none", "NONE"),
        "results_order": ("ascending", "descending"),
        "v6_groups_in": ("detail", "list"),
    }

    def update(self, changes: dict[str, Any]) -> None:
        """Change some settings; ValueError, and no change, on an unknown name or choice."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting {name}")
            if name in self.CHOICES and value not in self.CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(self.CHOICES[name])}")
            if name == "results_page_size" and value < 1:
                raise ValueError("a page has at least one result")
        for name, value in changes.items():
            setattr(self, name, value)
