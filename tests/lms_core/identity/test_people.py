"""Roles, the list of people, closing accounts, the audit log, and the wall between institutions."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from lms_core.identity.access import service as access
from lms_core.identity.access.console import ensure_console
from lms_core.identity.access.errors import LastAdmin
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client, LoginInput
from lms_core.kit.context import Actor, system_actor
from lms_core.kit.errors import Unauthenticated
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission, Role
from tests.factories.courses import statements
from tests.factories.people import Person, actor_of, create_person, create_tenant, log_in
from workers.runtime import Runtime

USERS, AUDIT = "/api/v1/users", "/api/v1/admin/audit"


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    """The institution's only administrator."""
    return create_person(runtime.database, role=Role.ADMIN, full_name="Grace Admin", email="grace@example.org")


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database, email="asha@example.org")


def web_session(runtime: Runtime, person: Person) -> str:
    """The cookie of a page's session."""
    login = LoginInput.model_validate(person.login)
    visitor = Actor(tenant_id=person.tenant_id)
    return auth.log_in_web(runtime.database, visitor=visitor, login=login, client=Client(ip="::1")).cookie


def test_who_is_asking_costs_one_statement_however_many_roles(
    client: TestClient, runtime: Runtime, asha: Person
) -> None:
    courses = [new_id() for _ in range(30)]
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        for course_id in courses:
            access.grant(ctx, user_id=asha.id, role=Role.INSTRUCTOR, course_id=course_id)
    token = log_in(client, asha)["Authorization"].removeprefix("Bearer ")
    cookie = web_session(runtime, asha)

    for bearer, kept in ((token, None), (None, cookie)):
        with runtime.database.read(Actor(tenant_id=asha.tenant_id)) as ctx, statements(runtime.database) as sent:
            actor = auth.actor_for(ctx, bearer=bearer, cookie=kept)
        assert len(sent) == 1
        assert actor.user_id == asha.id
        assert actor.roles == {Role.LEARNER}
        assert actor.course_roles == {course_id: frozenset({Role.INSTRUCTOR}) for course_id in courses}
        assert actor.may(Permission.COURSE_EDIT, course_id=courses[0])
        assert not actor.may(Permission.COURSE_EDIT)


def test_nothing_given_or_a_token_of_the_wrong_kind_is_nobody(
    client: TestClient, runtime: Runtime, asha: Person
) -> None:
    token = log_in(client, asha)["Authorization"].removeprefix("Bearer ")
    cookie = web_session(runtime, asha)
    other = create_tenant(runtime.database, host="other.example.org")
    wrong = [(asha.tenant_id, None, None), (asha.tenant_id, None, token), (asha.tenant_id, cookie, None)]
    wrong += [(other, None, cookie), (other, token, None), (asha.tenant_id, None, cookie + "x")]

    for tenant_id, bearer, kept in wrong:
        with runtime.database.read(Actor(tenant_id=tenant_id)) as ctx, pytest.raises(Unauthenticated):
            auth.actor_for(ctx, bearer=bearer, cookie=kept)


def test_people_are_listed_a_page_at_a_time_with_few_statements(
    client: TestClient, runtime: Runtime, admin: Person
) -> None:
    for number in range(7):
        create_person(runtime.database, email=f"learner{number}@example.org", full_name=f"Learner {number}")
    headers = log_in(client, admin)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        with statements(runtime.database) as sent:
            answer = client.get(f"{USERS}?limit=3&cursor={cursor}", headers=headers)
        assert answer.status_code == 200
        assert len(sent) <= 4, sent
        seen += [member["email"] for member in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]

    assert cursor is None
    assert seen == ["grace@example.org", *(f"learner{number}@example.org" for number in range(7))]


def test_people_are_found_by_name_or_address(client: TestClient, admin: Person, asha: Person) -> None:
    headers = log_in(client, admin)
    for q, expected in (("ASHA", [asha.email]), ("otieno", [asha.email]), ("%", []), ("_", []), ("' OR 1=1 --", [])):
        answer = client.get(USERS, params={"q": q}, headers=headers)

        assert [member["email"] for member in answer.json()["items"]] == expected, q


