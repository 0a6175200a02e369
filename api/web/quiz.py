"""The page of a quiz: its rules, one's attempts, the leaderboard, and the way in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name
from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import REFUSALS
from api.web.rendering import language_of, page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import TooManyRequests
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import WrongPassword
from lms_core.learning.assessments.schemas import BoardName

router = APIRouter(include_in_schema=False)


class LocalTime:
    """Moments in a person's own time zone, in the language of the page."""

    def __init__(self, request: Request, ctx: ReadCtx) -> None:
        assert ctx.actor.user_id is not None
        self.zone = ZoneInfo(accounts.account(ctx, user_id=ctx.actor.user_id).time_zone)
        self._language = language_of(request, ctx.actor)

    def __call__(self, when: datetime) -> str:
        """As in "5 Jan 2026, 11:00"."""
        written: str = format_datetime(when, "d MMM yyyy, HH:mm", tzinfo=self.zone, locale=self._language)
        return written

    def named(self, when: datetime) -> str:
        """The same with its zone, as in "5 Jan 2026, 11:00 (East Africa Time)"."""
        zone = get_timezone_name(when.astimezone(self.zone), width="long", locale=self._language)
        return f"{self(when)} ({zone})"


@router.get("/quizzes/{quiz_id}")
def quiz_page(request: Request, ctx: Reading, quiz_id: UUID) -> Response:
    """A quiz for who may take it; ten statements."""
    return _page(request, ctx, quiz_id, refused="", status=200)


def _page(request: Request, ctx: ReadCtx, quiz_id: UUID, *, refused: str, status: int) -> Response:
    quiz = assessments.read_quiz(ctx, quiz_id)
    return page(
        request,
        ctx.actor,
        "quiz.html",
        status=status,
        refused=refused,
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, even_archived=True),
        board=assessments.leaderboard(ctx, quiz_id),
        board_name=assessments.own_board_name(ctx, quiz.course_id),
        may_edit=courses.may_edit(ctx, quiz.course_id),
        local=LocalTime(request, ctx),
    )


@router.post("/quizzes/{quiz_id}/start")
def start(
    request: Request, ctx: Writing, quiz_id: UUID, password: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Start an attempt, or go on with the unfinished one. A wrong password is told beside its field."""
    try:
        attempt = assessments.start(ctx, quiz_id, password=password)
    except (WrongPassword, TooManyRequests) as error:
        told = words(request, ctx.actor).gettext(REFUSALS[error.code])
        return _page(request, ctx, quiz_id, refused=told, status=error.status)
    return redirect(f"/attempts/{attempt.id}")


@router.post("/quizzes/{quiz_id}/board-name")
def be_named(ctx: Writing, quiz_id: UUID, name: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Agree to be named on the course's leaderboards; an empty name takes it back."""
    quiz = assessments.access_quiz(ctx, quiz_id)
    try:
        given = BoardName(name=name) if name.strip() else None
    except ValidationError:
        return redirect(f"/quizzes/{quiz_id}", notice="board-name-refused")
    assessments.be_named(ctx, quiz.course_id, name=given)
    return redirect(f"/quizzes/{quiz_id}", notice="saved")
