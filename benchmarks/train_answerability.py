"""Trains the decision "does this course answer?" and writes rag/retrieval/answerability.json.

Material: SQuAD questions with their paragraph kept (yes), removed, or with the
whole article removed (no); the same reworded with WordNet, so that the model
learns not to demand shared words; Swahili and human English AfriQA questions,
those of its train split as questions whose passage is absent. No course's
question set is read. Needs WordNet (Debian: wordnet-base) and scikit-learn.
Run: python -m benchmarks.train_answerability
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import datasets, wordnet
from benchmarks.memory_index import Embedder, MemoryIndex
from rag.retrieval import answerability
from rag.schemas import FloatArray

OUTPUT = Path(answerability.__file__).with_name("answerability.json")
SQUAD_QUESTIONS = 1000
REWORDED = 600
TREES = 100
# A paragraph's neighbours of the same article share its words: such a refusal is hard and counts less
REMOVED_WEIGHT = 0.3
ABSENT_WEIGHT = 0.5  # some AfriQA train questions may be answered after all
FEW_SHARED, FEW_SHARED_WEIGHT = 0.35, 4.0  # share of idf mass below which an answered question is rare and precious
FOUND = 5  # a "yes" whose passage ranks lower teaches the wrong thing


@dataclass(frozen=True, slots=True)
class Example:
    """One question asked of one collection; `group` keeps an article in one fold."""

    values: FloatArray
    answered: bool
    weight: float
    group: int


def main() -> None:
    """Train, print the cross-validated area under the ROC curve, write the model."""
    from rag import embeddings  # the model loads here, not when this module is imported

    embedder = embeddings.load(threads=1)
    examples = collect(embedder)
    answered = sum(example.answered for example in examples)
    print(f"{len(examples)} examples, {answered} answered; AUROC by article {validate(examples):.3f}")
    OUTPUT.write_text(json.dumps({"space": embedder.space, **train(examples)}, separators=(",", ":")), "utf-8")
    print(f"wrote {OUTPUT.name}, {OUTPUT.stat().st_size} bytes, for {embedder.space}")


def collect(embedder: Embedder) -> list[Example]:
    """Features of answered and unanswered questions."""
    articles = datasets.squad_articles()
    number_of = {title: number for number, title in enumerate(sorted(set(articles)))}
    index = MemoryIndex(datasets.squad(), embedder)
    chosen = list(index.dataset.questions)
    random.Random(0).shuffle(chosen)
    wordings = [(question, question.text) for question in chosen[:SQUAD_QUESTIONS]]
    wordings += [
        (question, wordnet.reworded(question.text, seed=seed)) for seed, question in enumerate(chosen[:REWORDED])
    ]
    index.encode_questions(wording for _, wording in wordings)
    examples: list[Example] = []
    for question, wording in wordings:
        gold = index.dataset.documents.index(next(iter(question.relevant)))
        examples += _three_cases(index, wording, gold, articles, number_of[articles[gold]])
    return examples + _afriqa_examples(embedder, group=len(number_of))


def _three_cases(index: MemoryIndex, wording: str, gold: int, articles: list[str], group: int) -> list[Example]:
    removed = _values(index, wording, lambda number: number != gold)
    elsewhere = _values(index, wording, lambda number: articles[number] != articles[gold])
    return [
        *_kept(index, wording, gold, group),
        Example(removed, False, REMOVED_WEIGHT, group),
        Example(elsewhere, False, 1.0, group),
    ]


def _kept(index: MemoryIndex, wording: str, gold: int, group: int) -> list[Example]:
    """The example with everything in place; none when the right passage is not among the first."""
    analysed, hits = index.search(wording)
    if gold not in [hit.candidate.chunk_id.int for hit in hits[:FOUND]]:
        return []
    values = answerability.features(analysed, hits, index.stats)
    rare = values[answerability.FEATURES.index("covered_first")] < FEW_SHARED
    return [Example(values, True, FEW_SHARED_WEIGHT if rare else 1.0, group)]


def _afriqa_examples(embedder: Embedder, *, group: int) -> list[Example]:
    index = MemoryIndex(datasets.afriqa(), embedder)
    absent = [wording for pair in datasets.afriqa_train_questions() for wording in pair]
    index.encode_questions([*(question.text for question in index.dataset.questions), *absent])
    examples: list[Example] = []
    for question in index.dataset.questions:
        gold = index.dataset.documents.index(next(iter(question.relevant)))
        examples += _kept(index, question.text, gold, group)
        without = _values(index, question.text, lambda number, gold=gold: number != gold)
        examples.append(Example(without, False, REMOVED_WEIGHT, group))
    for wording in absent:
        examples.append(Example(_values(index, wording, lambda number: True), False, ABSENT_WEIGHT, group))
    return examples


def _values(index: MemoryIndex, wording: str, allowed: Any) -> FloatArray:
    analysed, hits = index.search(wording, allowed=allowed)
    return answerability.features(analysed, hits, index.stats)


def train(examples: list[Example]) -> dict[str, Any]:
    """The forest and the word-only weights as plain numbers."""
    # imported on first use: scikit-learn is needed for training only
    from sklearn.linear_model import LogisticRegression

    values, answered, weights = _arrays(examples)
    model = _forest().fit(values, answered, sample_weight=weights)
    words = LogisticRegression()
    lexical = [answerability.FEATURES.index(name) for name in answerability.LEXICAL]
    words.fit(values[:, lexical], answered, sample_weight=weights)
    return {
        "trained_by": "benchmarks/train_answerability.py",
        "features": answerability.FEATURES,
        **_plain_trees(model),
        "lexical": [round(float(one), 5) for one in [*words.coef_[0], words.intercept_[0]]],
    }


def validate(examples: list[Example]) -> float:
    """Area under the ROC curve over held-out articles, five folds."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    values, answered, weights = _arrays(examples)
    groups = np.array([example.group for example in examples])
    scores = np.zeros(len(examples))
    for learnt, held_out in GroupKFold(5).split(values, answered, groups):
        model = _forest().fit(values[learnt], answered[learnt], sample_weight=weights[learnt])
        scores[held_out] = model.predict_proba(values[held_out])[:, 1]
    return float(roc_auc_score(answered, scores, sample_weight=weights))


