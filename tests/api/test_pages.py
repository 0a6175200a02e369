"""The web pages over HTTP: what people read, how few statements it costs, what is refused and how it is said."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import urljoin

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.web import assets
from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course, outline, statements
from tests.factories.people import Person, create_person
from tests.serving import app_of
from workers.runtime import Runtime

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')
LINKED = re.compile(r'(?:src|href)="(/(?:static|covers)/[^"]+)"')
IMPORTED = re.compile(r'(?:from|import|url\()\s*"(\.[^"]+)"')
MOST_STATEMENTS = 9


class Visitor:
    """Somebody with a browser that has no scripts: pages, and forms with the page's token."""

    def __init__(self, runtime: Runtime) -> None:
        self.client = TestClient(app_of(runtime), raise_server_exceptions=False, headers={"accept": "text/html"})

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, data: dict[str, str] | None = None, *, page: str = "/") -> Response:
        token = TOKEN.search(self.client.get(page).text)
        form = {**(data or {}), **({"csrf_token": token.group(1)} if token else {})}
        return self.client.post(path, data=form)

    def log_in(self, person: Person) -> "Visitor":
        answer = self.client.post("/login", data=person.login)
        assert answer.url.path == "/my-courses", answer.text
        return self


@pytest.fixture
def visitor(runtime: Runtime) -> Visitor:
    return Visitor(runtime)


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor, modules=outline(20, 20, 20), summary="Why water boils.")


@pytest.fixture
def learner(runtime: Runtime, course: Made) -> Visitor:
    someone = Visitor(runtime).log_in(create_person(runtime.database))
    someone.post(f"/courses/{course.slug}/enroll", page=f"/courses/{course.slug}")
    return someone


@pytest.fixture
def teacher(runtime: Runtime, instructor: Person) -> Visitor:
    return Visitor(runtime).log_in(instructor)


def test_the_first_page_is_small(visitor: Visitor, course: Made) -> None:
    home = visitor.get("/")
    linked = sorted(set(LINKED.findall(home.text)))
    assert len(linked) <= 8
    fetched: dict[str, Response] = {}
    waiting = [*linked]
    while waiting:  # modules and style sheets fetch more
        path = waiting.pop()
        if path not in fetched:
            fetched[path] = visitor.get(path)
            assert fetched[path].status_code == 200, path
            text = fetched[path].text if path.split("?")[0].endswith((".js", ".css")) else ""
            waiting += [urljoin(path, each) for each in IMPORTED.findall(text)]
    assert len(fetched) >= len(linked)
    as_served = [int(each.headers["content-length"]) for each in (home, *fetched.values())]
    uncompressed = [len(each.content) for each in (home, *fetched.values())]
    assert sum(as_served) < 60_000 and sum(uncompressed) < 150_000


def test_static_files_may_be_kept_for_ever(visitor: Visitor) -> None:
    kept = visitor.get(assets.url("js/page.js"))
    assert "immutable" in kept.headers["cache-control"]
    assert kept.headers["content-type"].startswith("text/javascript")
    stale = visitor.get("/static/0000000000/js/page.js")
    assert stale.headers["cache-control"] == "no-cache"
    assert visitor.get("/static/0000000000/../pages.py").status_code == 404


def test_a_cover_is_the_same_each_time_and_holds_no_script(visitor: Visitor) -> None:
    first, second = visitor.get("/covers/heat.svg").text, visitor.get("/covers/water.svg").text
    assert first == visitor.get("/covers/heat.svg").text != second
    assert "<script" not in visitor.get("/covers/%3Cscript%3E.svg").text


def _paths(course: Made) -> dict[str, str]:
    return {
        "catalogue": "/",
        "search": "/?q=water",
        "my courses": "/my-courses",
        "course": f"/courses/{course.slug}",
        "lesson": f"/lessons/{course.lessons[7]}",
        "conversations": "/conversations",
        "faq": f"/courses/{course.slug}/faq",
        "profile": "/profile",
    }


def test_pages_are_few_statements(learner: Visitor, runtime: Runtime, course: Made) -> None:
    counts = {}
    for name, path in _paths(course).items():
        learner.get(path)
        with statements(runtime.database) as sent:
            assert learner.get(path).status_code == 200
        counts[name] = len(sent)
    assert max(counts.values()) <= MOST_STATEMENTS, counts


def test_pages_hold_nothing_the_policy_forbids(learner: Visitor, teacher: Visitor, course: Made) -> None:
    pages = [learner.get(path) for path in _paths(course).values()]
    pages += [teacher.get(f"/teach/courses/{course.slug}{tab}") for tab in ("", "/outline", "/import", "/questions")]
    pages += [teacher.get(f"/teach/lessons/{course.lessons[0]}"), learner.get("/nothing")]
    for page in pages:
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", page.text), page.url


