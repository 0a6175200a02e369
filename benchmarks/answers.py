"""Measures extractive answers and refusals on questions with known facts, through the service's own pieces.

SQuAD's visible half is the set that choices may be made on; the course
questions are only looked at. A part whose data is absent is named with the
reason. Run: python -m benchmarks.answers [--sample N] [--show]
"""

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks import datasets
from benchmarks.memory_index import Embedder, MemoryIndex
from rag.answering.extractive import ExtractiveAnswerer
from rag.answering.schemas import AnswerRequest, Finished
from rag.answering.words import word_count
from rag.retrieval import answerability, calibration
from rag.schemas import Retrieval

SAMPLE = 400  # SQuAD questions
MOST_WORDS = 90
KEPT_HITS = 20
FACT_GOALS = {"plain": "95", "paraphrase": "80", "swahili": "85"}
ANSWERED_GOALS = {"plain": "96", "paraphrase": "70", "swahili": "70"}
Row = tuple[str, str, str]  # measure, value, goal

_MARK = re.compile(r"\s*\[\d+\]")
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_SHORT_FACT = 4  # characters; such a fact must stand as a word of its own


@dataclass(frozen=True, slots=True)
class Judged:
    """One question, what was found, and the answer given when refusing is not allowed."""

    question: datasets.Question
    retrieval: Retrieval
    finished: Finished

    @property
    def holds_a_fact(self) -> bool:
        """Whether an accepted fact stands in the answer."""
        return contains_fact(self.finished.answer, self.question.facts)

    @property
    def refused(self) -> bool:
        """Whether the service would have refused."""
        return self.retrieval.answerable < self.retrieval.threshold

    @property
    def words(self) -> int:
        """Words of prose in the answer; citation marks and code are not counted."""
        return word_count(_MARK.sub("", _FENCE.sub("", self.finished.answer)))


def run(sample: int = SAMPLE) -> list[Row]:
    """All rows; `sample` limits the SQuAD questions."""
    from rag import embeddings  # the model loads here, not when this module is imported

    return measure(embeddings.load(), sample=sample)


def measure(embedder: Embedder, *, sample: int, show: bool = False) -> list[Row]:
    """All rows with `embedder`; `show` prints every answer."""
    rows: list[Row] = []
    try:
        for course in (datasets.iot_course, datasets.sample_course):
            dataset = course(embedder.count_tokens, max_tokens=embedder.max_tokens)
            judged = judge(MemoryIndex(dataset, embedder), dataset.questions, calibrated=True)
            rows += [*_fact_rows(dataset.name, judged), *_refusal_rows(dataset.name, judged)]
            if show:
                print_answers(judged)
        squad = datasets.squad()
        asked = random.Random(0).sample(squad.questions, min(sample, len(squad.questions)))
        judged = judge(MemoryIndex(squad, embedder), asked, calibrated=False)
        rows += _fact_rows("SQuAD", judged)
    except datasets.DatasetMissing as missing:
        rows.append(("answers", f"skipped: {missing}", ""))
    return rows


def judge(index: MemoryIndex, asked: Sequence[datasets.Question], *, calibrated: bool) -> list[Judged]:
    """Ask every question; `calibrated` first sets the refusal threshold as the service does for a course."""
    foreign = [text for texts in calibration.bank().values() for text in texts] if calibrated else []
    index.encode_questions([*(question.text for question in asked), *foreign])

    def probability(question: str) -> float:
        return retrieve(index, question, threshold=0.0).answerable

    threshold = calibration.calibrate(probability) if calibrated else 0.0
    judged = []
    for question in asked:
        found = retrieve(index, question.text, threshold=threshold)
        willing = replace(found, threshold=0.0)
        finished = list(ExtractiveAnswerer().answer(AnswerRequest(question.text, willing, language=found.language)))[-1]
        assert isinstance(finished, Finished)
        judged.append(Judged(question, found, finished))
    return judged


