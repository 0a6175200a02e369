"""Sitting a proctored exam: consent, checks, begin, events, silence, end; and the table of states."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import SessionNotThere
from proctoring.sessions.states import JUDGED, TRANSITIONS, UNFINISHED, SessionState, after
from tests.factories.people import create_person, log_in
from tests.factories.proctoring import API, Sitting, another_taker, begin, make_exam, start, upload, watch
from workers.runtime import Runtime

STEPS = sorted({step for _, step in TRANSITIONS})


def state_of(runtime: Runtime, sitting: Sitting) -> str:
    with runtime.database.read(system_actor()) as ctx:
        return sessions.card(ctx, UUID(sitting.id)).state


def sweep(runtime: Runtime) -> None:
    running.plan_scheduled(runtime.database)
    running.drain(runtime.database)


def test_the_whole_way(client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]) -> None:
    exam = make_exam(runtime, client)
    sitting = start(client, exam)
    attempt = client.get(f"{API}/quiz-attempts/{sitting.attempt_id}", headers=exam.headers).json()
    assert attempt["status"] == "waiting"

    checked = client.post(sitting.path("check"), json={"results": {"camera": True, "light": 130}}, headers=exam.headers)
    begun = client.post(sitting.path("begin"), headers=exam.headers)

    assert checked.json()["state"] == "checked"
    assert begun.json()["state"] == "active"
    attempt = client.get(f"{API}/quiz-attempts/{sitting.attempt_id}", headers=exam.headers).json()
    assert attempt["status"] == "open"
    assert len(attempt["questions"]) == 2
    watch(client, sitting, clock, "green green red")
    shown = client.get(sitting.path(), headers=exam.headers).json()
    assert shown["last_sequences"] == {"camera": 3, "events": 0}
    assert client.post(sitting.path("end"), headers=exam.headers).json()["state"] == "ended"
    drain()
    assert state_of(runtime, sitting) == "analysed"


def test_starting_again_returns_the_running_session(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    assert start(client, exam).id == start(client, exam).id == begin(client, exam).id == start(client, exam).id


@pytest.mark.parametrize("consent", [False, {"accepted": False, "version": "1.1"}])
def test_nobody_is_recorded_without_agreeing(client: TestClient, runtime: Runtime, consent: object) -> None:
    exam = make_exam(runtime, client)
    attempt = client.post(f"{API}/quiz-attempts", json={"quiz_id": str(exam.quiz.id)}, headers=exam.headers).json()
    body = {"attempt_id": attempt["id"], "consent": consent}
    answer = client.post(f"{API}/proctor-session/start", json=body, headers=exam.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_missing")


@pytest.mark.parametrize("wrong", [{"version": "1.9"}, {"hash": "0" * 64}])
def test_agreeing_to_another_text_is_not_enough(client: TestClient, runtime: Runtime, wrong: dict[str, str]) -> None:
    exam = make_exam(runtime, client)
    attempt = client.post(f"{API}/quiz-attempts", json={"quiz_id": str(exam.quiz.id)}, headers=exam.headers).json()
    body = {"attempt_id": attempt["id"], "consent": {"accepted": True, **wrong}}
    answer = client.post(f"{API}/proctor-session/start", json=body, headers=exam.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_outdated")


def test_plain_true_agrees_to_the_text_in_force_and_its_hash_is_kept(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    sitting = start(client, exam, consent=True)
    with runtime.database.read(system_actor(exam.taker.tenant_id)) as ctx:
        card = sessions.card(ctx, UUID(sitting.id))
        steps = sessions.steps(ctx, UUID(sitting.id))
    assert card.consent_version == "1.1"
    assert card.consented_at is not None
    assert [step.step for step in steps] == ["consent"]


def test_others_find_nothing(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    for headers in (another_taker(runtime, client, exam).headers, log_in(client, create_person(runtime.database))):
        assert client.get(sitting.path(), headers=headers).status_code == 404
        for what in ("check", "begin", "heartbeat", "end"):
            body = {"results": {}} if what == "check" else None
            answer = client.post(sitting.path(what), json=body, headers=headers)
            assert (what, answer.status_code, answer.json()["code"]) == (what, 404, "proctor_session_not_found")
        body = {"attempt_id": sitting.attempt_id, "consent": True}
        assert client.post(f"{API}/proctor-session/start", json=body, headers=headers).status_code == 404
    assert client.get(sitting.path()).status_code == 401


def test_an_exam_needs_its_checks_first(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    sitting = start(client, exam)
    answer = client.post(sitting.path("begin"), headers=exam.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "proctor_session_state")


def event(sequence: int, type: str, clock: MovingClock, **more: object) -> dict[str, object]:
    return {"sequence": sequence, "type": type, "at": clock.now().isoformat(), **more}


def test_events_are_kept_once_and_only_known_details(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    paste = event(1, "paste", clock, details={"characters": 44, "text": "the answer is 42"})
    hidden = event(2, "tab_hidden", clock, duration=3.5)
    first = client.post(sitting.path("events"), json={"events": [paste, hidden]}, headers=exam.headers)
    again = client.post(
        sitting.path("events"), json={"events": [hidden, event(3, "print", clock)]}, headers=exam.headers
    )

    assert first.json() == {"taken": 2, "repeated": 0}
    assert again.json() == {"taken": 1, "repeated": 1}
    with runtime.database.read(system_actor(exam.taker.tenant_id)) as ctx:
        kept = sessions.page_events(ctx, UUID(sitting.id))
    assert [(each.type, each.seconds, each.details) for each in kept] == [
        ("paste", None, {"characters": 44}),
        ("tab_hidden", 3.5, {}),
        ("print", None, {}),
    ]


def test_an_unknown_event_is_refused_with_its_place(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    batch = [event(1, "paste", clock), event(2, "mind_reading", clock)]
    answer = client.post(sitting.path("events"), json={"events": batch}, headers=exam.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_event")
    assert answer.json()["errors"][0]["field"] == "events.1.type"


def test_silence_interrupts_and_a_sign_of_life_resumes(
    client: TestClient, runtime: Runtime, clock: MovingClock
) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    clock.move(timedelta(seconds=30))
    assert client.post(sitting.path("heartbeat"), json={}, headers=exam.headers).status_code == 200
    heard = clock.now()
    clock.move(timedelta(seconds=31))
    sweep(runtime)
    assert state_of(runtime, sitting) == "active"
    clock.move(timedelta(seconds=30))
    sweep(runtime)
    assert state_of(runtime, sitting) == "interrupted"
    clock.move(timedelta(seconds=60))
    assert upload(client, sitting, 1, clock.now()).status_code == 201
    assert state_of(runtime, sitting) == "active"
    with runtime.database.read(system_actor(exam.taker.tenant_id)) as ctx:
        assert sessions.silences(ctx, UUID(sitting.id)) == ((heard, clock.now()),)


def test_submitting_ends_the_session_when_its_page_does_not(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]
) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    client.post(f"{API}/quiz-attempts/{sitting.attempt_id}/submit", headers=exam.headers)
    drain()
    late = upload(client, sitting, 1, clock.now())  # it was waiting for the network
    assert late.status_code == 201
    clock.move(timedelta(seconds=61))
    drain()
    assert state_of(runtime, sitting) == "analysed"
    after_the_end = upload(client, sitting, 2, clock.now())
    assert (after_the_end.status_code, after_the_end.json()["code"]) == (409, "proctor_session_over")


def test_a_session_that_never_began_expires(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    exam = make_exam(runtime, client)
    sitting = start(client, exam)
    clock.move(timedelta(hours=25))
    sweep(runtime)
    assert state_of(runtime, sitting) == "expired"


def test_an_exam_nobody_comes_back_to_ends(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    clock.move(timedelta(minutes=2))
    sweep(runtime)
    clock.move(timedelta(hours=25))
    sweep(runtime)
    assert state_of(runtime, sitting) == "analysed"


@given(st.lists(st.sampled_from(STEPS), max_size=30))
def test_no_walk_leaves_the_table(walk: list[str]) -> None:
    """From the beginning, whatever is asked: known states only, an end is an end, judged sessions never run again."""
    state, was_judged = SessionState.CREATED, False
    for step in walk:
        try:
            state = after(state, step)
        except SessionNotThere as refusal:
            assert refusal.extra["session_state"] == state
            continue
        was_judged |= state in JUDGED
        assert not (was_judged and state in UNFINISHED)
    leaving = [step for at, step in TRANSITIONS if at is state]
    assert bool(leaving) == (state not in (SessionState.CLOSED, SessionState.EXPIRED))


def test_every_state_can_be_reached_and_rejection_needs_a_review() -> None:
    reached, frontier = {SessionState.CREATED}, [SessionState.CREATED]
    while frontier:
        here = frontier.pop()
        fresh = {to for (at, _), to in TRANSITIONS.items() if at is here} - reached
        reached |= fresh
        frontier += fresh
    assert reached == set(SessionState)
    assert {at for (at, _), to in TRANSITIONS.items() if to is SessionState.REJECTED} == {SessionState.UNDER_REVIEW}
