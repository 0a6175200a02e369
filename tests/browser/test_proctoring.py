"""A supervised exam in a browser whose camera plays a film: real pages, real pictures, the real worker."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.review import service as review
from tests.browser.conftest import PATIENCE_MS, WIDE, Site, log_in, look_at
from tests.factories.assessments import MadeQuiz, create_quiz, enrol
from tests.factories.people import Person, actor_of, create_person
from tests.proctoring.reviewing import teach
from tests.shared_data import shared

FRAMES_A_SECOND = 30  # of Chromium's fake camera, whatever the file
HELD = 6  # frames for which a picture stands still, so that the film is made quickly
SIZE = (640, 480)
# From the left third of the picture: a man alone.
ALONE = (0.0, 0.0, 0.56, 1.0)
MORE_PATIENCE_S = 240


@pytest.fixture
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What the camera sees: "alone", or "phone", in which a phone is held up again and again."""
    scenes = [(_packaged(), ALONE, 45)]
    if request.param == "phone":
        held_up = Image.open(shared("data/proctoring/coco_1296_crop.jpg")).convert("RGB")
        scenes = [(held_up, (0.0, 0.0, 1.0, 1.0), 16), (_packaged(), ALONE, 10)]
    path = tmp_path / "film.mjpeg"
    with path.open("wb") as file:
        for picture, part, seconds in scenes:
            for number in range(seconds * FRAMES_A_SECOND // HELD):
                file.write(_frame(picture, part, number) * HELD)
    return path


def _packaged() -> Image.Image:
    package = find_spec("ultralytics")
    assert package is not None and package.origin is not None
    return Image.open(Path(package.origin).parent / "assets" / "zidane.jpg").convert("RGB")


def _frame(picture: Image.Image, part: tuple[float, float, float, float], number: int) -> bytes:
    """One picture of the film as JPEG; each a little different, as a living picture is."""
    shift = 0.004 * (number % 7)
    left, top, right, bottom = part
    wide, high = picture.size
    cut = picture.crop(
        (int((left + shift) * wide), int(top * high), int((right - 0.03 + shift) * wide), int(bottom * high))
    )
    cut.thumbnail(SIZE)
    frame = Image.new("RGB", SIZE, (58, 62, 66))
    frame.paste(cut, ((SIZE[0] - cut.width) // 2, (SIZE[1] - cut.height) // 2))
    out = BytesIO()
    ImageEnhance.Brightness(frame).enhance(0.92 + 0.03 * (number % 5)).save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.fixture
def browser(playwright: Playwright, chromium: str, film: Path) -> Iterator[Browser]:
    """A Chromium whose camera plays the film."""
    opened = playwright.chromium.launch(
        executable_path=chromium,
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    yield opened
    opened.close()


@contextmanager
def _as(browser: Browser, site: Site, person: Person) -> Iterator[Page]:
    """A page of somebody's own browser profile, logged in."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    log_in(page, site, person)
    yield page
    context.close()


def _supervised(site: Site, **rules: Any) -> MadeQuiz:
    """A published quiz of the site's course, supervised, for its enrolled learner."""
    database = site.runtime.database
    enrol(database, site.learner, site.course.id)
    quiz = create_quiz(database, site.instructor, site.course.id, supervised=True, time_limit_seconds=1800)
    with database.write(actor_of(database, site.instructor)) as ctx:
        policies.set_policy(ctx, quiz.id, rules=PolicyIn(**rules))
    return quiz


def _agree(page: Page) -> None:
    for box in page.locator("[data-consent]").all():
        box.check()
    page.get_by_role("button", name="Agree and go on").click()


def _begin(page: Page) -> None:
    """From the set-up to the first question."""
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Begin the exam").click()
    expect(page.get_by_label("100", exact=True)).to_be_visible()


def _hand_in(page: Page) -> None:
    page.get_by_role("button", name="Submit the quiz").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("What the supervision noted")).to_be_visible()


def _reloaded_until(page: Page, shown: Locator) -> None:
    """Load the page again until the server's work shows on it."""
    until = time.monotonic() + MORE_PATIENCE_S
    while not shown.count():
        assert time.monotonic() < until, f"never shown: {shown}"
        page.wait_for_timeout(1000)
        page.reload()


class TestWithPhone:
    """The whole story, with the weights of the shared folder."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """With weights, so that phones are looked for."""
        return settings.model_copy(update={"models_dir": shared("models")})

    @pytest.mark.parametrize("film", ["phone"], indirect=True)
    def test_from_consent_to_an_answered_appeal(self, site: Site, page: Page, browser: Browser) -> None:
        quiz = _supervised(site, snapshot_interval_seconds=2, checks={"objects", "faces", "camera"})
        second = create_person(site.runtime.database, role=Role.INSTRUCTOR, full_name="Njeri Kamau")
        third = create_person(site.runtime.database, role=Role.ADMIN, full_name="Baraka Mollel")
        teach(site.runtime, second, site.course)
        log_in(page, site, site.learner)
        page.goto(f"{site.url}/quizzes/{quiz.id}")
        expect(page.get_by_text("Supervised: your camera is checked before the clock starts")).to_be_visible()
        page.get_by_role("button", name="Start the quiz").click()
        expect(page.get_by_role("heading", name="What will be recorded")).to_be_visible()
        look_at(page, "supervised-consent")
        _agree(page)
        expect(page.locator("[data-check=camera]")).to_have_attribute("data-state", "good")
        expect(page.locator("[data-check=face]")).to_have_attribute("data-state", "good")
        look_at(page, "supervised-check")
        _begin(page)
        page.get_by_label("100", exact=True).check()
        expect(page.locator("[data-dock]")).to_contain_text("Watched by your camera")
        look_at(page, "supervised-exam")
        attempt = page.url
        with _as(browser, site, site.instructor) as teacher:
            report = _flag_shows_live(teacher, site)
            _hand_in(page)
            _confirm_and_propose(teacher, report)
        with _as(browser, site, second) as reviewer:
            reviewer.goto(report)
            expect(reviewer.get_by_text("Daudi Otieno proposed to reject this session.")).to_be_visible()
            reviewer.get_by_role("button", name="Reject", exact=True).click()
            expect(reviewer.locator("#verdict ~ p .badge.danger")).to_have_text("Rejected")
        _appeal(page, attempt)
        with _as(browser, site, third) as admin:
            admin.goto(report)
            expect(admin.locator("blockquote", has_text="It was my sister's phone")).to_be_visible()
            admin.get_by_label("Answer", exact=True).fill("You are right: it rang on the shelf.")
            admin.get_by_role("button", name="The appeal is right: pass").click()
            expect(admin.get_by_text("You are right: it rang on the shelf.").first).to_be_visible()
            link = admin.get_by_role("link", name="PDF").get_attribute("href")
            exported = admin.request.get(f"{site.url}{link}")
            assert exported.ok and exported.body().startswith(b"%PDF")
        page.reload()
        expect(page.get_by_text("Nothing stands against your attempt.")).to_be_visible()


def _flag_shows_live(teacher: Page, site: Site) -> str:
    """Watch the wall until the phone shows and counts; the address of the report behind the tile."""
    teacher.goto(f"{site.url}/teach/proctoring/live")
    tile = teacher.locator(".tile")
    expect(tile.locator(".signal")).to_contain_text("Possible phone", timeout=MORE_PATIENCE_S * 1000)
    # One picture shows a phone but flags nothing: an exam handed in now could end with no flag.
    expect(tile.locator(".risk")).to_contain_text(re.compile("[1-9]"), timeout=MORE_PATIENCE_S * 1000)
    expect(tile.locator(".shot img")).to_be_visible()
    look_at(teacher, "live-wall")
    path = tile.get_by_role("link").get_attribute("href")
    return f"{site.url}{path}"


def _confirm_and_propose(teacher: Page, report: str) -> None:
    teacher.goto(report)
    _reloaded_until(teacher, teacher.get_by_role("button", name="Propose to reject"))
    flag = teacher.get_by_role("article").filter(has_text="Possible phone").first
    expect(flag.locator("figure.evidence img").first).to_be_visible()
    look_at(teacher, "supervision-report")
    flag.get_by_label("Comment").fill("Held up beside the screen.")
    flag.get_by_role("button", name="Confirm").click()
    expect(flag.locator("[data-decision-badge]")).to_have_text("confirmed")
    expect(flag.get_by_text("Held up beside the screen.")).to_be_visible()
    teacher.get_by_label("Message to the learner").fill("A phone was in your hand.")
    teacher.get_by_role("button", name="Propose to reject").click()
    expect(teacher.get_by_text("A second reviewer has to agree.")).to_be_visible()
    teacher.goto(report.split("/sessions/")[0])
    look_at(teacher, "supervision-queue")


def _appeal(page: Page, attempt: str) -> None:
    page.goto(attempt)
    page.locator("a[href^='/supervision/']").click()
    expect(page.get_by_text("Two people looked at it and decided")).to_be_visible()
    look_at(page, "supervision-own", kept=False)
    page.get_by_label("Why do you disagree?").fill("It was my sister's phone, on the shelf behind me.")
    page.get_by_role("button", name="Appeal").click()
    expect(page.get_by_text("Somebody who did not decide before will answer it.")).to_be_visible()


@pytest.mark.parametrize("film", ["alone"], indirect=True)
def test_consent_a_lost_network_and_a_reload(site: Site, page: Page) -> None:
    quiz = _supervised(site, snapshot_interval_seconds=1)
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/quizzes/{quiz.id}")
    page.get_by_role("button", name="Start the quiz").click()
    page.get_by_role("button", name="Agree and go on").click()
    expect(page.get_by_text("Tick every box to go on, or choose “Not now”.")).to_be_visible()
    page.get_by_role("link", name="Not now").click()
    page.get_by_role("link", name="Go on with your attempt").click()
    _agree(page)
    _begin(page)
    state = page.locator("[data-dock] [data-state-text]")
    expect(state).to_have_text("Watched by your camera")
    page.context.set_offline(True)
    expect(state).to_contain_text("kept on this device")
    page.wait_for_timeout(4000)
    page.context.set_offline(False)
    expect(state).to_have_text("Watched by your camera")
    page.get_by_label("100", exact=True).check()
    expect(page.locator("[data-save-state]")).to_have_text("Every answer is saved")
    page.reload()
    expect(page.get_by_role("heading", name="Go on with the exam")).to_be_visible()
    page.get_by_role("button", name="Turn the camera on and go on").click()
    expect(page.get_by_label("100", exact=True)).to_be_checked()
    expect(state).to_have_text("Watched by your camera")
    page.wait_for_timeout(2500)
    _hand_in(page)
    session_id = (page.locator("a[href^='/supervision/']").get_attribute("href") or "").rsplit("/", 1)[1]
    with site.runtime.database.write(actor_of(site.runtime.database, site.instructor)) as ctx:
        told = review.report(ctx, UUID(session_id))
    arrived = sorted(told.snapshots, key=lambda each: each.id)  # ids are given in the order of arrival
    assert [each.sequence for each in arrived] == [*range(1, len(arrived) + 1)] and len(arrived) > 4
    assert "network_lost" in {event.type for event in told.events}
