"""Pages about how a quiz went: its statistics, and attempts beside each other, for staff and for learners."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import Reading
from api.web.charts import bars_of
from api.web.forms import errors_of
from api.web.quiz import LocalTime
from api.web.rendering import page, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Conflict, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import MAXIMUM_LIMIT
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas.analysis import Comparison, Counted, Flag
from lms_core.learning.release import service as release

router = APIRouter(include_in_schema=False)


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


COUNTED = {
    Counted.FIRST: _("first attempts"),
    Counted.LAST: _("last attempts"),
    Counted.BEST: _("best attempts"),
    Counted.ALL: _("all attempts"),
}
FLAGS = {
    Flag.EVERYBODY_RIGHT: _("Nearly everybody gets it right."),
    Flag.NOBODY_RIGHT: _("Hardly anybody gets it right: check the key."),
    Flag.BEST_GET_IT_WRONG: _("The best get it wrong more often than the others: check the key."),
    Flag.TELLS_LITTLE: _("Who gets it right tells little about the rest of the quiz."),
    Flag.LIKE_GUESSING: _("No better than guessing."),
    Flag.WRONG_CHOICE_DRAWS_BEST: _("A wrong choice draws more of the best than the right one."),
    Flag.UNUSED_CHOICE: _("A wrong choice draws nobody: it could be replaced."),
}
Chosen = Annotated[list[str], Query(max_length=10)]


@router.get("/teach/quizzes/{quiz_id}/statistics")
def statistics_page(
    request: Request, ctx: Reading, quiz_id: UUID, attempts: Counted = Counted.FIRST, cohort: str = ""
) -> Response:
    """Figures of the quiz and of each question."""
    quiz = assessments.access_quiz_for_grading(ctx, quiz_id)
    found = assessments.statistics_of(ctx, quiz_id, counted=attempts, cohort_id=parse_id(cohort))
    said = words(request, ctx.actor).gettext
    return page(
        request,
        ctx.actor,
        "teach/quiz_statistics.html",
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, even_archived=True),
        found=found,
        bars=bars_of([(f"{each.low}–{each.high}", each.count) for each in found.histogram]),
        cohorts=release.names_of_cohorts(ctx, quiz.course_id),
        kinds={each: said(told) for each, told in COUNTED.items()},
        flags={each: said(told) for each, told in FLAGS.items()},
        tab="quizzes",
    )


@router.get("/teach/quizzes/{quiz_id}/compare")
def staff_comparison_page(request: Request, ctx: Reading, quiz_id: UUID, attempt: Chosen = []) -> Response:  # noqa: B006
    """Anybody's attempts beside each other, chosen from the latest hundred."""
    quiz = assessments.access_quiz_for_grading(ctx, quiz_id)
    rows = assessments.attempts_at(ctx, quiz_id, limit=MAXIMUM_LIMIT).items
    offered = [(str(row.id), row.user_name, row.number) for row in rows if row.submitted_at is not None]
    return _comparison(request, ctx, quiz_id, quiz.course_id, quiz.title, offered, attempt, staff=True)


@router.get("/quizzes/{quiz_id}/compare")
def own_comparison_page(request: Request, ctx: Reading, quiz_id: UUID, attempt: Chosen = []) -> Response:  # noqa: B006
    """One's own attempts beside each other."""
    quiz = assessments.read_quiz(ctx, quiz_id)
    done = [each for each in quiz.attempts if each.submitted_at is not None]
    offered = [(str(each.id), "", each.number) for each in done]
    chosen = attempt or [str(each.id) for each in done[-2:]]
    return _comparison(request, ctx, quiz_id, quiz.course_id, quiz.title, offered, chosen, staff=False)


def _comparison(
    request: Request,
    ctx: ReadCtx,
    quiz_id: UUID,
    course_id: UUID,
    title: str,
    offered: list[tuple[str, str, int]],
    chosen: list[str],
    *,
    staff: bool,
) -> Response:
    found: Comparison | None = None
    errors = {}
    ids = [each for text in chosen if (each := parse_id(text)) is not None]
    if len(ids) > 1:
        try:
            found = assessments.compare(ctx, quiz_id, attempt_ids=ids)
        except (Conflict, Invalid) as error:
            errors = errors_of(error, words(request, ctx.actor))
    return page(
        request,
        ctx.actor,
        "compare_attempts.html",
        quiz_id=quiz_id,
        title=title,
        course=courses.access_course(ctx, course_id, even_archived=True),
        offered=offered,
        chosen=[str(each) for each in ids],
        found=found,
        staff=staff,
        errors=errors,
        local=LocalTime(request, ctx),
    )
