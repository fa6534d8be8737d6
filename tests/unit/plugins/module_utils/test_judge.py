# Copyright (c) 2026, community.thousandeyes contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be concluded from the test list, and above all what may not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.connection import LONGEST_POST
from ansible_collections.community.thousandeyes.plugins.module_utils._core.clock import Boot
from ansible_collections.community.thousandeyes.plugins.module_utils._capture.judge import Verdict, judge, passed_since
from ansible_collections.community.thousandeyes.plugins.module_utils._core.lost import (
    LAG,
    LONGEST,
    Look,
    LostAttempt,
    Others,
    Rival,
)
from ansible_collections.community.thousandeyes.plugins.module_utils._core.test_list import Listing, ListedTest
from ansible_collections.community.thousandeyes.plugins.module_utils._core.snapshot import SnapshotRequest

START = 1_800_000_000.0
LOST = LostAttempt(attempt=1, started_at=START, ended_at=START + 30, detail="no answer", clock_offset=0.0)
LATER = START + 30 + LAG
SOURCE = ListedTest("19955", "Web shop", "http-server", saved_event=False, created_at=1.0)
NAMESAKE = ListedTest("817", "Web shop", "http-server", saved_event=False)
OTHER = ListedTest("818", "Other", "page-load", saved_event=False)
EVENT = ListedTest("58856", "before", "http-server", saved_event=True, created_at=START + 2)
Requests = t.Callable[..., SnapshotRequest]


@pytest.fixture
def wanted(request_for: Requests) -> SnapshotRequest:
    return request_for(is_public=False, display_name="before")


def look(
    wanted: SnapshotRequest,
    *events: ListedTest,
    lost: LostAttempt = LOST,
    taken: t.Collection[str] = (),
    rivals: t.Sequence[Rival] = (),
    now: float = LATER,
    waited: float = 0.0,
    clock_offset: float | None = 0.0,
    boot: Boot | None = None,
    shows_private: bool = True,
) -> t.Any:
    return judge(
        wanted,
        lost,
        Listing([SOURCE, NAMESAKE, OTHER, *events], clock_offset),
        Others(taken, rivals),
        passed=passed_since(lost, clock_offset, boot, now, waited),
        shows_private=shows_private,
    )


def test_the_only_one_of_that_time_type_and_title_is_it(wanted: SnapshotRequest) -> None:
    assert look(wanted, EVENT) == EVENT
    assert look(wanted, EVENT, now=START + 31) == EVENT


def test_it_may_bear_the_name_of_its_source(wanted: SnapshotRequest) -> None:
    event = EVENT._replace(test_name="Web shop")
    assert look(wanted, event) == event


@pytest.mark.parametrize("created_at", [START - 60, START + 30 + LAG + 60])
def test_clocks_may_differ_a_little(wanted: SnapshotRequest, created_at: float) -> None:
    event = EVENT._replace(created_at=created_at)
    assert look(wanted, event) == event
    # By an hour, if the server says what time it is there, or said so when the attempt began.
    event = EVENT._replace(created_at=created_at + 3600)
    assert look(wanted, event, lost=LOST._replace(clock_offset=None), clock_offset=3600.0) == event
    assert look(wanted, event, lost=LOST._replace(clock_offset=3600.0)) == event
    assert look(wanted, event) is Verdict.UNCLEAR


@pytest.mark.parametrize("created_at", [START - 61, START + 30 + LAG + 61])
def test_saved_events_of_other_times_do_not_matter(wanted: SnapshotRequest, created_at: float) -> None:
    event = EVENT._replace(created_at=created_at)
    assert look(wanted, event._replace(test_name="something else")) is Verdict.ABSENT
    assert look(wanted, event._replace(type="page-load")) is Verdict.ABSENT
    assert look(wanted, event, taken={"58856"}) is Verdict.ABSENT


@pytest.mark.parametrize("jump", [-86400, -3600, -151, 3600, 86400])
def test_a_clock_that_was_set_before_the_attempt(wanted: SnapshotRequest, jump: float) -> None:
    """It was that much ahead, so the saved event seems to be of another time; it must not be passed over."""
    ahead = LOST._replace(started_at=START + jump, ended_at=START + jump + 30)
    for now in (START + 31, LATER, LATER + 86400):
        assert look(wanted, EVENT, lost=ahead, now=now) is Verdict.UNCLEAR
    assert look(wanted, lost=ahead, now=LATER + 2 * 86400) is Verdict.ABSENT


