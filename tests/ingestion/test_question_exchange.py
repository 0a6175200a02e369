"""Questions in and out over HTTP and on the pages: nothing before it is confirmed, everything lost told, once only."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.web.rendering import FOLDER
from ingestion.exchange import exporting
from ingestion.exchange.jobs import carry_out, forget
from ingestion.exchange.models import ExchangeStatus, QuestionImport
from ingestion.exchange.schemas import ExportFormat
from ingestion.questions import read
from ingestion.questions.report import WORDING
from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Work, system_actor
from lms_core.kit.errors import NotFound
from lms_core.kit.i18n import catalogue
from lms_core.kit.jobs import Job, JobState
from lms_core.kit.permissions import Role
from lms_core.kit.storage import Storage
from lms_core.learning.assessments.schemas import QuestionIn
from tests.factories.assessments import API, create_quiz, enrol, every_type
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from tests.factories.question_types import add_map, every_keyed_type
from tests.ingestion.importing import Headers
from workers.runtime import Runtime

GIFT = b"""$CATEGORY: Geography
// [tag:coast]
::Tide::When is high tide?{~noon =it depends #yes ~midnight}

::Depth::How deep is it?{#12:1}

::Odd::Name a *{=fish*<i>}

::Pair::Which belongs to which?{=sea -> salt =sea -> fish}
"""
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
MOODLE = f"""<quiz><question type="essay"><name><text>Reef</text></name><questiontext format="html">
<text><![CDATA[<p>Why <img src="@@PLUGINFILE@@/r.png" alt="a reef"/> <script>x()</script></p>]]></text>
<file name="r.png" encoding="base64">{PNG}</file></questiontext></question></quiz>""".encode()


@pytest.fixture
def carry(runtime: Runtime) -> Callable[[], None]:
    """Run the jobs of imports only: teaching the course to the assistant is not the subject here."""

    def run() -> None:
        with runtime.database.read(system_actor()) as ctx:
            waiting = select(Job.id).where(Job.name.startswith("exchange."), Job.state == JobState.QUEUED)
            ids = list(ctx.session.execute(waiting.order_by(Job.id)).scalars())
        for job_id in ids:
            running.run_job(runtime.database, job_id, worker="test")

    return run


@pytest.fixture
def course(runtime: Runtime, teacher: Person) -> Made:
    return create_course(runtime.database, teacher)


def look(client: TestClient, headers: Headers, course: Made, content: bytes, **data: Any) -> Any:
    files = {"file": ("bank.txt", content)}
    return client.post(f"{API}/courses/{course.slug}/question-imports", headers=headers, files=files, data=data)


def confirm(client: TestClient, headers: Headers, import_id: str, **given: Any) -> Any:
    return client.post(f"{API}/question-imports/{import_id}/confirm", headers=headers, json=given)


def work_of(runtime: Runtime, person: Person, clock: MovingClock) -> Work:
    """What a worker hands to a job that it runs once more."""
    now = clock.now()
    job = Job(name="t", queue="heavy", tenant_id=person.tenant_id, run_at=now, created_at=now)
    return Work(runtime.database, job)


def test_questions_come_in_when_their_editor_says_so(
    client: TestClient, runtime: Runtime, headers: Headers, teacher: Person, course: Made, carry: Callable[[], None]
) -> None:
    quiz = str(create_quiz(runtime.database, teacher, course.id).id)
    seen = look(client, headers, course, GIFT, quiz_id=quiz).json()
    assert (seen["status"], seen["format"], seen["questions"]) == ("preview", "gift", 2)
    assert seen["counts"] == {"single": 1, "numeric": 1}
    lost = {(each["item"], each["effect"], each["code"]) for each in seen["report"]}
    assert lost == {
        ("Odd", "left_out", "wildcards"),
        ("Pair", "left_out", "refused"),
        ("", "dropped", "category"),
        ("", "dropped", "tags"),
    }
    assert any("fish*<i>" in each["detail"] for each in seen["report"])
    before = client.get(f"{API}/quizzes/{quiz}/source", headers=headers).json()["question_list"]
    carry()
    assert client.get(f"{API}/quizzes/{quiz}/source", headers=headers).json()["question_list"] == before

    assert confirm(client, headers, seen["id"], append=True).json()["status"] == "queued"
    assert confirm(client, headers, seen["id"], append=True).json()["code"] == "question_import_started"
    assert client.delete(f"{API}/question-imports/{seen['id']}", headers=headers).status_code == 409
    carry()
    done = client.get(f"{API}/question-imports/{seen['id']}", headers=headers).json()
    assert (done["status"], done["quiz_ids"], done["done"]) == ("done", [quiz], done["total"])
    after = client.get(f"{API}/quizzes/{quiz}/source", headers=headers).json()["question_list"]
    assert [each["id"] for each in after[: len(before)]] == [each["id"] for each in before]
    assert [each["text"] for each in after[len(before) :]] == ["When is high tide?", "How deep is it?"]


def test_a_bank_keeps_categories_and_tags(
    client: TestClient, headers: Headers, course: Made, drain: Callable[[], int]
) -> None:
    first = look(client, headers, course, GIFT).json()
    page = client.get(f"/teach/question-imports/{first['id']}", headers=headers).text
    assert "Into a new question bank" in page
    assert {each["code"] for each in first["report"] if each["kept_by_banks"]} == {"category", "tags"}
    anywhere, in_quizzes = page.split("Lost in a quiz, kept in a question bank")
    assert "Geography" in in_quizzes and "Geography" not in anywhere and "patterns with *" in anywhere
    assert confirm(client, headers, first["id"], append=True, to_bank=True).status_code == 422
    assert confirm(client, headers, first["id"], to_bank=True, bank_id=str(uuid4())).status_code == 404
    kept = confirm(client, headers, first["id"], to_bank=True, title="Coasts").json()
    assert {each["code"] for each in kept["report"]} == {"wildcards", "refused"}, "what a bank holds is not lost"
    drain()
    bank_id = client.get(f"{API}/question-imports/{first['id']}", headers=headers).json()["bank_id"]
    again = look(client, headers, course, GIFT).json()
    assert confirm(client, headers, again["id"], to_bank=True, bank_id=bank_id).status_code == 202
    drain()
    bank = client.get(f"{API}/question-banks/{bank_id}", headers=headers).json()
    assert (bank["name"], bank["questions"], bank["tags"]) == ("Coasts", 4, {"coast": 2})
    assert [(each["name"], each["questions"]) for each in bank["categories"]] == [("Geography", 4)]


def test_pictures_become_files_of_the_course_and_new_quizzes_are_drafts(
    client: TestClient, headers: Headers, course: Made, carry: Callable[[], None]
) -> None:
    seen = look(client, headers, course, MOODLE).json()
    assert confirm(client, headers, seen["id"], append=True).status_code == 404  # no quiz was named
    assert confirm(client, headers, seen["id"], title="The sea").status_code == 202
    carry()
    [made] = client.get(f"{API}/question-imports/{seen['id']}", headers=headers).json()["quiz_ids"]
    source = client.get(f"{API}/quizzes/{made}/source", headers=headers).json()
    assert (source["title"], source["status"]) == ("The sea", "draft")
    [asked] = client.get(f"{API}/quizzes/{made}/preview", headers=headers).json()
    assert "<script" not in asked["html"] and 'alt="a reef"' in asked["html"]
    address = asked["html"].split('src="')[1].split('"')[0]
    assert client.get(address, headers=headers).headers["content-type"] == "image/png"
    # More than a quiz holds become several, and none fits behind the first one.
    many = "".join(f"Is {number} even? {{T}}\n\n" for number in range(301)).encode()
    full = look(client, headers, course, many, quiz_id=made).json()
    assert confirm(client, headers, full["id"], append=True).json()["code"] == "too_many_questions"
    assert confirm(client, headers, full["id"]).status_code == 202
    carry()
    parts = client.get(f"{API}/question-imports/{full['id']}", headers=headers).json()["quiz_ids"]
    counted = [client.get(f"{API}/quizzes/{each}/source", headers=headers).json() for each in parts]
    assert [(each["title"], each["questions"]) for each in counted] == [("bank (1)", 300), ("bank (2)", 1)]


def test_files_that_hold_nothing_are_refused_and_nothing_is_kept(
    client: TestClient, runtime: Runtime, headers: Headers, course: Made
) -> None:
    for content, code in ((b"", "question_file_refused"), (b"no question", "question_file_refused")):
        answer = look(client, headers, course, content)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert look(client, headers, course, b"x" * (25 * 2**20 + 1)).status_code == 413
    nothing = look(client, headers, course, b"Just a text {\n\nAnother {}{{").json()
    assert nothing["questions"] == 0 or nothing["report"]
    empty = look(client, headers, course, b"<quiz><question type='random'/></quiz>").json()
    assert confirm(client, headers, empty["id"]).json()["code"] == "nothing_to_import"
    assert client.delete(f"{API}/question-imports/{empty['id']}", headers=headers).status_code == 204
    assert client.get(f"{API}/question-imports/{empty['id']}", headers=headers).status_code == 404
    with runtime.database.read(system_actor()) as ctx:
        kept = ctx.session.execute(select(QuestionImport.id)).scalars().all()
    assert [str(each) for each in kept] == [nothing["id"]]


def test_only_editors_of_the_course_bring_questions_in_or_out(
    client: TestClient, runtime: Runtime, headers: Headers, teacher: Person, course: Made
) -> None:
    quiz = str(create_quiz(runtime.database, teacher, course.id).id)
    mine = look(client, headers, course, GIFT, quiz_id=quiz).json()["id"]
    other = create_person(runtime.database, role=Role.INSTRUCTOR)
    elsewhere = create_course(runtime.database, other, slug="elsewhere")
    learner = enrol(runtime.database, create_person(runtime.database), course.id)
    for person, upload, export in ((other, 404, 404), (learner, 403, 404)):
        theirs = log_in(client, person)
        assert look(client, theirs, course, GIFT).status_code in (403, 404), upload
        assert client.get(f"{API}/question-imports/{mine}", headers=theirs).status_code == 404
        assert confirm(client, theirs, mine).status_code == 404
        assert client.delete(f"{API}/question-imports/{mine}", headers=theirs).status_code == 404
        answer = client.get(f"{API}/quizzes/{quiz}/export?format=gift", headers=theirs)
        assert answer.status_code in (403, 404), export
    # A quiz of another course is not one of this course.
    answer = look(client, log_in(client, other), elsewhere, GIFT, quiz_id=quiz)
    assert answer.status_code == 404
    client.cookies.clear()
    assert client.get(f"{API}/question-imports/{mine}").status_code == 401
    assert look(client, {}, course, GIFT).status_code == 401


def test_a_job_that_is_repeated_brings_nothing_twice_and_one_without_right_fails(
    client: TestClient,
    runtime: Runtime,
    headers: Headers,
    teacher: Person,
    course: Made,
    clock: MovingClock,
    carry: Callable[[], None],
) -> None:
    seen = look(client, headers, course, GIFT).json()["id"]
    confirm(client, headers, seen)
    carry()
    carry_out(work_of(runtime, teacher, clock), import_id=seen)
    quizzes = client.get(f"{API}/courses/{course.slug}/quizzes", headers=headers).json()
    assert [each["questions"] for each in quizzes] == [2]
    orphan, waiting = (look(client, headers, course, GIFT).json()["id"] for _ in range(2))
    confirm(client, headers, orphan)
    with runtime.database.write(system_actor()) as ctx:
        ctx.session.execute(update(QuestionImport).values(owner_id=None).where(QuestionImport.id == UUID(orphan)))
    carry()
    failed = client.get(f"{API}/question-imports/{orphan}", headers=headers).json()
    assert failed["status"] == ExchangeStatus.FAILED and "Upload it again" in failed["reason"]
    with runtime.database.read(system_actor()) as ctx:
        keys = dict(ctx.session.execute(select(QuestionImport.id, QuestionImport.storage_key)).tuples().all())
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    assert storage.get(keys[UUID(waiting)]) == GIFT
    for gone in (seen, orphan):
        with pytest.raises(NotFound):
            storage.get(keys[UUID(gone)])
    clock.move(timedelta(days=3))
    forget(work_of(runtime, teacher, clock))
    headers = log_in(client, teacher)  # the first login has run out meanwhile
    assert client.get(f"{API}/question-imports/{waiting}", headers=headers).status_code == 404
    assert client.get(f"{API}/question-imports/{seen}", headers=headers).status_code == 200
    with pytest.raises(NotFound):
        storage.get(keys[UUID(waiting)])


def test_a_quiz_goes_out_in_every_format_with_its_report(
    client: TestClient, runtime: Runtime, headers: Headers, course: Made, teacher: Person
) -> None:
    add_map(runtime.database, teacher, course.id)
    quiz = create_quiz(runtime.database, teacher, course.id, questions=[*every_type(), *every_keyed_type()])
    path = f"{API}/quizzes/{quiz.id}/export"
    written = {}
    for format_ in ExportFormat:
        answer = client.get(path, params={"format": format_.value}, headers=headers)
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["x-content-type-options"] == "nosniff"
        report = client.get(f"{path}/report", params={"format": format_.value}, headers=headers).json()
        left_out = {each["item"] for each in report["report"] if each["effect"] == "left_out"}
        assert report["questions"] == report["all"] - len(left_out)
        back = read(answer.content, name="x")
        assert len(back.questions) == report["questions"], format_
        written[format_] = report["questions"]
    assert written[ExportFormat.MOODLE_XML] == len(quiz.questions)
    assert written[ExportFormat.MOODLE_XML] > written[ExportFormat.QTI_21] > written[ExportFormat.GIFT]
    package = client.get(path, params={"format": "qti_21"}, headers=headers).content
    names = zipfile.ZipFile(io.BytesIO(package)).namelist()
    assert names[:2] == ["imsmanifest.xml", "test.xml"] and not any(name.startswith(("/", "..")) for name in names)
    assert client.get(path, params={"format": "docx"}, headers=headers).status_code == 422
    assert exporting.file_name("../Études: “Ch. 1” / a\n", ".xml") == "Etudes-Ch.-1-a.xml"
    assert exporting.file_name("海", ".zip") == "questions.zip"


def test_the_pages_show_what_comes_and_what_is_lost(
    client: TestClient, runtime: Runtime, headers: Headers, teacher: Person, course: Made, carry: Callable[[], None]
) -> None:
    quiz = str(create_quiz(runtime.database, teacher, course.id).id)
    at = f"/teach/courses/{course.slug}/question-import?quiz={quiz}"
    assert f'action="{at}"' in client.get(at, headers=headers).text
    refused = client.post(at, headers=headers, files={"file": ("a.txt", b"nothing")})
    assert refused.status_code == 422 and "No question was found" in refused.text
    assert client.post(at, headers=headers).status_code == 422
    taken = client.post(at, headers=headers, files={"file": ("a.txt", GIFT)}, follow_redirects=False)
    preview = taken.headers["location"].split("?")[0]
    with statements(runtime.database) as said:
        shown = client.get(preview, headers=headers).text
    assert len(said) <= 14, said
    assert "When is high tide?" in shown and "Its answers are patterns with *" in shown and "Geography" in shown
    client.cookies.set("mwalimu_language", "sw")
    swahili = client.get(preview, headers=headers).text
    client.cookies.delete("mwalimu_language")
    assert "Maswali 2 yatakuja" in swahili
    assert "Majibu yake yote ni ruwaza zenye *: fish*&lt;i&gt;." in swahili
    assert "pande mbili za kushoto ni sawa." in swahili and "the same" not in swahili
    started = client.post(f"{preview}/confirm", headers=headers, data={"into": "quiz"}, follow_redirects=False)
    assert started.status_code == 303
    assert "data-question-import" in client.get(preview, headers=headers).text
    again = client.post(f"{preview}/confirm", headers=headers, data={"into": "quiz"})
    assert again.status_code == 409 and "confirmed before" in again.text
    carry()
    assert f'href="/teach/quizzes/{quiz}"' in client.get(preview, headers=headers).text
    ranked = QuestionIn.model_validate(
        {
            "type": "ordering",
            "text": "Put them in order.",
            "key": {"type": "ordering", "items": [{"text": "1"}, {"text": "2"}], "scoring": "longest"},
        }
    )
    other = create_quiz(runtime.database, teacher, course.id, questions=[ranked]).id
    shown = client.get(f"/teach/quizzes/{other}/export?format=qti_21", headers=headers).text
    assert "The longest run in the right order" in shown
    for format_ in ExportFormat:
        text = client.get(f"/teach/quizzes/{quiz}/export?format={format_.value}", headers=headers).text
        assert f"/api/v1/quizzes/{quiz}/export?format={format_.value}" in text
    given_up = client.post(at, headers=headers, files={"file": ("a.txt", GIFT)}, follow_redirects=False)
    where = given_up.headers["location"].split("?")[0]
    left = client.post(f"{where}/discard", headers=headers, follow_redirects=False)
    assert left.headers["location"].startswith(f"/teach/courses/{course.slug}/quizzes")
    assert client.get(where, headers=headers).status_code == 404
    assert client.get(f"/teach/question-imports/{uuid4()}", headers=headers).status_code == 404


def test_every_line_of_the_report_is_said_in_swahili() -> None:
    swahili = catalogue(FOLDER / "locales", "sw")
    same = [text for _, text in WORDING.values() if swahili.gettext(text) == text]
    assert not same
