"""`/question-banks`: banks, their categories, and their questions with versions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import ValidationError

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.assessments.errors import (
    BankInUse,
    BankNotFound,
    BankPlaceNotFound,
    BankQuestionChanged,
)
from lms_core.learning.assessments.models import BankQuestionStatus, QuestionType
from lms_core.learning.assessments.schemas.banks import (
    MAXIMUM_TAGS,
    BankCard,
    BankCategoryIn,
    BankChange,
    BankDetail,
    BankFilter,
    BankIn,
    BankQuestionCard,
    BankQuestionDetail,
    BankQuestionEdit,
    BankQuestionIn,
    BankQuestionsChange,
    BankQuestionsTarget,
    BankQuestionVersionView,
    ChangedQuestions,
    Matching,
    QuizUse,
)
from lms_core.learning.assessments.service import banks

router = APIRouter(prefix="/question-banks", tags=["question banks"])

SEEN = errors(Unauthenticated, BankNotFound, BankPlaceNotFound)
REFUSED = errors(Unauthenticated, Forbidden, BankNotFound, BankPlaceNotFound, Invalid)
USED = errors(Unauthenticated, Forbidden, BankNotFound, BankPlaceNotFound, BankInUse)


def filter_of(
    category: UUID | None = None,
    subcategories: bool = True,
    type: Annotated[list[QuestionType], Query(max_length=len(QuestionType))] = [],  # noqa: B006  FastAPI copies it
    tag: Annotated[list[str], Query(max_length=MAXIMUM_TAGS)] = [],  # noqa: B006
    status: BankQuestionStatus | None = None,
    text: Annotated[str, Query(max_length=200)] = "",
) -> BankFilter:
    """The filter that a query string writes; Invalid for a tag that cannot be one."""
    named = {"category_id": category, "subcategories": subcategories, "types": type, "tags": tag}
    try:
        return BankFilter.model_validate({**named, "status": status, "text": text})
    except ValidationError as error:
        raise Invalid("A tag has 1 to 60 characters, a search at most 200.") from error


Wanted = Annotated[BankFilter, Depends(filter_of)]


@router.get("", response_model=Page[BankCard], responses=errors(Unauthenticated, Forbidden, CourseNotFound))
def list_banks(
    ctx: Reading,
    course: Annotated[str, Query(max_length=80)] = "",
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[BankCard]:
    """The banks the caller may use, newest first; of one course, and the institution's, where a course is named."""
    return banks.browse(ctx, course=course or None, cursor=cursor, limit=limit)


@router.post(
    "",
    status_code=201,
    response_model=BankDetail,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, BankNotFound),
)
def create(ctx: Writing, bank: BankIn) -> BankDetail:
    """A new bank of a course, or of the institution."""
    return banks.create(ctx, bank=bank)


@router.get("/{bank_id}", response_model=BankDetail, responses=SEEN)
def read(ctx: Reading, bank_id: UUID) -> BankDetail:
    """A bank with its categories and tags."""
    return banks.read(ctx, bank_id)


@router.put("/{bank_id}", response_model=BankDetail, responses=REFUSED)
def change(ctx: Writing, bank_id: UUID, bank: BankChange) -> BankDetail:
    """Rename or describe a bank."""
    return banks.change(ctx, bank_id, bank=bank)


@router.delete("/{bank_id}", status_code=204, response_model=None, responses=USED)
def delete(ctx: Writing, bank_id: UUID) -> None:
    """Delete a bank that no quiz uses."""
    banks.delete_bank(ctx, bank_id)


@router.post("/{bank_id}/categories", status_code=201, response_model=BankDetail, responses=REFUSED)
def add_category(ctx: Writing, bank_id: UUID, category: BankCategoryIn) -> BankDetail:
    """A new category, at the top or within another one."""
    return banks.add_category(ctx, bank_id, category=category)


@router.put("/{bank_id}/categories/{category_id}", response_model=BankDetail, responses=REFUSED)
def change_category(ctx: Writing, bank_id: UUID, category_id: UUID, category: BankCategoryIn) -> BankDetail:
    """Rename a category, or put it into another one with all that is in it."""
    return banks.change_category(ctx, bank_id, category_id, category=category)


@router.delete("/{bank_id}/categories/{category_id}", response_model=BankDetail, responses=USED)
def delete_category(ctx: Writing, bank_id: UUID, category_id: UUID) -> BankDetail:
    """Delete a category; what is in it moves up."""
    return banks.delete_category(ctx, bank_id, category_id)


