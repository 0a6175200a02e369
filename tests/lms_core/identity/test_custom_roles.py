"""The institution's own roles: what they grant, where, to whom, and who may give them."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.identity.access import service as access
from lms_core.kit.context import system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission, Role
from tests.factories.courses import create_course
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

ROLES, AUDIT, USERS = "/api/v1/admin/roles", "/api/v1/admin/audit", "/api/v1/users"


@pytest.fixture
def admin(client: TestClient, runtime: Runtime) -> dict[str, str]:
    """The headers of an administrator."""
    return log_in(client, create_person(runtime.database, role=Role.ADMIN))


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


def made(client: TestClient, admin: dict[str, str], name: str, *permissions: str) -> str:
    """The id of a new role."""
    answer = client.post(ROLES, json={"name": name, "permissions": permissions}, headers=admin)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def give(client: TestClient, admin: dict[str, str], role: str, person: Person, course: UUID | None = None) -> int:
    """The status of giving a role."""
    given = {"user_id": str(person.id), "course_id": str(course) if course else None}
    return client.post(f"{ROLES}/{role}/grants", json=given, headers=admin).status_code


def test_a_role_grants_its_permissions_at_once_and_no_more(
    client: TestClient, admin: dict[str, str], asha: Person
) -> None:
    role, headers = made(client, admin, "Auditor", "audit:read"), log_in(client, asha)
    assert client.get(AUDIT, headers=headers).status_code == 403
    assert give(client, admin, role, asha) == give(client, admin, role, asha) == 204

    assert client.get(AUDIT, headers=headers).status_code == 200
    assert client.get(USERS, headers=headers).status_code == 403
    assert len(client.get(f"{ROLES}/{role}/grants", headers=admin).json()) == 1

    changed = {"name": "Auditor", "permissions": ["insights:read"]}
    assert client.put(f"{ROLES}/{role}", json=changed, headers=admin).status_code == 200
    assert client.get(AUDIT, headers=headers).status_code == 403


def test_a_role_in_a_course_ends_at_its_edge(
    client: TestClient, runtime: Runtime, admin: dict[str, str], asha: Person
) -> None:
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    here, there = (create_course(runtime.database, instructor, publish=False, title=each) for each in ("Here", "There"))
    role = made(client, admin, "Co-editor", "course:edit", "account:manage", "audit:read")
    assert give(client, admin, role, asha, here.id) == 204
    headers = log_in(client, asha)

    assert client.get(f"/api/v1/courses/{here.slug}", headers=headers).status_code == 200
    assert client.get(f"/api/v1/courses/{there.slug}", headers=headers).status_code == 404
    assert [client.get(url, headers=headers).status_code for url in (AUDIT, USERS)] == [403, 403]


def test_a_role_that_is_gone_or_withdrawn_grants_nothing(
    client: TestClient, admin: dict[str, str], asha: Person
) -> None:
    first, second = made(client, admin, "One", "audit:read"), made(client, admin, "Two", "audit:read")
    headers = log_in(client, asha)
    give(client, admin, first, asha)
    given = {"user_id": str(asha.id)}
    assert client.post(f"{ROLES}/{first}/grants/withdraw", json=given, headers=admin).status_code == 204
    assert client.get(AUDIT, headers=headers).status_code == 403
    give(client, admin, second, asha)
    assert client.delete(f"{ROLES}/{second}", headers=admin).status_code == 204
    assert client.get(AUDIT, headers=headers).status_code == 403


def test_nobody_gives_what_they_do_not_hold(client: TestClient, admin: dict[str, str], asha: Person) -> None:
    manager = made(client, admin, "Registrar", "account:manage")
    auditor = made(client, admin, "Auditor", "audit:read")
    give(client, admin, manager, asha)
    headers = log_in(client, asha)

    more = {"name": "More", "permissions": ["audit:read", "account:manage"]}
    assert client.post(ROLES, json=more, headers=headers).status_code == 403
    assert client.put(f"{ROLES}/{manager}", json=more, headers=headers).status_code == 403
    assert give(client, headers, auditor, asha) == 403
    lifted = client.put(f"/api/v1/admin/users/{asha.id}/role", json={"role": "admin"}, headers=headers)
    assert lifted.status_code == 403
    new = {"email": "second@example.org", "password": "four calm wide rivers", "full_name": "S", "role": "admin"}
    assert client.post("/api/v1/admin/users", json=new, headers=headers).status_code == 403
    chief = client.get("/api/v1/auth/profile", headers=admin).json()["id"]
    assert client.put(f"/api/v1/admin/users/{chief}/closed", json={"closed": True}, headers=headers).status_code == 403
    assert client.put(f"/api/v1/admin/users/{chief}/role", json={"role": "learner"}, headers=headers).status_code == 403
    assert client.get(AUDIT, headers=headers).status_code == 403


def test_a_name_is_taken_once(client: TestClient, admin: dict[str, str]) -> None:
    made(client, admin, "Auditor", "audit:read")
    again = client.post(ROLES, json={"name": "Auditor", "permissions": ["faq:edit"]}, headers=admin)
    assert again.status_code == 409


def test_a_role_in_a_course_opens_its_pages_and_goes_with_it(
    client: TestClient, runtime: Runtime, admin: dict[str, str], asha: Person
) -> None:
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, instructor, publish=False)
    role, headers = made(client, admin, "Co-editor", "course:edit"), log_in(client, asha)
    assert client.get("/api/v1/my-teaching", headers=headers).status_code == 403
    assert give(client, admin, role, asha, course.id) == 204

    assert [each["slug"] for each in client.get("/api/v1/my-teaching", headers=headers).json()["items"]] == [
        course.slug
    ]
    held = client.get(f"{ROLES}/held-by/{asha.id}", headers=headers).json()
    assert [(each["role"]["name"], each["course_id"]) for each in held] == [("Co-editor", str(course.id))]
    changed = client.patch(f"/api/v1/courses/{course.slug}", json={"summary": "By a co-editor."}, headers=headers)
    assert changed.status_code == 200, changed.text

    gone = client.delete(f"/api/v1/courses/{course.slug}", headers=log_in(client, instructor))
    assert gone.status_code == 204, gone.text
    assert client.get(f"{ROLES}/{role}/grants", headers=admin).json() == []


def test_a_role_is_not_given_in_a_course_that_is_not_there(
    client: TestClient, admin: dict[str, str], asha: Person
) -> None:
    assert give(client, admin, made(client, admin, "Co-editor", "course:edit"), asha, new_id()) == 404


def test_who_does_not_hold_it_neither_changes_nor_removes_a_role(
    client: TestClient, runtime: Runtime, admin: dict[str, str], asha: Person
) -> None:
    auditor = made(client, admin, "Auditor", "audit:read")
    give(client, admin, made(client, admin, "Registrar", "account:manage"), asha)
    headers = log_in(client, asha)

    less = {"name": "Auditor", "permissions": ["account:manage"]}
    assert client.put(f"{ROLES}/{auditor}", json=less, headers=headers).status_code == 403
    assert client.delete(f"{ROLES}/{auditor}", headers=headers).status_code == 403
    other = log_in(client, create_person(runtime.database))
    assert client.get(f"{ROLES}/held-by/{asha.id}", headers=other).status_code == 404


def test_work_in_somebodys_name_has_their_own_roles_too(
    client: TestClient, runtime: Runtime, admin: dict[str, str], asha: Person
) -> None:
    course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
    give(client, admin, made(client, admin, "Maker", "course:create"), asha)
    give(client, admin, made(client, admin, "Co-editor", "course:edit"), asha, course.id)

    with runtime.database.read(system_actor(asha.tenant_id)) as ctx:
        actor = access.actor_of(ctx, asha.id)

    assert actor.may(Permission.COURSE_CREATE) and not actor.may(Permission.COURSE_EDIT)
    assert actor.courses_where(Permission.COURSE_EDIT) == [course.id]
