"""Fetching a bank for somebody: seen or refused in one place.

A course's bank is for the course's editors. One of the institution is read by everybody who teaches, and changed by
who may.
"""

from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import Actor, ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments.errors import BankNotFound, BankPlaceNotFound
from lms_core.learning.assessments.models import BankCategory, BankQuestion, QuestionBank

SHARED_ONLY = "The bank is the whole institution's. Ask an administrator for the permission to change it."


def teaches(actor: Actor) -> bool:
    """Whether somebody edits any course, or may make one."""
    somewhere = actor.may(Permission.COURSE_EDIT) or bool(actor.courses_where(Permission.COURSE_EDIT))
    return somewhere or actor.may(Permission.COURSE_CREATE) or actor.may(Permission.BANK_EDIT)


def may_change(actor: Actor, bank: QuestionBank) -> bool:
    """Whether somebody changes what is in the bank."""
    if bank.course_id is None:
        return actor.may(Permission.BANK_EDIT)
    return actor.may(Permission.COURSE_EDIT, course_id=bank.course_id)


def readable(ctx: ReadCtx, bank_id: UUID) -> QuestionBank:
    """The row of a bank the actor may read; BankNotFound. One statement."""
    bank: QuestionBank | None = ctx.session.execute(
        select(QuestionBank).where(QuestionBank.id == bank_id)
    ).scalar_one_or_none()
    if bank is None or not _reads(ctx.actor, bank):
        raise BankNotFound()
    return bank


def editable(ctx: WriteCtx, bank_id: UUID) -> QuestionBank:
    """The row of a bank for who changes it, locked: it has one writer at a time. BankNotFound, Forbidden."""
    bank = readable(ctx, bank_id)
    if not may_change(ctx.actor, bank):
        raise Forbidden(SHARED_ONLY)
    ctx.session.refresh(bank, with_for_update={"key_share": True})
    return bank


def changed(ctx: WriteCtx, bank: QuestionBank) -> None:
    """Write down that quizzes which use the bank have to look at it again."""
    bank.revision += 1
    bank.updated_at = ctx.now
    ctx.session.flush()


def category_in(ctx: ReadCtx, bank: QuestionBank, category_id: UUID | None) -> BankCategory | None:
    """A category of the bank; None for the top. BankPlaceNotFound."""
    if category_id is None:
        return None
    found: BankCategory | None = ctx.session.execute(
        select(BankCategory).where(BankCategory.id == category_id, BankCategory.bank_id == bank.id)
    ).scalar_one_or_none()
    if found is None:
        raise BankPlaceNotFound("category")
    return found


def question_in(ctx: ReadCtx, bank: QuestionBank, question_id: UUID) -> BankQuestion:
    """A question of the bank; BankPlaceNotFound."""
    found: BankQuestion | None = ctx.session.execute(
        select(BankQuestion).where(BankQuestion.id == question_id, BankQuestion.bank_id == bank.id)
    ).scalar_one_or_none()
    if found is None:
        raise BankPlaceNotFound("question")
    return found


def _reads(actor: Actor, bank: QuestionBank) -> bool:
    if bank.course_id is None:
        return teaches(actor)
    return actor.may(Permission.COURSE_EDIT, course_id=bank.course_id)