@router.get("/{bank_id}/questions", response_model=Page[BankQuestionCard], responses=SEEN)
def list_questions(
    ctx: Reading, bank_id: UUID, wanted: Wanted, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[BankQuestionCard]:
    """Questions of a bank, newest first: by category, type, status, every tag, every word of the text."""
    return banks.browse_questions(ctx, bank_id, wanted=wanted, cursor=cursor, limit=limit)


@router.get("/{bank_id}/matching", response_model=Matching, responses=SEEN)
def count_matching(ctx: Reading, bank_id: UUID, wanted: Wanted) -> Matching:
    """How many ready questions a draw by category, type and tags could take."""
    return banks.matching(ctx, bank_id, wanted=wanted)


@router.post("/{bank_id}/questions", status_code=201, response_model=BankQuestionDetail, responses=REFUSED)
def add_question(ctx: Writing, bank_id: UUID, given: BankQuestionIn) -> BankQuestionDetail:
    """A new question, in its first version."""
    return banks.add(ctx, bank_id, given=given)


@router.post("/{bank_id}/questions/changes", response_model=ChangedQuestions, responses=USED)
def change_questions(ctx: Writing, bank_id: UUID, given: BankQuestionsChange) -> ChangedQuestions:
    """Change status, tags or category of several questions at once."""
    return ChangedQuestions(questions=banks.change_questions(ctx, bank_id, given=given))


@router.post("/{bank_id}/questions/moves", response_model=ChangedQuestions, responses=USED)
def move_questions(ctx: Writing, bank_id: UUID, target: BankQuestionsTarget) -> ChangedQuestions:
    """Put questions into another bank, with their versions."""
    return ChangedQuestions(questions=banks.move(ctx, bank_id, target=target))


@router.post("/{bank_id}/questions/copies", status_code=201, response_model=list[UUID], responses=REFUSED)
def copy_questions(ctx: Writing, bank_id: UUID, target: BankQuestionsTarget) -> list[UUID]:
    """New questions that say what these say now; their ids."""
    return banks.copy(ctx, bank_id, target=target)


@router.get("/{bank_id}/questions/{question_id}", response_model=BankQuestionDetail, responses=SEEN)
def read_question(ctx: Reading, bank_id: UUID, question_id: UUID) -> BankQuestionDetail:
    """A question with its key, in its newest version."""
    return banks.read_question(ctx, bank_id, question_id)


@router.put(
    "/{bank_id}/questions/{question_id}",
    response_model=BankQuestionDetail,
    responses=errors(Unauthenticated, Forbidden, BankNotFound, BankPlaceNotFound, BankQuestionChanged, Invalid),
)
def edit_question(ctx: Writing, bank_id: UUID, question_id: UUID, given: BankQuestionEdit) -> BankQuestionDetail:
    """The next version of a question. Quizzes that use the newest ask it from their next attempt on."""
    return banks.edit(ctx, bank_id, question_id, given=given)


@router.delete("/{bank_id}/questions/{question_id}", status_code=204, response_model=None, responses=USED)
def delete_question(ctx: Writing, bank_id: UUID, question_id: UUID) -> None:
    """Delete a question that no quiz uses."""
    banks.delete_question(ctx, bank_id, question_id)


@router.get("/{bank_id}/questions/{question_id}/versions", response_model=Page[BankQuestionVersionView], responses=SEEN)
def list_versions(
    ctx: Reading, bank_id: UUID, question_id: UUID, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[BankQuestionVersionView]:
    """The versions of a question, newest first, each with the lines that it changed."""
    return banks.versions(ctx, bank_id, question_id, cursor=cursor, limit=limit)


@router.post(
    "/{bank_id}/questions/{question_id}/versions/{number}/restore",
    response_model=BankQuestionDetail,
    responses=REFUSED,
)
def restore_version(ctx: Writing, bank_id: UUID, question_id: UUID, number: int) -> BankQuestionDetail:
    """Make what a version said the newest one."""
    banks.restore(ctx, bank_id, question_id, number)
    return banks.read_question(ctx, bank_id, question_id)


@router.get("/{bank_id}/questions/{question_id}/usage", response_model=list[QuizUse], responses=SEEN)
def list_usage(ctx: Reading, bank_id: UUID, question_id: UUID) -> list[QuizUse]:
    """The quizzes that use a question, by name or by a draw that may take it."""
    return banks.usage(ctx, bank_id, question_id)
