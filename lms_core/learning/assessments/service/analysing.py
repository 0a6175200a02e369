"""The statistics of a quiz for who marks it: worked out on demand, kept while no mark changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from math import inf
from re import sub
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.kit.recent import Recent
from lms_core.kit.spreadsheets import csv_lines
from lms_core.learning.assessments import breakdown, layouts, queries, showing, statistics
from lms_core.learning.assessments.breakdown import Reply
from lms_core.learning.assessments.correcting import Corrected, corrected
from lms_core.learning.assessments.guessing import guess_score
from lms_core.learning.assessments.models import Attempt, AttemptStatus, Quiz
from lms_core.learning.assessments.schemas import CHOICE_TYPES
from lms_core.learning.assessments.schemas.analysis import Bin, Counted, ItemStatistics, QuizStatistics
from lms_core.learning.assessments.service import sittings
from lms_core.learning.assessments.service.access import staffed
from lms_core.learning.assessments.statistics import BINS, Item, Marked
from lms_core.learning.release import service as release

LEAST_SECONDS = 0.5  # saves closer together came from one press of a button
COLUMNS = (
    "number",
    "question",
    "type",
    "points",
    "attempts",
    "facility_percent",
    "sd_percent",
    "guess_percent",
    "intended_weight_percent",
    "effective_weight_percent",
    "discrimination_percent",
    "efficiency_percent",
    "upper_lower_percent",
    "seconds",
    "flags",
    "bank",
)
_KEPT: Recent[QuizStatistics] = Recent(capacity=200)


@dataclass(frozen=True, slots=True)
class _Sat:
    """An attempt with what it was asked, as it counts now, and its answers."""

    row: Row[Any]
    asked: Corrected
    answers: Mapping[UUID, Row[Any]]
    marked: Marked


def statistics_of(
    ctx: ReadCtx, quiz_id: UUID, *, counted: Counted = Counted.FIRST, cohort_id: UUID | None = None
) -> QuizStatistics:
    """Figures over wholly marked attempts that count: one of each learner's, or all. For who marks.

    QuizNotFound, Forbidden; CohortNotFound for one that is not the course's. Four statements and those of the access,
    two more for a cohort, three for sections, and one for each paper that is not remembered; one while nothing changed.
    """
    quiz, _ = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    people = None if cohort_id is None else release.people_of(ctx, quiz.course_id, cohort_id=cohort_id)
    key = (quiz.id, quiz.revision, counted, people, *_state(ctx, quiz.id))
    known = _KEPT.get(key)
    if known is None:
        known = _worked_out(ctx, quiz, counted, cohort_id, people)
        _KEPT.keep(key, known)
    return known


def statistics_csv(found: QuizStatistics) -> Iterator[str]:
    """The items of a quiz as the lines of a CSV that is safe to open in a spreadsheet."""
    return csv_lines(COLUMNS, (_line(item) for item in found.items))


def _state(ctx: ReadCtx, quiz_id: UUID) -> tuple[Any, ...]:
    """What is different once an attempt of the quiz is marked, marked anew, voided or restored. One statement."""
    wanted = select(
        func.count(), func.max(Attempt.graded_at), func.sum(Attempt.score), func.sum(Attempt.excluded_points)
    ).where(Attempt.quiz_id == quiz_id, Attempt.status == AttemptStatus.GRADED, Attempt.voided_at.is_(None))
    return tuple(ctx.session.execute(wanted).one())


def _worked_out(
    ctx: ReadCtx, quiz: Quiz, counted: Counted, cohort_id: UUID | None, people: frozenset[UUID] | None
) -> QuizStatistics:
    sat = _sat(ctx, quiz.id, counted, people)
    marked = [each.marked for each in sat]
    upper, lower = statistics.thirds(marked)
    whole = statistics.summary(marked)
    sides = frozenset(each.id for each in upper), frozenset(each.id for each in lower)
    return QuizStatistics(
        quiz_id=quiz.id,
        attempts=counted,
        cohort_id=cohort_id,
        n=whole.n,
        third=len(upper),
        mean=_rounded(whole.mean),
        median=_rounded(whole.median),
        sd=_rounded(whole.sd),
        skewness=_rounded(whole.skewness),
        kurtosis=_rounded(whole.kurtosis),
        alpha=_percent(whole.alpha),
        alpha_items=whole.alpha_items,
        error_ratio=_percent(whole.error_ratio),
        standard_error=_rounded(whole.standard_error),
        seconds=_median([_seconds(each.row.begun_at, each.row.submitted_at) for each in sat]),
        histogram=tuple(
            Bin(low=100 * at // BINS, high=100 * (at + 1) // BINS, count=count)
            for at, count in enumerate(statistics.histogram(marked))
        ),
        items=tuple(_items(ctx, quiz, sat, statistics.items(marked), sides)),
    )


def _sat(ctx: ReadCtx, quiz_id: UUID, counted: Counted, people: frozenset[UUID] | None) -> list[_Sat]:
    rows = [
        row
        for row in ctx.session.execute(sittings.attempts_of(quiz_id))
        if row.status == AttemptStatus.GRADED and row.voided_at is None and (people is None or row.user_id in people)
    ]
    chosen = [row for attempts in sittings.by_learner(rows).values() for row in _chosen(attempts, counted)]
    answers = sittings.replies_of(ctx, quiz_id) if chosen else {}
    regraded = any(row.regraded_at is not None for row in chosen)
    corrections = sittings.corrections_of(ctx, quiz_id=quiz_id) if regraded else {}
    found = []
    for row in chosen:
        given = {answer.question_id: answer for answer in answers.get(row.id, ())}
        asked = corrected(queries.questions_of(ctx, row), corrections.get(row.id, {}))
        found.append(_Sat(row, asked, given, _marked(row, asked, given)))
    return found


def _chosen(attempts: Sequence[Row[Any]], counted: Counted) -> Sequence[Row[Any]]:
    """Of one learner's attempts, in the order of their numbers, those looked at."""
    match counted:
        case Counted.FIRST:
            return attempts[:1]
        case Counted.LAST:
            return attempts[-1:]
        case Counted.BEST:
            return [max(attempts, key=lambda row: (row.percent or 0.0, -row.number))]
        case Counted.ALL:
            return attempts


