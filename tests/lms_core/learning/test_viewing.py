"""What was really watched: a union of stretches, resumed anywhere, told as events, bounded by the clock."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from lms_core.content.media.models import MediaItem, MediaKind, MediaState
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import WriteCtx
from lms_core.kit.events import SUBSCRIBERS
from lms_core.kit.jobs import DEFINITIONS, on
from lms_core.kit.permissions import Role
from lms_core.learning.viewing import intervals
from lms_core.learning.viewing.events import VideoWatched
from tests.factories.courses import Made, create_course, outline, statements
from tests.factories.people import actor_of, create_person, log_in
from workers.runtime import Runtime

Headers = dict[str, str]
LENGTH = 600.0
TIMES = st.floats(-10, 700, allow_nan=False)
STRETCHES = st.lists(st.tuples(TIMES, TIMES), max_size=20)


@given(STRETCHES, STRETCHES)
def test_merging_is_a_union(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    one, two = (intervals.merged(each, length=LENGTH) for each in (first, second))
    both = intervals.merged((*one, *two), length=LENGTH)
    assert intervals.merged(both, length=LENGTH) == both
    assert intervals.merged((*two, *one), length=LENGTH) == both
    assert intervals.total(both) >= max(intervals.total(one), intervals.total(two))
    for (_, end), (start, _) in pairwise(both):
        assert start - end > intervals.GAP - 0.05
    assert all(0 <= start < end <= LENGTH for start, end in both)
    assert 0 <= intervals.percent(both, length=LENGTH) <= 100


@given(STRETCHES, STRETCHES, st.floats(0, 500))
def test_nobody_watches_faster_than_the_clock(
    before: list[tuple[float, float]], claimed: list[tuple[float, float]], elapsed: float
) -> None:
    known = intervals.merged(before, length=LENGTH)
    seen = intervals.credible(known, claimed, length=LENGTH, elapsed=elapsed)
    most = elapsed * intervals.FASTEST + intervals.GRACE
    # Gaps of up to a second between stretches are closed when they are merged, and tenths rounded.
    assert intervals.total(seen) - intervals.total(known) <= most + (len(known) + len(claimed)) * 1.2
    assert intervals.merged((*seen, *known), length=LENGTH) == seen
    assert intervals.credible(seen, seen, length=LENGTH, elapsed=0) == seen


def test_a_claim_over_what_is_known_earns_no_more() -> None:
    known = ((0.0, 60.0), (440.0, 500.0))
    seen = intervals.credible(known, [(0, 600)], length=LENGTH, elapsed=0)
    assert seen == ((0.0, 120.0), (440.0, 500.0))


def test_skipping_ahead_and_looking_again_add_nothing() -> None:
    seen = intervals.merged([(0, 30), (0, 30), (570, 600), (10, 20)], length=LENGTH)
    assert seen == ((0, 30), (570, 600))
    assert intervals.percent(seen, length=LENGTH) == 10
    assert intervals.percent(intervals.merged([(0, 599.5)], length=LENGTH), length=LENGTH) == 100
    assert intervals.percent((), length=0) == 0


@pytest.fixture
def course(runtime: Runtime) -> Made:
    """A course whose first lesson shows the film `heat`, ten minutes long."""
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    made = create_course(runtime.database, instructor, modules=outline(2, body="# Heat\n\n![Heat](video:heat)\n"))
    with runtime.database.write(actor_of(runtime.database, instructor)) as ctx:
        for name, seconds in (("heat", LENGTH), ("short", 1.0)):
            ctx.add(
                MediaItem(
                    course_id=made.id,
                    kind=MediaKind.FILM,
                    name=name,
                    media_type="video/mp4",
                    size=1,
                    state=MediaState.READY,
                    seconds=seconds,
                    created_at=ctx.now,
                )
            )
    return made


@pytest.fixture
def learning(client: TestClient, runtime: Runtime, course: Made) -> Headers:
    headers = log_in(client, create_person(runtime.database))
    assert client.post(f"/api/v1/courses/{course.slug}/enroll", headers=headers).status_code == 200
    return headers


def tell(client: TestClient, headers: Headers, lesson: UUID, position: float, *watched: tuple[float, float]) -> Any:
    told = {"position": position, "watched": watched}
    return client.put(f"/api/v1/lessons/{lesson}/videos/heat/progress", headers=headers, json=told)


def test_watching_is_counted_once_and_resumed(
    client: TestClient, course: Made, learning: Headers, clock: MovingClock
) -> None:
    lesson = course.lessons[0]
    address = f"/api/v1/lessons/{lesson}/videos/heat/progress"
    assert client.get(address, headers=learning).json()["position"] == 0
    assert tell(client, learning, lesson, 60, (0, 60)).json()["percent"] == 10
    assert tell(client, learning, lesson, 60, (0, 60)).json()["percent"] == 10
    clock.move(timedelta(seconds=60))
    after = tell(client, learning, lesson, 500, (440, 500)).json()
    assert (after["percent"], after["position"]) == (20, 500)
    assert client.get(address, headers=learning).json() == after
    claimed = tell(client, learning, lesson, 600, (0, 600)).json()
    assert claimed["percent"] < 40  # the rest cannot have been played in no time


def test_events_tell_each_five_percent_once(
    client: TestClient, course: Made, learning: Headers, clock: MovingClock, drain: Callable[[], int]
) -> None:
    heard: list[int] = []

    def note(_ctx: WriteCtx, event: VideoWatched) -> None:
        heard.append(event.percent)

    on(VideoWatched)(note)
    try:
        for end in range(20, 601, 20):
            tell(client, learning, course.lessons[0], end, (end - 20, end))
            tell(client, learning, course.lessons[0], end, (end - 20, end))
            clock.move(timedelta(seconds=20))
        drain()
    finally:
        name = SUBSCRIBERS[VideoWatched].pop()
        del DEFINITIONS[name]
    assert sorted(each // 5 for each in heard) == list(range(1, 21))


def test_a_lesson_with_two_films_wants_both_watched(
    client: TestClient, runtime: Runtime, course: Made, learning: Headers, drain: Callable[[], int]
) -> None:
    heard: list[int] = []

    def note(_ctx: WriteCtx, event: VideoWatched) -> None:
        heard.append(event.percent)

    lesson = course.lessons[0]
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    edit = {"base_version": 1, "body": "# Heat\n\n![Heat](video:heat)\n\n![Short](video:short)\n"}
    assert client.put(f"/api/v1/lessons/{lesson}", headers=admin, json=edit).status_code == 200
    on(VideoWatched)(note)
    try:
        told = {"position": 1, "watched": [(0, 1)]}
        path = f"/api/v1/lessons/{lesson}/videos/short/progress"
        assert client.put(path, headers=learning, json=told).json()["percent"] == 100
        tell(client, learning, lesson, 60, (0, 60))
        drain()
    finally:
        name = SUBSCRIBERS[VideoWatched].pop()
        del DEFINITIONS[name]
    assert heard == [0, 10]


def test_only_readers_report_and_only_on_what_the_lesson_shows(
    client: TestClient, runtime: Runtime, course: Made, learning: Headers
) -> None:
    lesson = course.lessons[0]
    outsider = log_in(client, create_person(runtime.database))
    assert tell(client, outsider, lesson, 0).status_code == 404
    assert tell(client, {}, lesson, 0).status_code == 401
    other = f"/api/v1/lessons/{lesson}/videos/short/progress"
    assert client.put(other, headers=learning, json={"position": 1, "watched": [[0, 1]]}).json()["code"] == (
        "media_not_found"
    )
    for wrong in ({"position": -1}, {"position": "x"}, {"position": 0, "watched": [[0]]}):
        address = f"/api/v1/lessons/{lesson}/videos/heat/progress"
        assert client.put(address, headers=learning, json=wrong).status_code == 422
    assert tell(client, learning, lesson, 5, (50, 20), (900, 1000)).json()["intervals"] == []


def test_a_report_is_cheap(client: TestClient, runtime: Runtime, course: Made, learning: Headers) -> None:
    tell(client, learning, course.lessons[0], 1, (0, 1))
    tell(client, learning, course.lessons[0], 2, (0, 2))
    with statements(runtime.database) as sent:
        tell(client, learning, course.lessons[0], 4, (2, 4))
    assert len(sent) <= 7, sent
