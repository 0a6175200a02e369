"""The catalogue's order over HTTP: a tree of categories, facets, tags; many courses and lessons at once; covers."""

from io import BytesIO
from uuid import uuid4

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from lms_core.content.courses.shelves import Shelf, height, in_order, totals, way_to, within
from lms_core.kit.permissions import Role
from tests.factories.courses import create_course, statements
from tests.factories.media import picture
from tests.factories.people import create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"


@given(st.lists(st.integers(min_value=-1, max_value=11), min_size=1, max_size=12))
@hypothesis_settings(max_examples=50, deadline=None)
def test_a_tree_holds_each_category_once(parents: list[int]) -> None:
    ids = [uuid4() for _ in parents]
    shelves = [
        # Only into earlier ones, so that there is no circle.
        Shelf(ids[at], f"s{at}", f"S{at}", ids[parent] if 0 <= parent < at else None, position=at % 3)
        for at, parent in enumerate(parents)
    ]
    order = in_order(shelves)
    assert sorted(shelf.id for shelf, _ in order) == sorted(ids)
    assert totals(shelves, dict.fromkeys(ids, 1)) == {each: len(within(shelves, each)) for each in ids}
    for shelf, depth in order:
        assert len(way_to(shelves, shelf.id)) == depth
        inside = within(shelves, shelf.id)
        assert all(shelf in way_to(shelves, each) for each in inside)
        assert depth + height(shelves, shelf.id) - 1 == max(len(way_to(shelves, each)) for each in inside)


def test_categories_facets_and_tags(runtime: Runtime, client: TestClient) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    teaching = log_in(client, teacher)
    learning = log_in(client, create_person(runtime.database))

    def add(name: str, parent: str | None = None) -> int:
        given = {"name": name, "parent": parent}
        return int(client.post(f"{API}/categories", json=given, headers=teaching).status_code)

    assert [add("Science"), add("Physics", "science"), add("Heat", "physics"), add("Boiling", "heat")] == [201] * 4
    assert (add("Too deep", "boiling"), add("Physics"), add("Nowhere", "no-such")) == (422, 409, 404)
    add("Arts")
    made = [
        create_course(runtime.database, teacher, title=title, language=language, category=shelf, tags=tags)
        for title, language, shelf, tags in (
            ("Kettles", "en", "boiling", ["Water", "Home"]),
            ("Maji ya moto", "sw", "heat", ["maji"]),
            ("Light", "en-GB", "physics", ["Sun"]),
            ("Drums", "en", "arts", ["Home"]),
        )
    ]

    def titles(**asked: str) -> set[str]:
        return {each["title"] for each in client.get(f"{API}/courses", params=asked).json()["items"]}

    assert titles(category="science") == {"Kettles", "Maji ya moto", "Light"}
    assert titles(category="heat", language="en") == {"Kettles"}
    assert titles(category="no-such") == set()
    with statements(runtime.database) as sent:
        facets = client.get(f"{API}/catalogue/facets", params={"category": "physics", "language": "en"}).json()
    assert len(sent) == 2
    assert facets["total"] == 2
    assert {each["slug"]: each["total"] for each in facets["categories"]} == {
        "science": 2, "physics": 2, "heat": 1, "boiling": 1, "arts": 1
    }  # fmt: skip
    assert {each["language"]: each["courses"] for each in facets["languages"]} == {"en": 1, "en-GB": 1, "sw": 1}
    assert [each["slug"] for each in facets["breadcrumbs"]] == ["science", "physics"]

    def change(slug: str, **given: object) -> int:
        return int(client.patch(f"{API}/categories/{slug}", json=given, headers=admin).status_code)

    for headers, status in ((teaching, 403), (learning, 403), ({}, 401)):
        assert client.patch(f"{API}/categories/heat", json={"name": "X"}, headers=headers).status_code == status
        assert client.delete(f"{API}/categories/heat", headers=headers).status_code == status
        assert client.get(f"{API}/tags", headers=headers).status_code == status
    assert (change("science", parent="boiling"), change("science", parent="science")) == (422, 422)
    assert (change("science", parent="arts"), change("arts", position=0)) == (422, 200)
    assert change("heat", name="Warmth", parent="arts") == 200
    tree = [(each["slug"], each["depth"]) for each in client.get(f"{API}/categories").json()]
    assert tree == [("arts", 1), ("heat", 2), ("boiling", 3), ("science", 1), ("physics", 2)]
    card = client.get(f"{API}/courses/{made[1].slug}").json()
    assert (card["category"], card["category_name"]) == ("heat", "Warmth")
    assert client.delete(f"{API}/categories/heat?to=heat", headers=admin).status_code == 422
    assert client.delete(f"{API}/categories/heat?to=physics", headers=admin).status_code == 204
    assert titles(category="physics") == {"Maji ya moto", "Light"}
    assert titles(category="arts") == {"Kettles", "Drums"}  # what was inside moved one level out

    suggested = client.get(f"{API}/tags/suggestions?q=ho", headers=teaching).json()
    assert [(each["name"], each["courses"]) for each in suggested] == [("Home", 2)]
    assert client.patch(f"{API}/tags/water", json={"name": "MAJI"}, headers=admin).json()["courses"] == 2
    assert titles(tag="maji") == {"Kettles", "Maji ya moto"}
    assert client.get(f"{API}/courses/{made[0].slug}").json()["tags"] == ["maji", "Home"]
    assert titles(q="water") == set()  # found by what it carries now
    assert client.delete(f"{API}/tags/home", headers=admin).status_code == 204
    assert [each["slug"] for each in client.get(f"{API}/tags", headers=admin).json()["items"]] == ["maji", "sun"]


