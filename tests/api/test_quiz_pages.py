"""The pages of quizzes without scripts: found, taken, seen again, marked; and what an import makes."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from ingestion.imports.schemas import ImportOptions
from ingestion.sources import open_source
from ingestion.storing import store_course
from lms_core.content.files import service as files
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Work
from lms_core.kit.ids import new_id
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from tests.api.test_pages import Visitor
from tests.factories.assessments import create_quiz, enrol, every_type
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, actor_of, create_person
from tests.factories.question_types import add_map, draw_map, every_keyed_type, right_parts, upload
from workers.runtime import Runtime

SAMPLE = Path(__file__).resolve().parents[2] / "ingestion" / "sample_course"
MOST_STATEMENTS = 14  # the quiz page: quiz, attempts, leaderboard, names and rights
ATTEMPT = re.compile(r'href="(/attempts/[0-9a-f-]+)"')


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def person(runtime: Runtime, course: Made) -> Person:
    return enrol(runtime.database, create_person(runtime.database, full_name="Amina Wanjiru"), course.id)


@pytest.fixture
def learner(runtime: Runtime, person: Person) -> Visitor:
    return Visitor(runtime).log_in(person)


@pytest.fixture
def teacher(runtime: Runtime, instructor: Person) -> Visitor:
    return Visitor(runtime).log_in(instructor)


def test_a_learner_finds_takes_and_sees_a_quiz(
    runtime: Runtime, course: Made, instructor: Person, learner: Visitor, teacher: Visitor
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=every_type(), time_limit_seconds=1800)
    address = f"/quizzes/{quiz.id}"
    assert f'href="{address}"' in learner.get(f"/courses/{course.slug}").text
    shown = learner.get(address).text
    assert "6 questions, 10 points" in shown and "30 minutes" in shown and "Start the quiz" in shown
    attempt = learner.post(f"{address}/start", page=address)
    assert "Question 6" in attempt.text and attempt.url.path.startswith("/attempts/")
    assert "Just so" not in attempt.text and "0.917" not in attempt.text
    answers = dict(zip(quiz.questions, ["100", "", "True", "0,917", "ICE", "It is lighter."], strict=True))
    form = {f"q-{question.id}": said for question, said in answers.items() if said}
    for place in (0, 2):
        form[f"q-{quiz.questions[place].id}"] = quiz.choice(place, form[f"q-{quiz.questions[place].id}"])
    result = learner.post(attempt.url.path, form, page=attempt.url.path)
    assert "Your answers are handed in." in result.text
    assert "5 of 10 points" in result.text and "Just so." in result.text and "Waits for a mark" in result.text
    waiting = teacher.get(f"/teach{address}/attempts").text
    assert "It is lighter." in waiting and "Amina Wanjiru" in waiting
    mark = re.search(r'action="(/teach/attempts/[^"]+)"', waiting)
    assert mark is not None
    refused = teacher.post(mark.group(1), {"points": "9"}, page=f"/teach{address}/attempts")
    assert "points go from 0" in refused.text
    marked = teacher.post(mark.group(1), {"points": "2,5", "comment": "Good."}, page=f"/teach{address}/attempts")
    assert "The mark is saved." in marked.text and "Nothing waits." in marked.text
    result = learner.get(attempt.url.path).text
    assert "Passed" in result and "Good." in result
    assert "75 %" in learner.get(address).text


def test_questions_with_parts_are_answered_without_scripts(
    runtime: Runtime, course: Made, instructor: Person, person: Person, learner: Visitor, teacher: Visitor
) -> None:
    add_map(runtime.database, instructor, course.id)
    quiz = create_quiz(runtime.database, instructor, course.id, questions=every_keyed_type())
    attempt = learner.post(f"/quizzes/{quiz.id}/start", page=f"/quizzes/{quiz.id}")
    path = attempt.url.path
    controls = re.findall(r'name="q-[0-9a-f-]{36}-[0-9a-f]{12}"', attempt.text)
    assert len(controls) == len(set(controls)) == 15, "a control with a name for each part"
    assert attempt.text.count('aria-label="Gap ') == 5 and "Kilimanjaro" not in attempt.text
    form = {f"q-{each.id}-{part}": said for each in quiz.questions for part, said in right_parts(each.key).items()}
    first = next(iter(right_parts(quiz.questions[1].key)))
    form[f"q-{quiz.questions[1].id}-{first}"] = "99"  # no place in this order: left out, the rest is kept
    form[f"q-{quiz.questions[5].id}"] = "1 N"
    result = learner.post(path, form, page=path)
    assert "12.5 of 22 points" in result.text and "Right: " in result.text
    assert 'class="region"' in result.text and "Dar es Salaam" not in result.text
    assert "Kilimanjaro · Mount Kilimanjaro" in result.text
    assert teacher.get(path).status_code == 200


def test_a_marker_gets_the_files(
    runtime: Runtime, course: Made, instructor: Person, person: Person, learner: Visitor, teacher: Visitor
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[upload()])
    path = learner.post(f"/quizzes/{quiz.id}/start", page=f"/quizzes/{quiz.id}").url.path
    attempt_id = UUID(path.rsplit("/", 1)[-1])
    with runtime.database.write(actor_of(runtime.database, person)) as ctx:
        file_id = new_id()
        stored = files.upload(ctx.resources, tenant_id=ctx.tenant_id, owner_id=file_id, source=draw_map())
        assessments.add_file(
            ctx, attempt_id, question_id=quiz.questions[0].id, file_id=file_id, name="<b>.png", stored=stored
        )
    assert "&lt;b&gt;.png" in learner.get(path).text
    assert "&lt;b&gt;.png" in learner.post(path, {}, page=path).text
    waiting = teacher.get(f"/teach/quizzes/{quiz.id}/attempts").text
    assert f"/api/v1/quiz-attempts/{attempt_id}/files/{file_id}" in waiting and "&lt;b&gt;.png" in waiting
    mark = re.search(r'action="(/teach/attempts/[^"]+)"', waiting)
    assert mark is not None
    assert (
        "Nothing waits." in teacher.post(mark.group(1), {"points": "5"}, page=f"/teach/quizzes/{quiz.id}/attempts").text
    )


def test_pages_cost_few_statements(
    runtime: Runtime, course: Made, instructor: Person, learner: Visitor, teacher: Visitor
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=every_type())
    attempt = learner.post(f"/quizzes/{quiz.id}/start", page=f"/quizzes/{quiz.id}").url.path
    pages = [(learner, f"/quizzes/{quiz.id}"), (learner, attempt), (teacher, f"/teach/quizzes/{quiz.id}")]
    pages += [(teacher, f"/teach/courses/{course.slug}/quizzes"), (teacher, f"/teach/quizzes/{quiz.id}/attempts")]
    for who, path in pages:
        with statements(runtime.database) as sent:
            assert who.get(path).status_code == 200, path
        assert len(sent) <= MOST_STATEMENTS, "\n".join([path, *sent])


def test_the_rules_are_kept_in_the_author_s_own_time(
    runtime: Runtime, course: Made, instructor: Person, teacher: Visitor
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    address = f"/teach/quizzes/{quiz.id}"
    rules = {"title": "Steam", "minutes": "1,5", "opens_at": "2026-01-05T12:00", "closes_at": "2026-01-05T13:00"}
    rules |= {"counts": "last", "assistant": "hints", "passing_percent": "60"}
    assert "Saved." in teacher.post(address, rules, page=address).text
    with runtime.database.read(actor_of(runtime.database, instructor)) as ctx:
        kept = assessments.read_source(ctx, quiz.id)
    assert (kept.title, kept.time_limit_seconds, kept.passing_percent, kept.leaderboard) == ("Steam", 90, 60, False)
    assert kept.opens_at is not None and kept.opens_at.isoformat() == "2026-01-05T09:00:00+00:00"
    assert 'value="2026-01-05T13:00"' in teacher.get(address).text
    wrong = teacher.post(address, rules | {"minutes": "soon", "closes_at": "never"}, page=address)
    assert wrong.status_code == 422 and 'value="soon"' in wrong.text
    assert teacher.post(address, rules | {"closes_at": "2026-01-05T11:00"}, page=address).status_code == 422
    first_day = rules | {"opens_at": "0001-01-01T00:00"}  # which has no moment in UTC
    assert teacher.post(address, first_day, page=address).status_code == 422


def test_a_supervised_attempt_waits_without_its_questions(
    runtime: Runtime, course: Made, instructor: Person, learner: Visitor
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, supervised=True)
    page = learner.post(f"/quizzes/{quiz.id}/start", page=f"/quizzes/{quiz.id}").text
    assert 'data-supervised="true" data-status="waiting"' in page
    assert "Question 1" not in page and 'js/attempt.js"></script>' not in page, (
        "it is preloaded, and runs once there is a paper"
    )
    assert "Waiting for the checks" in learner.get(f"/quizzes/{quiz.id}").text


def test_others_see_none_of_it(runtime: Runtime, course: Made, instructor: Person, learner: Visitor) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    attempt = learner.post(f"/quizzes/{quiz.id}/start", page=f"/quizzes/{quiz.id}").url.path
    stranger = Visitor(runtime).log_in(create_person(runtime.database))
    for path in (f"/quizzes/{quiz.id}", attempt, f"/teach/quizzes/{quiz.id}", f"/teach/quizzes/{quiz.id}/attempts"):
        assert stranger.get(path).status_code == 404, path
    assert learner.get(f"/teach/quizzes/{quiz.id}").status_code == 403
    assert "/login?next=" in str(Visitor(runtime).get(attempt).url)


def test_the_sample_course_brings_its_quizzes_once(
    runtime: Runtime, clock: MovingClock, instructor: Person, person: Person, tmp_path: Path
) -> None:
    now = clock.now()
    work = Work(runtime.database, Job(name="t", queue="fast", tenant_id=person.tenant_id, run_at=now, created_at=now))
    options = ImportOptions(publish=True, slug="sample")
    for _ in range(2):
        stored = store_course(work, open_source(SAMPLE), into=None, owner_id=instructor.id, options=options)
    enrol(runtime.database, person, stored.course_id)
    learner = Visitor(runtime).log_in(person)
    with runtime.database.read(actor_of(runtime.database, instructor)) as ctx:
        quizzes = assessments.quizzes_of(ctx, stored.course_id, drafts=True)
        sources = [assessments.read_source(ctx, quiz.id) for quiz in quizzes]
    files = list(SAMPLE.rglob("*.quiz.json"))
    assert len(quizzes) == len(files) == 20
    assert {quiz.language for quiz in quizzes} == {"en", "sw"}
    assert all(quiz.status == "published" and quiz.revision == 1 for quiz in sources)
    written = sum(len(json.loads(file.read_text("utf-8"))) for file in files)
    assert sum(quiz.questions for quiz in quizzes) == written
    for quiz in quizzes:
        page = learner.get(f"/lessons/{quiz.lesson_id}").text
        assert f'href="/quizzes/{quiz.id}"' in page
    swahili = next(quiz for quiz in quizzes if quiz.language == "sw")
    assert "Jaribio" in swahili.title or swahili.title
    assert learner.post(f"/quizzes/{swahili.id}/start", page=f"/quizzes/{swahili.id}").status_code == 200


def test_a_repeated_import_keeps_what_an_instructor_changed(
    runtime: Runtime, clock: MovingClock, instructor: Person, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("# A\n\nWater boils.\n")
    source = tmp_path / "a.quiz.json"
    question = {"question": "Hot?", "options": [{"text": "Yes", "correct": True}, {"text": "No"}]}
    source.write_text(json.dumps([question]))
    now = clock.now()
    work = Work(
        runtime.database, Job(name="t", queue="fast", tenant_id=instructor.tenant_id, run_at=now, created_at=now)
    )

    def bring() -> list[tuple[str, int, int | None]]:
        options = ImportOptions(publish=True, slug="again")
        stored = store_course(work, open_source(tmp_path), into=None, owner_id=instructor.id, options=options)
        with runtime.database.read(actor_of(runtime.database, instructor)) as ctx:
            found = [
                assessments.read_source(ctx, quiz.id)
                for quiz in assessments.quizzes_of(ctx, stored.course_id, drafts=True)
            ]
            return [(quiz.question_list[0].text, quiz.revision, quiz.time_limit_seconds) for quiz in found]

    assert bring() == [("Hot?", 1, None)]
    visitor = Visitor(runtime).log_in(instructor)
    with runtime.database.read(actor_of(runtime.database, instructor)) as ctx:
        (quiz,) = assessments.quizzes_in(ctx, "again")
    visitor.post(f"/teach/quizzes/{quiz.id}", {"title": "A", "minutes": "5"}, page=f"/teach/quizzes/{quiz.id}")
    assert bring() == [("Hot?", 1, 300)]
    source.write_text(json.dumps([question | {"question": "Warm?"}]))
    assert bring() == [("Warm?", 2, 300)]
    source.unlink()
    assert bring() == []
