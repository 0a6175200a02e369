"""From rows to views: cells, learners' rows, and distributions."""

from collections.abc import Collection, Iterable
from statistics import fmean, median
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from lms_core.learning.gradebook.book import Book
from lms_core.learning.gradebook.models import Grade
from lms_core.learning.gradebook.schemas import Bin, CellView, ColumnView, Figures, RowView
from lms_core.learning.gradebook.totals import Branch, course_total, percent
from lms_core.learning.gradebook.writing import fraction_of, points_of

BINS = 10


def cell(grade: Grade | Row[Any], column: ColumnView, *, dropped: bool = False) -> CellView:
    """A grade in points of its column as it is now."""
    source = grade.earned / grade.out_of if grade.earned is not None and grade.out_of else None
    return CellView(
        item_id=grade.item_id,
        points=points_of(fraction_of(grade), column.maximum),
        source_points=points_of(source, column.maximum),
        overridden=grade.override is not None,
        excused=grade.excused,
        locked=grade.locked,
        dropped=dropped,
        comment=grade.comment,
        updated_at=grade.updated_at,
    )


def row(book: Book, tree: Branch, *, user_id: UUID, name: str, grades: Collection[Grade | Row[Any]]) -> RowView:
    """A learner's grades in these columns of `book`, and what they come to under `tree`."""
    marks, excused = marks_of(grades)
    total = course_total(tree, marks, excused)
    return RowView(
        user_id=user_id,
        name=name,
        cells=tuple(
            cell(each, book.by_id[each.item_id], dropped=each.item_id in total.dropped)
            for each in grades
            if each.item_id in book.by_id
        ),
        categories={key: percent(part.fraction) for key, part in total.parts.items()},
        percent=percent(total.fraction),
        letter=book.letter(total.fraction),
    )


def marks_of(grades: Iterable[Grade | Row[Any]]) -> tuple[dict[UUID, float], set[UUID]]:
    """Fractions by column, and the columns somebody is excused from."""
    marks, excused = {}, set()
    for grade in grades:
        fraction = fraction_of(grade)
        if fraction is not None:
            marks[grade.item_id] = fraction
        if grade.excused:
            excused.add(grade.item_id)
    return marks, excused


def figures(fractions: Collection[float | None]) -> Figures:
    """The distribution of those that are there, in percent."""
    found = sorted(100 * each for each in fractions if each is not None)
    width = 100 // BINS
    counts = [0] * BINS
    for each in found:
        counts[min(int(each // width), BINS - 1)] += 1
    return Figures(
        count=len(found),
        mean=round(fmean(found), 2) if found else None,
        median=round(median(found), 2) if found else None,
        lowest=round(found[0], 2) if found else None,
        highest=round(found[-1], 2) if found else None,
        bins=tuple(Bin(low=at * width, high=(at + 1) * width, count=count) for at, count in enumerate(counts)),
    )
