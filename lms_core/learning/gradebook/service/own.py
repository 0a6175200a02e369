"""What a learner reads: their own grades in what they may see, and what would come of marks they imagine."""

from uuid import UUID

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.gradebook import queries, views
from lms_core.learning.gradebook.book import Book, is_shown, load
from lms_core.learning.gradebook.errors import ColumnNotFound
from lms_core.learning.gradebook.models import Grade
from lms_core.learning.gradebook.schemas import LearnerReport, RowView, WhatIfIn
from lms_core.learning.gradebook.service.reading import report
from lms_core.learning.gradebook.totals import course_total, percent


def my_grades(ctx: ReadCtx, course: str | UUID) -> LearnerReport:
    """The actor's grades in a course they read: visible columns whose results may be told. CourseNotFound.

    Eight statements and one per source.
    """
    book, user_id, grades = _own(ctx, course)
    name = accounts.names_of(ctx, [user_id]).get(user_id, "")
    row = views.row(book, book.tree(shown_to_learners=True), user_id=user_id, name=name, grades=grades)
    return report(book, _hide_total(book, row), grades, learner=True)


def what_if(ctx: ReadCtx, course: str | UUID, *, given: WhatIfIn) -> RowView:
    """The actor's row if they had these marks, by the same function; nothing is kept.

    ColumnNotFound for columns they do not see; Invalid for more points than a column has.
    """
    book, user_id, grades = _own(ctx, course)
    marks, excused = views.marks_of(grades)
    for item_id, points in given.marks.items():
        column = book.by_id.get(item_id)
        if column is None:
            raise ColumnNotFound()
        if points is not None and points > column.maximum:
            told = f"The column has {column.maximum:g} points. Give as many or fewer."
            raise Invalid(told, fields=[{"field": str(item_id), "message": told}])
        marks.pop(item_id, None)
        if points is not None and column.maximum > 0:
            marks[item_id] = points / column.maximum
    total = course_total(book.tree(shown_to_learners=True), marks, excused)
    row = RowView(
        user_id=user_id,
        name="",
        cells=(),
        categories={key: percent(part.fraction) for key, part in total.parts.items()},
        percent=percent(total.fraction),
        letter=book.letter(total.fraction),
    )
    return _hide_total(book, row)


def _own(ctx: ReadCtx, course: str | UUID) -> tuple[Book, UUID, list[Grade]]:
    """The book without columns the actor may not see, and the actor's grades in the rest."""
    user_id = enrolments.learner_of(ctx)
    card = enrolments.access_reading(ctx, course)
    whole = load(ctx, card.id)
    columns = tuple(each for each in whole.columns if is_shown(each))
    seen = {each.id: each for each in columns}
    book = Book(whole.course_id, whole.settings, whole.categories, columns, whole.bands, seen)
    grades = [each for each in queries.grades(ctx, card.id, user_ids=[user_id]) if each.item_id in seen]
    return book, user_id, grades


def _hide_total(book: Book, row: RowView) -> RowView:
    return row if book.settings.show_total else row.model_copy(update={"percent": None, "letter": ""})
