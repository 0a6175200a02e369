"""People judge: flags, verdict with a second reviewer, appeal; who may and who may not; the queue and comparisons."""

from uuid import UUID

import pytest
from sqlalchemy import select

from lms_core.identity.audit.models import AuditEntry
from lms_core.kit.context import system_actor
from lms_core.learning.assessments import service as assessments
from proctoring.review.models import ReviewStep
from proctoring.sessions import service as sessions
from tests.factories.assessments import enrol
from tests.factories.courses import statements
from tests.factories.people import create_person
from tests.proctoring.reviewing import Exam, finish, flags_of, look, sit


def decide(
    exam: Exam, session_id: UUID, flag: dict[str, object], decision: str, comment: str = ""
) -> dict[str, object]:
    """One decision by the first instructor."""
    path = f"/proctor-session/{session_id}/anomalies/{flag['id']}/decision"
    answer = exam.post(exam.instructor, path, decision=decision, comment=comment)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rejected(exam: Exam) -> UUID:
    """A session that two instructors rejected."""
    session_id = sit(exam)
    decide(exam, session_id, flags_of(exam, session_id)[0], "confirm")
    for person in (exam.instructor, exam.second):
        answer = exam.post(person, f"/proctor-session/{session_id}/verdict", verdict="rejected", message="A phone.")
        assert answer.status_code == 200, answer.text
    return session_id


def voided(exam: Exam, session_id: UUID) -> bool:
    """Whether the attempt of that session counts no more."""
    with exam.runtime.database.read(system_actor(exam.learner.tenant_id)) as ctx:
        return assessments.access_attempt(ctx, sessions.card(ctx, session_id).attempt_id).voided


def actions(exam: Exam) -> list[str]:
    """What the audit log says about proctoring, oldest first."""
    with exam.runtime.database.read(system_actor(exam.learner.tenant_id)) as ctx:
        wanted = select(AuditEntry.action).where(AuditEntry.action.like("proctoring.%")).order_by(AuditEntry.id)
        return list(ctx.session.execute(wanted).scalars())


def test_a_flag_is_confirmed_dismissed_and_reopened_and_the_risk_follows(exam: Exam) -> None:
    session_id = sit(exam)
    (flag,) = flags_of(exam, session_id)
    assert (flag["kind"], flag["decision"], flag["rule"]) == ("phone", "open", "phone:2of3")
    confirmed = decide(exam, session_id, flag, "confirm", "Clearly a phone.")
    assert confirmed["flags"][0]["decision"] == "confirmed" and confirmed["risk"]["score"] > 0
    dismissed = decide(exam, session_id, flag, "dismiss")
    assert dismissed["risk"] == {"score": 0, "level": "low", "parts": []}
    assert decide(exam, session_id, flag, "reopen")["risk"] == confirmed["risk"]
    decide(exam, session_id, flag, "comment", "Ask about the black thing.")
    (shown,) = flags_of(exam, session_id)
    assert [step["act"] for step in shown["steps"]] == ["confirmed", "dismissed", "reopened", "commented"]
    assert shown["steps"][0]["by"]["name"] == "Wanjiru Kamau"


def test_dismissing_many_at_once_takes_one_kind_or_all(exam: Exam) -> None:
    events = [{"type": "paste", "second": 20, "details": {"characters": 300}}, {"type": "print", "second": 50}]
    session_id = sit(exam, events=events)
    assert {flag["kind"] for flag in flags_of(exam, session_id)} == {"phone", "paste", "print"}
    path = f"/proctor-session/{session_id}/bulk-dismiss"
    one = exam.post(exam.instructor, path, kind="paste", comment="Own notes.").json()
    assert [flag["kind"] for flag in one["flags"]] == ["paste"]
    rest = exam.post(exam.instructor, path).json()
    assert {flag["kind"] for flag in rest["flags"]} == {"phone", "print"} and rest["risk"]["score"] == 0
    assert exam.post(exam.instructor, path).json()["flags"] == []
    foreign = exam.post(exam.instructor, path, anomaly_ids=[str(session_id)])
    assert (foreign.status_code, foreign.json()["code"]) == (404, "anomaly_not_found")


