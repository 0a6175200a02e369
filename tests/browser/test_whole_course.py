"""A course from nothing to a certificate: built on pages, taken by a learner, checked by a stranger."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in

LESSONS = {
    "Boiling": "# Boiling\n\nWater boils at **100 °C** at sea level. Boil it for one minute and it is safe to drink.\n",
    "Storing": "# Storing\n\nKeep boiled water in a clean, covered pot. Never dip a cup into it.\n",
}


def test_a_course_from_nothing_to_a_certificate_anybody_can_check(site: Site, page: Page) -> None:
    log_in(page, site, site.instructor)
    course = _build_the_course(page, site)
    _add_a_quiz(page, course)
    page.goto(f"{course}/certificates")
    page.get_by_role("link", name="Design and rule").click()
    page.get_by_label("Whoever completes the course gets this certificate").check()
    page.get_by_label("Who signs").fill("Daudi Otieno")
    page.get_by_role("button", name="Save the design").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(course)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("The course is published.")).to_be_visible()
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    page.goto(site.url)
    page.get_by_role("link", name="Safe water").first.click()
    page.get_by_role("button", name="Enrol").click()
    for title in LESSONS:
        page.get_by_role("main").get_by_role("link", name=title).first.click()
        expect(page.locator("h1")).to_have_text(title)
        page.get_by_role("button", name="Mark as completed").click()
        page.goto(f"{site.url}/courses/safe-water")
    expect(page.locator("main")).to_contain_text("All done!")
    _pass_the_quiz(page)
    code = _certificate(page, site)
    page.context.clear_cookies()

    page.goto(f"{site.url}/verify/{code}")
    expect(page.get_by_role("heading", name="This certificate is genuine")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Amina Wanjiru")
    expect(page.locator("main")).to_contain_text("Safe water")
    expect(page.locator("main")).to_contain_text(str(datetime.now(UTC).year))


def _build_the_course(page: Page, site: Site) -> str:
    """A course with a module and its lessons, not published; its address for teachers."""
    page.goto(f"{site.url}/teach/new")
    page.get_by_label("Title", exact=True).fill("Safe water")
    page.get_by_label("What is it about?").fill("How to make water safe to drink, and to keep it so.")
    page.get_by_role("paragraph").get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile("/teach/courses/safe-water"))
    course = f"{site.url}/teach/courses/safe-water"
    page.goto(f"{course}/outline")
    page.get_by_label("Title of a new module").fill("Water at home")
    page.get_by_role("button", name="Add a module").click()
    for title, text in LESSONS.items():
        page.goto(f"{course}/outline")
        page.get_by_label("Title of a new lesson in Water at home").fill(title)
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("button", name="Markdown", exact=True).first.click()
        page.locator("textarea[name=body]").fill(text)
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_text("The lesson is saved.")).to_be_visible()
    return course


def _add_a_quiz(page: Page, course: str) -> None:
    page.goto(f"{course}/quizzes")
    page.get_by_label("Title of a new quiz").fill("Is it safe?")
    page.get_by_role("button", name="Add a quiz").click()
    page.get_by_role("button", name="Add a question").click()
    page.get_by_label("Question, in Markdown").fill("At how many degrees does water boil at sea level?")
    for place, text in enumerate(("50", "100", "150"), start=1):
        page.get_by_label(f"Choice {place}", exact=True).fill(text)
    page.get_by_role("radio").nth(1).check()
    expect(page.locator("[data-builder] [data-state]")).to_have_text("Saved")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("The quiz is published.")).to_be_visible()


def _pass_the_quiz(page: Page) -> None:
    page.get_by_role("link", name="Is it safe?").click()
    page.get_by_role("button", name="Start the quiz").click()
    page.get_by_label("100", exact=True).check()
    expect(page.locator("[data-save-state]")).to_have_text("Every answer is saved")
    page.get_by_role("button", name="Submit the quiz").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("region", name="Result")).to_contain_text("Passed")


def _certificate(page: Page, site: Site) -> str:
    """The code of the learner's certificate, which is signed in the background."""
    page.goto(f"{site.url}/certificates")
    while not page.get_by_role("link", name="Open the PDF").count():
        page.wait_for_timeout(500)
        page.reload()
    return str(page.locator(".certificate code").text_content())
