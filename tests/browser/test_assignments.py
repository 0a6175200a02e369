"""An assignment from its rubric to the learner who reads the feedback, in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in
from tests.factories.assessments import enrol

WORK = (
    "Mama Zawadi sells vegetables in Kisumu and keeps her money in a tin. "
    "With a phone she could save a little every evening, and nobody could take it from her.\n\n"
    "Every month she would write down what came in and what went out. "
    "After three months she would know how much she can put aside."
)
QUOTE = "keeps her money in a tin"


def test_from_the_rubric_to_the_feedback(site: Site, page: Page, look: Callable[..., None]) -> None:
    enrol(site.runtime.database, site.learner, site.course.id)
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/assignments")
    page.get_by_role("link", name="New rubric").click()
    page.get_by_label("Title").fill("Savings plan")
    for row, (criterion, levels) in enumerate(
        (
            (
                "Understanding",
                (("Not yet", "0", ""), ("Partly", "3", "One reason"), ("Fully", "6", "Reasons and limits")),
            ),
            ("Plan", (("Missing", "0", ""), ("There", "2", "Steps"), ("Convincing", "4", "Steps, amounts, dates"))),
        )
    ):
        page.locator(f"[name=c{row}-title]").fill(criterion)
        for place, (title, points, description) in enumerate(levels):
            page.locator(f"[name=c{row}-l{place}-title]").fill(title)
            page.locator(f"[name=c{row}-l{place}-points]").fill(points)
            page.locator(f"[name=c{row}-l{place}-description]").fill(description)
    look("assignment-rubric")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Title of a new assignment").fill("A savings plan for a market trader")
    page.get_by_role("button", name="Add an assignment").click()
    page.get_by_label("Instructions, in Markdown").fill("Help **one trader** to save. Write about 100 words.")
    page.get_by_label("Points", exact=True).fill("20")
    page.get_by_label("Marked by").select_option(label="Savings plan")
    look("assignment-editor")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Learners can see it now")).to_be_visible()
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}")
    page.get_by_role("link", name="A savings plan for a market trader").click()
    page.get_by_label("Your text").fill(WORK)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.goto(page.url)
    expect(page.get_by_label("Your text")).to_have_value(WORK)
    look("assignment")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Receipt", exact=False).first).to_be_visible()
    address = page.url
    page.context.clear_cookies()

    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/assignments")
    expect(page.get_by_text("1 to mark")).to_be_visible()
    page.get_by_role("link", name="1 submission").click()
    look("assignment-submissions")
    page.get_by_role("link", name="Amina Wanjiru").click()
    page.get_by_role("radio", name="Fully").check()
    page.get_by_role("radio", name="There").check()
    expect(page.get_by_text("Comes to 16")).to_be_visible()
    page.evaluate(
        """(quote) => {
            const text = document.querySelector("[data-text]").firstChild;
            const range = document.createRange();
            range.setStart(text, text.data.indexOf(quote));
            range.setEnd(text, text.data.indexOf(quote) + quote.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            document.dispatchEvent(new MouseEvent("mouseup"));
        }""",
        QUOTE,
    )
    expect(page.get_by_role("textbox", name="Passage")).to_have_value(QUOTE)
    page.get_by_label("Your comment on it").fill("Good: begin where she is.")
    page.get_by_role("textbox", name="Comment", exact=True).fill("A warm and clear plan. Add amounts.")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.locator("mark")).to_have_text(QUOTE)
    look("assignment-marking")
    page.get_by_role("button", name="Save and release").click()
    expect(page.get_by_text("the learner can see it now")).to_be_visible()
    page.context.clear_cookies()

    log_in(page, site, site.learner)
    page.goto(address)
    expect(page.get_by_text(re.compile("16 of 20 points"))).to_be_visible()
    expect(page.locator("mark")).to_have_text(QUOTE)
    expect(page.get_by_text("Good: begin where she is.")).to_be_visible()
    look("assignment-feedback")
