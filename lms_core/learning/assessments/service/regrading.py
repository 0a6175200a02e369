"""Regrading: what could be regraded, a preview that writes nothing, and the regrades that were asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import dropping, layouts, queries, showing
from lms_core.learning.assessments.correcting import Correction, How
from lms_core.learning.assessments.errors import AttemptNotFound, QuizChanged, RegradeNotFound, RegradeRunning
from lms_core.learning.assessments.models import Attempt, AttemptStatus, Quiz, Regrade, RegradeScope, RegradeStatus
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.regrading import Answered, Outcome, Standing, worked_out
from lms_core.learning.assessments.schemas.conduct import Terms
from lms_core.learning.assessments.schemas.regrading import (
    CorrectionIn,
    MarkChange,
    RegradableQuestion,
    RegradeChoice,
    RegradeIn,
    RegradePreview,
    RegradeRow,
    RegradeView,
    UnfitQuestion,
)
from lms_core.learning.assessments.service import printing, sections, sittings
from lms_core.learning.assessments.service.access import staffed
from lms_core.learning.assessments.service.results import counting_result
from lms_core.learning.assessments.states import FINISHED

REGRADE_JOB = "assessments.regrade"
ROWS_SHOWN = 500
REGRADES_SHOWN = 20
UNDER_WAY = (RegradeStatus.QUEUED, RegradeStatus.RUNNING)
NOTHING_LEFT = "Some attempts were asked nothing else. Give everybody full marks instead of leaving all questions out."


@dataclass(frozen=True, slots=True)
class _Worked:
    """One attempt of a preview, and what the regrade would make of it."""

    attempt: Row[Any]
    outcome: Outcome


def regradable(ctx: ReadCtx, quiz_id: UUID) -> tuple[RegradableQuestion, ...]:
    """Every question that an attempt was asked, those of the present quiz first. For who marks.

    Two statements, five with sections, one for each paper that is not remembered, and those of the access.
    """
    quiz, _ = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    used = select(Attempt.paper_id, Attempt.drawn).where(Attempt.quiz_id == quiz.id, Attempt.paper_id.is_not(None))
    asked: Counter[UUID] = Counter()
    known: dict[UUID, PaperQuestion] = {}
    for row in ctx.session.execute(used):
        questions = queries.questions_of(ctx, row)
        known.update(questions)
        asked.update(questions.keys())
    present = layouts.numbers(ctx, quiz)
    banks = layouts.names_of_banks(ctx, known) if quiz.sectioned else {}
    order = sorted(known, key=lambda each: (present.get(each, inf), each))
    return tuple(
        RegradableQuestion(
            id=each,
            number=present.get(each),
            bank_name=banks.get(each, ""),
            html=showing.question_html(known[each], seed=0),
            points=known[each].points,
            asked=asked[each],
        )
        for each in order
    )


def preview_regrade(ctx: ReadCtx, quiz_id: UUID, *, choice: RegradeChoice) -> RegradePreview:
    """What a regrade would change, worked out and not written. For who marks. QuizChanged, AttemptNotFound, Invalid.

    Six statements, one for each paper that is not remembered, and those of the access, however many attempts.
    """
    quiz, course = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    corrections = _corrections(ctx, quiz, course, choice)
    rows = list(ctx.session.execute(sittings.attempts_of(quiz.id)))
    chosen = [row for row in rows if _in_scope(row, choice.scope, choice.attempt_id)]
    if choice.scope == RegradeScope.ONE and not chosen:
        raise AttemptNotFound()
    standings = standings_of(ctx, quiz.id, chosen, corrections)
    worked = [
        _Worked(row, worked_out(standings[row.id], corrections, by_hand_too=choice.marked_by_hand)) for row in chosen
    ]
    if any(each.outcome.points <= 0 for each in worked):
        raise Invalid(NOTHING_LEFT, fields=[{"field": "questions", "message": NOTHING_LEFT}])
    results = _results(rows, {each.attempt.id: each.outcome for each in worked})
    return _preview(ctx, quiz, worked, results)


def request_regrade(ctx: WriteCtx, quiz_id: UUID, *, given: RegradeIn) -> RegradeView:
    """Ask for a regrade: a job carries it out in batches. For who marks. RegradeRunning, and refused as the preview."""
    quiz, course = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    ctx.session.refresh(quiz, with_for_update={"key_share": True})
    running = select(Regrade.id).where(Regrade.quiz_id == quiz.id, Regrade.status.in_(UNDER_WAY)).limit(1)
    if ctx.session.execute(running).first() is not None:
        raise RegradeRunning()
    shown = preview_regrade(ctx, quiz_id, choice=given)
    corrections = _corrections(ctx, quiz, course, given)
    if any(told.how == How.EXCLUDED for told in corrections.values()):
        corrections = _with_what_they_were(ctx, quiz, course, corrections)
    before = dropping.dropped(ctx, quiz.id)
    row = ctx.add(
        Regrade(
            quiz_id=quiz.id,
            asked_by=ctx.actor.user_id,
            reason=given.reason,
            corrections={str(each): told.model_dump(mode="json") for each, told in corrections.items()},
            scope=given.scope,
            attempt_id=given.attempt_id,
            marked_by_hand=given.marked_by_hand,
            lifts_overrides=given.lifts_overrides,
            total=shown.attempts + shown.open_attempts,
            created_at=ctx.now,
        )
    )
    if dropping.dropped(ctx, quiz.id) != before:  # attempts that begin from now on are asked other questions
        quiz.revision += 1
        sections.sum_up(ctx, quiz)
    ctx.enqueue(REGRADE_JOB, regrade_id=str(row.id))
    audit.record(
        ctx,
        action="quiz.regraded",
        object=("quiz", quiz.id),
        regrade=str(row.id),
        reason=given.reason,
        questions=len(corrections),
        scope=str(given.scope.value),
        marked_by_hand=given.marked_by_hand,
        lifts_overrides=given.lifts_overrides,
    )
    return _view(row, accounts.names_of(ctx, [each for each in [row.asked_by] if each]))


def regrades_of(ctx: ReadCtx, quiz_id: UUID) -> list[RegradeView]:
    """The latest regrades of a quiz, newest first. For who marks. Two statements and those of the access."""
    quiz, _ = staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)
    wanted = select(Regrade).where(Regrade.quiz_id == quiz.id).order_by(Regrade.id.desc()).limit(REGRADES_SHOWN)
    rows = list(ctx.session.execute(wanted).scalars())
    names = accounts.names_of(ctx, [row.asked_by for row in rows if row.asked_by is not None])
    return [_view(row, names) for row in rows]


def revision_of(ctx: ReadCtx, quiz_id: UUID) -> int:
    """The present revision of a quiz, for who marks. The statements of the access."""
    return staffed(ctx, quiz_id, Permission.ATTEMPT_GRADE)[0].revision


def access_regrade(ctx: ReadCtx, regrade_id: UUID) -> RegradeView:
    """One regrade, for who marks in its course; RegradeNotFound for others."""
    row = ctx.session.execute(select(Regrade).where(Regrade.id == regrade_id)).scalar_one_or_none()
    course_id = None
    if row is not None:
        course_id = ctx.session.execute(select(Quiz.course_id).where(Quiz.id == row.quiz_id)).scalar_one()
    if row is None or not ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=course_id):
        raise RegradeNotFound()
    return _view(row, accounts.names_of(ctx, [each for each in [row.asked_by] if each]))


def standings_of(
    ctx: ReadCtx, quiz_id: UUID, rows: Sequence[Row[Any]], corrections: Mapping[UUID, Correction]
) -> dict[UUID, Standing]:
    """The attempts as the regrade finds them, by id. Two statements, one for each paper that is not remembered, and one
    more where sums were kept from falling below zero."""
    only = [row.id for row in rows] if len(rows) <= ROWS_SHOWN else []
    answers = sittings.answers_of(ctx, quiz_id, question_ids=corrections.keys(), attempt_ids=only) if rows else {}
    regraded = any(row.regraded_at is not None for row in rows)
    earlier = sittings.corrections_of(ctx, quiz_id=quiz_id, attempt_ids=only) if regraded else {}
    # A sum that is never below zero does not tell what it was made of.
    floored = [row for row in rows if row.score == 0 and row.terms]
    earned = sittings.earned_in(ctx, [row.id for row in floored], excluded=_left_out(floored, earlier))
    return {
        row.id: Standing(
            asked=queries.questions_of(ctx, row),
            answers={each.question_id: _answered(each) for each in answers.get(row.id, ())},
            earlier=earlier.get(row.id, {}),
            seed=row.seed,
            score=row.score,
            paper_points=row.paper_points,
            earned=earned.get(row.id, row.score or 0.0),
            terms=Terms.model_validate(row.terms),
        )
        for row in rows
    }


def _left_out(
    rows: Sequence[Row[Any]], earlier: Mapping[UUID, Mapping[UUID, Correction]]
) -> dict[UUID, frozenset[UUID]]:
    """By attempt, the questions that earlier regrades took out of the total."""
    return {
        row.id: frozenset(each for each, told in earlier.get(row.id, {}).items() if told.how == How.EXCLUDED)
        for row in rows
    }


def in_scope(row: Regrade) -> Any:
    """The condition on attempts that a regrade goes through."""
    if row.scope == RegradeScope.ONE:
        return Attempt.id == row.attempt_id
    statuses = FINISHED if row.scope == RegradeScope.FINISHED else (*FINISHED, AttemptStatus.OPEN)
    return Attempt.status.in_(statuses)


def _in_scope(row: Row[Any], scope: RegradeScope, attempt_id: UUID | None) -> bool:
    if scope == RegradeScope.ONE:
        return bool(row.id == attempt_id) and row.status in FINISHED
    return row.status in FINISHED or (scope == RegradeScope.ALL and row.status == AttemptStatus.OPEN)


def _corrections(ctx: ReadCtx, quiz: Quiz, course: CourseCard, choice: RegradeChoice) -> dict[UUID, Correction]:
    """What becomes of each question chosen, its present key with it."""
    if choice.base_revision != quiz.revision:
        raise QuizChanged(quiz.revision)
    present = printing.present(ctx, quiz, course_slug=course.slug)
    return {
        each.question_id: Correction(
            how=each.how, question=present.get(each.question_id) if each.how == How.KEY else None
        )
        for each in choice.questions
    }


def _with_what_they_were(
    ctx: ReadCtx, quiz: Quiz, course: CourseCard, corrections: Mapping[UUID, Correction]
) -> dict[UUID, Correction]:
    """The corrections, those of excluded questions with what these are now."""
    are = dropping.as_they_are(ctx, quiz, printing.present(ctx, quiz, course_slug=course.slug))
    return {
        each: told.model_copy(update={"was": are.get(each, "")}) if told.how == How.EXCLUDED else told
        for each, told in corrections.items()
    }


def _answered(row: Row[Any]) -> Answered:
    return Answered(
        row.choices,
        row.text,
        row.parts,
        row.points,
        by_hand=row.graded_by is not None,
        certainty=row.certainty,
        tries=row.tries,
    )


def _results(
    rows: Sequence[Row[Any]], outcomes: Mapping[UUID, Outcome]
) -> dict[UUID, tuple[float | None, float | None]]:
    """Each learner's result at the quiz in percent, before and after, by the quiz's rule on several attempts."""
    found: dict[UUID, tuple[float | None, float | None]] = {}
    for user_id, attempts in sittings.by_learner(rows).items():
        counted = [row for row in attempts if row.status == AttemptStatus.GRADED and row.voided_at is None]
        if counted:
            found[user_id] = (_percent(counted), _percent([_after(row, outcomes.get(row.id)) for row in counted]))
    return found


def _after(row: Row[Any], outcome: Outcome | None) -> Any:
    if outcome is None:
        return row
    changed = {"score": outcome.score, "percent": outcome.percent, "points": outcome.points}
    return SimpleNamespace(**(row._asdict() | changed))


def _percent(attempts: Sequence[Any]) -> float:
    result = counting_result(attempts)
    return round(100 * result.points / result.maximum, 2) if result.maximum else 0.0


def _preview(
    ctx: ReadCtx,
    quiz: Quiz,
    worked: Sequence[_Worked],
    results: Mapping[UUID, tuple[float | None, float | None]],
) -> RegradePreview:
    finished = [each for each in worked if each.attempt.status in FINISHED]
    changed = [each for each in finished if each.outcome.remarks]
    names = accounts.names_of(ctx, [each.attempt.user_id for each in changed])
    rows = [_row(each, names, results, passing=quiz.passing_percent) for each in changed]
    rows.sort(key=lambda row: (row.user_name.casefold(), row.user_id, row.number))
    unfit = Counter((each, why) for one in finished for each, why in one.outcome.unfit.items())
    moved = {row.user_id for row in rows if row.result_before != row.result_after}
    return RegradePreview(
        revision=quiz.revision,
        attempts=len(finished),
        open_attempts=len(worked) - len(finished),
        changed=len(changed),
        now_passed=sum(row.passed_before is False and row.passed_after is True for row in rows),
        now_failed=sum(row.passed_before is True and row.passed_after is False for row in rows),
        results_changed=len(moved),
        kept_by_hand=sum(each.outcome.kept_by_hand for each in finished),
        unfit=tuple(
            UnfitQuestion(question_id=question_id, why=why, attempts=count)
            for (question_id, why), count in sorted(unfit.items())
        ),
        rows=tuple(rows[:ROWS_SHOWN]),
    )


def _row(
    one: _Worked,
    names: Mapping[UUID, str],
    results: Mapping[UUID, tuple[float | None, float | None]],
    *,
    passing: float,
) -> RegradeRow:
    attempt, outcome = one.attempt, one.outcome
    final = attempt.status == AttemptStatus.GRADED
    before, after = results.get(attempt.user_id, (None, None))
    return RegradeRow(
        attempt_id=attempt.id,
        user_id=attempt.user_id,
        user_name=names.get(attempt.user_id, ""),
        number=attempt.number,
        changes=tuple(MarkChange(question_id=r.question_id, before=r.before, after=r.after) for r in outcome.remarks),
        score_before=attempt.score or 0.0,
        score_after=outcome.score,
        points_before=attempt.points,
        points_after=outcome.points,
        percent_before=attempt.percent or 0.0,
        percent_after=outcome.percent,
        passed_before=(attempt.percent or 0.0) >= passing if final else None,
        passed_after=outcome.percent >= passing if final else None,
        result_before=before,
        result_after=after,
    )


def _view(row: Regrade, names: Mapping[UUID, str]) -> RegradeView:
    return RegradeView(
        id=row.id,
        quiz_id=row.quiz_id,
        asked_by_name=names.get(row.asked_by, "") if row.asked_by is not None else "",
        reason=row.reason,
        scope=row.scope,
        questions=tuple(
            CorrectionIn(question_id=UUID(each), how=told["how"]) for each, told in row.corrections.items()
        ),
        status=row.status,
        total=row.total,
        done=row.done,
        changed=row.changed,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