def test_malformed_lists_are_told_so(client: TestClient, admin: Person) -> None:
    headers = log_in(client, admin)
    cursors = [
        "cursor=x",
        "cursor=WzFd",
        "cursor=WyJcdTAwMDAiXQ",
        "cursor=WyJcdWQ4MDAiXQ",
    ]  # the last: NUL, surrogate
    for query in ("limit=0", "limit=101", "limit=x", "q=%00", "q=" + "a" * 201, *cursors):
        for path in (USERS, AUDIT):
            if path == USERS or not query.startswith("q="):
                assert client.get(f"{path}?{query}", headers=headers).status_code == 422, (path, query)


def test_others_see_themselves_only(client: TestClient, admin: Person, asha: Person) -> None:
    headers = log_in(client, asha)

    assert client.get(USERS, headers=headers).status_code == 403
    assert client.get(AUDIT, headers=headers).status_code == 403
    assert client.get(f"{USERS}/{asha.id}", headers=headers).json()["email"] == asha.email
    assert client.get(f"{USERS}/{admin.id}", headers=headers).status_code == 404
    assert client.put(f"/api/v1/admin/users/{asha.id}/role", json={"role": "admin"}, headers=headers).status_code == 403
    assert (
        client.put(f"/api/v1/admin/users/{admin.id}/closed", json={"closed": True}, headers=headers).status_code == 403
    )
    assert client.get(USERS).status_code == 401


def test_a_role_counts_from_the_next_request_and_is_written_down(
    client: TestClient, admin: Person, asha: Person
) -> None:
    headers, hers = log_in(client, admin), log_in(client, asha)
    role = f"/api/v1/admin/users/{asha.id}/role"

    promoted = client.put(role, json={"role": "admin"}, headers=headers)

    assert promoted.json()["roles"] == ["admin"]
    assert client.get(USERS, headers=hers).status_code == 200
    assert client.put(role, json={"role": "instructor"}, headers=headers).json()["roles"] == ["instructor"]
    assert client.get(USERS, headers=hers).status_code == 403
    lines = client.get(f"{AUDIT}?action=user.role_changed", headers=headers).json()["items"]
    assert [(line["actor_id"], line["object_id"], line["details"]) for line in lines] == [
        (str(admin.id), str(asha.id), {"role": "instructor", "before": "admin"}),
        (str(admin.id), str(asha.id), {"role": "admin", "before": "learner"}),
    ]
    assert all(line["ip"] for line in lines)


def test_setting_a_role_twice_changes_nothing_and_unknown_ones_are_refused(
    client: TestClient, admin: Person, asha: Person
) -> None:
    headers = log_in(client, admin)
    role = f"/api/v1/admin/users/{asha.id}/role"
    for _ in range(2):
        assert client.put(role, json={"role": "instructor"}, headers=headers).json()["roles"] == ["instructor"]

    assert len(client.get(f"{AUDIT}?action=user.role_changed", headers=headers).json()["items"]) == 1
    assert client.put(role, json={"role": "root"}, headers=headers).status_code == 422
    assert (
        client.put(f"/api/v1/admin/users/{new_id()}/role", json={"role": "admin"}, headers=headers).status_code == 404
    )
    assert client.put("/api/v1/admin/users/1/role", json={"role": "admin"}, headers=headers).status_code == 422


def test_the_last_administrator_stays(client: TestClient, runtime: Runtime, admin: Person, asha: Person) -> None:
    headers = log_in(client, admin)
    own = f"/api/v1/admin/users/{admin.id}"
    for change in (("role", {"role": "learner"}), ("closed", {"closed": True})):
        answer = client.put(f"{own}/{change[0]}", json=change[1], headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")

    client.put(f"/api/v1/admin/users/{asha.id}/role", json={"role": "admin"}, headers=headers)
    assert client.put(f"{own}/role", json={"role": "learner"}, headers=headers).status_code == 200


def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(runtime: Runtime, admin: Person) -> None:
    second = create_person(runtime.database, role=Role.ADMIN)
    both = [actor_of(runtime.database, person) for person in (admin, second)]
    ready = threading.Barrier(2)

    def leave(actor: Actor) -> str:
        ready.wait()
        try:
            with runtime.database.write(actor) as ctx:
                access.set_role(ctx, user_id=actor.user_id or new_id(), role=Role.LEARNER)
        except LastAdmin:
            return "stays"
        return "leaves"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, both)) == ["leaves", "stays"]


