"""What a regrade makes of one attempt: pure, so that the preview and the job cannot differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from lms_core.learning.assessments import behaving
from lms_core.learning.assessments.correcting import Corrected, Correction, How, Unfit, corrected, rekeyed
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas.conduct import Terms


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it was given, with its mark (None: waits for a person); `tries` as `AttemptAnswer` keeps them."""

    choices: Sequence[str]
    text: str
    parts: Mapping[str, str]
    points: float | None
    by_hand: bool
    certainty: int | None = None
    tries: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """An attempt before the regrade: what it was asked, its answers to the questions concerned, earlier corrections.

    `paper_points`: of the whole paper. `earned` sums the marks that count, `score` is it as the terms sum it; None: not
    handed in.
    """

    asked: Mapping[UUID, PaperQuestion]
    answers: Mapping[UUID, Answered]
    earlier: Mapping[UUID, Correction]
    seed: int
    score: float | None
    paper_points: float
    earned: float = 0.0
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Remark:
    """A question's mark before and after, as it counts (None: waits, or does not count); `kept` is what is stored."""

    question_id: UUID
    before: float | None
    after: float | None
    kept: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt after the regrade. `remarks`: of every question whose mark differs, or counts otherwise."""

    remarks: tuple[Remark, ...]
    score: float
    points: float
    percent: float
    excluded_points: float
    kept_by_hand: int
    unfit: Mapping[UUID, Unfit] = field(default_factory=dict)


def worked_out(standing: Standing, corrections: Mapping[UUID, Correction], *, by_hand_too: bool) -> Outcome:
    """The attempt when these corrections are made, after the earlier ones. Doing it twice changes nothing more.

    Marks given by hand are kept unless `by_hand_too`; that a question is out of the total holds for them too.
    """
    before = corrected(standing.asked, standing.earlier)
    after = corrected(standing.asked, {**standing.earlier, **corrections})
    remarks: list[Remark] = []
    unfit: dict[UUID, Unfit] = {}
    earned, by_hand = standing.earned, 0
    for question_id, correction in corrections.items():
        if question_id not in standing.asked:
            continue
        if correction.how == How.KEY:
            mended = rekeyed(standing.asked[question_id], correction.question)
            if isinstance(mended, str):
                unfit[question_id] = mended
        answer = standing.answers.get(question_id)
        had = answer.points if answer is not None else 0.0
        kept = answer is not None and answer.by_hand and not by_hand_too and question_id not in after.excluded
        by_hand += kept
        now = had if kept else _points(standing, answer, after, question_id)
        was_counted, counts = question_id not in before.excluded, question_id not in after.excluded
        if now != had or was_counted != counts:
            told = had if was_counted else None, now if counts else None
            remarks.append(Remark(question_id, *told, kept=now))
            earned += (now or 0.0) * counts - (had or 0.0) * was_counted
    score = round(behaving.total(earned, standing.terms), 2)
    points = round(standing.paper_points - after.excluded_points, 2)
    return Outcome(
        remarks=tuple(remarks),
        score=score,
        points=points,
        percent=round(100 * score / points, 2) if points > 0 else 0.0,
        excluded_points=after.excluded_points,
        kept_by_hand=by_hand,
        unfit=unfit,
    )


def _points(standing: Standing, answer: Answered | None, after: Corrected, question_id: UUID) -> float | None:
    """The points of an answer now; None: a person has to judge it."""
    question = after.questions[question_id]
    if question_id in after.full:
        return question.points
    if answer is None:
        return 0.0
    if question_id in after.excluded:
        return answer.points or 0.0
    judged = replace(answer, tries=_judged_again(question, answer.tries, seed=standing.seed))
    earned = behaving.points_for(question, judged, terms=standing.terms, seed=standing.seed)
    return answer.points if earned is None else earned


def _judged_again(
    question: PaperQuestion, tries: Sequence[Mapping[str, Any]], *, seed: int
) -> tuple[Mapping[str, Any], ...]:
    """The tries by the present key, up to the first that is right."""
    judged: list[Mapping[str, Any]] = []
    for each in tries:
        share = behaving.share_of(question, behaving.said_at(each), seed=seed)
        judged.append({**each, "share": each["share"] if share is None else share})
        if judged[-1]["share"] >= 1:
            break
    return tuple(judged)
