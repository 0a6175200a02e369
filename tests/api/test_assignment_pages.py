"""The pages of assignments without scripts: made with a rubric, handed in, marked, read; and what is refused."""

import re

import pytest

from lms_core.kit.permissions import Role
from tests.api.test_pages import Visitor
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person
from workers.runtime import Runtime

ASSIGNMENT = re.compile(r'href="(/teach/assignments/[0-9a-f-]{36})"')
SCHEME = re.compile(r'<option value="([0-9a-f-]{36})">Essay rubric')
SUBMISSION = re.compile(r'href="(/teach/submissions/[0-9a-f-]{36})"')
RULES = {
    "title": "Why water boils",
    "instructions": "Write **200 words**.",
    "points": "50",
    "takes_text": "1",
    "takes_files": "1",
    "files_allowed": "2",
    "file_megabytes": "1",
    "attempts_allowed": "1",
    "late_rule": "none",
    "late_percent": "10",
    "late_floor": "50",
    "reviews": "0",
}
RUBRIC = {
    "title": "Essay rubric",
    "c0-title": "Argument",
    "c0-l0-title": "Weak",
    "c0-l0-points": "0",
    "c0-l1-title": "Strong",
    "c0-l1-points": "7,5",
    "c1-title": "Language",
    "c1-l0-title": "Poor",
    "c1-l0-points": "0",
    "c1-l1-title": "Good",
    "c1-l1-points": "2.5",
}


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def person(runtime: Runtime, course: Made) -> Person:
    return enrol(runtime.database, create_person(runtime.database, full_name="Amina Wanjiru"), course.id)


@pytest.fixture
def learner(runtime: Runtime, person: Person) -> Visitor:
    return Visitor(runtime).log_in(person)


@pytest.fixture
def teacher(runtime: Runtime, instructor: Person) -> Visitor:
    return Visitor(runtime).log_in(instructor)


def make(teacher: Visitor, course: Made, **rules: str) -> str:
    """A published assignment with a rubric, by forms alone; its id."""
    listed = f"/teach/courses/{course.slug}/assignments"
    added = teacher.post(f"/teach/courses/{course.slug}/schemes?kind=rubric", RUBRIC)
    assert added.status_code == 200 and "Essay rubric" in added.text, added.text
    made = teacher.post(listed, {"title": "Essay"})
    address = str(made.url.path)
    chosen = SCHEME.search(made.text)
    assert chosen is not None
    saved = teacher.post(address, {**RULES, "scheme_id": chosen.group(1), **rules})
    assert "Saved." in saved.text, saved.text
    assert "Learners can see it now" in teacher.post(f"{address}/publish").text
    assert ASSIGNMENT.search(teacher.get(listed).text)
    return address.rsplit("/", 1)[-1]


