"""Asking a course over HTTP: answers as JSON and as a stream, conversations, and who may do what."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update

from lms_core.kit import running
from lms_core.kit.context import Work, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.jobs import Job, JobState
from lms_core.kit.pagination import encode_cursor
from lms_core.kit.permissions import Role
from lms_core.kit.realtime import MemoryStreams, Streams
from rag.conversations.jobs import ABANDONED_AFTER, answer_question, close_abandoned
from rag.conversations.models import Answer, AnswerStatus, Citation, Question
from rag.conversations.service import stream_name
from tests.factories.assistant import ask, events_of, farm_course, installation
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, create_tenant, log_in
from tests.serving import app_of
from workers.runtime import Runtime

HIVE = "What is a top-bar hive?"
FOREIGN = "Who won the football world cup in 1998?"
CITATION = {
    "number",
    "lesson_id",
    "lesson_title",
    "heading_path",
    "source_path",
    "anchor",
    "page",
    "start_seconds",
    "quote",
    "score",
}


@dataclass(frozen=True)
class School:
    """A live installation with an indexed course, its instructor, and two learners in it."""

    runtime: Runtime
    client: TestClient
    course: Made
    instructor: Person
    learner: dict[str, str]
    other: dict[str, str]
    teaching: dict[str, str]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    runtime = installation(tmp_path_factory.mktemp("school"), run_jobs=True)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Otieno")
    course = farm_course(runtime.database, instructor)
    runtime.start()
    with TestClient(app_of(runtime), raise_server_exceptions=False) as client:
        people = [log_in(client, create_person(runtime.database)) for _ in range(2)]
        for headers in people:
            assert client.post(f"/api/v1/courses/{course.slug}/enroll", headers=headers).status_code == 200
        yield School(runtime, client, course, instructor, people[0], people[1], log_in(client, instructor))
    runtime.stop()


def stream(school: School, question: str, headers: dict[str, str]) -> list[tuple[int, str, dict]]:
    answer = school.client.post(
        f"/api/v1/courses/{school.course.slug}/assistant/questions",
        json={"question": question},
        headers=headers | {"Accept": "text/event-stream"},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    return list(events_of(answer.text))


def resume(school: School, answer_id: str, headers: dict[str, str], **query: object) -> list[tuple[int, str, dict]]:
    answer = school.client.get(f"/api/v1/answers/{answer_id}/stream", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(events_of(answer.text))


def test_an_answer_has_the_fields_of_the_contract_and_quotes_verbatim(school: School) -> None:
    answer = ask(school.client, school.course.slug, school.learner, HIVE)
    assert answer["status"] == "answered"
    assert answer["answered_by"] == "extractive"
    assert set(answer["timings_ms"]) >= {"search", "answer"}
    assert UUID(answer["id"]) and UUID(answer["conversation_id"])
    assert "long box with wooden bars" in answer["answer"]
    assert answer["citations"]
    course = school.client.get(f"/api/v1/courses/{school.course.slug}", headers=school.learner).json()
    for number, citation in enumerate(answer["citations"], start=1):
        assert set(citation) == CITATION
        assert citation["number"] == number
        assert f"[{number}]" in answer["answer"]
        lesson = school.client.get(f"/api/v1/lessons/{citation['lesson_id']}", headers=school.learner).json()
        assert citation["quote"] in lesson["text"]
        assert (citation["lesson_title"], citation["source_path"]) == (lesson["title"], lesson["source_path"])
        assert f'id="{citation["anchor"]}"' in lesson["html"]
        assert citation["heading_path"][:2] == [course["title"], lesson["title"]]
        headings = {heading["text"]: heading["anchor"] for heading in lesson["outline"]}
        assert headings[[lesson["title"], *citation["heading_path"][2:]][-1]] == citation["anchor"]


def test_the_stream_tells_meta_first_and_done_last(school: School) -> None:
    events = stream(school, HIVE, school.learner)
    names = [name for _, name, _ in events]
    assert names[0] == "meta"
    assert names[-1] == "done"
    assert set(names[1:-1]) == {"token", "citation"}
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    meta, done = events[0][2], events[-1][2]
    assert (meta["id"], meta["conversation_id"]) == (done["id"], done["conversation_id"])
    assert "".join(data["text"] for _, name, data in events if name == "token") == done["answer"]
    assert [data for _, name, data in events if name == "citation"] == done["citations"]
    asked_again = school.client.get(f"/api/v1/answers/{done['id']}", headers=school.learner).json()
    assert asked_again == done


def test_a_refusal_cites_nothing_and_shows_where_to_look(school: School) -> None:
    answer = ask(school.client, school.course.slug, school.learner, FOREIGN)
    assert (answer["status"], answer["citations"]) == ("refused", [])
    assert "could not find" in answer["answer"]
    assert answer["notes"][0]["code"] in ("not_answerable", "no_passages")
    assert all(each["lesson_title"] for each in answer["suggestions"])


def test_the_asker_is_answered_in_their_language(school: School) -> None:
    assert "sikupata jibu" in ask(school.client, school.course.slug, school.learner, FOREIGN, language="sw")["answer"]
    swahili = ask(school.client, school.course.slug, school.learner, "Mzinga wa kisasa ni nini?")
    assert swahili["status"] == "answered"
    assert swahili["answer"].startswith("Somo linasema")


def test_a_follow_up_is_understood_in_its_conversation_only(school: School) -> None:
    first = ask(school.client, school.course.slug, school.learner, "What is a first-flush diverter?")
    more = {"conversation_id": first["conversation_id"]}
    second = ask(school.client, school.course.slug, school.learner, "And what does it throw away?", **more)
    assert second["conversation_id"] == first["conversation_id"]
    assert second["status"] == "answered"
    assert "dirty water" in second["answer"]
    with school.runtime.database.read(system_actor(school.instructor.tenant_id)) as view:
        understood = view.session.execute(
            select(Question.standalone).where(Question.id == UUID(second["question_id"]))
        ).scalar_one()
    assert "diverter" in understood


def test_a_stream_resumes_after_any_event(school: School) -> None:
    events = stream(school, HIVE, school.learner)
    answer_id = events[-1][2]["id"]
    assert resume(school, answer_id, school.learner) == events
    assert resume(school, answer_id, school.learner, after=2) == events[2:]
    by_header = school.client.get(
        f"/api/v1/answers/{answer_id}/stream", headers=school.learner | {"Last-Event-ID": "3"}
    )
    assert list(events_of(by_header.text)) == events[3:]


@pytest.mark.parametrize("after", [0, 4, 900])
def test_a_finished_answer_is_told_even_when_its_stream_is_over_or_forgotten(school: School, after: int) -> None:
    answer = ask(school.client, school.course.slug, school.learner, HIVE)
    streams = school.runtime.resources.get(Streams)
    school.runtime.resources.put(Streams, MemoryStreams())
    try:
        forgotten = resume(school, answer["id"], school.learner, after=after)
    finally:
        school.runtime.resources.put(Streams, streams)
    over = resume(school, answer["id"], school.learner, after=900)
    for events in (forgotten, over):
        assert [name for _, name, _ in events] == ["clear", "done"]
        assert events[-1][2]["answer"] == answer["answer"]


def test_a_run_after_a_crash_repeats_nothing_and_leaves_nobody_waiting(school: School) -> None:
    done = ask(school.client, school.course.slug, school.learner, HIVE)
    streams = school.runtime.resources.get(Streams)
    before = len(streams.read(stream_name(UUID(done["id"])), after=0, wait=0))
    answer_question(work_of(school), answer_id=done["id"], drafts=False)
    told = streams.read(stream_name(UUID(done["id"])), after=before, wait=0)
    assert [each["event"] for each in told] == ["done"]
    assert school.client.get(f"/api/v1/answers/{done['id']}", headers=school.learner).json() == done

    with school.runtime.database.write(system_actor(school.instructor.tenant_id)) as ctx:
        ctx.session.execute(update(Answer).where(Answer.id == UUID(done["id"])).values(status=AnswerStatus.RUNNING))
        ctx.session.execute(delete(Citation).where(Citation.answer_id == UUID(done["id"])))
    answer_question(work_of(school), answer_id=done["id"], drafts=False)
    told = streams.read(stream_name(UUID(done["id"])), after=before + 1, wait=0)
    assert [each["event"] for each in told[:2]] == ["clear", "meta"]
    assert told[-1]["data"]["answer"] == done["answer"]


def work_of(school: School) -> Work:
    now = school.runtime.database.clock.now()
    row = {"tenant_id": school.instructor.tenant_id, "run_at": now, "created_at": now}
    job = Job(name="rag.answer", queue="answer", state=JobState.RUNNING, **row)
    with school.runtime.database.write(system_actor()) as ctx:
        ctx.add(job)
    return Work(school.runtime.database, job)


def test_an_answer_whose_job_vanished_is_closed(school: School) -> None:
    done = ask(school.client, school.course.slug, school.learner, HIVE)
    with school.runtime.database.write(system_actor(school.instructor.tenant_id)) as ctx:
        long_ago = ctx.now - ABANDONED_AFTER - timedelta(seconds=1)
        stuck = update(Answer).where(Answer.id == UUID(done["id"]))
        ctx.session.execute(stuck.values(status=AnswerStatus.RUNNING, created_at=long_ago))
    close_abandoned(work_of(school))
    assert school.client.get(f"/api/v1/answers/{done['id']}", headers=school.learner).json()["status"] == "failed"
    last = school.runtime.resources.get(Streams).read(stream_name(UUID(done["id"])), after=0, wait=0)[-1]
    assert last["event"] == "error"


def test_a_stopped_answer_says_so(school: School) -> None:
    done = ask(school.client, school.course.slug, school.learner, HIVE)
    with school.runtime.database.write(system_actor(school.instructor.tenant_id)) as ctx:
        ctx.session.execute(update(Answer).where(Answer.id == UUID(done["id"])).values(status=AnswerStatus.RUNNING))
        ctx.session.execute(delete(Citation).where(Citation.answer_id == UUID(done["id"])))
    assert school.client.post(f"/api/v1/answers/{done['id']}/stop", headers=school.other).status_code == 404
    assert school.client.post(f"/api/v1/answers/{done['id']}/stop", headers=school.learner).status_code == 204
    answer_question(work_of(school), answer_id=done["id"], drafts=False)
    stopped = school.client.get(f"/api/v1/answers/{done['id']}", headers=school.learner).json()
    assert stopped["status"] == "stopped"
    assert stopped["answer"] != done["answer"]


def test_conversations_are_listed_page_by_page_renamed_and_deleted(school: School) -> None:
    person = create_person(school.runtime.database)
    mine = log_in(school.client, person)
    school.client.post(f"/api/v1/courses/{school.course.slug}/enroll", headers=mine)
    made = [ask(school.client, school.course.slug, mine, f"{HIVE} {n}")["conversation_id"] for n in range(3)]
    ask(school.client, school.course.slug, mine, HIVE, conversation_id=made[0])
    first = school.client.get("/api/v1/conversations", params={"limit": 2}, headers=mine).json()
    rest = school.client.get(
        "/api/v1/conversations", params={"limit": 2, "cursor": first["next_cursor"]}, headers=mine
    ).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == [made[0], made[2], made[1]]
    assert rest["next_cursor"] is None
    detail = school.client.get(f"/api/v1/conversations/{made[0]}", headers=mine).json()
    assert [each["question"] for each in detail["answers"]] == [f"{HIVE} 0", HIVE]
    renamed = school.client.patch(f"/api/v1/conversations/{made[0]}", json={"title": " Bees\x07 "}, headers=mine)
    assert renamed.json()["title"] == "Bees"
    answer_id = detail["answers"][0]["id"]
    assert school.client.delete(f"/api/v1/conversations/{made[0]}", headers=mine).status_code == 204
    assert school.client.get(f"/api/v1/conversations/{made[0]}", headers=mine).status_code == 404
    assert school.client.get(f"/api/v1/answers/{answer_id}", headers=mine).status_code == 404


FOREIGN_CURSORS = ("x", encode_cursor(["nope", "nope"]), encode_cursor(["0001-01-01T00:00:00+23:59", "1"]), "WzEsMl0")


@pytest.mark.parametrize("cursor", FOREIGN_CURSORS)
def test_a_foreign_cursor_is_refused_clearly(school: School, cursor: str) -> None:
    answer = school.client.get("/api/v1/conversations", params={"cursor": cursor}, headers=school.learner)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"


def test_nobody_reaches_anothers_conversation_or_answer(school: School) -> None:
    mine = ask(school.client, school.course.slug, school.learner, HIVE)
    conversation, answer = mine["conversation_id"], mine["id"]
    for headers in (school.other, school.teaching):
        calls = (
            school.client.get(f"/api/v1/conversations/{conversation}", headers=headers),
            school.client.patch(f"/api/v1/conversations/{conversation}", json={"title": "x"}, headers=headers),
            school.client.delete(f"/api/v1/conversations/{conversation}", headers=headers),
            school.client.get(f"/api/v1/answers/{answer}", headers=headers),
            school.client.get(f"/api/v1/answers/{answer}/stream", headers=headers),
            school.client.post(f"/api/v1/answers/{answer}/feedback", json={"helpful": True}, headers=headers),
            school.client.post(
                f"/api/v1/courses/{school.course.slug}/assistant/questions",
                json={"question": HIVE, "conversation_id": conversation},
                headers=headers,
            ),
        )
        assert [call.status_code for call in calls] == [404] * len(calls)
        assert all(call.json()["code"] in ("conversation_not_found", "answer_not_found") for call in calls)


def test_who_is_not_in_the_course_is_told_to_enrol(school: School) -> None:
    outsider = log_in(school.client, create_person(school.runtime.database))
    path = f"/api/v1/courses/{school.course.slug}/assistant/questions"
    refused = school.client.post(path, json={"question": HIVE}, headers=outsider)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_enrolled")
    assert "Enrol" in refused.json()["detail"]
    visitor = school.client.post(path, json={"question": HIVE})
    assert (visitor.status_code, visitor.json()["code"]) == (401, "unauthenticated")


def test_drafts_archives_and_other_institutions_are_not_there(school: School) -> None:
    database = school.runtime.database
    draft = create_course(database, school.instructor, publish=False, title="Draft")
    elsewhere = create_tenant(database, host=f"{new_id().hex}.example.org")
    stranger = create_person(database, role=Role.INSTRUCTOR, tenant_id=elsewhere)
    foreign = create_course(database, stranger, title="Elsewhere")
    for course in (draft.id, draft.slug, foreign.id, new_id(), "no-such-course", "../admin", "' OR 1=1 --"):
        for headers in (school.learner,) if course in (draft.id, draft.slug) else (school.learner, school.teaching):
            answer = school.client.post(
                f"/api/v1/courses/{course}/assistant/questions", json={"question": HIVE}, headers=headers
            )
            assert answer.status_code == 404, (course, answer.text)


def test_feedback_is_kept_and_replaced(school: School) -> None:
    answer = ask(school.client, school.course.slug, school.learner, HIVE)
    path = f"/api/v1/answers/{answer['id']}"
    assert answer["helpful"] is None
    for helpful in (True, False):
        given = {"helpful": helpful, "reason": "too short"}
        assert school.client.post(f"{path}/feedback", json=given, headers=school.learner).status_code == 204
        assert school.client.get(path, headers=school.learner).json()["helpful"] is helpful


def test_too_many_questions_are_answered_with_429_and_when_to_come_back(school: School) -> None:
    person = log_in(school.client, create_person(school.runtime.database))
    school.runtime.settings.questions_per_minute = 2
    try:
        path = f"/api/v1/courses/{school.course.slug}/assistant/questions"
        statuses = [school.client.post(path, json={"question": HIVE}, headers=person) for _ in range(3)]
    finally:
        school.runtime.settings.questions_per_minute = 1000
    assert [each.status_code for each in statuses] == [403, 403, 429]
    assert 1 <= int(statuses[-1].headers["Retry-After"]) <= 61
    assert statuses[-1].json()["code"] == "too_many_requests"


def test_long_and_odd_questions_are_answered_or_refused_in_bounded_time(school: School) -> None:
    odd = {
        "long": "why does the bee hum " * 952,
        "controls": "What is\x07 a top-bar\x1b[31m hive?",
        "joined emoji": "What is a hive? 👩‍🌾🐝",
        "right to left": "ما هي خلية النحل؟",
        "sql": "'; DROP TABLE question; --",
        "template": "{{ 7 * 7 }} ${jndi:ldap://x} <script>alert(1)</script>",
    }
    for question in odd.values():
        began = time.process_time()
        answer = ask(school.client, school.course.slug, school.learner, question)
        assert answer["status"] in ("answered", "refused")
        assert time.process_time() - began < 60
    kept = ask(school.client, school.course.slug, school.learner, odd["joined emoji"])["question"]
    assert "👩‍🌾" in kept
    for question in ("x" * 20_001, "", " \n ", "\x07"):
        path = f"/api/v1/courses/{school.course.slug}/assistant/questions"
        refused = school.client.post(path, json={"question": question}, headers=school.learner)
        assert (refused.status_code, refused.json()["code"]) == (422, "malformed")
    assert running.due_now(school.runtime.database, queues=("answer",)) == []
