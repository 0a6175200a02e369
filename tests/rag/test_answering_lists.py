"""Steps, lists, tables and code in an answer: whole, in order, and those that were asked for."""

import re

from tests.rag.answering_material import CODE, POTS, PRICES, STEPS, request, run, under_headings


def test_steps_are_quoted_from_the_first_though_a_later_one_matches() -> None:
    steps = [
        ("list_item", "Wash the jar with hot water."),
        ("list_item", "Lay the beans on a cloth."),
        ("list_item", "Store the seed beans in the dry jar."),
    ]
    answer = run(request("How do I store seed beans in a jar?", steps)).answer
    assert answer.index("Wash the jar") < answer.index("Lay the beans") < answer.index("Store the seed")


def test_how_to_gives_the_steps_numbered_and_in_order() -> None:
    finished = run(request("How do I build a zeer with sand?", STEPS, POTS))
    lines = finished.answer.splitlines()
    assert lines[0] == "To build a zeer, do the following: [1]"
    steps = [line for line in lines if re.match(r"\d\. ", line)]
    assert [line.split(" [")[0] for line in steps] == [
        "1. Put sand in the large pot.",
        "2. Set the small pot on the sand.",
        "3. Fill the gap with wet sand.",
    ]


def test_an_introduction_is_never_printed_without_its_items() -> None:
    lonely = [("paragraph", "To build a zeer, do the following:"), ("image", "a zeer")]
    finished = run(request("How do I build a zeer?", lonely, POTS))
    assert "the following" not in finished.answer


def test_a_question_for_a_command_gets_the_code_block_whole() -> None:
    finished = run(request("Which command shows the pots?", CODE, POTS))
    assert "```\npots list --all\npots show 3\n```" in finished.answer
    assert "pots list --all\npots show 3" in [one.quote for one in finished.citations]


def test_other_questions_get_no_code() -> None:
    assert "```" not in run(request("Why does the list need no password?", CODE)).answer


def test_rows_are_set_as_a_table_under_their_header() -> None:
    finished = run(request("How much is a large pot in shillings?", PRICES))
    assert "| Large pot | 400 [" in finished.answer


def test_a_table_header_is_quoted_with_a_row_and_a_row_with_its_header() -> None:
    finished = run(request("Which price has the large pot?", PRICES))
    assert "| Pot | Price in shillings" in finished.answer and "| Large pot | 400" in finished.answer
    words = "word " * 80
    long_row = [("paragraph", "The prices of a zeer look like this:"), PRICES[0], ("table_row", f"{words}| 150")]
    assert "Price in shillings" not in run(request("What do the prices of a zeer look like?", POTS, long_row)).answer


def test_a_definition_after_a_table_leads_and_the_table_keeps_its_header() -> None:
    shelf = [*PRICES, ("paragraph", "A zeer pot is a clay pot in a larger pot.")]
    finished = run(request("What is a zeer pot?", shelf))
    assert finished.answer.startswith("A zeer pot is")
    rows = [line for line in finished.answer.splitlines() if line.startswith("|")]
    assert not rows or (rows[0].startswith("| Pot") and len(rows) > 2)


def test_of_two_lists_the_one_under_the_fitting_heading_is_quoted_whole() -> None:
    washing = [("list_item", "Boil the water."), ("list_item", "Pour it in."), ("list_item", "Let the jar dry.")]
    filling = [("list_item", "Take dry seed."), ("list_item", "Is it really dry?"), ("list_item", "Close the lid.")]
    asked = under_headings(request("How do I wash a jar?", filling, washing), "Fill a jar", "Wash a jar")
    lines = run(asked).answer.splitlines()
    assert [line.split(" [")[0] for line in lines[:3]] == ["- Boil the water.", "- Pour it in.", "- Let the jar dry."]


def test_a_question_inside_a_step_does_not_break_the_numbering() -> None:
    steps = [
        ("paragraph", "A parcel travels to its town by bus."),
        ("list_item", "Write the name of the town. Is it spelt right?"),
        ("list_item", "Weigh the parcel."),
        ("list_item", "Pay at the desk."),
    ]
    answer = run(request("How do I send a parcel to a town?", steps)).answer
    assert "1. Write the name of the town." in answer and "3. Pay at the desk." in answer
    assert "spelt right" not in answer


def test_which_three_gives_the_whole_list_even_when_its_items_ask() -> None:
    checks = [
        ("paragraph", "Before you believe a price, take time for three checks:"),
        ("list_item", "Scale: does it stand at zero?"),
        ("list_item", "Unit: is it a kilogram or a tin?"),
        ("list_item", "Change: did you count it?"),
    ]
    answer = run(request("Which three checks should I make before I believe a price?", checks)).answer
    assert all(word in answer for word in ("Scale:", "Unit:", "Change:"))


def test_the_items_of_a_quiz_are_not_steps() -> None:
    quiz = [
        ("list_item", "A stranger sends you money by mistake. What do you do?"),
        ("list_item", "Who may know your money PIN?"),
    ]
    lesson = [("paragraph", "To send money, open the menu and choose a person.")]
    assert "stranger" not in run(request("How do I send money?", quiz, lesson)).answer


def test_the_steps_lead_though_a_sentence_elsewhere_matches_better() -> None:
    warning = [("paragraph", "To send a parcel to a town you do not know is to send a parcel into the dark.")]
    steps = [
        ("list_item", "Write the name of the town."),
        ("list_item", "Weigh the parcel."),
        ("list_item", "Pay at the desk."),
    ]
    asked = under_headings(request("How do I send a parcel to a town?", warning, steps), "Beware", "Send a parcel")
    answer = run(asked).answer
    assert answer.index("Write the name") < answer.index("Pay at the desk") < answer.index("into the dark")
