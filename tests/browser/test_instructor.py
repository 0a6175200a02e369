"""An instructor's story: drop a file, watch it come in, ask about it; put lessons in order."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in

pytestmark = pytest.mark.browser

BEES = """# Keeping bees

A hive stands best in morning sun and afternoon shade.

## Honey

Harvest honey in the dry season, and leave one third of the combs for the bees.

## Enemies

Grease the legs of the hive stand: safari ants cannot climb over grease.
"""


def test_an_instructor_brings_a_file_and_asks_about_it(
    page: Page, site: Site, look: Callable[[str], None], tmp_path: Path
) -> None:
    file = tmp_path / "bees.md"
    file.write_text(BEES, "utf-8")
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/new")
    look("new-course")
    page.locator("input[name=files]").set_input_files(file)
    expect(page.get_by_text("bees.md")).to_be_visible()
    page.get_by_label("Title of the course", exact=True).fill("Bees for beginners")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Done. You can ask about it now.")).to_be_visible()
    look("import")
    page.get_by_role("link", name="Open the course").click()
    expect(page.locator("h1")).to_have_text("Bees for beginners")
    page.get_by_label("Your question").fill("How do I keep safari ants away from the hive?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer .prose")).to_contain_text("grease")
    expect(page.locator(".answer .prose .cite").first).to_be_visible()
    look("conversation")


def test_an_instructor_orders_lessons(page: Page, site: Site, look: Callable[[str], None]) -> None:
    log_in(page, site, site.instructor)
    outline = f"{site.url}/teach/courses/{site.course.slug}/outline"
    page.goto(outline)
    look("outline")
    names = page.locator("[data-lesson] a.grow")
    second = names.nth(1).text_content() or ""
    page.get_by_role("button", name=f"Move “{second}” up").press("Enter")
    expect(page.locator("[data-outline-status]")).to_contain_text("moved to place 1")
    page.goto(outline)
    expect(names.first).to_have_text(second)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/questions")
    look("questions")