def test_a_visitor_is_led_to_the_login_and_back(visitor: Visitor, runtime: Runtime, course: Made) -> None:
    login = visitor.get(f"/lessons/{course.lessons[0]}")
    assert login.url.path == "/login"
    assert "Please log in to go on." in login.text
    assert f'value="/lessons/{course.lessons[0]}"' in login.text


def test_a_wrong_password_says_so_and_keeps_the_address(visitor: Visitor, instructor: Person) -> None:
    answer = visitor.client.post("/login", data={"email": instructor.email, "password": "not this one at all"})
    assert answer.status_code == 401
    assert "password is not right" in answer.text
    assert f'value="{instructor.email}"' in answer.text
    assert "not this one at all" not in answer.text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
def test_a_login_leads_nowhere_else(visitor: Visitor, instructor: Person, target: str) -> None:
    answer = visitor.client.post("/login", data={**instructor.login, "next": target}, follow_redirects=False)
    assert answer.headers["location"] == "/my-courses"


def test_registering_tells_each_field_and_then_logs_in(visitor: Visitor) -> None:
    given = {"full_name": "Amina", "email": "amina", "password": "short"}
    refused = visitor.post("/register", given, page="/register")
    assert refused.status_code == 422
    assert "Please write an e-mail address" in refused.text
    assert "10 characters or more" in refused.text
    good = given | {"email": "amina@example.org", "password": "a boat in quiet water"}
    arrived = visitor.post("/register", good, page="/register")
    assert arrived.url.path == "/my-courses"
    assert "Welcome!" in arrived.text
    assert "Welcome!" not in visitor.get("/my-courses").text
    again = Visitor.post(visitor, "/logout")
    assert again.url.path == "/"
    assert "already is an account" in visitor.post("/register", good, page="/register").text


