"""A catalogue put in order, a course begun from a template, lessons moved by keyboard, a path built and followed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lms_core.kit.permissions import Role
from tests.browser.conftest import Site, log_in
from tests.factories.courses import create_course
from tests.factories.people import create_person

pytestmark = pytest.mark.browser


def test_a_catalogue_in_order(page: Page, site: Site, look: Callable[..., None]) -> None:
    create_course(site.runtime.database, site.instructor, title="First Python", summary="Words, numbers, loops.")
    admin = create_person(site.runtime.database, role=Role.ADMIN)
    log_in(page, site, admin)
    page.goto(f"{site.url}/admin/catalogue")
    page.get_by_label("New category").fill("Money")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("New category").fill("Saving")
    page.locator("#new-parent").select_option("money")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Change “Saving”").click()
    look("catalogue-order")
    page.context.clear_cookies()

    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach")
    page.get_by_label("Choose Money and M-Pesa").check()
    page.get_by_label("Category").select_option("saving")
    page.get_by_role("button", name="Put into category").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"{site.url}/teach/new")
    look("new-course-templates")
    page.get_by_label("Title of the course from “A short workshop”").fill("Bees in a day")
    page.locator("li", has_text="A short workshop").get_by_role("button", name="Begin").click()
    first = page.locator("[data-lesson] .pick").first
    first.focus()
    page.keyboard.press("Space")
    page.locator("select[name=module_id]").select_option(label="After the workshop")
    look("outline-many")
    page.get_by_role("button", name="Move there").press("Enter")
    moved = page.locator("[data-module]", has=page.locator("input[value='After the workshop']"))
    expect(moved.get_by_role("link", name="What to bring", exact=True)).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    look("course-settings")

    page.goto(f"{site.url}/teach/paths")
    page.get_by_label("Title").fill("Earn and count")
    page.get_by_label("One after the other").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Add First Python").click()
    page.get_by_role("button", name="Add Money and M-Pesa").click()
    page.get_by_role("button", name="Move “Money and M-Pesa” up").press("Enter")
    expect(page.locator("[data-course] [data-title]").first).to_have_text("Money and M-Pesa")
    look("path-builder")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The path is published.")).to_be_visible()
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    page.goto(site.url)
    look("catalogue-paths")
    page.get_by_role("link", name="Earn and count").click()
    page.get_by_role("button", name="Follow the path").click()
    expect(page.get_by_text("Opens when you have completed “Money and M-Pesa”.")).to_be_visible()
    look("path")
    page.goto(f"{site.url}/my-courses")
    expect(page.get_by_text("Next: Money and M-Pesa")).to_be_visible()
    look("my-paths")
