"""Ranking: scores on small hand-made candidates whose right order is known."""

from uuid import UUID

import numpy as np
import pytest

from rag.retrieval import questions, scoring
from rag.retrieval.languages import course_words, sparse_document, term_id, terms
from rag.schemas import Candidate, ChunkVectors, CourseStats, QuestionVectors, Sentence

AXES = ("water", "plant", "money", "bank", "sun")
DIM = len(AXES) + 1


def embedded(text: str) -> np.ndarray:
    """A tiny honest embedding: one axis a known word, the last for everything else."""
    vector = np.full(DIM, 0.01, np.float32)
    for word in text.lower().replace("?", "").replace(".", "").split():
        vector[AXES.index(word) if word in AXES else DIM - 1] += 1 if word in AXES else 0.1
    return vector / np.linalg.norm(vector)


def embed(text: str) -> QuestionVectors:
    words = text.split()
    return QuestionVectors(
        embedded(text), np.stack([embedded(word) for word in words]), np.arange(len(words), dtype=np.int32)
    )


def candidate(number: int, text: str, language: str = "en") -> Candidate:
    ends = [place + 1 for place, letter in enumerate(text) if letter == "."] or [len(text)]
    spans = [Sentence(start, end, "paragraph") for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    quantised = [np.rint(embedded(text[one.start : one.end]) * 127).astype(np.int8) for one in spans]
    tokens = [np.rint(embedded(word) * 127).astype(np.int8) for word in text.split()]
    vectors = ChunkVectors(
        embedded(text),
        np.array(quantised, np.int8).reshape(-1, DIM),
        np.array(tokens, np.int8).reshape(-1, DIM),
        np.arange(len(tokens), dtype=np.int32),
    )
    terms_of = sparse_document(text, language)
    return Candidate(UUID(int=number), UUID(int=0), language, text, tuple(spans), vectors, terms_of)


def stats_of(candidates: list[Candidate]) -> CourseStats:
    frequency: dict[int, int] = {}
    for one in candidates:
        for key in one.terms.ids.tolist():
            frequency[key] = frequency.get(key, 0) + 1
    words = frozenset().union(*(course_words(one.text) for one in candidates)) if candidates else frozenset()
    return CourseStats(len(candidates), frequency, {}, words)


PASSAGES = [
    candidate(1, "The bank keeps money. It lends money to people."),
    candidate(2, "A plant needs water. The sun gives it light."),
    candidate(3, "Rocks are old. They break slowly."),
]
STATS = stats_of(PASSAGES)


def ranked(question: str, passages: list[Candidate] = PASSAGES, stats: CourseStats = STATS) -> list[int]:
    analysed = questions.analyse(question, stats=stats, embed=embed)
    return [hit.candidate.chunk_id.int for hit in scoring.score(analysed, passages, stats)]


def test_the_answering_passage_comes_first_and_all_are_returned() -> None:
    assert ranked("How does a plant use water?")[0] == 2
    assert ranked("Who keeps money?")[0] == 1
    assert sorted(ranked("Who keeps money?")) == [1, 2, 3]


def test_a_swahili_question_finds_the_english_lesson() -> None:
    assert ranked("Je, mmea unahitaji maji?")[0] == 2


def test_a_swahili_question_finds_a_swahili_lesson_by_its_own_words() -> None:
    passages = [*PASSAGES, candidate(4, "Kipepeo hutaga mayai. Kipepeo huruka.", "sw")]
    assert ranked("Kipepeo hutaga nini?", passages, stats_of(passages))[0] == 4


def test_the_order_of_candidates_does_not_matter() -> None:
    assert ranked("How does a plant use water?", PASSAGES[::-1]) == ranked("How does a plant use water?")


def test_another_script_is_ranked_by_words_alone() -> None:
    passages = [candidate(5, "النبات يحتاج الماء.", "ar"), candidate(6, "المصرف يحفظ المال.", "ar")]
    analysed = questions.analyse("ماذا يحفظ المصرف؟", stats=stats_of(passages), embed=embed)
    hits = scoring.score(analysed, passages, stats_of(passages))
    assert hits[0].candidate.chunk_id.int == 6
    assert hits[0].parts["Bn"] > hits[1].parts["Bn"]


def test_the_answering_sentence_scores_best() -> None:
    analysed = questions.analyse("What gives the plant sun light?", stats=STATS, embed=embed)
    hit = scoring.score(analysed, PASSAGES, STATS)[0]
    assert hit.sentence_scores.shape == (len(hit.candidate.sentences),)
    assert "sun" in hit.candidate.text[hit.candidate.sentences[int(np.argmax(hit.sentence_scores))].start :]


def test_no_candidates_no_hits_and_empty_passages_do_no_harm() -> None:
    analysed = questions.analyse("water?", stats=STATS, embed=embed)
    assert scoring.score(analysed, [], STATS) == []
    none = np.zeros((0, DIM), np.int8)
    vectors = ChunkVectors(embedded(""), none, none, np.zeros(0, np.int32))
    hollow = Candidate(UUID(int=9), UUID(int=0), "en", "", (), vectors, sparse_document("", "en"))
    hits = scoring.score(analysed, [hollow, *PASSAGES], STATS)
    assert len(hits) == 4
    assert all(np.isfinite(hit.score) for hit in hits)


def test_bm25_mass_shrinks_when_words_are_not_shared() -> None:
    def best_mass(question: str) -> float:
        analysed = questions.analyse(question, stats=STATS, embed=embed)
        return max(hit.parts["Bn"] for hit in scoring.score(analysed, PASSAGES, STATS))

    assert best_mass("bank money") > best_mass("bank money zebra quantum") > 0


def test_sparse_query_weighs_rare_words_more() -> None:
    analysed = questions.analyse("zebra water", stats=STATS, embed=embed)
    weights = dict(zip(analysed.sparse.ids.tolist(), analysed.sparse.weights.tolist(), strict=True))
    assert weights[term_id(terms("zebra", "en")[0])] > weights[term_id("water")]


@pytest.mark.parametrize("question", ["", "???", "   ", "x" * 20_000, "\u202e\x00 ۞ 🌱"])
def test_strange_questions_are_ranked_without_error(question: str) -> None:
    def safe(text: str) -> QuestionVectors:
        return embed(text or "nothing")

    analysed = questions.analyse(question, stats=STATS, embed=safe)
    assert len(scoring.score(analysed, PASSAGES, STATS)) == 3


def test_a_wording_the_model_cannot_read_ranks_only_lessons_in_its_language() -> None:
    analysed = questions.analyse("Je, mmea unahitaji maji?", stats=STATS, embed=embed)
    english = questions.analyse(analysed.gloss, stats=STATS, embed=embed, language="en")
    found = {hit.candidate.chunk_id: hit.parts["V"] for hit in scoring.score(analysed, PASSAGES, STATS)}
    expected = {hit.candidate.chunk_id: hit.parts["V"] for hit in scoring.score(english, PASSAGES, STATS)}
    assert found == pytest.approx(expected, abs=1e-6)
