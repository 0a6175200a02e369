"""What administrators do about people, and that nobody gets at more than their own rights by it."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.identity.access import custom
from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import CustomRoleGrantView, CustomRoleInput
from lms_core.identity.audit.models import AuditEntry
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client, LoginInput
from lms_core.identity.people import impersonation
from lms_core.identity.people.schemas import ActingReason
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, system_actor
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission, Role
from tests.factories.courses import create_course, statements
from tests.factories.people import PASSWORD, Person, create_person, create_tenant, log_in
from workers.runtime import Runtime

PEOPLE, AUDIT = "/api/v1/admin/users", "/api/v1/admin/audit"
REASON = ActingReason(reason="She cannot find her course")
Headers = dict[str, str]


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN, full_name="Grace Admin", email="grace@example.org")


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    return create_person(runtime.database, email="asha@example.org")


@pytest.fixture
def headers(client: TestClient, admin: Person) -> Headers:
    return log_in(client, admin)


def registrar(runtime: Runtime, admin: Person, *more: Permission) -> Person:
    """Somebody who manages accounts by a role of the institution's own."""
    person = create_person(runtime.database, full_name="Rehema Registrar")
    granted = {Permission.ACCOUNT_MANAGE, *more}
    with runtime.database.write(browser(runtime, admin)) as ctx:
        role = custom.make(ctx, role=CustomRoleInput(name=f"Registrar {person.id}"[:60], permissions=granted))
        custom.grant(ctx, role_id=role.id, given=CustomRoleGrantView(user_id=person.id))
    return person


def browser(runtime: Runtime, person: Person) -> Actor:
    """The person with a page's session, as requests see them."""
    login, visitor = LoginInput.model_validate(person.login), Actor(tenant_id=person.tenant_id)
    session = auth.log_in_web(runtime.database, visitor=visitor, login=login, client=Client(ip="::1"))
    return by_cookie(runtime, person, session.cookie)


def by_cookie(runtime: Runtime, person: Person, cookie: str) -> Actor:
    """Who holds this cookie. Unauthenticated."""
    with runtime.database.read(Actor(tenant_id=person.tenant_id)) as ctx:
        return auth.actor_for(ctx, bearer=None, cookie=cookie)


