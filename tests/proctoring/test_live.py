"""The wall of running sessions, and hints for the taker."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from api.routes.proctoring import live as routes
from lms_core.kit.realtime import MemoryStreams
from proctoring.anomalies import live
from tests.factories.assessments import enrol
from tests.factories.people import Person, create_person
from tests.proctoring.reviewing import Exam, finish, sit

WALL = "/instructor/proctoring/live"


def rows(exam: Exam, person: Person, **wanted: str) -> list[dict[str, Any]]:
    """What the wall shows first."""
    answer = exam.get(person, WALL, params={"seconds": "0", **wanted})
    assert answer.status_code == 200, answer.text
    return list(events(answer.text)[0][1]["rows"])


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Server-sent events as (name, data)."""
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    fields = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(each["event"], json.loads(each["data"])) for each in fields]


def another(exam: Exam, name: str) -> Person:
    """One more learner of the course."""
    person = create_person(exam.runtime.database, full_name=name)
    enrol(exam.runtime.database, person, exam.course.id)
    return person


def test_incidents_sort_to_the_top_and_nothing_is_hidden(exam: Exam) -> None:
    calm = [sit(exam, "clean*4", taker=another(exam, f"Calm {number}"), end=False) for number in range(2)]
    over = sit(exam, "clean two*2 clean*4", taker=another(exam, "Over"), end=False)
    now = sit(exam, "clean*2 phone*2", end=False)
    shown = rows(exam, exam.instructor)
    assert [row["session_id"] for row in shown[:2]] == [str(now), str(over)]
    assert {row["session_id"] for row in shown} == {str(each) for each in (*calm, over, now)}
    assert (shown[0]["ongoing"], shown[0]["last_kind"]) == (["phone"], "phone")
    assert shown[1]["ongoing"] == [] and shown[1]["counts"] == {"several_persons": 1}


def test_a_row_tells_silence_and_links_a_thumbnail(exam: Exam) -> None:
    sit(exam, "clean*3", end=False)
    exam.clock.move(timedelta(seconds=30))
    (row,) = rows(exam, exam.instructor)
    assert row["silent_seconds"] == 40
    picture = exam.client.get(row["thumbnail_url"], headers=exam.headers(exam.instructor))
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/jpeg"


def test_the_wall_shows_running_sessions_of_ones_own_courses(exam: Exam) -> None:
    running = sit(exam, "clean*3", end=False)
    assert [row["session_id"] for row in rows(exam, exam.admin)] == [str(running)]
    assert rows(exam, exam.instructor, quiz_id=str(exam.course.id)) == []
    assert exam.get(exam.learner, WALL).status_code == 403
    assert exam.client.get(f"/api/v1{WALL}").status_code == 401
    finish(exam, running, exam.learner)
    assert rows(exam, exam.instructor) == []


def test_a_change_is_told_in_the_minute_it_happens(exam: Exam) -> None:
    sit(exam, "clean*2", end=False)
    from lms_core.kit.realtime import Streams

    streams = exam.runtime.resources.get(Streams)
    name = live.wall_stream(exam.course.id, exam.clock.now())
    assert streams.read(name, after=0, wait=0)[-1]["event"] == "changed"


def test_the_taker_gets_hints_on_light_before_anything_is_counted(exam: Exam) -> None:
    session_id = sit(exam, "clean*2 dark*2", end=False)
    answer = exam.get(exam.learner, f"/proctor-session/{session_id}/advice", params={"seconds": 0})
    told = events(answer.text)
    assert told[-1][0] == "advice" and [each["key"] for each in told[-1][1]["advice"]] == ["more_light"]
    assert "light" in told[-1][1]["advice"][0]["text"]
    assert exam.get(exam.instructor, f"/proctor-session/{session_id}/advice").status_code == 404
    finish(exam, session_id, exam.learner)
    ended = exam.get(exam.learner, f"/proctor-session/{session_id}/advice", params={"seconds": 0})
    assert events(ended.text)[-1][0] == "done"


def test_the_wall_sleeps_until_something_is_told(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "FRESH_SECONDS", 10_000)  # only what is told wakes it
    streams, clock = MemoryStreams(), exam.clock
    course, looks = exam.course.id, list[int]()
    rows = {"rows": [{"course_id": str(course)}]}

    async def look() -> dict[str, Any]:
        looks.append(1)
        return rows

    async def here() -> bool:
        return False

    async def follow() -> None:
        wall = routes.follow_wall(streams, clock, rows, look, gone=here, seconds=10_000)
        assert b"rows" in await anext(wall)
        following = asyncio.ensure_future(anext(wall))
        await asyncio.sleep(1.2)
        assert looks == []  # nothing was told, and nobody looked
        clock.move(timedelta(minutes=1))  # the stream has another name now
        for _ in range(50):
            streams.append(live.wall_stream(course, clock.now()), {"event": "changed", "data": {}})
        streams.append(live.wall_stream(exam.quiz.id, clock.now()), {"event": "changed", "data": {}})
        assert b"rows" in await following
        assert len(looks) == 1
        await wall.aclose()

    asyncio.run(follow())
