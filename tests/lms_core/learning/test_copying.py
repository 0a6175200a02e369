"""Copies of courses and templates, over HTTP: everything mapped, nobody's work carried over, whole or not at all."""

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.content.courses.schemas import ImportedModule, LessonIn
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.storage import Storage
from lms_core.learning.copying import beginnings
from proctoring.policies.models import Policy
from tests.factories import assignments
from tests.factories.assessments import create_quiz, enrol
from tests.factories.banks import arrange, create_bank, draw_of, sums
from tests.factories.courses import Made, create_course
from tests.factories.media import picture
from tests.factories.people import Person, create_person, log_in
from tests.factories.release import after_lesson, rule
from workers.runtime import Runtime

API = "/api/v1"
MODULES = [
    ImportedModule(
        title="Heat",
        lessons=[
            LessonIn(title="Boiling", body="# Boiling\n\nSee [next](lesson:b.md).\n", source_path="a.md"),
            LessonIn(title="Melting", body="# Melting\n\nIce melts.\n", source_path="b.md"),
            LessonIn(
                title="Kuchemka", body="# Kuchemka\n", source_path="a.sw.md", language="sw", translation_of="a.md"
            ),
        ],
    ),
    ImportedModule(title="Cold", lessons=[LessonIn(title="Ice", body="# Ice\n\nFloats.\n", source_path="c.md")]),
]
RULES = {"consent": True}


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    """An instructor."""
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def teaching(client: TestClient, teacher: Person) -> dict[str, str]:
    """The instructor's requests."""
    return log_in(client, teacher)


def furnish(runtime: Runtime, client: TestClient, teacher: Person, teaching: dict[str, str], course: Made) -> UUID:
    """Fill the course with one of everything that is copied; returns the quiz's id."""
    melting, ice = course.lessons[1], course.lessons[3]
    quiz = create_quiz(runtime.database, teacher, course.id, lesson_id=melting, supervised=True)
    rubric = assignments.scheme(client, teaching, course, assignments.RUBRIC)
    work = assignments.make(
        client,
        teaching,
        course,
        scheme_id=rubric["id"],
        lesson_id=str(ice),
        points=20,
        instructions=f"Read [this](/lessons/{melting}) and [the course](/courses/{course.slug}/faq).",
    )
    edit = {"base_version": 1, "body": f"# Ice\n\nFirst [melt it](/lessons/{melting}); [quiz](quiz:{quiz.id})."}
    assert client.put(f"{API}/lessons/{ice}", json=edit, headers=teaching).status_code == 200
    assert rule(client, teaching, f"lessons/{melting}", after_lesson(course.lessons[0])).status_code == 200
    scored = {"kind": "score", "result_id": str(quiz.id), "percent": 60}
    assert rule(client, teaching, f"modules/{course.modules[1]}", scored).status_code == 200
    completion = {"marked_id": work["id"], "optional": True}
    assert client.put(f"{API}/lessons/{ice}/completion", json=completion, headers=teaching).status_code == 200
    grades = {"name": "Exams", "weight": 3}
    made = client.post(f"{API}/courses/{course.slug}/gradebook/categories", json=grades, headers=teaching)
    assert made.status_code == 201, made.text
    design = client.get(f"{API}/courses/{course.slug}/certificate-template", headers=teaching).json()["design"]
    given = {"design": design, "issue_on_completion": True}
    client.put(f"{API}/courses/{course.slug}/certificate-template", json=given, headers=teaching)
    with runtime.database.write(system_actor(teacher.tenant_id)) as ctx:
        ctx.add(Policy(quiz_id=quiz.id, course_id=course.id, version=1, rules=RULES, made_at=ctx.now))
    return quiz.id


def set_cover(client: TestClient, teacher: Person, course: Made) -> None:
    """A cover with its variants, through the page."""
    client.post("/login", data=teacher.login)
    token = client.get(f"/teach/courses/{course.slug}").text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"file": ("cover.jpg", picture(900, 450))}
    answer = client.post(f"/teach/courses/{course.slug}/cover", data={"csrf_token": token}, files=sent)
    assert answer.status_code == 200
    client.cookies.clear()


