"""What a learner reads: a quiz with their attempts, an attempt with its paper, and how strict the assistant must be."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import (
    behaving,
    certainty,
    counting,
    keys,
    papers,
    queries,
    reviewing,
    showing,
    states,
    views,
)
from lms_core.learning.assessments.errors import AttemptNotFound
from lms_core.learning.assessments.models import (
    AssistantPolicy,
    Attempt,
    AttemptAnswer,
    AttemptStatus,
    CountingAttempt,
    QuestionType,
    Quiz,
)
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import (
    AskedQuestion,
    AttemptSheet,
    AttemptView,
    CertaintyLevel,
    CertaintySummary,
    CheckView,
    ChoiceDetail,
    Conduct,
    QuestionDetail,
    QuestionIn,
    QuestionReview,
    QuizView,
    RegradeLine,
    ReviewItem,
    Terms,
    WrongChoice,
)
from lms_core.learning.assessments.schemas.conduct import LONGEST_GRACE
from lms_core.learning.assessments.service import checking, entering, printing, sittings
from lms_core.learning.assessments.service.access import readable, staffed
from lms_core.learning.assessments.service.attempts import GRACE, extra_percent, is_due, time_limit
from lms_core.learning.assessments.service.own_rules import of_quiz, own_rules

OWN = ("opens_at", "closes_at", "attempts_allowed")
STRICTEST_FIRST = tuple(AssistantPolicy)
_OPEN_POLICIES = prepared(
    select(Quiz.assistant, Attempt.deadline_at, Attempt.terms)
    .join(Attempt, Attempt.quiz_id == Quiz.id)
    .where(
        Attempt.user_id == bindparam("user_id"),
        Attempt.course_id == bindparam("course_id"),
        Attempt.status == AttemptStatus.OPEN,
        or_(Attempt.deadline_at.is_(None), Attempt.deadline_at > bindparam("past_longest_grace")),
    )
)


def read_quiz(ctx: ReadCtx, quiz_id: UUID) -> QuizView:
    """A quiz for who may take it, with their attempts. QuizNotFound. Six statements, seven with cohorts' exceptions."""
    quiz, course = readable(ctx, quiz_id)
    rows: Sequence[Any] = ()
    extra, own = 0, of_quiz(quiz)
    if ctx.actor.user_id is not None:
        rows = queries.attempts_of(ctx, quiz_id=quiz.id, user_id=ctx.actor.user_id)
        extra = extra_percent(ctx, user_id=ctx.actor.user_id, course_id=quiz.course_id)
        own = own_rules(ctx, quiz, user_id=ctx.actor.user_id)
    conduct = views.conduct_of(quiz)
    attempts = tuple(views.attempt(row, now=ctx.now, everything=False) for row in rows)
    used = sum(attempt.status != AttemptStatus.EXPIRED for attempt in attempts)
    left = None if own.attempts_allowed is None else max(0, own.attempts_allowed - used)
    unfinished = next((attempt.id for attempt in attempts if attempt.status in states.UNFINISHED), None)
    refusal = entering.refusal(ctx, quiz, own, conduct, past=attempts)
    result = _result(attempts, quiz)
    return QuizView(
        **views.card_fields(quiz) | {name: getattr(own, name) for name in OWN},
        course_slug=course.slug,
        instructions_html=papers.html_of(quiz.instructions, course_slug=course.slug),
        passing_percent=quiz.passing_percent,
        counts=quiz.counts,
        behaviour=conduct.behaviour,
        needs_password=bool(own.password_sealed),
        restricted=bool(conduct.networks),
        first_delay_seconds=conduct.first_delay_seconds,
        later_delay_seconds=conduct.later_delay_seconds,
        grace_seconds=conduct.grace_seconds,
        costly=conduct.wrong_choice != WrongChoice.FREE,
        eased=own.eased,
        assistant=quiz.assistant,
        leaderboard=quiz.leaderboard,
        own_time_limit_seconds=time_limit(own, extra_percent=extra),
        attempts=attempts,
        attempts_left=left,
        unfinished_id=unfinished,
        counting_id=result.attempt.id if result is not None and quiz.counts != CountingAttempt.AVERAGE else None,
        result_percent=result.percent if result is not None else None,
        may_start=unfinished is None and refusal is None,
        cannot_start=entering.told(refusal) if unfinished is None else None,
        server_now=ctx.now,
    )


