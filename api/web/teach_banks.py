"""An instructor's question banks: the list, a bank with its tree, filters and actions, a question, its versions."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.learning.question_banks import filter_of
from api.web import refusals
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import BankQuestionStatus, QuestionType
from lms_core.learning.assessments.schemas.banks import (
    BankCategoryIn,
    BankChange,
    BankDetail,
    BankFilter,
    BankIn,
    BankQuestionsChange,
    BankQuestionsTarget,
)
from lms_core.learning.assessments.service import banks

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=20_000)]
Ids = Annotated[list[UUID], Form()]
Cursor = Annotated[str, Query(max_length=600)]
SHOWN = 50
CHOSEN_AT_ONCE = 100  # banks offered to move questions to


def _sent_filter(
    category: str = "",
    type: str = "",
    tag: str = "",
    status: str = "",
    text: Annotated[str, Query(max_length=200)] = "",
) -> BankFilter:
    """The filter of the page's form, where what is empty, or no such thing, filters nothing."""
    return filter_of(
        category=parse_id(category),
        type=[QuestionType(type)] if type in set(QuestionType) else [],
        tag=[tag[:60]] if tag.strip() else [],
        status=BankQuestionStatus(status) if status in set(BankQuestionStatus) else None,
        text=text,
    )


Wanted = Annotated[BankFilter, Depends(_sent_filter)]


@router.get("/courses/{slug}/banks")
def list_page(request: Request, ctx: Reading, slug: str, cursor: Cursor = "") -> Response:
    """The banks that a course may use."""
    return _list_page(request, ctx, slug, errors={}, values={}, status=200, cursor=cursor)