def test_from_the_rubric_to_the_feedback(learner: Visitor, teacher: Visitor, course: Made, runtime: Runtime) -> None:
    made = make(teacher, course)
    assert f'href="/assignments/{made}"' in learner.get(f"/courses/{course.slug}").text
    address = f"/assignments/{made}"
    shown = learner.get(address).text
    assert "<strong>200 words</strong>" in shown and "To do" in shown and "Essay rubric" in shown
    work = {"text": "Pressure decides.\r\nHigher up it is lower.", "base_revision": "0", "number": "1"}
    assert "Draft, not handed in" in learner.post(f"{address}/work", {**work, "action": "save"}).text
    stale = learner.post(f"{address}/work", {**work, "text": "From another window", "action": "save"})
    assert stale.status_code == 409 and "From another window" in stale.text and "another window" in stale.text
    done = learner.post(f"{address}/work", {**work, "base_revision": "1", "action": "submit"})
    assert "Your work is handed in" in done.text and "Receipt" in done.text
    again = learner.post(f"{address}/work", {**work, "base_revision": "1", "action": "submit"})
    assert again.status_code == 200 and again.text.count("Receipt") == done.text.count("Receipt")
    listed = teacher.get(f"/teach/assignments/{made}/submissions")
    found = SUBMISSION.search(listed.text)
    assert found is not None and "Amina Wanjiru" in listed.text
    page = found.group(1)
    with statements(runtime.database) as sent:
        assert teacher.get(page).status_code == 200
    assert len(sent) <= 24, len(sent)
    given = {"level-c1": "l2", "comment-c1": "Clear!", "level-c2": "l1", "comment": "Well <b>done</b>", "points": ""}
    note = {"quote": "Higher up it is lower.", "note": "What is?"}
    wrong = teacher.post(page, {**given, "quote": "never written", "note": "?", "action": "save"})
    assert wrong.status_code == 422 and "Clear!" in wrong.text
    marked = teacher.post(page, {**given, **note, "action": "save"})
    assert "37.5 of 50 points" in marked.text and "What is?" in marked.text
    hidden = learner.get(address).text
    assert "37.5" not in hidden and "Clear!" not in hidden and "What is?" not in hidden
    assert "released" in teacher.post(page, {**given, "action": "release"}).text
    told = learner.get(address).text
    assert "37.5 of 50 points" in told and "<mark>Higher up it is lower.</mark>" in told and "What is?" in told
    assert "Well &lt;b&gt;done&lt;/b&gt;" in told
    with statements(runtime.database) as sent:
        learner.get(address)
    assert len(sent) <= 18, len(sent)


def test_files_extensions_groups_and_a_full_rubric(
    learner: Visitor, teacher: Visitor, course: Made, person: Person
) -> None:
    made = make(teacher, course, file_kinds="pdf", due_at="2026-02-01T12:00")
    address, editor = f"/assignments/{made}", f"/teach/assignments/{made}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', learner.get(address).text)
    assert token is not None
    for content, told in ((b"words", "not taken"), (b"%PDF-1.7", "essay.pdf")):
        form = {"csrf_token": token.group(1)}
        put = learner.client.post(f"{address}/files", data=form, files={"file": ("essay.pdf", content)})
        assert told in put.text
    extension = {"email": person.email, "extension_due_at": "2026-02-03T12:00"}
    assert "Amina Wanjiru: due" in teacher.post(f"{editor}/extensions", extension).text
    assert "with your extension" in learner.get(address).text
    refused = teacher.post(f"{editor}/extensions", extension | {"email": "no@example.org"})
    assert refused.status_code == 422 and "Nobody in this course has this address." in refused.text
    wrong = teacher.post(editor, {**RULES, "due_at": "2026-02-01T12:00", "opens_at": "2026-03-01T12:00"})
    assert wrong.status_code == 422 and "opens before it is due" in wrong.text
    more = teacher.post(f"/teach/courses/{course.slug}/schemes?kind=rubric", {**RUBRIC, "more": "1"})
    assert more.status_code == 200 and 'name="c3-title"' in more.text and 'value="7.5"' in more.text
    poor = teacher.post(f"/teach/courses/{course.slug}/schemes?kind=guide", {"title": "Empty"})
    assert poor.status_code == 422 and "at least one criterion" in poor.text
    grouped = make(teacher, course, grouped="1")
    made_group = teacher.post(f"/teach/assignments/{grouped}/groups", {"name": "Lions", "emails": person.email})
    assert "Lions" in made_group.text
    assert "Your group: Lions" in learner.get(f"/assignments/{grouped}").text


def test_others_find_no_page(runtime: Runtime, learner: Visitor, teacher: Visitor, course: Made) -> None:
    made = make(teacher, course)
    stranger = Visitor(runtime).log_in(create_person(runtime.database))
    assert stranger.get(f"/assignments/{made}").status_code == 404
    assert stranger.get(f"/teach/assignments/{made}").status_code == 404
    for path in (f"/teach/assignments/{made}", f"/teach/assignments/{made}/submissions"):
        assert learner.get(path).status_code == 403
    assert learner.get(f"/teach/courses/{course.slug}/assignments").status_code == 403
    assert "/login" in str(Visitor(runtime).get(f"/assignments/{made}").url)
