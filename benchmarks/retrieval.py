"""Measures ranking on public data, beside BM25, MiniLM alone and their rank fusion.

Prints one table; a part whose data is absent is named with the reason.
Run: python -m benchmarks.retrieval [--sample N] [--only NAME ...]
"""

import argparse
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import datasets
from benchmarks.memory_index import Embedder, MemoryIndex, best
from rag.schemas import SparseVector

Row = tuple[str, str, str]  # measure, value, goal
GOALS = {
    "IoT all R@5": "95",
    "IoT plain R@5": "100",
    "IoT paraphrase R@5": "80",
    "IoT swahili R@5": "90",
    "SQuAD R@1": "85",
    "SQuAD R@5": "97",
    "Cranfield nDCG@10": ".45",
    "AfriQA R@5": "90",
    "XQuAD ar R@5": "92",
    "XQuAD zh R@5": "95",
}

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
    goal: str = ""
    note: str = ""


def run(sample: int | None = None) -> list[Row]:
    """Our value of each measure with the baselines beside it; `sample` limits the questions of each large set."""
    from rag import embeddings  # the model loads here, not when this module is imported

    rows: list[Row] = []
    for line in measure(embeddings.load(), sample=sample):
        beside = " / ".join(_cell(value).strip() for value in (line.bm25, line.dense, line.fusion))
        value = f"{_cell(line.ours).strip()} (BM25 / MiniLM / fusion: {beside})" if line.ours is not None else line.note
        rows.append((line.name, value, line.goal))
    return rows


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
    shown = [f"{'measure':24} {'BM25':>8} {'MiniLM':>8} {'fusion':>8} {'ours':>8} {'goal':>6}"]
    for line in lines:
        cells = " ".join(_cell(value) for value in (line.bm25, line.dense, line.fusion, line.ours))
        shown.append(f"{line.name:24} {cells} {line.goal:>6}  {line.note}".rstrip())
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


def recall(rankings: Sequence[Sequence[str]], asked: Sequence[datasets.Question], depth: int) -> float:
    """Percent of questions with a right document among the first `depth` passages of their ranking."""
    found = [
        any(document in question.relevant for document in ranking[:depth])
        for question, ranking in zip(asked, rankings, strict=True)
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


def _line(name: str, values: Iterable[float]) -> Line:
    bm25, dense, fusion, ours = values
    return Line(name, bm25, dense, fusion, ours, goal=GOALS.get(name, ""))


def _ranking(
    dataset: datasets.Dataset, embedder: Embedder, sample: int | None, *, depths: Sequence[int], label: str
) -> list[Line]:
    index = MemoryIndex(dataset, embedder)
    asked = _sampled(dataset.questions, sample)
    index.encode_questions(question.text for question in asked)
    return _recalls(index, asked, {f"{label} R@{depth}": depth for depth in depths})


def _recalls(index: MemoryIndex, asked: Sequence[datasets.Question], depth_of: dict[str, int]) -> list[Line]:
    """A line for each name of `depth_of`; every ranker ranks once."""
    rankings = [[ranker(index, question.text) for question in asked] for ranker in RANKERS]
    return [_line(name, [recall(ranking, asked, depth) for ranking in rankings]) for name, depth in depth_of.items()]


def _sampled(asked: Sequence[datasets.Question], sample: int | None) -> list[datasets.Question]:
    chosen = list(asked)
    random.Random(0).shuffle(chosen)
    return chosen[:sample]


def _course(embedder: Embedder, sample: int | None) -> list[Line]:
    dataset = datasets.iot_course(embedder.count_tokens, max_tokens=embedder.max_tokens)
    index = MemoryIndex(dataset, embedder)
    index.encode_questions(question.text for question in dataset.questions)
    answerable = [question for question in dataset.questions if question.variant != "oos"]
    groups = {"all": answerable}
    for question in answerable:
        groups.setdefault(question.variant, []).append(question)
    return [line for name, asked in groups.items() for line in _recalls(index, asked, {f"IoT {name} R@5": 5})]


def _cranfield(embedder: Embedder, sample: int | None) -> list[Line]:
    index = MemoryIndex(datasets.cranfield(), embedder)
    index.encode_questions(question.text for question in index.dataset.questions)
    return [_line("Cranfield nDCG@10", (ndcg(index, index.dataset.questions, ranker) for ranker in RANKERS))]


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