def found(client: TestClient, headers: Headers, query: str) -> list[str]:
    """The addresses that a search finds."""
    answer = client.get(f"{PEOPLE}?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return [each["email"] for each in answer.json()["items"]]


def test_people_are_found_by_everything_that_is_shown(
    client: TestClient, runtime: Runtime, admin: Person, asha: Person, headers: Headers, clock: MovingClock
) -> None:
    create_person(runtime.database, email="new@example.org", verified=False)
    teacher = create_person(runtime.database, email="teach@example.org", role=Role.INSTRUCTOR)
    log_in(client, teacher)
    client.put(f"{PEOPLE}/{asha.id}/closed", json={"closed": True}, headers=headers)
    assert found(client, headers, "q=TEACH") == ["teach@example.org"]
    assert found(client, headers, "role=instructor") == ["teach@example.org"]
    assert found(client, headers, "status=closed") == ["asha@example.org"]
    assert found(client, headers, "status=unconfirmed") == ["new@example.org"]
    assert found(client, headers, "status=open") == ["grace@example.org", "teach@example.org"]
    assert found(client, headers, "seen=day") == ["grace@example.org", "teach@example.org"]
    assert found(client, headers, "seen=never") == ["asha@example.org", "new@example.org"]
    clock.move(timedelta(days=100))
    headers = log_in(client, admin)
    assert found(client, headers, "seen=long_ago") == ["teach@example.org"]
    assert found(client, headers, "seen=week&role=admin") == ["grace@example.org"]
    client.post(f"{PEOPLE}/{teacher.id}/deletion", headers=headers)
    assert found(client, headers, "status=leaving") == ["teach@example.org"]
    assert client.get(f"{PEOPLE}?role=root", headers=headers).status_code == 422


def test_the_list_is_paged_in_a_fixed_number_of_statements(
    client: TestClient, runtime: Runtime, headers: Headers
) -> None:
    other = create_tenant(runtime.database, host="other.example.org")
    create_person(runtime.database, email="elsewhere@example.org", tenant_id=other)
    for number in range(7):
        create_person(runtime.database, email=f"p{number}@example.org")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        with statements(runtime.database) as sent:
            page = client.get(PEOPLE, params={"limit": 3, "cursor": cursor}, headers=headers).json()
        assert len(sent) == 4, sent  # who asks, people, roles, roles of the institution's own
        seen += [each["email"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["grace@example.org", *(f"p{number}@example.org" for number in range(7))]


def test_one_person_shows_everything_in_a_fixed_number_of_statements(
    client: TestClient, runtime: Runtime, asha: Person, headers: Headers
) -> None:
    log_in(client, asha)
    counts = []
    for _ in range(2):
        course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
        with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
            access.grant(ctx, user_id=asha.id, role=Role.INSTRUCTOR, course_id=course.id)
        with statements(runtime.database) as sent:
            shown = client.get(f"{PEOPLE}/{asha.id}", headers=headers).json()
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 10
    assert (shown["status"], shown["roles"], shown["above"], shown["may_act_as"]) == ("open", ["learner"], True, True)
    assert len(shown["course_roles"]) == 2 and len(shown["sessions"]) == 1
    assert client.get(f"{PEOPLE}/{new_id()}", headers=headers).status_code == 404


def test_signing_out_ends_every_session(client: TestClient, asha: Person, headers: Headers) -> None:
    hers = log_in(client, asha)
    assert client.delete(f"{PEOPLE}/{asha.id}/sessions", headers=headers).status_code == 204
    assert client.get("/api/v1/auth/profile", headers=hers).status_code == 401


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("PUT", "role", {"role": "learner"}),
        ("PUT", "closed", {"closed": True}),
        ("POST", "reset-link", None),
        ("DELETE", "sessions", None),
        ("POST", "deletion", None),
        ("DELETE", "deletion", None),
    ],
)
def test_a_registrar_gets_at_learners_and_at_nobody_above(
    client: TestClient, runtime: Runtime, admin: Person, asha: Person, method: str, what: str, body: Any
) -> None:
    headers = log_in(client, registrar(runtime, admin))
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    richer = registrar(runtime, admin, Permission.AUDIT_READ)
    for above in (admin, instructor, richer):
        answer = client.request(method, f"{PEOPLE}/{above.id}/{what}", json=body, headers=headers)
        assert answer.status_code == 403, above
    assert client.request(method, f"{PEOPLE}/{asha.id}/{what}", json=body, headers=headers).status_code < 300
    for role in (Role.LEARNER, Role.INSTRUCTOR):
        other = log_in(client, create_person(runtime.database, role=role))
        assert client.request(method, f"{PEOPLE}/{asha.id}/{what}", json=body, headers=other).status_code == 403
    assert client.request(method, f"{PEOPLE}/{asha.id}/{what}", json=body).status_code == 401


def test_a_registrar_makes_no_instructors(client: TestClient, runtime: Runtime, admin: Person, asha: Person) -> None:
    headers = log_in(client, registrar(runtime, admin))
    assert client.put(f"{PEOPLE}/{asha.id}/role", json={"role": "instructor"}, headers=headers).status_code == 403
    new = {"email": "i@example.org", "password": PASSWORD, "full_name": "I", "role": "instructor"}
    assert client.post(PEOPLE, json=new, headers=headers).status_code == 403


def act(runtime: Runtime, actor: Actor, person: Person) -> Actor:
    """The actor after an administrator began to act as the person. Forbidden."""
    with runtime.database.write(actor) as ctx:
        session = impersonation.begin(ctx, user_id=person.id, reason=REASON, client=Client(ip="::1"))
    return by_cookie(runtime, person, session.cookie)


def test_acting_is_for_fewer_rights_only(runtime: Runtime, admin: Person, asha: Person) -> None:
    first, second = registrar(runtime, admin), registrar(runtime, admin, Permission.AUDIT_READ)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, instructor)
    assistant = create_person(runtime.database)
    with runtime.database.write(system_actor(admin.tenant_id)) as ctx:
        access.grant(ctx, user_id=assistant.id, role=Role.INSTRUCTOR, course_id=course.id)
    allowed = [(admin, asha), (admin, instructor), (admin, assistant), (first, asha)]
    refused = [
        (admin, admin),
        (admin, create_person(runtime.database, role=Role.ADMIN)),
        (admin, first),
        (first, second),
        (second, first),
        (first, instructor),
        (first, assistant),
        (instructor, asha),
        (asha, instructor),
    ]
    for actor, person in allowed:
        assert act(runtime, browser(runtime, actor), person).user_id == person.id
    for actor, person in refused:
        with pytest.raises(Forbidden):
            act(runtime, browser(runtime, actor), person)