def test_a_rejection_takes_two_people_and_no_role_replaces_the_second(exam: Exam) -> None:
    session_id = sit(exam)
    path = f"/proctor-session/{session_id}/verdict"
    early = exam.post(exam.admin, path, verdict="rejected")
    assert (early.status_code, early.json()["code"]) == (409, "no_confirmed_flag")
    decide(exam, session_id, flags_of(exam, session_id)[0], "confirm")
    first = exam.post(exam.admin, path, verdict="rejected", message="A phone was used.")
    assert first.json()["outcome"] == "rejection_proposed" and first.json()["needs_second"]
    again = exam.post(exam.admin, path, verdict="rejected")
    assert (again.status_code, again.json()["code"]) == (409, "second_reviewer_needed")
    assert not voided(exam, session_id)
    own = exam.get(exam.learner, f"/proctor-session/{session_id}/report").json()
    assert (own["outcome"], own["message"]) == ("open", "")
    second = exam.post(exam.second, path, verdict="rejected")
    assert (second.json()["outcome"], second.json()["message"]) == ("rejected", "A phone was used.")
    assert second.json()["proposed_by"]["name"] != second.json()["decided_by"]["name"]
    assert voided(exam, session_id)
    late = exam.post(exam.instructor, path, verdict="passed")
    assert (late.status_code, late.json()["code"]) == (409, "review_state")


def test_a_second_reviewer_may_pass_what_the_first_would_reject(exam: Exam) -> None:
    session_id = sit(exam)
    decide(exam, session_id, flags_of(exam, session_id)[0], "confirm")
    path = f"/proctor-session/{session_id}/verdict"
    exam.post(exam.instructor, path, verdict="rejected", message="A phone.")
    passed = exam.post(exam.second, path, verdict="passed", message="It is a calculator.")
    assert passed.json()["outcome"] == "passed" and not voided(exam, session_id)
    own = exam.get(exam.learner, f"/proctor-session/{session_id}/report").json()
    assert (own["outcome"], own["message"], own["may_appeal"]) == ("passed", "It is a calculator.", False)


@pytest.mark.parametrize("upheld", [True, False])
def test_an_appeal_is_heard_by_somebody_who_took_no_part(exam: Exam, upheld: bool) -> None:
    session_id = rejected(exam)
    own = exam.get(exam.learner, f"/proctor-session/{session_id}/report").json()
    assert own["may_appeal"] and own["message"] == "A phone."
    appealed = exam.post(exam.learner, f"/proctor-session/{session_id}/appeal", text="It was my calculator.").json()
    assert (appealed["state"], appealed["may_appeal"]) == ("appealed", False)
    twice = exam.post(exam.learner, f"/proctor-session/{session_id}/appeal", text="Again.")
    assert (twice.status_code, twice.json()["code"]) == (409, "appealed_already")
    path = f"/proctor-session/{session_id}/appeal/answer"
    for person in (exam.instructor, exam.second):
        refused = exam.post(person, path, upheld=upheld, answer="No.")
        assert (refused.status_code, refused.json()["code"]) == (409, "another_answers")
    answer = exam.post(exam.admin, path, upheld=upheld, answer="We looked again.")
    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"] == ("passed" if upheld else "rejected")
    assert voided(exam, session_id) is not upheld
    told = exam.get(exam.learner, f"/proctor-session/{session_id}/report").json()
    assert (told["answer"], told["state"]) == ("We looked again.", "passed" if upheld else "closed")
    again = exam.post(exam.admin, path, upheld=upheld, answer="Again.")
    assert (again.status_code, again.json()["code"]) == (409, "review_state")


def test_every_step_is_kept_and_every_look_is_written_down(exam: Exam) -> None:
    session_id = rejected(exam)
    exam.post(exam.learner, f"/proctor-session/{session_id}/appeal", text="It was my calculator.")
    exam.post(exam.admin, f"/proctor-session/{session_id}/appeal/answer", upheld=True, answer="You are right.")
    history = exam.get(exam.admin, f"/proctor-session/{session_id}/report").json()["history"]
    expected = ["confirmed", "proposed_rejection", "rejected", "appealed", "appeal_upheld"]
    assert [step["act"] for step in history] == expected
    with exam.runtime.database.read(system_actor(exam.learner.tenant_id)) as ctx:
        assert len(list(ctx.session.execute(select(ReviewStep.id)))) == len(expected)
    seen = actions(exam)
    assert seen.count("proctoring.report_viewed") == 2
    assert [each for each in seen if each.removeprefix("proctoring.") in expected[1:]] == [
        f"proctoring.{each}" for each in expected[1:]
    ]