def test_the_installations_own_account_is_nobody_to_manage(client: TestClient, runtime: Runtime, admin: Person) -> None:
    with runtime.database.write(system_actor(admin.tenant_id)) as ctx:
        console = ensure_console(ctx)
    headers = log_in(client, admin)

    assert [member["id"] for member in client.get(USERS, headers=headers).json()["items"]] == [str(admin.id)]
    for what, body in (("role", {"role": "learner"}), ("closed", {"closed": True})):
        answer = client.put(f"/api/v1/admin/users/{console.user_id}/{what}", json=body, headers=headers)
        assert answer.status_code == 404


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    client: TestClient, runtime: Runtime, admin: Person, asha: Person
) -> None:
    headers = log_in(client, admin)
    pair = client.post("/api/v1/auth/login", json=asha.login).json()
    cookie = web_session(runtime, asha)
    closed = f"/api/v1/admin/users/{asha.id}/closed"

    assert client.put(closed, json={"closed": True}, headers=headers).json()["disabled"]

    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert client.get("/api/v1/auth/profile", headers=bearer).status_code == 401
    assert client.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}).status_code == 401
    with runtime.database.read(Actor(tenant_id=asha.tenant_id)) as ctx, pytest.raises(Unauthenticated):
        auth.actor_for(ctx, bearer=None, cookie=cookie)
    refused = client.post("/api/v1/auth/login", json=asha.login)
    assert (refused.status_code, refused.json()["code"]) == (403, "account_closed")
    guessed = client.post("/api/v1/auth/login", json=asha.login | {"password": "not this one"})
    assert guessed.json()["code"] == "login_refused", "only the owner learns that the account is closed"
    assert client.put(closed, json={"closed": False}, headers=headers).status_code == 200
    log_in(client, asha)
    assert client.get("/api/v1/auth/profile", headers=bearer).status_code == 401


def test_institutions_do_not_see_each_other(client: TestClient, runtime: Runtime, admin: Person) -> None:
    other = create_tenant(runtime.database, host="other.example.org")
    twin = create_person(runtime.database, email="grace@example.org", tenant_id=other, full_name="Grace Elsewhere")
    headers = log_in(client, admin)

    assert [member["id"] for member in client.get(USERS, headers=headers).json()["items"]] == [str(admin.id)]
    assert client.get(f"{USERS}/{twin.id}", headers=headers).status_code == 404
    moved = client.put(f"/api/v1/admin/users/{twin.id}/role", json={"role": "learner"}, headers=headers)
    assert moved.status_code == 404
    with runtime.database.read(actor_of(runtime.database, admin)) as ctx:
        assert accounts.names_of(ctx, [admin.id, twin.id, new_id()]) == {admin.id: "Grace Admin"}
    with runtime.database.read(system_actor(other)) as ctx:
        assert access.roles_of(ctx, twin.id) == (frozenset({Role.LEARNER}), {})


def test_the_audit_log_pages_back_in_time(client: TestClient, admin: Person, asha: Person) -> None:
    headers = log_in(client, admin)
    client.post("/api/v1/auth/login", json=asha.login | {"password": "not this one"})

    first = client.get(f"{AUDIT}?limit=2", headers=headers).json()
    rest = client.get(f"{AUDIT}?limit=100&cursor={first['next_cursor']}", headers=headers).json()

    actions = [line["action"] for line in first["items"] + rest["items"]]
    assert actions == ["login.refused", "login.succeeded", "user.registered", "user.registered"]
    assert rest["next_cursor"] is None


def test_the_audit_log_refuses_secrets(runtime: Runtime, admin: Person) -> None:
    with runtime.database.write(actor_of(runtime.database, admin)) as ctx, pytest.raises(ValueError, match="password"):
        audit.record(ctx, action="password.changed", new_password="x")


def test_a_course_role_is_held_once_and_taken_away(runtime: Runtime, asha: Person) -> None:
    course_id = new_id()
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        assert access.grant(ctx, user_id=asha.id, role=Role.INSTRUCTOR, course_id=course_id)
        assert not access.grant(ctx, user_id=asha.id, role=Role.INSTRUCTOR, course_id=course_id)
        assert access.roles_of(ctx, asha.id)[1] == {course_id: frozenset({Role.INSTRUCTOR})}
        access.revoke(ctx, user_id=asha.id, role=Role.INSTRUCTOR, course_id=course_id)
        assert access.roles_of(ctx, asha.id) == (frozenset({Role.LEARNER}), {})
