"""The pages of supervised exams over HTTP: who may open them, forms and their refusals, statements they cost."""

from uuid import UUID

import pytest

from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.review import service as review
from proctoring.review.schemas import VerdictIn
from tests.api.test_pages import Visitor
from tests.factories.assessments import enrol
from tests.factories.courses import create_course, statements
from tests.factories.people import Person, actor_of, create_person
from tests.proctoring.conftest import exam as exam  # the fixture
from tests.proctoring.reviewing import Exam, flags_of, sit

MOST_STATEMENTS = 20  # of a list, whatever its length


def _as(exam: Exam, person: Person) -> Visitor:
    return Visitor(exam.runtime).log_in(person)


def _pages(exam: Exam, session_id: UUID) -> dict[str, str]:
    """The reviewer's pages by name."""
    return {
        "policy": f"/teach/quizzes/{exam.quiz.id}/supervision",
        "queue": "/teach/proctoring",
        "live": "/teach/proctoring/live",
        "exam": f"/teach/proctoring/exams/{exam.quiz.id}",
        "report": f"/teach/proctoring/sessions/{session_id}",
    }


def test_reviewers_see_every_page(exam: Exam) -> None:
    pages = _pages(exam, sit(exam))
    for person in (exam.instructor, exam.second, exam.admin):
        seen = _as(exam, person)
        for name, path in pages.items():
            answer = seen.get(path)
            assert answer.status_code == 200, (name, answer.text[:500])
    teacher = _as(exam, exam.instructor)
    assert f'href="{pages["queue"]}"' in teacher.get("/teach").text
    assert f'href="{pages["policy"]}"' in teacher.get(f"/teach/quizzes/{exam.quiz.id}").text
    report = teacher.get(pages["report"]).text
    assert "Possible phone" in report and "Asha Otieno" in report and "Propose to reject" in report
    assert "No supervised exam runs now." in _as(exam, exam.instructor).get(pages["live"]).text


def test_others_do_not(exam: Exam) -> None:
    session_id = sit(exam)
    pages = _pages(exam, session_id)
    elsewhere = create_person(exam.runtime.database, role=Role.INSTRUCTOR)
    create_course(exam.runtime.database, elsewhere)
    classmate = enrol(exam.runtime.database, create_person(exam.runtime.database), exam.course.id)
    visitor = Visitor(exam.runtime)
    for name, path in pages.items():
        asked = visitor.get(path)
        assert asked.url.path == "/login" and asked.status_code == 200, name
        for learner in (exam.learner, classmate):
            assert _as(exam, learner).get(path).status_code in (403, 404), name
    outsider = _as(exam, elsewhere)
    for name in ("exam", "report"):
        assert outsider.get(pages[name]).status_code == 404, name
    assert outsider.get(pages["policy"]).status_code in (403, 404)
    assert "Asha Otieno" not in outsider.get(pages["queue"]).text
    own = f"/supervision/{session_id}"
    assert visitor.get(own).url.path == "/login"
    assert [_as(exam, each).get(own).status_code for each in (exam.learner, classmate, elsewhere)] == [200, 404, 404]
    assert _as(exam, exam.learner).get(f"/supervision/{new_id()}").status_code == 404


def test_running_sessions_are_on_the_wall(exam: Exam) -> None:
    session_id = sit(exam, end=False)
    seen = _as(exam, exam.instructor)
    wall = seen.get("/teach/proctoring/live").text
    assert f'data-session="{session_id}"' in wall and "1 running" in wall and "Possible phone" in wall
    assert "The exam still runs" in seen.get(f"/teach/proctoring/sessions/{session_id}").text


def test_the_terms_are_set_read_back_and_ended(exam: Exam) -> None:
    path = f"/teach/quizzes/{exam.quiz.id}/supervision"
    editor = _as(exam, exam.instructor)
    form = {"checks": "faces", "identity": "on", "snapshot_interval_seconds": "7", "allowed_materials": "book"}
    form |= {"retention_days": "12", "note": "Kept by the exam office."}
    shown = editor.post(path, form, page=path).text
    assert "Saved." in shown and "Kept by the exam office." in shown and 'value="7"' in shown
    with exam.runtime.database.read(actor_of(exam.runtime.database, exam.instructor)) as ctx:
        known = policies.for_editing(ctx, exam.quiz.id)
    assert known is not None and known.version == 2
    rules = known.rules
    assert (rules.identity, rules.fullscreen, rules.retention_days) == (True, False, 12)
    assert {*rules.checks} == {"faces", "identity"} and {*rules.allowed_materials} == {"book"}
    ended = editor.post(f"{path}/end", page=path)
    assert ended.url.path == f"/teach/quizzes/{exam.quiz.id}"
    assert "Not supervised" in editor.get(path).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"snapshot_interval_seconds": "0"},
        {"snapshot_interval_seconds": "soon"},
        {"retention_days": "4000"},
        {"checks": "thoughts"},
        {"allowed_materials": "cat"},
        {"note": "x" * 10_000},
    ],
)
def test_wrong_terms_are_refused_with_words(exam: Exam, wrong: dict[str, str]) -> None:
    path = f"/teach/quizzes/{exam.quiz.id}/supervision"
    form = {"checks": "faces", "snapshot_interval_seconds": "7", "retention_days": "12"}
    answer = _as(exam, exam.instructor).post(path, form | wrong, page=path)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    with exam.runtime.database.read(actor_of(exam.runtime.database, exam.instructor)) as ctx:
        known = policies.for_editing(ctx, exam.quiz.id)
    assert known is not None and known.version == 1


