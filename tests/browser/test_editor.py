"""An author's story: a lesson written in blocks, kept as a draft on the server, previewed, published with others."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in

pytestmark = pytest.mark.browser

START = """# Sending money

Check the number *twice*.

[note]: https://example.org

| Band | Fee |
|------|-----|
| 1    | 0   |

![A talk](embed:https://youtu.be/abcdefghijk)
"""


def add(page: Page, kind: str) -> None:
    """Add a block at the end, by its name in the menu."""
    page.get_by_role("button", name="Add a block", exact=True).click()
    page.get_by_label("Filter the kinds of blocks").fill(kind)
    page.keyboard.press("Enter")


def test_an_author_writes_in_blocks(page: Page, site: Site, look: Callable[[str], None]) -> None:
    log_in(page, site, site.instructor)
    lesson = f"{site.url}/teach/lessons/{site.course.lessons[0]}"
    page.goto(lesson)
    body, blocks, saved = page.locator("textarea[name=body]"), page.locator(".block"), page.locator("[data-state]")
    expect(blocks.first).to_be_visible()
    page.get_by_role("button", name="Markdown", exact=True).first.click()
    body.fill(START)
    expect(page.locator("[data-preview]")).to_contain_text("twice")
    page.get_by_role("button", name="Blocks", exact=True).click()
    expect(blocks).to_have_count(5)
    expect(body).to_have_value(START)  # cut and joined, nothing moved

    # Text in place: an empty line makes two blocks of one. Only what was edited changes.
    blocks.nth(1).locator("[data-view]").click()
    writing = page.locator(".block.editing textarea")
    writing.fill("Check the number **three times**.\n\nThen the name.")
    page.keyboard.press("Escape")
    expect(blocks).to_have_count(6)
    edited = START.replace("*twice*.", "**three times**.\n\nThen the name.")
    expect(body).to_have_value(edited)

    blocks.nth(4).get_by_role("button", name="Edit").click()
    page.get_by_label("Row 1, Column 2").fill("7 | 8")
    page.get_by_role("button", name="Done").click()
    expect(body).to_have_value(re.compile(re.escape("| 1 | 7 \\| 8 |")))
    blocks.nth(2).get_by_role("button", name="Move up").press("Enter")
    expect(page.locator(".blocks-place [data-said]")).to_have_text("Moved to place 2 of 6")
    expect(blocks.nth(1)).to_contain_text("Then the name.")
    page.get_by_role("button", name="Undo").click()
    expect(blocks.nth(1)).to_contain_text("three times")

    add(page, "formula")
    writing.fill("\\frac{1}{2}")
    expect(page.locator("[data-live] math")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    add(page, "exercise")
    page.get_by_label("Question", exact=True).fill("What does M stand for?")
    page.get_by_label("Solution, folded").fill("Mobile.")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("details.callout-solution")).to_be_attached()
    expect(saved).to_have_text(re.compile(r"Saved as a draft .*\d\d"))
    add(page, "callout")
    writing.fill("Keep your PIN to yourself.")
    look("editor")
    page.get_by_role("button", name="Done").click()
    expect(blocks.last).to_contain_text("Keep your PIN")
    expect(page.locator("form[data-unsaved]")).to_have_count(0)

    # The draft is on the server: the same page elsewhere shows it, and a preview shows it as a learner's page.
    page.goto(lesson)
    expect(page.get_by_text("This is your draft.")).to_be_visible()
    expect(blocks).to_have_count(9)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("as learners would see it")).to_be_visible()
    expect(page.get_by_text("This is shown by www.youtube-nocookie.com.")).to_be_visible()
    look("lesson-preview")
    assert all(url.startswith(site.url) for url in requested)
    page.get_by_role("button", name="Load from www.youtube-nocookie.com").click()
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("sandbox", re.compile("allow-scripts"))
    expect(frame).to_have_attribute("src", "https://www.youtube-nocookie.com/embed/abcdefghijk")

    page.goto(f"{site.url}/teach/courses/{site.course.slug}/changes")
    expect(page.locator(".diff ins").first).to_be_attached()
    look("unpublished-changes")
    page.get_by_role("button", name="Publish what is ticked").click()
    expect(page.get_by_text("Everything is published")).to_be_visible()
    page.goto(f"{lesson}/versions")
    look("versions")
    page.get_by_role("button", name="Compare").click()
    look("compare")
