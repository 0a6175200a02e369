"""Learning paths over HTTP: built, published, followed step by step, completed; and who may do what."""

from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from lms_core.kit.permissions import Role
from lms_core.learning.paths.schemas import StepState
from lms_core.learning.paths.steps import Step, state_of, tally, to_join
from tests.factories.courses import Made, create_course, outline, statements
from tests.factories.media import picture
from tests.factories.people import create_person, log_in
from tests.factories.release import complete
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]
FLAGS = st.tuples(*[st.booleans()] * 6)


@given(st.lists(FLAGS, max_size=6))
@hypothesis_settings(max_examples=50, deadline=None)
def test_a_sequential_path_lets_nobody_past_what_counts(flags: list[tuple[bool, ...]]) -> None:
    steps = [Step(uuid4(), *each) for each in flags]
    joined = to_join(steps, sequential=True)
    assert set(joined) <= set(to_join(steps, sequential=False))
    for place, step in enumerate(steps):
        state = state_of(steps, place, sequential=True)
        undone = any(each.counts and not each.completed for each in steps[:place])
        assert (state == StepState.LOCKED) == (undone and not step.completed and not step.enrolled)
        if step.course_id in joined:
            assert step.open and step.takeable and not (step.left or step.enrolled or undone)
    done, counted = tally(steps)
    assert done <= counted and (counted == 0 or all(not step.counts or step.completed for step in steps)) == (
        done == counted
    )


def build(client: TestClient, headers: Headers, *courses: Made, optional: int = -1, **fields: object) -> str:
    """The slug of a published path of these courses."""
    path = client.post(f"{API}/paths", json={"title": "Warmth", **fields}, headers=headers).json()["slug"]
    wanted = [{"course_id": str(each.id), "optional": at == optional} for at, each in enumerate(courses)]
    set_to = client.put(f"{API}/paths/{path}/courses", json={"courses": wanted}, headers=headers)
    assert set_to.status_code == 200, set_to.text
    assert client.post(f"{API}/paths/{path}/publish", headers=headers).status_code == 200
    return str(path)


def states(client: TestClient, headers: Headers, path: str) -> list[tuple[str, str]]:
    """How each course of a path stands for somebody, and what it waits for."""
    steps = client.get(f"{API}/paths/{path}", headers=headers).json()["steps"]
    return [(step["state"], step["waits_for"]) for step in steps]


def test_a_path_followed_step_by_step(runtime: Runtime, client: TestClient, settle: Callable[[], None]) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    teaching, learner = log_in(client, teacher), create_person(runtime.database)
    learning = log_in(client, learner)
    first, second, extra, closed = (
        create_course(runtime.database, teacher, modules=outline(1), title=title, access=access)
        for title, access in (("Ice", "open"), ("Water", "open"), ("Fog", "open"), ("Steam", "invite"))
    )
    path = build(client, teaching, first, second, extra, closed, optional=2, sequential=True)
    assert [each["slug"] for each in client.get(f"{API}/paths?q=warm").json()["items"]] == [path]
    assert client.post(f"{API}/paths/{path}/enroll").status_code == 401
    joined = client.post(f"{API}/paths/{path}/enroll", headers=learning).json()
    assert (joined["enrolled"], joined["percent"], joined["courses"]) == (True, 0, 4)
    waiting = [("under_way", ""), ("locked", "Ice"), ("locked", "Ice"), ("locked", "Ice")]
    assert states(client, learning, path) == waiting
    client.post(f"{API}/paths/{path}/enroll", headers=learning)
    assert states(client, learning, path) == waiting  # pressing again joins nothing more

    complete(client, learning, first.lessons[0])
    settle()
    assert states(client, learning, path) == [
        ("completed", ""), ("under_way", ""), ("locked", "Water"), ("locked", "Water")
    ]  # fmt: skip
    complete(client, learning, second.lessons[0])
    settle()
    assert [state for state, _ in states(client, learning, path)] == ["completed", "completed", "under_way", "closed"]
    client.delete(f"{API}/courses/{extra.slug}/enroll", headers=learning)
    client.post(f"{API}/courses/{closed.slug}/archive", headers=teaching)
    client.post(f"{API}/paths/{path}/enroll", headers=learning)  # what nobody can take any more does not count
    settle()
    with statements(runtime.database) as sent:
        [mine] = client.get(f"{API}/my-paths", headers=learning).json()
    assert (mine["completed"], mine["required"], mine["percent"], mine["path"]["slug"]) == (2, 2, 100, path)
    assert mine["completed_at"] and len(sent) <= 10
    left = client.get(f"{API}/courses/{extra.slug}", headers=learning).json()
    assert left["enrolled"] is False  # nobody is taken back into what they left
    notices = [each["kind"] for each in client.get(f"{API}/notifications", headers=learning).json()["items"]]
    assert notices.count("paths.completed") == 1
    assert client.post(f"{API}/paths/{path}/leave", headers=learning).status_code == 204
    assert client.get(f"{API}/my-paths", headers=learning).json() == []
    assert client.get(f"{API}/courses/{first.slug}", headers=learning).json()["enrolled"] is True


