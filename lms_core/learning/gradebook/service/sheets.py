"""The gradebook as a table, and a table as changes somebody looks at before they are made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.ids import parse_id
from lms_core.learning.gradebook import queries, tables
from lms_core.learning.gradebook.book import Book, load
from lms_core.learning.gradebook.errors import SheetRefused
from lms_core.learning.gradebook.models import Grade, ItemKind
from lms_core.learning.gradebook.schemas import MAXIMUM_CELLS, CellChange, ColumnView, ImportPreview
from lms_core.learning.gradebook.service.access import access_marking
from lms_core.learning.gradebook.tables import Cell, Format
from lms_core.learning.gradebook.totals import course_total, percent
from lms_core.learning.gradebook.writing import fraction_of, points_of

ID, NAME, EMAIL = "Learner id", "Name", "E-mail"
TOTAL, LETTER, EXPORTED = "Total %", "Letter", "Exported at"
NOT_MARKS = frozenset(each.casefold() for each in (ID, NAME, EMAIL, TOTAL, LETTER, EXPORTED))
EXCUSED, CLEARED = "EX", "-"
MOST_PROBLEMS = 200


def export(ctx: ReadCtx, course: str | UUID, *, form: Format) -> tuple[bytes, str]:
    """Everybody's points and totals as CSV or XLSX, with a name for the file; for who marks. Ten statements."""
    card = access_marking(ctx, course)
    book = load(ctx, card.id)
    learners = sorted(queries.learners(ctx, card.id), key=lambda each: (each[1].casefold(), each[0]))
    emails = accounts.emails_of(ctx, [user_id for user_id, _ in learners])
    marks, excused = queries.fractions(ctx, card.id), queries.excused(ctx, card.id)
    tree, labels = book.tree(hexadecimal=True), labels_of(book.columns)
    rows: list[list[Cell]] = [[ID, NAME, EMAIL, *labels.values(), TOTAL, LETTER, EXPORTED]]
    for user_id, name in learners:
        own, away = marks.get(user_id, {}), excused.get(user_id, set())
        total = course_total(tree, own, away).fraction
        cells: list[Cell] = [
            EXCUSED if each.id.hex in away else points_of(own.get(each.id.hex), each.maximum) for each in book.columns
        ]
        about: list[Cell] = [str(user_id), name, emails.get(user_id, "")]
        rows.append([*about, *cells, percent(total), book.letter(total), ctx.now.isoformat()])
    return tables.write(rows, form), f"grades-{card.slug}.{form}"


def preview_import(ctx: ReadCtx, course: str | UUID, *, content: bytes) -> ImportPreview:
    """What a table would change, cell by cell; for who marks. Nothing is changed. SheetRefused.

    Learners are known by id, else by address; columns by their title, with or without the points. An empty cell
    changes nothing; `-` takes a mark back.
    """
    card = access_marking(ctx, course)
    rows = tables.read(content)
    book = load(ctx, card.id)
    learners = dict(queries.learners(ctx, card.id))
    emails = {address.casefold(): user_id for user_id, address in accounts.emails_of(ctx, learners).items()}
    grades = {(each.user_id, each.item_id): each for each in queries.grades(ctx, card.id)}
    sheet = _Sheet(book, rows[0], grades, learners)
    seen: set[UUID] = set()
    for number, row in enumerate(rows[1:], start=2):
        who = sheet.learner(row, emails)
        if who is None:
            continue
        if who in seen:
            sheet.problem(number, "", "twice")
            continue
        seen.add(who)
        sheet.take(number, row, who)
    return sheet.preview()


def labels_of(columns: Sequence[ColumnView]) -> dict[UUID, str]:
    """A heading of its own for each column: its title and points, numbered where two would be the same."""
    labels: dict[UUID, str] = {}
    used: set[str] = set(NOT_MARKS)
    for each in columns:
        plain = f"{each.title} / {each.maximum:g}"
        label, number = plain, 2
        while label.casefold() in used:
            label, number = f"{plain} ({number})", number + 1
        used.add(label.casefold())
        labels[each.id] = label
    return labels