def test_nobody_appeals_what_is_not_rejected(exam: Exam) -> None:
    session_id = sit(exam)
    answer = exam.post(exam.learner, f"/proctor-session/{session_id}/appeal", text="Why?")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_appeal")
    foreign = exam.post(exam.instructor, f"/proctor-session/{session_id}/appeal", text="Why?")
    assert foreign.status_code == 404


def test_outsiders_find_nothing_and_takers_do_not_judge_themselves(exam: Exam) -> None:
    session_id = sit(exam)
    flag = flags_of(exam, session_id)[0]
    decision = f"/proctor-session/{session_id}/anomalies/{flag['id']}/decision"
    outsider, other = create_person(exam.runtime.database), create_person(exam.runtime.database)
    enrol(exam.runtime.database, other, exam.course.id)
    for person in (outsider, other):
        assert exam.get(person, f"/proctor-session/{session_id}/report").status_code == 404
        assert exam.get(person, f"/proctor-session/{session_id}/export.pdf").status_code == 404
        assert exam.post(person, decision, decision="dismiss").status_code == 404
        assert exam.post(person, f"/proctor-session/{session_id}/verdict", verdict="passed").status_code == 404
        assert exam.get(person, f"/instructor/proctoring/exams/{exam.quiz.id}").status_code == 404
        assert exam.get(person, "/instructor/proctoring").status_code == 403
    assert exam.post(exam.learner, decision, decision="dismiss").status_code == 404
    assert exam.get(exam.learner, f"/proctor-session/{session_id}/export.json").status_code == 404
    assert exam.client.get(f"/api/v1/proctor-session/{session_id}/report").status_code == 401


def test_an_instructor_does_not_review_their_own_sitting(exam: Exam) -> None:
    enrol(exam.runtime.database, exam.second, exam.course.id)
    session_id = sit(exam, taker=exam.second)
    answer = exam.post(exam.second, f"/proctor-session/{session_id}/verdict", verdict="passed")
    assert (answer.status_code, answer.json()["code"]) == (403, "own_session")
    assert "score" not in str(exam.get(exam.second, f"/proctor-session/{session_id}/report").json())
    assert exam.get(exam.second, "/instructor/proctoring").json()["items"] == []


def test_nothing_is_judged_while_the_exam_runs(exam: Exam) -> None:
    session_id = sit(exam, end=False)
    (flag,) = flags_of(exam, session_id)
    path = f"/proctor-session/{session_id}/anomalies/{flag['id']}/decision"
    answer = exam.post(exam.instructor, path, decision="dismiss")
    assert (answer.status_code, answer.json()["code"]) == (409, "review_state")
    assert exam.get(exam.learner, f"/proctor-session/{session_id}/report").json()["flags"] == []
    finish(exam, session_id, exam.learner)
    assert exam.post(exam.instructor, path, decision="dismiss").status_code == 200


def test_a_decision_survives_pictures_that_come_late(exam: Exam) -> None:
    session_id = sit(exam, "clean*2 phone*2 waiting phone*2 clean*3", end=True)
    (flag,) = flags_of(exam, session_id)
    report = exam.get(exam.instructor, f"/proctor-session/{session_id}/report").json()
    waiting = next(each for each in report["snapshots"] if each["status"] == "waiting")
    look(exam, session_id, {UUID(waiting["id"]): ("phone", waiting["sequence"])})
    exam.drain()
    (later,) = flags_of(exam, session_id)
    assert later["id"] == flag["id"] and later["numbers"]["seen"] == flag["numbers"]["seen"] + 1


def test_computing_again_changes_nothing(exam: Exam) -> None:
    session_id = sit(exam)
    decide(exam, session_id, flags_of(exam, session_id)[0], "dismiss")
    before = flags_of(exam, session_id)
    exam.drain()
    with exam.runtime.database.write(system_actor(exam.learner.tenant_id)) as ctx:
        ctx.enqueue("proctoring.assess", session_id=str(session_id))
    assert exam.drain() == 1
    after = flags_of(exam, session_id)
    for flags in (before, after):
        for flag in flags:
            flag.pop("pictures")  # links are made anew
    assert after == before