def test_many_at_once_or_nothing(runtime: Runtime, client: TestClient) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    teaching = log_in(client, teacher)
    stranger = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    learning = log_in(client, create_person(runtime.database))
    course, other = (create_course(runtime.database, teacher) for _ in range(2))
    first, second, third, fourth = course.lessons

    def act(action: str, *lessons: object, headers: dict[str, str] = teaching, **more: object) -> int:
        given = {"action": action, "lessons": [str(each) for each in lessons], **more}
        address = f"{API}/courses/{course.slug}/lessons/changes"
        return int(client.post(address, json=given, headers=headers).status_code)

    def order() -> list[list[str]]:
        modules = client.get(f"{API}/courses/{course.slug}", headers=teaching).json()["modules"]
        return [[lesson["id"] for lesson in module["lessons"]] for module in modules]

    assert [act("hide", first, headers=who) for who in (stranger, learning, {})] == [403, 403, 401]
    assert (act("hide", first, other.lessons[0]), act("move", first)) == (404, 422)
    assert act("move", fourth, first, module_id=str(other.modules[0])) == 404
    assert act("move", fourth, first, module_id=str(course.modules[0])) == 200
    assert order() == [[str(second), str(first), str(fourth)], [str(third)]]
    assert act("hide", first, second) == 200
    assert client.get(f"{API}/courses/{course.slug}").json()["lesson_count"] == 2
    assert act("publish", first, third) == 200
    assert act("delete", second, fourth) == 200
    assert order() == [[str(first)], [str(third)]]
    assert client.get(f"{API}/courses/{course.slug}").json()["lesson_count"] == 2

    def change(*courses: object, headers: dict[str, str] = teaching, **given: str) -> tuple[int, object]:
        body = {"courses": [str(each) for each in courses], **given}
        answer = client.post(f"{API}/my-teaching/changes", json=body, headers=headers)
        return answer.status_code, answer.json().get("changed")

    client.post(f"{API}/categories", json={"name": "Heat"}, headers=teaching)
    foreign = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
    assert change(course.id, foreign.id, action="archive")[0] == 403
    assert client.get(f"{API}/courses/{course.slug}").status_code == 200  # nothing of it happened
    assert change(course.id, other.id, action="categorise", category="heat") == (200, 2)
    assert change(course.id, action="archive") == (200, 1)
    assert client.get(f"{API}/courses?category=heat").json()["items"][0]["slug"] == other.slug
    assert client.get(f"{API}/courses/{course.slug}").status_code == 404


def test_a_cover_is_drawn_anew_and_seen_by_everybody(runtime: Runtime, client: TestClient) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, teacher)
    exif = Image.Exif()
    exif[0x010E] = "at home"
    client.post("/login", data=teacher.login)
    token = client.get(f"/teach/courses/{course.slug}").text.split('name="csrf_token" value="')[1].split('"')[0]

    def post(path: str, content: bytes = b"", **data: str) -> int:
        sent = {"file": ("../My cover.svg", BytesIO(content))} if content else None
        address = f"/teach/courses/{course.slug}/{path}"
        return int(client.post(address, data={"csrf_token": token, **data}, files=sent).status_code)

    assert post("cover", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>") == 422
    assert post("cover", b"%PDF-1.7 no picture") == 422
    assert post("cover", picture(900, 450, exif=exif)) == 200
    assert post("cover/look", cover_alt="A kettle", cover_focus="top-left") == 200
    assert post("cover/look", cover_alt="A kettle", cover_focus="anywhere") == 422
    client.cookies.clear()
    card = client.get(f"{API}/courses/{course.slug}").json()
    assert (card["cover"], card["cover_alt"], card["cover_focus"]) == ("my-cover.jpg", "A kettle", "top-left")
    shown = client.get(f"{API}/courses/{course.slug}/assets/{card['cover']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert not Image.open(BytesIO(shown.content)).getexif()
    small = client.get(f"{API}/courses/{course.slug}/assets/{card['cover']}?w=320", headers={"accept": "image/jpeg"})
    assert Image.open(BytesIO(small.content)).width == 320
    page = client.get(f"/courses/{course.slug}").text
    assert 'alt="A kettle"' in page and "at-top-left" in page and "style=" not in page
