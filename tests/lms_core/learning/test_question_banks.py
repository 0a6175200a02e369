"""Question banks over HTTP: kept, searched, versioned; and quizzes that take their questions from them."""

import json
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient

from lms_core.kit.permissions import Role
from lms_core.learning.assessments.models import BankQuestionStatus
from lms_core.learning.assessments.schemas import QuestionIn
from tests.factories.assessments import API, Headers, begin, create_quiz, enrol, read, save, single, submit
from tests.factories.banks import arrange, create_bank, draw_of, sums
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

BANKS = f"{API}/question-banks"


def sent(question: QuestionIn) -> dict[str, Any]:
    """A question as JSON."""
    return dict(json.loads(question.model_dump_json()))


def test_a_bank_is_filled_searched_and_put_in_order(client: TestClient, course: Made, teaching: Headers) -> None:
    made = client.post(BANKS, json={"name": "Physics", "course": course.slug}, headers=teaching)
    assert made.status_code == 201, made.text
    bank = f"{BANKS}/{made.json()['id']}"
    heat = client.post(f"{bank}/categories", json={"name": "Heat"}, headers=teaching).json()["categories"][0]["id"]
    inner = {"name": "Boiling", "parent_id": heat}
    tree = client.post(f"{bank}/categories", json=inner, headers=teaching).json()["categories"]
    boiling = tree[1]["id"]
    assert [(each["name"], each["depth"]) for each in tree] == [("Heat", 0), ("Boiling", 1)]
    assert client.post(f"{bank}/categories", json=inner, headers=teaching).status_code == 422, "the name is taken"
    into_itself = {"name": "Heat", "parent_id": boiling}
    assert client.put(f"{bank}/categories/{heat}", json=into_itself, headers=teaching).status_code == 422
    body = {"question": sent(single()), "category_id": boiling, "tags": [" Water ", "easy"], "note": "First"}
    first = client.post(f"{bank}/questions", json=body, headers=teaching).json()
    assert (first["tags"], first["version"], first["status"]) == (["easy", "water"], 1, "ready")
    for each in sums(3):
        client.post(f"{bank}/questions", json={"question": sent(each), "tags": ["easy"]}, headers=teaching)
    wanted = [
        ("", 4),
        (f"category={heat}", 1),
        (f"category={heat}&subcategories=false", 0),
        ("type=numeric", 3),
        ("type=numeric&type=single", 4),
        ("tag=easy", 4),
        ("tag=easy&tag=WATER", 1),
        (f"category={heat}&tag=easy&type=single", 1),
    ]
    for query, found in wanted:
        listed = client.get(f"{bank}/questions?{query}", headers=teaching).json()["items"]
        assert len(listed) == found, query
        assert client.get(f"{bank}/matching?{query}", headers=teaching).json() == {"questions": found}, query
    texts = client.get(f"{bank}/questions?text=WHAT 2", headers=teaching).json()["items"]
    assert [each["text"] for each in texts] == ["What is 2 + 2?"]
    assert client.get(f"{bank}/questions?text=100%25", headers=teaching).json()["items"] == []
    ids = [each["id"] for each in client.get(f"{bank}/questions?type=numeric", headers=teaching).json()["items"]]
    change = {"question_ids": ids, "add_tags": ["sums"], "remove_tags": ["easy"], "move": True, "category_id": heat}
    assert client.post(f"{bank}/questions/changes", json=change, headers=teaching).json() == {"questions": 3}
    assert client.get(bank, headers=teaching).json()["tags"] == {"easy": 1, "sums": 3, "water": 1}
    gone = client.delete(f"{bank}/categories/{heat}", headers=teaching).json()["categories"]
    assert [(each["name"], each["depth"], each["questions"]) for each in gone] == [("Boiling", 0, 1)]
    target = {"question_ids": ids[:2], "bank_id": made.json()["id"]}
    assert len(client.post(f"{bank}/questions/copies", json=target, headers=teaching).json()) == 2
    other = client.post(BANKS, json={"name": "Other", "course": course.slug}, headers=teaching).json()["id"]
    moved = client.post(f"{bank}/questions/moves", json=target | {"bank_id": other}, headers=teaching)
    assert moved.json() == {"questions": 2}
    counts = {each["name"]: each["questions"] for each in client.get(BANKS, headers=teaching).json()["items"]}
    assert counts == {"Physics": 4, "Other": 2}
    strange = {"question_ids": [*ids[:1], str(uuid4())], "status": "retired"}
    refused = client.post(f"{bank}/questions/changes", json=strange, headers=teaching)
    assert refused.json()["code"] == "question_bank_place_not_found"
    assert client.delete(f"{bank}/questions/{first['id']}", headers=teaching).status_code == 204
    assert client.delete(bank, headers=teaching).status_code == 204
    assert client.get(bank, headers=teaching).json()["code"] == "question_bank_not_found"


