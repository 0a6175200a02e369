"""A quiz in a browser: built by an instructor, taken by a learner through a lost connection and a closed tab."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from rag.drafts.models import Check
from tests.browser.conftest import Site, log_in
from tests.factories.assessments import MadeQuiz, create_quiz, enrol, every_type, sit
from tests.factories.drafts import create_drafts
from tests.factories.people import create_person
from tests.factories.question_types import add_map, draw_map, every_keyed_type, right_parts


def test_an_instructor_builds_a_quiz(site: Site, page: Page, look: Callable[..., None]) -> None:
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/quizzes")
    look("teach-quizzes")
    page.get_by_label("Title of a new quiz").fill("Money in daily life")
    page.get_by_role("button", name="Add a quiz").click()
    state = page.locator("[data-builder] [data-state]")
    page.get_by_role("button", name="Add a question").click()
    expect(state).to_have_text("Complete what is marked, then it is saved")
    expect(page.get_by_text("Write the question.")).to_be_visible()
    page.get_by_label("Question, in Markdown").fill("Who may know your **PIN**?")
    for place, text in enumerate(("Only you", "Your agent", "Customer care"), start=1):
        page.get_by_label(f"Choice {place}", exact=True).fill(text)
    page.get_by_role("radio").first.check()
    expect(state).to_have_text("Saved")
    page.get_by_label("Type of a new question").select_option("numeric")
    page.get_by_role("button", name="Add a question").click()
    second = page.locator("[data-index='1']")
    second.get_by_label("Question, in Markdown").fill("What is 10 % of 250?")
    second.get_by_label("Right number").fill("25,0")
    expect(state).to_have_text("Saved")
    second.get_by_label("Question, in Markdown").press("Alt+ArrowUp")
    expect(page.locator("[data-index='0'] [data-field='text']")).to_have_value("What is 10 % of 250?")
    expect(state).to_have_text("Saved")
    look("quiz-builder")
    page.reload()
    expect(page.locator("[data-index='0'] [data-field='value']")).to_have_value("25")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-preview] strong")).to_have_text("PIN")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("The quiz is published.")).to_be_visible()


def test_a_learner_takes_it_through_a_lost_connection_and_a_closed_tab(
    site: Site, page: Page, look: Callable[..., None]
) -> None:
    enrol(site.runtime.database, site.learner, site.course.id)
    quiz = create_quiz(
        site.runtime.database, site.instructor, site.course.id, questions=every_type(), time_limit_seconds=1800
    )
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/courses/{site.course.slug}")
    page.get_by_role("link", name="Water").click()
    look("quiz")
    page.get_by_role("button", name="Start the quiz").click()
    state = page.locator("[data-save-state]")
    page.get_by_label("100", exact=True).check()
    page.get_by_label("ice", exact=True).check()
    page.get_by_label("steam", exact=True).check()
    page.get_by_role("button", name="Flag for later").nth(3).click()
    expect(state).to_have_text("Every answer is saved")
    expect(page.locator("[data-countdown]")).to_contain_text("29:")
    look("attempt")
    page.context.set_offline(True)
    page.get_by_label("Your answer, a number").fill("0,917")
    page.get_by_label("True", exact=True).check()
    expect(state).to_contain_text("kept on this device")
    page.context.set_offline(False)
    expect(state).to_have_text("Every answer is saved")
    address = page.url
    page.goto(f"{site.url}/my-courses")
    page.goto(address)
    expect(page.get_by_label("Your answer, a number")).to_have_value("0,917")
    expect(page.get_by_label("steam", exact=True)).to_be_checked()
    page.get_by_label("Your answer, a word or a few").fill("Ice")
    page.get_by_label("Your answer, a word or a few").press("Enter")
    page.get_by_role("button", name="Submit the quiz").click()
    expect(page.get_by_text("Questions without an answer: 1.").last).to_be_visible()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("7 of 10 points")).to_be_visible()
    expect(page.get_by_text("Not passed").or_(page.get_by_text("Passed"))).to_be_visible()
    look("attempt-results")
    page.context.clear_cookies()
    _see_how_it_went(page, site, quiz, look)


def _see_how_it_went(page: Page, site: Site, quiz: MadeQuiz, look: Callable[..., None]) -> None:
    """Statistics, a regrade before it is carried out, two attempts beside each other, drafts of more questions."""
    database = site.runtime.database
    people = [enrol(database, create_person(database, full_name=f"Baraka {each}"), site.course.id) for each in "ABCDE"]
    first, second, *_ = [sit(database, quiz, each, "90" if at % 2 else "100") for at, each in enumerate(people)]
    log_in(page, site, site.instructor)
    quizzes = f"{site.url}/teach/quizzes/{quiz.id}"
    page.goto(f"{quizzes}/statistics")
    expect(page.get_by_role("heading", name="Question 1")).to_be_visible()
    look("quiz-statistics")
    page.goto(f"{quizzes}/regrade?question={quiz.questions[0].id}")
    page.get_by_label("What becomes of it Question 1").select_option("full")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    look("regrade-preview")
    page.goto(f"{quizzes}/compare?attempt={first}&attempt={second}")
    look("attempts-compared")
    quote = "Water boils at 100 degrees at sea level. " * 12
    create_drafts(database, site.instructor, site.course, quote, number=1, verdict=Check.ELSEWHERE)
    page.goto(f"{site.url}/teach/courses/{site.course.slug}/drafts")
    expect(page.get_by_label("Right value")).to_have_value("100")
    look("question-drafts")


def test_a_second_tab_shows_the_newer_answer(site: Site, page: Page) -> None:
    enrol(site.runtime.database, site.learner, site.course.id)
    quiz = create_quiz(site.runtime.database, site.instructor, site.course.id)
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/quizzes/{quiz.id}")
    page.get_by_role("button", name="Start the quiz").click()
    first, second = page, page.context.new_page()
    second.goto(first.url)
    first.get_by_label("90", exact=True).check()
    expect(first.locator("[data-save-state]")).to_have_text("Every answer is saved")
    second.get_by_label("110", exact=True).check()
    expect(second.locator("[data-save-state]")).to_have_text("Every answer is saved")
    first.reload()
    expect(first.get_by_label("110", exact=True)).to_be_checked()


def test_an_instructor_writes_questions_with_parts(site: Site, page: Page, look: Callable[..., None]) -> None:
    quiz = create_quiz(site.runtime.database, site.instructor, site.course.id, questions=[], publish=False)
    log_in(page, site, site.instructor)
    page.goto(f"{site.url}/teach/quizzes/{quiz.id}")
    state = page.locator("[data-builder] [data-state]")

    def add(kind: str, place: int, text: str) -> Locator:
        page.get_by_label("Type of a new question").select_option(kind)
        page.get_by_role("button", name="Add a question").click()
        box = page.locator(f"[data-index='{place}']")
        box.get_by_label("Question, in Markdown").fill(text)
        return box

    box = add("matching", 0, "Which capital?")
    for place, (left, right) in enumerate((("Kenya", "Nairobi"), ("Uganda", "Kampala"))):
        box.get_by_label("Left side").nth(place).fill(left)
        box.get_by_label("Right side").nth(place).fill(right)
    expect(box.get_by_text("Complete the fields of this question.")).to_be_visible()
    box.get_by_label("Remove the row").nth(2).click()
    box.get_by_label("Wrong right sides, one a line (optional)").fill("Mombasa")
    expect(state).to_have_text("Saved")

    box = add("cloze", 1, "Africa's highest mountain is ")
    box.get_by_role("button", name="Insert a gap into the text").click()
    box.get_by_label("Accepted answers, one a line").last.fill("Kilimanjaro")
    box.get_by_role("button", name="Insert a gap into the text").click()
    box.get_by_label("Kind of the gap").nth(1).select_option("choice")
    box.get_by_label("Options, one a line").nth(1).fill("*Tanzania\nPeru")
    expect(box.get_by_label("Question, in Markdown")).to_have_value("Africa's highest mountain is [[1]][[2]]")
    expect(state).to_have_text("Saved")

    box = add("hotspot", 2, "Where is it?")
    box.get_by_label("Upload a picture").set_input_files(
        {"name": "map.png", "mimeType": "image/png", "buffer": draw_map()}
    )
    box.get_by_label("What to find").last.fill("the lake")
    picture = box.locator("[data-draw]")
    expect(picture.locator("img")).to_have_js_property("naturalWidth", 720)
    picture.scroll_into_view_if_needed()
    size = picture.bounding_box()
    assert size is not None
    page.mouse.move(size["x"] + size["width"] * 0.1, size["y"] + size["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(size["x"] + size["width"] * 0.3, size["y"] + size["height"] * 0.7, steps=3)
    page.mouse.up()
    expect(box.get_by_label("Regions, one a line")).to_have_value(re.compile(r"rectangle 1\d(\.\d)? \d+"))
    expect(state).to_have_text("Saved")

    box = add("formula", 3, "What is {a} squared?")
    box.get_by_role("button", name="Add a variable").click()
    box.get_by_label("Name", exact=True).fill("a")
    box.get_by_label("Formula of the right answer").fill("a^2 / 0")
    expect(state).to_contain_text("no value")
    box.get_by_label("Formula of the right answer").fill("a^2")
    box.get_by_label("Units, one a line with its factor (optional)").fill("m2 1\nkm2 1000000")
    expect(state).to_have_text("Saved")
    add("ordering", 4, "In which order?").get_by_label("Remove the row").nth(2).click()
    for place, item in enumerate(("First", "Second")):
        page.locator("[data-index='4']").get_by_label("Item", exact=True).nth(place).fill(item)
    add("upload", 5, "Hand in your work.").get_by_label("pictures").check()
    expect(state).to_have_text("Saved")
    look("quiz-builder-types")
    page.reload()
    expect(page.locator("[data-index='0']").get_by_label("Right side").nth(1)).to_have_value("Kampala")
    expect(page.locator("[data-index='1']").get_by_label("Options, one a line").nth(1)).to_have_value("*Tanzania\nPeru")
    expect(page.locator("[data-index='5']").get_by_label("pictures")).to_be_checked()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[data-preview]").get_by_text("Kampala")).to_be_visible()


def test_a_learner_answers_questions_with_parts_by_keyboard_pointer_and_tap(
    site: Site, page: Page, look: Callable[..., None]
) -> None:
    database = site.runtime.database
    enrol(database, site.learner, site.course.id)
    add_map(database, site.instructor, site.course.id)
    quiz = create_quiz(database, site.instructor, site.course.id, questions=every_keyed_type(), title="Many ways")
    log_in(page, site, site.learner)
    page.goto(f"{site.url}/quizzes/{quiz.id}")
    page.get_by_role("button", name="Start the quiz").click()
    state = page.locator("[data-save-state]")
    boxes = {question.type.value: page.locator(f"[data-type={question.type}]") for question in quiz.questions}

    for country, capital in (("Kenya", "Nairobi"), ("Uganda", "Kampala"), ("Rwanda", "Kigali")):
        boxes["matching"].get_by_label(country).select_option(label=capital)
    _order(boxes["ordering"], list(right_parts(quiz.questions[1].key)))
    boxes["cloze"].get_by_label("Gap 1").fill("kilimanjaro")
    boxes["cloze"].get_by_label("Gap 2").fill("5 895")
    boxes["cloze"].get_by_label("Gap 3").select_option(label="Tanzania")

    words, first, second = boxes["drag_text"].locator("[data-bank]"), *boxes["drag_text"].locator(".drop-gap").all()
    words.get_by_role("button", name="freezes").drag_to(first)
    expect(first).to_have_text("freezes")
    words.get_by_role("button", name="evaporates").press("Enter")
    first.press("Enter")
    expect(first).to_have_accessible_name("Gap 1: evaporates")
    expect(words.get_by_role("button", name="freezes")).to_be_visible()
    words.get_by_role("button", name="condenses").click()
    second.click()

    picture = boxes["hotspot"].get_by_role("application")
    size = picture.bounding_box()
    assert size is not None
    picture.click(position={"x": size["width"] * 0.2, "y": size["height"] * 0.5})
    boxes["hotspot"].get_by_role("button", name="the town").click()
    for _ in range(6):
        picture.press("Shift+ArrowUp")
    boxes["hotspot"].get_by_role("button", name="the hill").click()
    picture.click(position={"x": size["width"] * 0.75, "y": size["height"] * 0.7})
    expect(boxes["hotspot"].get_by_role("status")).to_contain_text("the hill: 75 percent from the left")

    boxes["formula"].get_by_label("Your answer, a number with its unit").fill("1000 N")
    boxes["upload"].get_by_label("Hand in a file").set_input_files(
        {"name": "trick.png", "mimeType": "image/png", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    )
    expect(boxes["upload"].get_by_role("status")).to_contain_text("image/svg+xml")
    drawing = {"name": "drawing.png", "mimeType": "image/png", "buffer": draw_map()}
    boxes["upload"].get_by_label("Hand in a file").set_input_files(drawing)
    expect(boxes["upload"].get_by_role("link", name="drawing.png")).to_be_visible()
    expect(state).to_have_text("Every answer is saved")
    expect(page.locator("[data-nav] .answered")).to_have_count(7)
    look("attempt-types")
    page.reload()
    expect(page.locator("[data-nav] .answered")).to_have_count(7)
    expect(second).to_have_text("condenses")
    expect(boxes["cloze"].get_by_label("Gap 2")).to_have_value("5 895")
    expect(boxes["upload"].get_by_role("link", name="drawing.png")).to_be_visible()
    expect(boxes["ordering"].locator("[data-item-text]").first).to_have_text("Boil the water")
    page.get_by_role("button", name="Submit the quiz").click()
    expect(page.get_by_text("Every question has an answer.").last).to_be_visible()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("13 of 22 points")).to_be_visible()
    expect(page.get_by_text("Waits for a mark")).to_be_visible()
    look("attempt-types-results")


def _order(box: Locator, wanted: list[str]) -> None:
    """Bring the items into this order with the buttons that move them up."""
    for place, item in enumerate(wanted):
        while True:
            order = box.locator("[data-item]").evaluate_all("items => items.map(item => item.dataset.item)")
            if order.index(item) == place:
                break
            box.locator(f"[data-item='{item}'] [data-move='-1']").press("Enter")
