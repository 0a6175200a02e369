"""A lesson with a picture, a quiz and a film: arranged by keyboard, written without a connection and in two windows,
watched by a learner."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in
from tests.browser.test_editor import add
from tests.factories.assessments import create_quiz, enrol
from tests.factories.media import make_film, picture, require_ffmpeg

pytestmark = pytest.mark.browser

# Plays until the film stands there, or is over; tells where it began.
PLAY = """async (until) => {
  const film = document.querySelector("video");
  const paused = new Promise((resolve) => film.addEventListener("pause", resolve));
  film.addEventListener("timeupdate", () => film.currentTime >= until && film.pause());
  film.muted = true;
  await film.play();
  const from = film.currentTime;
  await paused;
  return from;
}"""
# Where exactly the film stops depends on how often a busy machine tells of its time.
PART, NEARLY_ALL = re.compile(r"[1-6]\d% watched"), re.compile(r"([89]\d|100)% watched")
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:09.000\nA test picture moves.\n"


def test_a_lesson_with_a_film_from_its_file_to_its_learner(
    page: Page, site: Site, look: Callable[..., None], tmp_path: Path
) -> None:
    require_ffmpeg()
    quiz = create_quiz(site.runtime.database, site.instructor, site.course.id)
    lesson = site.course.lessons[0]
    log_in(page, site, site.instructor)
    _upload_a_film(page, site, look, make_film(tmp_path / "Hot water.mp4", size="640x360", seconds=14))
    page.goto(f"{site.url}/teach/lessons/{lesson}")
    body, blocks = page.locator("textarea[name=body]"), page.locator(".block")
    expect(blocks.first).to_be_visible()
    page.get_by_role("button", name="Markdown", exact=True).first.click()
    body.fill("# Hot water\n\nLook closely.\n")
    page.get_by_role("button", name="Blocks", exact=True).click()
    _choose(page, look)
    shown = ["![A kettle](asset:kettle.jpg)", f"[Water](quiz:{quiz.id})", "![Hot water](video:hot-water)"]
    expect(body).to_have_value("\n\n".join(["# Hot water", "Look closely.", *shown]))

    # The last block goes up by keyboard, and the first one cannot lose its place in the page.
    blocks.nth(4).get_by_role("button", name="Edit").press("Alt+ArrowUp")
    expect(page.locator(".blocks-place [data-said]")).to_have_text("Moved to place 4 of 5")
    page.keyboard.press("Enter")
    expect(page.locator(".blocks-place [data-said]")).to_have_text("Moved to place 3 of 5")
    blocks.nth(1).get_by_role("button", name="Move up").press("Enter")
    expect(blocks.nth(0).get_by_role("button", name="Edit")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    _drag_to_the_end(page, place=2)
    ordered = ["# Hot water", "Look closely.", shown[0], shown[1], shown[2]]
    expect(body).to_have_value(re.compile(re.escape("\n\n".join(ordered)) + r"\s*$"))
    _without_a_connection_and_in_two_windows(page)

    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("The lesson is saved.")).to_be_visible()
    page.context.clear_cookies()
    enrol(site.runtime.database, site.learner, site.course.id)
    _watch(page, site, look)


def _upload_a_film(page: Page, site: Site, look: Callable[..., None], film: Path) -> None:
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/media")
    page.locator("#file").set_input_files(film)
    expect(page.get_by_role("link", name="hot-water")).to_be_visible()
    page.locator("summary", has_text="Captions").click()
    given = {"name": "captions.vtt", "mimeType": "text/vtt", "buffer": CAPTIONS}
    page.get_by_label("Caption file (WebVTT or SRT)").set_input_files(given)  # type: ignore[arg-type]
    page.get_by_role("button", name="Add captions").click()
    expect(page.get_by_text("Captions: English")).to_be_visible()
    look("library")


def _choose(page: Page, look: Callable[..., None]) -> None:
    """A picture that is uploaded in the chooser, a quiz of the list, the film of the library, each at the end."""
    chooser = page.get_by_role("dialog", name="Choose from the course's files")
    add(page, "picture")
    page.get_by_role("button", name="Choose or upload").click()
    expect(chooser.get_by_text("Nothing of this kind is in the course yet.")).to_be_visible()
    given = {"name": "Kettle.jpg", "mimeType": "image/jpeg", "buffer": picture(320, 80)}
    page.locator("#choose-file").set_input_files(given)  # type: ignore[arg-type]
    expect(chooser).to_be_hidden()
    page.get_by_label("What the picture shows").fill("A kettle")
    page.get_by_role("button", name="Done").click()
    add(page, "quiz")
    page.locator(".block.editing select").select_option(label="Water")
    expect(page.get_by_label("Text of the card")).to_have_value("Water")
    page.get_by_role("button", name="Done").click()
    add(page, "video")
    page.get_by_role("button", name="Choose or upload").click()
    expect(chooser.get_by_role("button", name="hot-water")).to_be_visible()
    look("file-chooser")
    chooser.get_by_role("button", name="hot-water").click()
    page.get_by_label("Title of the video").fill("Hot water")
    page.get_by_role("button", name="Done").click()


def _drag_to_the_end(page: Page, *, place: int) -> None:
    """Drag a block by its grip below the last one, with all of them in sight."""
    page.locator(".blocks-place").evaluate("place => place.scrollIntoView()")
    block, last = page.locator(".block").nth(place), page.locator(".block").last
    block.hover()
    grip, target = (each.bounding_box() for each in (block.locator("[data-grip]"), last))
    assert grip and target
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, grip["y"] + 30, steps=3)
    page.mouse.move(target["x"] + 40, target["y"] + target["height"] - 4, steps=5)
    page.mouse.up()


def _without_a_connection_and_in_two_windows(page: Page) -> None:
    state, moved = page.locator("[data-state]"), page.get_by_role("group", name="Saved elsewhere")
    writing = page.locator(".block.editing textarea")
    expect(state).to_have_text(re.compile("Saved as a draft .*[0-9]"))
    page.context.set_offline(True)
    page.locator(".block").nth(1).locator("[data-view]").click()
    writing.fill("Look *very* closely.")
    page.keyboard.press("Escape")
    expect(state).to_have_text("No connection. Kept on this device")
    page.get_by_role("button", name="Publish", exact=True).click()  # goes nowhere, and loses nothing
    page.context.set_offline(False)
    expect(state).to_have_text(re.compile("Saved as a draft"))
    expect(page.locator(".block em")).to_have_text("very")

    other = page.context.new_page()
    other.goto(page.url)
    other.locator(".block").nth(1).locator("[data-view]").click()
    other.locator(".block.editing textarea").fill("From the other window.")
    other.keyboard.press("Escape")
    expect(other.locator("[data-state]")).to_have_text(re.compile("Saved as a draft .*[0-9]"))
    other.close()
    page.locator(".block").nth(1).locator("[data-view]").click()
    writing.fill("From this window.")
    expect(moved).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()  # not before it is decided which text counts
    expect(moved.get_by_role("button", name="Load that text")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".block").nth(1)).to_contain_text("From the other window.")
    expect(moved).to_be_hidden()


def _watch(page: Page, site: Site, look: Callable[..., None]) -> None:
    """The whole film in two sittings: the second begins where the first ended, and only then all of it is watched."""
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/lessons/{site.course.lessons[0]}")
    expect(page.locator("article")).to_contain_text("From the other window.")
    expect(page.get_by_role("img", name="A kettle")).to_be_visible()
    film, seen = page.locator("video"), page.locator(".film-bar")
    expect(film.locator("track")).to_have_attribute("label", "English")
    look("lesson-film")
    assert page.evaluate(PLAY, 4) < 2
    expect(seen).to_contain_text(PART)
    page.reload()
    expect(seen).to_contain_text(PART)
    assert page.evaluate(PLAY, 60) >= 4, "it goes on where it was"
    expect(seen).to_contain_text(NEARLY_ALL)
