"""A learner's story: log in, open a course, ask, read a cited answer, see the passage it stands on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in

pytestmark = pytest.mark.browser

MARKED = "[...(CSS.highlights.get('citation') ?? [])].map(String).join('')"
IN_VIEW = """() => {
  const box = [...CSS.highlights.get('citation')][0].getBoundingClientRect();
  return box.top > 60 && box.bottom < window.innerHeight;
}"""


def test_a_learner_asks_and_sees_where_the_answer_stands(page: Page, site: Site, look: Callable[..., None]) -> None:
    page.goto(site.url)
    look("catalogue")
    log_in(page, site, site.learner)
    page.get_by_role("link", name="Courses", exact=True).click()
    page.get_by_role("link", name="Money and M-Pesa").click()
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_text("You are enrolled")).to_be_visible()
    look("course")
    page.get_by_role("link", name="Saving and interest").click()
    expect(page.locator("h1")).to_have_text("Saving and interest")
    _ask(page, "What is a budget?")
    answer = page.locator(".answer").last
    marks = answer.locator(".prose .cite")
    expect(marks.first).to_be_visible()
    look("answer")
    card = answer.locator(".citation", has_text="Make a budget you can keep").first
    quote = card.locator(".quote").text_content() or ""
    if not card.is_visible():
        answer.locator("summary").click()
    card.click()
    expect(page.locator("h1")).to_have_text("Make a budget you can keep")
    expect(page.get_by_text("Highlighted: the passage the assistant quoted.")).to_be_visible()
    assert _letters(page.evaluate(MARKED)) == _letters(quote)
    assert page.evaluate(IN_VIEW)
    look("citation")
    _the_conversation_is_kept(page)
    _the_answer_is_rated(page)
    page.get_by_role("button", name="Mark as completed").click()
    expect(page.get_by_text("Lesson completed")).to_be_visible()


def _ask(page: Page, question: str) -> None:
    expect(page.locator("[data-assistant][data-alive]")).to_be_attached()
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".question").last).to_have_text(question)
    expect(page.locator(".answer-tools").last).to_be_visible()


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _the_conversation_is_kept(page: Page) -> None:
    page.reload()
    expect(page.locator(".question")).to_have_text("What is a budget?")
    expect(page.locator(".answer .prose .cite").first).to_be_visible()


def _the_answer_is_rated(page: Page) -> None:
    page.get_by_role("button", name="This did not help").click()
    page.get_by_label("What was wrong or missing?").fill("I wanted an example.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you for saying so.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="This did not help")).to_have_attribute("aria-pressed", "true")


def test_the_assistant_on_a_phone_is_reached_by_keyboard(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}")
    page.get_by_role("button", name="Enrol").click()
    page.goto(f"{site.url}/lessons/{site.course.lessons[0]}")
    opener = page.get_by_role("button", name="Ask", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(page.get_by_label("Your question")).not_to_be_visible()


def test_a_chosen_theme_stays(page: Page, site: Site) -> None:
    page.goto(site.url)
    switch = page.get_by_role("button", name="Light or dark")
    switch.click()
    switch.click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 27)"
    page.goto(f"{site.url}/login")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