@pytest.mark.parametrize("jump", [-86400, -7200, -61, 61, 7200, 86400])
@pytest.mark.parametrize("over", [True, False])
def test_a_clock_that_was_set_since_the_attempt(wanted: SnapshotRequest, jump: float, over: bool) -> None:
    """The server's clock tells so. Only a wait counts then, of the whole request where it may still be under way."""
    lost = LOST._replace(over=over)
    enough = LAG if over else LONGEST + LAG
    for now in (LATER + jump, LATER + 86400 + jump):
        later = {"lost": lost, "now": now, "clock_offset": float(-jump)}
        assert look(wanted, **later, waited=enough - 1) is Verdict.TOO_EARLY
        assert look(wanted, **later, waited=enough) is Verdict.ABSENT
        assert look(wanted, EVENT, **later) == EVENT


@pytest.mark.parametrize("known", [{"lost": LOST._replace(clock_offset=None)}, {"clock_offset": None}])
def test_where_the_server_does_not_tell_its_time_only_a_wait_counts(
    wanted: SnapshotRequest, known: dict[str, t.Any]
) -> None:
    assert look(wanted, now=LATER + 86400, waited=LAG - 1, **known) is Verdict.TOO_EARLY
    assert look(wanted, now=LATER + 86400, waited=LAG, **known) is Verdict.ABSENT


def test_a_clock_that_drifts_by_less_than_a_minute(wanted: SnapshotRequest) -> None:
    """The shorter time is believed: 59 seconds of these passed on our clock only."""
    assert look(wanted, now=LATER + 59, clock_offset=-59.0) is Verdict.ABSENT
    assert look(wanted, now=LATER + 58, clock_offset=-59.0) is Verdict.TOO_EARLY
    assert look(wanted, now=LATER - 1, clock_offset=59.0) is Verdict.TOO_EARLY


HERE = Boot("this machine", START - 1000)


def test_a_machine_knows_whether_its_clock_was_set(wanted: SnapshotRequest) -> None:
    """Whatever the server's clock tells, which was asked before the attempt, and may be wrong, too."""
    lost = LOST._replace(boot=HERE)
    for offset in (0.0, 7200.0, None):
        assert look(wanted, lost=lost, boot=HERE, clock_offset=offset) is Verdict.ABSENT
        for jump in (-7200, -61, 61, 7200):
            later = {"lost": lost, "boot": HERE._replace(at=HERE.at + jump), "clock_offset": offset}
            assert look(wanted, now=LATER + 86400, waited=LAG - 1, **later) is Verdict.TOO_EARLY
            assert look(wanted, now=LATER + 86400, waited=LAG, **later) is Verdict.ABSENT


@pytest.mark.parametrize("boot", [None, Boot("the same, started again, or another", START - 1000)])
def test_another_start_of_a_machine_tells_nothing(wanted: SnapshotRequest, boot: Boot | None) -> None:
    lost = LOST._replace(boot=HERE)
    assert look(wanted, lost=lost, boot=boot, clock_offset=7200.0) is Verdict.TOO_EARLY
    assert look(wanted, lost=lost, boot=boot, clock_offset=0.0) is Verdict.ABSENT


@pytest.mark.parametrize("days", [-1000, -2, 2, 1000])
def test_where_the_clock_may_have_been_set_it_may_be_one_of_any_time(wanted: SnapshotRequest, days: int) -> None:
    event = EVENT._replace(created_at=START + days * 86400.0)
    for waited in (0.0, LAG, LONGEST):
        assert look(wanted, event, clock_offset=None, waited=waited) is Verdict.UNCLEAR
    assert look(wanted, event) is Verdict.ABSENT


def test_absence_takes_a_list_that_is_known_to_show_private_snapshots(wanted: SnapshotRequest) -> None:
    for waited in (0, LAG, 2 * LONGEST):
        assert look(wanted, waited=waited, shows_private=False) is Verdict.UNCLEAR
    assert look(wanted, now=LATER - 1, shows_private=False) is Verdict.TOO_EARLY
    assert look(wanted, EVENT, shows_private=False) == EVENT


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_an_answer_that_tells_of_success_is_believed_over_the_list(wanted: SnapshotRequest, status: int) -> None:
    lost = LOST._replace(status=status)
    assert look(wanted, lost=lost, now=LATER + 86400) is Verdict.UNCLEAR
    assert look(wanted, lost=lost, now=LATER - 1) is Verdict.TOO_EARLY
    assert look(wanted, EVENT, lost=lost) == EVENT


