"""The cells of a gradebook as HTML: three thousand on a page, so they are joined here and not in a template.

A cell says its points and, by one letter of its class, what is special about it:
o overridden, x excused, l locked, d dropped, c commented, s the sum of a category.
Whose it is and of which column, its row and its place in the row say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from markupsafe import Markup

from lms_core.learning.gradebook.schemas import CategoryView, CellView, ColumnView, RowView

EXCUSED = "EX"


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that stand together: a category's (None: in no category), whose sum follows them.

    `within`: the name of the category it stands in, if any.
    """

    category: CategoryView | None
    columns: tuple[ColumnView, ...]
    within: str = ""

    @property
    def name(self) -> str:
        """What it is called, with what it stands in before it; empty for none."""
        own = self.category.name if self.category is not None else ""
        return f"{self.within} › {own}" if self.within else own

    @property
    def width(self) -> int:
        """How many cells it has in a row."""
        return len(self.columns) + (self.category is not None)


def groups_of(categories: Sequence[CategoryView], columns: Sequence[ColumnView]) -> list[Group]:
    """The columns by category, in their order; a category with nothing in it by itself shows its sum alone."""
    inside: dict[UUID | None, list[ColumnView]] = {}
    for column in columns:
        inside.setdefault(column.category_id, []).append(column)
    found = []
    for outer in (each for each in categories if each.parent_id is None):
        found.append(Group(outer, tuple(inside.get(outer.id, ()))))
        nested = [inner for inner in categories if inner.parent_id == outer.id]
        found += [Group(each, tuple(inside.get(each.id, ())), outer.name) for each in nested]
    if None in inside:
        found.append(Group(None, tuple(inside[None])))
    return found


def cells_html(row: RowView, groups: Sequence[Group]) -> Markup:
    """The cells of a learner, group by group. Numbers and fixed words only, so nothing needs escaping."""
    own = {cell.item_id: cell for cell in row.cells}
    pieces = []
    for group in groups:
        pieces += [_cell(own.get(column.id)) for column in group.columns]
        if group.category is not None:
            percent = row.categories.get(group.category.id)
            pieces.append('<td class="s">' if percent is None else f'<td class="s">{percent:.1f}')
    return Markup("".join(pieces))  # noqa: S704


def _cell(cell: CellView | None) -> str:
    if cell is None:
        return "<td>"
    flags = "".join(
        letter
        for letter, holds in (
            ("o ", cell.overridden),
            ("x ", cell.excused),
            ("l ", cell.locked),
            ("d ", cell.dropped),
            ("c ", bool(cell.comment)),
        )
        if holds
    ).strip()
    text = EXCUSED if cell.excused else "" if cell.points is None else f"{cell.points:g}"
    return f'<td class="{flags}">{text}' if flags else f"<td>{text}"