def test_a_program_and_an_acting_administrator_act_as_nobody(runtime: Runtime, admin: Person, asha: Person) -> None:
    granted = frozenset(Permission)
    key = Actor(tenant_id=admin.tenant_id, user_id=admin.id, roles=frozenset({Role.ADMIN}), scopes=granted)
    console = Actor(tenant_id=admin.tenant_id, user_id=admin.id, roles=frozenset({Role.ADMIN}))
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    nested = act(runtime, browser(runtime, admin), instructor)
    for actor in (key, console, nested):
        with pytest.raises(Forbidden):
            act(runtime, actor, asha)


def test_acting_ends_after_half_an_hour_and_with_its_administrator(
    runtime: Runtime, client: TestClient, admin: Person, asha: Person, clock: MovingClock
) -> None:
    def begin() -> str:
        with runtime.database.write(browser(runtime, admin)) as ctx:
            return impersonation.begin(ctx, user_id=asha.id, reason=REASON, client=Client()).cookie

    cookie = begin()
    clock.move(timedelta(minutes=29))
    assert by_cookie(runtime, asha, cookie).impersonator_id == admin.id
    clock.move(timedelta(minutes=2))
    with pytest.raises(Unauthenticated):
        by_cookie(runtime, asha, cookie)
    cookie = begin()
    second = create_person(runtime.database, role=Role.ADMIN)
    client.put(f"{PEOPLE}/{admin.id}/closed", json={"closed": True}, headers=log_in(client, second))
    with pytest.raises(Unauthenticated):
        by_cookie(runtime, asha, cookie)


def test_acting_ends_when_the_person_gets_more_rights(
    runtime: Runtime, client: TestClient, admin: Person, asha: Person, drain: Callable[[], int]
) -> None:
    with runtime.database.write(browser(runtime, admin)) as ctx:
        cookie = impersonation.begin(ctx, user_id=asha.id, reason=REASON, client=Client()).cookie
    client.put(f"{PEOPLE}/{asha.id}/role", json={"role": "admin"}, headers=log_in(client, admin))
    drain()
    with pytest.raises(Unauthenticated):
        by_cookie(runtime, asha, cookie)


def test_every_entry_of_an_acting_administrator_names_both(
    runtime: Runtime, client: TestClient, admin: Person, asha: Person, headers: Headers
) -> None:
    acting = act(runtime, browser(runtime, admin), asha)
    with runtime.database.write(acting) as ctx:
        impersonation.note_change(ctx, method="POST", path="/courses/bees/enroll")
        impersonation.stop(ctx)
    with runtime.database.read(system_actor(asha.tenant_id)) as ctx:
        rows = ctx.session.execute(
            select(AuditEntry).where(AuditEntry.impersonator_id.is_not(None)).order_by(AuditEntry.id)
        ).scalars()
        told = [(row.action, row.actor_id, row.impersonator_id) for row in rows]
    assert told == [
        (action, asha.id, admin.id)
        for action in ("impersonation.changed", "impersonation.stopped", "session.logged_out")
    ]
    begun = client.get(f"{AUDIT}?action=impersonation.begun", headers=headers).json()["items"]
    assert [(each["actor_id"], each["details"]["reason"]) for each in begun] == [(str(admin.id), REASON.reason)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "password/change", {"current_password": PASSWORD, "new_password": "five calm wide rivers"}),
        ("POST", "second-factor", None),
        ("POST", "keys", {"name": "k", "scopes": ["course:learn"], "days": 1}),
        ("POST", "passkeys/options", None),
        ("POST", "data-exports", None),
        ("GET", "data-exports", None),
        ("GET", f"data-exports/{UUID(int=7)}/content", None),
        ("POST", "deletion", {"password": PASSWORD}),
        ("DELETE", "sessions", None),
    ],
)
def test_an_acting_administrator_cannot_do_what_only_the_owner_does(
    runtime: Runtime, client: TestClient, admin: Person, asha: Person, method: str, path: str, body: Any
) -> None:
    from api import csrf

    with runtime.database.write(browser(runtime, admin)) as ctx:
        cookie = impersonation.begin(ctx, user_id=asha.id, reason=REASON, client=Client()).cookie
    client.cookies.set("mwalimu_session", cookie)
    token = {"X-CSRF-Token": csrf.token_for(runtime.keys, cookie)}
    answer = client.request(method, f"/api/v1/auth/{path}", json=body, headers=token)
    assert answer.status_code == 403, answer.text