def test_a_copy_has_everything_but_the_people(
    runtime: Runtime, client: TestClient, settle: Callable[[], None], teacher: Person, teaching: dict[str, str]
) -> None:
    course = create_course(runtime.database, teacher, modules=MODULES, tags=["Water"], summary="Warm and cold")
    quiz_id = furnish(runtime, client, teacher, teaching, course)
    set_cover(client, teacher, course)
    settle()
    learner = create_person(runtime.database)
    enrol(runtime.database, learner, course.id)
    stranger = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))

    address = f"{API}/courses/{course.slug}/copies"
    assert client.post(address, json={}).status_code == 401
    assert client.post(address, json={}, headers=stranger).status_code == 403
    assert client.post(address, json={}, headers=log_in(client, learner)).status_code == 403
    begun = client.post(address, json={"title": "Heat, second year"}, headers=teaching).json()
    assert (begun["state"], begun["target_slug"]) == ("waiting", "heat-second-year")
    assert client.get(f"{API}/copies/{begun['id']}", headers=stranger).status_code == 404
    settle()
    done = client.get(f"{API}/copies/{begun['id']}", headers=teaching).json()
    assert (done["state"], done["percent"], done["total"] > 4) == ("done", 100, True)

    copy = client.get(f"{API}/courses/{begun['target_slug']}", headers=teaching).json()
    assert (copy["status"], copy["summary"], copy["tags"], copy["lesson_count"]) == (
        "draft", "Warm and cold", ["Water"], 3
    )  # fmt: skip
    lessons = {lesson["title"]: lesson for module in copy["modules"] for lesson in module["lessons"]}
    assert [module["title"] for module in copy["modules"]] == ["Heat", "Cold"]
    assert not {each["id"] for each in lessons.values()} & {str(each) for each in course.lessons}
    assert lessons["Kuchemka"]["translation_of_id"] == lessons["Boiling"]["id"]

    [quiz] = client.get(f"{API}/courses/{copy['slug']}/quizzes", headers=teaching).json()
    assert (quiz["lesson_id"], quiz["questions"], quiz["supervised"]) == (lessons["Melting"]["id"], 2, True)
    ice = client.get(f"{API}/lessons/{lessons['Ice']['id']}/source", headers=teaching).json()
    assert f"/lessons/{lessons['Melting']['id']}" in ice["body"] and f"quiz:{quiz['id']}" in ice["body"]
    boiling = client.get(f"{API}/lessons/{lessons['Boiling']['id']}", headers=teaching).json()
    assert f"/courses/{copy['slug']}/lessons/{lessons['Melting']['id']}" in boiling["html"]
    [work] = client.get(f"{API}/courses/{copy['slug']}/assignments", headers=teaching).json()
    source = client.get(f"{API}/assignments/{work['id']}/source", headers=teaching).json()
    assert f"/lessons/{lessons['Melting']['id']}" in source["instructions"]
    assert f"/courses/{copy['slug']}/faq" in source["instructions"]
    assert work["lesson_id"] == lessons["Ice"]["id"] and source["scheme_id"]

    plan = client.get(f"{API}/courses/{copy['slug']}/release", headers=teaching).json()
    conditions = {rule["lesson_id"] or rule["module_id"]: rule["conditions"][0] for rule in plan["rules"]}
    assert conditions[lessons["Melting"]["id"]]["lesson_id"] == lessons["Boiling"]["id"]
    assert conditions[copy["modules"][1]["id"]]["result_id"] == quiz["id"]
    assert plan["completion"][lessons["Ice"]["id"]]["marked_id"] == work["id"]
    assert copy["has_rules"] and lessons["Ice"]["optional"]
    setup = client.get(f"{API}/courses/{copy['slug']}/gradebook/setup", headers=teaching).text
    assert "Exams" in setup and str(quiz_id) not in setup
    template = client.get(f"{API}/courses/{copy['slug']}/certificate-template", headers=teaching).json()
    assert template["own"] and template["issue_on_completion"]
    shown = client.get(f"{API}/courses/{copy['slug']}/assets/{copy['cover']}?w=640", headers=teaching)
    assert shown.status_code == 200
    with runtime.database.read(system_actor(teacher.tenant_id)) as ctx:
        [policy] = ctx.session.execute(select(Policy).where(Policy.course_id == UUID(copy["id"]))).scalars()
    assert (policy.quiz_id, policy.rules) == (UUID(quiz["id"]), RULES)
    people = client.get(f"{API}/courses/{copy['slug']}/gradebook", headers=teaching).text
    assert learner.full_name not in people

    # What the original loses, the copy keeps.
    client.post(f"{API}/courses/{course.slug}/archive", headers=teaching)
    assert client.delete(f"{API}/courses/{course.slug}", headers=teaching).status_code == 204
    settle()
    for width in ("", "?w=640"):
        kept = client.get(f"{API}/courses/{copy['slug']}/assets/{copy['cover']}{width}", headers=teaching)
        assert kept.status_code == 200


