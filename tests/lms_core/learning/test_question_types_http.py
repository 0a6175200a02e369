"""Questions with parts over HTTP: nothing tells the key, nothing forged is kept, files are for who may have them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.content.files import service as files
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Work
from lms_core.kit.errors import NotFound
from lms_core.kit.jobs import Job
from lms_core.kit.storage import Storage
from lms_core.learning.assessments import jobs
from lms_core.learning.assessments.models import AnswerFile, Attempt
from lms_core.learning.assessments.schemas import QuestionIn
from tests.factories.assessments import API, MadeQuiz, begin, create_quiz, enrol, read, save, submit
from tests.factories.courses import Made, statements
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.question_types import PICTURE, add_map, draw_map, every_keyed_type, formula, right_parts, upload
from workers.runtime import Runtime

Headers = dict[str, str]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def quiz(runtime: Runtime, instructor: Person, course: Made) -> MadeQuiz:
    add_map(runtime.database, instructor, course.id)
    return create_quiz(runtime.database, instructor, course.id, questions=every_keyed_type())


def hand_in(
    client: TestClient, attempt: dict[str, Any], question: object, headers: Headers, content: bytes, name: str = "a.png"
) -> Any:
    path = f"{API}/quiz-attempts/{attempt['id']}/answers/{question}/files"
    return client.post(path, files={"file": (name, content, "image/png")}, headers=headers)


def test_every_type_is_taken_graded_and_reviewed(
    client: TestClient, quiz: MadeQuiz, headers: Headers, teaching: Headers
) -> None:
    attempt = begin(client, quiz, headers)
    for question in quiz.questions:
        parts = right_parts(question.key)
        if parts:
            kept = save(client, attempt, question.id, headers, parts=parts)
            assert kept.json()["parts"] == parts and kept.json()["kept"], kept.text
    sheet = read(client, attempt, headers)
    shown = {question["type"]: question for question in sheet["questions"]}
    assert [len(question["parts"]) for question in sheet["questions"]] == [3, 4, 3, 2, 3, 0, 0]
    assert [part["kind"] for part in shown["cloze"]["parts"]] == ["text", "number", "option"]
    assert shown["hotspot"]["picture"]["url"].endswith(PICTURE)
    assert hand_in(client, attempt, quiz.questions[6].id, headers, draw_map()).status_code == 201
    done = submit(client, attempt, headers)
    assert (done["status"], done["score"]) == ("submitted", 13.0)
    review = {question["type"]: question for question in read(client, attempt, headers)["review"]}
    assert [part["right_html"] for part in review["matching"]["parts"]] == ["Nairobi", "Kampala", "Kigali"]
    assert all(part["correct"] for kind in ("matching", "ordering", "cloze") for part in review[kind]["parts"])
    assert review["formula"]["key"][0].endswith(" N")
    assert len(review["hotspot"]["regions"]) == 3
    (waiting,) = client.get(f"{API}/quizzes/{quiz.id}/to-mark", headers=teaching).json()["items"]
    assert [file["name"] for file in waiting["files"]] == ["a.png"]
    mark = f"{API}/quiz-attempts/{attempt['id']}/marks/{waiting['question_id']}"
    assert client.put(mark, json={"points": 4}, headers=teaching).json()["score"] == 17.0


def test_an_open_sheet_tells_nothing_of_the_key(client: TestClient, quiz: MadeQuiz, headers: Headers) -> None:
    attempt = begin(client, quiz, headers)
    sheet = read(client, attempt, headers)
    told = json.dumps(sheet)
    for secret in ('"key"', "Kilimanjaro", "5895", "correct", "accepted", "radius", "0.75", "expression", "tolerance"):
        assert secret not in told, secret
    matching, ordering, cloze, drag_text, *_ = sheet["questions"]
    keys = [question.key.model_dump(mode="json") for question in quiz.questions if question.key is not None]
    right = [pair["right"]["id"] for pair in keys[0]["pairs"]]
    assert not {part["id"] for part in matching["parts"]} & set(right), "no side is known by its partner's id"
    assert [part["id"] for part in ordering["parts"]] != [item["id"] for item in keys[1]["items"]]
    assert not {part["id"] for part in drag_text["parts"]} & {option["id"] for option in drag_text["options"]}
    assert all(set(part) == {"id", "kind", "html", "options"} for part in cloze["parts"])
    ids = [sorted(each) for each in (right, [item["id"] for item in keys[1]["items"]])]
    assert all(len(set(each)) == len(each) for each in ids)
    page = client.get(f"/attempts/{attempt['id']}", headers=headers).text
    assert "Kilimanjaro" not in page and "5895" not in page


def test_part_ids_are_drawn_by_the_server_and_then_kept(
    client: TestClient, course: Made, instructor: Person, runtime: Runtime, teaching: Headers
) -> None:
    question = json.loads(every_keyed_type()[1].model_dump_json())
    for place, item in enumerate(question["key"]["items"]):
        item["id"] = f"{place:012x}"
    made = client.post(
        f"{API}/courses/{course.slug}/quizzes", json={"title": "Q", "questions": [question]}, headers=teaching
    ).json()
    path = f"{API}/quizzes/{made['id']}"
    (first,) = client.get(f"{path}/source", headers=teaching).json()["question_list"]
    ids = [item["id"] for item in first["key"]["items"]]
    assert not [each for each in ids if each.startswith("000000")]
    first["key"]["items"].append({"text": "Wash the cup"})
    body = {"base_revision": 1, "questions": [first]}
    (again,) = client.put(f"{path}/questions", json=body, headers=teaching).json()["question_list"]
    assert [item["id"] for item in again["key"]["items"]][:4] == ids


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (0, {"f" * 12: "e" * 12}),
        (0, {"nairobi": "x"}),
        (0, "own:somebody"),
        (1, "own:0"),
        (1, "own:5"),
        (1, "own:-1"),
        (1, "own:²"),
        (2, "own:" + "x" * 501),
        (4, "own:2,0.5"),
        (4, "own:nan,0"),
        (4, "own:0.5"),
    ],
)
def test_forged_parts_are_refused(
    client: TestClient, quiz: MadeQuiz, headers: Headers, place: int, parts: dict[str, str] | str
) -> None:
    attempt = begin(client, quiz, headers)
    question = quiz.questions[place]
    if isinstance(parts, str):
        parts = {next(iter(right_parts(question.key))): parts.removeprefix("own:")}
    refused = save(client, attempt, question.id, headers, parts=parts)
    assert refused.status_code == 422, refused.text
    assert read(client, attempt, headers)["answers"] == []


def test_masses_of_parts_are_refused_before_they_are_looked_at(
    client: TestClient, quiz: MadeQuiz, headers: Headers
) -> None:
    attempt = begin(client, quiz, headers)
    question = quiz.questions[2].id
    many = {f"{number:012x}": "x" for number in range(100)}
    assert save(client, attempt, question, headers, parts=many).status_code == 422
    assert save(client, attempt, question, headers, text="x" * 5_000_000).status_code in (413, 422)
    options = {next(iter(right_parts(quiz.questions[0].key))): right_parts(quiz.questions[3].key)}
    assert save(client, attempt, quiz.questions[0].id, headers, parts=options).status_code == 422
    kept = save(client, attempt, quiz.questions[0].id, headers, sequence=3, text="words", choices=[str(uuid4())])
    assert (kept.json()["text"], kept.json()["choices"]) == ("", [])


def test_parts_of_others_cannot_be_answered(
    runtime: Runtime, client: TestClient, course: Made, quiz: MadeQuiz, headers: Headers, teaching: Headers
) -> None:
    attempt = begin(client, quiz, headers)
    other = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    parts = right_parts(quiz.questions[0].key)
    assert save(client, attempt, quiz.questions[0].id, other, parts=parts).status_code == 404
    assert save(client, attempt, quiz.questions[0].id, teaching, parts=parts).status_code == 403
    assert hand_in(client, attempt, quiz.questions[6].id, other, draw_map()).status_code == 404
    assert hand_in(client, attempt, quiz.questions[6].id, teaching, draw_map()).status_code == 403
    assert hand_in(client, attempt, quiz.questions[0].id, headers, draw_map()).status_code == 422
    assert hand_in(client, attempt, uuid4(), headers, draw_map()).json()["code"] == "question_not_found"


def test_files_are_kept_limited_and_given_to_who_may_have_them(
    runtime: Runtime, client: TestClient, course: Made, quiz: MadeQuiz, headers: Headers, teaching: Headers
) -> None:
    attempt, question = begin(client, quiz, headers), quiz.questions[6].id
    name = "../../etc/\u202edrawing\n.png"
    (file_id,) = hand_in(client, attempt, question, headers, draw_map(), name).json()["parts"]
    path = f"{API}/quiz-attempts/{attempt['id']}/files/{file_id}"
    for who, status in ((headers, 200), (teaching, 200), ({}, 401)):
        assert client.get(path, headers=who).status_code == status
    stranger = log_in(client, create_person(runtime.database))
    classmate = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    for outsider in (stranger, classmate):
        assert client.get(path, headers=outsider).status_code == 404
        assert client.delete(path, headers=outsider).status_code == 404
    got = client.get(path, headers=teaching)
    assert got.content == draw_map() and got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "etc" not in got.headers["content-disposition"] and "%0A" not in got.headers["content-disposition"]
    assert (got.headers["x-content-type-options"], "sandbox" in got.headers["content-security-policy"]) == (
        "nosniff",
        True,
    )
    for content, told in ((SVG, "image/svg+xml"), (HTML, "text/html"), (b"", "what is in it")):
        refused = hand_in(client, attempt, question, headers, content)
        assert refused.status_code == 422 and told in refused.text, refused.text
    large = hand_in(client, attempt, question, headers, draw_map() + b"\0" * 1_100_000)
    assert large.status_code == 413 and "1 MB" in large.text
    assert hand_in(client, attempt, question, headers, draw_map()).status_code == 201
    assert hand_in(client, attempt, question, headers, draw_map()).json()["code"] == "no_more_files"
    assert client.delete(path, headers=teaching).status_code == 403
    left = client.delete(path, headers=headers).json()["parts"]
    assert len(left) == 1 and file_id not in left
    assert client.get(path, headers=headers).json()["code"] == "answer_file_not_found"
    submit(client, attempt, headers)
    (file_id,) = left
    late = f"{API}/quiz-attempts/{attempt['id']}/files/{file_id}"
    assert client.delete(late, headers=headers).json()["code"] == "attempt_over"
    assert hand_in(client, attempt, question, headers, draw_map()).json()["code"] == "attempt_over"


@pytest.mark.parametrize("content", [SVG, HTML])
def test_what_could_run_in_a_browser_comes_as_bytes_alone(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person, headers: Headers, content: bytes
) -> None:
    question = upload()
    anything = QuestionIn.model_validate({**question.model_dump(), "key": {"type": "upload"}})
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[anything])
    attempt = begin(client, quiz, headers)
    (file_id,) = hand_in(client, attempt, quiz.questions[0].id, headers, content, "trick.svg").json()["parts"]
    got = client.get(f"{API}/quiz-attempts/{attempt['id']}/files/{file_id}", headers=headers)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")


def test_a_file_is_no_asset_of_the_course(client: TestClient, course: Made, quiz: MadeQuiz, headers: Headers) -> None:
    attempt = begin(client, quiz, headers)
    (file_id,) = hand_in(client, attempt, quiz.questions[6].id, headers, draw_map()).json()["parts"]
    for path in ("file", f"{file_id}/file", file_id):
        assert client.get(f"{API}/courses/{course.slug}/assets/{path}", headers=headers).status_code == 404


def test_files_are_erased_when_their_attempt_is_gone(
    runtime: Runtime,
    clock: MovingClock,
    client: TestClient,
    quiz: MadeQuiz,
    instructor: Person,
    drain: Callable[[], int],
    headers: Headers,
) -> None:
    attempt = begin(client, quiz, headers)
    hand_in(client, attempt, quiz.questions[6].id, headers, draw_map())
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    actor = actor_of(runtime.database, instructor)
    with runtime.database.write(actor) as ctx:
        (row,) = ctx.session.execute(select(AnswerFile)).scalars()
        (key,) = [asset.storage_key for asset in files.of_owner(ctx, owner_id=row.id)]
        ctx.session.delete(ctx.session.get(Attempt, row.attempt_id))
    assert storage.get(key)
    now = clock.now()
    job = Job(name="t", queue="fast", tenant_id=actor.tenant_id, run_at=now, created_at=now)
    jobs.erase_files(Work(runtime.database, job))
    drain()
    with runtime.database.read(actor) as view:
        assert not view.session.execute(select(AnswerFile)).scalars().all()
    with pytest.raises(NotFound):
        storage.get(key)


def test_the_same_learner_sees_the_same_numbers_and_another_others(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[formula()])
    seen = set()
    for _ in range(8):
        person = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
        attempt = begin(client, quiz, person)
        texts = {read(client, attempt, person)["questions"][0]["html"] for _ in range(2)}
        assert len(texts) == 1
        seen |= texts
    assert len(seen) > 1


def test_pictures_are_added_by_editors_and_are_pictures(
    client: TestClient, course: Made, quiz: MadeQuiz, headers: Headers, teaching: Headers
) -> None:
    path = f"{API}/quizzes/{quiz.id}/pictures"
    sent = {"file": ("map.svg", draw_map(), "image/svg+xml")}
    assert client.post(path, files=sent, headers=headers).status_code == 403
    added = client.post(path, files=sent, headers=teaching)
    assert added.status_code == 201 and added.json()["path"].startswith("questions/")
    shown = client.get(f"{API}/courses/{course.slug}/assets/{added.json()['path']}", headers=headers)
    assert shown.content == draw_map()
    assert client.post(path, files={"file": ("a.png", SVG, "image/png")}, headers=teaching).status_code == 422
    hotspot = json.loads(every_keyed_type()[4].model_dump_json())
    hotspot["key"]["picture"] = "nowhere.png"
    body = {"base_revision": 1, "questions": [hotspot]}
    refused = client.put(f"{API}/quizzes/{quiz.id}/questions", json=body, headers=teaching)
    assert refused.status_code == 422 and "no picture" in refused.text


def test_types_cost_no_more_statements_than_before(
    runtime: Runtime, client: TestClient, quiz: MadeQuiz, headers: Headers
) -> None:
    attempt = begin(client, quiz, headers)
    parts = right_parts(quiz.questions[0].key)
    save(client, attempt, quiz.questions[0].id, headers, parts=parts)
    with statements(runtime.database) as sent:
        save(client, attempt, quiz.questions[0].id, headers, sequence=2, parts=parts)
    assert len(sent) <= 7, sent
    with statements(runtime.database) as sent:
        read(client, attempt, headers)
    assert len(sent) <= 6, sent