def test_who_builds_a_path_and_what_it_refuses(runtime: Runtime, client: TestClient) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    teaching = log_in(client, teacher)
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    other = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    learning = log_in(client, create_person(runtime.database))
    open_course = create_course(runtime.database, teacher)
    draft = create_course(runtime.database, teacher, publish=False)
    assert client.post(f"{API}/paths", json={"title": "X"}, headers=learning).status_code == 403
    made = client.post(f"{API}/paths", json={"title": "Warmth"}, headers=teaching).json()
    address = f"{API}/paths/{made['slug']}"
    for headers in (other, learning, {}):
        assert client.get(address, headers=headers).status_code == 404
    assert client.patch(address, json={"title": "Y"}, headers=other).status_code == 404
    assert client.patch(address, json={"title": "Warm"}, headers=admin).json()["title"] == "Warm"
    assert client.post(f"{address}/publish", headers=teaching).json()["code"] == "path_not_ready"

    def put(*courses: object, headers: Headers = teaching) -> int:
        given = {"courses": [{"course_id": str(each)} for each in courses]}
        return int(client.put(f"{address}/courses", json=given, headers=headers).status_code)

    hidden = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR), publish=False)
    assert (put(hidden.id), put(uuid4()), put(draft.id, draft.id)) == (422, 422, 422)
    assert put(open_course.id, draft.id) == 200
    assert client.post(f"{address}/publish", headers=teaching).json()["code"] == "path_not_ready"
    assert put(open_course.id) == 200
    assert client.post(f"{address}/publish", headers=teaching).status_code == 200
    assert (put(open_course.id, draft.id), put()) == (409, 409)
    assert put(headers=other) == 403
    assert client.post(f"{API}/paths", json={"title": "Z", "slug": made["slug"]}, headers=other).status_code == 409
    joined = client.post(f"{address}/enroll", headers=learning).json()
    assert [step["state"] for step in joined["steps"]] == ["under_way"]
    client.post(f"{address}/unpublish", headers=teaching)
    assert client.get(address).status_code == 404
    assert client.get(address, headers=learning).status_code == 200  # who follows it still sees it
    client.post(f"{API}/courses/{open_course.slug}/archive", headers=teaching)
    assert client.delete(f"{API}/courses/{open_course.slug}", headers=teaching).status_code == 204
    assert client.get(address, headers=learning).json()["steps"] == []
    assert client.delete(address, headers=teaching).status_code == 204
    assert client.get(f"{API}/my-paths", headers=learning).json() == []


def test_a_cover_comes_in_the_width_and_format_that_is_asked_for(runtime: Runtime, client: TestClient) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    path = build(client, log_in(client, teacher), create_course(runtime.database, teacher, modules=outline(1)))
    client.post("/login", data=teacher.login)
    building, address = f"/teach/paths/{path}", f"{API}/paths/{path}/cover"
    token = client.get(building).text.split('name="csrf_token" value="')[1].split('"')[0]

    def send(**data: str) -> None:
        sent = {} if data else {"files": {"file": ("cover.jpg", BytesIO(picture(900, 450)))}}
        answer = client.post(f"{building}/cover", data={"csrf_token": token, **data}, **sent)
        assert answer.status_code == 200, answer.text

    send()
    assert f"{address}?v=" in client.get(f"/paths/{path}").text and "&amp;w=320 320w" in client.get(building).text
    for width, accepted, kind in ((320, "image/webp", "image/webp"), (640, "", "image/jpeg")):
        answer = client.get(f"{address}?w={width}", headers={"accept": accepted})
        assert (answer.headers["content-type"], answer.headers["vary"]) == (kind, "Accept")
        assert Image.open(BytesIO(answer.content)).width == width
    for whole in ("", "?w=1280", "?w=33"):  # there is none of this width
        assert Image.open(BytesIO(client.get(address + whole).content)).width == 900
    send(remove="yes")
    assert client.get(f"{address}?w=320").status_code == 404
