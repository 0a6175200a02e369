"""Rules of release over HTTP: what is locked for whom, why, what opens it, and who may say so."""

import pytest
from fastapi.testclient import TestClient

from lms_core.content.courses.schemas import ImportedModule, LessonIn
from lms_core.content.files import service as files
from lms_core.kit.permissions import Role
from tests.factories.assessments import create_quiz, enrol, pass_it, single
from tests.factories.courses import Made, create_course, outline, statements
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.release import API, after_lesson, complete, locked, opens, rule
from workers.runtime import Runtime

Headers = dict[str, str]


def test_a_lesson_waits_for_another_and_says_so(
    client: TestClient, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, second, third, _ = course.lessons
    assert rule(client, teaching, f"lessons/{second}", after_lesson(first)).status_code == 200
    refused = client.get(f"{API}/lessons/{second}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "lesson_locked")
    (told,) = refused.json()["rules"]
    assert [(each["kind"], each["title"], each["met"]) for each in told["conditions"]] == [
        ("lesson", "Lesson 1.1", False)
    ]
    assert "Water boils" not in refused.text
    page = client.get(f"/lessons/{second}", headers=headers | {"accept": "text/html"})
    assert page.status_code == 403
    assert "Complete the lesson “Lesson 1.1”" in page.text and "Water boils" not in page.text
    detail = client.get(f"{API}/courses/{course.slug}", headers=headers).json()
    assert detail["locked"] == [str(second)] == locked(client, headers, course.slug)
    assert [lesson["title"] for module in detail["modules"] for lesson in module["lessons"]][1] == "Lesson 1.2"
    complete(client, headers, first)
    assert opens(client, headers, second) and locked(client, headers, course.slug) == []
    client.delete(f"{API}/lessons/{first}/complete", headers=headers)
    assert not opens(client, headers, second)
    assert opens(client, headers, third)
    assert rule(client, teaching, f"lessons/{second}").status_code == 200
    assert opens(client, headers, second)


def test_outsiders_learners_and_instructors(
    runtime: Runtime, client: TestClient, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, second = course.lessons[:2]
    rule(client, teaching, f"lessons/{second}", after_lesson(first))
    cohort = client.post(f"{API}/courses/{course.slug}/cohorts", json={"name": "May"}, headers=teaching).json()["id"]
    outside = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    assert client.get(f"{API}/lessons/{second}", headers=outside).status_code == 404
    assert client.get(f"{API}/courses/{course.slug}/locks", headers=outside).status_code == 404
    assert opens(client, teaching, second) and locked(client, teaching, course.slug) == []
    a_rule: dict[str, object] = {"conditions": []}
    routes = {
        ("GET", f"courses/{course.slug}/release"): None,
        ("PUT", f"courses/{course.slug}/release"): {"time_zone": "Africa/Nairobi"},
        ("GET", f"courses/{course.slug}/release/preview"): None,
        ("PUT", f"lessons/{second}/release"): a_rule,
        ("PUT", f"modules/{course.modules[0]}/release"): a_rule,
        ("PUT", f"lessons/{second}/completion"): {},
        ("GET", f"courses/{course.slug}/cohorts"): None,
        ("POST", f"courses/{course.slug}/cohorts"): {"name": "June"},
        ("PUT", f"cohorts/{cohort}"): {"name": "June"},
        ("PUT", f"cohorts/{cohort}/dates"): {"condition_id": cohort, "at": None},
        ("GET", f"cohorts/{cohort}/members"): None,
        ("POST", f"cohorts/{cohort}/members"): {"emails": []},
        ("DELETE", f"cohorts/{cohort}/members/{cohort}"): None,
        ("DELETE", f"cohorts/{cohort}"): None,
        ("GET", f"courses/{course.slug}/at-risk"): None,
    }
    for (method, path), body in routes.items():
        for who in (headers, outside):
            refused = client.request(method, f"{API}/{path}", json=body, headers=who)
            assert refused.status_code in (403, 404), (method, path, refused.text)
    pages = ("release", "release/preview", "cohorts", f"cohorts/{cohort}", "at-risk", f"release/lesson/{second}")
    for path in pages:
        url = f"/teach/courses/{course.slug}/{path}"
        assert client.get(url, headers=headers).status_code in (403, 404)
        assert client.get(url, headers=teaching | {"accept": "text/html"}).status_code == 200, path
    assert not opens(client, headers, second)


def test_scores_modules_and_courses_open_what_waits_for_them(
    runtime: Runtime, client: TestClient, instructor: Person, teaching: Headers, headers: Headers, course: Made
) -> None:
    _first, second, third, fourth = course.lessons
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    score = {"kind": "score", "result_id": str(quiz.id), "percent": 80}
    rule(client, teaching, f"lessons/{second}", score)
    rule(client, teaching, f"modules/{course.modules[1]}", {"kind": "module", "module_id": str(course.modules[0])})
    assert locked(client, headers, course.slug) == sorted(map(str, (second, third, fourth)))
    failed = pass_it(client, quiz, headers, right=False)
    assert not opens(client, headers, second)
    passed = pass_it(client, quiz, headers)
    assert opens(client, headers, second) and failed["id"] != passed["id"]
    void = client.put(f"{API}/quiz-attempts/{passed['id']}/void", json={"reason": "copied"}, headers=teaching)
    assert void.status_code == 200 and not opens(client, headers, second)
    assert client.delete(f"{API}/quiz-attempts/{passed['id']}/void", headers=teaching).status_code == 200
    assert opens(client, headers, second) and not opens(client, headers, third)
    later = create_course(runtime.database, instructor, title="After", modules=outline(1))
    teaching = log_in(client, instructor)
    whole = {"conditions": [{"kind": "course", "required_course_id": str(course.id)}]}
    plan = {"time_zone": "Africa/Nairobi", "rule": whole}
    assert client.put(f"{API}/courses/{later.slug}/release", json=plan, headers=teaching).status_code == 200
    client.post(f"{API}/courses/{later.slug}/enroll", headers=headers)
    assert not opens(client, headers, later.lessons[0])
    for lesson in course.lessons:
        complete(client, headers, lesson)
    assert opens(client, headers, later.lessons[0])
    back = {"kind": "course", "required_course_id": str(later.id)}
    refused = rule(client, teaching, f"modules/{course.modules[0]}", back)
    assert (refused.status_code, refused.json()["code"]) == (422, "waits_for_itself")
    assert set(refused.json()["chain"]) == {"Heat and water", "After"}


def test_a_circle_is_refused_with_its_chain_and_leaves_no_trace(
    client: TestClient, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, second, third, _ = course.lessons
    assert rule(client, teaching, f"lessons/{second}", after_lesson(first)).status_code == 200
    assert rule(client, teaching, f"lessons/{third}", after_lesson(second)).status_code == 200
    refused = rule(client, teaching, f"lessons/{first}", after_lesson(third))
    assert (refused.status_code, refused.json()["code"]) == (422, "waits_for_itself")
    chain = refused.json()["chain"]
    assert chain[0] == chain[-1] and set(chain) == {"Lesson 1.1", "Lesson 1.2", "Lesson 2.1"}
    own_module = {"kind": "module", "module_id": str(course.modules[0])}
    assert rule(client, teaching, f"lessons/{second}", own_module).status_code == 422
    another_way = rule(
        client, teaching, f"lessons/{first}", after_lesson(third), {"kind": "days", "days": 1}, combination="any"
    )
    assert another_way.status_code == 200
    page = client.post(
        f"/teach/courses/{course.slug}/release/lesson/{first}/combination",
        data={"combination": "all"},
        headers=teaching | {"accept": "text/html"},
    )
    assert page.status_code == 422 and "each of these waits for the next" in page.text
    kept = client.get(f"{API}/courses/{course.slug}/release", headers=teaching).json()["rules"]
    assert {each["title"]: each["combination"] for each in kept} == {
        "Lesson 1.1": "any",
        "Lesson 1.2": "all",
        "Lesson 2.1": "all",
    }


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "lesson"},
        {"kind": "date", "at": "tomorrow"},
        {"kind": "days", "days": -1},
        {"kind": "days", "days": 3, "percent": 5},
        {"kind": "lesson", "lesson_id": "01900000-0000-7000-8000-000000000001"},
        {"kind": "score", "result_id": "01900000-0000-7000-8000-000000000001", "percent": 50},
        {"kind": "cohort", "cohort_id": "01900000-0000-7000-8000-000000000001"},
        {"kind": "course", "required_course_id": "01900000-0000-7000-8000-000000000001"},
    ],
)
def test_what_makes_no_condition_is_refused(
    client: TestClient, teaching: Headers, course: Made, condition: dict[str, object]
) -> None:
    assert rule(client, teaching, f"lessons/{course.lessons[0]}", condition).status_code == 422


def test_what_is_deleted_locks_nobody(
    runtime: Runtime, client: TestClient, instructor: Person, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, second, third, _ = course.lessons
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    rule(client, teaching, f"lessons/{second}", after_lesson(first))
    rule(client, teaching, f"lessons/{third}", {"kind": "score", "result_id": str(quiz.id), "percent": 50})
    assert len(locked(client, headers, course.slug)) == 2
    assert client.delete(f"{API}/lessons/{first}", headers=teaching).status_code == 204
    assert client.delete(f"{API}/quizzes/{quiz.id}", headers=teaching).status_code == 204
    assert locked(client, headers, course.slug) == []


def test_locks_cost_two_statements_however_large_the_course(
    runtime: Runtime, client: TestClient, instructor: Person, learner: Person
) -> None:
    counts = {}
    for size in (3, 60):
        made = create_course(runtime.database, instructor, title=f"Of {size}", modules=outline(size))
        enrol(runtime.database, learner, made.id)
        teaching, headers = log_in(client, instructor), log_in(client, learner)
        paths = (f"/courses/{made.slug}", f"/lessons/{made.lessons[0]}")
        before = [_sent(runtime, client, path, headers) for path in paths]
        for one, other in zip(made.lessons[:20], made.lessons[1:21], strict=False):
            rule(client, teaching, f"lessons/{other}", after_lesson(one))
        after = [_sent(runtime, client, path, headers) for path in paths]
        counts[size] = (before, after)
    assert counts[3] == counts[60]
    (course_before, lesson_before), (course_after, lesson_after) = counts[60]
    assert course_after - course_before <= 2 and lesson_after - lesson_before <= 4


def _sent(runtime: Runtime, client: TestClient, path: str, headers: Headers) -> int:
    client.get(path, headers=headers)
    with statements(runtime.database) as sent:
        assert client.get(path, headers=headers).status_code == 200
    return len(sent)


def test_files_of_a_locked_lesson_wait_with_it(
    runtime: Runtime, client: TestClient, instructor: Person, learner: Person
) -> None:
    lessons = [
        LessonIn(title="One", body="![a](asset:both.png)", source_path="1.md"),
        LessonIn(title="Two", body="![a](asset:both.png) ![b](<asset:only two.png>)", source_path="2.md"),
    ]
    made = create_course(runtime.database, instructor, modules=[ImportedModule(title="M", lessons=lessons)])
    with runtime.database.write(actor_of(runtime.database, instructor)) as ctx:
        for name in ("both.png", "only two.png", "free.png"):
            files.store(ctx, owner_id=made.id, path=name, content=b"\x89PNG\r\n\x1a\n" + name.encode())
    enrol(runtime.database, learner, made.id)
    teaching, headers = log_in(client, instructor), log_in(client, learner)
    rule(client, teaching, f"lessons/{made.lessons[1]}", after_lesson(made.lessons[0]))

    def status(name: str, who: Headers) -> int:
        return int(client.get(f"{API}/courses/{made.slug}/assets/{name}", headers=who).status_code)

    assert [status(name, headers) for name in ("both.png", "only two.png", "free.png")] == [200, 403, 200]
    assert status("only two.png", teaching) == 200
    complete(client, headers, made.lessons[0])
    assert status("only two.png", headers) == 200
