"""A lesson that waits: its instructor says for what, a learner reads why, does it, and goes on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in
from tests.factories.assessments import enrol

pytestmark = pytest.mark.browser


def test_a_locked_lesson_from_both_sides(page: Page, site: Site, look: Callable[..., None]) -> None:
    first, second = site.course.lessons[:2]
    enrol(site.runtime.database, site.learner, site.course.id)
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/outline")
    page.locator(f'[data-lesson="{second}"]').get_by_role("link", name="What opens and completes").click()
    title = str(page.locator("h1").text_content())
    page.locator("summary", has_text="after a lesson is completed").click()
    page.get_by_label("Lesson", exact=True).select_option(str(first))
    page.get_by_role("button", name="Add after a lesson is completed").click()
    expect(page.get_by_text("The rule is saved.")).to_be_visible()
    page.locator("summary", has_text="days after enrolment").click()
    page.get_by_label("Days").fill("0")
    page.get_by_role("button", name="Add days after enrolment").click()
    expect(page.get_by_text("From the day of enrolment")).to_be_visible()
    look("release-rule")
    page.get_by_role("link", name="Release", exact=True).click()
    expect(page.get_by_text("Complete the lesson").first).to_be_visible()
    look("release")
    page.get_by_role("link", name="Preview as a new learner").click()
    expect(page.get_by_text("locked").first).to_be_attached()
    look("release-preview")
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/cohorts")
    page.get_by_label("Name").fill("May")
    page.get_by_role("button", name="Add the cohort").click()
    page.get_by_label("E-mail addresses").fill(f"{site.learner.email}\nnobody@example.org")
    page.get_by_role("button", name="Put them into the cohort").click()
    expect(page.get_by_text("nobody@example.org")).to_be_visible()
    look("cohort")
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}")
    look("course-locked")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_text("Not open for you yet")).to_be_visible()
    look("locked")
    page.get_by_role("link", name="Go to the lesson").click()
    page.get_by_role("button", name="Mark as completed").click()
    expect(page).to_have_url(f"{site.url}/lessons/{second}")
    expect(page.locator("[data-lesson-text]")).to_be_visible()
    page.goto(f"{site.url}/my-courses")
    expect(page.get_by_text("Go on where you left off")).to_be_visible()
    look("my-courses-week")
