"""Notifications from the event to the reader: in the application, by mail, in two languages, and nobody else's."""

import ast
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from string import Formatter
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.events import Event, Notice
from lms_core.kit.mail import Mail, open_mail
from lms_core.kit.permissions import Role
from lms_core.kit.running import plan_scheduled
from lms_core.reach.notifications.models import NotificationDelivery
from lms_core.reach.notifications.wording import KINDS, told
from tests.architecture.source import modules
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, create_tenant, log_in
from tests.lms_core.learning.certifying import API, Headers, earn
from tests.simulators.smtp_server import SmtpServer
from workers.runtime import Runtime

Drain = Callable[[], int]
Mailbox = Callable[[], list[EmailMessage]]


class Told(Event):
    """A fact people should hear of."""

    name = "test.reach.told"


def emit(runtime: Runtime, *people: Person, kind: str = "account.role_changed", **variables: str) -> None:
    notice = Notice(recipients=tuple(each.id for each in people), kind=kind, variables=variables or {"role": "learner"})
    with runtime.database.write(system_actor(people[0].tenant_id)) as ctx:
        ctx.emit(Told(notice=notice))


def deliveries(runtime: Runtime) -> list[tuple[str, str]]:
    with runtime.database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(NotificationDelivery.state, NotificationDelivery.error))
        return sorted((str(state), error) for state, error in rows)


def test_a_certificate_is_told_in_the_application_and_by_mail(
    client: TestClient,
    drain: Drain,
    mailbox: Mailbox,
    teaching: Headers,
    headers: Headers,
    course: Made,
    learner: Person,
) -> None:
    code = earn(client, drain, teaching, headers, course)["code"]
    drain()
    assert client.get(f"{API}/notifications/unread", headers=headers).json() == {"unread": 1}
    found = client.get(f"{API}/notifications", headers=headers).json()["items"]
    assert [(each["kind"], each["title"], each["path"], each["read_at"]) for each in found] == [
        ("certificate.issued", "Your certificate is ready", f"/verify/{code}", None)
    ]
    letter = mailbox()[-1]
    assert (letter["to"], letter["subject"]) == (learner.email, "Your certificate is ready")
    body = letter.get_content()
    assert "Amina Wanjiru" in body and "“Heat and water”" in body and f"/verify/{code}" in body


def test_reading_one_and_all(client: TestClient, runtime: Runtime, drain: Drain) -> None:
    person = create_person(runtime.database)
    for role in ("learner", "instructor", "admin"):
        emit(runtime, person, role=role)
    drain()
    headers = log_in(client, person)
    newest = client.get(f"{API}/notifications", headers=headers).json()["items"][0]
    assert newest["text"] == "Your role in this institution is now: admin."
    first = client.post(f"{API}/notifications/{newest['id']}/read", headers=headers).json()["read_at"]
    again = client.post(f"{API}/notifications/{newest['id']}/read", headers=headers).json()["read_at"]
    assert first == again
    assert first is not None
    unread = client.get(f"{API}/notifications?unread=true", headers=headers).json()["items"]
    assert len(unread) == client.get(f"{API}/notifications/unread", headers=headers).json()["unread"] == 2
    assert client.post(f"{API}/notifications/read", headers=headers).status_code == 204
    assert client.get(f"{API}/notifications/unread", headers=headers).json() == {"unread": 0}