def _link(letter: EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert found is not None
    return found.group(1)


def test_a_forgotten_password_is_replaced_by_the_link_in_the_letter(
    visitor: Visitor, instructor: Person, drain: Callable[[], int], mailbox: Callable[[], list[EmailMessage]]
) -> None:
    assert "on its way" in visitor.post("/forgot", {"email": instructor.email}).text
    drain()
    link = _link(mailbox()[-1])
    token = link.partition("token=")[2]
    assert token in visitor.get(link).text
    weak = visitor.post("/reset-password", {"token": token, "password": "0123456789"}, page=link)
    assert weak.status_code == 422
    done = visitor.post("/reset-password", {"token": token, "password": "green hills far away"}, page=link)
    assert done.url.path == "/login"
    assert visitor.client.post("/login", data=instructor.login).status_code == 401
    used = visitor.post("/reset-password", {"token": token, "password": "green hills so near"}, page=link)
    assert "too old" in used.text


def test_a_learner_reads_and_completes(learner: Visitor, course: Made) -> None:
    first = learner.get(f"/lessons/{course.lessons[0]}")
    assert "Water boils at 100 degrees" in first.text
    assert f'href="/lessons/{course.lessons[1]}"' in first.text
    on = learner.post(f"/lessons/{course.lessons[0]}/complete", page=f"/lessons/{course.lessons[0]}")
    assert on.url.path == f"/lessons/{course.lessons[1]}"
    page = learner.get(f"/courses/{course.slug}").text
    assert "1 of 60 lessons" in page
    assert "Resume" in page


def test_who_is_not_enrolled_gets_a_kind_page(visitor: Visitor, runtime: Runtime, course: Made) -> None:
    stranger = visitor.log_in(create_person(runtime.database))
    refused = stranger.get(f"/lessons/{course.lessons[0]}")
    assert refused.status_code == 404
    assert "not enrolled in its course" in refused.text
    assert "Water boils" not in refused.text


def test_a_draft_is_hidden_from_others(
    visitor: Visitor, runtime: Runtime, instructor: Person, teacher: Visitor
) -> None:
    draft = create_course(runtime.database, instructor, publish=False, title="Not yet")
    assert visitor.get(f"/courses/{draft.slug}").status_code == 404
    assert teacher.get(f"/courses/{draft.slug}").status_code == 200


def test_a_form_without_its_token_is_refused(learner: Visitor, course: Made) -> None:
    refused = learner.client.post(f"/lessons/{course.lessons[0]}/complete")
    assert refused.status_code == 403
    assert "open for too long" in refused.text


def test_what_people_wrote_is_never_markup(visitor: Visitor, runtime: Runtime, instructor: Person) -> None:
    trick = '"><script>alert(1)</script>{{ 7*7 }}'
    made = create_course(runtime.database, instructor, title=trick, summary=trick)
    for path in (f"/courses/{made.slug}", "/", f"/?q={trick}"):
        text = visitor.get(path).text
        assert "<script>alert" not in text
        assert "{{ 7*7 }}" in text


@pytest.mark.parametrize("header", ["sw", "sw-KE,en;q=0.5", "fr,sw;q=0.8,en;q=0.7"])
def test_the_browser_language_chooses_the_interface(visitor: Visitor, header: str) -> None:
    page = visitor.client.get("/login", headers={"accept-language": header})
    assert '<html lang="sw"' in page.text
    assert "Umesahau nenosiri?" in page.text


def test_a_chosen_language_is_kept_and_leads_back(visitor: Visitor) -> None:
    back = visitor.post("/language", {"language": "sw", "next": "/register"})
    assert back.url.path == "/register"
    assert "Jina lako" in visitor.get("/register").text
    visitor.post("/language", {"language": "xx", "next": "//evil.example"})
    assert "Jina lako" in visitor.get("/register").text


def test_an_instructor_makes_and_runs_a_course(teacher: Visitor) -> None:
    made = teacher.post("/teach/new", {"title": "Bees", "language": "en"}, page="/teach/new")
    assert made.url.path == "/teach/courses/bees/outline"
    empty = teacher.post("/teach/courses/bees/publish", page="/teach/courses/bees")
    assert "no lesson to read yet" in empty.text
    outline_page = teacher.post("/teach/courses/bees/modules", {"title": "Hives"}, page="/teach/courses/bees/outline")
    module = re.search(r'data-module="([^"]+)"', outline_page.text)
    assert module is not None
    editor = teacher.post(
        f"/teach/courses/bees/modules/{module.group(1)}/lessons",
        {"title": "A first hive"},
        page="/teach/courses/bees/outline",
    )
    path = editor.url.path
    body = {"base_version": "1", "title": "A first hive", "body": "# A first hive\n\nBees like shade."}
    assert "is saved" in teacher.post(path, body, page=path).text
    late = teacher.post(path, {**body, "body": "My other text."}, page=path)
    assert late.status_code == 409
    assert "My other text." in late.text
    assert "Version 2" in teacher.get(f"{path}/versions").text
    assert "published" in teacher.post("/teach/courses/bees/publish", page="/teach/courses/bees").text
    kept = teacher.post("/teach/courses/bees/delete", page="/teach/courses/bees")
    assert kept.status_code == 409
    teacher.post("/teach/courses/bees/archive", page="/teach/courses/bees")
    assert teacher.post("/teach/courses/bees/delete", page="/teach/courses/bees").url.path == "/teach"


def test_teaching_is_for_instructors(learner: Visitor, course: Made) -> None:
    assert learner.get("/teach").status_code == 403
    assert learner.get(f"/teach/courses/{course.slug}").status_code == 403
    assert learner.get(f"/teach/lessons/{course.lessons[0]}").status_code == 404
    assert "/teach" not in learner.get("/").text


@pytest.fixture
def asked(runtime: Runtime, instructor: Person, drain: Callable[[], int]) -> tuple[Visitor, Response]:
    """A learner of a course of one lesson, and the page right after their question."""
    small = create_course(runtime.database, instructor, modules=outline(1))
    drain()
    someone = Visitor(runtime).log_in(create_person(runtime.database))
    page = f"/courses/{small.slug}"
    someone.post(f"{page}/enroll", page=page)
    return someone, someone.post(f"{page}/ask", {"question": "When does water boil?"}, page=page)


def test_asking_without_scripts(asked: tuple[Visitor, Response], drain: Callable[[], int]) -> None:
    someone, waiting = asked
    assert "Looking in the lessons" in waiting.text
    assert 'http-equiv="refresh"' in waiting.text
    drain()
    page = someone.get(waiting.url.path)
    assert "Water boils at 100 degrees at sea level." in page.text
    link = re.search(r'class="cite" href="([^"]+)" data-cite="1"', page.text)
    assert link is not None
    assert someone.get(link.group(1).replace("&amp;", "&")).status_code == 200
    assert "When does water boil?" in someone.get("/conversations").text


def test_a_conversation_is_its_owners_alone(asked: tuple[Visitor, Response], teacher: Visitor) -> None:
    assert teacher.get(asked[1].url.path).status_code == 404


def test_an_instructor_answers_for_everybody(learner: Visitor, teacher: Visitor, course: Made) -> None:
    place = f"/teach/courses/{course.slug}/questions"
    given = {"question": "Is tea water?", "answer": "Mostly, **yes**.", "language": "en"}
    assert "is saved" in teacher.post(f"/teach/courses/{course.slug}/faq", given, page=place).text
    page = learner.get(f"/courses/{course.slug}/faq").text
    assert "Is tea water?" in page
    assert "<strong>yes</strong>" in page
    assert "Daudi Kamau" in page
    empty = teacher.post(f"/teach/courses/{course.slug}/faq", {**given, "answer": " "}, page=place)
    assert empty.status_code == 422
    assert "Please write an answer" in empty.text