def test_each_edit_is_a_version_that_can_come_back(
    client: TestClient, course: Made, instructor: Person, teaching: Headers
) -> None:
    bank = f"{BANKS}/{client.post(BANKS, json={'name': 'B', 'course': course.slug}, headers=teaching).json()['id']}"
    question = client.post(f"{bank}/questions", json={"question": sent(single())}, headers=teaching).json()
    path = f"{bank}/questions/{question['id']}"
    content = question["question"]
    edit = {"base_version": 1, "question": content | {"text": "At how many kelvin?"}, "note": "Kelvin"}
    second = client.put(path, json=edit, headers=teaching).json()
    assert (second["version"], second["question"]["text"]) == (2, "At how many kelvin?")
    assert [each["id"] for each in second["question"]["choices"]] == [each["id"] for each in content["choices"]]
    late = client.put(path, json=edit, headers=teaching)
    assert (late.json()["code"], late.json()["current_version"]) == ("bank_question_changed", 2)
    same = client.put(path, json=edit | {"base_version": 2}, headers=teaching).json()
    assert same["version"] == 2, "nothing changed"
    back = client.post(f"{path}/versions/1/restore", headers=teaching).json()
    assert (back["version"], back["question"]) == (3, content)
    newest, kelvin, first = client.get(f"{path}/versions", headers=teaching).json()["items"]
    assert [newest["number"], newest["current"], kelvin["note"], first["current"]] == [3, True, "Kelvin", False]
    assert kelvin["author"] == instructor.full_name
    changed = [(each["sign"], each["text"]) for each in kelvin["changes"] if each["sign"] != " "]
    assert changed == [("-", content["text"]), ("+", "At how many kelvin?")]
    assert ("[x] 100" in [each["text"] for each in first["changes"]]) and all(
        each["sign"] == " " for each in first["changes"]
    )
    page = client.get(f"{path}/versions?limit=1", headers=teaching).json()
    rest = client.get(f"{path}/versions?limit=5&cursor={page['next_cursor']}", headers=teaching).json()["items"]
    assert [each["number"] for each in rest] == [2, 1]
    assert [each["changes"] for each in page["items"]] == [newest["changes"]]
    assert client.post(f"{path}/versions/9/restore", headers=teaching).status_code == 404


def test_banks_are_for_who_teaches_and_shared_ones_for_who_may(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, teaching: Headers, headers: Headers
) -> None:
    admin = create_person(runtime.database, role=Role.ADMIN)
    own, (question, *_) = create_bank(runtime.database, instructor, course.id, questions=sums(2))
    shared, _ = create_bank(runtime.database, admin, None, questions=sums(1))
    colleague = create_person(runtime.database, role=Role.INSTRUCTOR)
    create_course(runtime.database, colleague, slug="elsewhere")
    elsewhere = log_in(client, colleague)
    for who in (headers, elsewhere):
        for path in ("", "/questions", "/matching", f"/questions/{question}", f"/questions/{question}/versions"):
            assert client.get(f"{BANKS}/{own}{path}", headers=who).status_code == 404, path
        assert client.delete(f"{BANKS}/{own}", headers=who).status_code == 404
    assert client.get(f"{BANKS}/{shared}", headers=headers).status_code == 404
    assert client.get(BANKS, headers=headers).json() == {"items": [], "next_cursor": None}
    assert client.post(BANKS, json={"name": "Mine"}, headers=headers).status_code == 404
    assert client.post(BANKS, json={"name": "Mine", "course": course.slug}, headers=headers).status_code == 403
    listed = client.get(BANKS, headers=elsewhere).json()["items"]
    assert [(each["id"], each["editable"]) for each in listed] == [(str(shared), False)]
    assert client.post(BANKS, json={"name": "Mine"}, headers=elsewhere).status_code == 403
    body = {"question": sent(single())}
    assert client.post(f"{BANKS}/{shared}/questions", json=body, headers=elsewhere).status_code == 403
    both = client.get(f"{BANKS}?course={course.slug}", headers=teaching).json()["items"]
    assert {each["id"] for each in both} == {str(own), str(shared)}
    picture = {"type": "hotspot", "picture": "m.png", "markers": [_marker()]}
    hotspot = {"type": "hotspot", "text": "Where?", "key": picture}
    told = client.post(f"{BANKS}/{shared}/questions", json={"question": hotspot}, headers=log_in(client, admin))
    assert told.status_code == 422 and "course" in told.json()["detail"]
    theirs = draw_of(own, 1)
    quiz = create_quiz(runtime.database, colleague, _course_of(client, elsewhere), publish=False)
    refused = arrange(client, quiz.id, elsewhere, {"slots": [theirs]}, status=422)
    assert "no such question bank" in refused["detail"]
    fixed = {"kind": "bank", "question_id": str(question)}
    assert "no such question" in arrange(client, quiz.id, elsewhere, {"slots": [fixed]}, status=422)["detail"]
    assert arrange(client, quiz.id, elsewhere, {"slots": [draw_of(shared, 1)]})["questions"] == 3