def test_pages_of_the_list_and_one_statement_each(client: TestClient, runtime: Runtime, drain: Drain) -> None:
    person = create_person(runtime.database)
    for number in range(5):
        emit(runtime, person, role=str(number))
    drain()
    headers = log_in(client, person)
    seen: list[str] = []
    cursor, counts = "", set()
    while True:
        with statements(runtime.database) as sent:
            answer = client.get(f"{API}/notifications?limit=2&cursor={cursor}", headers=headers).json()
        counts.add(len([each for each in sent if "FROM notification" in each]))
        seen += [each["text"].rpartition(" ")[2] for each in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == ["4.", "3.", "2.", "1.", "0."]
    assert counts == {1}
    assert client.get(f"{API}/notifications?cursor=nonsense", headers=headers).status_code == 422


def test_in_the_readers_language(client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox) -> None:
    person = create_person(runtime.database, language="sw", full_name="Zawadi")
    emit(runtime, person, kind="certificate.expiring", course="Maji", code="ABC", until="2026-07-03")
    drain()
    found = client.get(f"{API}/notifications", headers=log_in(client, person)).json()["items"][0]
    assert found["title"] == "Cheti kinakaribia kuisha"
    assert "3 Julai 2026" in found["text"]
    letter = mailbox()[-1]
    assert letter["subject"] == "Cheti kinakaribia kuisha"
    assert told("account.role_changed", {"role": "learner"}, language="sw").text.endswith("mwanafunzi.")
    assert letter.get_content().startswith("Habari Zawadi,")


def test_nobody_reads_what_is_not_theirs(client: TestClient, runtime: Runtime, drain: Drain) -> None:
    person = create_person(runtime.database)
    emit(runtime, person)
    drain()
    notification = client.get(f"{API}/notifications", headers=log_in(client, person)).json()["items"][0]["id"]
    for other in (create_person(runtime.database), create_person(runtime.database, role=Role.ADMIN)):
        theirs = log_in(client, other)
        assert client.get(f"{API}/notifications", headers=theirs).json()["items"] == []
        assert client.post(f"{API}/notifications/{notification}/read", headers=theirs).status_code == 404
    client.cookies.clear()
    for path in ("", "/unread"):
        assert client.get(f"{API}/notifications{path}").status_code == 401
    assert client.post(f"{API}/notifications/read").status_code == 401
    assert client.post(f"{API}/notifications/{uuid4()}/read").status_code == 401


def test_another_institution_hears_nothing(client: TestClient, runtime: Runtime, drain: Drain) -> None:
    tenant = create_tenant(runtime.database, host="elsewhere.example")
    here, there = create_person(runtime.database), create_person(runtime.database, tenant_id=tenant)
    emit(runtime, here, there)
    drain()
    client.headers["Host"] = "elsewhere.example"
    assert client.get(f"{API}/notifications/unread", headers=log_in(client, there)).json() == {"unread": 0}


def test_closed_and_unconfirmed_accounts_get_no_letter(
    client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox
) -> None:
    closed, unconfirmed = create_person(runtime.database), create_person(runtime.database, verified=False)
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    drain()
    before = len(mailbox())
    assert client.put(f"{API}/admin/users/{closed.id}/closed", headers=admin, json={"closed": True}).status_code == 200
    emit(runtime, closed, unconfirmed)
    drain()
    assert len(mailbox()) == before
    assert deliveries(runtime) == [("skipped", "the address is not confirmed")]
    assert client.get(f"{API}/notifications/unread", headers=log_in(client, unconfirmed)).json() == {"unread": 1}


def test_a_job_that_runs_again_sends_no_second_letter(runtime: Runtime, drain: Drain, mailbox: Mailbox) -> None:
    person = create_person(runtime.database)
    emit(runtime, person)
    drain()
    with runtime.database.write(system_actor(person.tenant_id)) as ctx:
        delivery = ctx.session.execute(select(NotificationDelivery.id)).scalar_one()
        ctx.enqueue("notifications.deliver", delivery_id=str(delivery))
    drain()
    assert len([each for each in mailbox() if each["to"] == person.email]) == 1


def test_a_mail_server_that_refuses_and_one_that_is_away(runtime: Runtime, clock: MovingClock) -> None:
    refused, waiting = create_person(runtime.database), create_person(runtime.database)
    with SmtpServer(refuse=True) as server:
        mail = open_mail(f"smtp://127.0.0.1:{server.port}", sender="school@example.org")
        runtime.resources.put(Mail, mail)  # type: ignore[type-abstract]
        emit(runtime, refused)
        running.drain(runtime.database)
        assert deliveries(runtime) == [("failed", "550 no such mailbox")]
    emit(runtime, waiting)
    running.drain(runtime.database)
    assert [state for state, _ in deliveries(runtime)] == ["failed", "queued"]
    for _ in range(8):
        clock.move(timedelta(minutes=20))
        running.drain(runtime.database)
    assert [state for state, _ in deliveries(runtime)] == ["failed", "failed"]


def test_old_ones_are_forgotten(client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock) -> None:
    person = create_person(runtime.database)
    emit(runtime, person)
    drain()
    clock.move(timedelta(days=181))
    plan_scheduled(runtime.database)
    drain()
    assert client.get(f"{API}/notifications", headers=log_in(client, person)).json()["items"] == []
    assert deliveries(runtime) == []


def test_the_page_opens_where_a_notification_leads(client: TestClient, runtime: Runtime, drain: Drain) -> None:
    person = create_person(runtime.database)
    emit(runtime, person, kind="certificate.revoked", course="<b>Maji</b>", code="A/../B", reason="{name} & co")
    drain()
    client.post("/login", data=person.login)
    listed = client.get("/notifications").text
    assert "&lt;b&gt;Maji&lt;/b&gt;" in listed
    assert "{name} &amp; co" in listed
    token = listed.partition('csrf-token" content="')[2].partition('"')[0]
    (address,) = set(re.findall(r'action="(/notifications/[^"]+/open)"', listed))
    assert client.post(address, follow_redirects=False).status_code == 403
    opened = client.post(address, data={"csrf_token": token}, follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/verify/A%2F..%2FB")
    assert "unread" not in client.get("/notifications").text.partition("data-notifications")[2]


MAKERS = ("Notice", "_notice", "to_finance", "_hand_on")


def _kinds_emitted() -> set[str]:
    """The kinds that stand in the code: strings with a dot given as `kind`, or to a function that makes a notice."""
    found = set()
    for module in (each for each in modules() if not each.path.startswith("api/")):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKERS:
                for given in (*node.args, *(each.value for each in node.keywords if each.arg == "kind")):
                    for part in ast.walk(given):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                            found.add(part.value)
    return found


def test_every_kind_that_is_emitted_has_its_words() -> None:
    emitted = _kinds_emitted()
    assert len(emitted) >= 12
    assert emitted == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_both_languages_tell_the_same(kind: str) -> None:
    wording = KINDS[kind]

    def names(texts: tuple[str, str]) -> set[str]:
        return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}

    assert names(wording.en) == names(wording.sw)
    variables = dict.fromkeys(names(wording.en) | names((wording.path, "")), "x")
    variables |= dict.fromkeys(wording.dates, "2026-01-02")
    assert told(kind, variables, language="sw") != told(kind, variables, language="en")
