"""Every route is declared in `authorisation_table.txt`, and keeps out whom its level keeps out.

Visitors, outsiders, learners and programs knock at each declared route with real identifiers of somebody else's
course. A route whose input is malformed answers 422 before it asks who somebody is: it gave nothing away, and is no
success. New routes: `python -m tests.api.authorisation` adds them to the table.
"""

import re

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role
from tests.api.authorisation import LEVELS, TABLE, declared, served
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

REFUSED = {401, 403, 404, 410}
MALFORMED = {400, 415, 422}
# What forms of pages ask for most, so that it is not an empty form that turns somebody away.
FORM = {"title": "Mine", "name": "Mine", "body": "Mine", "question": "Mine?", "answer": "Mine", "reason": "Mine"}
PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
BODIES: dict[str, dict[str, object]] = {
    "POST /api/v1/courses": {"title": "Mine"},
    "POST /api/v1/categories": {"name": "Mine"},
    "POST /api/v1/admin/users": {"email": "new@example.org", "password": "four calm wide rivers", "full_name": "New"},
    "PUT /api/v1/admin/users/{user_id}/role": {"role": "admin"},
    "PUT /api/v1/admin/users/{user_id}/closed": {"closed": True},
    "POST /api/v1/admin/providers": {
        "slug": "mine",
        "name": "Mine",
        "issuer": "https://accounts.example.org",
        "client_id": "x",
    },
}


@pytest.fixture
def owner(runtime: Runtime) -> Person:
    """The instructor whose course it is."""
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def draft(runtime: Runtime, owner: Person) -> Made:
    """A course that nobody else may see."""
    return create_course(runtime.database, owner, publish=False)


def address(path: str, course: Made, owner: Person) -> str:
    """The path with identifiers of the owner's things, as far as there are any."""
    known = {
        "course": course.slug,
        "slug": course.slug,
        "course_id": str(course.id),
        "module_id": str(course.modules[0]),
        "lesson_id": str(course.lessons[0]),
        "user_id": str(owner.id),
    }
    return PARAMETER.sub(lambda found: known.get(found[1], str(new_id())), path)


def knock(client: TestClient, route: str, url: str, headers: dict[str, str]) -> int:
    """The status of a request with some input; one sent to the login page counts as 401."""
    method, path = route.split()
    is_page = not path.startswith("/api/")
    sent = {} if method == "GET" else {"data": FORM} if is_page else {"json": BODIES.get(route, {})}
    answer = client.request(method, url, headers=headers, follow_redirects=False, **sent)
    to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
    return 401 if to_login else answer.status_code


def test_every_route_is_declared_once() -> None:
    table, routes = declared(), served()
    assert set(table.values()) == LEVELS
    assert not routes - table.keys(), f"say in {TABLE.name} who may use these"
    assert not table.keys() - routes, f"these are gone: take them out of {TABLE.name}"


def test_visitors_get_into_public_routes_only(client: TestClient, draft: Made, owner: Person) -> None:
    open_to_all = {}
    for route, level in declared().items():
        if level != "public":
            status = knock(client, route, address(route.split()[1], draft, owner), {})
            if status not in REFUSED | MALFORMED:
                open_to_all[route] = status
    assert not open_to_all


@pytest.mark.parametrize("role", [Role.LEARNER, Role.INSTRUCTOR])
def test_outsiders_get_into_nothing_of_others(
    client: TestClient, runtime: Runtime, draft: Made, owner: Person, role: Role
) -> None:
    headers = log_in(client, create_person(runtime.database, role=role))
    closed = {"theirs", "admin"} | ({"staff"} if role is Role.LEARNER else set())
    let_in = {}
    for route, level in declared().items():
        if level in closed:
            status = knock(client, route, address(route.split()[1], draft, owner), headers)
            if status not in REFUSED | MALFORMED:
                let_in[route] = status
    assert not let_in


def test_learners_of_a_course_do_not_teach_it(client: TestClient, runtime: Runtime, owner: Person) -> None:
    course, learner = create_course(runtime.database, owner), create_person(runtime.database)
    enrol(runtime.database, learner, course.id)
    headers = log_in(client, learner)
    let_in = {}
    for route, level in declared().items():
        path = route.split()[1]
        if level != "own" and path.startswith("/teach"):
            status = knock(client, route, address(path, course, owner), headers)
            if status not in REFUSED | MALFORMED:
                let_in[route] = status
    assert not let_in


def test_a_key_that_reads_one_thing_changes_nothing_anywhere(
    client: TestClient, runtime: Runtime, draft: Made, owner: Person
) -> None:
    """Not even of an administrator, who may do everything without a key."""
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    made = client.post("/api/v1/auth/keys", json={"name": "Reader", "scopes": ["audit:read"]}, headers=headers).json()
    key = {"Authorization": f"Bearer {made['key']}"}
    let_in = {}
    for route, level in declared().items():
        if level != "public" and not route.startswith("GET "):
            status = knock(client, route, address(route.split()[1], draft, owner), key)
            if status not in REFUSED | MALFORMED:
                let_in[route] = status
    assert not let_in


@pytest.mark.parametrize("role", [Role.LEARNER, Role.INSTRUCTOR])
@pytest.mark.parametrize("route", sorted(BODIES))
def test_nobody_lifts_themselves(
    client: TestClient, runtime: Runtime, draft: Made, owner: Person, role: Role, route: str
) -> None:
    """With well-formed input, so that it is the right that is missing."""
    headers = log_in(client, create_person(runtime.database, role=role))
    if declared()[route] == "staff" and role is Role.INSTRUCTOR:
        assert knock(client, route, address(route.split()[1], draft, owner), headers) in {201, 403}
        return
    assert knock(client, route, address(route.split()[1], draft, owner), headers) in {403, 404}