def test_the_dates_of_a_copy_move_by_as_many_days_as_its_first_one(
    runtime: Runtime, client: TestClient, settle: Callable[[], None], teacher: Person, teaching: dict[str, str]
) -> None:
    course = create_course(runtime.database, teacher, modules=MODULES)
    address = f"{API}/courses/{course.slug}"
    create_quiz(runtime.database, teacher, course.id, opens_at="2026-03-16T08:00Z", closes_at="2026-04-20T08:00Z")
    assignments.make(client, teaching, course, due_at="2026-03-30T21:30Z", cutoff_at=None)
    opens = {"kind": "date", "at": "2026-03-10T07:00Z"}
    assert rule(client, teaching, f"lessons/{course.lessons[3]}", opens).status_code == 200
    plan = client.get(f"{address}/release", headers=teaching).json()
    condition = plan["rules"][0]["conditions"][0]["id"]
    cohort = client.post(
        f"{address}/cohorts", json={"name": "Spring", "starts_on": "2026-03-09", "ends_on": None}, headers=teaching
    ).json()
    own = {"condition_id": condition, "at": "2026-03-12T07:00Z"}
    assert client.put(f"{API}/cohorts/{cohort['id']}/dates", json=own, headers=teaching).status_code == 200
    column = {"title": "Talk", "maximum": 5, "due_at": "2026-05-04T10:00Z"}
    assert client.post(f"{address}/gradebook/columns", json=column, headers=teaching).status_code == 201
    profile = {"full_name": "Tatu", "language": "en", "time_zone": "Europe/Berlin"}
    assert client.put(f"{API}/auth/profile", json=profile, headers=teaching).status_code == 200

    shown = client.get(f"/teach/courses/{course.slug}/copy", headers=teaching).text
    assert "The first date in this course is Mar 9, 2026" in shown
    assert client.post(f"{address}/copies", json={"starts_on": "1800-01-01"}, headers=teaching).status_code == 422
    begun = client.post(f"{address}/copies", json={"starts_on": "2026-09-07"}, headers=teaching).json()  # 26 weeks on
    same = client.post(f"{address}/copies", json={"title": "As it was"}, headers=teaching).json()
    settle()
    copy = f"{API}/courses/{begun['target_slug']}"
    [quiz] = client.get(f"{copy}/quizzes", headers=teaching).json()
    # Berlin has summer time in April and September, not in March: the clock there shows the same time.
    assert (quiz["opens_at"], quiz["closes_at"]) == ("2026-09-14T07:00:00Z", "2026-10-19T08:00:00Z")
    [work] = client.get(f"{copy}/assignments", headers=teaching).json()
    assert (work["due_at"], work["cutoff_at"]) == ("2026-09-28T21:30:00Z", None)
    plan = client.get(f"{copy}/release", headers=teaching).json()
    assert plan["rules"][0]["conditions"][0]["at"] == "2026-09-08T06:00:00Z"
    [spring] = client.get(f"{copy}/cohorts", headers=teaching).json()
    assert (spring["starts_on"], spring["ends_on"]) == ("2026-09-07", None)
    assert list(spring["dates"].values()) == ["2026-09-10T06:00:00Z"]
    setup = client.get(f"{copy}/gradebook/setup", headers=teaching).json()
    assert [each["due_at"] for each in setup["columns"] if each["title"] == "Talk"] == ["2026-11-02T11:00:00Z"]
    [quiz] = client.get(f"{API}/courses/{same['target_slug']}/quizzes", headers=teaching).json()
    assert quiz["opens_at"] == "2026-03-16T08:00:00Z"


def test_a_copy_that_cannot_be_made_says_so_and_is_empty(
    runtime: Runtime, client: TestClient, settle: Callable[[], None], teacher: Person, teaching: dict[str, str]
) -> None:
    course = create_course(runtime.database, teacher)
    set_cover(client, teacher, course)
    begun = client.post(f"{API}/courses/{course.slug}/copies", json={}, headers=teaching).json()
    runtime.resources.get(Storage).delete_under(f"{teacher.tenant_id}/media")  # type: ignore[type-abstract]
    settle()
    failed = client.get(f"{API}/copies/{begun['id']}", headers=teaching).json()
    assert (failed["state"], failed["reason"]) == ("failed", "This file is no longer stored.")
    assert client.get(f"{API}/courses/{begun['target_slug']}", headers=teaching).json()["modules"] == []
    notices = client.get(f"{API}/notifications", headers=teaching).json()["items"]
    assert notices[0]["kind"] == "copying.failed"


