"""The history of a gradebook: who changed what, when, from what to what, and why."""

from uuid import UUID

from sqlalchemy import or_, select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.learning.gradebook.models import ChangeKind, GradeChange
from lms_core.learning.gradebook.schemas import ChangeView
from lms_core.learning.gradebook.service.access import access_marking


def history(
    ctx: ReadCtx,
    course: str | UUID,
    *,
    user_id: UUID | None = None,
    item_id: UUID | None = None,
    by_people: bool = False,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[ChangeView]:
    """The changes of a course, newest first, of one learner or column when given; for who marks.

    `by_people`: without what quizzes said. Two statements and those of the access.
    """
    card = access_marking(ctx, course)
    wanted = select(GradeChange).where(GradeChange.course_id == card.id)
    if user_id is not None:
        wanted = wanted.where(GradeChange.user_id == user_id)
    if item_id is not None:
        wanted = wanted.where(GradeChange.item_id == item_id)
    if by_people:
        wanted = wanted.where(or_(GradeChange.by.is_not(None), GradeChange.what != ChangeKind.SOURCE))
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(GradeChange.id < last)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    rows = list(ctx.session.execute(wanted.order_by(GradeChange.id.desc()).limit(limit + 1)).scalars())
    people = {each for row in rows for each in (row.by, row.user_id) if each is not None}
    names = accounts.names_of(ctx, people)
    found = [
        ChangeView(
            id=row.id,
            at=row.at,
            what=row.what,
            by_name=names.get(row.by, "") if row.by else "",
            user_id=row.user_id,
            user_name=names.get(row.user_id, "") if row.user_id else "",
            item_id=row.item_id,
            subject=row.subject,
            before=row.before,
            after=row.after,
            reason=row.reason,
        )
        for row in rows
    ]
    return page(found, limit, lambda each: (str(each.id),))
