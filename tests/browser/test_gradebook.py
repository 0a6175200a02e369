"""The gradebook in a real browser: set up, marked in its place with the keyboard, and a learner's what-if."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in
from tests.factories.assessments import create_quiz, enrol
from tests.factories.people import create_person

TITLES = ("Budget for a month", "Sending money", "Safe from fraud")


def test_marking_in_place_and_asking_what_if(site: Site, page: Page, look: Callable[..., None]) -> None:
    database = site.runtime.database
    enrol(database, site.learner, site.course.id)
    for name in ("Baraka Juma", "Chebet Kiplagat", "Zuhura Ali"):
        enrol(database, create_person(database, full_name=name), site.course.id)
    create_quiz(database, site.instructor, site.course.id, title="Money words")
    address = f"{site.url}/teach/courses/{site.course.slug}/gradebook"
    log_in(page, site, site.instructor)

    page.goto(f"{address}/setup")
    page.get_by_text("Add a category").click()
    page.get_by_label("Name").last.fill("Homework")
    page.get_by_label("Drop the lowest").nth(0).fill("1")
    page.get_by_role("button", name="Add").last.click()
    expect(page.get_by_role("heading", name="Homework")).to_be_visible()
    for title in TITLES:
        page.get_by_text("Add a column").click()
        page.get_by_label("Title").fill(title)
        page.get_by_label("Points", exact=True).fill("20")
        page.get_by_label("Category").select_option(label="Homework")
        page.get_by_role("button", name="Add").first.click()
        expect(page.get_by_role("link", name=title)).to_be_visible()
    while not page.get_by_role("link", name="Money words").count():
        page.wait_for_timeout(300)
        page.reload()
    look("gradebook-setup")

    page.goto(address)
    row = page.get_by_role("row", name="Amina Wanjiru")
    row.locator("td").nth(2).click()
    for points in ("12", "18", "9,5"):
        page.keyboard.type(points)
        page.keyboard.press("Tab")
        expect(row).to_contain_text(points.replace(",", "."))
    page.keyboard.press("ArrowLeft")
    expect(row.locator("td").first).to_contain_text("75.0")  # the lowest is dropped: 12 and 18 of 40
    page.keyboard.press("ArrowRight")
    quiz = row.locator("td").last
    quiz.click()
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Reason; it stands in the history").fill("Done on paper")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(quiz).to_have_class("o")
    page.reload()
    look("gradebook")
    page.get_by_role("link", name="Amina Wanjiru").click()
    expect(page.get_by_role("heading", name="Amina Wanjiru")).to_be_visible()
    look("gradebook-learner")
    page.goto(f"{address}/history")
    expect(page.get_by_text("Done on paper")).to_be_visible()
    look("gradebook-history")
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}/grades")
    expect(page.get_by_role("heading", name="My grades")).to_be_visible()
    real = str(page.locator("[data-total]").text_content())
    page.get_by_role("button", name="What if …?").click()
    page.get_by_label("If I had, of 20: Safe from fraud").fill("20")
    expect(page.locator("[data-guess-total]")).not_to_have_text(real)
    expect(page.locator("[data-guess-total]")).to_contain_text("%")
    look("my-grades")
    page.reload()
    expect(page.locator("[data-total]")).to_have_text(real)
