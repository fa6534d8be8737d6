# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What account_check says of an API that does each thing that nobody knows, alone and in pairs."""

from __future__ import annotations

import itertools
import json
import re
import typing as t
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from simulator import EMAIL, TOKEN, SharedClock, Simulator

Check = t.Callable[..., t.Dict[str, t.Any]]

ROOT = Path(__file__).resolve().parents[5]
SCHEMA = json.loads((ROOT / "docs" / "contract" / "observed.schema.json").read_text(encoding="utf-8"))
FOR_EVER = 1e9
ALL = ["API access", "View tests", "View tags", "Create snapshot shares"]


class Unknown(t.NamedTuple):
    """What the simulator does by ``settings``, without the permission ``lacks``, with a clock that is ``ahead``.

    It is told by the finding ``name``, by the words ``says``, unless another one ``hides`` it: one whose name or part
    is named there is not seen any more. ``means``: what is found then as well, since it follows.
    """

    name: str
    says: str
    settings: dict[str, t.Any] = {}
    lacks: str | None = None
    ahead: float = 0
    hides: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    versions: tuple[str, ...] = ("v7", "v6")


# What only a snapshot can show.
OF_SNAPSHOTS = ("listing", "link", "answer", "share_date", "own_results", "visibility", "share_host", "share_page")
LIMITED = {
    "none": "no header tells when it takes the next",
    "retry-after-seconds": "Retry-After tells when it takes the next as seconds from now",
    "retry-after-date": "Retry-After tells when it takes the next as a date",
    "reset-epoch": "X-Organization-Rate-Limit-Reset tells when it takes the next as an instant since 1970",
    "reset-seconds": "X-Organization-Rate-Limit-Reset tells when it takes the next as seconds from now",
    "reset-past": "X-Organization-Rate-Limit-Reset tells when it takes the next as an instant that is over",
}
UNKNOWNS = {
    "as is": Unknown("visibility", "The snapshot is private"),
    "inverted": Unknown(
        "visibility",
        "IS PUBLIC: |may be public: the answer calls it no saved event",
        {"invert_is_public": True},
        # A share link is in no list, and what was asked for as one is private.
        hides=("listing", "own_results", "share_host", "share_page"),
        means=("unlisted", "no own results", "alike", "shows all"),
        versions=("v7",),
    ),
    "unlisted": Unknown(
        "listing",
        "does not show the snapshot, 2 min after it was made",
        {"saved_event_lag": FOR_EVER},
        hides=("source name", "told in answers"),
    ),
    "late": Unknown("listing", "at the latest 30 s after it was made, and not yet after 15 s", {"saved_event_lag": 20}),
    "source name": Unknown("listing", "under the name of its source test", {"saved_event_name": "source"}),
    "own link": Unknown("link", "appLink bears the snapshot's own test", {"app_link": "own"}, versions=("v7",)),
    "no link": Unknown("link", "has no appLink", {"app_link": "none"}, versions=("v7",)),
    "bare": Unknown("link", "bears no viewUrl", {"v6_private_answer": "bare"}, versions=("v6",), hides=("share_host",)),
    "told in lists": Unknown(
        "answer", "lacks .*test.savedEvent", {"saved_event_told": "list"}, means=("told nowhere",), versions=("v7",)
    ),
    "told in answers": Unknown("listing", "without saying whether it is", {"saved_event_told": "answer"}),
    "told nowhere": Unknown(
        "answer",
        "lacks .*test.savedEvent",
        {"saved_event_told": "nowhere"},
        means=("told in lists", "told in answers"),
        versions=("v7",),
    ),
    "old date": Unknown("share_date", "another day than today", {"share_date_age": 400 * 86400}),
    "no own results": Unknown("own_results", "there is none (404)", {"saved_event_results": False}),
    "alike": Unknown("share_page", "cannot be told whether the share link opens", {"share_host": "alike"}),
    "noisy": Unknown("share_host", "differently each time", {"share_host": "noisy"}, means=("alike",)),
    "log-in": Unknown("share_host", "knows the private snapshot, but does not show it", {"share_host": "login"}),
    "shows all": Unknown("share_host", "shows something for the private snapshot", {"share_host": "all"}),
    "no tests": Unknown("tests", "permission 'View tests'", lacks="View tests", hides=("listing", "own_results")),
    "no tags": Unknown("tags", "permission 'View tags'", lacks="View tags", versions=("v7",)),
    "no creation": Unknown(
        "snapshot",
        "permission 'Create snapshot shares'",
        lacks="Create snapshot shares",
        hides=(*OF_SNAPSHOTS, "snapshot"),
    ),
    **{
        style: Unknown("snapshot", says, {"creation_limit": 0, "creation_limit_headers": style}, hides=OF_SNAPSHOTS)
        for style, says in LIMITED.items()
    },
    "clock behind": Unknown("clock", "600 s behind", ahead=600),
    "clock ahead": Unknown("clock", "7200 s ahead of", ahead=-7200),
}


# What is said of each alone, by version.
ALONE: dict[str, dict[str, str]] = {}


