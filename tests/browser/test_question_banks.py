"""A question bank in a browser: a question written and its versions, a quiz made of sections, taken page by page."""

from collections.abc import Callable
from uuid import UUID

from playwright.sync_api import Page, expect

from lms_core.learning.assessments.service import banks
from tests.browser.conftest import Site, log_in
from tests.factories.assessments import create_quiz, enrol, single
from tests.factories.banks import create_bank, sums
from tests.factories.people import actor_of


def test_a_bank_feeds_a_quiz_of_sections(site: Site, page: Page, look: Callable[..., None]) -> None:
    database = site.runtime.database
    bank, ids = create_bank(
        database, site.instructor, site.course.id, questions=sums(8), path=["Sums", "Small ones"], tags=["easy"]
    )
    quiz = create_quiz(database, site.instructor, site.course.id, questions=[single()])
    log_in(page, site, site.instructor)
    _write_a_question(page, site, bank, look)
    page.goto(f"{site.url}/teach/quizzes/{quiz.id}")
    page.get_by_role("link", name="Sections and random draws").click()
    state = page.locator("[data-sections] [data-state]")
    page.get_by_role("button", name="Add a section").click()
    page.get_by_label("Title (optional)").fill("Warm up")
    page.get_by_role("button", name="Question of a bank").click()
    page.get_by_label("Words in the question").fill("7 + 7")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("[data-found] li")).to_have_count(1)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Add a section").click()
    second = page.locator("[data-group='2'].section-box")
    second.get_by_label("Begins a new page").check()
    second.get_by_role("button", name="Random draw").click()
    matching = page.locator("[data-draw-dialog] [data-matching]")
    page.get_by_label("Category", exact=True).select_option(label="– Small ones")
    page.get_by_label("Tags, with commas").fill("easy")
    expect(matching).to_have_text("8 questions match")
    page.get_by_label("How many").fill("3")
    page.get_by_role("button", name="Add the draw").click()
    expect(state).to_have_text("Saved")
    expect(page.locator("[data-totals]")).to_have_text("5 questions, 5 points")
    loose = page.locator("[data-loose] [data-place='0'] [data-text]")
    loose.focus()
    loose.press("Alt+ArrowDown")
    expect(page.locator("[data-group='1'][data-place='0'] [data-text]")).to_contain_text("degrees")
    expect(state).to_have_text("Saved")
    look("quiz-sections")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-preview] > li")).to_have_count(5)
    page.get_by_role("button", name="Draw again").click()
    expect(page.locator("[data-preview] > li")).to_have_count(5)
    page.get_by_role("button", name="Close").click()
    enrol(database, site.learner, site.course.id)
    page.context.clear_cookies()
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/quizzes/{quiz.id}")
    page.get_by_role("button", name="Start the quiz").click()
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("[data-question]:visible")).to_have_count(3)
    look("attempt-pages", kept=False)
    page.locator("[data-nav] a").first.click()
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    with database.read(actor_of(database, site.instructor)) as ctx:
        assert len(banks.usage(ctx, bank, ids[7])) == 1


def _write_a_question(page: Page, site: Site, bank: UUID, look: Callable[..., None]) -> None:
    """Write a question in the editor, change it, and see what the change was."""
    page.goto(f"{site.url}/teach/banks/{bank}")
    look("question-bank")
    page.get_by_label("Type of a new question").select_option("true_false")
    page.get_by_role("button", name="Write a question").click()
    page.get_by_label("Question, in Markdown").fill("A PIN is for *two* people.")
    page.get_by_role("radio").nth(1).check()
    page.get_by_label("Tags, with commas").fill("Safety")
    page.get_by_role("button", name="Add to the bank").click()
    page.wait_for_url("**/questions/0*")
    page.get_by_label("Question, in Markdown").fill("A PIN is for *one* person.")
    page.get_by_role("radio").nth(0).check()
    page.get_by_label("What this version changes").fill("Said the other way round")
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.locator("[data-version-number]")).to_have_text("2")
    look("bank-question", kept=False)
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_text("Said the other way round")).to_be_visible()
    expect(page.locator("ins").first).to_contain_text("one")
    look("bank-versions", kept=False)