def _arrays(examples: list[Example]) -> tuple[FloatArray, NDArray[np.bool_], NDArray[np.float64]]:
    """Features, answers, and weights with both answers weighing alike."""
    values = np.stack([example.values for example in examples])
    answered = np.array([example.answered for example in examples])
    weights = np.array([example.weight for example in examples])
    for side in (answered, ~answered):
        weights[side] *= len(examples) / 2 / weights[side].sum()
    return values, answered, weights


def _forest() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=TREES,
        max_depth=3,
        learning_rate=0.06,
        min_samples_leaf=60,
        l2_regularization=1.0,
        monotonic_cst=list(answerability.MONOTONE),
        early_stopping=False,
        random_state=0,
    )


def _plain_trees(model: Any) -> dict[str, Any]:
    """scikit-learn's trees as equal rows of numbers; a leaf points at itself."""
    trees = [stage[0].nodes for stage in model._predictors]
    most = max(len(nodes) for nodes in trees)
    plain: dict[str, list[list[float]]] = {name: [] for name in ("feature", "threshold", "left", "right", "value")}
    for nodes in trees:
        row: dict[str, list[float]] = {name: [0] * most for name in plain}
        for number, node in enumerate(nodes):
            leaf = bool(node["is_leaf"])
            row["feature"][number] = 0 if leaf else int(node["feature_idx"])
            row["threshold"][number] = 0 if leaf else round(float(node["num_threshold"]), 5)
            row["left"][number] = number if leaf else int(node["left"])
            row["right"][number] = number if leaf else int(node["right"])
            row["value"][number] = round(float(node["value"]), 5) if leaf else 0
        for name, values in row.items():
            plain[name].append(values)
    depth = max(int(nodes["depth"].max()) for nodes in trees)
    return {**plain, "depth": depth, "baseline": round(float(model._baseline_prediction.ravel()[0]), 5)}


if __name__ == "__main__":
    main()
