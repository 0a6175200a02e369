"""A real server, a real Chromium, and pictures for the documentation."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

import ingestion
from lms_core.content.courses.schemas import ImportedModule, LessonIn
from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person
from tests.serving import app_of
from workers.runtime import Runtime

SAMPLE = Path(ingestion.__file__).parent / "sample_course"
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
LARGEST_PICTURE = 300_000
WIDE, PHONE = (1360, 860), (360, 780)
PATIENCE_MS = 120_000  # the first question also loads the embedding model
expect.set_options(timeout=PATIENCE_MS)
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@dataclass(frozen=True)
class Site:
    """A running server, its address, and who can log in."""

    url: str
    runtime: Runtime
    instructor: Person
    learner: Person
    course: Made


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers of a file; there can be only one at a time.

    It keeps an event loop running in this thread: left open, it would refuse `asyncio.run` to every test after it.
    """
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the system has Chromium; without one these tests are skipped, which in CI is a failure."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """A Chromium without a camera."""
    opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield opened
    opened.close()


@pytest.fixture
def site(live: Runtime) -> Iterator[Site]:
    """A server over a live installation with one course of the sample."""
    instructor = create_person(live.database, role=Role.INSTRUCTOR, full_name="Daudi Otieno")
    learner = create_person(live.database, full_name="Amina Wanjiru")
    title, summary = "Money and M-Pesa", "Send money safely, make a budget, save, and stay away from bad loans."
    course = create_course(live.database, instructor, modules=_sample(), title=title, summary=summary)
    with served(live) as url:
        yield Site(url, live, instructor, learner, course)


@contextmanager
def served(runtime: Runtime) -> Iterator[str]:
    """The address of a server over an installation, while it runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app_of(runtime), host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def _sample() -> list[ImportedModule]:
    folder = SAMPLE / "2-money-and-mpesa"
    lessons = []
    for path in sorted(folder.glob("[0-9]*.md")):
        body = path.read_text("utf-8").split("---\n", 2)[2].strip()
        lessons.append(LessonIn(title=body.splitlines()[0].removeprefix("# "), body=body, source_path=path.name))
    return [ImportedModule(title="Money in daily life", lessons=lessons)]


# What reaches beyond the window's edge, where the page as a whole does.
TOO_WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? []
  : [...document.body.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > window.innerWidth)
      .map((each) => each.outerHTML.slice(0, 120) + ' ' + each.getBoundingClientRect().right)"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser profile; an error of a script fails the test."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    yield opened
    context.close()
    # A busy machine shows the next page before Chromium's cross-fade is ready, and Chromium says so; nothing is broken.
    assert not [error for error in broken if "Transition was aborted" not in error]


@pytest.fixture
def look(page: Page) -> Callable[..., None]:
    """`look_at` the page of the test."""
    return partial(look_at, page)


def look_at(page: Page, name: str, *, opens: str = "", kept: bool = True, briefly: bool = False) -> None:
    """Take the page's picture, wide and light, then check it on a phone and in the dark; axe finds nothing anywhere.

    All rules of axe are held wide and light, and on a phone in the dark; of the other two the contrast alone, which is
    all that a colour scheme can change.

    `opens` names a button that shows on a phone what stands beside the text on a wide screen. Not `kept`: the page
    shows what is not ours to publish. `briefly`, where many pages are made of the same parts: wide and light by all
    rules, and on a phone in the dark by contrast and width.
    """
    looks = ((WIDE, "light"), (WIDE, "dark"), (PHONE, "dark"), (PHONE, "light"))
    for width, scheme in looks[::2] if briefly else looks:
        page.set_viewport_size({"width": width[0], "height": width[1]})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        opener = page.get_by_role("button", name=opens, exact=True)
        if opens and width == PHONE and opener.get_attribute("aria-expanded") == "false":
            opener.click()
        if kept:
            _keep(page, f"{name}-{'wide' if width == WIDE else 'phone'}-{scheme}")
        assert page.evaluate(TOO_WIDE) == [], f"{name} is too wide at {width[0]} px"
        whole = (width, scheme) in ((WIDE, "light"), *(() if briefly else ((PHONE, "dark"),)))
        assert not _problems(page, AXE_RULES if whole else CONTRAST), name
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def _keep(page: Page, name: str) -> None:
    """Write the picture when there is none yet, or when MWALIMU_PICTURES asks for fresh ones."""
    path = PICTURES / f"{name}.png"
    if name.endswith(("wide-light", "phone-dark")) and (not path.exists() or os.environ.get("MWALIMU_PICTURES")):
        page.screenshot(path=path, animations="disabled")
        assert path.stat().st_size < LARGEST_PICTURE


def _problems(page: Page, rules: dict[str, Any]) -> list[Any]:
    found = Axe().run(page, options=rules).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


def log_in(page: Page, site: Site, person: Person) -> None:
    """Log in as people do."""
    page.goto(f"{site.url}/login")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.locator("main").get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/my-courses")