def _marked(row: Row[Any], asked: Corrected, answers: Mapping[UUID, Row[Any]]) -> Marked:
    counting = {each: question for each, question in asked.questions.items() if each not in asked.excluded}
    return Marked(
        id=row.id,
        marks={each: (answers[each].points or 0.0) if each in answers else 0.0 for each in counting},
        maximum={each: question.points for each, question in counting.items()},
        score=row.score or 0.0,
        points=row.points,
    )


def _items(
    ctx: ReadCtx,
    quiz: Quiz,
    sat: Sequence[_Sat],
    figures: Mapping[UUID, Item],
    sides: tuple[frozenset[UUID], frozenset[UUID]],
) -> Iterator[ItemStatistics]:
    numbers = layouts.numbers(ctx, quiz)
    banks = layouts.names_of_banks(ctx, figures) if quiz.sectioned else {}
    seconds = _pauses(sat)
    given = _replies(sat)
    latest = {each: question for one in sat for each, question in one.asked.questions.items()}
    for question_id in sorted(figures, key=lambda each: (numbers.get(each, inf), each)):
        question, item = latest[question_id], figures[question_id]
        replies = given[question_id]
        answers = breakdown.answers_to(question, replies, upper=sides[0], lower=sides[1])
        guess = guess_score(question)
        choices = question.type in CHOICE_TYPES
        yield ItemStatistics(
            question_id=question_id,
            number=numbers.get(question_id),
            bank_name=banks.get(question_id, ""),
            type=question.type,
            html=showing.question_html(question, seed=0),
            points=question.points,
            seconds=_median(seconds.get(question_id, ())),
            guess=_percent(guess),
            answers=answers,
            flags=breakdown.flags_of(item, guess=guess, answers=answers, choices=choices),
            **_in_percent(item),
        )


def _in_percent(item: Item) -> dict[str, Any]:
    shares = ("facility", "sd", "intended_weight", "effective_weight", "discrimination", "efficiency", "upper_lower")
    return {"n": item.n} | {name: _percent(getattr(item, name)) for name in shares}


def _replies(sat: Sequence[_Sat]) -> dict[UUID, list[Reply]]:
    """What the attempts have at each question that counts."""
    found: dict[UUID, list[Reply]] = {}
    for one in sat:
        attempt, seed, percent = one.row.id, one.row.seed, one.marked.percent
        for question_id, points in one.marked.marks.items():
            answer = one.answers.get(question_id)
            choices, text, parts = ((), "", {}) if answer is None else (answer.choices, answer.text, answer.parts)
            reply = Reply(attempt, seed, choices, text, parts, points, percent)
            found.setdefault(question_id, []).append(reply)
    return found


def _pauses(sat: Sequence[_Sat]) -> dict[UUID, list[float]]:
    """Seconds between the last saves of answers that follow each other in time, by the later one's question."""
    found: dict[UUID, list[float]] = {}
    for one in sat:
        before = one.row.begun_at
        for answer in sorted(one.answers.values(), key=lambda each: each.saved_at):
            passed = _seconds(before, answer.saved_at)
            if passed is not None and passed >= LEAST_SECONDS:
                found.setdefault(answer.question_id, []).append(passed)
            before = answer.saved_at
    return found


def _seconds(begun: Any, ended: Any) -> float | None:
    return (ended - begun).total_seconds() if begun is not None and ended is not None else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _line(item: ItemStatistics) -> Sequence[object]:
    plain = " ".join(unescape(sub(r"<[^>]+>", " ", item.html)).split())
    return (
        "" if item.number is None else item.number,
        plain,
        item.type.value,
        item.points,
        item.n,
        item.facility,
        item.sd,
        item.guess,
        item.intended_weight,
        item.effective_weight,
        item.discrimination,
        item.efficiency,
        item.upper_lower,
        item.seconds,
        " ".join(item.flags),
        item.bank_name,
    )