@pytest.mark.parametrize("status", [None, 302, 303, 408, 500, 503])
def test_other_answers_tell_nothing(wanted: SnapshotRequest, status: int | None) -> None:
    assert look(wanted, lost=LOST._replace(status=status)) is Verdict.ABSENT


@pytest.mark.parametrize(
    ("shown", "due"), [(True, 30 * 86400), (False, 60), (None, 86400)], ids=["shown", "not shown", "not read"]
)
def test_when_to_look_again(shown: bool | None, due: float) -> None:
    last = Look(START, shown)
    assert not last.due(START) and not last.due(START + due - 1)
    assert last.due(START + due)
    assert last.proves(START + due - 1) is (shown is True)
    assert not last.proves(START + 30 * 86400)
    # The clock was set back since.
    assert last.due(START - 3600)


def test_nothing_appeared(wanted: SnapshotRequest) -> None:
    assert look(wanted) is Verdict.ABSENT
    assert look(wanted, EVENT._replace(saved_event=False)) is Verdict.ABSENT
    assert look(wanted, EVENT, taken={"58856"}) is Verdict.ABSENT


def test_the_list_may_lag(wanted: SnapshotRequest) -> None:
    assert look(wanted, now=LATER - 1) is Verdict.TOO_EARLY
    assert look(wanted, EVENT, taken={"58856"}, now=LATER - 1) is Verdict.TOO_EARLY


@pytest.mark.parametrize(
    "events",
    [
        [EVENT._replace(test_name="something else")],
        [EVENT._replace(type="page-load")],
        [EVENT._replace(created_at=None)],
        [EVENT, EVENT._replace(test_id="58857")],
        [EVENT, EVENT._replace(test_id="58857", test_name="Web shop")],
    ],
)
def test_what_appeared_does_not_tell(wanted: SnapshotRequest, events: list[ListedTest]) -> None:
    assert look(wanted, *events) is Verdict.UNCLEAR


def test_another_attempt_may_have_made_it(wanted: SnapshotRequest) -> None:
    for rival in (
        Rival("817", "of a test of that name", living=False),
        Rival("19955", "of that test", living=False),
        Rival("817", "before", living=False),
        Rival("817", "Web shop", living=False),
    ):
        assert look(wanted, EVENT, rivals=[rival]) is Verdict.UNCLEAR
        assert look(wanted, EVENT, rivals=[rival, rival._replace(living=True)]) is Verdict.TOO_EARLY
        assert look(wanted, rivals=[rival]) is Verdict.ABSENT
    # One is of another type, the other of a test that is not in this list, so its saved events are not either.
    for rival in (Rival("818", "before", living=True), Rival("4711", "before", living=True)):
        assert look(wanted, EVENT, rivals=[rival]) == EVENT


def test_a_share_link_is_in_no_list(wanted: SnapshotRequest) -> None:
    assert look(wanted._replace(is_public=True)) is Verdict.UNCLEAR


def test_a_list_without_the_source_is_not_the_right_list(wanted: SnapshotRequest) -> None:
    passed = passed_since(LOST, 0.0, None, LATER, 0.0)
    assert judge(wanted, LOST, Listing([EVENT]), Others(), passed=passed, shows_private=True) is Verdict.UNCLEAR


def test_an_attempt_that_took_long(wanted: SnapshotRequest) -> None:
    """Its end counts, however long ago its start is: the process or the machine may have been stopped in between."""
    long = LOST._replace(ended_at=START + 7200)
    assert look(wanted, lost=long, now=START + 7200 + LAG - 1) is Verdict.TOO_EARLY
    late = EVENT._replace(created_at=START + 7200)
    assert look(wanted, late, lost=long, now=START + 7201) == late


def test_no_request_outlives_the_time_after_which_its_loss_is_judged() -> None:
    """It may begin a minute after its intent."""
    assert LONGEST_POST + 60 < LONGEST