def retrieve(index: MemoryIndex, question: str, *, threshold: float) -> Retrieval:
    """What the service's search returns, from arrays instead of a database."""
    analysed, hits = index.search(question)
    reasons = answerability.reasons(analysed)
    return Retrieval(
        question=question,
        gloss=analysed.gloss,
        language=analysed.language,
        hits=tuple(hits[:KEPT_HITS]),
        vectors=analysed.vectors,
        answerable=0.0 if reasons else answerability.probability(analysed, hits, index.stats),
        threshold=threshold,
        reasons=reasons,
    )


def contains_fact(answer: str, facts: Sequence[str]) -> bool:
    """Whether one of `facts` stands in `answer`, whatever the case; a short one as a whole word."""
    text = " ".join(_MARK.sub("", answer).casefold().split())
    return any(
        re.search(rf"\b{re.escape(fact)}\b", text) is not None if len(fact) <= _SHORT_FACT else fact in text
        for fact in (" ".join(fact.casefold().split()) for fact in facts)
    )


def verbatim(judged: Sequence[Judged]) -> float:
    """Percent of citations whose quote stands, character for character, in the passage it names."""
    held = []
    for one in judged:
        texts = {hit.candidate.chunk_id: hit.candidate.text for hit in one.retrieval.hits}
        held += [cited.quote == texts[cited.chunk_id][cited.start : cited.end] for cited in one.finished.citations]
    return _percent(held)


def _fact_rows(name: str, judged: Sequence[Judged]) -> list[Row]:
    rows: list[Row] = []
    for variant, goal in FACT_GOALS.items():
        group = [one for one in judged if one.question.variant == variant and one.question.facts]
        if group:
            value = f"{_percent([one.holds_a_fact for one in group]):.1f} % of {len(group)}"
            rows.append((f"{name}: fact in the answer, {variant}", value, goal if name == "iot" else ""))
    rows.append((f"{name}: citations verbatim", f"{verbatim(judged):.1f} %", "100"))
    rows.append((f"{name}: longest answer, words", str(max(one.words for one in judged)), f"{MOST_WORDS}"))
    return rows


def _refusal_rows(name: str, judged: Sequence[Judged]) -> list[Row]:
    rows: list[Row] = []
    outside = [one.refused for one in judged if one.question.variant == "oos"]
    by_rule = sum(bool(one.retrieval.reasons) for one in judged if one.question.variant == "oos")
    note = f"{_percent(outside):.1f} % of {len(outside)} ({by_rule} by a rule)"
    rows.append((f"{name}: refused, out of scope", note, "80"))
    for variant, goal in ANSWERED_GOALS.items():
        answered = [not one.refused for one in judged if one.question.variant == variant]
        rows.append((f"{name}: answered, {variant}", f"{_percent(answered):.1f} % of {len(answered)}", goal))
    return rows


def print_answers(judged: Sequence[Judged]) -> None:
    """Every question with its answer, for reading by eye."""
    for one in judged:
        verdict = "REFUSED " if one.refused else ""
        verdict += "" if not one.question.facts else "fact" if one.holds_a_fact else "NO FACT"
        likely = f"{one.retrieval.answerable:.3f} of {one.retrieval.threshold:.3f}"
        print(f"## {one.question.variant} {verdict} {likely}: {one.question.text}\n{one.finished.answer}\n")


def _percent(values: Sequence[bool]) -> float:
    return 100 * float(np.mean(values)) if values else float("nan")


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="SQuAD questions")
    parser.add_argument("--show", action="store_true", help="print the course answers too")
    arguments = parser.parse_args()
    from rag import embeddings  # the model loads here, not when this module is imported

    for measured, value, goal in measure(embeddings.load(), sample=arguments.sample, show=arguments.show):
        print(f"{measured:45} {value:32} {goal}")


if __name__ == "__main__":
    main()
