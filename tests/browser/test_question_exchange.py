"""Questions from another system in a real browser: what comes, what is lost, and out again."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in
from tests.factories.assessments import create_quiz

BANK = """$CATEGORY: Money/Borrowing
// [tag:loans]
::Interest::What does *interest* pay for?{
    =The use of somebody's money#Just so.
    ~The paper of the contract
    ~%25%The risk that it is not paid back#In part.
    #### More in the lesson on loans.
}

::Months::How many months has a year?{#12}

::Match::What belongs together?{
    =Loan -> to be paid back
    =Gift -> to be kept
    = -> to be shared
}

::Fair::A loan is a gift.{F#Read the lesson again.}

::Pattern::Name a currency of East Africa{=*shilling*}

A text about loans that asks nothing at all.
"""


def test_a_bank_comes_in_and_goes_out(site: Site, page: Page, look: Callable[..., None], tmp_path: Path) -> None:
    quiz = create_quiz(site.runtime.database, site.instructor, site.course.id, title="Money words")
    bank = tmp_path / "loans.gift.txt"
    bank.write_text(BANK, encoding="utf-8")
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/quizzes/{quiz.id}")
    page.get_by_role("link", name="Import questions").click()
    page.get_by_label("File of questions").set_input_files(bank)
    look("question-upload")
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", name="4 questions will come")).to_be_visible()
    expect(page.get_by_text("Its answers are patterns with *")).to_be_visible()
    look("question-import")
    page.get_by_role("button", name="Bring 4 questions in").click()
    expect(page.get_by_role("heading", name="4 questions came in")).to_be_visible()
    page.get_by_role("link", name="Open the quiz").click()
    expect(page.get_by_role("heading", name="Question 6")).to_be_visible()
    page.get_by_role("link", name="Export").click()
    page.get_by_role("link", name="Aiken").click()
    look("question-export")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the file").click()
    assert saved.value.suggested_filename == "Money-words.txt"
    assert "ANSWER: A" in Path(str(saved.value.path())).read_text("utf-8")
