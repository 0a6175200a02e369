"""Similarity hints: found after handing in, with both passages, for instructors alone; a class of 500 in seconds."""

import random
import string
import time
from collections.abc import Callable
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.identity.accounts.models import User
from lms_core.kit.context import WriteCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.learning.assignments import winnowing
from lms_core.learning.assignments.models import Submission, SubmissionFingerprint, SubmissionMatch, SubmissionStatus
from lms_core.learning.assignments.service import comparing
from tests.factories.assessments import enrol
from tests.factories.assignments import API, Headers, hand_in, make, put_file, read, submit
from tests.factories.courses import Made
from tests.factories.people import create_person, default_tenant, log_in
from workers.runtime import Runtime

CLASS = 500
SLOW_SECONDS = 120.0  # of processor; it is under 3 without coverage: what is held is that no pair of texts is compared
COPIED = (
    "The boiling point depends on pressure because a bubble can only grow once the vapour inside it pushes back "
    "as hard as the air and the water above it push down, and up a mountain there is less air to push."
)


def prose(seed: int, words: int = 250) -> str:
    """Words that nobody else wrote."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(words))


def create_owner(ctx: WriteCtx, number: int) -> UUID:
    """An account to own a submission, without the cost of a real password."""
    row = User(
        email=f"p{number}@example.org", email_key=f"p{number}@example.org", full_name=f"P {number}", created_at=ctx.now
    )
    return ctx.add(row).id


def test_shared_passages_are_a_hint_for_instructors(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers, drain: Callable[[], int]
) -> None:
    made = make(client, teaching, course, takes_files=True)
    other = make(client, teaching, course, title="Another one", takes_files=True)
    mate = log_in(client, enrol(runtime.database, create_person(runtime.database, full_name="Baraka Said"), course.id))
    third = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    first = hand_in(client, made, headers, f"{prose(1, 40)}\n\n{COPIED}")
    drain()
    text = f"I think so: {COPIED.upper()} {prose(2, 60)}".encode()
    assert put_file(client, other, mate, text, "essay.txt").status_code == 201
    second = submit(client, other, mate).json()["submissions"][0]
    hand_in(client, made, third, prose(3))
    drain()
    drain()
    sheet = client.get(f"{API}/submissions/{first['id']}", headers=teaching).json()
    (match,) = sheet["matches"]
    assert (match["submission_id"], match["owner"], match["assignment_title"]) == (
        second["id"],
        "Baraka Said",
        "Another one",
    )
    assert match["share"] >= 15
    mine, theirs = match["passages"][0]
    assert mine in COPIED and theirs in COPIED.upper() and len(mine) > 100
    back = client.get(f"{API}/submissions/{second['id']}", headers=teaching).json()["matches"][0]
    assert back["passages"][0] == [theirs, mine]
    rows = client.get(f"{API}/assignments/{made['id']}/submissions", headers=teaching).json()["items"]
    assert [each["similar"] is not None for each in rows] == [True, False]
    assert "share" not in str(read(client, made, headers)), "learners are told nothing"


def test_what_the_instructions_say_is_nobodys(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers, drain: Callable[[], int]
) -> None:
    made = make(client, teaching, course, instructions=COPIED)
    mate = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    hand_in(client, made, headers, f"{COPIED} {prose(1, 30)}")
    hand_in(client, made, mate, f"{COPIED} {prose(2, 30)}")
    drain()
    with runtime.database.read(system_actor()) as ctx:
        assert ctx.session.execute(select(SubmissionMatch.id)).all() == []
        assert len(ctx.session.execute(select(SubmissionFingerprint.submission_id)).all()) == 2


def test_ones_own_earlier_attempt_is_no_match_and_again_changes_nothing(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers, drain: Callable[[], int]
) -> None:
    made = make(client, teaching, course, attempts_allowed=None)
    mate = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    hand_in(client, made, headers, COPIED)
    drain()
    second = hand_in(client, made, headers, f"{COPIED} Better.")
    third = hand_in(client, made, mate, f"{COPIED} Mine.")
    drain()
    with runtime.database.write(system_actor(default_tenant(runtime.database))) as ctx:
        for one in (second, third):
            ctx.enqueue("assignments.compare", submission_id=one["id"])
    drain()
    with runtime.database.read(system_actor()) as ctx:
        pairs = ctx.session.execute(select(SubmissionMatch.first_id, SubmissionMatch.second_id)).all()
    assert [{str(row[0]), str(row[1])} for row in pairs] == [{second["id"], third["id"]}]


def test_a_class_of_five_hundred_is_compared_in_seconds(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers
) -> None:
    made = make(client, teaching, course)
    people = [new_id() for _ in range(CLASS)]
    tenant = default_tenant(runtime.database)
    texts = {each: prose(seed, 400) for seed, each in enumerate(people)}
    texts[people[-1]] += COPIED + texts[people[0]][:1500]
    began = time.process_time()
    prints = {each: comparing.own_hashes(text, "") for each, text in texts.items()}
    printed = time.process_time() - began
    with runtime.database.write(system_actor(tenant)) as ctx:
        for number, each in enumerate(people, start=1):
            owner = create_owner(ctx, number)
            ctx.session.add(
                Submission(
                    id=each,
                    assignment_id=UUID(made["id"]),
                    user_id=owner,
                    status=SubmissionStatus.SUBMITTED,
                    current=True,
                    text=texts[each],
                    saved_at=ctx.now,
                    submitted_at=ctx.now,
                )
            )
        ctx.session.flush()
        for each, hashes in prints.items():
            ctx.session.add(
                SubmissionFingerprint(submission_id=each, course_id=course.id, hashes=winnowing.pack(hashes))
            )
    with runtime.database.read(system_actor(tenant)) as ctx:
        source = comparing.sources(ctx, [people[-1]])[people[-1]]
        began = time.process_time()
        found = comparing.candidates(ctx, source, frozenset(prints[people[-1]]))
        compared = time.process_time() - began
    assert [each for each, _ in found] == [people[0]]
    assert printed < SLOW_SECONDS and compared < 10.0, (printed, compared)