@router.post("/courses/{slug}/banks")
def create(request: Request, ctx: Writing, slug: str, name: Line = "", shared: Line = "") -> Response:
    """Make a bank of the course, or of the institution."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    try:
        made = banks.create(ctx, bank=BankIn(name=name, course=None if shared else str(card.id)))
    except ValidationError as error:
        told = errors_of(error, words(request, ctx.actor))
        return _list_page(request, ctx, slug, errors=told, values={"name": name}, status=422)
    return redirect(f"/teach/banks/{made.id}")


@router.get("/banks/{bank_id}")
def bank_page(request: Request, ctx: Reading, bank_id: UUID, wanted: Wanted, cursor: Cursor = "") -> Response:
    """A bank: categories, tags, and the questions that the filter leaves; thirteen statements."""
    return _bank_page(request, ctx, bank_id, wanted=wanted, cursor=cursor)


@router.post("/banks/{bank_id}")
def change(request: Request, ctx: Writing, bank_id: UUID, name: Line = "", description: Line = "") -> Response:
    """Rename and describe a bank."""
    return _done(
        request,
        ctx,
        bank_id,
        lambda: banks.change(ctx, bank_id, bank=BankChange(name=name, description=description)),
    )


@router.post("/banks/{bank_id}/delete")
def delete(request: Request, ctx: Writing, bank_id: UUID) -> Response:
    """Delete a bank that no quiz uses."""
    course_id = banks.read(ctx, bank_id).course_id
    back = "/teach" if course_id is None else f"/teach/courses/{courses.access_course(ctx, course_id).slug}/banks"
    return _done(request, ctx, bank_id, lambda: banks.delete_bank(ctx, bank_id), to=back, notice="deleted")


@router.post("/banks/{bank_id}/categories")
def add_category(request: Request, ctx: Writing, bank_id: UUID, name: Line = "", parent: Line = "") -> Response:
    """A new category."""

    def work() -> None:
        banks.add_category(ctx, bank_id, category=BankCategoryIn(name=name, parent_id=parse_id(parent)))

    return _done(request, ctx, bank_id, work)


@router.post("/banks/{bank_id}/categories/{category_id}")
def change_category(
    request: Request, ctx: Writing, bank_id: UUID, category_id: UUID, name: Line = "", parent: Line = ""
) -> Response:
    """Rename a category, or put it into another one."""

    def work() -> None:
        category = BankCategoryIn(name=name, parent_id=parse_id(parent))
        banks.change_category(ctx, bank_id, category_id, category=category)

    return _done(request, ctx, bank_id, work, to=f"/teach/banks/{bank_id}?category={category_id}")


@router.post("/banks/{bank_id}/categories/{category_id}/delete")
def delete_category(request: Request, ctx: Writing, bank_id: UUID, category_id: UUID) -> Response:
    """Delete a category; what is in it moves up."""
    return _done(request, ctx, bank_id, lambda: banks.delete_category(ctx, bank_id, category_id), notice="deleted")


@router.post("/banks/{bank_id}/questions")
def act(
    request: Request,
    ctx: Writing,
    bank_id: UUID,
    action: Line = "",
    chosen: Ids = [],  # noqa: B006  FastAPI copies it
    tags: Line = "",
    category: Line = "",
    bank: Line = "",
) -> Response:
    """Do something to the questions that are ticked."""
    target = parse_id(bank)

    def work() -> None:
        if action in ("move", "copy") and target is not None:
            verb = banks.move if action == "move" else banks.copy
            verb(ctx, bank_id, target=BankQuestionsTarget(question_ids=chosen, bank_id=target))
        elif action == "delete":
            for question_id in chosen:
                banks.delete_question(ctx, bank_id, question_id)
        else:
            change = _change_of(action, tags=tags, category=category)
            banks.change_questions(ctx, bank_id, given=BankQuestionsChange(question_ids=chosen, **change))

    if not chosen:
        banks.read(ctx, bank_id)
        return redirect(f"/teach/banks/{bank_id}", notice="no-question-chosen")
    return _done(request, ctx, bank_id, work)


@router.get("/banks/{bank_id}/questions/new")
def new_question(
    request: Request, ctx: Reading, bank_id: UUID, type: Annotated[str, Query()] = "", category: str = ""
) -> Response:
    """An empty question of a type, to be written."""
    kind = QuestionType(type) if type in set(QuestionType) else QuestionType.SINGLE
    bank = banks.read(ctx, bank_id)
    shown = _question_values(ctx, bank, question=None)
    return page(
        request, ctx.actor, "teach/bank_question.html", **shown, uses=(), new_type=kind.value, category=category
    )


@router.get("/banks/{bank_id}/questions/{question_id}")
def question_page(request: Request, ctx: Reading, bank_id: UUID, question_id: UUID) -> Response:
    """A question in the editor, its place and tags, and the quizzes that use it."""
    bank = banks.read(ctx, bank_id)
    question = banks.read_question(ctx, bank_id, question_id)
    return page(
        request,
        ctx.actor,
        "teach/bank_question.html",
        **_question_values(ctx, bank, question=question),
        new_type="",
        category=str(question.category_id or ""),
        uses=banks.usage(ctx, bank_id, question_id),
    )


@router.post("/banks/{bank_id}/questions/{question_id}")
def place(
    request: Request,
    ctx: Writing,
    bank_id: UUID,
    question_id: UUID,
    tags: Line = "",
    category: Line = "",
    status: Line = "ready",
) -> Response:
    """Keep category, tags and status of a question; what it says is kept by the editor."""

    def work() -> None:
        known, given = banks.read_question(ctx, bank_id, question_id).tags, _tags(tags)
        change = BankQuestionsChange.model_validate(
            {
                "question_ids": [question_id],
                "add_tags": given,
                "remove_tags": [tag for tag in known if tag not in given],
                "status": status,
                "move": True,
                "category_id": parse_id(category),
            }
        )
        banks.change_questions(ctx, bank_id, given=change)

    return _done(request, ctx, bank_id, work, to=f"/teach/banks/{bank_id}/questions/{question_id}")


@router.get("/banks/{bank_id}/questions/{question_id}/versions")
def versions_page(request: Request, ctx: Reading, bank_id: UUID, question_id: UUID, cursor: Cursor = "") -> Response:
    """What the question said before, and what each version changed."""
    bank = banks.read(ctx, bank_id)
    return page(
        request,
        ctx.actor,
        "teach/bank_versions.html",
        bank=bank,
        course=_course_of(ctx, bank),
        question_id=question_id,
        versions=banks.versions(ctx, bank_id, question_id, cursor=cursor),
    )


@router.post("/banks/{bank_id}/questions/{question_id}/versions/{number}/restore")
def restore(ctx: Writing, bank_id: UUID, question_id: UUID, number: int) -> Response:
    """Make what a version said the newest one."""
    banks.restore(ctx, bank_id, question_id, number)
    return redirect(f"/teach/banks/{bank_id}/questions/{question_id}/versions", notice="saved")


def _change_of(action: str, *, tags: str, category: str) -> dict[str, Any]:
    """The change that an action of the form means."""
    if action in set(BankQuestionStatus):
        return {"status": BankQuestionStatus(action)}
    if action == "category":
        return {"move": True, "category_id": parse_id(category)}
    return {"remove_tags" if action == "untag" else "add_tags": _tags(tags)}


def _tags(text: str) -> list[str]:
    """The tags that a line names, between commas."""
    return [" ".join(tag.split()).lower() for tag in text.split(",") if tag.strip()]


def _done(
    request: Request, ctx: WriteCtx, bank_id: UUID, work: Callable[[], Any], *, to: str = "", notice: str = "saved"
) -> Response:
    """Do the work and go on; what it is refused for is told on the bank's page."""
    try:
        with ctx.session.begin_nested():
            work()
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        said = words(request, ctx.actor)
        if isinstance(error, DomainError):
            told, status = refusals.told(said, code=error.code, text=error.detail), error.status
        else:
            told, status = next(iter(errors_of(error, said).values())), 422
        return _bank_page(request, ctx, bank_id, refused=told, status=status)
    return redirect(to or f"/teach/banks/{bank_id}", notice=notice)


