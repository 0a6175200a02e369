"""The page on which an instructor judges drafts of questions, beside what the lessons say."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.assignments import GONE, AnyForm
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.service import banks
from rag.drafts import service as drafts
from rag.drafts.models import DraftStatus
from rag.drafts.schemas import Approval, DraftingIn, DraftView

router = APIRouter(prefix="/teach/courses/{slug}/drafts", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where a draft's source stands, as links to passages want it."""

    number: int
    lesson_id: UUID
    anchor: str | None
    quote: str


@router.get("")
def drafts_page(
    request: Request,
    ctx: Reading,
    slug: str,
    lesson: str = "",
    status: DraftStatus = DraftStatus.WAITING,
    cursor: Cursor = "",
) -> Response:
    """Drafts by lesson, each beside its source."""
    return _page(request, ctx, slug, lesson=lesson, status=status, cursor=cursor)


@router.post("")
def look(request: Request, ctx: Writing, slug: str, form: AnyForm) -> Response:
    """Begin to look for questions in one lesson or all."""
    lesson = parse_id(str(form.get("lesson", "")))
    try:
        given = DraftingIn(lesson_ids=None if lesson is None else [lesson])
        with ctx.session.begin_nested():
            drafts.look_for_questions(ctx, course=slug, given=given)
    except DomainError as error:
        if error.status in GONE:
            raise
        return _page(request, ctx, slug, errors=errors_of(error, words(request, ctx.actor)), code=error.status)
    return redirect(f"/teach/courses/{slug}/drafts", notice="drafting-started")


@router.post("/{draft_id}")
def decide(request: Request, ctx: Writing, slug: str, draft_id: UUID, form: AnyForm) -> Response:
    """Approve into a quiz, keep the changes, or reject: whichever button it was."""
    action, back = form.get("action"), f"/teach/courses/{slug}/drafts?lesson={form.get('lesson', '')}"
    try:
        with ctx.session.begin_nested():
            if action == "reject":
                drafts.reject(ctx, draft_id=draft_id)
                return redirect(back, notice="draft-rejected")
            question = _question(form)
            if action == "approve":
                kind, _, chosen = str(form.get("into", "")).partition(" ")
                place = "bank_id" if kind == "bank" else "quiz_id"
                approval = Approval.model_validate({place: chosen, "question": question})
                drafts.approve(ctx, draft_id=draft_id, given=approval)
                return redirect(back, notice="draft-approved")
            drafts.change(ctx, draft_id=draft_id, question=question)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in GONE:
            raise
        told = errors_of(error, words(request, ctx.actor))
        named: Errors = {"": " ".join(dict.fromkeys(told.values()))}
        code = error.status if isinstance(error, DomainError) else 422
        return _page(request, ctx, slug, lesson=str(form.get("lesson", "")), errors=named, failed=draft_id, code=code)
    return redirect(back, notice="saved")


def _page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    lesson: str = "",
    status: DraftStatus = DraftStatus.WAITING,
    cursor: str = "",
    errors: Errors | None = None,
    failed: UUID | None = None,
    code: int = 200,
) -> Response:
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    found = drafts.drafts(
        ctx, course=str(card.id), status=status, lesson_id=parse_id(lesson), cursor=cursor, limit=AT_ONCE
    )
    outline = courses.outline(ctx, card.id, drafts=True)
    return page(
        request,
        ctx.actor,
        "teach/drafts.html",
        status=code,
        course=card,
        found=found,
        sources={each.id: _source(each) for each in found.items},
        lessons=[("", "")] + [(str(one.id), one.title) for module in outline for one in module.lessons],
        lesson=lesson,
        shown=status,
        statuses=list(DraftStatus),
        quizzes=assessments.quizzes_of(ctx, card.id, drafts=True),
        banks=[bank for bank in banks.browse(ctx, course=card.id).items if bank.editable],
        drafting=drafts.drafting(ctx, course=str(card.id)),
        errors=errors or {},
        failed=failed,
        tab="quizzes",
    )


def _source(draft: DraftView) -> Source:
    # A list is several lines on the page: its first one is found there.
    return Source(1, draft.lesson_id, draft.anchor, draft.quote.strip().split("\n")[0])


def _question(form: FormData) -> QuestionIn:
    """The draft's question with what the form changed: text, points, choices, the right value or words, the order."""
    given: dict[str, Any] = QuestionIn.model_validate_json(str(form.get("was", "{}"))).model_dump(mode="json")
    given |= {"text": form.get("text", ""), "points": str(form.get("points", "1")).replace(",", ".")}
    right = set(form.getlist("right"))
    for number, choice in enumerate(given["choices"], 1):
        choice["text"] = form.get(f"choice-{number}", choice["text"])
        choice["correct"] = str(number) in right
    given["choices"] = [choice for choice in given["choices"] if str(choice["text"]).strip()]
    if given["value"] is not None:
        given["value"] = str(form.get("value", given["value"])).replace(",", ".")
        given["tolerance"] = str(form.get("tolerance", given["tolerance"])).replace(",", ".")
    if given["accepted"]:
        given["accepted"] = [line for line in str(form.get("accepted", "")).splitlines() if line.strip()]
    if given["key"] is not None and "items" in given["key"]:
        lines = [line.strip() for line in str(form.get("items", "")).splitlines() if line.strip()]
        given["key"]["items"] = [{"text": line} for line in lines]
    return QuestionIn.model_validate(given)