def test_templates_are_for_authors_and_stay_out_of_the_catalogue(
    runtime: Runtime, client: TestClient, settle: Callable[[], None], teacher: Person, teaching: dict[str, str]
) -> None:
    course = create_course(runtime.database, teacher, title="House style", publish=False)
    other = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    learning = log_in(client, create_person(runtime.database))
    address = f"{API}/courses/{course.slug}"
    assert client.post(f"{address}/copies", json={}, headers=other).status_code == 404
    assert client.put(f"{address}/template", headers=other).status_code == 404
    assert client.put(f"{address}/template", headers=teaching).json()["template"] is True
    refused = client.post(f"{address}/publish", headers=teaching)
    assert (refused.status_code, refused.json()["code"]) == (409, "is_template")
    assert [each["slug"] for each in client.get(f"{API}/course-templates", headers=other).json()] == [course.slug]
    assert client.get(f"{API}/course-templates", headers=learning).status_code == 403
    assert client.post(f"{address}/copies", json={}, headers=learning).status_code in (403, 404)
    assert client.get(address, headers=other).status_code == 404
    begun = client.post(f"{address}/copies", json={"title": "Mine"}, headers=other).json()
    settle()
    mine = client.get(f"{API}/courses/{begun['target_slug']}", headers=other).json()
    assert (mine["template"], len(mine["modules"]), mine["may_edit"]) == (False, 2, True)
    published = create_course(runtime.database, teacher)
    assert client.put(f"{API}/courses/{published.slug}/template", headers=teaching).status_code == 409
    assert client.delete(f"{address}/template", headers=teaching).json()["template"] is False


@pytest.mark.parametrize("key", beginnings.KEYS)
def test_beginnings_say_the_same_in_both_languages(key: str) -> None:
    english, swahili = (beginnings.beginning(key, language) for language in beginnings.LANGUAGES)
    assert english.name != swahili.name
    for part in ("modules", "quizzes", "assignments"):
        assert len(getattr(english, part)) == len(getattr(swahili, part))
    for one, other in zip(english.modules, swahili.modules, strict=True):
        assert (one.repeat, one.days_apart, len(one.lessons)) == (other.repeat, other.days_apart, len(other.lessons))


def test_a_course_begins_from_what_comes_with_the_product(client: TestClient, teaching: dict[str, str]) -> None:
    given = {"title": "Kilimo", "language": "sw", "beginning": "weekly"}
    made = client.post(f"{API}/beginnings", json=given, headers=teaching).json()
    course = client.get(f"{API}/courses/{made['slug']}", headers=teaching).json()
    assert [module["title"] for module in course["modules"]][:3] == ["Karibu", "Wiki ya 1", "Wiki ya 2"]
    assert (course["lesson_count"], course["has_rules"], course["status"]) == (20, True, "draft")
    plan = client.get(f"{API}/courses/{made['slug']}/release", headers=teaching).json()
    assert [rule["conditions"][0]["days"] for rule in plan["rules"]] == [7, 14, 21, 28, 35]
    unknown = client.post(f"{API}/beginnings", json={**given, "beginning": "no-such"}, headers=teaching)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "beginning_not_found")


def test_quizzes_of_a_copy_draw_from_its_own_banks(
    runtime: Runtime, client: TestClient, drain: Callable[[], int], teacher: Person, teaching: dict[str, str]
) -> None:
    course = create_course(runtime.database, teacher)
    own, (pinned, *_) = create_bank(runtime.database, teacher, course.id, questions=sums(4))
    admin = create_person(runtime.database, role=Role.ADMIN)
    shared, _ = create_bank(runtime.database, admin, None, questions=sums(2, first=50))
    quiz = create_quiz(runtime.database, teacher, course.id)
    slots = [{"kind": "bank", "question_id": str(pinned)}, draw_of(own, 2), draw_of(shared, 1)]
    arrange(client, quiz.id, teaching, {"title": "Sums", "slots": slots})
    begun = client.post(f"{API}/courses/{course.slug}/copies", json={"title": "Again"}, headers=teaching).json()
    drain()
    [copy] = client.get(f"{API}/courses/{begun['target_slug']}/quizzes", headers=teaching).json()
    plan = client.get(f"{API}/quizzes/{copy['id']}/sections", headers=teaching).json()
    assert [each["title"] for each in plan["sections"]] == ["Sums"]
    held = client.get(f"{API}/question-banks?course={begun['target_slug']}", headers=teaching).json()["items"]
    assert {each["id"] for each in held} > {str(shared)} and str(own) not in {each["id"] for each in held}
    client.delete(f"{API}/courses/{course.slug}", headers=teaching)
    asked = client.get(f"{API}/quizzes/{copy['id']}/preview", headers=teaching)
    assert asked.status_code == 200 and len(asked.json()["questions"] if "questions" in asked.json() else asked.json())
