"""Setting a course's refusal threshold from questions it surely does not answer."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

# Share of the foreign questions that the threshold refuses. At .95 the few that match a passage by chance set it so
# high that reworded SQuAD questions were answered half as often (53 against 76 of 100), for 9 more foreign refused.
QUANTILE = 0.9
LOWEST, HIGHEST = 0.05, 0.9
_BANKS = {"en": "foreign_questions.tsv", "sw": "foreign_questions_sw.tsv"}
_OWN_SUBJECT = 0.25  # how far above the other subjects' typical median a subject counts as taught


@lru_cache(maxsize=2)
def bank(language: str = "en") -> Mapping[str, tuple[str, ...]]:
    """Foreign questions in `language` ("en" or "sw") by school subject."""
    by_subject: dict[str, list[str]] = {}
    for line in Path(__file__).with_name(_BANKS[language]).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            subject, question = line.split("\t")
            by_subject.setdefault(subject, []).append(question)
    return {subject: tuple(questions) for subject, questions in by_subject.items()}


def calibrate(probability: Callable[[str], float], *, questions: Mapping[str, Sequence[str]] | None = None) -> float:
    """The threshold below which this course's assistant refuses.

    `probability` retrieves for one question in the course and returns
    `answerability.probability`. A subject whose questions do markedly better
    than the other subjects is what the course teaches: it is left out.
    """
    found = {
        subject: np.array([probability(question) for question in asked])
        for subject, asked in (questions or bank()).items()
    }
    medians = {subject: float(np.median(values)) for subject, values in found.items()}
    typical = float(np.median(list(medians.values())))
    foreign = [values for subject, values in found.items() if medians[subject] <= typical + _OWN_SUBJECT]
    return float(np.clip(np.quantile(np.concatenate(foreign), QUANTILE), LOWEST, HIGHEST))
