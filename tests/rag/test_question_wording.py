"""What the wording of a question says: the kind of answer wanted, and what a follow-up leaves out."""

import pytest

from rag.answering.followup import standalone_question
from rag.answering.question_kind import question_kind
from rag.answering.schemas import Turn


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is a relay?", "definition"),
        ("Relay ni nini?", "definition"),
        ("How do I connect a relay?", "how_to"),
        ("Jinsi ya kuunganisha relay", "how_to"),
        ("Which command lists files?", "code"),
        ("How many pots?", "number"),
        ("Ni sufuria ngapi?", "number"),
        ("When was it built?", "date"),
        ("Ilijengwa lini?", "date"),
        ("Why does it cool?", "reason"),
        ("What is the difference between A and B?", "comparison"),
        ("Who made it?", "fact"),
    ],
)
def test_the_wording_tells_the_kind_of_question(question: str, kind: str) -> None:
    assert question_kind(question) == kind


def test_a_swahili_question_what_to_do_wants_steps() -> None:
    assert question_kind("Nifanye nini nikituma pesa kwa namba isiyo sahihi?") == "how_to"
    assert question_kind("What should I do when the pot leaks?") == "how_to"


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        (["What is a relay?"], "How does it work?", "How does a relay work?"),
        (["Relay ni nini?"], "Na mfano?", "Na mfano? (relay)"),
        (["How do I install the Arduino IDE?"], "Why?", "Why? (install arduino ide)"),
        (["What is a relay?", "How does it work?"], "What does it cost?", "What does a relay cost?"),
        (["What is a relay?", "Thanks!"], "What about sensors?", "What about sensors? (relay)"),
        (["What is a relay?"], "What is a capacitor?", "What is a capacitor?"),
        (["What is a relay?"], "Asante", "Asante"),
        ([], "How does it work?", "How does it work?"),
    ],
)
def test_follow_ups_are_made_to_stand_alone(earlier: list[str], question: str, expected: str) -> None:
    assert standalone_question(question, tuple(Turn(one, "") for one in earlier)).text == expected
