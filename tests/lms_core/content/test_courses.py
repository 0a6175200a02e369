"""Courses from draft to archive: order, versions, imports, searching, and who sees what."""

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms_core.content import text
from lms_core.content.courses import ordering
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import LessonNotFound
from lms_core.content.courses.schemas import ImportedModule, LessonIn, LessonPlace
from lms_core.content.courses.slugs import containing, folded, slug_of
from lms_core.kit.permissions import Role
from tests.factories.courses import BODY, create_course, outline, statements
from tests.factories.people import Person, actor_of, create_person, create_tenant, log_in
from workers.runtime import Runtime

API = "/api/v1"


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    """An instructor."""
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def headers(client: TestClient, teacher: Person) -> dict[str, str]:
    """The instructor's requests."""
    return log_in(client, teacher)


def order_of(client: TestClient, headers: dict[str, str], slug: str) -> list[tuple[str, list[str]]]:
    """Module titles with lesson titles, as the course page lists them."""
    answer = client.get(f"{API}/courses/{slug}", headers=headers).json()
    return [(module["title"], [lesson["title"] for lesson in module["lessons"]]) for module in answer["modules"]]


def test_from_draft_to_archive(client: TestClient, headers: dict[str, str]) -> None:
    made = client.post(
        f"{API}/courses", headers=headers, json={"title": "Chemistry, part 1", "tags": ["Water", "water "]}
    )
    assert made.status_code == 201
    course = made.json()
    assert (course["slug"], course["status"], course["tags"]) == ("chemistry-part-1", "draft", ["Water"])
    url = f"{API}/courses/{course['slug']}"
    assert client.get(url).status_code == 404
    refused = client.post(f"{url}/publish", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_publish")
    module = client.post(f"{url}/modules", headers=headers, json={"title": "One"}).json()
    lesson = client.post(
        f"{url}/lessons", headers=headers, json={"module_id": module["id"], "title": "First", "body": BODY}
    )
    assert lesson.status_code == 201, lesson.text
    assert client.post(f"{url}/publish", headers=headers).json()["status"] == "published"
    assert client.get(url).json()["lesson_count"] == 1
    refused = client.delete(url, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "still_published")
    assert client.post(f"{url}/archive", headers=headers).json()["status"] == "archived"
    assert client.get(url).status_code == 404
    assert client.get(f"{API}/courses").json()["items"] == []
    assert client.delete(url, headers=headers).status_code == 204
    assert client.get(url, headers=headers).status_code == 404


def test_update_keeps_what_is_left_out(client: TestClient, headers: dict[str, str]) -> None:
    client.post(f"{API}/categories", headers=headers, json={"name": "Natural Science"})
    body = {"title": "Heat", "summary": "Warm things", "tags": ["physics"], "category": "natural-science"}
    slug = client.post(f"{API}/courses", headers=headers, json=body).json()["slug"]
    changed = client.patch(f"{API}/courses/{slug}", headers=headers, json={"title": "Heat and cold"}).json()
    assert changed["slug"] == "heat"
    assert (changed["summary"], changed["tags"], changed["category_name"]) == (
        "Warm things", ["physics"], "Natural Science"
    )  # fmt: skip
    cleared = client.patch(f"{API}/courses/{slug}", headers=headers, json={"category": "", "tags": []}).json()
    assert (cleared["category"], cleared["tags"]) == (None, [])
    unknown = client.patch(f"{API}/courses/{slug}", headers=headers, json={"category": "nowhere"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "category")


def test_slugs_are_made_unique_and_given_ones_refused(client: TestClient, headers: dict[str, str]) -> None:
    slugs = [client.post(f"{API}/courses", headers=headers, json={"title": "Maji"}).json()["slug"] for _ in range(3)]
    assert slugs == ["maji", "maji-2", "maji-3"]
    taken = client.post(f"{API}/courses", headers=headers, json={"title": "X", "slug": "maji"})
    assert (taken.status_code, taken.json()["code"]) == (409, "slug_taken")


@pytest.mark.parametrize("who", ["visitor", "learner", "instructor elsewhere"])
@pytest.mark.parametrize("name", ["slug", "id"])
def test_outsiders_find_no_draft(runtime: Runtime, client: TestClient, teacher: Person, who: str, name: str) -> None:
    made = create_course(runtime.database, teacher, publish=False)
    course = made.slug if name == "slug" else str(made.id)
    headers, host = {}, ""
    if who == "learner":
        headers = log_in(client, create_person(runtime.database))
    if who == "instructor elsewhere":
        host = "other.example.org"
        stranger = create_person(
            runtime.database, role=Role.INSTRUCTOR, tenant_id=create_tenant(runtime.database, host=host)
        )
        headers = {"Host": host} | log_in_at(client, stranger, host)
    assert client.get(f"{API}/courses/{course}", headers=headers).status_code == 404
    if headers:
        for method, path in [
            ("PATCH", f"courses/{course}"),
            ("POST", f"courses/{course}/publish"),
            ("POST", f"courses/{course}/archive"),
            ("POST", f"courses/{course}/enroll"),
            ("GET", f"courses/{course}/progress"),
            ("GET", f"lessons/{made.lessons[0]}"),
            ("GET", f"lessons/{made.lessons[0]}/source"),
            ("GET", f"lessons/{made.lessons[0]}/versions"),
            ("PUT", f"lessons/{made.lessons[0]}/complete"),
            ("DELETE", f"lessons/{made.lessons[0]}"),
            ("DELETE", f"courses/{course}/modules/{made.modules[0]}"),
        ]:
            body = {"json": {}} if method == "PATCH" else {}
            answer = client.request(method, f"{API}/{path}", headers=headers, **body)
            assert answer.status_code == 404, (method, path, answer.text)


def log_in_at(client: TestClient, person: Person, host: str) -> dict[str, str]:
    """The headers of somebody in another institution."""
    answer = client.post(f"{API}/auth/login", json=person.login, headers={"Host": host})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_another_institution_sees_nothing_published_here(runtime: Runtime, client: TestClient, teacher: Person) -> None:
    made = create_course(runtime.database, teacher)
    host = "other.example.org"
    create_tenant(runtime.database, host=host)
    assert client.get(f"{API}/courses").json()["items"][0]["slug"] == made.slug
    assert client.get(f"{API}/courses", headers={"Host": host}).json()["items"] == []
    assert client.get(f"{API}/courses/{made.id}", headers={"Host": host}).status_code == 404
    assert client.get(f"{API}/courses?tag=x&category=y&q=heat", headers={"Host": host}).json()["items"] == []


def test_learners_may_look_but_not_change(runtime: Runtime, client: TestClient, teacher: Person) -> None:
    made = create_course(runtime.database, teacher)
    learner = log_in(client, create_person(runtime.database))
    assert client.patch(f"{API}/courses/{made.slug}", headers=learner, json={"title": "Mine"}).status_code == 403
    assert client.post(f"{API}/courses", headers=learner, json={"title": "Mine"}).status_code == 403
    assert client.post(f"{API}/lessons/preview", headers=learner, json={"body": "x"}).status_code == 403
    assert client.get(f"{API}/my-teaching", headers=learner).status_code == 403
    assert client.post(f"{API}/courses", json={"title": "Nobody's"}).status_code == 401


def test_search_folds_case_and_accents_and_takes_wildcards_literally(
    runtime: Runtime, client: TestClient, teacher: Person
) -> None:
    for title, summary, tags in [
        ("Élan vital", "about life", ["Bergson"]),
        ("Discounts", "100% off_season", []),
        ("Life tables", "figures with M-Pesa", ["statistics"]),
    ]:
        create_course(runtime.database, teacher, title=title, summary=summary, tags=tags, modules=outline(1))

    def found(**query: str) -> list[str]:
        return [item["title"] for item in client.get(f"{API}/courses", params=query).json()["items"]]

    assert found(q="ELAN") == ["Élan vital"]
    assert found(q="life") == ["Life tables", "Élan vital"]  # title matches come first
    assert found(q="100% off_") == ["Discounts"]
    assert found(q="%") == ["Discounts"]
    assert found(q="mpesa") == found(q="M-PESA") == found(q="m pesa") == ["Life tables"]
    assert found(q="bergson life") == ["Élan vital"]
    assert found(tag="STATISTICS") == ["Life tables"]
    assert found(q="' OR 1=1 --") == found(q="{{7*7}}") == []
    assert client.get(f"{API}/courses", params={"q": "\x00zzz"}).status_code == 422
    assert found(language="en") == ["Life tables", "Discounts", "Élan vital"]
    assert found(language="%") == []


def test_browse_pages_through_everything_once(runtime: Runtime, client: TestClient, teacher: Person) -> None:
    for number in range(5):
        create_course(runtime.database, teacher, title=f"Course {number}", modules=outline(1))
    seen, cursor = [], ""
    while True:
        answer = client.get(f"{API}/courses", params={"limit": 2, "cursor": cursor, "q": "course"}).json()
        seen += [item["title"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"Course {number}" for number in (4, 3, 2, 1, 0)]
    assert client.get(f"{API}/courses", params={"cursor": "bm9wZQ"}).status_code == 422


def test_reading_costs_few_statements_whatever_the_size(runtime: Runtime, client: TestClient, teacher: Person) -> None:
    made = create_course(runtime.database, teacher, modules=outline(20, 20, 20))
    for number in range(4):
        create_course(runtime.database, teacher, title=f"Other {number}", modules=outline(1), tags=["a", "b"])
    learner = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{made.slug}/enroll", headers=learner)
    for path, most_at_first, most in [
        ("courses", 4, 2),
        (f"courses/{made.slug}", 6, 3),
        (f"lessons/{made.lessons[30]}", 5, 3),
        ("my-courses", 6, 4),
        (f"courses/{made.slug}/progress", 6, 4),
    ]:
        for allowed in (most_at_first, most):
            with statements(runtime.database) as sent:
                answer = client.get(f"{API}/{path}", headers=learner)
            assert answer.status_code == 200, answer.text
            assert len(sent) <= allowed, "\n".join([path, *sent])


def test_lesson_carries_text_and_neighbours(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher)
    lesson = client.get(f"{API}/lessons/{made.lessons[1]}", headers=headers).json()
    assert (lesson["previous"]["id"], lesson["next"]["id"]) == (str(made.lessons[0]), str(made.lessons[2]))
    assert all(block.text in lesson["text"] for block in text.blocks(BODY))
    assert "<h2" in lesson["html"] and "<h1" not in lesson["html"]
    assert [heading["anchor"] for heading in lesson["outline"]] == ["opening", "higher-up"]
    first = client.get(f"{API}/lessons/{made.lessons[0]}", headers=headers).json()
    assert first["previous"] is None


def test_edits_are_versions_and_the_later_of_two_editors_is_told(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher)
    url = f"{API}/lessons/{made.lessons[0]}"
    saved = client.put(url, headers=headers, json={"base_version": 1, "body": "Salt melts ice.", "note": "shorter"})
    assert (saved.json()["version"], "Salt melts ice." in saved.json()["html"]) == (2, True)
    late = client.put(url, headers=headers, json={"base_version": 1, "body": "Overwritten"})
    assert (late.status_code, late.json()["code"], late.json()["current_version"]) == (409, "version_conflict", 2)
    same = client.put(url, headers=headers, json={"base_version": 2, "body": "Salt melts ice."})
    assert same.json()["version"] == 2
    back = client.post(f"{url}/versions/1/restore", headers=headers).json()
    assert (back["version"], "Water boils" in back["text"]) == (3, True)
    history = client.get(f"{url}/versions", headers=headers).json()
    assert [(each["number"], each["current"]) for each in history] == [(3, True), (2, False), (1, False)]
    assert client.post(f"{url}/versions/9/restore", headers=headers).status_code == 404


def test_preview_is_safe_and_stores_nothing(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher)
    body = "# Hi\n\n<script>alert(1)</script>\n\n[on](lesson:m1/l2.md#opening) ![p](asset:a%20b.png)"
    shown = client.post(f"{API}/lessons/preview", headers=headers, json={"body": body, "course": made.slug}).json()
    assert "<script" not in shown["html"]
    assert f"/courses/{made.slug}/lessons/{made.lessons[1]}#opening" in shown["html"]
    assert f"/api/v1/courses/{made.slug}/assets/a%20b.png" in shown["html"]
    assert shown["outline"][0]["text"] == "Hi"


def test_import_again_changes_only_what_changed(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher, modules=outline(2, 2))
    by_hand = client.post(
        f"{API}/courses/{made.slug}/lessons",
        headers=headers,
        json={"module_id": str(made.modules[1]), "title": "By hand"},
    ).json()
    again = [
        ImportedModule(
            title="Module 2",
            lessons=[
                LessonIn(title="Lesson 2.1", body=BODY, source_path="m2/l1.md"),
                LessonIn(title="New", body="Steam.", source_path="m2/l3.md"),
                LessonIn(title="Lesson 1.1", body="Ice.", source_path="m1/l1.md"),
            ],
        )
    ]
    with runtime.database.write(actor_of(runtime.database, teacher)) as ctx:
        report = courses.import_outline(ctx, made.id, modules=again)
        while courses.render_pending(ctx, made.id):
            pass
    assert (report.created, report.updated, report.unchanged, report.deleted) == (1, 1, 1, 2)
    assert order_of(client, headers, made.slug) == [("Module 2", ["Lesson 2.1", "New", "Lesson 1.1", "By hand"])]
    kept = client.get(f"{API}/lessons/{made.lessons[2]}", headers=headers).json()
    moved = client.get(f"{API}/lessons/{made.lessons[0]}", headers=headers).json()
    assert (kept["version"], moved["version"], moved["text"]) == (1, 2, "Ice.")
    assert client.get(f"{API}/lessons/{made.lessons[1]}", headers=headers).status_code == 404
    assert client.get(f"{API}/lessons/{by_hand['id']}", headers=headers).status_code == 200


def test_import_without_replace_only_adds(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher, modules=outline(2))
    more = [
        ImportedModule(title="Module 1", lessons=[LessonIn(title="Extra", source_path="extra.md")]),
        *outline(0, 1)[1:],
    ]
    with runtime.database.write(actor_of(runtime.database, teacher)) as ctx:
        courses.import_outline(ctx, made.id, modules=more, replace=False)
    assert order_of(client, headers, made.slug) == [
        ("Module 1", ["Lesson 1.1", "Lesson 1.2", "Extra"]),
        ("Module 2", ["Lesson 2.1"]),
    ]


def test_links_follow_lessons_that_appear_and_go(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    linking = [
        ImportedModule(
            title="One",
            lessons=[LessonIn(title="A", body="See [the next](lesson:b.md#x).", source_path="a.md")],
        )
    ]
    made = create_course(runtime.database, teacher, modules=linking)
    url = f"{API}/lessons/{made.lessons[0]}"
    assert "href" not in client.get(url, headers=headers).json()["html"]
    added = client.post(
        f"{API}/courses/{made.slug}/lessons",
        headers=headers,
        json={"module_id": str(made.modules[0]), "title": "B", "source_path": "b.md"},
    ).json()
    assert f"/lessons/{added['id']}#x" in client.get(url, headers=headers).json()["html"]
    assert client.delete(f"{API}/lessons/{added['id']}", headers=headers).status_code == 204
    assert "href" not in client.get(url, headers=headers).json()["html"]


def test_a_translation_stands_beside_its_original(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    modules = outline(2)
    swahili = [
        LessonIn(title="Somo", body="Maji.", source_path=f"sw/l{n}.md", language="sw", translation_of=f"m1/l{n}.md")
        for n in (1, 2)
    ]
    modules[0].lessons.extend(swahili)
    made = create_course(runtime.database, teacher, modules=modules)
    original, _, first, second = made.lessons
    assert client.get(f"{API}/courses/{made.slug}").json()["lesson_count"] == 2
    shown = client.get(f"{API}/lessons/{first}", headers=headers).json()
    assert (shown["translation_of_id"], shown["next"]["id"]) == (str(original), str(second))


def test_hidden_lessons_are_for_editors(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher)
    learner = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{made.slug}/enroll", headers=learner)
    url = f"{API}/lessons/{made.lessons[0]}"
    assert client.get(url, headers=learner).status_code == 200
    client.put(url, headers=headers, json={"base_version": 1, "status": "draft"})
    assert client.get(url, headers=learner).status_code == 404
    assert client.get(url, headers=headers).status_code == 200
    assert client.get(f"{API}/courses/{made.slug}", headers=learner).json()["lesson_count"] == 3
    assert order_of(client, learner, made.slug)[0] == ("Module 1", ["Lesson 1.2"])


def test_set_outline_orders_everything_or_nothing(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher)
    a, b, c, d = (str(lesson) for lesson in made.lessons)
    one, two = (str(module) for module in made.modules)
    url = f"{API}/courses/{made.slug}/outline"
    wanted = {"modules": [{"module_id": two, "lessons": [d, a]}, {"module_id": one, "lessons": [c, b]}]}
    assert client.put(url, headers=headers, json=wanted).status_code == 200
    assert order_of(client, headers, made.slug) == [
        ("Module 2", ["Lesson 2.2", "Lesson 1.1"]),
        ("Module 1", ["Lesson 2.1", "Lesson 1.2"]),
    ]
    for lessons in ([d], [d, d], [d, a, b]):
        wanted["modules"][0]["lessons"] = lessons
        refused = client.put(url, headers=headers, json=wanted)
        assert (refused.status_code, refused.json()["code"]) == (409, "outline_changed")


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 9)), max_size=6))
def test_positions_stay_a_permutation_however_lessons_move(
    runtime: Runtime, teacher: Person, moves: list[tuple[int, int, int]]
) -> None:
    made = create_course(runtime.database, teacher, modules=outline(3, 2, 1))
    actor = actor_of(runtime.database, teacher)
    model = {made.modules[0]: list(made.lessons[:3]), made.modules[1]: list(made.lessons[3:5])}
    model[made.modules[2]] = list(made.lessons[5:])
    with runtime.database.write(actor) as ctx:
        for index, module, position in moves:
            lesson, target = made.lessons[index], made.modules[module]
            for lessons in model.values():
                if lesson in lessons:
                    lessons.remove(lesson)
            model[target].insert(position, lesson)
            courses.move_lesson(ctx, lesson, to=LessonPlace(module_id=target, position=position))
        tree = courses.outline(ctx, made.id, drafts=True)
    assert {module.id: [lesson.id for lesson in module.lessons] for module in tree} == model


@given(st.lists(st.integers(), unique=True, min_size=1, max_size=8), st.integers(0, 7), st.integers(-3, 12))
def test_moved_keeps_the_others_in_order(items: list[int], index: int, to: int) -> None:
    item = items[index % len(items)]
    result = ordering.moved(items, item, to=to)
    assert ordering.same_members(result, items)
    assert [each for each in result if each != item] == [each for each in items if each != item]
    assert result.index(item) == min(max(to, 0), len(items) - 1)


@given(st.text(max_size=80))
def test_any_title_makes_a_slug_and_a_search_text(title: str) -> None:
    slug = slug_of(title, otherwise="course")
    assert slug and set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and len(slug) <= 60
    assert folded(folded(title)) == folded(title)
    assert containing(title).startswith("%")


def test_modules_come_move_and_go(
    runtime: Runtime, client: TestClient, headers: dict[str, str], teacher: Person
) -> None:
    made = create_course(runtime.database, teacher)
    url = f"{API}/courses/{made.slug}/modules"
    third = client.post(url, headers=headers, json={"title": "Third"}).json()
    moved = client.patch(f"{url}/{third['id']}", headers=headers, json={"position": 0, "title": "Now first"})
    assert [module["title"] for module in moved.json()] == ["Now first", "Module 1", "Module 2"]
    assert client.delete(f"{url}/{made.modules[0]}", headers=headers).status_code == 204
    assert client.delete(f"{url}/{made.modules[0]}", headers=headers).status_code == 404
    assert order_of(client, headers, made.slug) == [("Now first", []), ("Module 2", ["Lesson 2.1", "Lesson 2.2"])]
    with runtime.database.read(actor_of(runtime.database, teacher)) as ctx, pytest.raises(LessonNotFound):
        courses.lesson_source(ctx, made.lessons[0])
