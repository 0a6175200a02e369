"""Measures ranking and refusal on public data, beside BM25, MiniLM alone and their rank fusion.

Prints one table; a part whose data is absent is named with the reason.
Run: python -m benchmarks.retrieval [--sample N] [--only NAME ...]
"""

import argparse
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import datasets
from benchmarks.memory_index import Embedder, MemoryIndex, best
from rag.retrieval import answerability, calibration
from rag.schemas import SparseVector

Ranker = Callable[[MemoryIndex, str], list[str]]
_FUSION_CONSTANT = 60  # reciprocal rank fusion, Cormack, Clarke and Buettcher 2009
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a measure in percent (or nDCG) for the three baselines and ours."""

    name: str
    bm25: float | None
    dense: float | None
    fusion: float | None
    ours: float | None
    note: str = ""


def measure(embedder: Embedder, *, sample: int | None = None, only: Sequence[str] = ()) -> list[Line]:
    """All lines of the table; `sample` limits the questions of each large set."""
    lines: list[Line] = []
    for name, part in PARTS.items():
        if only and name not in only:
            continue
        try:
            lines += part(embedder, sample)
        except datasets.DatasetMissing as missing:
            lines.append(Line(name, None, None, None, None, note=f"skipped: {missing}"))
    return lines


def table(lines: Sequence[Line]) -> str:
    """The lines as text."""
    shown = [f"{'measure':40} {'BM25':>8} {'MiniLM':>8} {'fusion':>8} {'ours':>8}"]
    for line in lines:
        cells = " ".join(_cell(value) for value in (line.bm25, line.dense, line.fusion, line.ours))
        shown.append(f"{line.name:40} {cells}  {line.note}".rstrip())
    return "\n".join(shown)


def _cell(value: float | None) -> str:
    if value is None:
        return f"{'-':>8}"
    return f"{value:8.3f}" if value < 1 else f"{value:8.1f}"


def by_bm25(index: MemoryIndex, question: str) -> list[str]:
    """Documents by BM25 alone, the question taken as asked."""
    scores = index.sparse_scores(_plain_query(index, question))
    return [index.dataset.documents[number] for number in best(scores, count=_LOOKED_AT, positive=True)]


def by_dense(index: MemoryIndex, question: str) -> list[str]:
    """Documents by the cosine of question and passage alone."""
    scores = index.dense @ index.embed(question).dense
    return [index.dataset.documents[number] for number in best(scores, count=_LOOKED_AT)]


def by_fusion(index: MemoryIndex, question: str) -> list[str]:
    """Documents by reciprocal rank fusion of the two."""
    total = np.zeros(len(index.candidates), np.float32)
    sparse = index.sparse_scores(_plain_query(index, question))
    for ranking in (
        best(sparse, count=_LOOKED_AT, positive=True),
        best(index.dense @ index.embed(question).dense, count=_LOOKED_AT),
    ):
        for rank, number in enumerate(ranking, start=1):
            total[number] += 1 / (_FUSION_CONSTANT + rank)
    return [index.dataset.documents[number] for number in best(total, count=_LOOKED_AT, positive=True)]


def by_ours(index: MemoryIndex, question: str) -> list[str]:
    """Documents as the service ranks them."""
    return index.documents(index.search(question)[1])


RANKERS: tuple[Ranker, ...] = (by_bm25, by_dense, by_fusion, by_ours)


def _plain_query(index: MemoryIndex, question: str) -> SparseVector:
    asked = index.analyse(question).readings[0]
    return SparseVector(asked.term_ids, asked.term_weights)


def recall(index: MemoryIndex, asked: Sequence[datasets.Question], ranker: Ranker, depth: int) -> float:
    """Percent of questions with a right document among the first `depth` passages."""
    found = [
        any(document in question.relevant for document in ranker(index, question.text)[:depth]) for question in asked
    ]
    return 100 * float(np.mean(found))


def ndcg(index: MemoryIndex, asked: Sequence[datasets.Question], ranker: Ranker) -> float:
    """nDCG@10 with gain 1 for each relevant document."""
    scores = []
    for question in asked:
        seen = list(dict.fromkeys(ranker(index, question.text)))[:10]
        gained = sum(1 / math.log2(place + 2) for place, document in enumerate(seen) if document in question.relevant)
        scores.append(gained / sum(1 / math.log2(place + 2) for place in range(min(10, len(question.relevant)))))
    return float(np.mean(scores))


def _ranking(
    dataset: datasets.Dataset, embedder: Embedder, sample: int | None, *, depths: Sequence[int], label: str
) -> list[Line]:
    index = MemoryIndex(dataset, embedder)
    asked = _sampled(dataset.questions, sample)
    return [
        Line(f"{label} R@{depth}", *(recall(index, asked, ranker, depth) for ranker in RANKERS)) for depth in depths
    ]


def _sampled(asked: Sequence[datasets.Question], sample: int | None) -> list[datasets.Question]:
    chosen = list(asked)
    random.Random(0).shuffle(chosen)
    return chosen[:sample]


def _course(embedder: Embedder, sample: int | None) -> list[Line]:
    index = MemoryIndex(datasets.iot_course(embedder.count_tokens, max_tokens=embedder.max_tokens), embedder)
    by_variant: dict[str, list[datasets.Question]] = {}
    for question in index.dataset.questions:
        by_variant.setdefault(question.variant, []).append(question)
    answerable = [question for variant, asked in by_variant.items() if variant != "oos" for question in asked]
    groups = {"all": answerable, **{name: by_variant[name] for name in ("plain", "paraphrase", "swahili")}}
    lines = [
        Line(f"IoT {name} R@5", *(recall(index, asked, ranker, 5) for ranker in RANKERS))
        for name, asked in groups.items()
    ]
    return lines + _refusal(index, by_variant)


def _refusal(index: MemoryIndex, by_variant: dict[str, list[datasets.Question]]) -> list[Line]:
    def probability(question: str) -> float:
        analysed, hits = index.search(question)
        return answerability.probability(analysed, hits, index.stats)

    threshold = calibration.calibrate(probability)

    def refused(question: str) -> bool:
        analysed, hits = index.search(question)
        below = answerability.probability(analysed, hits, index.stats) < threshold
        return below or bool(answerability.reasons(analysed))

    lines = []
    for variant, asked in by_variant.items():
        share = 100 * float(np.mean([refused(question.text) for question in asked]))
        name, value = ("refused", share) if variant == "oos" else ("answered", 100 - share)
        lines.append(Line(f"IoT {variant} {name}", None, None, None, value, note=f"threshold {threshold:.3f}"))
    return lines


def _cranfield(embedder: Embedder, sample: int | None) -> list[Line]:
    index = MemoryIndex(datasets.cranfield(), embedder)
    return [Line("Cranfield nDCG@10", *(ndcg(index, index.dataset.questions, ranker) for ranker in RANKERS))]


PARTS: dict[str, Callable[[Embedder, int | None], list[Line]]] = {
    "iot": _course,
    "squad": lambda embedder, sample: _ranking(datasets.squad(), embedder, sample, depths=(1, 5), label="SQuAD"),
    "cranfield": _cranfield,
    "afriqa": lambda embedder, sample: _ranking(datasets.afriqa(), embedder, sample, depths=(5,), label="AfriQA"),
    "xquad-ar": lambda embedder, sample: _ranking(
        datasets.xquad("ar"), embedder, sample, depths=(5,), label="XQuAD ar"
    ),
    "xquad-zh": lambda embedder, sample: _ranking(
        datasets.xquad("zh"), embedder, sample, depths=(5,), label="XQuAD zh"
    ),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=None, help="questions of each large set (all of them by default)")
    parser.add_argument("--only", nargs="*", default=(), choices=sorted(PARTS), help="parts to run")
    arguments = parser.parse_args()
    from rag import embeddings  # the model loads here, not when this module is imported

    print(table(measure(embeddings.load(), sample=arguments.sample, only=arguments.only)))


if __name__ == "__main__":
    main()
