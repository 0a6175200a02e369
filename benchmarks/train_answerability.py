"""Trains the decision "does this course answer?" and writes rag/retrieval/answerability.json.

Material: SQuAD questions with their paragraph kept (yes), removed, or with the
whole article removed (no); the same with words exchanged for near-synonyms;
AfriQA passages with human English questions and their Swahili originals. No
course's question set is read. Run: python -m benchmarks.train_answerability
"""

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import datasets
from benchmarks.memory_index import Embedder, MemoryIndex
from rag.retrieval import answerability, weights
from rag.retrieval.languages import lexicon
from rag.schemas import FloatArray

OUTPUT = Path(answerability.__file__).with_name("answerability.json")
SQUAD_QUESTIONS = 1500
PARAPHRASED = 900
TREES = 120
Row = tuple[FloatArray, bool, int]  # features, answered, group for cross-validation


def main() -> None:
    """Train, print the cross-validated area under the ROC curve, write the model."""
    from rag import embeddings  # the model loads here, not when this module is imported

    rows = collect(embeddings.load())
    print(f"{len(rows)} rows, {sum(row[1] for row in rows)} answered; AUROC by article {validate(rows):.3f}")
    OUTPUT.write_text(json.dumps(train(rows), separators=(",", ":")), "utf-8")
    print(f"wrote {OUTPUT.name}, {OUTPUT.stat().st_size} bytes")


def collect(embedder: Embedder) -> list[Row]:
    """Features of answered and unanswered questions."""
    index = MemoryIndex(datasets.squad(), embedder)
    articles = datasets.squad_articles()
    number_of = {title: number for number, title in enumerate(sorted(set(articles)))}
    chosen = list(index.dataset.questions)
    random.Random(0).shuffle(chosen)
    synonyms = _synonyms()
    rows: list[Row] = []
    for turn, question in enumerate(chosen[:SQUAD_QUESTIONS]):
        gold = int(next(iter(question.relevant)).removeprefix("p"))
        group = number_of[articles[gold]]
        wordings = [question.text]
        if turn < PARAPHRASED and (changed := _paraphrase(question.text, synonyms, seed=turn)) != question.text:
            wordings.append(changed)
        for wording in wordings:
            rows += _three_cases(index, wording, gold, articles, group)
    for english in (True, False):
        rows += _afriqa_rows(embedder, english=english, group=len(number_of))
    return rows


def _three_cases(index: MemoryIndex, wording: str, gold: int, articles: list[str], group: int) -> list[Row]:
    kept = _features(index, wording, lambda number: True)
    removed = _features(index, wording, lambda number: number != gold)
    elsewhere = _features(index, wording, lambda number: articles[number] != articles[gold])
    return [(kept, True, group), (removed, False, group), (elsewhere, False, group)]


def _afriqa_rows(embedder: Embedder, *, english: bool, group: int) -> list[Row]:
    index = MemoryIndex(datasets.afriqa(english=english), embedder)
    rows: list[Row] = []
    for question in index.dataset.questions:
        gold = index.dataset.documents.index(next(iter(question.relevant)))
        rows.append((_features(index, question.text, lambda number: True), True, group))
        rows.append((_features(index, question.text, lambda number, gold=gold: number != gold), False, group))
    return rows


def _features(index: MemoryIndex, wording: str, allowed: Any) -> FloatArray:
    analysed, hits = index.search(wording, allowed=allowed)
    return answerability.features(analysed, hits, index.stats)


def _synonyms() -> dict[str, list[str]]:
    """English words that stand side by side as meanings of one Swahili word."""
    found: dict[str, list[str]] = {}
    for meanings in lexicon.load(None).meanings.values():
        for word in meanings:
            others = [other for other in meanings if other != word]
            if others and " " not in word:
                found.setdefault(word.casefold(), []).extend(others)
    return found


def _paraphrase(text: str, synonyms: dict[str, list[str]], *, seed: int) -> str:
    chance = random.Random(seed)

    def other(match: re.Match[str]) -> str:
        choices = synonyms.get(match[0].casefold())
        return chance.choice(choices) if choices else match[0]

    return re.sub(r"[A-Za-z]+", other, text)


def without_shared_words(rows: list[Row]) -> list[Row]:
    """Copies of `rows` as if the asker had used other words: overlap shrunk at random.

    Answered and unanswered rows lose alike, so that where few words are
    shared the model learns to go by meaning.
    """
    chance = np.random.default_rng(0)
    place = {name: number for number, name in enumerate(answerability.FEATURES)}
    changed: list[Row] = []
    for values, answered, group in rows:
        copy, kept = values.copy(), chance.uniform(0, 0.6)
        copy[place["f_first"]] -= weights.BM25_MASS * (1 - kept) * values[place["bm25_first"]]
        for name in ("bm25_first", "bm25_most", "covered_first", "covered_three"):
            copy[place[name]] *= kept
        if chance.random() < 0.5:
            copy[place["unseen_share"]] = chance.uniform(0, 0.6)
        changed.append((copy, answered, group))
    return changed


def train(rows: list[Row]) -> dict[str, Any]:
    """The forest and the word-only weights as plain numbers."""
    # imported on first use: scikit-learn is needed for training only
    from sklearn.linear_model import LogisticRegression

    values, answered = np.stack([row[0] for row in rows]), np.array([row[1] for row in rows])
    both = rows + without_shared_words(rows)
    model = _forest().fit(np.stack([row[0] for row in both]), np.array([row[1] for row in both]))
    words = LogisticRegression(class_weight="balanced")
    words.fit(values[:, [answerability.FEATURES.index(name) for name in answerability.LEXICAL]], answered)
    return {
        "trained_by": "benchmarks/train_answerability.py",
        "features": answerability.FEATURES,
        **_plain_trees(model),
        "lexical": [round(float(one), 5) for one in [*words.coef_[0], words.intercept_[0]]],
    }


def validate(rows: list[Row]) -> float:
    """Area under the ROC curve over held-out articles, five folds."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict

    values, answered = np.stack([row[0] for row in rows]), np.array([row[1] for row in rows])
    groups = np.array([row[2] for row in rows])
    scores = cross_val_predict(_forest(), values, answered, groups=groups, cv=GroupKFold(5), method="predict_proba")
    return float(roc_auc_score(answered, scores[:, 1]))


def _forest() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=TREES,
        max_depth=4,
        learning_rate=0.06,
        min_samples_leaf=40,
        l2_regularization=1.0,
        class_weight="balanced",
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