def names_of(version: str) -> list[str]:
    return [name for name, unknown in UNKNOWNS.items() if version in unknown.versions]


@pytest.fixture
def play(check: Check, sim: Simulator, tmp_path: Path) -> t.Callable[..., t.Any]:
    """What is said of an API that does these things, and how often the check ran on the same ledger."""
    numbers = itertools.count()

    def play(version: str, *names: str, runs: int = 1) -> list[dict[str, t.Any]]:
        sim.reset()
        clock = SharedClock(sim)
        chosen = [UNKNOWNS[name] for name in names]
        sim.settings(**{name: value for unknown in chosen for name, value in unknown.settings.items()})
        lacking = {unknown.lacks for unknown in chosen}
        permissions = [each for each in ALL if each not in lacking]
        sim.call(
            "POST",
            "users",
            {
                "uid": 5784,
                "email": EMAIL,
                "token": TOKEN,
                "organization": 12345,
                "account_groups": [75],
                "permissions": permissions,
            },
        )
        sim.advance(sum(unknown.ahead for unknown in chosen))
        number = next(numbers)
        options = {
            "clock": clock,
            "api_version": version,
            "snapshot_test": "19955",
            "public": True,
            "ledger": str(tmp_path / f"ledger{number}.sqlite3"),
            "observed_path": str(tmp_path / f"observed{number}.json"),
        }
        results = [check(**options) for _run in range(runs)]
        document = json.loads(Path(options["observed_path"]).read_text(encoding="utf-8"))
        assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
        return results

    return play


def told(result: dict[str, t.Any], name: str) -> list[dict[str, t.Any]]:
    """The findings that tell of the unknown."""
    unknown = UNKNOWNS[name]
    return [
        finding
        for finding in result["findings"]
        if finding["name"] == unknown.name and re.search(unknown.says.replace("(404)", r"\(404\)"), finding["says"])
    ]


def hidden(name: str, by: str) -> bool:
    return bool({name, UNKNOWNS[name].name} & set(UNKNOWNS[by].hides))


def signature(result: dict[str, t.Any]) -> str:
    """All that is said, but for what differs from run to run."""
    said = [(finding["name"], finding["level"], finding["says"]) for finding in result["findings"]]
    return re.sub(r"127\.0\.0\.1:\d+|\b\d+ of 240\b", "", json.dumps(said))


@pytest.mark.parametrize("version", ["v7", "v6"])
def test_each_is_told_in_one_sentence_and_apart_from_all_others(
    play: t.Callable[..., t.Any], sim: Simulator, version: str
) -> None:
    """And a second run creates nothing."""
    signatures: dict[str, str] = {}
    for name in names_of(version):
        result = play(version, name)[0]
        found = told(result, name)
        assert len(found) == 1, (name, result["lines"])
        assert not re.search(r"\.\s", found[0]["says"]) and found[0]["says"].endswith("."), found
        others = [other for other, said in signatures.items() if said == signature(result)]
        assert others == [], name
        signatures[name] = signature(result)
        also = {other for other in names_of(version) if other not in (name, "as is") and told(result, other)}
        assert also == set(UNKNOWNS[name].means), name


@pytest.mark.parametrize("version", ["v7", "v6"])
def test_a_second_run_creates_nothing(play: t.Callable[..., t.Any], sim: Simulator, version: str) -> None:
    for name in names_of(version):
        first, second = play(version, name, runs=2)
        creations = sim.creations()
        made = 0 if "snapshot" in {UNKNOWNS[name].name} else 2
        assert len(creations) == made, name
        assert [row["is_public"] for row in creations] == [name == "inverted", name != "inverted"][:made], name
        assert first["changed"] is True
        texts = [finding["says"] for finding in second["findings"] if finding["name"] == "snapshot"]
        assert ("earlier check is examined, and none is made" in texts[0]) == (made == 2), (name, texts)
        # The file says of some by then what takes longer than two minutes.
        assert second["changed"] in ((True, False) if name in ("late", "unlisted", "inverted") else (False,)), name


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v7", "v6"])
@pytest.mark.parametrize("first", UNKNOWNS)
def test_in_pairs(play: t.Callable[..., t.Any], sim: Simulator, version: str, first: str) -> None:
    names = names_of(version)
    if first not in names:
        pytest.skip(f"API {version} has none such")
    if version not in ALONE:
        ALONE[version] = {name: signature(play(version, name)[0]) for name in names}
    for second in names[names.index(first) + 1 :]:
        one, other = UNKNOWNS[first], UNKNOWNS[second]
        if set(one.settings) & set(other.settings) or (one.ahead and other.ahead) or first == "as is":
            continue
        result = play(version, first, second)[0]
        seen = [name for name, by in ((first, second), (second, first)) if not hidden(name, by)]
        assert seen, (first, second)
        for name in seen:
            assert len(told(result, name)) == 1, (first, second, name, result["lines"])
        same = {name for name, said in ALONE[version].items() if said == signature(result)}
        assert same <= (set(seen) if len(seen) == 1 else set()), (first, second, same)
        assert len(sim.creations()) <= 2