def _marker() -> dict[str, Any]:
    return {"label": "Here", "regions": [{"shape": "rectangle", "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}]}


def _course_of(client: TestClient, who: Headers) -> Any:
    return client.get(f"{API}/my-teaching", headers=who).json()["items"][0]["id"]


def test_an_attempt_gets_its_own_draw_and_nothing_tells_the_rest(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, teaching: Headers, headers: Headers
) -> None:
    bank, pool = create_bank(runtime.database, instructor, course.id, questions=sums(6))
    _, (named, *_) = create_bank(runtime.database, instructor, course.id, questions=sums(1, first=50))
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], conduct={"review": "never"})
    own = {"kind": "own", "question_id": str(quiz.questions[0].id)}
    fixed = {"kind": "bank", "question_id": str(named), "points": 2}
    first = {"title": "Warm up", "instructions": "Take your *time*.", "slots": [own, fixed]}
    second = {"title": "Sums", "shuffle": True, "new_page": True, "slots": [draw_of(bank, 3, points=1.5)]}
    plan = arrange(client, quiz.id, teaching, first, second)
    assert (plan["questions"], plan["points"], plan["loose"]) == (5, 7.5, [])
    assert [slot["matching"] for slot in plan["sections"][1]["slots"]] == [6]
    attempt = begin(client, quiz, headers)
    sheet = read(client, attempt, headers)
    got = [each["id"] for each in sheet["questions"]]
    assert got[:2] == [str(quiz.questions[0].id), str(named)] and len(set(got[2:])) == 3
    assert [each["points"] for each in sheet["questions"]] == [1.0, 2.0, 1.5, 1.5, 1.5]
    shown = [(each["title"], each["first"], each["questions"], each["new_page"]) for each in sheet["sections"]]
    assert shown == [("Warm up", 1, 2, False), ("Sums", 3, 3, True)]
    assert "<em>time</em>" in sheet["sections"][0]["instructions_html"]
    rest = {str(each) for each in pool} - set(got)
    assert save(client, attempt, min(rest), headers, text="0").json()["code"] == "question_not_found"
    value = {each["id"]: str(2 * int(each["html"].split("is ")[1].split(" ")[0])) for each in sheet["questions"][1:]}
    for each, right in value.items():
        assert save(client, attempt, each, headers, text=right).json()["kept"]
    done = client.post(f"{API}/quiz-attempts/{attempt['id']}/submit", headers=headers)
    told = json.dumps([sheet, read(client, attempt, headers), done.json()])
    told += client.get(f"{API}/quizzes/{quiz.id}", headers=headers).text
    for secret in (*rest, str(bank), "tolerance", "accepted", "correct", "candidates", "drawn", "version"):
        assert secret not in told, secret
    for path in ("sections", "preview", "source"):
        assert client.get(f"{API}/quizzes/{quiz.id}/{path}", headers=headers).status_code == 403
    assert client.put(f"{API}/quizzes/{quiz.id}/sections", json={}, headers=headers).status_code in (403, 422)
    graded = read(client, attempt, teaching)
    assert (graded["score"], graded["points"], graded["percent"]) == (6.5, 7.5, 86.67)
    assert [each["awarded"] for each in graded["review"]] == [0.0, 2.0, 1.5, 1.5, 1.5]
    wrong = f"{API}/quiz-attempts/{attempt['id']}/marks/{min(rest)}"
    assert client.put(wrong, json={"points": 1}, headers=teaching).json()["code"] == "question_not_found"
    above = f"{API}/quiz-attempts/{attempt['id']}/marks/{got[2]}"
    assert client.put(above, json={"points": 1.75}, headers=teaching).status_code == 422
    again = read(client, begin(client, quiz, headers), headers)
    second_draw = {each["id"] for each in again["questions"][2:]}
    assert second_draw == rest, "three of six were left, and they come first"
    previews = [
        client.get(f"{API}/quizzes/{quiz.id}/preview?seed={seed}", headers=teaching).json() for seed in range(9)
    ]
    assert {len(each) for each in previews} == {5}
    assert {each["id"] for preview in previews for each in preview[2:]} == {str(each) for each in pool}


def test_a_changed_question_is_asked_from_the_next_attempt_on_unless_it_is_pinned(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, teaching: Headers, headers: Headers
) -> None:
    bank, (newest, pinned, drawn) = create_bank(runtime.database, instructor, course.id, questions=sums(3))
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    slots = [
        {"kind": "bank", "question_id": str(newest)},
        {"kind": "bank", "question_id": str(pinned), "version": 1},
        draw_of(bank, 1),
    ]
    arrange(client, quiz.id, teaching, {"title": "All", "slots": slots})
    before = begin(client, quiz, headers)
    for each in (newest, pinned, drawn):
        path = f"{BANKS}/{bank}/questions/{each}"
        content = client.get(path, headers=teaching).json()["question"]
        edit = {"base_version": 1, "question": content | {"text": "Changed"}}
        assert client.put(path, json=edit, headers=teaching).json()["version"] == 2
    texts = [each["html"] for each in read(client, before, headers)["questions"]]
    assert not any("Changed" in text for text in texts), "an attempt keeps its questions"
    submit(client, before, headers)
    revision = client.get(f"{API}/quizzes/{quiz.id}/source", headers=teaching).json()["revision"]
    after = read(client, begin(client, quiz, headers), headers)
    assert ["Changed" in each["html"] for each in after["questions"]] == [False, True, False, True]
    grown = client.get(f"{API}/quizzes/{quiz.id}/source", headers=teaching).json()
    assert (grown["revision"], grown["sectioned"]) == (revision + 1, True)
    used = client.get(f"{BANKS}/{bank}/questions/{drawn}/usage", headers=teaching).json()
    assert [(each["quiz_id"], each["drawn"]) for each in used] == [(str(quiz.id), True)]
    for each in (newest, drawn):
        gone = client.delete(f"{BANKS}/{bank}/questions/{each}", headers=teaching)
        assert gone.json()["code"] == "question_bank_in_use"
    assert client.delete(f"{BANKS}/{bank}", headers=teaching).json()["code"] == "question_bank_in_use"
    back = {"question_ids": [str(newest)], "status": "draft"}
    assert client.post(f"{BANKS}/{bank}/questions/changes", json=back, headers=teaching).status_code == 409
    retire = {"question_ids": [str(drawn)], "status": "retired"}
    assert client.post(f"{BANKS}/{bank}/questions/changes", json=retire, headers=teaching).status_code == 200
    assert client.delete(f"{BANKS}/{bank}/questions/{drawn}", headers=teaching).status_code == 204
    person = enrol(runtime.database, create_person(runtime.database), course.id)
    smaller = read(client, begin(client, quiz, log_in(client, person)), log_in(client, person))
    assert (len(smaller["questions"]), smaller["points"]) == (3, 3.0), "the draw has nothing left"


def test_sections_refuse_what_cannot_be(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, teaching: Headers
) -> None:
    bank, ids = create_bank(runtime.database, instructor, course.id, questions=sums(3), tags=["a"])
    with_draft, (draft,) = create_bank(runtime.database, instructor, course.id, questions=sums(1, first=9))
    change = {"question_ids": [str(draft)], "status": BankQuestionStatus.DRAFT}
    client.post(f"{BANKS}/{with_draft}/questions/changes", json=change, headers=teaching)
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    own = {"kind": "own", "question_id": str(quiz.questions[0].id)}
    fixed = {"kind": "bank", "question_id": str(ids[0])}
    cases: list[tuple[list[dict[str, Any]], str]] = [
        ([own, own], "twice"),
        ([fixed, fixed | {"version": 1}], "twice"),
        ([fixed | {"version": 7}], "no such question"),
        ([{"kind": "own", "question_id": str(uuid4())}], "no such question"),
        ([{"kind": "bank", "question_id": str(draft)}], "draft"),
        ([draw_of(with_draft, 1)], "only 0 are left"),
        ([draw_of(bank, 4)], "only 3 are left"),
        ([draw_of(bank, 2), draw_of(bank, 2, tags=["A"])], "only one is left"),
        ([fixed, draw_of(bank, 3)], "only 2 are left"),
        ([draw_of(bank, 1, tags=["b"])], "only 0 are left"),
        ([draw_of(bank, 1, category_id=str(uuid4()))], "no such category"),
        ([draw_of(uuid4(), 1)], "no such question bank"),
        ([draw_of(bank, 0)], ""),
        ([draw_of(bank, 1, points=0)], ""),
        ([{"kind": "own"}], ""),
    ]
    for slots, why in cases:
        refused = arrange(client, quiz.id, teaching, {"slots": slots}, status=422)
        assert why in refused["detail"], (slots, refused)
    plan = arrange(client, quiz.id, teaching, {"slots": [draw_of(bank, 3, types=["numeric"])]})
    assert [each["id"] for each in plan["loose"]] == [str(quiz.questions[0].id)], "what is in no section comes first"
    path = f"{API}/quizzes/{quiz.id}/sections"
    late = client.put(path, json={"base_revision": 1, "sections": []}, headers=teaching)
    assert late.json()["code"] == "quiz_changed"
    questions = {"base_revision": plan["revision"], "questions": [sent(each) for each in sums(2)]}
    kept = client.put(f"{API}/quizzes/{quiz.id}/questions", json=questions, headers=teaching).json()
    assert (kept["questions"], kept["points"], kept["sectioned"]) == (5, 5.0, True)
    plain = arrange(client, quiz.id, teaching)
    assert (plain["questions"], plain["points"], plain["sections"]) == (2, 2.0, [])
    empty = {"base_revision": plain["revision"], "questions": []}
    assert client.put(f"{API}/quizzes/{quiz.id}/questions", json=empty, headers=teaching).json()["code"] == "quiz_empty"


def test_lists_and_attempts_cost_the_same_however_much_there_is(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, teaching: Headers, headers: Headers
) -> None:
    bank, ids = create_bank(runtime.database, instructor, course.id, questions=sums(4), path=["A", "B"], tags=["x"])
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    arrange(client, quiz.id, teaching, {"slots": [draw_of(bank, 2)]})
    paths = [
        BANKS,
        f"{BANKS}/{bank}",
        f"{BANKS}/{bank}/questions?text=what&tag=x&limit=50",
        f"{BANKS}/{bank}/matching?tag=x",
        f"{BANKS}/{bank}/questions/{ids[0]}/versions",
        f"{API}/quizzes/{quiz.id}/sections",
    ]
    costs: list[list[int]] = []
    for round_ in range(2):
        costs.append([])
        for path in paths:
            client.get(path, headers=teaching)
            with statements(runtime.database) as counted:
                assert client.get(path, headers=teaching).status_code == 200
            costs[-1].append(len(counted))
        if round_ == 0:
            create_bank(runtime.database, instructor, course.id, questions=sums(1))
            with_more = {"question": sent(single()), "tags": ["x", "y"]}
            for _ in range(4):
                client.post(f"{BANKS}/{bank}/questions", json=with_more, headers=teaching)
            content = client.get(f"{BANKS}/{bank}/questions/{ids[0]}", headers=teaching).json()["question"]
            edit = {"base_version": 1, "question": content | {"text": "What else?"}}
            client.put(f"{BANKS}/{bank}/questions/{ids[0]}", json=edit, headers=teaching)
            arrange(client, quiz.id, teaching, {"slots": [draw_of(bank, 2)]}, {"slots": [draw_of(bank, 1, tags=["y"])]})
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 20, dict(zip(paths, costs[0], strict=True))
    attempt = begin(client, quiz, headers)
    sheet = read(client, attempt, headers)
    question = sheet["questions"][-1]["id"]
    save(client, attempt, question, headers, 1, text="1")
    with statements(runtime.database) as counted:
        save(client, attempt, question, headers, 2, text="2")
    assert len(counted) == 4, "an autosave costs what it costs without sections"


def test_a_long_bank_is_read_page_by_page(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, teaching: Headers
) -> None:
    bank, ids = create_bank(runtime.database, instructor, course.id, questions=sums(7))
    path, found, cursor = f"{BANKS}/{bank}/questions?limit=3", [], ""
    while cursor is not None:
        page = client.get(f"{path}&cursor={cursor}", headers=teaching).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert found == [str(each) for each in reversed(ids)]