def test_a_taker_appeals_a_rejection_and_asks_for_deletion(exam: Exam) -> None:
    session_id = sit(exam)
    flag = flags_of(exam, session_id)[0]["id"]
    confirm = f"/proctor-session/{session_id}/anomalies/{flag}/decision"
    assert exam.post(exam.instructor, confirm, decision="confirm").status_code == 200
    for person in (exam.instructor, exam.second):
        with exam.runtime.database.write(actor_of(exam.runtime.database, person)) as ctx:
            review.give_verdict(ctx, session_id, verdict_in=VerdictIn(verdict="rejected", message="A phone."))
    taker, path = _as(exam, exam.learner), f"/supervision/{session_id}"
    assert "Two people looked at it" in taker.get(path).text and "A phone." in taker.get(path).text
    empty = taker.post(f"{path}/appeal", {"text": "  "}, page=path)
    assert empty.status_code == 422 and "Please write why you disagree" in empty.text
    assert "It was a toy." in taker.post(f"{path}/appeal", {"text": "It was a toy."}, page=path).text
    again = taker.post(f"{path}/appeal", {"text": "Once more."}, page=path)
    assert again.status_code == 409
    assert "You asked for deletion." in taker.post(f"{path}/deletion", page=path).text


def test_an_attempt_of_a_supervised_quiz_begins_with_the_consent(exam: Exam) -> None:
    taker = _as(exam, exam.learner)
    quiz = f"/quizzes/{exam.quiz.id}"
    assert "your camera is checked before the clock starts" in taker.get(quiz).text
    begun = taker.post(f"{quiz}/start", page=quiz)
    assert begun.url.path.startswith("/attempts/")
    assert "What will be recorded" in begun.text and "Agree and go on" in begun.text
    text = next(iter(exam.quiz.questions)).text
    with exam.runtime.database.read(actor_of(exam.runtime.database, exam.instructor)) as ctx:
        assert assessments.access_quiz(ctx, exam.quiz.id).supervised
    assert text not in begun.text


def test_lists_cost_the_same_however_long(exam: Exam) -> None:
    seen = _as(exam, exam.instructor)
    paths = ("/teach/proctoring", f"/teach/proctoring/exams/{exam.quiz.id}", "/teach/proctoring/live")
    sit(exam)
    few = [_cost(exam, seen, path) for path in paths]
    for _ in range(3):
        taker = enrol(exam.runtime.database, create_person(exam.runtime.database), exam.course.id)
        sit(exam, taker=taker, end=False)
    many = [_cost(exam, seen, path) for path in paths]
    assert max(few) <= MOST_STATEMENTS and max(many) <= MOST_STATEMENTS, (few, many)


def _cost(exam: Exam, seen: Visitor, path: str) -> int:
    with statements(exam.runtime.database) as sent:
        assert seen.get(path).status_code == 200, path
    return len(sent)


def test_a_named_reviewer_who_teaches_nothing_finds_the_queue(exam: Exam) -> None:
    named = create_person(exam.runtime.database, full_name="Zawadi Mkaguzi")
    with exam.runtime.database.write(actor_of(exam.runtime.database, exam.instructor)) as ctx:
        policies.set_policy(ctx, exam.quiz.id, rules=PolicyIn(reviewers=[named.id]))
    session_id = sit(exam)
    link = 'href="/teach/proctoring"'
    reviewer = _as(exam, named)
    home = reviewer.get("/").text
    assert link in home and 'href="/teach"' not in home
    pages = _pages(exam, session_id)
    for name in ("queue", "live", "exam", "report"):
        answer = reviewer.get(pages[name])
        assert answer.status_code == 200, name
        assert 'href="/teach"' not in answer.text and "/supervision" not in answer.text, name
    assert link not in _as(exam, exam.learner).get("/").text
    assert link not in Visitor(exam.runtime).get("/").text


def test_what_was_not_looked_for_is_shown_as_not_watched(exam: Exam) -> None:
    session_id = sit(exam, "clean*3 unseen*3 clean*2")
    seen, pages = _as(exam, exam.instructor), _pages(exam, session_id)
    for name in ("queue", "exam", "report"):
        text = seen.get(pages[name]).text
        assert "66 %" in text and "and 33 % in part" in text, name
    assert seen.get(pages["report"]).text.count("People and things were not looked for.") >= 2


def test_reports_speak_the_language_of_the_page(exam: Exam) -> None:
    session_id = sit(exam)
    for person, path in ((exam.instructor, f"/teach/proctoring/sessions/{session_id}"), (exam.learner, "")):
        seen = _as(exam, person)
        path = path or f"/supervision/{session_id}"
        assert "Possible phone" in seen.get(path).text
        seen.client.cookies.set("mwalimu_language", "sw")
        shown = seen.get(path).text
        assert "Huenda ni simu" in shown and "Possible phone" not in shown
