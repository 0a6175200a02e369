"""Tables as files for spreadsheets, without anything in them that a spreadsheet would compute."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

from lms_core.commerce.revenue.schemas import Form
from lms_core.kit.spreadsheets import csv_lines, safe_cell

Cell = str | float | Decimal | None
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write(rows: Sequence[Sequence[Cell]], form: Form) -> bytes:
    """The rows, the first of which is the heading, as CSV or XLSX. Text is guarded, numbers are not."""
    if form == "csv":
        return "".join(csv_lines([str(cell) for cell in rows[0]], rows[1:])).encode()
    from openpyxl import Workbook  # type: ignore[import-untyped]  # slow to import: only who exports needs it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Statement")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    written = BytesIO()
    book.save(written)
    return written.getvalue()
