"""A quiz in a browser whose questions are checked one by one, through a lost connection; and one with certainty."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from lms_core.learning.assessments.schemas import HintIn
from tests.browser.conftest import Site, log_in
from tests.factories.assessments import create_quiz, enrol, multiple, single


def test_a_learner_tries_again_after_a_hint_and_says_how_certain_they_are(
    site: Site, page: Page, look: Callable[..., None]
) -> None:
    database = site.runtime.database
    enrol(database, site.learner, site.course.id)
    hints = [
        HintIn(text="Salt is *no* water.", clear_wrong=True, show_number_right=True),
        HintIn(text="Think of a kettle."),
    ]
    tried = create_quiz(
        database,
        site.instructor,
        site.course.id,
        questions=[multiple(points=3.0, hints=hints, feedback="All of it is H₂O."), single()],
        conduct={"behaviour": "interactive"},
    )
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/quizzes/{tried.id}")
    page.get_by_role("button", name="Start the quiz").click()
    first = page.locator("#q-1")
    expect(page.locator("[data-save-state]")).to_have_text("Every answer is saved")  # the script is there
    first.get_by_role("button", name="Check").click()
    expect(first.get_by_text("Answer the question first")).to_be_visible()
    first.get_by_label("ice", exact=True).check()
    first.get_by_label("salt", exact=True).check()
    first.get_by_role("button", name="Check").click()
    expect(first.get_by_text("2 tries left")).to_be_visible()
    expect(first.get_by_text("1 of your choices is right.")).to_be_visible()
    expect(first.get_by_label("salt", exact=True)).not_to_be_checked()
    look("attempt-hint")
    page.context.set_offline(True)
    first.get_by_label("steam", exact=True).check()
    first.get_by_role("button", name="Check").click()
    expect(page.locator("[data-save-state]")).to_contain_text("kept on this device")
    page.context.set_offline(False)
    expect(first.get_by_text("All of it is H₂O.")).to_be_visible(timeout=20_000)
    expect(first.get_by_text("2 of 3 points")).to_be_visible()
    expect(first.get_by_label("sand", exact=True)).to_be_disabled()
    page.reload()
    expect(first.get_by_text("All of it is H₂O.")).to_be_visible()
    page.get_by_role("button", name="Submit the quiz").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("2 of 4 points")).to_be_visible()

    certain = create_quiz(
        database, site.instructor, site.course.id, questions=[single(), single()], conduct={"behaviour": "certainty"}
    )
    page.goto(f"{site.url}/quizzes/{certain.id}")
    page.get_by_role("button", name="Start the quiz").click()
    for number, level in (("1", "very certain"), ("2", "fairly certain")):
        box = page.locator(f"#q-{number}")
        box.get_by_label("100", exact=True).check()
        box.get_by_role("radio", name=f"{level} right").last.check()
    expect(page.locator("[data-save-state]")).to_have_text("Every answer is saved")
    look("attempt-certainty")
    page.get_by_role("button", name="Submit the quiz").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", name="How well you knew what you know")).to_be_visible()
    expect(page.get_by_text("250 %")).to_be_visible()
    look("result-certainty")

    page.context.clear_cookies()
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/quizzes/{certain.id}/rules")
    page.get_by_label("Begin with").select_option("score_only")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Score: Right after it")).to_be_checked()
    expect(page.get_by_label("Right answer: Right after it")).not_to_be_checked()
    look("quiz-rules")
