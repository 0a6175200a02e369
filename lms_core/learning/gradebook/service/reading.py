"""What instructors read: the gradebook, a column with its distribution, one learner, the shape alone."""

from collections.abc import Sequence
from uuid import UUID

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import MAXIMUM_LIMIT, decode_cursor, encode_cursor
from lms_core.learning.gradebook import queries, views
from lms_core.learning.gradebook.book import Book, load
from lms_core.learning.gradebook.errors import ColumnNotFound, LearnerNotFound
from lms_core.learning.gradebook.models import Grade
from lms_core.learning.gradebook.schemas import ColumnReport, GradebookView, LearnerReport, RowView, SetupView
from lms_core.learning.gradebook.service.access import access_marking
from lms_core.learning.gradebook.totals import course_total
from lms_core.learning.release import service as release

LEARNERS_A_PAGE = 50

Learner = tuple[UUID, str]


def open_book(
    ctx: ReadCtx,
    course: str | UUID,
    *,
    q: str = "",
    cohort_id: UUID | None = None,
    cursor: str = "",
    limit: int = LEARNERS_A_PAGE,
) -> GradebookView:
    """The gradebook for who marks: one page of learners by name, and figures over all of them whose name has `q`.

    Of one cohort, where it is given: CohortNotFound for another course's. Ten statements and two per source, however
    many learners and columns; two more for a cohort.
    """
    card = access_marking(ctx, course)
    book = load(ctx, card.id, waiting=True)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    everybody = _named(queries.learners(ctx, card.id), q)
    if cohort_id is not None:
        inside = release.people_of(ctx, card.id, cohort_id=cohort_id)
        everybody = [each for each in everybody if each[0] in inside]
    marks, excused = queries.fractions(ctx, card.id), queries.excused(ctx, card.id)
    bulk = book.tree(hexadecimal=True)
    totals = [course_total(bulk, marks.get(each, {}), excused.get(each, ())).fraction for each, _ in everybody]
    shown, following = _page(everybody, cursor, limit)
    cells = queries.cells(ctx, card.id, user_ids=[user_id for user_id, _ in shown])
    tree = book.tree()
    return GradebookView(
        course_id=card.id,
        settings=book.settings,
        categories=book.categories,
        columns=book.columns,
        rows=tuple(
            views.row(book, tree, user_id=user_id, name=name, grades=cells.get(user_id, ())) for user_id, name in shown
        ),
        next_cursor=following,
        learners=len(everybody),
        totals=views.figures(totals),
    )


def open_setup(ctx: ReadCtx, course: str | UUID) -> SetupView:
    """Rules, categories and columns, for who marks."""
    card = access_marking(ctx, course)
    book = load(ctx, card.id, waiting=True)
    return SetupView(course_id=card.id, settings=book.settings, categories=book.categories, columns=book.columns)


def open_column(ctx: ReadCtx, course: str | UUID, item_id: UUID) -> ColumnReport:
    """A column with the distribution of its marks over who is in the course now. ColumnNotFound."""
    card = access_marking(ctx, course)
    column = load(ctx, card.id, waiting=True).by_id.get(item_id)
    if column is None:
        raise ColumnNotFound()
    marks = queries.fractions(ctx, card.id)
    found = [marks.get(user_id, {}).get(item_id.hex) for user_id, _ in queries.learners(ctx, card.id)]
    return ColumnReport(column=column, figures=views.figures(found))


def open_learner(ctx: ReadCtx, course: str | UUID, user_id: UUID) -> LearnerReport:
    """Everything one learner has, for who marks. LearnerNotFound."""
    card = access_marking(ctx, course)
    if not queries.is_learner(ctx, card.id, user_id):
        raise LearnerNotFound()
    book = load(ctx, card.id, waiting=True)
    tree, grades = book.tree(), queries.grades(ctx, card.id, user_ids=[user_id])
    names = accounts.names_of(ctx, [user_id])
    return report(book, views.row(book, tree, user_id=user_id, name=names.get(user_id, ""), grades=grades), grades)


def report(book: Book, row: RowView, grades: Sequence[Grade], *, learner: bool = False) -> LearnerReport:
    """A learner's row with the shape around it, and the points possible so far."""
    marks, excused = views.marks_of(grades)
    return LearnerReport(
        course_id=book.course_id,
        user_id=row.user_id,
        name=row.name,
        settings=book.settings,
        categories=book.categories,
        columns=book.columns,
        row=row,
        possible=course_total(book.tree(shown_to_learners=learner), marks, excused).possible,
    )


def _named(learners: Sequence[Learner], q: str) -> list[Learner]:
    """The learners whose name has `q`, in the order of their names."""
    wanted = q.strip().casefold()
    found = [each for each in learners if wanted in each[1].casefold()]
    return sorted(found, key=_order)


def _order(learner: Learner) -> tuple[str, UUID]:
    return learner[1].casefold(), learner[0]


def _page(everybody: Sequence[Learner], cursor: str, limit: int) -> tuple[list[Learner], str | None]:
    """One page after the learner that `cursor` names, and the cursor of the next."""
    rest = list(everybody)
    if cursor:
        name, written = decode_cursor(cursor, (str, str))
        last = parse_id(written)
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        rest = [each for each in rest if _order(each) > (name, last)]
    shown = rest[:limit]
    if len(rest) <= limit:
        return shown, None
    name, last = _order(shown[-1])
    return shown, encode_cursor([name, str(last)])