def test_the_queue_filters_and_has_the_highest_risk_first(exam: Exam) -> None:
    calm = sit(exam, "clean*5", taker=_another(exam, "Baraka Calm"))
    risky = sit(exam, "clean phone*3 clean two*3 clean*2")
    items = exam.get(exam.instructor, "/instructor/proctoring").json()["items"]
    assert [item["session_id"] for item in items] == [str(risky), str(calm)]
    assert items[0]["counts"] == {"phone": 1, "several_persons": 1} and items[0]["incidents"] == 2

    def ids(**wanted: str) -> list[str]:
        found = exam.get(exam.instructor, "/instructor/proctoring", params=wanted).json()["items"]
        return [item["session_id"] for item in found]

    assert ids(kind="phone") == [str(risky)]
    assert ids(q="baraka") == [str(calm)]
    assert ids(level="low") == [str(calm)]
    assert ids(state="under_review") == []
    assert len(ids(state="analysed", quiz_id=str(exam.quiz.id))) == 2
    page = exam.get(exam.instructor, "/instructor/proctoring", params={"limit": 1}).json()
    rest = exam.get(exam.instructor, "/instructor/proctoring", params={"limit": 1, "cursor": page["next_cursor"]})
    assert [item["session_id"] for item in rest.json()["items"]] == [str(calm)]
    bad = exam.get(exam.instructor, "/instructor/proctoring", params={"cursor": "x"})
    assert bad.status_code == 422


def _another(exam: Exam, name: str) -> object:
    person = create_person(exam.runtime.database, full_name=name)
    enrol(exam.runtime.database, person, exam.course.id)
    return person


def test_the_number_of_statements_does_not_grow_with_what_is_listed(exam: Exam) -> None:
    def counted(path: str) -> int:
        exam.get(exam.instructor, path)
        with statements(exam.runtime.database) as sent:
            assert exam.get(exam.instructor, path).status_code == 200
        return len(sent)

    one = sit(exam, "clean phone*3 clean*2")
    paths = ("/instructor/proctoring", f"/instructor/proctoring/exams/{exam.quiz.id}", "/instructor/proctoring/stats")
    few = [counted(path) for path in paths] + [counted(f"/proctor-session/{one}/report")]
    words = "clean phone*3 clean*5 two*3 clean*5 book*3 clean*5 nobody*4 clean*2"
    more = [sit(exam, words, taker=_another(exam, f"Taker {number}")) for number in range(3)]
    many = [counted(path) for path in paths] + [counted(f"/proctor-session/{more[0]}/report")]
    assert many == few
    assert many[0] <= 6 and many[3] <= 20


def test_sessions_of_one_exam_stand_side_by_side(exam: Exam) -> None:
    sit(exam, "clean*5", taker=_another(exam, "Baraka Calm"))
    sit(exam)
    found = exam.get(exam.instructor, f"/instructor/proctoring/exams/{exam.quiz.id}").json()
    assert found["kinds"] == ["phone"] and len(found["sessions"]) == 2
    risks = [each["risk"] for each in found["sessions"]]
    assert found["mean_risk"] == sum(risks) / 2 == found["median_risk"] and risks[0] > risks[1] == 0


def test_decisions_are_labels_of_the_detectors(exam: Exam) -> None:
    for number, decision in enumerate(("confirm", "dismiss", "confirm")):
        session_id = sit(exam, taker=_another(exam, f"Taker {number}"))
        decide(exam, session_id, flags_of(exam, session_id)[0], decision)
    stats = exam.get(exam.instructor, "/instructor/proctoring/stats").json()
    assert stats["detectors"] == [
        {
            "kind": "phone",
            "title": "Possible phone",
            "confirmed": 2,
            "dismissed": 1,
            "undecided": 0,
            "precision": 0.667,
        }
    ]
    assert (stats["sessions"], stats["reviewed"]) == (3, 0)


def test_named_reviewers_replace_the_courses_own(exam: Exam) -> None:
    from proctoring.policies import service as policies
    from proctoring.policies.schemas import PolicyIn
    from tests.factories.people import actor_of

    named = create_person(exam.runtime.database, full_name="Named Reviewer")
    with exam.runtime.database.write(actor_of(exam.runtime.database, exam.instructor)) as ctx:
        policies.set_policy(ctx, exam.quiz.id, rules=PolicyIn(reviewers=(named.id,)))
    session_id = sit(exam)
    assert exam.get(named, f"/proctor-session/{session_id}/report").status_code == 200
    assert [each["session_id"] for each in exam.get(named, "/instructor/proctoring").json()["items"]] == [
        str(session_id)
    ]
    assert exam.get(exam.instructor, f"/proctor-session/{session_id}/report").status_code == 404
    assert exam.get(exam.instructor, "/instructor/proctoring").json()["items"] == []
    assert exam.get(exam.admin, f"/proctor-session/{session_id}/report").status_code == 200
