"""Languages: detection, terms, term ids, BM25 weights and the Swahili rendering."""

import time
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.languages import course_words, detect, sparse_document, swahili, term_id, terms
from rag.retrieval.languages.lexicon import load
from rag.schemas import CourseStats


def course(text: str) -> CourseStats:
    return CourseStats(
        chunks=10,
        term_df={term_id(term): 1 for term in terms(text, "en")},
        piece_df={},
        words=frozenset(course_words(text)),
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the boiling point of water?", "en"),
        ("photosynthesis", "en"),
        ("Je, mimea hutumiaje mwanga wa jua?", "sw"),
        ("Wanafunzi wanasoma kitabu cha historia", "sw"),
        ("¿Cuál es la capital de Francia y dónde está ya la torre?", "es"),
        ("Quelle est la capitale de la France ?", "fr"),
        ("ما هي عاصمة مصر؟", "ar"),
        ("水的沸点是多少？", "zh"),
        ("水はなぜ凍るのですか", "ja"),
        ("Какая столица России?", "ru"),
        ("", "en"),
    ],
)
def test_language_is_told(text: str, language: str) -> None:
    assert detect(text) == language


def test_question_words_are_no_terms_and_forms_meet() -> None:
    assert terms("What are the measured temperatures?", "en") == terms("measuring temperature", "en")


def test_arabic_article_and_chinese_bigrams() -> None:
    assert terms("المدرسة", "ar") == terms("مدرسة", "ar")
    assert terms("光合作用", "zh") == ["光合", "合作", "作用"]
    assert terms("C++ and C# code", "en")[:2] == ["c++", "c#"]


def test_term_ids_never_change() -> None:
    assert term_id("water") == zlib.crc32(b"water")
    assert 0 <= term_id("maji") < 2**32


@given(st.text(max_size=400), st.sampled_from(["en", "sw", "ar", "zh", "fr", "xx"]))
def test_any_text_gives_sorted_unique_positive_weights(text: str, language: str) -> None:
    vector = sparse_document(text, language, "Title > Part")
    assert np.all(np.diff(vector.ids.astype(np.int64)) > 0)
    assert np.all(vector.weights > 0)


def test_weight_grows_with_frequency_and_shrinks_with_length() -> None:
    def weight(text: str) -> float:
        vector = sparse_document(text, "en")
        return float(vector.weights[vector.ids.tolist().index(term_id("water"))])

    assert weight("water") < weight("water water water") < 3 * weight("water")
    assert weight("water " + "soil " * 200) < weight("water soil")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Je, wakulima hupanda mbegu lini?", {"farmer", "plant", "seed"}),
        ("Kipimajoto hupima nini?", {"thermomet", "measur"}),
        ("Walimu wanafundishaje wanafunzi?", {"teacher", "teach", "student"}),
        ("Mji mkuu wa Ufaransa ni upi?", {"capit", "franc"}),
        ("Nenosiri linabadilishwaje?", {"password", "chang"}),
    ],
)
def test_swahili_is_read_through_its_affixes(question: str, expected: set[str]) -> None:
    gloss = swahili.translate(question, stats=course("anything"), lexicon=load(None))
    assert expected <= {stem for word in gloss.words for stem in word}


def test_loanwords_meet_the_words_of_the_course_and_names_stay() -> None:
    stats = course("The transistor was used with an algorithm in Nakuru")
    gloss = swahili.translate("Transista ya Nakuru ilitumikaje?", stats=stats, lexicon=load(None))
    assert "transistor" in gloss.text
    assert "Nakuru" in gloss.text


def test_a_missing_freedict_changes_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert load(tmp_path / "absent.index").meanings == load(None).meanings


def test_long_gibberish_takes_bounded_time() -> None:
    started = time.process_time()
    swahili.translate("walipokutanishwapo" * 5 + " hawakuzitengenezea " * 20, stats=course("x"), lexicon=load(None))
    assert time.process_time() - started < 30


def test_a_negative_relative_is_read_with_its_adjective() -> None:
    gloss = swahili.translate("Nikituma pesa kwa namba isiyo sahihi?", stats=course("a wrong number"))
    assert "wrong" in gloss.text and "easy" not in gloss.text