def _result(attempts: Sequence[AttemptView], quiz: Quiz) -> counting.Result[AttemptView] | None:
    """What counts, of the attempts whose result may be told."""
    told = [attempt for attempt in attempts if attempt.percent is not None and not attempt.voided]
    return counting.result_of(told, quiz.counts)


def read_attempt(ctx: ReadCtx, attempt_id: UUID) -> AttemptSheet:
    """An attempt with what its reader may see of its paper now; AttemptNotFound.

    Three statements, four with files, two more for one that was regraded.

    Its taker: questions, answers and what was checked while it is open; then the review, as far as the quiz's table
    shows it at this moment. Who marks: the review of a finished attempt always. One statement more where there is
    overall feedback.
    """
    row = queries.attempt_row(ctx, attempt_id)
    if row is None:
        raise AttemptNotFound()
    attempt: Attempt = row.Attempt
    grader = ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=attempt.course_id)
    if not grader and attempt.user_id != ctx.actor.user_id:
        raise AttemptNotFound()
    fields = views.attempt_fields(row, now=ctx.now, everything=grader)
    if attempt.paper_id is None:
        return AttemptSheet(**fields)
    questions, sections = printing.in_order(ctx, attempt)
    answers = queries.answers(ctx, attempt.id)
    conduct, terms = views.conduct_of(row), views.terms_of(attempt)
    fields["behaviour"] = terms.behaviour
    if attempt.status == AttemptStatus.OPEN:
        given = tuple(views.answer(answer) for answer in answers.values())
        asked = showing.asked(questions, seed=attempt.seed, terms=terms)
        checks = _checks(attempt, questions, answers, terms, conduct)
        return AttemptSheet(**fields, questions=asked, answers=given, checks=checks, sections=sections)
    shown = views.shown(row, now=ctx.now, everything=grader)
    if not shown:
        closes_at = reviewing.later_of(row.closes_at, attempt.closes_at)
        later = reviewing.opens_next(conduct, submitted_at=attempt.submitted_at, closes_at=closes_at, now=ctx.now)
        return AttemptSheet(**fields, results_from=later)
    told = reviewing.has_questions(shown)
    review, regrades = _reviewed(ctx, attempt, questions, answers, shown) if told else (None, ())
    is_final = attempt.status == AttemptStatus.GRADED and attempt.percent is not None
    return AttemptSheet(
        **fields,
        shown=tuple(item for item in ReviewItem if item in shown),
        review=review,
        sections=sections if told else (),
        regrades=regrades,
        certainty=_certainty(attempt, questions, answers, terms) if ReviewItem.SCORE in shown else None,
        overall_html=_overall(ctx, attempt, conduct) if is_final and ReviewItem.OVERALL in shown else "",
    )


def _checks(
    attempt: Attempt,
    questions: Sequence[PaperQuestion],
    answers: dict[UUID, AttemptAnswer],
    terms: Terms,
    conduct: Conduct,
) -> tuple[CheckView, ...]:
    """Where the tries at the questions stand that were checked."""
    tried = [(question, answers[question.id]) for question in questions if question.id in answers]
    return tuple(
        checking.view(answer, question, attempt, terms, conduct=conduct) for question, answer in tried if answer.tries
    )


def _reviewed(
    ctx: ReadCtx,
    attempt: Attempt,
    questions: Sequence[PaperQuestion],
    answers: dict[UUID, AttemptAnswer],
    shown: reviewing.Shown,
) -> tuple[tuple[QuestionReview, ...], tuple[RegradeLine, ...]]:
    """The questions as far as they may be told, as they count by now, and the regrades that changed a mark."""
    takes_files = any(question.type == QuestionType.UPLOAD for question in questions)
    handed = views.handed_files(queries.answer_files(ctx, [attempt.id]) if takes_files else ())
    files = {question_id: found for (_, question_id), found in handed.items()}
    if attempt.regraded_at is None:
        whole = showing.reviewed(questions, answers, seed=attempt.seed, files=files)
        return tuple(reviewing.concealed(each, shown) for each in whole), ()
    asked = sittings.corrected_in(ctx, attempt, questions)
    whole = showing.reviewed(asked.questions.values(), answers, seed=attempt.seed, files=files)
    review = tuple(
        reviewing.concealed(each, shown).model_copy(update={"counts": each.id not in asked.excluded}) for each in whole
    )
    return review, sittings.history_of(ctx, attempt.id) if ReviewItem.MARKS in shown else ()