def test_the_log_is_found_by_person_object_and_time(
    client: TestClient, runtime: Runtime, asha: Person, headers: Headers, clock: MovingClock
) -> None:
    client.put(f"{PEOPLE}/{asha.id}/closed", json={"closed": True}, headers=headers)
    later = clock.now() + timedelta(hours=1)
    clock.move(timedelta(hours=2))
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    client.put(f"{PEOPLE}/{asha.id}/closed", json={"closed": False}, headers=headers)

    def actions(**query: Any) -> list[str]:
        items = client.get(AUDIT, params=query, headers=headers).json()["items"]
        return [each["action"] for each in items]

    assert actions(person_id=asha.id, action="user") == ["user.opened", "user.closed", "user.registered"]
    assert actions(object_type="user", object_id=asha.id, until=later.isoformat())[0] == "user.closed"
    assert "user.closed" not in actions(since=later.isoformat(), limit=100)
    assert client.get(f"{AUDIT}?since=2026-01-05T08:00:00", headers=headers).status_code == 422
    with statements(runtime.database) as sent:
        actions(person_id=asha.id, limit=50)
    assert len(sent) == 2


def test_the_log_saved_as_csv_holds_no_formula(client: TestClient, runtime: Runtime, headers: Headers) -> None:
    role = {"name": "=HYPERLINK(1)", "permissions": ["audit:read"]}
    made = client.post("/api/v1/admin/roles", json=role, headers=headers).json()
    client.post(
        f"/api/v1/admin/roles/{made['id']}/grants",
        json={"user_id": str(create_person(runtime.database).id)},
        headers=headers,
    )
    answer = client.get(f"{AUDIT}.csv", headers=headers)
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert "role.granted" in answer.text and ",=" not in answer.text
    reader = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    assert client.get(f"{AUDIT}.csv", headers=reader).status_code == 403


def test_leaving_asks_for_a_code_where_codes_are_on_and_the_last_administrator_stays(
    client: TestClient, runtime: Runtime, admin: Person, headers: Headers
) -> None:
    answer = client.post("/api/v1/auth/deletion", json={"password": PASSWORD}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    second = create_person(runtime.database, role=Role.ADMIN)
    assert client.post(f"{PEOPLE}/{admin.id}/deletion", headers=log_in(client, second)).status_code == 202
    assert client.get("/api/v1/auth/profile", headers=headers).status_code == 401, "logged out at once"


def test_an_administrator_who_became_the_last_one_meanwhile_stays(
    client: TestClient,
    runtime: Runtime,
    admin: Person,
    drain: Callable[[], int],
    clock: MovingClock,
    mailbox: Callable[[], list[EmailMessage]],
) -> None:
    second = create_person(runtime.database, role=Role.ADMIN)
    client.post(f"{PEOPLE}/{admin.id}/deletion", headers=log_in(client, second))
    with runtime.database.write(system_actor(admin.tenant_id)) as ctx:
        access.set_role(ctx, user_id=second.id, role=Role.LEARNER)
    clock.move(timedelta(days=15))
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("erasure.begin_due")
    drain()
    assert log_in(client, admin)
    assert any("account stays" in str(each["Subject"]) for each in mailbox())


def test_a_deleted_account_is_nobody(
    client: TestClient,
    runtime: Runtime,
    asha: Person,
    admin: Person,
    drain: Callable[[], int],
    clock: MovingClock,
    mailbox: Callable[[], list[EmailMessage]],
) -> None:
    hers = log_in(client, asha)
    assert client.post("/api/v1/auth/deletion", json={"password": "wrong"}, headers=hers).status_code in {403, 422}
    assert client.post("/api/v1/auth/deletion", json={"password": PASSWORD}, headers=hers).status_code == 202
    drain()
    clock.move(timedelta(days=13))
    for _ in range(2):
        with runtime.database.write(system_actor()) as ctx:
            ctx.enqueue("erasure.begin_due")
        drain()
        clock.move(timedelta(days=2))
    refused = client.post("/api/v1/auth/login", json=asha.login)
    assert refused.json()["code"] == "login_refused"
    headers = log_in(client, admin)
    assert found(client, headers, "q=asha") == []
    assert client.get(f"{PEOPLE}/{asha.id}", headers=headers).status_code == 404
    assert client.put(f"{PEOPLE}/{asha.id}/closed", json={"closed": False}, headers=headers).status_code == 404
    assert create_person(runtime.database, email=asha.email).id != asha.id, "the address is free again"
    subjects = [str(each["Subject"]) for each in mailbox() if each["To"] == asha.email]
    assert subjects[-1] == "Your account is deleted"