def _list_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    errors: Errors,
    values: dict[str, str],
    status: int,
    cursor: str = "",
) -> Response:
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    return page(
        request,
        ctx.actor,
        "teach/banks.html",
        status=status,
        course=card,
        banks=banks.browse(ctx, course=card.id, cursor=cursor),
        may_share=ctx.actor.may(Permission.BANK_EDIT),
        errors=errors,
        values=values,
        tab="banks",
    )


def _bank_page(
    request: Request,
    ctx: ReadCtx,
    bank_id: UUID,
    *,
    wanted: BankFilter | None = None,
    cursor: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    bank = banks.read(ctx, bank_id)
    wanted = wanted or BankFilter()
    return page(
        request,
        ctx.actor,
        "teach/bank.html",
        status=status,
        bank=bank,
        course=_course_of(ctx, bank),
        wanted=wanted,
        here_category=next((each for each in bank.categories if each.id == wanted.category_id), None),
        inside=_inside(bank, wanted.category_id),
        found=banks.browse_questions(ctx, bank_id, wanted=wanted, cursor=cursor, limit=SHOWN),
        targets=banks.browse(ctx, course=bank.course_id, limit=CHOSEN_AT_ONCE).items,
        refused=refused,
    )


def _inside(bank: BankDetail, category_id: UUID | None) -> set[UUID]:
    """A category of the bank and what stands in it: where it cannot be put."""
    found: set[UUID] = set() if category_id is None else {category_id}
    for each in bank.categories:  # in the order of the tree
        if each.parent_id in found:
            found.add(each.id)
    return found


def _question_values(ctx: ReadCtx, bank: BankDetail, *, question: Any) -> dict[str, Any]:
    course = _course_of(ctx, bank)
    pictures: Sequence[str] = () if course is None else assessments.pictures_of(ctx, course.id)
    return {
        "bank": bank,
        "course": course,
        "question": question,
        "questions": [] if question is None else [question.question.model_dump(mode="json")],
        "pictures": list(pictures),
    }


def _course_of(ctx: ReadCtx, bank: BankDetail) -> CourseCard | None:
    return None if bank.course_id is None else courses.access_course(ctx, bank.course_id, even_archived=True)
