"""Answering or refusing: features, the learned decision, the name rule and calibration."""

import numpy as np
import pytest

from rag.retrieval import answerability, calibration, questions, scoring
from tests.rag.test_retrieval import PASSAGES, STATS, embed


def judged(question: str) -> float:
    analysed = questions.analyse(question, stats=STATS, embed=embed)
    return answerability.probability(analysed, scoring.score(analysed, PASSAGES, STATS), STATS)


def test_features_have_their_names_and_are_finite() -> None:
    analysed = questions.analyse("How does a plant use water?", stats=STATS, embed=embed)
    values = answerability.features(analysed, scoring.score(analysed, PASSAGES, STATS), STATS)
    assert values.shape == (len(answerability.FEATURES),) == (len(answerability.MONOTONE),)
    assert np.all(np.isfinite(values))


def test_a_taught_question_is_likelier_than_a_foreign_one() -> None:
    assert judged("What does a plant need, water?") > judged("Which knights besieged Antioch?")


def test_nothing_found_is_not_answerable() -> None:
    analysed = questions.analyse("water?", stats=STATS, embed=embed)
    assert answerability.probability(analysed, [], STATS) == 0.0


def test_a_name_the_course_never_uses_is_a_reason_to_refuse() -> None:
    def reasons(question: str) -> tuple[str, ...]:
        return answerability.reasons(questions.analyse(question, stats=STATS, embed=embed))

    assert reasons("How does Kubernetes use water?") == (answerability.UNSEEN_ENTITY,)
    assert reasons("How does the Plant use water?") == ()
    assert reasons("How does a plant use water?") == ()


def test_the_threshold_refuses_nearly_all_foreign_questions() -> None:
    asked = {f"s{subject}": [f"{subject} {number}" for number in range(10)] for subject in range(10)}
    values = {
        text: 0.1 + 0.002 * place for place, text in enumerate(text for group in asked.values() for text in group)
    }
    threshold = calibration.calibrate(values.__getitem__, questions=asked)
    assert np.mean([value < threshold for value in values.values()]) == pytest.approx(calibration.QUANTILE, abs=0.01)


def test_a_subject_the_course_teaches_does_not_raise_the_threshold() -> None:
    asked = {f"s{subject}": [f"{subject} {number}" for number in range(10)] for subject in range(10)}
    taught = {text: 0.9 if text.startswith("3 ") else 0.1 for group in asked.values() for text in group}
    assert calibration.calibrate(taught.__getitem__, questions=asked) < 0.5


def test_the_banks_hold_many_subjects_and_no_question_twice() -> None:
    for language, subjects, least in (("en", 25, 290), ("sw", 10, 100)):
        asked = [question for group in calibration.bank(language).values() for question in group]
        assert len(calibration.bank(language)) >= subjects
        assert len(asked) == len(set(asked)) >= least