class _Sheet:
    """A table being read: which of its columns are whose, and what it would change so far."""

    def __init__(
        self,
        book: Book,
        header: Sequence[Cell],
        grades: Mapping[tuple[UUID, UUID], Grade],
        learners: Mapping[UUID, str],
    ) -> None:
        self.book, self.grades, self.learners = book, grades, learners
        self.places: dict[str, int] = {}
        self.columns: dict[int, ColumnView] = {}
        self.unknown_columns: list[str] = []
        self.unknown_learners: list[str] = []
        self.changes: list[CellChange] = []
        self.problems: list[tuple[int, str, str]] = []
        self.unchanged = 0
        self.exported_at: datetime | None = None
        self._read_header(header)

    def _read_header(self, header: Sequence[Cell]) -> None:
        known = {label.casefold(): self.book.by_id[key] for key, label in labels_of(self.book.columns).items()}
        titles: dict[str, list[ColumnView]] = {}
        for each in self.book.columns:
            titles.setdefault(each.title.casefold(), []).append(each)
        for place, cell in enumerate(header):
            label = str(cell or "").strip()
            key = label.casefold()
            named = titles.get(key, [])
            if key in NOT_MARKS:
                self.places[key] = place
            elif key in known or len(named) == 1:
                self.columns[place] = known[key] if key in known else named[0]
            elif label:
                self.unknown_columns.append(label)
        if ID.casefold() not in self.places and EMAIL.casefold() not in self.places:
            raise SheetRefused(f"The first row names neither “{ID}” nor “{EMAIL}”. Begin with an exported table.")

    def learner(self, row: Sequence[Cell], emails: Mapping[str, UUID]) -> UUID | None:
        """Whose row this is; None, and remembered, when nobody of the course."""
        written, address = self._cell(row, ID), self._cell(row, EMAIL)
        known = parse_id(written) if written else None
        if known in self.learners:
            return known
        found = emails.get(address.casefold()) if address else None
        if found is None and any(cell is not None for cell in row):
            self.unknown_learners.append(address or self._cell(row, NAME) or written)
        return found

    def take(self, number: int, row: Sequence[Cell], user_id: UUID) -> None:
        """Compare the row's cells with what the learner has."""
        exported = self._exported(row)
        for place, column in self.columns.items():
            cell = row[place] if place < len(row) else None
            if cell is None or cell == EXCUSED:
                self.unchanged += cell is not None
                continue
            try:
                points = parse_points(cell, column.maximum)
            except ValueError as error:
                self.problem(number, column.title, str(error))
                continue
            self._compare(number, column, user_id, points, exported)

    def _compare(
        self, number: int, column: ColumnView, user_id: UUID, points: float | None, exported: datetime | None
    ) -> None:
        grade = self.grades.get((user_id, column.id))
        before = points_of(fraction_of(grade), column.maximum) if grade is not None else None
        if before == points:
            self.unchanged += 1
            return
        if column.locked or (grade is not None and grade.locked):
            self.problem(number, column.title, "locked")
            return
        by_source = column.kind != ItemKind.MANUAL
        if by_source and points is None and (grade is None or grade.override is None):
            self.unchanged += 1  # what a quiz gave is not taken back by a table
            return
        self.changes.append(
            CellChange(
                item_id=column.id,
                user_id=user_id,
                name=self.learners[user_id],
                title=column.title,
                before=before,
                after=points,
                override=by_source,
                conflict=exported is not None and grade is not None and grade.updated_at > exported,
            )
        )
        if len(self.changes) > MAXIMUM_CELLS:
            raise SheetRefused(f"The table changes more than {MAXIMUM_CELLS} grades. Split it into parts.")

    def problem(self, number: int, title: str, what: str) -> None:
        """Remember what is wrong with a cell, up to a limit."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append((number, title, what))

    def preview(self) -> ImportPreview:
        """What was found."""
        return ImportPreview(
            changes=tuple(self.changes),
            unchanged=self.unchanged,
            unknown_learners=tuple(self.unknown_learners[:MOST_PROBLEMS]),
            unknown_columns=tuple(self.unknown_columns[:MOST_PROBLEMS]),
            problems=tuple(self.problems),
            exported_at=self.exported_at,
        )

    def _cell(self, row: Sequence[Cell], heading: str) -> str:
        place = self.places.get(heading.casefold())
        return "" if place is None or place >= len(row) or row[place] is None else str(row[place])

    def _exported(self, row: Sequence[Cell]) -> datetime | None:
        try:
            at = datetime.fromisoformat(self._cell(row, EXPORTED))
        except ValueError:
            return None
        if at.tzinfo is None:
            return None
        self.exported_at = at if self.exported_at is None else max(self.exported_at, at)
        return at


def parse_points(cell: str | float, maximum: float) -> float | None:
    """The points a cell says: a number (comma or point), a percentage, or `-` for none.

    ValueError: "number" for what is none, "range" for one outside of the column.
    """
    text = str(cell).strip()
    if text == CLEARED:
        return None
    share = text.endswith("%")
    try:
        value = float(text.removesuffix("%").strip().replace(",", "."))
    except ValueError as error:
        raise ValueError("number") from error
    if share:
        value = value * maximum / 100
    if not 0 <= value <= maximum:  # also refuses what is not a number at all (nan)
        raise ValueError("range")
    return round(value, 2)
