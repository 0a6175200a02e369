"""Answers that quote nothing: refusals with what lies near, and small talk."""

from dataclasses import replace

import pytest

from rag.answering.small_talk import small_talk
from tests.rag.answering_material import CODE, POTS, PRICES, STEPS, request, run


@pytest.mark.parametrize(
    ("language", "opening"), [("en", "I could not find"), ("sw-KE", "Samahani"), ("fr", "I could")]
)
def test_a_refusal_cites_nothing_and_offers_the_nearest_lessons(language: str, opening: str) -> None:
    finished = run(request("Who won the cup?", POTS, STEPS, CODE, PRICES, language=language, answerable=0.2))
    assert finished.status == "refused" and finished.citations == ()
    assert finished.answer.startswith(opening)
    assert [str(one.anchor) for one in finished.suggestions] == ["part-1", "part-2", "part-3"]
    assert finished.notes[0].code == "not_answerable"


def test_without_any_hit_the_refusal_suggests_nothing() -> None:
    finished = run(request("What is a zeer?"))
    assert finished.status == "refused" and finished.suggestions == () and "nearest lessons" not in finished.answer


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Hello!", "greeting"),
        ("Habari yako?", "greeting"),
        ("good morning teacher", "greeting"),
        ("Asante sana", "thanks"),
        ("thanks a lot!", "thanks"),
        ("Who are you?", "about"),
        ("Wewe ni nani?", "about"),
        ("tell me a joke", "off_topic"),
        ("hello, what is a relay?", None),
        ("What is thanks in Swahili?", None),
        ("Je, habari ni nini?", None),
    ],
)
def test_small_talk_is_told_from_questions(message: str, kind: str | None) -> None:
    assert small_talk(message) == kind


def test_small_talk_is_answered_without_citations() -> None:
    finished = run(request("Habari!", POTS, language="sw"))
    assert finished.answer.startswith("Habari!") and finished.citations == ()
    assert finished.notes[0].code == "small_talk"


def test_a_refusal_offers_lessons_in_the_askers_language_first() -> None:
    asked = request("Nani alishinda kombe?", POTS, STEPS, CODE, language="sw", answerable=0.2)
    *first, last = asked.retrieval.hits
    swahili = replace(last, candidate=replace(last.candidate, language="sw-KE"))
    asked = replace(asked, retrieval=replace(asked.retrieval, hits=(*first, swahili)))
    assert [str(one.anchor) for one in run(asked).suggestions] == ["part-3", "part-1", "part-2"]