def _certainty(
    attempt: Attempt, questions: Sequence[PaperQuestion], answers: dict[UUID, AttemptAnswer], terms: Terms
) -> CertaintySummary | None:
    """What certainties came to; None where none were asked for."""
    judged = [
        _judged(question, answers.get(question.id), seed=attempt.seed)
        for question in questions
        if behaving.asks_certainty(question, terms)
    ]
    found = certainty.summary(judged)
    if found is None:
        return None
    return CertaintySummary(
        questions=found.questions,
        accuracy=round(100 * found.accuracy, 2),
        average=round(found.average, 2),
        bonus=round(100 * found.bonus, 2),
        accuracy_and_bonus=round(100 * found.accuracy_and_bonus, 2),
        levels=tuple(
            CertaintyLevel(
                certainty=level.certainty,
                answers=level.answers,
                percent=round(100 * level.share, 2),
                ideal_percent=(round(100 * level.ideal[0], 1), round(100 * level.ideal[1], 1)),
                verdict=level.verdict,
                clear=level.clear,
            )
            for level in found.levels
        ),
    )


def _judged(question: PaperQuestion, answer: AttemptAnswer | None, *, seed: int) -> certainty.Judged:
    said = behaving.said_in(answer) if answer is not None else behaving.Said()
    if answer is None or said.is_empty:
        return certainty.Judged(question.points, 0.0, None, 0.0)
    share = behaving.share_of(question, said, seed=seed) or 0.0
    return certainty.Judged(question.points, share, answer.certainty or certainty.DEFAULT, answer.points or 0.0)


def _overall(ctx: ReadCtx, attempt: Attempt, conduct: Conduct) -> str:
    """What is said of the whole attempt at its percentage, as HTML."""
    band = reviewing.band_of(conduct.overall_feedback, attempt.percent or 0.0)
    if band is None:
        return ""
    slug = courses.access_course(ctx, attempt.course_id, even_archived=True).slug
    return papers.html_of(band.text, course_slug=slug)


def preview(ctx: ReadCtx, quiz_id: UUID, *, seed: int = 0) -> tuple[AskedQuestion, ...]:
    """The present questions as learners will see them, for the quiz's editors; another seed draws others."""
    quiz, course = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    questions, _ = printing.preview(ctx, quiz, course_slug=course.slug, seed=seed)
    return showing.asked(questions, seed=seed)


def proof(questions: Sequence[QuestionIn], *, course_slug: str) -> tuple[QuestionReview, ...]:
    """Questions that no quiz has yet, with their keys, as a result shows them unanswered. No statement."""
    printed = [papers.printed(_detailed(question), course_slug=course_slug) for question in questions]
    return showing.reviewed(printed, {}, seed=0, files={})


def _detailed(question: QuestionIn) -> QuestionDetail:
    """A question as if it were kept: everything in it has an id."""
    key = keys.fields(question.type, keys.stored(question, frozenset()))
    choices = tuple(ChoiceDetail(**(choice.model_dump() | {"id": new_id()})) for choice in question.choices)
    kept = question.model_dump(include={"type", "text", "points", "partial_credit", "feedback"})
    return QuestionDetail(id=new_id(), choices=choices, **kept, **key)


def assistant_policy(ctx: ReadCtx, course_id: UUID) -> AssistantPolicy:
    """The strictest policy of the quizzes of this course that the actor is taking now; ON when none. One statement."""
    if ctx.actor.user_id is None:
        return AssistantPolicy.ON
    longest = GRACE + timedelta(seconds=LONGEST_GRACE)
    values = {"user_id": ctx.actor.user_id, "course_id": course_id, "past_longest_grace": ctx.now - longest}
    taken = [row.assistant for row in ctx.session.execute(_OPEN_POLICIES, values) if not is_due(row, ctx.now)]
    return min((AssistantPolicy(each) for each in taken), key=STRICTEST_FIRST.index, default=AssistantPolicy.ON)
