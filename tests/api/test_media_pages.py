"""The library's page and a video's: for editors, for readers, without scripts too."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course, statements
from tests.factories.media import make_film, picture, require_ffmpeg
from tests.factories.people import Person, create_person
from tests.serving import app_of
from workers.runtime import Runtime


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


def browser(runtime: Runtime, person: Person) -> TestClient:
    """Somebody's browser, logged in by its form."""
    opened = TestClient(app_of(runtime), headers={"Accept": "text/html", "Origin": "http://testserver"})
    assert opened.post("/login", data={**person.login, "next": "/"}, follow_redirects=False).status_code == 303
    return opened


def token_in(html: str) -> str:
    """The CSRF token of a page's forms."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', html)
    assert found is not None
    return found.group(1)


def test_a_file_goes_in_and_out_without_scripts(
    runtime: Runtime, course: Made, instructor: Person, drain: Callable[[], int]
) -> None:
    teacher = browser(runtime, instructor)
    address = f"/teach/courses/{course.slug}/media"
    token = token_in(teacher.get(address).text)
    empty = teacher.post(address, data={"csrf_token": token}, files={"file": ("a.txt", b"")})
    assert "The file is empty" in empty.text
    sent = teacher.post(address, data={"csrf_token": token}, files={"file": ("Maji <1>.jpg", picture())})
    assert "Being checked" in sent.text
    drain()
    shown = teacher.get(address).text
    assert "![maji 1](asset:maji-1.jpg)" in shown
    assert "<script>" not in shown
    teacher.post(address, data={"csrf_token": token}, files={"file": ("a.svg", b"<svg xmlns='x'></svg>")})
    drain()
    told = teacher.get(address, headers={"Cookie": teacher_cookies(teacher, language="sw")}).text
    assert "SVG inaweza kubeba programu" in told
    delete = re.search(rf'action="({address}/[0-9a-f-]+/delete)"', shown)
    assert delete is not None
    gone = teacher.post(delete.group(1), data={"csrf_token": token})
    assert "asset:maji-1.jpg" not in gone.text


def teacher_cookies(client: TestClient, *, language: str) -> str:
    """The browser's cookies with another interface language."""
    kept = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return f"{kept}; mwalimu_language={language}"


def test_the_library_is_for_editors_and_takes_few_statements(
    runtime: Runtime, course: Made, instructor: Person
) -> None:
    address = f"/teach/courses/{course.slug}/media"
    assert browser(runtime, create_person(runtime.database)).get(address).status_code == 403
    other = create_person(runtime.database, role=Role.INSTRUCTOR)
    assert browser(runtime, other).get(address).status_code == 403
    teacher = browser(runtime, instructor)
    teacher.get(address)
    with statements(runtime.database) as sent:
        assert teacher.get(address).status_code == 200
    assert len(sent) <= 12, sent


def test_a_video_has_a_page_of_its_own(
    runtime: Runtime,
    course: Made,
    instructor: Person,
    drain: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    require_ffmpeg()
    film = make_film(tmp_path_factory.mktemp("film") / "a.mp4", size="160x120", seconds=2, sound=False)
    teacher = browser(runtime, instructor)
    address = f"/teach/courses/{course.slug}/media"
    token = token_in(teacher.get(address).text)
    teacher.post(address, data={"csrf_token": token}, files={"file": ("Somo.mp4", film.read_bytes())})
    drain()
    shown = teacher.get(address).text
    item = re.search(rf"{address}/([0-9a-f-]+)/captions", shown)
    assert item is not None
    srt = {"file": ("a.srt", b"1\n00:00:00,5 --> 00:00:01,5\nMaji\n")}
    captions = f"{address}/{item.group(1)}/captions"
    refused = teacher.post(captions, data={"csrf_token": token, "language": "sw"}, files={"file": ("a", b"none")})
    assert "These captions cannot be read" in refused.text
    teacher.post(captions, data={"csrf_token": token, "language": "sw"}, files=srt)
    page = teacher.get(f"/courses/{course.slug}/videos/somo").text
    assert '<track kind="captions" srclang="sw"' in page
    assert re.search(r'<source src="/api/v1/media/[\w-]+/master\.m3u8"', page)
    learner = browser(runtime, create_person(runtime.database))
    assert learner.get(f"/courses/{course.slug}/videos/somo").status_code == 404
